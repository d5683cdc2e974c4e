"""Whether the program lives, whether it can work, and how it fares.

`/healthz` answers as long as the process does. `/readyz` asks each probe (database, broker, object
store) and answers 503 when one fails; a probe returns nothing or raises, within its own time limit.
`/metrics` is for Prometheus; the reverse proxy keeps it inside the house.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import structlog
from litestar import Response, Router, get
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

log = structlog.get_logger(__name__)

Probe = Callable[[], None]
Depth = Callable[[], Mapping[str, int]]


class OutboxDepth(Collector):
    """How many promises are in each state, asked when Prometheus asks."""

    def __init__(self, depth: Depth) -> None:
        self._depth = depth

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        gauge = GaugeMetricFamily(
            "eoffice_outbox", "Promises that are not kept yet.", labels=["state"]
        )
        for state, count in self._depth().items():
            gauge.add_metric([state], count)
        yield gauge


def health_routes(probes: Mapping[str, Probe], registry: CollectorRegistry) -> Router:
    """The three public addresses."""

    @get("/healthz")
    async def alive() -> str:
        return "ok"

    @get("/readyz", sync_to_thread=True)
    def ready() -> Response[dict[str, str]]:
        found = {name: _asked(name, probe) for name, probe in probes.items()}
        ok = all(answer == "ok" for answer in found.values())
        return Response(found, status_code=200 if ok else 503)

    @get("/metrics", sync_to_thread=True)
    def metrics() -> Response[bytes]:
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return Router(
        "/",
        route_handlers=[alive, ready, metrics],
        opt={"public": True},
        include_in_schema=False,
    )


def _asked(name: str, probe: Probe) -> str:
    try:
        probe()
    except Exception as failure:  # noqa: BLE001  (an edge: whatever fails, the answer is "not ready")
        log.warning("probe.failed", probe=name, kind=type(failure).__name__)
        return "failed"
    return "ok"
