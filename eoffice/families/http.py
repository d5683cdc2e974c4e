"""Results for families, for programs of the school; a family needs none."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.families import actions, queries, results
from eoffice.families.queries import PublicationView, SlipView
from eoffice.families.rules import Period, PeriodKind
from eoffice.families.states import State
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class NewPublication(msgspec.Struct, frozen=True, kw_only=True):
    kind: PeriodKind
    #: Any day of the month, for a month.
    month: date | None = None

    def period(self) -> Period:
        """Raises MonthMissing."""
        return Period(self.kind, None if self.month is None else self.month.replace(day=1))


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True):
    because: Annotated[str, msgspec.Meta(max_length=actions.LONGEST_REASON)]


class SlipOut(msgspec.Struct, frozen=True, kw_only=True):
    """A slip without its address and code: those leave the school to its family only."""

    id: UUID
    pupil: str
    looks: int
    last_look_at: datetime | None
    wrong_tries: int
    renewals: int
    can_be_mailed: bool
    mailed_at: datetime | None


class LettersOut(msgspec.Struct, frozen=True, kw_only=True):
    #: Families that a letter is being sent to.
    families: int


class PublicationOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    class_id: UUID
    kind: PeriodKind
    month: date | None
    state: State
    published_at: datetime
    withdrawn_because: str | None
    slips: int
    looked_at: int


@get("/classes/{class_id:uuid}/publications", sync_to_thread=True)
def of_class(request: Request, class_id: FromPath[UUID]) -> list[PublicationOut]:
    """What of a class was published, the newest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        queries.require_keeper(session, class_id, who)
        return [_out(each) for each in queries.of_class(session, class_id)]


@post("/classes/{class_id:uuid}/publications", sync_to_thread=True)
def publish(
    request: Request,
    class_id: FromPath[UUID],
    data: JSONBody[NewPublication],
    once: NamedDependency[Once],
) -> Response[PublicationOut]:
    """Publish the results of a period as they stand now."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> PublicationOut:
        period = data.period()
        made = results.slips(session, class_id, period, who=who, at=at)
        publication_id = actions.publish(session, class_id, period, made, by=who, at=at)
        return _out(queries.publication(session, publication_id))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/publications/{out.id}")


@get("/publications/{publication_id:uuid}", sync_to_thread=True)
def show(request: Request, publication_id: FromPath[UUID]) -> PublicationOut:
    """One publication."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(_held(session, publication_id, request))


@get("/publications/{publication_id:uuid}/slips", sync_to_thread=True)
def slips(request: Request, publication_id: FromPath[UUID]) -> list[SlipOut]:
    """How often each family has looked."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        _held(session, publication_id, request)
        return [_slip(each) for each in queries.slips(session, publication_id)]


@post("/publications/{publication_id:uuid}/withdrawal", sync_to_thread=True)
def withdraw(
    request: Request,
    publication_id: FromPath[UUID],
    data: JSONBody[Withdrawal],
    once: NamedDependency[Once],
) -> Response[PublicationOut]:
    """Take the results back, with a reason that families read."""
    who = principal(request)

    def work(session: Session) -> PublicationOut:
        actions.withdraw(session, publication_id, data.because, by=who, at=clock.now())
        return _out(queries.publication(session, publication_id))

    return once.answer(work)


@post("/publications/{publication_id:uuid}/letters", sync_to_thread=True, status_code=202)
def send_letters(
    request: Request, publication_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[LettersOut]:
    """Mail link and code to every family that left an address and has no letter yet."""
    who = principal(request)

    def work(session: Session) -> LettersOut:
        return LettersOut(families=actions.post(session, publication_id, by=who, at=clock.now()))

    return once.answer(work, status=202)


def _held(session: Session, publication_id: UUID, request: Request) -> PublicationView:
    view = queries.publication(session, publication_id)
    queries.require_keeper(session, view.class_id, principal(request))
    return view


def _out(view: PublicationView) -> PublicationOut:
    return PublicationOut(
        id=view.id,
        class_id=view.class_id,
        kind=view.period.kind,
        month=view.period.month,
        state=view.state,
        published_at=view.published_at,
        withdrawn_because=view.withdrawn_because,
        slips=view.slips,
        looked_at=view.looked_at,
    )


def _slip(view: SlipView) -> SlipOut:
    return SlipOut(
        id=view.id,
        pupil=view.slip.pupil,
        looks=view.looks,
        last_look_at=view.last_look_at,
        wrong_tries=view.wrong_tries,
        renewals=view.renewals,
        can_be_mailed=view.can_be_mailed,
        mailed_at=view.mailed_at,
    )


router = Router(
    "/api/v1",
    route_handlers=[of_class, publish, show, slips, withdraw, send_letters],
    tags=["families"],
)
