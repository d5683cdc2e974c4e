"""Quyết định cuối năm of a primary class: a grid that is saved cell by cell."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Invalid, Refusal
from eoffice.marks import deciding, entry, year_queries
from eoffice.marks.deciding import Kind, TypedDecision
from eoffice.marks.entering import CellUnknown
from eoffice.marks.year_pages import grid_answer, pupil_uuid, sent_cells
from eoffice.marks.year_queries import DecisionRow
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_HERE: Final = "/registers/classes/{class_id:uuid}/decisions"


@get(_HERE, sync_to_thread=True)
def show_decisions(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """Who stands out in the eyes of the class, and who moves up after all: primary schools."""
    return _decisions(request, class_id, FormState())


@post(_HERE + "/cells", sync_to_thread=True, status_code=200)
def save_decision_cells(
    request: Request, class_id: FromPath[UUID], form: NamedDependency[Form]
) -> Response[dict[str, Any]]:
    """Single cells as they are typed, each with its own outcome, and what they make of the year."""
    who, at = principal(request), clock.now()
    typed = {one.name: _typed(one.name, one.value, one.seen) for one in sent_cells(form)}
    cells: list[dict[str, Any]] = []
    with db.transaction(who.acting) as session:
        outcomes = deciding.enter(session, class_id, tuple(typed.values()), by=who, at=at)
        session.flush()
        view = year_queries.decisions(session, class_id, who=who)
    for name, one in zip(typed, outcomes, strict=True):
        said: dict[str, Any] = {
            "name": name,
            "shown": one.now,
            "refused": None if one.refused is None else one.refused.detail,
        }
        if isinstance(one.refused, entry.CellChanged | None):
            said["tag"] = deciding.tag(one.now)
        cells.append(said)
    return grid_answer(cells, {str(row.pupil.id): _result(row) for row in view.rows})


@post(_HERE, sync_to_thread=True)
def decide(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Write the decisions that were changed, all or none."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> See:
        view = year_queries.decisions(session, class_id, who=who)
        typed = [
            TypedDecision(row.pupil.id, kind, form[name], deciding.tag(now))
            for row in view.rows
            for kind in deciding.cells(row)
            if form[name := _name(row.pupil.id, kind)].strip()
            != (now := deciding.of_row(row).shown(kind))
        ]
        outcomes = deciding.enter(session, class_id, typed, by=who, at=at)
        refused = {
            _name(one.typed.pupil_id, one.typed.kind): one.refused.detail
            for one in outcomes
            if one.refused is not None
        }
        if refused:
            said = " ".join(dict.fromkeys(refused.values()))
            raise Invalid(
                f"{len(refused)} ô chưa ghi được, nên chưa ô nào được ghi. {said}", fields=refused
            )
        count = len({one.typed.pupil_id for one in outcomes})
        return See(
            f"/registers/classes/{class_id}/decisions",
            said=f"Đã ghi quyết định về {count} học sinh." if count else "Không có gì thay đổi.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        state = form.refused(refusal)
        return _decisions(request, class_id, state, form=form, status=refusal.status)


def _decisions(
    request: Request,
    class_id: UUID,
    state: FormState,
    *,
    form: Form | None = None,
    status: int = 200,
) -> Response[bytes]:
    with db.transaction(principal(request).acting) as session:
        view = year_queries.decisions(session, class_id, who=principal(request))
    shown = {
        _name(row.pupil.id, kind): deciding.of_row(row).shown(kind)
        for row in view.rows
        for kind in Kind
    }
    return page(
        request,
        "marks/decisions.html",
        section="registers",
        status=status,
        view=view,
        form=state,
        shown=shown,
        tags={name: deciding.tag(now) for name, now in shown.items()},
        typed={} if form is None else {name: form[name] for name in shown},
        cells={row.pupil.id: {kind.value for kind in deciding.cells(row)} for row in view.rows},
        results={row.pupil.id: _result(row) for row in view.rows},
        kinds=[
            (Kind.CHOSEN.value, "Tập thể lớp công nhận", 3, 10),
            (Kind.REASON.value, "Lý do", 24, 500),
            (Kind.OUTCOME.value, "Quyết định", 3, 20),
        ],
    )


def _result(row: DecisionRow) -> str:
    return " · ".join(filter(None, (row.outcome, row.title)))


def _name(pupil_id: UUID, kind: Kind) -> str:
    return f"{pupil_id}.{kind.value}"


def _typed(name: str, text: str, seen: str) -> TypedDecision:
    """Raises CellUnknown."""
    pupil_id, _, kind = name.partition(".")
    if kind not in list(Kind):
        raise CellUnknown("Ô này không có trong bảng. Hãy tải lại trang.")
    return TypedDecision(pupil_uuid(pupil_id), Kind(kind), text, seen)


HANDLERS = (show_decisions, save_decision_cells, decide)
