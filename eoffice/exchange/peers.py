"""Peers and their code lists: who they are, how they are reached, and how operators keep them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from eoffice import named_secrets
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.exchange import mapping
from eoffice.exchange.mapping import CodeList, CodePair, Codes
from eoffice.exchange.model import GatewayKind, Peer, PeerCode
from eoffice.people import organ_ids
from eoffice.people.operators import operators_only
from eoffice.web.principal import Principal

#: Instead of an identifier: every agency without a row of its own.
EVERYBODY_ELSE: Final = "*"
MOST_ALIASES: Final = 20

GATEWAY_NAMES: Final = {
    GatewayKind.HTTP: "Phần mềm eoffice khác, qua HTTP",
    GatewayKind.FOLDER: "Thư mục dùng chung",
    GatewayKind.AXIS: "Trục liên thông văn bản",
}


class PeerUnknown(NotFound):
    """There is no such partner of the exchange."""

    def __init__(self) -> None:
        super().__init__("Không có đối tác liên thông này.")


class PeerIncomplete(Invalid):
    """Something about a partner of the exchange is missing or cannot be right."""


class PeerTwice(Conflict):
    """Another partner has this identifier already."""


class CodesWrong(Invalid):
    """The code list contradicts itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerEntry:
    """What an operator says of a peer; secrets by name only."""

    organ_id: str
    name: str
    gateway: GatewayKind
    address: str = ""
    system_id: str = ""
    aliases: tuple[str, ...] = ()
    outgoing_secret: str = ""
    incoming_secret: str = ""
    seal_secret: str = ""
    signer_name: str = ""
    requires_signature: bool = False
    is_active: bool = True


def add(session: Session, entry: PeerEntry, *, by: Principal | str, at: datetime) -> Peer:
    """A new peer with the usual code lists. Raises OnlyOperators, PeerIncomplete, PeerTwice."""
    operators_only(by)
    checked = _checked(entry)
    _check_alone(session, checked, besides=None)
    peer = Peer(
        id=new_id(), organ_id=checked.organ_id, created_at=at, fetched_at=None, fetch_failure=None
    )
    _fill(peer, checked, at)
    session.add(peer)
    session.flush()  # The codes' foreign key needs the row.
    _set_codes(session, peer.id, mapping.beginnings())
    _record(session, "exchange_peer.added", peer, by=by, at=at)
    return peer


def change(
    session: Session, peer_id: UUID, entry: PeerEntry, *, by: Principal, at: datetime
) -> Peer:
    """All but the identifier, under which messages are on record."""
    operators_only(by)
    peer = session.get(Peer, peer_id, with_for_update=True)
    if peer is None:
        raise PeerUnknown
    checked = _checked(entry)
    if checked.organ_id != peer.organ_id:
        raise PeerIncomplete(
            "Mã định danh của đối tác không đổi được. Hãy thêm mã mới vào danh sách mã khác.",
            fields={"organ_id": "Mã định danh không đổi được."},
        )
    _check_alone(session, checked, besides=peer_id)
    _fill(peer, checked, at)
    _record(session, "exchange_peer.changed", peer, by=by, at=at)
    return peer


def set_codes(
    session: Session,
    peer_id: UUID,
    list_: CodeList,
    pairs: Sequence[CodePair],
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Put one list of a peer in place of the old one. Raises CodesWrong."""
    operators_only(by)
    peer = session.get(Peer, peer_id, with_for_update=True)
    if peer is None:
        raise PeerUnknown
    assert all(pair.list is list_ for pair in pairs)
    if wrong := mapping.faults(pairs):
        raise CodesWrong(" ".join(wrong), fields={"codes": " ".join(wrong)})
    session.execute(delete(PeerCode).where(PeerCode.peer_id == peer_id, PeerCode.list == list_))
    _set_codes(session, peer_id, pairs)
    _record(session, "exchange_codes.changed", peer, by=by, at=at, list=list_.value)


def all_peers(session: Session) -> list[Peer]:
    """By name; those that are not used any more behind the others."""
    return list(session.scalars(select(Peer).order_by(Peer.is_active.desc(), Peer.name, Peer.id)))


def peer(session: Session, peer_id: UUID) -> Peer:
    """Raises PeerUnknown."""
    found = session.get(Peer, peer_id)
    if found is None:
        raise PeerUnknown
    return found


def for_organ(session: Session, organ_id: str) -> Peer | None:
    """The peer through which an agency is reached: its own, or the one for everybody else."""
    own = session.scalars(
        select(Peer).where(
            Peer.is_active, or_(Peer.organ_id == organ_id, Peer.aliases.contains([organ_id]))
        )
    ).first()
    if own is not None:
        return own
    return session.scalars(
        select(Peer).where(Peer.is_active, Peer.organ_id == EVERYBODY_ELSE)
    ).first()


def warnings(peer: Peer) -> str:
    """What is strange about its identifiers, in whole sentences; mostly nothing."""
    if peer.organ_id == EVERYBODY_ELSE:
        return organ_ids.said("", *peer.aliases)
    return organ_ids.said("", peer.organ_id, *peer.aliases)


def speaks_for(peer: Peer, organ_id: str) -> bool:
    """Whether a message from this agency may come through this peer."""
    return peer.organ_id == EVERYBODY_ELSE or organ_id in (peer.organ_id, *peer.aliases)


def codes(session: Session, peer_id: UUID) -> Codes:
    rows = session.scalars(
        select(PeerCode).where(PeerCode.peer_id == peer_id).order_by(PeerCode.list, PeerCode.theirs)
    )
    return Codes(tuple(CodePair(row.list, row.ours, row.theirs, row.is_written) for row in rows))


def note_fetch(session: Session, peer_id: UUID, *, failure: str | None, at: datetime) -> None:
    """What the last look at a peer brought, for the page of peers."""
    found = session.get_one(Peer, peer_id)
    found.fetch_failure = None if failure is None else failure[:500]
    if failure is None:
        found.fetched_at = at


def _checked(entry: PeerEntry) -> PeerEntry:
    wrong: dict[str, str] = {}
    organ_id = entry.organ_id.strip()
    aliases = tuple(dict.fromkeys(each.strip() for each in entry.aliases if each.strip()))
    if not organ_id or len(organ_id) > organ_ids.LONGEST:
        wrong["organ_id"] = f"Mã định danh có từ 1 đến {organ_ids.LONGEST} ký tự."
    if len(aliases) > MOST_ALIASES:
        wrong["aliases"] = f"Nhiều nhất {MOST_ALIASES} mã."
    for field, entered in (("organ_id", organ_id), *(("aliases", each) for each in aliases)):
        try:
            organ_ids.checked(entered, field=field)
        except Invalid as unfit:
            wrong = unfit.fields | wrong
    if not 1 <= len(entry.name.strip()) <= 200:
        wrong["name"] = "Tên có từ 1 đến 200 ký tự."
    address = entry.address.strip()
    if entry.gateway is GatewayKind.FOLDER and not address.startswith("/"):
        wrong["address"] = "Nhập đường dẫn đầy đủ của thư mục dùng chung."
    elif entry.gateway is GatewayKind.AXIS and not address:
        wrong["address"] = "Nhập địa chỉ của trục."
    elif entry.gateway is not GatewayKind.FOLDER and address and not _is_url(address):
        wrong["address"] = "Nhập địa chỉ bắt đầu bằng https:// hoặc http://, không kèm mật khẩu."
    if entry.gateway is GatewayKind.AXIS and not entry.system_id.strip():
        wrong["system_id"] = "Nhập mã hệ thống mà trục đã cấp."
    if wrong:
        raise PeerIncomplete(" ".join(wrong.values()), fields=wrong)
    return PeerEntry(
        organ_id=organ_id,
        name=entry.name.strip(),
        gateway=entry.gateway,
        address=address,
        system_id=entry.system_id.strip()[:100],
        aliases=aliases,
        outgoing_secret=_secret_name(entry.outgoing_secret, "outgoing_secret"),
        incoming_secret=_secret_name(entry.incoming_secret, "incoming_secret"),
        seal_secret=_secret_name(entry.seal_secret, "seal_secret"),
        signer_name=entry.signer_name.strip()[:200],
        requires_signature=entry.requires_signature,
        is_active=entry.is_active,
    )


def _secret_name(entered: str, field: str) -> str:
    return named_secrets.checked(entered, field=field, what="khóa bí mật")


def _is_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None


def _check_alone(session: Session, entry: PeerEntry, *, besides: UUID | None) -> None:
    """No identifier leads to two peers."""
    names = [entry.organ_id, *entry.aliases]
    query = select(Peer).where(or_(Peer.organ_id.in_(names), Peer.aliases.overlap(names)))
    if besides is not None:
        query = query.where(Peer.id != besides)
    other = session.scalars(query).first()
    if other is not None:
        words = f"Mã này đã khai cho {other.name}."
        raise PeerTwice(words, fields={"organ_id": words})


def _fill(peer: Peer, entry: PeerEntry, at: datetime) -> None:
    peer.name = entry.name
    peer.gateway = entry.gateway
    peer.address = entry.address
    peer.system_id = entry.system_id
    peer.aliases = list(entry.aliases)
    peer.outgoing_secret = entry.outgoing_secret
    peer.incoming_secret = entry.incoming_secret
    peer.seal_secret = entry.seal_secret
    peer.signer_name = entry.signer_name
    peer.requires_signature = entry.requires_signature
    peer.is_active = entry.is_active
    peer.changed_at = at


def _set_codes(session: Session, peer_id: UUID, pairs: Iterable[CodePair]) -> None:
    session.add_all(
        PeerCode(
            peer_id=peer_id,
            list=pair.list,
            theirs=pair.theirs,
            ours=pair.ours,
            is_written=pair.is_written,
        )
        for pair in pairs
    )


def _record(
    session: Session,
    action: str,
    peer: Peer,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    record(
        session,
        action,
        object_kind="exchange_peer",
        object_id=peer.id,
        by=by,
        at=at,
        details={"organ_id": peer.organ_id, **details},
    )
