"""From the marks of one pupil to everything that the register states about them.

Pure. Whatever cannot be stated yet is `Incomplete` or None, and says through `gaps` what it waits
for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from eoffice.assessment import tt22 as rules
from eoffice.assessment.marks import Incomplete, Semester, SubjectKind, Verdict
from eoffice.assessment.tt22 import (
    CommentMarks,
    LearningResult,
    Level,
    Promotion,
    ScoredMarks,
    Title,
)

Marks = ScoredMarks | CommentMarks
Result = Decimal | Verdict | Incomplete


class Session(StrEnum):
    """The part of a day that counts as one absence (buổi)."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True, slots=True)
class TaughtSubject:
    """A subject in one class and year; `teacher` is the name printed below the list."""

    code: str
    name: str
    kind: SubjectKind
    periods_per_year: int
    teacher: str

    @property
    def regular_marks(self) -> int:
        return rules.regular_marks_required(self.kind, self.periods_per_year)

    def no_marks(self) -> Marks:
        """The marks of a semester before any was entered."""
        if self.kind is SubjectKind.SCORED:
            return ScoredMarks((None,) * self.regular_marks, None, None)
        return CommentMarks((None,) * self.regular_marks, None, None)


@dataclass(frozen=True, slots=True)
class Absence:
    """One session that a pupil missed, with leave (P) or without (K)."""

    pupil_code: str
    on: date
    session: Session
    excused: bool


@dataclass(frozen=True, slots=True)
class SubjectResults:
    """The results of one subject: ĐTBmhk or Đ/CĐ of the semesters and of the year."""

    semesters: Mapping[Semester, Result]
    year: Result


@dataclass(frozen=True, slots=True)
class PeriodResults:
    """Learning and conduct of a semester or of the year."""

    learning: LearningResult | Incomplete
    conduct: Level | None


@dataclass(frozen=True, slots=True)
class PupilResults:
    subjects: Mapping[str, SubjectResults]
    semesters: Mapping[Semester, PeriodResults]
    year: PeriodResults
    excused: int
    unexcused: int
    promotion: Promotion | None
    title: Title | None


def of_pupil(
    subjects: Sequence[TaughtSubject],
    marks: Mapping[tuple[str, Semester], Marks],
    conduct: Mapping[Semester, Level],
    absences: Sequence[Absence],
) -> PupilResults:
    """Everything about one pupil; `marks` by subject code and semester, `absences` of the year."""
    by_subject = {subject.code: _of_subject(subject, marks) for subject in subjects}
    semesters = {
        semester: PeriodResults(
            _learning(subjects, {c: r.semesters[semester] for c, r in by_subject.items()}),
            conduct.get(semester),
        )
        for semester in Semester
    }
    year = PeriodResults(
        _learning(subjects, {code: results.year for code, results in by_subject.items()}),
        _year_conduct(conduct),
    )
    excused = sum(absence.excused for absence in absences)
    promotion, title = None, None
    if isinstance(year.learning, LearningResult) and year.conduct is not None:
        promotion = rules.promotion(year.learning.level, year.conduct, len(absences))
        averages = [r.year for r in by_subject.values() if isinstance(r.year, Decimal)]
        title = rules.title(year.learning.level, year.conduct, averages)
    return PupilResults(
        subjects=by_subject,
        semesters=semesters,
        year=year,
        excused=excused,
        unexcused=len(absences) - excused,
        promotion=promotion,
        title=title,
    )


def gaps(subjects: Sequence[TaughtSubject], results: PupilResults) -> Iterator[str]:
    """What the results of a pupil wait for, in words of the register."""
    for subject in subjects:
        for semester, result in results.subjects[subject.code].semesters.items():
            if isinstance(result, Incomplete):
                missing = ", ".join(map(_mark_label, result.missing))
                yield f"{subject.name}, học kì {roman(semester)}: {missing}"
    for semester, period in results.semesters.items():
        if period.conduct is None:
            yield f"kết quả rèn luyện học kì {roman(semester)}"


def roman(semester: Semester) -> str:
    return "I" if semester is Semester.FIRST else "II"


def _of_subject(
    subject: TaughtSubject, marks: Mapping[tuple[str, Semester], Marks]
) -> SubjectResults:
    given = {
        semester: marks.get((subject.code, semester), subject.no_marks()) for semester in Semester
    }
    scored = {s: rules.semester_average(m) for s, m in given.items() if isinstance(m, ScoredMarks)}
    if len(scored) == len(given):
        year = rules.year_average(scored[Semester.FIRST], scored[Semester.SECOND])
        return SubjectResults(scored, year)
    verdicts = {
        s: rules.semester_verdict(m) for s, m in given.items() if isinstance(m, CommentMarks)
    }
    return SubjectResults(verdicts, rules.year_verdict(verdicts[Semester.SECOND]))


def _learning(
    subjects: Sequence[TaughtSubject], results: Mapping[str, Result]
) -> LearningResult | Incomplete:
    averages: dict[str, Decimal | Incomplete] = {}
    verdicts: dict[str, Verdict | Incomplete] = {}
    for subject in subjects:
        result = results[subject.code]
        if subject.kind is SubjectKind.SCORED and not isinstance(result, Verdict):
            averages[subject.code] = result
        elif not isinstance(result, Decimal):
            verdicts[subject.code] = result
    return rules.learning_result(averages, verdicts)


def _year_conduct(conduct: Mapping[Semester, Level]) -> Level | None:
    first, second = conduct.get(Semester.FIRST), conduct.get(Semester.SECOND)
    return None if first is None or second is None else rules.conduct_of_year(first, second)


def _mark_label(name: str) -> str:
    part, _, place = name.partition("_")
    return {"regular": "ĐĐGtx", "midterm": "ĐĐGgk", "final": "ĐĐGck"}[part] + place
