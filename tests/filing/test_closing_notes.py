"""A closed book never changes: what is wrong in it is said and signed on a page of its own.

Whoever signs next is told: the clerk when the book is printed, the head after the clerk, the clerk
again for the seal, the head of a note. Database, keys and PDF are real.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from eoffice import clock
from eoffice.alerts import told
from eoffice.archive.model import ArchiveEntry
from eoffice.db import system_transaction, transaction
from eoffice.filing import closing_actions, closing_http, pages
from eoffice.filing.closing_actions import NotYourSignature
from eoffice.filing.closing_rules import ClosingNotYours
from eoffice.filing.closing_states import ClosedKind
from eoffice.filing.notes import http as note_http
from eoffice.filing.notes import paper, queries, rules
from eoffice.filing.notes.queries import NoteSeen
from eoffice.filing.notes.rules import NoteSigned, NoteWrong
from eoffice.outbox import Promise
from eoffice.people.authentication import Authentication
from eoffice.settings import settings
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from eoffice.web import application
from eoffice.web.principal import Principal
from tests.conftest import Office
from tests.filing import year_end
from tests.filing.test_closing_signatures import sealed
from tests.filing.year_end import Registry
from tests.pdfa import assert_pdfa
from tests.people.conftest import Desk
from tests.pki import PIN

BOOK = "/books/outgoing/2018"
API = "/api/v1/book-closings/outgoing/2018/notes"
FIELDS = {
    "place": "Số 961, cột Trích yếu",
    "words": "Giao nhiệm vụ năm học 2018-2019",
    "reason": "Ghi thiếu năm học khi vào sổ.",
}


@pytest.fixture
def desk(office: Office, registry: Registry) -> Iterator[Desk]:
    app = application.make(
        [closing_http.router, note_http.router, pages.pages],
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )
    with TestClient(app, base_url="http://testserver.local") as client:
        client.follow_redirects = False
        yield Desk(client, registry.cast, office.var / "clock.json")


def told_people() -> list[tuple[str, str]]:
    """Who was promised to hear what, in the order of the promises."""
    with system_transaction() as session:
        rows = session.scalars(
            select(Promise).where(Promise.task == "alerts.tell").order_by(Promise.promised_at)
        ).all()
        for row in rows:
            assert told.note(session, row.payload, at=clock.now())
    return [(row.payload["person_id"], row.payload["text"]) for row in rows]


def notes(who: Principal) -> tuple[NoteSeen, ...]:
    with transaction(who.acting) as session:
        return queries.of_book(
            session, kind=ClosedKind.OUTGOING, year=2018, who=who, at=clock.now()
        )


def test_whoever_signs_next_is_told(registry: Registry) -> None:
    cast = registry.cast
    sealed(registry)
    clerk, head = str(cast.clerk.person_id), str(cast.director.person_id)
    title = "Sổ đăng ký văn bản đi năm 2018 đã khóa"
    assert set(told_people()) == {
        (clerk, f"{title}, chờ văn thư ký"),
        (head, f"{title}, chờ người đứng đầu cơ quan ký"),
        (clerk, f"{title}, chờ văn thư đóng dấu"),
    }


def test_a_note_says_where_what_and_why() -> None:
    with pytest.raises(NoteWrong) as wrong:
        rules.checked(" ", "x" * 2001, "nhầm")
    assert set(wrong.value.fields) == {"place", "words", "reason"}


def test_a_note_is_written_signed_and_archived_and_the_book_stays(
    desk: Desk, registry: Registry
) -> None:
    cast = registry.cast
    sealed(registry)
    before = registry.content()
    desk.enter(cast.clerk)
    short = desk.post(f"{BOOK}/notes", {**FIELDS, "reason": "nhầm"}, on=BOOK)
    assert short.status_code == 422
    assert FIELDS["words"] in short.text
    assert desk.post(f"{BOOK}/notes", FIELDS, on=BOOK).status_code == 303
    shown = desk.client.get(BOOK).text
    assert FIELDS["place"] in shown
    assert "Chờ người đứng đầu ký" in shown
    assert "Ký bản đính chính" not in shown
    assert (
        str(cast.director.person_id),
        "Đính chính số 01 của sổ đăng ký văn bản đi năm 2018 chờ ký",
    ) in told_people()

    desk.enter(cast.director)
    assert "Ký bản đính chính số 01" in desk.client.get(BOOK).text
    signed = desk.post(f"{BOOK}/notes/1/signature", {"pin": PIN}, on=BOOK)
    assert signed.status_code == 303, signed.text
    (note,) = notes(cast.director)
    assert (note.signed_by, note.capacity) == (cast.director.full_name, "GIÁM ĐỐC")
    assert not note.is_mine
    pdf = desk.client.get(f"{BOOK}/notes/1/content").content
    trust = TrustStore.from_directory(registry.pki.trust_directory)
    assert verify_pdf(pdf, trust=trust, at=clock.now(), online=True).verdict is Finding.INTACT
    assert_pdfa(pdf, signed=True)
    assert registry.content() == before

    assert year_end.keep_promises("archive.ingest") == 2
    with system_transaction() as session:
        entry = session.scalars(select(ArchiveEntry).where(ArchiveEntry.source_id == note.id)).one()
        book = session.scalars(select(ArchiveEntry).where(ArchiveEntry.source_id != note.id)).one()
        assert entry.title == "Đính chính số 01 của sổ đăng ký văn bản đi năm 2018"
        assert entry.retain_until == book.retain_until
    with pytest.raises(DBAPIError), system_transaction() as session:
        session.execute(text("update closing_notes set words = 'khác'"))
    with pytest.raises(NoteSigned):
        paper.sign(note.id, PIN, by=cast.deputy_director, within=lambda last: last)


def test_only_the_clerk_writes_and_only_the_head_signs(desk: Desk, registry: Registry) -> None:
    cast = registry.cast
    registry.begin()
    year_end.keep_promises(closing_actions.PRINT)
    wording = rules.checked(**FIELDS)
    with pytest.raises(ClosingNotYours):
        paper.make(ClosedKind.OUTGOING, 2018, wording, by=cast.specialist, at=clock.now())
    clerk, head = desk.api(cast.clerk), desk.api(cast.director)
    made = desk.client.post(API, json=FIELDS, headers={**clerk, "idempotency-key": "note-key-1"})
    again = desk.client.post(API, json=FIELDS, headers={**clerk, "idempotency-key": "note-key-1"})
    assert made.status_code == 201, made.text
    assert again.json() == made.json()
    assert desk.client.post(API, json=FIELDS, headers=clerk).json()["ordinal"] == 2
    (first, second) = notes(cast.clerk)
    with pytest.raises(NotYourSignature):
        paper.sign(first.id, PIN, by=cast.clerk, within=lambda last: last)
    signed = desk.client.post(f"{API}/2/signature", json={"pin": PIN}, headers=head)
    assert signed.json()["signed_by"] == cast.director.full_name, signed.text
    listed = desk.client.get(API, headers=clerk).json()
    assert [each["signed_at"] is None for each in listed] == [True, False]
    assert second.ordinal == 2
    other = desk.api(cast.school_clerk)
    assert desk.client.get(API, headers=other).status_code == 404
