"""Who asks: the person, and the position in which they act.

The middleware of `people` puts a `Principal` (or None) into `request.user`. Every route is closed
to those who are not signed in, unless it says `opt={"public": True}`; and no route can be changed
from a page of another site.

    principal(request) -> Principal       raises NotSignedIn
    signed_in, same_origin, in_scope      guards of the whole application
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

import litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from eoffice.db import Acting
from eoffice.errors import NotAllowed, NotSignedIn

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
#: What only somebody who signed in may do, whatever a token covers: the keys of the account and
#: the right to sign. Otherwise a token that was lost could make itself others that live longer.
IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True)
class Principal:
    """A person in the position in which they act just now."""

    person_id: UUID
    full_name: str
    appointment_id: UUID
    position_title: str
    #: Value of `people.kinds.PositionKind`; a plain string, because `web` lies below `people`.
    position_kind: str
    unit_id: UUID
    unit_name: str
    #: The agency (with seal and books) to which the unit belongs; the unit itself for a school.
    agency_id: UUID
    agency_name: str
    scopes: frozenset[str]
    #: None when the request came with an API token instead of a session's cookie.
    session_id: UUID | None

    @property
    def acting(self) -> Acting:
        """For `db.transaction`: what row-level security goes by."""
        return Acting(self.person_id, self.unit_id, self.agency_id)


Request: TypeAlias = litestar.Request[Principal | None, Any, State]


class OutOfScope(NotAllowed):
    """The API token does not cover this kind of request."""


class CrossOrigin(NotAllowed):
    """The request was sent by a page of another site."""


def principal(request: Request) -> Principal:
    """Who asks. Raises NotSignedIn."""
    found = principal_or_none(request)
    if found is None:
        raise NotSignedIn("Phiên làm việc đã hết hoặc chưa bắt đầu. Hãy đăng nhập để làm tiếp.")
    return found


def principal_or_none(connection: ASGIConnection[Any, Any, Any, Any]) -> Principal | None:
    """Who asks, if it is known: also where routing failed before anybody could sign in."""
    user = connection.scope.get("user")
    return user if isinstance(user, Principal) else None


def is_api(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Programs are under /api/ and get JSON; people are everywhere else."""
    return connection.scope["path"].startswith("/api/")


async def signed_in(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Guard of all routes. What was typed into a form is kept for the page that answers."""
    if handler.opt.get("public") or principal_or_none(connection) is not None:
        return
    if isinstance(connection, litestar.Request) and connection.method not in SAFE_METHODS:
        connection.scope["state"]["typed"] = await connection.form()
    raise NotSignedIn("Phiên làm việc đã hết hoặc chưa bắt đầu. Hãy đăng nhập để làm tiếp.")


def in_scope(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of all routes: a program may do what its token covers, a person what they may do.

    Reading needs the scope `read`, everything else `write`, unless the route names another:
    `opt={"scope": "sign"}`, or `IN_PERSON`, which no token has. Pages keep to it as the API does,
    because a program can open them too.
    """
    who = principal_or_none(connection)
    if who is None or who.session_id is not None or handler.opt.get("public"):
        return
    reads = connection.scope.get("method") in SAFE_METHODS
    needed = handler.opt.get("scope", "read" if reads else "write")
    if needed == IN_PERSON and IN_PERSON not in who.scopes:
        raise OutOfScope(
            "Việc này phải do chính người dùng làm sau khi đăng nhập, không làm qua mã truy cập."
        )
    if needed not in who.scopes:
        raise OutOfScope(f"Mã truy cập này không có quyền “{needed}”. Hãy tạo mã khác có quyền đó.")


def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard of all routes: a browser says where a request comes from; programs say nothing."""
    if not isinstance(connection, litestar.Request) or connection.method in SAFE_METHODS:
        return
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    host = connection.headers.get("host")
    if site in ("same-origin", "none"):
        return
    if site is None and (origin is None or urlsplit(origin).netloc == host):
        return
    raise CrossOrigin("Yêu cầu này đến từ một trang web khác nên không được thực hiện.")
