"""The book that a class keeps, by the circular that governs it: what it is made of, who signs it.

Whoever asks for a book, makes it or lays it before its signers goes by this table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.assessment import tt22
from eoffice.errors import Conflict
from eoffice.registers import class_sources, extraction, gradebook, rendering, sources
from eoffice.registers.gradebook import Source
from eoffice.registers.kinds import class_register, table
from eoffice.registers.kinds import rendering as kinds_rendering
from eoffice.registers.kinds.class_register import ClassRegister
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


@dataclass(frozen=True, slots=True)
class BookForm:
    """How the book of a class is made."""

    title: str
    signing: tuple[SignatureKind, ...]
    #: The class as it stands in the tables: class, version, instant.
    read: Callable[[Session, UUID, int, datetime], Any]
    #: Raises NotComplete, naming what is missing.
    refuse_gaps: Callable[[Any], object]
    #: The book of what was read, with its corrections against an earlier signed file.
    make: Callable[[Any, bytes | None], Made]


@dataclass(frozen=True, slots=True)
class _Read:
    register: ClassRegister
    made_at: datetime


def form_of(rule_set: str, grade: int) -> BookForm:
    """The form of the book that such a class keeps. Raises NoBookForm."""
    found = FORMS.get(rule_set)
    if found is None:
        raise NoBookForm(f"Chưa có mẫu sổ của lớp {grade} theo {rule_set}.")
    return found


def _of_circular_22(session: Session, class_id: UUID, version: int, made_at: datetime) -> Source:
    return sources.source(session, class_id, version=version, made_at=made_at)


def _make_of_circular_22(source: Source, earlier: bytes | None) -> Made:
    before = None if earlier is None else extraction.read(earlier)
    if before is not None:
        told = gradebook.corrections(gradebook.source_of(before.data), source)
        source = replace(source, corrections=told)
    data = gradebook.data_of(source)
    pdf = rendering.render(data, at=source.made_at)
    return Made(pdf, gradebook.encoded(data), rendering.page_count(pdf))


def _read(session: Session, class_id: UUID, version: int, made_at: datetime) -> _Read:
    found = class_sources.register(session, class_id, version=version, made_at=made_at)
    return _Read(found, made_at)


def _data(read: _Read, *, kind: Kind[Any, Any]) -> table.Json:
    return table.data_of(kind, read.register, made_at=read.made_at)


def _make(read: _Read, earlier: bytes | None, *, kind: Kind[Any, Any]) -> Made:
    before = None if earlier is None else extraction.read_register(earlier)
    if before is not None:
        told = class_register.corrections(table.entered_of(before.data), read.register)
        read = replace(read, register=replace(read.register, corrections=told))
    data = _data(read, kind=kind)
    pdf = kinds_rendering.render(data)
    return Made(pdf, table.encoded(data), rendering.page_count(pdf))


def _of_kind(which: RegisterKind) -> BookForm:
    kind = table.BY_KIND[which]
    return BookForm(
        title=kind.title,
        signing=kind.signing,
        read=_read,
        refuse_gaps=partial(_data, kind=kind),
        make=partial(_make, kind=kind),
    )


_CLASS_BOOK: Final = BookForm(
    title="Sổ theo dõi và đánh giá học sinh (theo lớp học)",
    signing=(
        SignatureKind.SUBJECT,
        SignatureKind.HOMEROOM,
        SignatureKind.PRINCIPAL,
        SignatureKind.SEAL,
    ),
    read=_of_circular_22,
    refuse_gaps=gradebook.data_of,
    make=_make_of_circular_22,
)
#: By rule set.
FORMS: Final = {
    tt22.RULE_SET: _CLASS_BOOK,
    **{
        rule_set: _of_kind(which)
        for which in (RegisterKind.ROLL_BOOK, RegisterKind.PRIMARY_TABLE)
        for rule_set in table.BY_KIND[which].rule_sets
    },
}
