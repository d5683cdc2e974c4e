"""Issue at a time: decided now, kept by the outbox over restarts, to be cancelled until then.

Decree 30/2020, art. 18: issued on the day of the signature, at the latest on the next working day;
later is possible only with a warning, because the law knows exceptions that a program does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, outbox
from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents import rules
from eoffice.documents.issue import actions as issuing
from eoffice.documents.issue import schedule_states
from eoffice.documents.issue.schedule_states import ScheduleState, ScheduleStep
from eoffice.documents.model import Document, DocumentVersion, VersionKind
from eoffice.documents.recipients.model import ScheduledIssue
from eoffice.documents.states import Step
from eoffice.documents.steps import NoDocument, locked_for
from eoffice.errors import Conflict, Invalid, Refusal
from eoffice.people import acting, working_days_queries
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.people.working_days import Calendar
from eoffice.web.principal import Principal

#: The task that keeps the promise, and whose hand the audit log names where it fails.
TASK = "documents.issue_scheduled"
KEEPER = f"worker:{TASK}"
#: Further ahead is a slip of the pen.
MOST_DAYS_AHEAD = 60


class HourUnacceptable(Invalid):
    """The hour of issue lies in the past or too far ahead."""


class ScheduledAlready(Conflict):
    """The document waits for an hour of issue already."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A decision to issue at a time, the latest one of a document."""

    id: UUID
    due_at: datetime
    state: ScheduleState
    scheduled_by: str
    scheduled_at: datetime
    failure: str | None


def last_day(signed_on: date, calendar: Calendar) -> date:
    """The last day on which a document that was signed then is issued in time (art. 18)."""
    return calendar.next_working_day(signed_on)


def warning(session: Session, document_id: UUID, *, on: date) -> str | None:
    """What the law says to an issue on that day; None while it is in time."""
    signed_at = session.scalar(
        select(DocumentVersion.created_at)
        .where(
            DocumentVersion.document_id == document_id, DocumentVersion.kind == VersionKind.SIGNED
        )
        .order_by(DocumentVersion.ordinal.desc())
        .limit(1)
    )
    if signed_at is None:
        return None
    signed_on = clock.civil_date(signed_at)
    last = last_day(signed_on, working_days_queries.calendar(session))
    if on <= last:
        return None
    return (
        f"Văn bản ký ngày {signed_on:%d/%m/%Y} phải phát hành trong ngày, chậm nhất là ngày làm "
        f"việc tiếp theo ({last:%d/%m/%Y}), theo Điều 18 Nghị định 30/2020/NĐ-CP."
    )


def schedule(
    session: Session, document_id: UUID, due_at: datetime, *, by: Principal, at: datetime
) -> UUID:
    """Have the sealed document issued at `due_at`; recipients are resolved then.

    Raises HourUnacceptable, ScheduledAlready, StepRefused, StepNotYours, NobodyToSendTo.
    """
    if due_at <= at:
        raise HourUnacceptable(
            "Giờ phát hành đã qua. Hãy chọn giờ khác hoặc phát hành ngay.",
            fields={"issue_on": "Chọn thời điểm trong tương lai."},
        )
    if (due_at - at).days > MOST_DAYS_AHEAD:
        raise HourUnacceptable(
            f"Chỉ hẹn phát hành trong vòng {MOST_DAYS_AHEAD} ngày tới.",
            fields={"issue_on": f"Chọn ngày trong vòng {MOST_DAYS_AHEAD} ngày tới."},
        )
    document, _ = locked_for(session, document_id, Step.ISSUE, by=by)
    if _waiting(session, document_id) is not None:
        raise ScheduledAlready("Văn bản đã hẹn giờ phát hành. Hãy huỷ hẹn cũ trước khi hẹn lại.")
    issuing.require_somebody(session, document, at=at)
    made = ScheduledIssue(
        id=new_id(),
        document_id=document.id,
        agency_id=document.agency_id,
        due_at=due_at,
        scheduled_by=by.person_id,
        appointment_id=by.appointment_id,
        scheduled_at=at,
        state=ScheduleState.WAITING,
    )
    session.add(made)
    outbox.promise(session, TASK, at=at, due_at=due_at, schedule_id=made.id)
    _record(session, "document.issue_scheduled", document.id, by=by, at=at, due_at=str(due_at))
    return made.id


def cancel(session: Session, document_id: UUID, *, by: Principal, at: datetime) -> None:
    """Take the decision back before its hour. Raises ScheduleStepRefused, StepNotYours."""
    document = session.scalars(
        select(Document)
        .where(Document.id == document_id, Document.agency_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if document is None:
        raise NoDocument("Không tìm thấy văn bản này trong cơ quan bạn đang làm việc.")
    rules.require(
        Step.ISSUE,
        document.state,
        PositionKind(by.position_kind),
        in_drafting_unit=document.drafting_unit_id == by.unit_id,
    )
    waiting = _waiting(session, document_id)
    if waiting is None:
        raise schedule_states.ScheduleStepRefused("Văn bản không còn hẹn giờ phát hành nào.")
    _end(waiting, ScheduleStep.CANCEL, at=at)
    waiting.ended_by = by.person_id
    _record(session, "document.schedule_cancelled", document_id, by=by, at=at)


def keep(session: Session, schedule_id: UUID, *, at: datetime) -> None:
    """The hour has come: issue in the name of who decided it. Runs as the office; idempotent.

    What cannot be issued any more (withdrawn, issued by hand, nobody left to send to) leaves a
    failure on record with the reason; nothing is sent.
    """
    found = session.get_one(ScheduledIssue, schedule_id)
    # The document before the schedule, as everywhere.
    session.scalars(
        select(Document).where(Document.id == found.document_id).with_for_update()
    ).one()
    session.refresh(found, with_for_update=True)
    if found.state is not ScheduleState.WAITING:
        return
    who = _decider(session, found)
    try:
        with session.begin_nested():
            issuing.issue(session, found.document_id, by=who, at=at)
    except Refusal as refusal:
        _end(found, ScheduleStep.FAIL, at=at)
        found.failure = refusal.detail
        _record(session, "document.schedule_failed", found.document_id, by=KEEPER, at=at)
        return
    _end(found, ScheduleStep.KEEP, at=at)


def latest(session: Session, document_id: UUID) -> Scheduled | None:
    """The latest decision about the hour of issue; None where there never was one."""
    found = session.execute(
        select(ScheduledIssue, Person.full_name)
        .join(Person, Person.id == ScheduledIssue.scheduled_by)
        .where(ScheduledIssue.document_id == document_id)
        .order_by(ScheduledIssue.scheduled_at.desc(), ScheduledIssue.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    row, name = found
    return Scheduled(row.id, row.due_at, row.state, name, row.scheduled_at, row.failure)


def expected(session: Session, document_id: UUID) -> Scheduled | None:
    """The hour for which the document waits now."""
    found = latest(session, document_id)
    return found if found is not None and found.state is ScheduleState.WAITING else None


def _waiting(session: Session, document_id: UUID) -> ScheduledIssue | None:
    return session.scalars(
        select(ScheduledIssue)
        .where(
            ScheduledIssue.document_id == document_id,
            ScheduledIssue.state == ScheduleState.WAITING,
        )
        .with_for_update()
    ).one_or_none()


def _end(row: ScheduledIssue, step: ScheduleStep, *, at: datetime) -> None:
    row.state = schedule_states.after(row.state, step)
    row.ended_at = at


def _decider(session: Session, row: ScheduledIssue) -> Principal:
    """Who decided it, in the position held then, also where it was left meanwhile."""
    return acting.principal_of(session, row.appointment_id)


def _record(
    session: Session,
    action: str,
    document_id: UUID,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind="document",
        object_id=document_id,
        by=by,
        at=at,
        details=details,
    )
