"""Keys that are opened with a PIN: where they are held, wrong PINs, kept open for a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import transaction
from eoffice.errors import Invalid
from eoffice.settings import settings
from eoffice.signing import actions
from eoffice.signing.actions import KeyInUse
from eoffice.signing.keys import services
from eoffice.signing.keys.contract import KeySession, KeyStore, WrongPin
from eoffice.signing.keys.csc import CscKeyStore
from eoffice.signing.keys.pkcs11 import Pkcs11KeyStore
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore
from eoffice.signing.model import KeyStoreKind, SigningKey
from eoffice.signing.requests.states import Channel
from eoffice.web.principal import Principal

_PIN_MISSING: Final = "Hãy nhập mã PIN của khóa ký."


class PinMissing(Invalid):
    """The key is opened here, and no PIN was given."""


#: Where the keys of a store are asked.
CHANNELS: Final[Mapping[KeyStoreKind, Channel]] = {
    KeyStoreKind.PKCS12: Channel.HERE,
    KeyStoreKind.PKCS11: Channel.HERE,
    KeyStoreKind.CSC: Channel.HERE,
    KeyStoreKind.SMARTCA: Channel.REMOTE,
    KeyStoreKind.MYSIGN: Channel.REMOTE,
    KeyStoreKind.AGENT: Channel.AGENT,
}

#: What `kept_open` keeps, by key and PIN.
_KEPT: ContextVar[dict[tuple[KeyInUse, str], KeySession] | None] = ContextVar("_KEPT", default=None)


def authorise(who: Principal, pin: str, *, seal_unit_id: UUID | None, unit_name: str) -> None:
    """Open the key and close it again: whether this PIN is right, before it is kept for a batch.

    A key that is asked elsewhere has no PIN here.
    Raises WrongPin (counted as at any signature), KeyLocked, NoKey, KeyUnavailable.
    """
    with transaction(who.acting) as session:
        key = actions.key_of(session, seal_unit_id, unit_name, by=who, at=clock.now())
    if CHANNELS[key.store] is Channel.HERE:
        _opened(key, pin, who).close()


def any_elsewhere(session: Session, who: Principal) -> bool:
    """Whether the person's own key, or the agency's seal, is opened with no PIN here."""
    stores = session.scalars(
        select(SigningKey.store).where(
            SigningKey.retired_at.is_(None),
            or_(
                SigningKey.holder_person_id == who.person_id,
                SigningKey.holder_unit_id == who.agency_id,
            ),
        )
    )
    return any(CHANNELS[each] is not Channel.HERE for each in stores)


@contextmanager
def kept_open() -> Iterator[None]:
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
def in_use(key: KeyInUse, pin: str, who: Principal) -> Iterator[KeySession]:
    """The key, opened with the PIN. Raises WrongPin (which is counted), KeyUnavailable.

    A service learns of the PIN when it signs: what it says then of it counts as well.
    """
    kept = _KEPT.get()
    if kept is None or key.store is not KeyStoreKind.PKCS12:
        with _opened(key, pin, who) as token:
            try:
                yield token
            except WrongPin as wrong:
                raise _counted(key, who, wrong) from wrong
            if key.store is KeyStoreKind.CSC:
                _right(key, who)
        return
    if (key, pin) not in kept:
        kept[key, pin] = _opened(key, pin, who)
    yield kept[key, pin]


def store_of(key: KeyInUse) -> KeyStore:
    """Where a key on record is held: a file of the key directory, a token, or a service.

    Raises KeyUnavailable: the service is not declared here.
    """
    if key.store is KeyStoreKind.CSC:
        service, credential = services.of_locator(key.locator, settings().signing_services)
        return CscKeyStore(service, credential)
    if key.store is KeyStoreKind.PKCS12:
        return Pkcs12KeyStore(settings().key_directory / Path(key.locator).name)
    token_label, _, key_label = key.locator.partition("/")
    return Pkcs11KeyStore(Path(settings().pkcs11_library), token=token_label, key=key_label)


def _opened(key: KeyInUse, pin: str, who: Principal) -> KeySession:
    if not pin:
        raise PinMissing(_PIN_MISSING, fields={"pin": _PIN_MISSING})
    try:
        opened = store_of(key).open(pin)
    except WrongPin as wrong:
        raise _counted(key, who, wrong) from wrong
    if key.store is not KeyStoreKind.CSC:
        _right(key, who)
    return opened


def _right(key: KeyInUse, who: Principal) -> None:
    with transaction(who.acting) as session:
        actions.count_right_pin(session, key.id)


def _counted(key: KeyInUse, who: Principal, wrong: WrongPin) -> WrongPin:
    """What is said of a wrong PIN, once it is counted."""
    with transaction(who.acting) as session:
        left = actions.count_wrong_pin(session, key.id, by=who, at=clock.now())
    hint = f"Còn {left} lần thử." if left else "Khóa ký bị tạm khóa 15 phút."
    said = f"Mã PIN không đúng. {hint} {wrong.warning}".strip()
    return WrongPin(said, fields={"pin": said}, warning=wrong.warning)
