"""Recall and issue at an hour survive kill -9 of their process at each step: all or nothing, and
the repetition finishes what was begun, once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from eoffice import clock, db
from eoffice.documents.actions import Recipient
from eoffice.documents.issue import actions as issuing
from eoffice.documents.issue import scheduling
from eoffice.errors import Refusal
from eoffice.outbox import Promise, PromiseState
from eoffice.routing.states import DeliveryState
from eoffice.web.principal import Principal
from tests import killing
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.documents import sealed_papers
from tests.killing import Promised, Work, killed_at_each_step
from tests.routing import stage

#: Everything that a recall or an issue writes.
FACTS = """
select jsonb_build_object(
  'documents', (select jsonb_agg(state order by id) from documents),
  'issuances', (select count(*) from issuances),
  'recipients', (select count(*) from issuance_recipients),
  'schedules', (select jsonb_agg(state) from scheduled_issues),
  'withdrawals', (select count(*) from withdrawals),
  'deliveries', (select jsonb_agg(state order by id) from deliveries),
  'arrivals', (select jsonb_agg(state order by id) from arrivals),
  'recalls', (select count(*) from delivery_recalls),
  'notices', (select count(*) from notices),
  'events', (select count(*) from audit_events),
  'promises', (select jsonb_object_agg(task || ' ' || state, n)
    from (select task, state, count(*) n from outbox group by task, state) as counted))
"""


@dataclass(frozen=True)
class Withdrawing:
    """The request of the director, as the web process does it; refused when it is done."""

    document_id: UUID
    by: Principal
    at: datetime

    def __call__(self) -> None:
        with suppress(Refusal), db.transaction(self.by.acting) as session:
            issuing.withdraw(session, self.document_id, "Sai số liệu.", by=self.by, at=self.at)


@dataclass(frozen=True)
class Scheduling:
    """The request of the clerk; refused when it is done."""

    document_id: UUID
    by: Principal
    at: datetime

    def __call__(self) -> None:
        with suppress(Refusal), db.transaction(self.by.acting) as session:
            due_at = self.at + timedelta(hours=3)
            scheduling.schedule(session, self.document_id, due_at, by=self.by, at=self.at)


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    with db.system_transaction() as session:
        return load_cast(session, at)


def through(work: Work, *, killed: int) -> None:
    """Each death left either what was there before or what the end has, and never half of it.

    From the commit on nothing changes any more, however often the work is repeated.
    """
    before = killing.ask(FACTS)
    *deaths, end = killed_at_each_step(work, facts=FACTS)
    left = [each.facts for each in deaths]
    assert not end.was_killed
    assert len(deaths) >= killed
    assert end.facts != before
    assert end.facts in left, "one death has to lie behind the commit"
    committed = left.index(end.facts)
    assert all(each == before for each in left[:committed])
    assert all(each == end.facts for each in left[committed:])


def promised(task: str) -> list[Promised]:
    """The promises of a task that are still to be kept."""
    module = "eoffice.documents.tasks" if task.startswith("documents.") else "eoffice.routing.tasks"
    with db.system_transaction() as session:
        waiting = select(Promise.id).where(Promise.task == task, Promise.state != PromiseState.KEPT)
        return [Promised(module, task, str(each)) for each in session.scalars(waiting)]


def keep_each(task: str, *, killed: int) -> int:
    """Every promise of the task, its process killed at each of its steps; how many there were."""
    works = promised(task)
    for work in works:
        through(work, killed=killed)
    return len(works)


def test_an_issue_at_an_hour_is_made_once(cast: Cast, at: datetime) -> None:
    with db.system_transaction() as session:
        to = [Recipient(unit_id=cast.district.id), Recipient(unit_id=cast.high_school.id)]
        document_id = sealed_papers.sealed(session, cast, to, at=at)
    through(Scheduling(document_id, cast.clerk, at), killed=8)
    assert killing.ask(FACTS)["schedules"] == ["waiting"]

    assert keep_each("documents.issue_scheduled", killed=15) == 1
    for delivering in promised("routing.deliver"):
        delivering()

    end = killing.ask(FACTS)
    assert end["schedules"] == ["kept"]
    assert (end["issuances"], end["recipients"]) == (1, 2)
    assert end["deliveries"] == ["delivered", "delivered"]


def test_a_recall_takes_every_copy_back_once(cast: Cast, at: datetime) -> None:
    with db.system_transaction() as session:
        units = [cast.high_school, cast.district]
        document_id = stage.issued_by_the_department(session, cast, units, at=at)
        stage.delivered(session, document_id, cast.district, at=at)
        delivery = stage.delivered(session, document_id, cast.high_school, at=at)
        stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
    through(Withdrawing(document_id, cast.director, at), killed=8)
    assert killing.ask(FACTS)["documents"] == ["withdrawn"]

    assert keep_each("routing.recall", killed=4) == 1
    first, second = promised("routing.recall_copy")
    through(first, killed=8)
    second()

    end = killing.ask(FACTS)
    assert end["deliveries"] == 2 * [DeliveryState.RECALLED.value]
    assert end["arrivals"] == ["recalled"]
    assert (end["withdrawals"], end["recalls"]) == (1, 2)
