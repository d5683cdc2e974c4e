"""Handling, points and receipts used through pages and by programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import clock, db
from eoffice.documents import actions as documents
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.people.model import UnitSuccession
from eoffice.routing import handling, receipts
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.rules import Assignee, Role
from eoffice.routing.states import ArrivalState
from eoffice.routing.work_model import DeadlineMove, DeliveryPoint, Forwarding, ReminderRule
from eoffice.web import application
from tests.cast import Cast, sign_in
from tests.routing import stage
from tests.routing.test_pages import Browser, at, cast, client, dispatch, forget_store
from tests.routing.test_receipts import SIGNER

__all__ = ("at", "cast", "client", "dispatch", "forget_store")
Client = TestClient[application.Application]


@pytest.fixture
def assigned(cast: Cast, dispatch: UUID, at: datetime) -> UUID:
    """Dispatch 960 at the THPT Sen Hồng, led by a teacher."""
    with db.system_transaction() as session:
        delivery = session.scalars(
            select(Delivery.id).where(Delivery.recipient_unit_id == cast.high_school.id)
        ).one()
        arrival = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
        handling.submit_to_head(session, arrival, by=cast.high_school_clerk, at=at)
        handling.assign(
            session,
            arrival,
            [Assignee(Role.LEAD, cast.high_school.id, cast.high_school_teacher.person_id)],
            instruction="Thực hiện.",
            due_on=None,
            by=cast.high_school_principal,
            at=at,
        )
    return arrival


def test_the_head_moves_the_deadline_by_form_and_nothing_typed_is_lost(
    client: Client, cast: Cast, assigned: UUID, at: datetime
) -> None:
    head = Browser(client, cast.high_school_principal, at)
    path = f"/incoming/{assigned}"
    wanted = clock.civil_date(at) + timedelta(days=3)
    head.get(path)
    refused = head.send(f"{path}/deadline", moved_to=wanted.isoformat(), move_reason=" ")
    assert refused.status_code == 422
    assert wanted.isoformat() in refused.text

    moved = head.send(f"{path}/deadline", moved_to=wanted.isoformat(), move_reason="Cần sớm.")

    assert moved.status_code == 303
    with db.system_transaction() as session:
        assert session.scalars(select(DeadlineMove.to_on)).one() == wanted
    assert "Cần sớm." in head.get(path).text


def test_the_lead_ends_without_an_answer_and_prints_the_slip(
    client: Client, cast: Cast, assigned: UUID, at: datetime
) -> None:
    teacher = Browser(client, cast.high_school_teacher, at)
    path = f"/incoming/{assigned}"
    teacher.get(path)
    ended = teacher.send(f"{path}/unanswered-completion", unanswered_reason="Chỉ để thực hiện.")

    assert ended.status_code == 303
    with db.system_transaction() as session:
        assert session.get_one(Arrival, assigned).state is ArrivalState.DONE
    assert "Phiếu giải quyết văn bản đến" in teacher.get(f"{path}/slip").text
    printed = teacher.get(f"{path}/slip.pdf")
    assert printed.content.startswith(b"%PDF")


def test_a_phong_passes_on_to_its_schools_by_form(
    client: Client, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    with db.system_transaction() as session:
        document = stage.issued_by_the_department(session, cast, [cast.district], at=at, number=970)
        delivery = stage.delivered(session, document, cast.district, at=at)
        arrival = stage.registered(session, delivery, by=cast.district_clerk, at=at)
        handling.submit_to_head(session, arrival, by=cast.district_clerk, at=at)
    head = Browser(client, cast.district_head, at)
    path = f"/incoming/{arrival}/forwardings"
    head.get(path)
    assert head.send(path, units="all").status_code == 422

    sent = head.send(path, units="all", covering_instruction="Các trường thực hiện.")

    assert sent.status_code == 303
    with db.system_transaction() as session:
        assert session.scalars(select(Forwarding.instruction)).one() == "Các trường thực hiện."
    assert cast.school.name in head.get(path).text


def test_a_successor_takes_over_by_program(
    client: Client, cast: Cast, assigned: UUID, at: datetime
) -> None:
    with db.system_transaction() as session:
        session.add(
            UnitSuccession(
                predecessor_id=cast.high_school.id,
                successor_id=cast.other_high_school.id,
                since=clock.civil_date(at),
            )
        )
        token = sign_in(session, cast.other_high_school_clerk, at)
    headers = {"authorization": f"Bearer {token}"}
    (left,) = client.get("/api/v1/arrivals/inherited", headers=headers).json()
    assert left["arrival_id"] == str(assigned)

    taken = client.post(f"/api/v1/arrivals/{assigned}/take-over", headers=headers)

    assert taken.status_code == 200, taken.text
    assert taken.json()["state"] == "submitted"
    assert client.get("/api/v1/arrivals/inherited", headers=headers).json() == []


def test_points_are_stated_reported_and_followed_by_form(
    client: Client, cast: Cast, at: datetime, dispatch: UUID
) -> None:
    with db.system_transaction() as session:
        document = documents.begin(
            session,
            DocumentType.DISPATCH,
            DispatchText(subject="khai giảng"),
            by=cast.specialist,
            at=at,
        )
    writer = Browser(client, cast.specialist, at)
    points = f"/documents/{document}/points"
    writer.get(points)
    assert writer.send(points, text=" ").status_code == 422
    assert writer.send(points, text="Báo cáo số học sinh.").status_code == 303
    writer.get(points)
    assert writer.send(points, text="Thừa.").status_code == 303
    writer.get(points)
    assert writer.send(f"{points}/2/removal").status_code == 303
    with db.system_transaction() as session:
        stage.issue(
            session,
            document,
            [cast.high_school.id],
            number=971,
            notation="SGDĐT",
            signer=cast.director,
            at=at,
        )
        delivery = stage.delivered(session, document, cast.high_school, at=at)
        arrival = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
        point = session.scalars(select(DeliveryPoint.id)).one()
    school = Browser(client, cast.high_school_clerk, at)
    path = f"/incoming/{arrival}"
    school.get(path)
    assert school.send(f"{path}/points/{point}/beginning").status_code == 303
    school.get(path)
    assert school.send(f"{path}/points/{point}/report", report="412 em.").status_code == 303

    assert "412 em." in writer.get(points).text
    assert "Đã thực hiện" in writer.get(f"/documents/{document}/map").text
    assert "Báo cáo số học sinh." in writer.get("/documents/progress").text
    assert writer.get("/documents/progress?format=pdf").content.startswith(b"%PDF")
    assert writer.get("/documents/progress?format=xlsx").content.startswith(b"PK")


def test_rules_of_reminding_are_kept_by_form(
    client: Client, cast: Cast, at: datetime, dispatch: UUID
) -> None:
    writer = Browser(client, cast.specialist, at)
    path = "/documents/reminders"
    writer.get(path)
    assert writer.send(path, days="99", side="before").status_code == 422
    writer.get(path)
    assert writer.send(path, days="2", side="before").status_code == 303
    with db.system_transaction() as session:
        assert session.scalars(select(ReminderRule.working_days)).one() == -2
    assert "2 ngày làm việc trước hạn" in writer.get(path).text
    assert writer.send(f"{path}/removal", working_days="-2").status_code == 303


def test_a_receipt_is_downloaded_by_both_sides_once_it_is_signed(
    client: Client, cast: Cast, assigned: UUID, at: datetime
) -> None:
    with db.system_transaction() as session:
        delivery = session.get_one(Arrival, assigned).delivery_id
    path = f"/deliveries/{delivery}/receipt"
    clerk, writer = (
        Browser(client, cast.high_school_clerk, at),
        Browser(client, cast.specialist, at),
    )
    assert clerk.get(path).status_code == 404
    with db.system_transaction() as session:
        body = receipts.prepare(session, delivery, at=at)
        assert body is not None
        receipts.conclude(session, delivery, receipts.sign(body, SIGNER), at=at)

    assert clerk.get(path).json()["type"] == "eoffice-receipt-1"
    assert writer.get(path).content == clerk.get(f"/api/v1{path}").content
