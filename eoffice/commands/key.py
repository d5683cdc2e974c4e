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
from eoffice.signing import actions
from eoffice.signing.keys.contract import KeyStore, KeyUnavailable, WrongPin
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
@click.option("--pin", prompt="Mã PIN của khóa", hide_input=True)
def add(
    login: str | None, unit_code: str | None, file_name: str | None, token: str | None, pin: str
) -> None:
    """Ghi nhận một khóa ký; khóa cũ của cùng người hoặc con dấu được cho thôi dùng.

    Mã PIN chỉ dùng để thử mở khóa, không được lưu lại.
    """
    if (login is None) == (unit_code is None) or (file_name is None) == (token is None):
        raise click.UsageError(
            "Cần đúng một trong --person, --seal-of và đúng một trong --file, --token."
        )
    at = clock.now()
    try:
        if token is not None:
            kind, locator, store = KeyStoreKind.PKCS11, token, _on_token(token)
        else:
            file = settings().key_directory / Path(file_name or "").name
            _write_certificates(file, pin)
            kind, locator, store = KeyStoreKind.PKCS12, file.name, Pkcs12KeyStore(file)
        with store.open(pin) as opened:
            certificate = opened.identity.certificate
        with system_transaction() as session:
            actions.register_key(
                session,
                person_id=None if login is None else _person(session, login),
                unit_id=None if unit_code is None else queries.unit_by_code(session, unit_code).id,
                store=kind,
                locator=locator,
                certificate=certificate,
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
