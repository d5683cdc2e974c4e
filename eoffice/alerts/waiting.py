"""What awaits a person in all their positions, by the queries that fill their desk.

Each query asks row-level security for itself, so an alert never tells what the desk would not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.alerts import told
from eoffice.alerts.states import Awaits
from eoffice.documents import queries as documents
from eoffice.documents.model import Document
from eoffice.documents.types import Secrecy
from eoffice.registers import gradebook_queries as gradebooks
from eoffice.registers import states as register_states
from eoffice.routing import queries as routing
from eoffice.routing import reminders
from eoffice.routing.model import Delivery
from eoffice.web.principal import Principal

#: Of one person at a time; who has more is told of the latest.
MOST_REMINDERS: Final = 100
#: Of a document that is secret, no subject leaves the office.
UNNAMED: Final = "Văn bản mật: xem trong hệ thống"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that awaits somebody."""

    awaits: Awaits
    object_id: UUID
    since: datetime
    #: What it is about, in one line.
    subject: str
    #: Page on which the step is taken.
    path: str
    #: Last day of the step.
    due_on: date | None


def items(session: Session, who: Principal, *, at: datetime) -> tuple[Item, ...]:
    """In a transaction of `who`; those with the earliest deadline first, then the oldest."""
    found = {
        (item.awaits, item.object_id): item
        for part in (
            _documents(session, who),
            _routed(session, who, at),
            _reminders(session, who, at),
            _gradebooks(session, who),
            _told(session, who),
        )
        for item in part
    }
    return ordered(found.values())


def ordered(found: Iterable[Item]) -> tuple[Item, ...]:
    """The earliest deadline first; what has none comes after, the oldest first."""
    return tuple(sorted(found, key=lambda each: (each.due_on or date.max, each.since, each.path)))


def _documents(session: Session, who: Principal) -> Iterator[Item]:
    lines = documents.awaiting(session, who)
    secret = frozenset(
        session.scalars(
            select(Document.id).where(
                Document.id.in_([line.id for line in lines]), Document.secrecy != Secrecy.NONE
            )
        )
    )
    for line in lines:
        yield Item(
            Awaits.DOCUMENT,
            line.id,
            line.state_since,
            UNNAMED if line.id in secret else line.subject,
            f"/documents/{line.id}",
            None,
        )


def _routed(session: Session, who: Principal, at: datetime) -> Iterator[Item]:
    desk = routing.desk(session, who=who, at=at)
    lists: Mapping[Awaits, tuple[routing.Waiting, ...]] = {
        Awaits.TO_REGISTER: desk.to_register,
        Awaits.TO_SUBMIT: desk.to_submit,
        Awaits.TO_ASSIGN: desk.to_assign,
        Awaits.TO_WORK_ON: desk.to_work_on,
        Awaits.TO_KNOW: desk.to_know,
    }
    secret = frozenset(
        session.scalars(
            select(Delivery.id).where(
                Delivery.id.in_([line.delivery_id for lines in lists.values() for line in lines]),
                Delivery.secrecy != Secrecy.NONE,
            )
        )
    )
    for awaits, lines in lists.items():
        for line in lines:
            yield Item(
                awaits,
                line.arrival_id or line.delivery_id,
                line.since,
                UNNAMED if line.delivery_id in secret else f"{line.sender_name}: {line.subject}",
                line.path,
                line.due_on,
            )
    for notice in desk.notices:
        yield Item(Awaits.NOTICE, notice.id, notice.created_at, notice.text, notice.path, None)


def _reminders(session: Session, who: Principal, at: datetime) -> Iterator[Item]:
    """What others asked for and remind of; told once, however long it stays on the desk."""
    today = clock.civil_date(at)
    for each in reminders.unread(session, who=who, today=today, limit=MOST_REMINDERS):
        yield Item(Awaits.REMINDER, each.id, each.created_at, each.text, each.path, None)


def _told(session: Session, who: Principal) -> Iterator[Item]:
    for each in told.unread(session, who.person_id):
        yield Item(
            Awaits(each.kind.value), each.id, each.told_at, each.text, each.path, each.due_on
        )


def _gradebooks(session: Session, who: Principal) -> Iterator[Item]:
    for book in gradebooks.awaiting(session, who):
        yield Item(
            Awaits.GRADEBOOK,
            book.gradebook_id,
            book.state_since,
            f"{book.name}: {register_states.NAMES[book.state].lower()}",
            f"/registers/gradebooks/{book.gradebook_id}",
            None,
        )
