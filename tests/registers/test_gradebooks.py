"""A gradebook is made when all is there, signed in order, closed by the seal, and never changed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.audit.model import AuditEvent
from eoffice.classes import binding
from eoffice.errors import Invalid, NotAllowed
from eoffice.marks import actions
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.registers import gradebook_queries, gradebooks
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.gradebook import NotComplete
from eoffice.registers.gradebook_queries import NotYourBook
from eoffice.registers.gradebooks import BookExists, ContentDiffers, FieldUnknown, NotYourPart
from eoffice.registers.model import Gradebook
from eoffice.registers.states import SignatureKind, State, StepRefused
from tests.cast import Cast
from tests.registers import stage


@pytest.fixture
def book(session: Session, cast: Cast, class_id: UUID, at: datetime) -> Gradebook:
    return stage.rendered_book(session, class_id, cast, at)


def promised(session: Session, task: str) -> list[Promise]:
    session.flush()
    return list(session.scalars(select(Promise).where(Promise.task == task)))


def test_asking_for_the_book_promises_its_pages(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.finish_year(session, class_id, cast, at)

    gradebook_id = gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)

    (promise,) = promised(session, "registers.render")
    assert promise.payload == {"gradebook_id": str(gradebook_id)}


def test_a_book_with_gaps_is_not_made(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.bring_in(session, class_id, cast, at)

    with pytest.raises(NotComplete, match="kết quả rèn luyện học kì I"):
        gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)


def test_a_class_has_one_book_at_a_time(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    with pytest.raises(BookExists):
        gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)


def test_subject_teachers_do_not_ask_for_the_book(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    with pytest.raises(NotAllowed):
        gradebooks.request(session, class_id, by=cast.subject_teachers["TOAN"], at=at)


def test_the_pages_are_laid_before_every_signer_once(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    again = gradebooks.Rendered(Sha256.of(b"other"), Sha256.of(b"other"), 1)
    gradebooks.record_rendered(session, book.id, again, by="worker:tests", at=at)

    view = gradebook_queries.gradebook(session, book.id, cast.school_principal)
    assert view.state is State.AWAITING_TEACHERS
    assert view.page_count == 33
    kinds = [signature.kind for signature in view.signatures]
    assert kinds == [SignatureKind.SUBJECT] * 13 + [
        SignatureKind.HOMEROOM, SignatureKind.PRINCIPAL, SignatureKind.SEAL,
    ]  # fmt: skip


def test_all_sign_in_order_and_the_seal_closes_the_book(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    stage.sign_all(session, book, cast, at)

    assert book.state is State.CLOSED
    (promise,) = promised(session, "archive.ingest")
    assert promise.payload["kind"] == "gradebook"
    assert promise.payload["content_sha256"] == book.content_sha256
    assert promise.payload["class_name"] == "7A1"
    assert promise.payload["school_year"] == "2024-2025"
    actions_taken = session.scalars(
        select(AuditEvent.action).where(AuditEvent.object_id == book.id).order_by(AuditEvent.id)
    ).all()
    assert actions_taken == [
        "gradebook.requested",
        "gradebook.render",
        *["gradebook.sign_subject"] * 12,
        "gradebook.sign_last_subject",
        "gradebook.sign_homeroom",
        "gradebook.approve",
        "gradebook.seal",
    ]


def test_the_homeroom_teacher_signs_after_the_last_subject_teacher(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    with pytest.raises(StepRefused):
        stage.sign(session, book, "homeroom", cast.homeroom_teacher, at)
    for code in reversed(cast.subject_teachers):
        assert book.state is State.AWAITING_TEACHERS
        stage.sign(session, book, f"subject_{code}", cast.subject_teachers[code], at)

    assert book.state is State.AWAITING_HOMEROOM
    with pytest.raises(StepRefused):
        stage.sign(session, book, "principal", cast.school_principal, at)


def test_nobody_signs_for_another_or_twice(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    for who in (cast.homeroom_teacher, cast.school_principal, cast.high_school_teacher):
        with pytest.raises(NotYourPart):
            stage.sign(session, book, "subject_TOAN", who, at)

    stage.sign(session, book, "subject_TOAN", cast.subject_teachers["TOAN"], at)
    with pytest.raises(StepRefused):
        stage.sign(session, book, "subject_TOAN", cast.subject_teachers["TOAN"], at)
    with pytest.raises(FieldUnknown):
        stage.sign(session, book, "subject_XYZ", cast.subject_teachers["TOAN"], at)


def test_a_signature_on_an_older_content_is_refused(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    seen = Sha256.parse(book.content_sha256 or "")
    stage.sign(session, book, "subject_TOAN", cast.subject_teachers["TOAN"], at)

    with pytest.raises(ContentDiffers):
        gradebooks.record_signature(
            session,
            book.id,
            "subject_GDCD",
            source=seen,
            result=Sha256.of(b"late"),
            capacity="Giáo viên",
            by=cast.subject_teachers["GDCD"],
            at=at,
        )


def test_everybody_sees_what_awaits_them(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    (awaited,) = gradebook_queries.awaiting(session, cast.homeroom_teacher)
    assert (awaited.gradebook_id, awaited.parts) == (book.id, 1)  # literature
    assert gradebook_queries.awaiting(session, cast.school_principal) == ()
    mine = gradebook_queries.gradebook(session, book.id, cast.subject_teachers["TOAN"]).mine_now
    assert [signature.field for signature in mine] == ["subject_TOAN"]

    for code, teacher in cast.subject_teachers.items():
        stage.sign(session, book, f"subject_{code}", teacher, at)
    stage.sign(session, book, "homeroom", cast.homeroom_teacher, at)

    assert gradebook_queries.awaiting(session, cast.homeroom_teacher) == ()
    assert len(gradebook_queries.awaiting(session, cast.school_principal)) == 1
    assert gradebook_queries.awaiting(session, cast.school_clerk) == ()
    stage.sign(session, book, "principal", cast.school_principal, at)
    assert len(gradebook_queries.awaiting(session, cast.school_clerk)) == 1


def test_a_returned_book_frees_the_class_and_the_next_is_version_two(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    teacher = cast.subject_teachers["TOAN"]
    stage.sign(session, book, "subject_TOAN", teacher, at)

    gradebooks.send_back(session, book.id, "Sai điểm cuối kì của em An.", by=teacher, at=at)

    assert book.state is State.RETURNED
    stage.bring_in(session, class_id, cast, at, {"TOAN": Decimal("9.5")})
    next_id = gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)
    assert session.get_one(Gradebook, next_id).version == 2
    assert str(gradebooks.previous_content(session, next_id)) == book.content_sha256


def test_a_version_that_nobody_signed_is_not_told_as_corrected(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    gradebooks.send_back(session, book.id, "Thiếu chuyên cần.", by=cast.homeroom_teacher, at=at)

    next_id = gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)

    assert gradebooks.previous_content(session, next_id) is None


def test_a_book_is_returned_with_a_reason_by_a_signer_and_never_after_closing(
    session: Session, cast: Cast, at: datetime, book: Gradebook
) -> None:
    with pytest.raises(Invalid):
        gradebooks.send_back(session, book.id, " . ", by=cast.homeroom_teacher, at=at)
    with pytest.raises(NotAllowed):
        gradebooks.send_back(session, book.id, "Không đúng.", by=cast.high_school_teacher, at=at)
    stage.sign_all(session, book, cast, at)
    with pytest.raises(StepRefused):
        gradebooks.send_back(session, book.id, "Sai điểm.", by=cast.school_principal, at=at)


def test_the_table_itself_refuses_a_second_book_of_a_class(
    session: Session, cast: Cast, class_id: UUID, at: datetime, book: Gradebook
) -> None:
    """Even if an action forgot to look."""
    from sqlalchemy.exc import IntegrityError

    session.add(
        Gradebook(
            id=UUID(int=7),
            kind=BookKind.CLASS_BOOK,
            class_id=class_id,
            school_id=cast.school.id,
            school_year="2024-2025",
            version=2,
            state=State.RENDERING,
            requested_by=cast.homeroom_teacher.person_id,
            requested_at=at,
            state_since=at,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_semester_of_conduct_that_is_missing_is_named(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.bring_in(session, class_id, cast, at)
    actions.record_conduct(
        session,
        class_id,
        ConductTime.FIRST,
        {pupil.code: ConductLevel.GOOD for pupil in stage.PUPILS},
        by=cast.homeroom_teacher,
        at=at,
    )

    with pytest.raises(NotComplete, match="học kì II"):
        gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)


def test_a_closed_book_of_a_teacher_is_replaced_only_for_a_reason(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.finish_year(session, class_id, cast, at)
    teacher = cast.subject_teachers["TOAN"]
    of = BookOf(
        BookKind.TEACHER_BOOK,
        cast.school.id,
        "2024-2025",
        teacher_id=teacher.person_id,
        part="TOAN",
    )

    def signed(gradebook_id: UUID) -> Gradebook:
        content = gradebooks.Rendered(Sha256.of(b"unsigned"), Sha256.of(b"data"), 4)
        gradebooks.record_rendered(session, gradebook_id, content, by="worker:tests", at=at)
        made = session.get_one(Gradebook, gradebook_id)
        stage.sign(session, made, "teacher", teacher, at)
        stage.sign(session, made, "principal", cast.school_principal, at)
        stage.sign(session, made, "school_seal", cast.school_clerk, at)
        session.flush()
        return made

    with pytest.raises(NotAllowed):
        gradebooks.ask(session, of, by=cast.school_principal, at=at)
    first = signed(gradebooks.ask(session, of, by=teacher, at=at))
    assert gradebook_queries.gradebook(session, first.id, teacher).may_replace
    assert not gradebook_queries.gradebook(session, first.id, cast.school_clerk).may_replace
    with pytest.raises(NotYourBook):
        gradebook_queries.gradebook(session, first.id, cast.subject_teachers["GDCD"])
    assert binding.binding_book(session, class_id) is None
    with pytest.raises(BookExists):
        gradebooks.ask(session, of, by=teacher, at=at)
    second_id = gradebooks.ask(session, of, by=teacher, at=at, because="Điểm đã được sửa.")
    assert not gradebook_queries.gradebook(session, first.id, teacher).may_replace
    assert first.state is State.CLOSED
    second = signed(second_id)

    assert (first.state, second.state, second.version) == (State.SUPERSEDED, State.CLOSED, 2)
    assert [row.id for row in gradebook_queries.books(session, teacher)] == [second.id]
