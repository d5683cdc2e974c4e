"""A dispatch of the Sở with a deadline at two high schools, and what becomes of it at one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.routing import handling
from eoffice.routing.rules import Assignee, Role
from tests.cast import Cast, load_cast
from tests.routing import stage

DUE_ON = date(2018, 8, 24)


@dataclass(frozen=True, slots=True)
class Given:
    cast: Cast
    document: UUID
    #: At the first high school, assigned to a teacher.
    arrival: UUID
    #: At the other high school, not opened yet.
    unopened: UUID


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.fixture
def given(session: Session, cast: Cast, at: datetime) -> Given:
    recipients = [cast.high_school, cast.other_high_school]
    document = stage.issued_by_the_department(session, cast, recipients, at=at, due_on=DUE_ON)
    delivery = stage.delivered(session, document, cast.high_school, at=at)
    unopened = stage.delivered(session, document, cast.other_high_school, at=at)
    arrival = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
    handling.submit_to_head(session, arrival, by=cast.high_school_clerk, at=at)
    handling.assign(
        session,
        arrival,
        [Assignee(Role.LEAD, cast.high_school.id, cast.high_school_teacher.person_id)],
        instruction="Lập kế hoạch triển khai trong toàn trường.",
        due_on=None,
        by=cast.high_school_principal,
        at=at,
    )
    return Given(cast, document, arrival, unopened)
