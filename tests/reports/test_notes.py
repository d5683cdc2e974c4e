"""Notes of report books: by the teacher of the subject and the homeroom teacher, for every pupil of
a class at once, kept as typed, printed in the part of the year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from eoffice import clock, db
from eoffice.classes.rules import Actor, ClassStaff
from eoffice.people.kinds import PositionKind
from eoffice.reports import note_pages, note_queries, note_rules
from eoffice.reports.note_rules import Column, NoteInvalid, NoteKind
from tests import browser
from tests.conftest import Office
from tests.families.test_pages import tab_of
from tests.registers import desk as desks
from tests.registers.desk import Desk

SUBJECTS = {"TOAN": "Toán học", "VAN": "Ngữ văn"}
SCHOOL, MATHS, HOMEROOM, OTHER = (UUID(int=n) for n in range(1, 5))
STAFF = ClassStaff(SCHOOL, HOMEROOM, {"TOAN": MATHS, "VAN": HOMEROOM})


def test_a_class_has_a_note_for_each_subject_then_the_others_of_its_level() -> None:
    keys = [one.key for one in note_rules.columns(SUBJECTS, 9)]
    assert keys == ["subject-TOAN", "subject-VAN", "homeroom", "certificates", "contests", "awards"]
    primary = {one.kind for one in note_rules.columns(SUBJECTS, 4)}
    assert primary >= note_rules.PRIMARY_ONLY


@pytest.mark.parametrize(
    ("person", "writes"),
    [
        (MATHS, {"subject-TOAN"}),
        (HOMEROOM, {"subject-VAN", "homeroom", "certificates", "contests", "awards"}),
        (OTHER, set()),
    ],
)
def test_each_teacher_writes_what_is_theirs(person: UUID, writes: set[str]) -> None:
    actor = Actor(person, SCHOOL, PositionKind.TEACHER)
    stranger = Actor(person, OTHER, PositionKind.TEACHER)
    columns = note_rules.columns(SUBJECTS, 9)
    assert {one.key for one in columns if note_rules.may_write(actor, STAFF, one)} == writes
    assert not any(note_rules.may_write(stranger, STAFF, one) for one in columns)


@given(st.text(max_size=400))
def test_a_note_is_folded_or_refused_with_the_name_of_the_pupil(text: str) -> None:
    column = Column(NoteKind.HOMEROOM, "", "Nhận xét")
    folded = " ".join(text.split())
    if len(folded) > note_rules.LONGEST:
        with pytest.raises(NoteInvalid, match="Đặng Văn An"):
            note_rules.cleaned(text, column, "Đặng Văn An")
    else:
        assert note_rules.cleaned(text, column, "Đặng Văn An") == folded


# --- The office ----------------------------------------------------------------------------------


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, note_pages.router, note_pages.pages) as made:
        yield made


def test_the_homeroom_teacher_writes_and_takes_away_and_others_read(
    desk: Desk, at: datetime
) -> None:
    path = desks.with_class(desk, at)
    here = f"{path}/report-notes/homeroom"
    body = {"notes": {"HS001": "  Chăm  chỉ. ", "HS002": "Cần cố gắng."}}
    written = desk.put("homeroom_teacher", here, body).json()
    assert written["notes"] == {"HS001": "Chăm chỉ.", "HS002": "Cần cố gắng."}

    desk.put("homeroom_teacher", here, {"notes": {"HS002": ""}})
    assert desk.get("school_principal", here).json()["notes"] == {"HS001": "Chăm chỉ."}
    assert desk.put("school_principal", here, body).status_code == 403
    assert desk.get("high_school_teacher", here).status_code in (403, 404)
    assert desk.get("homeroom_teacher", f"{path}/report-notes/poems").status_code == 404

    class_id = UUID(path.rpartition("/")[2])
    with db.system_transaction() as session:
        notes = note_queries.of_class(session, class_id)
        first = next(one for one in note_queries.listed(session, class_id) if one.code == "HS001")
    assert {key: one.homeroom for key, one in notes.items()} == {first.id: "Chăm chỉ."}


def test_a_note_that_is_too_long_comes_back_as_it_was_typed(desk: Desk, at: datetime) -> None:
    here = f"/registers{desks.with_class(desk, at)}/report-notes"
    fields = {"note-HS001": "x" * 400, "note-HS002": "Tốt.", "note-HS003": ""}
    answer = desk.send(
        "homeroom_teacher", f"{here}/homeroom", fields, seen_on=f"{here}?column=homeroom"
    )
    assert answer.status_code == 422
    assert "Trần Mỹ Chi" in answer.text
    assert "x" * 400 in answer.text
    assert "Tốt." in answer.text


def test_the_page_saves_and_can_be_used_by_everybody(desk: Desk, at: datetime) -> None:
    here = f"/registers{desks.with_class(desk, at)}/report-notes"
    with browser.opened() as chromium:
        _written(desk, chromium, f"{here}?column=homeroom")


def _written(desk: Desk, chromium: Browser, here: str) -> None:
    for width in (1280, 360):
        tab = tab_of(desk, chromium, "homeroom_teacher", width)
        tab.goto(here)
        tab.get_by_label("Lê Thị Bình").fill(f"Ghi ở {width}")
        tab.get_by_role("button", name="Ghi", exact=True).click()
        tab.get_by_text("Đã ghi 1 nhận xét.").wait_for()
        browser.screenshot(tab, f"report-notes-{width}")
        browser.assert_no_serious(tab)
        browser.assert_fits(tab)
        tab.close()
