"""Certified copies for programs: asked for, looked at, signed or sealed, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.extracts import actions, making, queries, signatures
from eoffice.extracts.making import Wanted
from eoffice.extracts.queries import CopyView
from eoffice.extracts.states import CopyKind, CopyState, SourceKind
from eoffice.marks.marks_http import file_answer
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.signing.pin import PinEntered
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal

HERE = "/api/v1/register-copies"
_Text = Annotated[str, msgspec.Meta(max_length=actions.LONGEST_TEXT)]


class CopyIn(msgspec.Struct, frozen=True, kw_only=True):
    #: "whole" (sao y) or "extract" (trích sao).
    kind: CopyKind
    source_kind: SourceKind
    source_id: UUID
    #: Whose lines; for an extract of a class's book.
    pupil_id: UUID | None = None
    requester: _Text
    purpose: _Text
    signer_id: UUID


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: _Text


class CopyOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: CopyKind
    source_kind: SourceKind
    source_id: UUID
    source_title: str
    #: Of the signed file of which this is a copy.
    source_sha256: str
    archive_entry_id: UUID | None
    pupil_id: UUID | None
    pupil_name: str
    #: "03/TrS-THCSNTMK"
    code: str
    requester: str
    purpose: str
    signer: str
    state: CopyState
    state_since: datetime
    content_sha256: str
    page_count: int
    cancelled_because: str | None
    made_at: datetime
    is_my_turn: bool


@post("/", sync_to_thread=True)
def make(
    request: Request, data: JSONBody[CopyIn], once: NamedDependency[Once]
) -> Response[CopyOut]:
    """Make a copy of a closed book or report book under the school's next number."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    def within(last: Callable[[Session], UUID]) -> Response[CopyOut]:
        def work(session: Session) -> CopyOut:
            return _read(session, last(session), who)

        return once.answer(work, status=201, location=lambda out: f"{HERE}/{out.id}")

    return making.make(Wanted(**msgspec.structs.asdict(data)), by=who, within=within)


@get("/", sync_to_thread=True)
def listing(
    request: Request,
    source_id: FromQuery[UUID | None] = None,
    pupil_id: FromQuery[UUID | None] = None,
) -> list[CopyOut]:
    """The school's book of copies, the newest first; of one original or one pupil, if named."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_out(one) for one in queries.listed(session, who, source_id, pupil_id)]


@get("/awaiting", sync_to_thread=True)
def awaiting(request: Request) -> list[CopyOut]:
    """Copies that I can sign or seal now."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_out(one) for one in queries.awaiting(session, who)]


@get("/{copy_id:uuid}", sync_to_thread=True)
def show(request: Request, copy_id: FromPath[UUID]) -> CopyOut:
    """A copy: of what, where it stands, whether it is my turn."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(queries.copy(session, copy_id, who))


@get("/{copy_id:uuid}/content", sync_to_thread=True)
def content(request: Request, copy_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF as it stands; the copy of a whole carries the signed original inside."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        digest = queries.copy(session, copy_id, who).content_sha256
    pdf = configured.store().get(Sha256.parse(digest))
    return file_answer(pdf, "application/pdf", f"ban-sao-{copy_id}.pdf")


@post("/{copy_id:uuid}/signatures", sync_to_thread=True, status_code=200, opt={"scope": "sign"})
def sign(
    request: Request,
    copy_id: FromPath[UUID],
    data: JSONBody[PinEntered],
    once: NamedDependency[Once],
) -> Response[CopyOut]:
    """Sign the copy, or seal what was signed; the PIN is used and forgotten."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    def within(last: Callable[[Session], CopyState]) -> Response[CopyOut]:
        def work(session: Session) -> CopyOut:
            last(session)
            return _read(session, copy_id, who)

        return once.answer(work)

    return signatures.sign(copy_id, data.pin, by=who, within=within)


@post("/{copy_id:uuid}/cancellation", sync_to_thread=True, status_code=200)
def cancel(
    request: Request,
    copy_id: FromPath[UUID],
    data: JSONBody[Because],
    once: NamedDependency[Once],
) -> Response[CopyOut]:
    """Cancel a copy that was not issued; its number stays annulled."""
    who = principal(request)

    def work(session: Session) -> CopyOut:
        actions.cancel(session, copy_id, data.reason, by=who, at=clock.now())
        return _read(session, copy_id, who)

    return once.answer(work)


def _read(session: Session, copy_id: UUID, who: Principal) -> CopyOut:
    session.flush()  # The answer reads what was written.
    return _out(queries.copy(session, copy_id, who))


def _out(view: CopyView) -> CopyOut:
    return CopyOut(**{name: getattr(view, name) for name in CopyOut.__struct_fields__})


router = Router(
    HERE,
    route_handlers=[make, listing, awaiting, show, content, sign, cancel],
    tags=["register-copies"],
)
