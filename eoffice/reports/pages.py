"""The routes of the pages of report books."""

from __future__ import annotations

from litestar import Router

from eoffice.reports import class_pages, part_pages, superior_pages

pages = Router(
    "/",
    route_handlers=[*class_pages.HANDLERS, *part_pages.HANDLERS, *superior_pages.HANDLERS],
    include_in_schema=False,
)
