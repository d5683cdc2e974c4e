"""Pages on which operators keep persons: the list, one person and the way to sign in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.people import (
    accounts,
    code_actions,
    person_actions,
    queries,
    unit_pages,
)
from eoffice.people.account_http import OF_THE_ACCOUNT
from eoffice.people.unit_pages import ROWS, Line
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request


class PersonForm(msgspec.Struct, frozen=True, kw_only=True):
    login: Annotated[str, msgspec.Meta(max_length=64)]
    full_name: Line


class PasswordForm(msgspec.Struct, frozen=True, kw_only=True):
    new_password: Annotated[str, msgspec.Meta(max_length=1024)]


@get("/admin/people", sync_to_thread=True)
def people(
    request: Request, q: FromQuery[str] = "", cursor: FromQuery[str | None] = None
) -> Response[bytes]:
    """All persons, by login, or those whom a search finds."""
    return _people_page(request, FormState(), q=q, cursor=cursor)


@post("/admin/people", sync_to_thread=True)
def take_person(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    who = unit_pages.operator(request)
    try:
        entered = form.parse(PersonForm)

        def work(session: Session) -> See:
            person_id = person_actions.create_person(
                session, login=entered.login, full_name=entered.full_name, by=who, at=clock.now()
            )
            said = f"Đã thêm {entered.full_name}. Tiếp theo, hãy đặt mật khẩu và giao chức danh."
            return See(f"/admin/people/{person_id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        return _people_page(request, form.refused(refusal), status=refusal.status)


@get("/admin/people/{person_id:uuid}", sync_to_thread=True)
def person(request: Request, person_id: FromPath[UUID]) -> Response[bytes]:
    return _person_page(request, person_id, FormState())


@post("/admin/people/{person_id:uuid}/password", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def set_password(
    request: Request,
    person_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """A first password, which the person has to change at once."""
    who = unit_pages.operator(request)
    try:
        entered = form.parse(PasswordForm)

        def work(session: Session) -> See:
            accounts.set_password(session, person_id, entered.new_password, by=who, at=clock.now())
            said = "Đã đặt mật khẩu. Người dùng phải đổi mật khẩu khi đăng nhập lần đầu."
            return See(f"/admin/people/{person_id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        return _person_page(request, person_id, form.refused(refusal), status=refusal.status)


@post("/admin/people/{person_id:uuid}/codes/removal", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def reset_codes(
    request: Request, person_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Let somebody in who lost device and recovery codes."""
    who = unit_pages.operator(request)

    def work(session: Session) -> See:
        code_actions.reset_codes(session, person_id, by=who, at=clock.now())
        return See(f"/admin/people/{person_id}", said="Đã tắt xác thực hai bước của người này.")

    return once.see(work)


@post("/admin/people/{person_id:uuid}/sessions/closure", sync_to_thread=True)
def sign_person_out(
    request: Request, person_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """End all sessions of a person."""
    who = unit_pages.operator(request)

    def work(session: Session) -> See:
        count = accounts.close_all_sessions(session, person_id, by=who, at=clock.now())
        return See(f"/admin/people/{person_id}", said=f"Đã đăng xuất {count} phiên làm việc.")

    return once.see(work)


def _people_page(
    request: Request,
    form: FormState,
    *,
    q: str = "",
    cursor: str | None = None,
    status: int = 200,
) -> Response[bytes]:
    who = unit_pages.operator(request)
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        rows = queries.search_persons(
            session, q, after=(after[0], after[1]) if after else None, limit=ROWS + 1
        )
    found = Page.of(request, rows, limit=ROWS, key=lambda row: (row.login, str(row.id)))
    return page(
        request,
        "people/people.html",
        status=status,
        form=form,
        q=q,
        found=found,
        at_start=after is None,
    )


def _person_page(
    request: Request, person_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = unit_pages.operator(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = queries.person(session, person_id)
        held = queries.appointments_of(session, person_id, at=None)
        codes_left = code_actions.recovery_codes_left(session, person_id)
    return page(
        request,
        "people/person.html",
        status=status,
        form=form,
        person=found,
        held=held,
        codes_left=codes_left,
        today_on=today,
        ending=FormState.of(last_day=today),
    )
