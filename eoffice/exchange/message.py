"""Messages of the electronic exchange of documents, as values.

QCVN 102:2016/BTTTT (Circular 10/2016/TT-BTTTT). Field names are those of the regulation, in our
spelling; codes stay text here, because each system has its own lists (`mapping`). An absent or
empty element is an empty text or None.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final


class StatusCode(StrEnum):
    """How far a document is at its recipient; 07–12 and 14 were never seen."""

    ARRIVED = "01"
    REFUSED = "02"
    ACCEPTED = "03"
    ASSIGNED = "04"
    IN_WORK = "05"
    DONE = "06"
    #: The only one that the sender of the document sends: it asks to take the document back.
    TAKE_BACK = "13"
    CHANGE_ACCEPTED = "15"
    CHANGE_REFUSED = "16"


STATUS_NAMES: Final[dict[StatusCode, str]] = {
    StatusCode.ARRIVED: "Đã đến",
    StatusCode.REFUSED: "Từ chối tiếp nhận",
    StatusCode.ACCEPTED: "Đã tiếp nhận",
    StatusCode.ASSIGNED: "Phân công",
    StatusCode.IN_WORK: "Đang xử lý",
    StatusCode.DONE: "Hoàn thành",
    StatusCode.TAKE_BACK: "Lấy lại",
    StatusCode.CHANGE_ACCEPTED: "Đồng ý cập nhật, lấy lại",
    StatusCode.CHANGE_REFUSED: "Từ chối cập nhật, lấy lại",
}


class BusinessType(StrEnum):
    """BussinessDocType: what the message does to the document at its recipient."""

    NEW = "0"
    RECALL = "1"
    UPDATE = "2"
    REPLACE = "3"


BUSINESS_NAMES: Final[dict[BusinessType, str]] = {
    BusinessType.NEW: "Văn bản mới",
    BusinessType.RECALL: "Thu hồi",
    BusinessType.UPDATE: "Cập nhật",
    BusinessType.REPLACE: "Thay thế",
}


@dataclass(frozen=True, slots=True)
class Organ:
    """An agency that sends or receives; the identifier is opaque (see `organ_ids`)."""

    organ_id: str
    name: str = ""
    in_charge: str = ""
    address: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class TypeCode:
    """DocumentType: the sender's code and name of the kind of document."""

    type: str = ""
    detail: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    #: "TL. BỘ TRƯỞNG"
    competence: str = ""
    position: str = ""
    full_name: str = ""


@dataclass(frozen=True, slots=True)
class OtherInfo:
    #: 0 thường, 1 khẩn, 2 thượng khẩn, 3 hoả tốc, 4 hoả tốc hẹn giờ; a peer's own list may differ.
    priority: str = ""
    #: Circulation limit in words.
    sphere: str = ""
    #: Letters of the typist.
    typer_notation: str = ""
    #: Copies printed.
    promulgation_amount: int | None = None
    page_amount: int | None = None
    direction: bool | None = None
    appendixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseFor:
    """The document that is answered, or whose status is told."""

    organ_id: str = ""
    #: Number and notation together: "7816/VPCP-TTĐT".
    code: str = ""
    promulgated_on: date | None = None
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A system through which the message passed."""

    organ_id: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    organ_id: str
    #: True: added by the update; False: removed.
    is_added: bool


@dataclass(frozen=True, slots=True)
class DocumentUpdate:
    """BussinessDocumentInfo: what an update changes, "1" for yes."""

    document_info: str = ""
    document_receiver: str = ""
    receivers: tuple[Receiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """A document that this one replaces, and at whom."""

    document_id: str
    organ_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """Whom to ask: unit, name and how they are reached."""

    department: str = ""
    name: str = ""
    email: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class Business:
    type: BusinessType = BusinessType.NEW
    #: The document that is changed; the new document itself where nothing is.
    document_id: str = ""
    reason: str = ""
    #: Whether paper follows.
    paper: bool | None = None
    update: DocumentUpdate | None = None
    replacements: tuple[Replacement, ...] = ()
    staff: Staff | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A line of the manifest."""

    content_id: str
    name: str = ""
    content_type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it travels; `files.content` takes it out."""

    content_id: str
    name: str = ""
    content_type: str = ""
    description: str = ""
    #: Base64 without white space, as it came.
    encoded: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DocumentMessage:
    sender: Organ
    recipients: tuple[Organ, ...]
    #: "OrganId,yyyy/MM/dd,số/ký hiệu", or any other text that names the document for its sender.
    document_id: str = ""
    number: str = ""
    notation: str = ""
    place: str = ""
    promulgated_on: date | None = None
    type: TypeCode = TypeCode()
    subject: str = ""
    content: str = ""
    signer: Signer = Signer()
    due_on: date | None = None
    to_places: tuple[str, ...] = ()
    other: OtherInfo = OtherInfo()
    responses: tuple[ResponseFor, ...] = ()
    steering_type: str = ""
    traces: tuple[Trace, ...] = ()
    business: Business | None = None
    references: tuple[Reference, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def code(self) -> str:
        """Number and notation, as they are read."""
        return "/".join(part for part in (self.number, self.notation) if part)


@dataclass(frozen=True, slots=True)
class StatusMessage:
    #: Who tells.
    sender: Organ
    response_for: ResponseFor
    #: Two digits; known ones are `StatusCode`.
    status: str
    description: str = ""
    at: datetime | None = None
    staff: Staff = Staff()


Message = DocumentMessage | StatusMessage
