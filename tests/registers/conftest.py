"""A class of the shared cast: three pupils, all thirteen subjects, in the school's database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from tests.cast import Cast, load_cast
from tests.registers import stage

#: The end of the school year: 2 June 2025, 08:00 in Vietnam.
END_OF_YEAR = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
FIRST_DAY = date(2024, 9, 5)


@pytest.fixture
def at() -> datetime:
    return END_OF_YEAR


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.fixture
def class_id(session: Session, cast: Cast, at: datetime) -> UUID:
    """Opened, without marks."""
    return stage.open_class(session, cast, at)


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    """The office's object store, in memory."""
    made = MemoryStore(lambda: END_OF_YEAR)
    configured.use(made)
    yield made
    configured.use(None)
