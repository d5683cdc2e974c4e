"""What a package says of its pupil, as data: the shape of data.json, and its figures anew.

Pure. The shape is published as docs/schemas/eoffice-pupil-transfer-1.schema.json: a file that was
made once must stay readable, so a field is never taken away nor given another meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from eoffice.assessment.circulars import RuleSetUnknown, rule_set
from eoffice.assessment.marks import Part, Semester, SubjectKind, Value, Verdict
from eoffice.assessment.terms import TermsRefused
from eoffice.assessment.year import (
    ConductLevel,
    ConductTime,
    PupilYear,
    Subject,
    TraitLevel,
    TraitTime,
)
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.particulars import Relation
from eoffice.errors import Invalid
from eoffice.marks.results import Session
from eoffice.transfers.package import FORMAT

_Short = Annotated[str, msgspec.Meta(max_length=500)]
_Year = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{4}$")]
_Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]


class DataUnreadable(Invalid):
    """data.json is not of the published shape."""


@dataclass(frozen=True, slots=True)
class School:
    name: _Short
    #: Of the office that made the package; and in the exchange of state bodies, where it has one.
    code: _Short
    organ_id: _Short | None
    superior: _Short
    place: _Short


@dataclass(frozen=True, slots=True)
class FamilyMember:
    relation: Relation
    name: _Short
    phone: _Short
    email: _Short


@dataclass(frozen=True, slots=True)
class Particulars:
    code: _Short
    #: Twelve digits; "" where it is not known.
    personal_id: _Short
    name: _Short
    born_on: date
    sex: _Short
    birthplace: _Short
    ethnicity: _Short
    policy_group: _Short
    address: _Short
    permanent_address: _Short
    father: _Short
    mother: _Short
    guardians: Annotated[tuple[FamilyMember, ...], msgspec.Meta(max_length=5)]


@dataclass(frozen=True, slots=True)
class Stay:
    """A class in which the pupil sat."""

    school: _Short
    school_year: _Year
    class_name: _Short
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class Move:
    kind: MovementKind
    on: date
    school: _Short
    from_class: _Short
    to_class: _Short
    other_school: _Short
    reason: _Short
    decision: _Short


@dataclass(frozen=True, slots=True)
class Taught:
    code: _Short
    name: _Short
    kind: SubjectKind
    periods_per_year: int
    has_topics: bool
    regular_marks: int | None


@dataclass(frozen=True, slots=True)
class GivenMark:
    """One of `score` and `verdict`."""

    subject: _Short
    semester: Semester
    part: Part
    place: int
    score: Decimal | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class JudgedConduct:
    time: ConductTime
    level: ConductLevel


@dataclass(frozen=True, slots=True)
class JudgedTrait:
    code: _Short
    time: TraitTime
    level: TraitLevel


@dataclass(frozen=True, slots=True)
class MissedSession:
    on: date
    session: Session
    excused: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """What a teacher wrote of the pupil; `subject` "" for the homeroom teacher."""

    subject: _Short
    text: Annotated[str, msgspec.Meta(max_length=4000)]


@dataclass(frozen=True, slots=True)
class SemesterResult:
    """A subject's result in a semester that is complete: "8.5", "passed", "exempt"…"""

    subject: _Short
    semester: Semester
    result: _Short


@dataclass(frozen=True, slots=True)
class YearSoFar:
    """The school year in which the pupil goes, as far as it got."""

    school_year: _Year
    class_name: _Short
    grade: Annotated[int, msgspec.Meta(ge=1, le=12)]
    #: The circular: "TT22/2021", and what an officer keeps for it, as JSON text.
    rule_set: _Short
    terms: Annotated[str, msgspec.Meta(max_length=50_000)]
    specialised: _Short | None
    subjects: Annotated[tuple[Taught, ...], msgspec.Meta(max_length=60)]
    marks: Annotated[tuple[GivenMark, ...], msgspec.Meta(max_length=2000)]
    conduct: Annotated[tuple[JudgedConduct, ...], msgspec.Meta(max_length=8)]
    traits: Annotated[tuple[JudgedTrait, ...], msgspec.Meta(max_length=200)]
    absences: Annotated[tuple[MissedSession, ...], msgspec.Meta(max_length=800)]
    remarks: Annotated[tuple[Remark, ...], msgspec.Meta(max_length=100)]
    results: Annotated[tuple[SemesterResult, ...], msgspec.Meta(max_length=200)]


@dataclass(frozen=True, slots=True)
class ReportBook:
    """A closed year of the report book, whose signed file is a member of the package."""

    school_year: _Year
    grade: int
    class_name: _Short
    school: _Short
    version: int
    member: _Short
    #: The file that the issuing school closed; the member may hold further evidence behind it.
    closed_sha256: _Digest


@dataclass(frozen=True, slots=True)
class ClassBook:
    """A closed book of a class, of which the pupil's own lines are a member of the package."""

    school_year: _Year
    class_name: _Short
    school: _Short
    version: int
    member: _Short
    book_sha256: _Digest


@dataclass(frozen=True, slots=True)
class PupilPackage:
    format: str
    package_id: _Short
    made_at: datetime
    from_school: School
    to_school: _Short
    pupil: Particulars
    #: The move for which the package is made.
    leaving: Move
    stays: Annotated[tuple[Stay, ...], msgspec.Meta(max_length=100)]
    moves: Annotated[tuple[Move, ...], msgspec.Meta(max_length=100)]
    year: YearSoFar | None
    reports: Annotated[tuple[ReportBook, ...], msgspec.Meta(max_length=30)]
    books: Annotated[tuple[ClassBook, ...], msgspec.Meta(max_length=30)]


def encoded(data: PupilPackage) -> bytes:
    """The same bytes for the same data."""
    return msgspec.json.format(msgspec.json.encode(data), indent=1) + b"\n"


def decoded(content: bytes) -> PupilPackage:
    """Raises DataUnreadable."""
    try:
        found = msgspec.json.decode(content, type=PupilPackage)
    except (msgspec.DecodeError, RecursionError) as failure:
        raise DataUnreadable(
            "Dữ liệu data.json của hồ sơ không đúng lược đồ đã công bố."
        ) from failure
    if found.format != FORMAT:
        raise DataUnreadable(f"Hồ sơ theo lược đồ “{found.format[:60]}” không được hỗ trợ.")
    return found


def json_schema() -> dict[str, Any]:
    """The published shape of data.json."""
    schema: dict[str, Any] = msgspec.json.schema(PupilPackage)
    schema["$defs"]["PupilPackage"]["properties"]["format"] = {"const": FORMAT}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FORMAT, **schema}


def results_of(year: YearSoFar) -> tuple[SemesterResult, ...]:
    """The semesters' results that the marks of the year give under its own circular and terms.

    Raises DataUnreadable: the circular or its terms are not known here.
    """
    subjects = tuple(
        Subject(
            one.code, one.name, one.kind, one.periods_per_year, one.has_topics, one.regular_marks
        )
        for one in year.subjects
    )
    codes = {one.code for one in subjects}
    try:
        rules = rule_set(year.rule_set).with_terms(json.loads(year.terms))
    except (RuleSetUnknown, TermsRefused, ValueError, TypeError, KeyError) as failure:
        raise DataUnreadable(
            f"Chưa tính lại được kết quả: không có quy định {year.rule_set[:60]} ở đây."
        ) from failure
    if any(mark.subject not in codes for mark in year.marks):
        raise DataUnreadable("Dữ liệu có điểm của môn học không có trong danh sách môn học.")
    outcome = rules.of_year(
        PupilYear(
            grade=year.grade,
            subjects=subjects,
            marks={
                (one.subject, one.semester, one.part, one.place): value_of(one)
                for one in year.marks
            },
            conduct={one.time: one.level for one in year.conduct},
            traits={(one.code, one.time): one.level for one in year.traits},
            absences=len(year.absences),
            specialised=year.specialised,
        )
    )
    return tuple(
        SemesterResult(code, semester, str(result))
        for code, found in outcome.subjects.items()
        for semester, result in found.semesters.items()
        if isinstance(result, Decimal | Verdict)
    )


def differences(year: YearSoFar) -> tuple[str, ...]:
    """What the data state of the semesters that the marks beside it do not give, as sentences."""
    try:
        computed = {(one.subject, one.semester): one.result for one in results_of(year)}
    except DataUnreadable as refusal:
        return (refusal.detail,)
    stated = {(one.subject, one.semester): one.result for one in year.results}
    names = {one.code: one.name for one in year.subjects}
    return tuple(
        f"{names.get(code, code)}, học kì {'I' if semester is Semester.FIRST else 'II'}: hồ sơ ghi "
        f"{_said(stated.get((code, semester)))}, tính lại từ điểm là "
        f"{_said(computed.get((code, semester)))}."
        for code, semester in sorted(stated.keys() | computed.keys())
        if stated.get((code, semester)) != computed.get((code, semester))
    )


def value_of(mark: GivenMark) -> Value:
    """Raises DataUnreadable: neither a score nor a word, or both."""
    if (mark.score is None) == (mark.verdict is None):
        raise DataUnreadable("Dữ liệu có một điểm không có giá trị.")
    if mark.verdict is not None:
        return mark.verdict
    assert mark.score is not None
    if not Decimal(0) <= mark.score <= Decimal(10):
        raise DataUnreadable("Dữ liệu có một điểm ngoài thang 0 đến 10.")
    return mark.score


def stated_marks(year: YearSoFar) -> Iterator[GivenMark]:
    """The finished semesters as results of another school (22/2021, Đ9; 58/2011, Đ8, Đ9, Đ11).

    A school that takes a pupil in keeps the result of a semester as a whole; its marks stay in the
    package.
    """
    for one in results_of(year):
        word = None if one.result[:1].isdigit() else Verdict(one.result)
        yield GivenMark(
            one.subject,
            one.semester,
            Part.STATED,
            1,
            Decimal(one.result) if word is None else None,
            word,
        )


_WORDS: Final = {"passed": "Đ", "failed": "CĐ", "exempt": "M", None: "trống"}


def _said(result: str | None) -> str:
    return _WORDS.get(result) or str(result).replace(".", ",")
