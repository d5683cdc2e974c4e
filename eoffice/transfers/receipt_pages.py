"""The receipt of a package, as a file for the sender, and as what the sender enters."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import log_key
from eoffice.audit.checkpoint import Verifier
from eoffice.errors import Invalid
from eoffice.marks.marks_http import file_answer
from eoffice.settings import settings
from eoffice.transfers import receipts
from eoffice.transfers.receipts import ReceiptUnknown
from eoffice.transfers.states import TransferState
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.pages import See
from eoffice.web.principal import Request, principal

HERE = "/registers/transfers"


@get(HERE + "/incoming/{intake_id:uuid}/receipt", sync_to_thread=True)
def given(request: Request, intake_id: FromPath[UUID]) -> Response[bytes]:
    """The receipt that the school gives to the sender."""
    return handed_out(request, intake_id)


@get(HERE + "/{transfer_id:uuid}/receipt", sync_to_thread=True)
def received(request: Request, transfer_id: FromPath[UUID]) -> Response[bytes]:
    """The receipt by which the package ended."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _file(receipts.of_transfer(session, transfer_id, who=who), transfer_id)


@post(HERE + "/{transfer_id:uuid}/receipt", sync_to_thread=True)
def enter(
    request: Request,
    transfer_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Judge the receipt of another office and end the package by it."""
    who = principal(request)
    content, trusted = uploaded(form), trusted_keys()

    def work(session: Session) -> See:
        state = receipts.record(session, transfer_id, content, trusted, by=who, at=clock.now())
        word = "đã tiếp nhận học sinh" if state is TransferState.TAKEN_IN else "từ chối tiếp nhận"
        return See(f"{HERE}/{transfer_id}", said=f"Biên nhận hợp lệ: trường kia {word}.")

    return once.see(work)


def handed_out(request: Request, intake_id: UUID) -> Response[bytes]:
    """Raises ReceiptUnknown, NotAllowed."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _file(receipts.of_intake(session, intake_id, who=who), intake_id)


def uploaded(form: Form) -> bytes:
    """Raises Invalid."""
    found = form.file("file")
    content = b"" if found is None else found.file.read(receipts.LARGEST_BYTES + 1)
    if not 0 < len(content) <= receipts.LARGEST_BYTES:
        message = "Hãy chọn tệp biên nhận (JSON) mà trường tiếp nhận đã gửi."
        raise Invalid(message, fields={"file": message})
    return content


def trusted_keys() -> tuple[Verifier, ...]:
    return log_key.partners(settings().trust_directory)


def _file(document: str | None, of: UUID) -> Response[bytes]:
    if document is None:
        raise ReceiptUnknown
    return file_answer(document.encode(), "application/json", f"bien-nhan-{of}.json")


HANDLERS = (given, received, enter)
