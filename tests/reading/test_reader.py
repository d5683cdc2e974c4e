"""One reader for all that has pages: useful without a script, words found, prints marked, looks
kept, and for each person only what they may read anyway."""

from __future__ import annotations

import io
import re
from datetime import datetime

import pikepdf
from PIL import Image
from sqlalchemy import select

from eoffice import db
from eoffice.audit.model import AuditEvent
from tests.reading.conftest import PAGES, Room, long_document, pictures_only

#: Who reads which of the four.
READERS = {
    "documents": "clerk",
    "deliveries": "high_school_clerk",
    "scans": "high_school_clerk",
    "archive": "clerk",
}
RECORDED = {
    "documents": "document",
    "deliveries": "delivery",
    "scans": "scan",
    "archive": "archive",
}
LONG = ("documents", "deliveries", "archive")


def actions(room: Room) -> list[str]:
    """What was put on record about looking, oldest first."""
    with db.system_transaction() as session:
        found = session.scalars(
            select(AuditEvent.action)
            .where(AuditEvent.action.regexp_match(r"\.(viewed|downloaded|printed|opened)$"))
            .where(AuditEvent.action != "delivery.opened")
            .order_by(AuditEvent.id)
        )
        return list(found)


def test_of_a_long_document_only_a_part_is_sent_at_once(room: Room) -> None:
    for kind in LONG:
        page = room.get(READERS[kind], room.address(kind))

        assert page.status_code == 200
        assert re.findall(r'<figure class="leaf" id="trang-(\d+)"', page.text) == [
            str(number) for number in range(1, 11)
        ]
        assert page.text.count('loading="eager"') == 1
        assert f"/ {PAGES}" in page.text
        assert len(page.content) < 60_000


def test_every_picture_says_how_large_it_is_before_it_is_there(room: Room) -> None:
    page = room.get("clerk", room.address("documents")).text
    leaves = re.findall(r'<img src="[^"]+" width="1240" height="(\d+)"', page)

    assert set(leaves) == {"1754"}
    assert len(leaves) == 10


def test_the_next_part_and_the_part_before_are_links(room: Room) -> None:
    first = room.get("clerk", room.address("documents")).text
    (behind,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = room.get("clerk", behind.replace("&amp;", "&")).text

    assert 'rel="prev"' not in first
    assert 'id="trang-11"' in second
    assert re.findall(r'rel="prev" href="[^"]*number=(\d+)', second) == ["1"]
    last = room.get("clerk", room.address("documents"), number="21").text
    assert 'rel="next"' not in last
    assert 'id="trang-25"' in last


def test_one_goes_to_a_page_by_its_number(room: Room) -> None:
    for asked, shown in (("14", 14), ("0", 1), ("99", 25), ("x", 1), ("", 1)):
        page = room.get("clerk", room.address("documents"), number=asked).text
        first = re.search(r'<figure class="leaf" id="trang-(\d+)"', page)

        assert first is not None
        assert int(first[1]) == shown


def test_the_strip_shows_the_block_in_which_one_is(room: Room) -> None:
    page = room.get("clerk", room.address("documents"), number="22").text

    assert re.findall(r'data-strip="(\d+)"', page) == ["21", "22", "23", "24", "25"]
    assert re.search(r'data-strip="22" aria-current="true"', page)


def test_words_are_found_with_page_and_snippet(room: Room) -> None:
    for kind, words in zip(LONG, ("báo cáo", "bao cao", "BÁO CÁO"), strict=True):
        page = room.get(READERS[kind], room.address(kind), q=words).text

        assert "Tìm thấy 2 chỗ" in page
        assert page.count("<mark>báo cáo</mark>") == 2
        assert "nộp <mark>" in page
        # It opens where the words are, with their places marked on the picture.
        assert '<figure class="leaf" id="trang-14"' in page
        assert page.count("<rect ") == 2


def test_what_is_not_there_is_said(room: Room) -> None:
    page = room.get("clerk", room.address("documents"), q="thu hồi").text
    assert "Không tìm thấy “thu hồi”" in page


def test_of_a_scan_words_are_found_in_the_copy_that_has_them(room: Room) -> None:
    page = room.get("high_school_clerk", room.address("scans"), q="hạn nộp")
    assert "Tìm thấy 1 chỗ" in page.text
    original = room.get("high_school_clerk", room.address("scans") + "/original")
    assert original.content == pictures_only()


def test_what_is_typed_into_the_search_is_text(room: Room) -> None:
    page = room.get("clerk", room.address("documents"), q='"><script>alert(1)</script>').text
    assert "<script>alert" not in page


def test_a_page_is_a_picture_of_the_width_asked_for(room: Room) -> None:
    for kind, reader in READERS.items():
        answer = room.get(reader, room.address(kind) + "/pages/1", width=300)

        assert answer.headers["content-type"] == "image/png"
        assert Image.open(io.BytesIO(answer.content)).width == 300
    assert room.get("clerk", room.address("documents") + "/pages/26").status_code == 404


STRANGERS = (
    ("documents", "high_school_clerk"),
    ("documents", "operator"),
    ("deliveries", "other_high_school_clerk"),
    ("deliveries", "clerk"),
    ("deliveries", "high_school_teacher"),
    ("scans", "high_school_teacher"),
    ("scans", "clerk"),
    ("archive", "high_school_clerk"),
)


def test_who_may_not_read_it_gets_nothing_of_it(room: Room) -> None:
    for kind, stranger in STRANGERS:
        for path in ("", "/pages/1", "/original", "/print-copy", "/accesses", "?q=bao"):
            answer = room.get(stranger, room.address(kind) + path)
            assert answer.status_code in (403, 404), (kind, stranger, path)
    assert actions(room) == []


def test_the_original_is_given_byte_by_byte(room: Room) -> None:
    for kind in LONG:
        answer = room.get(READERS[kind], room.address(kind) + "/original")

        assert answer.content == long_document()
        assert answer.headers["content-disposition"].startswith("attachment")


def test_a_print_has_a_mark_on_every_page_and_is_on_record(room: Room) -> None:
    for kind, reader in READERS.items():
        answer = room.get(reader, room.address(kind) + "/print-copy")

        assert answer.headers["content-type"] == "application/pdf"
        with pikepdf.open(io.BytesIO(answer.content)) as copy:
            assert len(copy.pages) == (1 if kind == "scans" else PAGES)
            assert "/AcroForm" not in copy.Root
    assert actions(room) == [f"{recorded}.printed" for recorded in RECORDED.values()]


def test_looking_and_its_pictures_are_one_look_and_files_are_more(room: Room) -> None:
    address = room.address("documents")
    room.get("clerk", address)
    room.get("clerk", address, number="14", q="bao cao")
    room.get("clerk", address + "/pages/1")
    room.get("clerk", address + "/original")
    room.get("clerk", address + "/print-copy")

    assert actions(room) == ["document.viewed", "document.downloaded", "document.printed"]


def test_who_answers_for_the_document_sees_who_read_it(room: Room, at: datetime) -> None:
    room.get("clerk", room.address("documents"))
    room.get("specialist", room.address("documents") + "/original")
    cast = room.cast

    page = room.get("director", room.address("documents") + "/accesses").text
    assert f"{cast.clerk.full_name}, {cast.clerk.position_title}" in page
    assert f"{cast.specialist.full_name}, {cast.specialist.position_title}" in page
    assert page.index("Tải tệp gốc") < page.index("Xem văn bản đi")


def test_others_do_not_see_who_read_it(room: Room) -> None:
    answers = {
        "clerk": 200,
        "director": 200,
        "office_head": 200,
        "secondary_office_head": 403,
        "specialist": 403,
    }
    for who, answer in answers.items():
        assert room.get(who, room.address("documents") + "/accesses").status_code == answer
        link = f'href="{room.address("documents")}/accesses"'
        assert (link in room.get(who, room.address("documents")).text) == (answer == 200)


def test_the_sender_is_not_told_who_reads_it_at_the_recipient(room: Room) -> None:
    room.get("high_school_clerk", room.address("deliveries"))
    assert room.get("clerk", room.address("deliveries") + "/accesses").status_code == 404
    sender = room.get("clerk", room.address("documents") + "/accesses").text
    assert room.cast.high_school_clerk.full_name not in sender


def test_an_archived_document_tells_its_looks_as_its_own_page_does(room: Room) -> None:
    room.get("clerk", room.address("archive"))
    assert "Mở hồ sơ lưu trữ" in room.get("director", room.address("archive") + "/accesses").text


def test_programs_get_the_same(room: Room) -> None:
    address = "/api/v1" + room.address("documents")
    about = room.get("clerk", address).json()
    found = room.get("clerk", address + "/matches", q="bao cao").json()
    room.get("clerk", address + "/print-copy")
    looks = room.get("clerk", address + "/accesses").json()

    assert about["page_count"] == PAGES
    assert [round(side) for side in about["sizes"][0].values()] == [595, 842]
    assert found["total"] == 2
    assert [(each["page"], each["words"]) for each in found["items"]] == [(14, "báo cáo")] * 2
    assert all(each["places"][0]["width"] > 0 for each in found["items"])
    assert [each["action"] for each in looks["items"]] == ["document.printed", "document.viewed"]
    assert room.get("clerk", address + "/pages/1").headers["content-type"] == "image/png"
