"""Anybody has a file verified without signing in; nothing of it is kept, and nothing is logged."""

from __future__ import annotations

import re

import pytest

from eoffice.archive import package
from eoffice.clock import now
from eoffice.verification import public, rules
from tests.archive.packages import contents, small_pdf
from tests.archive.room import Room
from tests.signing.papers import Dispatch

API = "/api/v1/verifications"
STRANGER = ""


def test_a_stranger_has_a_file_checked_and_it_is_forgotten(
    room: Room, dispatch: Dispatch, capsys: pytest.CaptureFixture[str]
) -> None:
    touched = bytearray(dispatch.archived)
    touched[len(touched) // 3] ^= 1
    intact = room.upload(STRANGER, API, "ho-so-mat.pdf", dispatch.archived)
    broken = room.upload(STRANGER, API, "ho-so-mat.pdf", bytes(touched))

    assert intact.status_code == 200
    assert intact.json()["verdict"] == "intact"
    assert {one["indication"] for one in intact.json()["signatures"]} == {"TOTAL-PASSED"}
    assert broken.json()["verdict"] in {"changed", "invalid", "unverifiable"}
    assert list(room.store.stored()) == []
    said = capsys.readouterr()
    assert "ho-so-mat" not in said.out + said.err


def test_a_package_of_anybody_is_checked(room: Room, dispatch: Dispatch) -> None:
    answer = room.upload(STRANGER, API, "a.zip", package.build(contents(dispatch.archived)) + b" ")

    assert answer.json()["verdict"] == "changed"
    assert answer.json()["faults"]


def test_a_program_gets_the_report_too(room: Room, dispatch: Dispatch) -> None:
    answer = room.upload(STRANGER, f"{API}/report", "a.pdf", dispatch.archived)

    assert answer.headers["content-type"].startswith("application/pdf")
    assert answer.content.startswith(b"%PDF-")


def test_nothing_to_check_is_refused(room: Room) -> None:
    answer = room.client.post(API, data={"a": "b"})

    assert answer.status_code == 422
    assert "file" in answer.json()["fields"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", small_pdf(), "Không có chữ ký số"),
        ("a.txt", b"hello", "Không kiểm tra được"),
        ("a.zip", package.build(contents()) + b".", "Đã bị thay đổi"),
    ],
)
@pytest.mark.parametrize("login", [STRANGER, "school_clerk"])
def test_anybody_checks_a_file_on_the_page(
    room: Room, login: str, name: str, content: bytes, says: str
) -> None:
    answer = room.send(
        login, "/verification", {}, seen_on="/verification", files={"file": (name, content)}
    )

    assert answer.status_code == 200
    assert says in answer.text
    assert name in answer.text
    assert 'href="data:application/pdf;base64,JVBERi' in answer.text


def test_a_forgotten_file_is_asked_for(room: Room) -> None:
    answer = room.send(STRANGER, "/verification", {"x": "y"}, seen_on="/verification")

    assert answer.status_code == 422
    assert "Chưa chọn tệp để kiểm tra" in answer.text


def test_a_form_without_its_token_is_refused(room: Room) -> None:
    answer = room.client.post("/verification", data={"file": "hello"})

    assert answer.status_code == 403


def test_who_asks_too_often_is_asked_to_wait(room: Room) -> None:
    for _ in range(rules.MOST_IN_A_PERIOD):
        with public.GATE.admitted("testclient", at=now()):
            pass

    refused = room.upload(STRANGER, API, "a.txt", b"hello")
    of_a_person = room.upload("clerk", API, "a.txt", b"hello")

    assert refused.status_code == 429
    assert "Hãy thử lại" in refused.json()["detail"]
    assert of_a_person.status_code == 200


def test_when_the_machine_is_busy_the_page_says_so(room: Room) -> None:
    held = [public.GATE.admitted(f"other {number}", at=now()) for number in range(public.AT_ONCE)]
    for one in held:
        one.__enter__()
    try:
        answer = room.send(
            STRANGER, "/verification", {}, seen_on="/verification", files={"file": ("a", b"x")}
        )
    finally:
        for one in held:
            one.__exit__(None, None, None)

    assert answer.status_code == 503
    assert "Hãy thử lại sau ít phút" in answer.text


def test_the_page_needs_no_cookie_but_that_of_its_form(room: Room) -> None:
    answer = room.client.get("/verification")

    assert answer.status_code == 200
    assert [name for name in answer.cookies if not re.fullmatch(r"(__Host-)?visit", name)] == []
