"""The pages of the exchange: where each address leads."""

from __future__ import annotations

from litestar import Router

from eoffice.exchange import log_pages, peer_pages

pages = Router(
    "/",
    route_handlers=[*log_pages.HANDLERS, *peer_pages.HANDLERS],
    include_in_schema=False,
)
