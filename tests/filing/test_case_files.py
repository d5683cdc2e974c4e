"""A case file from the plan to its end: what goes in, who may, what is printed and exported."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from datetime import datetime
from uuid import UUID

import pikepdf
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit.model import AuditEvent
from eoffice.filing import case_actions, case_export, case_queries, case_tables
from eoffice.filing.case_actions import AlreadyFiled, CaseUnknown, ItemUnknown, NotationTaken
from eoffice.filing.case_model import CaseFile, CaseItem
from eoffice.filing.case_queries import Wanted
from eoffice.filing.case_rules import (
    CaseClosed,
    CaseIncomplete,
    CaseNotYours,
    CaseState,
    CaseWrong,
    Heading,
    RecordKind,
)
from eoffice.people import queries as people
from eoffice.printing import printed_table
from eoffice.routing import handling
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.routing import stage

HEADING = Heading(notation="01.CNTT", title="Hồ sơ triển khai VNEDU", maintenance="10 năm")
YEAR = 2018
WHY = "Văn bản thuộc hồ sơ khác, đưa nhầm vào đây."


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.fixture
def dispatch(session: Session, cast: Cast, at: datetime) -> UUID:
    return stage.issued_by_the_department(session, cast, [cast.high_school], at=at)


@pytest.fixture
def arrival(session: Session, cast: Cast, dispatch: UUID, at: datetime) -> UUID:
    delivery = stage.delivered(session, dispatch, cast.high_school, at=at)
    return stage.registered(session, delivery, by=cast.high_school_clerk, at=at)


def planned(
    session: Session, by: Principal, at: datetime, heading: Heading = HEADING, **more: UUID
) -> UUID:
    return case_actions.plan(session, heading, year=YEAR, by=by, at=at, **more)


def actions_of(session: Session, case_file_id: UUID) -> list[str]:
    return list(
        session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.object_id == case_file_id)
            .order_by(AuditEvent.id)
        )
    )


def test_an_issued_document_goes_into_two_case_files_without_a_copy(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    first = planned(session, cast.specialist, at)
    second = planned(
        session,
        cast.specialist,
        at,
        Heading(notation="02.CNTT", title="Văn bản năm 2018", maintenance="Vĩnh viễn"),
    )
    for each in (first, second):
        assert (
            case_actions.file_record(
                session, each, RecordKind.OUTGOING, dispatch, by=cast.specialist, at=at
            )
            == 1
        )

    found = case_queries.holding(session, RecordKind.OUTGOING, dispatch, who=cast.specialist)
    assert [line.notation for line in found] == ["01.CNTT", "02.CNTT"]
    contents = session.scalars(select(CaseItem.content_sha256)).all()
    assert len(set(contents)) == 1
    (line,) = [each for each in found if each.id == first]
    assert (line.documents, line.first_on, line.last_on) == (
        1,
        clock.civil_date(at),
        clock.civil_date(at),
    )


def test_what_is_filed_keeps_the_name_that_it_had(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    case = planned(session, cast.specialist, at)
    case_actions.file_record(
        session, case, RecordKind.OUTGOING, dispatch, by=cast.specialist, at=at
    )
    session.execute(text("update units set name = 'Tên mới' where code = 'SGDDT'"))
    session.expire_all()

    (item,) = case_queries.case_file(session, case, who=cast.specialist).items
    assert item.organ_name == "Sở Giáo dục và Đào tạo Đồng Tháp"
    assert item.code.endswith("/SGDĐT-CNTTTBTV")
    assert item.path == f"/documents/{dispatch}"


def test_a_document_is_in_a_case_file_once_and_its_ordinal_is_not_given_again(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    who = cast.specialist
    case = planned(session, who, at)
    case_actions.file_record(session, case, RecordKind.OUTGOING, dispatch, by=who, at=at)
    with pytest.raises(AlreadyFiled):
        case_actions.file_record(session, case, RecordKind.OUTGOING, dispatch, by=who, at=at)

    (item,) = case_queries.case_file(session, case, who=who).items
    with pytest.raises(CaseWrong):
        case_actions.take_out(session, case, item.id, "x", by=who, at=at)
    case_actions.take_out(session, case, item.id, WHY, by=who, at=at)
    with pytest.raises(ItemUnknown):
        case_actions.take_out(session, case, item.id, WHY, by=who, at=at)

    assert (
        case_actions.file_record(session, case, RecordKind.OUTGOING, dispatch, by=who, at=at) == 2
    )
    assert actions_of(session, case) == [
        "case_file.planned",
        "case_file.filed",
        "case_file.taken_out",
        "case_file.filed",
    ]


def test_an_incoming_document_whose_work_is_open_keeps_the_case_file_open(
    session: Session, cast: Cast, arrival: UUID, at: datetime
) -> None:
    who, head = cast.high_school_clerk, cast.high_school_principal
    case = planned(session, who, at)
    with pytest.raises(CaseIncomplete):
        case_actions.close(session, case, by=who, at=at)
    case_actions.file_record(session, case, RecordKind.INCOMING, arrival, by=who, at=at)
    with pytest.raises(CaseIncomplete, match="số đến 01/2018"):
        case_actions.close(session, case, by=who, at=at)

    handling.submit_to_head(session, arrival, by=who, at=at)
    handling.finish(session, arrival, "Đã phổ biến trong toàn trường.", by=head, at=at)
    case_actions.close(session, case, by=who, at=at)
    case_actions.close(session, case, by=who, at=at)

    found = case_queries.case_file(session, case, who=who)
    assert (found.line.state, found.closed_by) == (CaseState.CLOSED, who.full_name)
    with pytest.raises(CaseClosed):
        case_actions.take_out(session, case, found.items[0].id, WHY, by=who, at=at)
    assert actions_of(session, case).count("case_file.closed") == 1


def test_a_notation_stands_once_in_the_plan_of_a_year(
    session: Session, cast: Cast, at: datetime
) -> None:
    planned(session, cast.clerk, at)
    with pytest.raises(NotationTaken):
        planned(session, cast.clerk, at)
    # Another agency's plan is its own, and so is another year's.
    planned(session, cast.high_school_clerk, at)
    assert case_actions.repeat_plan(session, year=YEAR + 1, by=cast.clerk, at=at) == 1
    assert case_actions.repeat_plan(session, year=YEAR + 1, by=cast.clerk, at=at) == 0
    years = case_queries.years(session, who=cast.clerk)
    assert years == (YEAR + 1, YEAR)


def test_staff_plan_what_they_make_and_the_clerk_what_others_make(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(CaseNotYours):
        planned(session, cast.specialist, at, maker_id=cast.office_head.person_id)
    with pytest.raises(CaseNotYours):
        planned(session, cast.operator, at)
    with pytest.raises(CaseNotYours):
        case_actions.repeat_plan(session, year=YEAR, by=cast.specialist, at=at)
    with pytest.raises(CaseWrong):
        planned(session, cast.clerk, at, maker_id=cast.high_school_clerk.person_id)

    case = planned(session, cast.clerk, at, maker_id=cast.specialist.person_id)
    line = case_queries.case_file(session, case, who=cast.specialist).line
    assert line.maker == cast.specialist.full_name


@pytest.mark.parametrize("year", [1899, YEAR + 2])
def test_the_year_of_a_plan_is_near(session: Session, cast: Cast, at: datetime, year: int) -> None:
    with pytest.raises(CaseWrong) as refused:
        case_actions.plan(session, HEADING, year=year, by=cast.clerk, at=at)
    assert set(refused.value.fields) == {"year"}


def test_a_restricted_case_file_is_for_whom_it_names(
    session: Session, cast: Cast, at: datetime
) -> None:
    case = planned(session, cast.specialist, at)
    outsider, named = cast.secondary_office_head, cast.office_head
    assert case_queries.case_file(session, case, who=outsider)

    case_actions.restrict(session, case, [named.person_id], by=cast.specialist, at=at)

    def listed(who: Principal) -> bool:
        return bool(case_queries.listing(session, Wanted(), who=who))

    for who in (cast.specialist, named, cast.clerk, cast.director):
        assert case_queries.case_file(session, case, who=who)
        assert listed(who)
    with pytest.raises(CaseUnknown):
        case_queries.case_file(session, case, who=outsider)
    assert not listed(outsider)
    with pytest.raises(CaseUnknown):
        case_actions.close(session, case, by=outsider, at=at)


def test_a_change_of_rights_is_open_until_a_keeper_confirms_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    case = planned(session, cast.specialist, at)
    case_actions.restrict(session, case, [], by=cast.specialist, at=at)
    assert case_queries.case_file(session, case, who=cast.clerk).may_confirm
    with pytest.raises(CaseNotYours):
        case_actions.confirm_rights(session, case, by=cast.specialist, at=at)

    case_actions.confirm_rights(session, case, by=cast.clerk, at=at)

    found = case_queries.case_file(session, case, who=cast.clerk)
    assert not found.may_confirm
    assert not found.line.awaits_confirmation
    case_actions.restrict(session, case, None, by=cast.specialist, at=at)
    assert case_queries.case_file(session, case, who=cast.clerk).line.awaits_confirmation


def test_another_agency_sees_nothing_of_it(session: Session, cast: Cast, at: datetime) -> None:
    case = planned(session, cast.clerk, at)
    with pytest.raises(CaseUnknown):
        case_queries.case_file(session, case, who=cast.high_school_clerk)
    assert case_queries.listing(session, Wanted(), who=cast.high_school_clerk) == ()


def test_case_files_are_found_without_diacritics(
    session: Session, cast: Cast, at: datetime
) -> None:
    planned(session, cast.clerk, at)
    for words in ("trien khai vnedu", "TRIỂN", "01.cntt"):
        assert case_queries.listing(session, Wanted(words=words), who=cast.clerk)
    assert not case_queries.listing(session, Wanted(words="100%"), who=cast.clerk)


def test_the_lists_have_the_columns_of_the_decree(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    case = planned(session, cast.specialist, at)
    case_actions.file_record(
        session, case, RecordKind.OUTGOING, dispatch, by=cast.specialist, at=at
    )
    found = case_queries.case_file(session, case, who=cast.specialist)

    cases = case_tables.of_cases([found.line])
    items = case_tables.of_items(found)

    assert [column.title for column in cases.columns] == [
        "Số TT",
        "Số, ký hiệu hồ sơ",
        "Tiêu đề hồ sơ",
        "Thời gian tài liệu",
        "Thời hạn bảo quản",
        "Số trang",
        "Ghi chú",
    ]
    assert [column.title for column in items.columns] == [
        "Số TT",
        "Số, ký hiệu văn bản",
        "Ngày tháng văn bản",
        "Tên loại và trích yếu nội dung văn bản",
        "Tác giả văn bản",
        "Trang số",
        "Ghi chú",
    ]
    assert items.rows[0][0] == 1
    letterhead = people.letterhead(session, cast.department.id, on=clock.civil_date(at))
    pdf = printed_table.pdf(items, letterhead, printed_by="Nguyễn Văn A", at=at)
    whole = case_export.joined(pdf, {found.items[0]: pdf})
    with pikepdf.open(io.BytesIO(whole)) as made, pikepdf.open(io.BytesIO(pdf)) as list_only:
        assert len(made.pages) == 2 * len(list_only.pages)
        (name,) = made.attachments
        assert made.attachments[name].get_file().read_bytes() == pdf, "byte for byte"


def test_the_xml_has_the_fields_of_the_annex_in_order_of_time(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    case = planned(session, cast.specialist, at)
    case_actions.file_record(
        session, case, RecordKind.OUTGOING, dispatch, by=cast.specialist, at=at
    )
    found = case_queries.case_file(session, case, who=cast.specialist)

    root = ET.fromstring(case_tables.xml(found))  # noqa: S314 -- our own

    assert root.findtext("FileNotation") == "01.CNTT"
    assert root.findtext("FileCatalog") == str(YEAR)
    assert root.findtext("DocTotal") == "1"
    assert root.findtext("Maintenance") == "10 năm"
    (document,) = root.iter("Document")
    assert document.findtext("DocOrdinal") == "001"
    assert document.findtext("CodeNotation") == "SGDĐT-CNTTTBTV"
    assert document.findtext("IssuedDate") == clock.civil_date(at).strftime("%d/%m/%Y")


def test_without_a_filter_the_database_shows_another_agency_nothing(
    session: Session, cast: Cast, at: datetime
) -> None:
    planned(session, cast.clerk, at)
    session.flush()
    session.execute(text("set local role eoffice_app"))
    db.act_for(session, cast.high_school_clerk.acting)
    assert session.scalars(select(CaseFile.id)).all() == []
    db.act_for(session, cast.clerk.acting)
    assert len(session.scalars(select(CaseFile.id)).all()) == 1
