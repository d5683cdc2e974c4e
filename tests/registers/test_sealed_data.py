"""The XML of a closed book goes out under the school's seal: byte for byte what the sealed PDF
holds, sealed by the clerk once, and read on only as it was sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from litestar.testing import TestClient
from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.objects.sha256 import Sha256
from eoffice.people.authentication import Authentication
from eoffice.registers import data_pages, data_sealing, extraction
from eoffice.settings import settings
from eoffice.signing.keys.contract import WrongPin
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests.states import RequestState
from eoffice.signing.sealed_data import views
from eoffice.signing.sealed_data.actions import SealedAlready
from eoffice.signing.sealed_data.model import SealedXml
from eoffice.signing.sealed_data.views import NotFinal, NotSealed, NotTheSeal
from eoffice.signing.timestamps import TimestampUnavailable
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Level
from eoffice.signing.xades_verification import verify_xml
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.registers import test_signatures
from tests.registers.test_signatures import Desk, content, sign
from tests.routing.test_pages import Browser

pki = test_signatures.pki
desk = test_signatures.desk
NOWHERE = "http://127.0.0.1:9/tsa"
T = TypeVar("T")


@pytest.fixture
def closed(desk: Desk) -> Desk:
    cast = desk.cast
    for who in (*cast.subject_teachers.values(), cast.homeroom_teacher, cast.school_principal):
        sign(desk, who)
    sign(desk, cast.school_clerk)
    return desk


def seal(desk: Desk, who: Principal | None = None, pin: str = test_pki.PIN) -> None:
    by = who or desk.cast.school_clerk

    def within(last: Callable[[Session], T]) -> T:
        with db.transaction(by.acting) as session:
            return last(session)

    data_sealing.seal(desk.gradebook_id, pin, by=by, within=within)


def sealed(desk: Desk, who: Principal) -> bytes:
    return views.content(data_sealing.of(desk.gradebook_id, by=who))


def requests(desk: Desk) -> list[SignatureRequest]:
    with db.system_transaction() as session:
        return list(
            session.scalars(
                select(SignatureRequest)
                .where(SignatureRequest.field == data_sealing.FIELD)
                .order_by(SignatureRequest.requested_at)
            )
        )


def test_the_data_of_a_closed_book_are_sealed_once_and_read_by_who_may_read_the_book(
    closed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = closed.cast
    with pytest.raises(NotSealed):
        sealed(closed, cast.school_principal)
    with pytest.raises(NotTheSeal):
        seal(closed, cast.school_principal)
    with pytest.raises(WrongPin):
        seal(closed, pin="000000")
    assert requests(closed) == []

    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", NOWHERE)
    settings.cache_clear()
    with pytest.raises(TimestampUnavailable):
        seal(closed)
    (failed,) = requests(closed)
    assert failed.state is RequestState.FAILED
    assert failed.failure
    with pytest.raises(NotSealed):
        sealed(closed, cast.school_clerk)

    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", closed.pki.timestamp_url)
    settings.cache_clear()
    seal(closed)
    document = sealed(closed, cast.homeroom_teacher)
    _, made = requests(closed)
    assert made.state is RequestState.SIGNED
    assert made.result_sha256 == str(Sha256.of(document))
    with pytest.raises(SealedAlready):
        seal(closed)

    trust = TrustStore.from_directory(closed.pki.trust_directory)
    # Offline: the word of the authorities came with it.
    found = verify_xml(document, trust=trust, at=clock.now())
    assert found.verdict.verdict is Finding.INTACT, found.verdict.reason
    (signature,) = found.verdict.signatures
    assert signature.level is Level.B_LT
    assert signature.signer == test_signatures.SCHOOL
    assert signature.capacity == "Con dấu của nhà trường"
    inside = extraction.xml_of(content(closed))
    assert inside is not None
    assert found.content == etree.tostring(etree.fromstring(inside), method="c14n")

    changed = verify_xml(document.replace(b"7A1", b"7A2"), trust=trust, at=clock.now(), online=True)
    assert changed.verdict.verdict is Finding.CHANGED
    assert changed.content is None

    with db.transaction(cast.district_head.acting) as session:
        assert session.scalars(select(SealedXml)).all() != []
    with db.transaction(cast.other_district_head.acting) as session:
        assert session.scalars(select(SealedXml)).all() == []


def test_data_of_a_book_that_is_not_closed_are_not_sealed(desk: Desk) -> None:
    with pytest.raises(NotFinal):
        seal(desk)
    assert requests(desk) == []


def test_the_clerk_seals_on_the_page_and_readers_download_there_and_by_program(
    closed: Desk,
) -> None:
    app = application.make(
        [data_pages.pages, data_pages.router],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    path = f"/registers/gradebooks/{closed.gradebook_id}/data"
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        clerk = Browser(client, closed.cast.school_clerk, clock.now())
        reader = Browser(client, closed.cast.school_principal, clock.now())
        assert "Dữ liệu chưa được đóng dấu số" in reader.get(path).text
        assert reader.get(f"{path}/content").status_code == 404
        clerk.get(path)
        refused = clerk.send(path, pin="000000")
        assert "Mã PIN không đúng" in refused.text
        assert clerk.send(path, pin=test_pki.PIN).status_code == 303
        assert "Tải tệp XML" in reader.get(path).text
        found = reader.get(f"{path}/content")
        assert found.headers["content-type"].startswith("application/xml")
        assert b"SignatureTimeStamp" in found.content
        api = f"/api/v1/gradebooks/{closed.gradebook_id}/data"
        assert reader.get(api).content == found.content
