"""The pages of classes that are not of one class only: lists, opening, assignments."""

from __future__ import annotations

from litestar import Router

from eoffice.classes import opening_pages
from eoffice.classes.lists import list_pages

pages = Router(
    "/", route_handlers=[*list_pages.HANDLERS, *opening_pages.HANDLERS], include_in_schema=False
)
