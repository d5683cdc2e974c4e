"""The signatures of a book: teachers, keeper, homeroom teacher, principal, and the school's seal.

What differs from the signatures of other things is here; the order of the ceremony is that of
`eoffice.signing.ceremony`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.clock import civil_date
from eoffice.db import transaction
from eoffice.documents import types
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people import signers
from eoffice.registers import book_queries, gradebook_queries, gradebooks
from eoffice.registers.gradebooks import ContentDiffers, NotYourPart
from eoffice.registers.model import Gradebook, GradebookSignature
from eoffice.registers.states import SignatureKind, State
from eoffice.signing import ceremony
from eoffice.signing.model import Purpose
from eoffice.signing.subjects import ContentChanged, SignatureStep, Signed, SigningTask, Subject
from eoffice.web.principal import Principal

KIND = "gradebook"

R = TypeVar("R")


def sign(
    gradebook_id: UUID,
    field: str,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], State]], R],
) -> R:
    """Sign one place of a gradebook, or seal it; the state that follows goes to `within`.

    Raises FieldUnknown, NotYourPart, StepRefused, NoAuthority and what `ceremony.perform` raises.
    """
    return ceremony.perform(
        by,
        pin,
        step=SIGN,
        of=Subject(gradebook_id, field),
        within=within,
    )


def sign_mine(
    gradebook_id: UUID,
    field: str | None,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], State]], R],
    in_states: Collection[State] = tuple(State),
) -> R:
    """Sign one place, or one after the other every place that is this person's turn.

    Each signature is on record by itself; `within` runs with the last. A teacher of several
    subjects gives the PIN once. Interrupted, a repetition signs what is left.
    Raises NotYourPart when there is nothing to sign (in one of these states, where the PIN opens
    one of two keys), and what `sign` raises.
    """
    fields = [field] if field is not None else _mine(gradebook_id, by, in_states)
    if not fields:
        raise NotYourPart("Lúc này sổ không có phần nào chờ bạn ký.")
    *others, last = fields
    for other in others:
        sign(gradebook_id, other, pin, by=by, within=partial(_in_own_transaction, by))
    return sign(gradebook_id, last, pin, by=by, within=within)


def _mine(gradebook_id: UUID, by: Principal, in_states: Collection[State]) -> list[str]:
    with transaction(by.acting) as session:
        book = gradebook_queries.gradebook(session, gradebook_id, by)
    return [place.field for place in book.mine_now] if book.state in in_states else []


def _in_own_transaction(by: Principal, last: Callable[[Session], State]) -> State:
    with transaction(by.acting) as session:
        return last(session)


def _begin(session: Session, at: datetime, of: Subject, by: Principal) -> SigningTask:
    book, place = gradebooks.place_to_sign(session, of.id, of.field, by=by)
    letterhead = people.letterhead(session, book.school_id, on=civil_date(at))
    assert book.content_sha256 is not None
    return SigningTask(
        subject_kind=KIND,
        subject_id=book.id,
        agency_id=book.school_id,
        field=of.field,
        purpose=Purpose.SEAL if place.kind is SignatureKind.SEAL else Purpose.APPROVE,
        content_sha256=Sha256.parse(book.content_sha256),
        capacity=_capacity(session, book, place, by, at),
        signer_name=by.full_name,
        unit_name=people.unit(session, book.school_id).name,
        place=letterhead.place,
        title=book_queries.name(session, book.of).full,
        path=f"/registers/gradebooks/{book.id}",
        superior_name=letterhead.superior,
        seal_unit_id=book.school_id if place.kind is SignatureKind.SEAL else None,
    )


def _capacity(
    session: Session, book: Gradebook, place: GradebookSignature, by: Principal, at: datetime
) -> str:
    called = book_queries.name(session, book.of)
    if place.kind is SignatureKind.SUBJECT:
        assert place.subject_code is not None
        subject = gradebook_queries.subject_name(session, book.id, place.subject_code)
        return f"Giáo viên môn {subject} lớp {called.class_name}"
    if place.kind is SignatureKind.HOMEROOM:
        return f"Giáo viên chủ nhiệm lớp {called.class_name}"
    if place.kind is SignatureKind.TEACHER:
        part = gradebooks.form_of(session, book).part_name(book.part)
        return f"Giáo viên {part}".strip()
    if place.kind is SignatureKind.KEEPER:
        return "Người lập sổ"
    if place.kind is SignatureKind.PRINCIPAL:
        right = signers.strongest(session, by.person_id, book.school_id, at=at)
        return " ".join(types.capacity_lines(right.capacity, right.title, right.head_title)).upper()
    return "Con dấu của nhà trường"


def _conclude(session: Session, signed: Signed, *, by: Principal) -> State:
    try:
        return gradebooks.record_signature(
            session,
            signed.subject_id,
            signed.field,
            source=signed.source,
            result=signed.sha256,
            capacity=signed.capacity,
            by=by,
            at=signed.at,
        )
    except ContentDiffers as differs:
        raise ContentChanged(differs.detail) from differs


SIGN: Final = SignatureStep("gradebook.sign", _begin, _conclude)
