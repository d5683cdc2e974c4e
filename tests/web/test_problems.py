"""A refusal is answered once and in one place: a problem document, or a page in Vietnamese."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from eoffice import db
from eoffice.settings import settings
from eoffice.web import problems
from tests.web.conftest import HEAD, TOKEN, Client
from tests.web.sample import StepRefused, add_document


def test_the_class_gives_the_type_and_its_docstring_the_title() -> None:
    assert problems.problem_type(StepRefused) == "/problems/step-refused"
    assert problems.title(StepRefused) == (
        "The document is not in a state in which this step can be taken"
    )


def test_a_refusal_on_a_page_says_what_and_keeps_what_was_typed(client: Client) -> None:
    answer = client.post("/documents/7/signature", data={"note": "Đã xem kỹ"}, headers=TOKEN)

    assert answer.status_code == 409
    assert "Chưa làm được lúc này" in answer.text
    assert "Văn bản đã được ký." in answer.text
    assert "<pre" in answer.text


def test_wrong_content_is_told_by_field_in_vietnamese(client: Client) -> None:
    answer = client.post(
        "/api/v1/documents", json={"subject": "a", "due_on": "2018-09-02"}, headers=HEAD
    )

    assert answer.status_code == 422
    assert answer.json() == {
        "type": "/problems/invalid",
        "title": "Something that was entered cannot be accepted",
        "status": 422,
        "detail": "Có mục chưa đúng.",
        "instance": "/api/v1/documents",
        "fields": {"subject": "Cần ít nhất 3 ký tự."},
    }


def test_content_that_is_no_json_is_refused(client: Client) -> None:
    answer = client.post(
        "/api/v1/documents",
        content=b"{",
        headers=HEAD | {"content-type": "application/json"},
    )

    assert answer.status_code == 400
    assert answer.json()["detail"] == "Yêu cầu gửi lên không đúng dạng nên không đọc được."


def test_an_address_that_does_not_exist_is_a_page_or_a_problem(client: Client) -> None:
    assert "Không tìm thấy" in client.get("/nowhere", headers=HEAD).text
    assert client.get("/api/v1/nowhere").json()["type"] == "/problems/not-found"


def test_a_method_that_does_not_exist_says_which_do(client: Client) -> None:
    answer = client.delete("/api/v1/documents", headers=HEAD)

    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


def test_content_that_is_too_large_is_refused(client: Client) -> None:
    answer = client.post("/api/v1/documents", content=b" " * (13 * 1024 * 1024), headers=HEAD)

    assert answer.status_code == 413
    assert answer.json()["type"] == "/problems/too-large"


def test_a_bug_shows_a_reference_and_logs_the_place_but_no_values(client: Client) -> None:
    with capture_logs() as logs:
        answer = client.get("/broken", headers=HEAD | {"x-request-id": "abc-12345"})

    assert answer.status_code == 500
    assert "abc-12345" in answer.text
    assert "Nguyễn Văn A" not in answer.text
    entry = next(line for line in logs if line["event"] == "request.failed")
    assert entry["reference"] == "abc-12345"
    assert any("broken" in place for place in entry["place"])
    assert "Nguyễn Văn A" not in str(logs)


def test_a_script_on_a_page_gets_json_when_it_asks_for_json(client: Client) -> None:
    answer = client.post(
        "/documents/7/signature",
        data={"note": "x"},
        headers=TOKEN | {"accept": "application/json"},
    )

    assert answer.headers["content-type"] == "application/problem+json"


def test_a_row_that_somebody_holds_is_told_as_such_and_can_be_tried_again(desk: Client) -> None:
    with db.transaction(None) as session:
        add_document(session, "Sổ điểm")
    with db.transaction(None) as session:
        session.execute(text("select * from sample_documents for update"))

        answer = desk.get("/api/v1/busy", headers=HEAD)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert answer.json()["detail"].startswith("Đang có người làm việc này cùng lúc.")


def test_a_database_that_does_not_answer_is_unavailable(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/none")
    settings.cache_clear()

    answer = desk.get("/api/v1/busy", headers=HEAD)

    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/unavailable"


def test_a_bug_behind_the_api_is_a_problem_with_a_reference(client: Client) -> None:
    answer = client.get("/broken", headers=HEAD | {"accept": "application/json"})

    assert answer.status_code == 500
    assert answer.json()["title"] == "Internal error"
    assert answer.json()["reference"] == answer.headers["x-request-id"]


def test_the_contract_of_the_api_names_the_key_and_the_token(client: Client) -> None:
    contract = client.get("/api/v1/openapi/openapi.json").json()

    parameters = contract["paths"]["/api/v1/documents"]["post"]["parameters"]
    assert [(p["name"], p["in"]) for p in parameters] == [("Idempotency-Key", "header")]
    assert contract["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_a_wrong_value_in_an_address_is_told_on_a_page(client: Client) -> None:
    answer = client.get("/documents?count=many", headers=HEAD)

    assert answer.status_code == 422
    assert "Cần một số nguyên." in answer.text


def test_names_of_files_are_told_because_they_have_to_be_chosen_again(client: Client) -> None:
    answer = client.post(
        "/documents/7/signature",
        data={"note": "Đã xem"},
        files={"sheet": ("toan-7a1.xlsx", b"x")},
        headers=TOKEN,
    )

    assert "Tệp phải chọn lại: toan-7a1.xlsx." in answer.text
