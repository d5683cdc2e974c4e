"""A scan is kept as it came, read page by page, and becomes an incoming document when confirmed."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pikepdf
import pypdfium2
import pytest
from litestar.testing import TestClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import db
from eoffice.demo.pdf import information_sheet
from eoffice.files import page_images
from eoffice.mailroom import recognition, scan_actions
from eoffice.mailroom.model import Scan, ScanFile, ScanPage
from eoffice.mailroom.recognition import ReaderUnavailable
from eoffice.mailroom.states import ScanState
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.routing.model import Delivery, DeliveryContent
from eoffice.routing.outside_rules import Origin, TextState
from eoffice.settings import settings
from tests.cast import Cast, load_cast
from tests.conftest import web_role
from tests.mailroom.hands import Browser
from tests.mailroom.test_entering import CIRCULAR


def has_reader() -> bool:
    if shutil.which("tesseract") is None:
        return False
    try:
        recognition.reader()
    except ReaderUnavailable:
        return False
    return True


@pytest.fixture
def reader(store: MemoryStore) -> None:
    if not has_reader():
        pytest.skip("tesseract with Vietnamese (tesseract-ocr, tesseract-ocr-vie) is not installed")


def picture(kind: str = "PNG", width: int = 1654) -> bytes:
    """The information sheet, as a scanner would give it: a picture without words."""
    png = page_images.page_image(information_sheet(), 1, width)
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("L").save(out, format=kind, dpi=(200, 200))
    return out.getvalue()


def read_all(work: Callable[[str], int]) -> int:
    work("mailroom.begin_reading")
    pages = work("mailroom.read_page")
    work("mailroom.finish_reading")
    return pages


def uploaded(clerk: Browser, *files: tuple[str, bytes]) -> str:
    clerk.get("/incoming/scans")
    done = clerk.send(
        "/incoming/scans",
        *(("files", (name, content, "application/octet-stream")) for name, content in files),
    )
    assert done.status_code == 303, clerk.page
    return str(done.headers["location"])


def only_scan() -> Scan:
    with db.system_transaction() as session:
        row = session.scalars(select(Scan)).one()
        session.expunge_all()
        return row


def test_pictures_become_one_pdf_in_their_order_and_stay_as_they_are(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    first, second = picture("PNG"), picture("JPEG", 800)
    clerk = Browser(client, cast.high_school_clerk, at)
    page = clerk.get(uploaded(clerk, ("1.png", first), ("2.jpg", second))).text

    assert "Đã nhận dạng 0 trên 2 trang" in page
    scan = only_scan()
    assert (scan.page_count, scan.state) == (2, ScanState.WAITING)
    with db.system_transaction() as session:
        kept = session.scalars(select(ScanFile).order_by(ScanFile.position)).all()
        assert [(file.name, file.media_type, file.sha256) for file in kept] == [
            ("1.png", "image/png", str(Sha256.of(first))),
            ("2.jpg", "image/jpeg", str(Sha256.of(second))),
        ]
    assert store.get(Sha256.of(first)) == first
    with pikepdf.open(io.BytesIO(store.get(Sha256.parse(scan.content_sha256)))) as made:
        widths = [float(each.mediabox[2]) for each in made.pages]
        assert widths[0] > widths[1]


def test_a_tiff_of_several_pages_is_several_pages(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    frames = [Image.new("1", (600, 800), 1) for _ in range(3)]
    out = io.BytesIO()
    frames[0].save(out, format="TIFF", save_all=True, append_images=frames[1:])
    clerk = Browser(client, cast.high_school_clerk, at)
    uploaded(clerk, ("fax.tif", out.getvalue()))
    assert only_scan().page_count == 3


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("a.exe", b"MZ programme")], "Chỉ nhận"),
        ([("a.png", b"\x89PNG\r\n\x1a\n not really")], "Không đọc được ảnh"),
        ([("a.pdf", b"%PDF-1.7 broken")], "Không đọc được tệp PDF"),
        ([("a.pdf", information_sheet()), ("b.pdf", information_sheet())], "một tệp PDF"),
        ([("a.png", picture()), ("b.txt", b"words")], "Chỉ nhận"),
    ],
)
def test_what_no_scanner_made_is_refused(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
    files: list[tuple[str, bytes]],
    said: str,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    clerk.get("/incoming/scans")
    refused = clerk.send(
        "/incoming/scans",
        *(("files", (name, content, "application/octet-stream")) for name, content in files),
    )
    assert refused.status_code == 422
    assert said in refused.text


def test_words_are_read_laid_over_a_copy_and_follow_the_document(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
    reader: None,
    work: Callable[[str], int],
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    place = uploaded(clerk, ("1.png", picture()))
    before = only_scan().content_sha256
    assert read_all(work) == 1

    scan = only_scan()
    assert (scan.state, scan.pages_read) == (ScanState.READ, 1)
    assert "Trung tâm Kinh doanh" in scan.text
    assert scan.content_sha256 == before
    assert Sha256.of(store.get(Sha256.parse(before))) == Sha256.parse(before)
    assert scan.searchable_sha256 not in (None, before)
    copy = pypdfium2.PdfDocument(clerk.get(f"{place}/searchable").content)
    assert "Trung tâm Kinh doanh" in copy[0].get_textpage().get_text_bounded()
    assert clerk.get(f"{place}/progress").json()["finished"]

    clerk.get(place)
    done = clerk.send(f"{place}/document", **CIRCULAR | {"page_count": "1"})
    assert done.status_code == 303
    with db.system_transaction() as session:
        row = session.scalars(select(Delivery)).one()
        content = session.get_one(DeliveryContent, row.id)
        assert (row.origin, row.content_sha256) == (Origin.SCAN, before)
        assert content.text_state is TextState.RECOGNISED
        assert "Trung tâm Kinh doanh" in content.text
        assert content.searchable_sha256 == scan.searchable_sha256
    again = clerk.get(place)
    assert "Xem văn bản đến" in again.text


def test_a_document_that_is_taken_before_its_pages_are_read_gets_its_words_later(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
    reader: None,
    work: Callable[[str], int],
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    place = uploaded(clerk, ("1.png", picture()))
    clerk.get(place)
    assert clerk.send(f"{place}/document", **CIRCULAR).status_code == 303
    read_all(work)
    with db.system_transaction() as session:
        content = session.scalars(select(DeliveryContent)).one()
        assert content.text_state is TextState.RECOGNISED
        assert "Trung tâm Kinh doanh" in content.text


def test_pages_that_are_read_twice_count_once(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    uploaded(clerk, ("1.png", picture()), ("2.png", picture()))
    scan_id = only_scan().id
    with db.system_transaction() as session:
        scan_actions.begin_reading(session, scan_id, available=True, at=at)
        for _ in range(2):
            scan_actions.keep_page(session, scan_id, 1, "một", None, at=at)
        assert session.get_one(Scan, scan_id).pages_read == 1
        scan_actions.keep_page(session, scan_id, 2, None, None, at=at)
        pages = session.scalars(select(ScanPage)).all()
        assert scan_actions.whole_text(pages) == "một\f"


def test_without_a_reader_the_document_is_kept_and_says_so(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
    work: Callable[[str], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EOFFICE_OCR_PROGRAM", "no-such-program")
    settings.cache_clear()
    clerk = Browser(client, cast.high_school_clerk, at)
    place = uploaded(clerk, ("1.png", picture()))
    read_all(work)
    page = clerk.get(place).text
    assert "không có bộ nhận dạng chữ" in page
    assert clerk.send(f"{place}/document", **CIRCULAR).status_code == 303
    work("routing.examine")
    work("mailroom.recognise")
    work("mailroom.begin_reading")
    with db.system_transaction() as session:
        content = session.scalars(select(DeliveryContent)).one()
        assert content.text_state is TextState.NOT_RECOGNISED
        assert content.verdict is not None


def test_a_pdf_with_words_needs_no_reader_and_proposes_at_once(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    pdf = information_sheet()
    clerk = Browser(client, cast.high_school_clerk, at)
    place = uploaded(clerk, ("sheet.pdf", pdf))
    scan = only_scan()
    assert (scan.state, scan.content_sha256) == (ScanState.READ, str(Sha256.of(pdf)))
    assert "Đã nhận dạng" in clerk.get(place).text


def test_a_discarded_scan_is_gone_from_the_tray_and_cannot_be_taken(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    clerk = Browser(client, cast.high_school_clerk, at)
    place = uploaded(clerk, ("1.png", picture()))
    clerk.get(place)
    token_page = clerk.page
    assert clerk.send(f"{place}/discarding").status_code == 303
    clerk.page = token_page
    assert clerk.send(f"{place}/document", **CIRCULAR).status_code == 409
    assert "1.png" not in clerk.get("/incoming/scans").text


def test_a_scan_is_its_agencys_alone(
    client: TestClient,  # type: ignore[type-arg]
    cast: Cast,
    at: datetime,
    store: MemoryStore,
) -> None:
    place = uploaded(Browser(client, cast.high_school_clerk, at), ("1.png", picture()))
    stranger = Browser(client, cast.clerk, at)
    for path in (place, f"{place}/progress", f"{place}/pages/1", f"{place}/searchable"):
        assert stranger.get(path).status_code == 404
    assert Browser(client, cast.high_school_teacher, at).get(place).status_code == 403


def test_row_level_security_hides_scans_of_others(session: Session, at: datetime) -> None:
    cast = load_cast(session, at)
    scanned = scan_actions.Scanned("a.pdf", Sha256.of(b"a"), 1, 1, (), "")
    with web_role(session, cast.high_school_clerk):
        made: UUID = scan_actions.upload(session, scanned, by=cast.high_school_clerk, at=at)
        session.flush()
        assert session.scalars(select(Scan.id)).one() == made
    with web_role(session, cast.clerk):
        assert session.scalars(select(Scan.id)).all() == []
