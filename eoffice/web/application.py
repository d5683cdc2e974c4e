"""The Litestar application with everything that pages and API share; `app.py` lists the slices.

make(route_handlers, *, secret_key, base_url, middleware=(), around=…, probes=…, outbox_depth=…)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import (
    ControllerRouterHandler,
    LifeSpanReceive,
    LifeSpanScope,
    LifeSpanSend,
    Middleware,
    Receive,
    Scope,
    Send,
)
from prometheus_client import CollectorRegistry

from eoffice.web import limits
from eoffice.web.assets import Assets, static_file
from eoffice.web.forms import own_form, read_form
from eoffice.web.health import Depth, OutboxDepth, Probe, health_routes
from eoffice.web.idempotency import read_once
from eoffice.web.observe import Observed
from eoffice.web.pages import environment
from eoffice.web.principal import Principal, in_scope, same_origin, signed_in
from eoffice.web.problems import HANDLERS
from eoffice.web.site import Around, Site, nothing_around


class Application(Litestar):
    """Litestar with one observer around everything, unknown addresses included."""

    observed: Observed

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self.observed(super().__call__, scope, receive, send)  # type: ignore[arg-type]
        else:
            await super().__call__(scope, receive, send)


def make(
    route_handlers: Sequence[ControllerRouterHandler],
    *,
    secret_key: str,
    base_url: str,
    middleware: Sequence[Middleware] = (),
    around: Callable[[Principal], Around] = nothing_around,
    probes: Mapping[str, Probe] | None = None,
    outbox_depth: Depth | None = None,
) -> Application:
    """Build the application. `middleware` sets `scope["user"]` to a Principal or None."""
    registry = CollectorRegistry()
    if outbox_depth is not None:
        registry.register(OutboxDepth(outbox_depth))
    secure = base_url.startswith("https://")
    assets = Assets.load(Path(__file__).parent / "static")
    site = Site(secret_key.encode(), secure, environment(assets.url), assets, around)
    # All in one router: Litestar 2.25 registers a handler twice, and then wraps it into a thread
    # twice, when two handlers of one path reach the application one after the other.
    routes = [*route_handlers, static_file, health_routes(probes or {}, registry)]
    app = Application(
        [Router("/", route_handlers=routes)],
        state=State({"site": site}),
        middleware=list(middleware),
        guards=[same_origin, signed_in, in_scope, own_form],
        dependencies={"form": Provide(read_form), "once": Provide(read_once)},
        exception_handlers=dict(HANDLERS),
        request_max_body_size=limits.LARGEST_FORM,
        openapi_config=OpenAPIConfig(
            title="eoffice",
            version="1",
            openapi_router=Router("/api/v1/openapi", route_handlers=[], opt={"public": True}),
            render_plugins=[JsonRenderPlugin()],
            components=Components(
                security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}
            ),
            security=[{"token": []}],
        ),
        logging_config=None,
        debug=False,
    )
    app.observed = Observed(registry, secure=secure)
    return app
