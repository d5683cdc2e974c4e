"""Pages of signing in and of one's own account; those of administration are in `admin_pages`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from eoffice import clock, db
from eoffice.errors import Invalid, Refusal
from eoffice.people import (
    accounts,
    admin_pages,
    authentication,
    code_actions,
    credentials,
    one_time_codes,
    queries,
    sign_in,
    substitution_pages,
)
from eoffice.people.account_http import OF_THE_ACCOUNT, asked_again, source
from eoffice.people.accounts import Opened
from eoffice.people.kinds import SCOPE_NAMES, Scope
from eoffice.people.sign_in import CodeDue
from eoffice.settings import settings
from eoffice.web.forms import Form, FormState
from eoffice.web.pages import page, safe_next, see
from eoffice.web.principal import Request, principal, principal_or_none
from eoffice.web.site import Site

TOKEN_LIVES = (("30", "30 ngày"), ("90", "90 ngày"), ("366", "Một năm"))
#: A device gets its token by being paired.
SCOPE_CHOICES = tuple(
    (scope.value, SCOPE_NAMES[scope]) for scope in Scope if scope is not Scope.DEVICE
)


class SignInForm(msgspec.Struct, frozen=True, kw_only=True):
    login: Annotated[str, msgspec.Meta(max_length=64)]
    password: Annotated[str, msgspec.Meta(max_length=1024)]


class CodeForm(msgspec.Struct, frozen=True, kw_only=True):
    code: Annotated[str, msgspec.Meta(max_length=64)]


class PasswordForm(msgspec.Struct, frozen=True, kw_only=True):
    password: Annotated[str, msgspec.Meta(max_length=1024)]
    new_password: Annotated[str, msgspec.Meta(max_length=1024)]
    repeated_password: Annotated[str, msgspec.Meta(max_length=1024)]


class TokenForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(max_length=100)]
    scopes: list[Scope]
    days: Annotated[int, msgspec.Meta(ge=1, le=366)]


class ActingForm(msgspec.Struct, frozen=True, kw_only=True):
    appointment_id: UUID


# --- In and out ------------------------------------------------------------------------------


@get("/sign-in", sync_to_thread=True, opt={"public": True})
def show_sign_in(request: Request) -> Response[bytes]:
    """Login and password; somebody who is signed in goes on to `next`."""
    target = safe_next(request.query_params.get("next"))
    if principal_or_none(request) is not None:
        return see(target)
    return page(request, "people/sign_in.html", form=FormState(), next=target, proof="", section="")


@post("/sign-in", sync_to_thread=True, opt={"public": True})
def take_sign_in(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """The first step, or with a `proof` of it the second."""
    target = safe_next(form["next"])
    proof = form["proof"]
    secret_key = settings().secret_key
    try:
        if proof:
            opened: Opened | CodeDue = sign_in.with_code(
                proof,
                form.parse(CodeForm).code,
                source=source(request),
                secret_key=secret_key,
                at=clock.now(),
            )
        else:
            entered = form.parse(SignInForm)
            opened = sign_in.with_password(
                entered.login,
                entered.password,
                source=source(request),
                secret_key=secret_key,
                at=clock.now(),
            )
    except Refusal as refusal:
        return page(
            request,
            "people/sign_in.html",
            status=refusal.status,
            form=form.refused(refusal),
            next=target,
            proof=proof,
            section="",
        )
    if isinstance(opened, CodeDue):
        return page(
            request,
            "people/sign_in.html",
            form=FormState(),
            next=target,
            proof=opened.proof,
            section="",
        )
    return _welcome(request, opened, target)


@post("/sign-out", sync_to_thread=True)
def sign_out(request: Request) -> Response[bytes]:
    """End this session."""
    who = principal(request)
    token = authentication.token_of(request)
    if token is not None:
        with db.transaction(who.acting) as session:
            accounts.close_session(session, token, by=who, at=clock.now())
    response = see("/sign-in", said="Đã đăng xuất.")
    _forget(request, response)
    return response


@post("/acting", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def act_as(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """Go on in another of one's positions."""
    who = principal(request)
    chosen = form.parse(ActingForm).appointment_id
    token = authentication.token_of(request) or ""
    with db.transaction(who.acting) as session:
        acting = accounts.act_as(session, token, chosen, by=who, at=clock.now())
    return see(
        safe_next(form["next"]),
        said=f"Đang làm việc với chức danh {acting.position_title}, {acting.unit_name}.",
    )


# --- My account ------------------------------------------------------------------------------


@get("/account", sync_to_thread=True)
def account(request: Request) -> Response[bytes]:
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        held = queries.appointments_of(session, who.person_id, at=at)
        sessions = credentials.sessions_of(session, who.person_id, at=at)
        person = queries.person(session, who.person_id)
        codes_left = code_actions.recovery_codes_left(session, who.person_id)
    return page(
        request,
        "people/account.html",
        person=person,
        held=held,
        sessions=sessions,
        codes_left=codes_left,
    )


@get("/account/password", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def show_password(request: Request) -> Response[bytes]:
    return page(request, "people/password.html", form=FormState())


@post("/account/password", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def take_password(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """Change the own password; other sessions end."""
    who = principal(request)
    try:
        entered = form.parse(PasswordForm)
        if entered.new_password != entered.repeated_password:
            raise Invalid(
                "Hai lần nhập mật khẩu mới không giống nhau.",
                fields={"repeated_password": "Không giống mật khẩu mới."},
            )
        with asked_again(request, who), db.transaction(who.acting) as session:
            accounts.change_password(
                session,
                present=entered.password,
                new=entered.new_password,
                by=who,
                at=clock.now(),
            )
    except Refusal as refusal:
        return page(
            request, "people/password.html", status=refusal.status, form=form.refused(refusal)
        )
    return see("/account", said="Đã đổi mật khẩu. Các phiên làm việc khác đã được đăng xuất.")


@post("/account/sessions/closure", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def sign_out_everywhere(request: Request) -> Response[bytes]:
    """End all sessions of this person, this one too."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        count = accounts.close_all_sessions(session, who.person_id, by=who, at=clock.now())
    response = see("/sign-in", said=f"Đã đăng xuất khỏi {count} phiên làm việc.")
    _forget(request, response)
    return response


@get("/account/codes", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def show_codes(request: Request) -> Response[bytes]:
    """Turn one-time codes on (with the key as QR), or manage them."""
    return _codes_page(request, FormState())


@post("/account/codes", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def enrol_codes(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """The first code proves that the device has the key; shows the recovery codes once."""
    who = principal(request)
    try:
        with db.transaction(who.acting) as session:
            recovery = code_actions.confirm_codes(
                session,
                form.parse(CodeForm).code,
                secret_key=settings().secret_key,
                by=who,
                at=clock.now(),
            )
    except Refusal as refusal:
        return _codes_page(request, form.refused(refusal), status=refusal.status)
    return page(request, "people/recovery_codes.html", codes=recovery)


@post("/account/codes/removal", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def remove_codes(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """Sign in with the password alone again."""
    who = principal(request)
    try:
        with asked_again(request, who), db.transaction(who.acting) as session:
            code_actions.remove_codes(
                session,
                form.parse(CodeForm).code,
                secret_key=settings().secret_key,
                by=who,
                at=clock.now(),
            )
    except Refusal as refusal:
        return _codes_page(request, form.refused(refusal), status=refusal.status)
    return see("/account", said="Đã tắt xác thực hai bước.")


@post("/account/recovery-codes", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def renew_recovery_codes(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """New recovery codes in place of all old ones, shown once."""
    who = principal(request)
    try:
        with asked_again(request, who), db.transaction(who.acting) as session:
            recovery = code_actions.renew_recovery_codes(
                session,
                form.parse(CodeForm).code,
                secret_key=settings().secret_key,
                by=who,
                at=clock.now(),
            )
    except Refusal as refusal:
        return _codes_page(request, form.refused(refusal), status=refusal.status)
    return page(request, "people/recovery_codes.html", codes=recovery)


@get("/account/tokens", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def show_tokens(request: Request) -> Response[bytes]:
    """What one has given to programs."""
    return _tokens_page(request, FormState.of(scopes=[Scope.READ.value], days="90"))


@post("/account/tokens", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def take_token(request: Request, form: NamedDependency[Form]) -> Response[bytes]:
    """Make a token; the page that answers is the only one that shows it."""
    who = principal(request)
    try:
        entered = form.parse(TokenForm)
        with db.transaction(who.acting) as session:
            token = accounts.create_token(
                session,
                name=entered.name,
                scopes=entered.scopes,
                life=timedelta(days=entered.days),
                by=who,
                at=clock.now(),
            )
    except Refusal as refusal:
        return _tokens_page(request, form.refused(refusal), status=refusal.status)
    return page(request, "people/token_made.html", token=token, name=entered.name)


@post("/account/tokens/{token_id:uuid}/revocation", sync_to_thread=True, opt=OF_THE_ACCOUNT)
def revoke_token(request: Request, token_id: FromPath[UUID]) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        accounts.revoke_token(session, token_id, by=who, at=clock.now())
    return see("/account/tokens", said="Đã thu hồi mã truy cập.")


pages = Router(
    "/",
    route_handlers=[
        show_sign_in,
        take_sign_in,
        sign_out,
        act_as,
        account,
        show_password,
        take_password,
        sign_out_everywhere,
        show_codes,
        enrol_codes,
        remove_codes,
        renew_recovery_codes,
        show_tokens,
        take_token,
        revoke_token,
        *admin_pages.HANDLERS,
        *substitution_pages.HANDLERS,
    ],
    include_in_schema=False,
)


def _forget(request: Request, response: Response[bytes]) -> None:
    """Nothing of the session stays in the browser, the pictures of pages neither."""
    Site.of(request).forget_cookie(response, authentication.SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'


def _welcome(request: Request, opened: Opened, target: str) -> Response[bytes]:
    before, who = authentication.token_of(request), principal_or_none(request)
    if before is not None and who is not None:
        # Nobody has the cookie of the former session any more, so it ends here.
        with db.transaction(who.acting) as session:
            accounts.close_session(session, before, by=who, at=clock.now())
    if opened.password_is_foreign:
        response = see(
            "/account/password",
            said="Mật khẩu đang dùng do người khác đặt. Hãy đổi mật khẩu rồi làm tiếp.",
        )
    else:
        response = see(target)
    response.cookies.append(Site.of(request).cookie(authentication.SESSION_COOKIE, opened.token))
    return response


def _codes_page(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        codes_left = code_actions.recovery_codes_left(session, who.person_id)
        person = queries.person(session, who.person_id)
        secret = ""
        if codes_left is None:
            secret = code_actions.begin_codes(session, secret_key=settings().secret_key, by=who)
    image = ""
    if secret:
        uri = one_time_codes.provisioning_uri(secret, login=person.login)
        image = one_time_codes.qr_image(uri)
    response = page(
        request,
        "people/codes.html",
        status=status,
        form=form,
        codes_left=codes_left,
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        image=image,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _tokens_page(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        tokens = credentials.api_tokens_of(session, who.person_id)
    return page(
        request,
        "people/tokens.html",
        status=status,
        form=form,
        tokens=tokens,
        at=at,
        scope_choices=SCOPE_CHOICES,
        scope_names=SCOPE_NAMES,
        lives=TOKEN_LIVES,
    )
