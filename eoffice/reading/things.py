"""What can be read: an outgoing document, one that came, a scan, an archived one.

Each is found by the queries of its own slice, which decide what this person may read, and the look
is on record before anything is shown. Bytes are asked for only when a page has to be made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive import actions as archive
from eoffice.archive import queries as entries
from eoffice.archive.states import EntryKind, Look
from eoffice.audit import looks
from eoffice.audit import queries as audit
from eoffice.audit.looks import Thing, Way
from eoffice.audit.queries import Event
from eoffice.documents import queries as documents
from eoffice.documents import types
from eoffice.documents.drafts import drafting
from eoffice.errors import NotFound
from eoffice.files.page_images import Paper
from eoffice.mailroom import scan_queries
from eoffice.objects import configured
from eoffice.people.kinds import PositionKind
from eoffice.reading import rules, thread
from eoffice.reading.bonds import Direction
from eoffice.reading.thread import Related
from eoffice.routing import delivery_queries, outside_queries
from eoffice.web.principal import Principal


class NoThread(NotFound):
    """Only documents that went out or came in belong to others."""


class Kind(StrEnum):
    """As it stands in addresses."""

    DOCUMENT = "documents"
    DELIVERY = "deliveries"
    SCAN = "scans"
    ENTRY = "archive"


_THINGS: Final = {
    Kind.DOCUMENT: Thing.DOCUMENT,
    Kind.DELIVERY: Thing.DELIVERY,
    Kind.SCAN: Thing.SCAN,
}
_ARCHIVE_LOOKS: Final = {
    Way.VIEWED: Look.OPENED,
    Way.DOWNLOADED: Look.DOWNLOADED,
    Way.PRINTED: Look.PRINTED,
}
MOST_LOOKS: Final = 50
#: Stands for the pages of a draft until they are printed, outside of the transaction.
_UNPRINTED: Final = Paper.of(b"")


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, and for which version of a document: None for the newest."""

    who: Principal
    at: datetime
    version: int | None = None

    @property
    def position(self) -> PositionKind:
        return PositionKind(self.who.position_kind)


@dataclass(frozen=True, slots=True)
class Readable:
    """A thing with pages, as the reader shows it."""

    kind: Kind
    id: UUID
    title: str
    subject: str
    #: Section of the office and the thing's own page in it.
    section: str
    home: tuple[str, str]
    path: str
    paper: Paper
    #: Where words are looked for: the copy with a layer of words, where there is one.
    words: Paper
    #: Whether its pages will never change and never be taken back.
    is_final: bool
    #: What the mark of a print calls it, and the name of a file made of it.
    said: str
    file_name: str
    may_see_looks: bool
    #: Of several versions of a document, the one that is shown; else None.
    version: int | None = None

    @property
    def address(self) -> str:
        return f"/reading/{self.kind}/{self.id}"

    @property
    def of_version(self) -> str:
        """What an address says besides, so that it leads to the version that is shown."""
        return "" if self.version is None else f"?version={self.version}"


def read(
    who: Principal,
    kind: Kind,
    thing_id: UUID,
    way: Way | None,
    *,
    at: datetime,
    version: int | None = None,
    page: int | None = None,
) -> Readable:
    """Find it for this person and put the look on record; None for what only asks about it.

    `page` is the page that is looked at: an inspector leaves a trace of each. Raises what the
    queries of its slice raise where there is no such thing for this person.
    """
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        found = _FINDERS[kind](session, thing_id, Asked(who, at, version))
        if way is not None:
            _look(session, found, way, page, by=who, at=at)
    if found.paper is not _UNPRINTED:
        return found
    # A draft is printed from its text each time: it may have been saved again meanwhile.
    paper = Paper.of(drafting.preview(thing_id, found.version, by=who).pdf)
    return replace(found, paper=paper, words=paper)


def looked_at(
    who: Principal,
    kind: Kind,
    thing_id: UUID,
    *,
    at: datetime,
    after: tuple[datetime, UUID] | None,
) -> tuple[Readable, list[Event]]:
    """Who read it, newest first, one more than are shown. Raises LooksClosed."""
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        found = _FINDERS[kind](session, thing_id, Asked(who, at))
        if not found.may_see_looks:
            raise rules.LooksClosed(
                "Lịch sử truy cập dành cho lãnh đạo cơ quan, văn thư và trưởng đơn vị soạn thảo."
            )
        if kind is Kind.ENTRY:
            return found, audit.accesses(session, "archive_entry", thing_id, limit=MOST_LOOKS)
        return found, looks.looks(
            session, _THINGS[kind], thing_id, after=after, limit=MOST_LOOKS + 1
        )


def related(who: Principal, kind: Kind, thing_id: UUID, *, at: datetime) -> list[Related]:
    """The thread of an outgoing document or of one that came; whether it is open or a paper.

    Raises NoThread of anything else.
    """
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        if kind is Kind.DOCUMENT:
            documents.document(session, thing_id, who=who)
            return thread.of(session, Direction.OUTGOING, thing_id, who=who)
        if kind is Kind.DELIVERY:
            delivery_queries.delivery(session, thing_id, who=who)
            return thread.of(session, Direction.INCOMING, thing_id, who=who)
    raise NoThread("Chỉ văn bản đi và văn bản đến có văn bản liên quan.")


def _look(
    session: Session, found: Readable, way: Way, page: int | None, *, by: Principal, at: datetime
) -> None:
    if found.kind is not Kind.ENTRY:
        details = {} if found.version is None or way is Way.VIEWED else {"version": found.version}
        looks.look(session, _THINGS[found.kind], found.id, way, by=by, at=at, details=details)
    elif page is not None:
        archive.look(session, found.id, Look.PAGE_VIEWED, by=by, at=at, details={"page": page})
    else:
        archive.look(session, found.id, _ARCHIVE_LOOKS[way], by=by, at=at)


def _document(session: Session, document_id: UUID, asked: Asked) -> Readable:
    found = documents.document(session, document_id, who=asked.who)
    chosen = drafting.version_of(found, asked.version)
    name = types.name(found.type)
    paper = _UNPRINTED if chosen.content_sha256 is None else _stored(chosen.content_sha256)
    on = f" ngày {found.issued_on:%d/%m/%Y}" if found.issued_on else ""
    return Readable(
        kind=Kind.DOCUMENT,
        id=document_id,
        title=f"{name} {found.code}" if found.code else f"{name} (dự thảo)",
        subject=found.subject,
        section="documents",
        home=("Văn bản đi", "/documents"),
        path=f"/documents/{document_id}",
        paper=paper,
        words=paper,
        is_final=chosen.frozen_at is not None,
        said=f"{found.code}{on}" if found.code else f"dự thảo {name.lower()}, bản {chosen.ordinal}",
        file_name=(found.code or "du-thao").replace("/", "-"),
        may_see_looks=rules.may_see_looks(
            asked.position,
            is_of_own_unit=found.drafting_unit_id == asked.who.unit_id,
        ),
        version=chosen.ordinal,
    )


def _delivery(session: Session, delivery_id: UUID, asked: Asked) -> Readable:
    found = delivery_queries.readable(session, delivery_id, who=asked.who)
    if found.content_sha256 is None:
        raise delivery_queries.FileUnknown
    paper = _stored(found.content_sha256)
    outside = outside_queries.content_seen(session, delivery_id)
    layer = None if outside is None else outside.searchable_sha256
    path = f"/incoming/{found.arrival_id}" if found.arrival_id else None
    return Readable(
        kind=Kind.DELIVERY,
        id=delivery_id,
        title=f"{found.type_name} {found.code}",
        subject=found.subject,
        section="incoming",
        home=("Văn bản đến", "/incoming"),
        path=path or f"/incoming/deliveries/{delivery_id}",
        paper=paper,
        words=paper if layer is None else _stored(layer),
        # Its sender may take it back.
        is_final=False,
        said=f"{found.code} ngày {found.issued_on:%d/%m/%Y} của {found.sender_name}",
        file_name=found.code.replace("/", "-") or "van-ban-den",
        # Whoever is not of these sees only what was given to them or their unit.
        may_see_looks=rules.may_see_looks(asked.position, is_of_own_unit=True),
    )


def _scan(session: Session, scan_id: UUID, asked: Asked) -> Readable:
    found = scan_queries.scan(session, scan_id, who=asked.who)
    paper = _stored(found.content_sha256)
    return Readable(
        kind=Kind.SCAN,
        id=scan_id,
        title=found.name,
        subject=f"Bản quét của {found.uploaded_by}",
        section="incoming",
        home=("Bản quét", "/incoming/scans"),
        path=f"/incoming/scans/{scan_id}",
        paper=paper,
        words=paper if found.searchable_sha256 is None else _stored(found.searchable_sha256),
        is_final=True,
        said=f"quét {found.name}",
        file_name=found.name.removesuffix(".pdf"),
        may_see_looks=rules.may_see_looks(asked.position, is_of_own_unit=False),
    )


def _entry(session: Session, entry_id: UUID, asked: Asked) -> Readable:
    found = entries.entry(session, entry_id, on=clock.civil_date(asked.at))
    about = found.description
    locked = found.object_version
    paper = Paper.stored(found.content, lambda each: configured.store().get_locked(each, locked))
    number = about.number_notation or ""
    return Readable(
        kind=Kind.ENTRY,
        id=entry_id,
        title=number if about.kind is EntryKind.DOCUMENT and number else about.title,
        subject=about.title,
        section="archive",
        home=("Lưu trữ", "/archive"),
        path=f"/archive/{entry_id}",
        paper=paper,
        words=paper,
        is_final=False,
        said=f"lưu trữ {number or about.title}",
        file_name=(number or about.title).replace("/", "-"),
        # As on the page of the entry: who may see it is told who else has.
        may_see_looks=True,
    )


def _stored(sha256: str) -> Paper:
    return Paper.stored(sha256, lambda each: configured.store().get(each))


_Finder = Callable[[Session, UUID, Asked], Readable]
_FINDERS: Final[dict[Kind, _Finder]] = {
    Kind.DOCUMENT: _document,
    Kind.DELIVERY: _delivery,
    Kind.SCAN: _scan,
    Kind.ENTRY: _entry,
}
