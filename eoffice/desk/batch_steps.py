"""One step of a batch on one thing: the same action that its own page takes.

Each is called in a transaction of its own; what it refuses is the outcome of that thing alone.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.desk.batch_rules import BulkStep, Item, ItemUnfit, Particulars, Thing
from eoffice.filing import case_actions
from eoffice.filing.case_rules import RecordKind
from eoffice.routing import actions, deadlines, handling, reminding_actions
from eoffice.routing.rules import Assignee, Role
from eoffice.web.principal import Principal


def take(
    session: Session,
    step: BulkStep,
    item: Item,
    given: Particulars,
    *,
    by: Principal,
    at: datetime,
) -> str:
    """Take the step; what was done, as a sentence. Raises what the action refuses."""
    match step:
        case BulkStep.REGISTRATION:
            actions.open_delivery(session, item.id, by=by, at=at)
            arrival = actions.register_arrival(session, item.id, by=by, at=at)
            return f"Đã vào sổ, số đến {arrival.number}."
        case BulkStep.SUBMISSION:
            handling.submit_to_head(session, item.id, by=by, at=at)
            return "Đã trình người đứng đầu."
        case BulkStep.ASSIGNMENT:
            return _assign(session, item, given, by, at)
        case BulkStep.ACKNOWLEDGEMENT:
            handling.take_note(session, item.id, by=by, at=at)
            return "Đã ghi nhận là đã biết."
        case BulkStep.COMPLETION:
            handling.finish(session, item.id, given.outcome or "", by=by, at=at)
            return "Đã kết thúc."
        case BulkStep.DEADLINE:
            assert given.due_on is not None
            deadlines.move(session, item.id, given.due_on, given.reason or "", by=by, at=at)
            return f"Hạn mới: {given.due_on:%d/%m/%Y}."
        case BulkStep.REMINDER:
            return _remind(session, item, by, at)
        case BulkStep.FILING:
            assert given.case_file is not None
            kind = RecordKind.INCOMING if item.kind is Thing.ARRIVAL else RecordKind.OUTGOING
            ordinal = case_actions.file_record(
                session, given.case_file, kind, item.id, by=by, at=at
            )
            return f"Đã đưa vào hồ sơ, số thứ tự {ordinal}."
        case BulkStep.READING:
            actions.read_notice(session, item.id, by=by, at=at)
            return "Đã cất."


def lead_of(choice: str) -> Assignee:
    """ "unit" or "unit/person", as the form offers them. Raises ItemUnfit."""
    unit, _, person = choice.partition("/")
    try:
        return Assignee(Role.LEAD, UUID(unit), UUID(person) if person else None)
    except ValueError as wrong:
        detail = "Hãy chọn người hoặc đơn vị trong danh sách."
        raise ItemUnfit(detail, fields={"lead": detail}) from wrong


def _assign(session: Session, item: Item, given: Particulars, by: Principal, at: datetime) -> str:
    handling.assign(
        session,
        item.id,
        [lead_of(given.lead or "")],
        instruction=given.instruction or "",
        due_on=given.due_on,
        by=by,
        at=at,
    )
    return "Đã phân công."


def _remind(session: Session, item: Item, by: Principal, at: datetime) -> str:
    if item.kind is Thing.ARRIVAL:
        reminding_actions.remind_lead(session, item.id, by=by, at=at)
        return "Đã nhắc nơi chủ trì."
    count = reminding_actions.remind_recipients(session, item.id, by=by, at=at)
    return f"Đã nhắc {count} nơi nhận."
