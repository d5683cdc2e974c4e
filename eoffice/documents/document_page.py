"""The page of one document: its pages, what waits, and what I can do with it now.

Shared by all pages that answer with it: a refused step comes back on it, filled.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from litestar import Response
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import looks
from eoffice.audit import queries as audit
from eoffice.audit.looks import Thing, Way
from eoffice.documents import queries, rules, states, types, waiting
from eoffice.documents.books import kinds as book_kinds
from eoffice.documents.books import queries as book_queries
from eoffice.documents.books import twins as book_twins
from eoffice.documents.copies import actions as copies
from eoffice.documents.drafts import drafting
from eoffice.documents.flows import queries as flow_queries
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.form import check as form_check
from eoffice.documents.issue import corrections, corrections_rules, scheduling
from eoffice.documents.model import VersionKind
from eoffice.documents.queries import DocumentRead
from eoffice.documents.recipients import directory
from eoffice.documents.states import State, Step
from eoffice.errors import Invalid
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.web import words
from eoffice.web.forms import FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

KINDS = {
    VersionKind.DRAFT: "Dự thảo",
    VersionKind.INITIALLED: "Bản có chữ ký nháy",
    VersionKind.SIGNED: "Bản đã ký",
    VersionKind.NUMBERED: "Bản đã ghi số",
    VersionKind.SEALED: "Bản hoàn chỉnh",
}


def see_after(
    once: Once, step: Callable[[Session], object], path: str, said: str
) -> Response[bytes]:
    def work(session: Session) -> See:
        step(session)
        return See(path, said=said)

    return once.see(work)


def read(request: Request, document_id: UUID) -> DocumentRead:
    who = principal(request)
    with db.transaction(who.acting) as session:
        return read_in(session, document_id, who)


def read_in(session: Session, document_id: UUID, who: Principal) -> DocumentRead:
    """The document; somebody who stands in today for one who is asked reads it too."""
    at = clock.now()
    db.tell_today(session, clock.civil_date(at))
    found = queries.document(session, document_id, who=who)
    looks.look(session, Thing.DOCUMENT, document_id, Way.VIEWED, by=who, at=at)
    return found


def may_answer(found: DocumentRead, who: Principal) -> bool:
    """Whether the person writes the document, and so settles remarks about it."""
    return rules.may(
        Step.SUBMIT,
        State.DRAFT,
        PositionKind(who.position_kind),
        in_drafting_unit=found.drafting_unit_id == who.unit_id,
    ) and found.state not in (State.ISSUED, State.WITHDRAWN)


def show(
    request: Request, document_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    now = clock.now()
    with db.transaction(who.acting) as session:
        found = read_in(session, document_id, who)
        flow = _flow(session, found, who, at=now)
        remarks = flow_queries.marks(session, document_id)
        history = audit.history(session, "document", document_id)
        links = corrections.links(session, document_id, who=who)
        copy_of = copies.copied(session, document_id)
        outside = directory.sent_of(session, document_id)
        scheduled = scheduling.expected(session, document_id)
        acting = _who_acts(session, found, at=now)
        following = _next_code(session, found, who, at=now)
        is_signed = found.state is State.SIGNED
        twins = book_twins.of_document(session, document_id, who=who, at=now) if is_signed else []
    steps = tuple(
        step
        for step in states.steps_from(found.state)
        if rules.may(
            step,
            found.state,
            PositionKind(who.position_kind),
            in_drafting_unit=found.drafting_unit_id == who.unit_id,
        )
        and (step is not states.Step.SIGN or _names(found, who))
    )
    turn = flow.mine
    if found.state in (State.SUBMITTED, State.CHECKING):
        # Here the flow says whose turn it is, and whoever could agree may send it back.
        steps = () if turn is None else (Step.RETURN,)
    findings = (
        drafting.check_form(document_id, by=who)
        if found.state in (State.DRAFT, State.SUBMITTED, State.CHECKING)
        else ()
    )
    return page(
        request,
        "documents/show.html",
        status=status,
        document=found,
        form=form,
        type_name=types.name(found.type),
        urgency_name=types.URGENCY_NAMES[found.urgency],
        secrecy_name=types.SECRECY_NAMES[found.secrecy],
        copy_of=copy_of,
        state_name=states.NAMES[found.state],
        waits=_waits(found, flow, acting, at=now),
        steps=[step.value for step in steps],
        kinds=KINDS,
        flow=flow,
        turn=turn,
        remarks=remarks,
        may_answer=may_answer(found, who),
        is_numbered_page=found.latest.kind is VersionKind.NUMBERED,
        next_code=following,
        twins=twins,
        findings=findings,
        passes=form_check.passes(findings),
        images=images(found, found.latest.ordinal, page_count(request, found, None)),
        history=history,
        links=links,
        force_name=corrections_rules.FORCE_NAMES[links.force],
        unsent=sum(each.sent_at is None for each in outside),
        outside=len(outside),
        scheduled=scheduled,
    )


def images(found: DocumentRead, ordinal: int, pages: int) -> list[tuple[str, str]]:
    """Addresses of the pictures; a draft's carry its revision, so that a saved change is seen."""
    chosen = drafting.version_of(found, ordinal)
    return [
        (
            f"/documents/{found.id}/versions/{ordinal}/pages/{number}?width=1240"
            + ("" if chosen.frozen_at else f"&revision={chosen.revision}"),
            chosen.text.subject if chosen.text and number == 1 else "",
        )
        for number in range(1, pages + 1)
    ]


def page_count(request: Request, found: DocumentRead, ordinal: int | None) -> int:
    """Pages that can be shown; none where the draft cannot be printed yet."""
    try:
        chosen = drafting.version_of(found, ordinal)
        if chosen.content_sha256 is not None:
            return chosen.page_count or 1
        return drafting.preview(found.id, ordinal, by=principal(request)).page_count
    except Invalid:
        return 0
    except drafting.NoContent:
        return 0


def _names(found: DocumentRead, who: Principal) -> bool:
    """Whether the page leaves the signature to this person; one that came finished names nobody."""
    text = found.latest.text
    return text is None or text.signer_name.casefold() == who.full_name.casefold()


def _waits(
    found: DocumentRead, flow: flow_queries.FlowRead, acting: tuple[str, ...], *, at: datetime
) -> str:
    if found.state in (State.SUBMITTED, State.CHECKING) and flow.waiting:
        asked = [(flow_rules.TASK_VERBS[step.task], step.people) for step in flow.waiting]
        return waiting.in_flow(asked, words.since(found.state_since, at))
    return waiting.sentence(found.state, acting, words.since(found.state_since, at))


def _flow(
    session: Session, found: DocumentRead, who: Principal, *, at: datetime
) -> flow_queries.FlowRead:
    """The flow of the document; of a draft, the one that it will pass."""
    if found.state is State.DRAFT:
        return flow_queries.planned(
            session,
            agency_id=found.agency_id,
            drafting_unit_id=found.drafting_unit_id,
            kind=found.type,
        )
    return flow_queries.flow_of(
        session,
        found.id,
        agency_id=found.agency_id,
        drafting_unit_id=found.drafting_unit_id,
        who=who,
        at=at,
    )


def _who_acts(session: Session, found: DocumentRead, *, at: datetime) -> tuple[str, ...]:
    """Who can take the next step, with their titles; in a flow its steps say so."""
    if found.state is State.DRAFT:
        return (found.created_by,)
    if found.state in (State.SUBMITTED, State.CHECKING, State.ISSUED, State.WITHDRAWN):
        return ()
    if found.state is not State.AWAITING_SIGNATURE:
        clerks = people.clerks_of(session, found.agency_id, at=at)
        return tuple(f"{each.title} {each.full_name}" for each in clerks)
    text = found.latest.text
    if text is not None and text.signer_name:
        return (f"{text.signer_title} {text.signer_name}",)
    held = people.persons_in(session, found.agency_id, at=at, kinds=(PositionKind.HEAD,))
    return tuple(f"{each.title} {each.full_name}" for each in held)


def _next_code(
    session: Session, found: DocumentRead, who: Principal, *, at: datetime
) -> str | None:
    """The number that the book would give now; somebody else may take it first."""
    if found.state is not State.SIGNED:
        return None
    year = clock.civil_date(at).year
    kind = book_kinds.kind_of(found.type, found.secrecy)
    return types.printed_number(
        book_queries.book(session, who=who, kind=kind, year=year).last_number + 1
    )
