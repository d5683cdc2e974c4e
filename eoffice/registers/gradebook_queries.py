"""What pages, programs and other actions ask about books: state, signatures, whose turn it is.

Read only; frozen answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.classes.staff_queries import NotOfTheClass
from eoffice.errors import Conflict, NotAllowed, NotFound
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.registers import book_forms, book_kinds, book_queries, states
from eoffice.registers.book_kinds import BookKind, BookOf, Circle
from eoffice.registers.model import Gradebook, GradebookSignature
from eoffice.registers.states import SignatureKind, State
from eoffice.web.principal import Principal

_UNSIGNED = (
    "Sổ chủ nhiệm chưa được hiệu trưởng ký chỉ dành cho giáo viên chủ nhiệm và ban giám hiệu."
)
#: Books of one list.
MOST_BOOKS = 500


class GradebookUnknown(NotFound):
    """There is no such gradebook, or the acting unit may not know of it."""


class NoHead(Conflict):
    """The school has no head who could approve its registers."""


class NotYourBook(NotAllowed):
    """The book is for its owner, the school's leaders and clerk, and its superiors."""


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
    #: The version in which this was signed, where it need not be signed again.
    cited_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class GradebookView:
    id: UUID
    kind: BookKind
    #: None, and the name too, of a book that is not of a class.
    class_id: UUID | None
    class_name: str | None
    teacher_id: UUID | None
    part: str
    school_year: str
    school_id: UUID
    school_name: str
    #: "Sổ gọi tên và ghi điểm"
    title: str
    #: "lớp 7A1" · "môn Toán học, giáo viên Nguyễn Văn An"; empty for a book of the school.
    about: str
    #: "Sổ gọi tên và ghi điểm lớp 7A1, năm học 2017-2018"
    name: str
    version: int
    #: The version that this one replaces, or replaced, once it is sealed; and why it was made.
    supersedes_id: UUID | None
    because: str | None
    #: The version that took the place of this one.
    superseded_by: UUID | None
    state: State
    state_since: datetime
    requested_at: datetime
    content_sha256: str | None
    data_sha256: str | None
    page_count: int | None
    returned_because: str | None
    signatures: tuple[SignatureView, ...]
    may_return: bool
    #: Whether the person who asks may have another version made in the place of this closed one.
    may_replace: bool

    @property
    def mine_now(self) -> tuple[SignatureView, ...]:
        return tuple(signature for signature in self.signatures if signature.is_mine_now)


@dataclass(frozen=True, slots=True)
class AwaitedBook:
    """A book that waits for the person who asks."""

    gradebook_id: UUID
    kind: BookKind
    #: "Sổ gọi tên và ghi điểm lớp 7A1, năm học 2017-2018"
    name: str
    class_name: str | None
    school_year: str
    state: State
    state_since: datetime
    parts: int


@dataclass(frozen=True, slots=True)
class BookRow:
    """A book in a list: its newest version that was not returned, or the newest of all."""

    id: UUID
    of: BookOf
    title: str
    about: str
    school_year: str
    version: int
    state: State
    state_since: datetime


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a book, in its history."""

    id: UUID
    version: int
    state: State
    state_since: datetime
    requested_at: datetime
    supersedes_id: UUID | None
    because: str | None
    returned_because: str | None
    has_content: bool


def gradebook(session: Session, gradebook_id: UUID, who: Principal) -> GradebookView:
    """Raises GradebookUnknown, NotOfTheClass, NotYourBook."""
    row = session.get(Gradebook, gradebook_id)
    if row is None:
        raise GradebookUnknown("Không có sổ này, hoặc đơn vị đang làm việc không được xem.")
    circle = book_queries.circle(session, row.of)
    require_reader(session, row.of, circle, who)
    if not _may_read_as_it_stands(session, row, circle, who):
        raise NotYourBook(_UNSIGNED)
    called = book_queries.name(session, row.of)
    return GradebookView(
        id=row.id,
        kind=row.kind,
        class_id=row.class_id,
        class_name=called.class_name,
        teacher_id=row.teacher_id,
        part=row.part,
        school_year=row.school_year,
        school_id=row.school_id,
        school_name=people.unit(session, row.school_id).name,
        title=called.title,
        about=called.about,
        name=called.full,
        version=row.version,
        supersedes_id=row.supersedes_id,
        because=row.because,
        superseded_by=session.scalar(
            select(Gradebook.id).where(
                Gradebook.supersedes_id == row.id,
                Gradebook.state.in_((State.CLOSED, State.SUPERSEDED)),
            )
        ),
        state=row.state,
        state_since=row.state_since,
        requested_at=row.requested_at,
        content_sha256=row.content_sha256,
        data_sha256=row.data_sha256,
        page_count=row.page_count,
        returned_because=row.returned_because,
        signatures=_signatures(session, row, circle, who),
        may_return=book_kinds.may_return(staff_queries.actor(who), circle)
        and (row.state, states.Step.RETURN) in states.TABLE,
        may_replace=row.state is State.CLOSED
        and row.kind not in book_kinds.BINDING_KINDS
        and book_forms.form(session, row.of).may_request(staff_queries.actor(who), circle)
        and not session.scalar(
            select(Gradebook.id).where(*of_book(row.of), Gradebook.state.in_(states.MAKING))
        ),
    )


def require_reader(session: Session, of: BookOf, circle: Circle, who: Principal) -> None:
    """Raises NotOfTheClass, NotYourBook."""
    if book_forms.form(session, of).may_read(staff_queries.actor(who), circle):
        return
    if of.kind is BookKind.CLASS_BOOK:
        raise NotOfTheClass(
            "Điểm và kết quả chỉ dành cho giáo viên của lớp, ban giám hiệu, văn thư của trường và "
            "lãnh đạo, chuyên viên của cơ quan quản lý."
        )
    raise NotYourBook(
        "Sổ này chỉ dành cho người giữ sổ, ban giám hiệu, văn thư của trường và lãnh đạo, chuyên "
        "viên của cơ quan quản lý."
    )


def _may_read_as_it_stands(
    session: Session, row: Gradebook, circle: Circle, who: Principal
) -> bool:
    """Whether a reader of the book may read this version: signed by the head, or no secret."""
    return book_kinds.reads_unsigned(row.kind, staff_queries.actor(who), circle) or bool(
        session.scalar(
            select(GradebookSignature.field).where(
                GradebookSignature.gradebook_id == row.id,
                GradebookSignature.kind == SignatureKind.PRINCIPAL,
                GradebookSignature.signed_at.is_not(None),
            )
        )
    )


def awaiting(session: Session, who: Principal) -> tuple[AwaitedBook, ...]:
    """The books that this person can sign now, those that wait longest first."""
    kind = PositionKind(who.position_kind)
    parts: Counter[UUID] = Counter()
    books: dict[UUID, Gradebook] = {}
    turns = ((state, turn.value) for state, kinds in states.TURNS.items() for turn in kinds)
    query = (
        select(Gradebook, GradebookSignature)
        .join(GradebookSignature, GradebookSignature.gradebook_id == Gradebook.id)
        .where(
            Gradebook.school_id == who.agency_id,
            GradebookSignature.signed_at.is_(None),
            tuple_(Gradebook.state, GradebookSignature.kind).in_(list(turns)),
            or_(
                GradebookSignature.signer_id == who.person_id,
                GradebookSignature.kind == SignatureKind.SEAL,
            ),
        )
        .order_by(Gradebook.state_since, Gradebook.id)
    )
    for book, signature in session.execute(query):
        if signature.kind is SignatureKind.SEAL and kind is not PositionKind.CLERK:
            continue
        parts[book.id] += 1
        books[book.id] = book
    called = book_queries.names(session, [book.of for book in books.values()])
    return tuple(
        AwaitedBook(
            gradebook_id=book.id,
            kind=book.kind,
            name=called[book.of].full,
            class_name=called[book.of].class_name,
            school_year=book.school_year,
            state=book.state,
            state_since=book.state_since,
            parts=parts[book.id],
        )
        for book in sorted(
            books.values(), key=lambda book: (book.state_since, called[book.of].full)
        )
    )


def books(
    session: Session,
    who: Principal,
    *,
    kinds: Collection[BookKind] = tuple(BookKind),
    school_year: str | None = None,
    class_id: UUID | None = None,
) -> tuple[BookRow, ...]:
    """The books that this person may read, each once; the newest school year first.

    At most MOST_BOOKS versions are looked through.
    """
    query = (
        select(Gradebook)
        .where(Gradebook.kind.in_(kinds))
        .order_by(Gradebook.school_year.desc(), Gradebook.kind, Gradebook.version)
        .limit(MOST_BOOKS)
    )
    if school_year is not None:
        query = query.where(Gradebook.school_year == school_year)
    if class_id is not None:
        query = query.where(Gradebook.class_id == class_id)
    if PositionKind(who.position_kind) is PositionKind.TEACHER:
        taught = select(ClassSubject.class_id).where(ClassSubject.teacher_id == who.person_id)
        led = select(SchoolClass.id).where(SchoolClass.homeroom_teacher_id == who.person_id)
        query = query.where(
            or_(
                Gradebook.teacher_id == who.person_id,
                Gradebook.class_id.in_(taught),
                Gradebook.class_id.in_(led),
            )
        )
    newest: dict[BookOf, Gradebook] = {}
    for row in session.scalars(query):
        if row.kind is BookKind.HOMEROOM_BOOK and not _may_read_as_it_stands(
            session, row, book_queries.circle(session, row.of), who
        ):
            continue
        known = newest.get(row.of)
        if known is None or row.state is not State.RETURNED or known.state is State.RETURNED:
            newest[row.of] = row
    actor = staff_queries.actor(who)
    called = book_queries.names(session, list(newest))
    return tuple(
        BookRow(
            id=row.id,
            of=of,
            title=called[of].title,
            about=called[of].about,
            school_year=of.school_year,
            version=row.version,
            state=row.state,
            state_since=row.state_since,
        )
        for of, row in newest.items()
        if book_forms.form(session, of).may_read(actor, book_queries.circle(session, of))
    )


def versions(session: Session, gradebook_id: UUID, who: Principal) -> tuple[VersionRow, ...]:
    """All versions of the book to which this one belongs, the newest first.

    Raises GradebookUnknown, NotOfTheClass, NotYourBook.
    """
    row = session.get(Gradebook, gradebook_id)
    if row is None:
        raise GradebookUnknown("Không có sổ này, hoặc đơn vị đang làm việc không được xem.")
    circle = book_queries.circle(session, row.of)
    require_reader(session, row.of, circle, who)
    return tuple(
        VersionRow(
            id=each.id,
            version=each.version,
            state=each.state,
            state_since=each.state_since,
            requested_at=each.requested_at,
            supersedes_id=each.supersedes_id,
            because=each.because,
            returned_because=each.returned_because,
            has_content=each.content_sha256 is not None,
        )
        for each in session.scalars(
            select(Gradebook).where(*of_book(row.of)).order_by(Gradebook.version.desc())
        )
        if _may_read_as_it_stands(session, each, circle, who)
    )


def is_one_book(session: Session, one_id: UUID, other_id: UUID) -> bool:
    """Whether the two are versions of the same book."""
    return session.get_one(Gradebook, one_id).of == session.get_one(Gradebook, other_id).of


def of_book(of: BookOf) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row is a version of this book."""
    return (
        Gradebook.kind == of.kind,
        Gradebook.school_id == of.school_id,
        Gradebook.school_year == of.school_year,
        Gradebook.class_id.is_not_distinct_from(of.class_id),
        Gradebook.teacher_id.is_not_distinct_from(of.teacher_id),
        Gradebook.part == of.part,
    )


def _signatures(
    session: Session, book: Gradebook, circle: Circle, who: Principal
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
                and row.kind in states.TURNS.get(book.state, ())
                and signs(row, circle, who),
                cited_id=row.cited_id,
            )
        )
    return tuple(found)


def signs(row: GradebookSignature, circle: Circle, who: Principal) -> bool:
    """Whether this place in the book is this person's to sign."""
    actor = staff_queries.actor(who)
    if row.kind is SignatureKind.SEAL:
        return book_kinds.is_clerk(actor, circle)
    if row.kind is SignatureKind.PRINCIPAL and not book_kinds.is_leader(actor, circle):
        return False
    return row.signer_id == who.person_id and who.agency_id == circle.school_id


def part_name(session: Session, place: GradebookSignature) -> str:
    """What a place in the book is signed for."""
    if place.kind is SignatureKind.SUBJECT and place.subject_code is not None:
        return subject_name(session, place.gradebook_id, place.subject_code)
    return {
        SignatureKind.TEACHER: "Giáo viên",
        SignatureKind.KEEPER: "Người lập sổ",
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
