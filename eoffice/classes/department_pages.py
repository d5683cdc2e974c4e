"""Quy định đánh giá: school years, which circular governs a grade, its terms, subjects by grade."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.circulars import RULE_SETS
from eoffice.assessment.circulars import rule_set as circular
from eoffice.assessment.marks import SubjectKind
from eoffice.classes import (
    curricula,
    department_actions,
    department_queries,
    rules,
    staff_queries,
    term_fields,
)
from eoffice.classes.department_actions import Because, NewSubjectOfGrade
from eoffice.errors import NotFound, Refusal
from eoffice.people import queries as people
from eoffice.people.kinds import UnitKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

RULES: Final = "/registers/rules"
SUBJECTS: Final = "/registers/subjects"
KINDS: Final = (
    (SubjectKind.SCORED.value, "Nhận xét kết hợp điểm số"),
    (SubjectKind.COMMENT.value, "Nhận xét"),
)


class YearForm(msgspec.Struct, frozen=True, kw_only=True):
    year: str
    begins_on: date
    first_semester_ends_on: date
    second_semester_begins_on: date
    ends_on: date
    source: str


class RuleSetForm(msgspec.Struct, frozen=True, kw_only=True):
    grade: int
    from_year: str
    rule_set: str
    source: str
    reason: str


class TermsForm(msgspec.Struct, frozen=True, kw_only=True):
    rule_set: str
    from_year: str
    #: As JSON, for whoever has it so; else the fields of the form.
    terms: str = ""
    source: str
    reason: str


class SubjectForm(msgspec.Struct, frozen=True, kw_only=True):
    grade: int
    code: str
    name: str
    kind: SubjectKind
    periods_per_year: int
    is_key: str = ""
    from_year: str
    until_year: str | None = None
    source: str
    reason: str


@get(RULES, sync_to_thread=True)
def show_rules(request: Request, rule_set: FromQuery[str] = "") -> Response[bytes]:
    """What governs the assessment of pupils; officers of the department change it."""
    return _rules(request, FormState(), rule_set)


@post(RULES + "/years", sync_to_thread=True)
def set_year(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """The days of a school year."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(YearForm)
        department_actions.set_year(
            session,
            entered.year,
            begins_on=entered.begins_on,
            first_semester_ends_on=entered.first_semester_ends_on,
            second_semester_begins_on=entered.second_semester_begins_on,
            ends_on=entered.ends_on,
            source=entered.source,
            by=who,
            at=clock.now(),
        )
        return See(RULES, said=f"Đã ghi thời gian năm học {entered.year}.")

    return _done(once, work, lambda refusal: _rules(request, form.refused(refusal), "", refusal))


@post(RULES + "/circulars", sync_to_thread=True)
def set_rule_set(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Which circular governs a grade from a school year on."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(RuleSetForm)
        department_actions.set_rule_set(
            session,
            entered.grade,
            entered.from_year,
            entered.rule_set,
            Because(entered.source, entered.reason),
            by=who,
            at=clock.now(),
        )
        return See(
            RULES, said=f"Đã ghi thông tư đánh giá khối {entered.grade} từ {entered.from_year}."
        )

    return _done(once, work, lambda refusal: _rules(request, form.refused(refusal), "", refusal))


@post(RULES + "/terms", sync_to_thread=True)
def set_terms(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """The terms of a circular from a school year on."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(TermsForm)
        department_actions.set_terms(
            session,
            entered.rule_set,
            entered.from_year,
            entered.terms or _typed_terms(entered.rule_set, form),
            Because(entered.source, entered.reason),
            by=who,
            at=clock.now(),
        )
        return See(RULES, said=f"Đã ghi bảng quy định của {entered.rule_set}.")

    def again(refusal: Refusal) -> Response[bytes]:
        name, state = form["rule_set"], form.refused(refusal)
        if form["terms"] or name not in term_fields.SPECS:
            return _rules(request, state, name, refusal)
        return _terms(request, name, state, status=refusal.status)

    return _done(once, work, again)


@get(RULES + "/terms", sync_to_thread=True)
def show_terms(request: Request, rule_set: FromQuery[str] = "TT22/2021") -> Response[bytes]:
    """The terms of a circular with words and units, and the classes that go by them."""
    return _terms(request, rule_set, None)


def _terms(
    request: Request,
    rule_set: str,
    form: FormState | None,
    *,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    if rule_set not in term_fields.SPECS:
        raise NotFound("Không có thông tư này.")
    with db.transaction(who.acting) as session:
        kept = next(
            one
            for one in department_queries.terms(session)
            if one.rule_set == rule_set and one.replaced_at is None
        )
        classes = department_queries.classes_under(session, rule_set)
        may_set = department_actions.may_set(session, who)
    if form is None:
        fields = term_fields.shown(rule_set, json.loads(kept.terms))
        form = FormState.of(rule_set=rule_set, from_year=kept.from_year, **fields)
    spec = term_fields.SPECS[rule_set]
    return page(
        request,
        "classes/terms.html",
        section="registers",
        status=status,
        form=form,
        spec=spec,
        rows={one.key: term_fields.rows_of(one, form.value) for one in spec},
        yes_no=term_fields.YES_NO,
        kept=kept,
        classes=classes,
        may_set=may_set,
    )


def _typed_terms(rule_set: str, form: Form) -> str:
    """As JSON text. Raises TermsRefused with the fields that are wrong, RuleSetUnknown."""
    circular(rule_set)
    return json.dumps(term_fields.read(rule_set, lambda name: form[name]), ensure_ascii=False)


@get(SUBJECTS, sync_to_thread=True)
def show_subjects(
    request: Request, grade: FromQuery[int] = 6, year: FromQuery[str] = ""
) -> Response[bytes]:
    """The subjects of a grade in a school year, as the acting school has them."""
    return _subjects(request, FormState(), grade, year)


@post(SUBJECTS, sync_to_thread=True)
def set_subject(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """A subject of a grade, of the department or of the acting school."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(SubjectForm)
        department_actions.set_subject(
            session,
            NewSubjectOfGrade(
                entered.grade,
                entered.code,
                entered.name,
                entered.kind,
                entered.periods_per_year,
                bool(entered.is_key),
                entered.from_year,
                entered.until_year,
            ),
            Because(entered.source, entered.reason),
            by=who,
            at=clock.now(),
        )
        return See(
            f"{SUBJECTS}?grade={entered.grade}&year={entered.from_year}",
            said=f"Đã ghi môn {entered.name}, khối {entered.grade}.",
        )

    def again(refusal: Refusal) -> Response[bytes]:
        grade = int(form["grade"]) if form["grade"] in map(str, range(1, 13)) else 6
        return _subjects(request, form.refused(refusal), grade, "", refusal)

    return _done(once, work, again)


def _done(
    once: Once, work: Callable[[Session], See], again: Callable[[Refusal], Response[bytes]]
) -> Response[bytes]:
    try:
        return once.see(work)
    except Refusal as refusal:
        return again(refusal)


def _rules(
    request: Request, form: FormState, rule_set: str, refusal: Refusal | None = None
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        years = department_queries.years(session)
        circulars = department_queries.rule_sets(session)
        terms = department_queries.terms(session)
        may_set = department_actions.may_set(session, who)
    shown = next((one for one in terms if one.rule_set == rule_set), None)
    if shown is not None and refusal is None:
        form = FormState.of(rule_set=rule_set, from_year=shown.from_year, terms=shown.terms)
    return page(
        request,
        "classes/rules.html",
        section="registers",
        status=200 if refusal is None else refusal.status,
        form=form,
        years=years,
        circulars=[one for one in circulars if one.replaced_at is None],
        replaced=[one for one in (*circulars, *terms) if one.replaced_at is not None],
        terms=[one for one in terms if one.replaced_at is None],
        shown=shown,
        names=[(name, f"{name}: {one.circular}") for name, one in RULE_SETS.items()],
        grades=[(str(grade), f"Khối {grade}") for grade in range(1, 13)],
        may_set=may_set,
    )


def _subjects(
    request: Request, form: FormState, grade: int, year: str, refusal: Refusal | None = None
) -> Response[bytes]:
    who = principal(request)
    chosen = year or _this_year()
    with db.transaction(who.acting) as session:
        own = who.agency_id if _is_school(session, who) else None
        rows = curricula.of_grade(session, grade, chosen, own)
        may_set = department_actions.may_set(session, who) or (
            own is not None and rules.may_open_classes(staff_queries.actor(who), own)
        )
    return page(
        request,
        "classes/subjects.html",
        section="registers",
        status=200 if refusal is None else refusal.status,
        form=form if refusal else FormState.of(grade=str(grade), from_year=chosen),
        rows=rows,
        grade=grade,
        year=chosen,
        chips=[
            (f"Khối {each}", f"{SUBJECTS}?grade={each}&year={chosen}", each == grade)
            for each in range(1, 13)
        ],
        kinds=KINDS,
        kind_names=dict(KINDS),
        grades=[(str(each), f"Khối {each}") for each in range(1, 13)],
        may_set=may_set,
        is_school=own is not None,
    )


def _is_school(session: Session, who: Principal) -> bool:
    return people.unit(session, who.agency_id).kind is UnitKind.SCHOOL


def _this_year() -> str:
    """The school year of today: a new one begins in August."""
    today = clock.civil_date(clock.now())
    first = today.year if today.month >= 8 else today.year - 1
    return f"{first}-{first + 1}"


HANDLERS = (
    show_rules,
    set_year,
    set_rule_set,
    show_terms,
    set_terms,
    show_subjects,
    set_subject,
)
