"""The page of sổ chủ nhiệm: its parts, a form for a new note, and one for each that stands."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import queries as classes
from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.diaries import homeroom_actions, homeroom_queries
from eoffice.diaries.homeroom_actions import NewNote
from eoffice.diaries.homeroom_rules import WANTED, Part
from eoffice.errors import Refusal
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

BOOK: Final = "/registers/homeroom/{class_id:uuid}"


class NoteForm(msgspec.Struct, frozen=True, kw_only=True):
    part: Part
    note_id: UUID | None = None
    on: date | None = None
    pupil: str = ""
    about: str = ""
    text: str = ""
    outcome: str = ""
    is_struck: bool = False


@get(BOOK, sync_to_thread=True)
def show_book(
    request: Request,
    class_id: FromPath[UUID],
    part: FromQuery[Part] = Part.FEATURES,
    note: FromQuery[UUID | None] = None,
) -> Response[bytes]:
    """Sổ chủ nhiệm của lớp, một phần; với `note` là mục đang sửa."""
    return _book(request, class_id, part, None, note_id=note)


@post(BOOK, sync_to_thread=True)
def write(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ghi một mục."""

    def work(session: Session) -> See:
        entered = form.parse(NoteForm)
        homeroom_actions.write_note(
            session,
            class_id,
            NewNote(
                entered.part, entered.about, entered.text, entered.on, entered.pupil,
                entered.outcome, entered.is_struck,
            ),
            note_id=entered.note_id,
            by=principal(request),
            at=clock.now(),
        )  # fmt: skip
        return See(f"/registers/homeroom/{class_id}?part={entered.part}", said="Đã ghi.")

    try:
        return once.see(work)
    except Refusal as refusal:
        part = next((one for one in Part if one.value == form["part"]), Part.FEATURES)
        return _book(request, class_id, part, form.refused(refusal), status=refusal.status)


def _book(
    request: Request,
    class_id: UUID,
    part: Part,
    form: FormState | None,
    *,
    note_id: UUID | None = None,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        every = homeroom_queries.notes(session, who, class_id)
        team = staff_queries.staff(session, class_id)
        school_class = staff_queries.class_row(session, class_id)
        name, year = school_class.name, school_class.school_year
        pupils = [(one.code, one.name) for one in classes.pupils_of(session, class_id)]
        edited = next((one for one in every if one.note_id == note_id), None)
        versions = (
            homeroom_queries.versions(session, who, class_id, edited.note_id)[:-1] if edited else []
        )
    if form is None:
        form = FormState()
        if edited:
            form = FormState.of(
                note_id=edited.note_id, on=edited.on, pupil=edited.pupil_code, about=edited.about,
                text=edited.text, outcome=edited.outcome,
                is_struck="on" if edited.is_struck else None,
            )  # fmt: skip
    here = f"/registers/homeroom/{class_id}"
    return page(
        request,
        "diaries/homeroom.html",
        section="registers",
        status=status,
        form=form,
        here=here,
        class_id=class_id,
        class_name=name,
        year=year,
        part=part,
        wanted=WANTED[part],
        chips=[(one.title, f"{here}?part={key.value}", key is part) for key, one in WANTED.items()],
        notes=[one for one in every if one.part is part],
        versions=versions,
        pupils=pupils,
        may_write=class_rules.may_keep_homeroom_parts(staff_queries.actor(who), team),
    )


HANDLERS = (show_book, write)
