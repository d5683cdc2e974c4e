"""One pupil's lines of a class's book of any circular, as an extract prints them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from eoffice.assessment import circulars, tt22
from eoffice.assessment.year import Word
from eoffice.errors import Conflict
from eoffice.registers import printed, pupil_lines

#: Whole words where the book has a letter that only its guidance explains.
_JUDGED: Final = {
    "well_done": "Hoàn thành tốt",
    "done": "Hoàn thành",
    "not_done": "Chưa hoàn thành",
}


class NotInBook(Conflict):
    """The book does not list the pupil, or is of a kind that has no results of pupils."""


@dataclass(frozen=True, slots=True)
class Lines:
    name: str
    born_on: str
    class_name: str
    school_year: str
    #: Subject with the results of semester I, semester II and the year.
    subjects: tuple[tuple[str, str, str, str], ...]
    #: Of the whole year, where there are any: ("Học lực", "Khá").
    year: tuple[tuple[str, str], ...] = ()


def of(book: Mapping[str, Any], code: str) -> Lines:
    """Raises NotInBook."""
    kept = pupil_lines.of_pupil(book, code)
    try:
        if kept is None:
            raise KeyError(code)
        return _register(kept) if "entered" in kept else _gradebook(kept)
    except (KeyError, IndexError, TypeError) as failure:
        raise NotInBook(
            "Sổ này không có kết quả của học sinh được chọn nên không trích sao được."
        ) from failure


def _gradebook(book: Mapping[str, Any]) -> Lines:
    (pupil,) = book["pupils"]
    return Lines(
        pupil["name"],
        pupil["born_on"],
        book["class"]["name"],
        book["class"]["school_year"],
        tuple(
            (
                one["name"],
                printed.word(pupil["subjects"][one["code"]]["1"]["result"]),
                printed.word(pupil["subjects"][one["code"]]["2"]["result"]),
                printed.word(pupil["subjects"][one["code"]]["year"]),
            )
            for one in book["subjects"]
        ),
        _year(tt22.RULE_SET, pupil["year"]),
    )


def _register(book: Mapping[str, Any]) -> Lines:
    entered = book["entered"]
    (entry,) = entered["pupils"]
    (results,) = book["results"]["pupils"]
    return Lines(
        entry["pupil"]["name"],
        entry["pupil"]["born_on"],
        entered["of_class"]["name"],
        entered["of_class"]["school_year"],
        tuple(
            (
                one["name"],
                _word(results["subjects"][one["code"]]["semesters"]["1"]),
                _word(results["subjects"][one["code"]]["semesters"]["2"]),
                _word(results["subjects"][one["code"]]["year"]),
            )
            for one in entered["subjects"]
        ),
        _year(entered["rule_set"], results["after"] or results["year"]),
    )


def _word(result: str | None) -> str:
    return _JUDGED.get(result or "") or printed.word(result)


def _year(rule_set: str, stated: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    circular = circulars.rule_set(rule_set)
    said = (
        (circular.learning_name, _named(circular.learning_levels, stated["learning"])),
        (circular.conduct_name, _named(circular.conduct_levels, stated["conduct"])),
    )
    return tuple((label, words) for label, words in said if words)


def _named(words: Sequence[Word], code: str | None) -> str:
    return next((word.text for word in words if word.code == code), "")
