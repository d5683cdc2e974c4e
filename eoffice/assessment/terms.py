"""Reading what an officer keeps about a circular: the rows that its text leaves open.

They come as JSON. Whatever is not there, or is not of its kind, is refused by its name; nothing is
taken for granted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from eoffice.assessment.summer import Reassessment
from eoffice.errors import Invalid

Json = Mapping[str, Any]
T = TypeVar("T")


class TermsRefused(Invalid):
    """The terms of a circular are not complete, or not what they should be."""


def read(take: Callable[[Json], T], json: Json) -> T:
    """`take(json)`. Raises TermsRefused, naming what is missing or wrong."""
    try:
        return take(json)
    except KeyError as error:
        raise TermsRefused(f"Bảng quy định còn thiếu mục hoặc giá trị {error}.") from error
    except (TypeError, ValueError, InvalidOperation) as error:
        raise TermsRefused(f"Bảng quy định có giá trị không hợp lệ: {error}.") from error


def flag(json: Json, name: str) -> bool:
    value = json[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name}: {value!r}")
    return value


def whole(json: Json, name: str) -> int:
    """A whole number that is not negative."""
    value = json[name]
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError(f"{name}: {value!r}")
    return value


def number(json: Json, name: str) -> Decimal:
    """A decimal, which JSON has to give as text: "5.0"."""
    value = json[name]
    if not isinstance(value, str):
        raise TypeError(f"{name}: {value!r}")
    found = Decimal(value)
    if not found.is_finite():
        raise ValueError(f"{name}: {value!r}")
    return found


def reassessment(json: Json) -> Reassessment:
    return Reassessment(number(json, "reassess_below"), flag(json, "keeps_better_result"))
