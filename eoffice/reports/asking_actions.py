"""Parts are asked for: of a class, in the place of a returned one, or of a withdrawn one.

A part prints what the closed class book says, so nothing is made while that book is open. What is
missing is told for each pupil, and of the pupils that were asked for either all are made or none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.classes import actions as class_actions
from eoffice.classes import staff_queries
from eoffice.classes.model import SchoolClass
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.people import queries as people
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.reports import actions, department_queries, making, rules, states
from eoffice.reports.making import ListedPupil
from eoffice.reports.model import ReportPart, ReportWithdrawal
from eoffice.reports.states import PartState, PartStep
from eoffice.web.principal import Principal

#: So many parts are made by one run of the task.
PORTION: Final = 10
TASK: Final = "reports.make"
_NOBODY: Final = "Mọi học sinh của lớp đã có học bạ của năm học này."


class ClassBookOpen(Conflict):
    """The book of the class is not closed; report books print what it says."""


class NothingToMake(Conflict):
    """Every pupil who was asked for has a part already."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What keeps one pupil's part from being made."""

    pupil_id: UUID
    name: str
    missing: tuple[str, ...]


class PartsIncomplete(Invalid):
    """Some parts cannot be made yet: `gaps` says whose, and what is missing."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        self.gaps = tuple(gaps)
        shown = "; ".join(f"{gap.name}: {', '.join(gap.missing)}" for gap in self.gaps[:5])
        more = f"; và {len(self.gaps) - 5} học sinh khác" if len(self.gaps) > 5 else ""
        super().__init__(f"Chưa lập được học bạ vì còn thiếu: {shown}{more}.")


def ask(
    session: Session,
    class_id: UUID,
    pupil_ids: Collection[UUID] | None,
    *,
    by: Principal,
    at: datetime,
    only_complete: bool = False,
) -> int:
    """Have the parts of these pupils (None: of all who have none) made; how many.

    Where something is missing, nothing is made, unless `only_complete` leaves out whose it is.
    Raises NotAllowed, ClassBookOpen, PartsIncomplete, NothingToMake, NoHead, NoClass.
    """
    school_class = class_actions.locked(session, class_id)
    if not rules.may_ask(staff_queries.actor(by), staff_queries.staff(session, class_id)):
        raise NotAllowed("Chỉ giáo viên chủ nhiệm hoặc ban giám hiệu được lập học bạ của lớp.")
    book = class_book(session, class_id)
    listed = making.listed(session, book, at=at)
    have = _live(session, school_class)
    wanted = [
        pupil
        for pupil in listed
        if pupil.pupil_id not in have and (pupil_ids is None or pupil.pupil_id in pupil_ids)
    ]
    gaps = [Gap(each.pupil_id, each.name, each.missing) for each in wanted if each.missing]
    if gaps and not only_complete:
        raise PartsIncomplete(gaps)
    complete = [each for each in wanted if not each.missing]
    if not complete:
        raise PartsIncomplete(gaps) if gaps else NothingToMake(_NOBODY)
    _require_head(session, school_class.school_id, at)
    earlier = _newest(session, school_class, {each.pupil_id for each in complete})
    made = [
        _begin(session, school_class, book, each, earlier.get(each.pupil_id), by=by, at=at)
        for each in complete
    ]
    _promise(session, class_id, made, at=at)
    return len(made)


def replace(session: Session, part_id: UUID, reason: str, *, by: Principal, at: datetime) -> UUID:
    """Before the close: the next version takes the place of this one now; its identifier.

    Raises NotAllowed, PartStepRefused, ClassBookOpen, PartsIncomplete.
    """
    part = actions.locked(session, part_id)
    return _next(session, part, PartStep.REPLACE, actions.said(reason), by=by, at=at)


def reopen(session: Session, part_id: UUID, *, by: Principal, at: datetime) -> UUID:
    """After the superior unit has granted it: the next version, for the reason of the withdrawal.

    Raises NotAllowed, PartStepRefused, ClassBookOpen, PartsIncomplete.
    """
    part = actions.locked(session, part_id)
    states.after(part.state, PartStep.REOPEN)
    reason = session.scalars(
        select(ReportWithdrawal.reason)
        .where(ReportWithdrawal.part_id == part_id, ReportWithdrawal.is_granted.is_(True))
        .order_by(ReportWithdrawal.decided_at.desc())
        .limit(1)
    ).one()
    return _next(session, part, PartStep.REOPEN, reason, by=by, at=at)


def class_book(session: Session, class_id: UUID) -> Gradebook:
    """The closed book of the class. Raises ClassBookOpen."""
    book = session.scalars(
        select(Gradebook).where(
            Gradebook.class_id == class_id,
            Gradebook.kind == BookKind.CLASS_BOOK,
            Gradebook.state == State.CLOSED,
        )
    ).one_or_none()
    if book is None:
        raise ClassBookOpen(
            "Sổ của lớp chưa ký xong và khóa nên chưa lập được học bạ: học bạ ghi theo sổ đã khóa."
        )
    return book


# --- Parts ---------------------------------------------------------------------------------------


def _next(
    session: Session, part: ReportPart, step: PartStep, because: str, *, by: Principal, at: datetime
) -> UUID:
    if not rules.may_ask(staff_queries.actor(by), staff_queries.staff(session, part.class_id)):
        raise NotAllowed("Chỉ giáo viên chủ nhiệm hoặc ban giám hiệu được lập học bạ của lớp.")
    states.after(part.state, step)
    book = class_book(session, part.class_id)
    pupil = next(
        (each for each in making.listed(session, book, at=at) if each.pupil_id == part.pupil_id),
        None,
    )
    if pupil is None:
        raise PartsIncomplete(
            [Gap(part.pupil_id, part.pupil_name, ("không còn trong danh sách của sổ lớp",))]
        )
    if pupil.missing:
        raise PartsIncomplete([Gap(pupil.pupil_id, pupil.name, pupil.missing)])
    school_class = session.get_one(SchoolClass, part.class_id)
    _require_head(session, part.school_id, at)
    row = _begin(session, school_class, book, pupil, part, by=by, at=at, step=step, because=because)
    _promise(session, part.class_id, [row], at=at)
    return row


def _begin(
    session: Session,
    school_class: SchoolClass,
    book: Gradebook,
    pupil: ListedPupil,
    earlier: ReportPart | None,
    *,
    by: Principal,
    at: datetime,
    step: PartStep = PartStep.REPLACE,
    because: str | None = None,
) -> UUID:
    assert book.content_sha256 is not None
    part_id = new_id()
    if earlier is not None:
        because = because or earlier.returned_because
        actions.take(session, earlier, step, by=by, at=at, superseded_by=part_id)
        session.flush()  # One version is live at a time.
    part = ReportPart(
        id=part_id,
        identity_id=pupil.identity_id,
        pupil_id=pupil.pupil_id,
        school_id=school_class.school_id,
        class_id=school_class.id,
        school_year=school_class.school_year,
        grade=school_class.grade,
        class_name=school_class.name,
        pupil_name=pupil.name,
        pupil_code=pupil.code,
        ordinal=pupil.ordinal,
        version=1 if earlier is None else earlier.version + 1,
        state=PartState.PREPARING,
        state_since=at,
        requested_by=by.person_id,
        requested_at=at,
        class_book_id=book.id,
        class_book_sha256=book.content_sha256,
        subjects_sign=department_queries.signing(session, school_class.school_year).subjects_sign,
        is_reassessed=False,
        supersedes_id=None if earlier is None else earlier.id,
        because=None if earlier is None else because,
    )
    session.add(part)
    actions.record(
        session,
        "report_part.requested",
        part,
        by=by,
        at=at,
        version=part.version,
        class_book_sha256=part.class_book_sha256,
        supersedes_id=part.supersedes_id,
    )
    return part_id


def _promise(session: Session, class_id: UUID, ids: Sequence[UUID], *, at: datetime) -> None:
    """By portions, so that several workers make the parts of one class."""
    outbox.promise_each(
        session,
        TASK,
        [
            {"class_id": class_id, "part_ids": [str(each) for each in ids[first : first + PORTION]]}
            for first in range(0, len(ids), PORTION)
        ],
        at=at,
    )


def _live(session: Session, school_class: SchoolClass) -> frozenset[UUID]:
    """Pupils of the school whose part of the year is being made or in force, in whatever class."""
    return frozenset(
        session.scalars(
            select(ReportPart.pupil_id).where(
                ReportPart.school_id == school_class.school_id,
                ReportPart.school_year == school_class.school_year,
                ReportPart.state.in_(states.LIVE),
            )
        )
    )


def _newest(
    session: Session, school_class: SchoolClass, pupil_ids: Collection[UUID]
) -> Mapping[UUID, ReportPart]:
    """The version that each of these had last, locked; all of them were returned."""
    newest = (
        select(ReportPart.pupil_id, func.max(ReportPart.version).label("version"))
        .where(
            ReportPart.school_year == school_class.school_year, ReportPart.pupil_id.in_(pupil_ids)
        )
        .group_by(ReportPart.pupil_id)
        .subquery()
    )
    rows = session.scalars(
        select(ReportPart)
        .join(
            newest,
            (newest.c.pupil_id == ReportPart.pupil_id) & (newest.c.version == ReportPart.version),
        )
        .where(ReportPart.school_year == school_class.school_year)
        .with_for_update(of=ReportPart)
    )
    return {row.pupil_id: row for row in rows}


def _require_head(session: Session, school_id: UUID, at: datetime) -> None:
    if people.head_of(session, school_id, at=at) is None:
        raise Conflict("Trường chưa có hiệu trưởng trong danh sách nên chưa lập học bạ được.")
