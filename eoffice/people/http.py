"""Sessions, accounts, units and persons for programs: where each address leads."""

from __future__ import annotations

from litestar import Router

from eoffice.people import (
    account_http,
    person_http,
    unit_http,
    working_days_http,
)

router = Router(
    "/api/v1",
    route_handlers=[
        account_http.open_session,
        account_http.close_session,
        account_http.act_as,
        account_http.me,
        account_http.change_password,
        account_http.tokens,
        account_http.create_token,
        account_http.revoke_token,
        unit_http.units,
        unit_http.unit,
        unit_http.persons_in,
        unit_http.create_unit,
        unit_http.rename_unit,
        unit_http.set_organ_id,
        unit_http.move_unit,
        unit_http.close_unit,
        unit_http.groups,
        unit_http.units_of_group,
        person_http.persons,
        person_http.create_person,
        person_http.set_password,
        person_http.appoint,
        person_http.end_appointment,
        person_http.delegate,
        working_days_http.working_days_of,
        working_days_http.set_days,
        working_days_http.take_out,
    ],
)
