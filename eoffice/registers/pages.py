"""Pages of registers: my classes, a class, bringing in marks, results, the gradebook to sign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.errors import Invalid, Refusal
from eoffice.registers import (
    actions,
    gradebooks,
    importing,
    marks_sheet,
    printed,
    queries,
    results,
    rules,
    signatures,
    states,
    uploads,
    waiting,
)
from eoffice.registers.actions import NewAbsence
from eoffice.registers.http import UPLOAD_BODY, file_answer, picture, uploaded
from eoffice.registers.queries import ClassView, GradebookView, Value
from eoffice.registers.results import Session as HalfDay
from eoffice.registers.rules_tt22 import Incomplete, LearningResult, Level, Part, Semester
from eoffice.registers.states import SignatureKind, State
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

LEVELS = tuple((level.value, printed.word(level.value)) for level in Level)
#: What can be chosen for a pupil in half a day: nothing, with leave, without.
_PRESENCE = (("", "Có mặt"), ("P", "Nghỉ có phép (P)"), ("K", "Nghỉ không phép (K)"))
_PART_NAMES = {Part.REGULAR: "ĐĐGtx", Part.MIDTERM: "ĐĐGgk", Part.FINAL: "ĐĐGck"}


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    pin: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    field: str | None = None


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=5, max_length=gradebooks.LONGEST_REASON)]


class Remarked(msgspec.Struct, frozen=True, kw_only=True):
    month: date
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=actions.LONGEST_REMARK)]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    on: date


@get("/registers", sync_to_thread=True)
def listing(request: Request, year: FromQuery[str] = "") -> Response[bytes]:
    """Sổ sách: what awaits my signature, and the classes."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = queries.classes(session, who)
        awaited = queries.awaiting(session, who)
    years = sorted({row.school_year for row in rows}, reverse=True)
    return page(
        request,
        "registers/list.html",
        awaited=awaited,
        rows=[row for row in rows if year in ("", row.school_year)],
        schools=len({row.school_id for row in rows}),
        chips=[("Tất cả năm học", "/registers", year == "")]
        + [(each, f"/registers?year={each}", each == year) for each in years],
        names=states.NAMES,
        tones=waiting.TONES,
    )


@get("/registers/classes/{class_id:uuid}", sync_to_thread=True)
def show_class(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """A class: pupils, subjects, progress of marks, and what I can do."""
    return _class(request, class_id, FormState())


@post(
    "/registers/classes/{class_id:uuid}/imports",
    sync_to_thread=True,
    request_max_body_size=UPLOAD_BODY,
)
def upload(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Bring in a workbook; the next page lists its faults or what it would change."""
    if (kept := once.kept()) is not None:
        return kept
    try:
        name, content = uploaded(form)

        def within(last: Callable[[Session], UUID]) -> Response[bytes]:
            return once.see(lambda session: See(f"/registers/imports/{last(session)}"))

        return uploads.upload(class_id, name, content, by=principal(request), within=within)
    except Refusal as refusal:
        return _class(request, class_id, form.refused(refusal), status=refusal.status)


@get("/registers/classes/{class_id:uuid}/template", sync_to_thread=True)
def template(
    request: Request, class_id: FromPath[UUID], subject: FromQuery[str | None] = None
) -> Response[bytes]:
    """Sheets to fill in."""
    content = uploads.template(class_id, subject, by=principal(request))
    return file_answer(content, uploads.XLSX, f"bang-diem-{subject or 'tat-ca'}.xlsx")


@get("/registers/imports/{import_id:uuid}", sync_to_thread=True)
def show_import(request: Request, import_id: FromPath[UUID]) -> Response[bytes]:
    """An upload: its faults by sheet, row and column; or what accepting it changes."""
    return _import(request, import_id, FormState())


@post("/registers/imports/{import_id:uuid}/acceptance", sync_to_thread=True)
def accept(
    request: Request, import_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Write the marks into the register."""
    who = principal(request)

    def work(session: Session) -> See:
        done = importing.accept(session, import_id, by=who, at=clock.now())
        class_id = queries.import_class(session, import_id)
        return See(
            f"/registers/classes/{class_id}",
            said=f"Đã ghi vào sổ: {done.added} điểm mới, {done.changed} điểm sửa, "
            f"{done.removed} điểm bỏ.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        shown = FormState(detail=refusal.detail)
        return _import(request, import_id, shown, status=refusal.status)


@get("/registers/classes/{class_id:uuid}/results", sync_to_thread=True)
def show_results(
    request: Request, class_id: FromPath[UUID], period: FromQuery[str] = "year"
) -> Response[bytes]:
    """What follows from the marks as they stand, for a semester or the year."""
    who = principal(request)
    chosen = next((semester for semester in Semester if semester.value == period), None)
    with db.transaction(who.acting) as session:
        view = queries.school_class(session, class_id, who)
        source, found = queries.results(session, class_id, who, at=clock.now())
    here = f"/registers/classes/{class_id}/results"
    rows = []
    for pupil in source.pupils:
        one = found[pupil.code]
        summary = one.year if chosen is None else one.semesters[chosen]
        learning = summary.learning
        rows.append(
            {
                "name": pupil.name,
                "subjects": [
                    _shown(
                        one.subjects[subject.code].year
                        if chosen is None
                        else one.subjects[subject.code].semesters[chosen]
                    )
                    for subject in source.subjects
                ],
                "learning": printed.word(learning.level.value)
                if isinstance(learning, LearningResult)
                else "",
                "is_adjusted": isinstance(learning, LearningResult) and learning.is_adjusted,
                "conduct": printed.word(summary.conduct),
                "absences": one.excused + one.unexcused,
                "promotion": printed.word(one.promotion) if chosen is None else "",
                "title": printed.word(one.title) if chosen is None else "",
                "gaps": list(results.gaps(source.subjects, one)),
            }
        )
    return page(
        request,
        "registers/results.html",
        school_class=view,
        subjects=[subject.name for subject in source.subjects],
        rows=rows,
        is_year=chosen is None,
        chips=[
            ("Học kì I", f"{here}?period=1", chosen is Semester.FIRST),
            ("Học kì II", f"{here}?period=2", chosen is Semester.SECOND),
            ("Cả năm", here, chosen is None),
        ],
    )


@get("/registers/classes/{class_id:uuid}/conduct", sync_to_thread=True)
def show_conduct(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """Kết quả rèn luyện of both semesters."""
    return _conduct(request, class_id, None)


@post("/registers/classes/{class_id:uuid}/conduct", sync_to_thread=True)
def record_conduct(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Record the levels that were chosen; a blank leaves what there is."""
    who = principal(request)

    def work(session: Session) -> See:
        view = queries.school_class(session, class_id, who)
        for semester in Semester:
            levels = {
                pupil.code: _level(form[f"{pupil.code}-{semester.value}"])
                for pupil in view.pupils
                if form[f"{pupil.code}-{semester.value}"]
            }
            actions.record_conduct(session, class_id, semester, levels, by=who, at=clock.now())
        return See(f"/registers/classes/{class_id}", said="Đã ghi kết quả rèn luyện.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _conduct(request, class_id, form.refused(refusal), status=refusal.status)


@get("/registers/classes/{class_id:uuid}/attendance", sync_to_thread=True)
def show_attendance(
    request: Request, class_id: FromPath[UUID], on: FromQuery[date | None] = None
) -> Response[bytes]:
    """Who missed a day; today unless another is chosen."""
    return _attendance(request, class_id, on or clock.civil_date(clock.now()), None)


@post("/registers/classes/{class_id:uuid}/attendance", sync_to_thread=True)
def record_attendance(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Record the absences of one day, in place of what was there."""
    who = principal(request)
    on = form.parse(Day).on

    def work(session: Session) -> See:
        view = queries.school_class(session, class_id, who)
        chosen = [
            NewAbsence(pupil.code, on, half, excused=form[f"{pupil.code}-{half.value}"] == "P")
            for pupil in view.pupils
            for half in HalfDay
            if form[f"{pupil.code}-{half.value}"] in ("P", "K")
        ]
        actions.record_absences(
            session, class_id, chosen, first=on, last=on, by=who, at=clock.now()
        )
        return See(
            f"/registers/classes/{class_id}/attendance?on={on}",
            said=f"Đã ghi chuyên cần ngày {on:%d/%m/%Y}: {len(chosen)} buổi nghỉ.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        return _attendance(request, class_id, on, form.refused(refusal), status=refusal.status)


@post("/registers/classes/{class_id:uuid}/remarks", sync_to_thread=True)
def write_remark(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The principal's remark for a month."""
    who = principal(request)
    try:
        entered = form.parse(Remarked)

        def work(session: Session) -> See:
            actions.write_remark(
                session, class_id, entered.month, entered.text, by=who, at=clock.now()
            )
            return See(f"/registers/classes/{class_id}", said="Đã ghi nhận xét vào sổ.")

        return once.see(work)
    except Refusal as refusal:
        return _class(request, class_id, form.refused(refusal), status=refusal.status)


@post("/registers/classes/{class_id:uuid}/gradebooks", sync_to_thread=True)
def request_gradebook(
    request: Request, class_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Ask for the book of the year."""
    who = principal(request)

    def work(session: Session) -> See:
        gradebook_id = gradebooks.request(session, class_id, by=who, at=clock.now())
        return See(f"/registers/gradebooks/{gradebook_id}", said="Đã yêu cầu lập sổ.")

    try:
        return once.see(work)
    except Refusal as refusal:
        shown = FormState(detail=refusal.detail)
        return _class(request, class_id, shown, status=refusal.status)


@get("/registers/gradebooks/{gradebook_id:uuid}", sync_to_thread=True)
def show_gradebook(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """The book: its pages, who has signed, who is next, and my part."""
    return _gradebook(request, gradebook_id, FormState())


@get("/registers/gradebooks/{gradebook_id:uuid}/progress", sync_to_thread=True)
def progress(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """How far the making of the pages is, for the page that waits for it."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.gradebook(session, gradebook_id, who)
    is_made = view.state is not State.RENDERING
    body = {
        "done": int(is_made),
        "total": 1,
        "failed": 0,
        "text": "Đã lập xong các trang sổ." if is_made else "Đang lập các trang sổ…",
        "finished": is_made,
        "next": f"/registers/gradebooks/{gradebook_id}",
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@get("/registers/gradebooks/{gradebook_id:uuid}/content", sync_to_thread=True)
def content(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF as it stands."""
    pdf = uploads.book(gradebook_id, by=principal(request))
    return file_answer(pdf, "application/pdf", f"so-theo-doi-{gradebook_id}.pdf")


@get("/registers/gradebooks/{gradebook_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request,
    gradebook_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = 1400,
) -> Response[bytes]:
    """A page as PNG."""
    return picture(request, gradebook_id, number, width)


@post("/registers/gradebooks/{gradebook_id:uuid}/signatures", sync_to_thread=True)
def sign(
    request: Request,
    gradebook_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Sign every part that is mine now."""
    if (kept := once.kept()) is not None:
        return kept
    try:
        entered = form.parse(Signed)

        def within(last: Callable[[Session], State]) -> Response[bytes]:
            def work(session: Session) -> See:
                state = last(session)
                return See(f"/registers/gradebooks/{gradebook_id}", said=waiting.SAID[state])

            return once.see(work)

        return signatures.sign_mine(
            gradebook_id, entered.field, entered.pin, by=principal(request), within=within
        )
    except Refusal as refusal:
        return _gradebook(request, gradebook_id, form.refused(refusal), status=refusal.status)


@post("/registers/gradebooks/{gradebook_id:uuid}/return", sync_to_thread=True)
def send_back(
    request: Request,
    gradebook_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Return the book to be corrected."""
    who = principal(request)
    try:
        entered = form.parse(Because)

        def work(session: Session) -> See:
            gradebooks.send_back(session, gradebook_id, entered.reason, by=who, at=clock.now())
            return See(
                f"/registers/gradebooks/{gradebook_id}",
                said="Đã trả lại sổ. Số liệu của lớp sửa được; sau đó lập bản kế tiếp.",
            )

        return once.see(work)
    except Refusal as refusal:
        return _gradebook(request, gradebook_id, form.refused(refusal), status=refusal.status)


pages = Router(
    "/",
    route_handlers=[
        listing,
        show_class,
        upload,
        template,
        show_import,
        accept,
        show_results,
        show_conduct,
        record_conduct,
        show_attendance,
        record_attendance,
        write_remark,
        request_gradebook,
        show_gradebook,
        progress,
        content,
        page_image,
        sign,
        send_back,
    ],
    include_in_schema=False,
)


def _class(
    request: Request, class_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.school_class(session, class_id, who)
        brought = queries.imports(session, class_id, who)
        history = audit.history(session, "class", class_id)
    actor = queries.actor(who)
    return page(
        request,
        "registers/class.html",
        status=status,
        school_class=view,
        imports=brought,
        import_names=states.IMPORT_NAMES,
        import_tones=waiting.IMPORT_TONES,
        names=states.NAMES,
        tones=waiting.TONES,
        form=form,
        conduct_counts={s.value: len(view.conduct[s]) for s in Semester},
        may_upload=_may_upload(view, who) and not view.is_bound,
        keeps_homeroom=rules.may_keep_homeroom_parts(actor, view.staff) and not view.is_bound,
        may_request=(
            rules.may_keep_homeroom_parts(actor, view.staff) or rules.may_lead(actor, view.staff)
        )
        and not view.is_bound,
        may_remark=rules.may_lead(actor, view.staff) and not view.is_bound,
        this_month=clock.civil_date(clock.now()).replace(day=1),
        history=history,
    )


def _import(
    request: Request, import_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.mark_import(session, import_id, who)
    return page(
        request,
        "registers/import.html",
        status=status,
        upload=view,
        form=form,
        state_name=states.IMPORT_NAMES[view.state],
        tone=waiting.IMPORT_TONES[view.state],
        roman=results.roman,
        changes=[
            {
                "pupil": change.pupil,
                "where": f"{change.subject}, học kì {results.roman(change.semester)}, "
                + _PART_NAMES[change.part]
                + (str(change.place) if change.part is Part.REGULAR else ""),
                "old": _shown(change.old),
                "new": _shown(change.new),
            }
            for change in view.changes
        ],
    )


def _conduct(
    request: Request, class_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.school_class(session, class_id, who)
    if form is None:
        form = FormState.of(
            **{
                f"{code}-{semester.value}": level.value
                for semester, levels in view.conduct.items()
                for code, level in levels.items()
            }
        )
    return page(
        request,
        "registers/conduct.html",
        status=status,
        school_class=view,
        form=form,
        levels=LEVELS,
        may_write=rules.may_keep_homeroom_parts(queries.actor(who), view.staff)
        and not view.is_bound,
    )


def _attendance(
    request: Request, class_id: UUID, on: date, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.school_class(session, class_id, who)
    if form is None:
        form = FormState.of(
            on=on,
            **{
                f"{absence.pupil_code}-{absence.session.value}": "P" if absence.excused else "K"
                for absence in view.absences
                if absence.on == on
            },
        )
    counted = {pupil.code: 0 for pupil in view.pupils}
    for absence in view.absences:
        counted[absence.pupil_code] += 1
    return page(
        request,
        "registers/attendance.html",
        status=status,
        school_class=view,
        on=on,
        form=form,
        presence=_PRESENCE,
        halves=[(HalfDay.MORNING.value, "Sáng"), (HalfDay.AFTERNOON.value, "Chiều")],
        counted=counted,
        may_write=rules.may_keep_homeroom_parts(queries.actor(who), view.staff)
        and not view.is_bound,
    )


def _gradebook(
    request: Request, gradebook_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.gradebook(session, gradebook_id, who)
        history = audit.history(session, "gradebook", gradebook_id)
    here = f"/registers/gradebooks/{gradebook_id}"
    version = (view.content_sha256 or "")[:12]
    return page(
        request,
        "registers/gradebook.html",
        status=status,
        book=view,
        here=here,
        form=form,
        state_name=states.NAMES[view.state],
        tone=waiting.TONES[view.state],
        waits=waiting.sentence(view.state, _who_is_next(view)),
        effects=_effects(view),
        is_seal=any(part.kind is SignatureKind.SEAL for part in view.mine_now),
        images=[
            (f"{here}/pages/{number}?width=1400&v={version}", "")
            for number in range(1, (view.page_count or 0) + 1)
        ],
        history=history,
    )


def _who_is_next(view: GradebookView) -> tuple[str, ...]:
    turn = queries.TURN.get(view.state)
    return tuple(
        f"{part.signer} ({part.part})" if part.kind is SignatureKind.SUBJECT else part.signer
        for part in view.signatures
        if part.kind is turn and part.signed_at is None
    )


def _effects(view: GradebookView) -> list[str]:
    """What my signature will do, said before."""
    parts = ", ".join(part.part for part in view.mine_now)
    if any(part.kind is SignatureKind.SEAL for part in view.mine_now):
        return [
            f"Đóng con dấu số của {view.school_name} vào sổ lớp {view.class_name}.",
            "Khóa sổ: không ai sửa hay ký thêm được nữa.",
            "Nộp sổ vào kho lưu trữ.",
        ]
    return [
        f"Ký số vào phần “{parts}” của sổ lớp {view.class_name}, năm học {view.school_year}.",
        "Xác nhận mọi điểm và kết quả trong phần đó như đang hiện trên trang.",
    ]


def _may_upload(view: ClassView, who: Principal) -> bool:
    actor = queries.actor(who)
    return any(
        rules.may_enter_marks(actor, view.staff, {subject.code}) for subject in view.subjects
    )


def _level(value: str) -> Level:
    try:
        return Level(value)
    except ValueError as error:
        raise Invalid("Mức rèn luyện là Tốt, Khá, Đạt hoặc Chưa đạt.") from error


def _shown(value: Value | Incomplete | None) -> str:
    if value is None or isinstance(value, Incomplete):
        return ""
    return marks_sheet.shown(value)
