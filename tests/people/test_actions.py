"""Units are made, renamed, moved and ended; people are appointed and may be let to sign."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.model import AuditEvent
from eoffice.db import new_id
from eoffice.errors import Invalid, Refusal
from eoffice.people import (
    accounts,
    appointment_actions,
    person_actions,
    queries,
    signers,
    unit_actions,
)
from eoffice.people.appointment_actions import (
    DelegationUnfit,
    DelegationUnknown,
    HeadTaken,
    PositionUnfit,
)
from eoffice.people.kinds import GrantKind, Manner, PositionKind, SchoolLevel, Scope, UnitKind
from eoffice.people.operators import OnlyOperators
from eoffice.people.person_actions import LoginTaken
from eoffice.people.queries import AppointmentUnknown, PersonUnknown, UnitUnknown
from eoffice.people.rules import Capacity, NoAuthority
from eoffice.people.unit_actions import CodeTaken, DayWrong, UnitEnded, UnitHasChildren
from tests.cast import Cast, sign_in

DAY = date(2018, 8, 13)


def events(session: Session, object_id: UUID) -> list[str]:
    session.flush()
    return list(
        session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.object_id == object_id)
            .order_by(AuditEvent.id)
        )
    )


def new_school(session: Session, cast: Cast, at: datetime, **changes: Any) -> UUID:
    values: dict[str, Any] = {
        "code": "THCS-02",
        "name": "Trường THCS Phù Đổng",
        "kind": UnitKind.SCHOOL,
        "level": SchoolLevel.LOWER_SECONDARY,
        "parent_id": cast.other_district.id,
        "place": "Lấp Vò",
        "valid_from": date(2018, 8, 1),
        "by": cast.operator,
        "at": at,
    }
    return unit_actions.create_unit(session, **(values | changes))


def appoint(session: Session, cast: Cast, at: datetime, **changes: Any) -> UUID:
    values: dict[str, Any] = {
        "person_id": cast.specialist.person_id,
        "unit_id": cast.technology_office.id,
        "title": "Phó Trưởng phòng",
        "kind": PositionKind.OFFICE_DEPUTY,
        "valid_from": DAY,
        "by": cast.operator,
        "at": at,
    }
    return appointment_actions.appoint(session, **(values | changes))


# --- Units -----------------------------------------------------------------------------------


def test_a_unit_is_entered_and_put_on_record(session: Session, cast: Cast, at: datetime) -> None:
    unit_id = new_school(session, cast, at)

    made = queries.unit(session, unit_id)
    assert (made.name, made.agency_id) == ("Trường THCS Phù Đổng", unit_id)
    assert events(session, unit_id) == ["unit.created"]


def test_an_office_belongs_to_the_agency_above_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    office_id = new_school(
        session,
        cast,
        at,
        code="KHTC",
        kind=UnitKind.OFFICE,
        level=None,
        parent_id=cast.department.id,
    )

    assert queries.unit(session, office_id).agency_id == cast.department.id


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"code": "THCS-01"}, CodeTaken),
        ({"organ_id": "000.00.05.H20.THCS-01"}, CodeTaken),
        ({"organ_id": "H" * 36}, Invalid),
        ({"level": None}, Invalid),
        ({"kind": UnitKind.DISTRICT_OFFICE}, Invalid),
        ({"kind": UnitKind.OFFICE, "level": None, "parent_id": None}, Invalid),
        ({"parent_id": UUID(int=1)}, UnitUnknown),
    ],
)
def test_a_unit_that_cannot_be_is_refused(
    session: Session,
    cast: Cast,
    at: datetime,
    changes: dict[str, Any],
    refusal: type[Refusal],
) -> None:
    with pytest.raises(refusal):
        new_school(session, cast, at, **changes)


def test_a_new_name_counts_from_its_day_and_the_old_one_before(
    session: Session, cast: Cast, at: datetime
) -> None:
    school = cast.school.id
    unit_actions.rename_unit(
        session,
        school,
        name="Trường THCS Minh Khai",
        since=date(2018, 8, 1),
        notation="THCSMK",
        place="TP Cao Lãnh",
        by=cast.operator,
        at=at,
    )

    before = queries.letterhead(session, school, on=date(2018, 7, 31))
    after = queries.letterhead(session, school, on=date(2018, 8, 1))
    assert before.own == "Trường THCS Nguyễn Thị Minh Khai"
    assert (after.own, after.notation, after.place) == (
        "Trường THCS Minh Khai",
        "THCSMK",
        "TP Cao Lãnh",
    )
    assert events(session, school) == ["unit.renamed"]


def test_two_changes_of_one_day_are_one(session: Session, cast: Cast, at: datetime) -> None:
    school = cast.school.id
    for name in ("Trường THCS A", "Trường THCS B"):
        unit_actions.rename_unit(
            session, school, name=name, since=date(2018, 8, 1), by=cast.operator, at=at
        )

    assert queries.unit(session, school).name == "Trường THCS B"
    assert [former.name for former in queries.former_names(session, school)] == [
        "Trường THCS Nguyễn Thị Minh Khai"
    ]


def test_a_name_cannot_change_in_the_future_or_before_the_last_change(
    session: Session, cast: Cast, at: datetime
) -> None:
    def rename(since: date) -> None:
        unit_actions.rename_unit(
            session, cast.school.id, name="Trường THCS A", since=since, by=cast.operator, at=at
        )

    rename(date(2018, 8, 1))

    for day in (date(2018, 8, 15), date(2018, 7, 31), date(2009, 1, 1)):
        with pytest.raises(DayWrong):
            rename(day)


def test_a_unit_moves_below_another_from_a_day_on(
    session: Session, cast: Cast, at: datetime
) -> None:
    unit_actions.move_unit(
        session,
        cast.school.id,
        parent_id=cast.other_district.id,
        since=DAY,
        by=cast.operator,
        at=at,
    )

    yesterday = DAY - timedelta(days=1)
    assert queries.children(session, cast.district.id, on=DAY) == ()
    assert len(queries.children(session, cast.district.id, on=yesterday)) == 1
    assert len(queries.children(session, cast.other_district.id, on=DAY)) == 1


def test_a_unit_cannot_stand_below_itself(session: Session, cast: Cast, at: datetime) -> None:
    for parent_id in (cast.district.id, cast.school.id):
        with pytest.raises(Invalid):
            unit_actions.move_unit(
                session,
                cast.district.id,
                parent_id=parent_id,
                since=DAY,
                by=cast.operator,
                at=at,
            )


def test_an_office_does_not_move_to_another_agency(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(Invalid):
        unit_actions.move_unit(
            session,
            cast.technology_office.id,
            parent_id=cast.district.id,
            since=DAY,
            by=cast.operator,
            at=at,
        )


def test_on_1_july_2025_a_commune_takes_over_from_a_district_office(
    session: Session, cast: Cast
) -> None:
    june = datetime(2025, 6, 30, 10, tzinfo=clock.VIETNAM)
    commune_id = new_school(
        session,
        cast,
        june,
        code="VHXH-01",
        name="Phòng Văn hóa - Xã hội phường Cao Lãnh",
        kind=UnitKind.COMMUNE_OFFICE,
        level=None,
        parent_id=cast.department.id,
        superior_name="Ủy ban nhân dân phường Cao Lãnh",
        valid_from=date(2025, 6, 1),
    )

    unit_actions.close_unit(
        session,
        cast.district.id,
        last_day=date(2025, 6, 30),
        successor_ids=[commune_id],
        by=cast.operator,
        at=june,
    )
    session.flush()

    july = date(2025, 7, 1)
    assert not queries.unit(session, cast.district.id).is_active(july)
    assert queries.unit(session, cast.school.id).parent_id == commune_id
    assert queries.in_charge_of(session, cast.district.id, on=july) == {commune_id}
    for below in (cast.district.id, cast.school.id):
        assert session.scalar(
            text("select is_within(:unit, :above)"), {"unit": below, "above": commune_id}
        )
    group = queries.units_of_group(
        session, "district_offices", sender_agency_id=cast.department.id, on=july
    )
    assert [unit.id for unit in group] == [cast.other_district.id]
    assert queries.head_of(session, cast.district.id, at=june + timedelta(days=1)) is None
    assert queries.letterhead(session, cast.school.id, on=date(2025, 6, 30)).superior == (
        "Phòng Giáo dục và Đào tạo thành phố Cao Lãnh"
    )


def test_the_offices_of_an_agency_end_with_it(session: Session, cast: Cast, at: datetime) -> None:
    office_id = new_school(
        session,
        cast,
        at,
        code="THPT-01-VP",
        kind=UnitKind.OFFICE,
        level=None,
        parent_id=cast.high_school.id,
        valid_from=date(2015, 1, 1),
    )

    unit_actions.close_unit(session, cast.high_school.id, last_day=DAY, by=cast.operator, at=at)

    assert queries.unit(session, office_id).valid_to == DAY


def test_a_unit_with_others_below_needs_exactly_one_successor(
    session: Session, cast: Cast, at: datetime
) -> None:
    two = [cast.other_district.id, cast.high_school.id]
    for successors in ([], two):
        with pytest.raises(UnitHasChildren):
            unit_actions.close_unit(
                session,
                cast.district.id,
                last_day=DAY,
                successor_ids=successors,
                by=cast.operator,
                at=at,
            )


def test_a_unit_ends_once_today_or_before_and_not_into_itself(
    session: Session, cast: Cast, at: datetime
) -> None:
    def close(last_day: date, *successors: UUID) -> None:
        unit_actions.close_unit(
            session,
            cast.school.id,
            last_day=last_day,
            successor_ids=successors,
            by=cast.operator,
            at=at,
        )

    with pytest.raises(DayWrong):
        close(DAY + timedelta(days=1))
    with pytest.raises(DayWrong):
        close(date(2009, 12, 31))
    with pytest.raises(UnitEnded):
        close(DAY, cast.school.id)
    close(DAY)
    with pytest.raises(UnitEnded):
        close(DAY)


# --- Persons and appointments ----------------------------------------------------------------


def test_a_person_is_entered_with_a_tidy_name_and_login(
    session: Session, cast: Cast, at: datetime
) -> None:
    person_id = person_actions.create_person(
        session, login=" Le.Van.Tam ", full_name=" Lê  Văn\tTám ", by=cast.operator, at=at
    )

    person = queries.person(session, person_id)
    assert (person.login, person.full_name) == ("le.van.tam", "Lê Văn Tám")
    assert not person.can_sign_in
    assert events(session, person_id) == ["person.created"]


@pytest.mark.parametrize(
    ("login", "full_name", "refusal"),
    [
        ("clerk", "Lê Văn Tám", LoginTaken),
        ("CLERK", "Lê Văn Tám", LoginTaken),
        ("lê.văn.tám", "Lê Văn Tám", Invalid),
        ("a", "Lê Văn Tám", Invalid),
        ("le van tam", "Lê Văn Tám", Invalid),
        ("le.van.tam", "  ", Invalid),
    ],
)
def test_a_person_who_cannot_be_entered_is_refused(
    session: Session,
    cast: Cast,
    at: datetime,
    login: str,
    full_name: str,
    refusal: type[Refusal],
) -> None:
    with pytest.raises(refusal):
        person_actions.create_person(
            session, login=login, full_name=full_name, by=cast.operator, at=at
        )


def test_a_person_may_be_renamed(session: Session, cast: Cast, at: datetime) -> None:
    person_id = cast.clerk.person_id
    person_actions.rename_person(
        session, person_id, full_name="Nguyễn Thị Thu Hà Anh", by=cast.operator, at=at
    )

    assert queries.person(session, person_id).full_name == "Nguyễn Thị Thu Hà Anh"
    with pytest.raises(Invalid):
        person_actions.rename_person(session, person_id, full_name="", by=cast.operator, at=at)


def test_an_appointment_gives_a_position_and_makes_it_where_there_is_none(
    session: Session, cast: Cast, at: datetime
) -> None:
    first = appoint(session, cast, at)
    second = appoint(session, cast, at, person_id=cast.clerk.person_id)

    made, also = queries.appointment(session, first), queries.appointment(session, second)
    assert (made.title, made.unit_id) == ("Phó Trưởng phòng", cast.technology_office.id)
    assert made.position_id == also.position_id
    assert events(session, first) == ["appointment.made"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"person_id": UUID(int=1)}, PersonUnknown),
        ({"unit_id": UUID(int=1)}, UnitUnknown),
        ({"valid_from": date(2009, 1, 1)}, UnitEnded),
        ({"valid_to": date(2018, 8, 12)}, DayWrong),
        ({"kind": PositionKind.DEPUTY_HEAD}, PositionUnfit),
        ({"kind": PositionKind.HEAD}, PositionUnfit),
        ({"title": "Chuyên viên"}, PositionUnfit),
        ({"title": "  "}, Invalid),
        ({"manner": Manner.ACTING}, PositionUnfit),
        ({"kind": PositionKind.OFFICE_HEAD, "title": "Trưởng phòng"}, HeadTaken),
    ],
)
def test_an_appointment_that_cannot_be_is_refused(
    session: Session,
    cast: Cast,
    at: datetime,
    changes: dict[str, Any],
    refusal: type[Refusal],
) -> None:
    with pytest.raises(refusal):
        appoint(session, cast, at, **changes)


def test_an_agency_has_one_head_at_a_time(session: Session, cast: Cast, at: datetime) -> None:
    headship = {"unit_id": cast.department.id, "title": "Giám đốc", "kind": PositionKind.HEAD}
    with pytest.raises(HeadTaken, match="Trần Thanh Liêm"):
        appoint(session, cast, at, valid_to=DAY, **headship)
    appointment_actions.end_appointment(
        session, cast.director.appointment_id, last_day=DAY, by=cast.operator, at=at
    )

    tomorrow = DAY + timedelta(days=1)
    appoint(session, cast, at, valid_from=tomorrow, manner=Manner.ACTING, **headship)

    right = signers.strongest(
        session, cast.specialist.person_id, cast.department.id, at=at + timedelta(days=1)
    )
    assert right.capacity is Capacity.ACTING


def test_who_left_a_position_is_signed_out_of_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    sign_in(session, cast.clerk, at)
    token = accounts.create_token(
        session, name="x", scopes=[Scope.READ], life=timedelta(days=1), by=cast.clerk, at=at
    )
    session.flush()

    appointment_actions.end_appointment(
        session,
        cast.clerk.appointment_id,
        last_day=DAY - timedelta(days=1),
        by=cast.operator,
        at=at,
    )
    session.flush()

    assert token
    assert session.scalar(text("select count(*) from sessions")) == 0
    assert session.scalar(text("select count(*) from api_tokens where revoked_at is null")) == 0
    assert events(session, cast.clerk.appointment_id) == ["appointment.ended"]


def test_an_appointment_ends_after_it_began(session: Session, cast: Cast, at: datetime) -> None:
    with pytest.raises(DayWrong):
        appointment_actions.end_appointment(
            session,
            cast.clerk.appointment_id,
            last_day=date(2014, 12, 31),
            by=cast.operator,
            at=at,
        )
    with pytest.raises(AppointmentUnknown):
        appointment_actions.end_appointment(
            session, new_id(), last_day=DAY, by=cast.operator, at=at
        )


# --- Grants ----------------------------------------------------------------------------------


def delegate(session: Session, cast: Cast, at: datetime, **changes: Any) -> UUID:
    headship = queries.appointment(session, cast.director.appointment_id).position_id
    values: dict[str, Any] = {
        "from_position_id": headship,
        "to_person_id": cast.office_head.person_id,
        "kind": GrantKind.AUTHORISATION,
        "valid_from": DAY,
        "valid_to": DAY + timedelta(days=30),
        "subject": "Giấy mời",
        "document_reference": "15/GUQ-SGDĐT ngày 02/8/2018",
        "by": cast.director,
        "at": at,
    }
    return appointment_actions.delegate(session, **(values | changes))


def test_the_director_delegates_and_takes_it_back(
    session: Session, cast: Cast, at: datetime
) -> None:
    signer, agency = cast.office_head.person_id, cast.department.id
    delegation_id = delegate(session, cast, at)
    session.flush()
    assert signers.strongest(session, signer, agency, at=at).capacity is Capacity.BY_DELEGATION

    appointment_actions.end_delegation(
        session, delegation_id, last_day=DAY, by=cast.director, at=at
    )
    session.flush()

    with pytest.raises(NoAuthority):
        signers.strongest(session, signer, agency, at=at + timedelta(days=1))
    assert events(session, delegation_id) == ["delegation.made", "delegation.ended"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"from_position_id": UUID(int=1)}, DelegationUnfit),
        ({"document_reference": " "}, DelegationUnfit),
        ({"valid_to": None}, DelegationUnfit),
        ({"valid_to": DAY - timedelta(days=1)}, DelegationUnfit),
        ({"to_person_id": UUID(int=1)}, PersonUnknown),
    ],
)
def test_a_delegation_that_cannot_be_is_refused(
    session: Session,
    cast: Cast,
    at: datetime,
    changes: dict[str, Any],
    refusal: type[Refusal],
) -> None:
    with pytest.raises(refusal):
        delegate(session, cast, at, **changes)


def test_a_delegation_is_not_passed_on(session: Session, cast: Cast, at: datetime) -> None:
    own = queries.appointment(session, cast.office_head.appointment_id).position_id

    with pytest.raises(DelegationUnfit):
        delegate(
            session,
            cast,
            at,
            from_position_id=own,
            to_person_id=cast.specialist.person_id,
            by=cast.office_head,
        )


def test_orders_are_for_heads_of_offices_of_the_agency(
    session: Session, cast: Cast, at: datetime
) -> None:
    delegate(session, cast, at, kind=GrantKind.ORDER, valid_to=None)

    for person in (cast.specialist, cast.school_principal):
        with pytest.raises(DelegationUnfit):
            delegate(session, cast, at, kind=GrantKind.ORDER, to_person_id=person.person_id)


def test_somebody_without_a_position_gets_no_delegation(
    session: Session, cast: Cast, at: datetime
) -> None:
    person_id = person_actions.create_person(
        session, login="le.van.tam", full_name="Lê Văn Tám", by=cast.operator, at=at
    )

    with pytest.raises(DelegationUnfit):
        delegate(session, cast, at, to_person_id=person_id)


def test_nobody_but_the_head_and_operators_delegates(
    session: Session, cast: Cast, at: datetime
) -> None:
    delegation_id = delegate(session, cast, at, by=cast.operator)

    for stranger in (cast.deputy_director, cast.school_principal):
        with pytest.raises(OnlyOperators):
            delegate(session, cast, at, by=stranger)
        with pytest.raises(OnlyOperators):
            appointment_actions.end_delegation(
                session, delegation_id, last_day=DAY, by=stranger, at=at
            )


def test_a_delegation_ends_within_its_days(session: Session, cast: Cast, at: datetime) -> None:
    delegation_id = delegate(session, cast, at)

    for day in (DAY - timedelta(days=1), DAY + timedelta(days=31)):
        with pytest.raises(DayWrong):
            appointment_actions.end_delegation(
                session, delegation_id, last_day=day, by=cast.director, at=at
            )
    with pytest.raises(DelegationUnknown):
        appointment_actions.end_delegation(session, new_id(), last_day=DAY, by=cast.director, at=at)


def test_only_operators_and_processes_keep_units_and_people(
    session: Session, cast: Cast, at: datetime
) -> None:
    for stranger in (cast.director, cast.clerk, cast.school_principal):
        with pytest.raises(OnlyOperators):
            new_school(session, cast, at, by=stranger)
        with pytest.raises(OnlyOperators):
            appoint(session, cast, at, by=stranger)
        with pytest.raises(OnlyOperators):
            person_actions.create_person(session, login="x.y.z", full_name="X", by=stranger, at=at)
        with pytest.raises(OnlyOperators):
            accounts.set_password(
                session, cast.clerk.person_id, "mưa nguồn chớp bể", by=stranger, at=at
            )

    assert new_school(session, cast, at, by="system:tests")
