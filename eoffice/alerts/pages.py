"""The page on which people choose how they are told, and operators which programs are."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.alerts import actions, push, push_actions, push_pages, queries, rules
from eoffice.alerts.states import CALL_NAMES, TIMING_NAMES, Timing
from eoffice.audit import phrases
from eoffice.errors import Refusal
from eoffice.settings import settings
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page, see
from eoffice.web.principal import IN_PERSON, Request, principal

TIMINGS: Final = tuple((timing.value, name) for timing, name in TIMING_NAMES.items())
#: Events by the families that programs ask for.
FAMILIES: Final = (
    ("document.*", "Văn bản đi"),
    ("delivery.*", "Gửi và nhận"),
    ("arrival.*", "Văn bản đến"),
    ("gradebook.*", "Sổ điểm"),
    ("archive.*", "Lưu trữ"),
)
IN_PERSON_ONLY: Final = {"scope": IN_PERSON}
#: A device is told of the number of things, not by a mail.
DEVICE_TIMING_NAMES: Final = {
    Timing.AT_ONCE: TIMING_NAMES[Timing.AT_ONCE],
    Timing.DAILY: "Một lần vào đầu mỗi ngày làm việc",
}
_BEGINNING: Final = FormState.of(timing=Timing.AT_ONCE.value, device_timing=Timing.AT_ONCE.value)


class AddressForm(msgspec.Struct, frozen=True, kw_only=True):
    address: Annotated[str, msgspec.Meta(max_length=rules.LONGEST_ADDRESS)]
    timing: Timing


class WebhookForm(msgspec.Struct, frozen=True, kw_only=True):
    url: Annotated[str, msgspec.Meta(max_length=500)]
    actions: list[str]


@get("/account/alerts", sync_to_thread=True)
def alerts(request: Request) -> Response[bytes]:
    """Nhận thông báo: addresses, timing, the calendar."""
    return _alerts_page(request, _BEGINNING)


@post("/account/alerts/addresses", sync_to_thread=True, opt=IN_PERSON_ONLY)
def add_address(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Thêm địa chỉ."""
    who = principal(request)
    try:
        entered = form.parse(AddressForm)

        def work(session: Session) -> See:
            actions.add_address(session, entered.address, entered.timing, by=who, at=clock.now())
            return See("/account/alerts", said="Đã gửi mã xác nhận đến địa chỉ này.")

        return once.see(work)
    except Refusal as refusal:
        return _alerts_page(request, form.refused(refusal), status=refusal.status)


@post(
    "/account/alerts/addresses/{address_id:uuid}/confirmation",
    sync_to_thread=True,
    opt=IN_PERSON_ONLY,
)
def confirm_address(
    request: Request, address_id: FromPath[UUID], form: NamedDependency[Form]
) -> Response[bytes]:
    """Xác nhận địa chỉ bằng mã trong thư."""
    who = principal(request)
    try:
        with db.transaction(who.acting) as session:
            fits = actions.confirm_address(
                session,
                address_id,
                form[f"code-{address_id}"],
                secret_key=settings().secret_key,
                by=who,
                at=clock.now(),
            )
        if not fits:
            words = "Mã không đúng hoặc đã quá 30 phút. Hãy xem lại thư, hoặc thêm lại địa chỉ."
            raise rules.CodeWrong(words, fields={f"code-{address_id}": words})
        return see("/account/alerts", said="Từ nay thông báo sẽ được gửi đến địa chỉ này.")
    except Refusal as refusal:
        return _alerts_page(request, form.refused(refusal), status=refusal.status)


@post("/account/alerts/addresses/{address_id:uuid}/timing", sync_to_thread=True, opt=IN_PERSON_ONLY)
def set_timing(
    request: Request,
    address_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Đổi lúc nhận."""
    who = principal(request)
    timing = Timing(form["timing"]) if form["timing"] in set(Timing) else Timing.AT_ONCE

    def work(session: Session) -> See:
        actions.set_timing(session, address_id, timing, by=who, at=clock.now())
        return See("/account/alerts", said=f"Đã đổi: {TIMING_NAMES[timing].lower()}.")

    return once.see(work)


@post(
    "/account/alerts/addresses/{address_id:uuid}/removal", sync_to_thread=True, opt=IN_PERSON_ONLY
)
def end_address(
    request: Request, address_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Thôi gửi đến địa chỉ này."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.end_address(session, address_id, by=who, at=clock.now())
        return See("/account/alerts", said="Đã bỏ địa chỉ.")

    return once.see(work)


@post("/account/alerts/calendar", sync_to_thread=True, opt=IN_PERSON_ONLY)
def open_feed(request: Request) -> Response[bytes]:
    """Tạo địa chỉ lịch; it is shown once."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        token = actions.open_feed(session, by=who, at=clock.now())
    address = f"{settings().base_url}/calendar/{token}.ics"
    return _alerts_page(request, _BEGINNING, feed_address=address)


@post("/account/alerts/calendar/removal", sync_to_thread=True, opt=IN_PERSON_ONLY)
def close_feed(request: Request, once: NamedDependency[Once]) -> Response[bytes]:
    """Bỏ địa chỉ lịch."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.close_feed(session, by=who, at=clock.now())
        return See("/account/alerts", said="Địa chỉ lịch không còn dùng được.")

    return once.see(work)


@get("/admin/webhooks", sync_to_thread=True)
def webhooks(request: Request) -> Response[bytes]:
    """Địa chỉ nhận sự kiện của cơ quan."""
    return _webhooks_page(request, FormState())


@post("/admin/webhooks", sync_to_thread=True, opt=IN_PERSON_ONLY)
def add_webhook(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Thêm địa chỉ nhận sự kiện."""
    who = principal(request)
    try:
        entered = form.parse(WebhookForm)

        def work(session: Session) -> See:
            webhook_id = actions.add_webhook(
                session,
                entered.url,
                entered.actions,
                inside=settings().webhook_hosts,
                by=who,
                at=clock.now(),
            )
            return See(f"/admin/webhooks/{webhook_id}", said="Đã thêm địa chỉ nhận sự kiện.")

        return once.see(work)
    except Refusal as refusal:
        return _webhooks_page(request, form.refused(refusal), status=refusal.status)


@get("/admin/webhooks/{webhook_id:uuid}", sync_to_thread=True)
def webhook(request: Request, webhook_id: FromPath[UUID]) -> Response[bytes]:
    """One webhook: its secret, its log."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.webhook(session, webhook_id, who=who)
        log = queries.calls(session, webhook_id, who=who)
    return page(
        request,
        "alerts/webhook.html",
        section="admin",
        webhook=found,
        calls=log,
        secret=rules.webhook_secret(settings().secret_key, webhook_id),
        call_names=CALL_NAMES,
        what=phrases.what,
    )


@post("/admin/webhooks/{webhook_id:uuid}/removal", sync_to_thread=True, opt=IN_PERSON_ONLY)
def end_webhook(
    request: Request, webhook_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Thôi gửi sự kiện đến địa chỉ này."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.end_webhook(session, webhook_id, by=who, at=clock.now())
        return See("/admin/webhooks", said="Đã thôi gửi sự kiện đến địa chỉ này.")

    return once.see(work)


def _alerts_page(
    request: Request, form: FormState, *, status: int = 200, feed_address: str | None = None
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        addresses = queries.addresses_of(session, who.person_id)
        opened_at = queries.feed_opened_at(session, who.person_id)
        devices = push_actions.devices_of(session, who.person_id)
    key = push.sender()
    return page(
        request,
        "alerts/alerts.html",
        section="account",
        status=status,
        form=form,
        addresses=addresses,
        timings=TIMINGS,
        timing_names=TIMING_NAMES,
        devices=devices,
        device_timings=tuple((each.value, name) for each, name in DEVICE_TIMING_NAMES.items()),
        device_timing_names=DEVICE_TIMING_NAMES,
        push_key="" if key is None else key.public_key,
        feed_opened_at=opened_at,
        feed_address=feed_address,
        has_mail=bool(settings().smtp_url),
    )


def _webhooks_page(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.webhooks(session, who=who)
    return page(
        request,
        "alerts/webhooks.html",
        section="admin",
        status=status,
        form=form,
        webhooks=found,
        families=FAMILIES,
        family_names=dict(FAMILIES),
    )


pages = Router(
    "/",
    route_handlers=[
        alerts,
        add_address,
        confirm_address,
        set_timing,
        end_address,
        open_feed,
        close_feed,
        *push_pages.routes,
        webhooks,
        add_webhook,
        webhook,
        end_webhook,
    ],
    include_in_schema=False,
)
