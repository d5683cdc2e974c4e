"""The mailroom for programs: where each address leads."""

from __future__ import annotations

from litestar import Router

from eoffice.mailroom import entry_http, stamp_pages

router = Router(
    "/api/v1",
    route_handlers=[
        entry_http.enter,
        entry_http.duplicates,
        entry_http.examination,
        stamp_pages.metadata,
    ],
    tags=["mailroom"],
)
