"""How many pupils are assessed in a second: a whole year under each circular on assessment.

Peer: the same marks taken as plain binary floats by the shortest program that gives averages and a
level: no exact rounding, no exempted subjects, no allowance for one bad subject, no summer, nothing
about what is missing. The rules compute exactly, because floats round some ties wrongly.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from decimal import Decimal

from benchmarks.figures import Figure, Peer, repeated
from eoffice.assessment.circulars import RULE_SETS, Rules
from eoffice.assessment.marks import Part, Semester, SubjectKind, Value, Verdict
from eoffice.assessment.proposals import proposed
from eoffice.assessment.year import (
    Cell,
    Column,
    ConductLevel,
    ConductTime,
    Holds,
    PupilYear,
    Subject,
    TraitLevel,
    TraitTime,
)

ROUNDS = 3
PUPILS = 400
_SCORED = ("TOAN", "VAN", "NN1", "GDCD", "LSDL", "KHTN", "CN", "TIN", "NN2")
_COMMENT = ("GDTC", "NT", "GDDP", "HDTN")
_PRIMARY = ("TIENG_VIET", "TOAN", "NN1", "LSDL", "KHOA_HOC", "TIN_CN", "DAO_DUC", "GDTC", "HDTN")
_WEIGHTS = {Part.MIDTERM: 2, Part.PERIODIC: 2, Part.FINAL: 3}


def measure() -> Sequence[Figure]:
    return [_measured(name) for name in RULE_SETS]


def _measured(name: str) -> Figure:
    rules = RULE_SETS[name].with_terms(proposed()[name])
    pupils = _pupils(name, rules)
    plain = _plain_primary if RULE_SETS[name].trait_names else _plain_secondary

    def by_the_circular() -> None:
        for pupil in pupils:
            assert rules.of_year(pupil).outcome is not None

    def by_floats() -> None:
        for pupil in pupils:
            plain(pupil)

    ours, bare = repeated(by_the_circular, times=ROUNDS), repeated(by_floats, times=ROUNDS)
    return Figure(
        f"pupils assessed, {len(pupils[0].subjects)} subjects, a year, {name}",
        "1/s",
        PUPILS * ours.per_second,
        Peer("averages and level by plain floats", PUPILS * bare.per_second),
        f"{ROUNDS} rounds of {PUPILS} pupils, mean",
    )


# --- Pupils ---------------------------------------------------------------------------------------


def _pupils(name: str, rules: Rules) -> list[PupilYear]:
    dice = random.Random(22)
    grade = RULE_SETS[name].grades[-1]
    subjects = _taught(is_primary=bool(RULE_SETS[name].trait_names))
    codes = [subject.code for subject in subjects]
    columns = {
        (subject.code, semester): rules.columns(subject, semester, grade, codes)
        for subject in subjects
        for semester in Semester
    }
    return [
        PupilYear(
            grade=grade,
            subjects=subjects,
            marks=_marks(dice, columns),
            conduct={time: ConductLevel.GOOD for time in ConductTime if time.value != "summer"},
            traits={
                (code, time): TraitLevel.GOOD for code in rules.traits(grade) for time in TraitTime
            },
            absences=dice.randrange(12),
        )
        for _ in range(PUPILS)
    ]


def _taught(*, is_primary: bool) -> tuple[Subject, ...]:
    if is_primary:
        return tuple(Subject(code, code, SubjectKind.COMMENT, 70) for code in _PRIMARY)
    return (
        *(Subject(code, code, SubjectKind.SCORED, 105) for code in _SCORED),
        *(Subject(code, code, SubjectKind.COMMENT, 70) for code in _COMMENT),
    )


def _marks(
    dice: random.Random, columns: dict[tuple[str, Semester], tuple[Column, ...]]
) -> dict[Cell, Value]:
    strength = dice.randint(45, 92)
    entered = {Part.ORAL: 2, Part.WRITTEN: 2, Part.PERIODIC: 2}
    return {
        (code, semester, column.part, place): _value(dice, column.holds, strength)
        for (code, semester), of_semester in columns.items()
        for column in of_semester
        if column.part not in (Part.STATED, Part.REASSESSED, Part.REASSESSED_TEST)
        for place in range(1, entered.get(column.part, column.least) + 1)
    }


def _value(dice: random.Random, holds: Holds, strength: int) -> Value:
    if holds is Holds.VERDICT:
        return Verdict.PASSED
    if holds is Holds.JUDGEMENT:
        return Verdict.WELL_DONE
    tenths = min(100, max(10, round(dice.gauss(strength, 9))))
    return Decimal(tenths // 10) if holds is Holds.WHOLE_MARK else Decimal(tenths) / 10


# --- The peer -------------------------------------------------------------------------------------


def _plain_secondary(pupil: PupilYear) -> tuple[float, str]:
    totals: dict[tuple[str, Semester], list[float]] = {}
    failed = 0
    for (code, semester, part, _), value in pupil.marks.items():
        if isinstance(value, Verdict):
            failed += value is Verdict.FAILED
            continue
        sums = totals.setdefault((code, semester), [0.0, 0.0])
        weight = _WEIGHTS.get(part, 1)
        sums[0] += weight * float(value)
        sums[1] += weight
    years = [
        round(
            (
                round(totals[code, Semester.FIRST][0] / totals[code, Semester.FIRST][1], 1)
                + 2 * round(totals[code, Semester.SECOND][0] / totals[code, Semester.SECOND][1], 1)
            )
            / 3,
            1,
        )
        for code in _SCORED
    ]
    average = round(sum(years) / len(years), 1)
    lowest = min(years)
    for level, least, floor in (("good", 8.0, 6.5), ("fair", 6.5, 5.0), ("average", 5.0, 3.5)):
        if not failed and average >= least and lowest >= floor:
            return average, level
    return average, "weak"


def _plain_primary(pupil: PupilYear) -> tuple[float, str]:
    tests, judged = [], []
    for (_, semester, part, _), value in pupil.marks.items():
        if semester is Semester.SECOND and part is Part.FINAL_TEST:
            tests.append(float(str(value)))
        elif semester is Semester.SECOND and part is Part.FINAL:
            judged.append(value)
    lowest = min(tests)
    if all(one is Verdict.WELL_DONE for one in judged):
        return lowest, "excellent" if lowest >= 9 else "well_done"
    return lowest, "done" if lowest >= 5 else "not_done"
