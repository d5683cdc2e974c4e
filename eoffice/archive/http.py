"""The archive for programs: search, reading, proofs, inspections."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive import actions, queries, reading, rules
from eoffice.archive.actions import Decision
from eoffice.archive.queries import InspectionRead, Line, Narrowed, Neighbour
from eoffice.archive.reading import File, Opened
from eoffice.archive.states import EntryKind, Fixity, InspectionState
from eoffice.archive.verify_command import Checked
from eoffice.files.page_images import PageMissing
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Request, principal


class EntryLineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: EntryKind
    title: str
    number_notation: str | None
    agency: str
    school_year: str
    class_name: str | None
    issued_on: date | None
    archived_at: datetime
    #: Baseline level that all signatures reach: "B-LTA".
    level: str | None
    #: The verdict at ingest.
    verdict: str


class NeighbourOut(msgspec.Struct, frozen=True, kw_only=True):
    """The version before or after; null entry until it is taken in, or where it is out of scope."""

    source_id: UUID
    entry_id: UUID | None
    archived_at: datetime | None


class FoundOut(msgspec.Struct, frozen=True, kw_only=True):
    """The same was found at every check from `since` to `checked_at`."""

    verdict: str
    level: str | None
    indication: str | None
    reason: str
    since: datetime
    checked_at: datetime


class EntryOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: EntryKind
    source_id: UUID
    title: str
    number_notation: str | None
    agency_id: UUID
    agency: str
    school_year: str
    class_name: str | None
    issued_on: date | None
    content_sha256: str
    size_bytes: int
    page_count: int
    locked_until: datetime
    retain_until: date | None
    level: str | None
    #: The whole verdict at ingest; ask `verification` for today's.
    verdict: dict[str, Any]
    archived_at: datetime
    fixity: Fixity
    fixity_checked_at: datetime
    #: Until when the last time-stamp proves what it proves; None where there is none.
    lasts_until: datetime | None
    renewed_at: datetime | None
    renewal_trouble: str
    audit_event_id: UUID
    #: The version that took the place of this book or report, and the one whose place it took.
    superseded_by: NeighbourOut | None
    supersedes: NeighbourOut | None
    #: What checks by the calendar found since the ingest, the latest first.
    verified: tuple[FoundOut, ...]


class InspectionIn(msgspec.Struct, frozen=True, kw_only=True):
    decision_number: Annotated[str, msgspec.Meta(max_length=100)]
    decided_on: date
    title: Annotated[str, msgspec.Meta(max_length=500)]
    inspector_id: UUID
    unit_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=1000)]
    kinds: tuple[EntryKind, ...]
    school_years: Annotated[tuple[str, ...], msgspec.Meta(max_length=50)]
    valid_from: date
    valid_to: date

    def decision(self) -> Decision:
        return Decision(**msgspec.structs.asdict(self))


class InspectionOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    decision_number: str
    decided_on: date
    title: str
    inspector_id: UUID
    inspector: str
    unit_ids: tuple[UUID, ...]
    units: tuple[str, ...]
    kinds: tuple[EntryKind, ...]
    school_years: tuple[str, ...]
    valid_from: date
    valid_to: date
    state: InspectionState


class CheckedOut(msgspec.Struct, frozen=True, kw_only=True):
    verdict: str
    reason: str
    faults: tuple[str, ...]
    signatures: list[dict[str, Any]]


@get("/entries", sync_to_thread=True)
def search(
    request: Request,
    q: FromQuery[str] = "",
    kind: FromQuery[EntryKind | None] = None,
    school_year: FromQuery[str | None] = None,
    agency_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 20,
) -> Page[EntryLineOut]:
    """Find entries by words, without diacritics if need be; newest first."""
    most = bounded(limit)
    lines, _ = reading.search(
        principal(request),
        q,
        at=clock.now(),
        narrowed=narrowed(kind, school_year, agency_id),
        after=position(Cursor.read(request, cursor)),
        limit=most + 1,
    )
    rows = [_line_out(line) for line in lines]
    return Page.of(
        request, rows, limit=most, key=lambda row: (row.archived_at.isoformat(), str(row.id))
    )


@get("/entries/{entry_id:uuid}", sync_to_thread=True)
def show(request: Request, entry_id: FromPath[UUID]) -> EntryOut:
    """An entry with its description and what was found at ingest."""
    return _entry_out(reading.opened(principal(request), entry_id, at=clock.now()))


@get("/entries/{entry_id:uuid}/pages/{number:str}", sync_to_thread=True, media_type="image/png")
def page_image(
    request: Request, entry_id: FromPath[UUID], number: FromPath[str]
) -> Response[bytes]:
    """A page as PNG; `number` from one, ".png" may follow."""
    return picture(request, entry_id, number)


@get("/entries/{entry_id:uuid}/content", sync_to_thread=True, media_type="application/pdf")
def content(request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
    """The archived PDF, byte for byte."""
    file = reading.content(principal(request), entry_id, at=clock.now())
    return download(file, "application/pdf")


@get("/entries/{entry_id:uuid}/verification", sync_to_thread=True)
def verification(request: Request, entry_id: FromPath[UUID]) -> CheckedOut:
    """What is to be said about the entry's signatures now."""
    _, said = reading.verification(principal(request), entry_id, at=clock.now())
    return _checked_out(Checked(said.verdict, said.reason, said.signatures))


@get("/entries/{entry_id:uuid}/package", sync_to_thread=True, media_type="application/zip")
def evidence_package(request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
    """The evidence package, a ZIP that can be verified offline."""
    file = reading.evidence_package(principal(request), entry_id, at=clock.now())
    return download(file, "application/zip")


@get(
    "/entries/{entry_id:uuid}/evidence-record",
    sync_to_thread=True,
    media_type="application/octet-stream",
)
def evidence_record(request: Request, entry_id: FromPath[UUID]) -> Response[bytes]:
    """The evidence record beside the file (RFC 4998, DER); 404 where it has none."""
    file = reading.evidence_record(principal(request), entry_id, at=clock.now())
    return download(file, "application/octet-stream")


@get("/", sync_to_thread=True)
def inspections(request: Request) -> list[InspectionOut]:
    """For an inspector the decisions that name them, for others those of the acting agency."""
    who, on = principal(request), clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = (
            queries.inspections_of(session, who.person_id, on=on)
            if who.position_kind == rules.INSPECTOR
            else queries.inspections_by(session, who.agency_id, on=on)
        )
    return [_inspection_out(one) for one in found]


@get("/{inspection_id:uuid}", sync_to_thread=True)
def inspection(request: Request, inspection_id: FromPath[UUID]) -> InspectionOut:
    """One decision."""
    with db.transaction(principal(request).acting) as session:
        return _inspection_of(session, inspection_id)


@post("/", sync_to_thread=True, status_code=201)
def decide(
    request: Request, data: JSONBody[InspectionIn], once: NamedDependency[Once]
) -> Response[InspectionOut]:
    """Enter a decision; it opens the archive to the inspector for its period."""

    def work(session: Session) -> InspectionOut:
        made = actions.decide(session, data.decision(), by=principal(request), at=clock.now())
        return _inspection_of(session, made)

    return once.answer(work, status=201, location=lambda out: f"/api/v1/inspections/{out.id}")


@put("/{inspection_id:uuid}", sync_to_thread=True)
def amend(
    request: Request, inspection_id: FromPath[UUID], data: JSONBody[InspectionIn]
) -> InspectionOut:
    """Change what a decision says while it has not ended."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.amend(session, inspection_id, data.decision(), by=who, at=clock.now())
        return _inspection_of(session, inspection_id)


@post("/{inspection_id:uuid}/ending", sync_to_thread=True, status_code=200)
def end(
    request: Request, inspection_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[InspectionOut]:
    """End an inspection before its last day."""

    def work(session: Session) -> InspectionOut:
        actions.end(session, inspection_id, by=principal(request), at=clock.now())
        return _inspection_of(session, inspection_id)

    return once.answer(work)


router = Router(
    "/api/v1",
    route_handlers=[
        Router(
            "/archive",
            route_handlers=[
                search,
                show,
                page_image,
                content,
                verification,
                evidence_package,
                evidence_record,
            ],
            tags=["archive"],
        ),
        Router(
            "/inspections",
            route_handlers=[inspections, inspection, decide, amend, end],
            tags=["inspections"],
        ),
    ],
)


def narrowed(kind: EntryKind | None, school_year: str | None, agency_id: UUID | None) -> Narrowed:
    return Narrowed(
        kinds=() if kind is None else (kind,),
        school_years=() if not school_year else (rules.school_year(school_year),),
        agency_ids=() if agency_id is None else (agency_id,),
    )


def position(after: tuple[str, ...] | None) -> tuple[datetime, UUID] | None:
    """Where the next part of a list of entries begins."""
    return None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1]))


def picture(request: Request, entry_id: UUID, number: str) -> Response[bytes]:
    """A page; kept by the browser for a while only, so that looking again is a look again."""
    digits = number.removesuffix(".png")
    if not digits.isdecimal() or len(digits) > 5:
        raise PageMissing(f"Hồ sơ không có trang {number}.")
    image = reading.page_image(principal(request), entry_id, int(digits), at=clock.now())
    return Response(
        image,
        media_type="image/png",
        headers={"Cache-Control": "private, max-age=300", "Vary": "Cookie, Authorization"},
    )


def download(file: File, media_type: str) -> Response[bytes]:
    """A file to keep: never shown in the page, whatever it holds."""
    return Response(
        file.content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Cache-Control": "private, no-store",
        },
    )


def _inspection_of(session: Session, inspection_id: UUID) -> InspectionOut:
    on = clock.civil_date(clock.now())
    return _inspection_out(queries.inspection(session, inspection_id, on=on))


def _line_out(line: Line) -> EntryLineOut:
    return EntryLineOut(
        id=line.id,
        kind=line.kind,
        title=line.title,
        number_notation=line.number_notation,
        agency=line.agency_name,
        school_year=line.school_year,
        class_name=line.class_name,
        issued_on=line.issued_on,
        archived_at=line.archived_at,
        level=line.level,
        verdict=line.verdict,
    )


def _neighbour_out(one: Neighbour | None) -> NeighbourOut | None:
    if one is None:
        return None
    return NeighbourOut(source_id=one.source_id, entry_id=one.entry_id, archived_at=one.archived_at)


def _entry_out(opened: Opened) -> EntryOut:
    entry = opened.entry
    about = entry.description
    return EntryOut(
        id=entry.id,
        kind=about.kind,
        source_id=about.source_id,
        title=about.title,
        number_notation=about.number_notation,
        agency_id=about.agency_id,
        agency=about.agency_name,
        school_year=about.school_year,
        class_name=about.class_name,
        issued_on=about.issued_on,
        content_sha256=about.content_sha256,
        size_bytes=about.size_bytes,
        page_count=entry.page_count,
        locked_until=entry.locked_until,
        retain_until=entry.retain_until,
        level=entry.level,
        verdict=entry.verdict.to_json(),
        archived_at=about.archived_at,
        fixity=entry.fixity,
        fixity_checked_at=entry.fixity_checked_at,
        lasts_until=entry.lasts_until,
        renewed_at=entry.renewed_at,
        renewal_trouble=entry.renewal_trouble,
        audit_event_id=entry.audit_event_id,
        superseded_by=_neighbour_out(opened.succession.superseded_by),
        supersedes=_neighbour_out(opened.succession.supersedes),
        verified=tuple(
            FoundOut(
                verdict=one.finding.value,
                level=one.level,
                indication=one.indication,
                reason=one.reason,
                since=one.since,
                checked_at=one.checked_at,
            )
            for one in opened.verified
        ),
    )


def _inspection_out(one: InspectionRead) -> InspectionOut:
    return InspectionOut(
        id=one.id,
        decision_number=one.decision_number,
        decided_on=one.decided_on,
        title=one.title,
        inspector_id=one.inspector_id,
        inspector=one.inspector_name,
        unit_ids=one.unit_ids,
        units=one.unit_names,
        kinds=one.kinds,
        school_years=one.school_years,
        valid_from=one.valid_from,
        valid_to=one.valid_to,
        state=one.state,
    )


def _checked_out(found: Checked) -> CheckedOut:
    return CheckedOut(
        verdict=found.verdict.value,
        reason=found.reason,
        faults=found.faults,
        signatures=[one.to_json() for one in found.signatures],
    )
