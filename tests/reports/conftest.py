"""The class of the registers' tests, with its book signed, sealed and closed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.registers.model import Gradebook
from tests.cast import Cast
from tests.registers import conftest, stage

at = conftest.at
cast = conftest.cast
class_id = conftest.class_id
store = conftest.store


@pytest.fixture
def book(session: Session, cast: Cast, class_id: UUID, at: datetime) -> Gradebook:
    """Closed: report books print what it says."""
    made = stage.rendered_book(session, class_id, cast, at)
    stage.sign_all(session, made, cast, at)
    return made
