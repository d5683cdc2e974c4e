"""Two schools of one office; the first has a class whose pupil moves to the second in January."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import db
from eoffice.classes import actions as class_actions
from eoffice.classes.actions import NewPupil, NewSubject
from eoffice.classes.model import Pupil
from eoffice.classes.movement_actions import NewMovement
from eoffice.classes.movement_rules import MovementKind
from eoffice.embedded.pki import KeyKind, Pki, Subject
from eoffice.marks import movement_actions
from eoffice.objects.memory import MemoryStore
from eoffice.settings import settings
from eoffice.signing import actions as signing
from eoffice.signing.model import KeyStoreKind
from tests import pki as test_pki
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.registers import conftest as registers
from tests.registers import stage

NOW = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
SCHOOL = "Trường THCS Nguyễn Thị Minh Khai"
NEXT = "Trường THPT Sen Hồng"

store = registers.store


@dataclass(frozen=True, slots=True)
class Schools:
    cast: Cast
    store: MemoryStore
    #: Of the first school; has moved out.
    pupil_id: UUID
    #: Of the next school, grade 7 of the same year, where mathematics is taught.
    next_class_id: UUID


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    seal = Subject("school-seal", SCHOOL, SCHOOL, test_pki.PIN, key=KeyKind.RSA_2048)
    directory = tmp_path_factory.mktemp("transfer-pki")
    with test_pki.trust_services(directory, seal) as served:
        yield served


@pytest.fixture
def schools(
    office: Office, pki: Pki, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Schools]:
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", pki.timestamp_url)
    monkeypatch.setenv("EOFFICE_KEYS", str(pki.key_directory))
    monkeypatch.setenv("EOFFICE_TRUST", str(pki.trust_directory))
    settings.cache_clear()
    with test_pki.office_clock(office.var / "clock.json", NOW):
        with db.system_transaction() as session:
            cast = load_cast(session, NOW)
            _register_seal(session, pki, cast.school.id)
            class_id = stage.open_class_of(
                session,
                cast,
                NOW,
                name="7A1",
                pupils=(NewPupil("HS001", "Trần Mỹ Chi", date(2012, 7, 8), "Nữ"), stage.PUPILS[1]),
            )
            stage.bring_in(session, class_id, cast, NOW)
            pupil_id = session.scalars(select(Pupil.id).where(Pupil.code == "HS001")).one()
            movement_actions.record(
                session,
                pupil_id,
                NewMovement(
                    MovementKind.OUT, date(2025, 6, 2), "Chuyển theo gia đình", "15/GT", NEXT
                ),
                by=cast.school_clerk,
                at=NOW,
            )
            next_class_id = class_actions.open_class(
                session,
                name="7B",
                grade=7,
                school_year="2024-2025",
                homeroom_teacher_id=cast.high_school_teacher.person_id,
                taught=[NewSubject("TOAN", cast.high_school_teacher.person_id)],
                pupils=(NewPupil("SH01", "Lê Văn Tám", date(2012, 1, 2), "Nam"),),
                by=cast.high_school_clerk,
                at=NOW,
            )
        yield Schools(cast, store, pupil_id, next_class_id)
    settings.cache_clear()


def _register_seal(session: Session, pki: Pki, unit_id: UUID) -> None:
    content = pki.key_file("school-seal").read_bytes()
    _, certificate, _ = pkcs12.load_key_and_certificates(content, test_pki.PIN.encode())
    assert certificate is not None
    signing.register_key(
        session,
        unit_id=unit_id,
        person_id=None,
        store=KeyStoreKind.PKCS12,
        locator="school-seal.p12",
        certificate=certificate.public_bytes(Encoding.DER),
        by="test",
        at=NOW,
    )
