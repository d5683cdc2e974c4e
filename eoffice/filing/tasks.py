"""Work of filing outside of requests: books that were closed, case files that are handed over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from celery import shared_task

from eoffice import clock, outbox
from eoffice.db import system_transaction
from eoffice.filing import (
    case_export,
    case_queries,
    case_tables,
    closing_actions,
    closing_printing,
    closing_queries,
    closing_tables,
    transfer_actions,
)
from eoffice.filing.closing_queries import PrintOrder
from eoffice.filing.holds import actions as holds
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.printing import printed_table
from eoffice.promised import keeps_in_steps

PDF = "application/pdf"
PRINTER = "worker:filing.print_book"


def give_notice() -> None:
    """Tell units of case files that are to be handed over within 30 days. Idempotent."""
    with system_transaction() as session:
        transfer_actions.give_notice(session, at=clock.now())


def hold_later_copies() -> None:
    """Ask the store to hold what came into the archive after it was held. Idempotent."""
    with system_transaction() as session:
        holds.ask_store(session, at=clock.now())


@keeps_in_steps(holds.HOLD_COPY)
def hold_copy(claim: outbox.Claim, _at: datetime) -> None:
    """Lock an archived copy in the store for as long as it is held. Idempotent."""
    hold_id, entry_id = UUID(claim.payload["hold_id"]), UUID(claim.payload["entry_id"])
    with system_transaction() as session:
        copy = holds.copy_of(session, hold_id, entry_id)
    if copy.is_wanted:
        configured.store().hold(copy.name, copy.version_id)
    with system_transaction() as session:
        holds.note_held(session, hold_id, entry_id, at=clock.now())
        outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps(holds.RELEASE_COPY)
def release_copy(claim: outbox.Claim, _at: datetime) -> None:
    """Let an archived copy go, unless another hold names it too. Idempotent."""
    hold_id, entry_id = UUID(claim.payload["hold_id"]), UUID(claim.payload["entry_id"])
    with system_transaction() as session:
        copy = holds.copy_of(session, hold_id, entry_id)
    if not copy.is_wanted:
        configured.store().release(copy.name, copy.version_id)
    with system_transaction() as session:
        holds.note_released(session, hold_id, entry_id, at=clock.now())
        outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps("filing.archive_case")
def archive_case(claim: outbox.Claim, at: datetime) -> None:
    """Bind a case file that was handed over as one PDF, and hand that on to the archive.

    A crash in between leaves bytes that nothing names; what is promised, is promised once.
    """
    case_file_id = UUID(claim.payload["case_file_id"])
    with system_transaction() as session:
        found, agency_id = case_queries.as_kept(session, case_file_id)
        letterhead = people.letterhead(session, agency_id, on=clock.civil_date(at))
    store = configured.store()
    contents = printed_table.pdf(
        case_tables.of_items(found), letterhead, printed_by=found.agency_name, at=at
    )
    whole = case_export.joined(contents, case_export.documents(found, store))
    content = store.put(whole, PDF)
    with system_transaction() as session:
        transfer_actions.promise_archiving(session, found, agency_id, content, at=at)
        outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps("filing.print_book")
def print_book(claim: outbox.Claim, at: datetime) -> None:
    """Set the volumes of a closed book, bind them, lay them before the clerk.

    Idempotent: nothing is entered in a closed book, and who comes second finds it printed. Each
    volume is kept when it is made, so a crash costs one volume.
    """
    closing_id = UUID(claim.payload["closing_id"])
    with system_transaction() as session:
        order = closing_queries.print_order(session, closing_id)
    printed = None if order is None else _printed(closing_id, order)
    with system_transaction() as session:
        if printed is not None:
            content, page_count = printed
            closing_actions.record_printed(
                session, closing_id, content, page_count, by=PRINTER, at=at
            )
        outbox.keep(session, claim.id, at=clock.now())


def _printed(closing_id: UUID, order: PrintOrder) -> tuple[Sha256, int]:
    store = configured.store()
    closed_on = clock.civil_date(order.closed_at)
    foot = closing_tables.foot(order.book, closed_on)
    *earlier, last = closing_tables.volumes(
        order.book, agency=order.agency, place=order.letterhead.place, closed_on=closed_on
    )
    made: list[bytes] = []
    for ordinal, table in enumerate(earlier, start=1):
        if ordinal in order.made:
            made.append(store.get(order.made[ordinal]))
            continue
        pdf = closing_printing.volume(table, order.letterhead, foot=foot, at=order.closed_at).pdf
        name, count = store.put(pdf, PDF), closing_printing.page_count(pdf)
        with system_transaction() as session:
            closing_actions.record_volume(session, closing_id, ordinal, name, count, at=clock.now())
        made.append(pdf)
    end = closing_printing.volume(last, order.letterhead, foot=foot, at=order.closed_at)
    whole = closing_printing.bound([*made, end.pdf], end.placeholders)
    return store.put(whole, PDF), closing_printing.page_count(whole)


shared_task(name="filing.give_notice", ignore_result=True)(give_notice)
shared_task(name="filing.hold_later_copies", ignore_result=True)(hold_later_copies)
