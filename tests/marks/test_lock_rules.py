"""A lock covers every cell that it does not exclude; an opening lets some through, for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.assessment.marks import Part, Semester
from eoffice.marks import lock_rules
from eoffice.marks.lock_rules import Lock, LockInvalid, Opening, Place, Scope

AT = datetime(2025, 1, 10, 1, 0, tzinfo=UTC)
A, B = UUID(int=1), UUID(int=2)
CELL = Place(A, "TOAN", Semester.FIRST, Part.REGULAR, 2)

cells = st.builds(
    Place,
    class_id=st.sampled_from([A, B]),
    subject_code=st.sampled_from(["TOAN", "VAN"]),
    semester=st.sampled_from(Semester),
    part=st.sampled_from(Part),
    place=st.integers(1, 4),
)
scopes = st.builds(
    Scope,
    class_id=st.sampled_from([None, A, B]),
    subject_code=st.sampled_from([None, "TOAN", "VAN"]),
    semester=st.sampled_from([None, *Semester]),
    part=st.sampled_from([None, *Part]),
    place=st.sampled_from([None, 1, 2]),
)


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        (Scope(), True),
        (Scope(semester=Semester.FIRST), True),
        (Scope(semester=Semester.SECOND), False),
        (Scope(semester=Semester.FIRST, part=Part.REGULAR), True),
        (Scope(semester=Semester.FIRST, part=Part.REGULAR, place=2), True),
        (Scope(semester=Semester.FIRST, part=Part.REGULAR, place=1), False),
        (Scope(semester=Semester.FIRST, part=Part.MIDTERM), False),
        (Scope(class_id=A), True),
        (Scope(class_id=B), False),
        (Scope(subject_code="TOAN"), True),
        (Scope(subject_code="VAN"), False),
    ],
)
def test_a_lock_covers_what_it_names_and_everything_below(scope: Scope, covers: bool) -> None:
    assert scope.covers(CELL) is covers


@given(scopes, cells)
def test_a_wider_scope_covers_whatever_a_narrower_one_does(scope: Scope, cell: Place) -> None:
    wider = Scope(scope.class_id, scope.subject_code, scope.semester)
    assert not scope.covers(cell) or wider.covers(cell)


@given(scopes, scopes, cells)
def test_an_opening_ends_at_its_instant_and_opens_nothing_else(
    locked: Scope, opened: Scope, cell: Place
) -> None:
    until = AT + timedelta(hours=1)
    lock = Lock(locked, "Hết học kì", AT, (Opening(opened, until),))

    assert lock.holds(cell, until) is locked.covers(cell)
    assert lock.holds(cell, AT) is (locked.covers(cell) and not opened.covers(cell))


def test_the_refusal_names_the_column_the_day_the_reason_and_who_opens() -> None:
    lock = Lock(Scope(semester=Semester.FIRST), "Đã tổng kết học kì I.", AT)

    said = lock_rules.refusal(
        lock, CELL, subject="Toán học", class_name="7A1", locked_on="10/01/2025"
    ).detail

    assert "Cột ĐĐGtx2 môn Toán học, học kì I, lớp 7A1 đã khóa từ 10/01/2025" in said
    assert "(Đã tổng kết học kì I)" in said
    assert "hiệu trưởng" in said


@pytest.mark.parametrize(
    "scope",
    [
        Scope(part=Part.FINAL),
        Scope(semester=Semester.FIRST, part=Part.FINAL, place=1),
        Scope(semester=Semester.FIRST, part=Part.REGULAR, place=0),
        Scope(semester=Semester.FIRST, place=1),
    ],
)
def test_a_part_without_its_whole_is_refused(scope: Scope) -> None:
    with pytest.raises(LockInvalid):
        lock_rules.checked(scope)


@pytest.mark.parametrize("until", [AT, AT - timedelta(seconds=1), AT + timedelta(days=32)])
def test_an_opening_ends_later_than_now_and_soon(until: datetime) -> None:
    with pytest.raises(LockInvalid):
        lock_rules.checked_until(until, at=AT)


def test_a_reason_is_a_sentence() -> None:
    assert lock_rules.checked_reason("  Nhập  sai ") == "Nhập sai"
    for text in ("", "  ", "a" * 501):
        with pytest.raises(LockInvalid):
            lock_rules.checked_reason(text)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (Scope(), "Cả năm học, mọi môn, mọi lớp"),
        (Scope(semester=Semester.SECOND), "Học kì II, mọi môn, mọi lớp"),
        (
            Scope(A, "TOAN", Semester.FIRST, Part.REGULAR, 1),
            "Cột ĐĐGtx1, học kì I, môn Toán học, lớp 7A1",
        ),
    ],
)
def test_a_scope_is_said_in_words(scope: Scope, words: str) -> None:
    assert lock_rules.described(scope, subject="Toán học", class_name="7A1") == words
