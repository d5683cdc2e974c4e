"""Promises that the exchange keeps: build and send, take in, tell steps; and its look around.

A task may die at any line. A message is built once and its bytes are in the store before it is
first sent; what came is in the log before it is acknowledged; every step is idempotent by the
identifier of its message.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import shared_task
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, named_secrets, outbox
from eoffice.db import system_transaction
from eoffice.documents.recipients import directory
from eoffice.errors import Refusal
from eoffice.exchange import (
    composing,
    edxml,
    files,
    incoming,
    opening,
    outgoing,
    peers,
    undelivered,
    xml_signature,
)
from eoffice.exchange.edxml import Read
from eoffice.exchange.gateway import GatewayRefused, GatewayUnavailable, Parcel, Told
from eoffice.exchange.incoming import StoredFiles
from eoffice.exchange.mapping import Codes
from eoffice.exchange.message import DocumentMessage, StatusCode
from eoffice.exchange.model import MessageRow, Peer
from eoffice.exchange.safe_xml import MessageUnreadable
from eoffice.exchange.states import Direction, Kind, State
from eoffice.exchange.xml_signature import SignatureState
from eoffice.files import intake
from eoffice.objects import configured
from eoffice.objects.contract import StoreUnavailable
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people.model import Unit
from eoffice.promised import keeps, keeps_in_steps
from eoffice.routing import recall_actions
from eoffice.routing.model import Delivery
from eoffice.routing.outside_rules import OutsideFile
from eoffice.settings import settings
from eoffice.signing import opened_keys
from eoffice.signing.actions import KeyInUse
from eoffice.signing.model import SigningKey
from eoffice.signing.trust import TrustStore

log = structlog.get_logger()

XML = "application/xml"
UNKNOWN_KIND = "application/octet-stream"


@keeps("exchange.send_issued")
def send_issued(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """An issued document for one agency outside; the payload names both.

    Where no way leads there it waits in sight, and is not tried until somebody sends it again.
    """
    document_id, organ_id = UUID(payload["document_id"]), payload["organ_id"]
    if recall_actions.is_withdrawn(session, document_id):
        return
    try:
        outgoing.queue_issued(
            session,
            document_id,
            organ_id=organ_id,
            organ_name=payload["organ_name"],
            business=outgoing.business_of(session, document_id, organ_id),
            at=at,
        )
    except composing.NoWayThere as nowhere:
        undelivered.note(
            session, document_id, organ_id, payload["organ_name"], nowhere.detail, at=at
        )


@keeps("exchange.recall_issued")
def recall_issued(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """An issued document was withdrawn: every agency outside that was sent it is told."""
    document_id = UUID(payload["document_id"])
    undelivered.drop(session, document_id, at=at)
    outgoing.queue_recall(session, document_id, at=at)


@keeps("exchange.mark_sent")
def mark_sent(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """The sender's list of agencies outside says that this one has its copy."""
    row = session.get_one(MessageRow, UUID(payload["message_id"]))
    assert row.document_id is not None
    directory.note_sent(
        session,
        row.document_id,
        row.organ_id,
        "Đã gửi qua liên thông",
        by=outgoing.SENDER,
        at=row.ended_at or at,
    )


@keeps("exchange.tell_steps")
def tell_steps(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """A document that came by exchange took a step here."""
    outgoing.queue_steps(session, UUID(payload["delivery_id"]), at=at)


@keeps("exchange.tell_answer")
def tell_answer(session: Session, payload: dict[str, Any], at: datetime) -> None:
    """A clerk agreed to a recall or an update, or refused it."""
    row = session.get_one(MessageRow, UUID(payload["message_id"]))
    assert row.delivery_id is not None
    outgoing.queue_status(
        session,
        row,
        session.get_one(Delivery, row.delivery_id),
        StatusCode.CHANGE_ACCEPTED if payload["agrees"] else StatusCode.CHANGE_REFUSED,
        words=payload["words"],
        told_at=at,
        at=at,
    )


@keeps_in_steps("exchange.send")
def send(claim: outbox.Claim, at: datetime) -> None:
    """Build the message once, hand it over, and note what became of it."""
    row_id = UUID(claim.payload["message_id"])
    with system_transaction() as session:
        row = session.get_one(MessageRow, row_id)
        peer = session.get_one(Peer, row.peer_id)
        codes = peers.codes(session, peer.id)
        waits = row.state is State.WAITING
        overtakes = outgoing.waits_for_original(session, row)
        ours = _our_organ_id(session, row)
        about = _about(session, row)
    if not waits:
        _keep(claim)
        return
    try:
        if overtakes:
            raise GatewayUnavailable("Chờ gửi xong văn bản rồi mới gửi đề nghị thu hồi.")
        content = _built(row_id)
        if content is None or outgoing.collects(peer):
            _keep(claim)
            return
        _hand_over(peer, codes, ours, row, content, about)
    except GatewayRefused as refused:
        _end(claim, row_id, gives_up=True, why=refused.detail)
    except StoreUnavailable:
        raise
    except Refusal as failure:
        final = claim.attempt >= outbox.MOST_ATTEMPTS or isinstance(failure, composing.NoWayThere)
        _end(claim, row_id, gives_up=final, why=failure.detail)
        if not final:
            raise
    else:
        with system_transaction() as session:
            sent = session.get_one(MessageRow, row_id, with_for_update=True)
            outgoing.note_sent(session, sent, at=at)
            outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps("exchange.take_in")
def take_in(claim: outbox.Claim, at: datetime) -> None:
    """Read a message that came, judge its signature, and act upon it, or hold it in sight."""
    row_id = UUID(claim.payload["message_id"])
    with system_transaction() as session:
        row = session.get_one(MessageRow, row_id)
        peer = session.get_one(Peer, row.peer_id)
    assert row.content_sha256 is not None
    content = configured.store().get(Sha256.parse(row.content_sha256))
    # Where the file was signed does not matter: when it came does.
    verdict = xml_signature.verify(
        content,
        trust=TrustStore.from_directory(settings().trust_directory),
        at=row.created_at,
        expected_signer=peer.signer_name,
    )
    read: Read | None = None
    try:
        read = edxml.parse(content)
        stored = _stored(read)
        with system_transaction() as session:
            locked = session.get_one(MessageRow, row_id, with_for_update=True)
            if locked.state is State.RECEIVED:
                incoming.process(session, locked, read, verdict, stored, at=at)
            outbox.keep(session, claim.id, at=clock.now())
    except StoreUnavailable:
        raise
    except Refusal as refusal:
        with system_transaction() as session:
            locked = session.get_one(MessageRow, row_id, with_for_update=True)
            if read is not None and not isinstance(refusal, MessageUnreadable):
                incoming.note_read(locked, read, verdict)
            incoming.hold(session, locked, why=refusal.detail, at=at)
            log.warning(
                "exchange.held",
                message_id=str(row_id),
                peer_id=str(peer.id),
                organ_id=locked.organ_id,
                why=type(refusal).__name__,
            )
            outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps("exchange.take_mailed")
def take_mailed(claim: outbox.Claim, at: datetime) -> None:
    """A message that came as a file of an e-mail is taken in when its partner signed it.

    Anybody can write an e-mail, so a message without a valid signature, of an agency that is no
    partner, or that cannot be read stays a file in the tray of the clerk. Idempotent.
    """
    sha256 = Sha256.parse(claim.payload["content_sha256"])
    content = configured.store().get(sha256)
    try:
        organ_id = edxml.parse(content).message.sender.organ_id
    except MessageUnreadable:
        _keep(claim)
        return
    with system_transaction() as session:
        partner = peers.for_organ(session, organ_id)
    if partner is not None:
        verdict = xml_signature.verify(
            content,
            trust=TrustStore.from_directory(settings().trust_directory),
            at=at,
            expected_signer=partner.signer_name,
        )
        if verdict.state is SignatureState.VALID:
            with system_transaction() as session:
                incoming.keep(session, partner, f"mail:{sha256}", sha256, len(content), at=at)
    _keep(claim)


def look_around() -> None:
    """Fetch from every peer, each five minutes; one that fails does not keep the others waiting."""
    with system_transaction() as session:
        found = [
            (peer, peers.codes(session, peer.id), _first_organ_id(session))
            for peer in peers.all_peers(session)
            if peer.is_active and not outgoing.collects(peer)
        ]
    for peer, codes, ours in found:
        failure = None
        try:
            fetch(peer, codes, ours)
        except Refusal as refusal:
            failure = refusal.detail
            log.warning("exchange.fetch_failed", peer_id=str(peer.id), why=type(refusal).__name__)
        with system_transaction() as session:
            peers.note_fetch(session, peer.id, failure=failure, at=clock.now())


shared_task(name="exchange.look_around", ignore_result=True)(look_around)


def fetch(peer: Peer, codes: Codes, our_organ_id: str) -> int:
    """Take everything that waits at one peer; how many came. First kept, then acknowledged."""
    gateway = opening.gateway(peer, codes, our_organ_id=our_organ_id)
    count = 0
    for parcel in gateway.fetch():
        take(peer, parcel)
        gateway.acknowledge(parcel.message_id)
        count += 1
    return count


def take(peer: Peer, parcel: Parcel) -> UUID:
    """Bytes into the store, then the message into the log. Idempotent. Raises MessageTwice."""
    sha256 = configured.store().put(parcel.content, XML)
    with system_transaction() as session:
        return incoming.keep(
            session, peer, parcel.message_id, sha256, len(parcel.content), at=clock.now()
        )


def _built(row_id: UUID) -> bytes | None:
    """The bytes of a message: those of an earlier attempt, or built, signed and kept now.

    None where it was called off meanwhile: what has no bytes was never sent.
    """
    store = configured.store()
    with system_transaction() as session:
        row = session.get_one(MessageRow, row_id)
        if row.content_sha256 is not None:
            kept: str | None = row.content_sha256
        else:
            kept = None
            plan = composing.to_build(session, row)
            key = _seal_of(session, plan.agency_id) if plan.peer.seal_secret else None
    if kept is not None:
        return store.get(Sha256.parse(kept))
    contents = [store.get(Sha256.parse(sha256)) for _, sha256 in plan.files]
    content = edxml.build(composing.with_files(plan, contents))
    if plan.peer.seal_secret:
        content = _sealed(content, key, plan.peer.seal_secret)
    sha256 = store.put(content, XML)
    with system_transaction() as session:
        row = session.get_one(MessageRow, row_id, with_for_update=True)
        if row.state is not State.WAITING:
            return None
        if row.content_sha256 is None:
            outgoing.note_built(row, sha256=str(sha256), size_bytes=len(content))
            return content
        kept = row.content_sha256
    # Somebody else was faster: what was announced first is what is sent.
    return store.get(Sha256.parse(kept))


def _sealed(content: bytes, key: KeyInUse | None, secret: str) -> bytes:
    if key is None:
        raise composing.NoWayThere(
            "Đối tác yêu cầu ký số thông điệp nhưng cơ quan chưa có khóa của con dấu."
        )
    with opened_keys.store_of(key).open(named_secrets.read(secret)) as opened:
        return xml_signature.sign(content, opened)


def _seal_of(session: Session, agency_id: UUID) -> KeyInUse | None:
    key = session.scalars(
        select(SigningKey).where(
            SigningKey.holder_unit_id == agency_id, SigningKey.retired_at.is_(None)
        )
    ).first()
    return None if key is None else KeyInUse(key.id, key.store, key.locator, key.certificate)


def _hand_over(
    peer: Peer, codes: Codes, ours: str, row: MessageRow, content: bytes, about: str
) -> None:
    gateway = opening.gateway(peer, codes, our_organ_id=ours)
    parcel = Parcel(row.message_id, content)
    if row.kind is Kind.STATUS:
        gateway.tell(Told(parcel, about, row.status_code or ""))
    else:
        gateway.send(parcel)


def _end(claim: outbox.Claim, row_id: UUID, *, gives_up: bool, why: str) -> None:
    """A failed attempt on the page of the log; the promise goes on only where it may."""
    at = clock.now()
    with system_transaction() as session:
        row = session.get_one(MessageRow, row_id, with_for_update=True)
        wait = timedelta(seconds=min(2**claim.attempt, 600))
        outgoing.note_attempt(row, attempt=claim.attempt, next_try_at=at + wait, why=why)
        if gives_up:
            outgoing.give_up(session, row, why=why, at=at)
            outbox.keep(session, claim.id, at=at)


def _keep(claim: outbox.Claim) -> None:
    with system_transaction() as session:
        outbox.keep(session, claim.id, at=clock.now())


def _about(session: Session, row: MessageRow) -> str:
    """How the gateway called the document that a status is about; empty for one of ours."""
    if row.kind is not Kind.STATUS or row.delivery_id is None:
        return ""
    came = outgoing.came_with(session, session.get_one(Delivery, row.delivery_id))
    return "" if came is None or came.direction is Direction.OUT else came.message_id


def _our_organ_id(session: Session, row: MessageRow) -> str:
    if row.agency_id is None:
        return ""
    return people.unit(session, row.agency_id).organ_id or ""


def _first_organ_id(session: Session) -> str:
    """Of the agency at the top, for peers whose row does not say how we are called there."""
    found = session.scalars(
        select(Unit.organ_id)
        .where(Unit.organ_id.is_not(None), Unit.id == Unit.agency_id)
        .order_by(Unit.parent_id.is_not(None), Unit.code)
    ).first()
    return found or ""


def _stored(read: Read) -> StoredFiles:
    """The files of a document message, put into the store; the first PDF is the document."""
    if not isinstance(read.message, DocumentMessage) or read.damage is not None:
        return StoredFiles()
    store = configured.store()
    content: Sha256 | None = None
    page_count = 1
    others: list[OutsideFile] = []
    for attachment in read.message.attachments:
        raw = files.content(attachment)
        name = (attachment.name or attachment.content_id).replace("/", "-")[:200]
        media_type, pages = _kind_of(raw)
        sha256 = store.put(raw, media_type)
        if content is None and pages is not None:
            content, page_count = sha256, pages
        else:
            others.append(OutsideFile(name, media_type, len(raw), sha256))
    return StoredFiles(content, page_count, tuple(others))


def _kind_of(raw: bytes) -> tuple[str, int | None]:
    """What a file is by its bytes; what nobody here knows is kept all the same, as it came."""
    try:
        received = intake.receive(raw)
    except Refusal:
        return UNKNOWN_KIND, None
    return received.media_type.value, received.page_count
