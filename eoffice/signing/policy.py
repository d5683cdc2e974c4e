"""Which algorithms may sign new files, and which are believed in old ones until when: data.

The rules stand in `policy.json` beside this module; an office puts its own file into their place by
`EOFFICE_SIGNING_POLICY`. Circular 15/2025/TT-BKHCN demands of new signing software RSASSA-PSS with
at least 2048 bits or ECDSA with at least 256 bits, and a hash of the SHA-2 family; PKCS#1 v1.5 is
for keys and partners that are marked as knowing nothing else. What is not in the file is not
believed. Pure but for `current`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum, StrEnum, auto
from functools import cache
from pathlib import Path
from typing import Final, Literal, Self

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from eoffice.clock import VIETNAM
from eoffice.signing.mechanisms import DIGEST, Family, KeyNotSuitable, Mechanism, RsaScheme

#: Names a file that is read instead of the one that comes with the program.
VARIABLE: Final = "EOFFICE_SIGNING_POLICY"
FORMAT: Final = "eoffice-signing-policy/1"
SHIPPED: Final = Path(__file__).with_name("policy.json")

#: One kind of key under two names: asn1crypto tells them apart by what the key may do.
_SAME_KEY: Final[Mapping[str, str]] = {"rsassa_pss": "rsa"}
_LARGEST_FILE_BYTES: Final = 1024 * 1024


class PolicyUnreadable(Exception):
    """The file with the policy is missing, or says something that is no policy."""


class Use(StrEnum):
    """What an algorithm stands behind."""

    #: A person's or an agency's signature over a file.
    SIGNATURE = "signature"
    #: An authority's signature under a certificate.
    CERTIFICATE = "certificate"
    #: An authority's signature under an answer about revocation.
    ANSWER = "answer"
    #: The imprint or the signature of a time-stamp, which has no proof of time but itself.
    TIMESTAMP = "timestamp"


class Strength(Enum):
    """What an algorithm is worth, in the order of worth."""

    STRONG = auto()
    #: Accepted when it was used, as something stronger proves, but not any more.
    LEGACY = auto()
    BROKEN = auto()

    @staticmethod
    def weakest(of: Iterable[Strength]) -> Strength:
        """STRONG for nothing at all."""
        return max(of, key=lambda one: one.value, default=Strength.STRONG)


@dataclass(frozen=True, slots=True)
class Signs:
    """What keys of one kind sign new files with."""

    #: "rsa" or the name of a curve.
    key: str
    least_bits: int
    #: The first is used where nothing else is asked for.
    mechanisms: tuple[Mechanism, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """An algorithm, or a kind of key, that is believed in what others have signed."""

    algorithm: str
    #: 0 where the algorithm has but one length.
    least_bits: int
    #: The last day (Vietnam) on which it was good enough; None: it still is.
    until: date | None
    uses: frozenset[Use]

    def holds_for(self, algorithm: str, bits: int, use: Use) -> bool:
        return self.algorithm == algorithm and bits >= self.least_bits and use in self.uses

    def holds_at(self, at: datetime) -> bool:
        return self.until is None or at <= datetime.combine(self.until, time.max, VIETNAM)


@dataclass(frozen=True, slots=True)
class BeforeSigning:
    """How a certificate is looked at before it signs."""

    #: Whether a certificate signs when nobody says that it was not revoked.
    may_sign_unknown: bool
    ask_within_s: float
    #: From so many days before its end a holder is told.
    warn_days: int


@dataclass(frozen=True, slots=True)
class Policy:
    name: str
    #: In order of preference.
    signs: tuple[Signs, ...]
    #: Only for keys and partners that know nothing else.
    compatibility: tuple[Signs, ...]
    accepted: tuple[Rule, ...]
    before_signing: BeforeSigning
    #: What keeps archived files believable: one record for many, or a time-stamp in each.
    renews_by_record: bool = False

    @classmethod
    def read(cls, file: Path) -> Self:
        """Raises PolicyUnreadable, with what is wrong and where."""
        try:
            with file.open("rb") as opened:
                text = opened.read(_LARGEST_FILE_BYTES)
            found = msgspec.json.decode(text, type=_File)
        except OSError as failure:
            said = f"Không đọc được tệp chính sách ký số {file}: {failure.strerror}."
            raise PolicyUnreadable(said) from failure
        except msgspec.ValidationError as failure:
            said = f"Tệp chính sách ký số {file} sai ở chỗ sau: {failure}."
            raise PolicyUnreadable(said) from failure
        except (msgspec.DecodeError, UnicodeDecodeError) as failure:
            said = f"Tệp chính sách ký số {file} không phải là JSON đúng: {failure}."
            raise PolicyUnreadable(said) from failure
        try:
            return cls(
                name=found.name,
                signs=tuple(_signs(one, compatible=False) for one in found.signs),
                compatibility=tuple(_signs(one, compatible=True) for one in found.compatibility),
                accepted=_rules(found.accepted),
                before_signing=_before_signing(found.before_signing),
                renews_by_record=found.archive_renewal == "evidence-record",
            )
        except ValueError as failure:
            raise PolicyUnreadable(f"Tệp chính sách ký số {file}: {failure}.") from failure

    def mechanism_for(
        self, certificate: bytes, *, compatibility: bool = False, digest: str | None = None
    ) -> Mechanism:
        """What the key in a certificate (DER) signs a new file with.

        `compatibility` is for those who know nothing but RSA with PKCS#1 v1.5; elliptic keys are
        not touched by it. `digest` asks for a hash. Raises KeyNotSuitable: the policy has nothing.
        """
        algorithm, bits = key_in(certificate)
        rows = self.signs
        if compatibility:
            rows = (*self.compatibility, *(one for one in self.signs if one.key in _CURVES))
        for one in rows:
            if one.key == algorithm and bits >= one.least_bits:
                for mechanism in one.mechanisms:
                    if digest is None or mechanism.digest == digest:
                        return mechanism
        raise KeyNotSuitable(
            "Khóa trong chứng thư số không đủ mạnh hoặc thuộc loại không được dùng để ký "
            f"(cần {self._wanted()}). Hãy dùng chứng thư số khác."
        )

    def standing(
        self,
        algorithm: str,
        bits: int = 0,
        *,
        use: Use,
        at: datetime,
        proven_at: datetime | None = None,
    ) -> Strength:
        """What an algorithm is worth at `at` in something that existed at `proven_at`.

        Names are those of hashlib for hashes, "rsa", "dsa", "ed25519" and the names of curves for
        keys, those of `mechanisms.Family` for schemes. Without a proof only today counts: whoever
        breaks an algorithm dates back as well.
        """
        named = _SAME_KEY.get(algorithm, algorithm)
        rules = [one for one in self.accepted if one.holds_for(named, bits, use)]
        if any(one.holds_at(at) for one in rules):
            return Strength.STRONG
        if proven_at is not None and any(one.holds_at(proven_at) for one in rules):
            return Strength.LEGACY
        return Strength.BROKEN

    def ends(self, algorithm: str, use: Use, *, bits: int = 0) -> datetime | None:
        """The end of the last day on which an algorithm is believed; None while none is set.

        Raises ValueError: it is not believed at all.
        """
        named = _SAME_KEY.get(algorithm, algorithm)
        rules = [one for one in self.accepted if one.holds_for(named, bits, use)]
        if not rules:
            raise ValueError(algorithm)
        days = [one.until for one in rules]
        if None in days:
            return None
        return datetime.combine(max(day for day in days if day), time.max, VIETNAM)

    def digest_for_timestamp(self, *, until: datetime) -> str:
        """The hash of a new time-stamp that is to be believed until then; the usual one first.

        Raises ValueError: the policy has none that lasts so long.
        """
        for name in (DIGEST, "sha384", "sha512"):
            if self.standing(name, use=Use.TIMESTAMP, at=until) is Strength.STRONG:
                return name
        raise ValueError("no hash of the policy lasts until then")

    def knows_key(self, certificate: bytes) -> bool:
        """Whether the key in a certificate (DER) is of a kind that is believed today."""
        algorithm, bits = key_in(certificate)
        return any(
            one.until is None and one.holds_for(algorithm, bits, Use.SIGNATURE)
            for one in self.accepted
        )

    def _wanted(self) -> str:
        said = []
        for one in self.signs:
            length = f" từ {one.least_bits} bit" if one.least_bits else ""
            said.append(f"{_IN_WORDS.get(one.key, one.key)}{length}")
        return " hoặc ".join(said)


@cache
def shipped() -> Policy:
    """The policy that comes with the program."""
    return Policy.read(SHIPPED)


def current() -> Policy:
    """The policy of this process. Raises PolicyUnreadable: the office's own file is no policy."""
    named = os.environ.get(VARIABLE, "")
    return _own(Path(named)) if named else shipped()


def mechanism_for(
    certificate: bytes, scheme: RsaScheme = RsaScheme.PSS, *, digest: str | None = None
) -> Mechanism:
    """The same by the policy of this process. Raises KeyNotSuitable."""
    return current().mechanism_for(
        certificate, compatibility=scheme is RsaScheme.PKCS1, digest=digest
    )


@cache
def _own(file: Path) -> Policy:
    return Policy.read(file)


# The file


class _Signs(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    mechanisms: list[Mechanism]
    least_bits: int = 0


class _Rule(msgspec.Struct, forbid_unknown_fields=True):
    algorithm: str
    least_bits: int = 0
    until: date | None = None
    uses: list[Use] = msgspec.field(default_factory=lambda: list(Use))
    note: str = ""


class _BeforeSigning(msgspec.Struct, forbid_unknown_fields=True):
    revocation_unknown: Literal["sign", "refuse"]
    ask_within_seconds: float
    warn_days_before_end: int


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: Literal["eoffice-signing-policy/1"]
    name: str
    signs: list[_Signs]
    compatibility: list[_Signs]
    accepted: list[_Rule]
    before_signing: _BeforeSigning
    archive_renewal: Literal["timestamp", "evidence-record"] = "timestamp"


_IN_WORDS: Final = {
    "rsa": "RSA",
    "secp256r1": "ECDSA P-256",
    "secp384r1": "ECDSA P-384",
    "secp521r1": "ECDSA P-521",
}
#: Nothing below this signs anything new, whatever a file says (Circular 15/2025/TT-BKHCN).
_LEAST_OF_ALL: Final = {"rsa": 2048}
_CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})


def _signs(found: _Signs, *, compatible: bool) -> Signs:
    if found.key not in {*_LEAST_OF_ALL, *_CURVES}:
        raise ValueError(f"loại khóa “{found.key}” không dùng được để ký")
    least = _LEAST_OF_ALL.get(found.key, 0)
    if found.least_bits < least:
        raise ValueError(f"khóa {found.key.upper()} để ký phải từ {least} bit (least_bits)")
    if not found.mechanisms:
        raise ValueError(f"khóa “{found.key}” không có cách ký nào (mechanisms)")
    for mechanism in found.mechanisms:
        if (mechanism.family is Family.ECDSA) != (found.key in _CURVES):
            raise ValueError(f"khóa “{found.key}” không ký được bằng {mechanism.value}")
        if mechanism.family is Family.RSA_PKCS1 and not compatible:
            raise ValueError(f"{mechanism.value} chỉ được ghi ở phần tương thích (compatibility)")
    return Signs(found.key, found.least_bits, tuple(found.mechanisms))


def _rules(found: list[_Rule]) -> tuple[Rule, ...]:
    if not any(one.until is None for one in found):
        raise ValueError("không còn thuật toán nào được chấp nhận (accepted)")
    for one in found:
        if not one.algorithm or not one.uses or one.least_bits < 0:
            raise ValueError(f"quy tắc về “{one.algorithm}” không đủ ý (accepted)")
    return tuple(
        Rule(one.algorithm, one.least_bits, one.until, frozenset(one.uses)) for one in found
    )


def _before_signing(found: _BeforeSigning) -> BeforeSigning:
    if not 0 < found.ask_within_seconds <= 60:
        raise ValueError("ask_within_seconds phải lớn hơn 0 và không quá 60")
    if not 0 <= found.warn_days_before_end <= 365:
        raise ValueError("warn_days_before_end phải từ 0 đến 365")
    return BeforeSigning(
        found.revocation_unknown == "sign", found.ask_within_seconds, found.warn_days_before_end
    )


def key_in(certificate: bytes) -> tuple[str, int]:
    key = x509.load_der_x509_certificate(certificate).public_key()
    match key:
        case rsa.RSAPublicKey():
            return "rsa", key.key_size
        case ec.EllipticCurvePublicKey():
            return key.curve.name, key.key_size
        case _:
            return type(key).__name__, 0
