"""The page on which somebody puts initials on a draft."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import document_page
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.rules import Task
from eoffice.errors import Refusal
from eoffice.signing import initials
from eoffice.signing.pin import PinEntered
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal


@get("/documents/{document_id:uuid}/initials", sync_to_thread=True)
def before(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Before the initials are put on the page."""
    task = initials.task_of(document_id, by=principal(request), at=clock.now())
    return _page(request, document_id, task, FormState())


@post("/documents/{document_id:uuid}/initials", sync_to_thread=True, opt={"scope": "sign"})
def put(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Put the initials on the page, and go back to the document."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    at = clock.now()
    task = initials.task_of(document_id, by=who, at=at)
    try:
        entered = form.parse(PinEntered)

        def within(last: Callable[[Session], None]) -> Response[bytes]:
            return document_page.see_after(
                once, last, f"/documents/{document_id}", "Đã ký nháy. Văn bản đi tiếp."
            )

        return initials.put(document_id, entered.pin, by=who, at=at, within=within)
    except Refusal as refusal:
        return _page(request, document_id, task, form.refused(refusal), status=refusal.status)


def _page(
    request: Request, document_id: UUID, task: Task, form: FormState, *, status: int = 200
) -> Response[bytes]:
    return page(
        request,
        "signing/initials.html",
        status=status,
        section="documents",
        document=document_page.read(request, document_id),
        task_name=flow_rules.TASK_NAMES[task],
        is_content=task is Task.INITIAL_CONTENT,
        form=form,
    )


routes = [before, put]
