"""Documents that no unit of this office sent: where they come from and how they are written down.

Their numbers are other people's ("15a", "05", none at all), and so are their types: besides the 29
of Decree 30/2020 there are laws, decrees, circulars, letters of citizens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.documents import types
from eoffice.documents.form.text import SUBJECT_LENGTH
from eoffice.documents.types import DocumentType, Secrecy, Urgency
from eoffice.errors import Invalid
from eoffice.objects.sha256 import Sha256


class Origin(StrEnum):
    """By which way a document came."""

    #: from a unit of this office
    DELIVERY = "delivery"
    #: liên thông, edXML
    EXCHANGE = "exchange"
    MAIL = "mail"
    SCAN = "scan"
    #: entered by a clerk, from paper
    HAND = "hand"


class TextState(StrEnum):
    """Where the words of a document from outside come from."""

    #: The file has not been looked at yet.
    WAITING = "waiting"
    #: They were in the file.
    FOUND = "found"
    #: They were read from the picture of the page.
    RECOGNISED = "recognised"
    #: There is no file.
    NONE = "none"
    #: There are only pictures, which could not be read.
    NOT_RECOGNISED = "not_recognised"


class OutsideUnacceptable(Invalid):
    """A field of an incoming document is missing or does not fit Appendix VI of Decree 30/2020."""


ORIGIN_NAMES: Final = {
    Origin.DELIVERY: "Qua hệ thống",
    Origin.EXCHANGE: "Qua trục liên thông",
    Origin.MAIL: "Qua thư điện tử",
    Origin.SCAN: "Bản giấy, đã quét",
    Origin.HAND: "Bản giấy",
}

TEXT_STATE_NAMES: Final = {
    TextState.WAITING: "Đang đọc nội dung.",
    TextState.FOUND: "Tìm được theo nội dung.",
    TextState.RECOGNISED: "Nội dung được nhận dạng từ ảnh quét, có thể có chữ sai.",
    TextState.NONE: "Không có tệp nên không tìm được theo nội dung.",
    TextState.NOT_RECOGNISED: "Tệp chỉ có ảnh và chưa nhận dạng được chữ, nên không tìm được theo "
    "nội dung.",
}

#: What Vietnamese state bodies write besides the types of the decree; any other name does as well.
FURTHER_TYPES: Final = (
    "Hiến pháp",
    "Luật",
    "Bộ luật",
    "Pháp lệnh",
    "Lệnh",
    "Nghị định",
    "Thông tư",
    "Thông tư liên tịch",
    "Nghị quyết liên tịch",
    "Đơn",
    "Giấy chứng nhận",
)

VIETNAMESE: Final = "Tiếng Việt"

#: Lengths of Appendix VI, part III (input fields of an incoming document), in characters. A number
#: (4) is 11 digits there; other people's numbers are kept as they are written.
LONGEST: Final[dict[str, tuple[str, int]]] = {
    "type_name": ("Tên loại", 100),
    "number": ("Số", 11),
    "notation": ("Ký hiệu", 30),
    "sender_name": ("Cơ quan ban hành", 200),
    "sender_organ_id": ("Mã định danh cơ quan", 35),
    "subject": ("Trích yếu", SUBJECT_LENGTH),
    "language": ("Ngôn ngữ", 30),
    "description": ("Ghi chú", 500),
    "signer_position": ("Chức vụ người ký", 100),
    "signer_name": ("Họ tên người ký", 50),
    "to_places": ("Nơi nhận", 1000),
}
MOST_PAGES: Final = 9_999
MOST_FILES: Final = 100
_BY_NAME: Final = {types.name(kind).casefold(): kind for kind in DocumentType}
_DIGITS: Final = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class OutsideFile:
    """A further file; its bytes lie in the object store already."""

    name: str
    media_type: str
    size_bytes: int
    sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideDocument:
    """A document from outside, as its way here told it; bytes lie in the object store already."""

    #: Any but DELIVERY.
    origin: Origin
    recipient_unit_id: UUID
    #: How the origin calls it; required for exchange and mail, and None where nobody named it.
    external_id: str | None
    sender_name: str
    type_name: str
    number: str | None
    notation: str | None
    issued_on: date
    subject: str
    sender_organ_id: str | None = None
    signer_name: str = ""
    signer_position: str | None = None
    urgency: Urgency = Urgency.ORDINARY
    #: What has a degree is on paper; only its line is entered.
    secrecy: Secrecy = Secrecy.NONE
    due_on: date | None = None
    language: str | None = VIETNAMESE
    description: str | None = None
    to_places: str | None = None
    trace_headers: str | None = None
    #: The main file, a PDF as it came.
    content: Sha256 | None = None
    page_count: int = 1
    files: tuple[OutsideFile, ...] = field(default=())
    #: The recipient's own document that this one answers.
    answers_document_id: UUID | None = None
    #: When it reached the office, where that was before it was entered.
    arrived_at: datetime | None = None
    #: Words that were read from its pictures before it was entered, with the copy that holds them.
    recognised_text: str | None = None
    searchable: Sha256 | None = None


def written_number(number: str | None) -> str | None:
    """A number as it is kept: "05" and "5" are the same, "15a" is another; None: there is none."""
    trimmed = "".join((number or "").split())
    if _DIGITS.fullmatch(trimmed):
        return str(int(trimmed))
    return trimmed or None


def written_notation(notation: str | None) -> str | None:
    """A notation without blanks and without the stroke in front."""
    return "".join((notation or "").split()).strip("/") or None


def code(number: str | None, notation: str | None) -> str:
    """Number and notation as they are read: "05/BC-THPTSH", "15a/QĐ-UBND"; in words where none."""
    if number is None:
        return notation or "Không số"
    written = f"{int(number):02d}" if _DIGITS.fullmatch(number) else number
    return f"{written}/{notation}" if notation else written


def type_name(kind: DocumentType | None, written: str | None) -> str:
    """The name of a type as a delivery keeps it: one of the decree's, or in words."""
    if kind is not None:
        return types.name(kind)
    assert written is not None
    return written


def kind_of(type_name: str) -> DocumentType | None:
    """The type of the decree with this name; None: it is none of them."""
    return _BY_NAME.get(" ".join(type_name.split()).casefold())


def secret_fault(secrecy: Secrecy, *, is_paper: bool) -> str:
    """What keeps a document with this degree from being entered so; empty: nothing does.

    Luật Bảo vệ bí mật nhà nước: this office is no place for the pages of a secret document.
    """
    if secrecy is Secrecy.NONE or is_paper:
        return ""
    return "Văn bản mật chỉ vào sổ; không đưa tệp hay bản quét của văn bản mật lên hệ thống này."


def checked(item: OutsideDocument, *, today: date) -> OutsideDocument:
    """The same, trimmed. Raises OutsideUnacceptable, which names every field at once."""
    texts = {name: " ".join((getattr(item, name) or "").split()) for name in LONGEST}
    wrong = {
        name: f"{label} dài quá {longest} ký tự."
        for name, (label, longest) in LONGEST.items()
        if len(texts[name]) > longest
    }
    for name in ("sender_name", "type_name", "subject"):
        if not texts[name]:
            wrong[name] = f"Chưa nhập {LONGEST[name][0].lower()}."
    if item.issued_on > today:
        wrong["issued_on"] = f"Ngày văn bản không thể sau hôm nay ({today:%d/%m/%Y})."
    if not 1 <= item.page_count <= MOST_PAGES:
        wrong["page_count"] = f"Số trang từ 1 đến {MOST_PAGES}."
    if len(item.files) > MOST_FILES:
        wrong["files"] = f"Không quá {MOST_FILES} tệp kèm theo một văn bản."
    has_file = item.content is not None or item.files or item.recognised_text is not None
    if fault := secret_fault(item.secrecy, is_paper=item.origin is Origin.HAND and not has_file):
        wrong["secrecy"] = fault
    if wrong:
        raise OutsideUnacceptable(" ".join(wrong.values()), fields=wrong)
    assert item.origin is not Origin.DELIVERY
    return OutsideDocument(
        origin=item.origin,
        recipient_unit_id=item.recipient_unit_id,
        external_id=item.external_id,
        sender_name=texts["sender_name"],
        type_name=texts["type_name"],
        number=written_number(texts["number"]),
        notation=written_notation(texts["notation"]),
        issued_on=item.issued_on,
        subject=texts["subject"],
        sender_organ_id=texts["sender_organ_id"] or None,
        signer_name=texts["signer_name"],
        signer_position=texts["signer_position"] or None,
        urgency=item.urgency,
        secrecy=item.secrecy,
        due_on=item.due_on,
        language=texts["language"] or None,
        description=texts["description"] or None,
        to_places=texts["to_places"] or None,
        trace_headers=item.trace_headers,
        content=item.content,
        page_count=item.page_count,
        files=item.files,
        answers_document_id=item.answers_document_id,
        arrived_at=item.arrived_at,
        recognised_text=item.recognised_text,
        searchable=item.searchable,
    )
