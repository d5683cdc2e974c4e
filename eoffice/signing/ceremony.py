"""The ceremony of a signature: the order in which database, store and key are asked.

1. Read what is to be signed, and check that this person may (a transaction).
2. Prepare the file and put it into the object store; commit the request with the digest of exactly
   the bytes that will be signed, and all that is needed to finish it.
3. Call the key store, with no transaction open; commit what it made.
4. Call the time-stamp authority; put the signed file into the object store; commit the result with
   the owner of the content, or the failure.

A crash after 2 leaves a request that says what may have been signed; it expires, or a repetition
begins again and abandons it. A crash after 3, or no time-stamp authority that answers, leaves a
signature that the worker concludes (`conclude_waiting`): no PIN is needed again. A key that is
elsewhere (a phone, the signer's own computer) answers between 2 and 3 after minutes or hours.
When somebody else signs the same file in between, the prepared one is thrown away and the ceremony
starts over with the newer file, without asking for the PIN again.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, Final, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import system_transaction, transaction
from eoffice.errors import Awaited, Refusal, Unavailable
from eoffice.objects import configured
from eoffice.objects.contract import ObjectStore
from eoffice.objects.sha256 import Sha256
from eoffice.people import acting
from eoffice.settings import settings
from eoffice.signing import actions, certificates, opened_keys, pades
from eoffice.signing.actions import KeyInUse
from eoffice.signing.appearance import Appearance, Handwriting, Seal, said_at
from eoffice.signing.images import queries as images
from eoffice.signing.keys.contract import Identity
from eoffice.signing.mechanisms import RsaScheme
from eoffice.signing.model import Purpose
from eoffice.signing.requests import actions as requests
from eoffice.signing.requests.actions import Valued
from eoffice.signing.requests.states import Channel, RequestStepRefused
from eoffice.signing.subjects import ContentChanged, SignatureStep, Signed, SigningTask, Subject
from eoffice.signing.trust import TrustStore
from eoffice.web.principal import Principal

#: Others may sign the same file at the same time; each of them makes one attempt void at most.
MOST_ATTEMPTS = 6
#: Upper end of the pause before the second attempt, in seconds; longer with each further one.
LONGEST_PAUSE_S = 0.25

#: What is said to a signer whose signature is not concluded yet.
_SAID: Final[Mapping[Channel, str]] = {
    Channel.HERE: (
        "Chữ ký đã được tạo nhưng chưa máy chủ dấu thời gian nào trả lời. Hệ thống giữ chữ ký và "
        "tự hoàn tất khi có dấu thời gian; không phải nhập lại mã PIN."
    ),
    Channel.REMOTE: "Yêu cầu đã gửi đến dịch vụ ký số. Hãy xác nhận trên điện thoại.",
    Channel.AGENT: "Yêu cầu đang chờ ký trên máy của bạn. Hãy mở eoffice-agent để ký.",
}

T = TypeVar("T")
R = TypeVar("R")


class SignatureAwaited(Awaited):
    """The signature is on its way: somebody or something else is awaited."""

    def __init__(self, request_id: UUID, subject_id: UUID, channel: Channel) -> None:
        super().__init__(_SAID[channel], path=f"/signature-requests/{request_id}", of=request_id)
        self.subject_id = subject_id


def perform(
    who: Principal,
    pin: str,
    *,
    step: SignatureStep,
    of: Subject,
    begin: Callable[[Session, datetime], SigningTask] | None = None,
    within: Callable[[Callable[[Session], T]], R],
) -> R:
    """Sign a subject with the key of this person or seal; returns what `within` returns.

    `within` runs the last step in a transaction of the acting person: `once.answer`, `once.see`.
    `begin` takes the place of the step's own where it has to know more.

    Raises WrongPin, KeyLocked, NoKey, KeyUnavailable, KeyNotSuitable and whatever the two callbacks
    of the step refuse; nothing is signed then as far as the office is concerned. Raises
    SignatureAwaited: the signer has nothing more to do here, but the signature is not on record.
    """
    begin = begin or (lambda session, at: step.begin(session, at, of, who))
    for attempt in range(1, MOST_ATTEMPTS + 1):
        at = clock.now()
        with transaction(who.acting) as session:
            task = begin(session, at)
            valued = requests.valued_for(session, task, by=who)
            key = None if valued else actions.key_for(session, task, by=who, at=at)
        try:
            if valued is None:
                assert key is not None
                valued = _valued(task, step, key, pin, who, at)
            signed = _stamped(valued, who)
            answer = within(partial(_finish, signed=signed, who=who, step=step))
            # Where the same request was answered meanwhile, this signature is on no record.
            _end(who, requests.fail, signed.request_id, "answered before")
        except ContentChanged as changed:
            if valued is not None:
                _end(who, requests.abandon, valued.id, changed.detail)
            if attempt == MOST_ATTEMPTS:
                # Where somebody else took the step meanwhile, the subject itself says so better.
                with transaction(who.acting) as session:
                    begin(session, clock.now())
                raise
            # Each request ends the one before it: who begins again at once would end the very
            # signature that is about to be recorded, and nobody would ever be done.
            time.sleep(secrets.SystemRandom().uniform(0, LONGEST_PAUSE_S) * attempt)
        except Refusal as refusal:
            if valued is not None:
                _end(who, requests.fail, valued.id, refusal.detail)
            raise
        else:
            return answer
    raise AssertionError("the last attempt returned or raised")


def conclude_waiting(request_id: UUID, steps: Mapping[str, SignatureStep]) -> None:
    """Conclude what a key has signed: time-stamp, record with the owner of the content. Idempotent.

    For the worker. Nothing where the request has ended or another process has it. What cannot be
    done now is put off; what the owner refuses by now has failed, and says why; where the content
    is another by now, a signer who was asked elsewhere is asked again for the newer one.
    """
    with system_transaction() as session:
        valued = requests.lease(session, request_id, at=clock.now())
        if valued is None:
            return
        who = acting.principal_of(session, valued.appointment_id)
    step = steps[valued.step]
    try:
        signed = _stamped(valued, who)
        with transaction(who.acting) as session:
            _finish(session, signed=signed, who=who, step=step)
    except SignatureAwaited:
        return  # It was put off.
    except ContentChanged as changed:
        _end(who, requests.abandon, request_id, changed.detail)
        if valued.channel is not Channel.HERE:
            _ask_again(valued, step, who)
    except Refusal as refusal:
        _end(who, requests.fail, request_id, refusal.detail)


def take_value(request_id: UUID, value: bytes, *, by: Principal) -> None:
    """A key elsewhere has signed: keep what it made, and have the worker conclude it.

    The same value again is taken as it was: the answer to the first may have been lost.
    Raises RequestUnknown, RequestStepRefused (it has ended), WrongKey (nothing is kept then).
    """
    at = clock.now()
    with transaction(by.acting) as session:
        if requests.has_value(session, request_id, value, by=by):
            return
        prepared = pades.Prepared.from_state(requests.prepared(session, request_id, by=by))
        pades.require_value_of(prepared, value)
        requests.take_value(session, request_id, value, at=at)
        requests.hand_to_worker(session, request_id, at=at)


def _ask_again(valued: Valued, step: SignatureStep, who: Principal) -> None:
    """The same signer, for the content that is there now, where it still is their turn."""
    at = clock.now()
    try:
        with transaction(who.acting) as session:
            task = step.begin(session, at, Subject(valued.subject_id, valued.field), who)
            key = actions.key_for(session, task, by=who, at=at)
        _valued(task, step, key, "", who, at)
    except (Refusal, SignatureAwaited):
        # What refuses it is said by the page of the subject; what is awaited is on record.
        return


def _valued(
    task: SigningTask,
    step: SignatureStep,
    key: KeyInUse,
    pin: str,
    who: Principal,
    at: datetime,
) -> Valued:
    """Prepare, commit the request, ask the key, commit what it made.

    Raises SignatureAwaited where the key is asked elsewhere.
    """
    channel = opened_keys.CHANNELS[key.store]
    if channel is not Channel.HERE:
        asked = _requested(task, step, key, Identity(key.certificate, key.chain), who, at)
        raise SignatureAwaited(asked, task.subject_id, channel)
    with opened_keys.in_use(key, pin, who) as token:
        request_id = _requested(task, step, key, token.identity, who, at)
        with transaction(who.acting) as session:
            prepared = pades.Prepared.from_state(requests.prepared(session, request_id, by=who))
        try:
            value = token.sign(prepared.signed_attributes, prepared.mechanism)
        except Refusal as refusal:
            _end(who, requests.fail, request_id, refusal.detail)
            raise
    with transaction(who.acting) as session:
        try:
            requests.take_value(session, request_id, value, at=clock.now())
        except RequestStepRefused as ended:
            raise ContentChanged(ended.detail) from ended
        return requests.valued(session, request_id)


def _requested(
    task: SigningTask,
    step: SignatureStep,
    key: KeyInUse,
    identity: Identity,
    who: Principal,
    at: datetime,
) -> UUID:
    """The content with the place for a signature in the store, and the request committed."""
    store = configured.store()
    with transaction(who.acting) as session:
        picture = images.in_use(
            session,
            agency_id=task.seal_unit_id or who.agency_id,
            person_id=None if task.seal_unit_id else who.person_id,
        )
    with tempfile.TemporaryFile() as file:
        file.writelines(store.stream(task.content_sha256))
        prepared = pades.prepare(
            file,
            field=task.field,
            identity=identity,
            purpose=pades.Purpose(task.purpose.value),
            capacity=task.capacity,
            unit=task.unit_name,
            signed_at=clock.vietnam_time(at),
            appearance=_appearance(task, at, picture),
            location=task.place,
            scheme=RsaScheme.PKCS1 if key.compatibility else RsaScheme.PSS,
            must_be_usable=certificates.of_office(settings().trust_directory),
        )
        prepared_sha256 = _put(store, file)
    with transaction(who.acting) as session:
        return requests.request(
            session,
            task,
            key,
            step=step.name,
            channel=opened_keys.CHANNELS[key.store],
            prepared_sha256=prepared_sha256,
            prepared=prepared.state(),
            to_be_signed_sha256=Sha256.parse(
                hashlib.sha256(prepared.signed_attributes).hexdigest()
            ),
            by=who,
            at=at,
        )


def _stamped(valued: Valued, who: Principal) -> Signed:
    """The signed file with its time-stamp in the store.

    Raises SignatureAwaited where no authority answers, or the store does not: it was put off.
    """
    store = configured.store()
    try:
        with tempfile.TemporaryFile() as file:
            file.writelines(store.stream(valued.prepared_sha256))
            pades.finish(
                file,
                pades.Prepared.from_state(valued.prepared),
                valued.value,
                timestamp_url=settings().timestamp_url,
                timestamp_trust=TrustStore.from_directory(settings().trust_directory),
            )
            sha256 = _put(store, file)
            size_bytes = file.seek(0, os.SEEK_END)
    except Unavailable as unavailable:
        _end(who, requests.put_off, valued.id, unavailable.detail)
        raise SignatureAwaited(valued.id, valued.subject_id, Channel.HERE) from unavailable
    return Signed(
        valued.id,
        valued.subject_id,
        valued.field,
        valued.capacity,
        valued.source,
        sha256,
        size_bytes,
        valued.requested_at,
    )


def _finish(session: Session, *, signed: Signed, who: Principal, step: SignatureStep) -> Any:
    concluded = step.conclude(session, signed, by=who)
    requests.complete(session, signed.request_id, result_sha256=signed.sha256, by=who, at=signed.at)
    return concluded


def _put(store: ObjectStore, file: BinaryIO) -> Sha256:
    file.seek(0)
    return store.put(file, "application/pdf")


def _end(who: Principal, end: Callable[..., None], request_id: UUID, why: str) -> None:
    """Nothing where the signature is on record."""
    with transaction(who.acting) as session:
        end(session, request_id, why=why, at=clock.now())


def _appearance(task: SigningTask, at: datetime, picture: bytes | None) -> Appearance:
    """Decree 30/2020, Annex I: a person's signature in blue, the seal in red, else words."""
    if task.words:
        return said_at(task.words, at)
    if task.purpose is Purpose.SEAL:
        return Seal(
            agency=task.unit_name, superior=task.superior_name, signed_at=at, picture=picture
        )
    return Handwriting(task.signer_name, caption=task.caption, picture=picture)
