"""What is found about a signed file, and how single findings become one verdict. Pure values.

The words follow ETSI EN 319 102-1 (indication and sub-indication) beside one word for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self, TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


class Finding(StrEnum):
    INTACT = "intact"
    #: The content is not what was signed.
    CHANGED = "changed"
    #: The signature itself is wrong, or was made with a certificate that could not sign then.
    INVALID = "invalid"
    #: Neither can be said: unknown issuer, no revocation data, weak algorithm, unreadable file.
    UNVERIFIABLE = "unverifiable"
    UNSIGNED = "unsigned"


class TimeSource(StrEnum):
    """Who says when it was signed."""

    TIMESTAMP = "timestamp"
    #: The signer's own clock; proves nothing.
    CLAIMED = "claimed"
    NONE = "none"


class Indication(StrEnum):
    """ETSI EN 319 102-1, 5.1.3: main indication and sub-indication."""

    PASSED = "TOTAL-PASSED"
    HASH_FAILURE = "TOTAL-FAILED/HASH_FAILURE"
    SIGNATURE_FAILURE = "TOTAL-FAILED/SIG_CRYPTO_FAILURE"
    FORMAT_FAILURE = "TOTAL-FAILED/FORMAT_FAILURE"
    REVOKED = "TOTAL-FAILED/REVOKED"
    EXPIRED = "TOTAL-FAILED/EXPIRED"
    NOT_YET_VALID = "TOTAL-FAILED/NOT_YET_VALID"
    CONSTRAINTS_FAILURE = "INDETERMINATE/SIG_CONSTRAINTS_FAILURE"
    CHAIN_FAILURE = "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE"
    NO_CHAIN = "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND"
    TRY_LATER = "INDETERMINATE/TRY_LATER"
    REVOKED_NO_PROOF = "INDETERMINATE/REVOKED_NO_POE"
    OUT_OF_BOUNDS = "INDETERMINATE/OUT_OF_BOUNDS_NO_POE"
    WEAK_ALGORITHM = "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    UNCLEAR = "INDETERMINATE/GENERIC"


class Level(StrEnum):
    """PAdES baseline levels (ETSI EN 319 142-1), by what the file holds for a signature."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"
    #: adbe.pkcs7.detached and other older forms.
    NOT_PADES = "none"


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What is known of a signer's certificate, for people to read."""

    #: Names from the issuer upwards, to the trust anchor where `is_anchored`.
    issuers: tuple[str, ...]
    is_anchored: bool
    valid_from: datetime
    valid_until: datetime
    #: Whether it was revoked, and who says so; a whole sentence.
    revocation: str
    #: What the reader's office calls the trust anchor, with its world; empty where it says nothing.
    trusted_root: str = ""

    def to_json(self) -> dict[str, Json]:
        return {
            "issuers": list(self.issuers),
            "is_anchored": self.is_anchored,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "revocation": self.revocation,
            "trusted_root": self.trusted_root,
        }


@dataclass(frozen=True, slots=True)
class SignatureVerdict:
    field: str
    #: Common name in the certificate.
    signer: str
    #: From the document, not from the certificate (decree 68/2024): see `statement`.
    capacity: str
    unit: str
    verdict: Finding
    #: Why, in a whole Vietnamese sentence.
    reason: str
    indication: Indication
    level: Level
    signed_at: datetime | None
    time_source: TimeSource
    covers_whole_file: bool
    #: What happened to the file after this signature, in the order of the file.
    changes: tuple[str, ...] = ()
    #: What does not change the verdict but should be known, as whole sentences.
    warnings: tuple[str, ...] = ()
    #: None where the signature cannot be read, and in verdicts that were kept before 2027.
    certificate: CertificateFacts | None = None

    def to_json(self) -> dict[str, Json]:
        return {
            "field": self.field,
            "signer": self.signer,
            "capacity": self.capacity,
            "unit": self.unit,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "indication": self.indication.value,
            "level": self.level.value,
            "signed_at": self.signed_at.isoformat() if self.signed_at else None,
            "time_source": self.time_source.value,
            "covers_whole_file": self.covers_whole_file,
            "changes": list(self.changes),
            "warnings": list(self.warnings),
            "certificate": self.certificate.to_json() if self.certificate else None,
        }


@dataclass(frozen=True, slots=True)
class TimestampVerdict:
    """A time-stamp over the whole file as it was then."""

    field: str
    authority: str
    verdict: Finding
    reason: str
    indication: Indication
    stamped_at: datetime | None
    covers_whole_file: bool

    def to_json(self) -> dict[str, Json]:
        return {
            "field": self.field,
            "authority": self.authority,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "indication": self.indication.value,
            "stamped_at": self.stamped_at.isoformat() if self.stamped_at else None,
            "covers_whole_file": self.covers_whole_file,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said about one file."""

    verdict: Finding
    reason: str
    signatures: tuple[SignatureVerdict, ...] = ()
    timestamps: tuple[TimestampVerdict, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "verdict": self.verdict.value,
            "reason": self.reason,
            "signatures": [one.to_json() for one in self.signatures],
            "timestamps": [one.to_json() for one in self.timestamps],
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Json]) -> Self:
        """Read what `to_json` wrote. Raises KeyError, TypeError, ValueError for anything else."""
        return cls(
            Finding(_text(found["verdict"])),
            _text(found["reason"]),
            tuple(_signature(one) for one in _objects(found["signatures"])),
            tuple(_timestamp(one) for one in _objects(found["timestamps"])),
        )


#: The worst finding decides about a file, in this order.
_WORST_FIRST = (Finding.CHANGED, Finding.INVALID, Finding.UNVERIFIABLE)


def fold(
    signatures: Sequence[SignatureVerdict],
    timestamps: Sequence[TimestampVerdict],
    *,
    alterations: Sequence[str] = (),
) -> Verdict:
    """One verdict about a file: the worst of what was found, with the reason of that.

    `alterations` are signs of tampering that belong to no single signature, as whole sentences.
    A file without any signature is unsigned, unless a time-stamp in it shows that it was changed.
    """
    found = tuple(signatures), tuple(timestamps)
    if alterations:
        return Verdict(Finding.CHANGED, alterations[0], *found)
    for worst in _WORST_FIRST:
        for signature in signatures:
            if signature.verdict is worst:
                who = f"Chữ ký của {signature.signer or f'ô “{signature.field}”'}"
                return Verdict(worst, f"{who}: {_continued(signature.reason)}", *found)
        for timestamp in timestamps:
            if timestamp.verdict is worst:
                said = f"Dấu thời gian của tệp: {_continued(timestamp.reason)}"
                return Verdict(worst, said, *found)
    if not signatures:
        return Verdict(Finding.UNSIGNED, "Tệp không có chữ ký số nào.", *found)
    return Verdict(Finding.INTACT, _intact_reason(signatures, timestamps), *found)


def _continued(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _intact_reason(
    signatures: Sequence[SignatureVerdict], timestamps: Sequence[TimestampVerdict]
) -> str:
    count = len(signatures)
    said = (
        "Chữ ký số hợp lệ" if count == 1 else f"Cả {count} chữ ký số đều hợp lệ"
    ) + "; nội dung nguyên vẹn từ khi ký"
    times = [one.stamped_at for one in timestamps if one.stamped_at is not None]
    if times:
        said += ", có dấu thời gian lưu trữ"
    return said + "."


def exit_code(verdicts: Iterable[Finding]) -> int:
    """What the command line answers: 1 any changed or invalid, 2 any that can't be checked, else 0.

    A file without a signature cannot be checked either.
    """
    found = set(verdicts)
    if found & {Finding.CHANGED, Finding.INVALID}:
        return 1
    return 2 if found & {Finding.UNVERIFIABLE, Finding.UNSIGNED} else 0


_CAPACITY = "Ký với tư cách: "
_UNIT = " · Cơ quan: "


def statement(capacity: str, unit: str) -> str:
    """In which capacity and for which unit is signed: the /Reason of our signatures.

    The signature covers it and every PDF reader shows it. Raises ValueError: a part is empty or
    holds the separator.
    """
    if not capacity or not unit or _UNIT in capacity or _UNIT in unit:
        raise ValueError("capacity and unit must be said plainly")
    return f"{_CAPACITY}{capacity}{_UNIT}{unit}"


def read_statement(reason: str) -> tuple[str, str] | None:
    """Capacity and unit from a /Reason that `statement` wrote; None for any other text."""
    if not reason.startswith(_CAPACITY):
        return None
    capacity, separator, unit = reason.removeprefix(_CAPACITY).partition(_UNIT)
    return (capacity, unit) if separator and capacity and unit else None


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


def _flag(value: Json) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"neither true nor false: {value!r}")
    return value


def _time(value: Json) -> datetime | None:
    return None if value is None else datetime.fromisoformat(_text(value))


def _texts(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"not a list: {value!r}")
    return tuple(_text(one) for one in value)


def _objects(value: Json) -> Iterable[Mapping[str, Json]]:
    if not isinstance(value, list):
        raise TypeError(f"not a list: {value!r}")
    for one in value:
        if not isinstance(one, dict):
            raise TypeError(f"not an object: {one!r}")
        yield one


def _signature(found: Mapping[str, Json]) -> SignatureVerdict:
    return SignatureVerdict(
        field=_text(found["field"]),
        signer=_text(found["signer"]),
        capacity=_text(found["capacity"]),
        unit=_text(found["unit"]),
        verdict=Finding(_text(found["verdict"])),
        reason=_text(found["reason"]),
        indication=Indication(_text(found["indication"])),
        level=Level(_text(found["level"])),
        signed_at=_time(found["signed_at"]),
        time_source=TimeSource(_text(found["time_source"])),
        covers_whole_file=_flag(found["covers_whole_file"]),
        changes=_texts(found["changes"]),
        warnings=_texts(found["warnings"]),
        certificate=_certificate(found.get("certificate")),
    )


def _certificate(found: Json) -> CertificateFacts | None:
    if not isinstance(found, dict):
        return None
    return CertificateFacts(
        issuers=_texts(found["issuers"]),
        is_anchored=_flag(found["is_anchored"]),
        valid_from=datetime.fromisoformat(_text(found["valid_from"])),
        valid_until=datetime.fromisoformat(_text(found["valid_until"])),
        revocation=_text(found["revocation"]),
        trusted_root=_text(found.get("trusted_root", "")),
    )


def _timestamp(found: Mapping[str, Json]) -> TimestampVerdict:
    return TimestampVerdict(
        field=_text(found["field"]),
        authority=_text(found["authority"]),
        verdict=Finding(_text(found["verdict"])),
        reason=_text(found["reason"]),
        indication=Indication(_text(found["indication"])),
        stamped_at=_time(found["stamped_at"]),
        covers_whole_file=_flag(found["covers_whole_file"]),
    )
