"""Documents and books for programs: `/api/v1/documents`, `/api/v1/books`. A step is a noun."""

from __future__ import annotations

from litestar import Router

from eoffice.documents import step_http
from eoffice.documents.books import http as book_http
from eoffice.documents.copies import pages as copy_pages
from eoffice.documents.drafts import difference_pages
from eoffice.documents.drafts import http as draft_http
from eoffice.documents.drafts import template_http as draft_template_http
from eoffice.documents.flows import http as flow_http
from eoffice.documents.metadata import pages as metadata_pages
from eoffice.documents.recipients import http as recipient_http

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
