"""Pages of administration: where each address leads."""

from __future__ import annotations

from litestar import Response, get

from eoffice.people import (
    appointment_pages,
    person_pages,
    unit_pages,
    working_days_pages,
)
from eoffice.web.pages import see
from eoffice.web.principal import Request


@get("/admin", sync_to_thread=True)
def administration(request: Request) -> Response[bytes]:
    """Where administration begins: the units."""
    unit_pages.operator(request)
    return see("/admin/units")


HANDLERS = (
    administration,
    unit_pages.units,
    unit_pages.new_unit,
    unit_pages.take_unit,
    unit_pages.unit,
    unit_pages.rename_unit,
    unit_pages.set_organ_id,
    unit_pages.move_unit,
    unit_pages.close_unit,
    appointment_pages.appoint,
    appointment_pages.show_ending,
    appointment_pages.end_appointment,
    appointment_pages.delegate,
    person_pages.people,
    person_pages.take_person,
    person_pages.person,
    person_pages.set_password,
    person_pages.reset_codes,
    person_pages.sign_person_out,
    *working_days_pages.HANDLERS,
)
