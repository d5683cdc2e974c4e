"""The pages of sổ gọi tên và ghi điểm, cell by cell, in the order in which the book is bound."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from eoffice.assessment.marks import Semester, SubjectKind, Verdict
from eoffice.assessment.tt58 import Conduct, Learning, Promotion, Title
from eoffice.registers.kinds.parts import ROMAN, Term, months_of
from eoffice.registers.kinds.roll_book import (
    RollBook,
    RollPupil,
    RollPupilResults,
    RollResults,
    RollSubject,
    Scores,
    Verdicts,
)
from eoffice.registers.kinds.sheets import (
    Cell,
    Entry,
    Row,
    Sheet,
    average,
    civil,
    number,
    plain_mark,
    weekdays,
)

VERDICTS: Final = {Verdict.PASSED: "Đ", Verdict.FAILED: "CĐ", Verdict.EXEMPT: "M"}
LEARNING: Final = {
    Learning.EXCELLENT: "G",
    Learning.FAIR: "K",
    Learning.AVERAGE: "Tb",
    Learning.WEAK: "Y",
    Learning.POOR: "Kém",
}
CONDUCT: Final = {Conduct.GOOD: "T", Conduct.FAIR: "K", Conduct.AVERAGE: "Tb", Conduct.WEAK: "Y"}
TITLES: Final = {Title.EXCELLENT_PUPIL: "HSG", Title.ADVANCED_PUPIL: "HSTT"}
_WAITING: Final = {
    Promotion.RE_TEST: "KT lại",
    Promotion.CONDUCT_TRAINING: "RL hè",
    Promotion.HELD_BACK: "Ở lại",
}
_COLUMNS: Final = ("oral", "written", "periodic", "final")
#: Marks a result that a pupil brought from another school.
_BROUGHT: Final = "*"
#: How many marks of re-tests a line has room for.
_RETESTS: Final = 3


def sheets(book: RollBook, results: RollResults) -> tuple[Sheet, ...]:
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


def _who(book: RollBook) -> Iterator[tuple[tuple[str, str], RollPupil]]:
    for place, one in enumerate(book.pupils, start=1):
        yield (str(place), one.pupil.name), one


def _row(one: RollPupil, *cells: Cell) -> Row:
    return Row(cells, is_struck=one.pupil.left is not None)


def _particulars(book: RollBook) -> Sheet:
    return Sheet(
        "particulars",
        "SƠ YẾU LÝ LỊCH HỌC SINH",
        tuple(
            _row(
                one,
                *who,
                civil(one.pupil.born_on),
                one.pupil.birthplace,
                one.pupil.sex,
                one.pupil.ethnicity,
                one.pupil.policy_group,
                one.pupil.address,
            )
            for who, one in _who(book)
        ),
    )


def _families(book: RollBook) -> Sheet:
    def changes(one: RollPupil) -> str:
        left = one.pupil.left
        note = "" if left is None else f"{left.note}, từ {civil(left.on)}"
        return "; ".join(filter(None, (one.pupil.changes, note)))

    return Sheet(
        "families",
        "SƠ YẾU LÝ LỊCH HỌC SINH (tiếp theo)",
        tuple(
            # The notes of those who left are what their line is struck through for.
            Row(
                (
                    who[0],
                    one.pupil.father,
                    one.pupil.mother or one.pupil.guardian,
                    changes(one),
                )
            )
            for who, one in _who(book)
        ),
    )


def _attendance(book: RollBook) -> Iterator[Sheet]:
    signs: dict[tuple[str, date], str] = defaultdict(str)
    for absence in book.absences:
        signs[absence.pupil, absence.on] += "P" if absence.excused else "K"
    for month in months_of(book.of_class.school_year):
        count = monthrange(month.year, month.month)[1]
        days = [month.replace(day=day) for day in range(1, count + 1)]
        rows = []
        for who, one in _who(book):
            cells = [signs.get((one.pupil.code, day), "") for day in days]
            rows.append(_row(one, *who, *cells, *_absent("".join(cells))))
        by_day = [
            "".join(signs.get((one.pupil.code, day), "") for one in book.pupils) for day in days
        ]
        sums = ("Tổng cộng", *(number(len(each)) for each in by_day), *_absent("".join(by_day)))
        yield Sheet(
            "attendance",
            f"ĐIỂM DANH THÁNG {month.month} NĂM {month.year}",
            tuple(rows),
            sums=(Row(sums),),
            columns={"days": weekdays(days)},
        )


def _absent(signs: str) -> tuple[str, str, str]:
    count = Counter(signs)
    return number(count.total()), number(count["P"]), number(count["K"])


def _marks(book: RollBook, results: RollResults, semester: Semester) -> Iterator[Sheet]:
    """Two subjects on a page."""
    for first in range(0, len(book.subjects), 2):
        pair = book.subjects[first : first + 2]
        rows = tuple(
            _row(
                one,
                *who,
                *(
                    cell
                    for subject in pair
                    for cell in _marks_cells(book, one, stated, subject, semester)
                ),
            )
            for (who, one), stated in zip(_who(book), results.pupils, strict=True)
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
                # A year has one list of a subject to sign: where its second half stands.
                "is_signed": semester is Semester.SECOND,
            },
        )


def _marks_cells(
    book: RollBook,
    one: RollPupil,
    stated: RollPupilResults,
    subject: RollSubject,
    semester: Semester,
) -> Iterator[Cell]:
    of_all: Scores | Verdicts | None
    if subject.kind is SubjectKind.SCORED:
        of_all = one.scores.get(subject.code, {}).get(semester)
    else:
        of_all = one.verdicts.get(subject.code, {}).get(semester)
    old = {
        (each.column, each.place): each
        for each in book.corrections
        if (each.pupil, each.subject, each.term)
        == (one.pupil.code, subject.code, Term(semester.value))
    }
    for column in _COLUMNS:
        given = None if of_all is None else getattr(of_all, column)
        values = given if isinstance(given, tuple) else () if given is None else (given,)
        texts = [_mark(value) for value in values]
        entries = [
            Entry(text, _raw(old[column, place].old) if (column, place) in old else "")
            for place, text in enumerate(texts, start=1)
        ]
        # A mark that was taken out has an old value and no new one.
        entries += [
            Entry("", _raw(each.old))
            for (where, place), each in sorted(old.items())
            if where == column and place > len(texts)
        ]
        yield tuple(entries) if any(entry.old for entry in entries) else " ".join(texts)
    result = stated.subjects[subject.code].semesters[semester]
    brought = None if of_all is None else of_all.brought
    yield _result(result) if brought is None else f"{_result(result)}{_BROUGHT}"


def _mark(value: Decimal | Verdict) -> str:
    return VERDICTS[value] if isinstance(value, Verdict) else plain_mark(value)


def _raw(value: str | None) -> str:
    """A value as corrections keep it."""
    if value is None:
        return ""
    return VERDICTS[Verdict(value)] if value in list(Verdict) else plain_mark(Decimal(value))


def _result(value: str | None) -> str:
    if value is None:
        return ""
    return VERDICTS[Verdict(value)] if value in list(Verdict) else value.replace(".", ",")


def _corrected(book: RollBook, semester: Semester, subjects: Sequence[RollSubject]) -> str:
    """The sentence that ends each page with marks."""
    count = Counter(each.subject for each in book.corrections if each.term.value == semester.value)
    of_page = sum(count[one.code] for one in subjects)
    each = "; ".join(f"{one.name} {count[one.code]} điểm" for one in subjects)
    return f"Trong trang này có {of_page} điểm được sửa chữa, trong đó môn: {each}."


def _brought(book: RollBook, semester: Semester, subjects: Sequence[RollSubject]) -> Iterator[str]:
    codes = {one.code for one in subjects}
    given = (
        marks[semester]
        for one in book.pupils
        for code in codes
        for marks in (one.scores.get(code, {}), one.verdicts.get(code, {}))
        if semester in marks
    )
    if any(marks.brought is not None for marks in given):
        yield f"{_BROUGHT} Kết quả ở trường cũ của học sinh chuyển đến."


def _semester(book: RollBook, results: RollResults, semester: Semester) -> Sheet:
    def cells(stated: RollPupilResults) -> Iterator[str]:
        period = stated.semesters[semester]
        for subject in book.subjects:
            yield _result(stated.subjects[subject.code].semesters[semester])
        yield average(period.average)
        yield LEARNING.get(period.learning, "") if period.learning else ""
        yield CONDUCT[period.conduct] if period.conduct else ""
        yield TITLES[period.title] if period.title else ""

    rows = tuple(
        _row(one, *who, *cells(stated))
        for (who, one), stated in zip(_who(book), results.pupils, strict=True)
    )
    count = sum(each.term.value == semester.value for each in book.corrections)
    return Sheet(
        "semester",
        f"TỔNG HỢP KẾT QUẢ HỌC KÌ {ROMAN[semester]}",
        rows,
        lines=(f"Trong học kì {ROMAN[semester]} có {count} điểm được sửa chữa.",),
        columns={"subjects": _heads(book)},
    )


def _year_averages(book: RollBook, results: RollResults) -> Sheet:
    def cells(one: RollPupil, stated: RollPupilResults) -> Iterator[str]:
        for subject in book.subjects:
            yield _result(stated.subjects[subject.code].year)
        yield average(stated.year.average)
        again = [
            f"{subject.short_name}: {_mark(value)}"
            for subject in book.subjects
            for value in (one.retests.get(subject.code), one.retest_verdicts.get(subject.code))
            if value is not None
        ]
        # Whoever has more than the columns can hold has the rest in the last.
        head, rest = again[: _RETESTS - 1], again[_RETESTS - 1 :]
        yield from (*head, "; ".join(rest), *[""] * (_RETESTS - 1 - len(head)))

    return Sheet(
        "year_averages",
        "TỔNG HỢP ĐÁNH GIÁ, XẾP LOẠI CẢ NĂM",
        tuple(
            _row(one, *who, *cells(one, stated))
            for (who, one), stated in zip(_who(book), results.pupils, strict=True)
        ),
        columns={"subjects": _heads(book), "retests": _RETESTS},
    )


def _year_outcomes(book: RollBook, results: RollResults) -> Sheet:
    def cells(stated: RollPupilResults) -> Iterator[str]:
        yield LEARNING[stated.year.learning] if stated.year.learning else ""
        yield CONDUCT[stated.year.conduct] if stated.year.conduct else ""
        yield number(stated.excused + stated.unexcused)
        yield "x" if stated.outcome is Promotion.PROMOTED else ""
        yield _WAITING.get(stated.outcome, "") if stated.outcome else ""
        yield LEARNING[stated.learning_after] if stated.learning_after else ""
        yield CONDUCT[stated.conduct_after] if stated.conduct_after else ""
        after = stated.outcome_after
        yield "" if after is None else "Lên lớp" if after is Promotion.PROMOTED else "Ở lại"
        yield TITLES[stated.year.title] if stated.year.title and stated.outcome else ""

    totals = results.totals
    levels = " – ".join(f"{name}: {totals.learning[level]}" for level, name in _LEARNING_WORDS)
    conduct = " – ".join(f"{name}: {totals.conduct[level]}" for level, name in _CONDUCT_WORDS)
    return Sheet(
        "year_outcomes",
        "TỔNG HỢP ĐÁNH GIÁ, XẾP LOẠI CẢ NĂM (tiếp theo)",
        tuple(
            _row(one, who[0], *cells(stated))
            for (who, one), stated in zip(_who(book), results.pupils, strict=True)
        ),
        lines=(
            f"Tổng số học sinh của lớp: {totals.listed}; chuyển đi, thôi học: {totals.left}; "
            f"có mặt cuối năm: {totals.pupils}, trong đó nữ: {totals.girls}.",
            f"Được lên lớp: {totals.promoted}. Lên lớp sau kiểm tra lại, rèn luyện hè: "
            f"{totals.promoted_after_summer}. Ở lại lớp: {totals.held_back}.",
            f"Học lực: {levels}.",
            f"Hạnh kiểm: {conduct}.",
            f"Học sinh giỏi: {totals.titles[Title.EXCELLENT_PUPIL]}. "
            f"Học sinh tiên tiến: {totals.titles[Title.ADVANCED_PUPIL]}.",
            f"Số điểm được sửa chữa trong cả sổ: {len(book.corrections)}.",
        ),
    )


_LEARNING_WORDS: Final = tuple(
    zip(Learning, ("Giỏi", "Khá", "Trung bình", "Yếu", "Kém"), strict=True)
)
_CONDUCT_WORDS: Final = tuple(zip(Conduct, ("Tốt", "Khá", "Trung bình", "Yếu"), strict=True))


def _heads(book: RollBook) -> list[str]:
    return [one.name for one in book.subjects]
