"""Every door is closed unless it is on a list: to strangers, and to programs without the scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from litestar.routes import HTTPRoute

from eoffice.people.kinds import Scope
from eoffice.web.principal import IN_PERSON, SAFE_METHODS
from tests.security import house as houses
from tests.security.house import House

#: Everything that somebody who is not signed in may ask for.
PUBLIC = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/audit/checkpoint"),
    # Digests only, for witnesses and mirrors outside; a witness shows its signature.
    ("GET", "/log/checkpoint"),
    ("GET", "/log/tile/{level:int}/{place:path}"),
    ("GET", "/log/timestamps/{size:int}"),
    ("POST", "/api/v1/log/cosignatures"),
    ("GET", "/api/v1/openapi"),
    ("GET", "/api/v1/openapi/openapi.json"),
    # Answers 404 to every other name below it.
    ("GET", "/api/v1/openapi/{path:str}"),
    # A partner of the exchange shows its own token.
    ("PUT", "/api/v1/exchange/messages/{message_id:str}"),
    ("GET", "/api/v1/exchange/messages"),
    ("GET", "/api/v1/exchange/messages/{message_id:str}"),
    ("POST", "/api/v1/exchange/messages/{message_id:str}/receipt"),
    # The name is a secret that somebody gave to their calendar program.
    ("GET", "/calendar/{name:str}"),
    # The address is a secret that a school gave to one family, who shows its code too.
    ("GET", "/results/{address:str}"),
    ("POST", "/results/{address:str}"),
    # Anybody may have a file verified; nothing of it is kept.
    ("GET", "/verification"),
    ("POST", "/verification"),
    ("POST", "/api/v1/verifications"),
    ("POST", "/api/v1/verifications/report"),
    # The code stands on each page of a document; it says what may be public, never content.
    ("GET", "/v/{code:str}"),
    ("POST", "/v/{code:str}"),
    ("GET", "/api/v1/verifications/codes/{code:str}"),
    # A device shows a code that its owner was shown.
    ("POST", "/api/v1/devices/pairings"),
    ("GET", "/static/{version:str}/{name:path}"),
    # A browser asks for it again when nobody is signed in; it knows nothing of anybody.
    ("GET", "/push-worker.js"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
}
#: Where a key or a seal is used.
SIGNING = {
    ("POST", "/documents/{document_id:uuid}/signature"),
    ("POST", "/documents/{document_id:uuid}/seal"),
    ("POST", "/documents/{document_id:uuid}/initials"),
    ("POST", "/api/v1/documents/{document_id:uuid}/initials"),
    ("POST", "/api/v1/documents/{document_id:uuid}/signature"),
    ("POST", "/api/v1/documents/{document_id:uuid}/seal"),
    ("POST", "/registers/gradebooks/{gradebook_id:uuid}/signatures"),
    ("POST", "/registers/reports/parts/{part_id:uuid}/signatures"),
    ("POST", "/registers/transfers/{transfer_id:uuid}/seal"),
    ("POST", "/api/v1/pupil-transfers/{transfer_id:uuid}/seal"),
    ("POST", "/api/v1/register-copies/{copy_id:uuid}/signatures"),
    ("POST", "/registers/copies/{copy_id:uuid}/signatures"),
    ("POST", "/api/v1/gradebooks/{gradebook_id:uuid}/signatures"),
    ("POST", "/api/v1/report-parts/{part_id:uuid}/signatures"),
    ("POST", "/registers/gradebooks/{gradebook_id:uuid}/data"),
    ("POST", "/registers/reports/parts/{part_id:uuid}/data"),
    ("POST", "/api/v1/gradebooks/{gradebook_id:uuid}/data"),
    ("POST", "/api/v1/report-parts/{part_id:uuid}/data"),
    ("POST", "/signature-images"),
    ("POST", "/signature-images/seal"),
    ("POST", "/api/v1/signature-images"),
    ("POST", "/signature-images/{image_id:uuid}/approval"),
    ("POST", "/signature-images/{image_id:uuid}/refusal"),
    ("POST", "/signature-images/{image_id:uuid}/retirement"),
    ("POST", "/api/v1/signature-images/{image_id:uuid}/approval"),
    ("POST", "/api/v1/signature-images/{image_id:uuid}/refusal"),
    ("POST", "/api/v1/signature-images/{image_id:uuid}/retirement"),
    ("POST", "/books/{kind:str}/{year:int}/signature"),
    ("POST", "/books/{kind:str}/{year:int}/notes/{ordinal:int}/signature"),
    ("POST", "/api/v1/book-closings/{kind:str}/{year:int}/signature"),
    ("POST", "/api/v1/book-closings/{kind:str}/{year:int}/notes/{ordinal:int}/signature"),
    ("POST", "/signature-requests/{request_id:uuid}/refusal"),
    ("POST", "/api/v1/signature-requests/{request_id:uuid}/refusal"),
    ("POST", "/desk/signatures"),
    ("POST", "/desk/signatures/{batch_id:uuid}/retry"),
    ("POST", "/desk/signatures/{batch_id:uuid}/stop"),
    ("POST", "/api/v1/desk/signatures"),
    ("POST", "/api/v1/desk/signatures/{batch_id:uuid}/retry"),
    ("POST", "/api/v1/desk/signatures/{batch_id:uuid}/stop"),
}


def routes() -> Iterator[tuple[str, str, dict[str, object]]]:
    """Method, address and options of every door."""
    for route in houses.app().routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                    yield str(method), route.path, handler.opt


def filled(path: str) -> str:
    """The address with something in every place."""
    path = re.sub(r"{\w+:uuid}", str(uuid4()), path)
    path = re.sub(r"{\w+:int}", "1", path)
    path = re.sub(r"{\w+:date}", "2025-06-02", path)
    return re.sub(r"{\w+(:\w+)?}", "x", path)


@pytest.fixture(scope="module")
def doors(house: House) -> list[tuple[str, str, dict[str, object]]]:
    found = list(routes())
    assert len(found) > 150
    return found


def test_the_public_doors_are_exactly_these(
    doors: list[tuple[str, str, dict[str, object]]],
) -> None:
    assert {(method, path) for method, path, opt in doors if opt.get("public")} == PUBLIC


def test_a_stranger_comes_through_no_other_door(
    house: House, doors: list[tuple[str, str, dict[str, object]]]
) -> None:
    """The API says 401; a page sends to sign-in, or says it where something was sent."""
    for method, path, _ in doors:
        if (method, path) in PUBLIC:
            continue
        answer = house.client.request(method, filled(path))
        if answer.status_code == 303:
            assert method == "GET", path
            assert answer.headers["location"].startswith("/sign-in?next="), path
        else:
            assert answer.status_code == 401, (method, path)


def test_a_key_is_used_only_with_the_scope_to_sign(
    doors: list[tuple[str, str, dict[str, object]]],
) -> None:
    assert {(method, path) for method, path, opt in doors if opt.get("scope") == "sign"} == SIGNING


def test_a_token_without_a_scope_is_refused_at_every_door_that_needs_it(
    house: House, doors: list[tuple[str, str, dict[str, object]]]
) -> None:
    """Pages too: a program can open them as well as a browser."""
    cast = house.cast
    reads = house.token_of(cast.operator, Scope.READ)
    writes = house.token_of(cast.operator, Scope.READ, Scope.WRITE)
    everything = house.token_of(cast.operator, *Scope)
    for method, path, opt in doors:
        if opt.get("public"):
            continue
        needed = opt.get("scope") or ("read" if method in SAFE_METHODS else "write")
        token = {
            "sign": writes,
            "device": writes,
            IN_PERSON: everything,
            "write": reads,
            "read": None,
        }[str(needed)]
        if token is None:
            continue
        answer = house.program(token, method, filled(path))
        assert answer.status_code == 403, (method, path, answer.status_code)
        assert "mã truy cập" in answer.text.lower(), (method, path)


def test_a_form_of_another_session_is_refused_at_every_page(
    house: House, doors: list[tuple[str, str, dict[str, object]]]
) -> None:
    foreign = house.form_token(house.cast.clerk)
    cookie = {"cookie": f"session={house.session_of(house.cast.operator)}"}
    for method, path, opt in doors:
        if method in SAFE_METHODS or path.startswith("/api/") or opt.get("public"):
            continue
        for token in ("", foreign):
            answer = house.client.request(
                method, filled(path), headers=cookie, data={"_token": token}
            )
            assert answer.status_code == 403, (method, path, answer.status_code)
            assert "phiên làm việc trước" in answer.text, (method, path)


def test_a_page_of_another_site_is_refused_at_every_door_that_changes_something(
    house: House, doors: list[tuple[str, str, dict[str, object]]]
) -> None:
    who = house.cast.operator
    headers = {"cookie": f"session={house.session_of(who)}", "sec-fetch-site": "cross-site"}
    for method, path, _ in doors:
        if method not in SAFE_METHODS:
            answer = house.client.request(method, filled(path), headers=headers)
            assert answer.status_code == 403, (method, path, answer.status_code)
            assert "trang web khác" in answer.text, (method, path)
