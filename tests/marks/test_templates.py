"""The sheet that teachers download is in the layout of the class's circular, and is read back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, SubjectKind, Value, Verdict
from eoffice.assessment.year import Column, Holds
from eoffice.classes import staff_queries
from eoffice.files.tables import workbook
from eoffice.marks import (
    marks_sheet,
    marks_template,
    record_queries,
    rosters,
    sheet_layout,
    uploads,
)
from eoffice.marks.marks_sheet import ExpectedSubject
from eoffice.marks.sheet_faults import Severity
from tests.cast import Cast
from tests.marks.test_years import FIRST, opened, put


def sheets_of(session: Session, class_id: UUID) -> bytes:
    """As `uploads.template` writes them."""
    roster = rosters.of_class(session, class_id)
    row = staff_queries.class_row(session, class_id)
    marks = record_queries.cells(session, class_id)
    sexes = {pupil.code: "Nữ" for pupil in roster.pupils}
    return marks_template.write(
        [
            uploads.sheet(row, "Trường", subject, semester, roster.pupils, sexes, marks)
            for subject in roster.subjects
            for semester in Semester
        ]
    )


HEADS = {
    "TT58/2011": (
        ["Hệ số 1", None, None, None, None, None, "Hệ số 2", None, None, "KT hk", "TBm hk"],
        ["Miệng 1", "Miệng 2", "Miệng 3", "Viết 1", "Viết 2", "Viết 3", 1, 2, 3],
    ),
    "TT27/2020": (
        ["Giữa học kì I", None, "Cuối học kì I"],
        ["Mức đạt được", "Điểm KTĐK", "Mức đạt được", "Điểm KTĐK"],
    ),
    "TT58/2011-TT26/2020": (
        ["ĐĐGtx", None, None, None, "ĐĐGgk", "ĐĐGck", "ĐTBmhk"],
        [1, 2, 3, 4],
    ),
}
GIVEN: dict[str, list[tuple[Part, int, Value]]] = {
    "TT58/2011": [
        (Part.ORAL, 1, Decimal("8.0")),
        (Part.WRITTEN, 2, Decimal("7.5")),
        (Part.PERIODIC, 1, Decimal("6.5")),
        (Part.FINAL, 1, Decimal("9.0")),
    ],
    "TT27/2020": [
        (Part.MIDTERM, 1, Verdict.DONE),
        (Part.MIDTERM_TEST, 1, Decimal("8.0")),
        (Part.FINAL, 1, Verdict.WELL_DONE),
        (Part.FINAL_TEST, 1, Decimal("10.0")),
    ],
    "TT58/2011-TT26/2020": [(Part.REGULAR, 1, Decimal("8.0")), (Part.FINAL, 1, Decimal("7.0"))],
}


@pytest.mark.parametrize("era", HEADS)
def test_the_sheet_has_the_columns_of_the_circular_and_says_the_same_when_it_comes_back(
    session: Session, cast: Cast, at: datetime, era: str
) -> None:
    class_id = opened(session, cast, at, era)
    for part, place, value in GIVEN[era]:
        put(session, class_id, FIRST, "TOAN", Semester.FIRST, part, value, place=place)

    grids = workbook.grids(sheets_of(session, class_id))

    (grid,) = [one for one in grids if one.name == "TOAN_HK1"]
    above, below = grid.rows[5][5:], grid.rows[6][5:]
    assert ([*above], [*below]) == HEADS[era]
    layout = sheet_layout.find_layout(grid.rows)
    assert layout.columns.unknown == layout.columns.repeated == ()
    readings = marks_sheet.read(grids, rosters.of_class(session, class_id))
    errors = [fault for one in readings for fault in one.faults if fault.severity is Severity.ERROR]
    assert errors == []
    (read,) = [
        one for one in readings if (one.subject_code, one.semester) == ("TOAN", Semester.FIRST)
    ]
    assert {(one.pupil_code, one.part, one.place, one.value) for one in read.marks} == {
        (FIRST, *given) for given in GIVEN[era]
    }


def test_one_column_more_than_is_used_stands_in_an_open_list() -> None:
    subject = ExpectedSubject(
        "TOAN", "Toán học", SubjectKind.SCORED, 4,
        places={Semester.FIRST: {
            (Part.ORAL, n): Column(Part.ORAL, "Miệng", Holds.MARK, 0, 9)
            for n in range(1, 10)
        }},
    )  # fmt: skip
    used = {("HS001", ("TOAN", Semester.FIRST, Part.ORAL, 5)): Decimal(8)}

    assert len(uploads.columns_of(subject, Semester.FIRST, {})) == 3
    assert len(uploads.columns_of(subject, Semester.FIRST, used)) == 6
    assert uploads.columns_of(subject, Semester.SECOND, used) == ()
