"""From the tree of a message to its values; every refusal names the path of the element."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Final, NoReturn

from lxml import etree

from eoffice import clock
from eoffice.exchange.message import (
    Attachment,
    Business,
    BusinessType,
    DocumentMessage,
    DocumentUpdate,
    Message,
    Organ,
    OtherInfo,
    Receiver,
    Reference,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
    StatusMessage,
    Trace,
    TypeCode,
)
from eoffice.exchange.safe_xml import MessageUnreadable, local

#: Longer than any field that people write; attachments are bounded with the file.
LONGEST_TEXT: Final = 20_000
_DATE: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_TIME: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")


def message(root: etree._Element) -> Message:
    """Raises MessageUnreadable."""
    top = Part(root, local(root))
    if top.path != "edXML":
        top.refuse("phần tử gốc phải là edXML.")
    header = top.need("edXMLEnvelope").need("edXMLHeader")
    head = header.need("MessageHeader")
    if head.maybe("StatusCode") is not None:
        return _status(head)
    return _document(top, header, head)


class Part:
    """An element with its path, whose children are asked for by local name."""

    def __init__(self, element: etree._Element, path: str) -> None:
        self._element = element
        self.path = path

    def refuse(self, why: str) -> NoReturn:
        raise MessageUnreadable(self.path, why)

    def each(self, *names: str) -> Iterator[Part]:
        for child in self._element:
            if local(child) in names:
                yield Part(child, f"{self.path}/{local(child)}")

    def maybe(self, *names: str) -> Part | None:
        found = list(self.each(*names))
        if len(found) > 1:
            found[1].refuse("phần tử này có hai lần, không biết lấy phần tử nào.")
        return found[0] if found else None

    def need(self, name: str) -> Part:
        found = self.maybe(name)
        if found is None:
            raise MessageUnreadable(f"{self.path}/{name}", "thiếu phần tử này.")
        return found

    def own_text(self, *, longest: int = LONGEST_TEXT) -> str:
        if len(self._element):
            self.refuse("phần tử này phải là chữ, không được có phần tử con.")
        found = (self._element.text or "").strip()
        if len(found) > longest:
            self.refuse(f"dài hơn {longest} ký tự.")
        return found

    def text(self, *names: str) -> str:
        found = self.maybe(*names)
        return "" if found is None else found.own_text()

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(text for each in self.each(name) if (text := each.own_text()))

    def date(self, name: str) -> date | None:
        found = self.maybe(name)
        if found is None or not (text := found.own_text()):
            return None
        match = _DATE.match(text)
        if match is None:
            found.refuse("không phải ngày dạng năm/tháng/ngày.")
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            found.refuse("không có ngày này.")

    def instant(self, name: str) -> datetime | None:
        found = self.maybe(name)
        if found is None or not (text := found.own_text()):
            return None
        match = _TIME.match(text)
        if match is None:
            found.refuse("không phải thời điểm dạng năm/tháng/ngày giờ:phút:giây.")
        numbers = [int(part or 0) for part in match.groups()]
        try:
            return datetime(*numbers[:6], tzinfo=clock.VIETNAM)  # type: ignore[misc,arg-type]
        except ValueError:
            found.refuse("không có thời điểm này.")

    def whole(self, name: str) -> int | None:
        found = self.maybe(name)
        if found is None or not (text := found.own_text()):
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            found.refuse("phải là số tự nhiên.")
        return int(text)

    def yes(self, name: str) -> bool | None:
        found = self.maybe(name)
        if found is None or not (text := found.own_text().lower()):
            return None
        if text not in ("0", "1", "true", "false"):
            found.refuse("phải là 0, 1, true hoặc false.")
        return text in ("1", "true")


def _status(head: Part) -> StatusMessage:
    code = head.need("StatusCode")
    status = code.own_text()
    if not re.fullmatch(r"[0-9]{1,2}", status):
        code.refuse("mã trạng thái phải là hai chữ số.")
    about = list(head.each("ResponseFor"))
    if len(about) != 1:
        raise MessageUnreadable(f"{head.path}/ResponseFor", "phải có đúng một phần tử này.")
    return StatusMessage(
        sender=_organ(head.need("From")),
        response_for=_response(about[0]),
        status=status.zfill(2),
        description=head.text("Description"),
        at=head.instant("Timestamp"),
        staff=_staff(head.maybe("StaffInfo")) or Staff(),
    )


def _document(top: Part, header: Part, head: Part) -> DocumentMessage:
    code = head.maybe("Code")
    place = head.maybe("PromulgationInfo")
    kind = head.maybe("DocumentType")
    signer = head.maybe("SignerInfo")
    to_places = head.maybe("ToPlaces")
    trail = header.maybe("TraceHeaderList")
    business = None if trail is None else trail.maybe("Bussiness", "Business")
    body = top.need("edXMLEnvelope").maybe("edXMLBody")
    manifest = None if body is None else body.maybe("edXMLManifest")
    encoded = top.maybe("AttachmentEncoded")
    return DocumentMessage(
        sender=_organ(head.need("From")),
        recipients=tuple(_organ(each) for each in head.each("To")),
        document_id=head.text("DocumentId"),
        number="" if code is None else code.text("CodeNumber"),
        notation="" if code is None else code.text("CodeNotation"),
        place="" if place is None else place.text("Place"),
        promulgated_on=None if place is None else place.date("PromulgationDate"),
        type=TypeCode()
        if kind is None
        else TypeCode(kind.text("Type"), kind.text("TypeDetail"), kind.text("TypeName")),
        subject=head.text("Subject"),
        content=head.text("Content"),
        signer=Signer()
        if signer is None
        else Signer(signer.text("Competence"), signer.text("Position"), signer.text("FullName")),
        due_on=head.date("DueDate"),
        to_places=() if to_places is None else to_places.texts("Place"),
        other=_other(head.maybe("OtherInfo")),
        responses=_some(_response(each) for each in head.each("ResponseFor")),
        steering_type=head.text("SteeringType"),
        traces=()
        if trail is None
        else tuple(
            Trace(_organ_id(each), each.instant("Timestamp")) for each in trail.each("TraceHeader")
        ),
        business=None if business is None else _business(business),
        references=() if manifest is None else tuple(map(_reference, manifest.each("Reference"))),
        attachments=() if encoded is None else tuple(map(_attachment, encoded.each("Attachment"))),
    )


def _organ(part: Part) -> Organ:
    return Organ(
        organ_id=_organ_id(part),
        name=part.text("OrganName"),
        in_charge=part.text("OrganizationInCharge"),
        address=part.text("OrganAdd"),
        email=part.text("Email"),
        telephone=part.text("Telephone"),
        fax=part.text("Fax"),
        website=part.text("Website"),
    )


def _organ_id(part: Part) -> str:
    found = part.need("OrganId").own_text(longest=100)
    if not found:
        raise MessageUnreadable(f"{part.path}/OrganId", "mã định danh để trống.")
    return found


def _response(part: Part) -> ResponseFor:
    code = part.maybe("Code")
    written = "" if code is None else _code(code)
    return ResponseFor(
        part.text("OrganId"), written, part.date("PromulgationDate"), part.text("DocumentId")
    )


def _code(part: Part) -> str:
    """As one text, or as number and notation below."""
    number, notation = part.text("CodeNumber"), part.text("CodeNotation")
    if number or notation:
        return "/".join(each for each in (number, notation) if each)
    return part.own_text()


def _some(found: Iterable[ResponseFor]) -> tuple[ResponseFor, ...]:
    """Without those in which nothing was filled in."""
    return tuple(each for each in found if each != ResponseFor())


def _other(part: Part | None) -> OtherInfo:
    if part is None:
        return OtherInfo()
    appendixes = part.maybe("Appendixes")
    return OtherInfo(
        priority=part.text("Priority"),
        sphere=part.text("SphereOfPromulgation"),
        typer_notation=part.text("TyperNotation"),
        promulgation_amount=part.whole("PromulgationAmount"),
        page_amount=part.whole("PageAmount"),
        direction=part.yes("Direction"),
        appendixes=() if appendixes is None else appendixes.texts("Appendix"),
    )


def _business(part: Part) -> Business:
    kind = part.maybe("BussinessDocType", "BusinessDocType")
    written = "" if kind is None else kind.own_text()
    if kind is not None and written not in ("", *BusinessType):
        kind.refuse("loại nghiệp vụ phải là 0, 1, 2 hoặc 3.")
    about = part.maybe("BussinessDocumentInfo", "BusinessDocumentInfo")
    replaced = part.maybe("ReplacementInfoList")
    return Business(
        type=BusinessType(written or "0"),
        document_id=part.text("DocumentId"),
        reason=part.text("BussinessDocReason", "BusinessDocReason"),
        paper=part.yes("Paper"),
        update=None if about is None else _update(about),
        replacements=()
        if replaced is None
        else tuple(map(_replacement, replaced.each("ReplacementInfo"))),
        staff=_staff(part.maybe("StaffInfo")),
    )


def _update(part: Part) -> DocumentUpdate:
    receivers = part.maybe("ReceiverList")
    return DocumentUpdate(
        part.text("DocumentInfo"),
        part.text("DocumentReceiver"),
        ()
        if receivers is None
        else tuple(
            Receiver(_organ_id(each), each.yes("ReceiverType") is True)
            for each in receivers.each("Receiver")
        ),
    )


def _replacement(part: Part) -> Replacement:
    organs = part.maybe("OrganIdList")
    return Replacement(part.text("DocumentId"), () if organs is None else organs.texts("OrganId"))


def _staff(part: Part | None) -> Staff | None:
    if part is None:
        return None
    return Staff(
        part.text("Department"), part.text("Staff"), part.text("Email"), part.text("Mobile")
    )


def _reference(part: Part) -> Reference:
    return Reference(
        part.text("ContentId"),
        part.text("AttachmentName"),
        part.text("ContentType"),
        part.text("Description"),
    )


def _attachment(part: Part) -> Attachment:
    encoded = part.maybe("ContentTransferEncoded")
    return Attachment(
        part.text("ContentId"),
        part.text("AttachmentName"),
        part.text("ContentType"),
        part.text("Description"),
        "" if encoded is None else "".join(encoded.own_text(longest=2**31).split()),
    )
