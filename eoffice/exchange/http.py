"""Where peers hand messages over and collect theirs; the other side of `http_gateway`.

A peer names itself (X-Organ-Id) and bears its token (X-Exchange-Token); the transaction then sees
the messages of that peer and nothing else.
"""

from __future__ import annotations

import hmac
from urllib.parse import unquote

import structlog
from litestar import Response, Router, get, post, put
from litestar.params import FromPath, RawBody
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from eoffice import clock, db, named_secrets
from eoffice.errors import NotFound, NotSignedIn
from eoffice.exchange import actions, incoming, peers
from eoffice.exchange.gateway import MOST_FETCHED
from eoffice.exchange.http_gateway import ORGAN_HEADER, TOKEN_HEADER, Waiting
from eoffice.exchange.model import MessageRow, Peer
from eoffice.exchange.safe_xml import LARGEST_BYTES
from eoffice.exchange.states import Direction, State
from eoffice.named_secrets import SecretMissing
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import organ_ids
from eoffice.web.principal import Request

log = structlog.get_logger()

XML = "application/xml"
LONGEST_ID = 150


class NoSuchMessage(NotFound):
    """Nothing waits for this partner under this identifier."""

    def __init__(self) -> None:
        super().__init__("Không có thông điệp này đang chờ đối tác.")


class PeerNotKnown(NotSignedIn):
    """The partner of the exchange did not show who it is."""

    def __init__(self) -> None:
        super().__init__("Mã định danh hoặc khóa của đối tác liên thông không đúng.")


@put(
    "/messages/{message_id:str}",
    status_code=202,
    opt={"public": True},
    request_max_body_size=LARGEST_BYTES,
    sync_to_thread=True,
)
def bring(request: Request, message_id: FromPath[str], body: RawBody) -> Response[None]:
    """Hand a message over; 202 as often as it is repeated, 409 when the identifier was used."""
    peer = _peer(request)
    if not 1 <= len(message_id) <= LONGEST_ID or not body:
        raise NoSuchMessage
    sha256 = configured.store().put(body, XML)
    with db.transaction(None) as session:
        _act_for(session, peer)
        incoming.keep(session, peer, message_id, sha256, len(body), at=clock.now())
    return Response(None, status_code=202)


@get("/messages", opt={"public": True}, sync_to_thread=True)
def waiting(request: Request) -> Waiting:
    """What waits for the partner, oldest first; only those that are built."""
    peer = _peer(request)
    with db.transaction(None) as session:
        _act_for(session, peer)
        names = session.scalars(
            select(MessageRow.message_id)
            .where(
                MessageRow.direction == Direction.OUT,
                MessageRow.peer_id == peer.id,
                MessageRow.state == State.WAITING,
                MessageRow.content_sha256.is_not(None),
            )
            .order_by(MessageRow.created_at, MessageRow.id)
            .limit(MOST_FETCHED)
        ).all()
    return Waiting(messages=list(names))


@get("/messages/{message_id:str}", opt={"public": True}, sync_to_thread=True)
def collect(request: Request, message_id: FromPath[str]) -> Response[bytes]:
    """One message for the partner, as often as it asks."""
    peer = _peer(request)
    with db.transaction(None) as session:
        _act_for(session, peer)
        sha256 = session.scalar(
            select(MessageRow.content_sha256).where(
                MessageRow.direction == Direction.OUT,
                MessageRow.peer_id == peer.id,
                MessageRow.message_id == message_id,
            )
        )
    if sha256 is None:
        raise NoSuchMessage
    return Response(configured.store().get(Sha256.parse(sha256)), media_type=XML)


@post(
    "/messages/{message_id:str}/receipt", status_code=204, opt={"public": True}, sync_to_thread=True
)
def receipt(request: Request, message_id: FromPath[str]) -> None:
    """The partner has the message for good; repeated, it changes nothing."""
    peer = _peer(request)
    with db.transaction(None) as session:
        _act_for(session, peer)
        if not actions.collected(session, peer, message_id, at=clock.now()):
            raise NoSuchMessage


def _peer(request: Request) -> Peer:
    """Who speaks. Raises PeerNotKnown, for whatever reason, with the same words."""
    organ_id = unquote(request.headers.get(ORGAN_HEADER, ""))
    with db.transaction(None) as session:
        peer = peers.for_organ(session, organ_id)
    if peer is None or not peer.incoming_secret:
        raise _stranger(organ_id, "no partner that may come")
    try:
        secret = named_secrets.read(peer.incoming_secret)
    except SecretMissing:
        raise _stranger(organ_id, "its secret is missing here") from None
    given = request.headers.get(TOKEN_HEADER, "")
    if not hmac.compare_digest(secret.encode(), given.encode()):
        raise _stranger(organ_id, "another token")
    return peer


def _stranger(organ_id: str, why: str) -> PeerNotKnown:
    """The refusal says nothing; the log says to the operator who was turned away, and why."""
    log.warning("exchange.stranger", organ_id=organ_id[: organ_ids.LONGEST], why=why)
    return PeerNotKnown()


def _act_for(session: Session, peer: Peer) -> None:
    """Row-level security shows this peer's messages until the transaction ends."""
    session.execute(text("select set_config('app.peer', :peer, true)"), {"peer": str(peer.id)})


router = Router(
    "/api/v1/exchange", route_handlers=[bring, waiting, collect, receipt], tags=["exchange"]
)
