"""Who sends a request: the middleware that reads the session's cookie or a program's token.

One statement for a request, and once a minute a second one that notes the use. Where the token is
unknown or over, the request goes on as nobody's, and the guard of the route decides.

    Authentication      the middleware
    token_of(request)   the token of the session that asks, from cookie or header
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import litestar
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from eoffice import clock, db
from eoffice.errors import NotAllowed
from eoffice.people import accounts, credentials, rules
from eoffice.people.credentials import Known
from eoffice.web.pages import see
from eoffice.web.principal import IN_PERSON, SAFE_METHODS, Request, is_api
from eoffice.web.site import Site

SESSION_COOKIE = "session"
#: Whom these are sent to does not depend on who asks.
_FOR_EVERYBODY = ("/static/", "/healthz", "/readyz", "/metrics")
#: Open to somebody whose password has to be changed first.
_WHILE_PASSWORD_IS_DUE = ("/account/password", "/sign-out", "/api/v1/session", "/api/v1/me")


class PasswordDue(NotAllowed):
    """The password was set by somebody else and has to be changed first."""


class Authentication:
    """Puts a Principal or None into the user of a request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["user"], scope["auth"] = None, None
        if scope["type"] == ScopeType.HTTP and not scope["path"].startswith(_FOR_EVERYBODY):
            request: Request = litestar.Request(scope, receive, send)
            known = await sync_to_thread(_known, request, clock.now())
            if known is not None:
                scope["user"] = known.principal
                if known.password_is_foreign and not scope["path"].startswith(
                    _WHILE_PASSWORD_IS_DUE
                ):
                    await _ask_for_password(request, scope, receive, send)
                    return
        await self.app(scope, receive, send)


def token_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The token that came with the request; a header counts before a cookie."""
    return _bearer(connection) or connection.cookies.get(
        Site.of(connection).cookie_name(SESSION_COOKIE)
    )


def _known(request: Request, at: datetime) -> Known | None:
    token = token_of(request)
    if token is None:
        return None
    is_of_program = token.startswith(accounts.API_TOKEN_PREFIX)
    with db.transaction(None) as session:
        if is_of_program:
            known = credentials.principal_of_token(session, token, at=at)
        else:
            known = credentials.principal_of_session(session, token, at=at)
        if known is None:
            return None
        if known.last_seen_at is None or known.last_seen_at <= at - rules.SEEN_EVERY:
            accounts.note_use(session, token, at=at)
    who = known.principal
    if not is_of_program:
        who = replace(who, scopes=who.scopes | {IN_PERSON})
    if _bearer(request) is not None:
        # A browser never sends this header by itself, so forms need no token of their own.
        who = replace(who, session_id=None)
    return replace(known, principal=who)


def _bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def _ask_for_password(request: Request, scope: Scope, receive: Receive, send: Send) -> None:
    sentence = "Mật khẩu đang dùng do người khác đặt. Hãy đổi mật khẩu rồi làm tiếp."
    if is_api(request) or request.method not in SAFE_METHODS:
        raise PasswordDue(sentence)
    response = see("/account/password", said=sentence)
    await response.to_asgi_response(app=None, request=request)(scope, receive, send)
