"""Results for families: published and handed out by the school, opened by the family.

The family's page is open to who brings its address and its code; it is written nowhere, sent to
nobody else, and each look is counted.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import actions as audit
from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.errors import Refusal
from eoffice.families import actions, printing, queries, results, rules, states
from eoffice.families.actions import Refused
from eoffice.families.printing import Door
from eoffice.families.queries import PublicationView
from eoffice.families.rules import Period, PeriodKind
from eoffice.families.states import State
from eoffice.files import http as files
from eoffice.registers import class_queries
from eoffice.settings import settings
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

KINDS = (
    (PeriodKind.FIRST_SEMESTER.value, "Học kì I"),
    (PeriodKind.SECOND_SEMESTER.value, "Học kì II"),
    (PeriodKind.YEAR.value, "Cả năm học"),
    (PeriodKind.MONTH.value, "Một tháng"),
)
TONES = {State.PUBLISHED: "done", State.WITHDRAWN: "quiet"}


class PeriodForm(msgspec.Struct, frozen=True, kw_only=True):
    kind: PeriodKind
    month: date | None = None

    def period(self) -> Period:
        """Raises MonthMissing."""
        if self.kind is not PeriodKind.MONTH:
            return Period(self.kind)
        return Period(self.kind, self.month and self.month.replace(day=1))


class CodeForm(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, msgspec.Meta(max_length=40)]


@get("/registers/classes/{class_id:uuid}/families", sync_to_thread=True)
def of_class(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """What of a class was published to families."""
    return _of_class(request, class_id, FormState())


@post("/registers/classes/{class_id:uuid}/families", sync_to_thread=True)
def publish(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Publish results of a period: a private page for each pupil."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> See:
        period = form.parse(PeriodForm).period()
        made = results.slips(session, class_id, period, who=who, at=at)
        publication_id = actions.publish(session, class_id, period, made, by=who, at=at)
        return See(
            f"/registers/families/{publication_id}",
            said=f"Đã công bố kết quả {period.words} cho gia đình của {len(made)} học sinh.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        return _of_class(request, class_id, form.refused(refusal), status=refusal.status)


@get("/registers/families/{publication_id:uuid}", sync_to_thread=True)
def show(request: Request, publication_id: FromPath[UUID]) -> Response[bytes]:
    """The slips of a publication: who has looked, and what can be handed out."""
    return _show(request, publication_id, FormState())


@get("/registers/families/{publication_id:uuid}/slips", sync_to_thread=True)
def printed(request: Request, publication_id: FromPath[UUID]) -> Response[bytes]:
    """All slips with address and code, to be printed and handed out; put on record."""
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        view = _held(request, session, publication_id)
        states.after(view.state, states.Step.SHOW)
        found = queries.slips(session, publication_id)
        audit.record(
            session,
            "results.slips_printed",
            object_kind="publication",
            object_id=publication_id,
            by=who,
            at=at,
            details={"slips": len(found)},
        )
    key, base = _key(), settings().base_url
    doors = [
        Door(
            each.slip,
            f"{base}/results/{rules.address(key, each.id, each.renewals)}",
            rules.code(key, each.id, each.renewals),
        )
        for each in found
    ]
    name = f"phieu-ket-qua-{found[0].slip.class_name}.pdf"
    return files.download(printing.pdf(doors, at=at), "application/pdf", name)


@post("/registers/families/{publication_id:uuid}/withdrawal", sync_to_thread=True)
def withdraw(
    request: Request,
    publication_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Take the results back, with a reason."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.withdraw(session, publication_id, form["because"], by=who, at=clock.now())
        return See(f"/registers/families/{publication_id}", said="Đã thu hồi kết quả.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _show(request, publication_id, form.refused(refusal), status=refusal.status)


@post("/registers/families/{publication_id:uuid}/letters", sync_to_thread=True)
def send_letters(
    request: Request, publication_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Mail link and code to every family that left an address."""
    who = principal(request)

    def work(session: Session) -> See:
        count = actions.post(session, publication_id, by=who, at=clock.now())
        return See(
            f"/registers/families/{publication_id}",
            said=f"Đang gửi thư đến {count} gia đình. Tải lại trang để xem gia đình nào đã nhận.",
        )

    return once.see(work)


@post("/registers/families/slips/{slip_id:uuid}/renewal", sync_to_thread=True)
def renew(
    request: Request, slip_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Another link and code for one family."""
    who = principal(request)

    def work(session: Session) -> See:
        publication_id = actions.renew(session, slip_id, by=who, at=clock.now())
        return See(
            f"/registers/families/{publication_id}",
            said="Đã cấp liên kết và mã mới; liên kết và mã cũ không mở được nữa.",
        )

    return once.see(work)


@get("/results/{address:str}", sync_to_thread=True, opt={"public": True})
def door(request: Request, address: FromPath[str]) -> Response[bytes]:
    """Asks for the code."""
    return _door(request, address, FormState())


@post("/results/{address:str}", sync_to_thread=True, opt={"public": True})
def look(request: Request, address: FromPath[str], form: NamedDependency[Form]) -> Response[bytes]:
    """The slip, to who brings its code."""
    try:
        entered = form.parse(CodeForm)
        with db.transaction(None) as session:
            found = actions.look(session, _key(), address, entered.code, at=clock.now())
        # A wrong code has been counted: it is refused when that is committed.
        if isinstance(found, Refused):
            raise found.refusal
    except actions.SlipUnknown:
        raise
    except Refusal as refusal:
        return _door(request, address, form.refused(refusal), status=refusal.status)
    return page(request, "families/slip.html", slip=found, section="")


def _door(request: Request, address: str, form: FormState, *, status: int = 200) -> Response[bytes]:
    with db.transaction(None) as session:
        _, publication = actions.opened(session, _key(), address)
        withdrawn_because = publication.withdrawn_because
    return page(
        request,
        "families/door.html",
        status=status,
        address=address,
        withdrawn_because=withdrawn_because,
        form=form,
        section="",
    )


def _key() -> bytes:
    return settings().secret_key.encode()


def _of_class(
    request: Request, class_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        queries.require_keeper(session, class_id, who)
        view = class_queries.school_class(session, class_id, who)
        found = queries.of_class(session, class_id)
    return page(
        request,
        "families/class.html",
        status=status,
        section="registers",
        school_class=view,
        publications=found,
        words=states.WORDS,
        tones=TONES,
        kinds=KINDS,
        may_publish=class_rules.may_lead(staff_queries.actor(who), view.staff),
        form=form,
    )


def _show(
    request: Request, publication_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = _held(request, session, publication_id)
        school_class = class_queries.school_class(session, view.class_id, who)
        found = queries.slips(session, publication_id)
    return page(
        request,
        "families/publication.html",
        status=status,
        section="registers",
        publication=view,
        school_class=school_class,
        slips=found,
        words=states.WORDS,
        tones=TONES,
        is_open=view.state is State.PUBLISHED,
        may_withdraw=class_rules.may_lead(staff_queries.actor(who), school_class.staff),
        patience=rules.END_OF_PATIENCE,
        to_mail=sum(each.can_be_mailed and each.mailed_at is None for each in found),
        without_address=sum(not each.can_be_mailed for each in found),
        has_mail=bool(settings().smtp_url),
        form=form,
    )


def _held(request: Request, session: Session, publication_id: UUID) -> PublicationView:
    view = queries.publication(session, publication_id)
    queries.require_keeper(session, view.class_id, principal(request))
    return view


pages = Router(
    "/",
    route_handlers=[of_class, publish, show, printed, withdraw, send_letters, renew, door, look],
    include_in_schema=False,
)
