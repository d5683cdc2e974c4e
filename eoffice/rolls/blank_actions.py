"""Blank forms: received with their serials, spoiled, lost, destroyed, given back by minutes."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.classes import staff_queries
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.rolls import certificate_queries, certificate_states, rules
from eoffice.rolls.certificate_model import Blank, BlankBatch
from eoffice.rolls.certificate_states import BLANK_STEP_NAMES, BY_SERIAL, BlankState, BlankStep
from eoffice.rolls.rules import LineAnnulled, LineUnknown, RollWrong
from eoffice.web.principal import Principal

#: More than any school receives at once.
MOST_BLANKS = 5_000
_SERIAL = re.compile(r"(.*?)(\d{1,12})")


@dataclass(frozen=True, slots=True)
class NewBatch:
    kind_code: str
    received_on: date
    received_from: str
    decision: str
    #: First and last serial as they stand on the forms: "A 0012301", "A 0012400".
    first: str
    last: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Serials:
    """Serials that follow each other: prefix, numbers, digits."""

    prefix: str
    first: int
    last: int
    digits: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1

    def text(self, number: int) -> str:
        return f"{self.prefix}{number:0{self.digits}d}"


def serials(first: str, last: str) -> Serials:
    """From the first to the last, as they are written. Raises RollWrong."""
    begins, ends = _SERIAL.fullmatch(rules.tidy(first)), _SERIAL.fullmatch(rules.tidy(last))
    wrong: dict[str, str] = {}
    if begins is None:
        wrong["first"] = "Số hiệu kết thúc bằng chữ số, như A 0012301."
    if ends is None:
        wrong["last"] = "Số hiệu kết thúc bằng chữ số, như A 0012400."
    rules.refuse(wrong)
    assert begins is not None
    assert ends is not None
    found = Serials(begins[1], int(begins[2]), int(ends[2]), len(begins[2]))
    if ends[1] != begins[1] or len(ends[2]) != len(begins[2]):
        wrong["last"] = "Số hiệu cuối cùng dạng với số hiệu đầu: cùng phần chữ, cùng số chữ số."
    elif found.count < 1:
        wrong["last"] = "Số hiệu cuối không nhỏ hơn số hiệu đầu."
    elif found.count > MOST_BLANKS:
        wrong["last"] = f"Mỗi lần nhận nhiều nhất {MOST_BLANKS} phôi."
    rules.refuse(wrong)
    return found


def receive(session: Session, new: NewBatch, *, by: Principal, at: datetime) -> UUID:
    """Enter a batch of blanks. Raises RollsNotYours, RollWrong."""
    rules.require_keeper(staff_queries.actor(by), by.agency_id)
    wrong: dict[str, str] = {}
    kind = certificate_queries.kind(session, new.kind_code)
    if not kind.has_blanks:
        wrong["kind_code"] = f"{kind.name} không có phôi đánh số."
    on = rules.day(new.received_on, "received_on", wrong, today=civil_date(at))
    giver = rules.said(new.received_from, "received_from", wrong, missing="Ghi nơi cấp phôi.")
    decision = rules.said(new.decision, "decision", wrong)
    note = rules.said(new.note, "note", wrong)
    rules.refuse(wrong)
    span = serials(new.first, new.last)
    texts = [span.text(number) for number in range(span.first, span.last + 1)]
    known = session.scalars(
        select(Blank.serial)
        .where(
            Blank.school_id == by.agency_id,
            Blank.kind_code == kind.code,
            Blank.serial.in_(texts),
            Blank.state != BlankState.STRUCK,
        )
        .order_by(Blank.serial)
        .limit(1)
    ).one_or_none()
    if known is not None:
        raise RollWrong(
            f"Phôi {known} đã có trong sổ.", fields={"first": "Có số hiệu đã nhận trước đây."}
        )
    batch = BlankBatch(
        id=new_id(),
        school_id=by.agency_id,
        kind_code=kind.code,
        received_on=on,
        received_from=giver,
        decision=decision,
        prefix=span.prefix,
        first_number=span.first,
        last_number=span.last,
        digits=span.digits,
        note=note,
        recorded_by=by.person_id,
        recorded_at=at,
    )
    session.add(batch)
    session.flush()  # The blanks point to the batch.
    session.add_all(
        Blank(
            id=new_id(),
            batch_id=batch.id,
            school_id=by.agency_id,
            kind_code=kind.code,
            ordinal=ordinal,
            serial=text,
            state=BlankState.LEFT,
            state_since=at,
            minutes="",
        )
        for ordinal, text in enumerate(texts, start=1)
    )
    _record(
        session, "certificate_batch.received", batch.id, by, at, count=span.count, kind=kind.code
    )
    return batch.id


def strike(session: Session, batch_id: UUID, why: str, *, by: Principal, at: datetime) -> None:
    """The batch was entered by mistake; only while nothing happened to any of its blanks.

    Raises LineUnknown, LineAnnulled, RollsNotYours, RollWrong, BlankStepRefused.
    """
    row = session.scalars(
        select(BlankBatch).where(BlankBatch.id == batch_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise LineUnknown("Không có lần nhận phôi này.")
    rules.require_keeper(staff_queries.actor(by), row.school_id)
    if row.struck_at is not None:
        raise LineAnnulled("Lần nhận phôi này đã bỏ.")
    reason = rules.reason(why)
    for blank in session.scalars(
        select(Blank).where(Blank.batch_id == batch_id).order_by(Blank.ordinal).with_for_update()
    ):
        blank.state = certificate_states.blank_after(blank.state, BlankStep.STRIKE, blank.serial)
        blank.state_since = at
    row.struck_because, row.struck_at, row.struck_by = reason, at, by.person_id
    _record(session, "certificate_batch.struck", batch_id, by, at)


def happened(
    session: Session,
    kind_code: str,
    step: BlankStep,
    first: str,
    last: str,
    *,
    on: date,
    minutes: str,
    by: Principal,
    at: datetime,
) -> int:
    """Something happened to the blanks from one serial to another, as minutes say; how many.

    Raises RollsNotYours, RollWrong, BlankStepRefused: all of them or none.
    """
    rules.require_keeper(staff_queries.actor(by), by.agency_id)
    wrong: dict[str, str] = {}
    if step not in BY_SERIAL:
        wrong["step"] = f"“{BLANK_STEP_NAMES[step]}” không ghi theo số hiệu."
    rules.day(on, "ended_on", wrong, today=civil_date(at))
    paper = rules.said(minutes, "minutes", wrong, missing="Ghi số, ngày biên bản.")
    rules.refuse(wrong)
    span = serials(first, last or first)
    texts = [span.text(number) for number in range(span.first, span.last + 1)]
    blanks = locked(session, by.agency_id, kind_code, texts)
    missing = next((text for text in texts if text not in blanks), None)
    if missing is not None:
        raise RollWrong(
            f"Trường không nhận phôi số hiệu {missing}.", fields={"first": "Số hiệu không có."}
        )
    for text in texts:
        move(blanks[text], step, on=on, minutes=paper, at=at)
    details = {"count": len(texts), "kind": kind_code, "step": step.value}
    _record(session, "certificate_blanks.moved", by.agency_id, by, at, **details)
    return len(texts)


def locked(
    session: Session, school_id: UUID, kind_code: str, texts: Collection[str]
) -> dict[str, Blank]:
    """The blanks of the school with these serials, locked in one order. Asks nobody."""
    rows = session.scalars(
        select(Blank)
        .where(
            Blank.school_id == school_id,
            Blank.kind_code == kind_code,
            Blank.serial.in_(texts),
            Blank.state != BlankState.STRUCK,
        )
        .order_by(Blank.id)
        .with_for_update()
    )
    return {row.serial: row for row in rows}


def move(blank: Blank, step: BlankStep, *, on: date | None, minutes: str, at: datetime) -> None:
    """Raises BlankStepRefused."""
    blank.state = certificate_states.blank_after(blank.state, step, blank.serial)
    blank.state_since, blank.ended_on, blank.minutes = at, on, minutes


def _record(
    session: Session,
    action: str,
    object_id: UUID,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    kind = "certificate_batch" if action.startswith("certificate_batch.") else "certificate_ledger"
    record(session, action, object_kind=kind, object_id=object_id, by=by, at=at, details=details)
