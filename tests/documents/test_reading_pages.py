"""A page is made when it is asked for, kept under the digest of its document, and words have
places on it."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from eoffice.documents.form import rendering
from eoffice.documents.types import DocumentType
from eoffice.files import finding, page_images
from eoffice.files.leaves import Leaves
from eoffice.files.page_images import PageMissing, Paper, Span
from tests.documents.cast import DONG_THAP, LETTER_960


@pytest.fixture(scope="module")
def composed() -> bytes:
    at = datetime(2018, 8, 13, 2, tzinfo=UTC)
    return rendering.render(
        DocumentType.DISPATCH, LETTER_960, DONG_THAP, notation="SGDĐT-CNTTTBTV", at=at
    )


@pytest.fixture
def leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Leaves:
    """An empty disk, and a process that remembers nothing."""
    made = Leaves(tmp_path / "pages")
    monkeypatch.setattr(page_images, "_leaves", lambda: made)
    monkeypatch.setattr(page_images, "_recent", page_images._Recent())
    return made


class Store:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.fetched = 0

    def paper(self) -> Paper:
        return Paper(Paper.of(self.content).digest, self.fetch)

    def fetch(self) -> bytes:
        self.fetched += 1
        return self.content


@pytest.mark.usefixtures("leaves")
def test_the_document_is_fetched_once_for_all_of_its_pages(composed: bytes) -> None:
    store = Store(composed)
    page_images.picture(store.paper(), 1, 300)
    page_images.picture(store.paper(), 2, 300)
    page_images.sizes(store.paper())

    assert store.fetched == 1


def test_a_picture_outlives_the_process(
    composed: bytes, leaves: Leaves, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = page_images.picture(Paper.of(composed), 1, 300)
    monkeypatch.setattr(page_images, "_recent", page_images._Recent())
    store = Store(composed)

    assert page_images.picture(store.paper(), 1, 300) == first
    assert store.fetched == 0


def test_small_pages_are_drawn_together(composed: bytes, leaves: Leaves) -> None:
    paper = Paper.of(composed)
    page_images.picture(paper, 1, page_images.SMALL_PX)

    assert leaves.get(f"{paper.digest}.{page_images.SMALL_PX}-2.png") is not None


@pytest.mark.usefixtures("leaves")
def test_sizes_are_as_the_page_is_seen(composed: bytes) -> None:
    with pikepdf.open(BytesIO(composed)) as file:
        file.pages[1].rotate(90, relative=False)
        out = BytesIO()
        file.save(out)
    upright, turned = page_images.sizes(Paper.of(out.getvalue()))

    assert upright.height > upright.width
    assert (round(turned.width), round(turned.height)) == (842, 595)
    assert turned.height_px(1240) == 877


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.usefixtures("leaves")
def test_a_word_has_its_place_on_the_picture_however_the_page_lies(
    composed: bytes, angle: int
) -> None:
    """Under the box there is ink."""
    with pikepdf.open(BytesIO(composed)) as file:
        file.pages[0].rotate(angle, relative=False)
        out = BytesIO()
        file.save(out)
    paper = Paper.of(out.getvalue())
    (hit, *_) = finding.find(page_images.texts(paper), "kinh gui").hits
    ((box,),) = page_images.places(paper, [Span(hit.page, hit.start, hit.count)])

    picture = Image.open(BytesIO(page_images.picture(paper, 1, 1240))).convert("L")
    x, y = box.x * picture.width // 10_000, box.y * picture.height // 10_000
    right = x + max(1, box.width * picture.width // 10_000)
    lower = y + max(1, box.height * picture.height // 10_000)
    assert sum(picture.crop((x, y, right, lower)).histogram()[:100]) > 0
    assert (box.width > box.height) == (angle in (0, 180))


@pytest.mark.usefixtures("leaves")
def test_what_is_no_pdf_has_neither_sizes_nor_words() -> None:
    for asked in (page_images.sizes, page_images.texts):
        with pytest.raises(PageMissing):
            asked(Paper.of(b"nothing"))


def test_the_oldest_leave_first_when_there_is_no_room(tmp_path: Path) -> None:
    leaves = Leaves(tmp_path / "pages", most_bytes=10_000)
    for number in range(40):
        leaves.put(f"{number:02d}", bytes(1000))

    kept = sorted(each.name for each in (tmp_path / "pages").iterdir())
    assert "39" in kept
    assert "00" not in kept
    assert len(kept) <= 11


def test_a_disk_that_refuses_keeps_nothing_and_fails_nobody(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a directory")
    leaves = Leaves(blocked / "pages")
    leaves.put("name", b"content")

    assert leaves.get("name") is None
