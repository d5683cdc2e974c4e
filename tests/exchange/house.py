"""An office with a partner in a shared folder, whose promises are kept when a test says so."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import pypdfium2
from celery import current_app
from sqlalchemy import select

from eoffice import clock, db
from eoffice.exchange import edxml, files, peers, tasks
from eoffice.exchange.folder_gateway import FolderGateway
from eoffice.exchange.gateway import Parcel
from eoffice.exchange.message import (
    Business,
    BusinessType,
    DocumentMessage,
    Organ,
    ResponseFor,
    StatusMessage,
    TypeCode,
)
from eoffice.exchange.model import GatewayKind, MessageRow, Peer
from eoffice.exchange.peers import PeerEntry
from eoffice.exchange.states import Direction
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise, PromiseState
from eoffice.routing.model import Delivery
from tests.cast import Cast
from tests.routing import stage

NEIGHBOUR = Organ("000.00.00.H41", "Sở Giáo dục và Đào tạo Nghệ An")
OTHER_STYLE = "H41.19"
BOSS = "quản trị"


def pdf(pages: int = 2) -> bytes:
    """A real PDF without words."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595, 842)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@dataclass(frozen=True)
class House:
    cast: Cast
    store: MemoryStore
    directory: Path
    peer_id: UUID
    at: datetime

    @property
    def ours(self) -> str:
        assert self.cast.department.organ_id is not None
        return self.cast.department.organ_id

    @property
    def partner(self) -> FolderGateway:
        """The other side's view of the folder."""
        return FolderGateway(self.directory, ours=NEIGHBOUR.organ_id, theirs="us")

    def issued(self, *, number: int = 960) -> UUID:
        """An issued dispatch of the department with its page and one attachment in the store."""
        content = self.store.put(stage.CONTENT_BYTES, "application/pdf")
        self.store.put(stage.ATTACHMENT_BYTES, "application/octet-stream")
        with db.system_transaction() as session:
            return stage.issued_by_the_department(
                session,
                self.cast,
                [self.cast.high_school],
                at=self.at,
                number=number,
                content=content,
                due_on=date(2018, 8, 24),
            )

    def keep_promises(self) -> None:
        """Run every promise of the exchange that waits, and those that follow from them."""
        assert tasks.XML
        for _ in range(6):
            with db.system_transaction() as session:
                waiting = session.execute(
                    select(Promise.id, Promise.task)
                    .where(Promise.state == PromiseState.WAITING, Promise.task.like("exchange.%"))
                    .order_by(Promise.promised_at, Promise.id)
                ).all()
            if not waiting:
                return
            for promise_id, task in waiting:
                current_app.tasks[task].run(str(promise_id))

    def fetch(self) -> None:
        """What the calendar does each five minutes, and then what follows."""
        tasks.look_around()
        self.keep_promises()

    def leave(self, message: DocumentMessage | StatusMessage, message_id: str = "n-1") -> None:
        """The partner sends."""
        self.partner.send(Parcel(message_id, edxml.build(message)))

    def collected(self) -> list[DocumentMessage | StatusMessage]:
        """What the partner has got and not yet put aside, in the order of their identifiers."""
        found = sorted(self.partner.fetch(), key=lambda each: each.message_id)
        return [edxml.parse(each.content).message for each in found]

    def statuses(self) -> list[str]:
        return sorted(each.status for each in self.collected() if isinstance(each, StatusMessage))

    def rows(self, direction: Direction | None = None) -> list[MessageRow]:
        with db.system_transaction() as session:
            query = select(MessageRow).order_by(MessageRow.created_at, MessageRow.id)
            if direction is not None:
                query = query.where(MessageRow.direction == direction)
            return list(session.scalars(query))

    def deliveries(self) -> list[Delivery]:
        with db.system_transaction() as session:
            return list(
                session.scalars(
                    select(Delivery).where(Delivery.origin == "exchange").order_by(Delivery.id)
                )
            )

    def peer(self) -> Peer:
        with db.system_transaction() as session:
            return peers.peer(session, self.peer_id)


def entry(directory: Path) -> PeerEntry:
    return PeerEntry(
        organ_id=NEIGHBOUR.organ_id,
        name=NEIGHBOUR.name,
        gateway=GatewayKind.FOLDER,
        address=str(directory),
        system_id="us",
        aliases=(OTHER_STYLE,),
    )


def sent_document(house: House, **changed: object) -> DocumentMessage:
    """A document of the neighbour for the department."""
    packed = [files.packed("12-SGDĐT.pdf", pdf()), files.packed("phu-luc.bin", b"more")]
    values: dict[str, object] = {
        "sender": NEIGHBOUR,
        "recipients": (Organ(house.ours, "Sở"),),
        "document_id": "000.00.00.H41,2018/08/01,12/SGDĐT",
        "number": "12",
        "notation": "SGDĐT-VP",
        "place": "Nghệ An",
        "promulgated_on": date(2018, 8, 1),
        "type": TypeCode("1", "", "Công văn"),
        "subject": "V/v trao đổi kinh nghiệm",
        "references": tuple(reference for reference, _ in packed),
        "attachments": tuple(attachment for _, attachment in packed),
        **changed,
    }
    return DocumentMessage(**values)  # type: ignore[arg-type]


def business(kind: BusinessType, document_id: str = "") -> Business:
    return Business(type=kind, document_id=document_id, reason="Sai nơi nhận")


def status_for(message: DocumentMessage, code: str, words: str = "") -> StatusMessage:
    """What the neighbour tells about a document of ours."""
    return StatusMessage(
        sender=NEIGHBOUR,
        response_for=ResponseFor(
            message.sender.organ_id, message.code, message.promulgated_on, message.document_id
        ),
        status=code,
        description=words,
        at=clock.vietnam_time(clock.now()).replace(microsecond=0),
    )


def digest_of(content: bytes) -> str:
    return str(Sha256.of(content))
