"""What a page asks of a signer before the key is opened."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

#: Empty for a key that is opened elsewhere: on a phone, or at the signer's own computer.
Pin: TypeAlias = Annotated[str, msgspec.Meta(max_length=128)]


class PinEntered(msgspec.Struct, frozen=True, kw_only=True):
    pin: Pin = ""
