"""What is known of signatures and keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.people.model import Person
from eoffice.signing.model import Purpose, SignatureRequest, SigningKey
from eoffice.signing.requests.states import RequestState


@dataclass(frozen=True, slots=True)
class SignatureMade:
    """One signature on record."""

    field: str
    purpose: Purpose
    signer_name: str
    capacity: str
    signed_at: datetime
    content_sha256: str


def signatures(session: Session, subject_kind: str, subject_id: UUID) -> tuple[SignatureMade, ...]:
    """Signatures that stand in the subject's content, in the order in which they were made."""
    rows = session.execute(
        select(SignatureRequest, Person.full_name)
        .join(Person, Person.id == SignatureRequest.person_id)
        .where(
            SignatureRequest.subject_kind == subject_kind,
            SignatureRequest.subject_id == subject_id,
            SignatureRequest.state == RequestState.SIGNED,
        )
        .order_by(SignatureRequest.finished_at)
    )
    found = []
    for row, name in rows:
        assert row.finished_at is not None
        assert row.result_sha256 is not None
        found.append(
            SignatureMade(
                row.field, row.purpose, name, row.capacity, row.finished_at, row.result_sha256
            )
        )
    return tuple(found)


def has_key(
    session: Session, *, person_id: UUID | None = None, unit_id: UUID | None = None
) -> bool:
    """Whether a key is in use for the person or the unit's seal."""
    held = (
        SigningKey.holder_person_id == person_id
        if person_id is not None
        else SigningKey.holder_unit_id == unit_id
    )
    return (
        session.scalars(select(SigningKey.id).where(held, SigningKey.retired_at.is_(None))).first()
        is not None
    )
