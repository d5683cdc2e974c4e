"""The pages of a copy hold one pupil's lines and nobody else's, and say of what they are a copy."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pypdfium2
import pytest

from eoffice.extracts import lines, rendering
from eoffice.extracts.lines import NotInBook
from eoffice.extracts.rendering import Block
from eoffice.registers import pupil_lines
from eoffice.registers import rendering as gradebook_rendering
from eoffice.registers.kinds.table import RegisterKind
from tests.pdfa import assert_pdfa
from tests.registers import cast, register_cast

AT = datetime(2025, 6, 2, 1, 0, tzinfo=UTC)
BLOCK = Block(
    form="TRÍCH SAO", code="3/TrS-THCSNTMK", school="Trường THCS Nguyễn Thị Minh Khai",
    place="Cao Lãnh", source="Sổ theo dõi và đánh giá học sinh lớp 7A1, năm học 2024-2025",
    digest="a" * 64, signing_lines=("Hiệu trưởng",), signer="Ngô Thị Tuyết Mai",
)  # fmt: skip


def text_of(pdf: bytes) -> str:
    file = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in file)


def test_only_the_lines_of_one_pupil_are_left_of_a_gradebook() -> None:
    book = cast.data()
    mine, other = book["pupils"][0], book["pupils"][1]

    kept = pupil_lines.of_pupil(book, mine["code"])

    assert kept is not None
    assert mine["name"] in str(kept)
    assert other["name"] not in str(kept)
    assert other["code"] not in str(kept)
    assert "totals" not in kept


@pytest.mark.parametrize("kind", [RegisterKind.ROLL_BOOK, RegisterKind.PRIMARY_TABLE])
def test_and_of_a_register_of_another_kind(kind: RegisterKind) -> None:
    book = register_cast.data(kind)
    pupils = book["entered"]["pupils"]
    mine, other = pupils[0]["pupil"], pupils[1]["pupil"]

    kept = pupil_lines.of_pupil(book, mine["code"])

    assert other["code"] not in str(kept)
    assert lines.of(book, mine["code"]).name == mine["name"]


@pytest.mark.parametrize(
    ("kind", "year"),
    [
        (RegisterKind.ROLL_BOOK, ["Học lực", "Hạnh kiểm"]),
        (RegisterKind.PRIMARY_TABLE, ["Đánh giá kết quả giáo dục"]),
    ],
)
def test_an_extract_says_results_in_the_words_of_the_circular(
    kind: RegisterKind, year: list[str]
) -> None:
    book = register_cast.data(kind)
    codes = [one["pupil"]["code"] for one in book["entered"]["pupils"]]

    for code in codes[:3]:
        found = lines.of(book, code)

        assert [label for label, _ in found.year] == year
        said = " ".join(word for row in (*found.subjects, *found.year) for word in row[1:])
        assert "done" not in said
        assert "passed" not in said


@pytest.mark.parametrize("kind", [RegisterKind.ROLL_BOOK, RegisterKind.PRIMARY_TABLE])
def test_an_extract_of_any_class_is_one_page_with_its_signatures(kind: RegisterKind) -> None:
    book = register_cast.data(kind)
    found = lines.of(book, book["entered"]["pupils"][0]["pupil"]["code"])
    fifteen = (*found.subjects, *found.subjects)[:15]

    pdf = rendering.extract(
        replace(found, name="Nguyễn Hoàng Phương Thảo Nguyên", subjects=fifteen),
        replace(BLOCK, recipient="Bà Lê Thị Tư", signing_lines=("KT. Hiệu trưởng", "Phó HT")),
        at=AT,
    )

    assert rendering.page_count(pdf) == 1
    assert "Nơi nhận: - Bà Lê Thị Tư; - Lưu: VT." in text_of(pdf)


def test_whom_the_book_does_not_list_nothing_is_copied_of() -> None:
    assert pupil_lines.of_pupil(cast.data(), "nobody") is None
    with pytest.raises(NotInBook):
        lines.of(cast.data(), "nobody")


def test_an_extract_shows_the_pupil_the_results_and_the_original() -> None:
    book = cast.data()
    found = lines.of(book, book["pupils"][0]["code"])

    pdf = rendering.extract(found, BLOCK, at=AT)
    words = text_of(pdf)

    assert pdf == rendering.extract(found, BLOCK, at=AT)
    for each in (found.name, "TRÍCH SAO", "3/TrS-THCSNTMK", "a" * 32, "Ngô Thị Tuyết Mai"):
        assert each in words
    assert book["pupils"][1]["name"] not in words
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert [str(one.T) for one in file.Root.AcroForm.Fields] == ["principal", "school_seal"]


def test_a_whole_copy_ends_with_the_page_of_the_school_and_holds_the_original_inside() -> None:
    original = gradebook_rendering.render(cast.data(), at=AT)

    pdf = rendering.whole(original, BLOCK, at=AT)

    assert rendering.page_count(pdf) == rendering.page_count(original) + 1
    assert pdf == rendering.whole(original, BLOCK, at=AT)
    assert_pdfa(pdf, "3b")
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert [str(one.T) for one in file.Root.AcroForm.Fields] == ["principal", "school_seal"]
        assert list(file.attachments) == [rendering.ORIGINAL]
        assert file.attachments[rendering.ORIGINAL].get_file().read_bytes() == original
