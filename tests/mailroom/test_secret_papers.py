"""Secret papers that come in: a book of their own, no file, no way on; and metadata added later.

Luật Bảo vệ bí mật nhà nước; Decree 30/2020, art. 22 and Annex VI: what is in the book can be added
to by the clerk, with the old value beside the new one; number, date and subject stay.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from litestar.testing import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import db
from eoffice.documents.types import Secrecy
from eoffice.objects.memory import MemoryStore
from eoffice.routing import forwarding_actions, outside_rules, rules
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.rules import ArrivalBookKind
from tests.cast import Cast
from tests.mailroom.hands import Browser
from tests.mailroom.test_entering import CIRCULAR

SECRET = {**CIRCULAR, "number": "03", "notation": "CV-BGDĐT", "secrecy": "secret"}
WHY = "Ghi thiếu chức vụ người ký khi vào sổ"


def entered(client: TestClient, cast: Cast, at: datetime, **fields: str) -> Browser:  # type: ignore[type-arg]
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/new")
    done = clerk.send("/incoming/new", **fields)
    assert done.status_code == 303, done.text
    return clerk


def arrivals() -> list[tuple[str, int, str]]:
    with db.system_transaction() as session:
        rows = session.execute(
            select(Arrival.book_kind, Arrival.number, Delivery.secrecy)
            .join(Delivery, Delivery.id == Arrival.delivery_id)
            .order_by(Arrival.registered_at)
        )
        return [(row[0].value, row[1], row[2].value) for row in rows]


def only_arrival() -> Arrival:
    with db.system_transaction() as session:
        row = session.scalars(select(Arrival)).one()
        session.expunge_all()
        return row


@pytest.mark.parametrize("secrecy", list(Secrecy))
def test_each_degree_of_secrecy_is_numbered_in_the_secret_book(secrecy: Secrecy) -> None:
    is_secret = secrecy is not Secrecy.NONE
    assert (rules.arrival_book_of(secrecy) is ArrivalBookKind.SECRET) is is_secret
    assert bool(outside_rules.secret_fault(secrecy, is_paper=False)) is is_secret
    assert not outside_rules.secret_fault(secrecy, is_paper=True)


def test_secret_papers_count_for_themselves(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    clerk = entered(client, cast, at, **CIRCULAR)
    for fields in (SECRET, {**CIRCULAR, "number": "59"}):
        clerk.get("/incoming/new")
        assert clerk.send("/incoming/new", **fields).status_code == 303

    assert arrivals() == [
        ("incoming", 1, "none"),
        ("secret", 1, "secret"),
        ("incoming", 2, "none"),
    ]


def test_a_file_of_a_secret_paper_is_refused_before_it_is_kept(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/new")

    refused = clerk.send(
        "/incoming/new",
        ("file", ("mat.pdf", b"%PDF-1.7", "application/pdf")),
        **SECRET,
    )

    assert refused.status_code == 422
    assert "Văn bản mật chỉ vào sổ" in refused.text
    assert not list(store.stored())
    with db.system_transaction() as session:
        assert session.scalar(select(Delivery.id)) is None


def test_the_secret_book_is_for_the_clerk_and_the_heads(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    clerk = entered(client, cast, at, **SECRET)

    assert "Sổ đăng ký văn bản mật đến năm" in clerk.get("/incoming?kind=secret").text
    assert str(CIRCULAR["subject"]) in clerk.page
    assert str(CIRCULAR["subject"]) not in clerk.get("/incoming").text
    head = Browser(client, cast.high_school_principal, at)
    assert head.get("/incoming?kind=secret").status_code == 200
    teacher = Browser(client, cast.high_school_teacher, at)
    assert teacher.get("/incoming?kind=secret").status_code == 403
    assert teacher.get(f"/incoming/{only_arrival().id}").status_code == 404


def test_a_secret_paper_is_not_passed_on_through_the_office(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    clerk = Browser(client, cast.district_clerk, at)
    clerk.get("/incoming/new")
    assert clerk.send("/incoming/new", **SECRET).status_code == 303
    arrival = only_arrival()
    clerk.get(f"/incoming/{arrival.id}")
    assert clerk.send(f"/incoming/{arrival.id}/submission").status_code == 303

    with (
        pytest.raises(rules.SecretStays),
        db.transaction(cast.district_head.acting) as session,
    ):
        _forward(session, arrival, cast, at)


def _forward(session: Session, arrival: Arrival, cast: Cast, at: datetime) -> None:
    forwarding_actions.forward(
        session,
        arrival.id,
        [cast.school.id],
        instruction="Thực hiện.",
        due_on=None,
        by=cast.district_head,
        at=at,
    )


def test_the_clerk_adds_to_what_is_in_the_book_and_the_old_value_stays(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    clerk = entered(client, cast, at, **CIRCULAR)
    here = f"/incoming/{only_arrival().id}/metadata"
    said = {
        "signer_name": "Nguyễn Vinh Hiển",
        "signer_position": "Thứ trưởng thường trực",
        "to_places": "Các Sở GDĐT",
        "language": "Tiếng Việt",
        "description": "Bản photo",
        "page_count": "23",
    }

    clerk.get(here)
    refused = clerk.send(here, **said)
    assert refused.status_code == 422
    assert 'value="Thứ trưởng thường trực"' in refused.text
    assert clerk.send(here, **said, because=WHY).status_code == 303

    page = clerk.get(here).text
    assert WHY in page
    assert page.count("Thứ trưởng thường trực") == 2
    head = Browser(client, cast.high_school_principal, at)
    shown = head.get(here).text
    assert "Thứ trưởng thường trực" in shown
    assert 'name="because"' not in shown
    with db.system_transaction() as session:
        found = session.scalars(select(Delivery)).one()
        assert (found.signer_position, found.page_count) == ("Thứ trưởng thường trực", 23)
