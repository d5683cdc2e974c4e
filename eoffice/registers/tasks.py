"""The promise that registers keep: to make the pages of a book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from eoffice import outbox
from eoffice.db import system_transaction
from eoffice.errors import Refusal, Unavailable
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.printing.page_code_model import Coded, page_code
from eoffice.printing.page_codes import PageCode
from eoffice.promised import keeps_in_steps
from eoffice.registers import correcting, gradebooks
from eoffice.registers.book_forms import BookForm
from eoffice.registers.gradebooks import Rendered
from eoffice.registers.kinds.parts import Citation
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State

WORKER = "worker:registers.render"


@keeps_in_steps("registers.render")
def render(claim: outbox.Claim, at: datetime) -> None:
    """Read the data, set the pages, store them, lay them before the first who sign.

    Idempotent: nothing in a class changes while its book is being made, and the same data give the
    same bytes; of other books the first pages that were made stay. Data that cannot be set give the
    book back to the school with the reason.
    """
    gradebook_id = UUID(claim.payload["gradebook_id"])
    with system_transaction() as session:
        book = session.get_one(Gradebook, gradebook_id)
        form = gradebooks.form_of(session, book)
        is_wanted = book.state is State.RENDERING
        read = code = None
        if is_wanted:
            read = form.read(session, book.of, book.version, book.requested_at)
            code = page_code(session, Coded.REGISTER, gradebook_id, agency_id=book.school_id, at=at)
        previous = gradebooks.previous_content(session, gradebook_id)
        cited = correcting.citations(session, book)
    try:
        rendered = _rendered(form, read, previous, cited, code) if is_wanted else None
    except Unavailable:
        raise
    except Refusal as refusal:
        with system_transaction() as session:
            gradebooks.refuse_rendering(session, gradebook_id, refusal.detail, by=WORKER, at=at)
            outbox.keep(session, claim.id, at=at)
        return
    with system_transaction() as session:
        if rendered is not None:
            gradebooks.record_rendered(session, gradebook_id, rendered, by=WORKER, at=at)
        outbox.keep(session, claim.id, at=at)


def _rendered(
    form: BookForm,
    read: object,
    previous: Sha256 | None,
    cited: Sequence[Citation],
    code: PageCode | None,
) -> Rendered:
    store = configured.store()
    made = form.make(read, None if previous is None else store.get(previous), cited, code)
    return Rendered(
        content_sha256=store.put(made.pdf, "application/pdf"),
        data_sha256=Sha256.of(made.data),
        page_count=made.page_count,
    )
