"""ký nháy: the initials of those who answer for content and form, as real signatures.

Decree 30/2020, art. 12 and 13: they stand on the draft before the competent person signs. On real
documents the drafter's is the first signature of the file and those of the deputy director and the
agency follow as further revisions. So they are made here as well: each is an approval signature
(PAdES B-T) in a small field that the page got when it was submitted.

A certification, which says what may still be changed in a file, must be its first signature (ISO
32000-1, 12.8.1). It cannot be the initials', for whoever puts them does not decide what becomes of
the document; and it cannot be the head's behind them. The choice is therefore: on a document with
initials the competent person signs with an approval signature too. Nothing is lost by that. Number
and date are filled into fields that exist already, which approval signatures permit; the agency's
seal then locks every field (FieldMDP), and readers and the office's own verifier call all of them
intact. A document without initials is certified as before (`dispatches`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import queries as documents
from eoffice.documents.actions import Content
from eoffice.documents.drafts import drafting
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.rules import Task
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.signing import ceremony, dispatches
from eoffice.signing.model import Purpose
from eoffice.signing.subjects import SignatureStep, Signed, SigningTask, Subject
from eoffice.web.principal import Principal

R = TypeVar("R")


def put(
    document_id: UUID,
    pin: str,
    *,
    by: Principal,
    at: datetime,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """Put the initials that the flow asks of this person on the page, and so agree to the step.

    Raises StepNotYours, FormBroken (initials for the form while the check finds an error), and
    what `ceremony.perform` raises.
    """
    if task_of(document_id, by=by, at=at) is Task.INITIAL_FORM:
        drafting.require_form(document_id, by=by)
    return ceremony.perform(
        by,
        pin,
        step=INITIAL,
        of=Subject(document_id),
        within=within,
    )


def task_of(document_id: UUID, *, by: Principal, at: datetime) -> Task:
    """For what this person is to put initials. Raises StepRefused, StepNotYours, NoDocument."""
    with db.transaction(by.acting) as session:
        _, _, step = flow_actions.locked_for_initials(session, document_id, by=by, at=at)
        return step.task


def _begin(session: Session, at: datetime, of: Subject, by: Principal) -> SigningTask:
    document, version, step = flow_actions.locked_for_initials(session, of.id, by=by, at=at)
    letterhead = people.letterhead(session, document.agency_id, on=clock.civil_date(at))
    agency = people.unit(session, document.agency_id)
    assert version.content_sha256 is not None
    assert step.field is not None
    return SigningTask(
        subject_kind=dispatches.KIND,
        subject_id=document.id,
        agency_id=document.agency_id,
        field=step.field,
        purpose=Purpose.APPROVE,
        content_sha256=Sha256.parse(version.content_sha256),
        capacity=f"{flow_rules.TASK_NAMES[step.task]}, {by.position_title}",
        signer_name=by.full_name,
        unit_name=agency.name,
        place=letterhead.place,
        title=document.subject,
        path=f"/documents/{document.id}",
        superior_name=letterhead.superior,
    )


def _conclude(session: Session, signed: Signed, *, by: Principal) -> None:
    found = documents.document(session, signed.subject_id, who=by)
    with dispatches.as_changed():
        flow_actions.record_initialled(
            session,
            signed.subject_id,
            signed.field,
            Content(signed.sha256, signed.size_bytes, found.latest.page_count or 1),
            source=signed.source,
            by=by,
            at=signed.at,
        )


INITIAL: Final = SignatureStep("document.initial", _begin, _conclude)
