"""Pages on which operators keep units: the tree, a new unit, one unit and what becomes of it."""

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
    operators,
    organ_ids,
    queries,
    unit_actions,
)
from eoffice.people.kinds import (
    GRANT_KIND_NAMES,
    MANNER_NAMES,
    POSITION_KIND_NAMES,
    SCHOOL_LEVEL_NAMES,
    UNIT_KIND_NAMES,
    Manner,
    PositionKind,
    SchoolLevel,
    UnitKind,
)
from eoffice.people.queries import UnitUnknown
from eoffice.people.views import Branch, UnitView
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request, principal

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


class OrganIdForm(msgspec.Struct, frozen=True, kw_only=True):
    organ_id: str = ""


class ParentForm(msgspec.Struct, frozen=True, kw_only=True):
    parent_code: str
    moved_since: date


class ClosureForm(msgspec.Struct, frozen=True, kw_only=True):
    last_day: date
    successor_codes: str = ""


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
            return See(
                f"/admin/units/{unit_id}",
                said=organ_ids.said(f"Đã lập {entered.name}.", entered.organ_id),
            )

        return once.see(work)
    except Refusal as refusal:
        return _unit_form(request, form.refused(refusal), status=refusal.status)


@get("/admin/units/{unit_id:uuid}", sync_to_thread=True)
def unit(request: Request, unit_id: FromPath[UUID]) -> Response[bytes]:
    """A unit with its people, what it was called, and what can be done to it."""
    return unit_page(request, unit_id, FormState())


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
        return unit_page(
            request, unit_id, form.refused(refusal), opened="names", status=refusal.status
        )


@post("/admin/units/{unit_id:uuid}/organ-id", sync_to_thread=True)
def set_organ_id(
    request: Request,
    unit_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The identifier under which the national exchange knows it."""
    who = operator(request)
    try:
        entered = form.parse(OrganIdForm)

        def work(session: Session) -> See:
            unit_actions.set_organ_id(session, unit_id, entered.organ_id, by=who, at=clock.now())
            words = organ_ids.said("Đã ghi mã định danh.", entered.organ_id.strip())
            return See(f"/admin/units/{unit_id}", said=words)

        return once.see(work)
    except Refusal as refusal:
        return unit_page(
            request, unit_id, form.refused(refusal), opened="organ_id", status=refusal.status
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
        shown = form.refused(renamed(refusal, since="moved_since"))
        return unit_page(request, unit_id, shown, opened="parents", status=refusal.status)


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
        return unit_page(
            request, unit_id, form.refused(refusal), opened="closure", status=refusal.status
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


def unit_page(
    request: Request, unit_id: UUID, form: FormState, *, opened: str = "", status: int = 200
) -> Response[bytes]:
    """The unit with its forms; `opened` is the one that was sent and holds `form`."""
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
        "organ_id": FormState.of(organ_id=found.organ_id),
        "parents": FormState.of(moved_since=today),
        "closure": FormState.of(last_day=today),
        "appointments": FormState.of(valid_from=today, manner=Manner.APPOINTED.value),
        "delegations": FormState.of(granted_from=today),
    }


def renamed(refusal: Refusal, **names: str) -> Refusal:
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
