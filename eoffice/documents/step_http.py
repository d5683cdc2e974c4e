"""Steps with documents for programs; a step is a noun, done once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import queries, shapes
from eoffice.documents.books import numbering
from eoffice.documents.books import twins as book_twins
from eoffice.documents.drafts import drafting
from eoffice.documents.drafts.http import read
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import comment_actions
from eoffice.documents.form import check as form_check
from eoffice.documents.issue import actions as issuing
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class NumberedTwinOut(msgspec.Struct, frozen=True, kw_only=True):
    """A document that seems to be the same; `why` is a phrase for the clerk."""

    document_id: UUID | None
    name: str
    why: str


@post("/{document_id:uuid}/comments", sync_to_thread=True)
def comment(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[shapes.Words],
    once: NamedDependency[Once],
) -> Response[shapes.Made]:
    """Write a remark about the newest version."""
    who = principal(request)
    return once.answer(
        lambda session: shapes.Made(
            id=comment_actions.comment(session, document_id, data.text, by=who, at=clock.now())
        ),
        status=201,
    )


@post("/{document_id:uuid}/submission", sync_to_thread=True, status_code=200)
def submit(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[shapes.DocumentOut]:
    """trình duyệt: print the draft, freeze it, hand it to the head of the drafting unit."""
    kept = once.kept()
    if kept is not None:
        return kept
    return drafting.submit(
        document_id, by=principal(request), within=then_show(once, document_id, request)
    )


@post("/{document_id:uuid}/return", sync_to_thread=True, status_code=200)
def send_back(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[shapes.Reason],
    once: NamedDependency[Once],
) -> Response[shapes.DocumentOut]:
    """trả lại: with a reason; a new version begins."""
    who = principal(request)
    return then_show(once, document_id, request)(
        lambda session: flow_actions.send_back(
            session, document_id, data.reason, by=who, at=clock.now()
        )
    )


@post("/{document_id:uuid}/approval", sync_to_thread=True, status_code=200)
def approve(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[shapes.DocumentOut]:
    """duyệt nội dung."""
    who = principal(request)
    return then_show(once, document_id, request)(
        lambda session: flow_actions.approve(session, document_id, by=who, at=clock.now())
    )


@get("/{document_id:uuid}/form-check", sync_to_thread=True)
def check_form(request: Request, document_id: FromPath[UUID]) -> shapes.FormCheckOut:
    """What the form check of Decree 30/2020 finds in the newest version."""
    findings = drafting.check_form(document_id, by=principal(request))
    return shapes.FormCheckOut(
        passes=form_check.passes(findings),
        findings=[shapes.finding(each) for each in findings],
    )


@post("/{document_id:uuid}/form-check", sync_to_thread=True, status_code=200)
def pass_form(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[shapes.DocumentOut]:
    """xác nhận thể thức: refused while the check finds an error."""
    kept = once.kept()
    if kept is not None:
        return kept
    return drafting.pass_form(
        document_id, by=principal(request), within=then_show(once, document_id, request)
    )


@get("/{document_id:uuid}/twins", sync_to_thread=True)
def twins(request: Request, document_id: FromPath[UUID]) -> list[NumberedTwinOut]:
    """Numbered documents with the same file, or subject and recipients: a clerk asks first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        queries.document(session, document_id, who=who)  # Refuses what the person may not read.
        found = book_twins.of_document(session, document_id, who=who, at=clock.now())
    return [msgspec.convert(each, NumberedTwinOut, from_attributes=True) for each in found]


@post("/{document_id:uuid}/number", sync_to_thread=True, status_code=200)
def take_number(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[shapes.DocumentOut]:
    """cấp số: number and date from the book, written onto the signed page.

    Sent again after an interruption, it finishes with the number that was given.
    """
    kept = once.kept()
    if kept is not None:
        return kept
    return numbering.take_number(
        document_id, by=principal(request), within=then_show(once, document_id, request)
    )


@post("/{document_id:uuid}/issuance", sync_to_thread=True, status_code=200)
def issue(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[shapes.DocumentOut]:
    """phát hành: to all recipients; deliveries follow at once in the background."""
    who = principal(request)

    def work(session: Session) -> None:
        issuing.issue(session, document_id, by=who, at=clock.now())

    return then_show(once, document_id, request)(work)


@post("/{document_id:uuid}/withdrawal", sync_to_thread=True, status_code=200)
def withdraw(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[shapes.Reason],
    once: NamedDependency[Once],
) -> Response[shapes.DocumentOut]:
    """thu hồi: with a reason."""
    who = principal(request)
    return then_show(once, document_id, request)(
        lambda session: issuing.withdraw(session, document_id, data.reason, by=who, at=clock.now())
    )


router = Router(
    "/api/v1/documents",
    route_handlers=[
        comment,
        submit,
        send_back,
        approve,
        check_form,
        pass_form,
        twins,
        take_number,
        issue,
        withdraw,
    ],
    tags=["documents"],
)


def then_show(
    once: Once, document_id: UUID, request: Request
) -> Callable[[Callable[[Session], None]], Response[shapes.DocumentOut]]:
    """Take the step once and answer with the document as it is then."""

    def within(step: Callable[[Session], None]) -> Response[shapes.DocumentOut]:
        def work(session: Session) -> shapes.DocumentOut:
            step(session)
            session.flush()  # The answer reads what the step wrote.
            return read(session, document_id, request)

        return once.answer(work)

    return within
