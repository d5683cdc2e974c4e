"""Documents and books for programs: `/api/v1/documents`, `/api/v1/books`. A step is a noun."""

from __future__ import annotations

from litestar import Router

from eoffice.documents import (
    book_http,
    copy_pages,
    difference_pages,
    draft_http,
    draft_template_http,
    flow_http,
    metadata_pages,
    recipient_http,
    step_http,
)

router = Router(
    "/",
    route_handlers=[
        draft_http.router,
        difference_pages.differences_of,
        draft_template_http.router,
        copy_pages.router,
        metadata_pages.router,
        step_http.router,
        flow_http.router,
        recipient_http.router,
        book_http.router,
    ],
)
