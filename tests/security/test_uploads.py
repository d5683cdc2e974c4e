"""Files of strangers: opened in a child that can be lost, and followed nowhere."""

from __future__ import annotations

import io
import socket
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from openpyxl import Workbook
from PIL import Image

from eoffice.files import bounded, intake, page_images
from eoffice.files.intake import UploadKindRefused, UploadUnreadable, UploadUnsafe
from eoffice.files.tables import workbook
from eoffice.files.tables.workbook import WorkbookRefused, WorkbookTooLarge
from eoffice.printing import conversion
from tests.documents import hostile

NS = "http://schemas.openxmlformats.org/package/2006/relationships"
INSIDE = b"http://169.254.169.254/latest/meta-data"


def relationships(inner: str, *, declared: str = "", tag: str = "Relationships") -> str:
    return f'{declared}<{tag} xmlns="{NS}">{inner}</{tag}>'


#: The same link to the inside of the house, written in ways that a pattern over bytes overlooks.
LINKS = {
    "plainly": relationships(
        f'<Relationship Id="r1" Type="image" Target="{INSIDE.decode()}" TargetMode="External"/>'
    ).encode(),
    "in another encoding": relationships(
        f'<Relationship Id="r1" Type="image" Target="{INSIDE.decode()}" TargetMode="External"/>',
        declared='<?xml version="1.0" encoding="UTF-16"?>',
    ).encode("utf-16"),
    "with a letter by its number": relationships(
        f'<Relationship Id="r1" Type="i" Target="{INSIDE.decode()}" TargetMode="&#69;xternal"/>'
    ).encode(),
    "with a prefix": (
        f'<x:Relationships xmlns:x="{NS}"><x:Relationship Id="r1" Type="image"'
        f' Target="{INSIDE.decode()}" TargetMode="External"/></x:Relationships>'
    ).encode(),
    "with a sign that closes too soon": relationships(
        f'<Relationship Id="a>b" Type="i" Target="{INSIDE.decode()}" TargetMode="External"/>'
    ).encode(),
    "without saying that it points outside": relationships(
        f'<Relationship Id="r1" Type="image" Target="{INSIDE.decode()}"/>'
    ).encode(),
    "as a share of the network": relationships(
        '<Relationship Id="r1" Type="image" Target="\\\\169.254.169.254\\a"/>'
    ).encode(),
}


@pytest.mark.parametrize("how", LINKS)
def test_a_word_file_is_cleared_of_links_however_they_are_written(how: str) -> None:
    content = hostile.word(**{"word___rels__document.xml.rels": LINKS[how]})

    with zipfile.ZipFile(io.BytesIO(conversion.without_external_targets(content))) as cleaned:
        for name in cleaned.namelist():
            assert b"169.254" not in cleaned.read(name), name


def test_a_word_file_that_declares_entities_is_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]>' + relationships("&b;")
    content = hostile.word(**{"word___rels__document.xml.rels": bomb.encode()})

    with pytest.raises(UploadUnsafe):
        conversion.without_external_targets(content)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Somebody inside of the house who would answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


def _may_leave_the_network() -> bool:
    """Whether this machine's kernel gives a process a network of its own."""
    looks = "import os; print(os.readlink('/proc/self/ns/net'))"
    seen = bounded.run((sys.executable, "-I", "-c", looks)).decode().strip()
    return seen != str(Path("/proc/self/ns/net").readlink())


def test_what_reads_a_file_reaches_nobody(listener: socket.socket) -> None:
    if not _may_leave_the_network():
        pytest.skip("this machine gives no process a network of its own")
    port = listener.getsockname()[1]
    calls = f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"

    with pytest.raises(bounded.ChildFailed):
        bounded.run((sys.executable, "-I", "-c", calls))
    with pytest.raises(TimeoutError):
        listener.accept()


def test_what_reads_a_file_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EOFFICE_SECRET_KEY", "a secret of the tests")
    looks = "import os; print(sorted(os.environ), os.listdir('/proc/self/fd'))"

    seen = bounded.run((sys.executable, "-I", "-c", looks)).decode()

    assert "EOFFICE" not in seen
    # Standard input, output and errors, and the directory that is being listed.
    assert seen.endswith("['0', '1', '2', '3']\n")


def test_what_reads_a_file_fills_no_disk(tmp_path: object) -> None:
    writes = (
        f"file = open({str(tmp_path) + '/big'!r}, 'wb')\n"
        "for _ in range(400): file.write(bytes(1 << 20))"
    )
    with pytest.raises(bounded.ChildFailed):
        bounded.run((sys.executable, "-I", "-c", writes))


def test_a_page_of_the_shape_of_tape_is_drawn_small() -> None:
    """A hundred pictures of it would otherwise fill the memory of the web process."""
    with pikepdf.new() as file:
        file.add_blank_page(page_size=(3, 14_400))
        out = io.BytesIO()
        file.save(out)

    picture = Image.open(io.BytesIO(page_images.page_image(out.getvalue(), 1, 2000)))

    # A line more or less, where the edges are rounded.
    assert (picture.width - 1) * (picture.height - 1) <= 4 * 2000 * 2829


def test_pictures_that_are_kept_have_a_bound_in_bytes() -> None:
    kept = page_images._Recent()
    for number in range(100):
        kept.keep((b"x", number, 100), bytes(1 << 20))

    assert kept.get((b"x", 0, 100)) is None
    assert kept.get((b"x", 99, 100)) is not None
    assert sum(kept.get((b"x", number, 100)) is not None for number in range(100)) == 48


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"GIF89a<script>alert(1)</script>",
        b"",
    ],
)
def test_the_bytes_decide_and_not_the_name(content: bytes) -> None:
    with pytest.raises(UploadKindRefused):
        intake.sniff(content)


def sheet_with(name: str, content: bytes) -> bytes:
    """A workbook with one part replaced."""
    made = io.BytesIO()
    Workbook().save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
        target.writestr(name, content)
    return out.getvalue()


def test_a_workbook_that_unfolds_without_end_is_refused() -> None:
    with pytest.raises(WorkbookTooLarge):
        workbook.grids(sheet_with("xl/sharedStrings.xml", b"<a>" + b" " * (41 << 20) + b"</a>"))


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"]
)
def test_a_workbook_with_entities_is_refused(part: str) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'
    with pytest.raises(WorkbookRefused):
        workbook.grids(sheet_with(part, bomb))


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_that_is_nested_without_end_breaks_nothing(part: str) -> None:
    deep = b"<a>" * 10_000 + b"</a>" * 10_000
    try:
        workbook.grids(sheet_with(part, deep))
    except WorkbookRefused:
        return
    assert part == "xl/worksheets/sheet1.xml"


def test_a_sheet_under_another_name_is_looked_at_as_well() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
    with pytest.raises(WorkbookRefused):
        workbook.grids(sheet_with("xl/worksheets/sheet1.dat", bomb))
    assert workbook.grids(sheet_with("xl/drawings/vml1.vml", b"<xml><br>not quite</xml>"))


def test_a_signed_file_that_cannot_be_read_is_a_verdict_and_no_failure() -> None:
    with pytest.raises(UploadUnreadable):
        intake.inspect_pdf(b"%PDF-1.7\n" + b"<<" * 100_000)
