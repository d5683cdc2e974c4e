"""Pages on which operators keep units and people."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Invalid, Refusal
from eoffice.people import (
    accounts,
    appointment_actions,
    operators,
    person_actions,
    queries,
    unit_actions,
)
from eoffice.people.http import OF_THE_ACCOUNT
from eoffice.people.kinds import (
    GRANT_KIND_NAMES,
    MANNER_NAMES,
    POSITION_KIND_NAMES,
    SCHOOL_LEVEL_NAMES,
    UNIT_KIND_NAMES,
    GrantKind,
    Manner,
    PositionKind,
    SchoolLevel,
    UnitKind,
)
from eoffice.people.queries import Branch, PersonUnknown, UnitUnknown, UnitView
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page, see
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request, principal
from eoffice.web.words import day

ROWS = 50
Line = Annotated[str, msgspec.Meta(max_length=300)]

UNIT_KINDS = tuple((kind.value, name) for kind, name in UNIT_KIND_NAMES.items())
LEVELS = tuple((level.value, name) for level, name in SCHOOL_LEVEL_NAMES.items())
POSITION_KINDS = tuple((kind.value, name) for kind, name in POSITION_KIND_NAMES.items())
MANNERS = tuple((manner.value, name) for manner, name in MANNER_NAMES.items())
GRANT_KINDS = tuple((kind.value, name) for kind, name in GRANT_KIND_NAMES.items())


class UnitForm(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, msgspec.Meta(max_length=64)]
    name: Line
    kind: UnitKind
    place: Line
    valid_from: date
    parent_code: str | None = None
    level: SchoolLevel | None = None
    notation: Annotated[str, msgspec.Meta(max_length=64)] = ""
    organ_id: Annotated[str, msgspec.Meta(max_length=35)] | None = None
    letterhead_name: Line | None = None
    superior_name: Line | None = None


class NameForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Line
    since: date
    place: Line
    notation: Annotated[str, msgspec.Meta(max_length=64)] = ""
    letterhead_name: Line | None = None
    superior_name: Line | None = None


class ParentForm(msgspec.Struct, frozen=True, kw_only=True):
    parent_code: str
    moved_since: date


class ClosureForm(msgspec.Struct, frozen=True, kw_only=True):
    last_day: date
    successor_codes: str = ""


class AppointmentForm(msgspec.Struct, frozen=True, kw_only=True):
    login: str
    title: Line
    kind: PositionKind
    valid_from: date
    valid_to: date | None = None
    manner: Manner = Manner.APPOINTED


class EndingForm(msgspec.Struct, frozen=True, kw_only=True):
    last_day: date


class DelegationForm(msgspec.Struct, frozen=True, kw_only=True):
    from_position_id: UUID
    to_login: str
    grant_kind: GrantKind
    granted_from: date
    subject: Line
    document_reference: Line
    granted_to: date | None = None


class PersonForm(msgspec.Struct, frozen=True, kw_only=True):
    login: Annotated[str, msgspec.Meta(max_length=64)]
    full_name: Line


class PasswordForm(msgspec.Struct, frozen=True, kw_only=True):
    new_password: Annotated[str, msgspec.Meta(max_length=1024)]


# --- Units -----------------------------------------------------------------------------------


@get("/admin", sync_to_thread=True)
def administration(request: Request) -> Response[bytes]:
    """Where administration begins: the units."""
    operator(request)
    return see("/admin/units")


@get("/admin/units", sync_to_thread=True)
def units(
    request: Request,
    q: FromQuery[str] = "",
    ended: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """The tree of units; with `q` or `ended` a list."""
    who = operator(request)
    today = clock.civil_date(clock.now())
    is_search = bool(q.strip()) or ended
    after = Cursor.read(request, cursor)
    branches: tuple[Branch, ...] = ()
    found: Page[UnitView] = Page(items=[])
    with db.transaction(who.acting) as session:
        if is_search:
            rows = queries.search_units(
                session,
                q,
                on=None if ended else today,
                after=(after[0], after[1]) if after else None,
                limit=ROWS + 1,
            )
            keys = {row.id: queries.name_key(session, row) for row in rows[ROWS - 1 : ROWS]}
            found = Page.of(request, rows, limit=ROWS, key=lambda row: keys[row.id])
        else:
            branches = queries.unit_tree(session, on=today)
    return page(
        request,
        "people/units.html",
        q=q,
        ended=ended,
        is_search=is_search,
        at_start=after is None,
        found=found,
        branches=nested(branches),
        count=len(branches),
        kind_names=UNIT_KIND_NAMES,
    )


@get("/admin/units/new", sync_to_thread=True)
def new_unit(request: Request, below: FromQuery[str] = "") -> Response[bytes]:
    operator(request)
    form = FormState.of(parent_code=below, valid_from=clock.civil_date(clock.now()))
    return _unit_form(request, form)


@post("/admin/units", sync_to_thread=True)
def take_unit(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Enter a unit."""
    who = operator(request)
    try:
        entered = form.parse(UnitForm)

        def work(session: Session) -> See:
            parent_id = None
            if entered.parent_code is not None:
                parent_id = _unit_by_code(session, entered.parent_code, "parent_code").id
            unit_id = unit_actions.create_unit(
                session,
                code=entered.code,
                name=entered.name,
                kind=entered.kind,
                place=entered.place,
                valid_from=entered.valid_from,
                level=entered.level,
                parent_id=parent_id,
                notation=entered.notation,
                organ_id=entered.organ_id,
                letterhead_name=entered.letterhead_name,
                superior_name=entered.superior_name,
                by=who,
                at=clock.now(),
            )
            return See(f"/admin/units/{unit_id}", said=f"Đã lập {entered.name}.")

        return once.see(work)
    except Refusal as refusal:
        return _unit_form(request, form.refused(refusal), status=refusal.status)


@get("/admin/units/{unit_id:uuid}", sync_to_thread=True)
def unit(request: Request, unit_id: FromPath[UUID]) -> Response[bytes]:
    """A unit with its people, what it was called, and what can be done to it."""
    return _unit_page(request, unit_id, FormState())


@post("/admin/units/{unit_id:uuid}/names", sync_to_thread=True)
def rename_unit(
    request: Request,
    unit_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    who = operator(request)
    try:
        entered = form.parse(NameForm)

        def work(session: Session) -> See:
            unit_actions.rename_unit(
                session,
                unit_id,
                name=entered.name,
                since=entered.since,
                letterhead_name=entered.letterhead_name,
                superior_name=entered.superior_name,
                notation=entered.notation,
                place=entered.place,
                by=who,
                at=clock.now(),
            )
            return See(f"/admin/units/{unit_id}", said=f"Từ nay đơn vị có tên {entered.name}.")

        return once.see(work)
    except Refusal as refusal:
        return _unit_page(
            request, unit_id, form.refused(refusal), opened="names", status=refusal.status
        )


@post("/admin/units/{unit_id:uuid}/parents", sync_to_thread=True)
def move_unit(
    request: Request,
    unit_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    who = operator(request)
    try:
        entered = form.parse(ParentForm)

        def work(session: Session) -> See:
            parent = _unit_by_code(session, entered.parent_code, "parent_code")
            unit_actions.move_unit(
                session,
                unit_id,
                parent_id=parent.id,
                since=entered.moved_since,
                by=who,
                at=clock.now(),
            )
            return See(f"/admin/units/{unit_id}", said=f"Đã chuyển về trực thuộc {parent.name}.")

        return once.see(work)
    except Refusal as refusal:
        shown = form.refused(_renamed(refusal, since="moved_since"))
        return _unit_page(request, unit_id, shown, opened="parents", status=refusal.status)


@post("/admin/units/{unit_id:uuid}/closure", sync_to_thread=True)
def close_unit(
    request: Request,
    unit_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    who = operator(request)
    try:
        entered = form.parse(ClosureForm)

        def work(session: Session) -> See:
            codes = entered.successor_codes.replace(",", " ").split()
            unit_actions.close_unit(
                session,
                unit_id,
                last_day=entered.last_day,
                successor_ids=[
                    _unit_by_code(session, code, "successor_codes").id for code in codes
                ],
                by=who,
                at=clock.now(),
            )
            return See(f"/admin/units/{unit_id}", said="Đã kết thúc hoạt động của đơn vị.")

        return once.see(work)
    except Refusal as refusal:
        return _unit_page(
            request, unit_id, form.refused(refusal), opened="closure", status=refusal.status
        )


@post("/admin/units/{unit_id:uuid}/appointments", sync_to_thread=True)
def appoint(
    request: Request,
    unit_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    who = operator(request)
    try:
        entered = form.parse(AppointmentForm)

        def work(session: Session) -> See:
            person = _person_by_login(session, entered.login, "login")
            appointment_actions.appoint(
                session,
                person_id=person.id,
                unit_id=unit_id,
                title=entered.title,
                kind=entered.kind,
                valid_from=entered.valid_from,
                valid_to=entered.valid_to,
                manner=entered.manner,
                by=who,
                at=clock.now(),
            )
            said = f"Đã giao chức danh {entered.title} cho {person.full_name}."
            return See(f"/admin/units/{unit_id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        return _unit_page(
            request, unit_id, form.refused(refusal), opened="appointments", status=refusal.status
        )


@get("/admin/appointments/{appointment_id:uuid}/ending", sync_to_thread=True)
def show_ending(request: Request, appointment_id: FromPath[UUID]) -> Response[bytes]:
    """What ending an appointment does, before it is done."""
    operator(request)
    form = FormState.of(last_day=clock.civil_date(clock.now()))
    return _ending_page(request, appointment_id, form)


@post("/admin/appointments/{appointment_id:uuid}/ending", sync_to_thread=True)
def end_appointment(
    request: Request,
    appointment_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The person leaves the position after a day."""
    who = operator(request)
    try:
        last_day = form.parse(EndingForm).last_day

        def work(session: Session) -> See:
            held = queries.appointment(session, appointment_id)
            appointment_actions.end_appointment(
                session, appointment_id, last_day=last_day, by=who, at=clock.now()
            )
            said = f"{held.full_name} thôi giữ chức danh {held.title} sau ngày {day(last_day)}."
            return See(f"/admin/people/{held.person_id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        return _ending_page(request, appointment_id, form.refused(refusal), status=refusal.status)


@post("/admin/units/{unit_id:uuid}/delegations", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def delegate(
    request: Request,
    unit_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    who = operator(request)
    try:
        entered = form.parse(DelegationForm)

        def work(session: Session) -> See:
            person = _person_by_login(session, entered.to_login, "to_login")
            appointment_actions.delegate(
                session,
                from_position_id=entered.from_position_id,
                to_person_id=person.id,
                kind=entered.grant_kind,
                valid_from=entered.granted_from,
                valid_to=entered.granted_to,
                subject=entered.subject,
                document_reference=entered.document_reference,
                by=who,
                at=clock.now(),
            )
            said = f"Đã ghi việc giao ký cho {person.full_name}."
            return See(f"/admin/units/{unit_id}", said=said)

        return once.see(work)
    except Refusal as refusal:
        shown = form.refused(_renamed(refusal, valid_to="granted_to", to_person_id="to_login"))
        return _unit_page(request, unit_id, shown, opened="delegations", status=refusal.status)


# --- People ----------------------------------------------------------------------------------


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
    who = operator(request)
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
    who = operator(request)
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
    who = operator(request)

    def work(session: Session) -> See:
        accounts.reset_codes(session, person_id, by=who, at=clock.now())
        return See(f"/admin/people/{person_id}", said="Đã tắt xác thực hai bước của người này.")

    return once.see(work)


@post("/admin/people/{person_id:uuid}/sessions/closure", sync_to_thread=True)
def sign_person_out(
    request: Request, person_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """End all sessions of a person."""
    who = operator(request)

    def work(session: Session) -> See:
        count = accounts.close_all_sessions(session, person_id, by=who, at=clock.now())
        return See(f"/admin/people/{person_id}", said=f"Đã đăng xuất {count} phiên làm việc.")

    return once.see(work)


HANDLERS = (
    administration,
    units,
    new_unit,
    take_unit,
    unit,
    rename_unit,
    move_unit,
    close_unit,
    appoint,
    show_ending,
    end_appointment,
    delegate,
    people,
    take_person,
    person,
    set_password,
    reset_codes,
    sign_person_out,
)


def operator(request: Request) -> Principal:
    """Who asks, if an operator. Raises OnlyOperators, NotSignedIn."""
    who = principal(request)
    operators.operators_only(who)
    return who


class Nested(msgspec.Struct, frozen=True):
    """A unit with those below it, for a template that calls itself."""

    unit: UnitView
    below: list[Nested]


def nested(branches: tuple[Branch, ...]) -> list[Nested]:
    """The flat tree as lists within lists."""
    roots: list[Nested] = []
    path: list[Nested] = []
    for branch in branches:
        del path[branch.depth :]
        node = Nested(branch.unit, [])
        (path[-1].below if path else roots).append(node)
        path.append(node)
    return roots


def _unit_form(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    return page(
        request,
        "people/unit_new.html",
        status=status,
        form=form,
        kinds=UNIT_KINDS,
        levels=LEVELS,
    )


def _ending_page(
    request: Request, appointment_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    with db.transaction(operator(request).acting) as session:
        held = queries.appointment(session, appointment_id)
    return page(request, "people/ending.html", status=status, form=form, held=held)


def _unit_page(
    request: Request, unit_id: UUID, form: FormState, *, opened: str = "", status: int = 200
) -> Response[bytes]:
    who, at = operator(request), clock.now()
    today = clock.civil_date(at)
    with db.transaction(who.acting) as session:
        found = queries.unit(session, unit_id)
        known = queries.units(session, {found.parent_id or found.id, found.agency_id})
        holders = queries.persons_in(session, unit_id, at=at)
        positions = queries.positions_in(session, unit_id)
        delegations = queries.delegations_in(session, unit_id)
        written = queries.letterhead(session, unit_id, on=today)
        former = queries.former_names(session, unit_id)
        before = queries.predecessors(session, unit_id)
        after = queries.successors(session, unit_id)
        below = queries.children(session, unit_id, on=today)
    return page(
        request,
        "people/unit.html",
        status=status,
        unit=found,
        parent=known.get(found.parent_id) if found.parent_id else None,
        agency=known[found.agency_id],
        letterhead=written,
        former=former,
        predecessors=before,
        successors=after,
        below=below,
        kind_names=UNIT_KIND_NAMES,
        level_names=SCHOOL_LEVEL_NAMES,
        position_kinds=POSITION_KINDS,
        manners=MANNERS,
        grant_kinds=GRANT_KINDS,
        grant_names=GRANT_KIND_NAMES,
        opened=opened,
        # Only the form that was sent shows what was wrong; the others begin with what is.
        forms=_unit_forms(found, today) | ({opened: form} if opened else {}),
        holders=holders,
        headships=[(str(p.id), p.title) for p in positions if p.kind is PositionKind.HEAD],
        delegations=delegations,
    )


def _unit_forms(found: UnitView, today: date) -> dict[str, FormState]:
    return {
        "names": FormState.of(
            name=found.name,
            letterhead_name=found.letterhead_name,
            superior_name=found.superior_name,
            notation=found.notation,
            place=found.place,
            since=today,
        ),
        "parents": FormState.of(moved_since=today),
        "closure": FormState.of(last_day=today),
        "appointments": FormState.of(valid_from=today, manner=Manner.APPOINTED.value),
        "delegations": FormState.of(granted_from=today),
    }


def _people_page(
    request: Request,
    form: FormState,
    *,
    q: str = "",
    cursor: str | None = None,
    status: int = 200,
) -> Response[bytes]:
    who = operator(request)
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
    who = operator(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = queries.person(session, person_id)
        held = queries.appointments_of(session, person_id, at=None)
        codes_left = accounts.recovery_codes_left(session, person_id)
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


def _renamed(refusal: Refusal, **names: str) -> Refusal:
    """The refusal with the names that the fields have on a page of several forms."""
    refusal.fields = {names.get(name, name): text for name, text in refusal.fields.items()}
    return refusal


def _unit_by_code(session: Session, code: str, field: str) -> UnitView:
    try:
        return queries.unit_by_code(session, code.strip())
    except UnitUnknown as refusal:
        raise Invalid(
            f"Không có đơn vị nào có mã {code}.", fields={field: "Không có đơn vị có mã này."}
        ) from refusal


def _person_by_login(session: Session, login: str, field: str) -> queries.PersonView:
    found = queries.person_by_login(session, login.strip())
    if found is None:
        raise PersonUnknown(
            f"Không có người nào có tên đăng nhập {login}. Hãy thêm người đó trước.",
            fields={field: "Không có người này."},
        )
    return found
