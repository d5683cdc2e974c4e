"""The archive over HTTP: an inspector finds, reads, verifies and takes away what a decision names,
and every look is on record.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from eoffice import clock
from eoffice.archive import verify_command
from eoffice.archive.states import EntryKind
from eoffice.audit import actions as audit
from eoffice.audit.model import AuditEvent
from eoffice.db import system_transaction
from eoffice.settings import settings
from tests.archive.room import AT, Room, sequence
from tests.archive.shelf import dispatch as dispatch_order
from tests.archive.shelf import gradebook
from tests.signing.papers import Dispatch

API = "/api/v1/archive/entries"
TODAY = clock.civil_date(AT)


def signed_gradebook(room: Room, dispatch: Dispatch) -> UUID:
    """The signed PDF stands for a gradebook: what it says is not the point."""
    entry = room.take_in(gradebook(room.cast.school), dispatch.archived, AT)
    sequence(AT)
    return entry


def decision(room: Room, **changes: Any) -> dict[str, Any]:
    return {
        "decision_number": "125/QĐ-SGDĐT",
        "decided_on": TODAY.isoformat(),
        "title": "Thanh tra việc quản lý hồ sơ, sổ sách",
        "inspector_id": str(room.cast.inspector.person_id),
        "unit_ids": [str(room.cast.school.id)],
        "kinds": ["gradebook"],
        "school_years": ["2024-2025"],
        "valid_from": TODAY.isoformat(),
        "valid_to": (TODAY + timedelta(days=14)).isoformat(),
    } | changes


def opened_to_the_inspector(room: Room) -> str:
    answer = room.post("director", "/api/v1/inspections", decision(room))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def looks(room: Room) -> list[str]:
    with system_transaction() as session:
        return list(
            session.scalars(
                select(AuditEvent.action)
                .where(AuditEvent.person_id == room.cast.inspector.person_id)
                .order_by(AuditEvent.id)
            )
        )


def test_an_inspector_finds_reads_verifies_and_takes_the_proof_away(
    room: Room, dispatch: Dispatch, tmp_path: Path
) -> None:
    entry = signed_gradebook(room, dispatch)
    opened_to_the_inspector(room)

    (line,) = room.get("inspector", API, q="so theo doi 7a1").json()["items"]
    shown = room.get("inspector", f"{API}/{line['id']}").json()
    image = room.get("inspector", f"{API}/{entry}/pages/1.png")
    content = room.get("inspector", f"{API}/{entry}/content")
    said = room.get("inspector", f"{API}/{entry}/verification").json()
    packed = room.get("inspector", f"{API}/{entry}/package")

    assert line["id"] == str(entry)
    assert (shown["level"], shown["verdict"]["verdict"]) == ("B-LTA", "intact")
    assert image.content.startswith(b"\x89PNG")
    assert content.content == dispatch.archived
    assert said["verdict"] == "intact"
    assert said["signatures"][0]["signer"] == "Trần Thanh Liêm"
    file = tmp_path / "package.zip"
    file.write_bytes(packed.content)
    text, code = verify_command.verify_paths(
        [file], trust_dir=settings().trust_directory, at=AT, as_json=False
    )
    assert code == 0, text
    assert looks(room) == [
        "archive.searched",
        "archive.opened",
        "archive.page_viewed",
        "archive.downloaded",
        "archive.verified",
        "archive.packaged",
    ]


def test_what_the_decision_does_not_name_cannot_be_reached_by_its_address(
    room: Room, dispatch: Dispatch
) -> None:
    hidden = room.take_in(gradebook(room.cast.high_school), dispatch.archived, AT)
    opened_to_the_inspector(room)

    for path in ("", "/pages/1.png", "/content", "/verification", "/package"):
        answer = room.get("inspector", f"{API}/{hidden}{path}")
        assert answer.status_code == 404, path
        assert answer.headers["content-type"].startswith("application/problem+json")
    assert room.get("inspector", API, q="so theo doi").json()["items"] == []


def test_the_page_of_another_school_is_unknown(room: Room, dispatch: Dispatch) -> None:
    entry = signed_gradebook(room, dispatch)

    assert room.get("school_clerk", f"{API}/{entry}").status_code == 200
    assert room.get("high_school_principal", f"{API}/{entry}").status_code == 404
    assert room.client.get(f"{API}/{entry}").status_code == 401


def test_a_package_waits_until_the_log_has_the_ingest(room: Room, dispatch: Dispatch) -> None:
    entry = room.take_in(gradebook(room.cast.school), dispatch.archived, AT)

    answer = room.get("school_principal", f"{API}/{entry}/package")

    assert answer.status_code == 503
    assert "thử lại sau ít phút" in answer.json()["detail"]


def test_the_history_of_a_document_goes_into_its_package_with_proofs(
    room: Room, dispatch: Dispatch
) -> None:
    order = dispatch_order(room.cast.department)
    with system_transaction() as session:
        audit.record(
            session,
            "document.begun",
            object_kind="document",
            object_id=order.source_id,
            by=room.cast.specialist,
            at=AT,
        )
    entry = room.take_in(order, dispatch.archived, AT)
    sequence(AT)

    packed = room.get("clerk", f"{API}/{entry}/package").content

    assert b'"document.begun"' in packed
    assert room.cast.specialist.full_name.encode() in packed


def test_an_entry_says_what_took_its_place_and_whose_place_it_took(
    room: Room, dispatch: Dispatch
) -> None:
    first, second = (
        gradebook(room.cast.school, source_id=uuid4(), content_sha256=f"{number:064x}")
        for number in (1, 2)
    )

    def told(action: str, of: UUID, **details: object) -> None:
        with system_transaction() as session:
            by = room.cast.school_principal
            audit.record(
                session, action, object_kind="gradebook", object_id=of, by=by, at=AT,
                details=details,
            )  # fmt: skip

    old = room.take_in(first, dispatch.archived, AT)
    before = room.get("school_principal", f"{API}/{old}").json()
    assert (before["superseded_by"], before["supersedes"]) == (None, None)
    told("gradebook.requested", second.source_id, supersedes_id=first.source_id)
    told("gradebook.supersede", first.source_id, superseded_by=second.source_id)
    waiting = room.get("school_principal", f"{API}/{old}").json()["superseded_by"]
    assert (waiting["source_id"], waiting["entry_id"]) == (str(second.source_id), None)
    new = room.take_in(second, dispatch.archived, AT)

    entries = {
        one: room.get("school_principal", f"{API}/{one}").json() for one in map(str, (old, new))
    }
    assert entries[str(old)]["superseded_by"]["entry_id"] == str(new)
    assert entries[str(new)]["supersedes"]["entry_id"] == str(old)
    assert entries[str(old)]["supersedes"] is entries[str(new)]["superseded_by"] is None
    page = room.page("school_principal", f"/archive/{old}")
    assert "Đã có bản thay thế" in page.text
    assert f'href="/archive/{new}"' in page.text
    assert f'href="/archive/{old}"' in room.page("school_principal", f"/archive/{new}").text


@pytest.mark.parametrize("number", ["0", "2", "x", "-1", "9999999"])
def test_a_page_that_does_not_exist_is_said_to_be_missing(
    room: Room, dispatch: Dispatch, number: str
) -> None:
    entry = signed_gradebook(room, dispatch)

    answer = room.get("school_clerk", f"{API}/{entry}/pages/{number}.png")

    assert answer.status_code == 404


def test_a_list_goes_on_where_it_ended(room: Room, dispatch: Dispatch) -> None:
    for hours in range(3):
        room.take_in(
            gradebook(room.cast.school, source_id=uuid4()),
            dispatch.archived,
            AT + timedelta(hours=hours),
        )

    first = room.get("school_clerk", API, limit=2).json()
    rest = room.get("school_clerk", API, limit=2, cursor=first["next_cursor"]).json()

    assert [len(first["items"]), len(rest["items"])] == [2, 1]
    assert rest["next_cursor"] is None
    foreign = room.get("high_school_clerk", API, cursor=first["next_cursor"])
    assert foreign.status_code == 422


def test_a_search_is_narrowed_by_the_address(room: Room, dispatch: Dispatch) -> None:
    room.take_in(dispatch_order(room.cast.school), dispatch.archived, AT)
    for kind in set(EntryKind) - {EntryKind.DOCUMENT}:
        room.take_in(
            gradebook(room.cast.school, kind=kind, source_id=uuid4()), dispatch.archived, AT
        )

    kinds = {
        kind: [one["kind"] for one in room.get("school_clerk", API, kind=kind).json()["items"]]
        for kind in EntryKind
    }

    assert kinds == {kind: [kind.value] for kind in EntryKind}
    wrong = room.get("school_clerk", API, school_year="2024")
    assert wrong.status_code == 422


def test_a_decision_is_entered_amended_and_ended(room: Room) -> None:
    made = opened_to_the_inspector(room)
    path = f"/api/v1/inspections/{made}"

    amended = room.client.put(
        path,
        headers={"x-login": "operator"},
        json=decision(room, school_years=["2023-2024", "2024-2025"]),
    )
    mine = room.get("inspector", "/api/v1/inspections").json()
    ended = room.post("director", f"{path}/ending")
    again = room.post("director", f"{path}/ending")

    assert amended.json()["school_years"] == ["2023-2024", "2024-2025"]
    assert [(one["id"], one["state"]) for one in mine] == [(made, "running")]
    assert ended.json()["state"] == "over"
    assert again.status_code == 409
    assert room.get("school_principal", path).status_code == 404


def test_who_may_not_decide_is_refused(room: Room) -> None:
    assert room.post("clerk", "/api/v1/inspections", decision(room)).status_code == 403
    faulty = room.post("director", "/api/v1/inspections", decision(room, unit_ids=[]))
    assert faulty.status_code == 422
    assert "unit_ids" in faulty.json()["fields"]


def test_operators_read_the_log_and_others_do_not(room: Room, dispatch: Dispatch) -> None:
    entry = signed_gradebook(room, dispatch)
    opened_to_the_inspector(room)
    room.get("inspector", f"{API}/{entry}")

    assert room.get("director", "/api/v1/audit/events").status_code == 403
    part = room.get("operator", "/api/v1/audit/events", object_id=str(entry)).json()

    assert [one["action"] for one in part["items"]] == ["archive.opened", "archive.ingested"]
    assert part["items"][0]["who"] == f"{room.cast.inspector.full_name}, Thanh tra viên"


def test_the_newest_head_is_for_everybody_and_proves_events(room: Room, dispatch: Dispatch) -> None:
    assert room.client.get("/api/v1/audit/checkpoint").status_code == 404
    signed_gradebook(room, dispatch)

    head = room.client.get("/api/v1/audit/checkpoint")
    (event,) = room.get("operator", "/api/v1/audit/events").json()["items"]
    proof = room.get("operator", f"/api/v1/audit/events/{event['id']}/proof").json()

    assert head.text == proof["checkpoint"]
    assert (proof["index"], proof["size"], proof["path"]) == (0, 1, [])
