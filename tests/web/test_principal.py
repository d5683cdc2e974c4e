"""Routes are closed; nobody acts through another site's page; a token does what it covers."""

from __future__ import annotations

from tests.web.conftest import HEAD, TOKEN, Client, token_of


def test_a_page_sends_who_is_not_signed_in_to_sign_in_and_back(client: Client) -> None:
    answer = client.get("/documents?state=late&q=sổ")

    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/sign-in?next=%2Fdocuments%3Fstate%3Dlate%26q%3Ds%25E1%25BB%2595"
    )


def test_the_api_says_401_and_how(client: Client) -> None:
    answer = client.get("/api/v1/documents")

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "/problems/not-signed-in"


def test_what_was_typed_is_given_back_when_the_session_ran_out(client: Client) -> None:
    answer = client.post("/documents/7/signature", data={"note": "Đã xem kỹ", "pin": "1234"})

    assert answer.status_code == 401
    assert "Đã xem kỹ" in answer.text
    assert 'target="_blank"' in answer.text
    assert "1234" not in answer.text


def test_after_sign_in_the_same_form_is_shown_once_more_to_be_sent(client: Client) -> None:
    given_back = client.post("/documents/7/signature", data={"note": "Đã xem kỹ"})

    again = client.post(
        "/documents/7/signature",
        data={"note": "Đã xem kỹ", "_token": token_of(given_back.text)},
        headers=HEAD,
    )

    assert again.status_code == 403
    assert "Nội dung đã nhập vẫn còn" in again.text
    sent = client.post(
        "/documents/7/signature",
        data={"note": "Đã xem kỹ", "_token": token_of(_resend_form(again.text))},
        headers=HEAD,
    )
    assert sent.status_code == 409


def test_public_routes_are_open(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/api/v1/openapi/openapi.json").status_code == 200


def test_a_page_of_another_site_changes_nothing(client: Client) -> None:
    for header in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        answer = client.post("/api/v1/documents", json={"subject": "x"}, headers=HEAD | header)
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/cross-origin"


def test_a_form_without_its_token_is_not_accepted(client: Client) -> None:
    answer = client.post("/documents/7/signature", data={"note": "x"}, headers=HEAD)

    assert answer.status_code == 403


def test_a_form_that_is_one_button_needs_its_token_too(client: Client) -> None:
    for path in ("/documents/7/return", "/documents/7/nothing"):
        answer = client.post(path, data={"_key": "a-key-of-the-tests"}, headers=HEAD)

        assert answer.status_code == 403
        assert "Gửi lại" in answer.text


def test_a_program_with_a_token_needs_no_form_token(client: Client) -> None:
    answer = client.post(
        "/documents/7/signature", data={"note": "x"}, headers=HEAD | {"x-person": "token"}
    )

    assert answer.status_code == 409


def test_a_token_does_only_what_it_covers(client: Client) -> None:
    reads = TOKEN | {"x-scopes": "read"}

    assert client.get("/api/v1/documents", headers=reads).status_code == 200
    refused = client.post("/api/v1/documents", json={"subject": "abc"}, headers=reads)
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/out-of-scope"
    nothing = client.get("/api/v1/documents", headers=TOKEN | {"x-scopes": "sign"})
    assert nothing.status_code == 403


def _resend_form(html: str) -> str:
    """The part of the page from the form that sends again."""
    return html[html.index('aria-label="Gửi lại"') :]


def test_an_open_page_may_still_need_somebody(client: Client) -> None:
    assert client.get("/open").status_code == 303
    assert client.get("/open", headers=HEAD).status_code == 200


def test_a_request_of_our_own_page_passes(client: Client) -> None:
    for header in ({"sec-fetch-site": "same-origin"}, {"origin": "http://testserver.local"}):
        answer = client.post("/api/v1/documents", json={}, headers=HEAD | header)
        assert answer.status_code == 422
