"""Which pictures there are, and which one a signature is drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.signing.images import states
from eoffice.signing.images.actions import ImageUnknown
from eoffice.signing.images.model import SignatureImage
from eoffice.signing.images.rules import Kind
from eoffice.signing.images.states import ImageState
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class ImageRead:
    """A picture as a page tells of it."""

    id: UUID
    kind: Kind
    state: ImageState
    width_px: int
    height_px: int
    offered_by: UUID
    offered_name: str
    offered_at: datetime
    decided_name: str | None
    decided_at: datetime | None
    refused_because: str | None
    ended_at: datetime | None


def in_use(session: Session, *, agency_id: UUID, person_id: UUID | None) -> bytes | None:
    """The PNG that a signature of this person in this agency is drawn with, or the agency's seal
    where nobody is named; None where no picture was approved.

    Reads the object store. Raises ObjectMissing, StoreUnavailable: a signature is not silently
    given another look.
    """
    name = session.scalar(
        select(SignatureImage.content_sha256).where(
            SignatureImage.agency_id == agency_id,
            SignatureImage.person_id.is_not_distinct_from(person_id),
            SignatureImage.state == ImageState.IN_USE,
        )
    )
    return None if name is None else configured.store().get(Sha256.parse(name))


def own(session: Session, by: Principal) -> tuple[ImageRead, ...]:
    """The pictures of this person's signature in this agency, the newest first."""
    return _images(
        session,
        SignatureImage.agency_id == by.agency_id,
        SignatureImage.person_id == by.person_id,
    )


def seals(session: Session, by: Principal) -> tuple[ImageRead, ...]:
    """The pictures of the agency's seal, for its keepers; the newest first."""
    if PositionKind(by.position_kind) not in states.DECIDERS:
        return ()
    return _images(
        session, SignatureImage.agency_id == by.agency_id, SignatureImage.person_id.is_(None)
    )


def waiting(session: Session, by: Principal) -> tuple[ImageRead, ...]:
    """What waits for this person's word."""
    if PositionKind(by.position_kind) not in states.DECIDERS:
        return ()
    return _images(
        session,
        SignatureImage.agency_id == by.agency_id,
        SignatureImage.state == ImageState.OFFERED,
        SignatureImage.offered_by != by.person_id,
    )


def image(session: Session, image_id: UUID, by: Principal) -> ImageRead:
    """One, for those who may look at it. Raises ImageUnknown."""
    content(session, image_id, by)
    (found,) = _images(session, SignatureImage.id == image_id)
    return found


def content(session: Session, image_id: UUID, by: Principal) -> Sha256:
    """Where the picture is, for those who may look at it: its owner and who decides.

    Raises ImageUnknown.
    """
    row = session.execute(
        select(SignatureImage.content_sha256, SignatureImage.person_id).where(
            SignatureImage.id == image_id, SignatureImage.agency_id == by.agency_id
        )
    ).one_or_none()
    decides = PositionKind(by.position_kind) in states.DECIDERS
    if row is None or not (decides or row.person_id == by.person_id):
        raise ImageUnknown
    return Sha256.parse(row.content_sha256)


def _images(session: Session, *conditions: ColumnElement[bool]) -> tuple[ImageRead, ...]:
    offering, deciding = aliased(Person), aliased(Person)
    rows = session.execute(
        select(SignatureImage, offering.full_name, deciding.full_name)
        .join(offering, offering.id == SignatureImage.offered_by)
        .outerjoin(deciding, deciding.id == SignatureImage.decided_by)
        .where(*conditions)
        .order_by(SignatureImage.offered_at.desc(), SignatureImage.id.desc())
    )
    return tuple(
        ImageRead(
            id=row.id,
            kind=Kind.SEAL if row.person_id is None else Kind.SIGNATURE,
            state=row.state,
            width_px=row.width_px,
            height_px=row.height_px,
            offered_by=row.offered_by,
            offered_name=offered,
            offered_at=row.offered_at,
            decided_name=decided,
            decided_at=row.decided_at,
            refused_because=row.refused_because,
            ended_at=row.ended_at,
        )
        for row, offered, decided in rows
    )
