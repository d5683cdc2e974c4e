"""Small offices with real rows and real objects, to be copied and brought back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4, uuid5

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.archive import actions as archive
from eoffice.archive.actions import Kept
from eoffice.audit import actions as audit
from eoffice.audit.checkpoint import Signer
from eoffice.backup import making
from eoffice.backup.making import Office, Outcome
from eoffice.backup.restoring import Place
from eoffice.backup.snapshot import Programs
from eoffice.backup.targets import Target
from eoffice.embedded import postgres
from eoffice.embedded.postgres import Server
from eoffice.embedded.store import Store
from eoffice.objects.contract import ObjectStore
from eoffice.objects.s3 import S3Store
from eoffice.objects.sha256 import Sha256
from eoffice.people import unit_actions
from eoffice.people.kinds import UnitKind
from eoffice.people.model import Unit
from eoffice.signing.verdict import Finding, Verdict
from tests import services
from tests.archive import shelf
from tests.objects import subjects

AT = datetime(2026, 11, 23, 1, 15, tzinfo=UTC)
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEY = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
RECIPIENTS = (KEY.public_key(),)
SOURCES = UUID(int=611)


@contextmanager
def session_of(office: Office) -> Iterator[Session]:
    engine = create_engine(office.url, poolclass=NullPool)
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        engine.dispose()


def programs() -> Programs:
    return Programs(postgres.installation().bin)


@dataclass
class House:
    """Where offices and places for them are made."""

    server: Server
    store_server: Store
    template: str

    def office(self) -> Office:
        """With a department, one signed head of the log, and no file."""
        name = f"backup_{uuid4().hex[:8]}"
        databases = services.copied_database(self.server, name, self.template)
        made = Office(databases.owner_url, self.store(), programs())
        with session_of(made) as session:
            unit_actions.create_unit(
                session,
                code="SGDDT",
                name="Sở Giáo dục và Đào tạo Đồng Tháp",
                kind=UnitKind.DEPARTMENT,
                notation="SGDĐT",
                place="Đồng Tháp",
                valid_from=date(2026, 1, 1),
                by="tests",
                at=AT,
            )
        sequence(made)
        return made

    def place(self, directory: Path) -> Place:
        """Empty."""
        name = f"backup_{uuid4().hex[:8]}"
        databases = services.fresh_database(self.server, name)
        return Place(databases.owner_url, self.store(), programs(), directory / f"{name}.json")

    def store(self) -> S3Store:
        made = subjects.s3_store(self.store_server)
        made.prepare()
        return made


def sequence(office: Office) -> None:
    """Give what happened its place in the log, under a signed head."""
    with session_of(office) as session:
        audit.sequence(session, at=AT, limit=10_000, signer=SIGNER)


def archive_one(office: Office, words: str) -> tuple[Sha256, Sha256]:
    """A document as it was issued and as it is kept: both in the store, the latter locked."""
    source = office.store.put(f"%PDF-1.7 source of {words}".encode(), "application/pdf")
    content = f"%PDF-1.7 {words}".encode()
    name = office.store.put(content, "application/pdf")
    kept = Kept(
        content_sha256=name,
        size_bytes=len(content),
        page_count=1,
        lock=office.store.put_locked(name, retain_until=datetime.now(UTC) + timedelta(days=2)),
        text=words,
        verdict=Verdict(Finding.UNSIGNED, "Tệp không có chữ ký số nào."),
    )
    with session_of(office) as session:
        unit = session.query(Unit).one()
        order = shelf.dispatch(
            unit, content_sha256=str(source), source_id=uuid5(SOURCES, words), title=words
        )
        archive.ingest(session, order, kept, by="worker:archive.ingest", at=AT)
    return source, name


def mention(office: Office, content: bytes) -> Sha256:
    """An object that only a text in JSON names."""
    name = office.store.put(content, "text/plain")
    with session_of(office) as session:
        outbox.promise(session, "tests.mentioned", at=AT, sha256=str(name))
    return name


def copied(office: Office, target: Target, *, days: int = 0) -> Outcome:
    at = AT + timedelta(days=days)
    return making.make(office, target, recipients=RECIPIENTS, signer=SIGNER, at=at, on=at.date())


def rows(url: str) -> dict[str, list[str]]:
    """Every row of every table as text, in an order of its own, without what restoring changes."""
    engine = create_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            tables = connection.scalars(
                text(
                    "select table_name from information_schema.tables where table_schema ="
                    " 'public' and table_type = 'BASE TABLE'"
                )
            ).all()
            return {
                table: sorted(
                    connection.scalars(
                        text(f"select (to_jsonb(t) - 'object_version')::text from {table} t")  # noqa: S608
                    ).all()
                )
                for table in tables
            }
    finally:
        engine.dispose()


def objects(store: ObjectStore) -> dict[Sha256, bytes]:
    return {put.name: store.get(put.name) for put in store.stored() if put.is_latest}
