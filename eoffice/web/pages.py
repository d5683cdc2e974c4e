"""Pages out: rendered within the frame, or a redirect that says what was done.

    page(request, "documents/show.html", *, status=200, section=None, **context) -> Response[bytes]
    see(path, said=None) -> Response[bytes]        303; `said` is shown once on the next page
    See(path, said)                                what work inside `Once.see` returns
    see_after(request, fallback) -> str            a safe `next` path from the request

Templates lie in `eoffice/<slice>/templates/<slice>/` and extend `frame.html`. Every variable must
be given: an undefined one is a bug and fails loudly.
"""

from __future__ import annotations

import gzip
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.datastructures import Cookie
from litestar.response.base import ASGIResponse
from litestar.types import TypeEncodersMap
from markupsafe import Markup

from eoffice import clock
from eoffice.web import seals, words
from eoffice.web.forms import VISIT_COOKIE, FormState, token_binding
from eoffice.web.frame import SECTIONS, section_of, sections_for
from eoffice.web.principal import Request, principal_or_none
from eoffice.web.site import Around, Site

FLASH_COOKIE = "said"
FLASH_AGE_S = 120
PACKAGE = Path(__file__).parents[1]
_LEAST_COMPRESSED_BYTES = 1400


@dataclass(frozen=True, slots=True)
class See:
    """Where to look now, and what was done, as a sentence."""

    path: str
    said: str | None = None


class Flash(msgspec.Struct, frozen=True):
    said: str


class SeeOther(Response[bytes]):
    """303 to a page of this office; the flash message travels in a signed cookie of two minutes."""

    __slots__ = ("target",)

    def __init__(self, target: See) -> None:
        super().__init__(b"", status_code=303, media_type="text/plain")
        self.target = target
        self.headers["Location"] = quote(target.path, safe="/?&=#%:;,+@!$'()*~[]")

    def to_asgi_response(
        self,
        app: Any,
        request: Any,
        *,
        background: Any = None,
        cookies: Iterable[Cookie] | None = None,
        encoded_headers: Iterable[tuple[bytes, bytes]] | None = None,
        headers: dict[str, str] | None = None,
        is_head_response: bool = False,
        media_type: Any = None,
        status_code: int | None = None,
        type_encoders: TypeEncodersMap | None = None,
    ) -> ASGIResponse:
        if self.target.said:
            site = Site.of(request)
            payload = msgspec.json.encode(Flash(self.target.said))
            text = seals.sign(site.secret_key, "flash", payload)
            self.cookies.append(site.cookie(FLASH_COOKIE, text, max_age_s=FLASH_AGE_S))
        return super().to_asgi_response(
            app,
            request,
            background=background,
            cookies=cookies,
            encoded_headers=encoded_headers,
            headers=headers,
            is_head_response=is_head_response,
            media_type=media_type,
            status_code=status_code,
            type_encoders=type_encoders,
        )


def see(path: str, said: str | None = None) -> Response[bytes]:
    """Send the browser to another page of the office."""
    return SeeOther(See(path, said))


def safe_next(path: str | None, fallback: str = "/") -> str:
    """A path of this office that came in an address or a form; never another host."""
    if path is None or not re.fullmatch(r"/(?![/\\])[^\\\x00-\x1f]*", path):
        return fallback
    return path


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    section: str | None = None,
    around: Around | None = None,
    **context: object,
) -> Response[bytes]:
    """Render a template within the frame.

    `around` is asked of the site unless given; call this with no transaction open.
    """
    site = Site.of(request)
    who = principal_or_none(request)
    if around is None:
        around = site.around(who) if who is not None else Around()
    visit = None if token_binding(request) else secrets.token_urlsafe(18)
    binding = token_binding(request) or f"visit:{visit}"
    tools: dict[str, object] = {
        "new_token": lambda: seals.form_token(site.secret_key, binding),
        "new_key": lambda: uuid4().hex,
    }
    here = request.scope["path"]
    frame: dict[str, object] = {
        "c": site.templates.get_template("components.html").make_module(tools),
        "me": who,
        "now": clock.now(),
        "here": here,
        "section": section_of(here) if section is None else section,
        "sections": sections_for(who) if who is not None else (),
        "around": around,
        "said": _said(request, site),
        "form": FormState(),
    }
    text = site.templates.get_template(template).render(frame | context)
    response = _html(request, text, status)
    if frame["said"] is not None:
        site.forget_cookie(response, FLASH_COOKIE)
    if visit is not None:
        response.cookies.append(site.cookie(VISIT_COOKIE, visit))
    return response


def environment(static_url: Any) -> Environment:
    """The templates of all slices, with what every template may use."""
    folders = sorted(str(folder) for folder in PACKAGE.glob("*/templates"))
    env = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update(
        date=lambda value: "" if value is None else words.day(value),
        datetime=lambda at: "" if at is None else words.day_and_time(at),
        weekday=words.weekday,
        ago=_ago,
        moment=_moment,
        sentence=words.standalone,
        until=_until,
        number=words.number,
        mark=lambda value: "" if value is None else words.number(value, 1),
        size=words.size,
    )
    env.globals.update(
        static=static_url,
        all_sections=SECTIONS,
        today=lambda: clock.civil_date(clock.now()),
    )
    return env


def _ago(at: datetime | None) -> Markup:
    """<time> that says an instant as people do; the exact time on hover and for readers."""
    return Markup("") if at is None else _time(at, words.spoken(at, clock.now()))


def _moment(at: datetime | None) -> Markup:
    """<time> that says an instant with its time of day, for what happened one after another."""
    return Markup("") if at is None else _time(at, words.moment(at, clock.now()))


def _time(at: datetime, said: str) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        at.isoformat(), words.day_and_time(at), said
    )


def _until(due_on: date | None) -> Markup:
    """<time> that says how far a deadline is."""
    if due_on is None:
        return Markup("")
    today = clock.civil_date(clock.now())
    late = Markup(' class="late"') if due_on < today else Markup("")
    return Markup('<time datetime="{}" title="Hạn {}"{}>{}</time>').format(
        due_on.isoformat(), words.day(due_on), late, words.distance(due_on, today)
    )


def _said(request: Request, site: Site) -> str | None:
    text = request.cookies.get(site.cookie_name(FLASH_COOKIE))
    payload = seals.unsign(site.secret_key, "flash", text) if text else None
    return None if payload is None else msgspec.json.decode(payload, type=Flash).said


def _html(request: Request, text: str, status: int) -> Response[bytes]:
    body = text.encode()
    headers = {"Vary": "Accept-Encoding, Cookie"}
    accepts = request.headers.get("accept-encoding", "")
    if "gzip" in accepts and len(body) > _LEAST_COMPRESSED_BYTES:
        # Form tokens differ on every page, so the length of the compressed page gives nothing away.
        body = gzip.compress(body, compresslevel=5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status_code=status, media_type="text/html", headers=headers)
