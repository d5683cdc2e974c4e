"""Clients of the sample office."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

import pytest
from litestar.testing import TestClient
from sqlalchemy import create_engine, text

from eoffice.web.application import Application
from tests.conftest import Office
from tests.web.sample import sample_app

Client: TypeAlias = TestClient[Application]

HEAD = {"x-person": "head"}
TOKEN = {"x-person": "token"}


@pytest.fixture
def client() -> Iterator[Client]:
    """The sample office without a database."""
    with TestClient(sample_app(), raise_server_exceptions=False) as made:
        made.follow_redirects = False
        yield made


@pytest.fixture
def desk(office: Office, client: Client) -> Iterator[Client]:
    """The sample office with a real database and one table of its own."""
    owner = create_engine(office.databases.owner_url)
    with owner.begin() as connection:
        connection.execute(
            text(
                "create table sample_documents (id int generated always as identity, subject text)"
            )
        )
        connection.execute(text("grant select, insert, update on sample_documents to eoffice_app"))
    yield client
    owner.dispose()


def token_of(html: str) -> str:
    """The form token of a rendered page."""
    found = re.search(r'name="_token" value="([^"]+)"', html)
    assert found, "the page has no form"
    return found[1]
