"""A message that came by e-mail is believed when its partner signed it, and not otherwise."""

from __future__ import annotations

import shutil

import pytest

from eoffice import db, outbox
from eoffice.embedded.pki import Pki
from eoffice.exchange import edxml, xml_signature
from eoffice.exchange.states import Direction
from eoffice.settings import settings
from tests import pki as cast
from tests.exchange.house import House, sent_document


def mailed(house: House, content: bytes) -> None:
    """What the mailroom does with such a file, and then what follows; twice, as promises may be."""
    sha256 = house.store.put(content, "application/xml")
    for _ in range(2):
        with db.system_transaction() as session:
            outbox.promise(
                session,
                "exchange.take_mailed",
                at=house.at,
                agency_id=house.cast.department.id,
                content_sha256=str(sha256),
            )
    house.keep_promises()


def signed(content: bytes, pki: Pki) -> bytes:
    with cast.key_store(pki, cast.SEAL).open(cast.PIN) as key:
        return xml_signature.sign(content, key)


def test_a_signed_message_of_a_partner_becomes_one_delivery(house: House, pki: Pki) -> None:
    shutil.copytree(pki.trust_directory, settings().trust_directory, dirs_exist_ok=True)
    mailed(house, signed(edxml.build(sent_document(house)), pki))
    assert len(house.deliveries()) == 1


def test_a_message_without_a_signature_stays_a_file(house: House) -> None:
    mailed(house, edxml.build(sent_document(house)))
    assert house.rows(Direction.IN) == []


@pytest.mark.parametrize("content", [b"", b"<edXML>", b"no xml"])
def test_what_cannot_be_read_stays_a_file(house: House, content: bytes) -> None:
    mailed(house, content)
    assert house.rows(Direction.IN) == []
