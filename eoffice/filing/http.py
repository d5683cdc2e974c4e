"""Case files for programs."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.filing import case_actions, case_queries
from eoffice.filing.case_queries import CaseLine, CaseSeen, Wanted
from eoffice.filing.case_rules import DEFAULT_LANGUAGE, CaseState, Heading, RecordKind
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class NewCase(msgspec.Struct, frozen=True, kw_only=True):
    year: int
    notation: str
    title: str
    maintenance: str
    rights: str = ""
    language: str = DEFAULT_LANGUAGE
    description: str = ""
    maker_id: UUID | None = None


class CaseLineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    #: OrganId.Year.Notation
    code: str
    year: int
    notation: str
    title: str
    maintenance: str
    maker: str
    unit: str
    state: CaseState
    is_restricted: bool
    documents: int
    pages: int
    first_on: date | None
    last_on: date | None


class ItemOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    ordinal: int
    kind: RecordKind
    record_id: UUID
    code: str
    issued_on: date | None
    type_name: str
    subject: str
    organ_name: str
    page_count: int | None
    content_sha256: str | None
    is_recalled: bool


class CaseOut(msgspec.Struct, frozen=True, kw_only=True):
    case_file: CaseLineOut
    rights: str
    language: str
    description: str
    closed_at: datetime | None
    items: list[ItemOut]


class NewItem(msgspec.Struct, frozen=True, kw_only=True):
    kind: RecordKind
    record_id: UUID


class Removal(msgspec.Struct, frozen=True, kw_only=True):
    why: str


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    #: Who may open it besides maker and keepers; null: all who work with documents.
    readers: list[UUID] | None


@get("/", sync_to_thread=True)
def listing(
    request: Request,
    year: FromQuery[int | None] = None,
    unit_id: FromQuery[UUID | None] = None,
    stage: FromQuery[CaseState | None] = None,
    q: FromQuery[str] = "",
) -> list[CaseLineOut]:
    """Case files that the acting person may open, the newest year first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = case_queries.listing(session, Wanted(year, unit_id, stage, q), who=who)
    return [_line(each) for each in found]


@post("/", sync_to_thread=True)
def plan(
    request: Request, data: JSONBody[NewCase], once: NamedDependency[Once]
) -> Response[CaseOut]:
    """Add a case file to the plan of a year."""
    who = principal(request)

    def work(session: Session) -> CaseOut:
        case_file_id = case_actions.plan(
            session,
            Heading(
                notation=data.notation,
                title=data.title,
                maintenance=data.maintenance,
                rights=data.rights,
                language=data.language,
                description=data.description,
            ),
            year=data.year,
            maker_id=data.maker_id,
            by=who,
            at=clock.now(),
        )
        return _seen(case_queries.case_file(session, case_file_id, who=who))

    return once.answer(
        work, status=201, location=lambda out: f"/api/v1/case-files/{out.case_file.id}"
    )


@get("/{case_file_id:uuid}", sync_to_thread=True)
def show(request: Request, case_file_id: FromPath[UUID]) -> CaseOut:
    """One case file with its documents in the order of their ordinals."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _seen(case_queries.case_file(session, case_file_id, who=who))


@post("/{case_file_id:uuid}/items", sync_to_thread=True)
def file(
    request: Request,
    case_file_id: FromPath[UUID],
    data: JSONBody[NewItem],
    once: NamedDependency[Once],
) -> Response[CaseOut]:
    """Put a document into it."""
    who = principal(request)

    def work(session: Session) -> CaseOut:
        case_actions.file_record(
            session, case_file_id, data.kind, data.record_id, by=who, at=clock.now()
        )
        return _seen(case_queries.case_file(session, case_file_id, who=who))

    return once.answer(work, status=201)


@post("/{case_file_id:uuid}/items/{item_id:uuid}/removal", sync_to_thread=True)
def take_out(
    request: Request,
    case_file_id: FromPath[UUID],
    item_id: FromPath[UUID],
    data: JSONBody[Removal],
    once: NamedDependency[Once],
) -> Response[CaseOut]:
    """Take a document out again, with a reason."""
    who = principal(request)

    def work(session: Session) -> CaseOut:
        case_actions.take_out(session, case_file_id, item_id, data.why, by=who, at=clock.now())
        return _seen(case_queries.case_file(session, case_file_id, who=who))

    return once.answer(work, status=200)


@post("/{case_file_id:uuid}/closing", sync_to_thread=True)
def close(
    request: Request, case_file_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[CaseOut]:
    """Close it after the check of completeness."""
    who = principal(request)

    def work(session: Session) -> CaseOut:
        case_actions.close(session, case_file_id, by=who, at=clock.now())
        return _seen(case_queries.case_file(session, case_file_id, who=who))

    return once.answer(work, status=200)


@post("/{case_file_id:uuid}/rights", sync_to_thread=True)
def restrict(
    request: Request,
    case_file_id: FromPath[UUID],
    data: JSONBody[Rights],
    once: NamedDependency[Once],
) -> Response[CaseOut]:
    """Say who may open it."""
    who = principal(request)

    def work(session: Session) -> CaseOut:
        case_actions.restrict(session, case_file_id, data.readers, by=who, at=clock.now())
        return _seen(case_queries.case_file(session, case_file_id, who=who))

    return once.answer(work, status=200)


def _line(line: CaseLine) -> CaseLineOut:
    return CaseLineOut(**{name: getattr(line, name) for name in CaseLineOut.__struct_fields__})


def _seen(found: CaseSeen) -> CaseOut:
    return CaseOut(
        case_file=_line(found.line),
        rights=found.rights,
        language=found.language,
        description=found.description,
        closed_at=found.closed_at,
        items=[
            ItemOut(**{name: getattr(item, name) for name in ItemOut.__struct_fields__})
            for item in found.items
        ],
    )


router = Router(
    "/api/v1/case-files",
    route_handlers=[listing, plan, show, file, take_out, close, restrict],
    tags=["case-files"],
)
