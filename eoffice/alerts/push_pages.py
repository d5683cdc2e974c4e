"""Browsers that are told: the person's choice, the script that shows messages; notices put away."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.alerts import push_actions, push_rules, told
from eoffice.alerts.states import TIMING_NAMES, Timing
from eoffice.settings import settings
from eoffice.web.assets import Assets
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.pages import See
from eoffice.web.principal import IN_PERSON, Request, principal

_WORKER: Final = "js/push_worker.js"
_IN_PERSON: Final = {"scope": IN_PERSON}


class DeviceForm(msgspec.Struct, frozen=True, kw_only=True):
    endpoint: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    public_key: Annotated[str, msgspec.Meta(max_length=200)] = ""
    auth_secret: Annotated[str, msgspec.Meta(max_length=100)] = ""
    device_name: str = ""
    device_timing: Timing = Timing.AT_ONCE


@get("/push-worker.js", sync_to_thread=True, opt={"public": True})
def worker_script(request: Request) -> Response[bytes]:
    """At the root, because a service worker is for the addresses below its own."""
    assets: Assets = request.app.state["site"].assets
    script = assets.files[_WORKER]
    return Response(script.body, media_type=script.kind, headers={"cache-control": "no-cache"})


@post("/account/alerts/devices", sync_to_thread=True, opt=_IN_PERSON)
def add_device(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Nhận thông báo trên thiết bị này."""
    who = principal(request)
    entered = form.parse(DeviceForm)
    device = push_rules.checked(
        entered.endpoint,
        entered.public_key,
        entered.auth_secret,
        entered.device_name,
        inside=settings().webhook_hosts,
    )

    def work(session: Session) -> See:
        push_actions.add_device(session, device, entered.device_timing, by=who, at=clock.now())
        return See("/account/alerts", said="Thiết bị này sẽ nhận thông báo.")

    return once.see(work)


@post("/account/alerts/devices/{device_id:uuid}/timing", sync_to_thread=True, opt=_IN_PERSON)
def set_timing(
    request: Request,
    device_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Đổi lúc nhận."""
    who = principal(request)
    timing = Timing(form["timing"]) if form["timing"] in set(Timing) else Timing.AT_ONCE

    def work(session: Session) -> See:
        push_actions.set_timing(session, device_id, timing, by=who, at=clock.now())
        return See("/account/alerts", said=f"Đã đổi: {TIMING_NAMES[timing].lower()}.")

    return once.see(work)


@post("/account/alerts/devices/{device_id:uuid}/removal", sync_to_thread=True, opt=_IN_PERSON)
def end_device(
    request: Request, device_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Thôi gửi đến thiết bị này."""
    who = principal(request)

    def work(session: Session) -> See:
        push_actions.end_device(session, device_id, by=who, at=clock.now())
        return See("/account/alerts", said="Thiết bị này không nhận thông báo nữa.")

    return once.see(work)


@post("/account/alerts/notices/{notice_id:uuid}/reading", sync_to_thread=True, opt=_IN_PERSON)
def read_notice(
    request: Request, notice_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Đã xem."""
    who = principal(request)

    def work(session: Session) -> See:
        told.put_away(session, notice_id, by=who, at=clock.now())
        return See("/", said="Đã cất tin.")

    return once.see(work)


routes = [worker_script, add_device, set_timing, end_device, read_notice]
