from __future__ import annotations

from collections.abc import Iterator

import pytest

from eoffice.embedded.store import Store
from tests import services
from tests.objects import subjects
from tests.objects.subjects import Subject


@pytest.fixture(scope="session")
def store_server() -> Iterator[Store]:
    with services.object_store_server() as server:
        yield server


@pytest.fixture(scope="session")
def s3_subject(store_server: Store) -> Subject:
    return subjects.over_s3(store_server)


@pytest.fixture(params=["memory", "s3"])
def subject(request: pytest.FixtureRequest) -> Subject:
    if request.param == "memory":
        return subjects.in_memory()
    return request.getfixturevalue("s3_subject")  # type: ignore[no-any-return]
