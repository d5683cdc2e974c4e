"""Pages of a year beside marks: traits, and re-assessment in summer."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import Holds, TraitTime
from eoffice.classes import staff_queries
from eoffice.errors import Invalid, Refusal
from eoffice.marks import (
    entering,
    entry,
    entry_queries,
    reassessment_actions,
    reassessment_table,
    trait_entering,
    year_actions,
    year_queries,
)
from eoffice.marks.entering import MOST_CELLS, CellUnknown, Typed
from eoffice.marks.trait_entering import LETTERS, TypedTrait
from eoffice.people import queries as people
from eoffice.printing import table_files
from eoffice.printing.table_files import Format
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

TIMES: Final[dict[TraitTime, str]] = {
    TraitTime.MIDDLE_OF_FIRST: "Giữa học kì I",
    TraitTime.END_OF_FIRST: "Cuối học kì I",
    TraitTime.MIDDLE_OF_SECOND: "Giữa học kì II",
    TraitTime.END_OF_YEAR: "Cuối năm",
    TraitTime.SUMMER: "Sau hè",
}
KINDS: Final[dict[Holds, str]] = {
    Holds.MARK: "scored",
    Holds.RESULT: "result",
    Holds.WHOLE_MARK: "whole",
    Holds.VERDICT: "comment",
    Holds.JUDGEMENT: "judgement",
}


class SentCell(msgspec.Struct, frozen=True, kw_only=True):
    """A cell as the grid's script sends it; `seen` is the tag that it showed before."""

    name: Annotated[str, msgspec.Meta(max_length=120)]
    value: Annotated[str, msgspec.Meta(max_length=600)]
    seen: Annotated[str, msgspec.Meta(max_length=40)]


_CELLS = msgspec.json.Decoder(list[SentCell])


@get("/registers/classes/{class_id:uuid}/traits", sync_to_thread=True)
def show_traits(
    request: Request, class_id: FromPath[UUID], time: FromQuery[str] = ""
) -> Response[bytes]:
    """Qualities and competences of a primary class at one of the times of the year."""
    return _traits(request, class_id, _time(time), FormState())


@post("/registers/classes/{class_id:uuid}/traits/{time:str}", sync_to_thread=True)
def save_traits(
    request: Request,
    class_id: FromPath[UUID],
    time: FromPath[str],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The whole grid by one button, all cells that were filled or none."""
    who, chosen = principal(request), _time(time)

    def work(session: Session) -> See:
        grid = year_queries.trait_grid(session, class_id, chosen, who=who)
        typed = [
            TypedTrait(pupil.id, code, form[name], trait_entering.tag(now))
            for pupil in grid.pupils
            for code, _ in grid.traits
            if form[name := f"{pupil.id}.{code}"].strip()
            != ("" if (now := grid.levels.get((pupil.id, code))) is None else LETTERS[now])
        ]
        outcomes = trait_entering.enter(session, class_id, chosen, typed, by=who, at=clock.now())
        refused = {
            f"{one.typed.pupil_id}.{one.typed.trait}": one.refused.detail
            for one in outcomes
            if one.refused is not None
        }
        if refused:
            raise Invalid(
                f"{len(refused)} ô chưa ghi được, nên chưa ô nào được ghi.", fields=refused
            )
        return See(
            f"/registers/classes/{class_id}/traits?time={chosen.value}",
            said=f"Đã ghi {len(outcomes)} ô.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        state = form.refused(refusal)
        return _traits(request, class_id, chosen, state, form=form, status=refusal.status)


@post(
    "/registers/classes/{class_id:uuid}/traits/{time:str}/cells",
    sync_to_thread=True,
    status_code=200,
)
def save_trait_cells(
    request: Request,
    class_id: FromPath[UUID],
    time: FromPath[str],
    form: NamedDependency[Form],
) -> Response[dict[str, Any]]:
    """Single cells as they are typed, each with its own outcome."""
    who, at = principal(request), clock.now()
    typed = {}
    for one in sent_cells(form):
        pupil_id, _, code = one.name.partition(".")
        typed[one.name] = TypedTrait(pupil_uuid(pupil_id), code, one.value, one.seen)
    with db.transaction(who.acting) as session:
        outcomes = trait_entering.enter(
            session, class_id, _time(time), tuple(typed.values()), by=who, at=at
        )
    cells: list[dict[str, Any]] = []
    for name, outcome in zip(typed, outcomes, strict=True):
        said: dict[str, Any] = {
            "name": name,
            "shown": "" if outcome.now is None else LETTERS[outcome.now],
            "refused": None if outcome.refused is None else outcome.refused.detail,
        }
        if isinstance(outcome.refused, entry.CellChanged | None):
            said["tag"] = trait_entering.tag(outcome.now)
        cells.append(said)
    return grid_answer(cells, {})


@get("/registers/classes/{class_id:uuid}/summer", sync_to_thread=True)
def show_summer(
    request: Request,
    class_id: FromPath[UUID],
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """Who is assessed again in what, who trains in summer, and what it came to."""
    if format is None:
        return _summer(request, class_id, FormState())
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        view = year_queries.summer(session, class_id, who=who)
        school_id = staff_queries.class_row(session, class_id).school_id
        letterhead = people.letterhead(session, school_id, on=clock.civil_date(at))
    return table_files.answer(
        reassessment_table.of_class(view), letterhead, format,
        name=f"danh-sach-danh-gia-lai-{view.class_name}", printed_by=who.full_name, at=at,
    )  # fmt: skip


@get("/registers/reassessments", sync_to_thread=True)
def print_summers(
    request: Request,
    year: FromQuery[str],
    format: FromQuery[Format] = Format.PDF,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """The same list for the whole school, class by class."""
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        views = year_queries.summers(session, year, who=who)
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    return table_files.answer(
        reassessment_table.of_school(views, year), letterhead, format,
        name=f"danh-sach-danh-gia-lai-{year}", printed_by=who.full_name, at=at,
    )  # fmt: skip


@post("/registers/classes/{class_id:uuid}/summer/choices", sync_to_thread=True)
def choose_subjects(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """What each pupil chose to be assessed in again, before anybody is."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> See:
        view = year_queries.summer(session, class_id, who=who)
        chosen = {
            row.pupil.id: {
                cell.subject for cell in row.cells if form[f"choose-{row.pupil.id}.{cell.subject}"]
            }
            for row in view.rows
            if row.cells
        }
        count = reassessment_actions.choose(session, class_id, chosen, by=who, at=at)
        return See(
            f"/registers/classes/{class_id}/summer",
            said=f"Đã ghi môn chọn của {count} học sinh." if count else "Không có gì thay đổi.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        return _summer(request, class_id, form.refused(refusal), status=refusal.status)


@post("/registers/classes/{class_id:uuid}/summer/cells", sync_to_thread=True, status_code=200)
def save_summer_cells(
    request: Request, class_id: FromPath[UUID], form: NamedDependency[Form]
) -> Response[dict[str, Any]]:
    """Results of the re-assessment as they are typed, and what they make of the year."""
    who, at = principal(request), clock.now()
    cells: list[dict[str, Any]] = []
    with db.transaction(who.acting) as session:
        for code, typed in _by_subject(sent_cells(form)).items():
            outcomes = entering.enter(
                session, class_id, code, Semester.SECOND, tuple(typed.values()), by=who, at=at
            )
            for name, one in zip(typed, outcomes, strict=True):
                said: dict[str, Any] = {
                    "name": name,
                    "shown": entry_queries.shown(one.now),
                    "refused": None if one.refused is None else one.refused.detail,
                }
                if isinstance(one.refused, entry.CellChanged | None):
                    said["tag"] = entry.tag(one.now)
                cells.append(said)
        session.flush()
        view = year_queries.summer(session, class_id, who=who)
    return grid_answer(cells, {str(row.pupil.id): row.after for row in view.rows})


@post("/registers/classes/{class_id:uuid}/summer", sync_to_thread=True)
def save_summer(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The results of the re-assessment by one button, all or none."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> See:
        view = year_queries.summer(session, class_id, who=who)
        sent = [
            SentCell(name=name, value=form[name], seen=cell.tag)
            for row in view.rows
            for cell in row.cells
            if cell.may_enter and form[name := _name(row.pupil.id, cell)].strip() != cell.shown
        ]
        refused: dict[str, str] = {}
        for code, typed in _by_subject(sent).items():
            outcomes = entering.enter(
                session, class_id, code, Semester.SECOND, tuple(typed.values()), by=who, at=at
            )
            refused |= {
                name: one.refused.detail
                for name, one in zip(typed, outcomes, strict=True)
                if one.refused is not None
            }
        if refused:
            raise Invalid(
                f"{len(refused)} ô chưa ghi được, nên chưa ô nào được ghi.", fields=refused
            )
        return See(f"/registers/classes/{class_id}/summer", said=f"Đã ghi {len(sent)} ô.")

    try:
        return once.see(work)
    except Refusal as refusal:
        state = form.refused(refusal)
        return _summer(request, class_id, state, form=form, status=refusal.status)


@post("/registers/classes/{class_id:uuid}/summer-closing", sync_to_thread=True)
def close_summer(
    request: Request, class_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Nothing more is made good: whoever still lacks something is held back."""
    who = principal(request)

    def work(session: Session) -> See:
        year_actions.close_summer(session, class_id, by=who, at=clock.now())
        return See(
            f"/registers/classes/{class_id}/summer",
            said="Đã kết thúc đánh giá lại và rèn luyện trong hè.",
        )

    return once.see(work)


def _traits(
    request: Request,
    class_id: UUID,
    time: TraitTime,
    state: FormState,
    *,
    form: Form | None = None,
    status: int = 200,
) -> Response[bytes]:
    with db.transaction(principal(request).acting) as session:
        grid = year_queries.trait_grid(session, class_id, time, who=principal(request))
    here = f"/registers/classes/{class_id}/traits"
    names = [f"{pupil.id}.{code}" for pupil in grid.pupils for code, _ in grid.traits]
    return page(
        request,
        "marks/traits.html",
        section="registers",
        status=status,
        grid=grid,
        form=state,
        here=here,
        shown={f"{one}.{code}": LETTERS[level] for (one, code), level in grid.levels.items()},
        tags={
            f"{one}.{code}": trait_entering.tag(level) for (one, code), level in grid.levels.items()
        },
        typed={} if form is None else {name: form[name] for name in names},
        chips=[(name, f"{here}?time={one.value}", one is time) for one, name in TIMES.items()],
        time_name=_within(TIMES[time]),
        must=[_within(TIMES[one]) for one in grid.times],
    )


def _summer(
    request: Request,
    class_id: UUID,
    state: FormState,
    *,
    form: Form | None = None,
    status: int = 200,
) -> Response[bytes]:
    with db.transaction(principal(request).acting) as session:
        view = year_queries.summer(session, class_id, who=principal(request))
    names = {
        (row.pupil.id, cell.subject, cell.part): _name(row.pupil.id, cell)
        for row in view.rows
        for cell in row.cells
    }
    return page(
        request,
        "marks/summer.html",
        section="registers",
        status=status,
        view=view,
        form=state,
        names=names,
        typed={} if form is None else {name: form[name] for name in names.values()},
        needs=reassessment_table.NEEDS,
        kinds=KINDS,
    )


def _name(pupil_id: UUID, cell: year_queries.AgainCell) -> str:
    return f"{pupil_id}.{cell.subject}.{cell.part.value}"


def _by_subject(sent: list[SentCell]) -> dict[str, dict[str, Typed]]:
    """Raises CellUnknown."""
    found: dict[str, dict[str, Typed]] = {}
    for one in sent:
        try:
            pupil_id, code, part = one.name.split(".")
            typed = Typed(UUID(pupil_id), Part(part), 1, one.value, one.seen)
        except ValueError as error:
            raise CellUnknown("Ô này không có trong bảng. Hãy tải lại trang.") from error
        found.setdefault(code, {})[one.name] = typed
    return found


def sent_cells(form: Form) -> list[SentCell]:
    """The cells that the grid's script sends. Raises Invalid."""
    try:
        return _CELLS.decode(form["cells"])[:MOST_CELLS]
    except msgspec.MsgspecError as error:
        raise Invalid("Các ô gửi lên không đọc được. Hãy tải lại trang.") from error


def grid_answer(cells: list[dict[str, Any]], after: dict[str, str]) -> Response[dict[str, Any]]:
    body = {
        "cells": cells,
        "averages": after,
        "saved_at": f"{clock.vietnam_time(clock.now()):%H:%M}",
    }
    return Response(body, headers={"Cache-Control": "no-store"})


def _time(text: str) -> TraitTime:
    return TraitTime(text) if text in list(TraitTime) else TraitTime.END_OF_YEAR


def _within(words: str) -> str:
    """As it stands within a sentence."""
    return words[0].lower() + words[1:]


def pupil_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise CellUnknown("Ô này không có trong bảng. Hãy tải lại trang.") from error


HANDLERS = (
    show_traits,
    save_traits,
    save_trait_cells,
    show_summer,
    print_summers,
    choose_subjects,
    save_summer_cells,
    save_summer,
    close_summer,
)
