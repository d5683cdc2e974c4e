"""What the department sets for all schools: school years, circulars, their terms, subjects.

A value is replaced, never overwritten: the earlier row keeps its source and who confirmed it. What
is set holds for classes that are opened from then on and for terms that are asked from then on;
a class keeps the circular under which it was opened. Of subjects a school may set its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import rule_set as circular
from eoffice.assessment.marks import SubjectKind
from eoffice.audit import actions as audit
from eoffice.classes import rules, staff_queries
from eoffice.classes.particulars import tidy
from eoffice.classes.year_model import (
    AssessmentTerms,
    CurriculumSubject,
    RuleSetInForce,
    SchoolYear,
)
from eoffice.db import new_id
from eoffice.errors import Invalid, NotAllowed
from eoffice.people import queries as people
from eoffice.people.kinds import UnitKind
from eoffice.web.principal import Principal

LONGEST_TEXT = 500
LONGEST_TERMS = 20_000


class SettingInvalid(Invalid):
    """What is to be set cannot be."""


@dataclass(frozen=True, slots=True)
class Because:
    """On what a setting rests: the paper it comes from, and why it is set now."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewSubjectOfGrade:
    grade: int
    code: str
    name: str
    kind: SubjectKind
    periods_per_year: int
    is_key: bool
    from_year: str
    until_year: str | None = None


def may_set(session: Session, who: Principal) -> bool:
    """Whether the person sets what holds for all schools: an officer of the department."""
    is_department = people.unit(session, who.agency_id).kind is UnitKind.DEPARTMENT
    return is_department and staff_queries.actor(who).kind in rules.SUPERIORS


def set_year(
    session: Session,
    year: str,
    *,
    begins_on: date,
    first_semester_ends_on: date,
    second_semester_begins_on: date,
    ends_on: date,
    source: str,
    by: Principal,
    at: datetime,
) -> None:
    """The days of a school year; earlier ones stay on record in the log.

    Raises NotAllowed, SettingInvalid.
    """
    _require_department(session, by)
    first = int(_year(year)[:4])
    days = (begins_on, first_semester_ends_on, second_semester_begins_on, ends_on)
    if any(a >= b for a, b in pairwise(days)):
        raise SettingInvalid(
            "Các ngày theo thứ tự: bắt đầu, hết học kì I, vào học kì II, kết thúc năm học."
        )
    if begins_on.year != first or ends_on.year != first + 1:
        raise SettingInvalid(f"Năm học {year} bắt đầu trong năm {first}, kết thúc năm {first + 1}.")
    values = {
        "begins_on": begins_on,
        "first_semester_ends_on": first_semester_ends_on,
        "second_semester_begins_on": second_semester_begins_on,
        "ends_on": ends_on,
        "source": _said(source, "văn bản quy định"),
        "recorded_by": by.person_id,
        "recorded_at": at,
    }
    session.execute(
        insert(SchoolYear)
        .values(year=year, **values)
        .on_conflict_do_update(index_elements=["year"], set_=values)
    )
    _record(session, "school_year.set", by, at, year=year, days=days, source=values["source"])


def set_rule_set(
    session: Session,
    grade: int,
    from_year: str,
    rule_set: str,
    because: Because,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """From this school year the circular governs the grade; also to confirm what was proposed.

    Raises NotAllowed, RuleSetUnknown, SettingInvalid.
    """
    _require_department(session, by)
    if grade not in circular(rule_set).grades:
        raise SettingInvalid(f"{circular(rule_set).circular} không dành cho khối {grade}.")
    _replace(
        session,
        RuleSetInForce(
            id=new_id(),
            grade=grade,
            from_year=_year(from_year),
            rule_set=rule_set,
            **_because(because),
            confirmed_by=by.person_id,
            confirmed_at=at,
        ),
        ("grade", "from_year"),
        at,
    )
    _record(
        session, "rule_set.set", by, at, grade=grade, from_year=from_year, rule_set=rule_set,
        **_because(because),
    )  # fmt: skip


def set_terms(
    session: Session,
    rule_set: str,
    from_year: str,
    text: str,
    because: Because,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """The terms of a circular from a school year on, as JSON; also to confirm what was proposed.

    Raises NotAllowed, RuleSetUnknown, TermsRefused, SettingInvalid.
    """
    _require_department(session, by)
    governing = circular(rule_set)
    terms = _json(text)
    governing.with_terms(terms)  # Refuses what the rules could not go by.
    _replace(
        session,
        AssessmentTerms(
            id=new_id(),
            rule_set=rule_set,
            from_year=_year(from_year),
            terms=terms,
            **_because(because),
            confirmed_by=by.person_id,
            confirmed_at=at,
        ),
        ("rule_set", "from_year"),
        at,
    )
    _record(
        session, "assessment_terms.set", by, at, rule_set=rule_set, from_year=from_year,
        **_because(because),
    )  # fmt: skip


def set_subject(
    session: Session, new: NewSubjectOfGrade, because: Because, *, by: Principal, at: datetime
) -> None:
    """A subject of a grade: of the department for all schools, of a school for itself.

    Raises NotAllowed, SettingInvalid.
    """
    school_id: UUID | None = None
    if not may_set(session, by):
        if not rules.may_open_classes(staff_queries.actor(by), by.agency_id) or (
            people.unit(session, by.agency_id).kind is not UnitKind.SCHOOL
        ):
            raise NotAllowed("Chỉ Sở, hoặc ban giám hiệu và văn thư của trường, ghi môn học.")
        school_id = by.agency_id
    code, name = tidy(new.code).upper(), tidy(new.name)
    if not re.fullmatch(r"[A-Z0-9]{2,12}", code) or not 1 <= len(name) <= LONGEST_TEXT:
        raise SettingInvalid("Môn học cần mã gồm 2 đến 12 chữ in hoa không dấu hoặc số, và tên.")
    if not 1 <= new.grade <= 12 or not 1 <= new.periods_per_year <= 600:
        raise SettingInvalid("Khối từ 1 đến 12, số tiết trong năm học từ 1 đến 600.")
    if new.until_year is not None and _year(new.until_year) < _year(new.from_year):
        raise SettingInvalid("Năm học cuối không trước năm học đầu.")
    same = select(CurriculumSubject.ordinal).where(
        CurriculumSubject.grade == new.grade, CurriculumSubject.replaced_at.is_(None)
    )
    ordinal = session.scalar(
        same.where(CurriculumSubject.code == code)
        .order_by(CurriculumSubject.from_year.desc())
        .limit(1)
    )
    last = session.scalar(same.order_by(CurriculumSubject.ordinal.desc()).limit(1)) or 0
    _replace(
        session,
        CurriculumSubject(
            id=new_id(),
            grade=new.grade,
            code=code,
            from_year=_year(new.from_year),
            until_year=new.until_year,
            school_id=school_id,
            name=name,
            kind=new.kind,
            periods_per_year=new.periods_per_year,
            is_key=new.is_key,
            ordinal=last + 1 if ordinal is None else ordinal,
            **_because(because),
            confirmed_by=by.person_id,
            confirmed_at=at,
        ),
        ("grade", "code", "from_year", "school_id"),
        at,
    )
    _record(
        session, "curriculum.set", by, at, grade=new.grade, code=code, from_year=new.from_year,
        periods=new.periods_per_year, school_id=school_id, **_because(because),
    )  # fmt: skip


def _require_department(session: Session, by: Principal) -> None:
    if not may_set(session, by):
        raise NotAllowed("Chỉ lãnh đạo, chuyên viên của Sở Giáo dục và Đào tạo ghi quy định này.")


def _replace(
    session: Session,
    row: RuleSetInForce | AssessmentTerms | CurriculumSubject,
    key: tuple[str, ...],
    at: datetime,
) -> None:
    """The row holds from now on; the one that held before ends. Two at once wait for each other."""
    model = type(row)
    columns = model.__table__.columns
    session.execute(
        update(model)
        .where(
            *(columns[name].is_not_distinct_from(getattr(row, name)) for name in key),
            columns["replaced_at"].is_(None),
        )
        .values(replaced_at=at)
    )
    session.add(row)


def _because(because: Because) -> dict[str, str]:
    return {
        "source": _said(because.source, "văn bản quy định"),
        "reason": _said(because.reason, "lý do"),
    }


def _said(text: str, what: str) -> str:
    said = tidy(text)
    if not 3 <= len(said) <= LONGEST_TEXT:
        raise SettingInvalid(f"Hãy ghi {what}, từ 3 đến {LONGEST_TEXT} ký tự.")
    return said


def _year(text: str) -> str:
    found = re.fullmatch(r"([0-9]{4})-([0-9]{4})", text)
    if found is None or int(found[2]) != int(found[1]) + 1:
        raise SettingInvalid("Năm học ghi như 2024-2025.")
    return text


def _json(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_TERMS:
        raise SettingInvalid(f"Bảng quy định dài nhất {LONGEST_TERMS} ký tự.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingInvalid("Bảng quy định không phải là JSON đúng cú pháp.") from error
    if not isinstance(found, dict):
        raise SettingInvalid("Bảng quy định là một đối tượng JSON.")
    return found


def _record(session: Session, action: str, by: Principal, at: datetime, **details: object) -> None:
    audit.record(
        session, action, object_kind="rules", object_id=new_id(), by=by, at=at, details=details
    )
