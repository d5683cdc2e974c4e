"""Pages of one pupil: particulars, the way through classes and schools, movements; and who teaches.

They lie here because a movement takes marks along, and a class that a book binds shows its book.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.classes import actions, movement_actions, pupil_queries, rules, staff_queries
from eoffice.classes import movement_rules as moving
from eoffice.classes.actions import NewPupil
from eoffice.classes.movement_actions import NewMovement
from eoffice.classes.movement_rules import MovementKind, Standing
from eoffice.classes.particulars import RELATION_NAMES, NewGuardian, Relation
from eoffice.errors import Refusal
from eoffice.marks import movement_actions as mark_movements
from eoffice.people import queries as people
from eoffice.registers import class_queries
from eoffice.rolls import move_actions
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

#: Guardians that a form has room for.
GUARDIANS = 3


class MovementForm(msgspec.Struct, frozen=True, kw_only=True):
    kind: MovementKind
    on: date
    reason: str
    decision: str = ""
    other_school: str = ""
    to_class_id: UUID | None = None


class PupilForm(msgspec.Struct, frozen=True, kw_only=True):
    code: str = ""
    name: str
    born_on: date
    sex: str
    personal_id: str = ""
    birthplace: str = ""
    ethnicity: str = ""
    policy_group: str = ""
    address: str = ""
    permanent_address: str = ""
    father: str = ""
    mother: str = ""


class CameForm(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    reason: str
    other_school: str
    decision: str = ""


class TeachingForm(msgspec.Struct, frozen=True, kw_only=True):
    #: Code of the subject; "" for the homeroom.
    subject: str = ""
    teacher_id: UUID
    on: date


@get("/registers/pupils/{pupil_id:uuid}", sync_to_thread=True)
def show_pupil(request: Request, pupil_id: FromPath[UUID]) -> Response[bytes]:
    """A pupil with particulars, guardians, classes and movements."""
    return _pupil(request, pupil_id, FormState())


@post("/registers/pupils/{pupil_id:uuid}/movements", sync_to_thread=True)
def move(
    request: Request,
    pupil_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The pupil goes, leaves, returns or changes class."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(MovementForm)
        movement = NewMovement(
            entered.kind,
            entered.on,
            entered.reason,
            entered.decision,
            entered.other_school,
            entered.to_class_id,
        )
        mark_movements.record(session, pupil_id, movement, by=who, at=clock.now())
        if entered.kind in moving.BETWEEN_SCHOOLS:
            move_actions.enter_missing(session, by=who, at=clock.now())
        name = moving.KIND_NAMES[entered.kind]
        return See(f"/registers/pupils/{pupil_id}", said=f"Đã ghi: {name}, {entered.on:%d/%m/%Y}.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _pupil(request, pupil_id, form.refused(refusal), status=refusal.status)


@get("/registers/pupils/{pupil_id:uuid}/particulars", sync_to_thread=True)
def show_particulars(request: Request, pupil_id: FromPath[UUID]) -> Response[bytes]:
    """The form in which what is known of the pupil is corrected."""
    return _particulars(request, pupil_id, None)


@post("/registers/pupils/{pupil_id:uuid}/particulars", sync_to_thread=True)
def correct(
    request: Request,
    pupil_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Write what is known of the pupil anew, with a reason."""
    who = principal(request)

    def work(session: Session) -> See:
        movement_actions.correct(
            session, pupil_id, _new_pupil(form), form["reason"], by=who, at=clock.now()
        )
        return See(f"/registers/pupils/{pupil_id}", said="Đã sửa lý lịch học sinh.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _particulars(request, pupil_id, form.refused(refusal), status=refusal.status)


@get("/registers/classes/{class_id:uuid}/pupils", sync_to_thread=True)
def show_admission(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """The form in which a pupil is taken in who comes from another school."""
    return _admission(request, class_id, FormState())


@post("/registers/classes/{class_id:uuid}/pupils", sync_to_thread=True)
def admit(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Take in a pupil who comes from another school."""
    who = principal(request)

    def work(session: Session) -> See:
        came = form.parse(CameForm)
        moved = movement_actions.admit(
            session,
            _new_pupil(form),
            NewMovement(
                MovementKind.IN, came.on, came.reason, came.decision, came.other_school, class_id
            ),
            by=who,
            at=clock.now(),
        )
        move_actions.enter_missing(session, by=who, at=clock.now())
        return See(f"/registers/pupils/{moved.pupil_id}", said="Đã nhận học sinh chuyển đến.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _admission(request, class_id, form.refused(refusal), status=refusal.status)


@get("/registers/classes/{class_id:uuid}/teaching", sync_to_thread=True)
def show_teaching(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """Who teaches the class, from when to when."""
    return _teaching(request, class_id, FormState())


@post("/registers/classes/{class_id:uuid}/teaching", sync_to_thread=True)
def assign(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Give a subject, or the class itself, to another teacher from a day on."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(TeachingForm)
        actions.assign_teachers(
            session,
            class_id,
            homeroom_teacher_id=None if entered.subject else entered.teacher_id,
            subject_teachers={entered.subject: entered.teacher_id} if entered.subject else {},
            on=entered.on,
            by=who,
            at=clock.now(),
        )
        return See(f"/registers/classes/{class_id}/teaching", said="Đã phân công giáo viên.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _teaching(request, class_id, form.refused(refusal), status=refusal.status)


def _pupil(
    request: Request, pupil_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = pupil_queries.pupil(session, pupil_id, who)
        history = audit.history(session, "pupil", pupil_id)
        may_write = rules.may_open_classes(staff_queries.actor(who), view.school_id)
        classes = _classes(session, who) if may_write else []
    kinds = moving.possible(view.standing) if may_write else ()
    return page(
        request,
        "registers/pupil.html",
        section="registers",
        status=status,
        pupil=view,
        form=form,
        kinds=[(kind.value, moving.KIND_NAMES[kind]) for kind in kinds],
        kind_names=moving.KIND_NAMES,
        classes=classes,
        needs_class=any(kind in moving.INTO_A_CLASS for kind in kinds),
        needs_school=any(kind in moving.BETWEEN_SCHOOLS for kind in kinds),
        standing=moving.NAMES[view.standing],
        tone=moving.TONES[view.standing],
        is_attending=view.standing is Standing.ATTENDING,
        relations=RELATION_NAMES,
        today=clock.civil_date(clock.now()),
        may_write=may_write,
        history=history,
    )


def _particulars(
    request: Request, pupil_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = pupil_queries.pupil(session, pupil_id, who)
    if form is None:
        kept = {name: getattr(view, name) or "" for name in PupilForm.__struct_fields__}
        for number, one in enumerate(view.guardians[:GUARDIANS], start=1):
            kept |= {
                f"relation_{number}": one.relation.value,
                f"guardian_{number}": one.name,
                f"phone_{number}": one.phone,
                f"email_{number}": one.email,
            }
        form = FormState.of(**kept)
    return page(
        request,
        "registers/particulars.html",
        section="registers",
        status=status,
        pupil=view,
        school_class=None,
        form=form,
        relations=[(one.value, name) for one, name in RELATION_NAMES.items()],
        numbers=range(1, GUARDIANS + 1),
        today=clock.civil_date(clock.now()),
    )


def _admission(
    request: Request, class_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = class_queries.school_class(session, class_id, who)
    return page(
        request,
        "registers/particulars.html",
        section="registers",
        status=status,
        pupil=None,
        school_class=view,
        form=form,
        relations=[(one.value, name) for one, name in RELATION_NAMES.items()],
        numbers=range(1, GUARDIANS + 1),
        today=clock.civil_date(clock.now()),
    )


def _teaching(
    request: Request, class_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = class_queries.school_class(session, class_id, who)
        taught = pupil_queries.teaching(session, class_id, who)
        employed = people.persons_in(session, view.school_id, at=clock.now())
    may_write = rules.may_open_classes(staff_queries.actor(who), view.school_id)
    return page(
        request,
        "registers/teaching.html",
        section="registers",
        status=status,
        school_class=view,
        taught=taught,
        form=form,
        subjects=[("", "Chủ nhiệm lớp"), *((one.code, one.name) for one in view.subjects)],
        teachers=[(str(one.person_id), f"{one.full_name}, {one.title}") for one in employed],
        today=clock.civil_date(clock.now()),
        may_write=may_write and not view.is_bound,
    )


def _classes(session: Session, who: Principal) -> list[tuple[str, str]]:
    """Those of the newest school year, into which a pupil may come."""
    rows = [row for row in class_queries.classes(session, who) if row.school_id == who.agency_id]
    newest = max((row.school_year for row in rows), default="")
    return [
        (str(row.id), f"Lớp {row.name}, năm học {row.school_year}")
        for row in rows
        if row.school_year == newest
    ]


def _new_pupil(form: Form) -> NewPupil:
    entered = form.parse(PupilForm)
    guardians = tuple(
        NewGuardian(
            Relation(form[f"relation_{number}"])
            if form[f"relation_{number}"] in list(Relation)
            else Relation.GUARDIAN,
            form[f"guardian_{number}"],
            form[f"phone_{number}"],
            form[f"email_{number}"],
        )
        for number in range(1, GUARDIANS + 1)
        if form[f"guardian_{number}"].strip()
    )
    return NewPupil(**msgspec.structs.asdict(entered), guardians=guardians)


HANDLERS = (
    show_pupil,
    move,
    show_particulars,
    correct,
    show_admission,
    admit,
    show_teaching,
    assign,
)
