"""What happens to a book of any kind: asked for, made, signed part by part, closed, or returned.

The pages are made by the worker and the signatures by the ceremony, both outside of transactions;
here their results are put on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.classes import actions, binding, staff_queries
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.diaries import binding as diary_binding
from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.registers import (
    book_forms,
    book_kinds,
    book_queries,
    correcting,
    gradebook_queries,
    states,
)
from eoffice.registers.book_forms import BookForm
from eoffice.registers.book_kinds import BookKind, BookOf, Owner
from eoffice.registers.correcting import Cited
from eoffice.registers.model import Gradebook, GradebookSignature
from eoffice.registers.rendering import (
    HOMEROOM_FIELD,
    KEEPER_FIELD,
    PRINCIPAL_FIELD,
    SEAL_FIELD,
    TEACHER_FIELD,
    subject_field,
)
from eoffice.registers.states import SignatureKind, State, Step
from eoffice.web.principal import Principal

LONGEST_REASON = 1_000
_MAY_NOT_ASK: Final = {
    Owner.CLASS: "Chỉ giáo viên chủ nhiệm hoặc ban giám hiệu được lập sổ của lớp.",
    Owner.TEACHER: "Chỉ giáo viên được lập sổ của mình.",
    Owner.SCHOOL: "Chỉ ban giám hiệu và văn thư được lập sổ của trường.",
}


class BookExists(Conflict):
    """There is such a book already that is being signed or is closed."""


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
    """Ask for the book of a class and its year; from now on nothing in the class may change.

    Raises NoClass and what `ask` raises.
    """
    school_class = actions.locked(session, class_id)
    of = BookOf(
        BookKind.CLASS_BOOK, school_class.school_id, school_class.school_year, class_id=class_id
    )
    return ask(session, of, by=by, at=at)


def ask(
    session: Session, of: BookOf, *, by: Principal, at: datetime, because: str | None = None
) -> UUID:
    """Ask for a book, of whatever kind. A book of a class binds the class from now on.

    Where a version is closed, another one is made only for a reason, and takes its place when it is
    sealed; the book of a class is corrected instead (`corrections`).
    Raises NotComplete (naming what is missing), BookExists, NoHead, NotAllowed, NoBookForm.
    """
    form = book_forms.form(session, of)
    if not form.may_request(staff_queries.actor(by), book_queries.circle(session, of)):
        raise NotAllowed(_MAY_NOT_ASK[book_kinds.OWNERS[of.kind]])
    _lock(session, of)
    closed = session.scalars(
        select(Gradebook).where(*gradebook_queries.of_book(of), Gradebook.state == State.CLOSED)
    ).one_or_none()
    if closed is None:
        return make_version(session, of, by=by, at=at)
    called = book_queries.name(session, of)
    if of.kind in book_kinds.BINDING_KINDS or because is None:
        raise BookExists(f"{called.short} đã có sổ đang ký hoặc đã khóa.")
    return make_version(session, of, replacing=(closed.id, _reason(because)), by=by, at=at)


def make_version(
    session: Session,
    of: BookOf,
    *,
    replacing: tuple[UUID, str] | None = None,
    by: Principal,
    at: datetime,
) -> UUID:
    """Begin the next version of a book; the caller has asked whether this person may.

    `replacing` is the closed version whose place it takes, and why. Raises NotComplete, BookExists,
    NoHead, NoBookForm.
    """
    _lock(session, of)
    called = book_queries.name(session, of)
    if session.scalar(
        select(Gradebook.id).where(
            *gradebook_queries.of_book(of), Gradebook.state.in_(states.MAKING)
        )
    ):
        raise BookExists(f"{called.short} đã có sổ đang ký hoặc đã khóa.")
    if people.head_of(session, of.school_id, at=at) is None:
        raise gradebook_queries.NoHead(
            "Trường chưa có hiệu trưởng trong danh sách nên chưa lập sổ được."
        )
    version = 1 + (
        session.scalar(select(func.max(Gradebook.version)).where(*gradebook_queries.of_book(of)))
        or 0
    )
    # Refused here and not in the worker: the teacher is still there to read what is missing.
    form = book_forms.form(session, of)
    form.refuse_gaps(form.read(session, of, version, at))
    book = Gradebook(
        id=new_id(),
        kind=of.kind,
        school_id=of.school_id,
        school_year=of.school_year,
        class_id=of.class_id,
        teacher_id=of.teacher_id,
        part=of.part,
        version=version,
        state=State.RENDERING,
        requested_by=by.person_id,
        requested_at=at,
        state_since=at,
        supersedes_id=None if replacing is None else replacing[0],
        because=None if replacing is None else replacing[1],
    )
    session.add(book)
    if of.kind in book_kinds.BINDING_KINDS:
        school_class = actions.locked(session, of.owned_class)
        binding.bind(session, school_class, book.id, states.NAMES[book.state], at=at)
    if of.kind is BookKind.CLASS_DIARY:
        school_class = actions.locked(session, of.owned_class)
        diary_binding.bind(session, school_class, book.id, called.full, at=at)
    replaced = {} if replacing is None else {"supersedes_id": replacing[0]}
    _record(
        session, "gradebook.requested", book, by=by, at=at, kind=of.kind, version=version,
        **replaced,
    )  # fmt: skip
    outbox.promise(session, "registers.render", at=at, gradebook_id=book.id)
    return book.id


def form_of(session: Session, book: Gradebook) -> BookForm:
    """How this book is made and signed. Raises NoBookForm."""
    return book_forms.form(session, book.of)


def previous_content(session: Session, gradebook_id: UUID) -> Sha256 | None:
    """What corrections are told against: the version that this one replaces, else the newest
    earlier one that somebody had signed.
    """
    book = session.get_one(Gradebook, gradebook_id)
    if book.supersedes_id is not None:
        in_force = session.get_one(Gradebook, book.supersedes_id).content_sha256
        return None if in_force is None else Sha256.parse(in_force)
    sha256 = session.scalar(
        select(Gradebook.content_sha256)
        .join(GradebookSignature, GradebookSignature.gradebook_id == Gradebook.id)
        .where(
            *gradebook_queries.of_book(book.of),
            Gradebook.version < book.version,
            GradebookSignature.signed_at.is_not(None),
            GradebookSignature.cited_id.is_(None),
        )
        .order_by(Gradebook.version.desc())
        .limit(1)
    )
    return None if sha256 is None else Sha256.parse(sha256)


def record_rendered(
    session: Session, gradebook_id: UUID, rendered: Rendered, *, by: str, at: datetime
) -> None:
    """The pages are made: lay them before the first who sign them. Idempotent.

    A book that was returned meanwhile stays returned.
    """
    book = _locked(session, gradebook_id)
    if book.state is not State.RENDERING:
        return
    book.content_sha256 = str(rendered.content_sha256)
    book.data_sha256 = str(rendered.data_sha256)
    book.page_count = rendered.page_count
    session.flush()  # Before the state that demands content.
    places = _places(session, book, form_of(session, book))
    session.add_all(places)
    step = states.laying({place.kind for place in places if place.cited_id is None})
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
    if not gradebook_queries.signs(place, book_queries.circle(session, book.of), by):
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
    circle = book_queries.circle(session, book.of)
    if not book_kinds.may_return(staff_queries.actor(by), circle):
        raise NotAllowed("Chỉ những người có phần ký trong sổ được trả lại sổ.")
    book.returned_because = _reason(reason)
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


def _lock(session: Session, of: BookOf) -> None:
    """Versions of one book are begun one after the other."""
    if of.class_id is not None:
        actions.locked(session, of.class_id)
        return
    key = f"gradebooks:{of.kind}:{of.school_id}:{of.school_year}:{of.teacher_id}:{of.part}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _reason(text: str) -> str:
    why = " ".join(text.split())
    if not 5 <= len(why) <= LONGEST_REASON:
        raise Invalid("Hãy ghi lý do, ít nhất 5 ký tự.", fields={"reason": "Hãy ghi lý do."})
    return why


def _step(session: Session, book: Gradebook, place: GradebookSignature) -> Step:
    others = place.kind is SignatureKind.SUBJECT and session.scalar(
        select(func.count())
        .select_from(GradebookSignature)
        .where(
            GradebookSignature.gradebook_id == book.id,
            GradebookSignature.kind == SignatureKind.SUBJECT,
            GradebookSignature.signed_at.is_(None),
            GradebookSignature.field != place.field,
        )
    )
    return states.signing(place.kind, is_last_subject=not others)


def _places(session: Session, book: Gradebook, form: BookForm) -> Sequence[GradebookSignature]:
    """The signature places in the order of the form; the signers are those of the book's data."""
    head = people.head_of(session, book.school_id, at=book.requested_at)
    head_id = None if head is None else head.person_id
    of_kind: dict[SignatureKind, Sequence[tuple[str, str | None, UUID | None]]] = {
        SignatureKind.TEACHER: [(TEACHER_FIELD, None, book.teacher_id)],
        SignatureKind.KEEPER: [(KEEPER_FIELD, None, book.requested_by)],
        SignatureKind.PRINCIPAL: [(PRINCIPAL_FIELD, None, head_id)],
        SignatureKind.SEAL: [(SEAL_FIELD, None, None)],
    }
    if book.class_id is not None:
        taught = session.scalars(
            select(ClassSubject)
            .where(ClassSubject.class_id == book.class_id)
            .order_by(ClassSubject.ordinal)
        )
        homeroom = session.get_one(SchoolClass, book.class_id).homeroom_teacher_id
        of_kind[SignatureKind.SUBJECT] = [
            (subject_field(each.code), each.code, each.teacher_id) for each in taught
        ]
        of_kind[SignatureKind.HOMEROOM] = [(HOMEROOM_FIELD, None, homeroom)]
    wanted = [(kind, *place) for kind in form.signing for place in of_kind[kind]]
    cited = {one.field: one for one in correcting.cited(session, book)}
    return [
        GradebookSignature(
            gradebook_id=book.id,
            field=field,
            school_id=book.school_id,
            ordinal=ordinal,
            kind=kind,
            subject_code=subject_code,
            signer_id=signer_id,
            **(_as_cited(cited[field]) if field in cited else {}),
        )
        for ordinal, (kind, field, subject_code, signer_id) in enumerate(wanted, start=1)
    ]


def _as_cited(one: Cited) -> dict[str, Any]:
    """A place that need not be signed again."""
    was = one.signature
    return {
        "signed_by": was.signed_by,
        "signed_at": was.signed_at,
        "capacity": was.capacity,
        "content_sha256": was.content_sha256,
        "cited_id": one.gradebook_id,
    }


def _promise_archiving(session: Session, book: Gradebook, *, at: datetime) -> None:
    called = book_queries.name(session, book.of)
    outbox.promise(
        session,
        "archive.ingest",
        at=at,
        kind="gradebook",
        source_id=book.id,
        content_sha256=book.content_sha256,
        agency_id=book.school_id,
        unit_id=book.school_id,
        title=called.full,
        number_notation=None,
        issued_on=civil_date(at),
        school_year=book.school_year,
        class_name=called.class_name,
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
    following = states.after(was, step)
    if following is State.CLOSED and book.supersedes_id is not None:
        _supersede(session, book, by=by, at=at)
    book.state = following
    if book.state is not was:
        book.state_since = at
        binding.tell(session, book.id, states.NAMES[book.state])
    if book.state not in states.BINDING:
        binding.release(session, book.id, at=at)
        diary_binding.release(session, book.id, at=at)
    if step is Step.RETURN:
        correcting.undo(session, book, by=by, at=at)
    if step is Step.SEAL:
        diary_binding.seal(session, book.id)
        correcting.finish(session, book, by=by, at=at)
    _record(
        session, f"gradebook.{step.value}", book, by=by, at=at, state=book.state.value, **details
    )


def _supersede(session: Session, book: Gradebook, *, by: Principal | str, at: datetime) -> None:
    """The version that was in force gives way, and stays readable and verifiable."""
    assert book.supersedes_id is not None
    earlier = _locked(session, book.supersedes_id)
    _take(session, earlier, Step.SUPERSEDE, by=by, at=at, superseded_by=book.id)
    session.flush()  # One version is in force at a time.


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
