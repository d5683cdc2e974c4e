"""One's own computers with a token: paired by a code, listed, retired; and called from a page."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.people import accounts
from eoffice.people.kinds import PositionKind
from eoffice.settings import settings
from eoffice.signing.devices import actions, queries, rules
from eoffice.signing.requests import queries as requests
from eoffice.web.forms import Form, FormState
from eoffice.web.observe import CONTENT_SECURITY_POLICY
from eoffice.web.pages import page, see
from eoffice.web.principal import IN_PERSON, Request, principal

HERE: Final = "/account/signing-devices"
#: Where the program listens on the signer's own computer.
LOOPBACK: Final = "http://127.0.0.1:18590"
_OF_THE_ACCOUNT: Final = {"scope": IN_PERSON}


class Offering(msgspec.Struct, frozen=True, kw_only=True):
    holder: Annotated[str, msgspec.Meta(pattern="^(person|seal)$")]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    shown: list[UUID]


@get(HERE, sync_to_thread=True, opt=_OF_THE_ACCOUNT)
def devices(request: Request) -> Response[bytes]:
    """Which computers sign for me."""
    return _shown(request, FormState.of(holder="person"))


@post(HERE, sync_to_thread=True, opt=_OF_THE_ACCOUNT)
def offer(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """A code for one computer; the page that answers is the only one that shows it."""
    who = principal(request)
    try:
        entered = form.parse(Offering)
        with db.transaction(who.acting) as session:
            code = actions.offer(session, for_seal=entered.holder == "seal", by=who, at=clock.now())
    except Refusal as refusal:
        return _shown(request, form.refused(refusal), status=refusal.status)
    return page(
        request,
        "signing/device_code.html",
        code=code,
        address=settings().base_url,
        minutes=int(rules.CODE_HOLDS.total_seconds()) // 60,
    )


@post(HERE + "/{device_id:uuid}/retirement", sync_to_thread=True, opt=_OF_THE_ACCOUNT)
def retire(request: Request, device_id: FromPath[UUID]) -> Response[bytes]:
    """The computer signs for me no more."""
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        found = {each.id: each for each in queries.devices(session, who, at=at)}
        if device_id in found:
            accounts.revoke_token(session, found[device_id].token_id, by=who, at=at)
    return see(HERE, said="Máy này không còn ký thay bạn được nữa.")


@get(HERE + "/signing", sync_to_thread=True)
def signing(request: Request) -> Response[bytes]:
    """What waits for my own computer, with a button that calls the program there."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        waiting = requests.awaiting_device(session, who.person_id)
        known = queries.devices(session, who, at=clock.now())
    response = page(
        request,
        "signing/device_signing.html",
        section="desk",
        waiting=waiting,
        has_device=any(each.is_active for each in known),
        loopback=LOOPBACK,
    )
    # Of all pages this one alone may call the program on the same computer.
    response.headers["content-security-policy"] = CONTENT_SECURITY_POLICY.replace(
        "connect-src 'self'", f"connect-src 'self' {LOOPBACK}"
    )
    return response


@post(HERE + "/passes", sync_to_thread=True, opt={"scope": IN_PERSON})
def give_pass(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """For the script of that page: what it shows the program, once, for what the page has shown."""
    who = principal(request)
    entered = form.parse(Shown)
    if "json" not in request.headers.get("accept", ""):
        return see(HERE + "/signing", said="Hãy chạy eoffice-agent sign trên máy có thiết bị ký.")
    with db.transaction(who.acting) as session:
        given = actions.give_pass(session, entered.shown, by=who, at=clock.now())
    return Response(msgspec.json.encode({"pass": given}), media_type="application/json")


def _shown(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.devices(session, who, at=clock.now())
    return page(
        request,
        "signing/devices.html",
        status=status,
        devices=found,
        form=form,
        can_seal=PositionKind(who.position_kind) is PositionKind.CLERK,
    )


pages = Router(
    "/",
    route_handlers=[devices, offer, retire, signing, give_pass],
    include_in_schema=False,
)
