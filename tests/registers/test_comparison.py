"""Two versions of a book differ in exactly the cells that differ, whoever came or left between."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

import pytest

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.tt22 import Level, ScoredMarks
from eoffice.registers import comparison, gradebook
from eoffice.registers.comparison import Difference
from eoffice.registers.gradebook import Source
from eoffice.registers.kinds import table
from tests.registers import cast
from tests.registers import register_cast as registers


def with_final(source: Source, code: str, mark: str) -> Source:
    key = (code, "TOAN", Semester.SECOND)
    old = source.marks[key]
    assert isinstance(old, ScoredMarks)
    return replace(source, marks={**source.marks, key: replace(old, final=Decimal(mark))})


def compared(one: Source, other: Source) -> tuple[Difference, ...]:
    return comparison.compare(gradebook.data_of(one), gradebook.data_of(other))


def test_a_version_is_like_itself_however_it_counts_its_versions() -> None:
    one = cast.source(6)

    assert compared(one, replace(one, version=2)) == ()


def test_a_corrected_mark_is_told_with_what_follows_from_it() -> None:
    one = cast.source(6)
    pupil = one.pupils[3]

    found = compared(one, with_final(one, pupil.code, "0.5"))

    (entered,) = [each for each in found if each.is_entered]
    assert (entered.pupil, entered.place) == (pupil.name, "Toán học · Học kì II · Cuối kì")
    assert entered.new == "0,5"
    computed = {each.place for each in found if not each.is_entered and each.pupil == pupil.name}
    assert {"Toán học · Học kì II · Kết quả môn học", "Toán học · Cả năm"} <= computed
    assert found[0] == entered


def test_a_pupil_who_came_between_two_others_is_one_pupil_and_no_more() -> None:
    many = cast.source(6)
    gone = many.pupils[2]
    few = replace(
        many,
        pupils=tuple(one for one in many.pupils if one.code != gone.code),
        absences=tuple(one for one in many.absences if one.pupil_code != gone.code),
    )

    found = compared(few, many)

    assert {each.pupil for each in found if each.is_entered and "ordinal" not in each.path} == {
        gone.name
    }
    assert all(each.old is None for each in found if each.pupil == gone.name)


def test_conduct_is_entered_and_absences_are_named_by_their_day() -> None:
    one = cast.source(6)
    absence = one.absences[0]
    key = (one.pupils[0].code, Semester.FIRST)
    other = replace(
        one, conduct={**one.conduct, key: Level.NOT_ACHIEVED}, absences=one.absences[1:]
    )

    places = {each.place for each in compared(one, other) if each.is_entered}

    assert "Học kì I · Kết quả rèn luyện" in places
    assert any(f"Ngày {absence.on:%d/%m/%Y}, buổi" in place for place in places)


@pytest.mark.parametrize("kind", [table.RegisterKind.ROLL_BOOK, table.RegisterKind.PRIMARY_TABLE])
def test_registers_of_other_kinds_are_compared_alike(kind: table.RegisterKind) -> None:
    one = registers.data(kind)
    other = registers.with_another_result(table.BY_KIND[kind], one)

    found = comparison.compare(one, other)

    (entered,) = [each for each in found if each.is_entered]
    assert entered.pupil == one["entered"]["pupils"][0]["pupil"]["name"]
    assert entered.place.startswith("Toán")
    assert entered.place.endswith("Cuối kì")
    assert {each.pupil for each in found} <= {entered.pupil, ""}


def test_every_part_has_its_word() -> None:
    assert set(Part) <= comparison.WORDS.keys()


def test_a_session_conduct_and_a_trait_are_one_cell_each_and_called_as_the_book_calls_them() -> (
    None
):
    Kept: TypeAlias = dict[str, object]

    def told(old: Kept, new: Kept, rule_set: str = "TT22/2021") -> list[tuple[object, ...]]:
        found = comparison.compare(
            {"entered": {"rule_set": rule_set, **names, **old}},
            {"entered": {"rule_set": rule_set, **names, **new}},
        )
        return [(one.pupil, one.place, one.old, one.new) for one in found]

    def pupil(**kept: object) -> dict[str, object]:
        return {"pupils": [{"pupil": {"code": "HS1", "name": "An"}, **kept}]}

    def missed(*excused: bool) -> dict[str, object]:
        session = {"pupil": "HS1", "on": "2024-09-05", "session": "afternoon"}
        return {**pupil(), "absences": [{**session, "excused": one} for one in excused]}

    names = {"qualities": [{"code": "YEU_NUOC", "name": "Yêu nước"}]}
    session = "Chuyên cần · Ngày 05/09/2024, buổi chiều"
    assert told(missed(), missed(False)) == [("An", session, None, "K")]
    assert told(missed(False), missed(True)) == [("An", session, "K", "P")]
    assert told(missed(True), missed()) == [("An", session, "P", None)]
    conduct = pupil(conduct={"1": "good"}), pupil(conduct={"1": "fair"})
    assert told(*conduct) == [("An", "Kết quả rèn luyện · Học kì I", "Tốt", "Khá")]
    assert told(*conduct, "TT58/2011")[0][1] == "Hạnh kiểm · Học kì I"
    good, less = (pupil(traits={"YEU_NUOC": {"end_2": one}}) for one in ("good", "needs_effort"))
    assert told(good, less) == [("An", "Yêu nước · Cuối năm học", "Tốt", "Cần cố gắng")]
