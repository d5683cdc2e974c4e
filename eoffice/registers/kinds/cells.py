"""Marks, verdicts and results as registers print them, with what stood there before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from eoffice.assessment.marks import Part, Semester, Verdict
from eoffice.assessment.year import ConductTime, TraitLevel
from eoffice.marks.results import Session
from eoffice.registers.kinds.class_register import (
    ABSENCE,
    CONDUCT_CELLS,
    OF_ALL,
    ClassPupil,
    ClassRegister,
    PupilResult,
    absence_column,
)
from eoffice.registers.kinds.parts import Correction, Term
from eoffice.registers.kinds.sheets import Cell, Entry, Row, plain_mark

WORDS: Final[Mapping[str, str]] = {
    Verdict.PASSED: "Đ",
    Verdict.FAILED: "CĐ",
    Verdict.EXEMPT: "M",
    Verdict.WELL_DONE: "T",
    Verdict.DONE: "H",
    Verdict.NOT_DONE: "C",
}
#: Behind a result that a pupil brought from another school.
BROUGHT: Final = "*"
BROUGHT_LINE: Final = f"{BROUGHT} Kết quả ở trường cũ của học sinh chuyển đến."


def mark(value: str | None) -> str:
    """A mark as teachers write it (8 · 7,5), or Đ, CĐ, M, T, H, C."""
    if value is None:
        return ""
    return WORDS[value] if value in WORDS else plain_mark(Decimal(value))


def result(value: str | None) -> str:
    """An average with its decimal (8,0), or a verdict."""
    return "" if value is None else WORDS.get(value, value.replace(".", ","))


def with_old(
    values: Sequence[str | None], old: Mapping[int, str | None], *, decimals: bool = False
) -> Cell:
    """One cell with the values of a part; `old` by place, where they were corrected."""
    shown = result if decimals else mark
    places = range(1, max([len(values), *old]) + 1)
    entries = [
        Entry(
            shown(values[place - 1] if place <= len(values) else None),
            (shown(old[place]) or NOTHING) if place in old else "",
        )
        for place in places
    ]
    if not old:
        return " ".join(entry.text for entry in entries if entry.text)
    return tuple(entry for entry in entries if entry.text or entry.old)


#: Stands struck through where nothing stood before the correction.
NOTHING: Final = "–"


def olds(
    corrections: Sequence[Correction], pupil: str, subject: str, term: Term, column: str
) -> dict[int, str | None]:
    """What stood in a cell before its latest correction, by place."""
    return {
        one.place: one.old
        for one in corrections
        if (one.pupil, one.subject, one.term, one.column) == (pupil, subject, term, column)
    }


def part_cell(
    register: ClassRegister, one: ClassPupil, subject: str, at: Semester, part: Part
) -> Cell:
    """All values of one part in one cell."""
    old = olds(register.corrections, one.pupil.code, subject, Term(at.value), part.value)
    return with_old(one.places(subject, at, part), old)


def row_of(one: ClassPupil, *cells: Cell) -> Row:
    """The row of a pupil: struck through once the pupil has left."""
    return Row(cells, is_struck=one.pupil.left is not None)


def numbered(
    register: ClassRegister, results: Sequence[PupilResult]
) -> Iterator[tuple[str, ClassPupil, PupilResult]]:
    for place, (one, stated) in enumerate(zip(register.pupils, results, strict=True), start=1):
        yield str(place), one, stated


def words_with_old(
    text: str, old: Mapping[int, str | None], words: Mapping[TraitLevel, str]
) -> Cell:
    """A level in a cell of its own, with the level that stood there before."""
    if not old:
        return text
    ((_, before),) = old.items()
    return (Entry(text, NOTHING if before is None else words[TraitLevel(before)]),)


def conduct_cell(
    register: ClassRegister,
    one: ClassPupil,
    time: ConductTime,
    level: str | None,
    words: Mapping[str, str],
) -> Cell:
    """A level of conduct, with the one that stood there before."""
    text = words.get(level or "", "")
    term, column = CONDUCT_CELLS[time]
    old = olds(register.corrections, one.pupil.code, OF_ALL, term, column)
    if not old:
        return text
    return (Entry(text, words.get(old[1] or "", "") or NOTHING),)


def attendance_cell(register: ClassRegister, pupil: str, on: date, signs: Signs) -> Cell:
    """P and K of a day's sessions, with what stood there before a correction."""
    now = signs.get((pupil, on), {})
    old = {
        session: before[1]
        for session in Session
        if (
            before := olds(
                register.corrections, pupil, OF_ALL, Term.YEAR, absence_column(on, session)
            )
        )
    }
    text = "".join(now.values())
    if not old:
        return text
    was = "".join(
        _SIGN.get(old[session] or "", "") if session in old else now.get(session, "")
        for session in Session
    )
    return (Entry(text, was or NOTHING),)


#: What stands for the sessions of a pupil's day: P with leave, K without.
Signs: TypeAlias = Mapping[tuple[str, date], Mapping[Session, str]]
_SIGN: Final[Mapping[str, str]] = {"excused": "P", "unexcused": "K"}


def signs_of(register: ClassRegister) -> Signs:
    """Of the days on which somebody was absent, in the order in which they are on record."""
    found: dict[tuple[str, date], dict[Session, str]] = defaultdict(dict)
    for absence in register.absences:
        found[absence.pupil, absence.on][absence.session] = "P" if absence.excused else "K"
    return dict(found)


def corrected_days(register: ClassRegister) -> Iterator[date]:
    """The days of which a session was corrected."""
    for one in register.corrections:
        kind, _, rest = one.column.partition(" ")
        if kind == ABSENCE:
            yield date.fromisoformat(rest.split()[0])
