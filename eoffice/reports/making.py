"""What a part is made of: the pupils of a closed class book, and what each of them lacks."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice.classes.model import Enrolment, Pupil
from eoffice.clock import civil_date
from eoffice.registers.model import Gradebook


@dataclass(frozen=True, slots=True)
class ListedPupil:
    """A pupil who was in the class when its book was made."""

    pupil_id: UUID
    identity_id: UUID
    code: str
    name: str
    ordinal: int
    #: What keeps the part from being made; empty where nothing does.
    missing: tuple[str, ...]


def listed(session: Session, book: Gradebook) -> tuple[ListedPupil, ...]:
    """In the order of the class list; whoever had left before the book was made is not in it."""
    rows = session.execute(
        select(Pupil, Enrolment.ordinal)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(
            Enrolment.class_id == book.class_id,
            or_(Enrolment.to_on.is_(None), Enrolment.to_on >= civil_date(book.requested_at)),
        )
        .order_by(Enrolment.ordinal)
    )
    return tuple(
        ListedPupil(pupil.id, pupil.identity_id, pupil.code, pupil.name, ordinal, ())
        for pupil, ordinal in rows
    )
