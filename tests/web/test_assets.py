"""Style sheets, scripts and fonts are kept by browsers for ever, and the first page is small."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import HEAD, Client
from tests.web.sample import sample_app

FIRST_PAGE_BYTES = 100_000


def linked(html: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))


def test_a_file_of_this_version_is_immutable(client: Client) -> None:
    path = next(p for p in linked(client.get("/documents", headers=HEAD).text) if "frame.css" in p)

    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"


def test_a_file_of_another_version_is_asked_for_again(client: Client) -> None:
    answer = client.get("/static/000000000000/css/frame.css", headers={"accept-encoding": "br"})

    assert answer.headers["cache-control"] == "no-cache"
    assert "content-encoding" not in answer.headers


def test_what_is_not_there_is_not_found(client: Client) -> None:
    for path in ("/static/x/css/none.css", "/static/x/../../application.py"):
        assert client.get(path, headers=HEAD).status_code == 404


def test_a_name_that_does_not_exist_is_a_slip_in_a_template() -> None:
    with pytest.raises(KeyError):
        sample_app().state["site"].assets.url("css/none.css")


def test_the_first_page_is_smaller_than_100_kb_with_fonts_and_scripts(client: Client) -> None:
    page = client.get("/documents?count=50", headers=HEAD)
    paths = linked(page.text)
    version = next(iter(paths)).split("/")[2]
    modules = re.findall(r'from "\./([a-z]+\.js)"', client.get(_only(paths, "desk.js")).text)
    paths |= {f"/static/{version}/js/{name}" for name in modules}

    total = int(page.headers["content-length"])
    total += sum(int(client.get(path).headers["content-length"]) for path in paths)

    assert len(modules) > 5
    assert any(path.endswith(".woff2") for path in paths)
    assert total < FIRST_PAGE_BYTES


def test_no_page_has_inline_script_style_or_another_host(client: Client) -> None:
    for path in ("/", "/documents", "/documents/7", "/documents/new", "/nowhere"):
        html = client.get(path, headers=HEAD).text
        assert "<style" not in html
        assert not re.search(r"<script(?![^>]*\bsrc=)", html)
        assert not re.search(r"\s(?:on[a-z]+|style)=", html)
        assert not re.search(r'(?:href|src|action)="(?:https?:)?//', html)


def _only(paths: set[str], name: str) -> str:
    return next(path for path in paths if path.endswith(name))
