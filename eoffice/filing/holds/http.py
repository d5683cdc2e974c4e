"""Holds for programs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.filing.holds import actions, queries, rules
from eoffice.filing.holds.actions import Named
from eoffice.filing.holds.queries import HoldLine, HoldSeen
from eoffice.filing.holds.rules import CopyState, HeldKind
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class RecordIn(msgspec.Struct, frozen=True, kw_only=True):
    kind: HeldKind
    id: UUID


class NewHold(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    reason: str
    legal_basis: str
    records: list[RecordIn]


class MoreRecords(msgspec.Struct, frozen=True, kw_only=True):
    records: list[RecordIn]


class Lifting(msgspec.Struct, frozen=True, kw_only=True):
    why: str


class HoldLineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    title: str
    reason: str
    legal_basis: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_because: str | None
    records: int


class RecordOut(msgspec.Struct, frozen=True, kw_only=True):
    kind: HeldKind
    object_id: UUID
    code: str
    subject: str
    #: Code of the case file through which it is held.
    within: str | None
    added_by: str
    added_at: datetime


class CopyOut(msgspec.Struct, frozen=True, kw_only=True):
    entry_id: UUID
    content_sha256: str
    state: CopyState
    asked_at: datetime
    answered_at: datetime | None


class HoldOut(msgspec.Struct, frozen=True, kw_only=True):
    hold: HoldLineOut
    records: list[RecordOut]
    #: Copies in the archive that the object store locks for the hold.
    copies: list[CopyOut]


@get("/", sync_to_thread=True)
def listing(request: Request, runs: FromQuery[bool | None] = None) -> list[HoldLineOut]:
    """Holds of the acting agency, those that run first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_line(each) for each in queries.listing(session, who=who, runs=runs)]


@post("/", sync_to_thread=True)
def place(
    request: Request, data: JSONBody[NewHold], once: NamedDependency[Once]
) -> Response[HoldOut]:
    """Hold documents, arrivals and case files; a case file with all that is in it."""
    who = principal(request)

    def work(session: Session) -> HoldOut:
        wording = rules.checked(data.title, data.reason, data.legal_basis)
        hold_id = actions.place(session, wording, _named(data.records), by=who, at=clock.now())
        return _seen(queries.hold(session, hold_id, who=who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/holds/{out.hold.id}")


@get("/{hold_id:uuid}", sync_to_thread=True)
def show(request: Request, hold_id: FromPath[UUID]) -> HoldOut:
    """One hold with its records and the locks of the store."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _seen(queries.hold(session, hold_id, who=who))


@post("/{hold_id:uuid}/records", sync_to_thread=True)
def add(
    request: Request,
    hold_id: FromPath[UUID],
    data: JSONBody[MoreRecords],
    once: NamedDependency[Once],
) -> Response[HoldOut]:
    """Put further records into it."""
    who = principal(request)

    def work(session: Session) -> HoldOut:
        actions.add(session, hold_id, _named(data.records), by=who, at=clock.now())
        return _seen(queries.hold(session, hold_id, who=who))

    return once.answer(work, status=200)


@post("/{hold_id:uuid}/lifting", sync_to_thread=True)
def lift(
    request: Request,
    hold_id: FromPath[UUID],
    data: JSONBody[Lifting],
    once: NamedDependency[Once],
) -> Response[HoldOut]:
    """Let it go, with a reason."""
    who = principal(request)

    def work(session: Session) -> HoldOut:
        actions.lift(session, hold_id, data.why, by=who, at=clock.now())
        return _seen(queries.hold(session, hold_id, who=who))

    return once.answer(work, status=200)


def _named(records: list[RecordIn]) -> list[Named]:
    return [Named(each.kind, each.id) for each in records]


def _line(line: HoldLine) -> HoldLineOut:
    return HoldLineOut(**{name: getattr(line, name) for name in HoldLineOut.__struct_fields__})


def _seen(found: HoldSeen) -> HoldOut:
    return HoldOut(
        hold=_line(found.line),
        records=[
            RecordOut(**{name: getattr(each, name) for name in RecordOut.__struct_fields__})
            for each in found.records
        ],
        copies=[
            CopyOut(**{name: getattr(each, name) for name in CopyOut.__struct_fields__})
            for each in found.copies
        ],
    )


router = Router(
    "/api/v1/holds", route_handlers=[listing, place, show, add, lift], tags=["case-files"]
)
