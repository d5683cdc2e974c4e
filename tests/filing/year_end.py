"""A department at the end of 2018: books with lines in them, keys of clerk, director and seal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive import tasks as archive
from eoffice.db import system_transaction
from eoffice.documents.books import numbers as books
from eoffice.documents.books import reservations
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.books.reservations import Paper
from eoffice.documents.types import DocumentType
from eoffice.embedded.pki import Pki
from eoffice.filing import closing_actions, closing_queries, closing_signatures, tasks
from eoffice.filing.closing_queries import ClosingSeen
from eoffice.filing.closing_states import ClosedKind, State
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Claim, Promise, PromiseState
from eoffice.signing import actions as signing
from eoffice.signing.model import KeyStoreKind
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.cast import Cast

#: 31 December 2018, 15:00 in Vietnam.
LAST_DAY = datetime(2018, 12, 31, 8, 0, tzinfo=UTC)
NEW_YEAR = LAST_DAY + timedelta(days=2)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Registry:
    """The records desk of the department."""

    cast: Cast
    store: MemoryStore
    pki: Pki

    def begin(
        self, kind: ClosedKind = ClosedKind.OUTGOING, *, at: datetime = LAST_DAY, years: int = 20
    ) -> UUID:
        who = self.cast.clerk
        with db.transaction(who.acting) as session:
            return closing_actions.begin(
                session, kind=kind, year=2018, retention_years=years, by=who, at=at
            )

    def seen(
        self, kind: ClosedKind = ClosedKind.OUTGOING, who: Principal | None = None
    ) -> ClosingSeen:
        who = who or self.cast.clerk
        with db.transaction(who.acting) as session:
            return closing_queries.closing(session, kind=kind, year=2018, who=who, at=clock.now())

    def sign(self, closing_id: UUID, who: Principal, pin: str = test_pki.PIN) -> State:
        def within(last: Callable[[Session], T]) -> T:
            with db.transaction(who.acting) as session:
                return last(session)

        return closing_signatures.sign(closing_id, pin, by=who, within=within)

    def content(self, kind: ClosedKind = ClosedKind.OUTGOING) -> bytes:
        sha256 = self.seen(kind).content_sha256
        assert sha256 is not None
        return self.store.get(Sha256.parse(sha256))


def paper(session: Session, cast: Cast, at: datetime, subject: str = "Khen thưởng") -> int:
    """Enter a decision on paper into the outgoing book; returns its number."""
    return reservations.enter_paper(
        session,
        Paper(
            type=DocumentType.DECISION,
            notation="QĐ-SGDĐT",
            subject=subject,
            issued_on=clock.civil_date(at),
            signer_name="Trần Thanh Liêm",
            recipients="Các trường THPT",
            filed_with="Văn phòng Sở",
            copies=3,
        ),
        kind=BookKind.OUTGOING,
        by=cast.clerk,
        at=at,
    )


def annulled(session: Session, cast: Cast, at: datetime) -> int:
    """A number that was kept free and then struck out with its reason."""
    number = reservations.reserve(
        session,
        kind=BookKind.OUTGOING,
        until=date(2018, 12, 31),
        purpose="quyết định chưa ký",
        by=cast.clerk,
        at=at,
    )
    session.flush()
    reservations.annul_number(
        session,
        kind=BookKind.OUTGOING,
        year=2018,
        number=number,
        because="Không ban hành nữa",
        by=cast.clerk,
        at=at,
    )
    return number


def fill(session: Session, cast: Cast, at: datetime = LAST_DAY) -> None:
    """Numbers 960 to 962 of the outgoing book, the last one struck out."""
    books.open_book(
        session, cast.department.id, year=2018, opening_number=959, by=cast.clerk, at=at
    )
    paper(session, cast, at)
    paper(session, cast, at, "Giao nhiệm vụ năm học")
    annulled(session, cast, at)


def register_keys(session: Session, cast: Cast, pki: Pki, at: datetime) -> None:
    for label, person, unit in (
        ("clerk", cast.clerk.person_id, None),
        ("director", cast.director.person_id, None),
        ("deputy", cast.deputy_director.person_id, None),
        ("seal", None, cast.department.id),
    ):
        content = pki.key_file(label).read_bytes()
        _, certificate, _ = pkcs12.load_key_and_certificates(content, test_pki.PIN.encode())
        assert certificate is not None
        signing.register_key(
            session,
            person_id=person,
            unit_id=unit,
            store=KeyStoreKind.PKCS12,
            locator=f"{label}.p12",
            certificate=certificate.public_bytes(Encoding.DER),
            by="test",
            at=at,
        )


def keep_promises(task: str) -> int:
    """What the worker does with the open promises of this name; returns how many there were."""
    work = {"filing.print_book": tasks.print_book, "archive.ingest": archive.ingest}[task]
    with system_transaction() as session:
        open_ = session.scalars(
            select(Promise).where(Promise.task == task, Promise.state != PromiseState.KEPT)
        ).all()
        claims = [Claim(each.id, each.payload, 1) for each in open_]
    for claim in claims:
        work(claim, clock.now())
    return len(claims)
