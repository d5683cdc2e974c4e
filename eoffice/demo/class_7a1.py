"""Class 7A1 of the school year 2024–2025: 42 pupils, 13 subjects, and their marks.

Deterministic: the same pupils with the same marks in every run. The sheets can be made with three
deliberate faults, of the kinds that teachers' files really have.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from eoffice.assessment.marks import Semester, SubjectKind
from eoffice.assessment.tt22 import regular_marks_required
from eoffice.classes import collation
from eoffice.classes.subjects import LOWER_SECONDARY, Subject
from eoffice.demo import names
from eoffice.marks import marks_template
from eoffice.marks.marks_template import MarksSheet, SheetRow

CLASS_NAME = "7A1"
SCHOOL_YEAR = "2024-2025"
GRADE = 7
SIZE = 42
#: Which subject's first sheet carries which fault.
FAULTY_MARK_OF_ELEVEN = "TOAN"
FAULTY_DECIMAL_COMMA = "VAN"
FAULTY_MISSING_PUPIL = "NN1"


@dataclass(frozen=True, slots=True)
class DemoPupil:
    code: str
    full_name: str
    born_on: date
    is_female: bool
    birth_place: str
    address: str
    #: 0 weak … 1 excellent; marks scatter around it.
    talent: float
    conduct: tuple[str, str]
    absences: tuple[int, int]


def pupils() -> tuple[DemoPupil, ...]:
    """The class list in the order of the register: by given name."""
    dice = _dice("pupils")
    supply = names.people("7A1 2024-2025")
    made = []
    for index in range(1, SIZE + 1):
        name, is_female = next(supply)
        talent = min(max(dice.gauss(0.68, 0.15), 0.2), 0.99)
        good = "good" if talent > 0.45 else "fair"
        made.append(
            DemoPupil(
                code=f"8700{index:04}",
                full_name=name,
                born_on=date(2012, 1, 1) + timedelta(days=dice.randrange(366)),
                is_female=is_female,
                birth_place="Đồng Tháp",
                address=f"Khóm {dice.randint(1, 6)}, Phường {dice.randint(1, 6)}",
                talent=talent,
                conduct=(good if dice.random() < 0.9 else "fair", good),
                absences=(dice.choice((0, 0, 1, 2, 3)), dice.choice((0, 0, 0, 0, 1))),
            )
        )
    return tuple(sorted(made, key=lambda pupil: collation.name_key(pupil.full_name)))


def sheets(school: str, subject: Subject, *, faulty: bool) -> bytes:
    """The workbook of one subject: a worksheet for each semester."""
    pages = [sheet(school, CLASS_NAME, pupils(), subject, semester) for semester in Semester]
    if faulty:
        pages[0] = _with_fault(pages[0], subject)
    return marks_template.write(pages)


def sheet(
    school: str,
    class_name: str,
    listed: Sequence[DemoPupil],
    subject: Subject,
    semester: Semester,
) -> MarksSheet:
    """The marks of a class in a subject and semester, by each pupil's talent."""
    regular = regular_marks_required(subject.kind, subject.periods_per_year)
    return MarksSheet(
        school=school,
        class_name=class_name,
        school_year=SCHOOL_YEAR,
        subject_code=subject.code,
        subject_name=subject.name,
        semester=semester,
        regular_marks=regular,
        rows=tuple(
            SheetRow(
                code=pupil.code,
                name=pupil.full_name,
                born_on=pupil.born_on,
                sex="Nữ" if pupil.is_female else "Nam",
                cells=_cells(pupil, subject, semester, regular + 2),
            )
            for pupil in listed
        ),
    )


def _cells(
    pupil: DemoPupil, subject: Subject, semester: Semester, count: int
) -> tuple[Decimal | str | None, ...]:
    dice = _dice(f"{pupil.code} {subject.code} {semester.value}")
    if subject.kind is SubjectKind.COMMENT:
        return ("Đ",) * count
    level = pupil.talent + dice.gauss(0, 0.04) + (0.02 if semester is Semester.SECOND else 0)
    return tuple(
        Decimal(round(min(max(level + dice.gauss(0, 0.09), 0.1), 1) * 20)) / 2 for _ in range(count)
    )


def _with_fault(page: MarksSheet, subject: Subject) -> MarksSheet:
    rows = list(page.rows)
    if subject.code == FAULTY_MARK_OF_ELEVEN:
        rows[4] = replace(rows[4], cells=(Decimal(11), *rows[4].cells[1:]))
    elif subject.code == FAULTY_DECIMAL_COMMA:
        rows[9] = replace(rows[9], cells=(rows[9].cells[0], "7,5", *rows[9].cells[2:]))
    elif subject.code == FAULTY_MISSING_PUPIL:
        del rows[20]
    return replace(page, rows=tuple(rows))


def _dice(seed: str) -> random.Random:
    return random.Random(f"eoffice demo {seed}")  # noqa: S311 -- marks of a demo, not a secret


SUBJECTS = LOWER_SECONDARY
