"""What an answer carries besides its content: protection for the reader, nothing for strangers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from eoffice.files.http import download
from eoffice.objects import configured
from tests.security.house import House, people
from tests.security.test_routes import filled, routes

SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def test_every_answer_protects_its_reader_errors_too(house: House) -> None:
    who = house.cast.operator
    for method, path, _ in routes():
        answer = house.client.request(method, filled(path))
        assert SECURITY.items() <= dict(answer.headers).items(), path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        # The script of pushed notices is static too, at the root because of its scope.
        if not path.startswith(("/static/", "/push-worker.js")):
            assert answer.headers["cache-control"] == "no-store", path
    assert house.get(who, "/khong-co").headers["cache-control"] == "no-store"


def test_what_a_browser_keeps_is_kept_for_one_person(house: House) -> None:
    """On a machine of several people, the next one comes with another cookie."""
    cast, ids = house.cast, house.ids
    for who, path in (
        (cast.high_school_clerk, f"/incoming/deliveries/{ids['delivery']}/content"),
        (cast.high_school_clerk, f"/incoming/deliveries/{ids['delivery']}/files/1"),
        (cast.specialist, f"/documents/{ids['draft']}/versions/1/pages/1"),
        (cast.specialist, f"/documents/{ids['draft']}/attachments/{ids['attachment']}"),
        (cast.school_clerk, f"/registers/gradebooks/{ids['gradebook']}/content"),
    ):
        answer = house.get(who, path)
        kept = answer.headers["cache-control"]
        assert kept in ("private, no-cache", "no-store") or "Cookie" in answer.headers["vary"], path
        assert "public" not in kept


@pytest.mark.parametrize(
    "name",
    ['a".pdf', "a\r\nset-cookie: x=y.pdf", "../../etc/passwd", "đề án\u202efdp.exe", "a;b=c.pdf"],
)
def test_a_file_name_says_nothing_to_the_header(name: str) -> None:
    said = download(b"x", "application/pdf", name).headers["Content-Disposition"]

    assert said.startswith("attachment; filename*=UTF-8''")
    assert not set('"\r\n; ').intersection(said.removeprefix("attachment; "))


@pytest.mark.parametrize(
    "path",
    [
        "/static/x/../../../eoffice/settings.py",
        "/static/x/%2e%2e/%2e%2e/settings.py",
        "/static/x/..%2f..%2fsettings.py",
        "/static/x//etc/passwd",
        "/static/x/css/%00",
    ],
)
def test_only_files_of_the_pages_are_served(house: House, path: str) -> None:
    answer = house.client.get(path)

    assert answer.status_code in (303, 401, 404), answer.status_code
    assert "EOFFICE" not in answer.text


ODD: tuple[tuple[str, str, Any], ...] = (
    ("specialist", "/api/v1/units?q=%00", None),
    ("specialist", "/documents?q=%00", None),
    ("specialist", "/search?q=%00", None),
    ("school_clerk", "/archive?q=%00", None),
    ("specialist", "/api/v1/documents/?q=%27%3B%20drop%20table%20documents%3B--", None),
    ("specialist", "/api/v1/units?q=%25_%5C", None),
    ("school_clerk", "/api/v1/archive/entries?q=%28%28%26%7C%21%3A%2A", None),
    ("specialist", "/documents/books/99999999999999999999", None),
    ("specialist", "/api/v1/books/outgoing/2025?before=99999999999999999999", None),
    ("high_school_clerk", "/api/v1/arrivals/?year=99999999999999999999", None),
    ("high_school_clerk", "/incoming?year=-1", None),
    ("specialist", "/documents/{draft}/versions/99999999999999999999", None),
    ("specialist", "/api/v1/documents/{draft}/versions/1/pages/1?width=-5", None),
    ("specialist", "/api/v1/documents/{draft}/versions/1/pages/99999999999", None),
    ("specialist", "/api/v1/documents/?cursor=nonsense", None),
    ("specialist", "/api/v1/documents/?limit=-1", None),
    ("operator", "/admin/audit?until=9999-12-31&since=0001-01-01", None),
    ("operator", "/api/v1/audit/events?action=%00", None),
    ("operator", "/admin/people?q=%00", None),
    ("school_clerk", "/registers/classes/{class}/attendance?on=9999-12-31", None),
    ("school_clerk", "/api/v1/classes/{class}/marks-template?subject=%22%0d%0a", None),
    ("school_clerk", "/registers/classes/{class}/template?subject=khong-co", None),
    ("clerk", "/api/v1/books/outgoing/99999999999", {"opening_number": 1}),
    ("specialist", "/api/v1/documents/{draft}/comments", {"text": "a\x00b"}),
    ("specialist", "/api/v1/documents/", {"text": {"subject": "a\x00b"}}),
    ("specialist", "/api/v1/documents/", {"due_on": "9999-12-31"}),
    ("operator", "/api/v1/persons", {"login": "abc", "full_name": "a\x00b"}),
    ("specialist", "/api/v1/documents/{draft}/comments", ["not an object"]),
)


@pytest.mark.parametrize(("who", "path", "body"), ODD)
def test_odd_values_are_refused_and_break_nothing(
    house: House, who: str, path: str, body: Any
) -> None:
    somebody = people(house.cast)[who]
    address = path.format_map(house.ids)
    if body is None:
        answer = house.get(somebody, address)
    else:
        method = "PUT" if "/books/" in path else "POST"
        answer = house.ask(somebody, method, address, json=body)

    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_failure_tells_a_reference_and_nothing_else(
    house: House, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug, made by a store that gives back something impossible."""

    class Broken:
        def get(self, _: object) -> bytes:
            raise ZeroDivisionError("secret value wxyz of Nguyễn Văn A")

    monkeypatch.setattr(configured, "_in_use", [Broken()])
    path = f"/documents/{house.ids['draft']}/attachments/{house.ids['attachment']}"
    with capture_logs() as logs:
        answer = house.get(house.cast.specialist, path, headers={"accept": accept})

    assert answer.status_code == 500
    for hidden in ("wxyz", "Nguyễn Văn A", "ZeroDivision", "Traceback", ".py"):
        assert hidden not in answer.text
    assert "wxyz" not in json.dumps(logs)
    assert any(log["event"] == "request.failed" for log in logs)


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with capture_logs() as logs:
        structlog.get_logger().info("begun")
        yield logs


def test_the_log_knows_no_names_words_or_addresses(house: House, logged: list[Any]) -> None:
    cast, ids = house.cast, house.ids
    house.get(cast.specialist, "/search?q=bí mật tìm kiếm")
    house.get(cast.specialist, f"/documents/{ids['draft']}")
    house.client.post("/api/v1/session", json={"login": "director", "password": "một mật khẩu sai"})
    house.ask(
        cast.specialist, "POST", f"/api/v1/documents/{ids['draft']}/comments", json={"text": ""}
    )
    said = json.dumps(logged, ensure_ascii=False, default=str)

    assert "route" in said
    for hidden in (
        "bí mật tìm kiếm",
        "một mật khẩu sai",
        "director",
        cast.specialist.full_name,
        str(ids["draft"]),
        str(cast.specialist.person_id),
        house.session_of(cast.specialist),
    ):
        assert hidden not in said


def test_the_measurements_know_patterns_and_no_addresses(house: House) -> None:
    house.get(house.cast.specialist, f"/documents/{house.ids['draft']}")
    measured = house.client.get("/metrics").text

    assert "{document_id" in measured
    assert str(house.ids["draft"]) not in measured
