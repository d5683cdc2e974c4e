"""Whether an address leads out of this network: for calls whose target somebody else has named."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Container
from typing import Final

#: Where a network has no IPv4, gateways reach any IPv4 address behind this prefix (RFC 6052).
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")


class Inside(OSError):
    """A host is in this network, and the operator has not named it."""


def is_public(address: str) -> bool:
    """Whether a resolved address leads out of this network."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (hidden := _hidden(found)) is not None:
        return is_public(str(hidden))
    return found.is_global and not found.is_multicast


def addresses(host: str, port: int, *, inside: Container[str]) -> tuple[str, ...]:
    """What a name means now, best first; connect to these, for the next question may be answered
    otherwise. Hosts in `inside` may be anywhere. Raises Inside, OSError: nobody knows the name.
    """
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as failure:
        raise OSError(f"not a name of a host: {failure}") from failure
    found = tuple(dict.fromkeys(str(each[4][0]) for each in answers))
    if host not in inside and not all(map(is_public, found)):
        raise Inside(host)
    return found


def _hidden(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which an IPv6 address really leads."""
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
