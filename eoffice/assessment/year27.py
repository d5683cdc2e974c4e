"""A pupil's year in primary school under Circular 27/2020, in the shape of all circulars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from eoffice.assessment import tt27 as rules
from eoffice.assessment.marks import Incomplete, Part, Result, Semester, Value, Verdict
from eoffice.assessment.terms import Json, whole
from eoffice.assessment.tt27 import Period, Standard, Trait, Year, YearLevel
from eoffice.assessment.tt27 import Subject as Judgement
from eoffice.assessment.year import (
    Cell,
    Column,
    Gap,
    Holds,
    Need,
    Outcome,
    PeriodOutcome,
    PupilYear,
    Subject,
    SubjectOutcome,
    TraitTime,
    Word,
    YearOutcome,
    completion,
)

LEVEL_WORDS: Mapping[str, str] = {
    YearLevel.EXCELLENT: "Hoàn thành xuất sắc",
    YearLevel.WELL_DONE: "Hoàn thành tốt",
    YearLevel.DONE: "Hoàn thành",
    YearLevel.NOT_DONE: "Chưa hoàn thành",
}
TITLE_WORDS: Mapping[str, str] = {
    rules.Title.EXCELLENT_PUPIL: "Học sinh Xuất sắc",
    rules.Title.EXEMPLARY_PUPIL: "Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện",
}
TRAIT_WORDS: Mapping[str, str] = {
    Trait.GOOD: "Tốt",
    Trait.ACHIEVED: "Đạt",
    Trait.NEEDS_EFFORT: "Cần cố gắng",
}
TRAITS: Mapping[str, str] = {**rules.QUALITIES, **rules.COMPETENCES}

#: Where the four times of a year (Đ7) stand among the marks: the judgement, then the test.
_TIMES = {
    Period.MIDDLE_OF_FIRST: (Semester.FIRST, Part.MIDTERM, Part.MIDTERM_TEST),
    Period.END_OF_FIRST: (Semester.FIRST, Part.FINAL, Part.FINAL_TEST),
    Period.MIDDLE_OF_SECOND: (Semester.SECOND, Part.MIDTERM, Part.MIDTERM_TEST),
    Period.END_OF_YEAR: (Semester.SECOND, Part.FINAL, Part.FINAL_TEST),
}
_TIME_WORDS = {
    Period.MIDDLE_OF_FIRST: "giữa học kì I",
    Period.END_OF_FIRST: "cuối học kì I",
    Period.MIDDLE_OF_SECOND: "giữa học kì II",
    Period.END_OF_YEAR: "cuối năm học",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What is known at second hand only: rows that an officer keeps."""

    levels: rules.Terms
    #: When qualities and competences must have been judged; at other times they may be.
    traits_judged_at: tuple[TraitTime, ...]
    #: The first grade in which a quality or competence is judged, where it is not the first.
    traits_from_grade: Mapping[str, int]


def terms_of(json: Json) -> Terms:
    unknown = set(json["traits_from_grade"]) - set(TRAITS)
    if unknown:
        raise ValueError(f"phẩm chất, năng lực không có trong danh mục: {sorted(unknown)}")
    return Terms(
        levels=rules.Terms(
            tuple(
                Standard(
                    YearLevel(one["level"]),
                    Judgement(one["lowest_subject"]),
                    Trait(one["lowest_trait"]),
                    whole(one, "lowest_test"),
                )
                for one in json["standards"]
            )
        ),
        traits_judged_at=tuple(map(TraitTime, json["traits_judged_at"])),
        traits_from_grade={
            code: whole(json["traits_from_grade"], code) for code in json["traits_from_grade"]
        },
    )


def columns(
    subject: Subject, semester: Semester, *, grade: int, taught: Sequence[str]
) -> tuple[Column, ...]:
    """What is entered of a subject in a semester: judgements, tests where there are any (Đ7)."""
    found = []
    for period, (of, judged, tested) in _TIMES.items():
        if of is not semester:
            continue
        found.append(Column(judged, f"Mức {_TIME_WORDS[period]}", Holds.JUDGEMENT))
        if subject.code in rules.subjects_tested(grade, period, taught):
            found.append(Column(tested, f"Điểm {_TIME_WORDS[period]}", Holds.WHOLE_MARK))
    found.append(Column(Part.STATED, "Kết quả học kì được công nhận", Holds.JUDGEMENT, least=0))
    if semester is Semester.SECOND:
        found.append(Column(Part.REASSESSED, "Mức đánh giá bổ sung", Holds.JUDGEMENT, least=0))
        if subject.code in rules.subjects_tested(grade, Period.END_OF_YEAR, taught):
            found.append(
                Column(Part.REASSESSED_TEST, "Điểm kiểm tra bổ sung", Holds.WHOLE_MARK, least=0)
            )
    return tuple(found)


def of_semester(subject: Subject, semester: Semester, marks: Mapping[Cell, Value]) -> Result:
    """What was judged at the end of the semester; M where the pupil is exempted."""
    stated = marks.get((subject.code, semester, Part.STATED, 1))
    value = stated or marks.get((subject.code, semester, Part.FINAL, 1))
    if value is Verdict.EXEMPT or _judgement(value) is not None:
        assert isinstance(value, Verdict)
        return value
    return Incomplete((Part.FINAL.value,))


def traits_judged(grade: int, terms: Terms) -> tuple[str, ...]:
    """The codes of the qualities and competences judged in a grade."""
    return tuple(code for code in TRAITS if grade >= terms.traits_from_grade.get(code, 1))


def of_year(pupil: PupilYear, terms: Terms) -> YearOutcome:
    """Everything that the circular says about the pupil's year."""
    subjects = {
        subject.code: {
            semester: of_semester(subject, semester, pupil.marks) for semester in Semester
        }
        for subject in pupil.subjects
    }
    traits = traits_judged(pupil.grade, terms)
    year = _entered(pupil, traits, subjects)
    level = rules.year_level(year, terms.levels)
    outcome = needs = period = None
    if isinstance(level, YearLevel):
        is_promoted = rules.is_promoted(level)
        outcome = Outcome.PROMOTED if is_promoted else Outcome.SUMMER
        needs = () if is_promoted else (Need.RE_ASSESSMENT,)
        period = _period(level, rules.title(level, is_chosen=pupil.is_chosen))
    again = _made_good(pupil, year, terms) if needs else None
    level_after = None if again is None else rules.year_level(again, terms.levels)
    outcome_after = _outcome_after(pupil, level_after) if needs else None
    return YearOutcome(
        rule_set=rules.RULE_SET,
        subjects={
            code: SubjectOutcome(by, by[Semester.SECOND], _result_after(code, year, again))
            for code, by in subjects.items()
        },
        semesters={semester: PeriodOutcome() for semester in Semester},
        year=period or PeriodOutcome(),
        outcome=outcome,
        outcome_word=_word(outcome, is_after=False),
        needs=needs or (),
        candidates=_weak(year, terms) if needs else (),
        after=_period(level_after, None) if isinstance(level_after, YearLevel) else None,
        outcome_after=outcome_after,
        outcome_after_word=_word(outcome_after, is_after=True),
        completion=completion(pupil.grade, outcome_after or outcome),
        gaps=tuple(_gaps(pupil, traits, subjects, terms)),
    )


def _entered(
    pupil: PupilYear,
    traits: Sequence[str],
    subjects: Mapping[str, Mapping[Semester, Result]],
) -> Year:
    """What the level of the year is judged from; exempted subjects are left out."""
    at_the_end = {
        code: by[Semester.SECOND]
        for code, by in subjects.items()
        if by[Semester.SECOND] is not Verdict.EXEMPT
    }
    return Year(
        subjects={code: _judgement(result) for code, result in at_the_end.items()},
        traits={code: _trait(pupil, code, TraitTime.END_OF_YEAR) for code in traits},
        tests={
            code: _test(pupil, code, Semester.SECOND, Part.FINAL_TEST)
            for code in _tested(pupil, Period.END_OF_YEAR)
            if code in at_the_end
        },
    )


def _made_good(pupil: PupilYear, year: Year, terms: Terms) -> Year | None:
    """The year with what was judged and tested again (Đ11); None where nothing was."""
    subjects, tests, traits = dict(year.subjects), dict(year.tests), dict(year.traits)
    for code in _weak(year, terms):
        judged = pupil.marks.get((code, Semester.SECOND, Part.REASSESSED, 1))
        subjects[code] = _judgement(judged) or subjects[code]
        test = _test(pupil, code, Semester.SECOND, Part.REASSESSED_TEST)
        if test is not None:
            tests[code] = test
    for code, judged_before in year.traits.items():
        traits[code] = _trait(pupil, code, TraitTime.SUMMER) or judged_before
    found = Year(subjects, traits, tests)
    return None if found == year else found


def _weak(year: Year, terms: Terms) -> tuple[str, ...]:
    """The subjects that keep the pupil from the lowest level that is done."""
    least = min((one.lowest_test for one in terms.levels.standards), default=0)
    return tuple(
        code
        for code, judged in year.subjects.items()
        if judged is Judgement.NOT_DONE or _lower(year.tests.get(code), least)
    )


def _lower(mark: int | None, least: int) -> bool:
    return mark is not None and mark < least


def _outcome_after(pupil: PupilYear, level: YearLevel | Incomplete | None) -> Outcome | None:
    """Done after all: moves up. Else the principal decides (Đ11), and until then it is open."""
    if isinstance(level, YearLevel) and rules.is_promoted(level):
        return Outcome.PROMOTED
    return pupil.decided


def _result_after(code: str, year: Year, again: Year | None) -> Verdict | None:
    judged = None if again is None else again.subjects.get(code)
    if judged is None or judged is year.subjects.get(code):
        return None
    return Verdict(judged.value)


def _gaps(
    pupil: PupilYear,
    traits: Sequence[str],
    subjects: Mapping[str, Mapping[Semester, Result]],
    terms: Terms,
) -> Iterator[Gap]:
    taught = [subject.code for subject in pupil.subjects]
    for subject in pupil.subjects:
        for semester in Semester:
            is_stated = (subject.code, semester, Part.STATED, 1) in pupil.marks
            if is_stated and not isinstance(subjects[subject.code][semester], Incomplete):
                continue
            labels = [
                column.label
                for column in columns(subject, semester, grade=pupil.grade, taught=taught)
                if column.least and not _holds(pupil, subject.code, semester, column)
            ]
            if labels:
                yield Gap(", ".join(labels), subject.code, semester)
    for code in traits:
        for time in terms.traits_judged_at:
            if (code, time) not in pupil.traits:
                yield Gap(f"{TRAITS[code]} {_TIME_WORDS[Period(time.value)]}")


def _holds(pupil: PupilYear, code: str, semester: Semester, column: Column) -> bool:
    if column.holds is Holds.WHOLE_MARK:
        return _test(pupil, code, semester, column.part) is not None
    value = pupil.marks.get((code, semester, column.part, 1))
    return value is Verdict.EXEMPT or _judgement(value) is not None


def _tested(pupil: PupilYear, period: Period) -> Sequence[str]:
    taught = [subject.code for subject in pupil.subjects]
    tested = rules.subjects_tested(pupil.grade, period, taught)
    return [code for code in taught if code in tested]


def _test(pupil: PupilYear, code: str, semester: Semester, part: Part) -> int | None:
    value = pupil.marks.get((code, semester, part, 1))
    return int(value) if isinstance(value, Decimal) and value == int(value) else None


def _judgement(value: object) -> Judgement | None:
    return _JUDGEMENTS.get(value) if isinstance(value, Verdict) else None


_JUDGEMENTS = {
    Verdict.WELL_DONE: Judgement.WELL_DONE,
    Verdict.DONE: Judgement.DONE,
    Verdict.NOT_DONE: Judgement.NOT_DONE,
}


def _trait(pupil: PupilYear, code: str, time: TraitTime) -> Trait | None:
    level = pupil.traits.get((code, time))
    return None if level is None else Trait(level.value)


def _period(level: YearLevel, title: rules.Title | None) -> PeriodOutcome:
    return PeriodOutcome(
        learning=Word(level.value, LEVEL_WORDS[level]),
        learning_before_adjustment=Word(level.value, LEVEL_WORDS[level]),
        title=None if title is None else Word(title.value, TITLE_WORDS[title]),
    )


def _word(outcome: Outcome | None, *, is_after: bool) -> Word | None:
    if outcome is None:
        return None
    words = _WORDS_AFTER if is_after else _WORDS
    return Word(outcome.value, words[outcome])


_WORDS = {
    Outcome.PROMOTED: "Được lên lớp",
    Outcome.SUMMER: "Được hướng dẫn, giúp đỡ và đánh giá bổ sung",
    Outcome.HELD_BACK: "Ở lại lớp",
}
_WORDS_AFTER = {**_WORDS, Outcome.PROMOTED: "Được lên lớp sau đánh giá bổ sung"}
