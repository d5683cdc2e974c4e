"""Who publishes results, for which part of the year, and how a family proves that a slip is theirs.

A slip opens by two things that travel together on paper or by mail: an address that nobody can
guess (128 bits) and a code of eight signs. Both are computed from the key of the office, so that
no row holds them and a slip can be printed again. Wrong codes close the door for a while, and in
the end for good, until the school renews it. Pupils are not compared, and results go to the pupil
and the parents alone (Circular 15/2026/TT-BGDĐT, art. 22.2; usage text of the register of Circular
22/2021/TT-BGDĐT, no. 5).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.errors import Invalid, TooManyRequests

#: Without letters and digits that are taken for one another on paper.
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_SIGNS: Final = 8
_TAG_BYTES: Final = 16
#: Wrong codes before the door closes for a while, and before it stays closed.
PATIENCE: Final = 5
END_OF_PATIENCE: Final = 20
PAUSE: Final = timedelta(minutes=15)


class PeriodKind(StrEnum):
    MONTH = "month"
    FIRST_SEMESTER = "first_semester"
    SECOND_SEMESTER = "second_semester"
    YEAR = "year"


class MonthMissing(Invalid):
    """Results of a month say which."""


class DoorClosed(TooManyRequests):
    """Too many wrong codes were tried."""


@dataclass(frozen=True, slots=True)
class Period:
    """What is published: a month (its first day), a semester, or the year."""

    kind: PeriodKind
    month: date | None = None

    def __post_init__(self) -> None:
        if (self.kind is PeriodKind.MONTH) != (self.month is not None):
            words = "Chọn tháng của kết quả." if self.month is None else "Chỉ chọn tháng cho tháng."
            raise MonthMissing(words, fields={"month": words})

    @property
    def words(self) -> str:
        """As a slip says it: "học kì I", "tháng 10/2024"."""
        return _WORDS[self.kind] if self.month is None else f"tháng {self.month:%m/%Y}"


_WORDS: Final = {
    PeriodKind.FIRST_SEMESTER: "học kì I",
    PeriodKind.SECOND_SEMESTER: "học kì II",
    PeriodKind.YEAR: "cả năm học",
}


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """One subject on a slip, in the words and figures of the register."""

    name: str
    #: Label and figure, in the order of the register: ("TX1", "8,5").
    marks: tuple[tuple[str, str], ...]
    result: str


@dataclass(frozen=True, slots=True)
class Slip:
    """Everything that a family reads; as it stood when it was published."""

    school: str
    school_year: str
    class_name: str
    pupil: str
    born_on: date
    period: str
    homeroom_teacher: str
    subjects: tuple[SubjectLine, ...]
    #: Kết quả học tập, rèn luyện, buổi nghỉ, …: label and words.
    facts: tuple[tuple[str, str], ...]
    remark: str = ""


def address(key: bytes, slip_id: UUID, renewals: int) -> str:
    """The part of the link that names a slip: 43 signs that nobody can guess."""
    return _text(slip_id.bytes + _tag(key, b"address", slip_id, renewals))


def slip_of(text: str) -> UUID | None:
    """Which slip an address claims to name; whether it does, `is_address_of` says."""
    data = _bytes(text)
    return UUID(bytes=data[:16]) if len(data) == 16 + _TAG_BYTES else None


def is_address_of(key: bytes, text: str, slip_id: UUID, renewals: int) -> bool:
    return hmac.compare_digest(text.encode(), address(key, slip_id, renewals).encode())


def code(key: bytes, slip_id: UUID, renewals: int) -> str:
    """Eight signs, as printed: "7KQM-2XWT"."""
    number = int.from_bytes(_tag(key, b"code", slip_id, renewals))
    signs = ""
    for _ in range(CODE_SIGNS):
        number, place = divmod(number, len(ALPHABET))
        signs += ALPHABET[place]
    return f"{signs[:4]}-{signs[4:]}"


def is_code(key: bytes, text: str, slip_id: UUID, renewals: int) -> bool:
    """Whether this is the code, however it was typed: small letters, blanks, hyphens."""
    typed = "".join(sign for sign in text.upper() if sign in ALPHABET)
    return hmac.compare_digest(
        typed.encode(), code(key, slip_id, renewals).replace("-", "").encode()
    )


def require_open(wrong_tries: int, last_wrong_at: datetime | None, *, at: datetime) -> None:
    """Raises DoorClosed."""
    if wrong_tries >= END_OF_PATIENCE:
        raise DoorClosed(
            "Mã đã bị nhập sai quá nhiều lần nên phiếu này không mở được nữa. Đề nghị gia đình "
            "liên hệ giáo viên chủ nhiệm để được cấp liên kết và mã mới."
        )
    pausing = wrong_tries > 0 and wrong_tries % PATIENCE == 0
    if pausing and last_wrong_at is not None and at < last_wrong_at + PAUSE:
        raise DoorClosed(
            f"Mã đã bị nhập sai {PATIENCE} lần liền. Đề nghị thử lại sau "
            f"{PAUSE.seconds // 60} phút."
        )


def _tag(key: bytes, purpose: bytes, slip_id: UUID, renewals: int) -> bytes:
    own = hashlib.blake2b(b"families " + purpose, key=key[:64], digest_size=32).digest()
    said = slip_id.bytes + renewals.to_bytes(4)
    return hashlib.blake2b(said, key=own, digest_size=_TAG_BYTES).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
