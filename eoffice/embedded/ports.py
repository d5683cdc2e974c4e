"""Ports on loopback: which are free, and which one a service had the last time."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from eoffice.embedded.failures import NoFreePort, PortTaken

#: Below the range from which Linux takes the ports of outgoing connections, so that a port which
#: is free while a service restarts stays free until it listens again.
RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a service could listen on the port now."""
    with socket.socket() as probe:
        # As servers do: connections of a predecessor that linger in TIME_WAIT are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether something accepts connections on the port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def free_port(besides: Iterable[int] = ()) -> int:
    """A port on which nothing listens, other than those named.

    Raises NoFreePort.
    """
    taken = set(besides)
    for port in random.sample(RANGE, 500):
        if port not in taken and is_free(port):
            return port
    raise NoFreePort


def require_free(port: int, purpose: str) -> None:
    """Raises PortTaken with `purpose`, a Vietnamese noun phrase such as "trang web"."""
    if not is_free(port):
        raise PortTaken(port, purpose)


def remembered(file: Path) -> dict[str, int]:
    """What `assigned` chose the last time; nothing before the first time."""
    known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    return known


def assigned(file: Path, names: Iterable[str], fixed: Mapping[str, int]) -> dict[str, int]:
    """A port for each name, the same as at the last start where that is still free.

    `fixed` names the ports which the operator chose: they are not replaced but refused.

    Raises PortTaken, NoFreePort.
    """
    known = remembered(file)
    chosen: dict[str, int] = {}
    for name in names:
        port = fixed.get(name)
        if port is not None:
            require_free(port, name)
        else:
            port = known.get(name)
            if port is None or port in chosen.values() or not is_free(port):
                port = free_port([*known.values(), *chosen.values(), *fixed.values()])
        chosen[name] = port
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(known | chosen, indent=1))
    fresh.replace(file)
    return chosen
