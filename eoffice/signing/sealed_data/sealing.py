"""Sealing XML: the order in which database, store and key are asked.

As for a PDF (`signing.ceremony`) the request, with the digest of exactly what will be signed, is
committed before the key is asked. What the key made is put on record together with the file in one
transaction: where a time-stamp authority is silent or the process dies before that, the request
ends or expires, nothing is on record, and the clerk seals again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import transaction
from eoffice.errors import Conflict, Refusal
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.settings import settings
from eoffice.signing import actions as keys
from eoffice.signing import certificates, opened_keys, xades, xades_verification
from eoffice.signing.requests import actions as requests
from eoffice.signing.requests.states import Channel
from eoffice.signing.sealed_data import actions
from eoffice.signing.subjects import SigningTask
from eoffice.signing.trust import TrustStore
from eoffice.web.principal import Principal

MEDIA_TYPE = "application/xml"

R = TypeVar("R")


class KeyElsewhere(Conflict):
    """The seal's key is asked on another machine, which cannot sign XML."""


def seal(
    task: SigningTask,
    xml: bytes,
    pin: str,
    *,
    source: Sha256,
    by: Principal,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """Seal the data of one file; `within` runs the last step in a transaction.

    The caller has checked that this person may, and that the XML is what the sealed file `source`
    holds; `task.content_sha256` is the XML's. Raises SealedAlready, NoKey, WrongPin, KeyLocked,
    KeyNotSuitable, KeyElsewhere, TimestampUnavailable.
    """
    at, store = clock.now(), configured.store()
    with transaction(by.acting) as session:
        actions.refuse_second(session, task, source)
        key = keys.key_for(session, task, by=by, at=at)
    if opened_keys.CHANNELS[key.store] is not Channel.HERE:
        raise KeyElsewhere(
            "Khóa con dấu nằm trên thiết bị hoặc dịch vụ khác, chưa ký được dữ liệu XML từ đây."
        )
    store.put(xml, MEDIA_TYPE)
    with opened_keys.in_use(key, pin, by) as token:
        prepared = xades.prepare(
            xml,
            identity=token.identity,
            capacity=task.capacity,
            unit=task.unit_name,
            signed_at=clock.vietnam_time(at),
            must_be_usable=certificates.of_office(settings().trust_directory),
        )
        prepared_sha256 = store.put(prepared.document, MEDIA_TYPE)
        with transaction(by.acting) as session:
            request_id = requests.request(
                session,
                task,
                key,
                step="",
                channel=Channel.HERE,
                prepared_sha256=prepared_sha256,
                prepared={"mechanism": prepared.mechanism.value},
                to_be_signed_sha256=Sha256.parse(hashlib.sha256(prepared.to_sign).hexdigest()),
                by=by,
                at=at,
            )
        try:
            value = token.sign(prepared.to_sign, prepared.mechanism)
            sealed = _lasting(xades.finish(prepared, value, timestamp_url=settings().timestamp_url))
        except Refusal as refusal:
            _fail(request_id, refusal, by)
            raise
    content = store.put(sealed, MEDIA_TYPE)

    def last(session: Session) -> None:
        actions.record(
            session, task, source=source, content=content, size_bytes=len(sealed), by=by, at=at
        )
        requests.take_value(session, request_id, value, at=clock.now())
        requests.complete(session, request_id, result_sha256=content, by=by, at=clock.now())

    try:
        return within(last)
    except Refusal as refusal:
        _fail(request_id, refusal, by)
        raise


def _lasting(sealed: bytes) -> bytes:
    """With what authorities say of its certificates, so that it can be verified without asking;
    where they are silent, as it is."""
    trust = TrustStore.from_directory(settings().trust_directory)
    told = xades_verification.evidence_for(sealed, trust=trust, at=clock.now())
    if not (told.crls or told.ocsp_responses):
        return sealed
    return xades.with_evidence(sealed, told)


def _fail(request_id: UUID, refusal: Refusal, by: Principal) -> None:
    with transaction(by.acting) as session:
        requests.fail(session, request_id, why=refusal.detail, at=clock.now())
