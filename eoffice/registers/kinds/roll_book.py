"""Sổ gọi tên và ghi điểm: what it holds and what is computed from it.

The class register of Circular 58/2011 and of 58 as 26/2020 amended it. `RollBook` is what was
entered; `compute` gives everything else that the register states, so that anybody can do it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Final

from eoffice.assessment import marks as scale
from eoffice.assessment import tt58 as rules
from eoffice.assessment.marks import Incomplete, Semester, SubjectKind, Verdict
from eoffice.assessment.tt58 import Conduct, Learning, LearningResult, Promotion, Title
from eoffice.registers.kinds.parts import (
    ROMAN,
    Absence,
    Correction,
    Pupil,
    School,
    Term,
    there_at_the_end,
)

FORMAT: Final = "eoffice-roll-book/1"


@dataclass(frozen=True, slots=True)
class RollClass:
    name: str
    grade: int
    #: "2017-2018"
    school_year: str
    #: "THCS" or "THPT", as on the cover.
    level: str
    homeroom_teacher: str
    principal: str
    #: Ban, and the subjects taught in depth; upper secondary only.
    stream: str = ""
    advanced: str = ""
    #: Code of the subject of a specialised class (lớp chuyên).
    specialised: str | None = None


@dataclass(frozen=True, slots=True)
class RollSubject:
    code: str
    name: str
    #: For a narrow column.
    short_name: str
    kind: SubjectKind
    teacher: str


@dataclass(frozen=True, slots=True)
class Scores:
    """The marks of one pupil in one scored subject and semester, as many as were given."""

    #: Điểm hệ số 1: miệng (M) and viết (V).
    oral: tuple[Decimal, ...]
    written: tuple[Decimal, ...]
    #: Điểm hệ số 2 (V); under the amended circular the one mid-term mark.
    periodic: tuple[Decimal, ...]
    #: Kiểm tra học kì.
    final: Decimal | None
    #: The semester's result that a pupil brought from another school, in place of the marks.
    brought: Decimal | None = None

    def __post_init__(self) -> None:
        """Raises MarkRefused."""
        for given in (*self.oral, *self.written, *self.periodic, self.final, self.brought):
            if given is not None:
                scale.mark(given)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The same in a comment subject."""

    oral: tuple[Verdict, ...]
    written: tuple[Verdict, ...]
    periodic: tuple[Verdict, ...]
    final: Verdict | None
    brought: Verdict | None = None


@dataclass(frozen=True, slots=True)
class RollPupil:
    pupil: Pupil
    #: Subject code -> semester -> marks.
    scores: Mapping[str, Mapping[Semester, Scores]]
    verdicts: Mapping[str, Mapping[Semester, Verdicts]]
    #: Hạnh kiểm; the year's is assessed too, mainly from semester II.
    conduct: Mapping[Term, Conduct]
    #: Điểm KT lại, by subject code, and what comment subjects came to.
    retests: Mapping[str, Decimal] = field(default_factory=dict)
    retest_verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    #: After training in summer.
    conduct_after: Conduct | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    learning: Learning
    conduct: Conduct
    outcome: Promotion


@dataclass(frozen=True, slots=True)
class Awards:
    title: Title
    learning: Learning
    conduct: Conduct


@dataclass(frozen=True, slots=True)
class RollTerms:
    """What the circular's text leaves to a table: kept by an officer, and here with the book."""

    most_absences: int
    promotions: tuple[Moves, ...]
    #: The highest title first.
    titles: tuple[Awards, ...]
    #: A comment subject is Đạt with the final test and this share of all tests Đạt.
    least_passed: int = 2
    of_tests: int = 3


@dataclass(frozen=True, slots=True)
class RollBook:
    #: "TT58/2011" or "TT58/2011-TT26/2020"
    rule_set: str
    version: int
    school: School
    of_class: RollClass
    terms: RollTerms
    subjects: tuple[RollSubject, ...]
    #: In the order of the register: by name, later ones appended.
    pupils: tuple[RollPupil, ...]
    absences: tuple[Absence, ...]
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """ĐTBmhk and ĐTBmcn, or Đ/CĐ, as the data write them; null where there is none."""

    semesters: Mapping[Semester, str | None]
    year: str | None


@dataclass(frozen=True, slots=True)
class PeriodResult:
    average: Decimal | None
    learning: Learning | None
    learning_before_adjustment: Learning | None
    conduct: Conduct | None
    title: Title | None


@dataclass(frozen=True, slots=True)
class RollPupilResults:
    code: str
    subjects: Mapping[str, SubjectResult]
    semesters: Mapping[Semester, PeriodResult]
    year: PeriodResult
    excused: int
    unexcused: int
    outcome: Promotion | None
    #: With the marks of the re-test and the conduct after summer; null where there was neither.
    learning_after: Learning | None
    conduct_after: Conduct | None
    outcome_after: Promotion | None


@dataclass(frozen=True, slots=True)
class RollTotals:
    """Tổng hợp chung: of the pupils who are there at the end of the year."""

    listed: int
    left: int
    pupils: int
    girls: int
    learning: Mapping[Learning, int]
    conduct: Mapping[Conduct, int]
    titles: Mapping[Title, int]
    promoted: int
    promoted_after_summer: int
    held_back: int


@dataclass(frozen=True, slots=True)
class RollResults:
    pupils: tuple[RollPupilResults, ...]
    totals: RollTotals


def compute(book: RollBook) -> RollResults:
    """Everything that the register states and nobody entered."""
    pupils = tuple(_of_pupil(book, one) for one in book.pupils)
    return RollResults(pupils, _totals(book, pupils))


def gaps(book: RollBook) -> list[str]:
    """What the register of the year still waits for, in its words; pupils who left need nothing."""
    found = []
    for one in book.pupils:
        if one.pupil.left is not None:
            continue
        results = _subjects(book, one)
        found += [
            f"{one.pupil.name}: {subject.name}, học kì {ROMAN[semester]}"
            for subject in book.subjects
            for semester in Semester
            if isinstance(results[subject.code][semester], Incomplete)
        ]
        found += [
            f"{one.pupil.name}: hạnh kiểm {_TERM_NAMES[term]}"
            for term in Term
            if term not in one.conduct
        ]
    return found


_TERM_NAMES: Final = {Term.FIRST: "học kì I", Term.SECOND: "học kì II", Term.YEAR: "cả năm"}

Result = Decimal | Verdict | Incomplete


def _of_pupil(book: RollBook, one: RollPupil) -> RollPupilResults:
    by_subject = _subjects(book, one)
    years = {code: _year(results) for code, results in by_subject.items()}
    learning = {
        semester: _learning(book, {code: by[semester] for code, by in by_subject.items()})
        for semester in Semester
    }
    of_year = _learning(book, years)
    sessions = [absence for absence in book.absences if absence.pupil == one.pupil.code]
    terms = _terms(book.terms)
    conduct = one.conduct.get(Term.YEAR)
    outcome = after = learning_after = None
    if of_year is not None and conduct is not None and one.pupil.left is None:
        outcome = rules.promotion(of_year.level, conduct, len(sessions), terms)
        if one.retests or one.retest_verdicts or one.conduct_after is not None:
            again = _learning(book, {**years, **one.retests, **one.retest_verdicts})
            learning_after = None if again is None else again.level
            after = rules.promotion(
                learning_after or of_year.level, one.conduct_after or conduct, len(sessions), terms
            )
    return RollPupilResults(
        code=one.pupil.code,
        subjects={
            code: SubjectResult(
                {semester: _text(result) for semester, result in results.items()},
                _text(years[code]),
            )
            for code, results in by_subject.items()
        },
        semesters={
            semester: _period(learning[semester], one.conduct.get(Term(semester.value)), terms)
            for semester in Semester
        },
        year=_period(of_year, conduct, terms),
        excused=sum(absence.excused for absence in sessions),
        unexcused=sum(not absence.excused for absence in sessions),
        outcome=outcome,
        learning_after=learning_after if one.retests or one.retest_verdicts else None,
        conduct_after=one.conduct_after,
        outcome_after=after,
    )


def _subjects(book: RollBook, one: RollPupil) -> dict[str, dict[Semester, Result]]:
    found: dict[str, dict[Semester, Result]] = {}
    for subject in book.subjects:
        if subject.kind is SubjectKind.SCORED:
            scores = one.scores.get(subject.code, {})
            found[subject.code] = {s: _average(scores.get(s)) for s in Semester}
        else:
            verdicts = one.verdicts.get(subject.code, {})
            found[subject.code] = {s: _verdict(verdicts.get(s), book.terms) for s in Semester}
    return found


def _average(scores: Scores | None) -> Decimal | Incomplete:
    if scores is None:
        return Incomplete(("final",))
    if scores.brought is not None:
        return scores.brought
    return rules.semester_average(
        rules.ScoredMarks((*scores.oral, *scores.written), scores.periodic, scores.final)
    )


def _verdict(marks: Verdicts | None, terms: RollTerms) -> Verdict | Incomplete:
    if marks is None:
        return Incomplete(("final",))
    if marks.brought is not None:
        return marks.brought
    if marks.final is None:
        return Incomplete(("final",))
    everything = (*marks.oral, *marks.written, *marks.periodic, marks.final)
    counted = [one for one in everything if one is not Verdict.EXEMPT]
    if not counted:
        return Verdict.EXEMPT
    share = Fraction(counted.count(Verdict.PASSED), len(counted))
    is_enough = share >= Fraction(terms.least_passed, terms.of_tests)
    is_passed = is_enough and marks.final is not Verdict.FAILED
    return Verdict.PASSED if is_passed else Verdict.FAILED


def _year(results: Mapping[Semester, Result]) -> Result:
    first, second = results[Semester.FIRST], results[Semester.SECOND]
    if not isinstance(first, Verdict) and not isinstance(second, Verdict):
        return rules.year_average(first, second)
    # A comment subject has the result of semester II, or of I where the pupil was exempt in II.
    return first if second is Verdict.EXEMPT else second


def _learning(book: RollBook, results: Mapping[str, Result]) -> LearningResult | None:
    averages: dict[str, Decimal | Incomplete] = {}
    verdicts: dict[str, Verdict | Incomplete] = {}
    for subject in book.subjects:
        result = results[subject.code]
        if subject.kind is SubjectKind.SCORED and not isinstance(result, Verdict):
            averages[subject.code] = result
        elif not isinstance(result, Decimal):
            verdicts[subject.code] = result
    found = rules.learning_result(
        averages,
        verdicts,
        edition=rules.EDITIONS[book.rule_set],
        specialised=book.of_class.specialised,
    )
    return found if isinstance(found, LearningResult) else None


def _period(
    learning: LearningResult | None, conduct: Conduct | None, terms: rules.Terms
) -> PeriodResult:
    if learning is None:
        return PeriodResult(None, None, None, conduct, None)
    title = None if conduct is None else rules.title(learning.level, conduct, terms)
    return PeriodResult(learning.average, learning.level, learning.base, conduct, title)


def _terms(kept: RollTerms) -> rules.Terms:
    return rules.Terms(
        kept.most_absences,
        {(one.learning, one.conduct): one.outcome for one in kept.promotions},
        tuple((one.title, one.learning, one.conduct) for one in kept.titles),
    )


def _totals(book: RollBook, results: Iterable[RollPupilResults]) -> RollTotals:
    there = there_at_the_end(one.pupil for one in book.pupils)
    codes = {pupil.code for pupil in there}
    staying = [one for one in results if one.code in codes]
    learning = Counter(one.year.learning for one in staying)
    conduct = Counter(one.year.conduct for one in staying)
    titles = Counter(one.year.title for one in staying)
    at_once = sum(one.outcome is Promotion.PROMOTED for one in staying)
    after = sum(
        one.outcome is not Promotion.PROMOTED and one.outcome_after is Promotion.PROMOTED
        for one in staying
    )
    return RollTotals(
        listed=len(book.pupils),
        left=len(book.pupils) - len(there),
        pupils=len(there),
        girls=sum(pupil.is_girl for pupil in there),
        learning={level: learning[level] for level in Learning},
        conduct={level: conduct[level] for level in Conduct},
        titles={title: titles[title] for title in Title},
        promoted=at_once,
        promoted_after_summer=after,
        held_back=len(there) - at_once - after,
    )


def _text(result: Result) -> str | None:
    if isinstance(result, Verdict):
        return result.value
    return str(result) if isinstance(result, Decimal) else None
