"""The services that hold keys for this office: a file that the operator writes.

`EOFFICE_SIGNING_SERVICES` names a JSON file; `docs/keys.md` describes it. Secrets stand in it by
name only (`named_secrets`).
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec

from eoffice import named_secrets
from eoffice.signing.keys.contract import KeyUnavailable

_UNKNOWN: Final = (
    "Dịch vụ ký số “{name}” chưa được khai báo trên máy chủ. Hãy báo quản trị hệ thống."
)
_UNREADABLE: Final = (
    "Không đọc được tệp khai báo dịch vụ ký số (EOFFICE_SIGNING_SERVICES): {why}. Xem docs/keys.md."
)


class Provider(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one service is reached, and how it says what."""

    #: Stands in rows, before the credential: never renamed.
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    kind: Literal["csc", "smartca", "mysign"]
    #: Its base address, without a slash at the end; https but on this machine itself.
    address: str
    client_id: str = ""
    #: The name of the secret that goes with it.
    secret: str = ""
    #: RFC 6749, 4.4: where a client gets its bearer token; empty: it needs none.
    token_address: str = ""
    #: Viettel MySign: the profile of the signing process.
    profile: str = ""
    #: As long the service waits for the signer's answer.
    minutes: Annotated[int, msgspec.Meta(ge=1, le=60)] = 5
    #: In which words or numbers it says that the signer declined, and that it has waited too long.
    declined: frozenset[str] = frozenset()
    lapsed: frozenset[str] = frozenset()

    def read_secret(self) -> str:
        """Raises SecretMissing; empty where none is named."""
        return named_secrets.read(self.secret) if self.secret else ""


class _Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    services: tuple[Provider, ...]


def of_locator(locator: str, file: Path | None) -> tuple[Provider, str]:
    """Provider and credential of "name/credential". Raises KeyUnavailable."""
    name, _, credential = locator.partition("/")
    found = [each for each in read(file) if each.name == name] if file is not None else []
    if not found or not credential:
        raise KeyUnavailable(_UNKNOWN.format(name=name))
    return found[0], credential


def read(file: Path) -> tuple[Provider, ...]:
    """All that are declared. Raises KeyUnavailable, which says what is wrong with the file."""
    try:
        services = msgspec.json.decode(file.read_bytes(), type=_Declared).services
    except OSError as failure:
        raise KeyUnavailable(_UNREADABLE.format(why="không mở được tệp")) from failure
    except (msgspec.ValidationError, msgspec.DecodeError) as failure:
        raise KeyUnavailable(_UNREADABLE.format(why=str(failure))) from failure
    names = [each.name for each in services]
    if len(set(names)) != len(names):
        raise KeyUnavailable(_UNREADABLE.format(why="có hai dịch vụ cùng tên"))
    for each in services:
        for address in filter(None, (each.address, each.token_address)):
            if not _may_be_asked(address):
                why = f"địa chỉ của “{each.name}” phải bắt đầu bằng https://"
                raise KeyUnavailable(_UNREADABLE.format(why=why))
    return services


def _may_be_asked(address: str) -> bool:
    """PINs and secrets go there: in clear only within this machine."""
    try:
        place = urlsplit(address)
        host = place.hostname or ""
        if place.scheme == "https":
            return bool(host)
        return place.scheme == "http" and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
