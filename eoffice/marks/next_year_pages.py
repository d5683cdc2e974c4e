"""Mở năm học: the classes of a new year from those of the year before; seats for who waits."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.year import Outcome
from eoffice.classes import opening_queries, year_names
from eoffice.errors import Invalid, Refusal
from eoffice.marks import next_year, seating
from eoffice.marks.next_year import Chosen, Following
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

HERE: Final = "/registers/new-year"
SEATS: Final = "/registers/new-year/seats"


@get(HERE, sync_to_thread=True)
def show(request: Request, since: FromQuery[str] = "") -> Response[bytes]:
    """The classes that follow, who moves up, and everybody who does not with the reason."""
    return _show(request, since, None)


@post(HERE, sync_to_thread=True)
def open_year(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Open the classes that have a name, all or none."""
    who, at = principal(request), clock.now()
    since = form["since"]

    def work(session: Session) -> See:
        rows = next_year.followings(session, since, who)
        employed = opening_queries.teachers(session, who, at=at)
        chosen: list[Chosen] = []
        fields: dict[str, str] = {}
        for row in rows:
            name, label = form[f"name-{row.from_class_id}"], form[f"teacher-{row.from_class_id}"]
            if not name.strip() or row.is_open or not row.name:
                continue
            if label not in employed:
                fields[f"teacher-{row.from_class_id}"] = f"Trường không có giáo viên “{label}”."
            else:
                chosen.append(Chosen(row.from_class_id, name, employed[label]))
        if fields:
            raise Invalid(" ".join(dict.fromkeys(fields.values())), fields=fields)
        if not chosen:
            raise Invalid("Chưa có lớp nào được đặt tên để mở.")
        placed = {
            one.pupil_id: form[f"place-{one.pupil_id}"]
            for row in rows
            for one in row.waiting
            if form[f"place-{one.pupil_id}"]
        }
        count = next_year.open_year(session, since, chosen, placed, by=who, at=at)
        new_year = year_names.next_year(since)
        session.flush()  # Who is left is counted of what was written.
        left = len(seating.unseated(session, since, who))
        if left:
            return See(
                f"{SEATS}?since={since}",
                said=f"Đã mở {count} lớp năm học {new_year}; còn {left} học sinh chưa có lớp.",
            )
        return See(f"/registers?year={new_year}", said=f"Đã mở {count} lớp năm học {new_year}.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _show(request, since, form.refused(refusal), status=refusal.status)


@get(SEATS, sync_to_thread=True)
def show_seats(request: Request, since: FromQuery[str] = "") -> Response[bytes]:
    """Who has no class in the new year yet, and where they can sit."""
    return _seats(request, since, FormState())


@post(SEATS, sync_to_thread=True)
def seat(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Seat those for whom a class was chosen, all or none."""
    who, at = principal(request), clock.now()
    since = form["since"]

    def work(session: Session) -> See:
        placed: dict[UUID, UUID] = {}
        for one in seating.unseated(session, since, who):
            name = form[f"place-{one.pupil_id}"]
            chosen = [target.class_id for target in one.targets if str(target.class_id) == name]
            if name and not chosen:
                raise seating.SeatRefused(
                    f"Lớp chọn cho {one.name} không còn xếp được. Hãy tải lại trang.",
                    fields={f"place-{one.pupil_id}": "Hãy chọn lớp khác."},
                )
            if chosen:
                placed[one.pupil_id] = chosen[0]
        count = seating.seat(session, since, placed, by=who, at=at)
        return See(
            f"{SEATS}?since={since}",
            said=f"Đã xếp lớp {count} học sinh." if count else "Chưa chọn lớp cho học sinh nào.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        return _seats(request, since, form.refused(refusal), status=refusal.status)


def _seats(request: Request, since: str, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    opening_queries.require_office(who)
    with db.transaction(who.acting) as session:
        years = opening_queries.school_years(session, who)
        chosen = since if since in years else (years[0] if years else "")
        rows = seating.unseated(session, chosen, who) if chosen else ()
    return page(
        request,
        "marks/seats.html",
        section="registers",
        status=status,
        form=form,
        rows=rows,
        since=chosen,
        new_year=year_names.next_year(chosen) if chosen else "",
        chips=[(f"Từ năm học {one}", f"{SEATS}?since={one}", one == chosen) for one in years],
        tones={Outcome.HELD_BACK: "wrong", Outcome.PROMOTED: "done"},
        may_seat=any(one.targets for one in rows),
    )


def _show(
    request: Request, since: str, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who, at = principal(request), clock.now()
    opening_queries.require_office(who)
    with db.transaction(who.acting) as session:
        years = opening_queries.school_years(session, who)
        chosen = since if since in years else (years[0] if years else "")
        rows = next_year.followings(session, chosen, who) if chosen else ()
        employed = opening_queries.teachers(session, who, at=at)
    labels: dict[UUID, str] = {person_id: label for label, person_id in employed.items()}
    if form is None:
        form = FormState.of(**_begun(rows, labels))
    return page(
        request,
        "marks/new_year.html",
        section="registers",
        status=status,
        form=form,
        rows=rows,
        since=chosen,
        new_year=year_names.next_year(chosen) if chosen else "",
        chips=[(f"Từ năm học {one}", f"{HERE}?since={one}", one == chosen) for one in years],
        teachers=list(employed),
        waiting=[one for row in rows for one in row.waiting],
        targets=[row.name for row in rows if row.name and not row.is_open],
        held_back=Outcome.HELD_BACK,
    )


def _begun(rows: tuple[Following, ...], labels: dict[UUID, str]) -> dict[str, str]:
    """Names and teachers as they probably are; who is held back repeats in the same class."""
    targets = {row.name for row in rows if row.name and not row.is_open}
    begun: dict[str, str] = {}
    for row in rows:
        begun[f"name-{row.from_class_id}"] = row.name
        begun[f"teacher-{row.from_class_id}"] = labels.get(row.homeroom_teacher_id, "")
        for one in row.waiting:
            if one.outcome is Outcome.HELD_BACK and one.from_class in targets:
                begun[f"place-{one.pupil_id}"] = one.from_class
    return begun


HANDLERS = (show, open_year, show_seats, seat)
