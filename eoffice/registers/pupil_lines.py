"""One pupil's lines out of the data of a whole book, of whichever kind. Pure.

What is said of the class stays; what is said of other pupils goes, and with it the totals, from
which something about them could be told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: Keys under which books keep their pupils, and their counts over all pupils.
_PUPILS: Final = "pupils"
_TOTALS: Final = frozenset({"totals", "counts"})


def of_pupil(book: Mapping[str, Any], code: str) -> dict[str, Any] | None:
    """The book's data with this pupil alone; None where the book does not list the pupil."""
    codes = set(_codes(book))
    if code not in codes:
        return None
    return {
        key: _kept(key, value, code, codes) for key, value in book.items() if key not in _TOTALS
    }


def _codes(value: object) -> list[str]:
    """Of every list of pupils in the data."""
    if isinstance(value, Mapping):
        found = [one for part in value.values() for one in _codes(part)]
        listed = value.get(_PUPILS)
        if isinstance(listed, list):
            found += [own for one in listed if (own := _code(one)) is not None]
        return found
    if isinstance(value, list):
        return [one for part in value for one in _codes(part)]
    return []


def _code(entry: object) -> str | None:
    """Of one pupil in a list: {"code": …} or {"pupil": {"code": …}, …}."""
    if not isinstance(entry, Mapping):
        return None
    inner = entry.get("pupil")
    if isinstance(inner, Mapping):
        return _code(inner)
    code = entry.get("code")
    return code if isinstance(code, str) else None


def _kept(key: str, value: object, code: str, codes: set[str]) -> object:
    if isinstance(value, Mapping):
        is_by_pupil = bool(value) and set(value) <= codes
        return {
            name: _kept(name, one, code, codes)
            for name, one in value.items()
            if name not in _TOTALS and (not is_by_pupil or name == code)
        }
    if isinstance(value, list):
        return [_kept(key, one, code, codes) for one in value if _is_of(key, one, code, codes)]
    return value


def _is_of(key: str, entry: object, code: str, codes: set[str]) -> bool:
    if not isinstance(entry, Mapping):
        return True
    if key == _PUPILS:
        return _code(entry) == code
    named = entry.get("pupil", entry.get("pupil_code"))
    if isinstance(named, Mapping):
        named = _code(named)
    return named is None or named not in codes or named == code
