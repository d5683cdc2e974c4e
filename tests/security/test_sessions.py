"""A session belongs to one browser of one person, and nobody guesses their way into it or on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import Response
from litestar.testing import TestClient
from sqlalchemy import func, select, text

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.people import accounts, code_actions, one_time_codes, rules
from eoffice.people.kinds import Scope
from eoffice.people.model import SignedIn, Totp
from eoffice.settings import settings
from eoffice.web.pages import safe_next
from tests.cast import PASSWORD, Cast, load_cast
from tests.conftest import AT, Office
from tests.people.conftest import Desk
from tests.security import house as houses

SESSION_COOKIE = re.compile(r"(?:__Host-)?session=([^;]*)")


@pytest.fixture
def desk(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    clock_file = tmp_path / "clock.json"
    monkeypatch.setenv(clock.CLOCK_FILE, str(clock_file))
    clock.set_office_clock(clock_file, AT)
    with system_transaction() as session:
        cast = load_cast(session, AT)
    with TestClient(houses.app(), base_url="http://testserver.local") as client:
        client.follow_redirects = False
        yield Desk(client, cast, clock_file)


def enter(desk: Desk, login: str = "clerk", password: str = PASSWORD, **more: str) -> Response:
    """By the form of the page, as a browser."""
    return desk.post("/sign-in", {"login": login, "password": password, **more}, on="/sign-in")


def cookie_of(answer: Response) -> str:
    found = [SESSION_COOKIE.search(value) for value in answer.headers.get_list("set-cookie")]
    return next((match[1] for match in found if match), "")


def open_sessions(cast: Cast) -> int:
    with system_transaction() as session:
        return session.scalars(
            select(func.count())
            .select_from(SignedIn)
            .where(SignedIn.person_id == cast.clerk.person_id)
        ).one()


def test_a_cookie_that_was_planted_does_not_become_the_session(desk: Desk) -> None:
    desk.client.cookies.set("session", "eos_planted-by-somebody-else")

    answer = enter(desk)

    assert answer.status_code == 303
    assert cookie_of(answer).startswith("eos_")
    assert cookie_of(answer) != "eos_planted-by-somebody-else"


def test_signing_in_again_ends_the_session_of_before(desk: Desk) -> None:
    first = cookie_of(enter(desk))
    token = re.search(r'name="_token" value="([^"]+)"', desk.client.get("/account/password").text)
    assert token
    second = desk.client.post(
        "/sign-in", data={"login": "clerk", "password": PASSWORD, "_token": token[1]}
    )

    assert second.status_code == 303
    assert open_sessions(desk.cast) == 1
    old = desk.client.get("/api/v1/me", headers={"authorization": f"Bearer {first}"})
    assert old.status_code == 401


def test_a_session_that_was_closed_opens_nothing_with_any_copy_of_its_cookie(desk: Desk) -> None:
    kept = cookie_of(enter(desk))
    answer = desk.post("/sign-out", {}, on="/account/password")

    assert answer.headers["clear-site-data"] == '"cache"'
    with TestClient(houses.app(), base_url="http://testserver.local") as other:
        other.follow_redirects = False
        assert other.get("/", headers={"cookie": f"session={kept}"}).status_code == 303


@pytest.mark.parametrize("idle", [rules.IDLE_LIFE, rules.WHOLE_LIFE])
def test_a_session_ends_when_its_time_is_over(desk: Desk, idle: timedelta) -> None:
    enter(desk)
    assert desk.client.get("/api/v1/me").status_code == 200

    # A minute more: the office's clock has gone on since.
    desk.set_clock(AT + idle + timedelta(minutes=1))

    assert desk.client.get("/api/v1/me").status_code == 401


def test_the_cookie_is_for_our_pages_alone(desk: Desk) -> None:
    for line in enter(desk).headers.get_list("set-cookie"):
        parts = {part.strip().lower() for part in line.split(";")[1:]}
        assert {"httponly", "path=/", "samesite=lax"} <= parts
        assert not any(part.startswith("domain") for part in parts)


def test_over_https_the_cookie_never_leaves_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EOFFICE_BASE_URL", "https://testserver.local")
    settings.cache_clear()
    with TestClient(houses.app(), base_url="https://testserver.local") as client:
        client.follow_redirects = False
        secure = Desk(client, desk.cast, desk.clock_file)
        answer = enter(secure)

    assert answer.headers["strict-transport-security"].startswith("max-age=")
    for line in answer.headers.get_list("set-cookie"):
        assert line.startswith("__Host-")
        assert "secure" in line.lower()


def test_whether_a_login_exists_is_not_told(desk: Desk) -> None:
    wrong = enter(desk, "clerk", "sai mật khẩu rồi")
    unknown = enter(desk, "nobody.here", "sai mật khẩu rồi")

    def said(answer: Response) -> str:
        plain = re.sub(r'value="[^"]*"', "", answer.text)
        return plain.replace("nobody.here", "clerk")

    assert wrong.status_code == unknown.status_code == 401
    assert said(wrong) == said(unknown)


def test_guessing_has_to_wait_whether_or_not_the_login_exists(desk: Desk) -> None:
    for login in ("clerk", "nobody.here"):
        answers = [enter(desk, login, "sai mật khẩu rồi").status_code for _ in range(7)]
        assert answers == [401] * 5 + [429] * 2


def test_a_header_of_the_visitor_does_not_make_new_sources_of_one(desk: Desk) -> None:
    """Only the last hop counts, and only when it comes from a proxy of our own network."""
    body = {"login": "clerk", "password": "sai mật khẩu rồi"}
    answers = [
        desk.client.post(
            "/api/v1/session", json=body, headers={"x-forwarded-for": f"203.0.113.{number}"}
        ).status_code
        for number in range(7)
    ]
    assert answers[-1] == 429


def with_codes(desk: Desk) -> str:
    """The clerk uses one-time codes; the key of their device."""
    key = settings().secret_key
    with system_transaction() as session:
        device = code_actions.begin_codes(session, secret_key=key, by=desk.cast.clerk)
        session.flush()
        code_actions.confirm_codes(
            session,
            one_time_codes.code_at(device, AT - timedelta(minutes=5)),
            secret_key=key,
            by=desk.cast.clerk,
            at=AT - timedelta(minutes=5),
        )
    return device


def test_a_code_counts_once(desk: Desk) -> None:
    device = with_codes(desk)
    body = {"login": "clerk", "password": PASSWORD, "code": one_time_codes.code_at(device, AT)}

    assert desk.client.post("/api/v1/session", json=body).status_code == 201
    assert desk.client.post("/api/v1/session", json=body).status_code == 401


@pytest.mark.parametrize("path", ["/account/codes/removal", "/account/recovery-codes"])
def test_whoever_found_a_screen_open_does_not_guess_the_code(desk: Desk, path: str) -> None:
    with_codes(desk)
    desk.enter(desk.cast.clerk)

    answers = [
        desk.post(path, {"code": f"{number:06}"}, on="/account/password").status_code
        for number in range(7)
    ]

    assert answers == [401] * 5 + [429] * 2
    with system_transaction() as session:
        assert session.get(Totp, desk.cast.clerk.person_id) is not None


def test_whoever_found_a_screen_open_does_not_guess_the_password(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)
    fields = {"new_password": "bảy con sông nhỏ", "repeated_password": "bảy con sông nhỏ"}

    answers = [
        desk.post("/account/password", {"password": f"đoán lần {n}", **fields}).status_code
        for n in range(7)
    ]

    assert answers == [422] * 5 + [429] * 2
    # The person is not shut out by it.
    desk.client.cookies.clear()
    assert enter(desk).status_code == 303


def test_a_token_that_may_write_makes_no_other_tokens_and_no_keys(desk: Desk) -> None:
    with system_transaction() as session:
        token = accounts.create_token(
            session,
            name="x",
            scopes=list(Scope),
            life=timedelta(days=1),
            by=desk.cast.clerk,
            at=AT,
        )
    program = {"authorization": f"Bearer {token}"}
    made = {"name": "y", "scopes": ["read"], "days": 366}

    assert desk.client.post("/api/v1/tokens", json=made, headers=program).status_code == 403
    assert desk.client.get("/account/codes", headers=program).status_code == 403
    with system_transaction() as session:
        assert session.get(Totp, desk.cast.clerk.person_id) is None


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\r\nset-cookie: a=b",
        "javascript:alert(1)",
        "evil.example",
        "/%0d%0aset-cookie: a=b\n",
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(desk: Desk, path: str) -> None:
    assert safe_next(path) == "/"
    answer = enter(desk, next=path)

    assert answer.headers["location"] == "/"
    assert "a=b" not in "".join(answer.headers.get_list("set-cookie"))


def test_passwords_codes_and_tokens_stand_nowhere_as_they_are(desk: Desk) -> None:
    device = with_codes(desk)
    token = cookie_of(enter(desk))
    with system_transaction() as session:
        tables = session.scalars(
            text("select table_name from information_schema.tables where table_schema = 'public'")
        ).all()
        for table in tables:
            dump = "\n".join(
                session.scalars(text(f'select t::text from "{table}" t'))  # noqa: S608
            )
            for secret in (PASSWORD, device, token or "no token"):
                assert secret not in dump, table
