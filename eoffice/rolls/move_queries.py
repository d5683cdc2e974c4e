"""The book of pupils who came and went, as pages show and print it. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from eoffice.classes import staff_queries
from eoffice.classes.model import Pupil, SchoolClass
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.pupil_model import Movement
from eoffice.rolls import enrolment_actions, rules
from eoffice.rolls.model import MoveLine
from eoffice.rolls.rules import Direction
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Move:
    movement_id: UUID
    pupil_id: UUID
    direction: Direction
    number: int
    on: date
    #: số đăng bộ of the pupil; "" where they have none.
    enrolment_number: str
    code: str
    name: str
    born_on: date
    sex: str
    #: The class that was left or entered.
    class_name: str
    other_school: str
    reason: str
    decision: str
    papers: str
    papers_on: date | None
    papers_with: str
    note: str


def moves(
    session: Session,
    who: Principal,
    school_id: UUID,
    school_year: str,
    *,
    direction: Direction | None = None,
    text: str = "",
) -> tuple[Move, ...]:
    """Of a school year: who came before who went, each by number. Raises RollsNotYours."""
    rules.require_reader(staff_queries.actor(who), school_id)
    return of_year(session, school_id, school_year, direction=direction, text=text)


def of_year(
    session: Session,
    school_id: UUID,
    school_year: str,
    *,
    direction: Direction | None = None,
    text: str = "",
) -> tuple[Move, ...]:
    """The same. Asks nobody."""
    origin, target = aliased(SchoolClass), aliased(SchoolClass)
    query = (
        select(MoveLine, Movement, Pupil, func.coalesce(origin.name, ""), target.name)
        .join(Movement, Movement.id == MoveLine.movement_id)
        .join(Pupil, Pupil.id == Movement.pupil_id)
        .outerjoin(origin, origin.id == Movement.from_class_id)
        .outerjoin(target, target.id == Movement.to_class_id)
        .where(MoveLine.school_id == school_id, MoveLine.school_year == school_year)
        .order_by(MoveLine.direction, MoveLine.number)
    )
    if direction is not None:
        query = query.where(MoveLine.direction == direction)
    for word in rules.tidy(text).split():
        query = query.where(
            or_(
                func.vn_fold(Pupil.name).contains(func.vn_fold(word), autoescape=False),
                Pupil.code == word,
            )
        )
    rows = session.execute(query).all()
    numbers = enrolment_actions.numbers_of(session, [pupil.id for _, _, pupil, _, _ in rows])
    return tuple(
        Move(
            movement_id=line.movement_id,
            pupil_id=pupil.id,
            direction=line.direction,
            number=line.number,
            on=moved.on_day,
            enrolment_number=numbers.get(pupil.id, ""),
            code=pupil.code,
            name=pupil.name,
            born_on=pupil.born_on,
            sex=pupil.sex,
            class_name=entered if line.direction is Direction.IN else left,
            other_school=moved.other_school,
            reason=moved.reason,
            decision=moved.decision,
            papers=line.papers,
            papers_on=line.papers_on,
            papers_with=line.papers_with,
            note=line.note,
        )
        for line, moved, pupil, left, entered in rows
    )


def years(session: Session, school_id: UUID) -> tuple[str, ...]:
    """School years with a line, the newest first. Asks nobody."""
    return tuple(
        session.scalars(
            select(MoveLine.school_year)
            .where(MoveLine.school_id == school_id)
            .distinct()
            .order_by(MoveLine.school_year.desc())
        )
    )


def waiting(session: Session, school_id: UUID) -> int:
    """How many movements between schools have no line yet. Asks nobody."""
    return (
        session.scalar(
            select(func.count(Movement.id))
            .outerjoin(MoveLine, MoveLine.movement_id == Movement.id)
            .where(
                Movement.school_id == school_id,
                Movement.kind.in_([MovementKind.IN, MovementKind.OUT]),
                MoveLine.movement_id.is_(None),
            )
        )
        or 0
    )
