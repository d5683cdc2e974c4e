"""The arrival stamp of a registered document: as a picture for the reader, and on a print copy."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from eoffice import clock, db
from eoffice.audit import looks
from eoffice.audit.looks import Thing, Way
from eoffice.files import bounded
from eoffice.files.intake import UploadUnreadable
from eoffice.mailroom import stamp
from eoffice.mailroom.stamp import Stamp
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.routing import arrival_queries
from eoffice.routing.arrival_queries import ArrivalSeen
from eoffice.routing.delivery_queries import CopyRecalled, FileUnknown
from eoffice.routing.rules import Role
from eoffice.web.principal import Principal, Request, principal

#: What it shows changes with the assignment.
_ANEW = {"Cache-Control": "private, no-cache"}


class StampOut(msgspec.Struct, frozen=True, kw_only=True):
    """The arrival stamp as metadata."""

    agency_name: str
    arrival_number: int
    arrived_on: date
    handed_to: str


@get("/incoming/{arrival_id:uuid}/stamp", sync_to_thread=True)
def picture(request: Request, arrival_id: FromPath[UUID]) -> Response[bytes]:
    """The stamp as PNG, to be laid over the page."""
    who = principal(request)
    drawn = stamp.picture(_stamp(_seen(who, arrival_id), who))
    return Response(drawn, media_type="image/png", headers=dict(_ANEW))


@get("/incoming/{arrival_id:uuid}/print-copy", sync_to_thread=True)
def print_copy(request: Request, arrival_id: FromPath[UUID]) -> Response[bytes]:
    """The first page with the stamp on it, for the printer; the document stays as it is."""
    who = principal(request)
    seen = _seen(who, arrival_id)
    if seen.delivery.is_recalled:
        raise CopyRecalled
    if seen.delivery.content_sha256 is None:
        raise FileUnknown
    with db.transaction(who.acting) as session:
        looks.look(session, Thing.DELIVERY, seen.delivery.id, Way.PRINTED, by=who, at=clock.now())
    pdf = configured.store().get(Sha256.parse(seen.delivery.content_sha256))
    try:
        made = stamp.print_copy(pdf, _stamp(seen, who))
    except bounded.ChildFailed as failed:
        raise UploadUnreadable("Không đóng được dấu đến lên trang đầu của tệp này.") from failed
    name = quote(f"Số đến {seen.number} năm {seen.year}", safe="")
    return Response(
        made,
        media_type="application/pdf",
        headers={"Content-Disposition": f"inline; filename*=UTF-8''{name}.pdf", **_ANEW},
    )


@get("/arrivals/{arrival_id:uuid}/stamp", sync_to_thread=True)
def metadata(request: Request, arrival_id: FromPath[UUID]) -> StampOut:
    """What the arrival stamp says, for programs."""
    who = principal(request)
    seen = _seen(who, arrival_id)
    return StampOut(
        agency_name=who.agency_name,
        arrival_number=seen.number,
        arrived_on=seen.arrived_on,
        handed_to=_handed_to(seen),
    )


def _seen(who: Principal, arrival_id: UUID) -> ArrivalSeen:
    with db.transaction(who.acting) as session:
        return arrival_queries.arrival(
            session, arrival_id, who=who, today=clock.civil_date(clock.now())
        )


def _stamp(seen: ArrivalSeen, who: Principal) -> Stamp:
    return Stamp(
        agency=who.agency_name,
        number=str(seen.number),
        day=f"{seen.arrived_on:%d/%m/%Y}",
        handed_to=_handed_to(seen),
    )


def _handed_to(seen: ArrivalSeen) -> str:
    """Who leads; empty until somebody does."""
    return next((each.assignee for each in seen.assignments if each.role is Role.LEAD), "")
