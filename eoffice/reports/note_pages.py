"""Nhận xét ghi vào học bạ: one note on every pupil of a class; for people and programs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import staff_queries
from eoffice.errors import NotFound, Refusal
from eoffice.registers import class_queries
from eoffice.reports import note_actions, note_queries, note_rules
from eoffice.reports.note_rules import Column
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal


class ColumnUnknown(NotFound):
    """The report books of this class have no such note."""


class NotesIn(msgspec.Struct, frozen=True, kw_only=True):
    #: Code of the pupil -> text; "" takes a note away, who is not named keeps it.
    notes: dict[str, Annotated[str, msgspec.Meta(max_length=2_000)]]


class NotesOut(msgspec.Struct, frozen=True, kw_only=True):
    column: str
    name: str
    notes: dict[str, str]


@get("/registers/classes/{class_id:uuid}/report-notes", sync_to_thread=True)
def show(
    request: Request, class_id: FromPath[UUID], column: FromQuery[str] = ""
) -> Response[bytes]:
    """One note on every pupil; the first that one may write unless another is asked for."""
    return _show(request, class_id, column, FormState())


@post("/registers/classes/{class_id:uuid}/report-notes/{column:str}", sync_to_thread=True)
def write(
    request: Request,
    class_id: FromPath[UUID],
    column: FromPath[str],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Save all of them."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> See:
        found = _column(session, class_id, column)
        pupils = note_queries.listed(session, class_id)
        texts = {pupil.code: form[f"note-{pupil.code}"] for pupil in pupils}
        count = note_actions.write(session, class_id, found, texts, by=who, at=at)
        said = f"Đã ghi {count} nhận xét." if count else "Không có gì thay đổi."
        here = f"/registers/classes/{class_id}/report-notes?column={found.key}"
        return See(here, said=said)

    try:
        return once.see(work)
    except Refusal as refusal:
        return _show(request, class_id, column, form.refused(refusal), status=refusal.status)


@get("/classes/{class_id:uuid}/report-notes/{column:str}", sync_to_thread=True)
def notes(request: Request, class_id: FromPath[UUID], column: FromPath[str]) -> NotesOut:
    """One note of all pupils who have it; `column` is `homeroom`, `awards`, `subject-TOAN`, …"""
    who = principal(request)
    with db.transaction(who.acting) as session:
        staff_queries.require_reader(who, staff_queries.staff(session, class_id))
        return _out(session, class_id, _column(session, class_id, column))


@put("/classes/{class_id:uuid}/report-notes/{column:str}", sync_to_thread=True)
def put_notes(
    request: Request,
    class_id: FromPath[UUID],
    column: FromPath[str],
    data: JSONBody[NotesIn],
) -> NotesOut:
    """Write this note on the pupils who are named."""
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        found = _column(session, class_id, column)
        note_actions.write(session, class_id, found, data.notes, by=who, at=at)
        return _out(session, class_id, found)


def _column(session: Session, class_id: UUID, key: str) -> Column:
    grade = staff_queries.class_row(session, class_id).grade
    for one in note_queries.columns(session, class_id, grade):
        if one.key == key:
            return one
    raise ColumnUnknown("Học bạ của lớp không có mục này.")


def _out(session: Session, class_id: UUID, column: Column) -> NotesOut:
    texts = note_queries.texts(session, class_id, column)
    return NotesOut(
        column=column.key,
        name=column.name,
        notes={
            pupil.code: texts[pupil.id]
            for pupil in note_queries.listed(session, class_id)
            if pupil.id in texts
        },
    )


def _show(
    request: Request, class_id: UUID, key: str, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = class_queries.school_class(session, class_id, who)
        columns = note_queries.columns(session, class_id, view.grade)
        actor = staff_queries.actor(who)
        mine = [one for one in columns if note_rules.may_write(actor, view.staff, one)]
        column = next((one for one in columns if one.key == key), next(iter(mine or columns)))
        texts = note_queries.texts(session, class_id, column)
        counted = note_queries.counted(session, class_id)
        pupils = note_queries.listed(session, class_id)
    if not form.values:
        form = FormState.of(**{f"note-{one.code}": texts.get(one.id, "") for one in pupils})
    return page(
        request,
        "reports/notes.html",
        status=status,
        section="registers",
        school_class=view,
        chips=[
            (
                f"{one.name} {counted.get(one.key, 0)}/{len(pupils)}",
                f"/registers/classes/{class_id}/report-notes?column={one.key}",
                one.key == column.key,
            )
            for one in columns
        ],
        column=column,
        is_mine=column in mine,
        pupils=pupils,
        texts=texts,
        form=form,
    )


pages = Router("/", route_handlers=[show, write], include_in_schema=False)
router = Router("/api/v1", route_handlers=[notes, put_notes], tags=["reports"])
