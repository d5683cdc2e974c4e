"""A pupil goes from one school to the next with a sealed package, once, and nothing is lost.

Database, time-stamp authority, seal and PDF are real; the object store is the one in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Part, Semester
from eoffice.classes import pupil_queries
from eoffice.classes.model import Pupil
from eoffice.classes.movement_rules import Standing
from eoffice.errors import NotAllowed
from eoffice.marks.model import Mark
from eoffice.people.model import Unit
from eoffice.rolls.model import MoveLine
from eoffice.rolls.rules import Direction
from eoffice.transfers import (
    actions,
    intake_actions,
    making,
    package,
    queries,
    receiving,
    signatures,
)
from eoffice.transfers.actions import NotLeaving, TransferUnknown
from eoffice.transfers.intake_actions import AlreadyDecided, Done, Intake, NotForUs, NotSound
from eoffice.transfers.queries import IntakeView
from eoffice.transfers.states import IntakeState, TransferState, TransferStepRefused
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.conftest import owner_transaction
from tests.transfers.conftest import Schools

R = TypeVar("R")


def within(who: Principal) -> Callable[[Callable[[Session], R]], R]:
    def run(last: Callable[[Session], R]) -> R:
        with db.transaction(who.acting) as session:
            return last(session)

    return run


def sealed(schools: Schools, to_school_id: UUID | None) -> UUID:
    clerk = schools.cast.school_clerk
    transfer_id: UUID = making.make(schools.pupil_id, to_school_id, by=clerk, within=within(clerk))
    signatures.seal(transfer_id, test_pki.PIN, by=clerk, within=within(clerk))
    return transfer_id


def handed_over(schools: Schools, to_school_id: UUID | None) -> UUID:
    transfer_id = sealed(schools, to_school_id)
    clerk = schools.cast.school_clerk
    making.hand_over(transfer_id, by=clerk, within=within(clerk))
    return transfer_id


def zipped(schools: Schools, transfer_id: UUID) -> bytes:
    with db.transaction(schools.cast.school_clerk.acting) as session:
        row = actions.locked(session, transfer_id)
        return making.archive(row)


def state(schools: Schools, transfer_id: UUID) -> TransferState:
    with db.transaction(schools.cast.school_clerk.acting) as session:
        return queries.transfer(session, transfer_id, schools.cast.school_clerk).state


def looked_at(schools: Schools, intake_id: UUID) -> IntakeView:
    who = schools.cast.high_school_clerk
    with db.transaction(who.acting) as session:
        return queries.intake(session, intake_id, who)


def taken_in(schools: Schools, intake_id: UUID, code: str = "") -> Done:
    who = schools.cast.high_school_clerk
    said = Intake(
        schools.next_class_id, date(2025, 6, 2), "Chuyển theo gia đình", "21/QĐ-THPTSH", code
    )
    return receiving.take_in(intake_id, said, by=who, within=within(who))


def strangers(schools: Schools) -> None:
    """The first school becomes one of which this office has never heard, with its pupils."""
    with owner_transaction() as session:
        session.execute(
            update(Unit)
            .where(Unit.id == schools.cast.school.id)
            .values(code="KHAC-01", name="Trường khác")
        )


def test_between_two_schools_of_the_office(schools: Schools) -> None:
    transfer_id = handed_over(schools, schools.cast.high_school.id)
    receiver = schools.cast.high_school_clerk

    with db.transaction(receiver.acting) as session:
        assert [one.id for one in queries.waiting(session, receiver)] == [transfer_id]
    intake_id = receiving.handed_over(transfer_id, by=receiver, within=within(receiver))
    found = looked_at(schools, intake_id)
    assert found.is_sound, found.findings
    done = taken_in(schools, intake_id)

    assert state(schools, transfer_id) is TransferState.TAKEN_IN
    assert (done.not_brought, "VAN" in done.left_behind) == ("", True)
    with db.transaction(receiver.acting) as session:
        pupil = pupil_queries.pupil(session, done.pupil_id, receiver)
        stated = session.scalars(select(Mark).where(Mark.pupil_id == done.pupil_id)).all()
    assert (pupil.name, pupil.standing) == ("Trần Mỹ Chi", Standing.ATTENDING)
    assert pupil.movements[0].decision == "21/QĐ-THPTSH"
    assert {(one.subject_code, one.semester, one.part, one.score) for one in stated} == {
        ("TOAN", Semester.FIRST, Part.STATED, Decimal("8.0")),
        ("TOAN", Semester.SECOND, Part.STATED, Decimal("8.0")),
    }
    with owner_transaction() as session:
        line = session.scalars(
            select(MoveLine).where(MoveLine.school_id == schools.cast.high_school.id)
        ).one()
        assert (line.direction, line.number) == (Direction.IN, 1)
        identities = session.scalars(select(Pupil.identity_id).where(Pupil.name == "Trần Mỹ Chi"))
        assert len(set(identities)) == 1
    with pytest.raises(AlreadyDecided):
        taken_in(schools, intake_id)
    with pytest.raises(NotLeaving):
        sealed(schools, schools.cast.high_school.id)


def test_between_two_offices_by_file_and_only_once(schools: Schools) -> None:
    transfer_id = handed_over(schools, None)
    content = zipped(schools, transfer_id)
    receiver = schools.cast.high_school_clerk
    with pytest.raises(NotForUs):
        receiving.brought(content, by=receiver, within=within(receiver))
    strangers(schools)

    intake_id = receiving.brought(content, by=receiver, within=within(receiver))
    again = receiving.brought(content, by=receiver, within=within(receiver))
    assert intake_id == again
    assert looked_at(schools, intake_id).is_sound
    done = taken_in(schools, intake_id, "SH77")

    with db.transaction(receiver.acting) as session:
        pupil = pupil_queries.pupil(session, done.pupil_id, receiver)
    assert (pupil.code, pupil.name) == ("SH77", "Trần Mỹ Chi")
    assert receiving.member(intake_id, package.COVER, by=receiver)
    assert zipped(schools, transfer_id) == content


def test_an_altered_file_is_named_and_nobody_is_taken_in_by_it(schools: Schools) -> None:
    content = zipped(schools, handed_over(schools, None))
    strangers(schools)
    receiver = schools.cast.high_school_clerk
    members = dict(package.opened(content).members)
    members[package.DATA] = members[package.DATA].replace(b'"score": "8', b'"score": "9', 1)

    intake_id = receiving.brought(package.archive(members), by=receiver, within=within(receiver))
    found = looked_at(schools, intake_id)

    assert not found.is_sound
    assert ("data.json", "Tệp “data.json” đã bị thay đổi: mã băm khác với danh mục.") in {
        (one.what, one.sentence) for one in found.findings
    }
    assert any("tính lại từ điểm" in one.sentence for one in found.findings)
    with pytest.raises(NotSound):
        taken_in(schools, intake_id)


def test_a_manifest_written_anew_does_not_fit_the_sealed_cover(schools: Schools) -> None:
    content = zipped(schools, handed_over(schools, None))
    strangers(schools)
    receiver = schools.cast.high_school_clerk
    opened = package.opened(content)
    members = dict(opened.members)
    members[package.DATA] = members[package.DATA].replace(b"Chuy\xe1\xbb\x83n theo", b"Theo")
    members[package.MANIFEST] = package.manifest(opened.package_id, members)

    intake_id = receiving.brought(package.archive(members), by=receiver, within=within(receiver))
    assert [
        one.sentence for one in looked_at(schools, intake_id).findings if one.grade == "wrong"
    ] == ["Danh mục không phải là danh mục nằm trong phiếu đã ký."]


def test_a_refusal_is_read_by_the_sender_who_makes_another(schools: Schools) -> None:
    transfer_id = handed_over(schools, schools.cast.high_school.id)
    receiver = schools.cast.high_school_clerk
    intake_id = receiving.handed_over(transfer_id, by=receiver, within=within(receiver))

    with db.transaction(receiver.acting) as session:
        intake_actions.refuse(
            session, intake_id, "Trường đã đủ chỉ tiêu.", by=receiver, at=clock.now()
        )

    clerk = schools.cast.school_clerk
    with db.transaction(clerk.acting) as session:
        assert queries.transfer(session, transfer_id, clerk).because == "Trường đã đủ chỉ tiêu."
    assert looked_at(schools, intake_id).state is IntakeState.REFUSED
    assert handed_over(schools, schools.cast.high_school.id) != transfer_id


def test_what_was_taken_back_is_not_seen_by_the_next_school(schools: Schools) -> None:
    transfer_id = handed_over(schools, schools.cast.high_school.id)
    receiver, clerk = schools.cast.high_school_clerk, schools.cast.school_clerk
    intake_id = receiving.handed_over(transfer_id, by=receiver, within=within(receiver))
    with db.transaction(clerk.acting) as session:
        actions.withdraw(session, transfer_id, "Lập nhầm", by=clerk, at=clock.now())

    with pytest.raises((TransferUnknown, TransferStepRefused)):
        taken_in(schools, intake_id)
    with pytest.raises(TransferUnknown):
        receiving.handed_over(transfer_id, by=receiver, within=within(receiver))


def test_only_the_office_of_the_school_makes_a_package_and_its_clerk_seals(
    schools: Schools,
) -> None:
    teacher = schools.cast.homeroom_teacher
    with pytest.raises(NotAllowed):
        making.make(schools.pupil_id, None, by=teacher, within=within(teacher))
    head = schools.cast.school_principal
    transfer_id = making.make(schools.pupil_id, None, by=head, within=within(head))
    with pytest.raises(NotAllowed):
        signatures.seal(transfer_id, test_pki.PIN, by=head, within=within(head))
    with pytest.raises(TransferStepRefused):
        making.hand_over(transfer_id, by=head, within=within(head))
    other = schools.cast.other_high_school_clerk
    with db.transaction(other.acting) as session, pytest.raises(TransferUnknown):
        queries.transfer(session, transfer_id, other)
