"""A part is made of the closed class book, signed in order, closed, and changed only by withdrawal.

Decision 295/QĐ-SGDĐT of Kiên Giang, on the real database with its row-level security off; rights
are in `test_rights.py`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.classes.department_actions import Because, SettingInvalid
from eoffice.errors import Invalid, NotAllowed
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.people.model import UnitSuccession
from eoffice.registers.model import Gradebook
from eoffice.reports import (
    actions,
    asking_actions,
    class_queries,
    department_actions,
    department_queries,
    part_queries,
    withdrawal_actions,
)
from eoffice.reports.actions import NothingToClose, NotYourPlace, PartDiffers, PlaceUnknown
from eoffice.reports.asking_actions import ClassBookOpen, NothingToMake
from eoffice.reports.department_queries import Signing
from eoffice.reports.model import ReportPart, ReportWithdrawal
from eoffice.reports.rules import DayOfYear, Deadline, SubjectsSign
from eoffice.reports.states import PartState, PartStepRefused
from eoffice.reports.withdrawal_actions import AlreadyDecided, Evidence
from tests.cast import Cast
from tests.registers import stage
from tests.reports import report_stage as reports

BECAUSE = Because("QĐ 100/QĐ-SGDĐT ngày 02/01/2025", "Sở quy định cho năm học này.")


def promised(session: Session, task: str, kind: str | None = None) -> list[Promise]:
    session.flush()
    found = session.scalars(select(Promise).where(Promise.task == task)).all()
    return [each for each in found if kind is None or each.payload["kind"] == kind]


def events(session: Session, object_id: UUID) -> list[str]:
    session.flush()
    query = select(AuditEvent.action).where(AuditEvent.object_id == object_id)
    return list(session.scalars(query.order_by(AuditEvent.id)))


def test_nothing_is_made_while_the_class_book_is_open(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.rendered_book(session, class_id, cast, at)

    with pytest.raises(ClassBookOpen):
        asking_actions.ask(session, class_id, None, by=cast.homeroom_teacher, at=at)


def test_every_pupil_of_the_class_book_gets_a_part_that_names_its_file(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    found = reports.asked(session, class_id, cast, at)

    assert [part.pupil_name for part in found] == ["Đặng Văn An", "Lê Thị Bình", "Trần Mỹ Chi"]
    assert {part.class_book_sha256 for part in found} == {book.content_sha256}
    assert {part.state for part in found} == {PartState.PREPARING}
    (promise,) = promised(session, "reports.make")
    assert promise.payload["part_ids"] == [str(part.id) for part in found]
    with pytest.raises(NothingToMake):
        asking_actions.ask(session, class_id, None, by=cast.homeroom_teacher, at=at)


@pytest.mark.parametrize("who", ["clerk", "subject"])
def test_only_the_homeroom_teacher_and_leaders_ask(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook, who: str
) -> None:
    by = cast.school_clerk if who == "clerk" else cast.subject_teachers["TOAN"]

    with pytest.raises(NotAllowed):
        asking_actions.ask(session, class_id, None, by=by, at=at)


def test_all_sign_in_order_and_the_close_hands_the_part_to_the_archive(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.closed(session, class_id, cast, at)[0]

    assert part.state is PartState.CLOSED
    assert part.closed_at == at
    assert events(session, part.id) == [
        "report_part.requested",
        "report_part.lay_before_homeroom",
        "report_part.sign_homeroom",
        "report_part.approve",
        "report_part.seal",
        "report_part.close",
    ]
    promise = promised(session, "archive.ingest", "report_book")[0]
    assert promise.payload["content_sha256"] == part.content_sha256
    assert promise.payload["title"] == "Học bạ của Đặng Văn An, lớp 7A1, năm học 2024-2025"
    assert "retain_until" not in promise.payload  # For ever: Decree 88/2026.


def test_subject_teachers_sign_every_book_where_the_department_says_so(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    department_actions.set_signing(
        session,
        "2024-2025",
        Signing(SubjectsSign.REPORT_BOOK, deputy_may_sign=False),
        BECAUSE,
        by=cast.specialist,
        at=at,
    )
    part = reports.laid(session, class_id, cast, at)[0]
    with pytest.raises(PartStepRefused):
        reports.sign(session, part, "homeroom", cast.homeroom_teacher, at)
    for code, teacher in cast.subject_teachers.items():
        assert part.state is PartState.AWAITING_TEACHERS
        reports.sign(session, part, f"subject_{code}", teacher, at)
    assert part.state is PartState.AWAITING_HOMEROOM
    reports.sign(session, part, "homeroom", cast.homeroom_teacher, at)
    with pytest.raises(NotYourPlace):
        reports.sign(session, part, "principal", cast.school_deputy, at)


def test_a_deputy_signs_for_the_principal_where_the_department_lets(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.laid(session, class_id, cast, at)[0]
    reports.sign(session, part, "homeroom", cast.homeroom_teacher, at)

    assert [each.count for each in class_queries.awaiting(session, cast.school_deputy)] == [1]
    state = reports.sign(session, part, "principal", cast.school_deputy, at)
    assert state is PartState.AWAITING_SEAL


def test_nobody_signs_for_another_twice_or_on_other_bytes(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.laid(session, class_id, cast, at)[0]
    for who in (cast.school_principal, cast.school_clerk, cast.high_school_principal):
        with pytest.raises(NotYourPlace):
            reports.sign(session, part, "homeroom", who, at)
    with pytest.raises(PlaceUnknown):
        reports.sign(session, part, "subject_TOAN", cast.homeroom_teacher, at)
    with pytest.raises(PartDiffers):
        actions.record_signature(
            session,
            part.id,
            "homeroom",
            source=Sha256.of(b"other"),
            result=Sha256.of(b"signed"),
            capacity="",
            by=cast.homeroom_teacher,
            at=at,
        )
    reports.sign(session, part, "homeroom", cast.homeroom_teacher, at)
    with pytest.raises(PartStepRefused):
        reports.sign(session, part, "homeroom", cast.homeroom_teacher, at)


def test_the_head_and_the_clerk_close_what_is_sealed_and_nothing_else(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    first, *_ = reports.laid(session, class_id, cast, at)
    with pytest.raises(NothingToClose):
        actions.close(session, "2024-2025", class_id, by=cast.school_clerk, at=at)
    reports.sealed(session, first, cast, at)
    for who in (cast.homeroom_teacher, cast.school_deputy, cast.specialist):
        with pytest.raises(NotAllowed):
            actions.close(session, "2024-2025", class_id, by=who, at=at)
    with pytest.raises(NothingToClose):  # Of an agency's own schools there are none.
        actions.close(session, "2024-2025", class_id, by=cast.director, at=at)

    assert actions.close(session, "2024-2025", None, by=cast.school_principal, at=at) == 1
    assert [part.state for part in reports.parts(session, class_id)] == [
        PartState.CLOSED,
        PartState.AWAITING_HOMEROOM,
        PartState.AWAITING_HOMEROOM,
    ]


def test_before_the_close_a_part_is_replaced_at_once_with_a_reason(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.laid(session, class_id, cast, at)[0]
    reports.sealed(session, part, cast, at)

    new_id = asking_actions.replace(
        session, part.id, reports.REASON, by=cast.homeroom_teacher, at=at
    )

    new = session.get_one(ReportPart, new_id)
    assert (new.version, new.supersedes_id, new.because) == (2, part.id, reports.REASON)
    assert part.state is PartState.SUPERSEDED
    assert part.content_sha256 is not None  # It stays readable.
    view = part_queries.part(session, part.id, cast.school_clerk, today=at.date())
    assert view.superseded_by == new_id
    assert view.superseded_because == reports.REASON


def test_a_returned_part_gives_way_when_parts_are_asked_for_again(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.laid(session, class_id, cast, at)[1]
    actions.send_back(session, part.id, reports.REASON, by=cast.school_principal, at=at)

    assert asking_actions.ask(session, class_id, None, by=cast.homeroom_teacher, at=at) == 1
    new = session.scalars(select(ReportPart).where(ReportPart.supersedes_id == part.id)).one()
    assert (new.version, new.because) == (2, reports.REASON)
    assert part.state is PartState.SUPERSEDED


def test_data_that_cannot_be_set_give_the_part_back_with_the_reason(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.asked(session, class_id, cast, at)[0]
    for _ in range(2):  # The task may run twice.
        actions.refuse_making(session, part.id, "Chữ lạ.", by="worker:tests", at=at)
    actions.record_made(session, part.id, reports.made(), by="worker:tests", at=at)

    assert part.state is PartState.RETURNED
    assert part.returned_because == "Chữ lạ."


def test_a_closed_part_is_neither_returned_nor_replaced(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.closed(session, class_id, cast, at)[0]

    with pytest.raises(PartStepRefused):
        actions.send_back(session, part.id, reports.REASON, by=cast.school_principal, at=at)
    with pytest.raises(PartStepRefused):
        asking_actions.replace(session, part.id, reports.REASON, by=cast.homeroom_teacher, at=at)
    with pytest.raises(PartStepRefused):
        asking_actions.reopen(session, part.id, by=cast.homeroom_teacher, at=at)


def test_a_granted_withdrawal_is_reopened_and_the_next_version_supersedes(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.closed(session, class_id, cast, at)[0]
    evidence = Evidence(Sha256.of(b"paper"), "giay-khai-sinh.pdf", "application/pdf")
    withdrawal_id = withdrawal_actions.request(
        session, part.id, reports.REASON, evidence, by=cast.school_principal, at=at
    )
    session.flush()
    assert session.get_one(ReportWithdrawal, withdrawal_id).superior_id == cast.district.id
    with pytest.raises(NotAllowed):
        withdrawal_actions.decide(
            session, withdrawal_id, is_granted=True, reason="Đồng ý.", by=cast.director, at=at
        )
    withdrawal_actions.decide(
        session,
        withdrawal_id,
        is_granted=True,
        reason="Đồng ý cho thu hồi.",
        by=cast.district_head,
        at=at,
    )
    assert session.get_one(ReportPart, part.id).state is PartState.WITHDRAWAL_GRANTED
    with pytest.raises(AlreadyDecided):
        withdrawal_actions.decide(
            session,
            withdrawal_id,
            is_granted=False,
            reason="Đổi ý rồi.",
            by=cast.district_head,
            at=at,
        )

    new_id = asking_actions.reopen(session, part.id, by=cast.school_principal, at=at)
    new = session.get_one(ReportPart, new_id)
    assert (new.version, new.because, new.state) == (2, reports.REASON, PartState.PREPARING)
    assert session.get_one(ReportPart, part.id).state is PartState.SUPERSEDED
    assert part.closed_at is not None


def test_whoever_took_over_from_the_superior_unit_decides(session: Session, cast: Cast) -> None:
    july = date(2025, 7, 1)
    session.add(
        UnitSuccession(
            predecessor_id=cast.district.id, successor_id=cast.other_district.id, since=july
        )
    )
    session.flush()
    superior_of = withdrawal_actions.superior_of
    assert superior_of(session, cast.school.id, on=date(2025, 6, 30)) == cast.district.id
    assert superior_of(session, cast.school.id, on=july) == cast.other_district.id
    session.add(
        UnitSuccession(
            predecessor_id=cast.district.id, successor_id=cast.high_school.id, since=july
        )
    )
    session.flush()
    with pytest.raises(withdrawal_actions.NoSuperior):
        superior_of(session, cast.school.id, on=july)


def test_a_declined_withdrawal_leaves_the_part_closed_and_may_be_asked_for_again(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.closed(session, class_id, cast, at)[0]
    with pytest.raises(NotAllowed):
        withdrawal_actions.request(
            session, part.id, reports.REASON, None, by=cast.homeroom_teacher, at=at
        )
    for _ in range(2):
        withdrawal_id = withdrawal_actions.request(
            session, part.id, reports.REASON, None, by=cast.school_principal, at=at
        )
        session.flush()
        with pytest.raises(Invalid):
            withdrawal_actions.decide(
                session, withdrawal_id, is_granted=False, reason=" ", by=cast.district_head, at=at
            )
        withdrawal_actions.decide(
            session,
            withdrawal_id,
            is_granted=False,
            reason="Chưa có minh chứng.",
            by=cast.district_head,
            at=at,
        )
        assert part.state is PartState.CLOSED
    view = part_queries.part(session, part.id, cast.school_principal, today=at.date())
    assert [each.is_granted for each in view.withdrawals] == [False, False]
    assert view.may_request_withdrawal


def test_the_proposed_days_are_those_of_the_decision_until_an_officer_sets_others(
    session: Session, cast: Cast, at: datetime
) -> None:
    days = department_queries.due(session, "2024-2025")
    assert {kind: f"{due.on:%d/%m/%Y}" for kind, due in days.items()} == {
        Deadline.SCHOOL: "30/06/2025",
        Deadline.SCHOOL_REASSESSED: "15/08/2025",
        Deadline.DEPARTMENT: "10/07/2025",
        Deadline.DEPARTMENT_REASSESSED: "25/08/2025",
    }
    for who in (cast.school_principal, cast.district_head, cast.clerk):
        with pytest.raises(NotAllowed):
            department_actions.set_deadline(
                session,
                Deadline.SCHOOL,
                "2024-2025",
                DayOfYear(6, 15, 10),
                BECAUSE,
                by=who,
                at=at,
            )
    with pytest.raises(SettingInvalid) as refused:
        department_actions.set_deadline(
            session,
            Deadline.SCHOOL,
            "2024-2025",
            DayOfYear(6, 15, 10),
            Because("", ""),
            by=cast.specialist,
            at=at,
        )
    assert set(refused.value.fields) == {"source", "reason"}
    for day in (15, 16):
        department_actions.set_deadline(
            session,
            Deadline.SCHOOL,
            "2024-2025",
            DayOfYear(6, day, 10),
            BECAUSE,
            by=cast.specialist,
            at=at,
        )
        session.flush()

    assert f"{department_queries.due(session, '2024-2025')[Deadline.SCHOOL].on:%d/%m}" == "16/06"
    assert f"{department_queries.due(session, '2023-2024')[Deadline.SCHOOL].on:%d/%m}" == "30/06"
    rows = [each for each in department_queries.deadline_rows(session) if each.day.day < 20]
    assert [each.origin.replaced_at is None for each in rows if each.day.month == 6] == [
        True,
        False,
    ]


def test_classes_that_are_not_closed_are_told_of_when_the_day_is_near(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    near, late = datetime(2025, 6, 20).date(), datetime(2025, 7, 3).date()  # noqa: DTZ001
    clerk = cast.school_clerk
    assert class_queries.near_or_late(session, clerk, today=at.date()) == ()
    ((row, days),) = class_queries.near_or_late(session, clerk, today=near)
    assert (row.name, row.left, days) == ("7A1", 3, 0)
    ((_, days),) = class_queries.near_or_late(session, cast.homeroom_teacher, today=late)
    assert days == 3

    reports.closed(session, class_id, cast, at)
    assert class_queries.near_or_late(session, clerk, today=late) == ()


def test_whoever_stands_above_sees_how_many_are_closed_and_late(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    first, second, _ = reports.laid(session, class_id, cast, at)
    for part in (first, second):
        reports.sealed(session, part, cast, at)
    actions.close(session, "2024-2025", class_id, by=cast.school_clerk, at=at, part_ids=[first.id])
    actions.close(
        session,
        "2024-2025",
        class_id,
        by=cast.school_clerk,
        at=at + timedelta(days=40),
        part_ids=[second.id],
    )
    session.flush()

    (row,) = class_queries.coverage(session, "2024-2025", today=datetime(2025, 7, 20).date())  # noqa: DTZ001
    assert (row.classes, row.classes_closed, row.parts, row.closed, row.late) == (1, 0, 3, 2, 2)
    line = part_queries.part(session, second.id, cast.school_clerk, today=at.date()).line
    assert line.days_late == 12


def test_what_waits_for_whom_is_told_by_class(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    found = reports.laid(session, class_id, cast, at)
    reports.sign(session, found[0], "homeroom", cast.homeroom_teacher, at)
    reports.sign(session, found[1], "homeroom", cast.homeroom_teacher, at)

    def told(who: object) -> list[tuple[PartState, int]]:
        return [(each.state, each.count) for each in class_queries.awaiting(session, who)]  # type: ignore[arg-type]

    assert told(cast.homeroom_teacher) == [(PartState.AWAITING_HOMEROOM, 1)]
    assert told(cast.school_principal) == [(PartState.AWAITING_PRINCIPAL, 2)]
    assert told(cast.school_clerk) == []
    assert told(cast.subject_teachers["TOAN"]) == []


def test_a_pupil_s_book_holds_every_version(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    part = reports.laid(session, class_id, cast, at)[0]
    asking_actions.replace(session, part.id, reports.REASON, by=cast.homeroom_teacher, at=at)
    session.flush()

    found = part_queries.book(session, part.pupil_id, cast.homeroom_teacher, today=at.date())
    assert [(each.version, each.state) for each in found.parts] == [
        (2, PartState.PREPARING),
        (1, PartState.SUPERSEDED),
    ]
