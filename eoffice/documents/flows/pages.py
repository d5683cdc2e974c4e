"""Pages on which the head, the clerk or an operator sets approval flows."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import types
from eoffice.documents.flows import queries as flow_queries
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows import setting as flows
from eoffice.documents.flows.rules import TASK_NAMES, Asked, FlowUnfit, Planned, Task, Whom
from eoffice.documents.flows.setting import FlowSet
from eoffice.documents.types import DocumentType
from eoffice.errors import Refusal
from eoffice.people import queries as people
from eoffice.people.kinds import POSITION_KIND_NAMES, PositionKind, UnitKind
from eoffice.people.views import UnitView
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

#: Positions of the whole agency that a step can ask, and those of an office.
_OF_AGENCY: Final = (PositionKind.CLERK, PositionKind.DEPUTY_HEAD, PositionKind.HEAD)
_OF_OFFICE: Final = (PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY)
_DRAFTING_HEAD: Final = "drafting_head"
_ROWS: Final = range(1, 9)


@get("/documents/flows", sync_to_thread=True)
def listing(request: Request) -> Response[bytes]:
    """Quy trình trình ký."""
    who = principal(request)
    flows.require_setter(who)
    with db.transaction(who.acting) as session:
        found = flows.in_use(session, who.agency_id)
        described = [
            (each, flow_queries.described(session, each.steps, agency_id=who.agency_id))
            for each in found
        ]
        default = flow_queries.described(
            session, flow_rules.default_flow(who.agency_id), agency_id=who.agency_id
        )
    return page(
        request,
        "documents/flows.html",
        section="documents",
        flows=described,
        default=default,
        type_name=types.name,
    )


@get("/documents/flows/new", sync_to_thread=True)
def new(request: Request, of: FromQuery[UUID | None] = None) -> Response[bytes]:
    """A flow to be set, beginning with the default one or with one that is in use."""
    who = principal(request)
    flows.require_setter(who)
    with db.transaction(who.acting) as session:
        known = None if of is None else flows.flow(session, of, agency_id=who.agency_id)
    steps = flow_rules.default_flow(who.agency_id) if known is None else known.steps
    return _page(request, _filled(steps, known))


@post("/documents/flows", sync_to_thread=True)
def set_flow(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Set it in place of the one for the same office and type."""
    who = principal(request)
    flows.require_setter(who)
    try:
        steps = _steps(form)
        unit = UUID(form["unit"]) if form["unit"] else None
        kind = DocumentType(form["type"]) if form["type"] else None

        def work(session: Session) -> See:
            flows.set_flow(session, steps, drafting_unit_id=unit, kind=kind, by=who, at=clock.now())
            return See(
                "/documents/flows", said="Đã đặt quy trình. Văn bản đang trình giữ quy trình cũ."
            )

        return once.see(work)
    except ValueError as wrong:
        raise FlowUnfit(
            "Quy trình gửi lên không đọc được. Hãy mở lại trang và nhập lại."
        ) from wrong
    except Refusal as refusal:
        return _page(request, form.refused(refusal), status=refusal.status)


@post("/documents/flows/{flow_id:uuid}/ending", sync_to_thread=True)
def end_flow(
    request: Request, flow_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Back to what is set more generally, or to the default flow."""
    who = principal(request)

    def work(session: Session) -> See:
        flows.end_flow(session, flow_id, by=who, at=clock.now())
        return See("/documents/flows", said="Đã bỏ quy trình.")

    return once.see(work)


def _steps(form: Form) -> list[Planned]:
    """The rows that are filled in. Raises FlowUnfit, ValueError for what no page sends."""
    found: list[Planned] = []
    for row in _ROWS:
        task, asked = form[f"task_{row}"], form[f"asked_{row}"]
        if not task and not asked:
            continue
        if not task or not asked:
            raise FlowUnfit(
                f"Dòng {row} chưa đủ: chọn cả việc và người được hỏi, hoặc để trống cả hai.",
                fields={f"task_{row}" if not task else f"asked_{row}": "Cần chọn mục này."},
            )
        days = form[f"days_{row}"]
        if days and not days.isdigit():
            raise FlowUnfit(
                f"Thời hạn ở dòng {row} phải là số ngày làm việc.",
                fields={f"days_{row}": "Ghi một số ngày."},
            )
        found.append(
            Planned(
                int(form[f"stage_{row}"] or row),
                Task(task),
                _whom(asked),
                int(days) if days else None,
            )
        )
    return found


def _whom(value: str) -> Whom:
    """`drafting_head`, `position/<kind>/<unit>` or `person/<person>/<position>`."""
    kind, *rest = value.split("/")
    match kind, rest:
        case "position", [position_kind, unit_id]:
            return Whom(
                Asked.POSITION,
                position_kind=PositionKind(position_kind),
                unit_id=UUID(unit_id),
            )
        case "person", [person_id, position_id]:
            return Whom(Asked.PERSON, person_id=UUID(person_id), position_id=UUID(position_id))
        case _:
            return Whom(Asked(kind))


def _value(whom: Whom) -> str:
    match whom.asked:
        case Asked.DRAFTING_HEAD:
            return _DRAFTING_HEAD
        case Asked.POSITION:
            return f"position/{whom.position_kind}/{whom.unit_id}"
        case Asked.PERSON:
            return f"person/{whom.person_id}/{whom.position_id}"


def _filled(steps: tuple[Planned, ...], known: FlowSet | None) -> FormState:
    values: dict[str, object] = {
        "unit": None if known is None else known.drafting_unit_id,
        "type": None if known is None or known.type is None else known.type.value,
    }
    for row, each in enumerate(steps, start=1):
        values |= {
            f"stage_{row}": each.stage,
            f"task_{row}": each.task.value,
            f"asked_{row}": _value(each.whom),
            f"days_{row}": each.working_days,
        }
    return FormState.of(**values)


def _page(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        asked = _choices(session, who)
        units = [(str(each.id), each.name) for each in _offices(session, who)]
    return page(
        request,
        "documents/flow_set.html",
        status=status,
        section="documents",
        form=form,
        rows=list(_ROWS),
        stages=[(str(each), f"Chặng {each}") for each in _ROWS],
        tasks=[(task.value, name) for task, name in TASK_NAMES.items()],
        asked=asked,
        units=units,
        types=[(each.value, types.name(each)) for each in DocumentType],
    )


def _offices(session: Session, who: Principal) -> list[UnitView]:
    on = clock.civil_date(clock.now())
    return [
        each
        for each in people.children(session, who.agency_id, on=on)
        if each.kind is UnitKind.OFFICE
    ]


def _choices(session: Session, who: Principal) -> list[tuple[str, list[tuple[str, str]]]]:
    """Whom a step can ask: the drafting office's head, positions, persons."""
    offices = _offices(session, who)
    held = people.persons_in(session, who.agency_id, at=clock.now())
    agency = [
        (f"position/{kind.value}/{who.agency_id}", POSITION_KIND_NAMES[kind]) for kind in _OF_AGENCY
    ]
    of_offices = [
        (f"position/{kind.value}/{unit.id}", f"{POSITION_KIND_NAMES[kind]}, {unit.name}")
        for unit in offices
        for kind in _OF_OFFICE
        if kind is PositionKind.OFFICE_HEAD
        or any(each.kind is kind and each.unit_id == unit.id for each in held)
    ]
    persons = [
        (f"person/{each.person_id}/{each.position_id}", f"{each.full_name}, {each.title}")
        for each in sorted(held, key=lambda each: each.full_name)
        if each.kind not in (PositionKind.OPERATOR, PositionKind.INSPECTOR)
    ]
    return [
        ("Theo chức danh", [(_DRAFTING_HEAD, "Lãnh đạo đơn vị soạn thảo"), *agency]),
        *([("Phòng, ban", of_offices)] if of_offices else []),
        ("Đích danh", persons),
    ]


routes = [listing, new, set_flow, end_flow]
