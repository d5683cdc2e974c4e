"""A dispatch of the Sở that lies before the THPT Sen Hồng, whose people the tests play."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.routing import handling
from tests.cast import Cast, load_cast
from tests.routing import stage

DUE_ON = date(2018, 8, 24)


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.fixture
def dispatch(session: Session, cast: Cast, at: datetime) -> UUID:
    """Dispatch 960, issued to two high schools and a district office, due on 24 August."""
    recipients = [cast.high_school, cast.other_high_school, cast.district]
    return stage.issued_by_the_department(session, cast, recipients, at=at, due_on=DUE_ON)


@pytest.fixture
def delivery(session: Session, cast: Cast, dispatch: UUID, at: datetime) -> UUID:
    """Dispatch 960 at the THPT Sen Hồng, not yet opened."""
    return stage.delivered(session, dispatch, cast.high_school, at=at)


@pytest.fixture
def arrival(session: Session, cast: Cast, delivery: UUID, at: datetime) -> UUID:
    """Registered there under number 1."""
    return stage.registered(session, delivery, by=cast.high_school_clerk, at=at)


@pytest.fixture
def submitted(session: Session, cast: Cast, arrival: UUID, at: datetime) -> UUID:
    """Laid before the principal."""
    handling.submit_to_head(session, arrival, by=cast.high_school_clerk, at=at)
    return arrival
