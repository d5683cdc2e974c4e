"""What pages, programs and other actions ask about gradebooks: state, signatures, whose turn it is.

Read only; frozen answers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, or_, select
from sqlalchemy.orm import Session

from eoffice.classes import rules, staff_queries
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.classes.rules import ClassStaff
from eoffice.errors import Conflict, NotFound
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.registers import book_forms, states
from eoffice.registers.model import Gradebook, GradebookSignature
from eoffice.registers.states import SignatureKind, State
from eoffice.web.principal import Principal


class GradebookUnknown(NotFound):
    """There is no such gradebook, or the acting unit may not know of it."""


class NoHead(Conflict):
    """The school has no head who could approve its registers."""


@dataclass(frozen=True, slots=True)
class SignatureView:
    field: str
    kind: SignatureKind
    #: What is signed for: "Toán học", "Giáo viên chủ nhiệm"…
    part: str
    #: Who has to sign, or did.
    signer: str
    signer_id: UUID | None
    signed_at: datetime | None
    #: Whether the person who asks can sign here now.
    is_mine_now: bool


@dataclass(frozen=True, slots=True)
class GradebookView:
    id: UUID
    class_id: UUID
    class_name: str
    school_year: str
    school_id: UUID
    school_name: str
    #: "Sổ gọi tên và ghi điểm"
    title: str
    version: int
    state: State
    state_since: datetime
    requested_at: datetime
    content_sha256: str | None
    data_sha256: str | None
    page_count: int | None
    returned_because: str | None
    signatures: tuple[SignatureView, ...]
    may_return: bool

    @property
    def mine_now(self) -> tuple[SignatureView, ...]:
        return tuple(signature for signature in self.signatures if signature.is_mine_now)


@dataclass(frozen=True, slots=True)
class AwaitedBook:
    """A gradebook that waits for the person who asks."""

    gradebook_id: UUID
    class_name: str
    school_year: str
    state: State
    state_since: datetime
    parts: int


def gradebook(session: Session, gradebook_id: UUID, who: Principal) -> GradebookView:
    """Raises GradebookUnknown, NotOfTheClass."""
    row = session.get(Gradebook, gradebook_id)
    if row is None:
        raise GradebookUnknown("Không có sổ này, hoặc đơn vị đang làm việc không được xem.")
    team = staff_queries.staff(session, row.class_id)
    staff_queries.require_reader(who, team)
    of_class = staff_queries.class_row(session, row.class_id)
    return GradebookView(
        id=row.id,
        class_id=row.class_id,
        class_name=of_class.name,
        school_year=of_class.school_year,
        school_id=row.school_id,
        school_name=people.unit(session, row.school_id).name,
        title=book_forms.form_of(of_class.rule_set, of_class.grade).title,
        version=row.version,
        state=row.state,
        state_since=row.state_since,
        requested_at=row.requested_at,
        content_sha256=row.content_sha256,
        data_sha256=row.data_sha256,
        page_count=row.page_count,
        returned_because=row.returned_because,
        signatures=_signatures(session, row, team, who),
        may_return=rules.may_return(staff_queries.actor(who), team)
        and (row.state, states.Step.RETURN) in states.TABLE,
    )


def awaiting(session: Session, who: Principal) -> tuple[AwaitedBook, ...]:
    """The books that this person can sign now, those that wait longest first."""
    kind = PositionKind(who.position_kind)
    parts: Counter[UUID] = Counter()
    books: dict[UUID, AwaitedBook] = {}
    query = (
        select(Gradebook, GradebookSignature, SchoolClass.name, SchoolClass.school_year)
        .join(GradebookSignature, GradebookSignature.gradebook_id == Gradebook.id)
        .join(SchoolClass, SchoolClass.id == Gradebook.class_id)
        .where(
            Gradebook.school_id == who.agency_id,
            GradebookSignature.signed_at.is_(None),
            GradebookSignature.kind
            == case(
                *((Gradebook.state == state, turn.value) for state, turn in TURN.items()),
                else_=None,
            ),
            or_(
                GradebookSignature.signer_id == who.person_id,
                GradebookSignature.kind == SignatureKind.SEAL,
            ),
        )
        .order_by(Gradebook.state_since, SchoolClass.name)
    )
    for book, signature, name, year in session.execute(query):
        if signature.kind is SignatureKind.SEAL and kind is not PositionKind.CLERK:
            continue
        parts[book.id] += 1
        books[book.id] = AwaitedBook(
            book.id, name, year, book.state, book.state_since, parts[book.id]
        )
    return tuple(books.values())


#: Whose turn it is to sign in which state.
TURN: dict[State, SignatureKind] = {
    State.AWAITING_TEACHERS: SignatureKind.SUBJECT,
    State.AWAITING_HOMEROOM: SignatureKind.HOMEROOM,
    State.AWAITING_PRINCIPAL: SignatureKind.PRINCIPAL,
    State.AWAITING_SEAL: SignatureKind.SEAL,
}


def _signatures(
    session: Session, book: Gradebook, team: ClassStaff, who: Principal
) -> tuple[SignatureView, ...]:
    rows = session.scalars(
        select(GradebookSignature)
        .where(GradebookSignature.gradebook_id == book.id)
        .order_by(GradebookSignature.ordinal)
    ).all()
    ids = {row.signed_by or row.signer_id for row in rows} - {None}
    names = dict(
        session.execute(select(Person.id, Person.full_name).where(Person.id.in_(ids))).all()
    )
    found = []
    for row in rows:
        signer_id = row.signed_by or row.signer_id
        found.append(
            SignatureView(
                field=row.field,
                kind=row.kind,
                part=part_name(session, row),
                signer="Văn thư" if signer_id is None else names[signer_id],
                signer_id=signer_id,
                signed_at=row.signed_at,
                is_mine_now=row.signed_at is None
                and TURN.get(book.state) is row.kind
                and signs(row, team, who),
            )
        )
    return tuple(found)


def signs(row: GradebookSignature, team: ClassStaff, who: Principal) -> bool:
    """Whether this place in the book is this person's to sign."""
    if row.kind is SignatureKind.SEAL:
        return rules.may_seal(staff_queries.actor(who), team)
    if row.kind is SignatureKind.PRINCIPAL and not rules.may_lead(staff_queries.actor(who), team):
        return False
    return row.signer_id == who.person_id and who.agency_id == team.school_id


def part_name(session: Session, place: GradebookSignature) -> str:
    """What a place in the book is signed for."""
    if place.kind is SignatureKind.SUBJECT and place.subject_code is not None:
        return subject_name(session, place.gradebook_id, place.subject_code)
    return {
        SignatureKind.HOMEROOM: "Giáo viên chủ nhiệm",
        SignatureKind.PRINCIPAL: "Hiệu trưởng",
        SignatureKind.SEAL: "Con dấu của nhà trường",
    }[place.kind]


def subject_name(session: Session, gradebook_id: UUID, code: str) -> str:
    """A subject as the class of the book has it."""
    return session.scalars(
        select(ClassSubject.name)
        .join(Gradebook, Gradebook.class_id == ClassSubject.class_id)
        .where(Gradebook.id == gradebook_id, ClassSubject.code == code)
    ).one()
