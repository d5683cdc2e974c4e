"""Shares are counted by schools, as the sector reports them, and never say more than is signed."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.people.kinds import SchoolLevel
from eoffice.statistics import rules
from eoffice.statistics.rules import ClassBook, Grouping, Keeping, School

LAP_VO, LAI_VUNG = uuid4(), uuid4()


def school(name: str, level: SchoolLevel | None, superior: UUID = LAP_VO) -> School:
    return School(uuid4(), name, level, superior, "Lấp Vò" if superior == LAP_VO else "Lai Vung")


def book(of: School, keeping: Keeping) -> ClassBook:
    return ClassBook(uuid4(), "7A1", 7, of.id, "Trần Thị Mỹ Hạnh", keeping, None)


@pytest.mark.parametrize(
    ("books", "keeps", "is_through"),
    [
        ((), 0, 0),
        ((Keeping.NONE,), 0, 0),
        ((Keeping.NONE, Keeping.SIGNING), 1, 0),
        ((Keeping.SEALED, Keeping.SIGNING), 1, 0),
        ((Keeping.SEALED, Keeping.ARCHIVED), 1, 1),
        ((Keeping.ARCHIVED, Keeping.NONE), 1, 0),
    ],
)
def test_a_school_keeps_with_one_book_and_is_through_with_all(
    books: tuple[Keeping, ...], keeps: int, is_through: int
) -> None:
    one = school("THCS Một", SchoolLevel.LOWER_SECONDARY)

    (line,) = rules.coverage([one], [book(one, each) for each in books], Grouping.SCHOOL)

    assert (line.schools, line.keeping, line.through) == (1, keeps, is_through)
    assert line.all_classes == len(books)


def test_levels_stand_in_their_order_and_others_by_name() -> None:
    schools = [
        school("THPT Hai", SchoolLevel.UPPER_SECONDARY, LAI_VUNG),
        school("Tiểu học Một", SchoolLevel.PRIMARY),
        school("Chưa rõ", None),
        school("THCS Ba", SchoolLevel.LOWER_SECONDARY, LAI_VUNG),
    ]

    levels = rules.coverage(schools, [], Grouping.LEVEL)
    superiors = rules.coverage(schools, [], Grouping.SUPERIOR)

    assert [line.key for line in levels] == ["primary", "lower_secondary", "upper_secondary", ""]
    assert [(line.name, line.schools) for line in superiors] == [("Lai Vung", 2), ("Lấp Vò", 2)]


def test_a_school_without_classes_counts_among_the_schools() -> None:
    kept, empty = (school(name, SchoolLevel.PRIMARY) for name in ("Một", "Hai"))

    (line,) = rules.coverage([kept, empty], [book(kept, Keeping.SEALED)], Grouping.LEVEL)

    assert (line.keeping, line.schools) == (1, 2)
    assert line.share == 0.5


@given(
    st.lists(
        st.tuples(st.sampled_from(SchoolLevel), st.lists(st.sampled_from(Keeping))), max_size=8
    )
)
def test_every_grouping_adds_up_to_the_same_total(
    made: list[tuple[SchoolLevel, list[Keeping]]],
) -> None:
    schools = [school(str(number), level) for number, (level, _) in enumerate(made)]
    books = [
        book(one, keeping)
        for one, (_, of_school) in zip(schools, made, strict=True)
        for keeping in of_school
    ]

    totals = [rules.total(rules.coverage(schools, books, each)) for each in Grouping]

    assert totals[0] == totals[1] == totals[2]
    assert totals[0].all_classes == len(books)
    assert totals[0].through <= totals[0].keeping <= totals[0].schools == len(schools)
