"""The page of a delivery: opened, looked at, registered or refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import types
from eoffice.documents.recipients.rules import PURPOSE_NAMES, Purpose
from eoffice.errors import Refusal
from eoffice.routing import (
    actions,
    delivery_content,
    delivery_queries,
    outside_pages,
    recall_queries,
    rules,
    states,
)
from eoffice.routing.states import DeliveryState
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

#: Takes a step and says where to look now.
PageStep = Callable[[Session, Principal, datetime], See]
DELIVERY_TONES: Final = {
    DeliveryState.DELIVERED: "quiet",
    DeliveryState.OPENED: "waiting",
    DeliveryState.REGISTERED: "going",
    DeliveryState.ASSIGNED: "going",
    DeliveryState.DONE: "done",
    DeliveryState.REFUSED: "wrong",
    DeliveryState.RECALLED: "wrong",
}


class Refusing(msgspec.Struct, frozen=True, kw_only=True):
    reason: str = ""


@get("/incoming/deliveries/{delivery_id:uuid}", sync_to_thread=True)
def delivery(request: Request, delivery_id: FromPath[UUID]) -> Response[bytes]:
    """A document that came: open it, look at it, register or refuse it."""
    return delivery_page(request, delivery_id, FormState())


@post("/incoming/deliveries/{delivery_id:uuid}/opening", sync_to_thread=True)
def open_delivery(
    request: Request,
    delivery_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """mở"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        actions.open_delivery(session, delivery_id, by=who, at=at)
        return See(f"/incoming/deliveries/{delivery_id}", said="Đã mở văn bản.")

    return _delivery_step(request, delivery_id, form, once, step)


@post("/incoming/deliveries/{delivery_id:uuid}/registration", sync_to_thread=True)
def register(
    request: Request,
    delivery_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """vào sổ"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        made = actions.register_arrival(session, delivery_id, by=who, at=at)
        return See(f"/incoming/{made.id}", said=f"Đã vào sổ, số đến {made.number}.")

    return _delivery_step(request, delivery_id, form, once, step)


@post("/incoming/deliveries/{delivery_id:uuid}/refusal", sync_to_thread=True)
def refuse(
    request: Request,
    delivery_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """từ chối tiếp nhận"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        entered = form.parse(Refusing)
        actions.refuse(session, delivery_id, entered.reason, by=who, at=at)
        return See(
            f"/incoming/deliveries/{delivery_id}",
            said="Đã từ chối tiếp nhận. Nơi gửi sẽ nhận được lý do.",
        )

    return _delivery_step(request, delivery_id, form, once, step)


@get("/incoming/deliveries/{delivery_id:uuid}/content", sync_to_thread=True)
def content(request: Request, delivery_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF with its signatures."""
    return delivery_content.pdf_of(principal(request), delivery_id, at=clock.now())


@get("/incoming/deliveries/{delivery_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request, delivery_id: FromPath[UUID], number: FromPath[int]
) -> Response[bytes]:
    """One page as an image."""
    return delivery_content.picture(
        principal(request),
        delivery_id,
        number,
        delivery_content.PAGE_WIDTH_PX,
        at=clock.now(),
    )


@get("/incoming/deliveries/{delivery_id:uuid}/files/{position:int}", sync_to_thread=True)
def file(request: Request, delivery_id: FromPath[UUID], position: FromPath[int]) -> Response[bytes]:
    """A file that came with the document."""
    return delivery_content.attached(principal(request), delivery_id, position, at=clock.now())


def _delivery_step(
    request: Request, delivery_id: UUID, form: Form, once: Once, step: PageStep
) -> Response[bytes]:
    """Take the step; refused, the page of the delivery comes back with what was typed."""
    who = principal(request)
    try:
        return once.see(lambda session: step(session, who, clock.now()))
    except Refusal as refusal:
        return delivery_page(request, delivery_id, form.refused(refusal), status=refusal.status)


def delivery_page(
    request: Request, delivery_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = delivery_queries.delivery(session, delivery_id, who=who)
        files = delivery_queries.files(session, delivery_id)
        shown = outside_pages.shown_of(session, delivery_id)
        recall = recall_queries.of_delivery(session, delivery_id)
    return page(
        request,
        "routing/delivery.html",
        status=status,
        delivery=found,
        files=files,
        images=images_of(found),
        form=form,
        recall=recall,
        recall_names=states.RECALL_NAMES,
        may_answer=recall is not None
        and (rules.is_clerk(who.position_kind) or rules.is_head(who.position_kind)),
        purpose=PURPOSE_NAMES[found.purpose] if found.purpose is not Purpose.ACTION else "",
        **shown,
        word=states.ARRIVING_NAMES[found.state],
        tone=DELIVERY_TONES[found.state],
        urgency=types.URGENCY_NAMES[found.urgency],
        may_open=found.state is DeliveryState.DELIVERED and rules.reads_the_book(who.position_kind),
        may_register=found.state is DeliveryState.OPENED and rules.is_clerk(who.position_kind),
    )


def images_of(found: delivery_queries.DeliverySeen) -> list[tuple[str, str]]:
    if not found.is_open or found.content_sha256 is None:
        return []
    return [
        (f"/incoming/deliveries/{found.id}/pages/{number}", "")
        for number in range(1, found.page_count + 1)
    ]
