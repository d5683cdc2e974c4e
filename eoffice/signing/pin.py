"""What a page asks of a signer before the key is opened."""

from __future__ import annotations

from typing import Annotated

import msgspec


class PinEntered(msgspec.Struct, frozen=True, kw_only=True):
    pin: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
