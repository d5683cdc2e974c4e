"""Several things are signed at once: looked at and ticked, authorised once, watched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.desk import signables
from eoffice.desk.signables import HOLDERS, SIGNABLE, Offered, OfferedGroup
from eoffice.errors import Refusal
from eoffice.signing.batches import actions, queries, rules
from eoffice.signing.batches.queries import BatchRead
from eoffice.signing.batches.rules import Holder, ItemState
from eoffice.signing.pin import PinEntered
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

TONES: Final = {
    ItemState.WAITING: "waiting",
    ItemState.SIGNED: "done",
    ItemState.FAILED: "wrong",
    ItemState.STOPPED: "quiet",
    ItemState.AWAITED: "waiting",
}
#: Things of one page of outcomes; of more, those that need somebody come first.
_ROWS: Final = 200
_TOLD_FIRST: Final = (
    ItemState.FAILED,
    ItemState.STOPPED,
    ItemState.WAITING,
    ItemState.AWAITED,
    ItemState.SIGNED,
)


@get("/desk/signatures/new", sync_to_thread=True)
def ask(
    request: Request,
    item: FromQuery[list[str] | None] = None,
    group: FromQuery[list[str] | None] = None,
) -> Response[bytes]:
    """Each with its first page and subject, or each group with how many are in it, and what
    signing them will do.
    """
    return _asking(request, tuple(item or ()), tuple(group or ()), FormState())


@post("/desk/signatures", sync_to_thread=True, opt={"scope": "sign"})
def begin(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Try the PIN, put the batch on record, and go to the page that shows how far it is."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    try:
        with db.transaction(who.acting) as session:
            grouped = signables.members(session, map(rules.read, form.all("group")), by=who)
        chosen, holder = rules.checked(
            (*map(rules.read, form.all("item")), *grouped), HOLDERS, signables.GROUPED.keys()
        )
        entered = form.parse(PinEntered)
        signables.authorise(who, holder, entered.pin)

        def work(session: Session) -> See:
            batch_id = actions.begin(session, chosen, holder, entered.pin, by=who, at=clock.now())
            return See(f"/desk/signatures/{batch_id}")

        return once.see(work)
    except Refusal as refusal:
        return _asking(
            request,
            form.all("item"),
            form.all("group"),
            form.refused(refusal),
            status=refusal.status,
        )


@get("/desk/signatures/{batch_id:uuid}", sync_to_thread=True)
def show(request: Request, batch_id: FromPath[UUID]) -> Response[bytes]:
    """How far it is, what became of each, and what can be done about what was not signed."""
    return _shown(request, batch_id, FormState())


@get("/desk/signatures/{batch_id:uuid}/progress", sync_to_thread=True)
def progress(request: Request, batch_id: FromPath[UUID]) -> Response[bytes]:
    """The same in figures, for the page that waits."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        counts = queries.counts(session, batch_id, who=who)
    total = sum(counts.values())
    body = {
        "done": total - counts[ItemState.WAITING],
        "total": total,
        "failed": counts[ItemState.FAILED],
        "text": _summary(counts),
        "finished": not counts[ItemState.WAITING],
        "next": f"/desk/signatures/{batch_id}",
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@post("/desk/signatures/{batch_id:uuid}/retry", sync_to_thread=True, opt={"scope": "sign"})
def retry(
    request: Request,
    batch_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Have what was not signed tried again."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    batch = _batch(who, batch_id)
    try:
        entered = form.parse(PinEntered)
        signables.authorise(who, batch.holder, entered.pin)

        def work(session: Session) -> See:
            count = actions.retry(session, batch_id, entered.pin, by=who, at=clock.now())
            return See(f"/desk/signatures/{batch_id}", said=f"Đang ký lại {count} mục.")

        return once.see(work)
    except Refusal as refusal:
        return _shown(request, batch_id, form.refused(refusal), status=refusal.status)


@post("/desk/signatures/{batch_id:uuid}/stop", sync_to_thread=True, opt={"scope": "sign"})
def stop(
    request: Request, batch_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Sign nothing of it any more."""
    who = principal(request)

    def work(session: Session) -> See:
        count = actions.stop(session, batch_id, by=who, at=clock.now())
        said = f"Đã dừng, {count} mục chưa ký." if count else "Không còn mục nào đang chờ ký."
        return See(f"/desk/signatures/{batch_id}", said=said)

    return once.see(work)


def _asking(
    request: Request,
    ticked: tuple[str, ...],
    groups: tuple[str, ...],
    form: FormState,
    *,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    at = clock.now()
    chosen = [rules.read(each) for each in ticked]
    taken = [rules.read(each) for each in groups]
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        there, gone = signables.still_offered(session, chosen, by=who, at=at)
        whole, empty = signables.offered_groups(session, taken, by=who)
    both: tuple[Offered | OfferedGroup, ...] = (*there, *whole)
    holders = {each.holder for each in both}
    return page(
        request,
        "desk/signing.html",
        section="desk",
        status=status,
        items=there,
        groups=whole,
        count=len(there) + sum(each.shown.count for each in whole),
        gone=gone,
        empty=empty,
        verbs=sorted({each.verb for each in both}),
        effects=sorted({SIGNABLE[each.chosen.kind].effect for each in both}),
        is_seal=holders == {Holder.SEAL},
        two_keys=len(holders) > 1,
        form=form,
    )


def _shown(
    request: Request, batch_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        batch = queries.batch(session, batch_id, SIGNABLE, who=who)
        groups = _by_group(session, batch)
    counts = {state: batch.count(state) for state in ItemState}
    # What went well need not be read one by one where there is much of it.
    told = batch.items
    if len(told) > _ROWS:
        told = tuple(
            sorted(told, key=lambda each: (_TOLD_FIRST.index(each.state), each.ordinal))[:_ROWS]
        )
    return page(
        request,
        "desk/signatures.html",
        section="desk",
        status=status,
        batch=batch,
        items=told,
        groups=groups,
        summary=_summary(counts),
        here=f"/desk/signatures/{batch.id}",
        ended=len(batch.items) - batch.count(ItemState.WAITING),
        left=sum(each.state in rules.RETRIED for each in batch.items),
        is_seal=batch.holder is Holder.SEAL,
        verb_of={kind: each.verb for kind, each in SIGNABLE.items()},
        state_names=rules.NAMES,
        tones=TONES,
        form=form,
    )


def _batch(who: Principal, batch_id: UUID) -> BatchRead:
    with db.transaction(who.acting) as session:
        return queries.batch(session, batch_id, SIGNABLE, who=who)


def _by_group(session: Session, batch: BatchRead) -> list[tuple[str, int, int, int]]:
    """Name, how many are signed, failed or stopped, and waiting, of what is shown by groups."""
    names: dict[UUID, str] = {}
    for kind, each in signables.GROUPED.items():
        ids = [item.id for item in batch.items if item.kind == kind]
        if ids:
            names |= each.group_names(session, ids)
    counted: dict[str, Counter[ItemState]] = {}
    for item in batch.items:
        if item.id in names:
            counted.setdefault(names[item.id], Counter())[item.state] += 1
    return [
        (
            name,
            counts[ItemState.SIGNED],
            counts[ItemState.FAILED] + counts[ItemState.STOPPED],
            counts[ItemState.WAITING] + counts[ItemState.AWAITED],
        )
        for name, counts in counted.items()
    ]


def _summary(counts: Mapping[ItemState, int]) -> str:
    """ "Đã ký 12 trên 40 mục; 1 mục không ký được." """
    said = f"Đã ký {counts[ItemState.SIGNED]} trên {sum(counts.values())} mục"
    if failed := counts[ItemState.FAILED]:
        said += f"; {failed} mục không ký được"
    if awaited := counts[ItemState.AWAITED]:
        said += f"; {awaited} mục chờ hoàn tất"
    if stopped := counts[ItemState.STOPPED]:
        said += f"; {stopped} mục đã dừng"
    return f"{said}."


HANDLERS: Final = (ask, begin, show, progress, retry, stop)
