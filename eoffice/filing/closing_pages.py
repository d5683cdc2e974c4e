"""Pages of books at the end of their year: all books of a year, and one to close, sign and seal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.errors import Refusal
from eoffice.files import http as files
from eoffice.filing import (
    closing_actions,
    closing_files,
    closing_http,
    closing_queries,
    closing_rules,
    closing_signatures,
    closing_states,
    closing_tables,
)
from eoffice.filing.closing_lines import ARRIVAL_KINDS, OUTGOING_KINDS
from eoffice.filing.closing_queries import BookSeen, ClosingSeen
from eoffice.filing.closing_states import ClosedKind, State, Step
from eoffice.filing.notes import queries as closing_notes
from eoffice.filing.notes import rules as note_rules
from eoffice.filing.paper import rules as paper_rules
from eoffice.people.kinds import PositionKind
from eoffice.signing.pin import Pin
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

LIST: Final = "/books"
#: Of a long book the page shows the beginning and the signed end; the file has all.
_MOST_SHOWN: Final = 40
_LAST_MONTH_OF_CLOSING: Final = 3
_SAID: Final[dict[State, str]] = {
    State.SIGNED_BY_CLERK: "Đã ký. Sổ đang chờ người đứng đầu cơ quan ký.",
    State.SIGNED_BY_HEAD: "Đã ký. Sổ đang chờ văn thư đóng dấu.",
    State.SEALED: "Đã đóng dấu. Sổ đang được nộp vào kho lưu trữ.",
}
_WAITS: Final[dict[State, str]] = {
    State.BEGUN: "Bản in của sổ đang được lập.",
    State.PRINTED: "Đang chờ văn thư ký.",
    State.SIGNED_BY_CLERK: "Đang chờ người đứng đầu cơ quan, hoặc người được giao ký thay, ký.",
    State.SIGNED_BY_HEAD: "Đang chờ văn thư đóng dấu của cơ quan.",
    State.SEALED: "Sổ đã ký, đóng dấu và nộp vào kho lưu trữ.",
}
_SIGNING: Final[dict[Step, tuple[str, str, str]]] = {
    Step.SIGN_BY_CLERK: ("Ký với tư cách văn thư", "Ký", "Mã PIN chữ ký số"),
    Step.SIGN_BY_HEAD: ("Ký sổ", "Ký", "Mã PIN chữ ký số"),
    Step.SEAL: ("Đóng dấu cơ quan", "Đóng dấu", "Mã PIN của con dấu số"),
}


class ClosingForm(msgspec.Struct, frozen=True, kw_only=True):
    retention_years: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None


class PinForm(msgspec.Struct, frozen=True, kw_only=True):
    pin: Pin = ""


@get(LIST, sync_to_thread=True)
def listing(request: Request, year: FromQuery[int | None] = None) -> Response[bytes]:
    """Sổ văn bản của một năm."""
    who, at = principal(request), clock.now()
    this_year = clock.civil_date(at).year
    # From January to March people ask for the year that is over.
    wanted = year if year is not None else _year_asked_for(clock.civil_date(at))
    with db.transaction(who.acting) as session:
        found = closing_queries.listing(session, year=wanted, who=who, at=at)
        waiting = closing_queries.awaiting(session, who=who, at=at)
        known = closing_queries.years(session, who=who)
    offered = sorted({wanted, this_year, this_year - 1, *known}, reverse=True)
    return page(
        request,
        "filing/books.html",
        section="documents",
        year=wanted,
        years=[(str(each), f"{LIST}?year={each}", each == wanted) for each in offered],
        books=[
            (each, address(each.kind, each.year), _lines(each.kind, each.year)) for each in found
        ],
        waiting=[(each, address(each.kind, each.year)) for each in waiting],
        names=closing_states.NAMES,
        tones=closing_states.TONES,
        reads_papers=paper_rules.may_read(PositionKind(who.position_kind)),
    )


@get(f"{LIST}/{{kind:str}}/{{year:int}}", sync_to_thread=True)
def show(request: Request, kind: FromPath[str], year: FromPath[int]) -> Response[bytes]:
    """Khóa một quyển sổ: what stands in the way, its printed form, who has signed."""
    return shown(request, closing_http.kind_of(kind), year, FormState())


@post(f"{LIST}/{{kind:str}}/{{year:int}}/closing", sync_to_thread=True)
def close(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Khóa sổ."""
    who, wanted = principal(request), closing_http.kind_of(kind)
    try:
        entered = form.parse(ClosingForm)

        def work(session: Session) -> See:
            closing_actions.begin(
                session,
                kind=wanted,
                year=year,
                retention_years=entered.retention_years,
                by=who,
                at=clock.now(),
            )
            return See(address(wanted, year), said="Đã khóa sổ. Bản in đang được lập.")

        return once.see(work)
    except Refusal as refusal:
        return shown(request, wanted, year, form.refused(refusal), status=refusal.status)


@post(f"{LIST}/{{kind:str}}/{{year:int}}/printing", sync_to_thread=True)
def print_again(
    request: Request, kind: FromPath[str], year: FromPath[int], once: NamedDependency[Once]
) -> Response[bytes]:
    """Lập lại bản in."""
    who, wanted = principal(request), closing_http.kind_of(kind)

    def work(session: Session) -> See:
        at = clock.now()
        found = closing_queries.closing(session, kind=wanted, year=year, who=who, at=at)
        closing_actions.ask_again(session, found.id, by=who, at=at)
        return See(address(wanted, year), said="Đã yêu cầu lập lại bản in.")

    return once.see(work)


@post(
    f"{LIST}/{{kind:str}}/{{year:int}}/signature",
    sync_to_thread=True,
    opt={"scope": "sign"},
)
def sign(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ký sổ, đóng dấu vào sổ."""
    if (kept := once.kept()) is not None:
        return kept
    who, wanted = principal(request), closing_http.kind_of(kind)
    try:
        entered = form.parse(PinForm)

        def within(last: Callable[[Session], State]) -> Response[bytes]:
            def work(session: Session) -> See:
                return See(address(wanted, year), said=_SAID[last(session)])

            return once.see(work)

        return closing_signatures.sign(
            closing_http.closing_id(wanted, year, who), entered.pin, by=who, within=within
        )
    except Refusal as refusal:
        return shown(request, wanted, year, form.refused(refusal), status=refusal.status)


@get(f"{LIST}/{{kind:str}}/{{year:int}}/progress", sync_to_thread=True)
def progress(request: Request, kind: FromPath[str], year: FromPath[int]) -> Response[bytes]:
    """How far the printing is, for the page that waits for it."""
    who, wanted = principal(request), closing_http.kind_of(kind)
    with db.transaction(who.acting) as session:
        found = closing_queries.closing(session, kind=wanted, year=year, who=who, at=clock.now())
    is_made = found.state is not State.BEGUN
    body = {
        "done": found.volumes if is_made else found.volumes_made,
        "total": found.volumes,
        "failed": 0,
        "text": "Đã lập xong bản in." if is_made else _progress_text(found),
        "finished": is_made,
        "next": address(wanted, year),
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@get(f"{LIST}/{{kind:str}}/{{year:int}}/content", sync_to_thread=True)
def content(request: Request, kind: FromPath[str], year: FromPath[int]) -> Response[bytes]:
    """The PDF as it stands."""
    wanted = closing_http.kind_of(kind)
    pdf = closing_files.content(wanted, year, by=principal(request), at=clock.now())
    return files.download(pdf, closing_http.PDF, closing_tables.file_name(wanted, year))


@get(f"{LIST}/{{kind:str}}/{{year:int}}/pages/{{number:int}}", sync_to_thread=True)
def page_image(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    number: FromPath[int],
    width: FromQuery[int] = 1400,
) -> Response[bytes]:
    """A page as PNG."""
    return closing_http.picture(request, closing_http.kind_of(kind), year, number, width)


def address(kind: ClosedKind, year: int) -> str:
    return f"{LIST}/{kind.value}/{year}"


def _lines(kind: ClosedKind, year: int) -> str:
    """The page on which the lines of the book stand."""
    if kind in OUTGOING_KINDS:
        return f"/documents/books/{kind.value}/{year}"
    return f"/incoming?year={year}"


def _progress_text(found: ClosingSeen) -> str:
    if found.volumes == 1:
        return f"Đang lập bản in, {found.entries} số…"
    return f"Đã lập {found.volumes_made} trên {found.volumes} quyển…"


def shown(
    request: Request, kind: ClosedKind, year: int, form: FormState, *, status: int = 200
) -> Response[bytes]:
    """The page of one book, also with a form that came back."""
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        found = closing_queries.book(session, kind=kind, year=year, who=who, at=at)
        history = (
            audit.history(session, closing_actions.KIND, found.closing.id) if found.closing else ()
        )
        notes = (
            closing_notes.of_book(session, kind=kind, year=year, who=who, at=at)
            if found.closing
            else ()
        )
    here = address(kind, year)
    closed = found.closing
    return page(
        request,
        "filing/book_closing.html",
        status=status,
        section="incoming" if kind in ARRIVAL_KINDS else "documents",
        book=found,
        closing=closed,
        here=here,
        lines=_lines(kind, year),
        books=f"{LIST}?year={year}",
        form=form,
        keeps=closing_rules.may_keep(PositionKind(who.position_kind)),
        effects=_effects(found),
        signing=_SIGNING[closed.mine] if closed and closed.mine else None,
        sign_effects=_sign_effects(closed) if closed and closed.mine else (),
        waits=_WAITS[closed.state] if closed else "",
        state_name=closing_states.NAMES[closed.state] if closed else "",
        tone=closing_states.TONES[closed.state] if closed else "",
        progress_text=_progress_text(closed) if closed else "",
        images=_images(closed, here) if closed else (),
        retention=closing_rules.retention_words(closed.retention_years) if closed else "",
        history=history,
        notes=notes,
        note_lengths=note_rules.LONGEST,
    )


def _year_asked_for(today: date) -> int:
    return today.year - 1 if today.month <= _LAST_MONTH_OF_CLOSING else today.year


def _effects(found: BookSeen) -> list[str]:
    """What the closing will do, said before."""
    struck = f", trong đó {found.annulled} số đã hủy" if found.annulled else ""
    holds = f"{found.entries} số{struck}" if found.entries else "chưa ghi số nào"
    return [
        f"Kết thúc {found.title[0].lower()}{found.title[1:]}, {holds}.",
        "Không ai lấy số, giữ số hay ghi văn bản vào sổ này được nữa.",
        "Lập bản in của sổ để văn thư và người đứng đầu ký, đóng dấu, rồi nộp vào kho lưu trữ.",
    ]


def _sign_effects(closed: ClosingSeen) -> list[str]:
    """What my signature will do, said before."""
    if closed.mine is Step.SEAL:
        return [
            "Đóng con dấu số của cơ quan vào sổ.",
            "Nộp sổ vào kho lưu trữ; không ai ký thêm hay sửa được nữa.",
        ]
    return [
        f"Ký số vào trang cuối của sổ, {closed.page_count} trang.",
        f"Xác nhận sổ có {closed.entries} số, {closed.annulled} số đã hủy.",
    ]


def _images(closed: ClosingSeen, here: str) -> list[tuple[int, str]]:
    """Number and address of the pages that are shown."""
    count = closed.page_count or 0
    numbers = list(range(1, count + 1))
    if count > _MOST_SHOWN:
        numbers = [*numbers[: _MOST_SHOWN - 1], count]
    version = (closed.content_sha256 or "")[:12]
    return [(number, f"{here}/pages/{number}?width=1400&v={version}") for number in numbers]


HANDLERS = (listing, show, close, print_again, sign, progress, content, page_image)
