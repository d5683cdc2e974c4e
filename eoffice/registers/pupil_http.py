"""Pupils for programs: one pupil, movements, who comes from another school; rules of a grade."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import SubjectKind
from eoffice.classes import curricula, movement_actions, pupil_queries, terms
from eoffice.classes.actions import NewPupil
from eoffice.classes.movement_actions import NewMovement
from eoffice.classes.movement_rules import BETWEEN_SCHOOLS, MovementKind, Standing
from eoffice.classes.particulars import NewGuardian, Relation
from eoffice.classes.pupil_queries import PupilView
from eoffice.marks import movement_actions as mark_movements
from eoffice.people import queries as people
from eoffice.people.kinds import UnitKind
from eoffice.rolls import move_actions
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class GuardianIn(msgspec.Struct, frozen=True, kw_only=True):
    relation: Relation
    name: str
    phone: str = ""
    email: str = ""


class MovementIn(msgspec.Struct, frozen=True, kw_only=True):
    kind: MovementKind
    on: date
    reason: str
    decision: str = ""
    #: Where the pupil comes from or goes to.
    other_school: str = ""
    #: The class in which the pupil sits afterwards.
    to_class_id: UUID | None = None


class AdmissionIn(msgspec.Struct, frozen=True, kw_only=True):
    """A pupil whom the school does not know yet, with the movement in."""

    code: str
    name: str
    born_on: date
    #: "Nam" or "Nữ".
    sex: str
    personal_id: str = ""
    birthplace: str = ""
    ethnicity: str = ""
    policy_group: str = ""
    address: str = ""
    permanent_address: str = ""
    father: str = ""
    mother: str = ""
    guardians: Annotated[list[GuardianIn], msgspec.Meta(max_length=5)] = []
    movement: MovementIn


class EnrolmentOut(msgspec.Struct, frozen=True, kw_only=True):
    class_id: UUID
    class_name: str
    school_year: str
    school: str
    from_on: date
    to_on: date | None


class MovementOut(msgspec.Struct, frozen=True, kw_only=True):
    kind: MovementKind
    on: date
    school: str
    from_class: str
    to_class: str
    other_school: str
    reason: str
    decision: str


class PupilOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    code: str
    personal_id: str | None
    name: str
    born_on: date
    sex: str
    birthplace: str
    ethnicity: str
    policy_group: str
    address: str
    permanent_address: str
    school: str
    standing: Standing
    guardians: list[GuardianIn]
    enrolments: list[EnrolmentOut]
    movements: list[MovementOut]


class GradeSubjectOut(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    kind: SubjectKind
    periods_per_year: int
    is_key: bool
    is_own: bool
    is_confirmed: bool


class GradeRulesOut(msgspec.Struct, frozen=True, kw_only=True):
    """What governs a grade in a school year, as the acting unit has it."""

    grade: int
    school_year: str
    rule_set: str
    terms: dict[str, Any]
    subjects: list[GradeSubjectOut]


@get("/pupils/{pupil_id:uuid}", sync_to_thread=True)
def show_pupil(request: Request, pupil_id: FromPath[UUID]) -> PupilOut:
    """A pupil with particulars, guardians, classes and movements."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(pupil_queries.pupil(session, pupil_id, who))


@post("/pupils/{pupil_id:uuid}/movements", sync_to_thread=True)
def move(
    request: Request,
    pupil_id: FromPath[UUID],
    data: JSONBody[MovementIn],
    once: NamedDependency[Once],
) -> Response[PupilOut]:
    """The pupil goes, leaves, returns or changes class."""
    who = principal(request)

    def work(session: Session) -> PupilOut:
        movement = NewMovement(**msgspec.structs.asdict(data))
        mark_movements.record(session, pupil_id, movement, by=who, at=clock.now())
        if movement.kind in BETWEEN_SCHOOLS:
            move_actions.enter_missing(session, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(pupil_queries.pupil(session, pupil_id, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/pupils/{out.id}")


@post("/pupils", sync_to_thread=True)
def admit(
    request: Request, data: JSONBody[AdmissionIn], once: NamedDependency[Once]
) -> Response[PupilOut]:
    """Take in a pupil who comes from another school."""
    who = principal(request)
    given = msgspec.structs.asdict(data)
    movement = NewMovement(**msgspec.structs.asdict(given.pop("movement")))
    guardians = tuple(NewGuardian(**msgspec.structs.asdict(one)) for one in given.pop("guardians"))

    def work(session: Session) -> PupilOut:
        moved = movement_actions.admit(
            session, NewPupil(**given, guardians=guardians), movement, by=who, at=clock.now()
        )
        move_actions.enter_missing(session, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(pupil_queries.pupil(session, moved.pupil_id, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/pupils/{out.id}")


@get("/grades/{grade:int}", sync_to_thread=True)
def show_grade(
    request: Request, grade: FromPath[int], school_year: FromQuery[str]
) -> GradeRulesOut:
    """The circular of a grade with its terms, and the subjects of the grade."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        rule_set = terms.rule_set_of(session, grade, school_year)
        is_school = people.unit(session, who.agency_id).kind is UnitKind.SCHOOL
        own = who.agency_id if is_school else None
        return GradeRulesOut(
            grade=grade,
            school_year=school_year,
            rule_set=rule_set,
            terms=terms.of_year(session, rule_set, school_year),
            subjects=[
                GradeSubjectOut(
                    code=one.code,
                    name=one.name,
                    kind=one.kind,
                    periods_per_year=one.periods_per_year,
                    is_key=one.is_key,
                    is_own=one.is_own,
                    is_confirmed=one.is_confirmed,
                )
                for one in curricula.of_grade(session, grade, school_year, own)
            ],
        )


def _out(view: PupilView) -> PupilOut:
    return PupilOut(
        id=view.id,
        code=view.code,
        personal_id=view.personal_id,
        name=view.name,
        born_on=view.born_on,
        sex=view.sex,
        birthplace=view.birthplace,
        ethnicity=view.ethnicity,
        policy_group=view.policy_group,
        address=view.address,
        permanent_address=view.permanent_address,
        school=view.school,
        standing=view.standing,
        guardians=[
            GuardianIn(relation=one.relation, name=one.name, phone=one.phone, email=one.email)
            for one in view.guardians
        ],
        enrolments=[
            EnrolmentOut(
                class_id=one.class_id,
                class_name=one.class_name,
                school_year=one.school_year,
                school=one.school,
                from_on=one.from_on,
                to_on=one.to_on,
            )
            for one in view.enrolments
        ],
        movements=[
            MovementOut(
                kind=one.kind,
                on=one.on,
                school=one.school,
                from_class=one.from_class,
                to_class=one.to_class,
                other_school=one.other_school,
                reason=one.reason,
                decision=one.decision,
            )
            for one in view.movements
        ],
    )


router = Router("/api/v1", route_handlers=[show_pupil, move, admit, show_grade], tags=["registers"])
