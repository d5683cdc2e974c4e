"""A class diary and a homeroom book are really signed, sealed, verified and corrected.

Database, time-stamp authority, keys and PDF are real, as for the other books
(tests/registers/test_signatures.py). The clerk reads a homeroom book once the head has signed it,
never the notes of which it is made: what is asked and what the database lets through say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.diaries import actions, homeroom_actions, homeroom_queries, timetable_actions
from eoffice.diaries.actions import NewLesson
from eoffice.diaries.homeroom_actions import NewNote
from eoffice.diaries.homeroom_rules import Part
from eoffice.diaries.model import HomeroomNote
from eoffice.diaries.rules import DiaryNotYours, HalfDay, Place, WeekSigned
from eoffice.embedded.pki import Pki
from eoffice.objects.memory import MemoryStore
from eoffice.registers import extraction, gradebook_queries, gradebooks
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.gradebook_queries import GradebookUnknown
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.settings import settings
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.cast import load_cast
from tests.conftest import Office
from tests.pdfa import assert_pdfa
from tests.registers import stage
from tests.registers.test_signatures import MORNING, Desk, content, pki, register, sign, view
from tests.registers.test_tasks import run

__all__ = ["pki"]

MONDAY = date(2025, 5, 19)
FIRST = Place(HalfDay.MORNING, 1)
KEYS = ("homeroom-teacher", "school-principal")


@pytest.fixture
def desk(
    office: Office, pki: Pki, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A class with a closed week and a note; `gradebook_id` is the class's id until one is made."""
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", pki.timestamp_url)
    monkeypatch.setenv("EOFFICE_KEYS", str(pki.key_directory))
    monkeypatch.setenv("EOFFICE_TRUST", str(pki.trust_directory))
    settings.cache_clear()
    with test_pki.office_clock(office.var / "clock.json", MORNING):
        with db.system_transaction() as session:
            cast = load_cast(session, MORNING)
            people = (cast.homeroom_teacher, cast.school_principal)
            for label, who in zip(KEYS, people, strict=True):
                register(session, pki, label, person_id=who.person_id)
            register(session, pki, "school-seal", unit_id=cast.school.id)
            class_id = stage.open_class(session, cast, MORNING)
            timetable_actions.set_timetable(
                session, class_id, date(2024, 9, 5), "Tiết\tThứ 2\n1\tToán",
                by=cast.school_clerk, at=MORNING,
            )  # fmt: skip
            write(session, class_id, "Ôn tập", cast.subject_teachers["TOAN"])
            actions.close_week(
                session, class_id, MONDAY, "Tốt.", by=cast.homeroom_teacher, at=MORNING
            )
            homeroom_actions.write_note(
                session, class_id, NewNote(Part.PLAN, "Tháng 9", "Ổn định nền nếp."),
                by=cast.homeroom_teacher, at=MORNING,
            )  # fmt: skip
        yield Desk(cast, store, pki, class_id)


def write(session: Session, class_id: UUID, title: str, by: Principal) -> None:
    new = NewLesson(MONDAY, FIRST, "TOAN", title, absent={"HS001": True})
    actions.write_lesson(session, class_id, new, by=by, at=clock.now())


def made(desk: Desk, kind: BookKind, because: str | None = None) -> Desk:
    """The desk with a book of this kind laid before its first signer."""
    of = BookOf(kind, desk.cast.school.id, "2024-2025", desk.gradebook_id, None)
    who = desk.cast.homeroom_teacher
    with db.transaction(who.acting) as session:
        book_id = gradebooks.ask(session, of, by=who, at=clock.now(), because=because)
    run(book_id)
    return Desk(desk.cast, desk.store, desk.pki, book_id)


def finished(book: Desk) -> bytes:
    """Signed by everybody and sealed."""
    cast = book.cast
    assert sign(book, cast.homeroom_teacher) is State.AWAITING_PRINCIPAL
    assert sign(book, cast.school_principal) is State.AWAITING_SEAL
    assert sign(book, cast.school_clerk) is State.CLOSED
    return content(book)


def assert_intact(book: Desk, pdf: bytes) -> None:
    trust = TrustStore.from_directory(book.pki.trust_directory)
    found = verify_pdf(pdf, trust=trust, at=clock.now(), online=True)
    assert found.verdict is Finding.INTACT, found.reason
    assert [one.field for one in found.signatures] == ["keeper", "principal", "school_seal"]
    assert {one.verdict for one in found.signatures} == {Finding.INTACT}
    assert extraction.differences(pdf) == ()
    assert_pdfa(pdf, "3b", signed=True)


def test_a_diary_is_signed_and_a_week_of_it_changes_only_by_a_correction(desk: Desk) -> None:
    cast, class_id = desk.cast, desk.gradebook_id
    head, why = cast.school_principal, "Giáo viên ghi nhầm tên bài."
    book = made(desk, BookKind.CLASS_DIARY)

    def reopen(*, as_correction: bool) -> None:
        with db.transaction(head.acting) as session:
            actions.reopen_week(
                session, class_id, MONDAY, why, days=2, as_correction=as_correction,
                by=head, at=clock.now(),
            )  # fmt: skip

    with pytest.raises(WeekSigned, match="trả lại sổ trước"):
        reopen(as_correction=True)
    first = finished(book)
    assert_intact(book, first)
    with pytest.raises(WeekSigned, match=r"lớp 7A1, năm học 2024-2025.*Đính chính"):
        reopen(as_correction=False)
    reopen(as_correction=True)
    with db.transaction(cast.subject_teachers["TOAN"].acting) as session:
        write(session, class_id, "Ôn tập chương IX", cast.subject_teachers["TOAN"])
    with db.transaction(cast.homeroom_teacher.acting) as session:
        actions.close_week(
            session, class_id, MONDAY, "Tốt.", by=cast.homeroom_teacher, at=clock.now()
        )
    corrected = made(desk, BookKind.CLASS_DIARY, because=why)
    second = finished(corrected)
    assert_intact(corrected, second)
    assert view(book).state is State.SUPERSEDED
    assert content(book) == first
    with pytest.raises(WeekSigned):
        reopen(as_correction=False)


def test_a_homeroom_book_is_signed_and_only_then_read_by_the_clerk(desk: Desk) -> None:
    cast, class_id = desk.cast, desk.gradebook_id
    book = made(desk, BookKind.HOMEROOM_BOOK)

    def rows(who: Principal) -> tuple[int, int]:
        """What the database lets through: notes, and homeroom books."""
        with db.transaction(who.acting) as session:
            return (
                session.scalar(select(func.count()).select_from(HomeroomNote)) or 0,
                session.scalar(select(func.count()).select_from(Gradebook)) or 0,
            )

    def listed(who: Principal) -> int:
        with db.transaction(who.acting) as session:
            return len(gradebook_queries.books(session, who))

    for reader in (cast.homeroom_teacher, cast.school_principal, cast.school_deputy):
        assert rows(reader) == (1, 1)
        assert listed(reader) == 1
    for stranger in (cast.school_clerk, cast.subject_teachers["TOAN"]):
        assert rows(stranger) == (0, 0)
        assert listed(stranger) == 0
    with pytest.raises(GradebookUnknown):
        view(book)
    with db.system_transaction() as session, pytest.raises(gradebook_queries.NotYourBook):
        gradebook_queries.gradebook(session, book.gradebook_id, cast.school_clerk)
    sign(book, cast.homeroom_teacher)
    assert rows(cast.school_clerk) == (0, 0)
    sign(book, cast.school_principal)
    assert rows(cast.school_clerk) == (0, 1)
    assert listed(cast.school_clerk) == 1
    assert sign(book, cast.school_clerk) is State.CLOSED
    assert_intact(book, content(book))
    assert rows(cast.subject_teachers["TOAN"]) == (0, 0)
    clerk = cast.school_clerk
    with db.transaction(clerk.acting) as session, pytest.raises(DiaryNotYours):
        homeroom_queries.notes(session, clerk, class_id)


def test_the_clerk_sends_a_homeroom_book_back_instead_of_sealing_it(desk: Desk) -> None:
    cast = desk.cast
    book = made(desk, BookKind.HOMEROOM_BOOK)
    sign(book, cast.homeroom_teacher)
    sign(book, cast.school_principal)
    with db.transaction(cast.school_clerk.acting) as session:
        gradebooks.send_back(
            session, book.gradebook_id, "Thiếu phần họp cha mẹ học sinh.",
            by=cast.school_clerk, at=clock.now(),
        )  # fmt: skip
    assert view(book).state is State.RETURNED
