"""Numbers follow the order of admission and have no hole."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from eoffice.rolls import numbering
from eoffice.rolls.numbering import Admission

DAY = date(2024, 9, 5)


def came(name: str, on: date = DAY, born_on: date = date(2012, 1, 1), code: str = "A") -> Admission:
    return Admission(uuid4(), on, "6A1", "", name, born_on, code)


def test_who_came_first_is_first_whatever_the_name() -> None:
    late, early = came("Nguyễn Văn An"), came("Trần Văn Ý", date(2024, 8, 1))
    assert numbering.in_order([late, early]) == [early, late]


def test_of_one_day_vietnamese_names_decide_and_given_names_come_first() -> None:
    names = ["Lê Văn Đức", "Lê Văn Dũng", "Trần Thị Ánh", "Nguyễn Thị An", "Lê Thị Ân"]
    found = [one.name for one in numbering.in_order([came(name) for name in names])]
    assert found == ["Nguyễn Thị An", "Trần Thị Ánh", "Lê Thị Ân", "Lê Văn Dũng", "Lê Văn Đức"]


def test_of_one_name_birth_dates_and_then_codes_decide() -> None:
    older, younger = came("Lê An", born_on=date(2011, 1, 1)), came("Lê An", code="A1")
    twin = came("Lê An", code="A2")
    assert numbering.in_order([twin, younger, older]) == [older, younger, twin]


admissions = st.lists(
    st.builds(
        Admission,
        st.uuids(),
        st.dates(date(2020, 1, 1), date(2020, 1, 5)),
        st.just("6A1"),
        st.just(""),
        st.sampled_from(["Lê An", "Trần Ân", "Đỗ Đức", "Phan Dũng"]),
        st.dates(date(2010, 1, 1), date(2010, 1, 3)),
        st.text("AB", max_size=2),
    ),
    max_size=12,
    unique_by=lambda one: (one.on, one.name, one.born_on, one.code),
)


@given(admissions, st.randoms())
def test_the_order_does_not_depend_on_how_they_are_found(
    found: list[Admission], random: object
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    ordered = numbering.in_order(shuffled)
    assert ordered == numbering.in_order(found)
    assert {one.pupil_id for one in ordered} == {one.pupil_id for one in found}
    assert all(isinstance(one.pupil_id, UUID) for one in ordered)


@given(st.sets(st.integers(5, 60)))
def test_numbers_and_holes_together_are_every_number(there: set[int]) -> None:
    holes = numbering.holes(sorted(there), first=5)
    assert not there & set(holes)
    assert there | set(holes) == set(range(5, max(there, default=4) + 1))


def test_spans_are_written_as_people_write_them() -> None:
    assert numbering.spans([9, 3, 8, 7]) == "3, 7–9"
    assert numbering.spans([]) == ""
