"""A gradebook is really signed by all its teachers, the principal and the seal, and stays whole.

Database, time-stamp authority, keys and PDF are real; the object store is the one in memory that
passes the same contract as S3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive import verify_command
from eoffice.assessment.marks import Part, Semester
from eoffice.classes.model import Pupil
from eoffice.embedded.pki import KeyKind, Pki, Subject
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.registers import (
    correction_actions,
    extraction,
    gradebook_queries,
    gradebooks,
    signatures,
    tasks,
)
from eoffice.registers.correction_actions import Evidence, Wanted
from eoffice.registers.correction_cells import MarkPlace
from eoffice.registers.gradebooks import NotYourPart
from eoffice.registers.model import Gradebook, GradebookSignature
from eoffice.registers.states import State
from eoffice.settings import settings
from eoffice.signing import actions as signing
from eoffice.signing.keys.contract import WrongPin
from eoffice.signing.model import KeyStoreKind
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.cast import Cast, load_cast
from tests.conftest import Office, owner_transaction
from tests.pdfa import assert_pdfa
from tests.registers import stage
from tests.registers.test_tasks import run

MORNING = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
SCHOOL = "Trường THCS Nguyễn Thị Minh Khai"
SIGNERS = (
    "homeroom-teacher", "teacher-toan", "teacher-nn1", "teacher-gdcd", "teacher-lsdl",
    "teacher-khtn", "teacher-cn", "teacher-tin", "teacher-nn2", "teacher-gdtc", "teacher-nt",
    "teacher-gddp", "teacher-hdtn", "school-principal",
)  # fmt: skip

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """A school whose gradebook waits for its subject teachers."""

    cast: Cast
    store: MemoryStore
    pki: Pki
    gradebook_id: UUID


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
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", pki.timestamp_url)
    monkeypatch.setenv("EOFFICE_KEYS", str(pki.key_directory))
    monkeypatch.setenv("EOFFICE_TRUST", str(pki.trust_directory))
    settings.cache_clear()
    with test_pki.office_clock(office.var / "clock.json", MORNING):
        with db.system_transaction() as session:
            cast = load_cast(session, MORNING)
            for login, teacher in zip(SIGNERS, signers(cast), strict=True):
                register(session, pki, login, person_id=teacher.person_id)
            register(session, pki, "school-seal", unit_id=cast.school.id)
            class_id = stage.open_class(session, cast, MORNING)
            stage.finish_year(session, class_id, cast, MORNING)
            gradebook_id = gradebooks.request(
                session, class_id, by=cast.homeroom_teacher, at=MORNING
            )
        run(gradebook_id)
        yield Desk(cast, store, pki, gradebook_id)


def signers(cast: Cast) -> list[Principal]:
    others = [who for code, who in cast.subject_teachers.items() if code != "VAN"]
    return [cast.homeroom_teacher, *others, cast.school_principal]


def register(
    session: Session,
    pki: Pki,
    label: str,
    *,
    person_id: UUID | None = None,
    unit_id: UUID | None = None,
) -> None:
    content = pki.key_file(label).read_bytes()
    _, certificate, _ = pkcs12.load_key_and_certificates(content, test_pki.PIN.encode())
    assert certificate is not None
    signing.register_key(
        session,
        person_id=person_id,
        unit_id=unit_id,
        store=KeyStoreKind.PKCS12,
        locator=f"{label}.p12",
        certificate=certificate.public_bytes(Encoding.DER),
        by="test",
        at=MORNING,
    )


def sign(desk: Desk, who: Principal, field: str | None = None, pin: str = test_pki.PIN) -> State:
    def within(last: Callable[[Session], T]) -> T:
        with db.transaction(who.acting) as session:
            return last(session)

    return signatures.sign_mine(desk.gradebook_id, field, pin, by=who, within=within)


def view(desk: Desk) -> gradebook_queries.GradebookView:
    with db.transaction(desk.cast.school_clerk.acting) as session:
        return gradebook_queries.gradebook(session, desk.gradebook_id, desk.cast.school_clerk)


def content(desk: Desk) -> bytes:
    sha256 = view(desk).content_sha256
    assert sha256 is not None
    return desk.store.get(Sha256.parse(sha256))


def verdict_of_the_command(
    desk: Desk, pdf: bytes, recheck: Callable[[bytes], tuple[str, ...]]
) -> Finding:
    """What `eoffice verify` says of the file alone, offline."""
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    return verify_command.check(pdf, trust=trust, log=None, at=clock.now(), recheck=recheck).verdict


def test_every_part_is_signed_and_the_whole_book_stays_intact(desk: Desk) -> None:
    for teacher in desk.cast.subject_teachers.values():
        sign(desk, teacher)
    assert sign(desk, desk.cast.homeroom_teacher) is State.AWAITING_PRINCIPAL
    assert sign(desk, desk.cast.school_principal) is State.AWAITING_SEAL
    assert sign(desk, desk.cast.school_clerk) is State.CLOSED

    pdf = content(desk)
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    found = verify_pdf(pdf, trust=trust, at=clock.now(), online=True)
    assert found.verdict is Finding.INTACT, found.reason
    assert [one.verdict for one in found.signatures] == [Finding.INTACT] * 16
    capacities = {one.field: one.capacity for one in found.signatures}
    assert capacities["subject_TOAN"] == "Giáo viên môn Toán học lớp 7A1"
    assert capacities["homeroom"] == "Giáo viên chủ nhiệm lớp 7A1"
    assert capacities["principal"] == "HIỆU TRƯỞNG"
    assert extraction.differences(pdf) == ()
    # Offline it can only be believed once the archive has added the evidence of revocation.
    assert verdict_of_the_command(desk, pdf, extraction.differences) is Finding.UNVERIFIABLE
    assert verdict_of_the_command(desk, pdf, lambda _: ("sổ ghi 9,0.",)) is Finding.INVALID
    assert_pdfa(pdf, "3b", signed=True)
    assert all(one.signed_at is not None for one in view(desk).signatures)


def test_a_corrected_version_is_signed_by_those_concerned_and_both_versions_stay_whole(
    desk: Desk,
) -> None:
    cast = desk.cast
    for who in (*cast.subject_teachers.values(), cast.homeroom_teacher, cast.school_principal):
        sign(desk, who)
    sign(desk, cast.school_clerk)
    old_pdf = content(desk)
    teacher = cast.subject_teachers["TOAN"]
    with db.transaction(teacher.acting) as session:
        pupil_id = session.scalars(select(Pupil.id).where(Pupil.code == "HS002")).one()
        maths = MarkPlace("TOAN", Semester.FIRST, Part.REGULAR, 1)
        cell = Wanted(pupil_id, maths, "9,5")
        shows = Evidence(Sha256.of(b"the test"), "bai-kiem-tra.pdf", "application/pdf")
        request_id = correction_actions.request(
            session, desk.gradebook_id, cell, "Cộng nhầm.", shows, by=teacher, at=clock.now()
        )
    with db.transaction(cast.school_principal.acting) as session:
        new_id = correction_actions.approve(
            session, [request_id], "", by=cast.school_principal, at=clock.now()
        )
    run(new_id)
    new = replace(desk, gradebook_id=new_id)

    assert sign(new, teacher) is State.AWAITING_HOMEROOM
    sign(new, cast.homeroom_teacher)
    sign(new, cast.school_principal)
    assert sign(new, cast.school_clerk) is State.CLOSED
    assert view(desk).state is State.SUPERSEDED

    trust = TrustStore.from_directory(desk.pki.trust_directory)
    for pdf, fields in ((old_pdf, 16), (content(new), 4)):
        found = verify_pdf(pdf, trust=trust, at=clock.now(), online=True)
        assert found.verdict is Finding.INTACT, found.reason
        assert [one.verdict for one in found.signatures] == [Finding.INTACT] * fields
        assert extraction.differences(pdf) == ()
    assert content(desk) == old_pdf


def test_a_wrong_pin_signs_nothing(desk: Desk) -> None:
    before = content(desk)

    with pytest.raises(WrongPin):
        sign(desk, desk.cast.subject_teachers["TOAN"], pin="000000")

    assert content(desk) == before


def test_who_has_nothing_to_sign_is_told_so(desk: Desk) -> None:
    with pytest.raises(NotYourPart):
        sign(desk, desk.cast.school_principal)
    with pytest.raises(NotYourPart):
        sign(desk, desk.cast.subject_teachers["TOAN"], "subject_VAN")


def test_a_teacher_of_two_subjects_signs_both_with_one_pin(desk: Desk) -> None:
    """The second subject was given to the teacher before the book was made."""
    with owner_transaction() as session:
        book = session.get_one(Gradebook, desk.gradebook_id)
        place = session.get_one(GradebookSignature, (book.id, "subject_GDCD"))
        place.signer_id = desk.cast.subject_teachers["TOAN"].person_id

    sign(desk, desk.cast.subject_teachers["TOAN"])

    signed = {one.field for one in view(desk).signatures if one.signed_at is not None}
    assert signed == {"subject_TOAN", "subject_GDCD"}


def test_the_task_that_runs_again_after_signatures_leaves_them(desk: Desk) -> None:
    sign(desk, desk.cast.subject_teachers["TOAN"])
    signed = content(desk)

    run(desk.gradebook_id)

    assert content(desk) == signed
    assert tasks.WORKER == "worker:registers.render"
    assert configured.store() is desk.store
