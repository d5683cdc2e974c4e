"""Sealed books are counted once, by the worker; a later version of a book takes the place."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from eoffice.classes.model import SchoolClass
from eoffice.classes.queries import pupils_of
from eoffice.marks import years
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.statistics import outcome_rules
from eoffice.statistics.model import CountedBook, ResultCount
from eoffice.statistics.outcome_rules import Kind


def uncounted(session: Session, *, limit: int) -> tuple[UUID, ...]:
    """Classes whose newest sealed book has not been counted, the longest sealed first."""
    return tuple(
        session.scalars(
            select(Gradebook.class_id)
            .outerjoin(CountedBook, CountedBook.gradebook_id == Gradebook.id)
            .where(
                Gradebook.kind == BookKind.CLASS_BOOK,
                Gradebook.state == State.CLOSED,
                CountedBook.class_id.is_(None),
            )
            .order_by(Gradebook.state_since)
            .limit(limit)
        )
    )


def count(session: Session, class_id: UUID, *, at: datetime) -> None:
    """Count the results of a class whose book is sealed. Idempotent."""
    book = session.scalars(
        select(Gradebook).where(
            Gradebook.class_id == class_id,
            Gradebook.kind == BookKind.CLASS_BOOK,
            Gradebook.state == State.CLOSED,
        )
    ).one()
    row = session.get_one(SchoolClass, class_id)
    year = years.of_class(session, class_id)
    counted: Counter[Kind] = Counter(
        outcome_rules.kind_of(pupil.sex, year.outcomes[pupil.code])
        for pupil in pupils_of(session, class_id)
    )
    session.execute(delete(CountedBook).where(CountedBook.class_id == class_id))
    session.add(
        CountedBook(
            class_id=class_id,
            gradebook_id=book.id,
            school_id=row.school_id,
            school_year=row.school_year,
            grade=row.grade,
            rule_set=row.rule_set,
            counted_at=at,
        )
    )
    session.flush()
    session.add_all(
        ResultCount(
            class_id=class_id,
            ordinal=ordinal,
            school_id=row.school_id,
            sex=kind.sex,
            learning=kind.learning,
            conduct=kind.conduct,
            outcome=kind.outcome,
            title=kind.title,
            pupils=pupils,
        )
        for ordinal, (kind, pupils) in enumerate(counted.items(), start=1)
    )
