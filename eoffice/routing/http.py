"""Deliveries, arrivals, recipients and notices for programs: where each address leads.

A step is a noun. Content is read only after the opening.
"""

from __future__ import annotations

from litestar import Router

from eoffice.routing import (
    arrival_http,
    delivery_http,
    metadata_pages,
    points_http,
    recall_http,
    receipts_pages,
    sender_http,
    work_http,
)

router = Router(
    "/api/v1",
    route_handlers=[
        Router(
            "/deliveries",
            route_handlers=[
                delivery_http.deliveries,
                delivery_http.delivery,
                delivery_http.open_delivery,
                arrival_http.register,
                delivery_http.refuse,
                recall_http.recall,
                recall_http.answer,
                delivery_http.content,
                delivery_http.page_of_content,
                delivery_http.files,
                delivery_http.file,
                receipts_pages.receipt_for_programs,
            ],
            tags=["deliveries"],
        ),
        Router(
            "/arrivals",
            route_handlers=[
                arrival_http.book,
                arrival_http.colleagues,
                arrival_http.arrival,
                arrival_http.submit,
                arrival_http.assign,
                arrival_http.log_work,
                arrival_http.take_note,
                arrival_http.finish,
                arrival_http.answer,
                *work_http.HANDLERS,
                *points_http.OF_ARRIVALS,
                *metadata_pages.handlers,
            ],
            tags=["arrivals"],
        ),
        Router(
            "/documents",
            route_handlers=[
                recall_http.recalls,
                sender_http.recipients_status,
                *points_http.OF_DOCUMENTS,
            ],
            tags=["documents"],
        ),
        Router(
            "/notices",
            route_handlers=[sender_http.notices, sender_http.read_notice],
            tags=["notices"],
        ),
    ],
)
