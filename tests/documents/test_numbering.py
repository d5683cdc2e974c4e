"""Numbering survives every failure of the world: before or after it took effect, at each call.

Whatever dies, the document has one number, the book no gap, and a repetition puts the same number
onto the page.
"""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

import pytest

from eoffice import db
from eoffice.documents import queries
from eoffice.documents.books import numbering
from eoffice.documents.books import queries as book_queries
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.model import VersionKind
from eoffice.documents.queries import DocumentRead
from eoffice.objects import configured
from eoffice.objects.contract import StoreUnavailable
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.printing import pdf_fields
from tests.documents.conftest import Desk
from tests.documents.test_http import signed


class Cut(Exception):
    """The process dies here."""


class Dying(MemoryStore):
    """A store at whose n-th call the connection breaks, before or after the call took effect."""

    def __init__(self, real: MemoryStore, *, call: str, after: bool) -> None:
        self._real, self._call, self._after = real, call, after

    def get(self, name: Sha256) -> bytes:
        if self._call == "get" and not self._after:
            raise StoreUnavailable
        found = self._real.get(name)
        if self._call == "get":
            raise StoreUnavailable
        return found

    def put(self, content: bytes | BinaryIO, media_type: str) -> Sha256:
        if self._call == "put" and not self._after:
            raise StoreUnavailable
        name = self._real.put(content, media_type)
        if self._call == "put":
            raise StoreUnavailable
        return name


def read(desk: Desk, document: str) -> DocumentRead:
    who = desk.cast.clerk
    with db.transaction(who.acting) as session:
        return queries.document(session, UUID(document), who=who)


def take(desk: Desk, document: str, *, cut: str = "") -> None:
    """As the edge does it; `cut` dies before the last transaction, in it, or after its commit."""

    def within(last: object) -> None:
        assert callable(last)
        if cut == "before":
            raise Cut
        with db.transaction(desk.cast.clerk.acting) as session:
            last(session)
            if cut == "in":
                session.flush()
                raise Cut
        if cut == "after":
            raise Cut

    numbering.take_number(UUID(document), by=desk.cast.clerk, within=within)


FAULTS = [
    ("get", False, ""),
    ("get", True, ""),
    ("put", False, ""),
    ("put", True, ""),
    ("", False, "before"),
    ("", False, "in"),
    ("", False, "after"),
]


@pytest.mark.parametrize(("call", "after", "cut"), FAULTS)
def test_a_repetition_repairs_what_was_interrupted(
    desk: Desk, call: str, after: bool, cut: str
) -> None:
    document = signed(desk)
    configured.use(Dying(desk.store, call=call, after=after))
    with pytest.raises((StoreUnavailable, Cut)):
        take(desk, document, cut=cut)
    configured.use(desk.store)
    given = read(desk, document).code
    assert given == "01/SGDĐT-CNTTTBTV"

    take(desk, document)

    found = read(desk, document)
    assert found.code == given
    kinds = [version.kind for version in found.versions]
    assert kinds == [VersionKind.DRAFT, VersionKind.SIGNED, VersionKind.NUMBERED]
    assert found.latest.content_sha256 is not None
    page = desk.store.get(Sha256.parse(found.latest.content_sha256))
    assert pdf_fields.field_values(page)["number_notation"] == given
    assert found.issued_on is not None
    clerk, year = desk.cast.clerk, found.issued_on.year
    with db.transaction(clerk.acting) as session:
        book = book_queries.book(session, who=clerk, kind=BookKind.OUTGOING, year=year)
    assert book.last_number == 1


def test_a_document_that_was_numbered_before_under_the_same_words_is_asked_about_once(
    desk: Desk,
) -> None:
    """A warning with a link to the other one; whoever saw it goes on."""
    first, second = signed(desk), signed(desk)
    path = f"/documents/{second}"
    assert desk.get("clerk", f"/api/v1{path}/twins").json() == []
    desk.post("clerk", f"/api/v1/documents/{first}/number")
    (twin,) = desk.get("clerk", f"/api/v1{path}/twins").json()
    assert twin["document_id"] == first
    # Two that were laid before the signer in the same second are the same file as well.
    assert twin["why"] in ("cùng tệp", "cùng trích yếu và nơi nhận")
    shown = desk.page("clerk", path).text
    assert f'href="/documents/{first}"' in shown

    refused = desk.send("clerk", f"{path}/number", {}, seen_on=path)
    assert refused.status_code == 409
    assert "vẫn cấp số" in refused.text
    assert read(desk, second).code is None

    taken = desk.send("clerk", f"{path}/number", {"confirmed": "on"}, seen_on=path)
    assert taken.status_code == 303
    assert read(desk, second).code is not None


def test_a_seal_can_finish_the_page_too(desk: Desk) -> None:
    document = signed(desk)
    with pytest.raises(Cut):
        take(desk, document, cut="before")

    numbering.finish(UUID(document), by=desk.cast.clerk)
    numbering.finish(UUID(document), by=desk.cast.clerk)

    assert read(desk, document).latest.kind is VersionKind.NUMBERED
