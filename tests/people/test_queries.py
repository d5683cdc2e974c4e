"""Units by date and group, letterheads, holders of positions, rights to sign."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from eoffice.db import new_id
from eoffice.people import queries, signers
from eoffice.people.groups import GroupUnknown
from eoffice.people.kinds import GrantKind, PositionKind, UnitKind
from eoffice.people.model import Appointment, Delegation, FormerUnit, UnitSuccession
from eoffice.people.queries import AppointmentUnknown, PersonUnknown, UnitUnknown
from eoffice.people.rules import Capacity, NoAuthority
from eoffice.people.views import SigningRight, UnitView
from tests.cast import APPOINTED, Cast

DAY = date(2018, 8, 13)


def names(views: tuple[UnitView, ...]) -> list[str]:
    return [view.name for view in views]


def test_a_unit_is_found_by_identifier_code_and_exchange_identifier(
    session: Session, cast: Cast
) -> None:
    by_id = queries.unit(session, cast.school.id)

    assert queries.unit_by_code(session, "THCS-01") == by_id
    assert by_id.organ_id is not None
    assert queries.unit_by_organ_id(session, by_id.organ_id) == by_id
    assert queries.units(session, [by_id.id, new_id()]) == {by_id.id: by_id}


def test_a_unit_that_does_not_exist_is_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(UnitUnknown):
        queries.unit(session, new_id())
    with pytest.raises(UnitUnknown):
        queries.unit_by_code(session, "nowhere")
    assert queries.unit_by_organ_id(session, "000.00.00.H99") is None


def test_the_tree_has_each_unit_after_the_one_above_it(session: Session, cast: Cast) -> None:
    branches = queries.unit_tree(session, on=DAY)

    depths = {branch.unit.id: branch.depth for branch in branches}
    assert len(branches) == 10
    assert branches[0].unit.id == cast.department.id
    assert (depths[cast.department.id], depths[cast.district.id], depths[cast.school.id]) == (
        0,
        1,
        2,
    )


def test_the_tree_below_a_unit_begins_with_it(session: Session, cast: Cast) -> None:
    branches = queries.unit_tree(session, on=DAY, root_id=cast.district.id)

    assert [(b.unit.id, b.depth) for b in branches] == [(cast.district.id, 0), (cast.school.id, 1)]


def test_children_begin_with_the_offices(session: Session, cast: Cast) -> None:
    kinds = [child.kind for child in queries.children(session, cast.department.id, on=DAY)]

    assert kinds[:4] == [UnitKind.OFFICE] * 4
    assert UnitKind.OFFICE not in kinds[4:]


@pytest.mark.parametrize(
    "text", ["nguyen thi minh khai", "Minh KHAI", "thcs-01", "trường thcs", "THCS-01"]
)
def test_units_are_found_without_diacritics_or_by_code(
    session: Session, cast: Cast, text: str
) -> None:
    found = queries.search_units(session, text, on=DAY)

    assert names(found) == ["Trường THCS Nguyễn Thị Minh Khai"]


def test_a_search_may_be_narrowed_to_kinds_and_to_what_is_below(
    session: Session, cast: Cast
) -> None:
    offices = queries.search_units(session, on=DAY, kinds=[UnitKind.DISTRICT_OFFICE])
    below = queries.search_units(session, on=DAY, below_id=cast.district.id)

    assert {u.id for u in offices} == {cast.district.id, cast.other_district.id}
    assert [u.id for u in below] == [cast.school.id]


def test_a_search_goes_on_after_the_last_unit_seen(session: Session, cast: Cast) -> None:
    seen: list[UnitView] = []
    after = None
    while page := queries.search_units(session, on=DAY, after=after, limit=3):
        seen += page
        after = queries.name_key(session, page[-1])

    assert len(seen) == len({view.id for view in seen}) == 10


def test_a_unit_is_not_found_on_a_day_on_which_it_did_not_exist(
    session: Session, cast: Cast
) -> None:
    assert queries.search_units(session, "minh khai", on=date(2009, 12, 31)) == ()
    assert len(queries.search_units(session, "minh khai", on=None)) == 1


def test_groups_of_the_department_are_those_of_the_whole_province(
    session: Session, cast: Cast
) -> None:
    def group(code: str, sender: object = None) -> list[str]:
        return names(
            queries.units_of_group(session, code, sender_agency_id=cast.department.id, on=DAY)
        )

    assert group("district_offices") == [
        "Phòng Giáo dục và Đào tạo huyện Lấp Vò",
        "Phòng Giáo dục và Đào tạo thành phố Cao Lãnh",
    ]
    assert group("upper_secondary_schools") == ["Trường THPT Sen Hồng", "Trường THPT Tràm Chim"]
    assert group("lower_secondary_schools") == ["Trường THCS Nguyễn Thị Minh Khai"]
    assert group("primary_schools") == []
    assert group("lower_secondary_of:PGD-CAOLANH") == ["Trường THCS Nguyễn Thị Minh Khai"]
    assert group("lower_secondary_of:PGD-LAPVO") == []


def test_a_group_of_a_district_office_is_what_stands_below_it(session: Session, cast: Cast) -> None:
    own = queries.units_of_group(session, "schools", sender_agency_id=cast.district.id, on=DAY)

    assert [view.id for view in own] == [cast.school.id]


def test_a_group_of_another_day_has_the_units_of_that_day(session: Session, cast: Cast) -> None:
    cast.other_district.valid_to = date(2025, 6, 30)

    on_last_day = queries.units_of_group(
        session, "district_offices", sender_agency_id=cast.department.id, on=date(2025, 6, 30)
    )
    day_after = queries.units_of_group(
        session, "district_offices", sender_agency_id=cast.department.id, on=date(2025, 7, 1)
    )

    assert (len(on_last_day), len(day_after)) == (2, 1)


def test_an_unknown_group_or_unit_of_a_group_is_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(GroupUnknown):
        queries.units_of_group(session, "all", sender_agency_id=cast.department.id, on=DAY)
    with pytest.raises(UnitUnknown):
        queries.units_of_group(
            session, "primary_of:nowhere", sender_agency_id=cast.department.id, on=DAY
        )


def test_groups_have_the_names_that_are_printed(session: Session, cast: Cast) -> None:
    assert queries.group_name(session, "upper_secondary_schools") == "Trường THPT"
    assert (
        queries.group_name(session, "lower_secondary_of:PGD-LAPVO")
        == "Trường THCS thuộc Phòng Giáo dục và Đào tạo huyện Lấp Vò"
    )


def test_the_letterhead_names_the_superior_and_the_agency(session: Session, cast: Cast) -> None:
    department = queries.letterhead(session, cast.department.id, on=DAY)
    high_school = queries.letterhead(session, cast.high_school.id, on=DAY)

    assert (department.superior, department.own) == (
        "Ủy ban nhân dân tỉnh Đồng Tháp",
        "Sở Giáo dục và Đào tạo",
    )
    assert (department.place, department.notation) == ("Đồng Tháp", "SGDĐT")
    assert (high_school.superior, high_school.own) == (
        "Sở Giáo dục và Đào tạo Đồng Tháp",
        "Trường THPT Sen Hồng",
    )


def test_an_office_writes_on_the_letterhead_of_its_agency(session: Session, cast: Cast) -> None:
    of_office = queries.letterhead(session, cast.technology_office.id, on=DAY)

    assert of_office == queries.letterhead(session, cast.department.id, on=DAY)


def test_a_letterhead_is_that_of_its_day(session: Session, cast: Cast) -> None:
    for until, name in (
        (date(2012, 8, 31), "Trường THCS Bán công"),
        (date(2016, 8, 31), "THCS Hai"),
    ):
        session.add(
            FormerUnit(
                unit_id=cast.school.id,
                until=until,
                name=name,
                letterhead_name=None,
                superior_name="Ủy ban nhân dân thị xã Cao Lãnh",
                notation="THCS",
                parent_id=cast.other_district.id,
                place="Cao Lãnh",
            )
        )
    session.flush()

    first = queries.letterhead(session, cast.school.id, on=date(2012, 8, 31))
    second = queries.letterhead(session, cast.school.id, on=date(2012, 9, 1))
    today = queries.letterhead(session, cast.school.id, on=DAY)
    assert (first.own, second.own) == ("Trường THCS Bán công", "THCS Hai")
    assert (second.superior, second.notation) == ("Ủy ban nhân dân thị xã Cao Lãnh", "THCS")
    assert today.own == "Trường THCS Nguyễn Thị Minh Khai"
    assert today.superior == "Phòng Giáo dục và Đào tạo thành phố Cao Lãnh"
    assert [former.name for former in queries.former_names(session, cast.school.id)] == [
        "Trường THCS Bán công",
        "THCS Hai",
    ]


def test_a_unit_stands_in_the_tree_of_a_day_where_it_stood_then(
    session: Session, cast: Cast
) -> None:
    session.add(
        FormerUnit(
            unit_id=cast.school.id,
            until=date(2016, 8, 31),
            name="THCS Hai",
            notation="THCS",
            parent_id=cast.other_district.id,
            place="Lấp Vò",
        )
    )
    session.flush()

    def below(unit_id: object, on: date) -> int:
        assert unit_id in (cast.district.id, cast.other_district.id)
        code = "PGD-CAOLANH" if unit_id == cast.district.id else "PGD-LAPVO"
        return len(
            queries.units_of_group(
                session,
                f"lower_secondary_of:{code}",
                sender_agency_id=cast.department.id,
                on=on,
            )
        )

    assert below(cast.other_district.id, date(2016, 8, 31)) == 1
    assert below(cast.district.id, date(2016, 8, 31)) == 0
    assert below(cast.district.id, date(2016, 9, 1)) == 1


def test_records_of_a_unit_that_ended_belong_to_its_successor(session: Session, cast: Cast) -> None:
    july = date(2025, 7, 1)
    session.add(
        UnitSuccession(
            predecessor_id=cast.district.id, successor_id=cast.other_district.id, since=july
        )
    )
    session.flush()

    assert queries.records_of(session, cast.other_district.id, on=july) == {
        cast.district.id,
        cast.other_district.id,
    }
    assert queries.in_charge_of(session, cast.district.id, on=july) == {cast.other_district.id}
    assert queries.in_charge_of(session, cast.district.id, on=DAY) == {cast.district.id}
    assert [u.id for u in queries.predecessors(session, cast.other_district.id)] == [
        cast.district.id
    ]
    assert [u.id for u in queries.successors(session, cast.district.id)] == [cast.other_district.id]


def test_a_person_is_found_by_identifier_login_and_folded_name(
    session: Session, cast: Cast
) -> None:
    person = queries.person(session, cast.inspector.person_id)

    assert queries.person_by_login(session, "INSPECTOR") == person
    assert queries.search_persons(session, "dang y lan") == (person,)
    assert queries.person_by_login(session, "nobody") is None
    with pytest.raises(PersonUnknown):
        queries.person(session, new_id())


def test_a_search_for_persons_goes_on_after_the_last_one_seen(session: Session, cast: Cast) -> None:
    first = queries.search_persons(session, limit=10)
    rest = queries.search_persons(session, after=(first[-1].login, str(first[-1].id)), limit=100)

    assert len({person.id for person in first + rest}) == len(cast.everybody)


def test_a_unit_has_its_head_and_its_clerks(session: Session, cast: Cast, at: datetime) -> None:
    head = queries.head_of(session, cast.department.id, at=at)
    office_head = queries.head_of(session, cast.technology_office.id, at=at)
    clerks = queries.clerks_of(session, cast.technology_office.id, at=at)

    assert head is not None
    assert head.person_id == cast.director.person_id
    assert office_head is not None
    assert office_head.person_id == cast.office_head.person_id
    assert [clerk.person_id for clerk in clerks] == [cast.clerk.person_id]


def test_a_unit_without_a_head_has_none(session: Session, cast: Cast, at: datetime) -> None:
    assert queries.head_of(session, cast.inspectorate.id, at=at) is None


def test_an_agencys_people_are_those_of_its_offices_too(
    session: Session, cast: Cast, at: datetime
) -> None:
    people = queries.persons_in(session, cast.department.id, at=at)

    assert people[0].person_id == cast.director.person_id
    assert {holder.person_id for holder in people} >= {
        cast.specialist.person_id,
        cast.inspector.person_id,
    }
    assert cast.district_head.person_id not in {holder.person_id for holder in people}


def test_an_appointment_that_is_over_is_history(session: Session, cast: Cast, at: datetime) -> None:
    held = session.get_one(Appointment, cast.clerk.appointment_id)
    held.valid_to = date(2018, 8, 12)
    session.flush()

    assert queries.appointments_of(session, cast.clerk.person_id, at=at) == ()
    assert len(queries.appointments_of(session, cast.clerk.person_id, at=None)) == 1
    assert queries.clerks_of(session, cast.department.id, at=at) == ()
    assert queries.appointment(session, held.id).valid_to == date(2018, 8, 12)


def test_an_appointment_that_does_not_exist_is_refused(session: Session, cast: Cast) -> None:
    with pytest.raises(AppointmentUnknown):
        queries.appointment(session, new_id())


def test_the_days_of_an_appointment_are_counted_in_vietnam(session: Session, cast: Cast) -> None:
    evening_before = datetime(2014, 12, 31, 16, 59, tzinfo=UTC)
    morning = datetime(2014, 12, 31, 17, 0, tzinfo=UTC)

    assert date(2015, 1, 1) == APPOINTED
    assert queries.appointments_of(session, cast.clerk.person_id, at=evening_before) == ()
    assert len(queries.appointments_of(session, cast.clerk.person_id, at=morning)) == 1


def test_the_director_signs_as_head_and_the_deputy_for_the_head(
    session: Session, cast: Cast, at: datetime
) -> None:
    sa = cast.department.id

    head = signers.strongest(session, cast.director.person_id, sa, at=at)
    deputy = signers.strongest(session, cast.deputy_director.person_id, sa, at=at)

    assert head == SigningRight(Capacity.HEAD, "Giám đốc", "")
    assert deputy == SigningRight(Capacity.FOR_HEAD, "Phó Giám đốc", "Giám đốc")


def test_a_deputy_signs_for_a_headship_that_is_vacant(
    session: Session, cast: Cast, at: datetime
) -> None:
    session.get_one(Appointment, cast.director.appointment_id).valid_to = date(2018, 8, 1)
    session.flush()

    deputy = signers.strongest(session, cast.deputy_director.person_id, cast.department.id, at=at)

    assert deputy.head_title == "Giám đốc"


@pytest.mark.parametrize(
    ("kind", "capacity"),
    [
        (GrantKind.ORDER, Capacity.BY_ORDER),
        (GrantKind.AUTHORISATION, Capacity.BY_DELEGATION),
    ],
)
def test_an_office_head_signs_with_a_grant_and_not_without(
    session: Session, cast: Cast, at: datetime, kind: GrantKind, capacity: Capacity
) -> None:
    signer, agency = cast.office_head.person_id, cast.department.id
    with pytest.raises(NoAuthority):
        signers.strongest(session, signer, agency, at=at)
    headship = queries.appointment(session, cast.director.appointment_id).position_id
    session.add(
        Delegation(
            id=new_id(),
            from_position_id=headship,
            to_person_id=signer,
            kind=kind,
            valid_from=date(2018, 8, 1),
            valid_to=date(2018, 8, 31),
            subject="Công văn về thiết bị",
            document_reference="15/GUQ-SGDĐT",
        )
    )
    session.flush()

    right = signers.strongest(session, signer, agency, at=at)

    assert right == SigningRight(capacity, "Trưởng phòng", "Giám đốc")
    (listed,) = queries.delegations_in(session, agency)
    assert (listed.from_title, listed.to_full_name) == ("Giám đốc", "Bùi Văn Đức")


def test_positions_of_a_unit_are_listed(session: Session, cast: Cast) -> None:
    positions = queries.positions_in(session, cast.department.id)

    assert [(p.title, p.kind) for p in positions] == [
        ("Giám đốc", PositionKind.HEAD),
        ("Phó Giám đốc", PositionKind.DEPUTY_HEAD),
    ]
