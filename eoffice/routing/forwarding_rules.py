"""Whom an incoming document may be passed on to, and how far those below are, as plain values."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from eoffice.errors import Invalid


class NobodyChosen(Invalid):
    """A document is passed on to at least one unit."""


class NotBelow(Invalid):
    """A document is passed on to units below only."""


class ReceivedAlready(Invalid):
    """Everybody who was chosen has got this document already."""


def checked_units(
    chosen: Collection[UUID], *, below: Collection[UUID], had: Collection[UUID]
) -> tuple[UUID, ...]:
    """Those of the chosen units that have not got it yet, each once, in the order of the choice.

    Raises NobodyChosen, NotBelow, ReceivedAlready.
    """
    wanted = tuple(dict.fromkeys(chosen))
    if not wanted:
        detail = "Hãy chọn ít nhất một đơn vị nhận."
        raise NobodyChosen(detail, fields={"units": detail})
    if not set(wanted) <= set(below):
        detail = "Chỉ chuyển xuống đơn vị trực thuộc đang hoạt động."
        raise NotBelow(detail, fields={"units": detail})
    fresh = tuple(each for each in wanted if each not in had)
    if not fresh:
        detail = "Các đơn vị được chọn đều đã nhận văn bản này."
        raise ReceivedAlready(detail, fields={"units": detail})
    return fresh
