"""The data of a pupil's closed report book go out as XML under the school's seal, and what is read
on is what was sealed: a pupil's part wrapped around another's is not taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from lxml import etree
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.registers import extraction
from eoffice.reports import actions, data_sealing
from eoffice.reports.model import ReportPart
from eoffice.signing.sealed_data import views
from eoffice.signing.sealed_data.views import NotFinal, NotTheSeal
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.xades_verification import verify_xml
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.reports import test_batch_signing
from tests.reports.test_batch_signing import School, parts, signed_by

pki = test_batch_signing.pki
school = test_batch_signing.school
T = TypeVar("T")


def seal(part: ReportPart, who: Principal) -> None:
    def within(last: Callable[[Session], T]) -> T:
        with db.transaction(who.acting) as session:
            return last(session)

    data_sealing.seal(part.id, test_pki.PIN, by=who, within=within)


def test_a_closed_part_is_sealed_by_the_clerk_and_stays_one_pupils(
    school: School, store: MemoryStore
) -> None:
    cast = school.cast
    with pytest.raises(NotFinal):
        seal(parts(school)[0], cast.school_clerk)
    signed_by(school, cast.homeroom_teacher)
    signed_by(school, cast.school_principal)
    signed_by(school, cast.school_clerk, "report-seal")
    with db.transaction(cast.school_clerk.acting) as session:
        actions.close(session, "2024-2025", None, by=cast.school_clerk, at=clock.now())
    first, second, _ = parts(school)
    with pytest.raises(NotTheSeal):
        seal(first, cast.homeroom_teacher)
    seal(first, cast.school_clerk)
    seal(second, cast.school_clerk)

    trust = TrustStore.from_directory(school.pki.trust_directory)
    documents = []
    for part in (first, second):
        assert part.content_sha256 is not None
        document = views.content(data_sealing.of(part.id, by=cast.homeroom_teacher))
        found = verify_xml(document, trust=trust, at=clock.now(), online=True)
        assert found.verdict.verdict is Finding.INTACT, found.verdict.reason
        inside = extraction.xml_of(store.get(Sha256.parse(part.content_sha256)))
        assert inside is not None
        assert found.content == etree.tostring(etree.fromstring(inside), method="c14n")
        documents.append(document)

    wrapped = etree.fromstring(documents[0])
    wrapped.insert(0, etree.fromstring(documents[1]))
    mixed = verify_xml(etree.tostring(wrapped), trust=trust, at=clock.now(), online=True)
    assert mixed.verdict.verdict is not Finding.INTACT
    assert mixed.content is None
