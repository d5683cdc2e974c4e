"""What came in, as bytes for a browser or a program: the document, one page of it, a file.

Who looks is on record before anything is shown.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from litestar import Response

from eoffice import db
from eoffice.audit import looks
from eoffice.audit.looks import Thing, Way
from eoffice.files import page_images
from eoffice.files.http import ASKED_ANEW
from eoffice.files.page_images import Paper
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.routing import delivery_queries
from eoffice.web.principal import Principal

PAGE_WIDTH_PX = 1240
#: A copy may be recalled: a browser asks before it shows what it kept.
_ASKED = {**ASKED_ANEW, "Vary": "Cookie, Authorization"}


def pdf_of(who: Principal, delivery_id: UUID, *, at: datetime) -> Response[bytes]:
    """The document that came, shown in the browser's own reader."""
    seen = _readable(who, delivery_id, Way.DOWNLOADED, at)
    return Response(
        configured.store().get(_digest(seen)),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(seen.code, safe='')}.pdf",
            **_ASKED,
        },
    )


def picture(
    who: Principal, delivery_id: UUID, number: int, width_px: int, *, at: datetime
) -> Response[bytes]:
    """One page of the document that came, as PNG."""
    seen = _readable(who, delivery_id, Way.VIEWED, at)
    paper = Paper.stored(_digest(seen), lambda digest: configured.store().get(digest))
    return Response(
        page_images.picture(paper, number, width_px),
        media_type="image/png",
        headers=dict(_ASKED),
    )


def attached(who: Principal, delivery_id: UUID, position: int, *, at: datetime) -> Response[bytes]:
    """A file to keep: never shown in the page, whatever it holds."""
    with db.transaction(who.acting) as session:
        found = delivery_queries.file(session, delivery_id, position, who=who)
        looks.look(
            session,
            Thing.DELIVERY,
            delivery_id,
            Way.DOWNLOADED,
            by=who,
            at=at,
            details={"file": position},
        )
    return Response(
        configured.store().get(Sha256.parse(found.sha256)),
        media_type=found.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
            **_ASKED,
        },
    )


def _digest(seen: delivery_queries.DeliverySeen) -> Sha256:
    """Raises FileUnknown for a paper of which there is no file."""
    if seen.content_sha256 is None:
        raise delivery_queries.FileUnknown
    return Sha256.parse(seen.content_sha256)


def _readable(
    who: Principal, delivery_id: UUID, way: Way, at: datetime
) -> delivery_queries.DeliverySeen:
    with db.transaction(who.acting) as session:
        seen = delivery_queries.readable(session, delivery_id, who=who)
        looks.look(session, Thing.DELIVERY, delivery_id, way, by=who, at=at)
    return seen
