"""A package of a pupil whose earlier years were really signed: the report book goes as the school
closed it, the lines of a closed class book as data, and the next school verifies each by itself.

Database, time-stamp authority, keys of the signers and PDF are real.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import select, update

from eoffice import clock, db
from eoffice.classes import actions as class_actions
from eoffice.classes.actions import NewSubject
from eoffice.classes.model import Pupil
from eoffice.classes.movement_actions import NewMovement
from eoffice.classes.movement_rules import MovementKind
from eoffice.embedded.pki import Pki
from eoffice.marks import movement_actions
from eoffice.registers.model import Gradebook
from eoffice.reports import actions as report_actions
from eoffice.reports import asking_actions, data_sealing, note_actions
from eoffice.reports import signatures as report_signatures
from eoffice.reports.model import ReportPart
from eoffice.reports.note_rules import Column, NoteKind
from eoffice.reports.states import PartState
from eoffice.settings import settings
from eoffice.signing.sealed_data import views
from eoffice.signing.verdict import Finding as Said
from eoffice.signing.verdict import Verdict
from eoffice.signing.xades_verification import Signed
from eoffice.transfers import data, making, package, queries, receiving, signatures, verification
from eoffice.transfers.data import PupilPackage, Remark
from eoffice.transfers.verification import Finding, Grade
from tests import pki as test_pki
from tests.conftest import Office, owner_transaction
from tests.registers import conftest as registers
from tests.registers import stage, test_signatures
from tests.registers.test_signatures import Desk, sign
from tests.reports import report_stage
from tests.reports.test_batch_signing import make as make_parts
from tests.transfers.test_transfers import within

store = registers.store
pki = test_signatures.pki
desk = test_signatures.desk
NEXT = "Trường THPT Sen Hồng"
LATER = datetime(2025, 10, 6, 1, 0, tzinfo=UTC)


@pytest.fixture
def year(desk: Desk, office: Office, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The class book is closed, the report book of HS001 too; both pupils are in class 8A1."""
    monkeypatch.setenv("EOFFICE_TRUST", str(pki.trust_directory))
    settings.cache_clear()
    cast = desk.cast
    sign(desk, cast.subject_teachers["TOAN"])
    with owner_transaction() as session:
        this = Gradebook.id == desk.gradebook_id
        session.execute(update(Gradebook).where(this).values(state="closed"))
    with db.system_transaction() as session:
        class_id = session.get_one(Gradebook, desk.gradebook_id).class_id
        assert class_id is not None
        asking_actions.ask(
            session, class_id, [pupil("HS001")], by=cast.homeroom_teacher, at=clock.now()
        )
    make_parts()
    with db.system_transaction() as session:
        (part_id,) = [one.id for one in report_stage.parts(session, class_id)]
    for who in (cast.homeroom_teacher, cast.school_principal, cast.school_clerk):
        state = report_signatures.sign_mine(part_id, None, test_pki.PIN, by=who, within=within(who))
    assert state is PartState.SEALED
    with db.transaction(cast.school_clerk.acting) as session:
        report_actions.close(session, "2024-2025", None, by=cast.school_clerk, at=clock.now())
    clock.set_office_clock(office.var / "clock.json", LATER)
    with db.system_transaction() as session:
        next_id = class_actions.open_class(
            session,
            name="8A1",
            grade=8,
            school_year="2025-2026",
            homeroom_teacher_id=cast.homeroom_teacher.person_id,
            taught=[NewSubject("TOAN", cast.subject_teachers["TOAN"].person_id)],
            pupils=stage.PUPILS,
            by=cast.school_clerk,
            at=clock.now(),
        )
    with db.transaction(cast.homeroom_teacher.acting) as session:
        note_actions.write(
            session,
            next_id,
            Column(NoteKind.HOMEROOM, "", "Nhận xét của giáo viên chủ nhiệm"),
            {"HS001": "Chăm chỉ, hòa đồng."},
            by=cast.homeroom_teacher,
            at=clock.now(),
        )
    yield desk
    settings.cache_clear()


def pupil(code: str) -> UUID:
    with db.system_transaction() as session:
        return session.scalars(select(Pupil.id).where(Pupil.code == code)).one()


def brought(desk: Desk, code: str) -> tuple[PupilPackage, bytes, tuple[Finding, ...]]:
    """The pupil moves out; what the next school finds in the package."""
    clerk, receiver = desk.cast.school_clerk, desk.cast.high_school_clerk
    pupil_id, today = pupil(code), clock.civil_date(clock.now())
    with db.transaction(clerk.acting) as session:
        movement_actions.record(
            session,
            pupil_id,
            NewMovement(MovementKind.OUT, today, "Chuyển theo gia đình", "15/GT", NEXT),
            by=clerk,
            at=clock.now(),
        )
    transfer_id = making.make(pupil_id, desk.cast.high_school.id, by=clerk, within=within(clerk))
    signatures.seal(transfer_id, test_pki.PIN, by=clerk, within=within(clerk))
    making.hand_over(transfer_id, by=clerk, within=within(clerk))
    content = making.download(transfer_id, by=clerk)
    intake_id = receiving.handed_over(transfer_id, by=receiver, within=within(receiver))
    with db.transaction(receiver.acting) as session:
        found = queries.intake(session, intake_id, receiver).findings
    return data.decoded(package.opened(content).members[package.DATA]), content, found


def test_the_next_school_verifies_the_report_book_and_reads_the_lines_of_the_class_book(
    year: Desk,
) -> None:
    clerk = year.cast.school_clerk
    with db.system_transaction() as session:
        part_id = session.scalars(select(ReportPart.id)).one()
    data_sealing.seal(part_id, test_pki.PIN, by=clerk, within=within(clerk))
    told, content, found = brought(year, "HS001")
    sealed = package.opened(content).members["reports/2024-2025.xml"]
    assert sealed == views.content(data_sealing.of(part_id, by=clerk))
    assert _of("reports/2024-2025.xml", found) == {
        Grade.RIGHT: ["Dữ liệu XML có con dấu số hợp lệ và khớp với học bạ đã ký."]
    }
    _require_that_only_what_was_sealed_counts(content)
    assert [one.school_year for one in told.reports] == ["2024-2025"]
    assert told.books == ()
    assert told.year is not None
    assert told.year.remarks == (Remark("", "Chăm chỉ, hòa đồng."),)
    assert all(one.grade is not Grade.WRONG for one in found), found
    (of_report,) = [one for one in found if one.sentence.startswith("Học bạ năm học")]
    assert of_report.grade is Grade.RIGHT, of_report

    told, content, found = brought(year, "HS002")
    assert told.reports == ()
    (book,) = told.books
    lines = json.loads(package.opened(content).members[book.member])
    assert lines["book_sha256"] == book.book_sha256
    assert "Đặng Văn An" in json.dumps(lines, ensure_ascii=False)
    assert "Lê Thị Bình" not in json.dumps(lines, ensure_ascii=False)
    assert all(one.grade is not Grade.WRONG for one in found), found


def _require_that_only_what_was_sealed_counts(content: bytes) -> None:
    good = Verdict(Said.INTACT, "Nguyên vẹn.")
    for said, grade in (
        (Signed(good, b"<other/>"), Grade.WRONG),
        (Signed(Verdict(Said.CHANGED, "Đã bị thay đổi.")), Grade.WRONG),
        (Signed(Verdict(Said.UNSIGNED, "Không có chữ ký.")), Grade.WRONG),
        (Signed(Verdict(Said.UNVERIFIABLE, "Không kiểm tra được.")), Grade.WARNING),
    ):
        checked = verification.check(content, judge=lambda _: good, judge_xml=partial(_says, said))
        assert grade in _of("reports/2024-2025.xml", checked.findings)


def _says(said: Signed, _: bytes) -> Signed:
    return said


def _of(name: str, findings: Iterable[Finding]) -> dict[Grade, list[str]]:
    """What was found of a member beside its digest."""
    told: dict[Grade, list[str]] = {}
    for one in findings:
        if one.what == name and not one.sentence.startswith("Mã băm khớp"):
            told.setdefault(one.grade, []).append(one.sentence)
    return told
