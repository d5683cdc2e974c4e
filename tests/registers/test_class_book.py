"""The class book of Circular 22/2021 holds leavers, summer and terms; books made before stay.

A book of the earlier format stays readable as it was signed. What corrects it is of today's format,
and tells the cells that were corrected and nothing for which the earlier one had no room.
"""

from __future__ import annotations

from dataclasses import replace

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import Outcome
from eoffice.registers import comparison, gradebook
from eoffice.registers.kinds import class_book, class_book_sheets, class_register, table
from eoffice.registers.kinds.sheets import Sheet
from eoffice.registers.kinds.table import RegisterKind
from tests.registers import cast, register_cast

BOOK = register_cast.class_book_of()
RESULTS = class_register.compute(BOOK)


def sheet(kind: str) -> Sheet:
    return next(one for one in class_book_sheets.sheets(BOOK, RESULTS) if one.kind == kind)


def of_today(source: gradebook.Source) -> class_book.ClassBook:
    return replace(class_book.of_gradebook(source), terms=register_cast.terms("TT22/2021"))


def with_mark(source: gradebook.Source, text: str) -> class_book.ClassBook:
    """Another final mark of the first pupil in mathematics."""
    book = of_today(source)
    first = book.pupils[0]
    semester = dict(first.marks["TOAN"][Semester.FIRST])
    semester[Part.FINAL] = (text,)
    marks = {**first.marks, "TOAN": {**first.marks["TOAN"], Semester.FIRST: semester}}
    return replace(book, version=2, pupils=(replace(first, marks=marks), *book.pupils[1:]))


def test_who_left_keeps_the_line_struck_through_and_is_in_no_sum() -> None:
    struck = [row.cells[1] for row in sheet("particulars").rows if row.is_struck]
    assert struck == [BOOK.pupils[3].pupil.name]
    assert (RESULTS.totals.listed, RESULTS.totals.left) == (42, 1)
    assert any("chuyển đi, thôi học: 1; có mặt" in line for line in sheet("totals").lines)


def test_what_was_made_good_in_summer_stands_in_its_own_columns() -> None:
    later = [
        place
        for place, one in enumerate(RESULTS.pupils)
        if one.outcome is Outcome.SUMMER and one.outcome_after is Outcome.PROMOTED
    ]
    assert later
    rows = sheet("evaluation").rows
    assert all(rows[place].cells[4] and rows[place].cells[5] for place in later)
    assert all(rows[place].cells[9] == "sau hè" for place in later)


def test_a_book_of_the_earlier_format_gives_the_same_results_in_the_new_one() -> None:
    source = cast.source(20)
    stated = class_book.results_of_gradebook(gradebook.data_of(source))
    computed = table.plain(class_register.compute(of_today(source)))
    for one in computed["pupils"]:
        one["completion"] = None
    assert stated["pupils"] == computed["pupils"]
    assert stated["totals"] == computed["totals"]


def test_a_correction_of_an_earlier_book_is_told_and_nothing_that_it_had_no_room_for() -> None:
    source = cast.source(20)
    now = with_mark(source, "1.5")
    came = replace(now.pupils[1], pupil=replace(now.pupils[1].pupil, code="MOI"))
    second = dict(now.pupils[2].marks["TOAN"][Semester.SECOND])
    second[Part.REASSESSED] = ("7",)
    again = replace(
        now.pupils[2],
        marks={
            **now.pupils[2].marks,
            "TOAN": {**now.pupils[2].marks["TOAN"], Semester.SECOND: second},
        },
    )
    now = replace(now, pupils=(*now.pupils[:2], again, *now.pupils[3:], came))

    told = class_book.corrected_from_gradebook(source, now).corrections

    assert [(one.pupil, one.subject, one.column, one.new) for one in told] == [
        (source.pupils[0].code, "TOAN", "final", "1.5")
    ]


def test_an_earlier_book_and_the_version_that_corrects_it_differ_in_the_cell_alone() -> None:
    source = cast.source(20)
    kind = table.BY_KIND[RegisterKind.CLASS_BOOK]
    old, new = (
        table.data_of(kind, book, made_at=cast.MADE_AT)
        for book in (of_today(source), with_mark(source, "1.5"))
    )
    old["results"] = class_book.results_of_gradebook(gradebook.data_of(source))
    found = [one for one in comparison.compare(old, new) if one.is_entered]
    assert [(one.pupil, one.place, one.new) for one in found] == [
        (source.pupils[0].name, "Toán học · Học kì I · Cuối kì", "1,5")
    ]
