"""Making a copy outside of transactions: read the original, set the pages, keep them, the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive.model import ArchiveEntry
from eoffice.classes.model import Pupil
from eoffice.documents import types
from eoffice.errors import Conflict, Invalid
from eoffice.extracts import actions, lines, rendering, states
from eoffice.extracts.actions import NewCopy
from eoffice.extracts.rendering import Block
from eoffice.extracts.states import CopyKind, SourceKind
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people import signers
from eoffice.registers import extraction, gradebook_queries
from eoffice.registers.states import State
from eoffice.reports import part_queries
from eoffice.reports.states import IN_FORCE
from eoffice.web.principal import Principal

R = TypeVar("R")


class NotCopied(Conflict):
    """Only what is closed and in force is copied, and only by the school that issued it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    kind: CopyKind
    source_kind: SourceKind
    source_id: UUID
    #: Whose lines, for an extract of a class's book.
    pupil_id: UUID | None
    requester: str
    purpose: str
    signer_id: UUID


@dataclass(frozen=True, slots=True)
class Source:
    title: str
    sha256: Sha256
    pupil_id: UUID | None
    archive_entry_id: UUID | None


def make(wanted: Wanted, *, by: Principal, within: Callable[[Callable[[Session], UUID]], R]) -> R:
    """Set the pages under the next number; `within` runs all of it in one transaction.

    Raises NotAllowed, NotCopied, NotInBook, Invalid, CannotBePrinted, StoreUnavailable.
    """
    at = clock.now()
    actions.said(wanted.requester, "requester", "Ghi người hoặc cơ quan đề nghị.")
    actions.said(wanted.purpose, "purpose", "Ghi mục đích sử dụng bản sao.")
    with db.transaction(by.acting) as session:
        actions.require_office(by)
        source = of_source(session, wanted.source_kind, wanted.source_id, by=by)
    original = configured.store().get(source.sha256)

    def last(session: Session) -> UUID:
        head = people.letterhead(session, by.agency_id, on=clock.civil_date(at))
        signer = next(
            (
                one
                for one in signers.of_agency(session, by.agency_id, at=at)
                if one.person_id == wanted.signer_id
            ),
            None,
        )
        if signer is None:
            message = "Chọn người ký bản sao trong danh sách."
            raise Invalid(message, fields={"signer_id": message})
        chosen = wanted.pupil_id if wanted.kind is CopyKind.EXTRACT else None
        pupil_id = source.pupil_id or chosen
        pupil = None if pupil_id is None else session.get(Pupil, pupil_id)
        number, year = actions.take_number(session, by=by, at=at)
        notation = f"{states.ABBREVIATIONS[wanted.kind]}-{head.notation}"
        right = signer.right
        block = Block(
            form=states.KIND_NAMES[wanted.kind].upper(),
            code=f"{number:02}/{notation}",
            school=people.unit(session, by.agency_id).name,
            place=head.place,
            source=source.title,
            digest=str(source.sha256),
            signing_lines=types.capacity_lines(right.capacity, right.title, right.head_title),
            signer=signer.full_name,
            recipient=wanted.requester,
        )
        if wanted.kind is CopyKind.WHOLE:
            pdf = rendering.whole(original, block, at=at)
        else:
            told = extraction.data_of(original)
            if told is None or pupil is None or source.pupil_id is not None:
                raise lines.NotInBook("Trích sao là trích các dòng của một học sinh từ sổ của lớp.")
            pdf = rendering.extract(lines.of(told, pupil.code), block, at=at)
        new = NewCopy(
            id=db.new_id(),
            kind=wanted.kind,
            source_kind=wanted.source_kind,
            source_id=wanted.source_id,
            source_title=source.title,
            source_sha256=str(source.sha256),
            archive_entry_id=source.archive_entry_id,
            pupil_id=None if pupil is None else pupil.id,
            pupil_name="" if pupil is None else pupil.name,
            number=number,
            year=year,
            notation=notation,
            requester=wanted.requester,
            purpose=wanted.purpose,
            signer_id=wanted.signer_id,
            content_sha256=configured.store().put(pdf, "application/pdf"),
            page_count=rendering.page_count(pdf),
        )
        return actions.make(session, new, by=by, at=at)

    return within(last)


def of_source(session: Session, kind: SourceKind, source_id: UUID, *, by: Principal) -> Source:
    """A closed original of the acting school. Raises NotCopied and what reading it raises."""
    pupil_id: UUID | None = None
    if kind is SourceKind.GRADEBOOK:
        book = gradebook_queries.gradebook(session, source_id, by)
        school_id, digest = book.school_id, book.content_sha256
        is_closed, title = book.state is State.CLOSED, book.name
    else:
        part = part_queries.row_for_reader(session, source_id, by)
        school_id, digest, pupil_id = part.school_id, part.content_sha256, part.pupil_id
        is_closed = part.state in IN_FORCE
        title = f"Học bạ của {part.pupil_name}, lớp {part.class_name}, năm học {part.school_year}"
    if not is_closed or digest is None or school_id != by.agency_id:
        raise NotCopied("Chỉ sao sổ, học bạ đã khóa, còn hiệu lực và do trường mình lập.")
    entry = session.scalar(
        select(ArchiveEntry.id).where(
            ArchiveEntry.source_id == source_id, ArchiveEntry.source_sha256 == digest
        )
    )
    return Source(title, Sha256.parse(digest), pupil_id, entry)
