"""All circulars in one table: by the name that classes keep, what each one says.

A caller who has the rule set of a class, the terms that an officer keeps for it, and what was
entered about a pupil, gets the outcome of the year without knowing the circular. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from eoffice.assessment import secondary, terms, tt22, tt27, tt58, year22, year27, year58
from eoffice.assessment.marks import Result, Semester, Value
from eoffice.assessment.terms import Json
from eoffice.assessment.year import (
    Cell,
    Column,
    ConductTime,
    PupilYear,
    Subject,
    TraitTime,
    Word,
    YearOutcome,
)
from eoffice.errors import Invalid


class RuleSetUnknown(Invalid):
    """No circular on assessment goes by this name."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A circular with the terms kept for it."""

    #: What is entered of a subject in a semester, given the grade and all subjects of the class.
    columns: Callable[[Subject, Semester, int, Sequence[str]], tuple[Column, ...]]
    #: How many marks a pupil has in a subject and semester, at the least.
    required: Callable[[Subject, Semester, int, Sequence[str]], int]
    #: Codes of the qualities and competences judged in a grade, and when they must be.
    traits: Callable[[int], tuple[str, ...]]
    traits_judged_at: tuple[TraitTime, ...]
    #: A subject's result in a semester, from the marks of a pupil.
    of_semester: Callable[[Subject, Semester, Mapping[Cell, Value]], Result]
    of_year: Callable[[PupilYear], YearOutcome]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A circular on assessment: its levels in words, best first, and its rules."""

    #: As classes and books keep it: "TT22/2021".
    name: str
    #: As printed.
    circular: str
    grades: range
    #: What the circular calls a pupil's result in learning: "Học lực", "Kết quả học tập".
    learning_name: str
    learning_levels: tuple[Word, ...]
    titles: tuple[Word, ...]
    #: The rules under the terms that an officer keeps. Raises TermsRefused.
    with_terms: Callable[[Json], Rules]
    #: None in primary schools.
    conduct_name: str = ""
    conduct_levels: tuple[Word, ...] = ()
    #: When a teacher judges conduct in every year; training in summer comes on top.
    conduct_times: tuple[ConductTime, ...] = ()
    #: Qualities and competences, by code; primary schools only.
    trait_levels: tuple[Word, ...] = ()
    trait_names: Mapping[str, str] = field(default_factory=dict)


def rule_set(name: str) -> RuleSet:
    """Raises RuleSetUnknown."""
    if name not in RULE_SETS:
        raise RuleSetUnknown(f"Không có bộ quy định đánh giá “{name}”.")
    return RULE_SETS[name]


def _words(texts: Mapping[str, str]) -> tuple[Word, ...]:
    return tuple(Word(str(code), text) for code, text in texts.items())


def _under_22(json: Json) -> Rules:
    kept = terms.read(year22.terms_of, json)
    return _of_secondary(
        year22.practice(kept),
        lambda subject, semester: year22.columns(subject, semester, kept),
        lambda subject: _least(year22.columns(subject, Semester.FIRST, kept)),
    )


def _under_58(name: str, json: Json) -> Rules:
    kept = terms.read(year58.terms_of, json)
    return _of_secondary(
        year58.practice(kept, rule_set=name),
        lambda subject, semester: year58.columns(subject, semester, kept, rule_set=name),
        partial(year58.required, terms=kept, rule_set=name),
    )


def _of_secondary(
    practice: secondary.Practice,
    columns: Callable[[Subject, Semester], tuple[Column, ...]],
    required: Callable[[Subject], int],
) -> Rules:
    return Rules(
        columns=lambda subject, semester, _grade, _taught: columns(subject, semester),
        required=lambda subject, _semester, _grade, _taught: required(subject),
        traits=lambda _grade: (),
        traits_judged_at=(),
        of_semester=partial(secondary.of_semester, practice=practice),
        of_year=partial(secondary.of_year, practice=practice),
    )


def _under_27(json: Json) -> Rules:
    kept = terms.read(year27.terms_of, json)
    return Rules(
        columns=lambda subject, semester, grade, taught: year27.columns(
            subject, semester, grade=grade, taught=taught
        ),
        required=lambda subject, semester, grade, taught: _least(
            year27.columns(subject, semester, grade=grade, taught=taught)
        ),
        traits=partial(year27.traits_judged, terms=kept),
        traits_judged_at=kept.traits_judged_at,
        of_semester=year27.of_semester,
        of_year=partial(year27.of_year, terms=kept),
    )


def _least(columns: Sequence[Column]) -> int:
    return sum(column.least for column in columns)


_SECONDARY: Final = range(6, 13)
_PRIMARY: Final = range(1, 6)
_SEMESTERS: Final = (ConductTime.FIRST, ConductTime.SECOND)

#: The specification: one row for each circular, in the order of their years.
_TABLE: Final = (
    RuleSet(
        name=tt58.ORIGINAL.rule_set,
        circular="Thông tư số 58/2011/TT-BGDĐT",
        grades=_SECONDARY,
        learning_name="Học lực",
        learning_levels=_words(year58.LEARNING_WORDS),
        conduct_name="Hạnh kiểm",
        conduct_levels=_words(year58.CONDUCT_WORDS),
        conduct_times=(*_SEMESTERS, ConductTime.YEAR),
        titles=_words(year58.TITLE_WORDS),
        with_terms=partial(_under_58, tt58.ORIGINAL.rule_set),
    ),
    RuleSet(
        name=tt58.AMENDED.rule_set,
        circular="Thông tư số 58/2011/TT-BGDĐT, sửa đổi, bổ sung bởi Thông tư số 26/2020/TT-BGDĐT",
        grades=_SECONDARY,
        learning_name="Học lực",
        learning_levels=_words(year58.LEARNING_WORDS),
        conduct_name="Hạnh kiểm",
        conduct_levels=_words(year58.CONDUCT_WORDS),
        conduct_times=(*_SEMESTERS, ConductTime.YEAR),
        titles=_words(year58.TITLE_WORDS),
        with_terms=partial(_under_58, tt58.AMENDED.rule_set),
    ),
    RuleSet(
        name=tt27.RULE_SET,
        circular="Thông tư số 27/2020/TT-BGDĐT",
        grades=_PRIMARY,
        learning_name="Đánh giá kết quả giáo dục",
        learning_levels=_words(year27.LEVEL_WORDS),
        titles=_words(year27.TITLE_WORDS),
        with_terms=_under_27,
        trait_levels=_words(year27.TRAIT_WORDS),
        trait_names=year27.TRAITS,
    ),
    RuleSet(
        name=tt22.RULE_SET,
        circular="Thông tư số 22/2021/TT-BGDĐT",
        grades=_SECONDARY,
        learning_name="Kết quả học tập",
        learning_levels=_words(year22.LEVEL_WORDS),
        conduct_name="Kết quả rèn luyện",
        conduct_levels=_words(year22.LEVEL_WORDS),
        conduct_times=_SEMESTERS,
        titles=_words(year22.TITLE_WORDS),
        with_terms=_under_22,
    ),
)
RULE_SETS: Final[Mapping[str, RuleSet]] = {one.name: one for one in _TABLE}
