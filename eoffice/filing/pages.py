"""Pages of filing."""

from __future__ import annotations

from litestar import Router

from eoffice.filing import case_pages, closing_pages
from eoffice.filing.holds import pages as hold_pages
from eoffice.filing.notes import pages as note_pages
from eoffice.filing.paper import pages as paper_pages

pages = Router(
    "/",
    route_handlers=[
        *case_pages.HANDLERS,
        *closing_pages.HANDLERS,
        *note_pages.HANDLERS,
        *hold_pages.HANDLERS,
        *paper_pages.HANDLERS,
    ],
    include_in_schema=False,
)
