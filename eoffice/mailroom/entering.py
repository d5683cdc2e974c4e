"""A clerk enters a document from outside: the fields of Appendix VI, checked, received, registered.

The same for a paper in the hand, for a scan and for an e-mail message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import types
from eoffice.documents.types import DocumentType, Secrecy, Urgency
from eoffice.errors import Conflict
from eoffice.objects.sha256 import Sha256
from eoffice.routing import outside, outside_queries, outside_rules, rules
from eoffice.routing.outside_queries import Twin
from eoffice.routing.outside_rules import (
    Origin,
    OutsideDocument,
    OutsideFile,
    OutsideUnacceptable,
)
from eoffice.web.principal import Principal

#: Names that the form offers; any other may be typed.
TYPE_NAMES: Final = (
    types.name(DocumentType.DISPATCH),
    *(types.name(kind) for kind in DocumentType if kind is not DocumentType.DISPATCH),
    *outside_rules.FURTHER_TYPES,
)


class DuplicateSuspected(Conflict):
    """A document with this number, notation and issuing agency has come before."""

    def __init__(self, twin: Twin) -> None:
        number = f", số đến {twin.arrival_number}" if twin.arrival_number else ""
        super().__init__(
            f"Văn bản {twin.code} của {twin.sender_name} đã đến ngày "
            f"{clock.civil_date(twin.delivered_at):%d/%m/%Y}{number}. Nếu đúng là văn bản khác, "
            "hãy đánh dấu “Không phải văn bản trùng” rồi gửi lại."
        )


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the clerk writes down (input fields of an incoming document)."""

    sender_name: str
    type_name: str
    issued_on: date
    subject: str
    number: str = ""
    notation: str = ""
    signer_name: str = ""
    signer_position: str = ""
    urgency: Urgency = Urgency.ORDINARY
    #: What has a degree is entered without any file.
    secrecy: Secrecy = Secrecy.NONE
    page_count: int = 1
    language: str = outside_rules.VIETNAMESE
    to_places: str = ""
    description: str = ""
    #: Null: today.
    arrived_on: date | None = None
    due_on: date | None = None
    #: It is another document although number, notation and issuing agency are the same.
    not_a_duplicate: bool = False
    #: Give it its arrival number at once.
    register: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """What comes with the entry; bytes lie in the object store already."""

    origin: Origin
    external_id: str | None = None
    content: Sha256 | None = None
    #: Of the content; None where the clerk counts.
    page_count: int | None = None
    files: tuple[OutsideFile, ...] = ()
    recognised_text: str | None = None
    searchable: Sha256 | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    delivery_id: UUID
    #: None where it was not registered at once.
    arrival_id: UUID | None
    arrival_number: int | None

    @property
    def path(self) -> str:
        if self.arrival_id is None:
            return f"/incoming/deliveries/{self.delivery_id}"
        return f"/incoming/{self.arrival_id}"

    @property
    def said(self) -> str:
        if self.arrival_number is None:
            return "Đã tiếp nhận văn bản, chưa vào sổ."
        return f"Đã vào sổ, số đến {self.arrival_number}."


def refuse_secret_file(secrecy: Secrecy) -> None:
    """Before the bytes of a file are kept anywhere. Raises OutsideUnacceptable."""
    if fault := outside_rules.secret_fault(secrecy, is_paper=False):
        raise OutsideUnacceptable(fault, fields={"secrecy": fault})


def enter(
    session: Session, entry: Entry, brought: Brought, *, by: Principal, at: datetime
) -> Entered:
    """Take the document in, for the agency of the clerk.

    Raises ForClerksOnly, OutsideUnacceptable, DuplicateSuspected.
    """
    rules.check_clerk(by.position_kind)
    if not entry.not_a_duplicate:
        twins = outside_queries.twins(
            session, entry.number, entry.notation, entry.sender_name, agency_id=by.agency_id
        )
        if twins:
            raise DuplicateSuspected(twins[-1])
    delivery_id = outside.receive(session, _item(entry, brought, by=by, at=at), by=by, at=at)
    if not entry.register:
        return Entered(delivery_id, None, None)
    arrival = outside.register_at_once(session, delivery_id, by=by, at=at)
    return Entered(delivery_id, arrival.id, arrival.number)


def _item(entry: Entry, brought: Brought, *, by: Principal, at: datetime) -> OutsideDocument:
    return OutsideDocument(
        origin=brought.origin,
        recipient_unit_id=by.agency_id,
        external_id=brought.external_id,
        sender_name=entry.sender_name,
        type_name=entry.type_name,
        number=entry.number,
        notation=entry.notation,
        issued_on=entry.issued_on,
        subject=entry.subject,
        signer_name=entry.signer_name,
        signer_position=entry.signer_position,
        urgency=entry.urgency,
        secrecy=entry.secrecy,
        due_on=entry.due_on,
        language=entry.language,
        description=entry.description,
        to_places=entry.to_places,
        content=brought.content,
        page_count=brought.page_count or entry.page_count,
        files=brought.files,
        arrived_at=_arrived_at(entry, at),
        recognised_text=brought.recognised_text,
        searchable=brought.searchable,
    )


def _arrived_at(entry: Entry, at: datetime) -> datetime | None:
    """None: now. A paper that came on an earlier day came at noon of it, nobody knows better."""
    today = clock.civil_date(at)
    if entry.arrived_on is None or entry.arrived_on == today:
        return None
    if entry.arrived_on > today or entry.arrived_on < entry.issued_on:
        detail = "Ngày đến không thể trước ngày văn bản hoặc sau hôm nay."
        raise OutsideUnacceptable(detail, fields={"arrived_on": detail})
    return datetime.combine(entry.arrived_on, time(12), clock.VIETNAM)
