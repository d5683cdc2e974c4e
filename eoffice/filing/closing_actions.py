"""What happens to a book whose year is over: closed, printed, signed by clerk and head, sealed.

The pages are made by the worker and the signatures by the ceremony, both outside of transactions;
here their results are put on record. From the first of these steps on nothing is entered in the
book any more: its row is locked as it is for whoever takes a number, so a number is taken before
the closing or refused. A closed book is not opened again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, outbox
from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents import types
from eoffice.documents.books import numbers as books
from eoffice.errors import Conflict, NotAllowed
from eoffice.filing import (
    closing_alerts,
    closing_obstacles,
    closing_rules,
    closing_states,
    closing_tables,
)
from eoffice.filing.closing_lines import ARRIVAL_KINDS, OUTGOING_KINDS
from eoffice.filing.closing_model import BookClosing, ClosingVolume
from eoffice.filing.closing_rules import BookUnknown
from eoffice.filing.closing_states import ClosedKind, State, Step
from eoffice.objects.sha256 import Sha256
from eoffice.people import signers
from eoffice.people.kinds import PositionKind
from eoffice.routing import arrival_books
from eoffice.web.principal import Principal

KIND: Final = "book_closing"
PRINT: Final = "filing.print_book"


class BookClosed(Conflict):
    """The book is closed already."""


class NotYourSignature(NotAllowed):
    """This place in the book is somebody else's to sign."""


class ContentDiffers(Conflict):
    """The book was signed by somebody else meanwhile."""


def begin(
    session: Session,
    *,
    kind: ClosedKind,
    year: int,
    retention_years: int | None,
    by: Principal,
    at: datetime,
) -> UUID:
    """Close the agency's book of a year; from now on nobody gets a number of it.

    `retention_years`: for how long the book is kept, None for ever. Its printed form is promised.
    Raises ClosingNotYours, BookUnknown, BookClosed, BookNotReady (which says what to do first),
    RetentionWrong.
    """
    closing_rules.require_keeper(PositionKind(by.position_kind))
    retention_years = closing_rules.checked_retention(retention_years)
    today = clock.civil_date(at)
    closing_rules.require_year(year, today)
    _lock_book(session, by.agency_id, kind, year, at)
    known = _closing(session, by.agency_id, kind, year)
    if known is not None:
        on = clock.civil_date(known.begun_at)
        raise BookClosed(f"{closing_tables.title(kind, year)} đã khóa ngày {on:%d/%m/%Y}.")
    session.flush()  # What was entered in this transaction counts.
    runs = closing_rules.year_runs(year, today)
    obstacles = closing_obstacles.of_book(
        session, kind=kind, year=year, who=by, this_year=today.year
    )
    closing_rules.require_none(
        closing_tables.title(kind, year), (runs, *obstacles) if runs else obstacles
    )
    _close_book(session, kind, year, by=by, at=at)
    entries, annulled = closing_obstacles.count(session, by.agency_id, kind=kind, year=year)
    closing = BookClosing(
        id=new_id(),
        agency_id=by.agency_id,
        kind=kind,
        year=year,
        state=State.BEGUN,
        state_since=at,
        begun_by=by.person_id,
        begun_at=at,
        entries=entries,
        annulled=annulled,
        retention_years=retention_years,
    )
    session.add(closing)
    _record(
        session,
        "closing.begun",
        closing,
        by=by,
        at=at,
        entries=entries,
        annulled=annulled,
        retention_years=retention_years,
    )
    outbox.promise(session, PRINT, at=at, closing_id=closing.id)
    return closing.id


def ask_again(session: Session, closing_id: UUID, *, by: Principal, at: datetime) -> None:
    """Promise the pages anew, where they were not made for whatever reason. Raises StepRefused.

    Asked twice, they are made once: who comes second finds them.
    """
    closing_rules.require_keeper(PositionKind(by.position_kind))
    closing = _locked(session, closing_id)
    _take(session, closing, Step.ASK_AGAIN, by=by, at=at)
    outbox.promise(session, PRINT, at=at, closing_id=closing.id)


def record_volume(
    session: Session,
    closing_id: UUID,
    ordinal: int,
    content: Sha256,
    page_count: int,
    *,
    at: datetime,
) -> None:
    """A volume is made and kept, so that whoever goes on need not make it again. Idempotent."""
    closing = _locked(session, closing_id)
    if session.get(ClosingVolume, (closing_id, ordinal)) is None:
        session.add(
            ClosingVolume(
                closing_id=closing_id,
                ordinal=ordinal,
                agency_id=closing.agency_id,
                content_sha256=str(content),
                page_count=page_count,
                printed_at=at,
            )
        )


def record_printed(
    session: Session, closing_id: UUID, content: Sha256, page_count: int, *, by: str, at: datetime
) -> None:
    """The pages are made: lay them before the clerk. Idempotent."""
    closing = _locked(session, closing_id)
    if closing.state is not State.BEGUN:
        return
    closing.content_sha256 = str(content)
    closing.page_count = page_count
    _take(session, closing, Step.PRINT, by=by, at=at, sha256=str(content), page_count=page_count)


def to_sign(
    session: Session, closing_id: UUID, *, by: Principal, at: datetime
) -> tuple[BookClosing, Step, str]:
    """The book, locked, the signature that is this person's turn, and in which capacity.

    The clerk signs as the keeper; then the head, or who may sign for the agency at that moment
    (art. 13); then the clerk sets the seal. Raises ClosingNotYours, StepRefused, NotYourSignature,
    NoAuthority.
    """
    closing = _locked(session, closing_id)
    closing_rules.require_reader(closing.kind, PositionKind(by.position_kind))
    step = closing_states.SIGNED_NEXT.get(closing.state)
    if step is None:
        raise closing_states.StepRefused(
            f"Sổ đang ở bước “{closing_states.NAMES[closing.state]}”, không có chữ ký nào chờ."
        )
    if step is Step.SIGN_BY_HEAD:
        if by.person_id == closing.clerk_id:
            raise NotYourSignature("Bạn đã ký với tư cách văn thư; phần này do lãnh đạo ký.")
        right = signers.strongest(session, by.person_id, closing.agency_id, at=at)
        words = types.capacity_lines(right.capacity, right.title, right.head_title)
        return closing, step, " ".join(words).upper()
    if by.agency_id != closing.agency_id or not closing_rules.may_keep(
        PositionKind(by.position_kind)
    ):
        raise NotYourSignature(
            "Phần này của sổ do văn thư cơ quan ký, đóng dấu. Hãy đề nghị văn thư thực hiện."
        )
    return closing, step, "Con dấu của cơ quan" if step is Step.SEAL else by.position_title


def record_signature(
    session: Session,
    closing_id: UUID,
    *,
    source: Sha256,
    result: Sha256,
    by: Principal,
    at: datetime,
) -> State:
    """A signature was made on `source`: `result` is the book from now on. Returns the new state.

    The seal ends the book's life here and promises its archiving. Raises ContentDiffers when
    somebody signed in between.
    """
    closing, step, capacity = to_sign(session, closing_id, by=by, at=at)
    if closing.content_sha256 != str(source):
        raise ContentDiffers("Có người vừa ký vào sổ này. Hãy mở lại sổ rồi ký.")
    match step:
        case Step.SIGN_BY_CLERK:
            closing.clerk_id, closing.clerk_signed_at = by.person_id, at
        case Step.SIGN_BY_HEAD:
            closing.head_id, closing.head_signed_at = by.person_id, at
            closing.head_capacity = capacity
        case _:
            closing.sealed_by, closing.sealed_at = by.person_id, at
    closing.content_sha256 = str(result)
    _take(session, closing, step, by=by, at=at, sha256=str(result), capacity=capacity)
    if closing.state is State.SEALED:
        _promise_archiving(session, closing, at=at)
    return closing.state


# --- Parts ---------------------------------------------------------------------------------------


def _lock_book(
    session: Session, agency_id: UUID, kind: ClosedKind, year: int, at: datetime
) -> None:
    """The row under which numbers of the book are given; also of one that is closed."""
    if kind in OUTGOING_KINDS:
        books.locked(
            session, agency_id, kind=OUTGOING_KINDS[kind], year=year, at=at, may_be_closed=True
        )
    else:
        arrival_books.locked(session, agency_id, kind=ARRIVAL_KINDS[kind], year=year)


def _close_book(
    session: Session, kind: ClosedKind, year: int, *, by: Principal, at: datetime
) -> None:
    if kind in OUTGOING_KINDS:
        books.close(session, by.agency_id, kind=OUTGOING_KINDS[kind], year=year, by=by, at=at)
    elif kind is not ClosedKind.HANDLING:
        arrival_books.close(
            session, by.agency_id, kind=ARRIVAL_KINDS[kind], year=year, by=by, at=at
        )


def _closing(session: Session, agency_id: UUID, kind: ClosedKind, year: int) -> BookClosing | None:
    return session.scalars(
        select(BookClosing).where(
            BookClosing.agency_id == agency_id,
            BookClosing.kind == kind,
            BookClosing.year == year,
        )
    ).one_or_none()


def _locked(session: Session, closing_id: UUID) -> BookClosing:
    closing = session.scalars(
        select(BookClosing).where(BookClosing.id == closing_id).with_for_update()
    ).one_or_none()
    if closing is None:
        raise BookUnknown("Không có sổ đã khóa này, hoặc sổ của cơ quan khác.")
    return closing


def _promise_archiving(session: Session, closing: BookClosing, *, at: datetime) -> None:
    until = closing_rules.retained_until(closing.year, closing.retention_years)
    outbox.promise(
        session,
        "archive.ingest",
        at=at,
        kind="book",
        source_id=closing.id,
        content_sha256=closing.content_sha256,
        agency_id=closing.agency_id,
        unit_id=closing.agency_id,
        title=closing_tables.title(closing.kind, closing.year),
        number_notation=None,
        issued_on=clock.civil_date(closing.begun_at),
        retain_until=until,
    )


def _take(
    session: Session,
    closing: BookClosing,
    step: Step,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    was = closing.state
    closing.state = closing_states.after(was, step)
    if closing.state is not was:
        closing.state_since = at
        closing_alerts.tell_next(session, closing, at=at)
    _record(
        session,
        f"closing.{step.value}",
        closing,
        by=by,
        at=at,
        state=closing.state.value,
        **details,
    )


def _record(
    session: Session,
    action: str,
    closing: BookClosing,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind=KIND,
        object_id=closing.id,
        by=by,
        at=at,
        details={"kind": closing.kind.value, "year": closing.year, **details},
    )
