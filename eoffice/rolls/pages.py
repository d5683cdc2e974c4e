"""The pages of rolls: enrolment register, moves, certificates, blanks."""

from __future__ import annotations

from litestar import Router

from eoffice.rolls import (
    blank_pages,
    certificate_pages,
    enrolment_pages,
    import_pages,
    move_pages,
)

pages = Router(
    "/",
    route_handlers=[
        *enrolment_pages.HANDLERS,
        *move_pages.HANDLERS,
        *certificate_pages.HANDLERS,
        *blank_pages.HANDLERS,
        *import_pages.HANDLERS,
    ],
    include_in_schema=False,
)
