"""A dispatch is signed, numbered and sealed in the order that never changes, whatever fails.

Database, time-stamp authority, key files and PDF are real; the object store is the one in memory
that passes the same contract as S3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import actions, queries
from eoffice.documents.actions import Recipient
from eoffice.documents.books import numbering
from eoffice.documents.books import numbers as books
from eoffice.documents.drafts import drafting
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.form import text as texts
from eoffice.documents.issue import actions as issuing
from eoffice.documents.model import VersionKind
from eoffice.documents.states import State, StepRefused
from eoffice.documents.types import DocumentType
from eoffice.embedded.pki import Pki
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.settings import settings
from eoffice.signing import actions as signing
from eoffice.signing import dispatches
from eoffice.signing.actions import KeyLocked, NoKey
from eoffice.signing.competence import SignerDiffers
from eoffice.signing.keys.contract import WrongPin
from eoffice.signing.model import KeyStoreKind, SignatureRequest, SigningKey
from eoffice.signing.requests.states import RequestState
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.cast import Cast, load_cast
from tests.conftest import Office

MORNING = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
TEXT = texts.DispatchText(
    subject="thực hiện chương trình Vnedu ở các trường phổ thông",
    addressees=("Trưởng phòng Phòng GDĐT huyện, thị xã, thành phố",),
    paragraphs=("Sở Giáo dục và Đào tạo yêu cầu các đơn vị thực hiện./.",),
    recipients=("Như trên",),
    filing="VT, VH",
    copies="07b",
    signer_title="Giám đốc",
    signer_name="Trần Thanh Liêm",
)


@dataclass(frozen=True, slots=True)
class Desk:
    """An office in which a document waits for the director."""

    cast: Cast
    store: MemoryStore
    pki: Pki
    document_id: UUID


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with test_pki.trust_services(tmp_path_factory.mktemp("pki")) as served:
        yield served


@pytest.fixture
def desk(office: Office, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", pki.timestamp_url)
    monkeypatch.setenv("EOFFICE_KEYS", str(pki.key_directory))
    monkeypatch.setenv("EOFFICE_TRUST", str(pki.trust_directory))
    settings.cache_clear()
    store = MemoryStore(clock.now)
    configured.use(store)
    with test_pki.office_clock(office.var / "clock.json", MORNING):
        with db.system_transaction() as session:
            cast = load_cast(session, MORNING)
            register(session, pki, "director", person_id=cast.director.person_id)
            register(session, pki, "seal", unit_id=cast.department.id)
            books.open_book(
                session, cast.department.id, year=2018, opening_number=959, by="test", at=MORNING
            )
        yield Desk(cast, store, pki, awaiting_signature(cast))
    configured.use(None)


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


def awaiting_signature(cast: Cast) -> UUID:
    document_id = begun(cast)
    handed_on(cast, document_id)
    return document_id


def begun(cast: Cast) -> UUID:
    with db.transaction(cast.specialist.acting) as session:
        document_id = actions.begin(
            session, DocumentType.DISPATCH, TEXT, by=cast.specialist, at=MORNING
        )
        actions.choose_recipients(
            session,
            document_id,
            [Recipient(group_code="district_offices")],
            by=cast.specialist,
            at=MORNING,
        )
    return document_id


def handed_on(cast: Cast, document_id: UUID) -> None:
    """Submitted, approved and checked: it awaits its signature."""
    drafting.submit(document_id, by=cast.specialist, within=in_transaction(cast.specialist))
    with db.transaction(cast.office_head.acting) as session:
        flow_actions.approve(session, document_id, by=cast.office_head, at=MORNING)
    drafting.pass_form(document_id, by=cast.clerk, within=in_transaction(cast.clerk))


def in_transaction(who: Principal):  # type: ignore[no-untyped-def]
    def within(last):  # type: ignore[no-untyped-def]
        with db.transaction(who.acting) as session:
            return last(session)

    return within


def sign(desk: Desk, pin: str = test_pki.PIN) -> None:
    director = desk.cast.director
    dispatches.sign(desk.document_id, pin, by=director, within=in_transaction(director))


def number(desk: Desk) -> str | None:
    clerk = desk.cast.clerk
    numbering.take_number(desk.document_id, by=clerk, within=in_transaction(clerk))
    return document(desk).code


def seal(desk: Desk) -> None:
    clerk = desk.cast.clerk
    dispatches.seal(desk.document_id, test_pki.PIN, by=clerk, within=in_transaction(clerk))


def document(desk: Desk) -> queries.DocumentRead:
    with db.transaction(desk.cast.clerk.acting) as session:
        return queries.document(session, desk.document_id, who=desk.cast.clerk)


def content(desk: Desk) -> bytes:
    sha256 = document(desk).latest.content_sha256
    assert sha256 is not None
    return desk.store.get(Sha256.parse(sha256))


def requests(desk: Desk) -> list[RequestState]:
    with db.system_transaction() as session:
        return list(
            session.scalars(select(SignatureRequest.state).order_by(SignatureRequest.requested_at))
        )


def test_signed_first_numbered_after_and_everything_still_valid(desk: Desk) -> None:
    sign(desk)
    assert number(desk) == "960/SGDĐT-CNTTTBTV"
    seal(desk)

    found = document(desk)
    kinds = [version.kind for version in found.versions]
    assert kinds == [
        VersionKind.DRAFT,
        VersionKind.SIGNED,
        VersionKind.NUMBERED,
        VersionKind.SEALED,
    ]
    assert found.state is State.SEALED
    assert str(found.issued_on) == "2018-08-13"
    trust = TrustStore.from_directory(desk.pki.trust_directory)
    verdict = verify_pdf(content(desk), trust=trust, at=clock.now(), online=True)
    assert [each.verdict for each in verdict.signatures] == [Finding.INTACT, Finding.INTACT]
    assert verdict.verdict is Finding.INTACT, verdict.reason
    assert requests(desk) == [RequestState.SIGNED, RequestState.SIGNED]


def test_issue_promises_the_delivery_to_all_recipients_and_the_archiving(desk: Desk) -> None:
    sign(desk)
    number(desk)
    seal(desk)
    with db.transaction(desk.cast.clerk.acting) as session:
        count = issuing.issue(session, desk.document_id, by=desk.cast.clerk, at=MORNING)

    with db.system_transaction() as session:
        tasks = list(session.scalars(select(Promise.task).order_by(Promise.task)))
    assert count == 2
    assert tasks == ["archive.ingest", "routing.deliver"]


def test_a_wrong_pin_signs_nothing_and_is_counted(desk: Desk) -> None:
    with pytest.raises(WrongPin, match="Còn 4 lần thử"):
        sign(desk, "000000")

    assert document(desk).state is State.AWAITING_SIGNATURE
    assert requests(desk) == []


def test_the_key_is_locked_after_five_wrong_pins_even_for_the_right_one(desk: Desk) -> None:
    for _ in range(signing.MOST_WRONG_PINS):
        with pytest.raises(WrongPin):
            sign(desk, "000000")
    with pytest.raises(KeyLocked):
        sign(desk)


def test_a_signature_whose_record_was_lost_is_recorded_by_the_repetition(desk: Desk) -> None:
    class Died(Exception):
        pass

    def die(_: object) -> None:
        raise Died

    with pytest.raises(Died):
        dispatches.sign(desk.document_id, test_pki.PIN, by=desk.cast.director, within=die)
    assert requests(desk) == [RequestState.VALUED]

    sign(desk)
    assert requests(desk) == [RequestState.SIGNED]
    assert document(desk).state is State.SIGNED


def test_numbering_that_died_before_the_page_was_filled_keeps_its_number(desk: Desk) -> None:
    sign(desk)
    with db.transaction(desk.cast.clerk.acting) as session:
        taken = actions.take_number(session, desk.document_id, by=desk.cast.clerk, at=MORNING)
    assert document(desk).latest.kind is VersionKind.SIGNED

    assert number(desk) == taken
    assert document(desk).latest.kind is VersionKind.NUMBERED


def test_the_seal_fills_in_a_number_that_is_missing_on_the_page(desk: Desk) -> None:
    sign(desk)
    with db.transaction(desk.cast.clerk.acting) as session:
        actions.take_number(session, desk.document_id, by=desk.cast.clerk, at=MORNING)
    seal(desk)
    assert document(desk).state is State.SEALED


def test_somebody_whom_the_page_does_not_name_cannot_sign(desk: Desk) -> None:
    deputy = desk.cast.deputy_director
    with pytest.raises(SignerDiffers, match="Trần Thanh Liêm"):
        dispatches.sign(desk.document_id, test_pki.PIN, by=deputy, within=in_transaction(deputy))


def test_somebody_without_a_key_is_told_so(desk: Desk) -> None:
    with db.system_transaction() as session:
        key = session.scalars(
            select(SigningKey).where(SigningKey.holder_person_id == desk.cast.director.person_id)
        ).one()
        key.retired_at = MORNING
    with pytest.raises(NoKey, match="quản trị viên"):
        sign(desk)


def test_the_pin_stands_nowhere_in_the_database(desk: Desk, office: Office) -> None:
    sign(desk)
    with db.system_transaction() as session:
        rows = session.execute(select(SignatureRequest.capacity, SignatureRequest.failure)).all()
        audit = session.connection().exec_driver_sql("select details::text from audit_events")
        assert test_pki.PIN not in str(rows) + str(audit.all())


def test_two_versions_cannot_both_come_out_of_one_signature(desk: Desk) -> None:
    sign(desk)
    with pytest.raises(StepRefused):
        sign(desk)
    assert Path(desk.pki.directory).exists()
