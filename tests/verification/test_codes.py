"""A code says what may be public of its page, never content; a secret one answers as an unknown."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from eoffice import db
from eoffice.db import new_id, system_transaction
from eoffice.printing.page_code_model import Coded, page_code
from eoffice.signing.verdict import Finding
from eoffice.verification import queries
from eoffice.verification.queries import CodeUnknown, PublicFacts
from tests.archive.room import AT, Room
from tests.archive.shelf import dispatch as dispatch_order
from tests.documents.test_actions import Story
from tests.signing.papers import Dispatch

UNKNOWN = "a" * 26
STRANGER = ""


def story(room: Room, *, state: str = "issued", **facts: str) -> tuple[Story, str]:
    """A document with a number, in this state, and its code."""
    with system_transaction() as session:
        made = Story(session, room.cast, AT)
        session.flush()
        code = code_of(session, made)
        session.execute(
            text(
                "update documents set state = :state, number = 960, notation = 'SGDĐT-VP',"
                " issued_on = '2018-08-13' where id = :id"
            ),
            {"state": state, "id": made.id},
        )
        for column, value in facts.items():
            session.execute(
                text(f"update documents set {column} = :value where id = :id"),  # noqa: S608
                {"value": value, "id": made.id},
            )
    return made, code


def code_of(session: Session, made: Story) -> str:
    agency = made.cast.specialist.agency_id
    given = page_code(session, Coded.DOCUMENT, made.id, agency_id=agency, at=AT)
    return given.address.rpartition("/")[2]


def read(code: str) -> PublicFacts:
    with db.transaction(None) as session:
        return queries.of_code(session, code)


def test_a_thing_has_one_code_and_it_tells_nothing_of_it(room: Room) -> None:
    made, code = story(room)
    with system_transaction() as session:
        again = code_of(session, made)

    assert again == code
    assert made.id.hex[:8] not in code


def test_an_issued_document_shows_number_date_and_agency_and_no_more(room: Room) -> None:
    _, code = story(room)

    found = read(code)
    html = room.page(STRANGER, f"/v/{code}").text

    assert found.kind == "Công văn"
    assert found.number_notation == "960/SGDĐT-VP"
    assert found.finding is None
    assert "960/SGDĐT-VP" in html
    assert "13/08/2018" in html
    assert "Bản lưu chưa được kiểm tra chữ ký" in html
    for word in ("Trích yếu", room.cast.specialist.full_name, room.cast.director.full_name):
        assert word not in html


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({"state": "submitted"}, "chưa được ban hành"),
        ({"state": "numbered"}, "chưa được ban hành"),
        ({"state": "withdrawn"}, "bị thu hồi"),
        ({"circulation": "Lưu hành nội bộ"}, "đã được ký số"),
    ],
)
def test_what_is_not_for_all_has_neither_number_nor_date(
    room: Room, facts: dict[str, str], standing: str
) -> None:
    _, code = story(room, **facts)

    found = read(code)

    assert found.number_notation is None
    assert found.issued_on is None
    assert standing in found.standing


@pytest.mark.parametrize("secrecy", ["confidential", "secret", "top_secret"])
def test_a_code_of_something_secret_answers_exactly_as_an_unknown_one(
    room: Room, secrecy: str
) -> None:
    _, code = story(room, secrecy=secrecy)
    secret, unknown, wrong = (
        room.client.get(f"/api/v1/verifications/codes/{each}") for each in (code, UNKNOWN, "x")
    )
    pages = [room.page(STRANGER, f"/v/{each}") for each in (code, UNKNOWN)]

    assert secret.status_code == unknown.status_code == wrong.status_code == 404
    assert secret.json()["detail"] == unknown.json()["detail"] == wrong.json()["detail"]
    assert secret.json().keys() == unknown.json().keys()
    assert [page.status_code for page in pages] == [404, 404]
    with pytest.raises(CodeUnknown):
        read(code)


def test_the_copy_that_is_kept_is_told_apart_from_others(room: Room, dispatch: Dispatch) -> None:
    made, code = story(room)
    order = dispatch_order(room.cast.department)
    room.take_in(replace(order, source_id=made.id), dispatch.archived, AT)

    said = room.client.get(f"/api/v1/verifications/codes/{code}").json()
    same, other = (
        room.send(
            STRANGER,
            f"/v/{code}",
            {},
            seen_on=f"/v/{code}",
            files={"file": ("giay-to.pdf", content)},
        ).text
        for content in (dispatch.archived, dispatch.archived + b" ")
    )

    assert said["verdict"] == Finding.INTACT.value
    assert "giống hệt" in same
    assert hashlib.sha256(dispatch.archived).hexdigest() in same
    assert "không phải là bản cơ quan đang lưu" in other
    assert "giống hệt" not in other


def test_nobody_reads_the_codes_themselves_without_signing_in(room: Room) -> None:
    story(room)

    with db.transaction(None) as session:
        assert session.execute(text("select * from page_codes")).all() == []


def test_no_agency_gives_a_code_in_the_name_of_another(room: Room) -> None:
    with pytest.raises(Exception, match="row-level security"):
        with db.transaction(room.cast.clerk.acting) as session:
            page_code(session, Coded.REGISTER, new_id(), agency_id=room.cast.school.id, at=AT)
