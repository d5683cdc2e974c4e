"""The contract of a gateway: how messages reach other systems and how theirs reach us.

One suite, `tests/exchange/test_gateways.py`, holds every gateway to it. No call may be made while a
database transaction is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from eoffice.errors import Conflict, Unavailable

#: Messages that one fetch hands out at most; the next fetch goes on behind them.
MOST_FETCHED: Final = 100
TIMEOUT_S: Final = 30.0


class GatewayUnavailable(Unavailable):
    """The other system does not answer, or asks to be tried again; it may have the message."""


class GatewayRefused(Conflict):
    """The other system answered that it will not take this message, now or later."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message as a gateway carries it."""

    #: The sender's name of the message: the same for every attempt to send it.
    message_id: str
    #: The edXML file.
    content: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """A status, for gateways that have a call of their own for it."""

    parcel: Parcel
    #: The gateway's own name of the document, as it was fetched; empty where we sent it.
    about_message_id: str
    status: str


class Gateway(Protocol):
    def send(self, parcel: Parcel) -> None:
        """Hand over a document message.

        Returns once the other side has it for good. Idempotent by `message_id`: what was handed
        over before is not doubled, so that a call whose answer was lost is simply repeated.
        Raises GatewayUnavailable (try again) and GatewayRefused (never again).
        """
        ...

    def tell(self, told: Told) -> None:
        """Hand over a status message; as `send`."""
        ...

    def fetch(self) -> Sequence[Parcel]:
        """What waits for us, oldest first, at most `MOST_FETCHED`; [] when nothing does.

        The same messages come again, under the same identifiers, until they are acknowledged.
        Raises GatewayUnavailable.
        """
        ...

    def acknowledge(self, message_id: str) -> None:
        """We have it for good: it is not fetched again. Idempotent, also for unknown ones.

        Raises GatewayUnavailable.
        """
        ...
