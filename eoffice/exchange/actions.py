"""What people do with messages: try one again, put one aside, answer a recall or an update."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.errors import Invalid, NotFound
from eoffice.exchange import outgoing, states
from eoffice.exchange.model import MessageRow, Peer
from eoffice.exchange.states import Direction, Step
from eoffice.outbox import promise
from eoffice.people.operators import operators_only
from eoffice.routing import rules as routing_rules
from eoffice.web.principal import Principal

LONGEST_REASON = 500


class MessageUnknown(NotFound):
    """There is no such message, or it belongs to another agency."""

    def __init__(self) -> None:
        super().__init__("Không có thông điệp này, hoặc thông điệp thuộc cơ quan khác.")


class ReasonNeeded(Invalid):
    """Somebody else will want to know why."""


def retry(session: Session, message_id: UUID, *, by: Principal, at: datetime) -> MessageRow:
    """Send or process it again, as if it were new; the same bytes under the same identifier."""
    operators_only(by)
    row = _locked(session, message_id)
    row.state = states.after(row.state, Step.RETRY)
    row.failure = None
    row.attempts = 0
    if row.direction is Direction.OUT:
        row.next_try_at = at
        promise(session, "exchange.send", at=at, message_id=row.id)
    else:
        promise(session, "exchange.take_in", at=at, message_id=row.id)
    _record(session, "exchange_message.retried", row, by=by, at=at)
    return row


def discard(
    session: Session, message_id: UUID, reason: str, *, by: Principal, at: datetime
) -> MessageRow:
    """Put a message aside that nobody can process; it stays in the log with the reason."""
    operators_only(by)
    why = _checked_reason(reason)
    row = _locked(session, message_id)
    row.state = states.after(row.state, Step.DISCARD)
    row.failure = why
    row.next_try_at = None
    row.ended_at = at
    _record(session, "exchange_message.discarded", row, by=by, at=at)
    return row


def answer(
    session: Session,
    message_id: UUID,
    *,
    agrees: bool,
    words: str,
    by: Principal,
    at: datetime,
) -> MessageRow:
    """The recipient's clerk or head answers a recall or an update; the sender is told by a promise.

    15 agreed, 16 refused, which needs a reason. Raises MessageUnknown, ForClerksOnly, ReasonNeeded.
    """
    if not routing_rules.is_head(by.position_kind):
        routing_rules.check_clerk(by.position_kind)
    said = words.strip() if agrees else _checked_reason(words)
    row = _locked(session, message_id)
    if row.agency_id != by.agency_id:
        raise MessageUnknown
    row.state = states.after(row.state, Step.ANSWER)
    row.ended_at = at
    promise(
        session,
        "exchange.tell_answer",
        at=at,
        message_id=row.id,
        agrees=agrees,
        words=said[:LONGEST_REASON],
    )
    action = "exchange_message.change_agreed" if agrees else "exchange_message.change_refused"
    _record(session, action, row, by=by, at=at)
    return row


def collected(session: Session, peer: Peer, message_id: str, *, at: datetime) -> bool:
    """A peer that comes for its messages has this one; False: there is none of that name."""
    row = session.scalars(
        select(MessageRow)
        .where(
            MessageRow.direction == Direction.OUT,
            MessageRow.peer_id == peer.id,
            MessageRow.message_id == message_id,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        return False
    outgoing.note_sent(session, row, at=at)
    return True


def _locked(session: Session, message_id: UUID) -> MessageRow:
    row = session.scalars(
        select(MessageRow)
        .where(MessageRow.id == message_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise MessageUnknown
    return row


def _checked_reason(reason: str) -> str:
    why = " ".join(reason.split())
    if not 1 <= len(why) <= LONGEST_REASON:
        words = f"Ghi lý do, từ 1 đến {LONGEST_REASON} ký tự."
        raise ReasonNeeded(words, fields={"reason": words})
    return why


def _record(session: Session, action: str, row: MessageRow, *, by: Principal, at: datetime) -> None:
    record(
        session,
        action,
        object_kind="exchange_message",
        object_id=row.id,
        by=by,
        at=at,
        details={"organ_id": row.organ_id},
    )
