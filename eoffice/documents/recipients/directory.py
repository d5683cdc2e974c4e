"""The directory of agencies that do not work in this office: kept by each agency for itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents.model import Document
from eoffice.documents.recipients.chosen import OrganisationUnknown
from eoffice.documents.recipients.model import IssuanceOutside, OutsideOrganisation
from eoffice.documents.recipients.rules import Channel
from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.people import organ_ids
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

LONGEST_NAME: Final = 300
LONGEST_ADDRESS: Final = 500
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class ForClerks(NotAllowed):
    """The directory is kept by the records clerk."""


class OrganisationKnown(Conflict):
    """The directory has an agency with this identifier already."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What an officer enters; the channel says which address is needed."""

    name: str
    channel: Channel
    organ_id: str = ""
    email: str = ""
    postal_address: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    id: UUID
    name: str
    organ_id: str | None
    channel: Channel
    email: str | None
    postal_address: str | None

    @property
    def address(self) -> str:
        """Where its documents go by its channel."""
        return {
            Channel.EXCHANGE: self.organ_id,
            Channel.EMAIL: self.email,
            Channel.POST: self.postal_address,
        }[self.channel] or ""


@dataclass(frozen=True, slots=True)
class SentOutside:
    """An agency outside to which a document was issued."""

    organisation_id: UUID
    name: str
    channel: Channel
    address: str
    sent_at: datetime | None
    sent_note: str | None


def listing(
    session: Session, *, who: Principal, words: str = "", limit: int = 500
) -> list[Organisation]:
    """The acting agency's directory by name; `words` without regard to diacritics."""
    return of_agency(session, who.agency_id, words=words, limit=limit)


def of_agency(
    session: Session, agency_id: UUID, *, words: str = "", limit: int = 500
) -> list[Organisation]:
    """The directory of an agency, which row-level security shows to that agency alone."""
    query = (
        select(OutsideOrganisation)
        .where(OutsideOrganisation.agency_id == agency_id, OutsideOrganisation.ended_at.is_(None))
        .order_by(OutsideOrganisation.name_folded)
        .limit(limit)
    )
    for word in words.split():
        query = query.where(
            OutsideOrganisation.name_folded.contains(func.vn_fold(word), autoescape=False)
        )
    return [_organisation(row) for row in session.scalars(query)]


def organisation(session: Session, organisation_id: UUID, *, who: Principal) -> Organisation:
    """Raises OrganisationUnknown."""
    return _organisation(_own(session, organisation_id, who))


def enter(session: Session, entry: Entry, *, by: Principal, at: datetime) -> UUID:
    """Raises ForClerks, Invalid, OrganisationKnown."""
    check_keeper(by)
    checked = _checked(entry)
    _check_free(session, checked.organ_id, by=by)
    row = OutsideOrganisation(
        id=new_id(),
        agency_id=by.agency_id,
        name=checked.name,
        organ_id=checked.organ_id or None,
        channel=checked.channel,
        email=checked.email or None,
        postal_address=checked.postal_address or None,
        entered_by=by.person_id,
        entered_at=at,
    )
    session.add(row)
    session.flush()  # Whoever enters it may choose it in the same transaction.
    _record(session, "organisation.entered", row.id, by=by, at=at)
    return row.id


def change(
    session: Session, organisation_id: UUID, entry: Entry, *, by: Principal, at: datetime
) -> None:
    """Documents that were issued before keep the address of their day."""
    check_keeper(by)
    checked = _checked(entry)
    row = _own(session, organisation_id, by)
    if checked.organ_id != (row.organ_id or ""):
        _check_free(session, checked.organ_id, by=by)
    row.name = checked.name
    row.organ_id = checked.organ_id or None
    row.channel = checked.channel
    row.email = checked.email or None
    row.postal_address = checked.postal_address or None
    _record(session, "organisation.changed", row.id, by=by, at=at)


def remove(session: Session, organisation_id: UUID, *, by: Principal, at: datetime) -> None:
    """It cannot be chosen any more; its identifier becomes free. Idempotent."""
    check_keeper(by)
    row = _own(session, organisation_id, by)
    if row.ended_at is None:
        row.ended_at = at
        if row.channel is not Channel.EXCHANGE:
            row.organ_id = None
        _record(session, "organisation.removed", row.id, by=by, at=at)


def sent_of(session: Session, document_id: UUID) -> list[SentOutside]:
    """To which agencies outside a document was issued, and which have been sent theirs."""
    rows = session.scalars(
        select(IssuanceOutside)
        .where(IssuanceOutside.document_id == document_id)
        .order_by(IssuanceOutside.name)
    )
    return [
        SentOutside(
            row.organisation_id, row.name, row.channel, row.address, row.sent_at, row.sent_note
        )
        for row in rows
    ]


def mark_sent(
    session: Session,
    document_id: UUID,
    organisation_id: UUID,
    sent_note: str,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """The clerk posted or mailed it; `sent_note` says what proves it. The first word counts."""
    check_keeper(by)
    note = sent_note.strip()
    if not note or len(note) > LONGEST_ADDRESS:
        raise Invalid(
            "Hãy ghi cách đã gửi, ví dụ số hiệu bưu gửi.",
            fields={"sent_note": "Ghi số hiệu bưu gửi, hoặc ngày giờ gửi thư."},
        )
    row = session.scalars(
        select(IssuanceOutside)
        .join(Document, Document.id == IssuanceOutside.document_id)
        .where(
            IssuanceOutside.document_id == document_id,
            IssuanceOutside.organisation_id == organisation_id,
            IssuanceOutside.agency_id == by.agency_id,
        )
        .with_for_update(of=IssuanceOutside)
    ).one_or_none()
    if row is None:
        raise OrganisationUnknown("Văn bản không phát hành đến cơ quan này.")
    if row.sent_at is None:
        row.sent_at, row.sent_by, row.sent_note = at, by.person_id, note
        audit.record(
            session,
            "document.sent_outside",
            object_kind="document",
            object_id=document_id,
            by=by,
            at=at,
            details={"organisation_id": str(organisation_id)},
        )


def note_sent(
    session: Session, document_id: UUID, organ_id: str, sent_note: str, *, by: str, at: datetime
) -> None:
    """The office itself sent it by electronic exchange. Idempotent: the first word counts."""
    rows = session.scalars(
        select(IssuanceOutside)
        .where(
            IssuanceOutside.document_id == document_id,
            IssuanceOutside.organ_id == organ_id,
            IssuanceOutside.channel == Channel.EXCHANGE,
            IssuanceOutside.sent_at.is_(None),
        )
        .with_for_update()
    ).all()
    for row in rows:
        row.sent_at, row.sent_note = at, sent_note
        audit.record(
            session,
            "document.sent_outside",
            object_kind="document",
            object_id=document_id,
            by=by,
            at=at,
            details={"organisation_id": str(row.organisation_id)},
        )


def check_keeper(who: Principal) -> None:
    """Raises ForClerks."""
    if PositionKind(who.position_kind) is not PositionKind.CLERK:
        raise ForClerks("Danh bạ cơ quan ngoài hệ thống do văn thư cơ quan quản lý.")


def _checked(entry: Entry) -> Entry:
    name, email = entry.name.strip(), entry.email.strip()
    organ_id, address = entry.organ_id.strip(), entry.postal_address.strip()
    faults: dict[str, str] = {}
    if not name or len(name) > LONGEST_NAME:
        faults["name"] = f"Ghi tên cơ quan, nhiều nhất {LONGEST_NAME} ký tự."
    try:
        organ_ids.checked(organ_id)
    except Invalid as wrong:
        faults |= wrong.fields
    if email and not _EMAIL.fullmatch(email):
        faults["email"] = "Địa chỉ thư điện tử không đúng."
    if len(address) > LONGEST_ADDRESS:
        faults["postal_address"] = f"Địa chỉ dài nhất {LONGEST_ADDRESS} ký tự."
    match entry.channel:
        case Channel.EXCHANGE if not organ_id:
            faults["organ_id"] = "Gửi liên thông cần mã định danh của cơ quan nhận."
        case Channel.EMAIL if not email:
            faults["email"] = "Gửi thư điện tử cần địa chỉ thư."
        case Channel.POST if not address:
            faults["postal_address"] = "Gửi bưu điện cần địa chỉ."
        case _:
            pass
    if faults:
        raise Invalid("Chưa đủ thông tin để gửi đến cơ quan này.", fields=faults)
    return Entry(name, entry.channel, organ_id, email, address)


def _check_free(session: Session, organ_id: str, *, by: Principal) -> None:
    if not organ_id:
        return
    taken = session.scalar(
        select(OutsideOrganisation.name).where(
            OutsideOrganisation.agency_id == by.agency_id,
            OutsideOrganisation.organ_id == organ_id,
        )
    )
    if taken is not None:
        raise OrganisationKnown(
            f"Mã định danh {organ_id} đã có trong danh bạ: {taken}.",
            fields={"organ_id": "Mã đã có trong danh bạ."},
        )


def _own(session: Session, organisation_id: UUID, who: Principal) -> OutsideOrganisation:
    row = session.scalars(
        select(OutsideOrganisation).where(
            OutsideOrganisation.id == organisation_id,
            OutsideOrganisation.agency_id == who.agency_id,
        )
    ).one_or_none()
    if row is None:
        raise OrganisationUnknown("Danh bạ của cơ quan không có nơi nhận này.")
    return row


def _organisation(row: OutsideOrganisation) -> Organisation:
    return Organisation(row.id, row.name, row.organ_id, row.channel, row.email, row.postal_address)


def _record(session: Session, action: str, object_id: UUID, *, by: Principal, at: datetime) -> None:
    audit.record(
        session, action, object_kind="organisation", object_id=object_id, by=by, at=at, details={}
    )
