"""The mailroom for programs: where each address leads."""

from __future__ import annotations

from litestar import Router

from eoffice.mailroom import entry_http

router = Router(
    "/api/v1",
    route_handlers=[entry_http.enter, entry_http.duplicates, entry_http.examination],
    tags=["mailroom"],
)
