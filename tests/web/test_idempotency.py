"""A request that is sent twice is done once and answered twice the same."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import httpx
from sqlalchemy import text
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.web import idempotency
from eoffice.web.idempotency import Once
from eoffice.web.pages import See
from tests.web.conftest import HEAD, Client, token_of
from tests.web.sample import add_document, person

KEY = {"idempotency-key": "a-key-of-the-tests"}


def count() -> int:
    with db.transaction(None) as session:
        return int(session.execute(text("select count(*) from sample_documents")).scalar_one())


def create(
    desk: Client, subject: str = "Sổ điểm", key: dict[str, str] | None = None
) -> httpx.Response:
    headers = HEAD | (KEY if key is None else key)
    return desk.post("/api/v1/documents", json={"subject": subject}, headers=headers)


def test_the_second_request_with_the_key_gets_the_answer_of_the_first(desk: Client) -> None:
    first, second = create(desk), create(desk)

    assert (first.status_code, first.headers["location"]) == (201, "/api/v1/documents/1")
    assert (second.status_code, second.headers["location"]) == (201, "/api/v1/documents/1")
    assert first.content == second.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert count() == 1


def test_without_a_key_it_is_simply_done(desk: Client) -> None:
    assert [create(desk, key={}).json()["id"] for _ in range(2)] == [1, 2]


def test_the_key_of_another_content_is_refused(desk: Client) -> None:
    create(desk, "Sổ điểm")

    answer = create(desk, "Học bạ")

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/key-reused"
    assert count() == 1


def test_a_key_that_is_too_short_is_refused(desk: Client) -> None:
    answer = create(desk, key={"idempotency-key": "1"})

    assert answer.json()["type"] == "/problems/key-invalid"


def test_a_refused_request_leaves_its_key_free(desk: Client) -> None:
    assert create(desk, "refused").status_code == 409
    assert create(desk, "Sổ điểm").status_code == 201
    assert count() == 1


def test_of_two_requests_at_the_same_time_the_second_waits_for_the_first(desk: Client) -> None:
    begun, go_on = threading.Event(), threading.Event()
    locations: list[str] = []

    def request(work_is_slow: bool) -> None:
        def work(session: Session) -> See:
            number = add_document(session, "Sổ điểm")
            if work_is_slow:
                begun.set()
                assert go_on.wait(10)
            return See(f"/documents/{number}")

        once = Once(person(), "the same key", method="POST", path="/x", content=b"", for_page=True)
        locations.append(once.see(work).headers["Location"])

    slow = threading.Thread(target=request, args=(True,))
    quick = threading.Thread(target=request, args=(False,))
    slow.start()
    assert begun.wait(10)
    quick.start()
    quick.join(0.3)
    assert quick.is_alive(), "it waits"
    go_on.set()
    slow.join(10)
    quick.join(10)

    assert locations == ["/documents/1", "/documents/1"]
    assert count() == 1


def test_a_page_that_is_sent_twice_lands_twice_on_the_same_page(desk: Client) -> None:
    form = desk.get("/documents/new", headers=HEAD)
    data = {"_token": token_of(form.text), "_key": "key-of-the-form", "subject": "Sổ điểm"}

    answers = [desk.post("/documents", data=data, headers=HEAD) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert {answer.headers["location"] for answer in answers} == {"/documents/1"}
    assert "Đã tạo dự thảo “Sổ điểm”." in desk.get("/documents/7", headers=HEAD).text
    assert count() == 1


def test_what_was_done_is_said_once(desk: Client) -> None:
    token = token_of(desk.get("/documents/new", headers=HEAD).text)
    desk.post("/documents", data={"_token": token, "subject": "Sổ điểm"}, headers=HEAD)

    pages = [desk.get("/documents/7", headers=HEAD).text for _ in range(2)]

    assert ["Đã tạo dự thảo" in page for page in pages] == [True, False]


def test_the_boundaries_of_a_form_with_files_do_not_count_as_content(desk: Client) -> None:
    token = token_of(desk.get("/documents/new", headers=HEAD).text)
    data = {"_token": token, "_key": "key-of-the-form", "subject": "Sổ điểm"}

    def send(content: bytes) -> httpx.Response:
        return desk.post("/documents", data=data, files={"sheet": ("a", content)}, headers=HEAD)

    assert send(b"the same").headers["location"] == send(b"the same").headers["location"]
    assert send(b"another").status_code == 422


def test_an_earlier_answer_can_be_asked_for_before_the_work_begins(desk: Client) -> None:
    once = Once(person(), "a signature", method="POST", path="/x", content=b"", for_page=False)

    assert once.kept() is None
    once.answer(lambda session: add_document(session, "Sổ điểm"), status=201)
    kept = once.kept()

    assert kept is not None
    assert (kept.status_code, kept.content) == (201, b"1")


def test_a_request_without_key_has_no_earlier_answer(desk: Client) -> None:
    once = Once(person(), None, method="POST", path="/x", content=b"", for_page=False)

    assert once.kept() is None
    assert once.answer(lambda _: None, status=204).content == b""


def test_the_key_of_one_person_is_nothing_for_another(desk: Client) -> None:
    for number in (1, 2):
        once = Once(
            person(number), "the same key", method="POST", path="/x", content=b"", for_page=False
        )
        once.answer(lambda session: add_document(session, "Sổ điểm"))

    assert count() == 2
    assert person(1).person_id == UUID(int=1)


def test_old_answers_are_forgotten(desk: Client) -> None:
    create(desk)
    now = clock.now()

    with db.system_transaction() as session:
        assert idempotency.forget_answers(session, before=now - timedelta(days=1)) == 0
        assert idempotency.forget_answers(session, before=now + timedelta(days=1)) == 1
    assert create(desk).json()["id"] == 2
