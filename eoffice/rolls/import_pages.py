"""Pages that take over a register or a list of certificates: bring, look, accept.

The preview carries the table itself to its acceptance, where it is read and judged anew; so
nothing of a list that nobody accepts is kept.
"""

from __future__ import annotations

from typing import Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import staff_queries
from eoffice.errors import Refusal
from eoffice.files.tables import reading
from eoffice.files.tables.workbook import Grid
from eoffice.rolls import certificate_queries, list_reading, numbering, rules, taking_over
from eoffice.rolls.paper_certificates import CertificatesReading
from eoffice.rolls.paper_lines import PaperReading
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

ROLLS: Final = "/registers/rolls/import"
CERTIFICATES: Final = "/registers/certificates/import"
_SHOWN: Final = 20


@get(ROLLS, sync_to_thread=True)
def show_rolls(request: Request) -> Response[bytes]:
    """Chép sổ đăng bộ giấy."""
    return _page(request, FormState(), ROLLS)


@post(ROLLS, sync_to_thread=True, request_max_body_size=reading.LARGEST_BYTES)
def look_rolls(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """What is in the table and what is wrong with it; nothing is kept."""
    who = principal(request)
    try:
        grid = _brought(form)
        with db.transaction(who.acting) as session:
            read = taking_over.enrolment(session, grid, by=who, today=clock.civil_date(clock.now()))
    except Refusal as refusal:
        return _page(request, form.refused(refusal), ROLLS, status=refusal.status)
    return _page(request, form.state(), ROLLS, grid=grid, read=read)


@post(ROLLS + "/acceptance", sync_to_thread=True, request_max_body_size=reading.LARGEST_BYTES)
def take_rolls(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Chép các dòng vào sổ."""
    who = principal(request)

    def work(session: Session) -> See:
        made = taking_over.take_enrolment(session, _brought(form), by=who, at=clock.now())
        return See(
            "/registers/rolls", said=f"Đã chép {made.count} số, từ {made.first} đến {made.last}."
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        return _page(request, form.refused(refusal), ROLLS, status=refusal.status)


@get(CERTIFICATES, sync_to_thread=True)
def show_certificates(request: Request) -> Response[bytes]:
    """Chép danh sách văn bằng đã cấp."""
    return _page(request, FormState(), CERTIFICATES)


@post(CERTIFICATES, sync_to_thread=True, request_max_body_size=reading.LARGEST_BYTES)
def look_certificates(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """What is in the list and what is wrong with it; nothing is kept."""
    who = principal(request)
    try:
        grid = _brought(form)
        with db.transaction(who.acting) as session:
            read = taking_over.certificates(
                session, grid, form["kind_code"], by=who, today=clock.civil_date(clock.now())
            )
    except Refusal as refusal:
        return _page(request, form.refused(refusal), CERTIFICATES, status=refusal.status)
    return _page(request, form.state(), CERTIFICATES, grid=grid, read=read)


@post(
    CERTIFICATES + "/acceptance", sync_to_thread=True, request_max_body_size=reading.LARGEST_BYTES
)
def take_certificates(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Chép danh sách vào sổ."""
    who = principal(request)

    def work(session: Session) -> See:
        count = taking_over.take_certificates(
            session, _brought(form), form["kind_code"], by=who, at=clock.now()
        )
        return See("/registers/certificates", said=f"Đã chép {count} văn bằng, chứng chỉ.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _page(request, form.refused(refusal), CERTIFICATES, status=refusal.status)


def _brought(form: Form) -> Grid:
    """The file, or what was pasted."""
    upload = form.file("file")
    content = b"" if upload is None else upload.file.read(reading.LARGEST_BYTES + 1)
    if not content:
        content = form["table"].encode()
    if not content.strip():
        words = "Hãy chọn tệp hoặc dán bảng."
        raise list_reading.ListRefused(words, fields={"table": words})
    return taking_over.grid_of(content)


def _page(
    request: Request,
    form: FormState,
    here: str,
    *,
    grid: Grid | None = None,
    read: PaperReading | CertificatesReading | None = None,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        rules.require_keeper(staff_queries.actor(who), who.agency_id)
        kinds = certificate_queries.kinds(session) if here == CERTIFICATES else ()
    lines = read.lines if isinstance(read, PaperReading) else ()
    return page(
        request,
        "rolls/import.html",
        section="registers",
        status=status,
        form=form,
        here=here,
        is_roll=here == ROLLS,
        kinds=[(one.code, one.name) for one in kinds],
        kind_names={one.code: one.name for one in kinds},
        read=read,
        table=taking_over.as_text(grid) if grid is not None else "",
        lines=[line for line in lines if line.name][:_SHOWN],
        shown=_SHOWN,
        count=len(lines) if isinstance(read, PaperReading) else len(read.rows) if read else 0,
        holes=numbering.spans(read.holes) if isinstance(read, PaperReading) else "",
        brought=read.rows[:_SHOWN] if isinstance(read, CertificatesReading) else (),
        faults=read.faults[: list_reading.MOST_FAULTS] if read else (),
        all_faults=len(read.faults) if read else 0,
    )


HANDLERS = (
    show_rolls,
    look_rolls,
    take_rolls,
    show_certificates,
    look_certificates,
    take_certificates,
)
