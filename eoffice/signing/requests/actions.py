"""What happens to requests for signature. Each step is a row of `states.TABLE`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.errors import Conflict, NotFound
from eoffice.objects.sha256 import Sha256
from eoffice.people.model import Person
from eoffice.signing import actions
from eoffice.signing.actions import KeyInUse
from eoffice.signing.batches import actions as batches
from eoffice.signing.model import SignatureRequest, SigningKey
from eoffice.signing.requests import states
from eoffice.signing.requests.states import Channel, RequestState, RequestStep
from eoffice.signing.subjects import ContentChanged, SigningTask
from eoffice.web.principal import Principal

#: The task that concludes what a key has signed; it knows every kind of thing.
CONCLUDE = "desk.conclude_signature"
#: What is said of a request whose signer began anew.
BEGUN_ANEW = "Người ký đã bắt đầu ký lại."
EXPIRED = "Quá thời hạn mà chưa có chữ ký. Hãy ký lại."


class RequestUnknown(NotFound):
    """There is no such request for signature of this person."""

    def __init__(self) -> None:
        super().__init__("Không có yêu cầu ký này, hoặc yêu cầu không phải của bạn.")


class AnotherIsAwaited(Conflict):
    """Somebody else's signature on this content waits for its time-stamp."""


@dataclass(frozen=True, slots=True)
class Valued:
    """A request whose key has signed, with all that is needed to conclude it."""

    id: UUID
    step: str
    channel: Channel
    subject_id: UUID
    field: str
    capacity: str
    source: Sha256
    prepared_sha256: Sha256
    prepared: Mapping[str, Any]
    value: bytes
    person_id: UUID
    appointment_id: UUID
    requested_at: datetime


def request(
    session: Session,
    task: SigningTask,
    key: KeyInUse,
    *,
    step: str,
    channel: Channel,
    prepared_sha256: Sha256,
    prepared: Mapping[str, Any],
    to_be_signed_sha256: Sha256,
    by: Principal,
    at: datetime,
) -> UUID:
    """Record what is about to be signed. Committed before the key is asked.

    The same person's earlier requests for the same field that have no signature are abandoned: for
    a field that is somebody's by right nobody else can be asked, and any other's signature ends in
    ContentChanged.
    """
    session.execute(
        update(SignatureRequest)
        .where(
            SignatureRequest.subject_kind == task.subject_kind,
            SignatureRequest.subject_id == task.subject_id,
            SignatureRequest.field == task.field,
            SignatureRequest.state == RequestState.REQUESTED,
        )
        .values(
            state=states.after(RequestState.REQUESTED, RequestStep.ABANDON),
            finished_at=at,
            failure=BEGUN_ANEW,
        )
    )
    row = SignatureRequest(
        id=new_id(),
        subject_kind=task.subject_kind,
        subject_id=task.subject_id,
        agency_id=task.agency_id,
        field=task.field,
        purpose=task.purpose,
        step=step,
        channel=channel,
        title=task.title,
        path=task.path,
        key_id=key.id,
        person_id=by.person_id,
        appointment_id=by.appointment_id,
        capacity=task.capacity,
        source_sha256=str(task.content_sha256),
        prepared_sha256=str(prepared_sha256),
        prepared=dict(prepared),
        to_be_signed_sha256=str(to_be_signed_sha256),
        state=RequestState.REQUESTED,
        requested_at=at,
        expires_at=at + states.LIFE[channel],
        next_try_at=at if channel is Channel.REMOTE else None,
    )
    session.add(row)
    if channel is Channel.REMOTE:
        outbox.promise(session, CONCLUDE, at=at, request_id=row.id)
    audit.record(
        session,
        "signature.requested",
        object_kind=task.subject_kind,
        object_id=task.subject_id,
        by=by,
        at=at,
        details={
            "request_id": str(row.id),
            "field": task.field,
            "purpose": task.purpose.value,
            "to_be_signed_sha256": str(to_be_signed_sha256),
        },
    )
    return row.id


def take_value(session: Session, request_id: UUID, value: bytes, *, at: datetime) -> None:
    """Keep what the key made: from here on no PIN is needed. The caller has checked it.

    Whoever calls this concludes the request; where that process dies, the worker does after
    `states.LEASE`. Raises RequestUnknown, RequestStepRefused.
    """
    row = _locked(session, request_id)
    row.state = states.after(row.state, RequestStep.TAKE_VALUE)
    row.value = value
    row.next_try_at = at + states.LEASE


def complete(
    session: Session, request_id: UUID, *, result_sha256: Sha256, by: Principal, at: datetime
) -> None:
    """The signature stands in recorded content. In the transaction that records that content."""
    row = _locked(session, request_id)
    if row.state is not RequestState.VALUED:
        raise ContentChanged(
            "Có người vừa ký lại mục này trong lúc bạn đang ký. Hãy mở lại văn bản để xem."
        )
    row.state = states.after(row.state, RequestStep.COMPLETE)
    row.finished_at = at
    row.trouble = ""
    row.result_sha256 = str(result_sha256)
    audit.record(
        session,
        "signature.made",
        object_kind=row.subject_kind,
        object_id=row.subject_id,
        by=by,
        at=at,
        details={
            "request_id": str(row.id),
            "field": row.field,
            "purpose": row.purpose.value,
            "capacity": row.capacity,
            "key_id": str(row.key_id),
            "content_sha256": str(result_sha256),
        },
    )
    batches.conclude_awaited(session, row.person_id, row.subject_id, at=at)


def fail(session: Session, request_id: UUID, *, why: str, at: datetime) -> None:
    """The signature was not made, or its content does not take it. Idempotent."""
    _end(session, request_id, RequestStep.FAIL, why, at)


def abandon(session: Session, request_id: UUID, *, why: str, at: datetime) -> None:
    """The content is another by now. Idempotent."""
    _end(session, request_id, RequestStep.ABANDON, why, at)


def decline(session: Session, request_id: UUID, *, why: str, by: Principal, at: datetime) -> None:
    """The signer does not sign it. Raises RequestUnknown, RequestStepRefused."""
    row = _own(session, request_id, by)
    row.state = states.after(row.state, RequestStep.DECLINE)
    row.finished_at = at
    row.failure = why[:500]
    batches.fail_awaited(session, row.person_id, row.subject_id, why, at=at)
    audit.record(
        session,
        "signature.declined",
        object_kind=row.subject_kind,
        object_id=row.subject_id,
        by=by,
        at=at,
        details={"request_id": str(row.id), "field": row.field},
    )


def expire(session: Session, *, at: datetime) -> int:
    """End what no key has answered in time, and say so; how many. By the calendar."""
    late = session.scalars(
        select(SignatureRequest)
        .where(SignatureRequest.state == RequestState.REQUESTED, SignatureRequest.expires_at <= at)
        .with_for_update(skip_locked=True)
    ).all()
    for row in late:
        row.state = states.after(row.state, RequestStep.EXPIRE)
        row.finished_at = at
        row.failure = EXPIRED
        batches.fail_awaited(session, row.person_id, row.subject_id, EXPIRED, at=at)
    return len(late)


def put_off(session: Session, request_id: UUID, *, why: str, at: datetime) -> None:
    """It could not be gone on with: once more after a pause. Nothing for one that has ended."""
    row = _locked(session, request_id)
    if row.state not in states.OPEN:
        return
    row.tries += 1
    row.next_try_at = at + states.pause(row.tries)
    row.trouble = why[:500]


@dataclass(frozen=True, slots=True)
class Questioned:
    """Requests that one question to a service is about, or will be; the first is whom it is for."""

    key: KeyInUse
    person_id: UUID
    appointment_id: UUID
    #: Identifier, what is signed in a line, and `pades.Prepared.state`; in the order of asking.
    items: tuple[tuple[UUID, str, Mapping[str, Any]], ...]
    #: None while the service was not asked.
    ticket: Mapping[str, Any] | None


def lease_question(session: Session, request_id: UUID, *, at: datetime) -> Questioned | None:
    """What a service is to be asked, or was asked, for this process alone; None where it has ended,
    is another's now, or more of the same signer's is just being made ready.

    Requests of one key that were not asked yet go together: the telephone asks once for all.
    """
    row = session.scalars(
        _waiting_for_service(at).where(SignatureRequest.id == request_id)
    ).one_or_none()
    if row is None:
        return None
    more_comes = row.ticket is None and batches.any_waiting(session, row.person_id)
    if more_comes and row.requested_at > at - states.GATHERED_FOR:
        _later(session, row, at + states.ASKED_AGAIN_AFTER, at=at)
        return None
    mates = session.scalars(
        _waiting_for_service(at)
        .where(
            SignatureRequest.key_id == row.key_id,
            SignatureRequest.ticket.is_(None)
            if row.ticket is None
            else SignatureRequest.ticket == row.ticket,
        )
        .order_by(SignatureRequest.requested_at, SignatureRequest.id)
        .limit(states.MOST_ASKED_AT_ONCE)
    ).all()
    for mate in mates:
        mate.next_try_at = at + states.LEASE
    key = session.get_one(SigningKey, row.key_id)
    return Questioned(
        actions.in_use(key),
        row.person_id,
        row.appointment_id,
        tuple((mate.id, mate.title, mate.prepared or {}) for mate in mates),
        row.ticket,
    )


def keep_ticket(
    session: Session,
    ids: Sequence[UUID],
    ticket: Mapping[str, str],
    *,
    lapses_at: datetime,
    at: datetime,
) -> None:
    """A service was asked: what to ask it for the answer with, and until when. Their order counts
    for a service that answers by order, so it is kept."""
    for ordinal, request_id in enumerate(ids):
        row = _locked(session, request_id)
        row.ticket = {**ticket, "ids": [str(each) for each in ids]}
        row.expires_at = max(lapses_at, at) + states.LAST_ANSWER
        row.trouble = ""
        row.next_try_at = at + states.ASKED_AGAIN_AFTER
        if ordinal == 0:
            _later(session, row, at + states.ASKED_AGAIN_AFTER, at=at)


def ask_again(session: Session, ids: Sequence[UUID], *, at: datetime) -> None:
    """The service has no answer yet; that is no trouble."""
    for ordinal, request_id in enumerate(ids):
        row = _locked(session, request_id)
        if row.state is not RequestState.REQUESTED:
            continue
        row.next_try_at = at + states.ASKED_AGAIN_AFTER
        if ordinal == 0:
            _later(session, row, row.next_try_at, at=at)


def turn_down(session: Session, request_id: UUID, *, why: str, at: datetime) -> None:
    """The signer said no where the service asked. Idempotent."""
    _end(session, request_id, RequestStep.DECLINE, why, at)


def lapse(session: Session, request_id: UUID, *, why: str, at: datetime) -> None:
    """The service does not wait for the signer any longer. Idempotent."""
    _end(session, request_id, RequestStep.EXPIRE, why, at)


def _waiting_for_service(at: datetime) -> Select[SignatureRequest]:
    return (
        select(SignatureRequest)
        .where(
            SignatureRequest.channel == Channel.REMOTE,
            SignatureRequest.state == RequestState.REQUESTED,
            SignatureRequest.next_try_at <= at,
        )
        .with_for_update(skip_locked=True)
    )


def _later(session: Session, row: SignatureRequest, next_at: datetime, *, at: datetime) -> None:
    """A person with a telephone in the hand waits: the calendar alone would be slow."""
    row.next_try_at = next_at
    outbox.promise(session, CONCLUDE, at=at, due_at=next_at, request_id=row.id)


def due(session: Session, *, at: datetime, most: int = 200) -> list[UUID]:
    """What the worker goes on with now: the longest due first. Runs as the office."""
    return list(
        session.scalars(
            select(SignatureRequest.id)
            .where(SignatureRequest.state.in_(states.OPEN), SignatureRequest.next_try_at <= at)
            .order_by(SignatureRequest.next_try_at)
            .limit(most)
        )
    )


def lease(session: Session, request_id: UUID, *, at: datetime) -> Valued | None:
    """A signed request for this process alone; None where it has ended or is another's now."""
    row = session.scalars(
        select(SignatureRequest)
        .where(
            SignatureRequest.id == request_id,
            SignatureRequest.state == RequestState.VALUED,
            SignatureRequest.next_try_at <= at,
        )
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    row.next_try_at = at + states.LEASE
    return _valued(row)


def valued_for(session: Session, task: SigningTask, *, by: Principal) -> Valued | None:
    """This person's signature of the same content in the same field, if it is not on record yet.

    Raises AnotherIsAwaited: somebody else's waits for its time-stamp. One that is just being
    stamped is no hindrance: whoever is first changes the content for the other.
    """
    rows = session.scalars(
        select(SignatureRequest)
        .where(
            SignatureRequest.subject_kind == task.subject_kind,
            SignatureRequest.subject_id == task.subject_id,
            SignatureRequest.source_sha256 == str(task.content_sha256),
            SignatureRequest.state == RequestState.VALUED,
        )
        .order_by(SignatureRequest.requested_at)
    ).all()
    for row in rows:
        if row.person_id == by.person_id and row.field == task.field:
            return _valued(row)
    if any(row.tries for row in rows):
        name = session.scalar(select(Person.full_name).where(Person.id == rows[0].person_id))
        raise AnotherIsAwaited(
            f"Chữ ký của {name or 'người khác'} trên nội dung này đang chờ dấu thời gian. "
            "Hệ thống tự hoàn tất; hãy ký sau ít phút."
        )
    return None


def prepared(session: Session, request_id: UUID, *, by: Principal) -> Mapping[str, Any]:
    """What the key is to sign, as `pades.Prepared.state` kept it. Raises RequestUnknown."""
    row = _own(session, request_id, by)
    assert row.prepared is not None
    return row.prepared


def has_value(session: Session, request_id: UUID, value: bytes, *, by: Principal) -> bool:
    """Whether exactly this was taken before. Raises RequestUnknown."""
    return _own(session, request_id, by).value == value


def valued(session: Session, request_id: UUID) -> Valued:
    """One whose key has signed."""
    return _valued(_locked(session, request_id))


def hand_to_worker(session: Session, request_id: UUID, *, at: datetime) -> None:
    """A signed request is concluded by the worker, now."""
    _locked(session, request_id).next_try_at = at
    outbox.promise(session, CONCLUDE, at=at, request_id=request_id)


def _valued(row: SignatureRequest) -> Valued:
    assert row.prepared is not None
    assert row.value is not None
    return Valued(
        row.id,
        row.step,
        row.channel,
        row.subject_id,
        row.field,
        row.capacity,
        Sha256.parse(row.source_sha256),
        Sha256.parse(row.prepared_sha256),
        row.prepared,
        row.value,
        row.person_id,
        row.appointment_id,
        row.requested_at,
    )


def _end(session: Session, request_id: UUID, step: RequestStep, why: str, at: datetime) -> None:
    row = _locked(session, request_id)
    if row.state not in states.OPEN:
        return
    row.state = states.after(row.state, step)
    row.finished_at = at
    row.failure = why[:500]
    batches.fail_awaited(session, row.person_id, row.subject_id, why, at=at)


def _own(session: Session, request_id: UUID, by: Principal) -> SignatureRequest:
    row = session.scalars(
        select(SignatureRequest)
        .where(SignatureRequest.id == request_id, SignatureRequest.person_id == by.person_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise RequestUnknown
    return row


def _locked(session: Session, request_id: UUID) -> SignatureRequest:
    row = session.scalars(
        select(SignatureRequest).where(SignatureRequest.id == request_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise RequestUnknown
    return row
