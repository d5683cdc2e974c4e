"""Signatures by services that ask the signer on the telephone: asked for, waited for, taken.

For the worker. Each step is committed before the next: a process that dies leaves a request that
another goes on with. Where it dies between the question and its ticket, the telephone asks twice;
one answer is taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.errors import Refusal, Unavailable
from eoffice.settings import settings
from eoffice.signing import pades
from eoffice.signing.actions import KeyInUse
from eoffice.signing.keys import services
from eoffice.signing.keys.confirmed import MySignKeyStore, SmartCaKeyStore
from eoffice.signing.keys.contract import Answer, AnswerKind, RemoteKeyStore, ToSign
from eoffice.signing.keys.services import Provider
from eoffice.signing.model import KeyStoreKind
from eoffice.signing.pades import Prepared
from eoffice.signing.requests import actions as requests
from eoffice.signing.requests.actions import Questioned

#: What opens a credential of a service, by the kind of store.
STORES: Final[Mapping[KeyStoreKind, Callable[[Provider, str], RemoteKeyStore]]] = {
    KeyStoreKind.SMARTCA: SmartCaKeyStore,
    KeyStoreKind.MYSIGN: MySignKeyStore,
}
_DECLINED: Final = "Người ký đã từ chối trên điện thoại."
_LAPSED: Final = "Quá thời hạn xác nhận trên điện thoại. Hãy ký lại."
_MISSING: Final = "Dịch vụ ký số không trả về chữ ký cho mục này. Hãy ký lại."


def go_on(request_id: UUID) -> None:
    """Ask the service, or ask it for its answer. Idempotent; nothing where another process does.

    What has come is promised to be concluded (`ceremony.conclude_waiting`); what the service does
    not answer is put off and says so.
    """
    with system_transaction() as session:
        questioned = requests.lease_question(session, request_id, at=clock.now())
    if questioned is None:
        return
    try:
        if questioned.ticket is None:
            _ask(questioned)
        else:
            _take(questioned, _answer(questioned))
    except Unavailable as unavailable:
        _each(questioned, requests.put_off, unavailable.detail)
    except Refusal as refusal:
        _each(questioned, requests.fail, refusal.detail)


def store_of(key: KeyInUse) -> RemoteKeyStore:
    """The credential of a service that asks by telephone. Raises KeyUnavailable."""
    service, credential = services.of_locator(key.locator, settings().signing_services)
    return STORES[key.store](service, credential)


def _ask(questioned: Questioned) -> None:
    at = clock.now()
    prepared = [Prepared.from_state(state) for _, _, state in questioned.items]
    first = prepared[0].mechanism
    items = [
        ToSign(
            request_id, hashlib.new(each.mechanism.digest, each.signed_attributes).digest(), title
        )
        for (request_id, title, _), each in zip(questioned.items, prepared, strict=True)
        if each.mechanism is first
    ]
    question = store_of(questioned.key).ask(items, first, at=at)
    with system_transaction() as session:
        requests.keep_ticket(
            session,
            [each.id for each in items],
            question.ticket,
            lapses_at=question.lapses_at,
            at=clock.now(),
        )


def _answer(questioned: Questioned) -> Answer:
    assert questioned.ticket is not None
    ids = [UUID(each) for each in questioned.ticket["ids"]]
    return store_of(questioned.key).answer(questioned.ticket, ids)


def _take(questioned: Questioned, answer: Answer) -> None:
    match answer.kind:
        case AnswerKind.WAITING:
            with system_transaction() as session:
                ids = [request_id for request_id, _, _ in questioned.items]
                requests.ask_again(session, ids, at=clock.now())
        case AnswerKind.DECLINED:
            _each(questioned, requests.turn_down, _DECLINED)
        case AnswerKind.LAPSED:
            _each(questioned, requests.lapse, _LAPSED)
        case AnswerKind.SIGNED:
            for request_id, _, state in questioned.items:
                _keep(request_id, Prepared.from_state(state), answer.values.get(request_id))


def _keep(request_id: UUID, prepared: Prepared, value: bytes | None) -> None:
    """A value that is not the signer's over exactly these bytes is kept nowhere: it has failed."""
    why = _MISSING
    try:
        if value is not None:
            pades.require_value_of(prepared, value)
            with system_transaction() as session:
                requests.take_value(session, request_id, value, at=clock.now())
                requests.hand_to_worker(session, request_id, at=clock.now())
            return
    except Refusal as refusal:
        why = refusal.detail
    with system_transaction() as session:
        requests.fail(session, request_id, why=why, at=clock.now())


def _each(questioned: Questioned, end: Callable[..., None], why: str) -> None:
    with system_transaction() as session:
        for request_id, _, _ in questioned.items:
            end(session, request_id, why=why, at=clock.now())
