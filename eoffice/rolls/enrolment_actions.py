"""The enrolment register: opened, written, annulled, supplemented; and who finished school."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.classes import staff_queries
from eoffice.classes.model import Pupil
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.rolls import admissions, counters, numbering, rules
from eoffice.rolls.model import Book, EnrolmentChange, EnrolmentLine, EnrolmentRoll
from eoffice.rolls.rules import LineAnnulled, LineUnknown, RollNotOpen, RollOpen, RollWrong
from eoffice.web.principal import Principal

#: A school that was founded in 1945 with two hundred pupils a year has not come so far.
HIGHEST_FIRST = 999_999
LONGEST_SUFFIX = 20
#: What no list of pupils has, so that the clerk writes it in the line itself.
SUPPLEMENTED = {
    "hometown": "Quê quán",
    "religion": "Tôn giáo",
    "nationality": "Quốc tịch",
    "came_from": "Trường chuyển đến",
    "note": "Ghi chú",
}


@dataclass(frozen=True, slots=True)
class Entered:
    """The numbers that one action gave; `count` 0 where everybody had one."""

    first: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line of the book on paper. Without a name: a number that has no pupil, annulled."""

    number: int
    name: str = ""
    admitted_on: date | None = None
    class_name: str = ""
    code: str = ""
    personal_id: str = ""
    born_on: date | None = None
    sex: str = ""
    birthplace: str = ""
    hometown: str = ""
    ethnicity: str = ""
    religion: str = ""
    nationality: str = ""
    address: str = ""
    permanent_address: str = ""
    father: str = ""
    mother: str = ""
    came_from: str = ""
    ended_on: date | None = None
    ended_as: str = ""
    note: str = ""
    #: The pupil of the school's lists, where they are known.
    pupil_id: UUID | None = None
    #: Why the number has no pupil.
    annulled_because: str = ""


def open_roll(
    session: Session, first_number: int, suffix: str, *, by: Principal, at: datetime
) -> None:
    """Say with which number the register goes on here; a school that begins says 1.

    Raises RollsNotYours, RollOpen, RollWrong.
    """
    rules.require_keeper(staff_queries.actor(by), by.agency_id)
    wrong: dict[str, str] = {}
    if not 1 <= first_number <= HIGHEST_FIRST:
        wrong["first_number"] = f"Số mở đầu từ 1 đến {HIGHEST_FIRST}."
    behind = rules.said(suffix, "suffix", wrong, longest=LONGEST_SUFFIX)
    rules.refuse(wrong)
    if session.get(EnrolmentRoll, by.agency_id) is not None:
        raise RollOpen("Sổ đăng bộ của trường đã mở; các số đã cấp không đổi được.")
    session.add(
        EnrolmentRoll(
            school_id=by.agency_id,
            first_number=first_number,
            suffix=behind,
            opened_by=by.person_id,
            opened_at=at,
        )
    )
    counters.begin(session, by.agency_id, Book.ENROLMENT, first_number)
    session.flush()  # What follows in the transaction takes numbers.
    _record(session, "enrolment_roll.opened", by.agency_id, by, at, first_number=first_number)


def enter_all(
    session: Session, class_id: UUID | None = None, *, by: Principal, at: datetime
) -> Entered:
    """Give numbers to everybody of the school, or of a class, who has none: in order of admission.

    Done twice, the second time gives nothing. Raises RollsNotYours, RollNotOpen, ClassUnknown.
    """
    rules.require_keeper(staff_queries.actor(by), by.agency_id)
    roll_of(session, by.agency_id)
    # Who else enters waits here, and then finds nobody without a number.
    counters.locked(session, by.agency_id, Book.ENROLMENT)
    waiting = admissions.without_number(session, by.agency_id, class_id=class_id)
    if not waiting:
        return Entered(0, 0, 0)
    pupils = {
        row.id: row
        for row in session.scalars(
            select(Pupil).where(Pupil.id.in_([each.pupil_id for each in waiting]))
        )
    }
    first = counters.take(session, by.agency_id, Book.ENROLMENT, count=len(waiting))
    session.add_all(
        _line(number, each, pupils[each.pupil_id], by=by, at=at)
        for number, each in enumerate(numbering.in_order(waiting), start=first)
    )
    last = first + len(waiting) - 1
    _record(
        session, "enrolment_roll.entered", by.agency_id, by, at, first=first, last=last,
        class_id=class_id,
    )  # fmt: skip
    return Entered(first, last, len(waiting))


def annul(session: Session, line_id: UUID, why: str, *, by: Principal, at: datetime) -> None:
    """The number was given by mistake: it stays in the book, without a pupil who goes by it.

    Raises RollsNotYours, LineUnknown, LineAnnulled, RollWrong.
    """
    row = _locked(session, line_id, by)
    row.annulled_because = rules.reason(why)
    row.annulled_at, row.annulled_by = at, by.person_id
    _record(session, "enrolment_line.annulled", row.id, by, at, number=row.number)


def supplement(
    session: Session,
    line_id: UUID,
    given: dict[str, str],
    why: str,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Write in a line what the lists of pupils do not have; the value before stays on record.

    `given` by the names of SUPPLEMENTED. Raises RollsNotYours, LineUnknown, LineAnnulled,
    RollWrong.
    """
    row = _locked(session, line_id, by)
    wrong: dict[str, str] = {}
    values = {
        name: rules.said(given.get(name, getattr(row, name)), name, wrong) for name in SUPPLEMENTED
    }
    rules.refuse(wrong)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    # What was empty is filled in; what stood there is written anew, and that has a reason.
    because = rules.reason(why) if any(getattr(row, name) for name in changed) else rules.tidy(why)
    for name in changed:
        session.add(
            EnrolmentChange(
                id=new_id(),
                line_id=row.id,
                school_id=row.school_id,
                field=name,
                old=getattr(row, name),
                new=values[name],
                reason=because[: rules.LONGEST],
                recorded_by=by.person_id,
                recorded_at=at,
            )
        )
        setattr(row, name, values[name])
    if changed:
        _record(session, "enrolment_line.supplemented", row.id, by, at, changed=changed)


def take_over(
    session: Session, lines: Sequence[PaperLine], *, by: Principal, at: datetime
) -> Entered:
    """Write lines of the book on paper, which end where the counter goes on then.

    The numbers follow what is there without a hole; the reader of tables (`paper_lines`) has seen
    to that and to the particulars. Raises RollsNotYours, RollNotOpen, RollWrong.
    """
    rules.require_keeper(staff_queries.actor(by), by.agency_id)
    roll_of(session, by.agency_id)
    if not lines:
        return Entered(0, 0, 0)
    first = counters.take(session, by.agency_id, Book.ENROLMENT, count=len(lines))
    if [line.number for line in lines] != list(range(first, first + len(lines))):
        raise RollWrong(f"Số đăng bộ tiếp theo là {first}; các số chép vào phải nối tiếp từ đó.")
    for line in lines:
        kept = asdict(line)
        because = kept.pop("annulled_because")
        session.add(
            EnrolmentLine(
                id=new_id(),
                school_id=by.agency_id,
                is_from_paper=True,
                entered_by=by.person_id,
                entered_at=at,
                annulled_at=at if because else None,
                annulled_by=by.person_id if because else None,
                annulled_because=because or None,
                **kept,
            )
        )
    last = lines[-1].number
    _record(session, "enrolment_roll.taken_over", by.agency_id, by, at, first=first, last=last)
    return Entered(first, last, len(lines))


def numbers_of(session: Session, pupil_ids: Collection[UUID]) -> dict[UUID, str]:
    """số đăng bộ by pupil, as it is printed; who has none is not among them. Asks nobody."""
    rows = session.execute(
        select(EnrolmentLine.pupil_id, EnrolmentLine.number, EnrolmentRoll.suffix)
        .join(EnrolmentRoll, EnrolmentRoll.school_id == EnrolmentLine.school_id)
        .where(EnrolmentLine.pupil_id.in_(pupil_ids), EnrolmentLine.annulled_at.is_(None))
    )
    return {pupil_id: f"{number}{suffix}" for pupil_id, number, suffix in rows if pupil_id}


def roll_of(session: Session, school_id: UUID) -> EnrolmentRoll:
    """Raises RollNotOpen."""
    row = session.get(EnrolmentRoll, school_id)
    if row is None:
        raise RollNotOpen(
            "Trường chưa mở sổ đăng bộ. Hãy ghi số mở đầu: 1 nếu sổ bắt đầu từ đây, hoặc số tiếp "
            "theo của sổ giấy."
        )
    return row


def _line(
    number: int, admission: numbering.Admission, pupil: Pupil, *, by: Principal, at: datetime
) -> EnrolmentLine:
    return EnrolmentLine(
        id=new_id(),
        school_id=pupil.school_id,
        number=number,
        pupil_id=pupil.id,
        is_from_paper=False,
        admitted_on=admission.on,
        class_name=admission.class_name,
        code=pupil.code,
        personal_id=pupil.personal_id or "",
        name=pupil.name,
        born_on=pupil.born_on,
        sex=pupil.sex,
        birthplace=pupil.birthplace,
        hometown="",
        ethnicity=pupil.ethnicity,
        religion="",
        nationality="",
        address=pupil.address,
        permanent_address=pupil.permanent_address,
        father=pupil.father,
        mother=pupil.mother,
        came_from=admission.came_from,
        ended_as="",
        note="",
        entered_by=by.person_id,
        entered_at=at,
    )


def _locked(session: Session, line_id: UUID, by: Principal) -> EnrolmentLine:
    row = session.scalars(
        select(EnrolmentLine).where(EnrolmentLine.id == line_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise LineUnknown("Sổ đăng bộ của trường không có dòng này.")
    rules.require_keeper(staff_queries.actor(by), row.school_id)
    if row.annulled_at is not None:
        raise LineAnnulled(
            f"Số {row.number} đã hủy ngày {civil_date(row.annulled_at):%d/%m/%Y}: "
            f"{row.annulled_because}"
        )
    return row


def _record(
    session: Session,
    action: str,
    object_id: UUID,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    kind = action.partition(".")[0]
    record(session, action, object_kind=kind, object_id=object_id, by=by, at=at, details=details)
