"""Case files go from a unit to the agency's archive, with a list, minutes and both sides.

Decree 30/2020, art. 29–31 and Annex V: what is kept five years or longer is handed over, both sides
stand on the minutes. Annex VI: units are told 30 days ahead; what was handed over is the archive's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.alerts import told
from eoffice.filing import (
    case_actions,
    case_queries,
    transfer_actions,
    transfer_queries,
    transfer_rules,
    transfer_states,
    transfer_tables,
)
from eoffice.filing.case_model import CaseFile
from eoffice.filing.case_rules import CaseClosed, CaseNotYours, CaseState, Heading, RecordKind
from eoffice.filing.transfer_actions import TransferUnknown
from eoffice.filing.transfer_model import CaseTransfer, TransferDay
from eoffice.filing.transfer_rules import (
    CasesStillOpen,
    NothingToHandOver,
    TransferNotYours,
    TransferWrong,
)
from eoffice.filing.transfer_states import TransferState, TransferStep, TransferStepRefused
from eoffice.outbox import Promise
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.printing import printed_table, workbooks
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.conftest import web_role
from tests.routing import stage

YEAR = 2018
HEADING = Heading(notation="01.CNTT", title="Hồ sơ triển khai VNEDU", maintenance="10 năm")


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.fixture
def dispatch(session: Session, cast: Cast, at: datetime) -> UUID:
    return stage.issued_by_the_department(session, cast, [cast.high_school], at=at)


@pytest.fixture
def case(session: Session, cast: Cast, dispatch: UUID, at: datetime) -> UUID:
    """Closed, of the office that drafted dispatch 960."""
    return closed(session, cast.specialist, dispatch, at)


def closed(
    session: Session, by: Principal, dispatch: UUID, at: datetime, heading: Heading = HEADING
) -> UUID:
    made = case_actions.plan(session, heading, year=YEAR, by=by, at=at)
    case_actions.file_record(session, made, RecordKind.OUTGOING, dispatch, by=by, at=at)
    case_actions.close(session, made, by=by, at=at)
    session.flush()
    return made


def offered(session: Session, cast: Cast, at: datetime) -> UUID:
    made = transfer_actions.offer(
        session, cast.technology_office.id, YEAR, "Đủ, không hư hỏng.", by=cast.office_head, at=at
    )
    session.flush()
    return made


def state_of(session: Session, case: UUID) -> CaseState:
    session.flush()
    session.expire_all()
    return session.get_one(CaseFile, case).state


def told_people(session: Session) -> dict[UUID, str]:
    session.flush()
    rows = session.scalars(select(Promise.payload).where(Promise.task == "alerts.tell"))
    return {UUID(row["person_id"]): row["text"] for row in rows}


@pytest.mark.parametrize(
    ("maintenance", "goes"),
    [
        ("Vĩnh viễn", True),
        ("70 năm", True),
        ("5 năm", True),
        ("05 NĂM", True),
        ("4 năm", False),
        ("2 năm", False),
        ("Đến khi văn bản hết hiệu lực", True),
    ],
)
def test_what_is_kept_five_years_or_longer_goes_to_the_archive(
    maintenance: str, goes: bool
) -> None:
    assert transfer_rules.goes_to_the_archive(maintenance) is goes


def test_each_pair_of_state_and_step_leads_where_the_table_says_or_is_refused() -> None:
    for state in TransferState:
        for step in TransferStep:
            wanted = transfer_states.TABLE.get((state, step))
            if wanted is None:
                with pytest.raises(TransferStepRefused):
                    transfer_states.after(state, step)
            else:
                assert transfer_states.after(state, step) is wanted
    reached = {TransferState.OFFERED, *transfer_states.TABLE.values()}
    assert reached == set(TransferState)


@pytest.mark.parametrize("position", list(PositionKind))
def test_the_head_of_the_unit_or_the_maker_of_all_hands_over(position: PositionKind) -> None:
    of_agency = position in (PositionKind.HEAD, PositionKind.DEPUTY_HEAD)
    of_office = position in (PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY)
    may = transfer_rules.may_offer
    assert may(position, in_unit=False, makes_all=False) is of_agency
    assert may(position, in_unit=True, makes_all=False) is (of_agency or of_office)
    assert may(position, in_unit=False, makes_all=True)


def test_a_unit_is_told_thirty_days_ahead_and_once(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    due_on = clock.civil_date(at) + timedelta(days=45)
    transfer_actions.set_day(session, cast.technology_office.id, YEAR, due_on, by=cast.clerk, at=at)
    session.flush()
    assert transfer_actions.give_notice(session, at=at + timedelta(days=14)) == 0
    assert told_people(session) == {}

    assert transfer_actions.give_notice(session, at=at + timedelta(days=15)) == 1
    session.flush()
    assert transfer_actions.give_notice(session, at=at + timedelta(days=16)) == 0

    found = told_people(session)
    assert set(found) == {cast.office_head.person_id, cast.specialist.person_id}
    assert found[cast.specialist.person_id] == (
        f"Nộp lưu 1 hồ sơ năm {YEAR}, hạn {due_on:%d/%m/%Y}"
    )


def test_the_notice_becomes_one_notice_of_the_person(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    due_on = clock.civil_date(at) + timedelta(days=10)
    transfer_actions.set_day(session, cast.technology_office.id, YEAR, due_on, by=cast.clerk, at=at)
    session.flush()
    transfer_actions.give_notice(session, at=at)
    session.flush()
    payload = session.scalars(select(Promise.payload).where(Promise.task == "alerts.tell")).first()
    assert payload is not None

    assert told.note(session, payload, at=at)
    assert not told.note(session, payload, at=at)

    (notice,) = told.unread(session, UUID(payload["person_id"]))
    assert (notice.due_on, notice.path) == (due_on, f"/case-files/transfers?year={YEAR}")


def test_another_day_is_told_of_again(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    for days in (10, 12):
        day = clock.civil_date(at) + timedelta(days=days)
        transfer_actions.set_day(
            session, cast.technology_office.id, YEAR, day, by=cast.clerk, at=at
        )
        session.flush()
        session.expire_all()
        assert transfer_actions.give_notice(session, at=at) == 1
        session.flush()


def test_who_has_nothing_to_hand_over_is_not_told(
    session: Session, cast: Cast, at: datetime
) -> None:
    day = clock.civil_date(at) + timedelta(days=10)
    transfer_actions.set_day(session, cast.secondary_office.id, YEAR, day, by=cast.clerk, at=at)
    session.flush()
    assert transfer_actions.give_notice(session, at=at) == 1
    assert told_people(session) == {}


def test_the_day_is_set_by_the_keepers_for_units_of_their_own(
    session: Session, cast: Cast, at: datetime
) -> None:
    day = clock.civil_date(at) + timedelta(days=40)
    with pytest.raises(TransferNotYours):
        transfer_actions.set_day(
            session, cast.technology_office.id, YEAR, day, by=cast.specialist, at=at
        )
    with pytest.raises(TransferWrong):
        transfer_actions.set_day(session, cast.school.id, YEAR, day, by=cast.clerk, at=at)
    for wrong in (clock.civil_date(at) - timedelta(days=1), date(2030, 1, 1)):
        with pytest.raises(TransferWrong):
            transfer_actions.set_day(
                session, cast.technology_office.id, YEAR, wrong, by=cast.clerk, at=at
            )
    assert session.scalars(select(TransferDay)).all() == []


def test_the_list_holds_what_goes_to_the_archive_and_stays_as_it_was(
    session: Session, cast: Cast, case: UUID, dispatch: UUID, at: datetime
) -> None:
    short = replace(HEADING, notation="02.CNTT", maintenance="2 năm")
    closed(session, cast.specialist, dispatch, at, short)

    transfer_id = offered(session, cast, at)

    found = transfer_queries.transfer(session, transfer_id, who=cast.clerk)
    (line,) = found.cases
    assert (line.ordinal, line.notation, line.documents) == (1, "01.CNTT", 1)
    assert found.note == "Đủ, không hư hỏng."
    assert transfer_queries.due(session, YEAR, who=cast.clerk) == ()


def test_an_open_case_file_keeps_the_year_from_being_handed_over(
    session: Session, cast: Cast, case: UUID, dispatch: UUID, at: datetime
) -> None:
    other = replace(HEADING, notation="03.CNTT")
    made = case_actions.plan(session, other, year=YEAR, by=cast.specialist, at=at)
    case_actions.file_record(
        session, made, RecordKind.OUTGOING, dispatch, by=cast.specialist, at=at
    )
    session.flush()
    with pytest.raises(CasesStillOpen, match=r"03\.CNTT"):
        offered(session, cast, at)


def test_nothing_to_hand_over_and_not_mine_to_hand_over_are_refused(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    unit = cast.technology_office.id
    for stranger in (cast.secondary_office_head, cast.clerk):
        with pytest.raises(TransferNotYours):
            transfer_actions.offer(session, unit, YEAR, "", by=stranger, at=at)
    with pytest.raises(NothingToHandOver):
        transfer_actions.offer(session, unit, YEAR - 1, "", by=cast.office_head, at=at)
    with pytest.raises(TransferWrong):
        transfer_actions.offer(session, unit, YEAR, "x" * 1001, by=cast.office_head, at=at)


def test_what_the_archive_accepted_is_its_own(
    session: Session, cast: Cast, case: UUID, dispatch: UUID, at: datetime
) -> None:
    transfer_id = offered(session, cast, at)
    with pytest.raises(TransferNotYours):
        transfer_actions.accept(session, transfer_id, by=cast.office_head, at=at)

    transfer_actions.accept(session, transfer_id, by=cast.clerk, at=at)

    assert state_of(session, case) is CaseState.TRANSFERRED
    seen = case_queries.case_file(session, case, who=cast.specialist)
    assert not seen.may_change
    assert case_queries.case_file(session, case, who=cast.clerk).may_change
    with pytest.raises(CaseNotYours):
        case_actions.restrict(session, case, [], by=cast.specialist, at=at)
    with pytest.raises(CaseClosed):
        case_actions.file_record(session, case, RecordKind.OUTGOING, dispatch, by=cast.clerk, at=at)


def test_the_two_sides_are_two_people(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    closed(session, cast.clerk, dispatch, at)
    unit = cast.administration_office.id
    mine = transfer_actions.offer(session, unit, YEAR, "", by=cast.clerk, at=at)
    session.flush()
    with pytest.raises(TransferNotYours, match="bên giao"):
        transfer_actions.accept(session, mine, by=cast.clerk, at=at)


def test_a_list_that_is_sent_back_or_taken_back_can_be_handed_over_again(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    first = offered(session, cast, at)
    with pytest.raises(TransferWrong):
        transfer_actions.send_back(session, first, "thiếu", by=cast.clerk, at=at)
    transfer_actions.send_back(session, first, "Thiếu phụ lục của hồ sơ.", by=cast.clerk, at=at)
    assert told_people(session)[cast.office_head.person_id].startswith("Lưu trữ cơ quan trả lại")
    session.flush()

    second = offered(session, cast, at)
    transfer_actions.take_back(session, second, by=cast.office_head, at=at)
    session.flush()
    third = offered(session, cast, at)

    with pytest.raises(TransferStepRefused):
        transfer_actions.accept(session, second, by=cast.clerk, at=at)
    states = {row.id: row.state for row in session.scalars(select(CaseTransfer)).all()}
    assert states == {
        first: TransferState.RETURNED,
        second: TransferState.TAKEN_BACK,
        third: TransferState.OFFERED,
    }


def test_the_database_refuses_to_change_what_was_handed_over(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    transfer_actions.accept(session, offered(session, cast, at), by=cast.clerk, at=at)
    session.flush()
    session.expunge_all()
    for statement in (
        "update case_files set title = 'khác'",
        "update case_files set state = 'closed'",
        "update case_items set removed_at = now(), removed_because = 'x', removed_by = filed_by",
        "update transferred_cases set title = 'khác'",
        "delete from case_transfers",
    ):
        with web_role(session, cast.clerk):
            attempt = session.begin_nested()
            with pytest.raises(DBAPIError):
                session.execute(text(statement))
            attempt.rollback()


def test_a_list_is_read_by_both_sides_and_by_no_other_agency(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    transfer_id = offered(session, cast, at)
    for reader in (cast.clerk, cast.director, cast.office_head):
        assert transfer_queries.transfer(session, transfer_id, who=reader).cases
    for stranger in (cast.secondary_office_head, cast.district_clerk):
        with pytest.raises(TransferUnknown):
            transfer_queries.transfer(session, transfer_id, who=stranger)
    with pytest.raises(TransferUnknown):
        transfer_actions.accept(session, uuid4(), by=cast.clerk, at=at)
    with web_role(session, cast.district_clerk):
        assert session.scalars(select(CaseTransfer)).all() == []


def test_list_and_minutes_have_the_columns_and_both_sides(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    transfer_id = offered(session, cast, at)
    transfer_actions.accept(session, transfer_id, by=cast.clerk, at=at)
    session.flush()
    found = transfer_queries.transfer(session, transfer_id, who=cast.clerk)
    letterhead = people.letterhead(session, cast.department.id, on=clock.civil_date(at))

    table = transfer_tables.of_cases(found)
    minutes = transfer_tables.minutes(found, agency=letterhead.own, place=letterhead.place)

    assert [column.title for column in table.columns] == [
        "Số TT",
        "Số, ký hiệu hồ sơ",
        "Tiêu đề hồ sơ",
        "Thời gian tài liệu",
        "Thời hạn bảo quản",
        "Số tờ/Số trang",
        "Ghi chú",
    ]
    assert minutes.closing is not None
    said = " ".join(minutes.closing.statements)
    assert cast.office_head.full_name in said
    assert cast.clerk.full_name in said
    assert "1 hồ sơ, 1 văn bản" in said
    assert [each.name for each in minutes.closing.signatories] == [
        cast.office_head.full_name,
        cast.clerk.full_name,
    ]
    for each in (table, minutes):
        pdf = printed_table.pdf(each, letterhead, printed_by=cast.clerk.full_name, at=at)
        assert pdf.startswith(b"%PDF")
    assert workbooks.write(table, letterhead, printed_by="x", at=at).startswith(b"PK")


def test_minutes_that_nobody_accepted_say_so(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    found = transfer_queries.transfer(session, offered(session, cast, at), who=cast.clerk)
    minutes = transfer_tables.minutes(found, agency="Sở", place="Đồng Tháp")
    assert minutes.closing is not None
    assert "chưa xác nhận" in " ".join(minutes.closing.statements)
    assert minutes.closing.signatories[1].name == ""


def test_whom_a_change_of_rights_concerns_is_told(
    session: Session, cast: Cast, case: UUID, at: datetime
) -> None:
    case_actions.restrict(
        session, case, [cast.deputy_director.person_id], by=cast.specialist, at=at
    )
    found = told_people(session)
    assert found[cast.deputy_director.person_id] == "Bạn được mở hồ sơ 01.CNTT năm 2018"
    assert found[cast.clerk.person_id].endswith("chờ xác nhận")
    assert cast.specialist.person_id not in found

    later = at + timedelta(hours=1)
    case_actions.restrict(session, case, [], by=cast.clerk, at=later)
    found = told_people(session)
    assert found[cast.deputy_director.person_id] == ("Bạn không còn được mở hồ sơ 01.CNTT năm 2018")
    assert found[cast.specialist.person_id] == "Quyền mở hồ sơ 01.CNTT năm 2018 đã thay đổi"
