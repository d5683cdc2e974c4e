"""Many takers of numbers at one book, some of whom die before they commit; and the reckoning."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from eoffice import db
from eoffice.audit.model import AuditEvent
from eoffice.db import new_id
from eoffice.documents import actions
from eoffice.documents.model import Book, BookEntry, Document
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType, Secrecy, Urgency
from tests.cast import Cast

#: Of so many transactions in a row the last one dies.
ONE_DIES_OF = 5
_ROWS = 1_000


class Cut(Exception):
    """The process dies here."""


def signed_documents(cast: Cast, count: int, *, at: datetime) -> list[UUID]:
    """Documents of one unit that only wait for their numbers."""
    made = [new_id() for _ in range(count)]
    for first in range(0, count, _ROWS):
        with db.system_transaction() as session:
            session.execute(
                insert(Document),
                [
                    {
                        "id": document_id,
                        "agency_id": cast.department.id,
                        "drafting_unit_id": cast.technology_office.id,
                        "type": DocumentType.DISPATCH,
                        "subject": f"thử cấp số lần {first + turn}",
                        "urgency": Urgency.ORDINARY,
                        "secrecy": Secrecy.NONE,
                        "circulation": "",
                        "state": State.SIGNED,
                        "created_by": cast.specialist.person_id,
                        "created_at": at,
                        "state_since": at,
                        "signer_id": cast.director.person_id,
                        "signer_capacity": "GIÁM ĐỐC",
                    }
                    for turn, document_id in enumerate(made[first : first + _ROWS], start=1)
                ],
            )
    return made


def take_all(cast: Cast, documents: Sequence[UUID], *, threads: int, at: datetime) -> int:
    """Number every document, as the clerk does; how many transactions died on the way.

    Every fifth transaction, counted over all threads, dies after it took its number and before it
    commits; the document comes again in the next one.
    """
    turns = itertools.count(1)

    def work(document_id: UUID) -> int:
        died = 0
        while True:
            try:
                with db.transaction(cast.clerk.acting) as session:
                    actions.take_number(session, document_id, by=cast.clerk, at=at)
                    session.flush()
                    if next(turns) % ONE_DIES_OF == 0:
                        raise Cut
            except Cut:
                died += 1
            else:
                return died

    with ThreadPoolExecutor(threads) as takers:
        return sum(takers.map(work, documents))


def check_book(cast: Cast, documents: Sequence[UUID]) -> None:
    """No gap, no double; book, documents and log say the same."""
    with db.system_transaction() as session:
        (book,) = session.scalars(select(Book).where(Book.agency_id == cast.department.id))
        entries = session.execute(
            select(BookEntry.number, BookEntry.document_id)
            .where(BookEntry.book_id == book.id)
            .order_by(BookEntry.number)
        ).all()
        numbers = session.execute(
            select(Document.number, Document.id)
            .where(Document.state == State.NUMBERED)
            .order_by(Document.number)
        ).all()
        told = session.scalars(
            select(AuditEvent.object_id).where(AuditEvent.action == "document.number")
        ).all()
    assert [row.number for row in entries] == list(range(1, len(documents) + 1))
    assert book.last_number == len(documents)
    assert [tuple(row) for row in numbers] == [tuple(row) for row in entries]
    assert {row.document_id for row in entries} == set(documents)
    assert sorted(told) == sorted(documents)
