"""The cast, loaded into the session that is rolled back."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.cast import Cast, load_cast


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)
