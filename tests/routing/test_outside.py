"""A document from outside is received once, is its recipient's alone, and lives as any delivery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from celery import current_app
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit.model import AuditEvent
from eoffice.demo.pdf import information_sheet
from eoffice.documents.model import DocumentRecipient
from eoffice.documents.types import DocumentType
from eoffice.embedded.pki import Pki
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise, PromiseState
from eoffice.routing import (
    actions,
    arrival_queries,
    delivery_queries,
    forwarding_actions,
    handling,
    outside,
    outside_changes,
    outside_queries,
    queries,
    tasks,
)
from eoffice.routing.delivery_queries import DeliveryUnknown, FileUnknown
from eoffice.routing.handling import NotOfThisAgency
from eoffice.routing.model import Delivery, DeliveryContent
from eoffice.routing.outside_rules import Origin, OutsideDocument, OutsideFile, TextState
from eoffice.routing.rules import Assignee, Role
from eoffice.routing.states import DeliveryState
from eoffice.settings import settings
from eoffice.signing.verdict import Finding
from tests import pki as trust_services
from tests.cast import Cast, load_cast
from tests.conftest import Office, web_role
from tests.signing import papers

CONTENT = Sha256.of(b"a circular")


def circular(cast: Cast) -> OutsideDocument:
    return OutsideDocument(
        origin=Origin.EXCHANGE,
        recipient_unit_id=cast.high_school.id,
        external_id="G22.58.2011",
        sender_name="Bộ  Giáo dục và Đào tạo",
        sender_organ_id="G22",
        type_name="Thông tư",
        number="058",
        notation="TT-BGDĐT",
        issued_on=date(2011, 12, 12),
        subject="ban hành Quy chế đánh giá, xếp loại học sinh trung học",
        signer_name="Nguyễn Vinh Hiển",
        signer_position="Thứ trưởng",
        content=CONTENT,
        page_count=22,
        files=(OutsideFile("phụ lục.docx", "application/octet-stream", 10, CONTENT),),
    )


def test_it_is_kept_with_everything_that_was_told(
    session: Session, cast: Cast, at: datetime
) -> None:
    made = outside.receive(session, circular(cast), by="worker:exchange.take", at=at)

    found = delivery_queries.delivery(session, made, who=cast.high_school_clerk)
    assert (found.code, found.type_name) == ("58/TT-BGDĐT", "Thông tư")
    assert found.sender_name == "Bộ Giáo dục và Đào tạo"
    assert (found.document_id, found.sender_agency_id) == (None, None)
    assert found.origin is Origin.EXCHANGE
    assert found.signer_position == "Thứ trưởng"
    assert [file.name for file in delivery_queries.files(session, made)] == ["phụ lục.docx"]
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "delivery.received")
    ).one()
    assert (event.object_id, event.actor_name) == (made, "worker:exchange.take")


def test_a_type_of_the_decree_is_kept_as_that(session: Session, cast: Cast, at: datetime) -> None:
    item = replace(circular(cast), type_name="công văn")
    made = outside.receive(session, item, by="worker:exchange.take", at=at)
    row = session.get_one(Delivery, made)
    assert (row.document_type, row.type_name) == (DocumentType.DISPATCH, None)


def test_what_comes_twice_under_one_name_is_there_once(
    session: Session, cast: Cast, at: datetime
) -> None:
    first = outside.receive(session, circular(cast), by="worker:exchange.take", at=at)
    actions.open_delivery(session, first, by=cast.high_school_clerk, at=at)
    again = replace(circular(cast), subject="một trích yếu khác")

    assert outside.receive(session, again, by="worker:exchange.take", at=at) == first

    row = session.get_one(Delivery, first)
    assert row.state is DeliveryState.OPENED
    assert row.subject.startswith("ban hành")
    assert session.scalar(select(func.count()).select_from(DeliveryContent)) == 1
    elsewhere = replace(again, recipient_unit_id=cast.other_high_school.id)
    assert outside.receive(session, elsewhere, by="worker:exchange.take", at=at) != first


def test_the_words_of_what_was_taken_back_are_shown_to_nobody(
    session: Session, cast: Cast, at: datetime
) -> None:
    made = outside.receive(session, circular(cast), by="worker:exchange.take", at=at)
    session.flush()
    with web_role(session, cast.high_school_clerk):
        assert session.scalar(select(DeliveryContent.text)) is not None

    outside_changes.take_back(session, made, by="worker:exchange.take", at=at)
    session.flush()

    with web_role(session, cast.high_school_clerk):
        assert session.scalar(select(DeliveryContent.text)) is None
        assert delivery_queries.delivery(session, made, who=cast.high_school_clerk).is_recalled


def test_what_was_passed_on_is_taken_back_with_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    item = replace(circular(cast), recipient_unit_id=cast.district.id)
    made = outside.receive(session, item, by="worker:exchange.take", at=at)
    actions.open_delivery(session, made, by=cast.district_clerk, at=at)
    arrival = actions.register_arrival(session, made, by=cast.district_clerk, at=at)
    handling.submit_to_head(session, arrival.id, by=cast.district_clerk, at=at)
    forwarding = forwarding_actions.forward(
        session,
        arrival.id,
        [cast.school.id],
        instruction="Các trường thực hiện.",
        due_on=None,
        by=cast.district_head,
        at=at,
    )
    session.flush()
    below = forwarding_actions.deliver_forwarded(session, forwarding, cast.school.id, at=at)
    assert below is not None
    session.flush()

    outside_changes.take_back(session, made, by="worker:exchange.take", at=at)
    session.flush()

    assert session.get_one(Delivery, below).state is DeliveryState.RECALLED
    late = forwarding_actions.deliver_forwarded(session, forwarding, cast.high_school.id, at=at)
    assert late is None, "what is passed on later finds it taken back"


def test_only_the_recipient_sees_it_whatever_the_query(
    session: Session, cast: Cast, at: datetime
) -> None:
    made = outside.receive(session, circular(cast), by="worker:exchange.take", at=at)
    with web_role(session, cast.high_school_clerk):
        assert session.scalar(select(Delivery.id).where(Delivery.id == made)) == made
        assert session.scalar(select(DeliveryContent.delivery_id)) == made
    for stranger in (cast.clerk, cast.other_high_school_clerk):
        with web_role(session, stranger):
            assert session.scalar(select(Delivery.id).where(Delivery.id == made)) is None
            assert session.scalar(select(DeliveryContent.delivery_id)) is None
        with pytest.raises(DeliveryUnknown):
            delivery_queries.delivery(session, made, who=stranger)


def test_a_clerk_enters_for_the_own_agency_alone(
    session: Session, cast: Cast, at: datetime
) -> None:
    item = replace(circular(cast), origin=Origin.HAND, external_id=None)
    with web_role(session, cast.high_school_clerk):
        made = outside.receive(session, item, by=cast.high_school_clerk, at=at)
        arrival = outside.register_at_once(session, made, by=cast.high_school_clerk, at=at)
    assert arrival.number == 1
    with pytest.raises(NotOfThisAgency):
        outside.receive(session, item, by=cast.clerk, at=at)


def test_the_database_lets_nobody_invent_a_delivery_of_this_office(
    session: Session, cast: Cast, delivery: UUID
) -> None:
    session.flush()
    session.get_one(Delivery, delivery).origin = Origin.HAND
    with pytest.raises(IntegrityError):
        session.flush()


def test_it_is_registered_assigned_answered_and_finished_as_any_other(
    session: Session, cast: Cast, at: datetime
) -> None:
    clerk, head, teacher = (
        cast.high_school_clerk,
        cast.high_school_principal,
        cast.high_school_teacher,
    )
    made = outside.receive(session, circular(cast), by="worker:exchange.take", at=at)
    arrival = outside.register_at_once(session, made, by=clerk, at=at).id
    handling.submit_to_head(session, arrival, by=clerk, at=at)
    handling.assign(
        session,
        arrival,
        [Assignee(Role.LEAD, cast.high_school.id, teacher.person_id)],
        instruction="Nghiên cứu, triển khai.",
        due_on=None,
        by=head,
        at=at,
    )
    answer = handling.start_answer(session, arrival, by=teacher, at=at)
    handling.finish(session, arrival, "Đã triển khai.", by=teacher, at=at)

    assert session.get_one(Delivery, made).state is DeliveryState.DONE
    today = clock.civil_date(at)
    seen = arrival_queries.arrival(session, arrival, who=head, today=today)
    assert seen.delivery.code == "58/TT-BGDĐT"
    assert (
        session.scalars(
            select(DocumentRecipient).where(DocumentRecipient.document_id == answer)
        ).all()
        == []
    )
    assert queries.desk(session, who=clerk, at=at).is_empty


def test_a_refusal_leaves_no_notice_for_who_is_not_of_this_office(
    session: Session, cast: Cast, at: datetime
) -> None:
    made = outside.receive(session, circular(cast), by="worker:exchange.take", at=at)
    actions.open_delivery(session, made, by=cast.high_school_clerk, at=at)
    actions.refuse(session, made, "Gửi nhầm nơi nhận.", by=cast.high_school_clerk, at=at)
    actions.tell_sender_of_refusal(session, made, at=at)
    assert queries.notices(session, who=cast.clerk) == ()


def test_a_paper_without_a_file_has_nothing_to_download(
    session: Session, cast: Cast, at: datetime
) -> None:
    item = replace(
        circular(cast), origin=Origin.HAND, external_id=None, content=None, files=(), number=None
    )
    made = outside.receive(session, item, by=cast.high_school_clerk, at=at)
    actions.open_delivery(session, made, by=cast.high_school_clerk, at=at)
    seen = delivery_queries.readable(session, made, who=cast.high_school_clerk)
    assert (seen.content_sha256, seen.code) == (None, "TT-BGDĐT")
    with pytest.raises(FileUnknown):
        delivery_queries.file(session, made, 1, who=cast.high_school_clerk)
    content = outside_queries.content_seen(session, made)
    assert content is not None
    assert content.text_state is TextState.NONE


class TestDuplicates:
    """Appendix VI: warn of a duplicate of number, notation and issuing agency."""

    def test_the_same_triple_is_found_however_it_is_written(
        self, session: Session, cast: Cast, at: datetime
    ) -> None:
        first = outside.receive(session, circular(cast), by="worker:exchange.take", at=at)
        second = outside.receive(
            session,
            replace(
                circular(cast),
                origin=Origin.MAIL,
                external_id="other",
                number="58",
                sender_name="BỘ GIÁO DỤC VÀ ĐÀO TẠO",
            ),
            by="worker:mail",
            at=at + timedelta(hours=1),
        )
        assert [twin.delivery_id for twin in outside_queries.twins_of(session, second)] == [first]
        assert [twin.delivery_id for twin in outside_queries.twins_of(session, first)] == [second]

    @pytest.mark.parametrize(
        "other",
        [{"number": "59"}, {"notation": "NĐ-CP"}, {"sender_name": "Bộ Tài chính"}],
    )
    def test_another_triple_is_none(
        self, session: Session, cast: Cast, at: datetime, other: dict[str, str]
    ) -> None:
        outside.receive(session, circular(cast), by="worker:exchange.take", at=at)
        item = replace(circular(cast), external_id="other", **other)  # type: ignore[arg-type]
        second = outside.receive(session, item, by="worker:exchange.take", at=at)
        assert outside_queries.twins_of(session, second) == ()

    def test_what_was_refused_or_came_to_another_agency_is_none(
        self, session: Session, cast: Cast, at: datetime
    ) -> None:
        first = outside.receive(session, circular(cast), by="worker:exchange.take", at=at)
        actions.open_delivery(session, first, by=cast.high_school_clerk, at=at)
        actions.refuse(session, first, "Nhầm.", by=cast.high_school_clerk, at=at)
        elsewhere = replace(circular(cast), recipient_unit_id=cast.other_high_school.id)
        outside.receive(session, elsewhere, by="worker:exchange.take", at=at)
        item = circular(cast)
        assert not outside_queries.twins(
            session,
            item.number,
            item.notation,
            item.sender_name,
            agency_id=cast.high_school.agency_id,
        )


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with trust_services.trust_services(tmp_path_factory.mktemp("pki")) as running:
        yield running


@pytest.fixture(scope="module")
def signed(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    clock_file = tmp_path_factory.mktemp("clock") / "clock.json"
    with trust_services.office_clock(clock_file, papers.SIGNED_AT):
        return papers.whole_life(pki).archived


class TestExamined:
    """On arrival its signatures are verified, over the very bytes that came."""

    @pytest.fixture
    def store(
        self, pki: Pki, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[MemoryStore]:
        directory = office.var / "trust"
        directory.mkdir()
        for number, anchor in enumerate(papers.trust(pki).anchors):
            _write_pem(directory / f"{number}.pem", anchor)
        monkeypatch.setenv("EOFFICE_TRUST", str(directory))
        settings.cache_clear()
        store = MemoryStore(clock.now)
        configured.use(store)
        yield store
        configured.use(None)

    @pytest.fixture
    def cast(self, office: Office, at: datetime) -> Cast:
        with db.system_transaction() as session:
            return load_cast(session, at)

    def examined(self, cast: Cast, content: Sha256, at: datetime) -> DeliveryContent:
        with db.system_transaction() as session:
            item = replace(circular(cast), content=content, files=())
            delivery_id = outside.receive(session, item, by="worker:exchange.take", at=at)
        with db.system_transaction() as session:
            promise_id = session.scalars(
                select(Promise.id).where(Promise.task == "routing.examine")
            ).one()
        current_app.tasks[tasks.EXAMINE].run(str(promise_id))
        with db.system_transaction() as session:
            assert session.get_one(Promise, promise_id).state is PromiseState.KEPT
            found = session.get_one(DeliveryContent, delivery_id)
            row = session.get_one(Delivery, delivery_id)
            assert row.content_sha256 == str(content)
            session.expunge_all()
        return found

    def test_a_signed_file_is_intact_and_its_bytes_stay(
        self, store: MemoryStore, cast: Cast, signed: bytes
    ) -> None:
        digest = store.put(signed, "application/pdf")
        found = self.examined(cast, digest, clock.now())
        assert found.verdict is not None
        assert found.verdict["verdict"] == Finding.INTACT
        assert len(found.verdict["signatures"]) == 2
        assert found.text_state is TextState.FOUND
        assert "Kính gửi" in found.text
        assert Sha256.of(store.get(digest)) == Sha256.of(signed)

    def test_a_file_that_was_changed_after_the_signature_is_told_so(
        self, store: MemoryStore, cast: Cast, signed: bytes
    ) -> None:
        inside = signed.index(b"stream") + 40
        broken = signed[:inside] + bytes([signed[inside] ^ 1]) + signed[inside + 1 :]
        found = self.examined(cast, store.put(broken, "application/pdf"), clock.now())
        assert found.verdict is not None
        assert found.verdict["verdict"] in (Finding.CHANGED, Finding.UNVERIFIABLE)

    def test_a_file_without_signatures_is_unsigned(self, store: MemoryStore, cast: Cast) -> None:
        digest = store.put(information_sheet(), "application/pdf")
        found = self.examined(cast, digest, clock.now())
        assert found.verdict is not None
        assert found.verdict["verdict"] == Finding.UNSIGNED

    def test_what_cannot_be_read_is_kept_and_told_so(self, store: MemoryStore, cast: Cast) -> None:
        digest = store.put(b"%PDF-1.7 broken", "application/pdf")
        found = self.examined(cast, digest, clock.now())
        assert found.verdict is not None
        assert found.verdict["verdict"] == Finding.UNVERIFIABLE
        assert found.text_state is TextState.WAITING
        with db.system_transaction() as session:
            assert session.scalars(
                select(Promise).where(Promise.task == "mailroom.recognise")
            ).one()


def _write_pem(file: Path, der: bytes) -> None:
    file.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
