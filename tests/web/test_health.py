"""Operators see whether the office lives, can work, and how it fares; nobody sees more."""

from __future__ import annotations

from litestar.testing import TestClient
from structlog.testing import capture_logs

from eoffice.web.observe import SECURITY_HEADERS
from tests.web.conftest import HEAD, Client
from tests.web.sample import sample_app


def test_it_is_ready_when_every_probe_passes(client: Client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"database": "ok"})


def test_it_is_not_ready_when_one_fails_and_does_not_say_why_outside() -> None:
    with TestClient(sample_app(ready=False)) as client:
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (503, {"database": "failed"})


def test_requests_are_measured_by_route_and_promises_are_counted(client: Client) -> None:
    client.get("/documents/7", headers=HEAD)

    text = client.get("/metrics").text

    expected = 'eoffice_request_seconds_count{method="GET",route="/documents/7",status="200"} 1.0'
    assert expected in text
    assert 'eoffice_outbox{state="waiting"} 3.0' in text


def test_every_answer_carries_the_security_headers(client: Client) -> None:
    for path in ("/documents", "/nowhere", "/broken", "/api/v1/nowhere"):
        answer = client.get(path, headers=HEAD)
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value, path
        assert answer.headers["x-request-id"]
        assert "strict-transport-security" not in answer.headers


def test_over_https_browsers_are_told_to_stay_there() -> None:
    with TestClient(sample_app(base_url="https://vanphong.example")) as client:
        answer = client.get("/documents", headers=HEAD)

    assert "max-age" in answer.headers["strict-transport-security"]


def test_the_log_names_the_route_and_never_the_address(client: Client) -> None:
    with capture_logs() as logs:
        client.get("/documents?q=Nguyễn+Văn+A", headers=HEAD)

    entry = next(line for line in logs if line["event"] == "request")
    assert (entry["route"], entry["status"]) == ("/documents", 200)
    assert "Nguyễn" not in str(logs)


def test_a_strange_request_id_is_replaced(client: Client) -> None:
    answer = client.get("/healthz", headers={"x-request-id": "a b\tc"})

    assert answer.headers["x-request-id"] != "a b\tc"
