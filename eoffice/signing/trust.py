"""Whom we trust, for what and when: roots of certificate authorities, given by the operator.

In Vietnam there are two worlds, the Government Cipher Committee's for public bodies and the
national root's for everybody else. Roots are PEM files in one directory; `trust.json` beside them
says of each its name, its world, what it vouches for and when. A root of which it says nothing
vouches for everything without an end.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal, Self

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from eoffice.clock import VIETNAM
from eoffice.signing.evidence import Purpose

FILE: Final = "trust.json"
#: Nobody's root is older; an earlier day was mistyped.
_FIRST_DAY: Final = date(1990, 1, 1)


class TrustUnreadable(Exception):
    """The directory with the trust anchors is missing, or a file in it is not what it should be."""


class World(StrEnum):
    """Who stands behind a root; the words that people read."""

    PUBLIC_DUTY = "công vụ"
    NATIONAL = "quốc gia"
    TEST = "thử nghiệm"
    OTHER = "khác"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A root and what is said of it. Days begin and end in Vietnam."""

    #: DER.
    certificate: bytes
    #: As people call it; the common name where `trust.json` says nothing.
    name: str = ""
    #: None: nothing is said.
    world: World | None = None
    serves: frozenset[Purpose] = frozenset(Purpose)
    #: First and last day on which it is believed; None: no such limit.
    valid_from: date | None = None
    valid_until: date | None = None
    #: The first day on which it is not believed any more, since something has gone wrong.
    distrusted_from: date | None = None
    #: False: `trust.json` says nothing about it.
    is_described: bool = False

    @property
    def since(self) -> datetime | None:
        """The first moment at which it is believed."""
        return None if self.valid_from is None else _begin(self.valid_from)

    @property
    def until(self) -> datetime | None:
        """The last moment at which it is believed."""
        ends = []
        if self.valid_until is not None:
            ends.append(datetime.combine(self.valid_until, time.max, VIETNAM))
        if self.distrusted_from is not None:
            ends.append(_begin(self.distrusted_from) - timedelta.resolution)
        return min(ends, default=None)

    def vouches(self, purpose: Purpose, at: datetime) -> bool:
        since, until = self.since, self.until
        return (
            purpose in self.serves
            and (since is None or since <= at)
            and (until is None or at <= until)
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.world})" if self.world else self.name


@dataclass(frozen=True, slots=True)
class TrustStore:
    #: In no order.
    roots: tuple[Anchor, ...] = field(default=())

    @classmethod
    def of(cls, *certificates: bytes) -> Self:
        """Roots (DER) of which nothing is said."""
        return cls(tuple(map(_plain, certificates)))

    @classmethod
    def from_directory(cls, directory: Path) -> Self:
        """All certificates in `*.pem`. An empty directory trusts nobody.

        Where a root stands in two files and one of them is described, the description counts.
        Raises TrustUnreadable.
        """
        if not directory.is_dir():
            raise TrustUnreadable(f"Không có thư mục chứng thư gốc {directory}.")
        said = _read(directory / FILE)
        found: dict[bytes, Anchor] = {}
        for file in sorted(directory.glob("*.pem")):
            entry = said.pop(file.name, None)
            for der in _certificates(file, entry):
                anchor = _plain(der) if entry is None else _described(der, entry)
                if der not in found or not found[der].is_described:
                    found[der] = anchor
                elif anchor.is_described and anchor != found[der]:
                    raise TrustUnreadable(
                        f"Chứng thư gốc “{anchor.name}” có trong hai tệp mà {FILE} nói khác nhau "
                        f"(một trong hai là {file.name}). Hãy bỏ bớt một tệp."
                    )
        if said:
            raise TrustUnreadable(
                f"{directory / FILE} nói về tệp {min(said)}, nhưng thư mục không có tệp đó."
            )
        return cls(tuple(found.values()))

    @property
    def anchors(self) -> tuple[bytes, ...]:
        """All root certificates (DER), whatever they vouch for."""
        return tuple(one.certificate for one in self.roots)

    def for_purpose(self, purpose: Purpose, at: datetime) -> TrustStore:
        """The roots that vouch for that at that moment."""
        return TrustStore(tuple(one for one in self.roots if one.vouches(purpose, at)))

    def named(self, certificate: bytes) -> Anchor | None:
        """What is said of a root (DER)."""
        return next((one for one in self.roots if one.certificate == certificate), None)

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {
                "certificate": base64.b64encode(one.certificate).decode("ascii"),
                "name": one.name,
                "world": one.world,
                "serves": sorted(one.serves),
                "valid_from": _written(one.valid_from),
                "valid_until": _written(one.valid_until),
                "distrusted_from": _written(one.distrusted_from),
                "is_described": one.is_described,
            }
            for one in self.roots
        ]

    @classmethod
    def from_json(cls, found: Sequence[Mapping[str, Any]]) -> Self:
        """What `to_json` wrote."""
        return cls(
            tuple(
                Anchor(
                    certificate=base64.b64decode(one["certificate"]),
                    name=one["name"],
                    world=World(one["world"]) if one["world"] else None,
                    serves=frozenset(map(Purpose, one["serves"])),
                    valid_from=_day(one["valid_from"]),
                    valid_until=_day(one["valid_until"]),
                    distrusted_from=_day(one["distrusted_from"]),
                    is_described=one["is_described"],
                )
                for one in found
            )
        )


# The file


class Entry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What `trust.json` says of one PEM file beside it."""

    file: str
    name: str
    world: World
    serves: list[Purpose]
    valid_from: date | None = None
    valid_until: date | None = None
    distrusted_from: date | None = None
    #: Of the one certificate in the file, hexadecimal; so that nobody exchanges it unnoticed.
    sha256: str = ""
    note: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    format: Literal["eoffice-trust/1"]
    roots: list[Entry]


def _read(file: Path) -> dict[str, Entry]:
    try:
        text = unicodedata.normalize("NFC", file.read_text(encoding="utf-8"))
        found = msgspec.json.decode(text, type=_File)
    except FileNotFoundError:
        return {}
    except OSError as failure:
        raise TrustUnreadable(f"Không đọc được {file}: {failure.strerror}.") from failure
    except msgspec.ValidationError as failure:
        raise TrustUnreadable(f"{file} sai ở chỗ sau: {failure}.") from failure
    except (msgspec.DecodeError, UnicodeError) as failure:
        raise TrustUnreadable(f"{file} không phải là JSON đúng: {failure}.") from failure
    entries: dict[str, Entry] = {}
    for one in found.roots:
        if wrong := _contradiction(one):
            raise TrustUnreadable(f"{file}, tệp {one.file}: {wrong}.")
        if one.file in entries:
            raise TrustUnreadable(f"{file} nói hai lần về tệp {one.file}.")
        entries[one.file] = one
    return entries


def _contradiction(one: Entry) -> str:
    if not one.name.strip():
        return "chưa có tên (name)"
    if not one.serves:
        return "chưa nói dùng để làm gì (serves)"
    days = (one.valid_from, one.valid_until, one.distrusted_from)
    if any(day is not None and day < _FIRST_DAY for day in days):
        return "có ngày trước khi có chữ ký số"
    if one.valid_from and one.valid_until and one.valid_until < one.valid_from:
        return "ngày hết tin cậy (valid_until) trước ngày bắt đầu (valid_from)"
    return ""


def _certificates(file: Path, entry: Entry | None) -> list[bytes]:
    try:
        found = x509.load_pem_x509_certificates(file.read_bytes())
    except ValueError as failure:
        raise TrustUnreadable(f"{file} không phải là chứng thư số.") from failure
    ders = [one.public_bytes(Encoding.DER) for one in found]
    if entry is not None and entry.sha256:
        wanted = entry.sha256.replace(":", "").replace(" ", "").lower()
        if [hashlib.sha256(one).hexdigest() for one in ders] != [wanted]:
            raise TrustUnreadable(
                f"Chứng thư trong {file} không phải là chứng thư có mã SHA-256 ghi trong {FILE}."
            )
    return ders


def _plain(der: bytes) -> Anchor:
    return Anchor(der, name=_common_name(der))


def _described(der: bytes, entry: Entry) -> Anchor:
    return Anchor(
        der,
        name=entry.name.strip(),
        world=entry.world,
        serves=frozenset(entry.serves),
        valid_from=entry.valid_from,
        valid_until=entry.valid_until,
        distrusted_from=entry.distrusted_from,
        is_described=True,
    )


def _common_name(der: bytes) -> str:
    subject = x509.load_der_x509_certificate(der).subject
    names = subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else subject.rfc4514_string()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, VIETNAM)


def _written(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
