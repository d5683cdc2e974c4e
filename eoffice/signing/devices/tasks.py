"""What the worker does for devices: put their keys on record, forget codes that are over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from celery import shared_task

from eoffice import clock, outbox
from eoffice.db import system_transaction
from eoffice.promised import keeps_in_steps
from eoffice.settings import revocation_hosts
from eoffice.signing import actions as keys
from eoffice.signing import issuers
from eoffice.signing.devices import actions
from eoffice.signing.model import KeyStoreKind


@keeps_in_steps(actions.REGISTER)
def register_key(claim: outbox.Claim, at: datetime) -> None:
    """The key of a device becomes that of its holder; the older one is retired. Idempotent.

    Issuers that the token does not hold are fetched before.
    """
    device_id = UUID(claim.payload["device_id"])
    with system_transaction() as session:
        found = actions.device(session, device_id)
        held = None if found is None else (found.certificate, tuple(found.chain))
    chain: tuple[bytes, ...] = ()
    if held is not None:
        chain = issuers.completed(*held, inside=revocation_hosts())
    with system_transaction() as session:
        found = actions.device(session, device_id)
        if found is not None:
            of_seal = found.seal_unit_id is not None
            keys.register_key(
                session,
                person_id=None if of_seal else found.person_id,
                unit_id=found.seal_unit_id,
                store=KeyStoreKind.AGENT,
                locator=str(found.id),
                certificate=found.certificate,
                chain=chain,
                by="eoffice-agent",
                at=at,
            )
        outbox.keep(session, claim.id, at=clock.now())


def forget() -> None:
    """Codes and passes whose time is over. Idempotent."""
    with system_transaction() as session:
        actions.forget(session, at=clock.now())


shared_task(name="signing.forget_device_codes", ignore_result=True)(forget)
