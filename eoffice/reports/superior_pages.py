"""What the units above a school do: decide on withdrawals; the department sets days and places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import department_actions as classes_department
from eoffice.classes.department_actions import Because
from eoffice.errors import Refusal
from eoffice.files.http import download
from eoffice.reports import (
    actions,
    department_actions,
    department_queries,
    files,
    rules,
    withdrawal_actions,
    withdrawal_queries,
)
from eoffice.reports.department_queries import Signing
from eoffice.reports.rules import DayOfYear, Deadline, SubjectsSign
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

HERE: Final = "/registers/reports"
REQUESTS: Final = HERE + "/withdrawals"
RULES: Final = HERE + "/rules"


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    decision: str
    reason: Annotated[str, msgspec.Meta(min_length=5, max_length=actions.LONGEST_REASON)]


class SigningForm(msgspec.Struct, frozen=True, kw_only=True):
    from_year: str
    subjects_sign: SubjectsSign
    deputy_may_sign: str = ""
    source: str = ""
    reason: str = ""


class DeadlineForm(msgspec.Struct, frozen=True, kw_only=True):
    kind: Deadline
    from_year: str
    day: int
    month: int
    warn_days: int
    source: str = ""
    reason: str = ""


@get(REQUESTS, sync_to_thread=True)
def requests(request: Request, decided: FromQuery[bool] = False) -> Response[bytes]:
    """Requests to withdraw closed parts that wait for a decision, or that were decided."""
    return _requests(request, FormState(), None, decided=decided)


@get(REQUESTS + "/{withdrawal_id:uuid}/evidence", sync_to_thread=True)
def evidence(request: Request, withdrawal_id: FromPath[UUID]) -> Response[bytes]:
    """The file that the school sent with its request."""
    return download(*files.evidence(withdrawal_id, by=principal(request)))


@post(REQUESTS + "/{withdrawal_id:uuid}/decision", sync_to_thread=True)
def decide(
    request: Request,
    withdrawal_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Grant or decline a request, with the reason."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(Decided)
        is_granted = entered.decision == "grant"
        withdrawal_actions.decide(
            session,
            withdrawal_id,
            is_granted=is_granted,
            reason=entered.reason,
            by=who,
            at=clock.now(),
        )
        said = "Đã cho thu hồi; nhà trường mở lại học bạ." if is_granted else "Đã từ chối đề nghị."
        return See(REQUESTS, said=said)

    try:
        return once.see(work)
    except Refusal as refusal:
        return _requests(
            request, form.refused(refusal), withdrawal_id, decided=False, status=refusal.status
        )


@get(RULES, sync_to_thread=True)
def show_rules(request: Request) -> Response[bytes]:
    """Until when report books are closed, and who signs in them; officers of the Sở change it."""
    return _rules(request, FormState(), "")


@post(RULES + "/deadlines", sync_to_thread=True)
def set_deadline(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """A deadline from a school year on; also to confirm the proposed one."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(DeadlineForm)
        department_actions.set_deadline(
            session,
            entered.kind,
            entered.from_year,
            DayOfYear(entered.month, entered.day, entered.warn_days),
            Because(entered.source, entered.reason),
            by=who,
            at=clock.now(),
        )
        return See(RULES, said=f"Đã ghi hạn: {rules.DEADLINE_NAMES[entered.kind].lower()}.")

    return _set(request, form, once, work, "deadline")


@post(RULES + "/signing", sync_to_thread=True)
def set_signing(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Where subject teachers sign and whether a deputy may, from a school year on."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(SigningForm)
        department_actions.set_signing(
            session,
            entered.from_year,
            Signing(entered.subjects_sign, bool(entered.deputy_may_sign)),
            Because(entered.source, entered.reason),
            by=who,
            at=clock.now(),
        )
        return See(RULES, said=f"Đã ghi nơi ký từ năm học {entered.from_year}.")

    return _set(request, form, once, work, "signing")


def _set(
    request: Request, form: Form, once: Once, work: Callable[[Session], See], which: str
) -> Response[bytes]:
    try:
        return once.see(work)
    except Refusal as refusal:
        return _rules(request, form.refused(refusal), which, status=refusal.status)


def _requests(
    request: Request,
    form: FormState,
    of: UUID | None,
    *,
    decided: bool,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = withdrawal_queries.listing(session, who, is_open=not decided)
    return page(
        request,
        "reports/withdrawals.html",
        status=status,
        here=HERE,
        rows=rows,
        form=form,
        of=of,
        decided=decided,
        chips=[
            ("Chờ giải quyết", REQUESTS, not decided),
            ("Đã giải quyết", f"{REQUESTS}?decided=true", decided),
        ],
    )


def _rules(request: Request, form: FormState, which: str, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        deadlines = department_queries.deadline_rows(session)
        signing = department_queries.rule_rows(session)
        may_set = classes_department.may_set(session, who)
    return page(
        request,
        "reports/rules.html",
        status=status,
        here=HERE,
        form=form,
        blank=FormState(),
        which=which,
        deadlines=deadlines,
        signing=signing,
        may_set=may_set,
        deadline_names=rules.DEADLINE_NAMES,
        sign_names=rules.SUBJECTS_SIGN_NAMES,
        deadline_options=[(kind.value, name) for kind, name in rules.DEADLINE_NAMES.items()],
        sign_options=[(kind.value, name) for kind, name in rules.SUBJECTS_SIGN_NAMES.items()],
    )


HANDLERS: Final = (requests, evidence, decide, show_rules, set_deadline, set_signing)
