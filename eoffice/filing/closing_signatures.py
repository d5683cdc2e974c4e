"""The signatures of a closed book: its keeper, the head of the agency, and the agency's seal.

What differs from the signatures of other things is here; the order of the ceremony is that of
`eoffice.signing.ceremony`: a crash leaves the book as it was, and the signature is made again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.clock import civil_date
from eoffice.filing import closing_actions, closing_states, closing_tables
from eoffice.filing.closing_actions import ContentDiffers
from eoffice.filing.closing_states import State, Step
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.signing import ceremony
from eoffice.signing.model import Purpose
from eoffice.signing.subjects import ContentChanged, SignatureStep, Signed, SigningTask, Subject
from eoffice.web.principal import Principal

R = TypeVar("R")


def sign(
    closing_id: UUID,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], State]], R],
) -> R:
    """Sign the book where it is this person's turn, or seal it; the state goes to `within`.

    Raises what `closing_actions.to_sign` and `ceremony.perform` raise.
    """
    return ceremony.perform(
        by,
        pin,
        step=SIGN,
        of=Subject(closing_id),
        within=within,
    )


def _begin(session: Session, at: datetime, of: Subject, by: Principal) -> SigningTask:
    closing, step, capacity = closing_actions.to_sign(session, of.id, by=by, at=at)
    letterhead = people.letterhead(session, closing.agency_id, on=civil_date(at))
    assert closing.content_sha256 is not None, "what is to be signed is printed"
    return SigningTask(
        subject_kind=closing_actions.KIND,
        subject_id=closing.id,
        agency_id=closing.agency_id,
        field=closing_states.FIELDS[step],
        purpose=Purpose.SEAL if step is Step.SEAL else Purpose.APPROVE,
        content_sha256=Sha256.parse(closing.content_sha256),
        capacity=capacity,
        signer_name=by.full_name,
        unit_name=people.unit(session, closing.agency_id).name,
        place=letterhead.place,
        title=closing_tables.title(closing.kind, closing.year),
        path=f"/books/{closing.kind.value}/{closing.year}",
        superior_name=letterhead.superior,
        # The form leaves the place empty: who signs is known when it is signed.
        caption=(capacity, by.full_name) if step is Step.SIGN_BY_HEAD else (by.full_name,),
        seal_unit_id=closing.agency_id if step is Step.SEAL else None,
    )


def _conclude(session: Session, signed: Signed, *, by: Principal) -> State:
    try:
        return closing_actions.record_signature(
            session,
            signed.subject_id,
            source=signed.source,
            result=signed.sha256,
            by=by,
            at=signed.at,
        )
    except ContentDiffers as differs:
        raise ContentChanged(differs.detail) from differs


SIGN: Final = SignatureStep("book_closing.sign", _begin, _conclude)
