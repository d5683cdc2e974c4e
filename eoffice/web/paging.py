"""Lists in pages: an opaque, signed cursor that says after which row the next page begins.

    after = Cursor.read(request, cursor)      None for the first page, else the key of the last row
    Page.of(request, rows, limit=50, key=lambda row: (row.created_at.isoformat(), str(row.id)))

Ask the database for `limit + 1` rows. The cursor is bound to the address of the list and to the
acting unit, so that it cannot be carried to another list.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from eoffice.errors import Invalid
from eoffice.web import seals
from eoffice.web.principal import Request, principal_or_none
from eoffice.web.site import Site

MOST_ROWS = 200

T = TypeVar("T")


class CursorInvalid(Invalid):
    """The cursor was not issued for this list."""


class Cursor:
    """A position in a list, as text for the address."""

    @staticmethod
    def read(request: Request, text: str | None) -> tuple[str, ...] | None:
        """The sort key of the last row seen; None at the beginning. Raises CursorInvalid."""
        if not text:
            return None
        payload = seals.unsign(Site.of(request).secret_key, _purpose(request), text)
        if payload is None:
            raise CursorInvalid("Trang tiếp theo không còn dùng được. Hãy mở lại danh sách từ đầu.")
        return msgspec.json.decode(payload, type=tuple[str, ...])

    @staticmethod
    def write(request: Request, key: tuple[str, ...]) -> str:
        return seals.sign(Site.of(request).secret_key, _purpose(request), msgspec.json.encode(key))


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None

    @classmethod
    def of(
        cls,
        request: Request,
        rows: Sequence[T],
        *,
        limit: int,
        key: Callable[[T], tuple[str, ...]],
    ) -> Page[T]:
        """The first `limit` of the rows; one row more says that there is a next page."""
        items = list(rows[:limit])
        more = len(rows) > limit and bool(items)
        return cls(items=items, next_cursor=Cursor.write(request, key(items[-1])) if more else None)


def bounded(limit: int) -> int:
    """How many rows a page may have: between one and 200."""
    return max(1, min(limit, MOST_ROWS))


def _purpose(request: Request) -> str:
    who = principal_or_none(request)
    return f"cursor:{request.scope['path']}:{who.unit_id if who else ''}"
