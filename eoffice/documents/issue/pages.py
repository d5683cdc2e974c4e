"""Pages of issue: before it, to whom exactly; now or at a time; recall; what changes what."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import document_page, queries, rules, states
from eoffice.documents.issue import actions as issuing
from eoffice.documents.issue import corrections, corrections_rules, scheduling
from eoffice.documents.issue.corrections_rules import CorrectionKind
from eoffice.documents.issue.schedule_states import ScheduleState
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients import directory
from eoffice.documents.recipients.rules import CHANNEL_NAMES, PURPOSE_NAMES
from eoffice.documents.states import Step
from eoffice.errors import Invalid, Refusal
from eoffice.people.kinds import PositionKind
from eoffice.web import words
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_CANDIDATES = 30


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    issue_on: date
    issue_time: str


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=issuing.LONGEST_REASON)]


class Changing(msgspec.Struct, frozen=True, kw_only=True):
    corrected_id: UUID
    kind: CorrectionKind


@get("/documents/{document_id:uuid}/issuance", sync_to_thread=True)
def issuance(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Before issuing: to whom exactly it will go, and whether it is in time."""
    return _before(request, document_id, FormState())


@post("/documents/{document_id:uuid}/issuance", sync_to_thread=True)
def issue(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Phát hành ngay; an hour that was set falls away."""
    who = principal(request)

    def work(session: Session) -> See:
        at = clock.now()
        if scheduling.expected(session, document_id) is not None:
            scheduling.cancel(session, document_id, by=who, at=at)
        count = issuing.issue(session, document_id, by=who, at=at)
        return See(
            f"/documents/{document_id}",
            said=f"Đã phát hành đến {words.number(count)} nơi nhận. Văn bản đang được gửi.",
        )

    return once.see(work)


@post("/documents/{document_id:uuid}/issuance-schedule", sync_to_thread=True)
def schedule(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Hẹn giờ phát hành."""
    who = principal(request)
    try:
        due_at = _hour(form)

        def work(session: Session) -> See:
            scheduling.schedule(session, document_id, due_at, by=who, at=clock.now())
            return See(
                f"/documents/{document_id}/issuance",
                said=f"Đã hẹn phát hành lúc {due_at.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}.",
            )

        return once.see(work)
    except Refusal as refusal:
        return _before(request, document_id, form.refused(refusal), status=refusal.status)


@post("/documents/{document_id:uuid}/issuance-schedule/cancellation", sync_to_thread=True)
def cancel(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Hủy hẹn giờ."""
    who = principal(request)
    return document_page.see_after(
        once,
        lambda session: scheduling.cancel(session, document_id, by=who, at=clock.now()),
        f"/documents/{document_id}/issuance",
        "Đã hủy hẹn giờ phát hành.",
    )


@post("/documents/{document_id:uuid}/withdrawal", sync_to_thread=True)
def withdraw(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Thu hồi."""
    who = principal(request)
    try:
        entered = form.parse(Because)
        return document_page.see_after(
            once,
            lambda session: issuing.withdraw(
                session, document_id, entered.reason, by=who, at=clock.now()
            ),
            f"/documents/{document_id}",
            "Đã thu hồi văn bản.",
        )
    except Refusal as refusal:
        return document_page.show(
            request, document_id, form.refused(refusal), status=refusal.status
        )


@get("/documents/{document_id:uuid}/corrections", sync_to_thread=True)
def changes(
    request: Request, document_id: FromPath[UUID], q: FromQuery[str] = ""
) -> Response[bytes]:
    """Which issued document a draft corrects, amends or replaces; and what changed this one."""
    return _changes(request, document_id, FormState(), q=q)


@post("/documents/{document_id:uuid}/corrections", sync_to_thread=True)
def note(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ghi văn bản được đính chính, sửa đổi hoặc thay thế."""
    who = principal(request)
    try:
        sent = form.parse(Changing)
        return document_page.see_after(
            once,
            lambda session: corrections.note(
                session, document_id, sent.corrected_id, sent.kind, by=who, at=clock.now()
            ),
            f"/documents/{document_id}/corrections",
            "Đã ghi văn bản liên quan.",
        )
    except Refusal as refusal:
        return _changes(
            request, document_id, form.refused(refusal), q=form["q"], status=refusal.status
        )


@post("/documents/{document_id:uuid}/corrections/{corrected_id:uuid}/removal", sync_to_thread=True)
def drop(
    request: Request,
    document_id: FromPath[UUID],
    corrected_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Bỏ ghi."""
    who = principal(request)
    return document_page.see_after(
        once,
        lambda session: corrections.drop(
            session, document_id, corrected_id, by=who, at=clock.now()
        ),
        f"/documents/{document_id}/corrections",
        "Đã bỏ ghi văn bản liên quan.",
    )


@get("/documents/{document_id:uuid}/outside", sync_to_thread=True)
def outside(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Agencies outside to which it was issued, and which have been sent theirs."""
    return _outside(request, document_id, FormState())


@post("/documents/{document_id:uuid}/outside/{organisation_id:uuid}", sync_to_thread=True)
def mark_sent(
    request: Request,
    document_id: FromPath[UUID],
    organisation_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Đã gửi."""
    who = principal(request)
    try:
        return document_page.see_after(
            once,
            lambda session: directory.mark_sent(
                session,
                document_id,
                organisation_id,
                form["sent_note"],
                by=who,
                at=clock.now(),
            ),
            f"/documents/{document_id}/outside",
            "Đã ghi việc gửi.",
        )
    except Refusal as refusal:
        return _outside(request, document_id, form.refused(refusal), status=refusal.status)


routes = [issuance, issue, schedule, cancel, withdraw, changes, note, drop, outside, mark_sent]


def _hour(form: Form) -> datetime:
    """The instant that was typed, in the time of Vietnam. Raises Invalid."""
    sent = form.parse(Hour)
    try:
        hour = time.fromisoformat(sent.issue_time)
    except ValueError as wrong:
        raise Invalid(
            "Giờ phát hành không đúng.", fields={"issue_time": "Ghi giờ và phút, ví dụ 07:30."}
        ) from wrong
    return datetime.combine(sent.issue_on, hour.replace(tzinfo=None), clock.VIETNAM)


def _before(
    request: Request, document_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, who=who)
        states.after(found.state, Step.ISSUE)
        rules.require(
            Step.ISSUE,
            found.state,
            PositionKind(who.position_kind),
            in_drafting_unit=found.drafting_unit_id == who.unit_id,
        )
        meant = queries.resolution(session, document_id, who=who, at=at)
        latest = scheduling.latest(session, document_id)
        links = corrections.links(session, document_id, who=who)
        changed = recipients.changes(session, document_id, meant)
        left_out = corrections.left_out(session, document_id, meant)
        late = scheduling.warning(session, document_id, on=clock.civil_date(at))
    waits = latest is not None and latest.state is ScheduleState.WAITING
    return page(
        request,
        "documents/issuance.html",
        status=status,
        document=found,
        meant=meant,
        form=form,
        late=late,
        changes=changed,
        left_out=len(left_out),
        scheduled=latest if waits else None,
        failure=None if latest is None else latest.failure,
        effects=[f"{each.said} văn bản số {each.code}." for each in links.corrects],
        purpose_names=PURPOSE_NAMES,
        channel_names=CHANNEL_NAMES,
    )


def _changes(
    request: Request, document_id: UUID, form: FormState, *, q: str, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, who=who)
        links = corrections.links(session, document_id, who=who)
        is_draft = states.may_be_edited(found.state)
        offered = (
            corrections.candidates(session, who=who, words=q, limit=_CANDIDATES) if is_draft else []
        )
    return page(
        request,
        "documents/issuance_corrections.html",
        status=status,
        document=found,
        links=links,
        is_draft=is_draft,
        offered=[each for each in offered if each.document_id != document_id],
        form=form,
        q=q,
        kinds=[(kind.value, corrections_rules.VERBS[kind]) for kind in CorrectionKind],
        force_name=corrections_rules.FORCE_NAMES[links.force],
        document_names=states.NAMES,
    )


def _outside(
    request: Request, document_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, who=who)
        rows = directory.sent_of(session, document_id)
    return page(
        request,
        "documents/issuance_outside.html",
        status=status,
        document=found,
        rows=rows,
        form=form,
        channel_names=CHANNEL_NAMES,
        may_mark=PositionKind(who.position_kind) is PositionKind.CLERK,
    )
