"""The pages of sổ ghi đầu bài and sổ chủ nhiệm."""

from __future__ import annotations

from litestar import Router

from eoffice.diaries import (
    bell_pages,
    deleting_pages,
    homeroom_pages,
    lesson_pages,
    missing_pages,
    week_pages,
)

pages = Router(
    "/",
    route_handlers=[
        *lesson_pages.HANDLERS,
        *missing_pages.HANDLERS,
        *bell_pages.HANDLERS,
        *deleting_pages.HANDLERS,
        *week_pages.HANDLERS,
        *homeroom_pages.HANDLERS,
    ],
    include_in_schema=False,
)
