"""`eoffice key add`: puts the signing key of a person or of a unit's seal on record."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

import click
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.errors import NotFound, Refusal
from eoffice.people import queries
from eoffice.settings import settings
from eoffice.signing import actions, remote_signatures
from eoffice.signing.keys import services
from eoffice.signing.keys.contract import Identity, KeyStore, KeyUnavailable, WrongPin
from eoffice.signing.keys.csc import CscKeyStore
from eoffice.signing.keys.pkcs11 import Pkcs11KeyStore
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore
from eoffice.signing.model import KeyStoreKind


class HolderUnknown(NotFound):
    """Nobody has this login."""


@click.group("key")
def command() -> None:
    """Khóa ký của người và con dấu số của cơ quan."""


@command.command("add")
@click.option("--person", "login", help="Tên đăng nhập của người giữ khóa.")
@click.option("--seal-of", "unit_code", help="Mã đơn vị có con dấu số.")
@click.option("--file", "file_name", help="Tên tệp .p12 trong thư mục EOFFICE_KEYS.")
@click.option("--token", "token", help="Tên thẻ/tên khóa, trên thiết bị PKCS#11.")
@click.option(
    "--service", "credential", help="Tên dịch vụ ký số/khóa trong dịch vụ (docs/keys.md)."
)
@click.option("--pin", help="Mã PIN của khóa; không ghi thì được hỏi khi cần.")
def add(
    login: str | None,
    unit_code: str | None,
    file_name: str | None,
    token: str | None,
    credential: str | None,
    pin: str | None,
) -> None:
    """Ghi nhận một khóa ký; khóa cũ của cùng người hoặc con dấu được cho thôi dùng.

    Mã PIN chỉ dùng để thử mở khóa, không được lưu lại. Khóa ở dịch vụ ký số không hỏi mã PIN.
    """
    places = (file_name, token, credential)
    if (login is None) == (unit_code is None) or sum(each is not None for each in places) != 1:
        raise click.UsageError(
            "Cần đúng một trong --person, --seal-of và đúng một trong --file, --token, --service."
        )
    at = clock.now()
    try:
        if credential is not None:
            kind, identity = _at_service(credential)
            locator = credential
        else:
            pin = pin or click.prompt("Mã PIN của khóa", hide_input=True)
            if token is not None:
                kind, locator, store = KeyStoreKind.PKCS11, token, _on_token(token)
            else:
                file = settings().key_directory / Path(file_name or "").name
                _write_certificates(file, pin)
                kind, locator, store = KeyStoreKind.PKCS12, file.name, Pkcs12KeyStore(file)
            with store.open(pin) as opened:
                identity = opened.identity
        with system_transaction() as session:
            actions.register_key(
                session,
                person_id=None if login is None else _person(session, login),
                unit_id=None if unit_code is None else queries.unit_by_code(session, unit_code).id,
                store=kind,
                locator=locator,
                certificate=identity.certificate,
                chain=identity.chain,
                compatibility=kind in remote_signatures.STORES,
                by="set-up",
                at=at,
            )
    except Refusal as refusal:
        click.echo(f"✗ {refusal.detail}", err=True)
        sys.exit(1)
    click.echo(f"✓ Đã ghi nhận khóa ký của {login or unit_code}.")


def _person(session: Session, login: str) -> UUID:
    found = queries.person_by_login(session, login)
    if found is None:
        raise HolderUnknown(f"Không có ai có tên đăng nhập {login}.")
    return found.id


def _at_service(locator: str) -> tuple[KeyStoreKind, Identity]:
    """Which kind of service it is, and whose the key is, as the service says."""
    service, credential = services.of_locator(locator, settings().signing_services)
    kind = KeyStoreKind(service.kind)
    remote = remote_signatures.STORES.get(kind, CscKeyStore)
    return kind, remote(service, credential).identity()


def _on_token(locator: str) -> KeyStore:
    label, _, key = locator.partition("/")
    return Pkcs11KeyStore(Path(settings().pkcs11_library), token=label, key=key)


def _write_certificates(file: Path, pin: str) -> None:
    """The public half beside the key file, which alone is read until somebody signs."""
    beside = file.with_suffix(".pem")
    if beside.exists():
        return
    try:
        _, own, chain = pkcs12.load_key_and_certificates(file.read_bytes(), pin.encode())
    except OSError as failure:
        raise KeyUnavailable(f"Không đọc được tệp khóa {file.name}.") from failure
    except ValueError as failure:
        raise WrongPin("Mã PIN không mở được tệp khóa.") from failure
    if own is None:
        raise KeyUnavailable(f"Tệp khóa {file.name} không có chứng thư số.")
    try:
        beside.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in (own, *chain)))
    except OSError as failure:
        raise KeyUnavailable(
            f"Không ghi được {beside.name} vào thư mục khóa. Hãy cho phép ghi trong lúc ghi nhận."
        ) from failure
