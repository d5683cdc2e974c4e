"""What is done to units, persons, appointments and grants. Operators do it; heads delegate.

`by` is a principal, or the name of a process of the office ("system:…"), which may do all of it.
A change of a unit counts from a day that has come: `units` holds the present, `former_units` the
past.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.people import rules
from eoffice.people.kinds import GrantKind, Manner, PositionKind, SchoolLevel, UnitKind
from eoffice.people.model import (
    ApiToken,
    Appointment,
    Delegation,
    FormerUnit,
    Person,
    Position,
    SignedIn,
    Unit,
    UnitSuccession,
)
from eoffice.people.queries import AppointmentUnknown, PersonUnknown, UnitUnknown
from eoffice.web.principal import Principal

ONE_DAY = timedelta(days=1)
_OFFICE_KINDS = frozenset({PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY})
_AGENCY_KINDS = frozenset({PositionKind.HEAD, PositionKind.DEPUTY_HEAD})


class OnlyOperators(NotAllowed):
    """Units and people are kept by the operators of the office."""


class CodeTaken(Conflict):
    """Another unit has this code or this identifier in the exchange of documents."""


class LoginTaken(Conflict):
    """Another person has this login."""


class UnitEnded(Conflict):
    """The unit does not exist on this day."""


class DayWrong(Invalid):
    """The day does not fit what is known: it has not come yet, or lies before the beginning."""


class UnitHasChildren(Conflict):
    """Units stand below this one, and it is not clear who takes them over."""


class PositionUnfit(Invalid):
    """A position of this kind does not exist in a unit of this kind."""


class HeadTaken(Conflict):
    """The agency or office has another head on these days."""


class DelegationUnfit(Invalid):
    """The right to sign cannot be given like this (Decree 30/2020, art. 13)."""


class DelegationUnknown(NotFound):
    """There is no such grant."""


# --- Units -----------------------------------------------------------------------------------


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
    operators_only(by)
    _check_unit(kind, level, parent_id, organ_id)
    taken = [Unit.code == code]
    if organ_id is not None:
        taken.append(Unit.organ_id == organ_id)
    if session.scalar(select(Unit.id).where(or_(*taken)).limit(1)) is not None:
        raise CodeTaken(
            "Mã đơn vị hoặc mã định danh này đã có đơn vị khác dùng. Hãy chọn mã khác.",
            fields={"code": "Đã có đơn vị dùng mã này."},
        )
    parent = None if parent_id is None else _locked_unit(session, parent_id)
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
    operators_only(by)
    row = _locked_unit(session, unit_id)
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
    operators_only(by)
    row = _locked_unit(session, unit_id)
    if row.kind is UnitKind.OFFICE:
        raise Invalid(
            "Phòng, ban thuộc cơ quan không chuyển sang cơ quan khác; hãy lập đơn vị mới."
        )
    _locked_unit(session, parent_id)
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
    operators_only(by)
    row = _locked_unit(session, unit_id)
    if row.valid_to is not None:
        raise UnitEnded(f"{row.name} đã kết thúc hoạt động từ trước.")
    if last_day > clock.civil_date(at) or last_day < row.valid_from:
        raise DayWrong(
            "Ngày hoạt động cuối cùng phải là hôm nay hoặc trước đó, "
            "và không sớm hơn ngày thành lập.",
            fields={"last_day": "Ngày này không phù hợp."},
        )
    successors = [_locked_unit(session, successor_id) for successor_id in successor_ids]
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


# --- Persons and appointments ----------------------------------------------------------------


def create_person(
    session: Session, *, login: str, full_name: str, by: Principal | str, at: datetime
) -> UUID:
    """Enter a person, who can sign in once a password is set and an appointment is in force.

    Raises OnlyOperators, Invalid, LoginTaken.
    """
    operators_only(by)
    name = " ".join(unicodedata.normalize("NFC", full_name).split())
    if not name:
        raise Invalid("Cần điền họ và tên.", fields={"full_name": "Cần điền họ và tên."})
    lowered = login.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]", lowered):
        raise Invalid(
            "Tên đăng nhập gồm 3 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch ngang.",
            fields={"login": "Hãy dùng chữ cái không dấu, chữ số, dấu chấm, gạch ngang."},
        )
    if session.scalar(select(Person.id).where(Person.login == lowered)) is not None:
        raise LoginTaken(
            f"Tên đăng nhập {lowered} đã có người dùng. Hãy chọn tên khác.",
            fields={"login": "Đã có người dùng tên này."},
        )
    person_id = new_id()
    session.add(
        Person(
            id=person_id,
            login=lowered,
            full_name=name,
            password_is_foreign=False,
            created_at=at,
        )
    )
    session.flush()  # Appointments that point to the person may follow at once.
    record(session, "person.created", object_kind="person", object_id=person_id, by=by, at=at)
    return person_id


def rename_person(
    session: Session, person_id: UUID, *, full_name: str, by: Principal | str, at: datetime
) -> None:
    """Write a person's name otherwise; what was signed keeps the name of its day.

    Raises OnlyOperators, PersonUnknown, Invalid.
    """
    operators_only(by)
    row = locked_person(session, person_id)
    name = " ".join(unicodedata.normalize("NFC", full_name).split())
    if not name:
        raise Invalid("Cần điền họ và tên.", fields={"full_name": "Cần điền họ và tên."})
    row.full_name = name
    record(session, "person.renamed", object_kind="person", object_id=person_id, by=by, at=at)


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
    operators_only(by)
    if valid_to is not None and valid_to < valid_from:
        raise DayWrong(
            "Ngày kết thúc không được trước ngày bắt đầu.",
            fields={"valid_to": "Trước ngày bắt đầu."},
        )
    if session.get(Person, person_id) is None:
        raise PersonUnknown("Không có người này trong danh sách.")
    # Locked, so that two heads cannot be appointed at the same time.
    unit = _locked_unit(session, unit_id)
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
    operators_only(by)
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


# --- Grants ----------------------------------------------------------------------------------


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
        operators_only(by)
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
        operators_only(by)
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


# --- Parts -----------------------------------------------------------------------------------


def operators_only(by: Principal | str) -> None:
    """Raises OnlyOperators. A process of the office may do what an operator may."""
    if not isinstance(by, str) and by.position_kind != PositionKind.OPERATOR.value:
        raise OnlyOperators("Chỉ quản trị hệ thống được quản lý đơn vị và tài khoản.")


def locked_person(session: Session, person_id: UUID) -> Person:
    """Raises PersonUnknown."""
    row = session.get(Person, person_id, with_for_update=True)
    if row is None:
        raise PersonUnknown("Không có người này trong danh sách.")
    return row


def _locked_unit(session: Session, unit_id: UUID) -> Unit:
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
    if organ_id is not None and len(organ_id) > 35:
        raise Invalid("Mã định danh dài nhất 35 ký tự.", fields={"organ_id": "Quá dài."})


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
