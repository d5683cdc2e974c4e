"""How far my signatures are: what is awaited, what came to nothing and why."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.signing.requests import actions, queries, states
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

HERE: Final = "/signature-requests"
_DECLINED: Final = "Người ký đã bỏ yêu cầu này."


@get(HERE, sync_to_thread=True)
def mine(request: Request) -> Response[bytes]:
    """What is open, and what came to nothing lately."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.unfinished(session, who, at=clock.now())
    return page(
        request,
        "signing/requests.html",
        section="desk",
        requests=found,
        names=states.NAMES,
        tones=states.TONES,
    )


@get(HERE + "/{request_id:uuid}", sync_to_thread=True)
def one(request: Request, request_id: FromPath[UUID]) -> Response[bytes]:
    """One request; while it is open, the page asks again by itself."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.request(session, request_id, who=who)
    return page(
        request,
        "signing/request.html",
        section="desk",
        found=found,
        can_decline=(found.state, states.RequestStep.DECLINE) in states.TABLE,
        names=states.NAMES,
        tones=states.TONES,
    )


@get(HERE + "/{request_id:uuid}/progress", sync_to_thread=True)
def progress(request: Request, request_id: FromPath[UUID]) -> Response[bytes]:
    """The same in figures, for the page that waits."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.request(session, request_id, who=who)
    body = {
        "done": 0 if found.is_open else 1,
        "total": 1,
        "failed": 0,
        "text": states.NAMES[found.state],
        "finished": not found.is_open,
        "next": f"{HERE}/{request_id}",
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@post(HERE + "/{request_id:uuid}/refusal", sync_to_thread=True, opt={"scope": "sign"})
def decline(
    request: Request, request_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Do not sign it."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    def work(session: Session) -> See:
        actions.decline(session, request_id, why=_DECLINED, by=who, at=clock.now())
        return See(f"{HERE}/{request_id}", said="Đã bỏ yêu cầu ký.")

    return once.see(work)


pages = Router("/", route_handlers=[mine, one, progress, decline], include_in_schema=False)
