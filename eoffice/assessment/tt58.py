"""How pupils were assessed under Circular 58/2011/TT-BGDĐT, and as 26/2020 amended it ("Đ" = Điều).

Pure values. The two editions share averages and levels and differ in the key subjects; the mid-term
and end-term marks of the amended one are a single mark each, which is the same formula. What the
text of the circular could not be read for (when a pupil moves up, titles) is no rule here but
`Terms`, a table that an officer of the department confirms or changes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from eoffice.assessment.marks import HIGHEST_MARK, Incomplete, Verdict, round_half_up


class Learning(StrEnum):
    """The five levels of learning (học lực, Đ13), best first; compare by `rank`."""

    EXCELLENT = "excellent"  # Giỏi
    FAIR = "fair"  # Khá
    AVERAGE = "average"  # Trung bình
    WEAK = "weak"  # Yếu
    POOR = "poor"  # Kém

    @property
    def rank(self) -> int:
        """4 for the best level, 0 for the lowest."""
        return len(Learning) - 1 - tuple(Learning).index(self)

    def at_least(self, other: Learning) -> bool:
        return self.rank >= other.rank


class Conduct(StrEnum):
    """The four levels of conduct (hạnh kiểm, Đ4), best first; compare by `rank`."""

    GOOD = "good"  # Tốt
    FAIR = "fair"  # Khá
    AVERAGE = "average"  # Trung bình
    WEAK = "weak"  # Yếu

    @property
    def rank(self) -> int:
        """3 for the best level, 0 for the lowest."""
        return len(Conduct) - 1 - tuple(Conduct).index(self)

    def at_least(self, other: Conduct) -> bool:
        return self.rank >= other.rank


class Promotion(StrEnum):
    PROMOTED = "promoted"  # Được lên lớp
    RE_TEST = "re_test"  # Thi lại
    CONDUCT_TRAINING = "conduct_training"  # Rèn luyện hạnh kiểm trong hè
    HELD_BACK = "held_back"  # Ở lại lớp


class Title(StrEnum):
    EXCELLENT_PUPIL = "excellent_pupil"  # Học sinh giỏi (HSG)
    ADVANCED_PUPIL = "advanced_pupil"  # Học sinh tiên tiến (HSTT)


@dataclass(frozen=True, slots=True)
class Edition:
    """Which text governs: the name that classes keep, and the key subjects by their codes."""

    rule_set: str
    key_subjects: tuple[str, ...]


ORIGINAL = Edition("TT58/2011", ("TOAN", "VAN"))
#: Circular 26/2020 made the foreign language the third key subject.
AMENDED = Edition("TT58/2011-TT26/2020", ("TOAN", "VAN", "NN1"))
EDITIONS = {edition.rule_set: edition for edition in (ORIGINAL, AMENDED)}


@dataclass(frozen=True, slots=True)
class ScoredMarks:
    """One pupil's marks in one scored subject and semester; None where none was entered."""

    #: KTtx: oral, short written and practical tests, once.
    regular: tuple[Decimal | None, ...]
    #: KTđk: tests of a period or more, twice; under the amended text the one mid-term mark.
    periodic: tuple[Decimal | None, ...]
    #: KThk, three times.
    final: Decimal | None


@dataclass(frozen=True, slots=True)
class LearningResult:
    """The level with, for whoever asks why, the average and the level before Đ13.6."""

    average: Decimal
    base: Learning
    level: Learning

    @property
    def is_adjusted(self) -> bool:
        return self.base is not self.level


@dataclass(frozen=True, slots=True)
class Terms:
    """When a pupil moves up and which title is awarded: rows that an officer keeps."""

    #: More sessions missed than this, with or without leave, and the pupil stays.
    most_absences: int
    #: (learning, conduct) -> outcome; a pair that is not there stays down.
    promotions: Mapping[tuple[Learning, Conduct], Promotion]
    #: Title, with the least learning and conduct that it takes, the highest title first.
    titles: Sequence[tuple[Title, Learning, Conduct]]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many: what part of its tests a comment subject takes to be Đạt."""

    least: int
    of: int


def semester_verdict(
    tests: Sequence[Verdict | None], final: Verdict | None, *, share: Share
) -> Verdict | Incomplete:
    """The result of a comment subject in a semester: `tests` are all before the semester's last.

    Đạt takes the last test and the share of all tests; a test from which the pupil is exempted is
    taken out of the count, and who is exempted from all of them is exempted.
    """
    missing = _missing("regular", tests)
    if missing or final is None:
        return Incomplete((*missing, *(("final",) if final is None else ())))
    counted = [one for one in (*tests, final) if one is not Verdict.EXEMPT]
    if not counted:
        return Verdict.EXEMPT
    passed = counted.count(Verdict.PASSED)
    if final is not Verdict.FAILED and passed * share.of >= share.least * len(counted):
        return Verdict.PASSED
    return Verdict.FAILED


def semester_average(marks: ScoredMarks) -> Decimal | Incomplete:
    """ĐTBmhk: regular marks once, periodic twice, the semester's examination three times."""
    missing = (*_missing("regular", marks.regular), *_missing("periodic", marks.periodic))
    if marks.final is None:
        missing += ("final",)
    if missing or marks.final is None:
        return Incomplete(missing)
    once, twice = sum(_given(marks.regular)), sum(_given(marks.periodic))
    # Đ11: (ΣKTtx + 2 × ΣKTđk + 3 × KThk) / (number of KTtx + 2 × number of KTđk + 3).
    weights = len(marks.regular) + 2 * len(marks.periodic) + 3
    return round_half_up(once + 2 * twice + 3 * marks.final, weights)


def year_average(first: Decimal | Incomplete, second: Decimal | Incomplete) -> Decimal | Incomplete:
    """ĐTBmcn: semester II counts twice, from the averages as they stand in the book."""
    unfinished = tuple(
        f"semester_{number}"
        for number, result in ((1, first), (2, second))
        if isinstance(result, Incomplete)
    )
    if isinstance(first, Incomplete) or isinstance(second, Incomplete):
        return Incomplete(unfinished)
    return round_half_up(first + 2 * second, 3)


def overall_average(averages: Collection[Decimal]) -> Decimal:
    """ĐTBhk or ĐTBcn: the mean of all scored subjects, each counted once (Đ11).

    Raises ValueError: no subject.
    """
    if not averages:
        raise ValueError("an average of nothing")
    return round_half_up(sum(averages, Decimal(0)), len(averages))


def learning_result(
    averages: Mapping[str, Decimal | Incomplete],
    verdicts: Mapping[str, Verdict | Incomplete],
    *,
    edition: Edition,
    specialised: str | None = None,
) -> LearningResult | Incomplete:
    """The level of learning of a semester or of the year, from all subjects by their codes.

    `specialised` is the subject of a specialised class (lớp chuyên), which must reach the level's
    mark as well. Incomplete, naming the subjects, until every subject has its result.
    Raises KeyError: the specialised subject is none of those scored.
    """
    results = {**averages, **verdicts}
    unfinished = tuple(code for code, one in results.items() if isinstance(one, Incomplete))
    scores = {code: one for code, one in averages.items() if isinstance(one, Decimal)}
    if unfinished or not scores:
        return Incomplete(unfinished)
    comments = [
        one for one in verdicts.values() if isinstance(one, Verdict) and one is not Verdict.EXEMPT
    ]
    pupil = _Pupil(
        overall_average(scores.values()), scores, comments, edition.key_subjects, specialised
    )
    base = pupil.level()
    return LearningResult(pupil.average, base, _adjusted(base, pupil))


def promotion(learning: Learning, conduct: Conduct, absences: int, terms: Terms) -> Promotion:
    """Whether the pupil moves up; call again with what the re-test or the training came to."""
    if absences > terms.most_absences:
        return Promotion.HELD_BACK
    return terms.promotions.get((learning, conduct), Promotion.HELD_BACK)


def title(learning: Learning, conduct: Conduct, terms: Terms) -> Title | None:
    """The title of a semester or of the year, if any."""
    for awarded, least_learning, least_conduct in terms.titles:
        if learning.at_least(least_learning) and conduct.at_least(least_conduct):
            return awarded
    return None


@dataclass(frozen=True, slots=True)
class _Standard:
    """What a level takes (Đ13.1–4)."""

    level: Learning
    #: Of all subjects; at least one key subject, and a specialised one, must reach it too.
    average: Decimal
    #: No subject lies below.
    floor: Decimal
    needs_key_subject: bool
    needs_all_comments: bool


_STANDARDS = (
    _Standard(Learning.EXCELLENT, Decimal("8.0"), Decimal("6.5"), True, True),
    _Standard(Learning.FAIR, Decimal("6.5"), Decimal("5.0"), True, True),
    _Standard(Learning.AVERAGE, Decimal("5.0"), Decimal("3.5"), True, True),
    _Standard(Learning.WEAK, Decimal("3.5"), Decimal("2.0"), False, False),
)

#: Đ13.6: (level that the average reaches, level that one subject alone brings) -> level given.
_ADJUSTMENTS = {
    (Learning.EXCELLENT, Learning.AVERAGE): Learning.FAIR,
    (Learning.EXCELLENT, Learning.WEAK): Learning.AVERAGE,
    (Learning.FAIR, Learning.WEAK): Learning.AVERAGE,
    (Learning.FAIR, Learning.POOR): Learning.WEAK,
}
_ADJUSTED = frozenset(base for _, base in _ADJUSTMENTS)


@dataclass(frozen=True, slots=True)
class _Pupil:
    average: Decimal
    scores: Mapping[str, Decimal]
    #: Without exempted subjects.
    comments: Sequence[Verdict]
    key_subjects: Collection[str]
    specialised: str | None

    def level(self) -> Learning:
        for standard in _STANDARDS:
            if self._meets(standard):
                return standard.level
        return Learning.POOR

    def _meets(self, standard: _Standard) -> bool:
        if self.average < standard.average or min(self.scores.values()) < standard.floor:
            return False
        if standard.needs_all_comments and Verdict.FAILED in self.comments:
            return False
        if not standard.needs_key_subject:
            return True
        keys = [self.scores[code] for code in self.key_subjects if code in self.scores]
        if max(keys, default=Decimal(0)) < standard.average:
            return False
        return self.specialised is None or self.scores[self.specialised] >= standard.average

    def with_one_subject_at_its_best(self) -> Iterable[_Pupil]:
        """The same pupil, and the same average, with one result as good as can be."""
        for code in self.scores:
            yield _Pupil(
                self.average,
                {**self.scores, code: HIGHEST_MARK},
                self.comments,
                self.key_subjects,
                self.specialised,
            )
        for place in range(len(self.comments)):
            passed = [*self.comments[:place], Verdict.PASSED, *self.comments[place + 1 :]]
            yield _Pupil(self.average, self.scores, passed, self.key_subjects, self.specialised)


def _adjusted(base: Learning, pupil: _Pupil) -> Learning:
    """Đ13.6, where the average reaches a level and one subject alone keeps the pupil from it."""
    if base not in _ADJUSTED:
        return base
    reached = max(
        (other.level() for other in pupil.with_one_subject_at_its_best()),
        key=lambda level: level.rank,
    )
    return _ADJUSTMENTS.get((reached, base), base)


def _given(marks: Iterable[Decimal | None]) -> list[Decimal]:
    return [mark for mark in marks if mark is not None]


def _missing(part: str, marks: Sequence[object]) -> tuple[str, ...]:
    if not marks:
        return (f"{part}_1",)
    return tuple(f"{part}_{n}" for n, mark in enumerate(marks, start=1) if mark is None)
