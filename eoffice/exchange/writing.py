"""From the values of a message to XML, in one way only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from eoffice import clock
from eoffice.errors import Invalid
from eoffice.exchange.message import (
    Business,
    DocumentMessage,
    DocumentUpdate,
    Organ,
    OtherInfo,
    ResponseFor,
    Staff,
    StatusMessage,
)

NAMESPACE: Final = "http://www.mic.gov.vn/TBT/QCVN_102_2016"

#: XML 1.0, production 2, and the two that are no characters.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


class MessageUnwritable(Invalid):
    """A text of the message holds characters that XML cannot carry."""


def document(message: DocumentMessage) -> bytes:
    header = _in(
        "MessageHeader",
        _organ("From", message.sender),
        *(_organ("To", each) for each in message.recipients),
        _text("DocumentId", message.document_id),
        _in("Code", _text("CodeNumber", message.number), _text("CodeNotation", message.notation)),
        _in(
            "PromulgationInfo",
            _text("Place", message.place),
            _date("PromulgationDate", message.promulgated_on),
        ),
        _in(
            "DocumentType",
            _text("Type", message.type.type),
            _text("TypeDetail", message.type.detail),
            _text("TypeName", message.type.name),
        ),
        _text("Subject", message.subject),
        _text("Content", message.content),
        _in(
            "SignerInfo",
            _text("Competence", message.signer.competence),
            _text("Position", message.signer.position),
            _text("FullName", message.signer.full_name),
        ),
        _date("DueDate", message.due_on),
        _in("ToPlaces", *(_text("Place", each) for each in message.to_places)),
        _other(message.other),
        *(_response(each) for each in message.responses),
        _text("SteeringType", message.steering_type),
    )
    trail = _in(
        "TraceHeaderList",
        *(
            _in("TraceHeader", _text("OrganId", each.organ_id), _instant("Timestamp", each.at))
            for each in message.traces
        ),
        _business(message.business),
    )
    references = (
        _in(
            "Reference",
            _text("ContentId", each.content_id),
            _text("ContentType", each.content_type),
            _text("Description", each.description),
            _text("AttachmentName", each.name),
            keep=True,
        )
        for each in message.references
    )
    manifest = _in("edXMLManifest", *references, attributes=' version="1.0"')
    attachments = (
        _in(
            "Attachment",
            _text("ContentId", each.content_id),
            _text("AttachmentName", each.name),
            _text("Description", each.description),
            _text("ContentType", each.content_type),
            _text("ContentTransferEncoded", each.encoded),
            keep=True,
        )
        for each in message.attachments
    )
    return _whole(
        _in("edXMLEnvelope", _in("edXMLHeader", header, trail), _in("edXMLBody", manifest)),
        _in("AttachmentEncoded", *attachments),
    )


def status(message: StatusMessage) -> bytes:
    header = _in(
        "MessageHeader",
        _organ("From", message.sender),
        _response(message.response_for) or _in("ResponseFor", keep=True),
        _staff(None if message.staff == Staff() else message.staff),
        _text("StatusCode", message.status),
        _text("Description", message.description),
        _instant("Timestamp", message.at),
    )
    return _whole(_in("edXMLEnvelope", _in("edXMLHeader", header)))


def _whole(*parts: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<edXML xmlns="{NAMESPACE}" xmlns:edXML="{NAMESPACE}">{"".join(parts)}</edXML>\n'
    ).encode()


def _in(name: str, *parts: str, attributes: str = "", keep: bool = False) -> str:
    """An element; nothing where it would be empty, unless it says by being there."""
    inner = "".join(parts)
    if not inner and not keep:
        return ""
    return f"<edXML:{name}{attributes}>{inner}</edXML:{name}>"


def _text(name: str, text: str) -> str:
    if (found := _UNWRITABLE.search(text)) is not None:
        raise MessageUnwritable(
            f"Trường {name} có ký tự điều khiển (mã {ord(found[0])}) không ghi được vào thông điệp."
        )
    return _in(name, text.strip().translate(_ESCAPES))


def _date(name: str, on: date | None) -> str:
    return "" if on is None else _text(name, f"{on.year:04d}/{on.month:02d}/{on.day:02d}")


def _instant(name: str, at: datetime | None) -> str:
    if at is None:
        return ""
    there = at.astimezone(clock.VIETNAM)
    return _text(name, f"{there.year:04d}/{there:%m/%d %H:%M:%S}")


def _number(name: str, number: int | None) -> str:
    return "" if number is None else _text(name, str(number))


def _yes(name: str, yes: bool | None, words: tuple[str, str] = ("0", "1")) -> str:
    return "" if yes is None else _text(name, words[yes])


def _organ(name: str, organ: Organ) -> str:
    return _in(
        name,
        _text("OrganId", organ.organ_id),
        _text("OrganizationInCharge", organ.in_charge),
        _text("OrganName", organ.name),
        _text("OrganAdd", organ.address),
        _text("Email", organ.email),
        _text("Telephone", organ.telephone),
        _text("Fax", organ.fax),
        _text("Website", organ.website),
    )


def _response(about: ResponseFor) -> str:
    return _in(
        "ResponseFor",
        _text("OrganId", about.organ_id),
        _text("Code", about.code),
        _date("PromulgationDate", about.promulgated_on),
        _text("DocumentId", about.document_id),
    )


def _other(other: OtherInfo) -> str:
    return _in(
        "OtherInfo",
        _text("Priority", other.priority),
        _text("SphereOfPromulgation", other.sphere),
        _text("TyperNotation", other.typer_notation),
        _number("PromulgationAmount", other.promulgation_amount),
        _number("PageAmount", other.page_amount),
        _yes("Direction", other.direction, ("false", "true")),
        _in("Appendixes", *_texts("Appendix", other.appendixes)),
    )


def _texts(name: str, texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(_text(name, each) for each in texts)


def _business(business: Business | None) -> str:
    if business is None:
        return ""
    return _in(
        "Bussiness",
        _text("DocumentId", business.document_id),
        _text("BussinessDocType", business.type.value),
        _text("BussinessDocReason", business.reason),
        _yes("Paper", business.paper),
        "" if business.update is None else _update(business.update),
        _in(
            "ReplacementInfoList",
            *(
                _in(
                    "ReplacementInfo",
                    _text("DocumentId", each.document_id),
                    _in("OrganIdList", *_texts("OrganId", each.organ_ids)),
                    keep=True,
                )
                for each in business.replacements
            ),
        ),
        _staff(business.staff),
    )


def _update(update: DocumentUpdate) -> str:
    receivers = (
        _in(
            "Receiver",
            _text("OrganId", each.organ_id),
            _yes("ReceiverType", each.is_added),
        )
        for each in update.receivers
    )
    return _in(
        "BussinessDocumentInfo",
        _text("DocumentInfo", update.document_info),
        _text("DocumentReceiver", update.document_receiver),
        _in("ReceiverList", *receivers),
        keep=True,
    )


def _staff(staff: Staff | None) -> str:
    if staff is None:
        return ""
    return _in(
        "StaffInfo",
        _text("Department", staff.department),
        _text("Staff", staff.name),
        _text("Email", staff.email),
        _text("Mobile", staff.mobile),
        keep=True,
    )
