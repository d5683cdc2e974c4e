"""What happens to a gradebook: asked for, made, signed part by part, closed, or returned.

The pages are made by the worker and the signatures by the ceremony, both outside of transactions;
here their results are put on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.classes import actions, binding, rules, staff_queries
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.registers import book_forms, gradebook_queries, states
from eoffice.registers.book_forms import BookForm
from eoffice.registers.model import Gradebook, GradebookSignature
from eoffice.registers.rendering import HOMEROOM_FIELD, PRINCIPAL_FIELD, SEAL_FIELD, subject_field
from eoffice.registers.states import SignatureKind, State, Step
from eoffice.web.principal import Principal

LONGEST_REASON = 1_000


class BookExists(Conflict):
    """The class has a gradebook that is being signed or is closed."""


class NotYourPart(NotAllowed):
    """This place in the gradebook is somebody else's to sign."""


class ContentDiffers(Conflict):
    """The gradebook was signed by somebody else meanwhile."""


class FieldUnknown(Invalid):
    """The gradebook has no place of this name for a signature."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The unsigned pages in the object store, and the data embedded in them."""

    content_sha256: Sha256
    data_sha256: Sha256
    page_count: int


def request(session: Session, class_id: UUID, *, by: Principal, at: datetime) -> UUID:
    """Ask for the book of the year; from now on nothing in the class may change.

    Raises NotComplete (naming what is missing), BookExists, NoHead, NotAllowed.
    """
    school_class = actions.locked(session, class_id)
    staff = staff_queries.staff(session, class_id)
    who = staff_queries.actor(by)
    if not (rules.may_keep_homeroom_parts(who, staff) or rules.may_lead(who, staff)):
        raise NotAllowed("Chỉ giáo viên chủ nhiệm hoặc ban giám hiệu được lập sổ của lớp.")
    if session.scalar(
        select(Gradebook.id).where(
            Gradebook.class_id == class_id, Gradebook.state.in_(states.BINDING)
        )
    ):
        raise BookExists(f"Lớp {school_class.name} đã có sổ đang ký hoặc đã khóa.")
    if people.head_of(session, school_class.school_id, at=at) is None:
        raise gradebook_queries.NoHead(
            "Trường chưa có hiệu trưởng trong danh sách nên chưa lập sổ được."
        )
    version = 1 + (
        session.scalar(select(func.max(Gradebook.version)).where(Gradebook.class_id == class_id))
        or 0
    )
    # Refused here and not in the worker: the teacher is still there to read what is missing.
    form = book_forms.form_of(school_class.rule_set, school_class.grade)
    form.refuse_gaps(form.read(session, class_id, version, at))
    book = Gradebook(
        id=new_id(),
        class_id=class_id,
        school_id=school_class.school_id,
        version=version,
        state=State.RENDERING,
        requested_by=by.person_id,
        requested_at=at,
        state_since=at,
    )
    session.add(book)
    binding.bind(session, school_class, book.id, states.NAMES[book.state], at=at)
    _record(session, "gradebook.requested", book, by=by, at=at, version=version)
    outbox.promise(session, "registers.render", at=at, gradebook_id=book.id)
    return book.id


def form_of(session: Session, book: Gradebook) -> BookForm:
    """How the book of this class is made and signed. Raises NoBookForm."""
    school_class = session.get_one(SchoolClass, book.class_id)
    return book_forms.form_of(school_class.rule_set, school_class.grade)


def previous_content(session: Session, gradebook_id: UUID) -> Sha256 | None:
    """The newest earlier version that somebody had signed: corrections are told against it."""
    book = session.get_one(Gradebook, gradebook_id)
    sha256 = session.scalar(
        select(Gradebook.content_sha256)
        .join(GradebookSignature, GradebookSignature.gradebook_id == Gradebook.id)
        .where(
            Gradebook.class_id == book.class_id,
            Gradebook.version < book.version,
            GradebookSignature.signed_at.is_not(None),
        )
        .order_by(Gradebook.version.desc())
        .limit(1)
    )
    return None if sha256 is None else Sha256.parse(sha256)


def record_rendered(
    session: Session, gradebook_id: UUID, rendered: Rendered, *, by: str, at: datetime
) -> None:
    """The pages are made: lay them before the subject teachers. Idempotent.

    A book that was returned meanwhile stays returned.
    """
    book = _locked(session, gradebook_id)
    if book.state is not State.RENDERING:
        return
    book.content_sha256 = str(rendered.content_sha256)
    book.data_sha256 = str(rendered.data_sha256)
    book.page_count = rendered.page_count
    session.flush()  # Before the state that demands content.
    form = form_of(session, book)
    session.add_all(_places(session, book, form))
    has_subjects = SignatureKind.SUBJECT in form.signing
    step = Step.RENDER if has_subjects else Step.RENDER_FOR_HOMEROOM
    _take(session, book, step, by=by, at=at, sha256=book.content_sha256)


def refuse_rendering(
    session: Session, gradebook_id: UUID, why: str, *, by: str, at: datetime
) -> None:
    """The pages cannot be made from these data: give the book back with the reason. Idempotent."""
    book = _locked(session, gradebook_id)
    if book.state is State.RENDERING:
        book.returned_because = why[:LONGEST_REASON]
        _take(session, book, Step.RETURN, by=by, at=at)


def place_to_sign(
    session: Session, gradebook_id: UUID, field: str, *, by: Principal
) -> tuple[Gradebook, GradebookSignature]:
    """The book and the place, locked, if it is this person's turn there.

    Raises FieldUnknown, NotYourPart, StepRefused.
    """
    book = _locked(session, gradebook_id)
    place = session.get(GradebookSignature, (gradebook_id, field))
    if place is None:
        raise FieldUnknown(f"Sổ không có chỗ ký “{field}”.")
    if place.signed_at is not None:
        raise states.StepRefused("Phần này của sổ đã được ký.")
    states.after(book.state, _step(session, book, place))
    if not gradebook_queries.signs(place, staff_queries.staff(session, book.class_id), by):
        part = gradebook_queries.part_name(session, place)
        raise NotYourPart(f"Phần “{part}” của sổ do người khác ký.")
    return book, place


def record_signature(
    session: Session,
    gradebook_id: UUID,
    field: str,
    *,
    source: Sha256,
    result: Sha256,
    capacity: str,
    by: Principal,
    at: datetime,
) -> State:
    """A signature was made on `source`: `result` is the book from now on. Returns the new state.

    The last subject teacher opens the way for the homeroom teacher; the seal closes the book and
    promises its archiving. Raises ContentDiffers when somebody signed in between.
    """
    book, place = place_to_sign(session, gradebook_id, field, by=by)
    if book.content_sha256 != str(source):
        raise ContentDiffers("Có người vừa ký vào sổ này. Hãy mở lại sổ rồi ký.")
    step = _step(session, book, place)
    place.signed_by = by.person_id
    place.signed_at = at
    place.capacity = capacity
    place.content_sha256 = book.content_sha256 = str(result)
    _take(session, book, step, by=by, at=at, field=field, sha256=str(result))
    if book.state is State.CLOSED:
        _promise_archiving(session, book, at=at)
    return book.state


def send_back(
    session: Session, gradebook_id: UUID, reason: str, *, by: Principal, at: datetime
) -> None:
    """Return the book to be corrected; the next version shows what was changed in it.

    The signatures that it bears stay on record with it. Raises StepRefused once it is closed.
    """
    book = _locked(session, gradebook_id)
    if not rules.may_return(staff_queries.actor(by), staff_queries.staff(session, book.class_id)):
        raise NotAllowed("Chỉ những người có phần ký trong sổ được trả lại sổ.")
    why = " ".join(reason.split())
    if not 5 <= len(why) <= LONGEST_REASON:
        raise Invalid(
            "Hãy ghi lý do trả lại sổ, ít nhất 5 ký tự.", fields={"reason": "Hãy ghi lý do."}
        )
    book.returned_because = why
    _take(session, book, Step.RETURN, by=by, at=at)


# --- Parts ---------------------------------------------------------------------------------------


def _locked(session: Session, gradebook_id: UUID) -> Gradebook:
    book = session.scalars(
        select(Gradebook).where(Gradebook.id == gradebook_id).with_for_update()
    ).one_or_none()
    if book is None:
        raise gradebook_queries.GradebookUnknown(
            "Không có sổ này, hoặc đơn vị đang làm việc không được xem."
        )
    return book


def _step(session: Session, book: Gradebook, place: GradebookSignature) -> Step:
    if place.kind is not SignatureKind.SUBJECT:
        return {
            SignatureKind.HOMEROOM: Step.SIGN_HOMEROOM,
            SignatureKind.PRINCIPAL: Step.APPROVE,
            SignatureKind.SEAL: Step.SEAL,
        }[place.kind]
    others = session.scalar(
        select(func.count())
        .select_from(GradebookSignature)
        .where(
            GradebookSignature.gradebook_id == book.id,
            GradebookSignature.kind == SignatureKind.SUBJECT,
            GradebookSignature.signed_at.is_(None),
            GradebookSignature.field != place.field,
        )
    )
    return Step.SIGN_SUBJECT if others else Step.SIGN_LAST_SUBJECT


def _places(session: Session, book: Gradebook, form: BookForm) -> Sequence[GradebookSignature]:
    """The signature places in the order of the form; the signers are those of the book's data."""
    school_class = session.get_one(SchoolClass, book.class_id)
    head = people.head_of(session, book.school_id, at=book.requested_at)
    taught = session.scalars(
        select(ClassSubject)
        .where(ClassSubject.class_id == book.class_id)
        .order_by(ClassSubject.ordinal)
    )
    wanted: list[tuple[str, SignatureKind, str | None, UUID | None]] = [
        (subject_field(subject.code), SignatureKind.SUBJECT, subject.code, subject.teacher_id)
        for subject in taught
    ]
    wanted += [
        (HOMEROOM_FIELD, SignatureKind.HOMEROOM, None, school_class.homeroom_teacher_id),
        (PRINCIPAL_FIELD, SignatureKind.PRINCIPAL, None, None if head is None else head.person_id),
        (SEAL_FIELD, SignatureKind.SEAL, None, None),
    ]
    return [
        GradebookSignature(
            gradebook_id=book.id,
            field=field,
            school_id=book.school_id,
            ordinal=ordinal,
            kind=kind,
            subject_code=subject_code,
            signer_id=signer_id,
        )
        for ordinal, (field, kind, subject_code, signer_id) in enumerate(
            (place for kind in form.signing for place in wanted if place[1] is kind), start=1
        )
    ]


def _promise_archiving(session: Session, book: Gradebook, *, at: datetime) -> None:
    school_class = session.get_one(SchoolClass, book.class_id)
    outbox.promise(
        session,
        "archive.ingest",
        at=at,
        kind="gradebook",
        source_id=book.id,
        content_sha256=book.content_sha256,
        agency_id=book.school_id,
        unit_id=book.school_id,
        title=f"{form_of(session, book).title} lớp {school_class.name}, "
        f"năm học {school_class.school_year}",
        number_notation=None,
        issued_on=civil_date(at),
        school_year=school_class.school_year,
        class_name=school_class.name,
    )


def _take(
    session: Session,
    book: Gradebook,
    step: Step,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    was = book.state
    book.state = states.after(was, step)
    if book.state is not was:
        book.state_since = at
        binding.tell(session, book.id, states.NAMES[book.state])
    if book.state not in states.BINDING:
        binding.release(session, book.id, at=at)
    _record(
        session, f"gradebook.{step.value}", book, by=by, at=at, state=book.state.value, **details
    )


def _record(
    session: Session,
    action: str,
    book: Gradebook,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind="gradebook",
        object_id=book.id,
        by=by,
        at=at,
        details=details,
    )
