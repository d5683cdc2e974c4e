"""Pictures of signatures and seals, for programs. Changing them needs the right to sign."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.objects import configured
from eoffice.signing.images import actions, queries, receiving, uploads
from eoffice.signing.images.queries import ImageRead
from eoffice.signing.images.rules import Kind
from eoffice.signing.images.states import ImageState
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal

#: The picture of a person's hand is shown to the one who asked, and kept by no cache.
PRIVATE = {"cache-control": "private, no-store", "x-content-type-options": "nosniff"}


class SignatureImageOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: Kind
    state: ImageState
    width_px: int
    height_px: int
    offered_by: str
    offered_at: str
    decided_by: str | None
    decided_at: str | None
    refused_because: str | None


class SignatureImagesOut(msgspec.Struct, frozen=True, kw_only=True):
    """Mine, those of the seal for who keeps it, and those that wait for my word."""

    own: list[SignatureImageOut]
    seals: list[SignatureImageOut]
    waiting: list[SignatureImageOut]


class ImageRefusal(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=actions.LONGEST_REASON)]


class ImageMade(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


@get("/", sync_to_thread=True)
def images(request: Request) -> SignatureImagesOut:
    """All that concern me."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return SignatureImagesOut(
            own=[_out(each) for each in queries.own(session, who)],
            seals=[_out(each) for each in queries.seals(session, who)],
            waiting=[_out(each) for each in queries.waiting(session, who)],
        )


@post(
    "/",
    sync_to_thread=True,
    request_max_body_size=uploads.BODY,
    opt={"scope": "sign"},
)
def offer(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[ImageMade]:
    """Offer a picture (part `file`: PNG) of my signature, or of the seal (field `kind`: `seal`)."""
    who, kind = principal(request), Kind.SEAL if form["kind"] == "seal" else Kind.SIGNATURE
    taken = uploads.received(form, kind)

    def work(session: Session) -> ImageMade:
        return ImageMade(id=uploads.offer(session, kind, taken, by=who, at=clock.now()))

    return once.answer(
        work, status=201, location=lambda made: f"/api/v1/signature-images/{made.id}/picture"
    )


@get("/{image_id:uuid}/picture", sync_to_thread=True, media_type="image/png")
def picture(request: Request, image_id: FromPath[UUID]) -> Response[bytes]:
    """What is kept of it, as PNG."""
    return shown(request, image_id)


@post("/{image_id:uuid}/approval", sync_to_thread=True, opt={"scope": "sign"})
def approve(
    request: Request, image_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[None]:
    """It is really theirs: what is signed from now on bears it."""
    who = principal(request)

    def work(session: Session) -> None:
        actions.approve(session, image_id, by=who, at=clock.now())

    return once.answer(work, status=204)


@post("/{image_id:uuid}/refusal", sync_to_thread=True, opt={"scope": "sign"})
def refuse(
    request: Request,
    image_id: FromPath[UUID],
    data: JSONBody[ImageRefusal],
    once: NamedDependency[Once],
) -> Response[None]:
    """It is not taken, with the reason."""
    who = principal(request)

    def work(session: Session) -> None:
        actions.refuse(session, image_id, data.reason, by=who, at=clock.now())

    return once.answer(work, status=204)


@post("/{image_id:uuid}/retirement", sync_to_thread=True, opt={"scope": "sign"})
def put_away(
    request: Request, image_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[None]:
    """Take back what waits, or use it no longer."""
    who = principal(request)

    def work(session: Session) -> None:
        actions.put_away(session, image_id, by=who, at=clock.now())

    return once.answer(work, status=204)


def shown(request: Request, image_id: UUID) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        name = queries.content(session, image_id, who)
    return Response(
        configured.store().get(name), media_type=receiving.MEDIA_TYPE, headers=dict(PRIVATE)
    )


def _out(image: ImageRead) -> SignatureImageOut:
    return SignatureImageOut(
        id=image.id,
        kind=image.kind,
        state=image.state,
        width_px=image.width_px,
        height_px=image.height_px,
        offered_by=image.offered_name,
        offered_at=_moment(image.offered_at),
        decided_by=image.decided_name,
        decided_at=None if image.decided_at is None else _moment(image.decided_at),
        refused_because=image.refused_because,
    )


def _moment(at: datetime) -> str:
    return at.isoformat()


router = Router(
    "/api/v1/signature-images",
    route_handlers=[images, offer, picture, approve, refuse, put_away],
    tags=["signing"],
)
