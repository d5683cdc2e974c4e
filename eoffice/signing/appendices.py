"""The agency's signature on each appendix that is a file of its own, made when the clerk seals.

One ceremony for each file, before the seal of the document itself; who was interrupted seals again,
and files that are signed already stay as they are. Decree 30/2020, Annex I, part I, III.1.d.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import transaction
from eoffice.documents import steps
from eoffice.documents.drafts import appendix_files
from eoffice.documents.drafts.appendix_files import ToSign
from eoffice.documents.form import text_signature
from eoffice.documents.states import Step
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.signing import ceremony
from eoffice.signing.ceremony import SignatureAwaited
from eoffice.signing.model import Purpose
from eoffice.signing.subjects import ContentChanged, SignatureStep, Signed, SigningTask, Subject
from eoffice.web.principal import Principal

KIND = "attachment"


def seal_all(document_id: UUID, pin: str, *, by: Principal) -> None:
    """Sign every separate PDF of the numbered document. Raises what `ceremony.perform` raises.

    What one file waits for keeps none of the others from being signed.
    """
    with transaction(by.acting) as session:
        files = appendix_files.waiting(session, document_id, by=by)
    awaited: SignatureAwaited | None = None
    for file in files:
        prepared = _prepared(file)
        if prepared is None:
            continue
        try:
            ceremony.perform(
                by,
                pin,
                step=SEAL,
                of=Subject(file.id),
                begin=partial(_begin, document_id=document_id, file=file, source=prepared, by=by),
                within=partial(_within, by=by),
            )
        except SignatureAwaited as one:
            awaited = awaited or one
    if awaited is not None:
        raise awaited


def _prepared(file: ToSign) -> Sha256 | None:
    """The file with room for the signature, in the store; None where it came signed."""
    store = configured.store()
    pdf = store.get(file.content_sha256)
    if text_signature.is_signed(pdf):
        return None
    return store.put(text_signature.with_field(pdf), "application/pdf")


def _begin(
    session: Session,
    at: datetime,
    *,
    document_id: UUID,
    file: ToSign,
    source: Sha256,
    by: Principal,
) -> SigningTask:
    document, _ = steps.locked_for(session, document_id, Step.SEAL, by=by)
    agency = people.unit(session, document.agency_id)
    letterhead = people.letterhead(session, document.agency_id, on=clock.civil_date(at))
    return SigningTask(
        subject_kind=KIND,
        subject_id=file.id,
        agency_id=document.agency_id,
        field=text_signature.FIELD,
        purpose=Purpose.SEAL,
        content_sha256=source,
        capacity="Con dấu cơ quan",
        signer_name=by.full_name,
        unit_name=agency.name,
        place=letterhead.place,
        title=f"{file.name} ({document.subject})",
        path=f"/documents/{document.id}",
        superior_name=letterhead.superior,
        seal_unit_id=document.agency_id,
        words=appendix_files.said_on_it(document),
    )


def _begin_again(_session: Session, _at: datetime, _of: Subject, _by: Principal) -> SigningTask:
    """Nobody else signs such a file, so its content never changes in between."""
    raise ContentChanged("Phụ lục đã thay đổi trong lúc chờ ký. Hãy đóng dấu lại.")


def _conclude(session: Session, signed: Signed, *, by: Principal) -> None:
    appendix_files.record_signed(
        session,
        signed.subject_id,
        signed.sha256,
        signed.size_bytes,
        by=by,
        at=signed.at,
    )


def _within(last: Callable[[Session], None], *, by: Principal) -> None:
    with transaction(by.acting) as session:
        last(session)


SEAL: Final = SignatureStep("attachment.seal", _begin_again, _conclude)
