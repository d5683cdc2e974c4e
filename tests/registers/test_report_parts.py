"""One year's part of a học bạ: the circular's words on its pages, corrections, places to sign."""

from __future__ import annotations

import io
from dataclasses import replace

import pikepdf
import pytest

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import Outcome
from eoffice.registers import extraction
from eoffice.registers.kinds import class_register, rendering, report_part, report_part_sheets
from eoffice.registers.kinds.report_part import ReportPart
from eoffice.registers.kinds.sheets import Entry, Sheet
from eoffice.registers.kinds.table import RegisterKind
from tests.registers import register_cast as cast


def sheet(part: ReportPart, kind: str) -> Sheet:
    found = report_part_sheets.sheets(part, report_part.compute(part))
    return next(one for one in found if one.kind == kind)


@pytest.fixture
def of_22() -> ReportPart:
    return cast.report_part_of(cast.roll_book_of_22(), place=2)


def test_the_results_are_those_of_the_class_register(of_22: ReportPart) -> None:
    of_class = class_register.compute(cast.roll_book_of_22()).pupils[2]
    assert report_part.compute(of_22) == of_class


def test_a_part_of_the_last_grade_says_what_was_completed(of_22: ReportPart) -> None:
    lines = sheet(of_22, "summary").lines
    assert "Kết luận: được lên lớp." in lines
    assert "Hoàn thành chương trình giáo dục trung học cơ sở." in lines
    grade_8 = replace(of_22, of_class=replace(of_22.of_class, grade=8))
    assert not any("Hoàn thành" in line for line in sheet(grade_8, "summary").lines)


def test_circular_58_has_its_own_words_and_the_average_of_all_subjects() -> None:
    found = sheet(cast.report_part_of(place=7), "summary")
    assert [row.cells[0] for row in found.rows] == [
        "Điểm trung bình các môn",
        "Học lực",
        "Hạnh kiểm",
    ]


def test_a_primary_part_shows_levels_tests_and_traits() -> None:
    part = cast.report_part_of(cast.primary_table_of(), place=2)
    first = sheet(part, "primary_subjects").rows[0].cells
    assert first[:5] == ("Tiếng Việt", "H", "7", "H", "7")
    traits = sheet(part, "primary_summary").rows
    assert len(traits) == len(part.traits)
    assert {row.cells[0] for row in traits} == {
        "Phẩm chất chủ yếu",
        "Năng lực chung",
        "Năng lực đặc thù",
    }


def test_teachers_are_named_with_the_day_on_which_they_signed_the_class_book(
    of_22: ReportPart,
) -> None:
    cells = sheet(of_22, "subjects").rows[0].cells
    assert str(cells[-1]).endswith(", ký sổ 28/05/2018")


def test_a_corrected_result_stands_beside_the_old_one(of_22: ReportPart) -> None:
    entry = cast.with_marks(of_22.entry, {("TOAN", Semester.FIRST, Part.FINAL): ("2.0",)})
    later = report_part.corrected(of_22, replace(of_22, version=2, entry=entry))

    maths = sheet(later, "subjects").rows[0].cells
    assert maths[1] == (Entry("5,7", "7,3"),)
    assert [one.old for one in later.corrections] == ["7.3", "7.5"]
    pdf = rendering.render(cast.data(RegisterKind.REPORT_PART, later))
    assert extraction.differences(pdf) == ()


def test_a_corrected_mark_strikes_the_average_of_all_subjects_too() -> None:
    first = cast.report_part_of(place=1)
    entry = cast.with_marks(first.entry, {("TOAN", Semester.FIRST, Part.FINAL): ("1.0",)})
    later = report_part.corrected(first, replace(first, version=2, entry=entry))
    before, after = (report_part.compute(one).semesters[Semester.FIRST] for one in (first, later))

    averages = sheet(later, "summary").rows[0].cells

    assert before.average is not None
    assert after.average is not None
    assert before.average > after.average
    assert averages[1] == (
        Entry(str(after.average).replace(".", ","), str(before.average).replace(".", ",")),
    )
    pdf = rendering.render(cast.data(RegisterKind.REPORT_PART, later))
    assert extraction.differences(pdf) == ()


def test_a_correction_of_an_earlier_version_is_told_again(of_22: ReportPart) -> None:
    entry = cast.with_marks(of_22.entry, {("TOAN", Semester.FIRST, Part.FINAL): ("2.0",)})
    second = report_part.corrected(of_22, replace(of_22, version=2, entry=entry))
    third = report_part.corrected(second, replace(of_22, version=3, entry=entry))
    assert third.corrections == second.corrections


def test_where_teachers_sign_here_each_subject_has_its_place(of_22: ReportPart) -> None:
    pdf = rendering.render(cast.data(RegisterKind.REPORT_PART, replace(of_22, subjects_sign=True)))
    with pikepdf.open(io.BytesIO(pdf)) as file:
        fields = {str(field.T) for field in file.Root.AcroForm.Fields if field.FT == "/Sig"}
    assert fields == {
        "homeroom",
        "principal",
        "school_seal",
        *(f"subject_{one.code}" for one in of_22.subjects),
    }


def test_what_is_open_is_named(of_22: ReportPart) -> None:
    entry = cast.with_marks(of_22.entry, {("TOAN", Semester.FIRST, Part.FINAL): ()})
    (gap,) = report_part.gaps(replace(of_22, entry=entry))
    assert gap.startswith(of_22.entry.pupil.name)
    assert "Toán" in gap


@pytest.mark.parametrize("final", list(Outcome))
@pytest.mark.parametrize("is_after", [False, True])
def test_every_outcome_has_its_words_in_every_circular(final: Outcome, is_after: bool) -> None:
    for of in (cast.roll_book_of(), cast.roll_book_of_22(), cast.primary_table_of()):
        part = cast.report_part_of(of, place=2)
        result = replace(
            report_part.compute(part),
            outcome=Outcome.SUMMER if is_after else final,
            outcome_after=final if is_after else None,
        )
        lines = [
            line
            for one in report_part_sheets.sheets(part, result)
            for line in one.lines
            if line.startswith("Kết luận: ")
        ]
        assert len(lines) == 1
        assert len(lines[0]) > len("Kết luận: .")
