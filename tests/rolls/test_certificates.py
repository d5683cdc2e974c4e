"""The ledger of certificates: blanks come and go by serial, lines stay, sums match."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.errors import NotAllowed
from eoffice.rolls import (
    blank_actions,
    certificate_actions,
    certificate_kind_actions,
    certificate_queries,
    graduation_actions,
)
from eoffice.rolls.blank_actions import NewBatch
from eoffice.rolls.certificate_actions import NewCertificate, NewHandover
from eoffice.rolls.certificate_kind_actions import NewKind
from eoffice.rolls.certificate_queries import CertificateSeen
from eoffice.rolls.certificate_states import (
    BlankStep,
    BlankStepRefused,
    CertificateState,
    CertificateStep,
    CertificateStepRefused,
)
from eoffice.rolls.rules import RollsNotYours, RollWrong
from tests.cast import Cast
from tests.conftest import web_role
from tests.rolls.test_enrolment_actions import in_grade_nine

KIND = "TNTHCS"
DAY = date(2025, 6, 2)
BATCH = NewBatch(KIND, date(2025, 5, 20), "Sở GDĐT Đồng Tháp", "PX 15", "A 0012301", "A 0012305")
NEW = NewCertificate(
    "Đặng Văn An", date(2010, 3, 4), "Cao Lãnh", 2025, date(2025, 5, 28), "QĐ 12/QĐ-PGDĐT",
    sex="Nam", ethnicity="Kinh", grading="Giỏi", serial="A 0012301",
)  # fmt: skip
TAKEN = NewHandover(DAY, "Đặng Văn An", "Căn cước 087210001234")
WHY = "Ghi sai họ tên, lập biên bản số 03."


def granted(session: Session, cast: Cast, at: datetime, *new: NewCertificate) -> tuple[UUID, ...]:
    blank_actions.receive(session, BATCH, by=cast.school_clerk, at=at)
    return certificate_actions.grant(session, KIND, new or (NEW,), by=cast.school_clerk, at=at)


def seen(session: Session, cast: Cast, certificate_id: UUID) -> CertificateSeen:
    session.flush()
    return certificate_queries.certificate(session, cast.school_clerk, certificate_id)


def sums(session: Session, cast: Cast) -> tuple[int, ...]:
    """Received, granted, damaged, lost, destroyed, returned, left."""
    session.flush()
    found = certificate_queries.tallies(session, cast.school_clerk, cast.school.id)[KIND]
    assert found.is_whole
    return (
        found.received, found.granted, found.damaged, found.lost, found.destroyed, found.returned,
        found.left,
    )  # fmt: skip


def happened(session: Session, cast: Cast, at: datetime, step: BlankStep, *serials: str) -> int:
    first, last = serials[0], serials[-1]
    return blank_actions.happened(
        session, KIND, step, first, last, on=DAY, minutes="BB 03/BB", by=cast.school_clerk, at=at
    )


def test_blanks_are_received_by_serial_and_each_serial_once(
    session: Session, cast: Cast, at: datetime
) -> None:
    blank_actions.receive(session, BATCH, by=cast.school_clerk, at=at)
    assert sums(session, cast) == (5, 0, 0, 0, 0, 0, 5)
    overlapping = replace(BATCH, first="A 0012305", last="A 0012309")
    with pytest.raises(RollWrong, match="A 0012305 đã có"):
        blank_actions.receive(session, overlapping, by=cast.school_clerk, at=at)
    with pytest.raises(RollWrong, match="không có phôi"):
        blank_actions.receive(
            session, replace(BATCH, kind_code="HTTH"), by=cast.school_clerk, at=at
        )


def test_a_batch_that_was_entered_by_mistake_is_struck_while_nothing_happened_to_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    wrong = blank_actions.receive(session, BATCH, by=cast.school_clerk, at=at)
    blank_actions.strike(session, wrong, "Ghi nhầm số hiệu cuối.", by=cast.school_clerk, at=at)
    session.flush()
    assert certificate_queries.tallies(session, cast.school_clerk, cast.school.id) == {}
    again = blank_actions.receive(session, BATCH, by=cast.school_clerk, at=at)
    happened(session, cast, at, BlankStep.LOSE, "A 0012303")
    with pytest.raises(BlankStepRefused):
        blank_actions.strike(session, again, "Ghi nhầm lần nữa.", by=cast.school_clerk, at=at)


def test_what_happens_to_blanks_is_kept_with_its_minutes_and_the_sums_match(
    session: Session, cast: Cast, at: datetime
) -> None:
    granted(session, cast, at)
    assert sums(session, cast) == (5, 1, 0, 0, 0, 0, 4)
    assert happened(session, cast, at, BlankStep.SPOIL, "A 0012302", "A 0012303") == 2
    happened(session, cast, at, BlankStep.LOSE, "A 0012304")
    happened(session, cast, at, BlankStep.DESTROY, "A 0012302")
    happened(session, cast, at, BlankStep.GIVE_BACK, "A 0012305")
    assert sums(session, cast) == (5, 1, 1, 1, 1, 1, 0)
    happened(session, cast, at, BlankStep.FIND, "A 0012304")
    assert sums(session, cast) == (5, 1, 1, 0, 1, 1, 1)
    with pytest.raises(BlankStepRefused):
        happened(session, cast, at, BlankStep.FIND, "A 0012302")
    with pytest.raises(RollWrong, match="không nhận phôi số hiệu A 0012399"):
        happened(session, cast, at, BlankStep.LOSE, "A 0012399")
    ended = certificate_queries.ended_blanks(session, cast.school_clerk, cast.school.id)
    assert {one.minutes for one in ended} == {"BB 03/BB"}


def test_of_several_blanks_all_are_moved_or_none(
    session: Session, cast: Cast, at: datetime
) -> None:
    granted(session, cast, at)
    with pytest.raises(BlankStepRefused), session.begin_nested():
        happened(session, cast, at, BlankStep.GIVE_BACK, "A 0012301", "A 0012305")
    assert sums(session, cast) == (5, 1, 0, 0, 0, 0, 4)


def test_lines_of_the_ledger_follow_each_other_and_an_entry_number_is_given_once(
    session: Session, cast: Cast, at: datetime
) -> None:
    other = replace(NEW, name="Lê Thị Bình", serial="A 0012302", entry_number="02/2025")
    first, second = granted(session, cast, at, NEW, other)
    assert [seen(session, cast, one).ordinal for one in (first, second)] == [1, 2]
    assert seen(session, cast, first).entry_number == "1"
    assert sums(session, cast)[1] == 2
    again = replace(other, serial="A 0012303")
    with pytest.raises(RollWrong, match="không dùng lại"):
        certificate_actions.grant(session, KIND, [again], by=cast.school_clerk, at=at)


def test_a_blank_is_used_once(session: Session, cast: Cast, at: datetime) -> None:
    granted(session, cast, at)
    with pytest.raises(BlankStepRefused):
        certificate_actions.grant(session, KIND, [NEW], by=cast.school_clerk, at=at)


def test_a_certificate_that_came_filled_in_uses_no_blank(
    session: Session, cast: Cast, at: datetime
) -> None:
    granted(session, cast, at, replace(NEW, serial="B 999"))
    assert sums(session, cast) == (5, 0, 0, 0, 0, 0, 5)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"), ({"serial": ""}, "serial"), ({"grading": "Xuất sắc"}, "grading"),
        ({"born_on": date(2025, 5, 29)}, "born_on"), ({"graduation_year": 2026}, "graduation_year"),
        ({"signed_on": date(2025, 6, 3)}, "signed_on"), ({"sex": "x"}, "sex"),
    ],
)  # fmt: skip
def test_what_cannot_stand_on_a_certificate_is_refused(
    session: Session, cast: Cast, at: datetime, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(RollWrong) as wrong:
        certificate_actions.grant(
            session, KIND, [replace(NEW, **changed)], by=cast.school_clerk, at=at
        )
    assert field in wrong.value.fields


def test_a_certificate_is_handed_over_once_to_the_person_or_by_authorisation(
    session: Session, cast: Cast, at: datetime
) -> None:
    (one,) = granted(session, cast, at)
    clerk = cast.school_clerk
    with pytest.raises(RollWrong) as wrong:
        certificate_actions.hand_over(
            session, one, replace(TAKEN, receiver="Đặng Văn Ba"), by=clerk, at=at
        )
    assert set(wrong.value.fields) == {"authorisation"}
    certificate_actions.hand_over(session, one, TAKEN, by=clerk, at=at)
    handover = seen(session, cast, one).handover
    assert handover is not None
    assert handover.signed_on is None
    certificate_actions.signed_for(session, one, "Sổ giấy, trang 14", DAY, by=clerk, at=at)
    handover = seen(session, cast, one).handover
    assert handover is not None
    assert (handover.signature, handover.signed_on) == ("Sổ giấy, trang 14", DAY)
    with pytest.raises(CertificateStepRefused):
        certificate_actions.hand_over(session, one, TAKEN, by=clerk, at=at)


def test_what_was_written_wrongly_spoils_its_blank_and_stays_in_the_ledger(
    session: Session, cast: Cast, at: datetime
) -> None:
    (one,) = granted(session, cast, at)
    certificate_actions.end(
        session, one, CertificateStep.ANNUL, on=DAY, because=WHY, by=cast.school_clerk, at=at
    )
    assert sums(session, cast) == (5, 0, 1, 0, 0, 0, 4)
    assert seen(session, cast, one).state is CertificateState.ANNULLED
    anew = replace(NEW, serial="A 0012302")
    (second,) = certificate_actions.grant(session, KIND, [anew], by=cast.school_clerk, at=at)
    assert seen(session, cast, second).ordinal == 2


def test_copies_are_issued_from_the_ledger_although_the_certificate_is_lost(
    session: Session, cast: Cast, at: datetime
) -> None:
    (one,) = granted(session, cast, at)
    clerk = cast.school_clerk
    certificate_actions.hand_over(session, one, TAKEN, by=clerk, at=at)
    certificate_actions.end(
        session, one, CertificateStep.LOSE, on=DAY, because="Người được cấp trình báo mất.",
        by=clerk, at=at,
    )  # fmt: skip
    for number in (1, 2):
        assert number == certificate_actions.copy(
            session, one, on=DAY, copies=3, receiver="Đặng Văn An",
            identity_paper="Căn cước 087210001234", reason="", by=clerk, at=at,
        )  # fmt: skip
    assert [(c.number, c.copies) for c in seen(session, cast, one).copies] == [(1, 3), (2, 3)]


def test_a_correction_stands_beside_what_was_written(
    session: Session, cast: Cast, at: datetime
) -> None:
    (one,) = granted(session, cast, at)
    clerk = cast.school_clerk
    for name in ("Đặng Văn Ân", "Đặng Vân An"):
        certificate_actions.correct(
            session, one, "name", name, on=DAY, decision="QĐ 40", by=clerk, at=at
        )
    with pytest.raises(RollWrong, match="giống nội dung cũ"):
        certificate_actions.correct(
            session, one, "born_on", "4/3/2010", on=DAY, decision="QĐ 41", by=clerk, at=at
        )
    shown = seen(session, cast, one)
    assert shown.name == "Đặng Văn An"
    assert [(c.old, c.new) for c in shown.corrections] == [
        ("Đặng Văn An", "Đặng Văn Ân"), ("Đặng Văn Ân", "Đặng Vân An"),
    ]  # fmt: skip


def test_who_finished_awaits_a_certificate_until_it_is_granted(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    clerk = cast.school_clerk
    pupils = in_grade_nine(session, class_id)
    new = graduation_actions.NewGraduation(date(2025, 5, 30), "QĐ 12", dict.fromkeys(pupils, "Khá"))
    graduation_actions.graduate(session, class_id, new, by=clerk, at=at)
    session.flush()
    waiting = certificate_queries.graduates(session, clerk, KIND, "2024-2025")
    assert {one.pupil_id for one in waiting} == set(pupils)
    granted(session, cast, at, replace(NEW, pupil_id=pupils[0]))
    left = certificate_queries.graduates(session, clerk, KIND, "2024-2025")
    assert len(left) == 2


def test_the_department_sets_the_kinds_and_what_was_granted_keeps_its_name(
    session: Session, cast: Cast, at: datetime
) -> None:
    (one,) = granted(session, cast, at)
    new = NewKind(KIND, "Bằng TN THCS", None, True, "Giỏi;Khá", True, "TT 21/2019", "")
    with pytest.raises(NotAllowed):
        certificate_kind_actions.set_kind(session, new, by=cast.school_principal, at=at)
    certificate_kind_actions.set_kind(session, new, by=cast.specialist, at=at)
    now = certificate_queries.kind(session, KIND)
    assert (now.name, now.gradings, now.is_confirmed) == ("Bằng TN THCS", ("Giỏi", "Khá"), True)
    assert seen(session, cast, one).kind_name == "Bằng tốt nghiệp trung học cơ sở"


def test_teachers_see_no_ledger_and_the_web_process_has_the_rights_it_needs(
    session: Session, cast: Cast, at: datetime
) -> None:
    with web_role(session, cast.school_clerk):
        (one,) = granted(session, cast, at)
        certificate_actions.hand_over(session, one, TAKEN, by=cast.school_clerk, at=at)
        certificate_actions.signed_for(session, one, "Trang 3", DAY, by=cast.school_clerk, at=at)
        happened(session, cast, at, BlankStep.SPOIL, "A 0012305")
    with pytest.raises(RollsNotYours):
        certificate_queries.certificates(session, cast.homeroom_teacher, cast.school.id)
    with pytest.raises(RollsNotYours):
        certificate_actions.hand_over(session, one, TAKEN, by=cast.homeroom_teacher, at=at)
    assert len(certificate_queries.certificates(session, cast.director, cast.school.id)) == 1
