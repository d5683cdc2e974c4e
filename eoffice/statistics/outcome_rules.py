"""Counting the results of pupils by class, grade, sex and school. Pure.

The words are those of the books: a year in which two circulars govern has the words of both, in the
order of the circulars' tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.assessment.circulars import RULE_SETS
from eoffice.assessment.year import YearOutcome

#: What has no word: a pupil whose year is not complete, a primary pupil's conduct.
UNSTATED: Final = "Chưa có"
NO_TITLE: Final = "Không"


class Measure(StrEnum):
    LEARNING = "learning"
    CONDUCT = "conduct"
    OUTCOME = "outcome"
    TITLE = "title"


MEASURES: Final = {
    Measure.LEARNING: "Kết quả học tập",
    Measure.CONDUCT: "Kết quả rèn luyện",
    Measure.OUTCOME: "Lên lớp",
    Measure.TITLE: "Danh hiệu",
}


class By(StrEnum):
    SCHOOL = "school"
    SUPERIOR = "superior"
    LEVEL = "level"
    GRADE = "grade"
    SEX = "sex"


BY: Final = {
    By.SCHOOL: "Trường",
    By.SUPERIOR: "Cơ quan quản lý",
    By.LEVEL: "Cấp học",
    By.GRADE: "Khối lớp",
    By.SEX: "Nam, nữ",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What pupils have in common who are counted together."""

    sex: str
    learning: str
    conduct: str
    outcome: str
    title: str

    def word(self, measure: Measure) -> str:
        said = {
            Measure.LEARNING: self.learning,
            Measure.CONDUCT: self.conduct,
            Measure.OUTCOME: self.outcome,
            Measure.TITLE: self.title or NO_TITLE,
        }[measure]
        return said or UNSTATED


@dataclass(frozen=True, slots=True)
class Counted:
    """So many pupils of one class, alike in `kind`."""

    class_id: UUID
    class_name: str
    school_id: UUID
    grade: int
    kind: Kind
    pupils: int


@dataclass(frozen=True, slots=True)
class Row:
    #: What the row is about, as a filter has it.
    key: str
    name: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def kind_of(sex: str, outcome: YearOutcome) -> Kind:
    """With what was made good in summer, where that is known."""
    year = outcome.after or outcome.year
    final = outcome.outcome_after_word or outcome.outcome_word
    return Kind(
        sex=sex,
        learning=year.learning.text if year.learning else "",
        conduct=year.conduct.text if year.conduct else "",
        outcome=final.text if final else "",
        title=outcome.title.text if outcome.title else "",
    )


def words(counted: Iterable[Counted], measure: Measure) -> tuple[str, ...]:
    """Those that occur, the best first as the circulars have them, then what has none."""
    found = {each.kind.word(measure) for each in counted}
    known = [word for word in in_order(measure) if word in found]
    return (*known, *sorted(found - set(known)))


def tabled(
    counted: Iterable[Counted],
    measure: Measure,
    group: Callable[[Counted], tuple[object, str, str]],
) -> tuple[Row, ...]:
    """A row for each group: `group` gives its place in the order, its key and its name."""
    counts: dict[tuple[object, str, str], Counter[str]] = {}
    for each in counted:
        counts.setdefault(group(each), Counter())[each.kind.word(measure)] += each.pupils
    return tuple(
        Row(key, name, dict(of_group))
        for (_, key, name), of_group in sorted(counts.items(), key=lambda item: str(item[0][0]))
    )


def total(rows: Sequence[Row]) -> Row:
    summed: Counter[str] = Counter()
    for row in rows:
        summed.update(row.counts)
    return Row("", "Tổng cộng", dict(summed))


def in_order(measure: Measure) -> tuple[str, ...]:
    """All words that any circular has for it, the best first.

    A word of a later circular stands before the first of its own that an earlier one has as well:
    "Tốt" before "Khá".
    """
    found: list[str] = []
    for rules in RULE_SETS.values():
        listed = {
            Measure.LEARNING: rules.learning_levels,
            Measure.CONDUCT: rules.conduct_levels,
            Measure.TITLE: rules.titles,
            Measure.OUTCOME: (),
        }[measure]
        texts = [word.text for word in listed]
        for place, text in enumerate(texts):
            if text in found:
                continue
            following = [found.index(each) for each in texts[place:] if each in found]
            found.insert(min(following, default=len(found)), text)
    return tuple(found)
