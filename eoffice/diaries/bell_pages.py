"""The page of a school's bells and of how its lessons are rated, with what held before."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.diaries import bell_queries, bell_rules, rules, timetable_actions
from eoffice.diaries.bell_queries import BellsSeen
from eoffice.diaries.lesson_pages import DIARIES
from eoffice.diaries.rules import HALF_DAY_NAMES, HalfDay, Place
from eoffice.errors import Refusal
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

BELLS: Final = DIARIES + "/bells"
#: Lines of a half of the day, and of ratings, that a form has at least.
LEAST_LINES: Final = 5


class FromForm(msgspec.Struct, frozen=True, kw_only=True):
    from_on: date


@get(BELLS, sync_to_thread=True)
def show_bells(request: Request) -> Response[bytes]:
    """Giờ học và xếp loại tiết học của trường."""
    return _bells(request, None)


@post(BELLS, sync_to_thread=True)
def set_bells(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Quy định giờ học và xếp loại từ một ngày."""

    def work(session: Session) -> See:
        from_on = form.parse(FromForm).from_on
        periods, ratings = _read(form)
        timetable_actions.set_bells(
            session, from_on, periods, ratings, by=principal(request), at=clock.now()
        )
        return See(BELLS, said=f"Đã ghi giờ học và xếp loại, áp dụng từ {from_on:%d/%m/%Y}.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _bells(request, form.refused(refusal), status=refusal.status)


def _read(form: Form) -> tuple[list[tuple[Place, str, str]], list[tuple[str, str]]]:
    """Lines in which something stands."""
    periods = [
        (place, form[f"from-{name}"], form[f"to-{name}"])
        for place, name in _places(rules.MOST_PERIODS)
    ]
    ratings = [
        (form[f"rating-{at}"], form[f"points-{at}"]) for at in range(1, bell_rules.MOST_RATINGS + 1)
    ]
    return (
        [one for one in periods if one[1] or one[2]],
        [one for one in ratings if one[0] or one[1]],
    )


def _places(most: int) -> list[tuple[Place, str]]:
    return [
        (Place(half, number), f"{half.value}-{number}")
        for half in HalfDay
        for number in range(1, most + 1)
    ]


def _entered(held: BellsSeen | None) -> FormState:
    """The form with what is in force."""
    values: dict[str, str] = {}
    if held is not None:
        for place, begins, ends in held.periods:
            values[f"from-{place.half.value}-{place.number}"] = begins
            values[f"to-{place.half.value}-{place.number}"] = ends
        for at, (name, points) in enumerate(held.ratings, start=1):
            values[f"rating-{at}"], values[f"points-{at}"] = name, points.replace(".", ",")
    return FormState.of(**values)


def _bells(request: Request, form: FormState | None, *, status: int = 200) -> Response[bytes]:
    who, today = principal(request), clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        every = bell_queries.bells(session, who)
        actor = staff_queries.actor(who)
    held = next((one for one in every if one.holds_on(today)), None)
    shown = form or _entered(held)
    most = max((place.number for one in every for place, _, _ in one.periods), default=0)
    most = min(max(LEAST_LINES, most + 1), rules.MOST_PERIODS)
    lines = max((len(one.ratings) for one in every), default=0) + 1
    return page(
        request,
        "diaries/bells.html",
        section="registers",
        status=status,
        form=shown,
        here=BELLS,
        every=every,
        today=today,
        places=[
            (place, name)
            for place, name in _places(rules.MOST_PERIODS)
            if place.number <= most or shown.value(f"from-{name}")
        ],
        rating_lines=range(1, min(max(LEAST_LINES, lines), bell_rules.MOST_RATINGS) + 1),
        halves=HALF_DAY_NAMES,
        may_set=actor.kind in class_rules.LEADERS,
    )


HANDLERS = (show_bells, set_bells)
