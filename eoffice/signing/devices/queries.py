"""Which devices somebody has paired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asn1crypto import x509
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.people.model import ApiToken
from eoffice.signing.devices.model import SigningDevice
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests.actions import RequestUnknown
from eoffice.signing.requests.states import Channel, RequestState
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class DeviceRead:
    id: UUID
    token_id: UUID
    name: str
    is_for_seal: bool
    #: Whom the certificate names, and until when it runs.
    holder: str
    certificate_ends: datetime
    paired_at: datetime
    last_used_at: datetime | None
    is_active: bool


def devices(session: Session, who: Principal, *, at: datetime) -> tuple[DeviceRead, ...]:
    """Of this person, the latest first; those that were retired stay in the list."""
    rows = session.execute(
        select(SigningDevice, ApiToken)
        .join(ApiToken, ApiToken.id == SigningDevice.token_id)
        .where(SigningDevice.person_id == who.person_id)
        .order_by(SigningDevice.paired_at.desc())
    )
    return tuple(_read(row.SigningDevice, row.ApiToken, at) for row in rows)


def to_sign(session: Session, request_id: UUID, *, who: Principal) -> SignatureRequest:
    """A request that waits for a device of this person. Raises RequestUnknown."""
    row = session.scalars(
        select(SignatureRequest).where(
            SignatureRequest.id == request_id,
            SignatureRequest.person_id == who.person_id,
            SignatureRequest.channel == Channel.AGENT,
            SignatureRequest.state == RequestState.REQUESTED,
        )
    ).one_or_none()
    if row is None:
        raise RequestUnknown
    return row


def all_to_sign(session: Session, who: Principal) -> tuple[SignatureRequest, ...]:
    """What waits for a device of this person, the oldest first."""
    return tuple(
        session.scalars(
            select(SignatureRequest)
            .where(
                SignatureRequest.person_id == who.person_id,
                SignatureRequest.channel == Channel.AGENT,
                SignatureRequest.state == RequestState.REQUESTED,
            )
            .order_by(SignatureRequest.requested_at)
            .limit(500)
        )
    )


def _read(row: SigningDevice, token: ApiToken, at: datetime) -> DeviceRead:
    certificate = x509.Certificate.load(row.certificate)
    return DeviceRead(
        id=row.id,
        token_id=row.token_id,
        name=row.name,
        is_for_seal=row.seal_unit_id is not None,
        holder=str(certificate.subject.native.get("common_name", "")),
        certificate_ends=certificate.not_valid_after,
        paired_at=row.paired_at,
        last_used_at=token.last_used_at,
        is_active=token.revoked_at is None and token.expires_at > at,
    )
