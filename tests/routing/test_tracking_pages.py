"""The pages of the book of handling and of its report, and what they save."""

from __future__ import annotations

import io
from datetime import datetime
from html import unescape
from typing import TypeAlias
from urllib.parse import parse_qs

import openpyxl
import pytest
from litestar.testing import TestClient

from eoffice.web.application import Application
from tests.cast import Cast
from tests.routing.test_pages import Browser, at, cast, client, dispatch, forget_store
from tests.routing.test_work_pages import assigned

__all__ = ["assigned", "at", "cast", "client", "dispatch", "forget_store"]

Client: TypeAlias = TestClient[Application]


@pytest.mark.usefixtures("assigned")
def test_the_numbers_are_links_and_both_are_saved(client: Client, cast: Cast, at: datetime) -> None:
    head = Browser(client, cast.high_school_principal, at)
    report = unescape(head.get("/incoming/report?since=&until=").text)
    link = next(
        part.split('"')[0]
        for part in report.split('href="')
        if part.startswith("/incoming/handling?") and "timeliness=not_due" in part
    )
    assert parse_qs(link)["timeliness"] == ["not_due"]
    assert "960/SGDĐT-CNTTTBTV" in head.get(link).text
    assert "960/SGDĐT-CNTTTBTV" not in head.get(link.replace("not_due", "late")).text
    for path in ("/incoming/report", "/incoming/handling"):
        assert head.get(f"{path}?format=pdf").content.startswith(b"%PDF")
        saved = head.get(f"{path}?format=xlsx").content
        sheet = openpyxl.load_workbook(io.BytesIO(saved)).active
        assert sheet is not None
        texts = [str(cell.value) for row in sheet.iter_rows() for cell in row]
        assert any("960/SGDĐT-CNTTTBTV" in each or cast.high_school.name == each for each in texts)


def test_odd_filters_are_refused_in_a_sentence(client: Client, cast: Cast, at: datetime) -> None:
    head = Browser(client, cast.high_school_principal, at)
    for odd in ("since=hôm-qua", "unit=1", "person=2", "timeliness=soon", "state=x"):
        assert head.get(f"/incoming/handling?{odd}").status_code == 422
        assert head.get(f"/incoming/report?{odd}").status_code == 422
