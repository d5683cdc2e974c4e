"""The signatures of an outgoing document: the competent person's, and the agency's seal.

What differs from the signatures of other things is here; the order of the ceremony is in
`ceremony.py`. Form fields: `eoffice.printing.pdf_fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import actions as documents
from eoffice.documents import queries as document_queries
from eoffice.documents import steps
from eoffice.documents.actions import Content, ContentDiffers
from eoffice.documents.books import numbering
from eoffice.documents.copies import actions as copies
from eoffice.documents.form import rendering
from eoffice.documents.form import text as texts
from eoffice.documents.model import Document, DocumentVersion, VersionKind
from eoffice.documents.states import Step
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.signing import appendices, ceremony, competence
from eoffice.signing.model import Purpose
from eoffice.signing.subjects import ContentChanged, SignatureStep, Signed, SigningTask, Subject
from eoffice.web.principal import Principal

KIND = "document"

R = TypeVar("R")


def sign(
    document_id: UUID,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """ký ban hành: certify the document, or approve it where it bears initials; number and date
    may be filled in afterwards.

    Decree 30/2020, art. 13. Raises NoAuthority, SignerDiffers and what `ceremony.perform` raises.
    """
    return ceremony.perform(
        by,
        pin,
        step=SIGN,
        of=Subject(document_id),
        within=within,
    )


def seal(
    document_id: UUID,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """ký số của cơ quan: close the numbered page with the agency's seal (art. 14, 17).

    A page on which the number is still missing, because the numbering was interrupted, is filled
    in first.
    """
    numbering.finish(document_id, by=by)
    appendices.seal_all(document_id, pin, by=by)
    return ceremony.perform(
        by,
        pin,
        step=SEAL,
        of=Subject(document_id),
        within=within,
    )


def _begin_signature(session: Session, at: datetime, of: Subject, by: Principal) -> SigningTask:
    document, version = steps.locked_for(session, of.id, Step.SIGN, by=by)
    text = None if version.text is None else texts.parse(version.text)
    return _task(
        session,
        document,
        version,
        field=rendering.PERSON_SIGNATURE_FIELD,
        # A certification has to be the first signature of a file (ISO 32000-1, 12.8.1): behind
        # initials the competent person's is an approval like theirs (`initials`).
        purpose=Purpose.APPROVE if version.kind is VersionKind.INITIALLED else Purpose.CERTIFY,
        capacity=competence.words_of_right(session, text, document.agency_id, by=by, at=at),
        by=by,
        at=at,
    )


def _begin_seal(session: Session, at: datetime, of: Subject, by: Principal) -> SigningTask:
    document, version = steps.locked_for(session, of.id, Step.SEAL, by=by)
    return _task(
        session,
        document,
        version,
        field=rendering.SEAL_FIELD,
        purpose=Purpose.SEAL,
        capacity="Con dấu cơ quan",
        by=by,
        at=at,
    )


def _task(
    session: Session,
    document: Document,
    version: DocumentVersion,
    *,
    field: str,
    purpose: Purpose,
    capacity: str,
    by: Principal,
    at: datetime,
) -> SigningTask:
    letterhead = people.letterhead(session, document.agency_id, on=clock.civil_date(at))
    agency = people.unit(session, document.agency_id)
    assert version.content_sha256 is not None
    return SigningTask(
        subject_kind=KIND,
        subject_id=document.id,
        agency_id=document.agency_id,
        field=field,
        purpose=purpose,
        content_sha256=Sha256.parse(version.content_sha256),
        capacity=capacity,
        signer_name=by.full_name,
        unit_name=agency.name,
        place=letterhead.place,
        title=document.subject,
        path=f"/documents/{document.id}",
        superior_name=letterhead.superior,
        seal_unit_id=document.agency_id if purpose is Purpose.SEAL else None,
        words=copies.said_on_it(session, document.id, letterhead.own)
        if purpose is Purpose.SEAL
        else "",
    )


def _conclude_signature(session: Session, signed: Signed, *, by: Principal) -> None:
    with as_changed():
        documents.record_signed(
            session,
            signed.subject_id,
            _content(signed, session, by),
            source=signed.source,
            capacity=signed.capacity,
            by=by,
            at=signed.at,
        )


def _conclude_seal(session: Session, signed: Signed, *, by: Principal) -> None:
    with as_changed():
        documents.record_sealed(
            session,
            signed.subject_id,
            _content(signed, session, by),
            source=signed.source,
            by=by,
            at=signed.at,
        )


def _content(signed: Signed, session: Session, by: Principal) -> Content:
    """The signed file as the document records it; signing adds no page."""
    found = document_queries.document(session, signed.subject_id, who=by)
    return Content(signed.sha256, signed.size_bytes, found.latest.page_count or 1)


@contextmanager
def as_changed() -> Iterator[None]:
    """The document's own word for it becomes the ceremony's, which then begins again."""
    try:
        yield
    except ContentDiffers as differs:
        raise ContentChanged(differs.detail) from differs


SIGN: Final = SignatureStep("document.sign", _begin_signature, _conclude_signature)
SEAL: Final = SignatureStep("document.seal", _begin_seal, _conclude_seal)
