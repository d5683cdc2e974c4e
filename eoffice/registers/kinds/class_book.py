"""Sổ theo dõi và đánh giá học sinh (theo lớp học) of Circular 22/2021: what it holds.

A class register with the principal's remarks. Books made before are of `eoffice-gradebook/1`: they
stay as they were signed; here is what such a book says in today's shape, so that a version that
corrects one tells what it corrects, and both compare cell by cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from eoffice.assessment import tt22
from eoffice.assessment.marks import Part, Semester, Value, Verdict
from eoffice.assessment.year import ConductLevel, ConductTime, Need, Outcome
from eoffice.marks.results import Marks as ListMarks
from eoffice.registers import gradebook
from eoffice.registers.kinds import class_register, parts
from eoffice.registers.kinds.class_register import OF_ALL, ClassPupil, ClassRegister, Marks
from eoffice.registers.kinds.parts import Correction, Term

FORMAT: Final = "eoffice-class-book/1"
#: What the earlier format had room for.
_EARLIER_COLUMNS: Final = frozenset({Part.REGULAR, Part.MIDTERM, Part.FINAL})
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    tt22.Promotion.PROMOTED: Outcome.PROMOTED,
    tt22.Promotion.SUMMER: Outcome.SUMMER,
    tt22.Promotion.NOT_PROMOTED: Outcome.HELD_BACK,
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What the principal wrote at the inspection of a month (day one of it)."""

    month: date
    text: str


@dataclass(frozen=True, slots=True)
class ClassBook(ClassRegister):
    remarks: tuple[Remark, ...] = ()


def with_remarks(register: ClassRegister, remarks: tuple[Remark, ...]) -> ClassBook:
    fields = {name: getattr(register, name) for name in ClassRegister.__dataclass_fields__}
    return ClassBook(**fields, remarks=remarks)


def corrected(previous: ClassBook, current: ClassBook) -> ClassBook:
    """The book with its corrections told; whoever was not in the earlier version has none."""
    listed = {one.pupil.code for one in previous.pupils}
    told = class_register.corrections(previous, current)
    return replace(current, corrections=tuple(one for one in told if one.pupil in listed))


def corrected_from_gradebook(previous: gradebook.Source, current: ClassBook) -> ClassBook:
    """The same against a book of the earlier format, of the cells for which that had room."""
    told = corrected(of_gradebook(previous), current).corrections
    return replace(
        current,
        corrections=tuple(
            one for one in told if one.subject == OF_ALL or Part(one.column) in _EARLIER_COLUMNS
        ),
    )


def of_gradebook(source: gradebook.Source) -> ClassBook:
    """What a book of the earlier format says was entered; it names no terms."""
    conduct = {
        pupil.code: {
            ConductTime(semester.value): ConductLevel(source.conduct[pupil.code, semester].value)
            for semester in Semester
            if (pupil.code, semester) in source.conduct
        }
        for pupil in source.pupils
    }
    return ClassBook(
        rule_set=tt22.RULE_SET,
        terms="{}",
        version=source.version,
        school=parts.School(
            source.school.name,
            source.school.superior,
            "",
            "",
            "",
            source.school.place,
            source.school.organ_id,
        ),
        of_class=class_register.ClassOfYear(
            source.class_.name,
            source.class_.grade,
            source.class_.school_year,
            source.class_.homeroom_teacher,
            source.class_.principal,
        ),
        subjects=tuple(
            class_register.ClassSubject(
                one.code, one.name, one.name, one.kind, one.periods_per_year, one.teacher
            )
            for one in source.subjects
        ),
        qualities=(),
        general_competences=(),
        special_competences=(),
        pupils=tuple(
            ClassPupil(_pupil(one), _marks(source, one.code), conduct[one.code])
            for one in source.pupils
        ),
        absences=tuple(
            parts.Absence(one.pupil_code, one.on, one.session, one.excused)
            for one in source.absences
        ),
        corrections=tuple(
            Correction(
                one.pupil_code,
                one.subject_code,
                Term(one.semester.value),
                one.part.value,
                one.place,
                one.old,
                one.new,
            )
            for one in source.corrections
        ),
        remarks=tuple(Remark(one.month, one.text) for one in source.remarks),
    )


def results_of_gradebook(data: Mapping[str, Any]) -> dict[str, Any]:
    """The results that a book of the earlier format states, right or wrong, in today's shape."""
    totals = data["totals"]
    promoted = totals["promotion"][tt22.Promotion.PROMOTED]
    return {
        "pupils": [_stated(one) for one in data["pupils"]],
        "totals": {
            "listed": totals["pupils"],
            "left": 0,
            "pupils": totals["pupils"],
            "girls": totals["girls"],
            "learning": totals["learning"],
            "conduct": totals["conduct"],
            "titles": totals["titles"],
            "promoted": promoted,
            "promoted_after_summer": 0,
            "held_back": totals["pupils"] - promoted,
        },
    }


def _stated(pupil: Mapping[str, Any]) -> dict[str, Any]:
    year = pupil["year"]
    outcome = _OUTCOMES.get(year["promotion"])
    missing = tt22.Level.NOT_ACHIEVED.value
    needs = (
        (Need.RE_ASSESSMENT, year["learning"]),
        (Need.CONDUCT_TRAINING, year["conduct"]),
    )
    return {
        "code": pupil["code"],
        "subjects": {
            code: {
                "semesters": {at.value: by[at.value]["result"] for at in Semester},
                "year": by["year"],
                "after": None,
            }
            for code, by in pupil["subjects"].items()
        },
        "semesters": {at: _period(period) for at, period in pupil["semesters"].items()},
        "year": _period(year),
        "excused": year["excused"],
        "unexcused": year["unexcused"],
        "outcome": None if outcome is None else outcome.value,
        "needs": [
            need.value for need, level in needs if outcome is Outcome.SUMMER and level == missing
        ],
        "after": None,
        "outcome_after": None,
        "completion": None,
    }


def _period(stated: Mapping[str, Any]) -> dict[str, Any]:
    names = ("learning", "learning_before_adjustment", "conduct", "title")
    return {"average": None, **{name: stated.get(name) for name in names}}


def _pupil(one: gradebook.Pupil) -> parts.Pupil:
    names = gradebook.Pupil.__dataclass_fields__
    return parts.Pupil(**{name: getattr(one, name) for name in names})


def _marks(source: gradebook.Source, code: str) -> dict[str, dict[Semester, Marks]]:
    return {
        subject.code: {
            at: _places(source.marks[code, subject.code, at])
            for at in Semester
            if (code, subject.code, at) in source.marks
        }
        for subject in source.subjects
    }


def _places(marks: ListMarks) -> Marks:
    return {
        Part.REGULAR: tuple(_text(value) for value in marks.regular),
        Part.MIDTERM: (_text(marks.midterm),),
        Part.FINAL: (_text(marks.final),),
    }


def _text(value: Value | None) -> str | None:
    if value is None:
        return None
    return value.value if isinstance(value, Verdict) else str(value)
