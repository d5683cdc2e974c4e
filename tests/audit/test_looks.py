"""Who read a document is on record: once in half an hour, every file that was taken, for the
agency's own eyes, and for good."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from eoffice.audit import looks, queries
from eoffice.audit.looks import Thing, Way
from eoffice.audit.model import AuditEvent
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.conftest import web_role

DOCUMENT = UUID(int=7)


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


def look(
    session: Session, by: Principal, at: datetime, way: Way = Way.VIEWED, thing: UUID = DOCUMENT
) -> None:
    looks.look(session, Thing.DOCUMENT, thing, way, by=by, at=at)
    session.flush()


def shown(session: Session) -> list[str]:
    found = looks.looks(session, Thing.DOCUMENT, DOCUMENT, limit=50)
    return [f"{event.who}: {event.action}" for event in found]


def test_a_page_that_is_loaded_again_is_the_same_look(
    session: Session, cast: Cast, at: datetime
) -> None:
    look(session, cast.clerk, at)
    look(session, cast.clerk, at + timedelta(minutes=29))
    assert len(shown(session)) == 1

    look(session, cast.clerk, at + timedelta(minutes=30))
    assert len(shown(session)) == 2


def test_another_person_another_position_and_another_document_are_other_looks(
    session: Session, cast: Cast, at: datetime
) -> None:
    look(session, cast.clerk, at)
    look(session, cast.director, at)
    look(session, replace(cast.clerk, appointment_id=UUID(int=5)), at)
    look(session, cast.clerk, at, thing=UUID(int=8))

    assert len(shown(session)) == 3


@pytest.mark.parametrize("way", [Way.DOWNLOADED, Way.PRINTED])
def test_every_file_that_leaves_is_on_record(
    session: Session, cast: Cast, at: datetime, way: Way
) -> None:
    look(session, cast.clerk, at, way)
    look(session, cast.clerk, at, way)

    assert len(shown(session)) == 2


def test_a_look_says_who_in_which_position_and_when_and_nothing_of_the_machine(
    session: Session, cast: Cast, at: datetime
) -> None:
    look(session, cast.clerk, at)
    (found,) = looks.looks(session, Thing.DOCUMENT, DOCUMENT, limit=50)

    assert found.who == f"{cast.clerk.full_name}, {cast.clerk.position_title}"
    assert (found.unit_name, found.at) == (cast.clerk.unit_name, at)
    assert found.details == {}


def test_the_newest_stands_first_and_a_list_goes_on_where_it_ended(
    session: Session, cast: Cast, at: datetime
) -> None:
    for minutes in range(0, 200, 40):
        look(session, cast.clerk, at + timedelta(minutes=minutes))
    first = looks.looks(session, Thing.DOCUMENT, DOCUMENT, limit=2)
    rest = looks.looks(
        session, Thing.DOCUMENT, DOCUMENT, after=(first[-1].at, first[-1].id), limit=9
    )

    times = [each.at for each in (*first, *rest)]
    assert times == sorted(times, reverse=True)
    assert len(times) == 5


def test_looks_are_no_part_of_what_happened_to_a_document(
    session: Session, cast: Cast, at: datetime
) -> None:
    look(session, cast.clerk, at)
    assert queries.history(session, "document", DOCUMENT) == []


def test_another_agency_sees_none_of_them_whatever_it_asks(
    session: Session, cast: Cast, at: datetime
) -> None:
    look(session, cast.clerk, at)
    with web_role(session, cast.clerk):
        assert len(shown(session)) == 1
    with web_role(session, cast.high_school_clerk):
        assert shown(session) == []
        counted = select(func.count()).where(AuditEvent.object_id == DOCUMENT)
        assert session.scalar(counted) == 0
    with web_role(session, None):
        assert shown(session) == []


def test_the_agency_above_reads_the_log_of_those_below(
    session: Session, cast: Cast, at: datetime
) -> None:
    look(session, cast.high_school_clerk, at)
    with web_role(session, cast.director):
        assert len(shown(session)) == 1


@pytest.mark.parametrize(
    "change", ["delete from audit_events", "update audit_events set action = 'document.signed'"]
)
def test_nobody_takes_a_look_back(session: Session, cast: Cast, at: datetime, change: str) -> None:
    look(session, cast.clerk, at)
    with (
        web_role(session, cast.clerk),
        pytest.raises(ProgrammingError),
        session.begin_nested(),
    ):
        session.execute(text(change))


def test_the_database_knows_the_looks_that_the_office_knows(session: Session) -> None:
    for action in looks.ACTIONS:
        assert session.scalar(select(func.is_look(action)))
    assert not session.scalar(select(func.is_look("document.issued")))
    # Looks of inspectors are shown to those who are inspected.
    assert not session.scalar(select(func.is_look("archive.opened")))


def test_a_list_of_looks_can_be_read_from_an_index_of_its_own(session: Session) -> None:
    # Which index is the cheapest depends on how full the table is; that this one can serve the
    # question does not, and is asked when no other way is left.
    others = session.scalars(
        text(
            "select i.indexrelid::regclass::text from pg_index i"
            " where i.indrelid = 'audit_events'::regclass and not i.indisunique"
            " and i.indexrelid <> 'ix_audit_events_looks'::regclass"
        )
    ).all()
    for name in others:
        session.execute(text(f"drop index {name}"))
    session.execute(text("set local enable_seqscan = off"))
    plan = session.execute(
        text(
            "explain select * from audit_events where object_id = gen_random_uuid()"
            " and is_look(action) order by at desc, id desc limit 50"
        )
    ).scalars()
    assert "ix_audit_events_looks" in "\n".join(plan)
