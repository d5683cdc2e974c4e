"""Positions given and taken back, and grants to sign. Operators appoint; heads delegate.

`by` is a principal, or the name of a process of the office ("system:…"), which may do all of it.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotFound
from eoffice.people import operators, unit_actions
from eoffice.people.kinds import GrantKind, Manner, PositionKind, UnitKind
from eoffice.people.model import (
    ApiToken,
    Appointment,
    Delegation,
    Person,
    Position,
    SignedIn,
    Unit,
)
from eoffice.people.queries import AppointmentUnknown, PersonUnknown
from eoffice.people.unit_actions import DayWrong, UnitEnded
from eoffice.web.principal import Principal

_OFFICE_KINDS = frozenset({PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY})
_AGENCY_KINDS = frozenset({PositionKind.HEAD, PositionKind.DEPUTY_HEAD})


class PositionUnfit(Invalid):
    """A position of this kind does not exist in a unit of this kind."""


class HeadTaken(Conflict):
    """The agency or office has another head on these days."""


class DelegationUnfit(Invalid):
    """The right to sign cannot be given like this (Decree 30/2020, art. 13)."""


class DelegationUnknown(NotFound):
    """There is no such grant."""


def appoint(
    session: Session,
    *,
    person_id: UUID,
    unit_id: UUID,
    title: str,
    kind: PositionKind,
    valid_from: date,
    by: Principal | str,
    at: datetime,
    valid_to: date | None = None,
    manner: Manner = Manner.APPOINTED,
) -> UUID:
    """Give a person a position in a unit, from a first to a last day.

    A position with this title is made where the unit has none. Raises OnlyOperators,
    PersonUnknown, UnitUnknown, UnitEnded, PositionUnfit, HeadTaken, DayWrong.
    """
    operators.operators_only(by)
    if valid_to is not None and valid_to < valid_from:
        raise DayWrong(
            "Ngày kết thúc không được trước ngày bắt đầu.",
            fields={"valid_to": "Trước ngày bắt đầu."},
        )
    if session.get(Person, person_id) is None:
        raise PersonUnknown("Không có người này trong danh sách.")
    # Locked, so that two heads cannot be appointed at the same time.
    unit = unit_actions.locked_unit(session, unit_id)
    if valid_from < unit.valid_from or (unit.valid_to is not None and valid_from > unit.valid_to):
        raise UnitEnded(
            f"{unit.name} không hoạt động vào ngày bắt đầu.",
            fields={"valid_from": "Đơn vị không hoạt động vào ngày này."},
        )
    _check_position(unit, kind, manner)
    if kind in (PositionKind.HEAD, PositionKind.OFFICE_HEAD):
        _check_headship_is_free(session, unit, kind, valid_from, valid_to)
    position_id = _position(session, unit_id, title, kind)
    appointment_id = new_id()
    session.add(
        Appointment(
            id=appointment_id,
            person_id=person_id,
            position_id=position_id,
            manner=manner,
            valid_from=valid_from,
            valid_to=valid_to,
        )
    )
    session.flush()  # The person may sign in with it in the same transaction.
    record(
        session,
        "appointment.made",
        object_kind="appointment",
        object_id=appointment_id,
        by=by,
        at=at,
        details={
            "person_id": person_id,
            "unit_id": unit_id,
            "kind": kind.value,
            "manner": manner.value,
            "valid_from": valid_from,
            "valid_to": valid_to,
        },
    )
    return appointment_id


def end_appointment(
    session: Session,
    appointment_id: UUID,
    *,
    last_day: date,
    by: Principal | str,
    at: datetime,
) -> None:
    """The person leaves the position after this day; sessions and tokens in it end then.

    Raises OnlyOperators, AppointmentUnknown, DayWrong.
    """
    operators.operators_only(by)
    row = session.get(Appointment, appointment_id, with_for_update=True)
    if row is None:
        raise AppointmentUnknown("Không có quyết định bổ nhiệm, phân công này.")
    if last_day < row.valid_from:
        raise DayWrong(
            "Ngày cuối cùng không được trước ngày bắt đầu.",
            fields={"last_day": "Trước ngày bắt đầu."},
        )
    row.valid_to = last_day
    if last_day < clock.civil_date(at):
        session.execute(delete(SignedIn).where(SignedIn.appointment_id == appointment_id))
        session.execute(
            update(ApiToken)
            .where(ApiToken.appointment_id == appointment_id, ApiToken.revoked_at.is_(None))
            .values(revoked_at=at)
        )
    record(
        session,
        "appointment.ended",
        object_kind="appointment",
        object_id=appointment_id,
        by=by,
        at=at,
        details={"last_day": last_day},
    )


def delegate(
    session: Session,
    *,
    from_position_id: UUID,
    to_person_id: UUID,
    kind: GrantKind,
    valid_from: date,
    valid_to: date | None,
    subject: str,
    document_reference: str,
    by: Principal | str,
    at: datetime,
) -> UUID:
    """The head of an agency lets somebody sign: by order (TL.) or by delegation (TUQ.).

    The head does it, or an operator who has the head's document. Raises NotAllowed,
    DelegationUnfit, PersonUnknown.
    """
    position = session.get(Position, from_position_id)
    # Art. 13(3): who signs by delegation may not pass it on, so only a headship can grant.
    if position is None or position.kind is not PositionKind.HEAD:
        raise DelegationUnfit("Chỉ người đứng đầu cơ quan được giao ký thừa lệnh, thừa uỷ quyền.")
    if not isinstance(by, str) and not (
        by.position_kind == PositionKind.HEAD.value and by.unit_id == position.unit_id
    ):
        operators.operators_only(by)
    if not document_reference.strip():
        raise DelegationUnfit(
            "Việc giao ký phải bằng văn bản: hãy điền số, ký hiệu và ngày của văn bản.",
            fields={"document_reference": "Cần điền mục này."},
        )
    if kind is GrantKind.AUTHORISATION and valid_to is None:
        raise DelegationUnfit(
            "Uỷ quyền phải có thời hạn: hãy điền ngày kết thúc.",
            fields={"valid_to": "Cần điền mục này."},
        )
    if valid_to is not None and valid_to < valid_from:
        raise DelegationUnfit(
            "Ngày kết thúc không được trước ngày bắt đầu.",
            fields={"valid_to": "Trước ngày bắt đầu."},
        )
    if session.get(Person, to_person_id) is None:
        raise PersonUnknown("Không có người này trong danh sách.")
    _check_grantee(session, position, to_person_id, kind, on=valid_from)
    delegation_id = new_id()
    session.add(
        Delegation(
            id=delegation_id,
            from_position_id=from_position_id,
            to_person_id=to_person_id,
            kind=kind,
            valid_from=valid_from,
            valid_to=valid_to,
            subject=subject.strip(),
            document_reference=document_reference.strip(),
        )
    )
    record(
        session,
        "delegation.made",
        object_kind="delegation",
        object_id=delegation_id,
        by=by,
        at=at,
        details={
            "from_position_id": from_position_id,
            "to_person_id": to_person_id,
            "kind": kind.value,
            "valid_from": valid_from,
            "valid_to": valid_to,
        },
    )
    return delegation_id


def end_delegation(
    session: Session, delegation_id: UUID, *, last_day: date, by: Principal | str, at: datetime
) -> None:
    """Take the right back after this day. Raises NotAllowed, DelegationUnknown, DayWrong."""
    row = session.get(Delegation, delegation_id, with_for_update=True)
    if row is None:
        raise DelegationUnknown("Không có việc giao ký này.")
    position = session.get_one(Position, row.from_position_id)
    if not isinstance(by, str) and not (
        by.position_kind == PositionKind.HEAD.value and by.unit_id == position.unit_id
    ):
        operators.operators_only(by)
    if last_day < row.valid_from or (row.valid_to is not None and last_day > row.valid_to):
        raise DayWrong(
            "Ngày cuối cùng phải nằm trong thời hạn đã giao.",
            fields={"last_day": "Ngoài thời hạn đã giao."},
        )
    row.valid_to = last_day
    record(
        session,
        "delegation.ended",
        object_kind="delegation",
        object_id=delegation_id,
        by=by,
        at=at,
        details={"last_day": last_day},
    )


def _check_position(unit: Unit, kind: PositionKind, manner: Manner) -> None:
    unfit = _AGENCY_KINDS if unit.kind is UnitKind.OFFICE else _OFFICE_KINDS
    if kind in unfit:
        raise PositionUnfit(
            "Phòng, ban thuộc cơ quan có trưởng, phó phòng; cơ quan có người đứng đầu và cấp phó.",
            fields={"kind": "Không hợp với loại đơn vị."},
        )
    if manner is Manner.ACTING and kind is not PositionKind.HEAD:
        raise PositionUnfit(
            "Chỉ giao quyền cho vị trí người đứng đầu cơ quan.",
            fields={"manner": "Chỉ dùng cho người đứng đầu."},
        )


def _check_headship_is_free(
    session: Session, unit: Unit, kind: PositionKind, first: date, last: date | None
) -> None:
    overlaps = [
        Position.unit_id == unit.id,
        Position.kind == kind,
        or_(Appointment.valid_to.is_(None), Appointment.valid_to >= first),
    ]
    if last is not None:
        overlaps.append(Appointment.valid_from <= last)
    holder = session.scalar(
        select(Person.full_name)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Position, Position.id == Appointment.position_id)
        .where(*overlaps)
        .limit(1)
    )
    if holder is not None:
        raise HeadTaken(
            f"{unit.name} đã có người đứng đầu trong thời gian này: {holder}. "
            "Hãy kết thúc quyết định đó trước."
        )


def _position(session: Session, unit_id: UUID, title: str, kind: PositionKind) -> UUID:
    written = " ".join(title.split())
    if not written:
        raise Invalid("Cần điền chức danh.", fields={"title": "Cần điền chức danh."})
    row = session.scalars(
        select(Position).where(Position.unit_id == unit_id, Position.title == written)
    ).one_or_none()
    if row is not None and row.kind is not kind:
        raise PositionUnfit(
            f"Chức danh {written} của đơn vị này đã có với vai trò khác. Hãy đặt chức danh khác.",
            fields={"title": "Đã có với vai trò khác."},
        )
    if row is not None:
        return row.id
    position_id = new_id()
    session.add(Position(id=position_id, unit_id=unit_id, title=written, kind=kind))
    session.flush()  # The appointment that follows points here.
    return position_id


def _check_grantee(
    session: Session, position: Position, person_id: UUID, kind: GrantKind, *, on: date
) -> None:
    held = session.execute(
        select(Position.kind, Unit.agency_id)
        .join(Appointment, Appointment.position_id == Position.id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(
            Appointment.person_id == person_id,
            Appointment.valid_from <= on,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= on),
        )
    ).all()
    # Art. 13(4): by order, only the head of an office of the agency, or the deputy.
    if kind is GrantKind.ORDER and not any(
        held_kind in _OFFICE_KINDS and agency_id == position.unit_id
        for held_kind, agency_id in held
    ):
        raise DelegationUnfit(
            "Ký thừa lệnh chỉ giao cho trưởng hoặc phó phòng, ban thuộc cơ quan.",
            fields={"to_person_id": "Không phải trưởng, phó phòng của cơ quan."},
        )
    if not held:
        raise DelegationUnfit(
            "Người được uỷ quyền chưa có chức danh nào vào ngày bắt đầu.",
            fields={"to_person_id": "Chưa có chức danh."},
        )
