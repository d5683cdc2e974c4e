"""The pages of sổ gọi tên và ghi điểm, cell by cell, in the order in which the book is bound.

The class register of Circular 58/2011, and of 58 as 26/2020 amended it.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from eoffice.assessment import circulars
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.tt58 import AMENDED
from eoffice.assessment.year import ConductTime, Need, Outcome
from eoffice.registers.kinds import cells
from eoffice.registers.kinds.class_register import (
    OF_ALL,
    ClassPupil,
    ClassRegister,
    ClassResults,
    ClassSubject,
    PupilResult,
)
from eoffice.registers.kinds.parts import ROMAN, months_of
from eoffice.registers.kinds.sheets import Cell, Row, Sheet, average, civil, number, weekdays

LEARNING: Final = {"excellent": "G", "fair": "K", "average": "Tb", "weak": "Y", "poor": "Kém"}
CONDUCT: Final = {"good": "T", "fair": "K", "average": "Tb", "weak": "Y"}
TITLES: Final = {"excellent_pupil": "HSG", "advanced_pupil": "HSTT"}
_NEEDS: Final = {Need.RE_ASSESSMENT: "KT lại", Need.CONDUCT_TRAINING: "RL hè"}
#: How many marks of re-tests a line has room for.
_RETESTS: Final = 3
#: Head of a group of columns, and the parts below it with their own heads.
_Columns = Sequence[tuple[str, Sequence[tuple[Part, str]]]]
_COLUMNS: Final[_Columns] = (
    ("Điểm hs 1", ((Part.ORAL, "M"), (Part.WRITTEN, "V"))),
    ("Điểm hs 2", ((Part.PERIODIC, "V"),)),
    ("KT hk", ((Part.FINAL, ""),)),
)
_AMENDED_COLUMNS: Final[_Columns] = (
    ("ĐĐGtx", ((Part.REGULAR, ""),)),
    ("ĐĐGgk", ((Part.MIDTERM, ""),)),
    ("ĐĐGck", ((Part.FINAL, ""),)),
)


def sheets(book: ClassRegister, results: ClassResults) -> tuple[Sheet, ...]:
    return (
        _particulars(book),
        _families(book),
        *_attendance(book),
        *(
            sheet
            for semester in Semester
            for sheet in (*_marks(book, results, semester), _semester(book, results, semester))
        ),
        _year_averages(book, results),
        _year_outcomes(book, results),
    )


def columns_of(book: ClassRegister) -> _Columns:
    return _AMENDED_COLUMNS if book.rule_set == AMENDED.rule_set else _COLUMNS


def _particulars(book: ClassRegister) -> Sheet:
    return Sheet(
        "particulars",
        "SƠ YẾU LÝ LỊCH HỌC SINH",
        tuple(
            cells.row_of(
                one,
                str(place),
                one.pupil.name,
                civil(one.pupil.born_on),
                one.pupil.birthplace,
                one.pupil.sex,
                one.pupil.ethnicity,
                one.pupil.policy_group,
                one.pupil.address,
            )
            for place, one in enumerate(book.pupils, start=1)
        ),
    )


def _families(book: ClassRegister) -> Sheet:
    def changes(one: ClassPupil) -> str:
        left = one.pupil.left
        note = "" if left is None else f"{left.note}, từ {civil(left.on)}"
        return "; ".join(filter(None, (one.pupil.changes, note)))

    return Sheet(
        "families",
        "SƠ YẾU LÝ LỊCH HỌC SINH (tiếp theo)",
        tuple(
            # Not struck through: the note says why the line on the other page is.
            Row(
                (
                    str(place),
                    one.pupil.father,
                    one.pupil.mother or one.pupil.guardian,
                    changes(one),
                )
            )
            for place, one in enumerate(book.pupils, start=1)
        ),
    )


def _attendance(book: ClassRegister) -> Iterator[Sheet]:
    signs = cells.signs_of(book)
    for month in months_of(book.of_class.school_year):
        count = monthrange(month.year, month.month)[1]
        days = [month.replace(day=day) for day in range(1, count + 1)]
        rows = []
        for place, one in enumerate(book.pupils, start=1):
            code = one.pupil.code
            of_days = [cells.attendance_cell(book, code, day, signs) for day in days]
            sums = _absent("".join(_signs(signs, code, day) for day in days))
            rows.append(cells.row_of(one, str(place), one.pupil.name, *of_days, *sums))
        by_day = [
            "".join(_signs(signs, one.pupil.code, day) for one in book.pupils) for day in days
        ]
        total = ("Tổng cộng", *(number(len(each)) for each in by_day), *_absent("".join(by_day)))
        yield Sheet(
            "attendance",
            f"ĐIỂM DANH THÁNG {month.month} NĂM {month.year}",
            tuple(rows),
            sums=(Row(total),),
            columns={"days": weekdays(days)},
        )


def _signs(signs: cells.Signs, code: str, day: date) -> str:
    return "".join(signs.get((code, day), {}).values())


def _absent(signs: str) -> tuple[str, str, str]:
    count = Counter(signs)
    return number(count.total()), number(count["P"]), number(count["K"])


def _marks(book: ClassRegister, results: ClassResults, semester: Semester) -> Iterator[Sheet]:
    """Two subjects on a page."""
    for first in range(0, len(book.subjects), 2):
        pair = book.subjects[first : first + 2]
        rows = tuple(
            cells.row_of(
                one,
                place,
                one.pupil.name,
                *(
                    cell
                    for subject in pair
                    for cell in _marks_cells(book, one, stated, subject, semester)
                ),
            )
            for place, one, stated in cells.numbered(book, results.pupils)
        )
        yield Sheet(
            "marks",
            f"PHẦN GHI ĐIỂM HỌC KÌ {ROMAN[semester]}",
            rows,
            lines=(_corrected(book, semester, pair), *_brought(book, semester, pair)),
            columns={
                "subjects": [
                    {"code": one.code, "name": one.name, "teacher": one.teacher} for one in pair
                ],
                "groups": [
                    {"head": head, "parts": [label for _, label in parts]}
                    for head, parts in columns_of(book)
                ],
                # A year has one list of a subject to sign: where its second half stands.
                "is_signed": semester is Semester.SECOND,
            },
        )


def _marks_cells(
    book: ClassRegister,
    one: ClassPupil,
    stated: PupilResult,
    subject: ClassSubject,
    semester: Semester,
) -> Iterator[Cell]:
    for _, parts in columns_of(book):
        for part, _ in parts:
            yield cells.part_cell(book, one, subject.code, semester, part)
    found = cells.result(stated.subjects[subject.code].semesters[semester])
    yield f"{found}{cells.BROUGHT}" if _is_brought(one, subject, semester) else found


def _is_brought(one: ClassPupil, subject: ClassSubject, semester: Semester) -> bool:
    """A result as a whole, other than M, comes from another school."""
    return any(
        value not in (None, "exempt") for value in one.places(subject.code, semester, Part.STATED)
    )


def _brought(
    book: ClassRegister, semester: Semester, subjects: Sequence[ClassSubject]
) -> Iterator[str]:
    if any(_is_brought(one, each, semester) for one in book.pupils for each in subjects):
        yield cells.BROUGHT_LINE


def _corrected(book: ClassRegister, semester: Semester, subjects: Sequence[ClassSubject]) -> str:
    """The sentence that ends each page with marks."""
    count = Counter(each.subject for each in book.corrections if each.term.value == semester.value)
    of_page = sum(count[one.code] for one in subjects)
    each = "; ".join(f"{one.name} {count[one.code]} điểm" for one in subjects)
    return f"Trong trang này có {of_page} điểm được sửa chữa, trong đó môn: {each}."


def _semester(book: ClassRegister, results: ClassResults, semester: Semester) -> Sheet:
    def of_pupil(one: ClassPupil, stated: PupilResult) -> Iterator[Cell]:
        period = stated.semesters[semester]
        for subject in book.subjects:
            yield cells.result(stated.subjects[subject.code].semesters[semester])
        yield average(period.average)
        yield LEARNING.get(period.learning or "", "")
        time = ConductTime(semester.value)
        yield cells.conduct_cell(book, one, time, period.conduct, CONDUCT)
        yield TITLES.get(period.title or "", "")

    count = sum(
        each.term.value == semester.value and each.subject != OF_ALL for each in book.corrections
    )
    return Sheet(
        "semester",
        f"TỔNG HỢP KẾT QUẢ HỌC KÌ {ROMAN[semester]}",
        tuple(
            cells.row_of(one, place, one.pupil.name, *of_pupil(one, stated))
            for place, one, stated in cells.numbered(book, results.pupils)
        ),
        lines=(f"Trong học kì {ROMAN[semester]} có {count} điểm được sửa chữa.",),
        columns={"subjects": [one.name for one in book.subjects]},
    )


def _year_averages(book: ClassRegister, results: ClassResults) -> Sheet:
    def of_pupil(one: ClassPupil, stated: PupilResult) -> Iterator[str]:
        for subject in book.subjects:
            yield cells.result(stated.subjects[subject.code].year)
        yield average(stated.year.average)
        again = [
            f"{subject.short_name}: {cells.mark(value)}"
            for subject in book.subjects
            for value in one.places(subject.code, Semester.SECOND, Part.REASSESSED)
        ]
        # Whoever has more than the columns can hold has the rest in the last.
        head, rest = again[: _RETESTS - 1], again[_RETESTS - 1 :]
        yield from (*head, "; ".join(rest), *[""] * (_RETESTS - 1 - len(head)))

    return Sheet(
        "year_averages",
        "TỔNG HỢP ĐÁNH GIÁ, XẾP LOẠI CẢ NĂM",
        tuple(
            cells.row_of(one, place, one.pupil.name, *of_pupil(one, stated))
            for place, one, stated in cells.numbered(book, results.pupils)
        ),
        columns={"subjects": [one.name for one in book.subjects], "retests": _RETESTS},
    )


def _year_outcomes(book: ClassRegister, results: ClassResults) -> Sheet:
    return Sheet(
        "year_outcomes",
        "TỔNG HỢP ĐÁNH GIÁ, XẾP LOẠI CẢ NĂM (tiếp theo)",
        tuple(
            cells.row_of(one, place, *_outcome_cells(book, one, stated))
            for place, one, stated in cells.numbered(book, results.pupils)
        ),
        lines=_total_lines(book, results),
    )


def _outcome_cells(book: ClassRegister, one: ClassPupil, stated: PupilResult) -> Iterator[Cell]:
    yield LEARNING.get(stated.year.learning or "", "")
    yield cells.conduct_cell(book, one, ConductTime.YEAR, stated.year.conduct, CONDUCT)
    yield number(stated.excused + stated.unexcused)
    yield "x" if stated.outcome is Outcome.PROMOTED else ""
    if stated.outcome is Outcome.HELD_BACK:
        yield "Ở lại"
    else:
        yield ", ".join(_NEEDS[need] for need in stated.needs)
    after = stated.after
    yield LEARNING.get(after.learning or "", "") if after else ""
    conduct = after.conduct if after else None
    yield cells.conduct_cell(book, one, ConductTime.SUMMER, conduct, CONDUCT)
    moved = stated.outcome_after
    yield "" if moved is None else "Lên lớp" if moved is Outcome.PROMOTED else "Ở lại"
    yield TITLES.get(stated.year.title or "", "") if stated.outcome else ""


def _total_lines(book: ClassRegister, results: ClassResults) -> tuple[str, ...]:
    totals = results.totals
    circular = circulars.rule_set(book.rule_set)
    learning = " – ".join(
        f"{word.text}: {totals.learning[word.code]}" for word in circular.learning_levels
    )
    conduct = " – ".join(
        f"{word.text}: {totals.conduct[word.code]}" for word in circular.conduct_levels
    )
    titles = ". ".join(f"{word.text}: {totals.titles[word.code]}" for word in circular.titles)
    return (
        f"Tổng số học sinh của lớp: {totals.listed}; chuyển đi, thôi học: {totals.left}; "
        f"có mặt cuối năm: {totals.pupils}, trong đó nữ: {totals.girls}.",
        f"Được lên lớp: {totals.promoted}. Lên lớp sau kiểm tra lại, rèn luyện hè: "
        f"{totals.promoted_after_summer}. Ở lại lớp: {totals.held_back}.",
        f"Học lực: {learning}.",
        f"Hạnh kiểm: {conduct}.",
        f"{titles}.",
        "Số điểm được sửa chữa trong cả sổ: "
        f"{sum(one.subject != OF_ALL for one in book.corrections)}.",
    )
