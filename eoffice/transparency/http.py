"""The stable public address of the log, in the layout of C2SP `tlog-tiles`. Says nothing of events.

Everything but the checkpoint stays as it is for ever, so any cache or static server may keep it.
"""

from __future__ import annotations

from typing import Final

from litestar import Response, Router, get, post
from litestar.params import FromPath, RawBody

from eoffice import clock, db
from eoffice.audit import log_key
from eoffice.audit.tiles import Tile, TileUnknown
from eoffice.errors import NotFound
from eoffice.settings import settings
from eoffice.transparency import actions, queries
from eoffice.transparency.actions import CosignatureInvalid

FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
ASKED_ANEW: Final = {"Cache-Control": "no-cache"}
#: A head and a handful of signatures.
LARGEST_NOTE: Final = 16 * 1024


class NotPublished(NotFound):
    """The log has published nothing under this address."""


@get("/checkpoint", sync_to_thread=True, opt={"public": True}, media_type="text/plain")
def newest() -> Response[str]:
    """The newest published head, with the co-signatures that witnesses have sent back."""
    with db.transaction(None) as session:
        note = queries.checkpoint(session)
    if note is None:
        raise NotPublished("Nhật ký chưa công bố đầu cây nào.")
    return Response(note, media_type="text/plain; charset=utf-8", headers=ASKED_ANEW)


@get(
    "/tile/{level:int}/{place:path}",
    sync_to_thread=True,
    opt={"public": True},
    media_type="application/octet-stream",
)
def tile(level: FromPath[int], place: FromPath[str]) -> Response[bytes]:
    """Hashes of one tile, 32 bytes each. Entries are not published: they name people."""
    try:
        asked = Tile.parse(level, place.lstrip("/"))
    except TileUnknown as unknown:
        raise NotPublished("Không có ngói nào của cây ở địa chỉ này.") from unknown
    with db.transaction(None) as session:
        head = queries.newest(session)
        found = None if head is None else queries.tile(session, asked, size=head.size)
    if found is None:
        raise NotPublished("Ngói này chưa có hoặc chưa đủ mã băm.")
    return Response(found, media_type="application/octet-stream", headers=FOR_EVER)


@get(
    "/timestamps/{size:int}",
    sync_to_thread=True,
    opt={"public": True},
    media_type="application/octet-stream",
)
def timestamp(size: FromPath[int]) -> Response[bytes]:
    """The time-stamp token (RFC 3161, DER) over the log's own note of the head of this size."""
    with db.transaction(None) as session:
        found = queries.timestamp(session, size) if size < 1 << 63 else None
    if found is None:
        raise NotPublished("Đầu cây này chưa có dấu thời gian.")
    return Response(found, media_type="application/octet-stream", headers=FOR_EVER)


@post(
    "/cosignatures",
    status_code=204,
    sync_to_thread=True,
    opt={"public": True},
    request_max_body_size=LARGEST_NOTE,
)
def cosign(body: RawBody) -> None:
    """Take the checkpoint back with the signature of a witness that the office has registered."""
    verifier = log_key.published(settings().trust_directory)
    try:
        note = body.decode()
    except UnicodeDecodeError as failure:
        raise CosignatureInvalid("Đầu cây gửi đến không phải là văn bản UTF-8.") from failure
    if verifier is None or "\x00" in note:
        raise CosignatureInvalid("Máy chủ không đọc được đầu cây gửi đến.")
    with db.transaction(None) as session:
        actions.take(session, note, verifier, at=clock.now())


router = Router("/log", route_handlers=[newest, tile, timestamp], tags=["log"])
#: A program sends it, so it is a door of the interface.
witnesses = Router("/api/v1/log", route_handlers=[cosign], tags=["log"])
