"""What one running application shares between its requests: keys, templates, static files, frame.

`Site.of(request)` finds it; `application.make` builds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from jinja2 import Environment
from litestar import Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from eoffice.web.assets import Assets
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class ActingChoice:
    """A position that the person holds, to act in with one click."""

    appointment_id: UUID
    position_title: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class Around:
    """What the frame shows around every page for this person."""

    #: Key of a section -> how many things there await this person. See `frame.SECTIONS`.
    awaiting: Mapping[str, int] = field(default_factory=dict)
    #: All positions that the person may act in, the present one too.
    positions: tuple[ActingChoice, ...] = ()
    #: Whether a key with which the person signs is opened elsewhere, so that no PIN is asked here.
    key_is_elsewhere: bool = False


def nothing_around(_: Principal) -> Around:
    return Around()


@dataclass(frozen=True, slots=True)
class Site:
    secret_key: bytes
    #: True when people reach the office by https: secure cookies, strict transport.
    secure: bool
    templates: Environment
    assets: Assets
    #: Asked once for each page; opens its own transaction.
    around: Callable[[Principal], Around]

    @staticmethod
    def of(connection: ASGIConnection[Any, Any, Any, Any]) -> Site:
        site: Site = connection.app.state["site"]
        return site

    def cookie_name(self, name: str) -> str:
        """With the prefix that makes browsers insist on https, this host and path /."""
        return f"__Host-{name}" if self.secure else name

    def cookie(
        self,
        name: str,
        value: str,
        *,
        max_age_s: int | None = None,
        same_site: Literal["lax", "strict"] = "lax",
    ) -> Cookie:
        """A cookie that no script can read. Without an age it ends with the browser."""
        return Cookie(
            key=self.cookie_name(name),
            value=value,
            max_age=max_age_s,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite=same_site,
        )

    def forget_cookie(self, response: Response[Any], name: str) -> None:
        response.cookies.append(self.cookie(name, "", max_age_s=0))
