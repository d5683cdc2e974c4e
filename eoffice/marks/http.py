"""The doors of marks for programs."""

from __future__ import annotations

from litestar import Router

from eoffice.marks import lock_http, school_import_http, year_http

router = Router(
    "/api/v1",
    route_handlers=[
        Router(
            "/school-imports",
            route_handlers=[
                school_import_http.bring,
                school_import_http.bring_marks,
                school_import_http.show,
                school_import_http.accept,
            ],
        ),
        Router("/mark-locks", route_handlers=list(lock_http.HANDLERS)),
        Router(
            "/classes",
            route_handlers=[
                school_import_http.grid,
                school_import_http.enter,
                year_http.record_traits,
                year_http.decide,
                year_http.close_summer,
            ],
        ),
    ],
    tags=["registers"],
)
