"""Pages on which a school sets up its year: one class, who teaches what, settings of a class."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import SubjectKind
from eoffice.classes import opening_actions, opening_queries, opening_rules, year_names
from eoffice.classes.opening_actions import HOMEROOM
from eoffice.errors import Invalid, Refusal
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

NEW: Final = "/registers/new-class"
TEACHING: Final = "/registers/assignments"


class ClassForm(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    school_year: str
    teacher: str


class Day(msgspec.Struct, frozen=True, kw_only=True):
    on: date


@get(NEW, sync_to_thread=True)
def show_new(request: Request) -> Response[bytes]:
    """The form in which one class is opened."""
    return _new(request, None)


@post(NEW, sync_to_thread=True)
def open_class(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Open a class without pupils; its list is brought in next."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> See:
        entered = form.parse(ClassForm)
        employed = opening_queries.teachers(session, who, at=at)
        if entered.teacher not in employed:
            raise _nobody("teacher", entered.teacher)
        class_id = opening_actions.open_empty(
            session, name=entered.name, school_year=entered.school_year,
            homeroom_teacher_id=employed[entered.teacher], by=who, at=at,
        )  # fmt: skip
        return See(
            f"/registers/classes/{class_id}",
            said="Đã mở lớp. Các môn chưa có giáo viên: hãy phân công trước khi nhập điểm, và "
            "nhập danh sách học sinh.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        return _new(request, form.refused(refusal), status=refusal.status)


@get(TEACHING, sync_to_thread=True)
def show_assignments(
    request: Request, year: FromQuery[str] = "", grade: FromQuery[int] = 0
) -> Response[bytes]:
    """Who teaches what in the classes of a grade: a line for each class, a column for a subject."""
    return _assignments(request, year, grade, None)


@post(TEACHING, sync_to_thread=True)
def assign(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Give the subjects that were changed to other teachers, all or none."""
    who, at = principal(request), clock.now()
    year, grade = form["year"], int(form["grade"]) if form["grade"].isdigit() else 0

    def work(session: Session) -> See:
        on = form.parse(Day).on
        view = opening_queries.assignments(session, year, grade, who)
        employed = opening_queries.teachers(session, who, at=at)
        chosen: dict[UUID, dict[str, UUID]] = {}
        unknown: dict[str, str] = {}
        for row in view.rows:
            for code in row.teachers:
                name = f"{row.class_id}.{code}"
                label = form[name].strip()
                if row.is_bound or not label:
                    continue
                if label not in employed:
                    unknown[name] = f"Trường không có giáo viên tên “{label}”."
                else:
                    chosen.setdefault(row.class_id, {})[code] = employed[label]
        if unknown:
            raise Invalid(" ".join(dict.fromkeys(unknown.values())), fields=unknown)
        count = opening_actions.assign(session, chosen, on=on, by=who, at=at)
        return See(
            f"{TEACHING}?year={year}&grade={grade}",
            said=f"Đã phân công lại {count} việc." if count else "Không có việc nào thay đổi.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        return _assignments(request, year, grade, form.refused(refusal), status=refusal.status)


@get("/registers/classes/{class_id:uuid}/settings", sync_to_thread=True)
def show_settings(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """Lớp chuyên, chuyên đề học tập, and the number of regular marks of each subject."""
    return _settings(request, class_id, None)


@post("/registers/classes/{class_id:uuid}/settings", sync_to_thread=True)
def set_settings(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Set what the school's plan says of the class."""
    who = principal(request)

    def work(session: Session) -> See:
        view = opening_queries.settings(session, class_id, who)
        codes = [one.code for one in view.subjects]
        opening_actions.set_settings(
            session,
            class_id,
            specialised=form["specialised"] or None,
            topics=frozenset(code for code in codes if form[f"topics-{code}"]),
            regular_marks={
                code: _number(form[f"regular-{code}"]) for code in codes if form[f"regular-{code}"]
            },
            by=who,
            at=clock.now(),
        )
        return See(f"/registers/classes/{class_id}", said="Đã ghi cấu hình của lớp.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _settings(request, class_id, form.refused(refusal), status=refusal.status)


def _new(request: Request, form: FormState | None, *, status: int = 200) -> Response[bytes]:
    who, at = principal(request), clock.now()
    opening_queries.require_office(who)
    with db.transaction(who.acting) as session:
        employed = opening_queries.teachers(session, who, at=at)
    years = year_names.years_around(clock.civil_date(at))
    return page(
        request,
        "classes/new_class.html",
        section="registers",
        status=status,
        form=form or FormState.of(school_year=years[1]),
        years=[(one, one) for one in years[:3]],
        teachers=list(employed),
    )


def _assignments(
    request: Request, year: str, grade: int, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        years = opening_queries.school_years(session, who)
        chosen = year or (years[0] if years else year_names.year_of(clock.civil_date(at)))
        grades = opening_queries.grades(session, chosen, who)
        shown = grade or (grades[0] if grades else 0)
        view = opening_queries.assignments(session, chosen, shown, who)
        employed = opening_queries.teachers(session, who, at=at)
    labels = {person_id: label for label, person_id in employed.items()}
    if form is None:
        form = FormState.of(
            on=clock.civil_date(at),
            **{
                f"{row.class_id}.{code}": labels.get(teacher_id, "")
                for row in view.rows
                for code, teacher_id in row.teachers.items()
                if code not in row.unassigned
            },
        )
    return page(
        request,
        "classes/assignments.html",
        section="registers",
        status=status,
        form=form,
        view=view,
        year=chosen,
        grade=shown,
        columns=[(HOMEROOM, "Chủ nhiệm"), *view.subjects],
        years=[(f"Năm học {one}", f"{TEACHING}?year={one}", one == chosen) for one in years],
        grades=[
            (f"Khối {one}", f"{TEACHING}?year={chosen}&grade={one}", one == shown) for one in grades
        ],
        teachers=list(employed),
        unassigned=[
            (row.name, [name for code, name in view.subjects if code in row.unassigned])
            for row in view.rows
            if row.unassigned
        ],
    )


def _settings(
    request: Request, class_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = opening_queries.settings(session, class_id, who)
    if form is None:
        form = FormState.of(
            specialised=view.specialised or "",
            **{
                f"regular-{one.code}": "" if one.regular_marks is None else str(one.regular_marks)
                for one in view.subjects
            },
            **{f"topics-{one.code}": "on" for one in view.subjects if one.has_topics},
        )
    is_upper = view.grade in opening_rules.UPPER_SECONDARY
    return page(
        request,
        "classes/settings.html",
        section="registers",
        status=status,
        view=view,
        form=form,
        is_upper=is_upper,
        scored=[(one.code, one.name) for one in view.subjects if one.kind is SubjectKind.SCORED],
        most=opening_rules.MOST_REGULAR,
    )


def _number(text: str) -> int:
    """Raises Invalid."""
    if not text.strip().isdigit():
        raise Invalid("Số điểm thường xuyên là một số nguyên.")
    return int(text)


def _nobody(field: str, label: str) -> Invalid:
    message = f"Trường không có giáo viên tên “{label}”. Hãy chọn trong danh sách gợi ý."
    return Invalid(message, fields={field: message})


HANDLERS = (
    show_new,
    open_class,
    show_assignments,
    assign,
    show_settings,
    set_settings,
)
