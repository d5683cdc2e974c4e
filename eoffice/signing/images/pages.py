"""Pages of the pictures: mine, the seal's, and one that waits for a second person's word."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.people.kinds import PositionKind
from eoffice.signing.images import actions, queries, rules, states, uploads
from eoffice.signing.images.http import shown
from eoffice.signing.images.rules import Kind
from eoffice.signing.images.states import ImageState
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

HERE: Final = "/signature-images"
_PATHS: Final = {Kind.SIGNATURE: HERE, Kind.SEAL: f"{HERE}/seal"}


@get(HERE, sync_to_thread=True)
def own(request: Request) -> Response[bytes]:
    """My signature's picture, those before it, and what waits for my word."""
    return _listing(request, Kind.SIGNATURE, FormState())


@post(
    HERE,
    sync_to_thread=True,
    request_max_body_size=uploads.BODY,
    opt={"scope": "sign"},
)
def offer_own(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Offer a picture of my signature."""
    return _offer(request, Kind.SIGNATURE, form, once)


@get(HERE + "/seal", sync_to_thread=True)
def seal(request: Request) -> Response[bytes]:
    """The agency's seal."""
    return _listing(request, Kind.SEAL, FormState())


@post(
    HERE + "/seal",
    sync_to_thread=True,
    request_max_body_size=uploads.BODY,
    opt={"scope": "sign"},
)
def offer_seal(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Offer a picture of the seal."""
    return _offer(request, Kind.SEAL, form, once)


@get(HERE + "/{image_id:uuid}", sync_to_thread=True)
def one(request: Request, image_id: FromPath[UUID]) -> Response[bytes]:
    """One picture as it would stand on paper, and what can be done with it."""
    return _one(request, image_id, FormState())


@get(HERE + "/{image_id:uuid}/picture", sync_to_thread=True)
def picture(request: Request, image_id: FromPath[UUID]) -> Response[bytes]:
    """The picture itself."""
    return shown(request, image_id)


@post(HERE + "/{image_id:uuid}/approval", sync_to_thread=True, opt={"scope": "sign"})
def approve(
    request: Request, image_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """It is really theirs."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.approve(session, image_id, by=who, at=clock.now())
        return See(f"{HERE}/{image_id}", said="Đã duyệt. Từ nay chữ ký mới dùng ảnh này.")

    return once.see(work)


@post(HERE + "/{image_id:uuid}/refusal", sync_to_thread=True, opt={"scope": "sign"})
def refuse(
    request: Request,
    image_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """It is not taken."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.refuse(session, image_id, form["reason"], by=who, at=clock.now())
        return See(f"{HERE}/{image_id}", said="Đã trả lại ảnh kèm lý do.")

    try:
        return once.see(work)
    except actions.ReasonMissing as refusal:
        return _one(request, image_id, form.refused(refusal), status=refusal.status)


@post(HERE + "/{image_id:uuid}/retirement", sync_to_thread=True, opt={"scope": "sign"})
def put_away(
    request: Request, image_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Take back what waits, or use it no longer."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.put_away(session, image_id, by=who, at=clock.now())
        return See(f"{HERE}/{image_id}", said="Đã thôi dùng ảnh này.")

    return once.see(work)


def _offer(request: Request, kind: Kind, form: Form, once: Once) -> Response[bytes]:
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    try:
        taken = uploads.received(form, kind)

        def work(session: Session) -> See:
            image_id = uploads.offer(session, kind, taken, by=who, at=clock.now())
            return See(
                f"{HERE}/{image_id}",
                said="Ảnh đạt yêu cầu và đang chờ người khác trong cơ quan duyệt.",
            )

        return once.see(work)
    except Refusal as refusal:
        return _listing(request, kind, form.refused(refusal), status=refusal.status, why=refusal)


def _listing(
    request: Request,
    kind: Kind,
    form: FormState,
    *,
    status: int = 200,
    why: Refusal | None = None,
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        images = (
            queries.own(session, who) if kind is Kind.SIGNATURE else queries.seals(session, who)
        )
        waiting = queries.waiting(session, who)
    faults = why.faults if isinstance(why, rules.ImageRefused) else ()
    return page(
        request,
        "signing/images.html",
        status=status,
        section="desk",
        is_seal=kind is Kind.SEAL,
        here=_PATHS[kind],
        images=images,
        current=next((each for each in images if each.state is ImageState.IN_USE), None),
        waiting=waiting,
        may_offer=states.may_offer(kind, PositionKind(who.position_kind)),
        sees_seals=PositionKind(who.position_kind) in states.DECIDERS,
        faults=faults,
        names=states.NAMES,
        tones=states.TONES,
        rules=rules,
        # Several faults are listed one by one, and not once more at the field.
        form=FormState() if faults else form,
    )


def _one(
    request: Request, image_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    position = PositionKind(who.position_kind)
    with db.transaction(who.acting) as session:
        image = queries.image(session, image_id, who)
    is_seal = image.kind is Kind.SEAL
    keeps = position in states.KEEPERS if is_seal else image.offered_by == who.person_id
    return page(
        request,
        "signing/image.html",
        status=status,
        section="desk",
        image=image,
        is_seal=is_seal,
        list_path=_PATHS[image.kind],
        may_decide=image.state is ImageState.OFFERED
        and states.may_decide(position, offered_it=image.offered_by == who.person_id),
        may_put_away=keeps and image.state in (ImageState.OFFERED, ImageState.IN_USE),
        names=states.NAMES,
        tones=states.TONES,
        form=form,
    )


pages = Router(
    "/",
    route_handlers=[own, offer_own, seal, offer_seal, one, picture, approve, refuse, put_away],
    include_in_schema=False,
)
