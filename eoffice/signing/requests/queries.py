"""What waits for a signature, for whom, since when, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from eoffice.people.model import Person
from eoffice.signing.model import Purpose, SignatureRequest
from eoffice.signing.requests import states
from eoffice.signing.requests.actions import RequestUnknown
from eoffice.signing.requests.states import Awaited, Channel, RequestState
from eoffice.web.principal import Principal

#: How long a request that came to nothing is told of.
TOLD_FOR: Final = timedelta(days=14)
_CAME_TO_NOTHING: Final = (RequestState.FAILED, RequestState.EXPIRED)


@dataclass(frozen=True, slots=True)
class RequestRead:
    """One request for signature."""

    id: UUID
    subject_kind: str
    subject_id: UUID
    title: str
    path: str
    field: str
    purpose: Purpose
    capacity: str
    signer_name: str
    channel: Channel
    state: RequestState
    requested_at: datetime
    expires_at: datetime | None
    finished_at: datetime | None
    failure: str
    #: What is to be known of the certificate with which it is signed, as sentences.
    notes: tuple[str, ...]
    #: None once it has ended.
    awaited: Awaited | None

    @property
    def is_open(self) -> bool:
        return self.state in states.OPEN


def request(session: Session, request_id: UUID, *, who: Principal) -> RequestRead:
    """A request of this person. Raises RequestUnknown."""
    row = session.execute(
        _requests().where(
            SignatureRequest.id == request_id, SignatureRequest.person_id == who.person_id
        )
    ).one_or_none()
    if row is None:
        raise RequestUnknown
    return _read(row)


def unfinished(session: Session, who: Principal, *, at: datetime) -> tuple[RequestRead, ...]:
    """What is open of this person's, and what came to nothing lately and was not begun anew; the
    newest first."""
    later = aliased(SignatureRequest)
    begun_anew = (
        select(later.id)
        .where(
            later.subject_kind == SignatureRequest.subject_kind,
            later.subject_id == SignatureRequest.subject_id,
            later.field == SignatureRequest.field,
            later.requested_at > SignatureRequest.requested_at,
        )
        .exists()
    )
    rows = session.execute(
        _requests()
        .where(
            SignatureRequest.person_id == who.person_id,
            or_(
                SignatureRequest.state.in_(states.OPEN),
                and_(
                    SignatureRequest.state.in_(_CAME_TO_NOTHING),
                    SignatureRequest.finished_at > at - TOLD_FOR,
                    ~begun_anew,
                ),
            ),
        )
        .order_by(SignatureRequest.requested_at.desc())
        .limit(200)
    )
    return tuple(map(_read, rows))


def waiting_on(session: Session, subject_kind: str, subject_id: UUID) -> tuple[RequestRead, ...]:
    """What is open on a subject, by whomever: for those who may see the subject; oldest first."""
    rows = session.execute(
        _requests()
        .where(
            SignatureRequest.subject_kind == subject_kind,
            SignatureRequest.subject_id == subject_id,
            SignatureRequest.state.in_(states.OPEN),
        )
        .order_by(SignatureRequest.requested_at)
    )
    return tuple(map(_read, rows))


def awaiting_device(session: Session, person_id: UUID) -> tuple[RequestRead, ...]:
    """What this person is to sign at their own computer, the oldest first."""
    rows = session.execute(
        _requests()
        .where(
            SignatureRequest.person_id == person_id,
            SignatureRequest.channel == Channel.AGENT,
            SignatureRequest.state == RequestState.REQUESTED,
        )
        .order_by(SignatureRequest.requested_at)
    )
    return tuple(map(_read, rows))


def _requests() -> Select[SignatureRequest, str]:
    return select(SignatureRequest, Person.full_name.label("signer")).join(
        Person, Person.id == SignatureRequest.person_id
    )


def _read(found: Any) -> RequestRead:
    row: SignatureRequest = found.SignatureRequest
    return RequestRead(
        id=row.id,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        title=row.title,
        path=row.path,
        field=row.field,
        purpose=row.purpose,
        capacity=row.capacity,
        signer_name=found.signer,
        channel=row.channel,
        state=row.state,
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        finished_at=row.finished_at,
        failure=row.failure or "",
        notes=tuple(map(str, (row.prepared or {}).get("notes") or ())),
        awaited=states.awaited(
            row.state,
            row.channel,
            signer=found.signer,
            since=row.requested_at,
            trouble=row.trouble,
            next_try_at=row.next_try_at,
            expires_at=row.expires_at,
        ),
    )
