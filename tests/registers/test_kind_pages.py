"""Each register is PDF/A-3b with its data inside as JSON and XML; its pages say what they say.

An altered figure is caught wherever it was altered: in the data, in the XML, or on a page.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pikepdf
import pytest

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.tt58 import AMENDED
from eoffice.printing.typesetting import CannotBePrinted
from eoffice.registers import extraction
from eoffice.registers.gradebook import DataUnreadable
from eoffice.registers.kinds import class_register, recheck, rendering, table
from eoffice.registers.kinds.parts import Citation
from eoffice.registers.kinds.table import RegisterKind
from tests.pdfa import assert_pdfa
from tests.registers import register_cast as cast

#: Every era and level: kind, what is entered, how many pages, paper (points).
BOOKS: dict[str, tuple[RegisterKind, Callable[[], object], int, tuple[int, int]]] = {
    "circular 58, lower secondary": (RegisterKind.ROLL_BOOK, cast.roll_book_of, 33, (842, 1191)),
    "circular 26, upper secondary": (
        RegisterKind.ROLL_BOOK,
        lambda: cast.roll_book_of(37, edition=AMENDED, seed=26, upper=True),
        31,
        (842, 1191),
    ),
    "circular 22, a teacher of maths": (
        RegisterKind.TEACHER_BOOK,
        cast.teacher_book_of,
        9,
        (842, 595),
    ),
    "circular 22, a teacher of sports": (
        RegisterKind.TEACHER_BOOK,
        lambda: cast.teacher_book_of(comment=True),
        9,
        (842, 595),
    ),
    "circular 27, grade 4": (RegisterKind.PRIMARY_TABLE, cast.primary_table_of, 7, (1191, 842)),
    "circular 27, grade 1": (
        RegisterKind.PRIMARY_TABLE,
        lambda: cast.primary_table_of(45, grade=1),
        7,
        (1191, 842),
    ),
    "report book, circular 58": (RegisterKind.REPORT_PART, cast.report_part_of, 4, (595, 842)),
    "report book, circular 22": (
        RegisterKind.REPORT_PART,
        lambda: cast.report_part_of(cast.roll_book_of_22(), place=2),
        4,
        (595, 842),
    ),
    "report book, circular 27": (
        RegisterKind.REPORT_PART,
        lambda: cast.report_part_of(cast.primary_table_of(), place=2),
        4,
        (595, 842),
    ),
}


class Book:
    """A register that was set, with what its file holds."""

    def __init__(self, name: str) -> None:
        kind, entered, self.pages, self.paper = BOOKS[name]
        self.kind = table.BY_KIND[kind]
        self.data = cast.data(kind, entered())
        self.pdf = rendering.render(self.data)
        found = extraction.read_register(self.pdf)
        assert found is not None
        self.file = found


@pytest.fixture(scope="module", params=BOOKS)
def book(request: pytest.FixtureRequest) -> Book:
    return Book(request.param)


@pytest.fixture(scope="module")
def roll() -> Book:
    return Book("circular 58, lower secondary")


def test_it_is_pdf_a_3b(book: Book) -> None:
    assert_pdfa(book.pdf, "3b")


def test_the_embedded_data_are_the_given_data_as_json_and_as_xml(book: Book) -> None:
    assert book.file.data_bytes == table.encoded(book.data)
    assert book.file.xml == table.xml_of(book.data)


def test_it_has_its_pages_on_its_paper_and_each_is_numbered(book: Book) -> None:
    with pikepdf.open(io.BytesIO(book.pdf)) as file:
        sizes = {tuple(round(float(side)) for side in page.mediabox[2:]) for page in file.pages}

    assert len(book.file.pages) == book.pages
    assert sizes == {book.paper}
    for number, text in enumerate(book.file.pages[1:], start=2):
        assert f"Trang {number}/{book.pages}" in text


def test_cover_and_guidance_come_first(book: Book) -> None:
    cover, guidance = book.file.pages[:2]

    assert any(word in cover for word in ("SỔ", "BẢNG TỔNG HỢP", "HỌC BẠ"))
    assert cast.year_of(book.data) in cover
    assert "HƯỚNG DẪN" in guidance


def test_every_row_of_the_data_stands_on_its_page(book: Book) -> None:
    assert recheck.page_differences(book.data, book.file.pages) == ()
    assert extraction.differences(book.pdf) == ()


def test_the_same_data_give_the_same_bytes(book: Book) -> None:
    assert rendering.render(book.data) == book.pdf


def test_it_has_a_signature_field_for_everybody_who_signs(book: Book) -> None:
    with pikepdf.open(io.BytesIO(book.pdf)) as file:
        fields = {str(field.T) for field in file.Root.AcroForm.Fields if field.FT == "/Sig"}

    assert fields == cast.fields_of(book.kind, book.data)


def test_the_lists_of_the_roll_book_have_fifty_five_numbered_rows(roll: Book) -> None:
    for text in roll.file.pages[3:]:
        assert "55" in text.split()


def test_two_subjects_share_a_page_with_the_counter_and_the_homeroom_teacher(roll: Book) -> None:
    pages = [text for text in roll.file.pages if "PHẦN GHI ĐIỂM" in text]

    assert len(pages) == 14
    for text in pages:
        assert text.count("MÔN:") == 2
        assert text.count("Điểm hs 1") == text.count("KT hk") == 2
        assert "điểm được sửa chữa, trong đó môn:" in text
        assert "Ký xác nhận của GVCN" in text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("entered/pupils/0/marks/TOAN/1/final/0", "1.0"),
        ("results/pupils/0/subjects/TOAN/semesters/1", "9.9"),
        ("results/totals/promoted", 99),
        ("entered/pupils/1/conduct/year", "weak"),
    ],
)
def test_data_put_in_place_of_the_original_are_told(roll: Book, path: str, value: object) -> None:
    altered = cast.changed(roll.data, path, value)

    told = extraction.differences(with_files(roll.pdf, {"register.json": table.encoded(altered)}))

    assert told
    assert all(sentence.endswith(".") for sentence in told)


def test_data_that_agree_with_themselves_but_not_with_the_pages_are_told(book: Book) -> None:
    altered = cast.with_another_result(book.kind, book.data)
    assert recheck.data_differences(altered) == ()

    told = extraction.differences(
        with_files(
            book.pdf,
            {"register.json": table.encoded(altered), "register.xml": table.xml_of(altered)},
        )
    )

    assert told
    assert all("không ghi đúng dòng" in sentence for sentence in told)


def test_an_altered_or_missing_xml_is_told(roll: Book) -> None:
    for xml in (b"<other/>", None):
        (sentence,) = extraction.differences(with_files(roll.pdf, {"register.xml": xml}))

        assert sentence == "Dữ liệu XML của sổ khác dữ liệu JSON của sổ."


def test_a_figure_written_into_an_empty_cell_is_told(roll: Book) -> None:
    pages = list(roll.file.pages)
    place = next(n for n, text in enumerate(pages) if "TỔNG HỢP KẾT QUẢ HỌC KÌ I" in text)
    name = roll.data["entered"]["pupils"][1]["pupil"]["name"]
    assert name in pages[place]
    pages[place] = pages[place].replace(f"2 {name}", f"7 2 {name}", 1)
    altered = pages != list(roll.file.pages)

    found = recheck.page_differences(roll.data, pages)

    assert altered
    assert [one.where for one in found] == ["TỔNG HỢP KẾT QUẢ HỌC KÌ I"]


def test_corrections_stand_on_the_page_with_old_and_new_value_and_are_counted() -> None:
    first = cast.roll_book_of(5)
    one = first.pupils[0]
    old = one.marks["TOAN"][Semester.FIRST][Part.WRITTEN]
    cell = ("TOAN", Semester.FIRST, Part.WRITTEN)
    later = cast.with_marks(one, {cell: ("1.5", *old[1:])})
    book = replace(first, version=2, pupils=(later, *first.pupils[1:]))
    book = replace(book, corrections=class_register.corrections(first, book))

    pdf = rendering.render(cast.data(RegisterKind.ROLL_BOOK, book))

    found = extraction.read_register(pdf)
    assert found is not None
    assert extraction.differences(pdf) == ()
    assert any("có 1 điểm được sửa chữa, trong đó môn: Toán 1 điểm" in text for text in found.pages)
    assert "Bản thứ 2, thay cho bản trước" in found.pages[0]


def test_a_name_that_the_fonts_cannot_set_is_refused() -> None:
    book = cast.roll_book_of(5)
    one = book.pupils[0]
    strange = replace(one, pupil=replace(one.pupil, name="Nguyễn 漢 An"))

    with pytest.raises(CannotBePrinted):
        rendering.render(
            cast.data(RegisterKind.ROLL_BOOK, replace(book, pupils=(strange, *book.pupils[1:])))
        )


def test_long_notes_run_on_to_a_further_page_and_are_found_there() -> None:
    book = cast.roll_book_of(43)
    long = "Đạt giải Nhì hội thi viết chữ đẹp cấp huyện, được Hiệu trưởng khen thưởng " * 3
    pupils = tuple(
        replace(one, pupil=replace(one.pupil, changes=long.strip())) for one in book.pupils
    )

    pdf = rendering.render(cast.data(RegisterKind.ROLL_BOOK, replace(book, pupils=pupils)))

    found = extraction.read_register(pdf)
    assert found is not None
    assert len(found.pages) > 33
    assert extraction.differences(pdf) == ()


def test_a_roll_book_computes_within_its_pages_what_the_rules_say(roll: Book) -> None:
    entered = table.entered_of(roll.data)
    totals = class_register.compute(entered).totals

    (last,) = roll.file.pages[-1:]
    assert f"Được lên lớp: {totals.promoted}." in " ".join(last.split())


def with_files(pdf: bytes, files: Mapping[str, bytes | None]) -> bytes:
    """The file with other embedded files, as somebody who tampers would make it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        for name, content in files.items():
            del file.attachments[name]
            if content is not None:
                file.attachments[name] = content
        file.save(out)
    return out.getvalue()


def test_a_subject_that_a_correction_leaves_alone_is_cited_on_its_page() -> None:
    book = replace(cast.roll_book_of(6), version=2)
    signed_at = datetime(2018, 5, 20, 1, 0, tzinfo=UTC)
    kind = table.BY_KIND[RegisterKind.ROLL_BOOK]
    cited = [Citation("TOAN", 1, "Hồ Thị Giang", signed_at)]
    data = table.data_of(kind, book, made_at=cast.MADE_AT, cited=cited)
    pdf = rendering.render(data)
    found = extraction.read_register(pdf)
    assert found is not None

    assert extraction.differences(pdf) == ()
    with pikepdf.open(io.BytesIO(pdf)) as file:
        names = {str(field.T) for field in file.Root.AcroForm.Fields}
    assert "subject_TOAN" not in names
    assert "subject_LY" in names
    other = cast.changed(data, "cited/0/version", 3)
    told = recheck.page_differences(other, found.pages)
    assert [one.where for one in told] == ["cited"]
    with pytest.raises(DataUnreadable):
        recheck.data_differences(cast.changed(data, "cited/0/signed_at", "hôm qua"))
