"""Rules of pairing: what a code is, how long it holds, what proves that a key is there. Pure."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import timedelta
from typing import Final

from eoffice.errors import Conflict, Invalid, NotFound

#: Without letters that look like others.
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
#: 8 of 32 letters: 40 bits, for ten minutes.
CODE_LETTERS: Final = 8
CODE_HOLDS: Final = timedelta(minutes=10)
#: A device is paired anew after a year; its certificate seldom lasts much longer.
DEVICE_LIFE: Final = timedelta(days=365)
#: How long a page of the office may call the program beside it.
PASS_HOLDS: Final = timedelta(minutes=2)
PASS_BYTES: Final = 32
MOST_DEVICES: Final = 5
#: Of signatures that are brought at once.
MOST_VALUES: Final = 100
LARGEST_CERTIFICATE_BYTES: Final = 16 * 1024
MOST_ISSUERS: Final = 5


class PairingRefused(NotFound):
    """The code is not one that waits for a device."""

    def __init__(self) -> None:
        super().__init__("Mã ghép đôi không đúng, đã dùng hoặc đã quá 10 phút. Hãy lấy mã mới.")


class ProofWrong(Invalid):
    """The device has not shown that it holds the key of the certificate."""


class NameDiffers(Conflict):
    """The certificate names somebody else than the holder of the account."""


class TooManyDevices(Conflict):
    """No further device can be paired."""


def new_code() -> str:
    """ "7KQM-2XWD" """
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LETTERS))
    return f"{drawn[:4]}-{drawn[4:]}"


def code_hash(entered: str) -> bytes:
    """Under which a code is kept: dashes, blanks and small letters do not matter."""
    return hashlib.sha256(re.sub(r"[^A-Z0-9]", "", entered.upper()).encode()).digest()


def pass_hash(given: str) -> bytes:
    return hashlib.sha256(given.encode()).digest()


def proven(code: str, certificate: bytes) -> bytes:
    """What a device signs to show that it holds the key: for this code and this certificate."""
    return b"eoffice-agent pairing 1\n" + code_hash(code) + hashlib.sha256(certificate).digest()


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are of one person or body: case, blanks and composition do not matter."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
