"""How long pages take of the system that runs here, over HTTP, one after the other, signed in.

Peer: `/healthz` in the same run, which is server, framework and loopback without any of our work.
Needs `scripts/start`, and `eoffice demo` once, so that there is something to show.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from benchmarks.figures import Figure, Peer, Samples, repeated
from eoffice.demo import client, load
from eoffice.demo.client import Desk, StoryFailed

TIMES, WARM_UP = 40, 5


class NotRunning(Exception):
    """There is no running demo with something in it on this machine."""


def measure() -> Sequence[Figure]:
    var = Path(os.environ.get("EOFFICE_VAR", "var"))
    try:
        address = json.loads((var / "eoffice.env.json").read_text(encoding="utf-8"))
        access = load.read_access(var)
        base_url = str(address["EOFFICE_BASE_URL"])
        with httpx.Client(base_url=base_url, timeout=30, trust_env=False) as http:
            http.get("/healthz")
            return _measured(http, access.password)
    except (OSError, load.NoDemo, httpx.TransportError, StoryFailed) as missing:
        raise NotRunning("run scripts/start and then eoffice demo first") from missing


def _measured(http: httpx.Client, password: str) -> Sequence[Figure]:
    bare = repeated(lambda: http.get("/healthz").raise_for_status(), times=TIMES, warm_up=WARM_UP)
    clerk = client.sign_in(http, "vanthu", password)
    school = client.sign_in(http, "vanthu.thpt01", password)
    inspector = client.sign_in(http, "thanhtra", password)
    documents = clerk.get("/api/v1/documents/")["items"]
    if not documents:
        raise NotRunning("run eoffice demo first: there is no document yet")
    asked: list[tuple[str, Desk, str]] = [
        ("desk of the clerk", clerk, "/desk"),
        ("list of outgoing documents", clerk, "/documents"),
        ("page of a document", clerk, f"/documents/{documents[0]['id']}"),
        ("incoming book of a school", school, "/incoming"),
        ("archive search, inspector", inspector, "/archive?q=so+theo+doi+7a1"),
        ("archive search, department", clerk, "/archive?q=vnedu"),
    ]
    figures: list[Figure] = []
    for name, desk, path in asked:
        samples = repeated(_reader(http, desk, path), times=TIMES, warm_up=WARM_UP)
        figures += [_figure(name, percent, samples, bare) for percent in (50, 95)]
    return figures


def _reader(http: httpx.Client, desk: Desk, path: str) -> Callable[[], object]:
    headers = {"Authorization": f"Bearer {desk.token}", "Accept": "text/html"}
    return lambda: http.get(path, headers=headers).raise_for_status()


def _figure(name: str, percent: int, samples: Samples, bare: Samples) -> Figure:
    return Figure(
        f"{name}, p{percent}",
        "ms",
        samples.percentile_ms(percent),
        Peer(f"/healthz, p{percent}", bare.percentile_ms(percent)),
        f"{TIMES} after {WARM_UP}, one at a time",
    )
