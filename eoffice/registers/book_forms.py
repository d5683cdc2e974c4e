"""The books of a school by kind: what each is made of, who asks for it, who signs it in turn.

Whoever asks for a book, makes it, reads it or lays it before its signers goes by this table. The
book of a class differs by the circular that governs the class.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy.orm import Session

from eoffice.assessment import tt22
from eoffice.classes import staff_queries
from eoffice.classes.model import SchoolClass
from eoffice.errors import Conflict
from eoffice.marks import record_queries
from eoffice.printing.page_codes import PageCode
from eoffice.registers import (
    book_kinds,
    class_sources,
    diary_sources,
    extraction,
    gradebook,
    rendering,
    rolls_sources,
    teacher_sources,
)
from eoffice.registers.book_kinds import NAMES, BookKind, BookOf, Rule
from eoffice.registers.kinds import class_book, class_diary, table, teacher_book
from eoffice.registers.kinds import rendering as kinds_rendering
from eoffice.registers.kinds.class_book import ClassBook
from eoffice.registers.kinds.class_register import ClassRegister
from eoffice.registers.kinds.parts import Citation
from eoffice.registers.kinds.table import Kind, RegisterKind
from eoffice.registers.states import SignatureKind


class NoBookForm(Conflict):
    """No register is made of classes of this grade under this circular."""


@dataclass(frozen=True, slots=True)
class Made:
    """A finished book, unsigned, and the data inside it."""

    pdf: bytes
    data: bytes
    page_count: int


def _no_part(part: str) -> str:
    return part


@dataclass(frozen=True, slots=True)
class BookForm:
    """How the books of one kind are made. See `of_register` for the usual way to write one."""

    title: str
    #: In this order: (SUBJECT, HOMEROOM | TEACHER | KEEPER | HOMEROOM)?, PRINCIPAL, SEAL.
    signing: tuple[SignatureKind, ...]
    #: The book as it stands in the tables: of what, version, instant.
    read: Callable[[Session, BookOf, int, datetime], Any]
    #: Raises NotComplete, naming what is missing.
    refuse_gaps: Callable[[Any], object]
    #: The book of what was read, with its corrections against an earlier signed file, and what it
    #: cites of an earlier version; the code stands on each page.
    make: Callable[[Any, bytes | None, Sequence[Citation], PageCode | None], Made]
    #: Who may ask for it, and who may read it.
    may_request: Rule
    may_read: Rule
    #: What the part of a book is called: "môn Toán học".
    part_name: Callable[[str], str] = _no_part


@dataclass(frozen=True, slots=True)
class Read:
    """What a register of the kinds' table is made of, and when it was read."""

    entered: Any
    made_at: datetime


def form(session: Session, of: BookOf) -> BookForm:
    """How this book is made and signed. Raises NoBookForm, ClassUnknown."""
    row = None if of.class_id is None else staff_queries.class_row(session, of.class_id)
    return of_kind(of.kind, row)


def of_kind(kind: BookKind, of_class: SchoolClass | None) -> BookForm:
    """The form of a kind; of a class's book by its class. Raises NoBookForm."""
    if kind is BookKind.CLASS_BOOK:
        assert of_class is not None
        return form_of(of_class.rule_set, of_class.grade)
    found = FORMS_BY_KIND.get(kind)
    if found is None:
        raise NoBookForm(f"Chưa có mẫu của {NAMES[kind].lower()}.")
    return found


def form_of(rule_set: str, grade: int) -> BookForm:
    """The form of the book that such a class keeps. Raises NoBookForm."""
    found = FORMS.get(rule_set)
    if found is None:
        raise NoBookForm(f"Chưa có mẫu sổ của lớp {grade} theo {rule_set}.")
    return found


def of_register(
    which: RegisterKind,
    *,
    read: Callable[[Session, BookOf, int, datetime], Any],
    may_request: Rule,
    may_read: Rule,
    gaps: Callable[[Any], list[str]] | None = None,
    part_name: Callable[[str], str] = _no_part,
) -> BookForm:
    """The form of a register that stands in the kinds' table: title, signing, pages are from there.

    `read` answers what was entered, as the kind's own type. `gaps` are those that keep it from
    being signed, where they are more than those that keep it from being printed.
    """
    kind = table.BY_KIND[which]
    return BookForm(
        title=kind.title,
        signing=kind.signing,
        read=partial(_read, read),
        refuse_gaps=partial(_refuse_gaps, kind=kind, gaps=gaps),
        make=partial(_make, kind=kind),
        may_request=may_request,
        may_read=may_read,
        part_name=part_name,
    )


def _read(
    entered: Callable[[Session, BookOf, int, datetime], Any],
    session: Session,
    of: BookOf,
    version: int,
    made_at: datetime,
) -> Read:
    return Read(entered(session, of, version, made_at), made_at)


def _refuse_gaps(
    read: Read, *, kind: Kind[Any, Any], gaps: Callable[[Any], list[str]] | None
) -> None:
    table.refuse_gaps((gaps or kind.gaps)(read.entered))
    table.data_of(kind, read.entered, made_at=read.made_at)


def _make(
    read: Read,
    earlier: bytes | None,
    cited: Sequence[Citation] = (),
    page_code: PageCode | None = None,
    *,
    kind: Kind[Any, Any],
) -> Made:
    entered = read.entered
    before = None if earlier is None else extraction.read_register(earlier)
    if before is not None and kind.corrected is not None:
        entered = kind.corrected(table.entered_of(before.data), entered)
    data = table.data_of(kind, entered, made_at=read.made_at, cited=cited)
    pdf = kinds_rendering.render(data, page_code)
    return Made(pdf, table.encoded(data), rendering.page_count(pdf))


def _make_class_book(
    read: Read,
    earlier: bytes | None,
    cited: Sequence[Citation] = (),
    page_code: PageCode | None = None,
) -> Made:
    """Its earlier version may be of the format that such books had before."""
    kind = table.BY_KIND[RegisterKind.CLASS_BOOK]
    old = None if earlier is None else extraction.read(earlier)
    if old is None:
        return _make(read, earlier, cited, page_code, kind=kind)
    told = class_book.corrected_from_gradebook(gradebook.source_of(old.data), read.entered)
    return _make(Read(told, read.made_at), None, cited, page_code, kind=kind)


def _class_book(session: Session, of: BookOf, version: int, made_at: datetime) -> ClassBook:
    remarks = record_queries.remarks(session, of.owned_class)
    return class_book.with_remarks(
        class_sources.register(session, of.owned_class, version=version, made_at=made_at),
        tuple(class_book.Remark(month, text) for month, text in remarks),
    )


def _class_register(session: Session, of: BookOf, version: int, made_at: datetime) -> ClassRegister:
    return class_sources.register(session, of.owned_class, version=version, made_at=made_at)


_CLASS_BOOK: Final = replace(
    of_register(
        RegisterKind.CLASS_BOOK,
        read=_class_book,
        may_request=book_kinds.homeroom_or_leader,
        may_read=book_kinds.class_readers,
    ),
    make=_make_class_book,
)
#: The book of a class, by rule set.
FORMS: Final = {
    tt22.RULE_SET: _CLASS_BOOK,
    **{
        rule_set: of_register(
            which,
            read=_class_register,
            may_request=book_kinds.homeroom_or_leader,
            may_read=book_kinds.class_readers,
        )
        for which in (RegisterKind.ROLL_BOOK, RegisterKind.PRIMARY_TABLE)
        for rule_set in table.BY_KIND[which].rule_sets
    },
}
#: Every other book, by kind.
FORMS_BY_KIND: Final[dict[BookKind, BookForm]] = {
    BookKind.TEACHER_BOOK: of_register(
        RegisterKind.TEACHER_BOOK,
        read=teacher_sources.book_of,
        gaps=teacher_book.gaps,
        may_request=book_kinds.is_owner,
        may_read=book_kinds.owner_readers,
        part_name=teacher_sources.subject_part,
    ),
    BookKind.CLASS_DIARY: of_register(
        RegisterKind.CLASS_DIARY,
        read=diary_sources.diary,
        gaps=class_diary.gaps,
        may_request=book_kinds.is_homeroom,
        may_read=book_kinds.class_readers,
    ),
    BookKind.HOMEROOM_BOOK: of_register(
        RegisterKind.HOMEROOM_BOOK,
        read=diary_sources.homeroom,
        may_request=book_kinds.is_homeroom,
        may_read=book_kinds.homeroom_and_leaders,
    ),
    BookKind.ENROLMENT_REGISTER: of_register(
        RegisterKind.ENROLMENT_REGISTER,
        read=rolls_sources.enrolment,
        may_request=book_kinds.is_office,
        may_read=book_kinds.office_readers,
    ),
    BookKind.MOVES_REGISTER: of_register(
        RegisterKind.MOVES_REGISTER,
        read=rolls_sources.moves,
        may_request=book_kinds.is_office,
        may_read=book_kinds.office_readers,
    ),
    BookKind.CERTIFICATES_REGISTER: of_register(
        RegisterKind.CERTIFICATES_REGISTER,
        read=rolls_sources.certificates,
        may_request=book_kinds.is_office,
        may_read=book_kinds.office_readers,
    ),
}
