"""The grid in which teachers enter marks: a form of its own, and the door for its single cells."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Part, Semester
from eoffice.errors import Invalid, Refusal
from eoffice.marks import entering, entry, entry_queries
from eoffice.marks.entering import MOST_CELLS, CellUnknown, Outcome, Typed
from eoffice.marks.entry_queries import GridView
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_ROMAN = {Semester.FIRST: "I", Semester.SECOND: "II"}


class SentCell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell as the grid's script sends it; `seen` is the tag that it showed before."""

    name: Annotated[str, msgspec.Meta(max_length=80)]
    value: Annotated[str, msgspec.Meta(max_length=40)]
    seen: Annotated[str, msgspec.Meta(max_length=40)]


_CELLS = msgspec.json.Decoder(list[SentCell])
_SEEN = msgspec.json.Decoder(dict[str, str])


@get("/registers/classes/{class_id:uuid}/marks", sync_to_thread=True)
def show(
    request: Request,
    class_id: FromPath[UUID],
    subject: FromQuery[str | None] = None,
    semester: FromQuery[str] = "1",
) -> Response[bytes]:
    """The grid of a subject and semester."""
    return _grid(request, class_id, subject, _semester(semester), FormState())


@post("/registers/classes/{class_id:uuid}/marks/{subject:str}/{semester:str}", sync_to_thread=True)
def save(
    request: Request,
    class_id: FromPath[UUID],
    subject: FromPath[str],
    semester: FromPath[str],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The whole grid by one button: the cells that were changed on the page, all or none."""
    who, chosen = principal(request), _semester(semester)
    try:
        seen = _seen(form["seen"])
        typed = [
            _typed(name, text, seen[name])
            for name in seen
            if _is_changed(text := form[name], seen[name])
        ]

        def work(session: Session) -> See:
            outcomes = entering.enter(
                session, class_id, subject, chosen, typed, by=who, at=clock.now()
            )
            refused = [one for one in outcomes if one.refused is not None]
            if refused:
                raise _several(refused)
            return See(
                f"/registers/classes/{class_id}/marks?subject={subject}&semester={chosen.value}",
                said=f"Đã ghi {len(outcomes)} ô." if outcomes else "Không có ô nào thay đổi.",
            )

        return once.see(work)
    except Refusal as refusal:
        state = form.refused(refusal)
        return _grid(request, class_id, subject, chosen, state, form=form, status=refusal.status)


@post(
    "/registers/classes/{class_id:uuid}/marks/{subject:str}/{semester:str}/cells",
    sync_to_thread=True,
    status_code=200,
)
def save_cells(
    request: Request,
    class_id: FromPath[UUID],
    subject: FromPath[str],
    semester: FromPath[str],
    form: NamedDependency[Form],
) -> Response[dict[str, Any]]:
    """Single cells as they are typed: each has its own outcome, and the averages that follow."""
    who, chosen, at = principal(request), _semester(semester), clock.now()
    try:
        sent = _CELLS.decode(form["cells"])
    except msgspec.MsgspecError as error:
        raise Invalid("Các ô gửi lên không đọc được. Hãy tải lại trang.") from error
    typed = {one.name: _typed(one.name, one.value, one.seen) for one in sent[:MOST_CELLS]}
    with db.transaction(who.acting) as session:
        outcomes = entering.enter(
            session, class_id, subject, chosen, tuple(typed.values()), by=who, at=at
        )
        averages = entry_queries.averages(
            session, class_id, subject, chosen, {one.pupil_id for one in typed.values()}
        )
    answer = {
        "cells": [_said(name, one) for name, one in zip(typed, outcomes, strict=True)],
        "averages": {str(pupil_id): shown for pupil_id, shown in averages.items()},
        "saved_at": f"{clock.vietnam_time(at):%H:%M}",
    }
    return Response(answer, headers={"Cache-Control": "no-store"})


def cell_name(pupil_id: UUID, part: Part, place: int) -> str:
    """The name of a cell's field."""
    return f"{pupil_id}.{part.value}.{place}"


def _grid(
    request: Request,
    class_id: UUID,
    subject: str | None,
    semester: Semester,
    state: FormState,
    *,
    form: Form | None = None,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = entry_queries.grid(session, class_id, subject, semester, who=who, at=clock.now())
    here = f"/registers/classes/{class_id}/marks"
    names = {
        (row.pupil_id, cell.part, cell.place): cell_name(row.pupil_id, cell.part, cell.place)
        for row in view.rows
        for cell in row.cells
    }
    return page(
        request,
        "marks/grid.html",
        status=status,
        view=view,
        form=state,
        here=here,
        names=names,
        typed={} if form is None else {name: form[name] for name in names.values()},
        seen=_seen_json(view),
        locked_sentences=_locked(view),
        labels={
            names[row.pupil_id, column.part, column.place]: f"{row.name}, {column.label}"
            for row in view.rows
            for column in view.columns
        },
        roman=_ROMAN[semester],
        chips=[
            (
                f"Học kì {_ROMAN[one]}",
                f"{here}?subject={view.subject.code}&semester={one.value}",
                one is semester,
            )
            for one in Semester
        ],
    )


def _locked(view: GridView) -> list[str]:
    """What cannot be written to now, a sentence for each reason."""
    if view.bound is not None:
        return [view.bound]
    by_reason: dict[str, list[str]] = {}
    for column in view.columns:
        if column.locked is not None:
            by_reason.setdefault(column.locked, []).append(column.label)
    return [
        f"Đã khóa {', '.join(labels)}: {reason.rstrip('.')}. Muốn sửa, hãy đề nghị hiệu trưởng "
        "hoặc phó hiệu trưởng mở khóa."
        for reason, labels in by_reason.items()
    ]


def _seen_json(view: GridView) -> str:
    """What every cell holds, for the button without script: what changed is told from it."""
    seen = {
        cell_name(row.pupil_id, cell.part, cell.place): f"{cell.tag}{cell.shown}"
        for row in view.rows
        for cell in row.cells
    }
    return msgspec.json.encode(seen).decode()


def _seen(sent: str) -> dict[str, str]:
    try:
        return _SEEN.decode(sent)
    except msgspec.MsgspecError as error:
        raise Invalid("Trang này không còn đầy đủ. Hãy tải lại trang rồi nhập lại.") from error


def _is_changed(text: str, seen: str) -> bool:
    return text.strip() != seen[seen.rfind('"') + 1 :]


def _typed(name: str, text: str, seen: str) -> Typed:
    """Raises CellUnknown."""
    try:
        pupil_id, part, place = name.split(".")
        cell = (UUID(pupil_id), Part(part), int(place))
    except ValueError as error:
        raise CellUnknown("Ô này không có trong bảng. Hãy tải lại trang.") from error
    return Typed(*cell, text, seen[: seen.rfind('"') + 1])


def _said(name: str, outcome: Outcome) -> dict[str, Any]:
    said: dict[str, Any] = {
        "name": name,
        "tag": entry.tag(outcome.now),
        "shown": entry_queries.shown(outcome.now),
        "refused": None if outcome.refused is None else outcome.refused.detail,
    }
    if not isinstance(outcome.refused, entry.CellChanged | None):
        del said["tag"]
    return said


def _several(refused: list[Outcome]) -> Invalid:
    fields = {
        cell_name(one.typed.pupil_id, one.typed.part, one.typed.place): one.refused.detail
        for one in refused
        if one.refused is not None
    }
    return Invalid(f"{len(refused)} ô chưa ghi được, nên chưa ô nào được ghi.", fields=fields)


def _semester(text: str) -> Semester:
    return Semester.SECOND if text == "2" else Semester.FIRST
