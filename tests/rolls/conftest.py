"""The class of the registers' tests, in a school whose enrolment register is open."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.rolls import enrolment_actions
from tests.cast import Cast
from tests.registers.conftest import at, cast, class_id, store

__all__ = ["at", "cast", "class_id", "store"]


@pytest.fixture
def opened(session: Session, cast: Cast, class_id: UUID, at: datetime) -> UUID:
    """The class; the register goes on with number 101."""
    enrolment_actions.open_roll(session, 101, "/THCS", by=cast.school_clerk, at=at)
    return class_id
