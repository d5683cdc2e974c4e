"""The pages of bảng tổng hợp kết quả đánh giá giáo dục của lớp: one for each time of the year.

Annex 2 of Circular 27/2020, grades 1 to 5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from eoffice.assessment import circulars
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import Outcome, Subject, TraitLevel, TraitTime
from eoffice.registers.kinds import cells, class_register
from eoffice.registers.kinds.class_register import (
    ClassPupil,
    ClassRegister,
    ClassResults,
    PupilResult,
    Trait,
)
from eoffice.registers.kinds.parts import Term
from eoffice.registers.kinds.sheets import Cell, Row, Sheet, civil, number

TRAIT: Final = {TraitLevel.GOOD: "T", TraitLevel.ACHIEVED: "Đ", TraitLevel.NEEDS_EFFORT: "C"}
LEVEL: Final = {"excellent": "HTXS", "well_done": "HTT", "done": "HT", "not_done": "CHT"}
TITLE: Final = {"excellent_pupil": "HSXS", "exemplary_pupil": "HSTB"}
OUTCOME: Final = {
    Outcome.PROMOTED: "Lên lớp",
    Outcome.SUMMER: "Bổ sung",
    Outcome.HELD_BACK: "Ở lại",
}


@dataclass(frozen=True, slots=True)
class _Time:
    """One of the four times, and where what is judged then stands."""

    heading: str
    semester: Semester
    judged: Part
    tested: Part
    traits: TraitTime


_TIMES: Final = (
    _Time(
        "GIỮA HỌC KÌ I",
        Semester.FIRST,
        Part.MIDTERM,
        Part.MIDTERM_TEST,
        TraitTime.MIDDLE_OF_FIRST,
    ),
    _Time("CUỐI HỌC KÌ I", Semester.FIRST, Part.FINAL, Part.FINAL_TEST, TraitTime.END_OF_FIRST),
    _Time(
        "GIỮA HỌC KÌ II",
        Semester.SECOND,
        Part.MIDTERM,
        Part.MIDTERM_TEST,
        TraitTime.MIDDLE_OF_SECOND,
    ),
    _Time("CUỐI NĂM HỌC", Semester.SECOND, Part.FINAL, Part.FINAL_TEST, TraitTime.END_OF_YEAR),
)
_LAST: Final = _TIMES[-1]


def sheets(table: ClassRegister, results: ClassResults) -> tuple[Sheet, ...]:
    return (*(_period(table, results, time) for time in _TIMES), _summary(table, results))


def _period(table: ClassRegister, results: ClassResults, time: _Time) -> Sheet:
    tested = _tested(table, time)
    rows = tuple(
        cells.row_of(
            one,
            place,
            one.pupil.name,
            civil(one.pupil.born_on),
            "x" if one.pupil.is_girl else "",
            one.pupil.ethnicity,
            *_judged_cells(table, one, time, tested),
            *(_year_cells(one, stated) if time is _LAST else ()),
        )
        for place, one, stated in cells.numbered(table, results.pupils)
    )
    corrected = sum(
        each.term.value == time.semester.value
        and each.column in (time.judged, time.tested, time.traits)
        for each in table.corrections
    )
    return Sheet(
        "period",
        f"BẢNG TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ GIÁO DỤC {time.heading}",
        rows,
        sums=_counts(table, time, tested),
        lines=(f"Trang này có {corrected} nội dung được sửa chữa.",),
        columns={
            "subjects": [
                {"name": subject.name, "is_tested": subject.code in tested}
                for subject in table.subjects
            ],
            "qualities": _names(table.qualities),
            "general": _names(table.general_competences),
            "special": _names(table.special_competences),
            "is_last": time is _LAST,
        },
    )


def _tested(table: ClassRegister, time: _Time) -> Collection[str]:
    """Codes of the subjects with a written test at that time."""
    rules = class_register.rules_of(table)
    taught = [subject.code for subject in table.subjects]
    return {
        subject.code
        for subject in table.subjects
        for column in rules.columns(
            Subject(subject.code, subject.name, subject.kind, subject.periods_per_year),
            time.semester,
            table.of_class.grade,
            taught,
        )
        if column.part is time.tested
    }


def _names(traits: Sequence[Trait]) -> list[str]:
    return [one.name for one in traits]


def _judged_cells(
    table: ClassRegister, one: ClassPupil, time: _Time, tested: Collection[str]
) -> Iterator[Cell]:
    for subject in table.subjects:
        yield cells.part_cell(table, one, subject.code, time.semester, time.judged)
        if subject.code in tested:
            yield cells.part_cell(table, one, subject.code, time.semester, time.tested)
    for trait in table.traits:
        level = one.traits.get(trait.code, {}).get(time.traits)
        term = Term(time.semester.value)
        old = cells.olds(table.corrections, one.pupil.code, trait.code, term, time.traits)
        text = "" if level is None else TRAIT[level]
        yield cells.words_with_old(text, old, TRAIT)


def _year_cells(one: ClassPupil, stated: PupilResult) -> Iterator[str]:
    yield LEVEL.get(stated.year.learning or "", "") if stated.outcome else ""
    title = TITLE.get(stated.year.title or "", "") if stated.outcome else ""
    yield "; ".join(filter(None, (title, one.award)))
    final = stated.final
    yield "" if final is None else OUTCOME[final]
    yield number(stated.excused)
    yield number(stated.unexcused)
    left = one.pupil.left
    yield "" if left is None else f"{left.note}, {civil(left.on)}"


def _counts(table: ClassRegister, time: _Time, tested: Collection[str]) -> tuple[Row, ...]:
    """How many T, H or Đ, and C stand in each column, of the pupils who are there at the end."""
    there = [one for one in table.pupils if one.pupil.left is None]
    subjects = {
        subject.code: Counter(
            value for one in there for value in one.places(subject.code, time.semester, time.judged)
        )
        for subject in table.subjects
    }
    traits = {
        trait.code: Counter(one.traits.get(trait.code, {}).get(time.traits) for one in there)
        for trait in table.traits
    }
    rows = []
    for name, judged, level in (
        ("Cộng T", "well_done", TraitLevel.GOOD),
        ("Cộng H (môn học), Đ (phẩm chất, năng lực)", "done", TraitLevel.ACHIEVED),
        ("Cộng C", "not_done", TraitLevel.NEEDS_EFFORT),
    ):
        found = [name]
        for subject in table.subjects:
            found.append(str(subjects[subject.code][judged]))
            found += [""] * (subject.code in tested)
        found += [str(traits[trait.code][level]) for trait in table.traits]
        found += [""] * (6 if time is _LAST else 0)
        rows.append(Row(tuple(found)))
    return tuple(rows)


def _summary(table: ClassRegister, results: ClassResults) -> Sheet:
    totals = results.totals
    circular = circulars.rule_set(table.rule_set)
    levels = "; ".join(
        f"{word.text}: {totals.learning[word.code]}" for word in circular.learning_levels
    )
    titles = "; ".join(f"{word.text}: {totals.titles[word.code]}" for word in circular.titles)
    return Sheet(
        "summary",
        "TỔNG HỢP CHUNG",
        lines=(
            f"Số học sinh trong danh sách: {totals.listed}; có mặt cuối năm học: "
            f"{totals.pupils}, trong đó nữ: {totals.girls}.",
            f"Kết quả giáo dục – {levels}.",
            f"Khen thưởng – {titles}.",
            f"Được lên lớp: {totals.promoted}; được lên lớp sau đánh giá bổ sung: "
            f"{totals.promoted_after_summer}; chưa được lên lớp: {totals.held_back}.",
            f"Số nội dung được sửa chữa trong cả bảng: {len(table.corrections)}.",
        ),
    )
