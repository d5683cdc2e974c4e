"""The pages of a teacher's own register: one class and semester a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eoffice.assessment.marks import Semester, SubjectKind
from eoffice.registers.kinds.parts import ROMAN, Term
from eoffice.registers.kinds.sheets import Cell, Entry, Row, Sheet, civil
from eoffice.registers.kinds.teacher_book import (
    ClassResults,
    Scores,
    TaughtClass,
    TaughtPupil,
    TaughtResult,
    TeacherBook,
    TeacherBookResults,
    Verdicts,
)

_WORDS: Final = {"passed": "Đ", "failed": "CĐ", "exempt": "M"}


def sheets(book: TeacherBook, results: TeacherBookResults) -> tuple[Sheet, ...]:
    return (
        _overview(book, results),
        *(
            _marks(book, of_class, stated, semester)
            for of_class, stated in zip(book.classes, results.classes, strict=True)
            for semester in Semester
        ),
    )


def _overview(book: TeacherBook, results: TeacherBookResults) -> Sheet:
    return Sheet(
        "overview",
        "CÁC LỚP GIẢNG DẠY",
        tuple(
            Row(
                (
                    str(place),
                    of_class.name,
                    str(of_class.periods_per_year),
                    str(len(of_class.pupils)),
                    str(stated.there),
                    str(stated.assessed),
                )
            )
            for place, (of_class, stated) in enumerate(
                zip(book.classes, results.classes, strict=True), start=1
            )
        ),
        lines=(f"Số điểm, mức đánh giá được sửa chữa trong cả sổ: {len(book.corrections)}.",),
    )


def _marks(
    book: TeacherBook, of_class: TaughtClass, stated: ClassResults, semester: Semester
) -> Sheet:
    def cells(pupil: TaughtPupil, result: TaughtResult) -> Iterator[Cell]:
        yield from _marks_cells(book, pupil, semester, stated.regular_marks)
        yield word(result.semesters[semester])
        if semester is Semester.SECOND:
            yield word(result.year)
        left = pupil.left
        note = "" if left is None else f"{left.note}, từ {civil(left.on)}"
        yield "; ".join(filter(None, (pupil.comments.get(semester, ""), note)))

    codes = {pupil.code for pupil in of_class.pupils}
    corrected = sum(
        each.term.value == semester.value and each.pupil in codes for each in book.corrections
    )
    return Sheet(
        "marks",
        f"LỚP {of_class.name.upper()} – HỌC KÌ {ROMAN[semester]}",
        tuple(
            Row(
                (
                    str(place),
                    pupil.code,
                    pupil.name,
                    civil(pupil.born_on),
                    *cells(pupil, result),
                ),
                is_struck=pupil.left is not None,
            )
            for place, (pupil, result) in enumerate(
                zip(of_class.pupils, stated.pupils, strict=True), start=1
            )
        ),
        lines=(f"Trang này có {corrected} điểm, mức đánh giá được sửa chữa.",),
        columns={
            "regular_marks": stated.regular_marks,
            "is_scored": book.kind is SubjectKind.SCORED,
            "has_year": semester is Semester.SECOND,
        },
    )


def _marks_cells(
    book: TeacherBook, pupil: TaughtPupil, semester: Semester, regular: int
) -> Iterator[Cell]:
    marks: Scores | Verdicts | None
    marks = (pupil.scores if book.kind is SubjectKind.SCORED else pupil.verdicts).get(semester)
    old = {
        (each.column, each.place): word(each.old)
        for each in book.corrections
        if (each.pupil, each.term) == (pupil.code, Term(semester.value))
    }
    if marks is None:
        yield from ("",) * (regular + 2)
        return
    given = [("regular", place, value) for place, value in enumerate(marks.regular, start=1)]
    given += [("midterm", 1, marks.midterm), ("final", 1, marks.final)]
    for column, place, value in given:
        text = "" if value is None else word(str(value))
        before = old.get((column, place))
        yield text if before is None else (Entry(text, before),)


def word(value: str | None) -> str:
    """A mark with its decimal (8,0), or Đ, CĐ, M."""
    return "" if value is None else _WORDS.get(value, value.replace(".", ","))
