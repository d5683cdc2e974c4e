"""The data of a gradebook: what is embedded in the file, attached to its pages, and signed.

"Sổ theo dõi và đánh giá học sinh (theo lớp học)" of Circular 22/2021. `data_of` states marks and
results as JSON; `source_of` takes the marks out of such JSON again, so that anybody can compute the
results anew. The schema is documented in docs/register-data.md.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from eoffice.assessment import marks as scale
from eoffice.assessment import tt22 as rules
from eoffice.assessment.marks import Part, Semester, SubjectKind, Verdict
from eoffice.assessment.tt22 import CommentMarks, LearningResult, Level, ScoredMarks
from eoffice.errors import Invalid
from eoffice.marks import results as results_
from eoffice.marks.results import Absence, Marks, PupilResults, Session, TaughtSubject
from eoffice.registers.kinds.parts import Citation

FORMAT = "eoffice-gradebook/1"
#: Name of the file that is embedded in the PDF.
DATA_FILE = "gradebook.json"

Json = dict[str, Any]


class NotComplete(Invalid):
    """Results are missing, so the register of the year cannot be made yet."""


class DataUnreadable(Invalid):
    """The data embedded in a register are not what the schema says."""


@dataclass(frozen=True, slots=True)
class School:
    name: str
    #: The agency above it on the cover, such as "Phòng Giáo dục và Đào tạo huyện Lấp Vò".
    superior: str
    place: str
    organ_id: str | None


@dataclass(frozen=True, slots=True)
class ClassOfYear:
    name: str
    grade: int
    #: "2024-2025"
    school_year: str
    homeroom_teacher: str
    principal: str


@dataclass(frozen=True, slots=True)
class Pupil:
    """The particulars of a pupil in the register; empty text where nothing is on record."""

    code: str
    name: str
    born_on: date
    sex: str
    birthplace: str = ""
    ethnicity: str = ""
    policy_group: str = ""
    address: str = ""
    father: str = ""
    mother: str = ""
    changes: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """What the principal wrote at the inspection of a month (day one of it)."""

    month: date
    text: str


@dataclass(frozen=True, slots=True)
class Correction:
    """A mark that differs from the one in an earlier version which somebody had signed."""

    pupil_code: str
    subject_code: str
    semester: Semester
    part: Part
    place: int
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """What a gradebook is made of; everything else in it is computed."""

    version: int
    made_at: datetime
    school: School
    class_: ClassOfYear
    subjects: tuple[TaughtSubject, ...]
    #: In the order of the register.
    pupils: tuple[Pupil, ...]
    #: By pupil code, subject code and semester.
    marks: Mapping[tuple[str, str, Semester], Marks]
    conduct: Mapping[tuple[str, Semester], Level]
    absences: tuple[Absence, ...]
    remarks: tuple[Remark, ...] = ()
    corrections: tuple[Correction, ...] = ()
    #: Subjects that a correcting version leaves as they were.
    cited: tuple[Citation, ...] = ()


def results(source: Source) -> dict[str, PupilResults]:
    """The results of every pupil, by code."""
    return {
        pupil.code: results_.of_pupil(
            source.subjects,
            {(s, t): m for (p, s, t), m in source.marks.items() if p == pupil.code},
            {t: level for (p, t), level in source.conduct.items() if p == pupil.code},
            [absence for absence in source.absences if absence.pupil_code == pupil.code],
        )
        for pupil in source.pupils
    }


def data_of(source: Source) -> Json:
    """The gradebook as JSON values. Raises NotComplete, naming what is missing."""
    found = results(source)
    _refuse_gaps(source, found)
    return {
        "format": FORMAT,
        "rule_set": rules.RULE_SET,
        "version": source.version,
        "made_at": source.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "school": {
            "name": source.school.name,
            "superior": source.school.superior,
            "place": source.school.place,
            "organ_id": source.school.organ_id,
        },
        "class": {
            "name": source.class_.name,
            "grade": source.class_.grade,
            "school_year": source.class_.school_year,
            "homeroom_teacher": source.class_.homeroom_teacher,
            "principal": source.class_.principal,
        },
        "subjects": [_subject_json(subject) for subject in source.subjects],
        "pupils": [
            _pupil_json(source, number, pupil, found[pupil.code])
            for number, pupil in enumerate(source.pupils, start=1)
        ],
        "absences": [
            {
                "pupil": absence.pupil_code,
                "on": absence.on.isoformat(),
                "session": absence.session.value,
                "excused": absence.excused,
            }
            for absence in sorted(source.absences, key=lambda a: (a.on, a.pupil_code, a.session))
        ],
        "remarks": [
            {"month": f"{remark.month:%Y-%m}", "text": remark.text} for remark in source.remarks
        ],
        "corrections": [
            {
                "pupil": c.pupil_code,
                "subject": c.subject_code,
                "semester": c.semester.value,
                "part": c.part.value,
                "place": c.place,
                "old": c.old,
                "new": c.new,
            }
            for c in source.corrections
        ],
        **({"cited": [citation_json(one) for one in source.cited]} if source.cited else {}),
        "totals": _totals(source, found),
    }


def citation_json(one: Citation) -> Json:
    return {
        "subject": one.subject,
        "version": one.version,
        "signer": one.signer,
        "signed_at": one.signed_at.astimezone(UTC).isoformat(timespec="seconds"),
    }


def encoded(data: Json) -> bytes:
    """The one byte sequence of the data: UTF-8, sorted keys, no superfluous spaces."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decoded(content: bytes) -> Json:
    """Raises DataUnreadable."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataUnreadable("Dữ liệu kèm theo sổ không phải là JSON.") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise DataUnreadable(f"Dữ liệu kèm theo sổ không theo lược đồ {FORMAT}.")
    return data


def source_of(data: Json) -> Source:
    """What the data say was entered, without any of the results they state.

    Raises DataUnreadable where the data do not follow the schema.
    """
    try:
        return _source_of(data)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, Invalid) as error:
        raise DataUnreadable(
            f"Dữ liệu kèm theo sổ không theo lược đồ {FORMAT}: {error}."
        ) from error


def corrections(previous: Source, current: Source) -> tuple[Correction, ...]:
    """The marks that are others than in an earlier version, in the order of the register."""
    found = []
    for pupil in current.pupils:
        for subject in current.subjects:
            for semester in Semester:
                key = (pupil.code, subject.code, semester)
                old = _cells(previous.marks.get(key))
                new = _cells(current.marks.get(key))
                found += [
                    Correction(*key, part, place, old.get((part, place)), new.get((part, place)))
                    for part, place in sorted(old.keys() | new.keys(), key=_column_order)
                    if old.get((part, place)) != new.get((part, place))
                ]
    return (*previous.corrections, *found)


def _refuse_gaps(source: Source, found: Mapping[str, PupilResults]) -> None:
    missing = [
        f"{pupil.name}: {gap}"
        for pupil in source.pupils
        for gap in results_.gaps(source.subjects, found[pupil.code])
    ]
    if missing:
        more = f" và {len(missing) - 5} mục khác" if len(missing) > 5 else ""
        raise NotComplete(
            f"Chưa đủ dữ liệu để lập sổ: {'; '.join(missing[:5])}{more}. "
            "Hãy bổ sung rồi lập sổ lại."
        )


def _subject_json(subject: TaughtSubject) -> Json:
    return {
        "code": subject.code,
        "name": subject.name,
        "kind": subject.kind.value,
        "periods_per_year": subject.periods_per_year,
        "regular_marks": subject.regular_marks,
        "teacher": subject.teacher,
    }


def _pupil_json(source: Source, number: int, pupil: Pupil, found: PupilResults) -> Json:
    return {
        "ordinal": number,
        "code": pupil.code,
        "name": pupil.name,
        "born_on": pupil.born_on.isoformat(),
        "sex": pupil.sex,
        "birthplace": pupil.birthplace,
        "ethnicity": pupil.ethnicity,
        "policy_group": pupil.policy_group,
        "address": pupil.address,
        "father": pupil.father,
        "mother": pupil.mother,
        "changes": pupil.changes,
        "subjects": {
            subject.code: {
                **{
                    semester.value: {
                        **_marks_json(source.marks[pupil.code, subject.code, semester]),
                        "result": _text(found.subjects[subject.code].semesters[semester]),
                    }
                    for semester in Semester
                },
                "year": _text(found.subjects[subject.code].year),
            }
            for subject in source.subjects
        },
        "semesters": {
            semester.value: _period_json(period) for semester, period in found.semesters.items()
        },
        "year": {
            **_period_json(found.year),
            "excused": found.excused,
            "unexcused": found.unexcused,
            "promotion": found.promotion and found.promotion.value,
            "title": found.title and found.title.value,
        },
    }


def _period_json(period: results_.PeriodResults) -> Json:
    learning = period.learning if isinstance(period.learning, LearningResult) else None
    return {
        "learning": learning and learning.level.value,
        "learning_before_adjustment": learning and learning.base.value,
        "conduct": period.conduct and period.conduct.value,
    }


def _marks_json(marks: Marks) -> Json:
    return {
        "regular": [_text(value) for value in marks.regular],
        "midterm": _text(marks.midterm),
        "final": _text(marks.final),
    }


def _text(value: object) -> str | None:
    if isinstance(value, Verdict):
        return value.value
    return str(value) if isinstance(value, Decimal) else None


def _totals(source: Source, found: Mapping[str, PupilResults]) -> Json:
    learning: Counter[str] = Counter()
    conduct: Counter[str] = Counter()
    promotion: Counter[str] = Counter()
    titles: Counter[str] = Counter()
    for one in found.values():
        if isinstance(one.year.learning, LearningResult):
            learning[one.year.learning.level.value] += 1
        if one.year.conduct is not None:
            conduct[one.year.conduct.value] += 1
        if one.promotion is not None:
            promotion[one.promotion.value] += 1
        if one.title is not None:
            titles[one.title.value] += 1
    return {
        "pupils": len(source.pupils),
        "girls": sum(pupil.sex == "Nữ" for pupil in source.pupils),
        "learning": {level.value: learning[level.value] for level in Level},
        "conduct": {level.value: conduct[level.value] for level in Level},
        "promotion": {outcome.value: promotion[outcome.value] for outcome in rules.Promotion},
        "titles": {title.value: titles[title.value] for title in rules.Title},
    }


def _source_of(data: Json) -> Source:
    for name in ("subjects", "pupils", "absences", "remarks", "corrections"):
        if not isinstance(data[name], list):
            raise TypeError(f"{name} không phải là danh sách")
    subjects = tuple(
        TaughtSubject(
            code=one["code"],
            name=one["name"],
            kind=SubjectKind(one["kind"]),
            periods_per_year=int(one["periods_per_year"]),
            teacher=one["teacher"],
        )
        for one in data["subjects"]
    )
    return Source(
        version=int(data["version"]),
        made_at=datetime.fromisoformat(data["made_at"]),
        school=School(**{k: data["school"][k] for k in ("name", "superior", "place", "organ_id")}),
        class_=ClassOfYear(
            name=data["class"]["name"],
            grade=int(data["class"]["grade"]),
            school_year=data["class"]["school_year"],
            homeroom_teacher=data["class"]["homeroom_teacher"],
            principal=data["class"]["principal"],
        ),
        subjects=subjects,
        pupils=tuple(_pupil_of(one) for one in data["pupils"]),
        marks={
            (pupil["code"], subject.code, semester): _marks_of(
                subject, pupil["subjects"][subject.code][semester.value]
            )
            for pupil in data["pupils"]
            for subject in subjects
            for semester in Semester
        },
        conduct={
            (pupil["code"], semester): Level(pupil["semesters"][semester.value]["conduct"])
            for pupil in data["pupils"]
            for semester in Semester
        },
        absences=tuple(
            Absence(
                one["pupil"],
                date.fromisoformat(one["on"]),
                Session(one["session"]),
                bool(one["excused"]),
            )
            for one in data["absences"]
        ),
        remarks=tuple(
            Remark(date.fromisoformat(f"{one['month']}-01"), one["text"]) for one in data["remarks"]
        ),
        corrections=tuple(
            Correction(
                one["pupil"],
                one["subject"],
                Semester(one["semester"]),
                Part(one["part"]),
                int(one["place"]),
                one["old"],
                one["new"],
            )
            for one in data["corrections"]
        ),
        cited=tuple(
            Citation(
                one["subject"],
                int(one["version"]),
                one["signer"],
                datetime.fromisoformat(one["signed_at"]),
            )
            for one in data.get("cited", ())
        ),
    )


def _pupil_of(one: Json) -> Pupil:
    texts = (
        "code", "name", "sex", "birthplace", "ethnicity", "policy_group", "address", "father",
        "mother", "changes",
    )  # fmt: skip
    return Pupil(
        born_on=date.fromisoformat(one["born_on"]), **{name: str(one[name]) for name in texts}
    )


def _marks_of(subject: TaughtSubject, one: Json) -> Marks:
    if len(one["regular"]) != subject.regular_marks:
        raise ValueError(f"{subject.code}: {len(one['regular'])} ĐĐGtx")
    if subject.kind is SubjectKind.SCORED:
        return ScoredMarks(
            tuple(map(_mark, one["regular"])), _mark(one["midterm"]), _mark(one["final"])
        )
    return CommentMarks(
        tuple(map(_verdict, one["regular"])), _verdict(one["midterm"]), _verdict(one["final"])
    )


def _mark(text: object) -> Decimal | None:
    if not isinstance(text, str | None):
        # As a JSON number it would be a binary fraction.
        raise TypeError(f"điểm {text!r} không phải là chuỗi")
    return None if text is None else scale.mark(Decimal(text))


def _verdict(text: str | None) -> Verdict | None:
    return None if text is None else Verdict(text)


def _cells(marks: Marks | None) -> dict[tuple[Part, int], str]:
    if marks is None:
        return {}
    values: Sequence[tuple[tuple[Part, int], object]] = [
        *(((Part.REGULAR, n), value) for n, value in enumerate(marks.regular, start=1)),
        ((Part.MIDTERM, 1), marks.midterm),
        ((Part.FINAL, 1), marks.final),
    ]
    return {place: text for place, value in values if (text := _text(value)) is not None}


def _column_order(column: tuple[Part, int]) -> tuple[int, int]:
    return list(Part).index(column[0]), column[1]
