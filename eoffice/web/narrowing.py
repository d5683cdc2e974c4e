"""What the address of a list asks for: `?since=2018-08-01&state=late`.

    class Filters(msgspec.Struct, frozen=True, kw_only=True):
        since: date | None = None

    narrowed = narrowing.asked(request, Filters)
    narrowing.shown(narrowed)        # {"since": "2018-08-01"}, to fill a form or make an address of

A form that is sent with GET sends its empty fields too: blank is absent.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from eoffice.errors import Invalid
from eoffice.web.principal import Request

_Filters = TypeVar("_Filters", bound=msgspec.Struct)


def asked(request: Request, kind: type[_Filters]) -> _Filters:
    """The narrowing that the address asks for; every field has a default. Raises Invalid."""
    values = {
        name: value
        for name in kind.__struct_fields__
        if (value := request.query_params.get(name, "").strip())
    }
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid("Bộ lọc trong địa chỉ không đúng. Hãy bỏ lọc rồi chọn lại.") from error


def shown(narrowed: msgspec.Struct) -> dict[str, str]:
    """The fields that are set, as an address or a form has them."""
    values: dict[str, Any] = {name: getattr(narrowed, name) for name in narrowed.__struct_fields__}
    return {name: str(value) for name, value in values.items() if value is not None}
