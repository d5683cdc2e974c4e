"""A list is read to its end by cursors that nobody can make or carry to another list."""

from __future__ import annotations

from eoffice.web import paging
from tests.web.conftest import HEAD, Client


def test_following_the_cursors_reads_every_row_once(client: Client) -> None:
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = client.get("/api/v1/documents", params={"cursor": cursor}, headers=HEAD).json()
        seen += [item["id"] for item in answer["items"]]
        cursor = answer["next_cursor"]

    assert seen == [1, 2, 3, 4, 5]


def test_a_forged_cursor_is_refused(client: Client) -> None:
    answer = client.get("/api/v1/documents", params={"cursor": "WyIzIl0.AAAA"}, headers=HEAD)

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/cursor-invalid"


def test_a_page_has_between_one_and_two_hundred_rows() -> None:
    assert [paging.bounded(n) for n in (-1, 0, 50, 1000)] == [1, 1, 50, 200]
