"""What a message of ours says: from the rows of a document or a delivery to its values.

Read in one transaction; the bytes of the files are packed in outside of it.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import queries as documents
from eoffice.documents import types
from eoffice.documents.issue.corrections_rules import CorrectionKind
from eoffice.documents.metadata import queries as metadata_queries
from eoffice.documents.model import DocumentVersion, VersionKind, Withdrawal
from eoffice.documents.queries import IssuedDocument
from eoffice.documents.recipients.model import Correction
from eoffice.errors import Refusal
from eoffice.exchange import files, peers
from eoffice.exchange.mapping import CodeList, Codes, Steering
from eoffice.exchange.message import (
    BUSINESS_NAMES,
    Business,
    BusinessType,
    DocumentMessage,
    DocumentUpdate,
    Message,
    Organ,
    OtherInfo,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
    StatusMessage,
    Trace,
    TypeCode,
)
from eoffice.exchange.model import MessageRow, Peer
from eoffice.exchange.states import Direction, Kind
from eoffice.people import queries as people
from eoffice.people.views import UnitView
from eoffice.routing.model import Delivery


class NoWayThere(Refusal):
    """No partner of the exchange reaches this agency, or we have no identifier of our own."""

    status = 409


@dataclass(frozen=True, slots=True)
class ToBuild:
    """What a message is made of, read in one transaction; files are fetched outside of it."""

    message: Message
    #: Name and SHA-256 of each file.
    files: tuple[tuple[str, str], ...]
    peer: Peer
    #: Whose seal signs.
    agency_id: UUID


def to_build(session: Session, row: MessageRow) -> ToBuild:
    """Everything of a message but the bytes of its files. Raises NoWayThere."""
    peer = session.get_one(Peer, row.peer_id)
    assert row.agency_id is not None
    agency = people.unit(session, row.agency_id)
    if row.kind is Kind.STATUS:
        return ToBuild(_status(session, row, agency), (), peer, row.agency_id)
    assert row.document_id is not None
    issued = documents.issued(session, row.document_id)
    named = [(f"{issued.code.replace('/', '-')}.pdf", issued.content_sha256)]
    named += [(each.name, each.content_sha256) for each in issued.attachments]
    # A recall carries no file: there is nothing to be read any more.
    sent = () if row.business_type is BusinessType.RECALL else tuple(named)
    message = _document(session, row, issued, agency, peers.codes(session, peer.id))
    return ToBuild(message, sent, peer, row.agency_id)


def with_files(built: ToBuild, contents: list[bytes]) -> Message:
    """The message with its files packed into it."""
    message = built.message
    if not isinstance(message, DocumentMessage):
        return message
    packed = [
        files.packed(name, content)
        for (name, _), content in zip(built.files, contents, strict=True)
    ]
    return DocumentMessage(
        **{each: getattr(message, each) for each in _PLAIN_FIELDS},
        references=tuple(reference for reference, _ in packed),
        attachments=tuple(attachment for _, attachment in packed),
    )


_PLAIN_FIELDS: Final = tuple(
    each
    for each in DocumentMessage.__dataclass_fields__
    if each not in ("references", "attachments")
)


def corrected(
    session: Session, document_id: UUID, organ_id: str
) -> list[tuple[CorrectionKind, str]]:
    """Documents that this one corrects and that went to the agency before, as edXML names them."""
    rows = session.execute(
        select(Correction.kind, MessageRow.edxml_document_id)
        .join(MessageRow, MessageRow.document_id == Correction.corrected_id)
        .where(
            Correction.document_id == document_id,
            MessageRow.direction == Direction.OUT,
            MessageRow.kind == Kind.DOCUMENT,
            MessageRow.business_type != BusinessType.RECALL,
            MessageRow.organ_id == organ_id,
        )
        .order_by(MessageRow.created_at)
    )
    return [(kind, name) for kind, name in rows]


def organ_id_of(agency: UnitView) -> str:
    if agency.organ_id is None:
        raise NoWayThere(
            f"{agency.name} chưa có mã định danh điện tử nên chưa gửi liên thông được. Đề nghị "
            "quản trị khai báo trong danh mục đơn vị."
        )
    return agency.organ_id


def named(organ_id: str, issued: IssuedDocument) -> str:
    return f"{organ_id},{issued.issued_on:%Y/%m/%d},{issued.code}"


def _organ(agency: UnitView) -> Organ:
    return Organ(organ_id_of(agency), agency.name, agency.superior_name or agency.name)


def _document(
    session: Session, row: MessageRow, issued: IssuedDocument, agency: UnitView, codes: Codes
) -> DocumentMessage:
    on = clock.civil_date(issued.issued_at)
    letterhead = people.letterhead(session, issued.agency_id, on=on)
    number, _, notation = issued.code.partition("/")
    assert row.business_type is not None
    return DocumentMessage(
        sender=_organ(agency),
        recipients=(Organ(row.organ_id, row.organ_name),),
        document_id=row.edxml_document_id,
        number=number,
        notation=notation,
        place=letterhead.place,
        promulgated_on=issued.issued_on,
        type=TypeCode(
            codes.theirs(CodeList.DOCUMENT_TYPE, issued.type.value), "", _type_name(issued)
        ),
        subject=issued.subject,
        content=issued.subject,
        signer=Signer(issued.signer_capacity, issued.signer_capacity, issued.signer_name),
        due_on=issued.due_on,
        to_places=(row.organ_name,),
        other=OtherInfo(
            priority=codes.theirs(CodeList.PRIORITY, issued.urgency.value),
            promulgation_amount=metadata_queries.of_document(session, issued.id).issued_amount,
            page_amount=_pages(session, issued),
            appendixes=tuple(each.name for each in issued.attachments),
        ),
        steering_type=codes.theirs(CodeList.STEERING, Steering.NOT_DIRECTIVE.value),
        traces=(Trace(organ_id_of(agency), row.created_at.replace(microsecond=0)),),
        business=_business(session, row, issued, agency),
    )


def _business(
    session: Session, row: MessageRow, issued: IssuedDocument, agency: UnitView
) -> Business:
    """A replacement lists what it replaces; an update names the document that it changes."""
    assert row.business_type is not None
    changed = [name for _, name in corrected(session, issued.id, row.organ_id)]
    is_update = row.business_type is BusinessType.UPDATE and changed
    is_replacement = row.business_type is BusinessType.REPLACE
    return Business(
        type=row.business_type,
        document_id=changed[0] if is_update else row.edxml_document_id,
        reason=_reason(session, row, issued),
        paper=False,
        update=DocumentUpdate("1", "0") if is_update else None,
        replacements=tuple(Replacement(name, (row.organ_id,)) for name in changed)
        if is_replacement
        else (),
        staff=Staff(agency.name),
    )


def _type_name(issued: IssuedDocument) -> str:
    return types.name(issued.type)


def _pages(session: Session, issued: IssuedDocument) -> int | None:
    return session.scalar(
        select(DocumentVersion.page_count).where(
            DocumentVersion.document_id == issued.id, DocumentVersion.kind == VersionKind.SEALED
        )
    )


def _reason(session: Session, row: MessageRow, issued: IssuedDocument) -> str:
    if row.business_type is BusinessType.RECALL:
        found = session.scalar(select(Withdrawal.reason).where(Withdrawal.document_id == issued.id))
        return found or "Thu hồi văn bản"
    assert row.business_type is not None
    return BUSINESS_NAMES[row.business_type]


def _status(session: Session, row: MessageRow, agency: UnitView) -> StatusMessage:
    assert row.status_code is not None
    assert row.delivery_id is not None
    delivery = session.get_one(Delivery, row.delivery_id)
    return StatusMessage(
        sender=_organ(agency),
        response_for=ResponseFor(row.organ_id, row.code, delivery.issued_on, row.edxml_document_id),
        status=row.status_code,
        description=row.words or "",
        at=None if row.told_at is None else row.told_at.replace(microsecond=0),
        staff=Staff(agency.name),
    )
