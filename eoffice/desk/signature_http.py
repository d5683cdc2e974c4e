"""Several signatures in one action, for programs. The token needs the scope `sign`."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.desk import signables
from eoffice.desk.signables import HOLDERS, SIGNABLE
from eoffice.signing.batches import actions, queries, rules
from eoffice.signing.batches.rules import Chosen, Holder, ItemState
from eoffice.signing.pin import Pin
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal


class SignableOut(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    id: UUID
    #: Send it back: only what has this fingerprint is signed.
    seen: str
    #: Whose key: of the person, or the seal of the agency.
    holder: Holder
    title: str
    path: str
    page_count: int


class SignableIn(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    id: UUID
    seen: str


class NewSignatures(msgspec.Struct, frozen=True, kw_only=True):
    """Up to 200 things of one key; up to 3,000 parts of report books."""

    items: list[SignableIn]
    pin: Pin = ""


class Again(msgspec.Struct, frozen=True, kw_only=True):
    pin: Pin = ""


class SignatureOutcome(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    id: UUID
    state: ItemState
    #: Why it was not signed; empty otherwise.
    said: str
    ended_at: datetime | None


class SignaturesOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    holder: Holder
    begun_at: datetime
    items: list[SignatureOutcome]


@get("/signables", sync_to_thread=True)
def listing(request: Request) -> list[SignableOut]:
    """What awaits my signature, initials or the seal and can be signed with others."""
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        found = signables.offered(session, by=who, at=at, with_grouped=True)
    return [
        SignableOut(
            kind=each.chosen.kind,
            id=each.chosen.id,
            seen=each.chosen.seen,
            holder=each.holder,
            title=each.shown.title,
            path=each.shown.path,
            page_count=each.shown.page_count,
        )
        for each in found
    ]


@post("/signatures", sync_to_thread=True, opt={"scope": "sign"})
def begin(
    request: Request, data: JSONBody[NewSignatures], once: NamedDependency[Once]
) -> Response[SignaturesOut]:
    """Have several things signed one after the other; each has its own outcome."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    chosen, holder = rules.checked(
        (Chosen(each.kind, each.id, each.seen) for each in data.items),
        HOLDERS,
        signables.GROUPED.keys(),
    )
    signables.authorise(who, holder, data.pin)

    def work(session: Session) -> SignaturesOut:
        batch_id = actions.begin(session, chosen, holder, data.pin, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(session, batch_id, who)

    return once.answer(work, status=202, location=lambda out: f"/api/v1/desk/signatures/{out.id}")


@get("/signatures/{batch_id:uuid}", sync_to_thread=True)
def show(request: Request, batch_id: FromPath[UUID]) -> SignaturesOut:
    """What became of each."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(session, batch_id, who)


@post(
    "/signatures/{batch_id:uuid}/retry",
    sync_to_thread=True,
    status_code=202,
    opt={"scope": "sign"},
)
def retry(
    request: Request, batch_id: FromPath[UUID], data: JSONBody[Again], once: NamedDependency[Once]
) -> Response[SignaturesOut]:
    """Have what was not signed tried again."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    with db.transaction(who.acting) as session:
        holder = queries.batch(session, batch_id, SIGNABLE, who=who).holder
    signables.authorise(who, holder, data.pin)

    def work(session: Session) -> SignaturesOut:
        actions.retry(session, batch_id, data.pin, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(session, batch_id, who)

    return once.answer(work, status=202)


@post(
    "/signatures/{batch_id:uuid}/stop",
    sync_to_thread=True,
    status_code=200,
    opt={"scope": "sign"},
)
def stop(
    request: Request, batch_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[SignaturesOut]:
    """Sign nothing of it any more."""
    who = principal(request)

    def work(session: Session) -> SignaturesOut:
        actions.stop(session, batch_id, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(session, batch_id, who)

    return once.answer(work)


def _out(session: Session, batch_id: UUID, who: Principal) -> SignaturesOut:
    batch = queries.batch(session, batch_id, SIGNABLE, who=who)
    return SignaturesOut(
        id=batch.id,
        holder=batch.holder,
        begun_at=batch.begun_at,
        items=[
            SignatureOutcome(
                kind=each.kind,
                id=each.id,
                state=each.state,
                said=each.said,
                ended_at=each.ended_at,
            )
            for each in batch.items
        ],
    )


HANDLERS: Final = (listing, begin, show, retry, stop)
