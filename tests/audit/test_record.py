"""What happened is on record in the transaction in which it happened, and stays as it was."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from eoffice.audit import actions
from eoffice.audit.model import ActorKind, AuditEvent
from eoffice.web.principal import Principal
from tests.conftest import web_role

CLERK = Principal(
    person_id=UUID(int=1),
    full_name="Trần Thị Hoa",
    appointment_id=UUID(int=2),
    position_title="Văn thư",
    position_kind="clerk",
    unit_id=UUID(int=3),
    unit_name="Văn phòng Sở",
    agency_id=UUID(int=4),
    agency_name="Sở Giáo dục và Đào tạo tỉnh Đồng Tháp",
    scopes=frozenset(),
    session_id=None,
)


def recorded(session: Session, at: datetime, by: Principal | str = CLERK) -> AuditEvent:
    made = actions.record(
        session,
        "document.numbered",
        object_kind="document",
        object_id=UUID(int=7),
        by=by,
        at=at,
        details={"number": 960, "book_id": UUID(int=9)},
    )
    session.flush()
    return session.get_one(AuditEvent, made)


def test_a_person_is_kept_with_name_position_and_unit_as_they_were(
    session: Session, at: datetime
) -> None:
    event = recorded(session, at)

    assert event.actor_kind is ActorKind.PERSON
    assert (event.actor_name, event.position_title) == ("Trần Thị Hoa", "Văn thư")
    assert (event.person_id, event.unit_id, event.agency_id) == (
        UUID(int=1),
        UUID(int=3),
        UUID(int=4),
    )
    assert event.details == {"number": 960, "book_id": str(UUID(int=9))}


def test_a_process_is_kept_by_its_name(session: Session, at: datetime) -> None:
    event = recorded(session, at, by="worker:routing.deliver")

    assert event.actor_kind is ActorKind.PROCESS
    assert (event.actor_name, event.person_id) == ("worker:routing.deliver", None)


def test_a_fraction_in_the_details_is_a_bug(session: Session, at: datetime) -> None:
    with pytest.raises(TypeError):
        actions.record(
            session,
            "mark.entered",
            object_kind="mark",
            object_id=uuid4(),
            by=CLERK,
            at=at,
            details={"marks": [{"value": 8.5}]},
        )


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_events set action = 'document.withdrawn'",
        "update audit_events set details = '{}', leaf_index = 0, leaf_hash = '\\x00'",
        "delete from audit_events",
        "truncate audit_events cascade",
        "delete from tree_heads",
        "update merkle_nodes set hash = '\\x00'",
    ],
)
def test_not_even_the_owner_of_the_tables_changes_what_is_on_record(
    session: Session, at: datetime, statement: str
) -> None:
    recorded(session, at)
    session.execute(text("insert into tree_heads values (1, '\\x00', now(), 'log', 'note')"))
    session.execute(text("insert into merkle_nodes values (1, 0, '\\x00')"))

    with pytest.raises(ProgrammingError, match="never changed or deleted"):
        session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_events set leaf_index = 0, leaf_hash = '\\x00'",
        "delete from audit_events",
        "insert into tree_heads values (9, '\\x00', now(), 'log', 'note')",
        "insert into merkle_nodes values (9, 0, '\\x00')",
    ],
)
def test_the_web_process_may_add_events_and_nothing_else(
    session: Session, at: datetime, statement: str
) -> None:
    with web_role(session, CLERK):
        recorded(session, at)
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            session.begin_nested(),
        ):
            session.execute(text(statement))
