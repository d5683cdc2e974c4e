"""A gradebook goes its whole way by batches: each teacher, the homeroom teacher, the principal and
the clerk enter a PIN once for all that waits for them, and the book closes whole.

A person's key never seals and the seal's key never signs, whatever a batch says.
"""

from __future__ import annotations

from dataclasses import replace

from eoffice import clock, db
from eoffice.objects.sha256 import Sha256
from eoffice.registers import extraction, gradebook_queries, gradebooks
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.states import State
from eoffice.signing.batches.rules import Chosen, ItemState
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from eoffice.web.principal import Principal
from tests.desk.signing_stage import begun, offered, read, states, work
from tests.pdfa import assert_pdfa
from tests.registers import test_signatures
from tests.registers.test_signatures import Desk, content, sign, view
from tests.registers.test_tasks import run

desk = test_signatures.desk
pki = test_signatures.pki


def signed_by(who: Principal) -> None:
    batch_id = begun(who, offered(who))
    work()
    assert states(who, batch_id) == [ItemState.SIGNED]


def all_teachers(desk: Desk) -> None:
    for teacher in desk.cast.subject_teachers.values():
        sign(desk, teacher)


def test_every_signer_signs_by_batches_and_the_book_is_whole(desk: Desk) -> None:
    cast = desk.cast
    for teacher in cast.subject_teachers.values():
        signed_by(teacher)
    assert view(desk).state is State.AWAITING_HOMEROOM
    assert offered(cast.school_principal) == []
    signed_by(cast.homeroom_teacher)
    assert [each.kind for each in offered(cast.school_principal)] == ["gradebook-signature"]
    signed_by(cast.school_principal)
    assert [each.kind for each in offered(cast.school_clerk)] == ["gradebook-seal"]
    signed_by(cast.school_clerk)

    assert view(desk).state is State.CLOSED
    found = verify_pdf(
        content(desk),
        trust=TrustStore.from_directory(desk.pki.trust_directory),
        at=clock.now(),
        online=True,
    )
    assert found.verdict is Finding.INTACT, found.reason
    assert len(found.signatures) == 16


def test_a_teacher_signs_the_own_book_with_that_of_the_class_and_it_is_closed_whole(
    desk: Desk,
) -> None:
    cast = desk.cast
    teacher = cast.subject_teachers["TOAN"]
    of = BookOf(
        BookKind.TEACHER_BOOK,
        cast.school.id,
        "2024-2025",
        teacher_id=teacher.person_id,
        part="TOAN",
    )
    with db.transaction(teacher.acting) as session:
        own_id = gradebooks.ask(session, of, by=teacher, at=clock.now())
    run(own_id)

    chosen = offered(teacher)
    assert {each.id for each in chosen} == {own_id, desk.gradebook_id}
    batch_id = begun(teacher, chosen)
    work()
    assert states(teacher, batch_id) == [ItemState.SIGNED, ItemState.SIGNED]
    called = "Sổ theo dõi và đánh giá học sinh (của giáo viên) môn Toán học, giáo viên "
    with db.transaction(cast.school_principal.acting) as session:
        (waits,) = gradebook_queries.awaiting(session, cast.school_principal)
    assert waits.name == f"{called}{teacher.full_name}, năm học 2024-2025"
    signed_by(cast.school_principal)
    signed_by(cast.school_clerk)

    own = replace(desk, gradebook_id=own_id)
    assert view(own).state is State.CLOSED
    pdf = content(own)
    found = verify_pdf(
        pdf,
        trust=TrustStore.from_directory(desk.pki.trust_directory),
        at=clock.now(),
        online=True,
    )
    assert found.verdict is Finding.INTACT, found.reason
    assert [one.field for one in found.signatures] == ["teacher", "principal", "school_seal"]
    assert found.signatures[0].capacity == "Giáo viên môn Toán học"
    assert extraction.differences(pdf) == ()
    assert_pdfa(pdf, "3b", signed=True)


def test_a_book_that_was_returned_meanwhile_is_not_signed(desk: Desk) -> None:
    teacher = desk.cast.subject_teachers["TOAN"]
    chosen = offered(teacher)
    batch_id = begun(teacher, chosen)
    with db.transaction(desk.cast.homeroom_teacher.acting) as session:
        gradebooks.send_back(
            session,
            desk.gradebook_id,
            "Sai ngày sinh.",
            by=desk.cast.homeroom_teacher,
            at=clock.now(),
        )
    work()
    assert states(teacher, batch_id) == [ItemState.FAILED]
    assert "không có phần nào chờ bạn ký" in read(teacher, batch_id).items[0].said


def test_the_key_of_a_person_does_not_seal(desk: Desk) -> None:
    """The clerk's batch says that own places are signed, and the book waits for the seal."""
    all_teachers(desk)
    sign(desk, desk.cast.homeroom_teacher)
    sign(desk, desk.cast.school_principal)
    clerk = desk.cast.school_clerk
    (seal,) = offered(clerk)
    batch_id = begun(clerk, [Chosen("gradebook-signature", seal.id, seal.seen)])
    work()
    assert states(clerk, batch_id) == [ItemState.FAILED]
    assert view(desk).state is State.AWAITING_SEAL


def test_another_book_than_the_one_seen_is_not_signed(desk: Desk) -> None:
    teacher = desk.cast.subject_teachers["TOAN"]
    (chosen,) = offered(teacher)
    unseen = Chosen(chosen.kind, chosen.id, str(Sha256.of(b"other marks")))
    batch_id = begun(teacher, [unseen])
    work()
    assert states(teacher, batch_id) == [ItemState.FAILED]
    assert view(desk).state is State.AWAITING_TEACHERS
