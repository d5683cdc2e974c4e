"""The ceremony of a signature: the order in which database, store and key are asked.

1. Read what is to be signed, and check that this person may (a transaction).
2. Prepare the file and put it into the object store; commit the request with the digest of exactly
   the bytes that will be signed.
3. Call the key store and the time-stamp authority, with no transaction open.
4. Put the signed file into the object store; commit the result, or the failure.

A crash after 2 leaves a request that says what may have been signed; a repetition begins again and
abandons it. When somebody else signs the same file in between, the prepared one is thrown away and
the ceremony starts over with the newer file, without asking for the PIN again.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import transaction
from eoffice.errors import Refusal
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.settings import settings
from eoffice.signing import actions, pades
from eoffice.signing.actions import ContentChanged, KeyInUse, SigningTask
from eoffice.signing.appearance import Appearance, Handwriting, Seal, said_at
from eoffice.signing.keys.contract import KeySession, KeyStore, WrongPin
from eoffice.signing.keys.pkcs11 import Pkcs11KeyStore
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore
from eoffice.signing.model import KeyStoreKind, Purpose
from eoffice.web.principal import Principal

#: Others may sign the same file at the same time; each of them makes one attempt void at most.
MOST_ATTEMPTS = 6
#: Upper end of the pause before the second attempt, in seconds; longer with each further one.
LONGEST_PAUSE_S = 0.25

#: What `keys_kept_open` keeps, by key and PIN.
_KEPT: ContextVar[dict[tuple[KeyInUse, str], KeySession] | None] = ContextVar("_KEPT", default=None)

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was made and is not on record yet."""

    request_id: UUID
    task: SigningTask
    sha256: Sha256
    content: bytes
    at: datetime


def perform(
    who: Principal,
    pin: str,
    *,
    begin: Callable[[Session, datetime], SigningTask],
    conclude: Callable[[Session, Signed], T],
    within: Callable[[Callable[[Session], T]], R],
) -> R:
    """Sign what `begin` names with the key of this person or seal; returns what `within` returns.

    `within` runs the last step in a transaction of the acting person: `once.answer`, `once.see`.

    `begin(session, at)` locks the subject, checks the step and says what is to be signed.
    `conclude(session, signed)` records the new content with its owner, and raises when the subject
    has moved on; it runs in the transaction that `within` opens, together with the request's end.

    Raises WrongPin, KeyLocked, NoKey, KeyUnavailable, TimestampUnavailable, StoreUnavailable and
    whatever the two callbacks refuse; nothing is signed then as far as the office is concerned.
    """
    for attempt in range(1, MOST_ATTEMPTS + 1):
        at = clock.now()
        with transaction(who.acting) as session:
            task = begin(session, at)
            key = actions.key_for(session, task, by=who, at=at)
        with _in_use(key, pin, who) as token:
            signed = _sign(task, key, token, who, at)
        try:
            answer = within(partial(_finish, signed=signed, who=who, conclude=conclude))
            # Where the same request was answered meanwhile, this signature is on no record.
            _note_end(who, signed.request_id)
        except ContentChanged as changed:
            _note_failure(who, signed.request_id, changed)
            if attempt == MOST_ATTEMPTS:
                # Where somebody else took the step meanwhile, the subject itself says so better.
                with transaction(who.acting) as session:
                    begin(session, clock.now())
                raise
            # Each request ends the one before it: who begins again at once would end the very
            # signature that is about to be recorded, and nobody would ever be done.
            time.sleep(secrets.SystemRandom().uniform(0, LONGEST_PAUSE_S) * attempt)
        except Refusal as refusal:
            _note_failure(who, signed.request_id, refusal)
            raise
        else:
            return answer
    raise AssertionError("the last attempt returned or raised")


def authorise(who: Principal, pin: str, *, seal_unit_id: UUID | None, unit_name: str) -> None:
    """Open the key and close it again: whether this PIN is right, before it is kept for a batch.

    Raises WrongPin (counted as at any signature), KeyLocked, NoKey, KeyUnavailable.
    """
    with transaction(who.acting) as session:
        key = actions.key_of(session, seal_unit_id, unit_name, by=who, at=clock.now())
    _opened(key, pin, who).close()


@contextmanager
def keys_kept_open() -> Iterator[None]:
    """Within it a key in a file is opened once for all signatures with the same PIN; behind it the
    key is forgotten.

    To open one takes longer than to sign with it, by intent. Whether its holder may use it is asked
    at every signature all the same. Tokens are opened each time: what is open there is the token's.
    """
    before = _KEPT.set({})
    try:
        yield
    finally:
        for opened in (_KEPT.get() or {}).values():
            opened.close()
        _KEPT.reset(before)


@contextmanager
def _in_use(key: KeyInUse, pin: str, who: Principal) -> Iterator[KeySession]:
    kept = _KEPT.get()
    if kept is None or key.store is not KeyStoreKind.PKCS12:
        with _opened(key, pin, who) as token:
            yield token
        return
    if (key, pin) not in kept:
        kept[key, pin] = _opened(key, pin, who)
    yield kept[key, pin]


def _opened(key: KeyInUse, pin: str, who: Principal) -> KeySession:
    try:
        opened = store_of(key).open(pin)
    except WrongPin as wrong:
        with transaction(who.acting) as session:
            left = actions.count_wrong_pin(session, key.id, by=who, at=clock.now())
        hint = f"Còn {left} lần thử." if left else "Khóa ký bị tạm khóa 15 phút."
        raise WrongPin(
            f"Mã PIN không đúng. {hint}", fields={"pin": f"Mã PIN không đúng. {hint}"}
        ) from wrong
    with transaction(who.acting) as session:
        actions.count_right_pin(session, key.id)
    return opened


def _sign(
    task: SigningTask, key: KeyInUse, token: KeySession, who: Principal, at: datetime
) -> Signed:
    store = configured.store()
    prepared = pades.prepare(
        store.get(task.content_sha256),
        field=task.field,
        identity=token.identity,
        purpose=pades.Purpose(task.purpose.value),
        capacity=task.capacity,
        unit=task.unit_name,
        signed_at=clock.vietnam_time(at),
        appearance=_appearance(task, at),
        location=task.place,
    )
    prepared_sha256 = store.put(prepared.pdf, "application/pdf")
    with transaction(who.acting) as session:
        request_id = actions.request(
            session,
            task,
            key,
            prepared_sha256=prepared_sha256,
            to_be_signed_sha256=Sha256.parse(
                hashlib.sha256(prepared.signed_attributes).hexdigest()
            ),
            by=who,
            at=at,
        )
    try:
        value = token.sign(prepared.signed_attributes, prepared.mechanism)
        content = pades.finish(prepared, value, timestamp_url=settings().timestamp_url)
        sha256 = store.put(content, "application/pdf")
    except Refusal as refusal:
        _note_failure(who, request_id, refusal)
        raise
    return Signed(request_id, task, sha256, content, at)


def _finish(
    session: Session, *, signed: Signed, who: Principal, conclude: Callable[[Session, Signed], T]
) -> T:
    concluded = conclude(session, signed)
    actions.complete(session, signed.request_id, result_sha256=signed.sha256, by=who, at=signed.at)
    return concluded


def _note_failure(who: Principal, request_id: UUID, refusal: Refusal) -> None:
    with transaction(who.acting) as session:
        actions.fail(session, request_id, why=type(refusal).__name__, at=clock.now())


def _note_end(who: Principal, request_id: UUID) -> None:
    """Nothing where the signature is on record."""
    with transaction(who.acting) as session:
        actions.fail(session, request_id, why="answered before", at=clock.now())


def store_of(key: KeyInUse) -> KeyStore:
    """Where a key on record is held: a file of the key directory, or a token."""
    if key.store is KeyStoreKind.PKCS12:
        return Pkcs12KeyStore(settings().key_directory / Path(key.locator).name)
    token_label, _, key_label = key.locator.partition("/")
    return Pkcs11KeyStore(Path(settings().pkcs11_library), token=token_label, key=key_label)


def _appearance(task: SigningTask, at: datetime) -> Appearance:
    """Decree 30/2020, Annex I: a person's signature in blue, the seal in red, else words."""
    if task.words:
        return said_at(task.words, at)
    if task.purpose is Purpose.SEAL:
        return Seal(agency=task.unit_name, superior=task.superior_name, signed_at=at)
    return Handwriting(task.signer_name, caption=task.caption)
