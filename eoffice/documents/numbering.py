"""cấp số: number and date out of the book and onto the signed page.

An edge with two transactions and the page between them. The number is taken and committed first;
the page is filled with no transaction open, put into the object store, and then recorded. A crash
anywhere in between is repaired by doing it again: the document keeps its number.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import transaction
from eoffice.documents import actions, pdf_fields, queries, rendering, types
from eoffice.documents.actions import Content
from eoffice.documents.model import VersionKind
from eoffice.documents.states import State
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.web.principal import Principal

R = TypeVar("R")


def take_number(
    document_id: UUID, *, by: Principal, within: Callable[[Callable[[Session], str]], R]
) -> R:
    """Number the document and write number and date onto its signed page.

    `within` runs the last read in a transaction of the acting person (`once.answer`), which gives
    the code. Raises what `actions.take_number` refuses.
    """
    with transaction(by.acting) as session:
        actions.take_number(session, document_id, by=by, at=clock.now())
    fill_number(document_id, by=by)
    return within(partial(_code, document_id=document_id, by=by))


def fill_number(document_id: UUID, *, by: Principal) -> None:
    """Write number and date onto the signed page, unless they stand there. Idempotent."""
    with transaction(by.acting) as session:
        found = queries.document(session, document_id, agency_id=by.agency_id)
    if found.state is not State.NUMBERED or found.latest.kind is VersionKind.NUMBERED:
        return
    assert found.code is not None
    assert found.issued_on is not None
    assert found.latest.content_sha256 is not None
    source = Sha256.parse(found.latest.content_sha256)
    store = configured.store()
    filled = pdf_fields.fill(
        store.get(source),
        {
            rendering.NUMBER_FIELD: found.code,
            rendering.DATE_FIELD: types.printed_date(found.issued_on),
        },
    )
    content = Content(
        store.put(filled, "application/pdf"), len(filled), found.latest.page_count or 1
    )
    with transaction(by.acting) as session:
        actions.record_numbered_page(
            session, document_id, content, source=source, by=by, at=clock.now()
        )


def _code(session: Session, *, document_id: UUID, by: Principal) -> str:
    found = queries.document(session, document_id, agency_id=by.agency_id)
    assert found.code is not None
    return found.code
