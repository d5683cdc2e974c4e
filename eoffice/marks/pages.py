"""The pages of marks that are not of one class only: grid, files of a school, locks."""

from __future__ import annotations

from litestar import Router

from eoffice.marks import (
    decision_pages,
    grid_pages,
    lock_pages,
    next_year_pages,
    school_import_pages,
    year_pages,
)

pages = Router(
    "/",
    route_handlers=[
        grid_pages.show,
        grid_pages.save,
        grid_pages.save_cells,
        school_import_pages.listing,
        school_import_pages.new,
        school_import_pages.bring,
        school_import_pages.show,
        school_import_pages.progress,
        school_import_pages.explain_sheets,
        school_import_pages.columns,
        school_import_pages.explain_columns,
        school_import_pages.accept,
        school_import_pages.forget_layout,
        lock_pages.listing,
        lock_pages.lock,
        lock_pages.open_for,
        lock_pages.end_opening,
        lock_pages.lift,
        *next_year_pages.HANDLERS,
        *year_pages.HANDLERS,
        *decision_pages.HANDLERS,
    ],
    include_in_schema=False,
)
