"""Several things at once: said and asked beforehand, then done, then each outcome told."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.desk import batch_rules, batches
from eoffice.desk.batch_rules import BulkStep, ItemState, Particulars
from eoffice.errors import Refusal
from eoffice.filing import case_queries, case_rules
from eoffice.filing.case_queries import Wanted
from eoffice.filing.case_rules import CaseState
from eoffice.people.kinds import PositionKind
from eoffice.routing import queries as routing
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

STATE_NAMES: Final = {
    ItemState.WAITING: "Chưa làm",
    ItemState.DONE: "Đã xong",
    ItemState.REFUSED: "Không làm được",
}
TONES: Final = {
    ItemState.WAITING: "waiting",
    ItemState.DONE: "done",
    ItemState.REFUSED: "wrong",
}


@get("/desk/batches/new", sync_to_thread=True)
def ask(
    request: Request,
    step: FromQuery[BulkStep],
    item: FromQuery[list[str] | None] = None,
) -> Response[bytes]:
    """What will be done to what was chosen, with the fields that the step needs."""
    return _asking(request, step, tuple(item or ()), FormState())


@post("/desk/batches", sync_to_thread=True)
def begin(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Begin, take the steps one by one, and go to the page of outcomes."""
    who = principal(request)
    at = clock.now()
    step = BulkStep(form["step"]) if form["step"] in list(BulkStep) else None
    if step is None:
        raise batch_rules.ItemUnfit("Không rõ cần làm việc gì. Hãy chọn lại từ danh sách.")
    begun: list[UUID] = []

    def work(session: Session) -> See:
        items = [batch_rules.read(each) for each in form.all("item")]
        begun.append(batches.begin(session, step, items, form.parse(Particulars), by=who, at=at))
        return See(f"/desk/batches/{begun[0]}")

    try:
        answer = once.see(work)
    except Refusal as refusal:
        return _asking(
            request, step, form.all("item"), form.refused(refusal), status=refusal.status
        )
    # Sent twice, the first one takes the steps, and the second only sees the page.
    for batch_id in begun:
        batches.run(batch_id, who=who, at=at)
    return answer


@get("/desk/batches/{batch_id:uuid}", sync_to_thread=True)
def outcomes(request: Request, batch_id: FromPath[UUID]) -> Response[bytes]:
    """What became of each."""
    with db.transaction(principal(request).acting) as session:
        batch = batches.seen(session, batch_id, who=principal(request))
    return page(
        request,
        "desk/outcomes.html",
        section="desk",
        batch=batch,
        name=batch_rules.NAMES[batch.step],
        done=batch.count(ItemState.DONE),
        refused=batch.count(ItemState.REFUSED),
        waiting=batch.count(ItemState.WAITING),
        state_names=STATE_NAMES,
        tones=TONES,
    )


@post("/desk/batches/{batch_id:uuid}/continuation", sync_to_thread=True)
def go_on(
    request: Request, batch_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Take the steps that an interruption left; none is taken twice."""
    who = principal(request)
    batches.run(batch_id, who=who, at=clock.now())
    return once.see(lambda _: See(f"/desk/batches/{batch_id}"))


def _asking(
    request: Request,
    step: BulkStep,
    chosen: tuple[str, ...],
    form: FormState,
    *,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    items = tuple(dict.fromkeys(batch_rules.read(each) for each in chosen))
    if len(items) > batch_rules.MOST_AT_ONCE:
        raise batch_rules.TooMany(
            f"Mỗi lượt làm không quá {batch_rules.MOST_AT_ONCE} mục. Hãy chia thành nhiều lượt."
        )
    with db.transaction(who.acting) as session:
        named = batches.names(session, items)
        choices = _choices(session, step, who)
    return page(
        request,
        "desk/asking.html",
        section="desk",
        status=status,
        step=step.value,
        name=batch_rules.NAMES[step],
        effect=batch_rules.EFFECTS[step],
        items=[(str(each), *named[each]) for each in items],
        choices=choices,
        form=form,
    )


def _choices(session: Session, step: BulkStep, who: Principal) -> list[Any]:
    """What the select of the step offers: colleagues, or open case files."""
    today = clock.civil_date(clock.now())
    if step is BulkStep.ASSIGNMENT:
        return [
            (
                unit.unit_name,
                [
                    *((f"{unit.unit_id}/{person}", name) for person, name in unit.people),
                    (str(unit.unit_id), f"{unit.unit_name} (cả đơn vị)"),
                ],
            )
            for unit in routing.colleagues(session, agency_id=who.agency_id, on=today)
        ]
    if step is BulkStep.FILING and case_rules.may_read(PositionKind(who.position_kind)):
        keeps = case_rules.may_plan(PositionKind(who.position_kind))
        wanted = Wanted(state=CaseState.OPEN, is_mine=not keeps)
        return [
            (str(each.id), f"{each.code} · {each.title}")
            for each in case_queries.listing(session, wanted, who=who)
        ]
    return []


HANDLERS: Final = (ask, begin, outcomes, go_on)
