"""The pages of bảng tổng hợp kết quả đánh giá giáo dục của lớp: one for each time of the year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from eoffice.assessment.tt27 import Period, Subject, Title, Trait, YearLevel
from eoffice.registers.kinds import class_results
from eoffice.registers.kinds.class_results import (
    ClassResultsTable,
    Judged,
    NamedTrait,
    PrimaryPupil,
    PrimaryResult,
    PrimaryResults,
)
from eoffice.registers.kinds.parts import Term
from eoffice.registers.kinds.sheets import Cell, Entry, Row, Sheet, civil, number

SUBJECT: Final = {Subject.WELL_DONE: "T", Subject.DONE: "H", Subject.NOT_DONE: "C"}
TRAIT: Final = {Trait.GOOD: "T", Trait.ACHIEVED: "Đ", Trait.NEEDS_EFFORT: "C"}
LEVEL: Final = {
    YearLevel.EXCELLENT: "HTXS",
    YearLevel.WELL_DONE: "HTT",
    YearLevel.DONE: "HT",
    YearLevel.NOT_DONE: "CHT",
}
TITLE: Final = {Title.EXCELLENT_PUPIL: "HSXS", Title.EXEMPLARY_PUPIL: "HSTB"}
HEADINGS: Final = {
    Period.MIDDLE_OF_FIRST: "GIỮA HỌC KÌ I",
    Period.END_OF_FIRST: "CUỐI HỌC KÌ I",
    Period.MIDDLE_OF_SECOND: "GIỮA HỌC KÌ II",
    Period.END_OF_YEAR: "CUỐI NĂM HỌC",
}
#: Corrections name semester and column: the middle and the end are columns of their own.
_TERMS: Final = {
    Period.MIDDLE_OF_FIRST: (Term.FIRST, "middle"),
    Period.END_OF_FIRST: (Term.FIRST, "end"),
    Period.MIDDLE_OF_SECOND: (Term.SECOND, "middle"),
    Period.END_OF_YEAR: (Term.SECOND, "end"),
}
_NOTHING: Final = Judged({}, {}, {})


def sheets(table: ClassResultsTable, results: PrimaryResults) -> tuple[Sheet, ...]:
    return (
        *(_period(table, results, period) for period in Period),
        _summary(table, results),
    )


def _period(table: ClassResultsTable, results: PrimaryResults, period: Period) -> Sheet:
    tested = class_results.tested(table, period)
    corrected = sum((each.term, each.column) == _TERMS[period] for each in table.corrections)
    is_last = period is Period.END_OF_YEAR
    rows = tuple(
        Row(
            (
                str(place),
                one.pupil.name,
                civil(one.pupil.born_on),
                "x" if one.pupil.is_girl else "",
                one.pupil.ethnicity,
                *_judged_cells(table, one, period, tested),
                *(_year_cells(one, stated) if is_last else ()),
            ),
            is_struck=one.pupil.left is not None,
        )
        for place, (one, stated) in enumerate(
            zip(table.pupils, results.pupils, strict=True), start=1
        )
    )
    return Sheet(
        "period",
        f"BẢNG TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ GIÁO DỤC {HEADINGS[period]}",
        rows,
        sums=_counts(table, results, period, tested, is_last=is_last),
        lines=(f"Trang này có {corrected} nội dung được sửa chữa.",),
        columns={
            "subjects": [
                {"name": subject.name, "is_tested": subject.code in tested}
                for subject in table.subjects
            ],
            "qualities": _names(table.qualities),
            "general": _names(table.general_competences),
            "special": _names(table.special_competences),
            "is_last": is_last,
        },
    )


def _names(traits: Sequence[NamedTrait]) -> list[str]:
    return [one.name for one in traits]


def _judged_cells(
    table: ClassResultsTable, one: PrimaryPupil, period: Period, tested: list[str]
) -> Iterator[Cell]:
    judged = one.periods.get(period, _NOTHING)
    term, when = _TERMS[period]
    old = {
        each.subject: each.old
        for each in table.corrections
        if (each.pupil, each.term, each.column) == (one.pupil.code, term, when)
    }

    def cell(code: str, text: str) -> Cell:
        return (Entry(text, word(old[code])),) if code in old else text

    for subject in table.subjects:
        level = judged.subjects.get(subject.code)
        yield cell(subject.code, "" if level is None else SUBJECT[level])
        if subject.code in tested:
            mark = judged.tests.get(subject.code)
            yield cell(f"test_{subject.code}", "" if mark is None else str(mark))
    for code in table.traits:
        trait = judged.traits.get(code)
        yield cell(code, "" if trait is None else TRAIT[trait])


def word(value: str | None) -> str:
    """A judgement or mark as corrections keep it; a dash where none stood."""
    if value is None:
        return "–"
    if value in list(Subject):
        return SUBJECT[Subject(value)]
    return TRAIT[Trait(value)] if value in list(Trait) else value


def _year_cells(one: PrimaryPupil, stated: PrimaryResult) -> Iterator[str]:
    yield LEVEL[stated.level] if stated.level else ""
    yield "; ".join(filter(None, (TITLE[stated.title] if stated.title else "", one.award)))
    moves_up = stated.is_promoted
    yield "" if moves_up is None else "Lên lớp" if moves_up else "Chưa"
    yield number(stated.excused)
    yield number(stated.unexcused)
    left = one.pupil.left
    yield "" if left is None else f"{left.note}, {civil(left.on)}"


def _counts(
    table: ClassResultsTable,
    results: PrimaryResults,
    period: Period,
    tested: list[str],
    *,
    is_last: bool,
) -> tuple[Row, ...]:
    """How many T, H or Đ, and C stand in each column."""
    totals = results.periods[period]
    tail = ("",) * 6 if is_last else ()
    rows = []
    for name, subject, trait in (
        ("Cộng T", Subject.WELL_DONE, Trait.GOOD),
        ("Cộng H (môn học), Đ (phẩm chất, năng lực)", Subject.DONE, Trait.ACHIEVED),
        ("Cộng C", Subject.NOT_DONE, Trait.NEEDS_EFFORT),
    ):
        cells = [name]
        for one in table.subjects:
            cells.append(str(totals.subjects[one.code][subject]))
            cells += [""] * (one.code in tested)
        cells += [str(totals.traits[code][trait]) for code in table.traits]
        rows.append(Row((*cells, *tail)))
    return tuple(rows)


def _summary(table: ClassResultsTable, results: PrimaryResults) -> Sheet:
    totals = results.totals
    names = {
        YearLevel.EXCELLENT: "Hoàn thành xuất sắc",
        YearLevel.WELL_DONE: "Hoàn thành tốt",
        YearLevel.DONE: "Hoàn thành",
        YearLevel.NOT_DONE: "Chưa hoàn thành",
    }
    levels = "; ".join(f"{name}: {totals.levels[level]}" for level, name in names.items())
    return Sheet(
        "summary",
        "TỔNG HỢP CHUNG",
        lines=(
            f"Số học sinh trong danh sách: {totals.listed}; có mặt cuối năm học: "
            f"{totals.pupils}, trong đó nữ: {totals.girls}.",
            f"Kết quả giáo dục – {levels}.",
            f"Học sinh Xuất sắc: {totals.titles[Title.EXCELLENT_PUPIL]}; Học sinh Tiêu biểu hoàn "
            "thành tốt trong học tập và rèn luyện: "
            f"{totals.titles[Title.EXEMPLARY_PUPIL]}.",
            f"Được lên lớp, hoàn thành chương trình lớp học: {totals.promoted}; chưa hoàn thành: "
            f"{totals.pupils - totals.promoted}.",
            f"Số nội dung được sửa chữa trong cả bảng: {len(table.corrections)}.",
        ),
    )
