"""The JSON interface of copies: asked for by the office, listed, cancelled; nobody else's business.

The PIN's way is that of the page, and `test_batch_signing.py` signs with real keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from eoffice.extracts import http
from eoffice.objects.memory import MemoryStore
from tests.conftest import Office
from tests.extracts import test_copies
from tests.extracts.test_copies import Closed

at = test_copies.at
store = test_copies.store


@pytest.fixture
def closed(office: Office, store: MemoryStore, at: datetime) -> Iterator[Closed]:
    with test_copies.of_a_closed_book(at, http.router) as found:
        yield found


def test_a_copy_is_asked_for_listed_and_cancelled(closed: Closed) -> None:
    desk, path = closed.desk, "/register-copies"
    body = {
        "kind": "extract",
        "source_kind": "gradebook",
        "source_id": str(closed.book_id),
        "pupil_id": str(closed.pupil_id),
        "requester": "Bà Lê Thị Tư",
        "purpose": "Xin học bổng",
        "signer_id": str(desk.cast.school_principal.person_id),
    }
    assert desk.post("homeroom_teacher", path, body).status_code == 403
    assert desk.post("school_clerk", path, {**body, "purpose": " "}).status_code == 422
    made = desk.post("school_clerk", path, body, key="a key of this request")
    assert (made.status_code, made.json()["code"]) == (201, "01/TrS-THCSNTMK"), made.text
    again = desk.post("school_clerk", path, body, key="a key of this request")
    assert again.json()["id"] == made.json()["id"]
    here = made.headers["location"].removeprefix("/api/v1")

    assert desk.get("school_clerk", here).json()["pupil_name"] == "Đặng Văn An"
    assert desk.get("school_clerk", f"{here}/content").content.startswith(b"%PDF-")
    assert len(desk.get("school_clerk", path, pupil_id=str(closed.pupil_id)).json()) == 1
    assert desk.get("school_clerk", path, source_id=here[-36:]).json() == []
    (awaited,) = desk.get("school_principal", f"{path}/awaiting").json()
    assert awaited["is_my_turn"]
    assert desk.get("school_clerk", f"{path}/awaiting").json() == []
    assert desk.get("high_school_clerk", here).status_code == 404
    assert desk.get("homeroom_teacher", path).status_code == 403
    signed = desk.post("school_clerk", f"{here}/signatures", {"pin": "246810"})
    assert signed.status_code == 403

    cancelled = desk.post("school_clerk", f"{here}/cancellation", {"reason": "Ghi nhầm"})
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert desk.get("school_principal", f"{path}/awaiting").json() == []
