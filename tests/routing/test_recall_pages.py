"""A recall on its pages: before it at the sender, unreadable and answered at the recipient."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import db
from eoffice.documents.issue import actions as issuing
from eoffice.outbox import Promise
from eoffice.routing import recall_actions
from tests.cast import Cast
from tests.routing import stage
from tests.routing.test_pages import (
    Browser,
    at,
    cast,
    client,
    delivery_to,
    dispatch,
    forget_store,
)

__all__ = ["at", "cast", "client", "dispatch", "forget_store"]

WHY = "Phụ lục kèm theo sai số liệu."


def recalled(cast: Cast, document_id: UUID, *, at: datetime) -> None:
    with db.transaction(cast.director.acting) as session:
        issuing.withdraw(session, document_id, WHY, by=cast.director, at=at)
    with db.system_transaction() as session:
        recall_actions.recall(session, document_id, at=at)
        session.flush()
        for promised in session.scalars(
            select(Promise).where(Promise.task == "routing.recall_copy")
        ):
            recall_actions.recall_copy(session, UUID(promised.payload["delivery_id"]), at=at)


def test_before_a_recall_the_page_says_what_it_will_do(
    client: TestClient[Any], cast: Cast, dispatch: UUID, at: datetime
) -> None:
    shown = Browser(client, cast.director, at).get(f"/documents/{dispatch}/recall").text
    assert "Việc thu hồi không thể hoàn tác." in shown
    assert f'action="/documents/{dispatch}/withdrawal"' in shown
    other = Browser(client, cast.specialist, at).get(f"/documents/{dispatch}/recall").text
    assert f'action="/documents/{dispatch}/withdrawal"' not in other


def test_a_recalled_copy_is_answered_on_its_page_and_the_sender_sees_it(
    client: TestClient[Any], cast: Cast, dispatch: UUID, at: datetime
) -> None:
    with db.system_transaction() as session:
        arrival = stage.registered(session, delivery_to(cast), by=cast.high_school_clerk, at=at)
    clerk = Browser(client, cast.high_school_clerk, at)
    assert WHY not in clerk.get(f"/incoming/{arrival}").text
    recalled(cast, dispatch, at=at)

    path = f"/incoming/deliveries/{delivery_to(cast)}"
    shown = clerk.get(path).text
    assert WHY in shown
    assert "Nội dung không còn xem được." in shown
    assert clerk.get(f"{path}/content").status_code == 409
    assert clerk.get(f"{path}/pages/1").status_code == 409
    assert clerk.get(f"{path}/files/1").status_code == 409
    assert "Nơi gửi đã thu hồi" in clerk.get(f"/incoming/{arrival}").text
    assert WHY in clerk.get("/desk").text

    clerk.get(path)
    blank = clerk.send(f"{path}/recall-answer", step="refuse", reason="")
    assert blank.status_code == 422
    given = clerk.send(f"{path}/recall-answer", step="refuse", reason="Trường đã triển khai.")
    assert given.status_code == 303
    status = Browser(client, cast.specialist, at).get(f"/documents/{dispatch}/recall").text
    assert "Trường đã triển khai." in status
    assert ">16<" in status
    clerk.get(path)
    assert clerk.send(f"{path}/recall-answer", step="agree").status_code == 303
