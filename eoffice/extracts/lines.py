"""One pupil's lines of a class's book of any circular, as an extract prints them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eoffice.errors import Conflict
from eoffice.registers import printed, pupil_lines


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
                printed.word(results["subjects"][one["code"]]["semesters"]["1"]),
                printed.word(results["subjects"][one["code"]]["semesters"]["2"]),
                printed.word(results["subjects"][one["code"]]["year"]),
            )
            for one in entered["subjects"]
        ),
    )
