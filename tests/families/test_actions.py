"""What a school publishes reaches the family that it is for, and nobody else; until it is taken
back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.families import actions, queries, results, rules, states
from eoffice.families.actions import (
    CodeWrong,
    PublishedAlready,
    ReasonMissing,
    Refused,
    SlipUnknown,
)
from eoffice.families.model import FamilySlip, Publication
from eoffice.families.queries import NotYours
from eoffice.families.rules import DoorClosed, Period, PeriodKind, Slip
from eoffice.families.states import StepRefused
from eoffice.marks import actions as class_actions
from eoffice.marks.actions import NewAbsence
from eoffice.marks.results import Session as HalfDay
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.conftest import web_role
from tests.registers import stage

KEY = b"k" * 32
YEAR = Period(PeriodKind.YEAR)


@pytest.fixture
def at() -> datetime:
    return datetime(2025, 6, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.fixture
def class_id(session: Session, cast: Cast, at: datetime) -> UUID:
    made = stage.open_class(session, cast, at)
    stage.finish_year(session, made, cast, at)
    return made


def publish(
    session: Session, class_id: UUID, by: Principal, at: datetime, period: Period = YEAR
) -> UUID:
    made = results.slips(session, class_id, period, who=by, at=at)
    return actions.publish(session, class_id, period, made, by=by, at=at)


def slips_of(session: Session, publication_id: UUID) -> list[FamilySlip]:
    query = select(FamilySlip).where(FamilySlip.publication_id == publication_id)
    return list(session.scalars(query.order_by(FamilySlip.ordinal)))


def look(session: Session, slip: FamilySlip, code: str, at: datetime) -> Slip:
    """As the family: a transaction that acts for nobody."""
    address = rules.address(KEY, slip.id, slip.renewals)
    with web_role(session, None):
        found = actions.look(session, KEY, address, code, at=at)
    if isinstance(found, Refused):
        raise found.refusal
    return found


def test_a_slip_says_what_the_register_says_about_one_pupil(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    publication = publish(session, class_id, cast.school_principal, at)

    first, second, _ = slips_of(session, publication)
    slip = look(session, first, rules.code(KEY, first.id, 0), at)

    assert slip.pupil == "Đặng Văn An"
    assert slip.period == "cả năm học"
    assert dict(slip.facts)["Kết quả rèn luyện"] == "Tốt"
    assert dict(slip.facts)["Nghỉ có phép"] == "0 buổi"
    assert {line.name: line.result for line in slip.subjects}["Toán học"] == "8,1"
    others = look(session, second, rules.code(KEY, second.id, 0), at)
    assert others.pupil != slip.pupil
    assert slip.pupil not in str(others)


def test_a_semester_shows_its_marks_and_a_month_no_result_yet(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    semester = Period(PeriodKind.FIRST_SEMESTER)
    month = Period(PeriodKind.MONTH, date(2025, 3, 1))

    of_semester = results.slips(session, class_id, semester, who=cast.school_principal, at=at)
    of_month = results.slips(session, class_id, month, who=cast.school_principal, at=at)

    literature = of_semester[0].slip.subjects[0]
    assert literature.marks[0][0] == "ĐĐGtx"
    assert literature.marks[1:] == (("ĐĐGgk", "8,0"), ("ĐĐGck", "8,0"))
    assert literature.result
    assert of_month[0].slip.period == "tháng 03/2025"
    assert {line.result for line in of_month[0].slip.subjects} == {""}
    assert "Kết quả học tập" not in dict(of_month[0].slip.facts)


def test_a_mark_that_is_not_there_is_left_out_and_never_zero(
    session: Session, cast: Cast, at: datetime
) -> None:
    empty = stage.open_class(session, cast, at, name="7A2")

    (first, *_) = results.slips(session, empty, YEAR, who=cast.school_principal, at=at)

    assert {line.result for line in first.slip.subjects} == {""}
    assert {line.marks for line in first.slip.subjects} == {()}
    assert set(dict(first.slip.facts)) == {"Nghỉ có phép", "Nghỉ không phép"}


@pytest.mark.parametrize("who", ["homeroom_teacher", "school_clerk", "director"])
def test_only_leaders_of_the_school_publish(
    session: Session, cast: Cast, class_id: UUID, at: datetime, who: str
) -> None:
    with pytest.raises(NotYours):
        publish(session, class_id, getattr(cast, who), at)


def test_results_of_a_period_are_out_once_until_they_are_withdrawn(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    publication = publish(session, class_id, cast.school_principal, at)
    with pytest.raises(PublishedAlready):
        publish(session, class_id, cast.school_principal, at)
    month = Period(PeriodKind.MONTH, date(2025, 3, 1))
    publish(session, class_id, cast.school_principal, at, month)

    actions.withdraw(session, publication, "Sửa điểm môn Toán", by=cast.school_principal, at=at)

    publish(session, class_id, cast.school_principal, at)
    states_of = {each.id: each.state for each in queries.of_class(session, class_id)}
    assert states_of[publication] is states.State.WITHDRAWN
    assert list(states_of.values()).count(states.State.PUBLISHED) == 2


def test_withdrawn_results_open_nothing_and_stay_withdrawn(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    publication = publish(session, class_id, cast.school_principal, at)
    slip = slips_of(session, publication)[0]
    with pytest.raises(ReasonMissing):
        actions.withdraw(session, publication, "  ", by=cast.school_principal, at=at)

    actions.withdraw(session, publication, "Sửa điểm", by=cast.school_principal, at=at)

    with pytest.raises(StepRefused):
        look(session, slip, rules.code(KEY, slip.id, 0), at)
    with pytest.raises(StepRefused):
        actions.withdraw(session, publication, "Lần nữa", by=cast.school_principal, at=at)
    with pytest.raises(StepRefused):
        actions.renew(session, slip.id, by=cast.homeroom_teacher, at=at)


def test_a_corrected_book_withdraws_what_it_no_longer_says(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    first, second = Period(PeriodKind.FIRST_SEMESTER), Period(PeriodKind.SECOND_SEMESTER)
    ids = {
        period: publish(session, class_id, cast.school_principal, at, period)
        for period in (first, second, YEAR)
    }
    pupil_id = slips_of(session, ids[YEAR])[0].pupil_id

    def withdrawn(pupil: UUID) -> set[UUID]:
        return set(
            actions.withdraw_corrected(session, class_id, [pupil], ["1"], by="worker:test", at=at)
        )

    assert withdrawn(UUID(int=1)) == set()
    assert withdrawn(pupil_id) == {ids[first], ids[YEAR]}
    assert withdrawn(pupil_id) == set()
    kept = session.get_one(Publication, ids[second])
    gone = session.get_one(Publication, ids[YEAR])
    assert (kept.state, gone.state) == (states.State.PUBLISHED, states.State.WITHDRAWN)
    assert gone.withdrawn_because == actions.CORRECTED
    publish(session, class_id, cast.school_principal, at)


def test_each_look_is_counted_and_put_on_record_without_a_name(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    publication = publish(session, class_id, cast.school_principal, at)
    slip = slips_of(session, publication)[0]

    for minutes in (1, 2):
        look(session, slip, rules.code(KEY, slip.id, 0), at + timedelta(minutes=minutes))

    session.refresh(slip)
    assert (slip.looks, slip.last_look_at) == (2, at + timedelta(minutes=2))
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.action == "results.looked_at")
    ).all()
    assert [event.object_id for event in events] == [publication] * 2
    assert {event.actor_name for event in events} == {actions.DOOR}


def test_five_wrong_codes_close_the_door_for_a_while_and_the_right_one_forgets_them(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    publication = publish(session, class_id, cast.school_principal, at)
    slip = slips_of(session, publication)[0]
    right = rules.code(KEY, slip.id, 0)

    for _ in range(5):
        with pytest.raises(CodeWrong):
            look(session, slip, "AAAA-AAAA", at)
    with pytest.raises(DoorClosed):
        look(session, slip, right, at + timedelta(minutes=14))

    look(session, slip, right, at + timedelta(minutes=15))
    session.refresh(slip)
    assert slip.wrong_tries == 0


def test_a_renewed_slip_opens_with_the_new_address_and_code_only(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    publication = publish(session, class_id, cast.school_principal, at)
    slip = slips_of(session, publication)[0]
    old_address, old_code = rules.address(KEY, slip.id, 0), rules.code(KEY, slip.id, 0)

    actions.renew(session, slip.id, by=cast.homeroom_teacher, at=at)

    with web_role(session, None), pytest.raises(SlipUnknown):
        actions.look(session, KEY, old_address, old_code, at=at)
    with pytest.raises(CodeWrong):
        look(session, slip, old_code, at)
    assert look(session, slip, rules.code(KEY, slip.id, 1), at).pupil == "Đặng Văn An"


def test_an_address_that_the_office_did_not_make_leads_nowhere(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    publication = publish(session, class_id, cast.school_principal, at)
    slip = slips_of(session, publication)[0]
    forged = rules.address(b"x" * 32, slip.id, 0)

    for address in (forged, "", "results", "A" * 43):
        with web_role(session, None), pytest.raises(SlipUnknown):
            actions.look(session, KEY, address, rules.code(KEY, slip.id, 0), at=at)


def test_the_rows_of_a_family_are_seen_by_the_school_and_by_who_shows_the_address(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    publication = publish(session, class_id, cast.school_principal, at)
    first, second, _ = slips_of(session, publication)
    query = select(FamilySlip.id)

    with web_role(session, cast.school_clerk):
        assert len(session.scalars(query).all()) == 3
    for stranger in (cast.director, cast.high_school_principal, None):
        with web_role(session, stranger):
            assert session.scalars(query).all() == []
    with web_role(session, None):
        actions.opened(session, KEY, rules.address(KEY, first.id, 0))
        assert session.scalars(query).all() == [first.id]
        actions.opened(session, KEY, rules.address(KEY, second.id, 0))
        assert session.scalars(query).all() == [second.id]


def test_absences_are_those_of_the_period(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    made = stage.PUPILS[1].code
    for on, excused in ((date(2024, 10, 7), True), (date(2025, 3, 3), False)):
        class_actions.record_absences(
            session,
            class_id,
            [NewAbsence(made, on, HalfDay.MORNING, excused=excused)],
            first=on,
            last=on,
            by=cast.homeroom_teacher,
            at=at,
        )

    def missed(period: Period) -> tuple[str, str]:
        (slip, *_) = results.slips(session, class_id, period, who=cast.school_principal, at=at)
        facts = dict(slip.slip.facts)
        return facts["Nghỉ có phép"], facts["Nghỉ không phép"]

    assert missed(YEAR) == ("1 buổi", "1 buổi")
    assert missed(Period(PeriodKind.FIRST_SEMESTER)) == ("1 buổi", "0 buổi")
    assert missed(Period(PeriodKind.SECOND_SEMESTER)) == ("0 buổi", "1 buổi")
    assert missed(Period(PeriodKind.MONTH, date(2024, 10, 1))) == ("1 buổi", "0 buổi")
    assert missed(Period(PeriodKind.MONTH, date(2024, 11, 1))) == ("0 buổi", "0 buổi")
