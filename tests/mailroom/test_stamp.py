"""The arrival stamp is metadata, a picture over the page and on a print copy; never in the file."""

from __future__ import annotations

import io
from datetime import datetime

import pikepdf
import pypdfium2
import pytest
from litestar.testing import TestClient
from PIL import Image
from sqlalchemy import select

from eoffice import clock, db
from eoffice.demo.pdf import information_sheet
from eoffice.mailroom import stamp
from eoffice.mailroom.stamp import Stamp
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.routing.model import Arrival
from tests.cast import Cast
from tests.mailroom.hands import Browser
from tests.mailroom.test_entering import CIRCULAR

STAMP = Stamp("Trường THPT Sen Hồng", "128", "13/08/2018", "Nguyễn Văn An")
MILLIMETRE = 72 / 25.4


def test_it_measures_thirty_five_by_fifty_millimetres() -> None:
    picture = Image.open(io.BytesIO(stamp.picture(STAMP)))
    assert picture.width / picture.height == pytest.approx(50 / 35, abs=0.01)
    assert picture.width / 220 * 25.4 == pytest.approx(50, abs=0.3)
    corner = picture.convert("RGBA").getpixel((picture.width // 2, picture.height // 2))
    assert isinstance(corner, tuple)
    assert stamp.picture(STAMP) == stamp.picture(STAMP)


@pytest.mark.parametrize(
    "agency",
    [
        "Sở",
        "Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai",
        "Phòng Giáo dục và Đào tạo huyện Lấp Vò, tỉnh Đồng Tháp, nước Cộng hòa xã hội chủ nghĩa",
    ],
)
def test_long_names_stay_in_the_frame(agency: str) -> None:
    made = stamp.print_copy(information_sheet(), Stamp(agency, "99999", "31/12/2026", "x" * 200))
    assert len(pypdfium2.PdfDocument(made)) == 1


def test_the_print_copy_is_the_first_page_with_the_words_of_the_stamp() -> None:
    with pikepdf.open(io.BytesIO(information_sheet())) as one, pikepdf.new() as two:
        two.pages.extend([one.pages[0], one.pages[0]])
        out = io.BytesIO()
        two.save(out)
    made = pypdfium2.PdfDocument(stamp.print_copy(out.getvalue(), STAMP))
    assert len(made) == 1
    text = made[0].get_textpage().get_text_bounded()
    for words in ("ĐẾN", "128", "13/08/2018", "Nguyễn Văn An", "VNPT Đồng Tháp"):
        assert words in text
    page = made[0].get_textpage()
    width, height = made[0].get_size()
    inside = page.get_text_bounded(
        left=18 * MILLIMETRE,
        right=68 * MILLIMETRE,
        top=height - 52 * MILLIMETRE,
        bottom=height - 87 * MILLIMETRE,
    )
    assert "128" in inside
    assert width == pytest.approx(210 * MILLIMETRE, abs=1)


def test_a_registered_document_shows_it_and_keeps_its_bytes(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    pdf = information_sheet()
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/new")
    done = clerk.send("/incoming/new", ("file", ("a.pdf", pdf, "application/pdf")), **CIRCULAR)
    place = done.headers["location"]
    page = clerk.get(place).text
    assert f'src="{place}/stamp"' in page
    assert f'href="{place}/print-copy"' in page
    assert clerk.get(f"{place}/stamp").content.startswith(b"\x89PNG")
    copy = clerk.get(f"{place}/print-copy").content
    assert "ĐẾN" in pypdfium2.PdfDocument(copy)[0].get_textpage().get_text_bounded()
    assert store.get(Sha256.of(pdf)) == pdf

    with db.system_transaction() as session:
        arrival = session.scalars(select(Arrival)).one()
    said = clerk.get(f"/api/v1/arrivals/{arrival.id}/stamp").json()
    assert said == {
        "agency_name": cast.high_school.name,
        "arrival_number": 1,
        "arrived_on": clock.civil_date(at).isoformat(),
        "handed_to": "",
    }
    stranger = Browser(client, cast.clerk, at)
    for path in ("stamp", "print-copy"):
        assert stranger.get(f"{place}/{path}").status_code == 404


def test_a_paper_without_a_file_has_no_print_copy(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/new")
    place = clerk.send("/incoming/new", **CIRCULAR).headers["location"]
    assert "/print-copy" not in clerk.get(place).text
    assert clerk.get(f"{place}/print-copy").status_code == 404
