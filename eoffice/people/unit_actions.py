"""What operators do to units: create, rename, move, close.

`by` is a principal, or the name of a process of the office ("system:…"), which may do all of it.
A change of a unit counts from a day that has come: `units` holds the present, `former_units` the
past.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid
from eoffice.people import operators, organ_ids, rules
from eoffice.people.kinds import SchoolLevel, UnitKind
from eoffice.people.model import (
    Appointment,
    FormerUnit,
    Position,
    Unit,
    UnitSuccession,
)
from eoffice.people.queries import UnitUnknown
from eoffice.web.principal import Principal

ONE_DAY = timedelta(days=1)


class CodeTaken(Conflict):
    """Another unit has this code or this identifier in the exchange of documents."""


class UnitEnded(Conflict):
    """The unit does not exist on this day."""


class DayWrong(Invalid):
    """The day does not fit what is known: it has not come yet, or lies before the beginning."""


class UnitHasChildren(Conflict):
    """Units stand below this one, and it is not clear who takes them over."""


def create_unit(
    session: Session,
    *,
    code: str,
    name: str,
    kind: UnitKind,
    place: str,
    valid_from: date,
    by: Principal | str,
    at: datetime,
    level: SchoolLevel | None = None,
    parent_id: UUID | None = None,
    notation: str = "",
    organ_id: str | None = None,
    letterhead_name: str | None = None,
    superior_name: str | None = None,
) -> UUID:
    """Enter a unit into the tree; an office belongs to the agency that is its parent.

    Raises OnlyOperators, Invalid, CodeTaken, UnitUnknown.
    """
    operators.operators_only(by)
    _check_unit(kind, level, parent_id, organ_id)
    taken = [Unit.code == code]
    if organ_id is not None:
        taken.append(Unit.organ_id == organ_id)
    if session.scalar(select(Unit.id).where(or_(*taken)).limit(1)) is not None:
        raise CodeTaken(
            "Mã đơn vị hoặc mã định danh này đã có đơn vị khác dùng. Hãy chọn mã khác.",
            fields={"code": "Đã có đơn vị dùng mã này."},
        )
    parent = None if parent_id is None else locked_unit(session, parent_id)
    unit_id = new_id()
    session.add(
        Unit(
            id=unit_id,
            organ_id=organ_id,
            code=code,
            name=name,
            letterhead_name=letterhead_name,
            superior_name=superior_name,
            notation=notation,
            kind=kind,
            level=level,
            parent_id=parent_id,
            agency_id=unit_id if kind is not UnitKind.OFFICE or not parent else parent.agency_id,
            place=place,
            valid_from=valid_from,
        )
    )
    session.flush()  # Rows that point to the unit may follow at once.
    record(
        session,
        "unit.created",
        object_kind="unit",
        object_id=unit_id,
        by=by,
        at=at,
        details={"code": code, "kind": kind.value, "parent_id": parent_id},
    )
    return unit_id


def set_organ_id(
    session: Session, unit_id: UUID, organ_id: str, *, by: Principal | str, at: datetime
) -> None:
    """Give a unit its identifier of the national exchange, or another one; empty: none.

    What was sent before keeps the one of its day. Raises OnlyOperators, UnitUnknown, Invalid,
    CodeTaken.
    """
    operators.operators_only(by)
    checked = organ_ids.checked(organ_id) or None
    row = locked_unit(session, unit_id)
    taken = select(Unit.name).where(Unit.organ_id == checked, Unit.id != unit_id)
    other = None if checked is None else session.scalar(taken)
    if other is not None:
        words = f"Mã định danh này đã cấp cho {other}."
        raise CodeTaken(words, fields={"organ_id": words})
    if row.organ_id == checked:
        return
    before, row.organ_id = row.organ_id, checked
    record(
        session,
        "unit.organ_id_set",
        object_kind="unit",
        object_id=unit_id,
        by=by,
        at=at,
        details={"before": before or "", "organ_id": checked or ""},
    )


def rename_unit(
    session: Session,
    unit_id: UUID,
    *,
    name: str,
    since: date,
    by: Principal | str,
    at: datetime,
    letterhead_name: str | None = None,
    superior_name: str | None = None,
    notation: str | None = None,
    place: str | None = None,
) -> None:
    """The unit writes itself like this from a day on; earlier letterheads stay as they were.

    `notation` and `place` stay where None. Raises OnlyOperators, UnitUnknown, DayWrong.
    """
    operators.operators_only(by)
    row = locked_unit(session, unit_id)
    _keep_former(session, row, since=since, at=at)
    row.name = name
    row.letterhead_name = letterhead_name
    row.superior_name = superior_name
    row.notation = row.notation if notation is None else notation
    row.place = row.place if place is None else place
    record(
        session,
        "unit.renamed",
        object_kind="unit",
        object_id=unit_id,
        by=by,
        at=at,
        details={"since": since, "name": name},
    )


def move_unit(
    session: Session,
    unit_id: UUID,
    *,
    parent_id: UUID,
    since: date,
    by: Principal | str,
    at: datetime,
) -> None:
    """Put the unit below another one from a day on.

    Raises OnlyOperators, UnitUnknown, DayWrong, and Invalid for a place below itself.
    """
    operators.operators_only(by)
    row = locked_unit(session, unit_id)
    if row.kind is UnitKind.OFFICE:
        raise Invalid(
            "Phòng, ban thuộc cơ quan không chuyển sang cơ quan khác; hãy lập đơn vị mới."
        )
    locked_unit(session, parent_id)
    parents = dict(session.execute(select(Unit.id, Unit.parent_id)).all())
    if parent_id == unit_id or rules.stands_below(parent_id, unit_id, parents):
        raise Invalid("Đơn vị cấp trên không thể là chính đơn vị này hoặc đơn vị trực thuộc nó.")
    _move(session, row, parent_id, since=since, by=by, at=at)


def close_unit(
    session: Session,
    unit_id: UUID,
    *,
    last_day: date,
    successor_ids: Sequence[UUID] = (),
    by: Principal | str,
    at: datetime,
) -> None:
    """The unit ends; its successors take over its records, and a single one the units below it.

    Its offices end with it, and so do all appointments in them. Raises OnlyOperators,
    UnitUnknown, UnitEnded, DayWrong, UnitHasChildren.
    """
    operators.operators_only(by)
    row = locked_unit(session, unit_id)
    if row.valid_to is not None:
        raise UnitEnded(f"{row.name} đã kết thúc hoạt động từ trước.")
    if last_day > clock.civil_date(at) or last_day < row.valid_from:
        raise DayWrong(
            "Ngày hoạt động cuối cùng phải là hôm nay hoặc trước đó, "
            "và không sớm hơn ngày thành lập.",
            fields={"last_day": "Ngày này không phù hợp."},
        )
    successors = [locked_unit(session, successor_id) for successor_id in successor_ids]
    if any(s.id == unit_id or s.valid_to is not None for s in successors):
        raise UnitEnded("Đơn vị kế thừa phải là đơn vị khác và đang hoạt động.")
    below = session.scalars(
        select(Unit).where(Unit.parent_id == unit_id, Unit.valid_to.is_(None)).with_for_update()
    ).all()
    others = [child for child in below if child.kind is not UnitKind.OFFICE]
    if others and len(successors) != 1:
        raise UnitHasChildren(
            f"Còn {len(others)} đơn vị trực thuộc. Hãy chuyển các đơn vị đó sang đơn vị khác, "
            "hoặc chọn đúng một đơn vị kế thừa."
        )
    for child in others:
        _move(session, child, successors[0].id, since=last_day + ONE_DAY, by=by, at=at)
    ending = [row, *(child for child in below if child.kind is UnitKind.OFFICE)]
    for ended in ending:
        ended.valid_to = max(last_day, ended.valid_from)
        _end_appointments_in(session, ended.id, last_day=last_day)
    for successor in successors:
        session.add(
            UnitSuccession(
                predecessor_id=unit_id, successor_id=successor.id, since=last_day + ONE_DAY
            )
        )
    record(
        session,
        "unit.closed",
        object_kind="unit",
        object_id=unit_id,
        by=by,
        at=at,
        details={"last_day": last_day, "successor_ids": [str(s.id) for s in successors]},
    )


def locked_unit(session: Session, unit_id: UUID) -> Unit:
    """Raises UnitUnknown."""
    row = session.get(Unit, unit_id, with_for_update=True)
    if row is None:
        raise UnitUnknown("Không có đơn vị này trong danh mục.")
    return row


def _check_unit(
    kind: UnitKind, level: SchoolLevel | None, parent_id: UUID | None, organ_id: str | None
) -> None:
    if (level is not None) != (kind is UnitKind.SCHOOL):
        raise Invalid(
            "Trường học phải có cấp học, đơn vị khác thì không.",
            fields={"level": "Chọn cấp học nếu là trường."},
        )
    if kind is UnitKind.OFFICE and parent_id is None:
        raise Invalid(
            "Phòng, ban phải thuộc một cơ quan.", fields={"parent_id": "Hãy chọn cơ quan."}
        )
    if organ_id is not None:
        organ_ids.checked(organ_id)


def _keep_former(session: Session, row: Unit, *, since: date, at: datetime) -> None:
    """Write down how the unit was until the day before; two changes of one day are one."""
    until = since - ONE_DAY
    latest = session.scalar(
        select(FormerUnit.until)
        .where(FormerUnit.unit_id == row.id)
        .order_by(FormerUnit.until.desc())
        .limit(1)
    )
    # A closing may move units from tomorrow on, because its last day may be today.
    if (
        since > clock.civil_date(at) + ONE_DAY
        or since <= row.valid_from
        or (latest is not None and until < latest)
    ):
        raise DayWrong(
            "Ngày thay đổi không được ở tương lai, và phải sau ngày thành lập "
            "cũng như sau lần thay đổi trước.",
            fields={"since": "Ngày này không phù hợp."},
        )
    if latest == until:
        return
    session.add(
        FormerUnit(
            unit_id=row.id,
            until=until,
            name=row.name,
            letterhead_name=row.letterhead_name,
            superior_name=row.superior_name,
            notation=row.notation,
            parent_id=row.parent_id,
            place=row.place,
        )
    )
    session.flush()  # A second change in this transaction has to find it.


def _move(
    session: Session,
    row: Unit,
    parent_id: UUID,
    *,
    since: date,
    by: Principal | str,
    at: datetime,
) -> None:
    _keep_former(session, row, since=since, at=at)
    former_parent_id, row.parent_id = row.parent_id, parent_id
    record(
        session,
        "unit.moved",
        object_kind="unit",
        object_id=row.id,
        by=by,
        at=at,
        details={"since": since, "from_id": former_parent_id, "to_id": parent_id},
    )


def _end_appointments_in(session: Session, unit_id: UUID, *, last_day: date) -> None:
    open_ones = session.scalars(
        select(Appointment)
        .join(Position, Position.id == Appointment.position_id)
        .where(
            Position.unit_id == unit_id,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to > last_day),
        )
    )
    for appointment in open_ones:
        appointment.valid_to = max(last_day, appointment.valid_from)
