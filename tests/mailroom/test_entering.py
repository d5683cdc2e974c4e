"""A clerk registers a paper from outside with all fields of Appendix VI, with or without a file."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import clock, db
from eoffice.demo.pdf import information_sheet
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.outside_rules import Origin
from eoffice.routing.states import DeliveryState
from tests.cast import Cast, sign_in
from tests.mailroom.hands import Browser

CIRCULAR = {
    "sender_name": "Bộ Giáo dục và Đào tạo",
    "type_name": "Thông tư",
    "number": "58",
    "notation": "TT-BGDĐT",
    "issued_on": "2011-12-12",
    "subject": "Quy chế đánh giá, xếp loại học sinh trung học",
    "signer_name": "Nguyễn Vinh Hiển",
    "signer_position": "Thứ trưởng",
    "urgency": "urgent",
    "page_count": "22",
    "language": "Tiếng Việt",
    "to_places": "Các Sở GDĐT",
    "description": "Bản photo",
    "register": "on",
}


def only_delivery() -> Delivery:
    with db.system_transaction() as session:
        row = session.scalars(select(Delivery)).one()
        session.expunge_all()
        return row


def test_the_form_begins_with_today_and_the_last_sender(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    page = clerk.get("/incoming/new").text
    assert f'value="{clock.civil_date(at).isoformat()}"' in page
    assert f'<option value="{cast.department.name}">' in page
    assert clerk.send("/incoming/new", **CIRCULAR).status_code == 303
    assert 'name="sender_name" type="text" value="Bộ Giáo dục và Đào tạo"' in (
        clerk.get("/incoming/new").text
    )


def test_a_paper_without_a_file_gets_its_arrival_number_and_keeps_every_field(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/new")
    done = clerk.send("/incoming/new", **CIRCULAR)

    page = clerk.get(done.headers["location"]).text
    for shown in ("Thông tư 58/TT-BGDĐT", "số đến 1", "Thứ trưởng", "Các Sở GDĐT", "Bản photo"):
        assert shown in page
    row = only_delivery()
    assert (row.origin, row.state, row.page_count) == (Origin.HAND, DeliveryState.REGISTERED, 22)
    assert "58/TT-BGDĐT" in clerk.get("/incoming").text


def test_a_paper_of_yesterday_arrived_yesterday(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    yesterday = clock.civil_date(at) - timedelta(days=1)
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/new")
    clerk.send("/incoming/new", **CIRCULAR, arrived_on=yesterday.isoformat())
    with db.system_transaction() as session:
        assert session.scalars(select(Arrival.arrived_on)).one() == yesterday


def test_the_file_is_kept_as_it_came_verified_and_shown(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    pdf = information_sheet()
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/new")
    done = clerk.send(
        "/incoming/new", ("file", ("công văn.pdf", pdf, "application/pdf")), **CIRCULAR
    )
    row = only_delivery()
    assert row.content_sha256 == str(Sha256.of(pdf))
    assert row.page_count == 1
    page = clerk.get(done.headers["location"]).text
    assert f"/incoming/deliveries/{row.id}/pages/1" in page
    assert "đang được kiểm tra" in page
    assert clerk.get(f"/incoming/deliveries/{row.id}/content").content == pdf


def test_a_second_paper_with_the_triple_is_warned_of_with_a_link_and_can_be_entered_all_the_same(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/new")
    first = clerk.send("/incoming/new", **CIRCULAR).headers["location"]
    clerk.get("/incoming/new")
    warned = clerk.send("/incoming/new", **CIRCULAR | {"number": "058"})

    assert warned.status_code == 409
    assert f'href="{first}"' in warned.text
    assert "Quy chế đánh giá" in warned.text
    again = clerk.send("/incoming/new", **CIRCULAR, not_a_duplicate="on")
    assert again.status_code == 303
    assert f'href="{first}"' in clerk.get(again.headers["location"]).text


def test_what_was_typed_comes_back_with_every_fault(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/new")
    tomorrow = clock.civil_date(at) + timedelta(days=2)
    refused = clerk.send(
        "/incoming/new", **CIRCULAR | {"issued_on": tomorrow.isoformat(), "page_count": "0"}
    )
    assert refused.status_code == 422
    assert "Ngày văn bản không thể sau hôm nay" in refused.text
    assert "Số trang từ 1" in refused.text
    assert "Nguyễn Vinh Hiển" in refused.text


def test_only_the_clerk_enters_papers(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    head = Browser(client, cast.high_school_principal, at)
    assert head.get("/incoming/new").status_code == 403


def test_a_program_enters_a_document_once_with_its_key(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
    work: Callable[[str], int],
) -> None:
    with db.system_transaction() as session:
        cookie = f"session={sign_in(session, cast.high_school_clerk, at)}"
    pdf = information_sheet()
    body = {
        **{key: value for key, value in CIRCULAR.items() if key != "page_count"},
        "register": True,
        "file": {"name": "tt58.pdf", "content": base64.b64encode(pdf).decode()},
    }
    headers = {
        "cookie": cookie,
        "Idempotency-Key": "paper-58",
        "Origin": "http://testserver.local",
    }
    first = client.post("/api/v1/incoming", json=body, headers=headers)
    second = client.post("/api/v1/incoming", json=body, headers=headers)
    assert first.status_code == 201, first.text
    assert second.json() == first.json()
    assert first.json()["arrival_number"] == 1
    delivery_id = UUID(first.json()["delivery_id"])
    found = client.get(
        "/api/v1/incoming/duplicates",
        params={"sender_name": "bộ giáo dục và đào tạo", "number": "58", "notation": "TT-BGDĐT"},
        headers=headers,
    )
    assert [each["delivery_id"] for each in found.json()] == [str(delivery_id)]
    looked = client.get(f"/api/v1/deliveries/{delivery_id}/examination", headers=headers)
    assert looked.json() == {"text_state": "waiting", "verdict": None, "reason": None}
