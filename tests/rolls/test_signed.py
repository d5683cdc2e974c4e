"""The enrolment register of a year goes its whole way: keeper, principal, seal, and stays whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eoffice import clock, db
from eoffice.embedded.pki import KeyKind, Pki, Subject
from eoffice.objects.memory import MemoryStore
from eoffice.registers import extraction, gradebooks
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.states import State
from eoffice.rolls import enrolment_actions, rules
from eoffice.settings import settings
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests import pki as test_pki
from tests.cast import load_cast
from tests.conftest import Office
from tests.pdfa import assert_pdfa
from tests.registers import stage
from tests.registers.test_signatures import MORNING, SCHOOL, Desk, content, register, sign, view
from tests.registers.test_tasks import run

SIGNERS = ("school-clerk", "school-principal")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    people = [Subject(login, login, SCHOOL, test_pki.PIN, key=KeyKind.P_256) for login in SIGNERS]
    school = Subject("school-seal", SCHOOL, SCHOOL, test_pki.PIN, key=KeyKind.RSA_2048)
    directory = tmp_path_factory.mktemp("school-pki")
    with test_pki.trust_services(directory, *people, school) as served:
        yield served


@pytest.fixture
def desk(
    office: Office, pki: Pki, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """A school whose clerk asked for the enrolment register of the year."""
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", pki.timestamp_url)
    monkeypatch.setenv("EOFFICE_KEYS", str(pki.key_directory))
    monkeypatch.setenv("EOFFICE_TRUST", str(pki.trust_directory))
    settings.cache_clear()
    with test_pki.office_clock(office.var / "clock.json", MORNING):
        with db.system_transaction() as session:
            cast = load_cast(session, MORNING)
            for login, who in zip(SIGNERS, (cast.school_clerk, cast.school_principal), strict=True):
                register(session, pki, login, person_id=who.person_id)
            register(session, pki, "school-seal", unit_id=cast.school.id)
            stage.open_class(session, cast, MORNING)
        clerk = cast.school_clerk
        with db.transaction(clerk.acting) as session:
            enrolment_actions.open_roll(session, 1, "/THCS", by=clerk, at=MORNING)
            enrolment_actions.enter_all(session, by=clerk, at=MORNING)
            year = rules.school_year_of(clock.civil_date(MORNING))
            of = BookOf(BookKind.ENROLMENT_REGISTER, cast.school.id, year)
            asked = gradebooks.ask(session, of, by=clerk, at=MORNING)
        run(asked)
        yield Desk(cast, store, pki, asked)


def test_who_asked_signs_first_then_the_principal_and_the_seal(desk: Desk) -> None:
    cast = desk.cast
    assert view(desk).state is State.AWAITING_KEEPER
    # The clerk signs as who kept the book, and at the end with the school's seal.
    for signer in (cast.school_clerk, cast.school_principal, cast.school_clerk):
        sign(desk, signer)

    assert view(desk).state is State.CLOSED
    pdf = content(desk)
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    found = verify_pdf(pdf, trust=trust, at=clock.now(), online=True)
    assert found.verdict is Finding.INTACT, found.reason
    assert [one.field for one in found.signatures] == ["keeper", "principal", "school_seal"]
    assert extraction.differences(pdf) == ()
    assert_pdfa(pdf, "3b", signed=True)
    read = extraction.read_register(pdf)
    assert read is not None
    assert "Các số đăng bộ trong sổ: 1–3." in " ".join(" ".join(read.pages).split())
