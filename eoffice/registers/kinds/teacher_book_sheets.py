"""The pages of a teacher's own register: one class and semester a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from eoffice.assessment.marks import Part, Semester, SubjectKind
from eoffice.registers.kinds import cells, teacher_book
from eoffice.registers.kinds.parts import ROMAN, Term
from eoffice.registers.kinds.sheets import Cell, Row, Sheet, civil
from eoffice.registers.kinds.teacher_book import (
    TaughtClass,
    TaughtClassResults,
    TaughtPupil,
    TaughtResult,
    TeacherBook,
    TeacherBookResults,
)

#: Heads over judgements, which the form of Circular 22 does not call điểm.
_JUDGED: Final = {Part.REGULAR: "Thường xuyên", Part.MIDTERM: "Giữa kì", Part.FINAL: "Cuối kì"}
#: Printed by a column of its own, or as the result.
_NOT_MARKS = frozenset({Part.STATED, Part.REASSESSED, Part.REASSESSED_TEST})


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
    book: TeacherBook, of_class: TaughtClass, stated: TaughtClassResults, semester: Semester
) -> Sheet:
    found = [
        column
        for column in teacher_book.columns(book, of_class, semester)
        if column.part not in _NOT_MARKS
    ]
    places = {column.part: min(column.most, max(column.least, 1)) for column in found}

    def of_pupil(pupil: TaughtPupil, result: TaughtResult) -> Iterator[Cell]:
        for part, count in places.items():
            yield from _part_cells(book, pupil, semester, part, count)
        brought = pupil.marks.get(semester, {}).get(Part.STATED, ())
        mark = cells.BROUGHT if any(value not in (None, "exempt") for value in brought) else ""
        yield f"{cells.result(result.semesters[semester])}{mark}"
        if semester is Semester.SECOND:
            yield cells.result(result.year)
            yield cells.result(result.after)
        left = pupil.left
        note = "" if left is None else f"{left.note}, từ {civil(left.on)}"
        yield "; ".join(filter(None, (pupil.comments.get(semester, ""), note)))

    is_scored = book.kind is SubjectKind.SCORED
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
                    *of_pupil(pupil, result),
                ),
                is_struck=pupil.left is not None,
            )
            for place, (pupil, result) in enumerate(
                zip(of_class.pupils, stated.pupils, strict=True), start=1
            )
        ),
        lines=(f"Trang này có {corrected} điểm, mức đánh giá được sửa chữa.",),
        columns={
            "parts": [
                {
                    "label": column.label if is_scored else _JUDGED.get(column.part, column.label),
                    "places": places[column.part],
                }
                for column in found
            ],
            "is_scored": is_scored,
            "has_year": semester is Semester.SECOND,
        },
    )


def _part_cells(
    book: TeacherBook, pupil: TaughtPupil, semester: Semester, part: Part, count: int
) -> Iterator[Cell]:
    """A cell for each place; what is more than the places has the last one too."""
    values = pupil.marks.get(semester, {}).get(part, ())
    old = cells.olds(
        book.corrections, pupil.code, book.subject_code, Term(semester.value), part.value
    )
    for place in range(1, count + 1):
        last = max(count, len(values)) if place == count else place
        yield cells.with_old(
            values[place - 1 : last],
            {n - place + 1: value for n, value in old.items() if place <= n <= last},
            decimals=True,
        )
