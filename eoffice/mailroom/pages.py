"""Pages of the mailroom: where each address leads."""

from __future__ import annotations

from litestar import Router

from eoffice.mailroom import entry_pages

pages = Router(
    "/",
    route_handlers=[entry_pages.new, entry_pages.enter],
    include_in_schema=False,
)
