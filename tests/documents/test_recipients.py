"""A choice of recipients means units of the day: rules, groups, people, agencies outside.

Each unit goes by its first naming; what ended goes to its successors; whoever cannot be reached is
named in a warning.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.documents.actions import Recipient, choose_recipients
from eoffice.documents.issue import actions as issuing
from eoffice.documents.model import Document, IssuanceRecipient
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients import directory
from eoffice.documents.recipients import rules as recipient_rules
from eoffice.documents.recipients import said as recipients_said
from eoffice.documents.recipients.chosen import OrganisationUnknown, Resolution
from eoffice.documents.recipients.model import IssuanceOutside, IssuancePerson
from eoffice.documents.recipients.rules import (
    Channel,
    Purpose,
    Rule,
    RuleEmpty,
    RuleUnreadable,
    Target,
)
from eoffice.errors import Invalid
from eoffice.outbox import Promise
from eoffice.people import unit_actions
from eoffice.people.kinds import SchoolLevel, UnitKind
from eoffice.people.model import Appointment, UnitSuccession
from tests.cast import Cast
from tests.conftest import web_role
from tests.documents import sealed_papers

UPPER = Rule(levels=(SchoolLevel.UPPER_SECONDARY,))


def resolved(session: Session, cast: Cast, at: datetime, *targets: Target) -> Resolution:
    return recipients.resolve(session, targets, agency_id=cast.department.id, on=at.date())


def names(found: Resolution) -> list[str]:
    return [unit.name for unit in found.units]


def test_a_rule_combines_level_superior_unit_place_and_exceptions(
    session: Session, cast: Cast, at: datetime
) -> None:
    lower = Rule(levels=(SchoolLevel.LOWER_SECONDARY,), below=(cast.district.id,))
    elsewhere = Rule(levels=(SchoolLevel.LOWER_SECONDARY,), below=(cast.other_district.id,))
    in_lap_vo = Rule(kinds=(UnitKind.DISTRICT_OFFICE,), places=("lấp vò",))
    but_one = Rule(levels=UPPER.levels, exceptions=(cast.other_high_school.id,))

    assert names(resolved(session, cast, at, Target(rule=lower))) == [cast.school.name]
    assert names(resolved(session, cast, at, Target(rule=elsewhere))) == []
    assert names(resolved(session, cast, at, Target(rule=in_lap_vo))) == [cast.other_district.name]
    assert names(resolved(session, cast, at, Target(rule=but_one))) == [cast.high_school.name]


def test_a_rule_may_add_single_units_and_only_below_the_sender_counts(
    session: Session, cast: Cast, at: datetime
) -> None:
    rule = Rule(levels=UPPER.levels, units=(cast.school.id,))
    found = recipients.resolve(
        session, [Target(rule=rule)], agency_id=cast.district.id, on=at.date()
    )

    assert names(found) == [cast.school.name]


def test_a_rule_is_said_in_words_and_survives_its_keeping(cast: Cast) -> None:
    rule = Rule(
        kinds=(UnitKind.DISTRICT_OFFICE,),
        levels=(SchoolLevel.LOWER_SECONDARY,),
        below=(cast.district.id,),
        places=("Cao Lãnh",),
        exceptions=(cast.school.id,),
    )
    said = recipient_rules.described(
        rule, {cast.district.id: "Phòng Cao Lãnh", cast.school.id: "Trường A"}
    )

    assert said == (
        "Phòng Giáo dục và Đào tạo, Trường trung học cơ sở thuộc Phòng Cao Lãnh tại Cao Lãnh, "
        "trừ Trường A"
    )
    assert recipient_rules.parse(recipient_rules.serialise(rule)) == rule
    with pytest.raises(RuleUnreadable):
        recipient_rules.parse({"levels": ["university"]})
    with pytest.raises(RuleEmpty):
        recipient_rules.checked(Rule(places=("Cao Lãnh",)))


def test_the_first_naming_of_a_unit_counts_and_the_sender_itself_is_left_out(
    session: Session, cast: Cast, at: datetime
) -> None:
    found = resolved(
        session,
        cast,
        at,
        Target(unit_id=cast.high_school.id, purpose=Purpose.REPORT),
        Target(group_code="upper_secondary_schools"),
        Target(unit_id=cast.department.id),
    )

    assert [(unit.unit_id, unit.purpose) for unit in found.units] == [
        (cast.high_school.id, Purpose.REPORT),
        (cast.other_high_school.id, Purpose.ACTION),
    ]
    assert found.total == 2
    assert [(line.name, line.count) for line in found.lines][1] == ("Trường THPT", 2)
    assert found.lines[0].printed == f"{cast.high_school.name} (để báo cáo)"


def test_a_unit_that_ended_goes_to_its_successors_and_is_named_in_a_warning(
    session: Session, cast: Cast, at: datetime
) -> None:
    cast.other_district.valid_to = at.date() - timedelta(days=10)
    session.add(
        UnitSuccession(
            predecessor_id=cast.other_district.id,
            successor_id=cast.district.id,
            since=at.date() - timedelta(days=9),
        )
    )
    cast.other_high_school.valid_to = at.date() - timedelta(days=1)
    session.flush()

    found = resolved(
        session,
        cast,
        at,
        Target(unit_id=cast.other_district.id),
        Target(unit_id=cast.other_high_school.id),
    )

    assert [(unit.unit_id, unit.named_by) for unit in found.units] == [
        (cast.district.id, f"kế thừa {cast.other_district.name}")
    ]
    assert any("không có đơn vị kế thừa" in warning for warning in found.warnings)


def test_a_person_elsewhere_is_reached_at_the_clerk_of_the_agency(
    session: Session, cast: Cast, at: datetime
) -> None:
    principal = cast.high_school_principal
    found = resolved(
        session,
        cast,
        at,
        Target(appointment_id=principal.appointment_id),
        Target(appointment_id=cast.deputy_director.appointment_id, purpose=Purpose.REPORT),
    )

    assert [(unit.unit_id, unit.addressees) for unit in found.units] == [
        (cast.high_school.id, (f"{principal.full_name}, {principal.position_title}",))
    ]
    assert len(found.people) == 2
    assert found.total == 2


def test_somebody_who_left_the_position_gets_nothing_and_the_writer_is_told(
    session: Session, cast: Cast, at: datetime
) -> None:
    held = session.get_one(Appointment, cast.high_school_principal.appointment_id)
    held.valid_to = at.date() - timedelta(days=1)
    session.flush()

    found = resolved(session, cast, at, Target(appointment_id=held.id))

    assert found.total == 0
    assert "không còn giữ chức danh" in found.warnings[0]


def outside(session: Session, cast: Cast, at: datetime) -> UUID:
    return directory.enter(
        session,
        directory.Entry(
            name="VNPT Đồng Tháp", channel=Channel.POST, postal_address="02 Đốc Binh Kiều"
        ),
        by=cast.clerk,
        at=at,
    )


def test_an_agency_outside_is_reached_by_its_channel_until_it_is_removed(
    session: Session, cast: Cast, at: datetime
) -> None:
    organisation = outside(session, cast, at)
    target = Target(organisation_id=organisation, purpose=Purpose.COOPERATION)

    found = resolved(session, cast, at, target)
    directory.remove(session, organisation, by=cast.clerk, at=at)
    later = resolved(session, cast, at, target)

    assert [(each.name, each.address) for each in found.outside] == [
        ("VNPT Đồng Tháp", "02 Đốc Binh Kiều")
    ]
    assert found.lines[0].printed == "VNPT Đồng Tháp (để phối hợp)"
    assert later.total == 0
    assert later.warnings


def test_the_directory_of_another_agency_cannot_be_chosen_from(
    session: Session, cast: Cast, at: datetime
) -> None:
    organisation = outside(session, cast, at)

    with pytest.raises(OrganisationUnknown):
        recipients.check_known(
            session, [Target(organisation_id=organisation)], agency_id=cast.district.id
        )
    with web_role(session, cast.district_clerk):
        assert directory.listing(session, who=cast.district_clerk) == []


@pytest.mark.parametrize(
    "entry",
    [
        directory.Entry(name=" ", channel=Channel.POST, postal_address="x"),
        directory.Entry(name="A", channel=Channel.POST),
        directory.Entry(name="A", channel=Channel.EMAIL, email="khong-phai-thu"),
        directory.Entry(name="A", channel=Channel.EXCHANGE),
        directory.Entry(name="A", channel=Channel.EXCHANGE, organ_id="x" * 36),
    ],
)
def test_an_entry_of_the_directory_can_be_reached_by_its_channel(
    session: Session, cast: Cast, at: datetime, entry: directory.Entry
) -> None:
    with pytest.raises(Invalid):
        directory.enter(session, entry, by=cast.clerk, at=at)


def test_what_changed_since_the_choice_is_told(session: Session, cast: Cast, at: datetime) -> None:
    document_id = sealed_papers.draft(session, cast, [Recipient(rule=UPPER)], at=at)
    document = session.get_one(Document, document_id)
    before = recipients.of_document(session, document, at=at)
    assert recipients.changes(session, document_id, before) is None

    cast.high_school.valid_to = date(2018, 8, 12)
    unit_actions.create_unit(
        session,
        code="THPT-NEW",
        name="Trường THPT Mới",
        kind=UnitKind.SCHOOL,
        level=SchoolLevel.UPPER_SECONDARY,
        parent_id=cast.department.id,
        notation="THPTM",
        place="Đồng Tháp",
        valid_from=date(2018, 8, 1),
        by="tests",
        at=at,
    )
    session.flush()
    found = recipients.changes(
        session, document_id, recipients.of_document(session, document, at=at)
    )

    assert found is not None
    assert (found.added, found.removed) == (("Trường THPT Mới",), (cast.high_school.name,))


def test_an_issue_keeps_whom_it_reached_and_why(session: Session, cast: Cast, at: datetime) -> None:
    organisation = outside(session, cast, at)
    document_id = sealed_papers.sealed(
        session,
        cast,
        [
            Recipient(rule=UPPER, name="Khối THPT", purpose=Purpose.INFORMATION),
            Recipient(appointment_id=cast.deputy_director.appointment_id),
            Recipient(organisation_id=organisation),
        ],
        at=at,
    )

    assert issuing.issue(session, document_id, by=cast.clerk, at=at) == 4

    rows = session.scalars(
        select(IssuanceRecipient).where(IssuanceRecipient.document_id == document_id)
    ).all()
    assert {(row.unit_id, row.purpose, row.named_by) for row in rows} == {
        (school.id, Purpose.INFORMATION, "Khối THPT")
        for school in (cast.high_school, cast.other_high_school)
    }
    assert session.scalars(select(IssuancePerson.person_id)).all() == [
        cast.deputy_director.person_id
    ]
    assert session.scalars(select(IssuanceOutside.name)).all() == ["VNPT Đồng Tháp"]
    promised = sorted(session.scalars(select(Promise.task)))
    assert promised == [
        "archive.ingest",
        "routing.deliver",
        "routing.tell_addressee",
    ]
    said = recipients_said.said(session, document_id)
    assert [line.name for line in said][:2] == [
        "Khối THPT (để biết)",
        f"{cast.deputy_director.full_name}, {cast.deputy_director.position_title}",
    ]


def test_a_choice_that_stands_twice_counts_once(session: Session, cast: Cast, at: datetime) -> None:
    twice = [Recipient(unit_id=cast.district.id), Recipient(unit_id=cast.district.id)]
    document_id = sealed_papers.draft(session, cast, [], at=at)

    choose_recipients(session, document_id, twice, by=cast.specialist, at=at)
    session.flush()

    assert len(recipients.targets_of(session, document_id)) == 1
