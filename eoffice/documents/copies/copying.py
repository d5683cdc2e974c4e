"""Making a copy outside of transactions: read, lay out the pages, keep them, begin the document."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import types
from eoffice.documents.actions import Content
from eoffice.documents.copies import actions as copies
from eoffice.documents.copies import making as copy_making
from eoffice.documents.copies.actions import Source
from eoffice.documents.copies.making import Block
from eoffice.documents.drafts import writing_form
from eoffice.documents.form import rendering
from eoffice.documents.form import text as texts
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import CopyMedium
from eoffice.documents.types import DocumentType
from eoffice.errors import Invalid
from eoffice.objects import configured
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.rules import Capacity
from eoffice.people.signers import Signer
from eoffice.web.principal import Principal

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the clerk asks for."""

    kind: DocumentType
    medium: CopyMedium
    #: "1, 3-5" for an extract; empty for the whole.
    pages: str
    #: As `writing_form.signer_options` names them.
    signer: str
    #: nơi nhận, one each
    recipients: tuple[str, ...]


def make(
    source: Source,
    wanted: Wanted,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], UUID]], R],
) -> R:
    """Lay out the pages of a copy and begin it; `within` takes the last step.

    Raises NotAllowed, Invalid, UploadUnreadable, StoreUnavailable.
    """
    at = clock.now()
    copies.require_copier(PositionKind(by.position_kind))
    copies.require_pages(wanted.kind, wanted.pages)
    with db.transaction(by.acting) as session:
        head = people.letterhead(session, by.agency_id, on=clock.civil_date(at))
        signer = writing_form.chosen_signer(session, wanted.signer, by.agency_id, at=at)
    if signer is None:
        raise Invalid("Chưa chọn người ký bản sao.", fields={"signer": "Chọn người ký bản sao."})
    text = _text(source, wanted, signer)
    original = configured.store().get(source.content_sha256)
    pages = copy_making.chosen_pages(wanted.pages, rendering.page_count(original))
    if wanted.medium is CopyMedium.ELECTRONIC:
        pdf = copy_making.electronic(original, pages)
    else:
        pdf = copy_making.paper(
            original,
            pages,
            Block(
                form=types.name(wanted.kind).upper(),
                agency=head.own,
                place=head.place,
                notation=types.notation(wanted.kind, head.notation),
                recipients=text.recipients,
                signing_lines=texts.capacity_lines(text),
                signer_name=text.signer_name,
            ),
            at=at,
        )
    sha256 = configured.store().put(pdf, "application/pdf")
    content = Content(sha256, len(pdf), rendering.page_count(pdf))

    def last(session: Session) -> UUID:
        return copies.begin(
            session,
            wanted.kind,
            wanted.medium,
            source,
            text,
            content,
            pages=wanted.pages,
            by=by,
            at=clock.now(),
        )

    return within(last)


def signers(by: Principal, *, at: datetime) -> list[tuple[str, str]]:
    """Who may sign the copy today."""
    with db.transaction(by.acting) as session:
        return writing_form.signer_options(session, by.agency_id, at=at)


def _text(source: Source, wanted: Wanted, signer: Signer) -> DispatchText:
    written = "" if source.issued_on is None else f" ngày {source.issued_on:%d/%m/%Y}"
    subject = f"{types.name(wanted.kind)} văn bản số {source.code}{written} của {source.agency}"
    return texts.parse(
        {
            "subject": f"{subject}: {source.subject}"[: texts.SUBJECT_LENGTH],
            "recipients": list(wanted.recipients),
            "filing": "VT",
            "capacity": signer.right.capacity.value,
            "on_behalf_of": signer.right.head_title
            if signer.right.capacity not in (Capacity.HEAD, Capacity.ACTING)
            else "",
            "signer_title": signer.right.title,
            "signer_name": signer.full_name,
        }
    )
