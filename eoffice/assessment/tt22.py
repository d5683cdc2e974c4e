"""How pupils of secondary schools are assessed under Circular 22/2021/TT-BGDĐT ("Đ" = Điều).

Pure values: marks are decimals, averages exact quotients until the one rounding that the circular
asks for. What is not there yet is `Incomplete` and says what is missing; it is never taken for 0.
There is no average over all subjects. Which classes the circular governs is a property of class
and school year, kept with the class. What its text leaves open, or could not be read for, is no
rule here but `Terms`, a table that an officer of the department confirms or changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from eoffice.assessment.marks import (
    HIGHEST_MARK,
    Incomplete,
    Part,
    SubjectKind,
    Verdict,
    round_half_up,
)
from eoffice.assessment.summer import Reassessment
from eoffice.errors import Invalid

RULE_SET = "TT22/2021"

#: Đ12.1: more absent sessions than this, with or without leave, and the pupil is not promoted.
MOST_ABSENCES = 45


class PeriodsRefused(Invalid):
    """A subject has a positive number of periods a year."""


class Level(StrEnum):
    """The four levels of learning and of conduct (Đ8, Đ9), best first.

    Being text, members must not be compared with `<`; use `rank` or `at_least`.
    """

    GOOD = "good"  # Tốt
    FAIR = "fair"  # Khá
    ACHIEVED = "achieved"  # Đạt
    NOT_ACHIEVED = "not_achieved"  # Chưa đạt

    @property
    def rank(self) -> int:
        """3 for the best level, 0 for the lowest."""
        return _RANKS[self]

    def at_least(self, other: Level) -> bool:
        return self.rank >= other.rank

    def next_up(self) -> Level:
        """The adjacent better level; the best stays."""
        return _BEST_FIRST[max(0, _BEST_FIRST.index(self) - 1)]


_BEST_FIRST = tuple(Level)
_RANKS = {level: 3 - place for place, level in enumerate(_BEST_FIRST)}


class Title(StrEnum):
    EXCELLENT_PUPIL = "excellent_pupil"  # Học sinh Xuất sắc
    GOOD_PUPIL = "good_pupil"  # Học sinh Giỏi


class Promotion(StrEnum):
    PROMOTED = "promoted"  # Được lên lớp
    SUMMER = "summer"  # Rèn luyện trong hè, đánh giá lại
    NOT_PROMOTED = "not_promoted"  # Không được lên lớp


class Topics(StrEnum):
    """How the result of the learning topics (chuyên đề học tập) of a subject counts."""

    #: One ĐĐGtx more.
    EXTRA = "extra"
    #: One of the ĐĐGtx that the periods ask for.
    IN_PLACE = "in_place"
    NOT_COUNTED = "not_counted"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the circular's text leaves open: rows that an officer keeps."""

    topics: Topics
    #: Đ9.3: whether the one bad subject, at its best, may be among the "at least six".
    bad_subject_may_count: bool
    #: Whether the other semester's result is the year's where the pupil was exempted in one.
    one_semester_makes_the_year: bool
    reassessment: Reassessment


@dataclass(frozen=True, slots=True)
class ScoredMarks:
    """One pupil's marks in one scored subject and semester; None where none was entered."""

    regular: tuple[Decimal | None, ...]
    midterm: Decimal | None
    final: Decimal | None


@dataclass(frozen=True, slots=True)
class CommentMarks:
    """The same for a comment subject."""

    regular: tuple[Verdict | None, ...]
    midterm: Verdict | None
    final: Verdict | None


@dataclass(frozen=True, slots=True)
class LearningResult:
    """The learning level with, for whoever asks why, the level before the adjustment of Đ9.3."""

    base: Level
    level: Level

    @property
    def is_adjusted(self) -> bool:
        return self.base is not self.level


def regular_marks_required(kind: SubjectKind, periods_per_year: int) -> int:
    """How many regular assessments (ĐĐGtx) a pupil has in the subject in each semester.

    Raises PeriodsRefused.
    """
    if periods_per_year < 1:
        raise PeriodsRefused("Số tiết trong năm học của môn học phải là số nguyên dương.")
    # Đ6.2a: a comment subject has two regular assessments a semester, whatever its periods.
    if kind is SubjectKind.COMMENT:
        return 2
    # Đ6.2b: up to 35 periods two, over 35 up to 70 three, over 70 four.
    if periods_per_year <= 35:
        return 2
    return 3 if periods_per_year <= 70 else 4


def with_topic(marks: ScoredMarks, topic: Decimal | None, counting: Topics) -> ScoredMarks:
    """The marks of a semester with the result of the learning topics among the regular ones."""
    if topic is None or counting is Topics.NOT_COUNTED:
        return marks
    regular = list(marks.regular)
    if counting is Topics.IN_PLACE and None in regular:
        regular[regular.index(None)] = topic
    else:
        regular.append(topic)
    return ScoredMarks(tuple(regular), marks.midterm, marks.final)


def semester_average(marks: ScoredMarks) -> Decimal | Incomplete:
    """ĐTBmhk: regular marks once, mid-term twice, end-term three times; one decimal.

    The order of the regular marks has no effect. Every regular mark of the subject and both
    periodic marks are needed.
    """
    present = [value for value in marks.regular if value is not None]
    midterm, final = marks.midterm, marks.final
    if len(present) < len(marks.regular) or not present or midterm is None or final is None:
        return Incomplete(_missing(marks.regular, midterm, final))
    # Đ9.1a: (TĐĐGtx + 2 × ĐĐGgk + 3 × ĐĐGck) / (number of ĐĐGtx + 5).
    return round_half_up(sum(present, 2 * midterm + 3 * final), len(present) + 5)


def year_average(first: Decimal | Incomplete, second: Decimal | Incomplete) -> Decimal | Incomplete:
    """ĐTBmcn, from the semester averages as they stand in the book, that is rounded ones."""
    if isinstance(first, Incomplete) or isinstance(second, Incomplete):
        return Incomplete(_unfinished(first, second))
    # Đ9.1b: (ĐTBmhkI + 2 × ĐTBmhkII) / 3.
    return round_half_up(first + 2 * second, 3)


def semester_verdict(marks: CommentMarks) -> Verdict | Incomplete:
    """The result of a comment subject in a semester.

    Exempt only if the pupil is exempted from every assessment of it; a single exemption takes
    that assessment out of the count.
    """
    everything = (*marks.regular, marks.midterm, marks.final)
    if not marks.regular or None in everything:
        return Incomplete(_missing(marks.regular, marks.midterm, marks.final))
    counted = [verdict for verdict in everything if verdict is not Verdict.EXEMPT]
    if not counted:
        return Verdict.EXEMPT
    # Đ9.1a (comment subjects): Đạt when all required assessments were made and all are Đạt.
    return Verdict.FAILED if Verdict.FAILED in counted else Verdict.PASSED


def year_verdict(second: Verdict | Incomplete) -> Verdict | Incomplete:
    """The year's result of a comment subject: that of semester II, whatever semester I was."""
    # Đ9.1b (comment subjects): the result of semester II is the result of the year.
    return Incomplete(("semester_2",)) if isinstance(second, Incomplete) else second


def learning_result(
    averages: Mapping[str, Decimal | Incomplete],
    verdicts: Mapping[str, Verdict | Incomplete],
    *,
    bad_subject_may_count: bool = True,
) -> LearningResult | Incomplete:
    """The learning level of a semester or of the year, from all subjects by their codes.

    Incomplete, naming the subjects, until every subject has its result. An exempted scored subject
    is left out by the caller, or given among `verdicts`. `bad_subject_may_count`: see `Terms`.
    """
    unfinished = tuple(
        code
        for code, result in (*averages.items(), *verdicts.items())
        if isinstance(result, Incomplete)
    )
    if unfinished or not averages:
        return Incomplete(unfinished)
    scores = [value for value in averages.values() if isinstance(value, Decimal)]
    comments = [
        value
        for value in verdicts.values()
        if isinstance(value, Verdict) and value is not Verdict.EXEMPT
    ]
    base = _level(scores, comments)
    return LearningResult(base, _adjusted(base, scores, comments, bad_subject_may_count))


def conduct_of_year(first: Level, second: Level) -> Level:
    """The year's conduct level from the two semesters (Đ8.2b)."""
    return _CONDUCT[first, second]


def promotion(learning: Level, conduct: Level, absences: int) -> Promotion:
    """Whether the pupil moves up, from the year's levels and the sessions missed.

    `SUMMER` says that conduct has to be trained (Đ13) or learning assessed again (Đ14) in summer;
    call again with the levels that came of it.
    """
    # Đ12.1c: at most 45 sessions missed in the year, with and without leave together.
    if absences > MOST_ABSENCES:
        return Promotion.NOT_PROMOTED
    # Đ12.1a, b: conduct and learning of the year at least Đạt, summer's outcome included.
    if learning.at_least(Level.ACHIEVED) and conduct.at_least(Level.ACHIEVED):
        return Promotion.PROMOTED
    return Promotion.SUMMER


def title(learning: Level, conduct: Level, year_averages: Iterable[Decimal]) -> Title | None:
    """The title that the principal awards at the end of the year, if any (Đ15.1)."""
    if learning is not Level.GOOD or conduct is not Level.GOOD:
        return None
    # Đ15.1a: Xuất sắc needs, on top, at least six subjects with ĐTBmcn of 9.0 or more.
    if _count(year_averages, "9.0") >= 6:
        return Title.EXCELLENT_PUPIL
    # Đ15.1b: Giỏi.
    return Title.GOOD_PUPIL


def _level(scores: Sequence[Decimal], comments: Sequence[Verdict]) -> Level:
    """Đ9.2 without the adjustment. `comments` holds no exempted subject."""
    failed = sum(verdict is Verdict.FAILED for verdict in comments)
    lowest = min(scores)
    # Đ9.2a: all comment subjects Đạt; every average 6.5 or more, at least six of them 8.0 or more.
    if failed == 0 and lowest >= Decimal("6.5") and _count(scores, "8.0") >= 6:
        return Level.GOOD
    # Đ9.2b: all comment subjects Đạt; every average 5.0 or more, at least six of them 6.5 or more.
    if failed == 0 and lowest >= Decimal("5.0") and _count(scores, "6.5") >= 6:
        return Level.FAIR
    # Đ9.2c: at most one comment subject Chưa đạt; six averages 5.0 or more, none below 3.5.
    if failed <= 1 and lowest >= Decimal("3.5") and _count(scores, "5.0") >= 6:
        return Level.ACHIEVED
    # Đ9.2d: the other cases.
    return Level.NOT_ACHIEVED


def _adjusted(
    base: Level, scores: Sequence[Decimal], comments: Sequence[Verdict], may_count: bool
) -> Level:
    """Đ9.3: one level up, where one subject alone costs two levels or more below Tốt or Khá.

    "Because of one subject alone" is read as: with that subject's result as good as can be and all
    others as they are, the level would be Tốt or Khá. Whether the subject may then count among the
    six of Đ9.2, the circular does not say; that it may is the reading that favours the pupil.
    """
    if base.at_least(Level.FAIR):
        return base  # Two levels below Tốt or Khá is Đạt or lower.
    reachable = max(
        (
            level
            for level in _with_one_subject_at_its_best(scores, comments, may_count)
            if level in (Level.GOOD, Level.FAIR)
        ),
        key=lambda level: level.rank,
        default=base,
    )
    return base.next_up() if reachable.rank - base.rank >= 2 else base


def _with_one_subject_at_its_best(
    scores: Sequence[Decimal], comments: Sequence[Verdict], may_count: bool
) -> Iterable[Level]:
    for place in range(len(scores)):
        others = [*scores[:place], *scores[place + 1 :]]
        if may_count:
            yield _level([*others, HIGHEST_MARK], comments)
        elif others:
            # Six of the others are needed then.
            yield _level(others, comments)
    for place in range(len(comments)):
        yield _level(scores, [*comments[:place], Verdict.PASSED, *comments[place + 1 :]])


def _count(scores: Iterable[Decimal], least: str) -> int:
    return sum(score >= Decimal(least) for score in scores)


def _missing(regular: Sequence[object], midterm: object, final: object) -> tuple[str, ...]:
    names = [f"{Part.REGULAR}_{n}" for n, value in enumerate(regular, start=1) if value is None]
    if not regular:
        names.append(f"{Part.REGULAR}_1")
    if midterm is None:
        names.append(Part.MIDTERM)
    if final is None:
        names.append(Part.FINAL)
    return tuple(names)


def _unfinished(first: object, second: object) -> tuple[str, ...]:
    return tuple(
        f"semester_{number}"
        for number, result in ((1, first), (2, second))
        if isinstance(result, Incomplete)
    )


#: Đ8.2b as a table: (semester I, semester II) -> year.
_CONDUCT: dict[tuple[Level, Level], Level] = {
    # Tốt: semester II Tốt and semester I Khá or better.
    (Level.GOOD, Level.GOOD): Level.GOOD,
    (Level.FAIR, Level.GOOD): Level.GOOD,
    # Khá: II Khá and I Đạt or better; II Đạt and I Tốt; II Tốt and I Đạt or Chưa đạt.
    (Level.GOOD, Level.FAIR): Level.FAIR,
    (Level.FAIR, Level.FAIR): Level.FAIR,
    (Level.ACHIEVED, Level.FAIR): Level.FAIR,
    (Level.GOOD, Level.ACHIEVED): Level.FAIR,
    (Level.ACHIEVED, Level.GOOD): Level.FAIR,
    (Level.NOT_ACHIEVED, Level.GOOD): Level.FAIR,
    # Đạt: II Đạt and I Khá, Đạt or Chưa đạt; II Khá and I Chưa đạt.
    (Level.FAIR, Level.ACHIEVED): Level.ACHIEVED,
    (Level.ACHIEVED, Level.ACHIEVED): Level.ACHIEVED,
    (Level.NOT_ACHIEVED, Level.ACHIEVED): Level.ACHIEVED,
    (Level.NOT_ACHIEVED, Level.FAIR): Level.ACHIEVED,
    # Chưa đạt: the rest, that is whenever semester II is Chưa đạt.
    (Level.GOOD, Level.NOT_ACHIEVED): Level.NOT_ACHIEVED,
    (Level.FAIR, Level.NOT_ACHIEVED): Level.NOT_ACHIEVED,
    (Level.ACHIEVED, Level.NOT_ACHIEVED): Level.NOT_ACHIEVED,
    (Level.NOT_ACHIEVED, Level.NOT_ACHIEVED): Level.NOT_ACHIEVED,
}
