"""Pages of scans: upload, progress of reading, the form with what was proposed."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import looks
from eoffice.audit.looks import Thing, Way
from eoffice.errors import Invalid, Refusal
from eoffice.files import page_images
from eoffice.files.http import KEPT
from eoffice.files.page_images import Paper
from eoffice.mailroom import (
    entry_pages,
    proposals,
    scan_actions,
    scan_queries,
    scanning,
    states,
)
from eoffice.mailroom.entering import Entry
from eoffice.mailroom.scan_queries import ScanSeen
from eoffice.mailroom.states import ScanState
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.routing import outside_queries, rules
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

TONES: Final = {
    ScanState.WAITING: "waiting",
    ScanState.READING: "going",
    ScanState.READ: "done",
    ScanState.UNREADABLE: "wrong",
    ScanState.UNAVAILABLE: "quiet",
    ScanState.TAKEN: "done",
    ScanState.DISCARDED: "quiet",
}
_PAGE_WIDTH_PX: Final = 1240


@get("/incoming/scans", sync_to_thread=True)
def scans(request: Request) -> Response[bytes]:
    """What was scanned and not dealt with yet, and the form for more."""
    return _list(request, FormState())


@post("/incoming/scans", sync_to_thread=True, request_max_body_size=scanning.LARGEST_BODY)
def upload(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Take a PDF, or pictures in the order of the pages."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    try:
        rules.check_clerk(who.position_kind)
        sent = [
            (each.filename or "", each.file.read(scanning.LARGEST_FILE + 1))
            for each in form.uploads("files")[: scanning.MOST_FILES + 1]
        ]
        if not sent:
            raise Invalid("Chưa chọn tệp.", fields={"files": "Chọn một tệp PDF hoặc các ảnh."})
        scanned = scanning.received(sent)

        def work(session: Session) -> See:
            made = scan_actions.upload(session, scanned, by=who, at=clock.now())
            return See(f"/incoming/scans/{made}", said="Đã nhận bản quét.")

        return once.see(work)
    except Refusal as refusal:
        return _list(request, form.refused(refusal), status=refusal.status)


@get("/incoming/scans/{scan_id:uuid}", sync_to_thread=True)
def scan(request: Request, scan_id: FromPath[UUID]) -> Response[bytes]:
    """The pages, how far the reading is, and the form with what was proposed."""
    return _page(request, scan_id, None)


@get("/incoming/scans/{scan_id:uuid}/progress", sync_to_thread=True)
def progress(request: Request, scan_id: FromPath[UUID]) -> Response[dict[str, object]]:
    """How many pages are read, for the bar on the page."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        seen = scan_queries.scan(session, scan_id, who=who)
    return Response(
        {
            "done": seen.pages_read,
            "total": seen.page_count,
            "failed": 0,
            "text": _how_far(seen),
            "finished": not seen.in_work,
            "next": f"/incoming/scans/{scan_id}",
        }
    )


@post("/incoming/scans/{scan_id:uuid}/document", sync_to_thread=True)
def take(
    request: Request,
    scan_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Make an incoming document of it."""
    who = principal(request)
    try:
        entry = form.parse(Entry)

        def work(session: Session) -> See:
            done = scan_actions.take(session, scan_id, entry, by=who, at=clock.now())
            return See(done.path, said=done.said)

        return once.see(work)
    except Refusal as refusal:
        return _page(request, scan_id, form.refused(refusal), status=refusal.status)


@post("/incoming/scans/{scan_id:uuid}/discarding", sync_to_thread=True)
def discard(
    request: Request, scan_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Put a scan away that was a mistake."""
    who = principal(request)

    def work(session: Session) -> See:
        scan_actions.discard(session, scan_id, by=who, at=clock.now())
        return See("/incoming/scans", said="Đã bỏ bản quét.")

    return once.see(work)


@get("/incoming/scans/{scan_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(request: Request, scan_id: FromPath[UUID], number: FromPath[int]) -> Response[bytes]:
    """One page as an image."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        seen = scan_queries.scan(session, scan_id, who=who)
        looks.look(session, Thing.SCAN, scan_id, Way.VIEWED, by=who, at=clock.now())
    paper = Paper.stored(seen.content_sha256, lambda digest: configured.store().get(digest))
    return Response(
        page_images.picture(paper, number, _PAGE_WIDTH_PX),
        media_type="image/png",
        headers=dict(KEPT),
    )


@get("/incoming/scans/{scan_id:uuid}/searchable", sync_to_thread=True)
def searchable(request: Request, scan_id: FromPath[UUID]) -> Response[bytes]:
    """The copy with a layer of words."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        seen = scan_queries.scan(session, scan_id, who=who)
        if seen.searchable_sha256 is None:
            raise scan_actions.ScanUnknown
        looks.look(session, Thing.SCAN, scan_id, Way.DOWNLOADED, by=who, at=clock.now())
    return Response(
        configured.store().get(Sha256.parse(seen.searchable_sha256)),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(seen.name, safe='')}.pdf",
            **KEPT,
        },
    )


def _list(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = scan_queries.scans(session, who=who)
    return page(
        request,
        "mailroom/scans.html",
        status=status,
        form=form,
        scans=found,
        names=states.SCAN_NAMES,
        tones=TONES,
        accepted=scanning.ACCEPTED,
        how_far=_how_far,
    )


def _page(
    request: Request, scan_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        seen = scan_queries.scan(session, scan_id, who=who)
        known = outside_queries.sender_names(session, who=who, on=today)
    found = proposals.proposed(seen.text, known_senders=known)
    if form is None:
        form = entry_pages.beginning(
            today,
            page_count=seen.page_count,
            number=found.number,
            notation=found.notation,
            issued_on=None if found.issued_on is None else found.issued_on.isoformat(),
            sender_name=found.sender_name,
            type_name=found.type_name,
            subject=found.subject,
        )
    return page(
        request,
        "mailroom/scan.html",
        status=status,
        scan=seen,
        how_far=_how_far(seen),
        proposed=[entry_pages.LABELS[name].lower() for name in found.found],
        word=states.SCAN_NAMES[seen.state],
        tone=TONES[seen.state],
        images=[
            (f"/incoming/scans/{scan_id}/pages/{number}", "")
            for number in range(1, seen.page_count + 1)
        ],
        **entry_pages.form_context(request, form),
    )


def _how_far(seen: ScanSeen) -> str:
    return f"Đã nhận dạng {seen.pages_read} trên {seen.page_count} trang"
