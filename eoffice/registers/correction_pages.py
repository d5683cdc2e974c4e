"""Sửa điểm trong sổ đã khóa: the cell is chosen, asked for, decided, and versions are compared."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import ConductTime, TraitTime
from eoffice.audit import queries as audit
from eoffice.classes import staff_queries
from eoffice.errors import Refusal
from eoffice.files import http as files
from eoffice.marks.results import Session as HalfDay
from eoffice.registers import (
    comparing,
    correction_actions,
    correction_cells,
    correction_files,
    correction_lists,
    correction_queries,
    correction_states,
    gradebook_queries,
)
from eoffice.registers.correction_actions import LONGEST_REASON, CellUnknown, Wanted
from eoffice.registers.correction_cells import (
    AbsencePlace,
    CellKind,
    ConductPlace,
    MarkPlace,
    Place,
    TraitPlace,
)
from eoffice.registers.gradebook_queries import GradebookView
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The cell by its kind: of a mark `subject`, `semester`, `part` and `place`; of conduct `time`;
    of a quality or competence `trait` and `time`; of a session of attendance `on` and `half`.
    """

    pupil_id: UUID
    kind: CellKind = CellKind.MARK
    subject: Annotated[str, msgspec.Meta(max_length=20)] = ""
    semester: Semester = Semester.FIRST
    part: Part = Part.REGULAR
    place: Annotated[int, msgspec.Meta(ge=1, le=99)] = 1
    #: "1", "2", "year", "summer" of conduct; "middle_1", "end_1", "middle_2", "end_2" of a trait.
    time: Annotated[str, msgspec.Meta(max_length=20)] = ""
    trait: Annotated[str, msgspec.Meta(max_length=20)] = ""
    on: date | None = None
    half: HalfDay = HalfDay.MORNING
    text: Annotated[str, msgspec.Meta(max_length=40)] = ""
    reason: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] = ""

    @property
    def at(self) -> Place:
        """Raises CellUnknown."""
        if self.kind is CellKind.MARK:
            return MarkPlace(self.subject, self.semester, self.part, self.place)
        if self.kind is CellKind.CONDUCT and self.time in list(ConductTime):
            return ConductPlace(ConductTime(self.time))
        if self.kind is CellKind.TRAIT and self.time in list(TraitTime):
            return TraitPlace(self.trait, TraitTime(self.time))
        if self.kind is CellKind.ABSENCE and self.on is not None:
            return AbsencePlace(self.on, self.half)
        raise CellUnknown("Chưa rõ ô cần sửa: thiếu ngày, hoặc không có thời điểm đánh giá này.")

    @property
    def wanted(self) -> Wanted:
        """Raises CellUnknown."""
        return Wanted(self.pupil_id, self.at, self.text)


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    because: Annotated[str, msgspec.Meta(max_length=LONGEST_REASON)] = ""


@get("/registers/gradebooks/{gradebook_id:uuid}/cells", sync_to_thread=True)
def show_cells(
    request: Request,
    gradebook_id: FromPath[UUID],
    subject: FromQuery[str | None] = None,
    semester: FromQuery[Semester] = Semester.FIRST,
) -> Response[bytes]:
    """The marks of a closed book by subject and semester; each leads to its request."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        book = gradebook_queries.gradebook(session, gradebook_id, who)
        correction_actions.require_correctable(session, gradebook_id)
        if subject is None:
            subject = _own_subject(session, book, who)
        shown = correction_lists.page_of_book(session, book, subject, semester)
        may_ask = _may_ask(session, book, shown.sample, who)
    return page(
        request,
        "registers/cells.html",
        book=book,
        shown=shown,
        may_ask=may_ask,
        here=f"/registers/gradebooks/{gradebook_id}",
        semesters=[(Semester.FIRST.value, "Học kì I"), (Semester.SECOND.value, "Học kì II")],
        halves=[(half.value, f"Buổi {name}") for half, name in correction_cells.HALF_NAMES.items()],
        form=FormState(),
    )


@get("/registers/gradebooks/{gradebook_id:uuid}/corrections/new", sync_to_thread=True)
def new_correction(
    request: Request,
    gradebook_id: FromPath[UUID],
    pupil_id: FromQuery[UUID],
    kind: FromQuery[CellKind] = CellKind.MARK,
    subject: FromQuery[str] = "",
    semester: FromQuery[Semester] = Semester.FIRST,
    part: FromQuery[Part] = Part.REGULAR,
    place: FromQuery[int] = 1,
    time: FromQuery[str] = "",
    trait: FromQuery[str] = "",
    on: FromQuery[date | None] = None,
    half: FromQuery[HalfDay] = HalfDay.MORNING,
) -> Response[bytes]:
    """The form beside the cell."""
    asked = Asked(
        pupil_id=pupil_id,
        kind=kind,
        subject=subject,
        semester=semester,
        part=part,
        place=place,
        time=time,
        trait=trait,
        on=on,
        half=half,
    )
    return _form(request, gradebook_id, asked, FormState())


@post(
    "/registers/gradebooks/{gradebook_id:uuid}/corrections",
    sync_to_thread=True,
    request_max_body_size=files.UPLOAD_BODY,
)
def ask(
    request: Request,
    gradebook_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ask for a correction of one cell."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    entered = form.parse(Asked)
    try:
        evidence = correction_files.kept(form)

        def work(session: Session) -> See:
            made = correction_actions.request(
                session,
                gradebook_id,
                entered.wanted,
                entered.reason,
                evidence,
                by=who,
                at=clock.now(),
            )
            return See(
                f"/registers/corrections/{made}",
                said="Đã gửi đề nghị sửa. Hiệu trưởng sẽ quyết định.",
            )

        return once.see(work)
    except Refusal as refusal:
        return _form(request, gradebook_id, entered, form.refused(refusal), status=refusal.status)


@get("/registers/corrections", sync_to_thread=True)
def listing(request: Request, every: FromQuery[bool] = False) -> Response[bytes]:
    """Requests: what I must decide, and those of my classes."""
    return _listing(request, every, FormState())


@post("/registers/corrections/approval", sync_to_thread=True)
def approve_several(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Approve the ticked requests of one book: one version tells them all."""
    who = principal(request)
    try:
        ids = [UUID(one) for one in form.all("correction")]

        def work(session: Session) -> See:
            made = correction_actions.approve(session, ids, "", by=who, at=clock.now())
            return See(f"/registers/gradebooks/{made}", said=_APPROVED)

        return once.see(work)
    except Refusal as refusal:
        return _listing(request, False, form.refused(refusal), status=refusal.status)


@get("/registers/corrections/{correction_id:uuid}", sync_to_thread=True)
def show(request: Request, correction_id: FromPath[UUID]) -> Response[bytes]:
    """One request: the cell, why, the evidence, what became of it, and the decision."""
    return _show(request, correction_id, FormState())


@get("/registers/corrections/{correction_id:uuid}/evidence", sync_to_thread=True)
def evidence(request: Request, correction_id: FromPath[UUID]) -> Response[bytes]:
    """The file that shows why."""
    content, media_type, name = correction_files.evidence(correction_id, by=principal(request))
    return files.download(content, media_type, name)


@post("/registers/corrections/{correction_id:uuid}/approval", sync_to_thread=True)
def approve(
    request: Request,
    correction_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Approve one request."""
    who = principal(request)
    try:
        because = form.parse(Decided).because

        def work(session: Session) -> See:
            made = correction_actions.approve(
                session, [correction_id], because, by=who, at=clock.now()
            )
            return See(f"/registers/gradebooks/{made}", said=_APPROVED)

        return once.see(work)
    except Refusal as refusal:
        return _show(request, correction_id, form.refused(refusal), status=refusal.status)


@post("/registers/corrections/{correction_id:uuid}/refusal", sync_to_thread=True)
def refuse(
    request: Request,
    correction_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Refuse one request, with the reason."""
    who = principal(request)
    try:
        because = form.parse(Decided).because

        def work(session: Session) -> See:
            correction_actions.refuse(session, correction_id, because, by=who, at=clock.now())
            return See(f"/registers/corrections/{correction_id}", said="Đã ghi là không duyệt.")

        return once.see(work)
    except Refusal as refusal:
        return _show(request, correction_id, form.refused(refusal), status=refusal.status)


@post("/registers/corrections/{correction_id:uuid}/withdrawal", sync_to_thread=True)
def withdraw(
    request: Request, correction_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Take my own request back."""
    who = principal(request)

    def work(session: Session) -> See:
        correction_actions.withdraw(session, correction_id, by=who, at=clock.now())
        return See(f"/registers/corrections/{correction_id}", said="Đã rút đề nghị.")

    return once.see(work)


@get("/registers/gradebooks/{gradebook_id:uuid}/comparison/{other_id:uuid}", sync_to_thread=True)
def compare(
    request: Request, gradebook_id: FromPath[UUID], other_id: FromPath[UUID]
) -> Response[bytes]:
    """Two versions of a book, cell by cell."""
    found = comparing.compare(gradebook_id, other_id, by=principal(request))
    return page(
        request,
        "registers/comparison.html",
        old=found.old,
        new=found.new,
        entered=[one for one in found.differences if one.is_entered],
        computed=[one for one in found.differences if not one.is_entered],
    )


_APPROVED = "Đã duyệt. Bản sửa đang được lập, sau đó chờ những người có liên quan ký."


def _own_subject(session: Session, book: GradebookView, who: Principal) -> str | None:
    """The first subject that the person teaches in the class; None for who teaches none."""
    assert book.class_id is not None
    team = staff_queries.staff(session, book.class_id)
    taught = [code for code, teacher in team.subject_teachers.items() if teacher == who.person_id]
    return taught[0] if taught and who.person_id != team.homeroom_teacher_id else None


def _may_ask(session: Session, book: GradebookView, place: Place, who: Principal) -> bool:
    assert book.class_id is not None
    team = staff_queries.staff(session, book.class_id)
    return correction_actions.may_ask(staff_queries.actor(who), team, place)[0]


def _form(
    request: Request, gradebook_id: UUID, asked: Asked, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    place = asked.at
    with db.transaction(who.acting) as session:
        book = gradebook_queries.gradebook(session, gradebook_id, who)
        correction_actions.require_correctable(session, gradebook_id)
        cell = correction_queries.cell_now(session, book, asked.pupil_id, place)
    return page(
        request,
        "registers/correction_new.html",
        status=status,
        book=book,
        asked=asked,
        fields=correction_lists.fields(place),
        back=correction_lists.list_of(place),
        cell=cell,
        form=form,
        here=f"/registers/gradebooks/{gradebook_id}",
    )


def _show(
    request: Request, correction_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = correction_queries.correction(session, correction_id, who)
        book = gradebook_queries.gradebook(session, view.gradebook_id, who)
        history = audit.history(session, "book_correction", correction_id)
    return page(
        request,
        "registers/correction.html",
        status=status,
        one=view,
        book=book,
        form=form,
        here=f"/registers/corrections/{correction_id}",
        state_name=correction_states.NAMES[view.state],
        tone=correction_states.TONES[view.state],
        history=history,
    )


def _listing(
    request: Request, every: bool, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = correction_queries.corrections(session, who, is_open=not every)
    books: dict[UUID, list[correction_queries.CorrectionView]] = {}
    for row in rows:
        if row.may_decide:
            books.setdefault(row.gradebook_id, []).append(row)
    return page(
        request,
        "registers/corrections.html",
        status=status,
        books=books,
        rows=rows,
        chips=[
            ("Chưa xong", "/registers/corrections", not every),
            ("Tất cả", "/registers/corrections?every=true", every),
        ],
        form=form,
        names=correction_states.NAMES,
        tones=correction_states.TONES,
    )


HANDLERS = (
    show_cells,
    new_correction,
    ask,
    listing,
    approve_several,
    show,
    evidence,
    approve,
    refuse,
    withdraw,
    compare,
)
