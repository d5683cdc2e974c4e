"""Metadata of an incoming document that is in the book, for people and for programs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents.metadata import queries as metadata_queries
from eoffice.documents.metadata import rules as metadata_rules
from eoffice.documents.metadata.model import DescribedKind
from eoffice.errors import Refusal
from eoffice.people.kinds import PositionKind
from eoffice.routing import arrival_queries, metadata_actions, outside_rules
from eoffice.routing.arrival_queries import ArrivalSeen
from eoffice.routing.metadata_actions import IncomingMetadata
from eoffice.routing.states import ArrivalState
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal


class DescribedIn(msgspec.Struct, frozen=True, kw_only=True):
    """All of them: what is left out becomes empty, but for the number of pages."""

    signer_name: str = ""
    signer_position: str = ""
    to_places: str = ""
    language: str = ""
    description: str = ""
    page_count: int | None = None
    because: str = ""

    def metadata(self) -> IncomingMetadata:
        return IncomingMetadata(
            self.signer_name,
            self.signer_position,
            self.to_places,
            self.language,
            self.description,
            self.page_count,
        )


class DeliveryChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    before: str
    after: str
    because: str
    changed_by: str
    changed_at: datetime


@get("/incoming/{arrival_id:uuid}/metadata", sync_to_thread=True)
def described(request: Request, arrival_id: FromPath[UUID]) -> Response[bytes]:
    """Siêu dữ liệu của văn bản đến."""
    return _page(request, arrival_id, None)


@post("/incoming/{arrival_id:uuid}/metadata", sync_to_thread=True)
def describe(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Bổ sung hoặc sửa siêu dữ liệu."""
    who = principal(request)
    try:
        entered = form.parse(DescribedIn)

        def work(session: Session) -> See:
            count = metadata_actions.describe(
                session,
                arrival_id,
                entered.metadata(),
                because=entered.because,
                by=who,
                at=clock.now(),
            )
            said = "Đã ghi siêu dữ liệu." if count else "Siêu dữ liệu không có gì thay đổi."
            return See(f"/incoming/{arrival_id}/metadata", said=said)

        return once.see(work)
    except Refusal as refusal:
        return _page(request, arrival_id, form.refused(refusal), status=refusal.status)


@get("/{arrival_id:uuid}/metadata", sync_to_thread=True)
def read(request: Request, arrival_id: FromPath[UUID]) -> list[DeliveryChangeOut]:
    """Every change to the metadata of an arrival, the latest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(session, _arrival(session, arrival_id, who).delivery.id)


@put("/{arrival_id:uuid}/metadata", sync_to_thread=True)
def change(
    request: Request, arrival_id: FromPath[UUID], data: JSONBody[DescribedIn]
) -> list[DeliveryChangeOut]:
    """Set the metadata of an arrival. Clerks only, with the reason."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        metadata_actions.describe(
            session, arrival_id, data.metadata(), because=data.because, by=who, at=clock.now()
        )
        session.flush()  # The answer reads what was just changed.
        return _out(session, _arrival(session, arrival_id, who).delivery.id)


def _arrival(session: Session, arrival_id: UUID, who: Principal) -> ArrivalSeen:
    today = clock.civil_date(clock.now())
    return arrival_queries.arrival(session, arrival_id, who=who, today=today)


def _out(session: Session, delivery_id: UUID) -> list[DeliveryChangeOut]:
    return [
        DeliveryChangeOut(
            field=each.field,
            before=each.before,
            after=each.after,
            because=each.because,
            changed_by=each.who,
            changed_at=each.at,
        )
        for each in metadata_queries.changes(session, DescribedKind.DELIVERY, delivery_id)
    ]


def _page(
    request: Request, arrival_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = _arrival(session, arrival_id, who)
        changes = metadata_queries.changes(session, DescribedKind.DELIVERY, found.delivery.id)
    delivery = found.delivery
    return page(
        request,
        "routing/metadata.html",
        section="incoming",
        status=status,
        arrival=found,
        delivery=delivery,
        changes=changes,
        may_change=metadata_rules.may_add(PositionKind(who.position_kind))
        and found.state is not ArrivalState.RECALLED,
        names=metadata_rules.NAMES,
        longest={field: longest for field, (_, longest) in outside_rules.LONGEST.items()},
        form=form
        or FormState.of(
            signer_name=delivery.signer_name,
            signer_position=delivery.signer_position or "",
            to_places=delivery.to_places or "",
            language=delivery.language or "",
            description=delivery.description or "",
            page_count=delivery.page_count,
        ),
    )


routes = [described, describe]
handlers = [read, change]
