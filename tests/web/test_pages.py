"""Pages are rendered within a frame that shows what this person needs, in this position."""

from __future__ import annotations

import gzip
import re

import pytest
from jinja2 import UndefinedError
from litestar.testing import TestClient

from eoffice.web.frame import SECTIONS, section_of, sections_for
from eoffice.web.pages import safe_next
from tests.web.conftest import HEAD, TOKEN, Client, token_of
from tests.web.sample import person, sample_app


def test_the_frame_says_where_we_are_and_what_awaits_me(client: Client) -> None:
    html = client.get("/documents/7", headers=HEAD).text

    assert re.search(r'<a href="/documents" data-letter="i" aria-current="page">', html)
    assert "1.204 việc đang chờ tôi" in html
    assert "Phòng Giáo dục Trung học" in html
    assert "Nguyễn Thị Ngọc Huyền Trân" in html


def test_a_position_is_changed_with_one_button(client: Client) -> None:
    html = client.get("/", headers=HEAD).text

    assert html.count('name="appointment_id"') == 2
    assert 'action="/acting"' in html


def test_who_is_not_signed_in_sees_no_rail(client: Client) -> None:
    assert "rail" not in client.get("/nowhere").text


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [
        ("head", {"admin"}),
        ("clerk", {"inspections", "admin"}),
        ("teacher", {"inspections", "admin"}),
        ("inspector", {"incoming", "documents", "case-files", "registers", "admin"}),
        ("operator", {"incoming", "documents", "case-files", "registers"}),
    ],
)
def test_each_position_sees_the_sections_it_works_in(kind: str, hidden: set[str]) -> None:
    shown = {section.key for section in sections_for(person(kind=kind))}

    assert shown == {section.key for section in SECTIONS} - hidden


def test_no_two_sections_share_a_key_or_letter() -> None:
    assert len({s.letter for s in SECTIONS}) == len({s.key for s in SECTIONS}) == len(SECTIONS)


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ("/", "desk"),
        ("/documents", "documents"),
        ("/documents/7/versions", "documents"),
        ("/documentsx", ""),
        ("/account", ""),
    ],
)
def test_the_section_follows_from_the_address(path: str, section: str) -> None:
    assert section_of(path) == section


@pytest.mark.parametrize(
    ("path", "goes_to"),
    [
        ("/documents?state=late", "/documents?state=late"),
        ("//elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nb", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_a_next_address_never_leaves_the_office(path: str | None, goes_to: str) -> None:
    assert safe_next(path) == goes_to


def test_a_forged_message_is_not_shown(client: Client) -> None:
    client.cookies.set("said", "eyJzYWlkIjoiRGEgbHV1LiJ9.AAAA")

    assert "Da luu" not in client.get("/documents/7", headers=HEAD).text


def test_over_https_cookies_are_secure_and_bound_to_the_host() -> None:
    with TestClient(sample_app(base_url="https://vanphong.example")) as client:
        header = client.get("/nowhere").headers["set-cookie"]

    assert header.startswith("__Host-visit=")
    for flag in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert flag.lower() in header.lower()


def test_a_refused_form_comes_back_filled_with_its_faults(client: Client) -> None:
    form = client.get("/documents/new", headers=HEAD)
    answer = client.post(
        "/documents",
        data={"_token": token_of(form.text), "subject": "a", "body": "Kính gửi", "units": "pgd"},
        headers=HEAD,
    )

    assert answer.status_code == 422
    assert 'value="a"' in answer.text
    assert "Kính gửi</textarea>" in answer.text
    assert re.search(r'value="pgd" checked', answer.text)
    assert '<a href="#f-subject">Trích yếu: Cần ít nhất 3 ký tự.</a>' in answer.text
    assert re.search(r'aria-describedby="e-subject h-subject" aria-invalid="true"', answer.text)


def test_a_page_is_compressed_for_those_who_can_read_it(client: Client) -> None:
    plain = client.get("/documents", headers=HEAD | {"accept-encoding": "identity"})
    packed = client.get("/documents", headers=HEAD | {"accept-encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(gzip.compress(plain.content)) * 1.2


def test_a_variable_that_is_not_given_is_a_bug(client: Client) -> None:
    environment = sample_app().state["site"].templates
    with pytest.raises(UndefinedError):
        environment.from_string("{{ subject }}").render()


def test_markup_in_values_is_text(client: Client) -> None:
    answer = client.post(
        "/documents/7/signature", data={"note": "<script>alert(1)</script>"}, headers=TOKEN
    )

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_a_time_that_is_not_known_is_not_shown() -> None:
    environment = sample_app().state["site"].templates
    template = "[{{ at|ago }}{{ at|until }}{{ at|date }}{{ at|datetime }}{{ at|mark }}]"

    assert environment.from_string(template).render(at=None) == "[]"
