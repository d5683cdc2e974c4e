"""Which cells of a closed book are corrected, under which key, and what each of them can hold.

Marks and levels of subjects, conduct, qualities and competences, and sessions of attendance: the
key under which a request is on record leads back to exactly its cell.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from eoffice.assessment.circulars import RULE_SETS, rule_set
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import ConductLevel, ConductTime, TraitLevel, TraitTime
from eoffice.marks import trait_entering
from eoffice.marks.results import Session
from eoffice.registers import correction_cells as cells
from eoffice.registers.correction_cells import (
    AbsencePlace,
    ConductPlace,
    MarkPlace,
    NotAValue,
    Place,
    TraitPlace,
)
from eoffice.registers.kinds import class_register, parts, table
from eoffice.registers.kinds.class_register import ClassRegister
from eoffice.registers.kinds.roll_book_sheets import CONDUCT
from eoffice.registers.kinds.table import Kind, RegisterKind
from tests.registers import register_cast

FIRST_DAY = date(2024, 8, 26)
TT27 = rule_set("TT27/2020")
TT22 = rule_set("TT22/2021")
EVERY: list[Place] = [
    *(MarkPlace("TOAN", *at) for at in product(Semester, Part, (1, 2, 9))),
    *map(ConductPlace, ConductTime),
    *(TraitPlace(code, time) for code in TT27.trait_names for time in TraitTime),
    *(
        AbsencePlace(FIRST_DAY + timedelta(days=day), half)
        for day in range(300)
        for half in Session
    ),
]


def test_the_key_of_every_cell_leads_back_to_it_and_to_no_other() -> None:
    keys = [cells.key_of(place) for place in EVERY]

    assert len(set(keys)) == len(EVERY)
    assert [cells.place_of(key) for key in keys] == EVERY
    assert max(key.place for key in keys) < 2**31


def test_every_time_of_the_year_has_its_words() -> None:
    assert cells.CONDUCT_TIMES.keys() == set(ConductTime)
    assert cells.TRAIT_TIMES.keys() == set(TraitTime)
    assert cells.HALF_NAMES.keys() == set(Session)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (MarkPlace("TOAN", Semester.FIRST, Part.REGULAR, 2), "Toán · Học kì I · Thường xuyên 2"),
        (MarkPlace("TOAN", Semester.SECOND, Part.FINAL, 1), "Toán · Học kì II · Cuối kì"),
        (ConductPlace(ConductTime.FIRST), "Kết quả rèn luyện · Học kì I"),
        (
            AbsencePlace(date(2024, 9, 5), Session.AFTERNOON),
            "Chuyên cần · Ngày 05/09/2024, buổi chiều",
        ),
    ],
)
def test_a_cell_is_called_as_the_book_calls_it(place: Place, said: str) -> None:
    assert cells.words(place, TT22, "Toán") == said


def test_conduct_and_traits_are_called_as_their_circular_calls_them() -> None:
    conduct = ConductPlace(ConductTime.YEAR)
    assert cells.words(conduct, rule_set("TT58/2011")) == "Hạnh kiểm · Cả năm"
    trait = TraitPlace("YEU_NUOC", TraitTime.MIDDLE_OF_SECOND)
    assert cells.words(trait, TT27) == "Yêu nước · Giữa học kì II"
    assert cells.shown_level(trait, "needs_effort", TT27) == "C"
    assert cells.shown_level(conduct, "average", rule_set("TT58/2011")) == "Trung bình"


@pytest.mark.parametrize("name", [name for name, each in RULE_SETS.items() if each.conduct_levels])
def test_conduct_takes_the_levels_of_its_circular_by_word_or_code_and_nothing_else(
    name: str,
) -> None:
    circular = rule_set(name)
    for word in circular.conduct_levels:
        assert cells.conduct_typed(f" {word.text.lower()} ", circular) == word.code
        assert cells.conduct_typed(word.code, circular) == word.code
    for wrong in ("", "8,5", "Xuất sắc", "excellent"):
        with pytest.raises(NotAValue):
            cells.conduct_typed(wrong, circular)
    foreign = "Yếu" if name.startswith("TT22") else "Chưa đạt"
    with pytest.raises(NotAValue):
        cells.conduct_typed(foreign, circular)


def test_a_trait_is_never_emptied() -> None:
    for text, level in (("T", "good"), ("đạt", "achieved"), ("c", "needs_effort")):
        assert cells.trait_typed(text) == level
    for level in TraitLevel:
        assert cells.trait_typed(level.value) == level
    for wrong in ("", "Khá", "10"):
        with pytest.raises(NotAValue):
            cells.trait_typed(wrong)


def test_an_absence_is_added_taken_out_or_excused() -> None:
    taken = {text: cells.absence_typed(text) for text in ("P", "k", "", "có mặt", "excused")}
    assert taken == {
        "P": "excused", "k": "unexcused", "": None, "có mặt": None, "excused": "excused",
    }  # fmt: skip
    shown = [cells.shown_level(EVERY[-1], text, TT22) for text in (None, "excused", "unexcused")]
    assert shown == ["có mặt", "nghỉ có phép (P)", "nghỉ không phép (K)"]
    for wrong in ("x", "8", "vắng"):
        with pytest.raises(NotAValue):
            cells.absence_typed(wrong)


def test_a_day_lies_in_the_half_of_the_school_year_that_its_month_says() -> None:
    assert cells.half_year(date(2024, 8, 31)) is cells.half_year(date(2024, 12, 31))
    assert cells.half_year(date(2025, 1, 1)) is cells.half_year(date(2025, 5, 31))
    assert cells.half_year(date(2024, 12, 31)) is Semester.FIRST


def test_what_is_chosen_is_anything_but_what_the_cell_holds() -> None:
    offered = {
        (place, held): [value for value, _ in cells.choices(place, held, TT22)]
        for place, held in (
            (MarkPlace("TOAN", Semester.FIRST, Part.FINAL, 1), "8"),
            (ConductPlace(ConductTime.FIRST), "good"),
            (TraitPlace("YEU_NUOC", TraitTime.END_OF_YEAR), "achieved"),
            (AbsencePlace(FIRST_DAY, Session.MORNING), None),
            (AbsencePlace(FIRST_DAY, Session.MORNING), "excused"),
        )
    }
    assert list(offered.values()) == [
        [],
        ["fair", "achieved", "not_achieved"],
        ["good", "needs_effort"],
        ["excused", "unexcused"],
        ["có mặt", "unexcused"],
    ]
    for value in offered[AbsencePlace(FIRST_DAY, Session.MORNING), "excused"]:
        cells.absence_typed(value)


BOOKS = {
    RegisterKind.CLASS_BOOK: register_cast.class_book_of(6),
    RegisterKind.ROLL_BOOK: register_cast.roll_book_of(6),
}


@pytest.mark.parametrize("which", BOOKS)
def test_the_book_strikes_an_old_level_of_conduct_and_an_old_session_through(
    which: RegisterKind,
) -> None:
    kind: Kind[Any, Any] = table.BY_KIND[which]
    book: ClassRegister = replace(BOOKS[which], corrections=())
    one = book.pupils[0]
    code = one.pupil.code
    was = one.conduct[ConductTime.FIRST]
    now = ConductLevel.FAIR if was is ConductLevel.GOOD else ConductLevel.GOOD
    day = parts.months_of(book.of_class.school_year)[1]
    kept = tuple(each for each in book.absences if (each.pupil, each.on) != (code, day))
    before = replace(book, absences=(*kept, parts.Absence(code, day, Session.MORNING, True)))
    assert kind.corrected is not None
    after = kind.corrected(
        before,
        replace(
            before,
            absences=kept,
            pupils=(
                replace(one, conduct={**one.conduct, ConductTime.FIRST: now}),
                *book.pupils[1:],
            ),
        ),
    )

    assert [(each.column, each.old, each.new) for each in after.corrections] == [
        ("conduct", was.value, now.value),
        (f"absence {day} morning", "excused", None),
    ]
    sheets = kind.sheets(after, kind.compute(after))
    struck = {
        (sheet.kind, entry.old, entry.text)
        for sheet in sheets
        for row in sheet.rows
        for cell in row.cells
        if not isinstance(cell, str)
        for entry in cell
        if entry.old
    }
    shown = CONDUCT if which is RegisterKind.ROLL_BOOK else LEVELS
    assert struck == {
        ("semester", shown[was.value], shown[now.value]),
        ("attendance", "P", ""),
    }
    # Told again by the next version, and no other cell with it.
    again = kind.corrected(after, after)
    assert again.corrections == after.corrections


LEVELS = {word.code: word.text for word in TT22.conduct_levels}


def test_a_trait_of_the_primary_table_is_struck_through_where_it_stands() -> None:
    kind = table.BY_KIND[RegisterKind.PRIMARY_TABLE]
    book = replace(register_cast.primary_table_of(9), corrections=())
    one = book.pupils[0]
    trait, time = book.qualities[0].code, TraitTime.END_OF_YEAR
    was = one.traits[trait][time]
    now = TraitLevel.GOOD if was is not TraitLevel.GOOD else TraitLevel.ACHIEVED
    changed = replace(one, traits={**one.traits, trait: {**one.traits[trait], time: now}})
    after = class_register.corrected(book, replace(book, pupils=(changed, *book.pupils[1:])))
    entries = [
        (entry.old, entry.text)
        for sheet in kind.sheets(after, kind.compute(after))
        for row in sheet.rows
        for cell in row.cells
        if not isinstance(cell, str)
        for entry in cell
        if entry.old
    ]
    assert entries == [(trait_entering.LETTERS[was], trait_entering.LETTERS[now])]
