"""What the form of each type prints around and between what its writer writes.

Decree 30/2020, Annex III: forms 1.1 to 1.10. Contracts, agreements, memoranda and official letters
have no form there; theirs follow custom. Pure: a text goes in, sentences come out, in the marks of
`text.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eoffice.documents import types
from eoffice.documents.form.letterhead import Letterhead
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType as T

_BLANK: Final = "…………"
_END: Final = "./."


class Heading(StrEnum):
    #: "V/v …" under the number (box 5b)
    LEFT = "left"
    #: name of the type and subject in the middle (box 5a)
    NAMED = "named"
    #: name of the type alone: forms 1.8 and 1.10
    NAME_ONLY = "name-only"
    #: subject alone: an official letter says "Thư chúc mừng …" itself
    SUBJECT_ONLY = "subject-only"


class Signing(StrEnum):
    #: recipients on the left, the signature on the right
    ONE = "one"
    #: form 1.9: secretary on the left, chair on the right, recipients below
    MINUTES = "minutes"
    #: two parties side by side, recipients below where there are any
    PARTIES = "parties"
    #: form 1.10: as usual, and below it room for whom the leave is spent with
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class OtherSigner:
    """Who signs on the left, on paper or with a tool of their own."""

    lines: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True)
class Layout:
    heading: Heading
    signing: Signing
    #: Minutes bear no place and date below the motto (form 1.9): they say themselves when.
    is_dated: bool
    #: Before the addressees: "Kính gửi:", "Giám đốc Sở … điện:".
    address: str
    #: "QUYẾT ĐỊNH:", "QUYẾT NGHỊ:" or nothing.
    resolves: str
    #: Sentences before and behind the body.
    opening: tuple[str, ...]
    closing: tuple[str, ...]
    #: Above the capacity of the signer: "CHỦ TỌA", "ĐẠI DIỆN BÊN A".
    signs_as: str
    other: OtherSigner | None


def layout(kind: T, text: DispatchText, letterhead: Letterhead) -> Layout:
    """How a document of this type is laid out; blanks that nobody filled in show as dots."""
    opening, closing = _sentences(kind, text, letterhead)
    other = _other(kind, text)
    return Layout(
        heading=_HEADINGS.get(kind, Heading.NAMED),
        signing=_SIGNINGS.get(kind, Signing.ONE),
        is_dated=kind is not T.MINUTES,
        address=_address(kind, text, letterhead),
        resolves=types.RULING.get(kind, ""),
        opening=opening,
        closing=closing,
        signs_as=_signs_as(kind, text),
        other=other,
    )


def ends_itself(kind: T) -> bool:
    """Whether the form closes with a sentence of its own, so that the writer does not."""
    return kind in (T.INTRODUCTION, T.MINUTES, T.LEAVE_PAPER)


def needs_body(kind: T) -> bool:
    """Whether there is nothing to say without a body: the filled blanks of the others say it."""
    return kind not in (T.INVITATION, T.INTRODUCTION, T.LEAVE_PAPER)


_HEADINGS: Final = {
    T.DISPATCH: Heading.LEFT,
    T.INTRODUCTION: Heading.NAME_ONLY,
    T.LEAVE_PAPER: Heading.NAME_ONLY,
    T.OFFICIAL_LETTER: Heading.SUBJECT_ONLY,
}
_SIGNINGS: Final = {
    T.MINUTES: Signing.MINUTES,
    T.CONTRACT: Signing.PARTIES,
    T.AGREEMENT: Signing.PARTIES,
    T.MEMORANDUM: Signing.PARTIES,
    T.LEAVE_PAPER: Signing.LEAVE,
}


def _address(kind: T, text: DispatchText, letterhead: Letterhead) -> str:
    if kind is T.TELEGRAM:
        return f"{text.authority or letterhead.agency_name} điện:"
    return "Kính gửi:" if text.addressees else ""


def _signs_as(kind: T, text: DispatchText) -> str:
    if kind is T.MINUTES:
        return "CHỦ TỌA"
    if _SIGNINGS.get(kind) is Signing.PARTIES:
        return f"ĐẠI DIỆN {(text.particular('own_party') or 'Bên A').upper()}"
    return ""


def _other(kind: T, text: DispatchText) -> OtherSigner | None:
    if kind is T.MINUTES:
        title = text.particular("secretary_title").upper()
        lines = tuple(line for line in ("THƯ KÝ", title) if line)
        return OtherSigner(lines, text.particular("secretary"))
    if _SIGNINGS.get(kind) is Signing.PARTIES:
        label = text.particular("other_label") or "Bên B"
        lines = (f"ĐẠI DIỆN {label}".upper(), text.particular("other_title").upper())
        return OtherSigner(tuple(line for line in lines if line), text.particular("other_name"))
    return None


def _sentences(
    kind: T, text: DispatchText, letterhead: Letterhead
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    def said(key: str) -> str:
        return text.particular(key).rstrip(" .;") or _BLANK

    agency = letterhead.agency_name
    if kind is T.INVITATION:
        opening = (
            f"{agency} trân trọng kính mời: {said('invited')}",
            f"Tới dự {said('event')}",
            f"Chủ trì: {said('chair')}",
            f"Thời gian: {said('time')}",
            f"Địa điểm: {said('venue')}",
        )
        # Without matters to note, the place is the end.
        return (opening, ()) if text.paragraphs else ((*opening[:-1], opening[-1] + _END), ())
    if kind is T.INTRODUCTION:
        return (
            f"{agency} trân trọng giới thiệu:",
            f"Ông (bà): {said('introduced')}",
            f"Chức vụ: {said('position')}",
            f"Được cử đến: {said('sent_to')}",
            f"Về việc: {said('errand')}",
        ), (
            "Đề nghị Quý cơ quan tạo điều kiện để ông (bà) có tên ở trên hoàn thành nhiệm vụ.",
            f"Giấy này có giá trị đến hết ngày {said('valid_until')}{_END}",
        )
    if kind is T.MINUTES:
        return (
            f"Thời gian bắt đầu: {said('began')}",
            f"Địa điểm: {said('venue')}",
            f"Thành phần tham dự: {said('present')}",
            f"Chủ trì (chủ tọa): {said('chair')}",
            f"Thư ký (người ghi biên bản): {said('secretary')}",
            "Nội dung:",
        ), (f"Cuộc họp kết thúc vào {said('ended')}{_END}",)
    if kind is T.LEAVE_PAPER:
        return (
            f"Xét Đơn đề nghị nghỉ phép ngày {said('requested_on')} của ông (bà) "
            f"{said('person')}, {agency} cấp cho:",
            f"Ông (bà): {said('person')}",
            f"Chức vụ: {said('position')}",
            f"Được nghỉ phép trong thời gian {said('length')}, kể từ ngày {said('first_day')} đến "
            f"hết ngày {said('last_day')}, tại {said('place')}.",
        ), (f"Số ngày nghỉ phép nêu trên được tính vào thời gian {said('counted_as')}{_END}",)
    return (), ()
