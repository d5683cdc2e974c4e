"""cấp số: number and date from the book, and both onto the signed page.

Two transactions with the page between them: take the number, fill the page and put it into the
store with no transaction open, name the filled page. Interrupted anywhere, a repetition finishes
it with the same number: the number is in the book and on the document, the same input fills the
same bytes, and naming them again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import actions, queries, types
from eoffice.documents.actions import Content
from eoffice.documents.books import twins as book_twins
from eoffice.documents.form import rendering
from eoffice.documents.model import VersionKind
from eoffice.documents.states import State
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.printing import pdf_fields
from eoffice.web.principal import Principal

R = TypeVar("R")


def take_number(
    document_id: UUID,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """Number the document and its page; `within` names the page in the edge's transaction.

    Raises what `actions.take_number` raises, StoreUnavailable. A page that bears its number
    already is left as it is.
    """
    with db.transaction(by.acting) as session:
        actions.take_number(session, document_id, by=by, at=clock.now())
    return within(_filled(document_id, by=by))


def require_no_twin(document_id: UUID, *, by: Principal) -> None:
    """Raises SameContent when a document that is to be numbered seems to be there already.

    One that has its number is not asked about: what was interrupted is finished.
    """
    with db.transaction(by.acting) as session:
        if queries.document(session, document_id, who=by).state is State.SIGNED:
            twins = book_twins.of_document(session, document_id, who=by, at=clock.now())
            if twins:
                raise book_twins.SameContent(twins)


def finish(document_id: UUID, *, by: Principal) -> None:
    """Write number and date onto the page of a numbered document, unless they stand there."""
    last = _filled(document_id, by=by)
    with db.transaction(by.acting) as session:
        last(session)


def _filled(document_id: UUID, *, by: Principal) -> Callable[[Session], None]:
    """The filled page, in the store; what is left is to name it."""
    with db.transaction(by.acting) as session:
        found = queries.document(session, document_id, who=by)
    if found.state is not State.NUMBERED or found.latest.kind is VersionKind.NUMBERED:
        return _nothing
    assert found.code is not None
    assert found.issued_on is not None
    assert found.latest.content_sha256 is not None
    source = Sha256.parse(found.latest.content_sha256)
    store = configured.store()
    page = store.get(source)
    values = {
        rendering.NUMBER_FIELD: found.code,
        rendering.DATE_FIELD: types.printed_date(found.issued_on),
    }
    # Minutes have no room for a date, an electronic copy none for either.
    present = pdf_fields.field_values(page)
    wanted = {name: value for name, value in values.items() if name in present}
    pdf = pdf_fields.fill(page, wanted) if wanted else page
    content = Content(store.put(pdf, "application/pdf"), len(pdf), found.latest.page_count or 1)

    def last(session: Session) -> None:
        actions.record_numbered_page(
            session, document_id, content, source=source, by=by, at=clock.now()
        )

    return last


def _nothing(_: Session) -> None:
    """The page bears its number already."""
