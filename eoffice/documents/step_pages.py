"""Steps with a document, one button each; a refused one comes back on the page, filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import document_page, queries
from eoffice.documents.books import numbering
from eoffice.documents.books import twins as book_twins
from eoffice.documents.drafts import drafting
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import comment_actions
from eoffice.errors import Refusal
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.pages import See
from eoffice.web.principal import Request, principal


class Said(msgspec.Struct, frozen=True, kw_only=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=comment_actions.LONGEST_COMMENT)]


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=comment_actions.LONGEST_COMMENT)]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """That the clerk saw the documents with the same content."""

    confirmed: str | None = None


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    words: Annotated[str, msgspec.Meta(max_length=comment_actions.LONGEST_COMMENT)] = ""


@post("/documents/{document_id:uuid}/comments", sync_to_thread=True)
def comment(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Write a remark."""
    who = principal(request)
    try:
        entered = form.parse(Said)
        return document_page.see_after(
            once,
            lambda session: comment_actions.comment(
                session, document_id, entered.text, by=who, at=clock.now()
            ),
            f"/documents/{document_id}#comments",
            "Đã gửi ý kiến.",
        )
    except Refusal as refusal:
        return document_page.show(
            request, document_id, form.refused(refusal), status=refusal.status
        )


@post("/documents/{document_id:uuid}/submission", sync_to_thread=True)
def submit(
    request: Request,
    document_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Trình duyệt."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], None]) -> Response[bytes]:
        return document_page.see_after(
            once, last, f"/documents/{document_id}", "Đã trình lãnh đạo đơn vị duyệt."
        )

    return drafting.submit(document_id, by=principal(request), within=within)


@post("/documents/{document_id:uuid}/return", sync_to_thread=True)
def send_back(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Trả lại."""
    who = principal(request)
    try:
        entered = form.parse(Because)
        return document_page.see_after(
            once,
            lambda session: flow_actions.send_back(
                session, document_id, entered.reason, by=who, at=clock.now()
            ),
            f"/documents/{document_id}",
            "Đã trả lại dự thảo kèm ý kiến.",
        )
    except Refusal as refusal:
        return document_page.show(
            request, document_id, form.refused(refusal), status=refusal.status
        )


@post("/documents/{document_id:uuid}/approval", sync_to_thread=True)
def approve(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Duyệt nội dung, or the opinion that was asked for."""
    who = principal(request)
    try:
        entered = form.parse(Opinion)
        return document_page.see_after(
            once,
            lambda session: flow_actions.approve(
                session, document_id, words=entered.words, by=who, at=clock.now()
            ),
            f"/documents/{document_id}",
            "Đã ghi nhận. Văn bản đi tiếp theo quy trình trình ký.",
        )
    except Refusal as refusal:
        if "words" not in refusal.fields:
            raise
        return document_page.show(
            request, document_id, form.refused(refusal), status=refusal.status
        )


@post("/documents/{document_id:uuid}/form-check", sync_to_thread=True)
def pass_form(
    request: Request,
    document_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Xác nhận thể thức."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], None]) -> Response[bytes]:
        return document_page.see_after(
            once, last, f"/documents/{document_id}", "Đã xác nhận thể thức. Văn bản chờ ký."
        )

    return drafting.pass_form(document_id, by=principal(request), within=within)


@post("/documents/{document_id:uuid}/number", sync_to_thread=True)
def take_number(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Cấp số; what seems to be numbered already is asked about once."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    try:
        if not form.parse(Seen).confirmed:
            numbering.require_no_twin(document_id, by=who)
    except book_twins.SameContent as same:
        return document_page.show(request, document_id, form.refused(same), status=same.status)

    def within(last: Callable[[Session], None]) -> Response[bytes]:
        def work(session: Session) -> See:
            last(session)
            session.flush()  # The sentence names the number that was just given.
            found = queries.document(session, document_id, who=who)
            return See(
                f"/documents/{document_id}", said=f"Đã cấp số {found.code} và ghi vào trang."
            )

        return once.see(work)

    return numbering.take_number(document_id, by=who, within=within)


routes = [
    comment,
    submit,
    send_back,
    approve,
    pass_form,
    take_number,
]
