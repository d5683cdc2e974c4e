"""The year of a pupil in a secondary school, by the steps that Circulars 58 and 22 have in common.

Marks make semesters, semesters the year, the year a level, levels and absences an outcome, and the
summer may change it. What each circular says at each step is a `Practice`: a table of functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from eoffice.assessment import summer
from eoffice.assessment.marks import (
    Incomplete,
    Part,
    Result,
    Semester,
    SubjectKind,
    Value,
    Verdict,
)
from eoffice.assessment.summer import Reassessment
from eoffice.assessment.year import (
    Cell,
    ConductLevel,
    ConductTime,
    Gap,
    Need,
    Outcome,
    PeriodOutcome,
    PupilYear,
    Subject,
    SubjectOutcome,
    Word,
    YearOutcome,
    completion,
)


@dataclass(frozen=True, slots=True)
class Learned:
    """A level of learning by its code; the average only where the circular has one."""

    level: str
    base: str
    average: Decimal | None = None


#: From the results of a period by subject code, scored and in words (a scored subject from which
#: the pupil is exempted is among the latter), and the subject of a specialised class.
Learning = Callable[
    [Mapping[str, Decimal | Incomplete], Mapping[str, Verdict | Incomplete], str | None],
    Learned | None,
]


@dataclass(frozen=True, slots=True)
class Practice:
    """What a circular says at each step."""

    rule_set: str
    learning_words: Mapping[str, str]
    conduct_words: Mapping[str, str]
    title_words: Mapping[str, str]
    #: Prints the parts that a result waits for.
    part_labels: Mapping[str, str]
    #: When conduct is judged by a teacher in every year.
    conduct_times: tuple[ConductTime, ...]
    semester_result: Callable[[Subject, Semester, Mapping[Cell, Value]], Result]
    year_average: Callable[[Decimal | Incomplete, Decimal | Incomplete], Decimal | Incomplete]
    learning: Learning
    conduct_of_year: Callable[[Mapping[ConductTime, ConductLevel]], ConductLevel | None]
    #: From the codes of learning and conduct, and the sessions missed.
    outcome: Callable[[str, ConductLevel, int], tuple[Outcome, tuple[Need, ...]]]
    outcome_word: Callable[[Outcome, tuple[Need, ...], bool], str]
    #: From the codes of learning and conduct, and the averages of the year.
    title: Callable[[str, ConductLevel, Sequence[Decimal]], str | None]
    has_semester_titles: bool
    one_semester_makes_the_year: bool
    reassessment: Reassessment
    needs_topics: bool = False


def of_year(pupil: PupilYear, practice: Practice) -> YearOutcome:
    """Everything that the circular says about the pupil's year.

    Values of another circular, such as hạnh kiểm Trung bình under 22/2021, are as if not entered.
    """
    pupil = replace(
        pupil,
        conduct={
            time: level
            for time, level in pupil.conduct.items()
            if level.value in practice.conduct_words
        },
    )
    semesters = {
        subject.code: {
            semester: of_semester(subject, semester, pupil.marks, practice) for semester in Semester
        }
        for subject in pupil.subjects
    }
    years = {
        subject.code: _year(subject, semesters[subject.code], practice)
        for subject in pupil.subjects
    }
    learned = _learned(pupil, years, practice)
    conduct = practice.conduct_of_year(pupil.conduct)
    title = outcome = None
    needs: tuple[Need, ...] = ()
    if learned is not None and conduct is not None:
        outcome, needs = practice.outcome(learned.level, conduct, pupil.absences)
        title = practice.title(learned.level, conduct, _averages(years))
    closing = _closing(pupil, practice, years, conduct, needs)
    return YearOutcome(
        rule_set=practice.rule_set,
        subjects={
            code: SubjectOutcome(semesters[code], year, closing.results.get(code))
            for code, year in years.items()
        },
        semesters={
            semester: _of_semester(
                pupil, {code: by[semester] for code, by in semesters.items()}, semester, practice
            )
            for semester in Semester
        },
        year=_period(learned, conduct, title, practice),
        outcome=outcome,
        outcome_word=_outcome_word(outcome, needs, practice, is_after=False),
        needs=needs,
        candidates=(
            summer.candidates(years, practice.reassessment) if Need.RE_ASSESSMENT in needs else ()
        ),
        after=closing.period,
        outcome_after=closing.outcome,
        outcome_after_word=_outcome_word(closing.outcome, needs, practice, is_after=True),
        completion=completion(pupil.grade, closing.outcome or outcome),
        gaps=tuple(_gaps(pupil, semesters, practice)),
    )


def of_semester(
    subject: Subject, semester: Semester, marks: Mapping[Cell, Value], practice: Practice
) -> Result:
    """The result of a subject in a semester: stated as a whole, or made of its marks."""
    whole = stated(subject, semester, marks)
    return practice.semester_result(subject, semester, marks) if whole is None else whole


def stated(subject: Subject, semester: Semester, marks: Mapping[Cell, Value]) -> Result | None:
    """The semester's result as a whole: of another school, or M; None where marks make it.

    A pupil may be exempted from a scored subject too.
    """
    value = marks.get((subject.code, semester, Part.STATED, 1))
    if value is Verdict.EXEMPT:
        return value
    if subject.kind is SubjectKind.SCORED:
        return value if isinstance(value, Decimal) else None
    return value if value in (Verdict.PASSED, Verdict.FAILED) else None


def numbers(
    marks: Mapping[Cell, Value], code: str, semester: Semester, part: Part, places: int
) -> tuple[Decimal | None, ...]:
    """The marks of one part in their places; None where there is none, or it is no mark."""
    found = [marks.get((code, semester, part, place)) for place in range(1, places + 1)]
    return tuple([value if isinstance(value, Decimal) else None for value in found])


def verdicts(
    marks: Mapping[Cell, Value], code: str, semester: Semester, part: Part, places: int
) -> tuple[Verdict | None, ...]:
    found = [marks.get((code, semester, part, place)) for place in range(1, places + 1)]
    return tuple(
        [
            value if isinstance(value, Verdict) and value in _OF_COMMENT_SUBJECTS else None
            for value in found
        ]
    )


_OF_COMMENT_SUBJECTS = frozenset({Verdict.PASSED, Verdict.FAILED, Verdict.EXEMPT})


@dataclass(frozen=True, slots=True)
class _Closing:
    """What summer made of the year: results of subjects taken again, levels and outcome anew."""

    results: Mapping[str, Result]
    period: PeriodOutcome | None
    outcome: Outcome | None


def _closing(
    pupil: PupilYear,
    practice: Practice,
    years: Mapping[str, Result],
    judged: ConductLevel | None,
    needs: Sequence[Need],
) -> _Closing:
    """Learning and promotion judged anew, with what was made good (22/2021: Đ13, Đ14)."""
    again = _taken_again(pupil, years, practice) if Need.RE_ASSESSMENT in needs else {}
    trained = pupil.conduct.get(ConductTime.SUMMER) if Need.CONDUCT_TRAINING in needs else None
    if not needs or not (again or trained or pupil.is_summer_over):
        return _Closing({}, None, None)
    results = summer.replaced(years, again, practice.reassessment)
    learned, conduct = _learned(pupil, results, practice), trained or judged
    assert learned is not None  # Was known before, and what replaces a result is one.
    assert conduct is not None
    outcome, _ = practice.outcome(learned.level, conduct, pupil.absences)
    if outcome is Outcome.SUMMER and pupil.is_summer_over:
        outcome = Outcome.HELD_BACK
    return _Closing(
        {code: results[code] for code in again},
        _period(learned, conduct, None, practice),
        outcome,
    )


def _taken_again(
    pupil: PupilYear, years: Mapping[str, Result], practice: Practice
) -> dict[str, Value]:
    found = {
        code: pupil.marks.get((code, Semester.SECOND, Part.REASSESSED, 1))
        for code in summer.candidates(years, practice.reassessment)
    }
    return {code: value for code, value in found.items() if value is not None}


def _year(subject: Subject, by: Mapping[Semester, Result], practice: Practice) -> Result:
    first, second = by[Semester.FIRST], by[Semester.SECOND]
    if not isinstance(first, Verdict) and not isinstance(second, Verdict):
        if subject.kind is SubjectKind.SCORED:
            return practice.year_average(first, second)
        return Incomplete(("semester_2",))
    # Whoever is exempted in one semester has, where the terms say so, the result of the other.
    if second is Verdict.EXEMPT:
        return first if practice.one_semester_makes_the_year else Verdict.EXEMPT
    if first is Verdict.EXEMPT and subject.kind is SubjectKind.SCORED:
        return second if practice.one_semester_makes_the_year else Verdict.EXEMPT
    # 22/2021 Đ9.1b: the year of a comment subject is semester II, whatever semester I was.
    return Incomplete(("semester_2",)) if isinstance(second, Incomplete) else second


def _of_semester(
    pupil: PupilYear, results: Mapping[str, Result], semester: Semester, practice: Practice
) -> PeriodOutcome:
    learned = _learned(pupil, results, practice)
    conduct = pupil.conduct.get(ConductTime(semester.value))
    title = None
    if practice.has_semester_titles and learned is not None and conduct is not None:
        title = practice.title(learned.level, conduct, _averages(results))
    return _period(learned, conduct, title, practice)


def _learned(pupil: PupilYear, results: Mapping[str, Result], practice: Practice) -> Learned | None:
    averages: dict[str, Decimal | Incomplete] = {}
    words: dict[str, Verdict | Incomplete] = {}
    for subject in pupil.subjects:
        result = results[subject.code]
        if isinstance(result, Verdict):
            words[subject.code] = result
        elif isinstance(result, Decimal):
            averages[subject.code] = result
        else:
            return None
    return practice.learning(averages, words, pupil.specialised)


def _averages(results: Mapping[str, Result]) -> list[Decimal]:
    return [result for result in results.values() if isinstance(result, Decimal)]


def _period(
    learned: Learned | None, conduct: ConductLevel | None, title: str | None, practice: Practice
) -> PeriodOutcome:
    return PeriodOutcome(
        average=None if learned is None else learned.average,
        learning=None if learned is None else _word(learned.level, practice.learning_words),
        learning_before_adjustment=(
            None if learned is None else _word(learned.base, practice.learning_words)
        ),
        conduct=None if conduct is None else _word(conduct.value, practice.conduct_words),
        title=None if title is None else _word(title, practice.title_words),
    )


def _word(code: str, words: Mapping[str, str]) -> Word:
    return Word(code, words[code])


def _outcome_word(
    outcome: Outcome | None, needs: tuple[Need, ...], practice: Practice, *, is_after: bool
) -> Word | None:
    if outcome is None:
        return None
    return Word(outcome.value, practice.outcome_word(outcome, needs, is_after))


def _gaps(
    pupil: PupilYear, semesters: Mapping[str, Mapping[Semester, Result]], practice: Practice
) -> Iterator[Gap]:
    for subject in pupil.subjects:
        for semester, result in semesters[subject.code].items():
            if isinstance(result, Incomplete):
                missing = ", ".join(_label(name, practice) for name in result.missing)
                yield Gap(missing, subject.code, semester)
        if practice.needs_topics and subject.has_topics and not _has_topic(pupil, subject):
            yield Gap(practice.part_labels[Part.TOPIC], subject.code)
    for time in practice.conduct_times:
        if time not in pupil.conduct:
            is_year = time is ConductTime.YEAR
            name = practice.part_labels["conduct"]
            yield Gap(
                f"{name} cả năm" if is_year else name,
                semester=None if is_year else Semester(time.value),
            )


def _has_topic(pupil: PupilYear, subject: Subject) -> bool:
    return any((subject.code, one, Part.TOPIC, 1) in pupil.marks for one in Semester)


def _label(name: str, practice: Practice) -> str:
    part, _, place = name.partition("_")
    return practice.part_labels[part] + place
