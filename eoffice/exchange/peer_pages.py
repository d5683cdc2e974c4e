"""Pages on which operators keep the peers of the exchange and their code lists."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.exchange import mapping, peers, undelivered
from eoffice.exchange.mapping import CodeList, CodePair, Codes
from eoffice.exchange.model import GatewayKind, Peer
from eoffice.exchange.peers import GATEWAY_NAMES, PeerEntry
from eoffice.people.operators import operators_only
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

#: Empty rows below those that a list has.
_ROOM: Final = 3
GATEWAYS: Final = tuple((kind.value, name) for kind, name in GATEWAY_NAMES.items())


class PeerForm(msgspec.Struct, frozen=True, kw_only=True):
    organ_id: str
    name: str
    gateway: GatewayKind
    address: str = ""
    system_id: str = ""
    aliases: str = ""
    outgoing_secret: str = ""
    incoming_secret: str = ""
    seal_secret: str = ""
    signer_name: str = ""
    requires_signature: bool = False
    is_active: bool = False

    def entry(self) -> PeerEntry:
        return PeerEntry(
            organ_id=self.organ_id,
            name=self.name,
            gateway=self.gateway,
            address=self.address,
            system_id=self.system_id,
            aliases=tuple(self.aliases.replace(",", " ").split()),
            outgoing_secret=self.outgoing_secret,
            incoming_secret=self.incoming_secret,
            seal_secret=self.seal_secret,
            signer_name=self.signer_name,
            requires_signature=self.requires_signature,
            is_active=self.is_active,
        )


@get("/admin/exchange", sync_to_thread=True)
def listing(request: Request) -> Response[bytes]:
    """All peers, and the way to a new one."""
    return _listing_page(request, FormState.of(gateway=GatewayKind.HTTP.value, is_active="on"))


@post("/admin/exchange", sync_to_thread=True)
def add(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Enter a peer; it begins with the usual code lists."""
    who = _operator(request)
    try:
        entered = form.parse(PeerForm)

        def work(session: Session) -> See:
            peer = peers.add(session, entered.entry(), by=who, at=clock.now())
            said = f"Đã thêm {peer.name}. {peers.warnings(peer)}".strip()
            return See(f"/admin/exchange/{peer.id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        return _listing_page(request, form.refused(refusal), status=refusal.status)


@get("/admin/exchange/{peer_id:uuid}", sync_to_thread=True)
def show(request: Request, peer_id: FromPath[UUID]) -> Response[bytes]:
    """One peer: how it is reached, and its code lists."""
    return _peer_page(request, peer_id, None)


@post("/admin/exchange/{peer_id:uuid}", sync_to_thread=True)
def change(
    request: Request,
    peer_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Change how a peer is reached."""
    who = _operator(request)
    try:
        entered = form.parse(PeerForm)

        def work(session: Session) -> See:
            peer = peers.change(session, peer_id, entered.entry(), by=who, at=clock.now())
            said = f"Đã ghi thông tin đối tác. {peers.warnings(peer)}".strip()
            return See(f"/admin/exchange/{peer_id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        return _peer_page(request, peer_id, form.refused(refusal), status=refusal.status)


@post("/admin/exchange/{peer_id:uuid}/undelivered", sync_to_thread=True)
def send_again(
    request: Request, peer_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Send what waited for a way to the agencies behind this peer."""
    who = _operator(request)

    def work(session: Session) -> See:
        sent = undelivered.send_again(session, peer_id=peer_id, by=who, at=clock.now())
        return See(f"/admin/exchange/{peer_id}", said=f"Đã xếp {sent} văn bản để gửi.")

    return once.see(work)


@get("/admin/exchange/{peer_id:uuid}/codes/{list_name:str}", sync_to_thread=True)
def codes(
    request: Request, peer_id: FromPath[UUID], list_name: FromPath[CodeList]
) -> Response[bytes]:
    """One code list of a peer, to be changed."""
    return _codes_page(request, peer_id, list_name, None)


@post("/admin/exchange/{peer_id:uuid}/codes/{list_name:str}", sync_to_thread=True)
def set_codes(
    request: Request,
    peer_id: FromPath[UUID],
    list_name: FromPath[CodeList],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Put the list in place of the old one; rows without a code are left out."""
    who = _operator(request)
    try:

        def work(session: Session) -> See:
            pairs = _pairs(form, list_name)
            peers.set_codes(session, peer_id, list_name, pairs, by=who, at=clock.now())
            return See(f"/admin/exchange/{peer_id}", said="Đã ghi bảng mã.")

        return once.see(work)
    except Refusal as refusal:
        return _codes_page(
            request, peer_id, list_name, form.refused(refusal), status=refusal.status
        )


def _operator(request: Request) -> Principal:
    who = principal(request)
    operators_only(who)
    return who


def _listing_page(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = _operator(request)
    with db.transaction(who.acting) as session:
        found = peers.all_peers(session)
        waiting = undelivered.waiting(session, who=who)
        count = undelivered.count(session)
    return page(
        request,
        "exchange/peers.html",
        section="admin",
        status=status,
        peers=found,
        waiting=waiting,
        waiting_count=count,
        form=form,
        gateways=GATEWAYS,
        gateway_names=GATEWAY_NAMES,
    )


def _peer_page(
    request: Request, peer_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = _operator(request)
    with db.transaction(who.acting) as session:
        peer = peers.peer(session, peer_id)
        found = peers.codes(session, peer_id)
        waiting = undelivered.waiting(session, who=who, peer_id=peer_id)
    return page(
        request,
        "exchange/peer.html",
        section="admin",
        status=status,
        peer=peer,
        waiting=waiting,
        form=_filled(peer) if form is None else form,
        gateways=GATEWAYS,
        gateway_names=GATEWAY_NAMES,
        lists=[
            (each.value, name, sum(pair.list is each for pair in found.pairs))
            for each, name in mapping.LIST_NAMES.items()
        ],
    )


def _codes_page(
    request: Request,
    peer_id: UUID,
    list_: CodeList,
    form: FormState | None,
    *,
    status: int = 200,
) -> Response[bytes]:
    who = _operator(request)
    with db.transaction(who.acting) as session:
        peer = peers.peer(session, peer_id)
        found = peers.codes(session, peer_id)
    shown = _rows_of(found, list_) if form is None else form
    count = 0
    while shown.value(f"theirs-{count}") or shown.value(f"ours-{count}"):
        count += 1
    return page(
        request,
        "exchange/codes.html",
        section="admin",
        status=status,
        peer=peer,
        list_name=list_.value,
        title=mapping.LIST_NAMES[list_],
        form=shown,
        rows=range(count if form is not None else count + _ROOM),
        meanings=list(mapping.MEANINGS[list_].items()),
    )


def _filled(peer: Peer) -> FormState:
    return FormState.of(
        organ_id=peer.organ_id,
        name=peer.name,
        gateway=peer.gateway.value,
        address=peer.address,
        system_id=peer.system_id,
        aliases=" ".join(peer.aliases),
        outgoing_secret=peer.outgoing_secret,
        incoming_secret=peer.incoming_secret,
        seal_secret=peer.seal_secret,
        signer_name=peer.signer_name,
        requires_signature="on" if peer.requires_signature else "",
        is_active="on" if peer.is_active else "",
    )


def _rows_of(found: Codes, list_: CodeList) -> FormState:
    values: dict[str, str] = {}
    meanings = list(mapping.MEANINGS[list_])
    pairs = sorted(
        (pair for pair in found.pairs if pair.list is list_),
        key=lambda pair: (meanings.index(pair.ours), not pair.is_written, pair.theirs),
    )
    for number, pair in enumerate(pairs):
        values[f"ours-{number}"] = pair.ours
        values[f"theirs-{number}"] = pair.theirs
        values[f"written-{number}"] = "on" if pair.is_written else ""
    return FormState.of(**values)


def _pairs(form: Form, list_: CodeList) -> list[CodePair]:
    numbers = sorted(
        int(name.removeprefix("theirs-"))
        for name in form.values
        if name.startswith("theirs-") and name.removeprefix("theirs-").isdecimal()
    )
    return [
        CodePair(
            list_,
            form[f"ours-{number}"],
            form[f"theirs-{number}"].strip(),
            form[f"written-{number}"] == "on",
        )
        for number in numbers
        if form[f"theirs-{number}"].strip()
    ]


HANDLERS = (listing, add, show, change, send_again, codes, set_codes)
