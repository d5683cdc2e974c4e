"""The page on which a clerk enters a document from paper, and what all such forms share."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from litestar import Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import types
from eoffice.documents.types import DocumentType, Secrecy, Urgency
from eoffice.errors import Refusal
from eoffice.files import http as files
from eoffice.files import intake
from eoffice.mailroom import entering, uploads
from eoffice.mailroom.entering import Brought, Entry
from eoffice.routing import outside_queries, outside_rules, rules
from eoffice.routing.outside_queries import Twin
from eoffice.routing.outside_rules import Origin
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

#: For the sentences above a form that was refused.
LABELS: Final = {
    "sender_name": "Cơ quan ban hành",
    "type_name": "Tên loại",
    "number": "Số",
    "notation": "Ký hiệu",
    "issued_on": "Ngày văn bản",
    "subject": "Trích yếu",
    "signer_name": "Họ tên người ký",
    "signer_position": "Chức vụ người ký",
    "urgency": "Mức độ khẩn",
    "secrecy": "Độ mật",
    "page_count": "Số trang",
    "arrived_on": "Ngày đến",
    "due_on": "Hạn trả lời",
    "language": "Ngôn ngữ",
    "to_places": "Nơi nhận",
    "description": "Ghi chú",
    "file": "Tệp",
}
URGENCIES: Final = tuple((each.value, types.URGENCY_NAMES[each]) for each in Urgency)
SECRECIES: Final = tuple((each.value, types.SECRECY_NAMES[each]) for each in Secrecy)


@get("/incoming/new", sync_to_thread=True)
def new(request: Request) -> Response[bytes]:
    """An empty form with what was usual last time."""
    who = principal(request)
    rules.check_clerk(who.position_kind)
    with db.transaction(who.acting) as session:
        last = outside_queries.last_entered(session, who=who)
    return _page(request, beginning(clock.civil_date(clock.now()), sender_name=last or ""))


@post("/incoming/new", sync_to_thread=True, request_max_body_size=files.UPLOAD_BODY)
def enter(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Enter a paper, with its file where there is one."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    try:
        rules.check_clerk(who.position_kind)
        entry = form.parse(Entry)
        if form.file("file") is not None:
            entering.refuse_secret_file(entry.secrecy)
        brought = _brought(form)

        def work(session: Session) -> See:
            done = entering.enter(session, entry, brought, by=who, at=clock.now())
            return See(done.path, said=done.said)

        return once.see(work)
    except Refusal as refusal:
        return _page(request, form.refused(refusal), status=refusal.status)


def beginning(today: date, **found: object) -> FormState:
    """Sensible values to begin with, and what is known already."""
    usual: dict[str, object] = {
        "type_name": types.name(DocumentType.DISPATCH),
        "arrived_on": today.isoformat(),
        "urgency": Urgency.ORDINARY.value,
        "secrecy": Secrecy.NONE.value,
        "language": outside_rules.VIETNAMESE,
        "page_count": 1,
        "register": "on",
    }
    return FormState.of(**(usual | {name: value for name, value in found.items() if value}))


def form_context(request: Request, form: FormState) -> dict[str, Any]:
    """What `mailroom/entry_fields.html` needs; twins are looked up for what was typed."""
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        names = outside_queries.sender_names(session, who=who, on=today)
        twins = _twins(session, form, who)
    return {
        "form": form,
        "labels": LABELS,
        "sender_names": names,
        "type_names": entering.TYPE_NAMES,
        "urgencies": URGENCIES,
        "secrecies": SECRECIES,
        "twins": twins,
    }


def _twins(session: Session, form: FormState, who: Principal) -> tuple[Twin, ...]:
    if form.detail is None or not form.value("sender_name"):
        return ()
    return tuple(
        outside_queries.twins(
            session,
            form.value("number"),
            form.value("notation"),
            form.value("sender_name"),
            agency_id=who.agency_id,
        )
    )


def _brought(form: Form) -> Brought:
    found = form.file("file")
    if found is None:
        return Brought(Origin.HAND)
    content = found.file.read(intake.LARGEST_UPLOAD + 1)
    kept = uploads.keep(found.filename or "", content)
    return Brought(Origin.HAND, content=kept.content, page_count=kept.page_count, files=kept.files)


def _page(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    return page(request, "mailroom/new.html", status=status, **form_context(request, form))
