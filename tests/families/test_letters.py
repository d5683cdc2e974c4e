"""Families that left an address get link and code by mail, once; no result stands in the letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from eoffice import clock, db, outbox
from eoffice.classes import actions as classes
from eoffice.classes.particulars import NewGuardian, Relation
from eoffice.families import actions, http, pages, tasks
from eoffice.families.model import FamilySlip
from eoffice.mailing import MailNotSent
from tests import postbox as postboxes
from tests.conftest import Office
from tests.postbox import Postbox
from tests.registers import desk as desks
from tests.registers.desk import Desk


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def postbox(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    with postboxes.opened(monkeypatch) as found:
        yield found


@pytest.fixture
def desk(office: Office, postbox: Postbox, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, pages.pages, http.router) as made:
        yield made


def published(desk: Desk, at: datetime) -> str:
    """The address of a publication whose first pupil has two addresses, and the second one."""
    here = f"/registers{desks.with_class(desk, at, finished=True)}/families"
    answer = desk.send("school_principal", here, {"kind": "year"}, seen_on=here)
    publication = str(answer.headers["location"])
    first, second, _ = slips(publication)
    mother = NewGuardian(Relation.MOTHER, "Lê Thị Sáu", email="sau@vidu.vn")
    father = NewGuardian(Relation.FATHER, "Đặng Văn Bảy", email="bay@vidu.vn")
    other = NewGuardian(Relation.GUARDIAN, "Trần Văn Chín", email="chin@vidu.vn")
    with db.system_transaction() as session:
        for slip, given in ((first, [mother, father]), (second, [other])):
            classes.write_guardians(session, slip.school_id, slip.pupil_id, given)
    return publication


def slips(publication: str) -> list[FamilySlip]:
    with db.system_transaction() as session:
        return list(
            session.scalars(
                select(FamilySlip)
                .where(FamilySlip.publication_id == UUID(publication.rpartition("/")[2]))
                .order_by(FamilySlip.ordinal)
            )
        )


def work() -> None:
    """Keep the promised letters, as the worker would."""
    with db.system_transaction() as session:
        handed = outbox.hand_over(session, at=clock.now())
    for promise_id, task in handed:
        if task != actions.TASK:
            continue
        with db.system_transaction() as session:
            claim = outbox.claim(session, promise_id, at=clock.now())
        assert claim is not None
        tasks.mail(claim, clock.now())


def sent(desk: Desk, publication: str) -> None:
    answer = desk.send("homeroom_teacher", f"{publication}/letters", {}, seen_on=publication)
    assert answer.status_code == 303, answer.text


def test_a_letter_has_link_and_code_and_no_result(
    desk: Desk, postbox: Postbox, at: datetime
) -> None:
    publication = published(desk, at)
    sent(desk, publication)
    work()

    assert [each["to"] for each in postbox.messages] == [
        "sau@vidu.vn",
        "bay@vidu.vn",
        "chin@vidu.vn",
    ]
    body = postbox.messages[0].get_body()
    assert body is not None
    text = body.get_content()
    assert "8,1" not in text
    address = re.search(r"https?://[^\s]+(/results/[^\s]+)", text)
    code = re.search(r"Mã mở trang: (\S+)", text)
    assert address is not None
    assert code is not None
    shown = desk.send("", address[1], {"code": code[1]}, seen_on=address[1])
    assert "Đặng Văn An" in shown.text
    page = desk.page("school_clerk", publication).text
    assert page.count("Đã gửi") == 2
    assert "Không có địa chỉ" in page


def test_whoever_has_the_letter_gets_no_second_one_until_the_slip_is_renewed(
    desk: Desk, postbox: Postbox, at: datetime
) -> None:
    publication = published(desk, at)
    sent(desk, publication)
    work()

    again = desk.send("homeroom_teacher", f"{publication}/letters", {}, seen_on=publication)
    assert again.status_code == 409
    assert len(postbox.messages) == 3

    slip = slips(publication)[1]
    renewal = f"/registers/families/slips/{slip.id}/renewal"
    desk.send("homeroom_teacher", renewal, {}, seen_on=publication)
    sent(desk, publication)
    work()
    assert [each["to"] for each in postbox.messages[3:]] == ["chin@vidu.vn"]


def test_withdrawn_results_are_not_mailed(desk: Desk, postbox: Postbox, at: datetime) -> None:
    publication = published(desk, at)
    sent(desk, publication)
    because = {"because": "Nhà trường sửa điểm"}
    desk.send("school_principal", f"{publication}/withdrawal", because, seen_on=publication)
    work()

    assert postbox.messages == []
    refused = desk.send("homeroom_teacher", f"{publication}/letters", {}, seen_on=publication)
    assert refused.status_code == 409


def test_a_server_that_takes_no_mail_leaves_the_letter_promised(
    desk: Desk, postbox: Postbox, at: datetime
) -> None:
    publication = published(desk, at)
    sent(desk, publication)
    postbox.is_refusing = True
    with pytest.raises(MailNotSent):
        work()

    assert [each.mailed_at for each in slips(publication)] == [None, None, None]
    assert "Chưa gửi" in desk.page("school_clerk", publication).text


def test_others_send_nothing(desk: Desk, postbox: Postbox, at: datetime) -> None:
    publication = published(desk, at)
    answer = desk.send("high_school_teacher", f"{publication}/letters", {}, seen_on="/registers")
    assert answer.status_code in (403, 404)
