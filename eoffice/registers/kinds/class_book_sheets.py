"""The pages of sổ theo dõi và đánh giá học sinh (theo lớp học), cell by cell, in the book's order.

The class book of Circular 22/2021: the list of a subject has both semesters on one page.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Final

from eoffice.assessment import circulars
from eoffice.assessment.marks import Part, Semester, SubjectKind
from eoffice.assessment.year import ConductLevel, ConductTime, Need, Outcome, Subject
from eoffice.registers import printed
from eoffice.registers.kinds import cells
from eoffice.registers.kinds.class_book import ClassBook
from eoffice.registers.kinds.class_register import (
    ClassPupil,
    ClassResults,
    ClassSubject,
    PupilResult,
    rules_of,
)
from eoffice.registers.kinds.covers import places
from eoffice.registers.kinds.parts import ROMAN, Term
from eoffice.registers.kinds.sheets import Cell, Row, Sheet, civil, number, weekdays

_LEVELS: Final = {level.value: printed.word(level.value) for level in ConductLevel}
_NEEDS: Final = {Need.RE_ASSESSMENT: "Đánh giá lại", Need.CONDUCT_TRAINING: "Rèn luyện hè"}


def cover(book: ClassBook) -> Mapping[str, object]:
    there = [one.pupil for one in book.pupils if one.pupil.left is None]
    return {
        "title": f"Sổ theo dõi và đánh giá học sinh lớp {book.of_class.name} "
        f"năm học {book.of_class.school_year}",
        "school": asdict(book.school),
        "places": places(book.school),
        "class": asdict(book.of_class),
        "version": book.version,
        "count": len(there),
        "girls": sum(one.is_girl for one in there),
        "subjects": [{"name": one.name, "teacher": one.teacher} for one in book.subjects],
    }


def sheets(book: ClassBook, results: ClassResults) -> tuple[Sheet, ...]:
    return (
        _particulars(book),
        _families(book),
        *_attendance(book),
        *(_subject(book, results, one) for one in book.subjects),
        *(_semester(book, results, semester) for semester in Semester),
        _year(book, results),
        _evaluation(book, results),
        _totals(book, results),
        _remarks(book),
    )


def _particulars(book: ClassBook) -> Sheet:
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


def _families(book: ClassBook) -> Sheet:
    def changes(one: ClassPupil) -> str:
        left = one.pupil.left
        note = "" if left is None else f"{left.note}, từ {civil(left.on)}"
        return "; ".join(filter(None, (one.pupil.changes, note)))

    return Sheet(
        "families",
        "CHA MẸ HỌC SINH VÀ NHỮNG THAY ĐỔI CẦN CHÚ Ý",
        tuple(
            cells.row_of(
                one,
                str(place),
                one.pupil.name,
                one.pupil.father,
                one.pupil.mother or one.pupil.guardian,
                changes(one),
            )
            for place, one in enumerate(book.pupils, start=1)
        ),
    )


def _attendance(book: ClassBook) -> Iterator[Sheet]:
    """A list for each month in which an absence is on record."""
    signs = cells.signs_of(book)
    corrected = set(cells.corrected_days(book))
    for month in sorted({day.replace(day=1) for day in {day for _, day in signs} | corrected}):
        count = monthrange(month.year, month.month)[1]
        days = [month.replace(day=day) for day in range(1, count + 1)]
        rows = []
        for place, one in enumerate(book.pupils, start=1):
            code = one.pupil.code
            of_days = [cells.attendance_cell(book, code, day, signs) for day in days]
            kinds = Counter(sign for day in days for sign in signs.get((code, day), {}).values())
            sums = (number(kinds.total()), number(kinds["P"]), number(kinds["K"]))
            rows.append(cells.row_of(one, str(place), one.pupil.name, *of_days, *sums))
        yield Sheet(
            "attendance",
            f"THEO DÕI CHUYÊN CẦN – THÁNG {month.month:02} NĂM {month.year}",
            tuple(rows),
            columns={"days": weekdays(days)},
        )


def _subject(book: ClassBook, results: ClassResults, subject: ClassSubject) -> Sheet:
    columns = {semester: _columns(book, subject, semester) for semester in Semester}

    def of_pupil(one: ClassPupil, stated: PupilResult) -> Iterator[Cell]:
        found = stated.subjects[subject.code]
        for semester in Semester:
            for part, place in columns[semester]:
                yield _cell(book, one, subject, semester, part, place)
            brought = cells.BROUGHT if _is_brought(one, subject, semester) else ""
            yield f"{cells.result(found.semesters[semester])}{brought}"
        yield cells.result(found.year)
        yield cells.part_cell(book, one, subject.code, Semester.SECOND, Part.REASSESSED)
        yield "" if found.after is None else f"Sau đánh giá lại: {cells.result(found.after)}"

    corrected = len(
        {
            (one.pupil, one.term, one.column, one.place)
            for one in book.corrections
            if one.subject == subject.code
        }
    )
    is_brought = any(
        _is_brought(one, subject, semester) for one in book.pupils for semester in Semester
    )
    return Sheet(
        "subject",
        f"MÔN HỌC/HOẠT ĐỘNG GIÁO DỤC: {subject.name.upper()}",
        tuple(
            cells.row_of(one, place, one.pupil.name, *of_pupil(one, stated))
            for place, one, stated in cells.numbered(book, results.pupils)
        ),
        lines=(
            f"Trang này có {corrected} điểm được sửa chữa so với bản đã ký trước.",
            f"Số tiết trong năm học: {subject.periods_per_year}. "
            "Giáo viên chủ nhiệm xác nhận ở trang Tổng hợp chung.",
            *((cells.BROUGHT_LINE,) if is_brought else ()),
        ),
        columns={
            "code": subject.code,
            "name": subject.name,
            "teacher": subject.teacher,
            "is_scored": subject.kind is SubjectKind.SCORED,
            "regular": [_count(columns[semester], Part.REGULAR) for semester in Semester],
            "topics": [_count(columns[semester], Part.TOPIC) for semester in Semester],
        },
    )


def _columns(book: ClassBook, subject: ClassSubject, at: Semester) -> list[tuple[Part, int]]:
    """The columns of a semester by the circular, and those in which somebody has a mark."""
    found = rules_of(book).columns(
        Subject(
            subject.code,
            subject.name,
            subject.kind,
            subject.periods_per_year,
            subject.has_topics,
            subject.regular_marks,
        ),
        at,
        book.of_class.grade,
        [one.code for one in book.subjects],
    )
    held = [len(one.places(subject.code, at, Part.REGULAR)) for one in book.pupils]
    count = {
        Part.REGULAR: max([*held, *(one.least for one in found if one.part is Part.REGULAR)]),
        Part.TOPIC: int(any(one.part is Part.TOPIC for one in found)),
        Part.MIDTERM: 1,
        Part.FINAL: 1,
    }
    return [(part, place) for part, most in count.items() for place in range(1, most + 1)]


def _cell(
    book: ClassBook,
    one: ClassPupil,
    subject: ClassSubject,
    at: Semester,
    part: Part,
    place: int,
) -> Cell:
    values = one.places(subject.code, at, part)
    old = cells.olds(book.corrections, one.pupil.code, subject.code, Term(at.value), part.value)
    return cells.with_old(
        (values[place - 1] if place <= len(values) else None,),
        {1: old[place]} if place in old else {},
    )


def _is_brought(one: ClassPupil, subject: ClassSubject, semester: Semester) -> bool:
    """A result as a whole, other than M, comes from another school."""
    return any(
        value not in (None, "exempt") for value in one.places(subject.code, semester, Part.STATED)
    )


def _count(columns: list[tuple[Part, int]], wanted: Part) -> int:
    return sum(part is wanted for part, _ in columns)


def _summary(
    book: ClassBook, results: ClassResults, kind: str, heading: str, semester: Semester | None
) -> Sheet:
    def of_pupil(one: ClassPupil, stated: PupilResult) -> Iterator[Cell]:
        for subject in book.subjects:
            found = stated.subjects[subject.code]
            yield cells.result(found.year if semester is None else found.semesters[semester])
        period = stated.year if semester is None else stated.semesters[semester]
        yield printed.word(period.learning)
        if semester is None:
            yield printed.word(period.conduct)
        else:
            time = ConductTime(semester.value)
            yield cells.conduct_cell(book, one, time, period.conduct, _LEVELS)

    return Sheet(
        kind,
        heading,
        tuple(
            cells.row_of(one, place, one.pupil.name, *of_pupil(one, stated))
            for place, one, stated in cells.numbered(book, results.pupils)
        ),
        columns={"subjects": [one.name for one in book.subjects]},
    )


def _semester(book: ClassBook, results: ClassResults, semester: Semester) -> Sheet:
    heading = f"TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ HỌC KÌ {ROMAN[semester]}"
    return _summary(book, results, "semester", heading, semester)


def _year(book: ClassBook, results: ClassResults) -> Sheet:
    return _summary(book, results, "year", "TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ CẢ NĂM HỌC", None)


def _evaluation(book: ClassBook, results: ClassResults) -> Sheet:
    def of_pupil(stated: PupilResult) -> Iterator[str]:
        yield printed.word(stated.year.conduct)
        yield printed.word(stated.year.learning)
        yield printed.word(stated.after.conduct) if stated.after else ""
        yield printed.word(stated.after.learning) if stated.after else ""
        yield str(stated.excused)
        yield str(stated.unexcused)
        yield str(stated.excused + stated.unexcused)
        is_later = stated.outcome_after is Outcome.PROMOTED
        at_once = stated.outcome is Outcome.PROMOTED
        yield "x" if at_once else "sau hè" if is_later else ""
        if at_once or is_later:
            yield ""
        elif Outcome.HELD_BACK in (stated.outcome, stated.outcome_after):
            yield "Không được lên lớp"
        else:
            yield ", ".join(_NEEDS[need] for need in stated.needs)
        yield printed.word(stated.year.title) if stated.outcome else ""

    return Sheet(
        "evaluation",
        "ĐÁNH GIÁ, XẾP LOẠI CẢ NĂM HỌC",
        tuple(
            cells.row_of(one, place, one.pupil.name, *of_pupil(stated))
            for place, one, stated in cells.numbered(book, results.pupils)
        ),
    )


def _totals(book: ClassBook, results: ClassResults) -> Sheet:
    totals = results.totals
    circular = circulars.rule_set(book.rule_set)

    def row(words: str, count: int) -> Row:
        tenths = (2000 * count + totals.pupils) // (2 * totals.pupils) if totals.pupils else 0
        return Row((words, str(count), f"{tenths // 10},{tenths % 10}%"))

    groups = (
        (
            "Kết quả học tập cả năm",
            [row(one.text, totals.learning[one.code]) for one in circular.learning_levels],
        ),
        (
            "Kết quả rèn luyện cả năm",
            [row(one.text, totals.conduct[one.code]) for one in circular.conduct_levels],
        ),
        (
            "Lên lớp và khen thưởng",
            [
                row("Được lên lớp", totals.promoted),
                row("Lên lớp sau đánh giá lại, rèn luyện hè", totals.promoted_after_summer),
                row("Chưa được, không được lên lớp", totals.held_back),
                *(row(one.text, totals.titles[one.code]) for one in circular.titles),
            ],
        ),
    )
    return Sheet(
        "totals",
        "TỔNG HỢP CHUNG",
        sums=tuple(one for _, rows in groups for one in rows),
        lines=(
            f"Tổng số học sinh của lớp: {totals.listed}; chuyển đi, thôi học: {totals.left}; "
            f"có mặt cuối năm: {totals.pupils}, trong đó nữ: {totals.girls}.",
            f"Số điểm được sửa chữa so với bản đã ký trước: {len(book.corrections)}.",
        ),
        columns={"groups": [{"caption": caption, "count": len(rows)} for caption, rows in groups]},
    )


def _remarks(book: ClassBook) -> Sheet:
    none = "Không có nhận xét hằng tháng nào được ghi trong năm học."
    return Sheet(
        "remarks",
        "NHẬN XÉT CỦA HIỆU TRƯỞNG",
        tuple(Row((f"{one.month:%m/%Y}", one.text)) for one in book.remarks),
        lines=() if book.remarks else (none,),
    )
