"""How many pupils are assessed in a second: averages, levels, promotion and title of one year.

Peer: the same averages as plain binary floats, without rounding, levels or missing marks: what the
arithmetic alone costs. The rules use exact fractions, because floats round some ties wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from benchmarks.figures import Figure, Peer, repeated
from eoffice.assessment.marks import Semester
from eoffice.assessment.tt22 import Level, ScoredMarks
from eoffice.registers import results
from eoffice.registers.results import Absence, Marks
from tests.registers import cast

ROUNDS = 5


def measure() -> Sequence[Figure]:
    source = cast.source()
    pupils = [
        (
            {(c, s): m for (p, c, s), m in source.marks.items() if p == pupil.code},
            {s: level for (p, s), level in source.conduct.items() if p == pupil.code},
            [Absence(pupil.code, date(2024, 10, 1), results.Session.MORNING, excused=True)],
        )
        for pupil in source.pupils
    ]

    def by_the_circular() -> None:
        for marks, conduct, absences in pupils:
            results.of_pupil(source.subjects, marks, conduct, absences)

    def by_floats() -> None:
        for marks, conduct, _ in pupils:
            _plain(marks, conduct)

    ours = repeated(by_the_circular, times=ROUNDS)
    bare = repeated(by_floats, times=ROUNDS)
    return [
        Figure(
            "pupils assessed, 13 subjects, a year",
            "1/s",
            len(pupils) * ours.per_second,
            Peer("the averages as plain floats", len(pupils) * bare.per_second),
            f"{ROUNDS} rounds of {len(pupils)} pupils, mean",
        )
    ]


def _plain(
    marks: dict[tuple[str, Semester], Marks], conduct: dict[Semester, Level]
) -> tuple[list[float], int]:
    averages = []
    for found in marks.values():
        if isinstance(found, ScoredMarks) and found.midterm is not None and found.final is not None:
            regular = [float(mark) for mark in found.regular if mark is not None]
            total = sum(regular) + 2 * float(found.midterm) + 3 * float(found.final)
            averages.append(total / (len(regular) + 5))
    return averages, len(conduct)
