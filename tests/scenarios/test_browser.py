"""The story's main path through the pages, as people walk it, in Chromium.

Every page is looked at with 1280 and 360 px (and photographed where EOFFICE_SCREENSHOTS names a
folder); it has no serious finding of axe, no sideways scrolling, no error in the console, and no
request to another host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from eoffice import clock
from eoffice.demo import class_7a1, dispatch_960, load, pdf, register_story
from eoffice.demo.telling import Telling
from tests import browser
from tests.scenarios.people import Album, Person
from tests.scenarios.running import Running

pytestmark = pytest.mark.scenario

MORNING = datetime(2018, 8, 13, 8, 0, tzinfo=clock.VIETNAM)
YEAR_END = datetime(2025, 6, 2, 8, 0, tzinfo=clock.VIETNAM)
INSPECTION_DAY = datetime(2025, 6, 9, 9, 0, tzinfo=clock.VIETNAM)
BOOK = "Sổ của nhà trường"


@pytest.fixture(scope="module")
def album(office: Running) -> Iterator[Album]:
    with browser.opened() as chromium:
        yield Album(office, chromium)


@pytest.fixture(autouse=True)
def nothing_wrong(album: Album) -> Iterator[None]:
    """After each test: what the examination of its pages found."""
    known = len(album.faults)
    yield
    assert not album.faults[known:], "\n\n".join(album.faults[known:])


@pytest.fixture(scope="module")
def dispatch(album: Album) -> str:
    """The path of dispatch 960, drafted, signed and issued through the pages."""
    set_clock(album.office, MORNING)
    path = drafted(album)
    returned(album, path)
    corrected(album, path)
    checked(album, path)
    signed_by_keyboard(album, path)
    numbered_and_sealed(album, path)
    issued(album, path)
    return path


def test_a_dispatch_is_drafted_returned_signed_numbered_sealed_and_issued(
    album: Album, dispatch: str
) -> None:
    clerk = album.person("vanthu")
    clerk.open(dispatch)
    clerk.reads(dispatch_960.NOTATION)
    clerk.look("document-issued")
    clerk.open("/documents")
    clerk.look("documents")
    clerk.open("/documents/books/2018")
    clerk.look("book-2018")
    clerk.leave()


def test_a_school_registers_assigns_and_finishes_and_the_sender_sees_it(
    album: Album, dispatch: str
) -> None:
    wait_for_deliveries(album, dispatch)
    refused(album)
    arrival = registered(album)
    assigned(album, arrival)
    finished(album, arrival)

    writer = album.person("chuyenvien.cntt")
    writer.look("desk-with-notices")
    writer.open(f"{dispatch}/recipients")
    writer.look("recipients")
    expect(writer.page.locator("tbody tr")).to_have_count(55)
    writer.reads("đề nghị gửi lại đúng nơi nhận")
    writer.page.get_by_role("navigation", name="Lọc theo tình trạng").get_by_role("link").nth(
        1
    ).click()
    writer.look("recipients-filtered")
    writer.open("/search?q=vnedu")
    writer.look("search")
    writer.leave()


def test_marks_become_a_gradebook_that_an_inspector_proves(album: Album, tmp_path: Path) -> None:
    set_clock(album.office, YEAR_END)
    with httpx.Client(base_url=album.office.base_url, timeout=60, trust_env=False) as line:
        telling = Telling(load.read_access(album.office.var), line, tmp_path)
        path = opened_class(telling)
        imported_with_faults(album, telling, path, tmp_path)
        rest_of_the_marks(telling, path)
        book = bound(album, path)
        signed_by_teachers(album, telling, book)
        closed(album, book)
        wait_for_archive(telling, album.office)
        school = telling.desk(register_story.CLERK).get("/api/v1/me")["agency_name"]
    set_clock(album.office, INSPECTION_DAY)
    decided(album, school)
    package = inspected(album, tmp_path)

    verified = album.office.command("verify", package)

    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_the_operator_finds_units_people_and_the_log(album: Album, dispatch: str) -> None:
    operator = album.person("quantri")
    for name, path in (
        ("admin", "/admin"),
        ("units", "/admin/units"),
        ("unit-new", "/admin/units/new"),
        ("people", "/admin/people"),
        ("audit", "/admin/audit"),
        ("account", "/account"),
        ("account-password", "/account/password"),
        ("account-tokens", "/account/tokens"),
    ):
        operator.open(path)
        operator.look(name)
    operator.open("/admin/units?q=Trường THPT")
    operator.page.locator("tbody tr a").first.click()
    operator.look("unit")
    operator.open("/admin/people")
    operator.page.locator("tbody tr a").first.click()
    operator.look("person")
    with operator.refused_with(404):
        operator.open("/documents/00000000-0000-7000-8000-000000000000")
        operator.look("not-found")
    operator.leave()


def test_the_keyboard_is_enough(album: Album, dispatch: str) -> None:
    clerk = album.stranger("vanthu by keyboard")
    page = clerk.page
    clerk.open(dispatch)
    # The place to which somebody wanted to go is kept over the sign-in.
    expect(clerk.field("login")).to_be_focused()
    page.keyboard.type("vanthu")
    page.keyboard.press("Tab")
    page.keyboard.type(load.read_access(album.office.var).password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{dispatch}")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Phím tắt")
    keys.wait_for()
    clerk.look("keys")
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()

    page.keyboard.press("/")
    expect(page.get_by_role("search").get_by_role("searchbox").first).to_be_focused()
    page.keyboard.type("960")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=960")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{dispatch}")

    page.keyboard.press("g")
    page.keyboard.press("d")
    page.wait_for_url("**/incoming")
    clerk.leave()


# ---- the dispatch ------------------------------------------------------------------------------


def drafted(album: Album) -> str:
    writer = album.stranger("chuyenvien.cntt")
    writer.open("/documents")
    writer.look("sign-in")
    writer.enter(login="chuyenvien.cntt", password="không phải mật khẩu này")
    with writer.refused_with(401):
        writer.send("Đăng nhập")
        writer.look("sign-in-refused")
    writer.enter(password=load.read_access(album.office.var).password)
    writer.send("Đăng nhập")
    writer.page.wait_for_url("**/documents")
    writer.look("documents-empty")
    writer.follow("Bàn làm việc")
    writer.look("desk-empty")
    writer.follow("Văn bản đi")
    writer.follow("Soạn văn bản")
    writer.look("document-new")
    writer.enter(subject=dispatch_960.SUBJECT)
    writer.send("Tạo dự thảo")
    writer.page.wait_for_url("**/draft")
    path = path_of(writer.page).removesuffix("/draft")
    write(writer, dispatch_960.text(corrected=False))
    writer.field("due_on").fill(dispatch_960.DUE_ON)
    writer.reads("Đã lưu lúc")
    writer.look("draft-editor")
    writer.send("Lưu và xem trang in")
    writer.follow("Chọn nơi nhận")
    for group in ("Phòng GDĐT huyện, thị xã, thành phố", "Trường THPT"):
        writer.page.get_by_label(group, exact=False).first.check()
    writer.look("distribution")
    writer.send("Lưu nơi nhận")
    writer.unfold("Đính kèm tệp")
    writer.page.locator("#f-file").set_input_files(
        {
            "name": dispatch_960.ATTACHMENT_NAME,
            "mimeType": "application/pdf",
            "buffer": pdf.information_sheet(),
        }
    )
    writer.press("Đính kèm")
    writer.reads("Thông tin Công văn 611")
    writer.look("draft")
    writer.send_and_agree("Trình duyệt")
    writer.reads("Đang chờ")
    writer.look("submitted")
    writer.leave()
    return path


def write(writer: Person, text: dict[str, Any]) -> None:
    """Type the parts of a text into the editor; the head is offered as its signer already."""
    for name in ("subject", "filing", "copies"):
        writer.field(name).fill(str(text[name]))
    for name in ("addressees", "paragraphs", "recipients"):
        writer.field(name).fill("\n".join(text[name]))


def returned(album: Album, path: str) -> None:
    head = album.person("truongphong.cntt")
    head.look("desk-of-head")
    head.page.locator(".tray a").first.click()
    head.page.wait_for_url(f"**{path}")
    head.reads("93,02")
    head.look("document-to-approve")
    head.unfold("Trả lại kèm ý kiến")
    head.enter(reason=dispatch_960.RETURNED_BECAUSE)
    head.send("Trả lại")
    head.reads("trả lại")
    head.leave()


def corrected(album: Album, path: str) -> None:
    writer = album.person("chuyenvien.cntt")
    writer.open(path)
    writer.look("returned")
    writer.follow("Soạn tiếp")
    write(writer, dispatch_960.text(corrected=True))
    writer.send("Lưu và xem trang in")
    writer.send_and_agree("Trình duyệt")
    writer.reads("Đang chờ")
    writer.leave()
    head = album.person("truongphong.cntt")
    head.open(path)
    head.follow("Bản 2")
    head.look("version-compared")
    head.open(path)
    head.send("Duyệt nội dung")
    head.reads("Đang chờ")
    head.leave()


def checked(album: Album, path: str) -> None:
    clerk = album.person("vanthu")
    clerk.open(path)
    clerk.look("form-check")
    clerk.send_and_agree("Xác nhận thể thức")
    clerk.reads("Đang chờ")
    clerk.leave()


def signed_by_keyboard(album: Album, path: str) -> None:
    """From the desk to the signature with j, Enter and s; a wrong PIN first."""
    director = album.person("giamdoc")
    page = director.page
    director.look("desk-of-director")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")
    director.look("document-to-sign")
    page.keyboard.press("s")
    page.wait_for_url(f"**{path}/signature")
    expect(director.field("pin")).to_be_focused()
    director.look("signature")
    with director.refused_with(403):
        page.keyboard.type("000000")
        page.keyboard.press("Enter")
        director.reads("Mã PIN không đúng")
        director.look("signature-wrong-pin")
    director.enter(pin=load.read_access(album.office.var).pin)
    director.field("pin").press("Enter")
    page.wait_for_url(f"**{path}")
    director.look("signed")
    director.leave()


def numbered_and_sealed(album: Album, path: str) -> None:
    clerk = album.person("vanthu")
    clerk.open(path)
    clerk.reads(f"Số tiếp theo của sổ: {dispatch_960.NUMBER}")
    clerk.look("to-number")
    clerk.send_and_agree("Cấp số")
    clerk.follow("Ký số của cơ quan")
    clerk.look("seal")
    clerk.enter(pin=load.read_access(album.office.var).pin)
    clerk.send("Đóng dấu")
    clerk.page.wait_for_url(f"**{path}")
    clerk.look("sealed")
    clerk.leave()


def issued(album: Album, path: str) -> None:
    clerk = album.person("vanthu")
    clerk.open(path)
    clerk.follow("Phát hành")
    clerk.reads("Phát hành đến 55 nơi nhận")
    clerk.look("issuance")
    clerk.send("Phát hành ngay")
    clerk.page.wait_for_url(f"**{path}**")
    clerk.reads("55")
    clerk.leave()


# ---- its recipients ----------------------------------------------------------------------------


def wait_for_deliveries(album: Album, path: str) -> None:
    clerk = album.person("vanthu")
    clerk.open(f"{path}/recipients")
    for _ in range(60):
        if clerk.page.locator("tbody tr").count() == 55:
            break
        clerk.page.wait_for_timeout(1000)
        clerk.page.reload()
    expect(clerk.page.locator("tbody tr")).to_have_count(55)
    clerk.leave()


def refused(album: Album) -> None:
    clerk = album.person("vanthu.pgd12")
    clerk.open("/incoming")
    clerk.page.locator("tbody tr a").first.click()
    clerk.send("Mở văn bản")
    clerk.unfold("Từ chối tiếp nhận")
    clerk.enter(reason="Nội dung không thuộc đơn vị chúng tôi: đề nghị gửi lại đúng nơi nhận.")
    clerk.look("refusal")
    clerk.send("Từ chối")
    clerk.reads("Đã từ chối tiếp nhận")
    clerk.look("refused")
    clerk.leave()


def registered(album: Album) -> str:
    clerk = album.person("vanthu.thpt01")
    clerk.look("desk-of-school-clerk")
    clerk.open("/incoming")
    clerk.look("incoming-unregistered")
    clerk.page.locator("tbody tr a").first.click()
    clerk.look("delivery-unopened")
    clerk.send("Mở văn bản")
    clerk.look("delivery-opened")
    clerk.send("Vào sổ")
    clerk.page.wait_for_url(re.compile("/incoming/[0-9a-f-]{36}"))
    if "/deliveries/" in clerk.page.url:
        clerk.follow("Xem văn bản đến")
        clerk.page.wait_for_url(re.compile("/incoming/[0-9a-f-]{36}"))
    clerk.look("arrival-registered")
    arrival = path_of(clerk.page)
    clerk.send("Trình người đứng đầu")
    clerk.open("/incoming")
    clerk.look("incoming-book")
    clerk.leave()
    return arrival


def assigned(album: Album, arrival: str) -> None:
    head = album.person("hieutruong.thpt01")
    head.look("desk-of-principal")
    head.open(arrival)
    teacher = head.page.locator("#f-lead option", has_text="Giáo viên").first
    head.field("lead").select_option(str(teacher.get_attribute("value")))
    head.enter(instruction="Rà soát việc sử dụng Vnedu và báo cáo trước ngày 31/8.")
    head.field("due_on").fill("2018-08-31")
    head.look("assignment")
    head.send("Phân công")
    head.look("assigned")
    head.leave()


def finished(album: Album, arrival: str) -> None:
    teacher = album.person("giaovien.thpt01")
    teacher.look("desk-of-teacher")
    teacher.open(arrival)
    teacher.enter(text="Đã rà soát 36 lớp, đủ dữ liệu trên Vnedu.")
    teacher.press("Ghi lại")
    teacher.reads("Đã ghi việc xử lý.")
    teacher.look("arrival-in-work")
    teacher.unfold("Kết thúc")
    teacher.enter(outcome="Đã rà soát và báo cáo Sở.")
    teacher.send("Kết thúc")
    teacher.look("arrival-done")
    teacher.leave()


# ---- the gradebook -----------------------------------------------------------------------------


def opened_class(telling: Telling) -> str:
    """Schools bring their classes through the interface; the page of the new class."""
    found = register_story.open_class(telling)
    return found.replace("/api/v1/classes/", "/registers/classes/")


def imported_with_faults(album: Album, telling: Telling, path: str, folder: Path) -> None:
    school = telling.desk(register_story.HOMEROOM).get("/api/v1/me")["agency_name"]
    homeroom = album.person(register_story.HOMEROOM)
    homeroom.open("/registers")
    homeroom.look("registers")
    homeroom.follow(class_7a1.CLASS_NAME)
    homeroom.page.wait_for_url(f"**{path}")
    homeroom.look("class")
    subject = next(each for each in class_7a1.SUBJECTS if each.code == "TOAN")
    for is_faulty in (True, False):
        file = folder / f"toan-{is_faulty}.xlsx"
        file.write_bytes(class_7a1.sheets(school, subject, faulty=is_faulty))
        homeroom.page.locator("#f-file").set_input_files(file)
        homeroom.press("Tải lên và kiểm tra")
        homeroom.page.wait_for_url("**/registers/imports/**")
        if is_faulty:
            homeroom.reads("11")
            homeroom.look("import-faulty")
            homeroom.follow("Tải lên tệp đã sửa")
            homeroom.page.wait_for_url(f"**{path}")
    homeroom.look("import-ready")
    homeroom.send_and_agree("Chấp nhận và ghi vào sổ")
    homeroom.reads("Đã ghi vào sổ")
    homeroom.look("import-accepted")
    homeroom.leave()


def rest_of_the_marks(telling: Telling, path: str) -> None:
    """The other twelve subjects, conduct and absences, as a program of the school sends them."""
    homeroom = telling.desk(register_story.HOMEROOM)
    school = homeroom.get("/api/v1/me")["agency_name"]
    school_class = path.replace("/registers/classes/", "/api/v1/classes/")
    for subject in class_7a1.SUBJECTS:
        if subject.code == "TOAN":
            continue
        taken = homeroom.upload(
            f"{school_class}/imports",
            f"browser-import-{subject.code}",
            f"{subject.code}.xlsx",
            class_7a1.sheets(school, subject, faulty=False),
            register_story.XLSX,
        )
        homeroom.post(f"/api/v1/imports/{taken['id']}/acceptance", f"browser-accept-{subject.code}")
    register_story.record_conduct(homeroom, school_class)


def bound(album: Album, path: str) -> str:
    homeroom = album.person(register_story.HOMEROOM)
    for name, end in (
        ("results", "/results"),
        ("conduct", "/conduct"),
        ("attendance", "/attendance"),
        ("class-full", ""),
    ):
        homeroom.open(path + end)
        homeroom.look(name)
    homeroom.send_and_agree("Lập sổ của năm học")
    homeroom.page.wait_for_url("**/registers/gradebooks/**")
    homeroom.look("gradebook-rendering")
    homeroom.page.locator(".leaf").first.wait_for(timeout=120_000)
    homeroom.leave()
    return path_of(homeroom.page)


def signed_by_teachers(album: Album, telling: Telling, book: str) -> None:
    """The first on the page, the others by program; then the homeroom teacher's own part."""
    pin = load.read_access(album.office.var).pin
    first, *others = register_story.TEACHERS[1:]
    teacher = album.person(first)
    teacher.look("desk-with-book")
    teacher.open(book)
    teacher.look("gradebook-to-sign")
    teacher.enter(pin=pin)
    teacher.send("Ký")
    teacher.reads("Đã ký")
    teacher.leave()
    api = book.replace("/registers/gradebooks/", "/api/v1/gradebooks/")
    for login in (register_story.HOMEROOM, *others):
        telling.desk(login).post(f"{api}/signatures", f"browser-book-{login}", {"pin": pin})


def closed(album: Album, book: str) -> None:
    pin = load.read_access(album.office.var).pin
    for login, label in (
        (register_story.HOMEROOM, "Ký"),
        (register_story.PRINCIPAL, "Ký"),
        (register_story.CLERK, "Đóng dấu"),
    ):
        person = album.person(login)
        person.open(book)
        person.look(f"gradebook-{login.partition('.')[0]}")
        person.enter(pin=pin)
        person.send(label)
        person.leave()
    reader = album.person(register_story.CLERK)
    reader.open(book)
    reader.look("gradebook-closed")
    reader.leave()


def wait_for_archive(telling: Telling, office: Running) -> None:
    telling.desk(register_story.CLERK).wait_for(
        "/api/v1/archive/entries", lambda found: found["items"], "sổ trong kho lưu trữ"
    )


# ---- the inspector -----------------------------------------------------------------------------


def decided(album: Album, school: str) -> None:
    head = album.person("giamdoc")
    head.open("/inspections")
    head.look("inspections-empty")
    head.follow("Nhập quyết định thanh tra")
    head.enter(decision_number="112/QĐ-SGDĐT", title="Thanh tra việc quản lý sổ theo dõi, đánh giá")
    head.field("decided_on").fill("2025-06-09")
    inspector = head.page.locator("#f-inspector_id option").nth(1)
    head.field("inspector_id").select_option(str(inspector.get_attribute("value")))
    head.page.locator("details", has_text=school).locator("summary").click()
    head.page.get_by_label(school, exact=True).check()
    head.page.get_by_label(BOOK, exact=False).first.check()
    head.enter(school_years=class_7a1.SCHOOL_YEAR)
    head.field("valid_from").fill("2025-06-09")
    head.field("valid_to").fill("2025-06-20")
    head.look("decision")
    head.send("Lưu quyết định")
    head.page.wait_for_url(re.compile("/inspections/[0-9a-f-]{36}"))
    head.look("inspection")
    head.leave()


def inspected(album: Album, folder: Path) -> Path:
    inspector = album.person("thanhtra")
    inspector.look("desk-of-inspector")
    inspector.open("/archive")
    inspector.field("q").fill("so theo doi 7a1")
    inspector.send("Tìm")
    inspector.look("archive-found")
    inspector.page.locator("tbody tr a").first.click()
    inspector.page.locator(".leaf img").first.wait_for()
    inspector.look("archive-reader")
    inspector.follow("Kiểm tra lại bây giờ")
    inspector.reads("Nguyên vẹn")
    inspector.look("verification")
    with inspector.page.expect_download() as downloading:
        inspector.follow("Tải gói bằng chứng")
    package = folder / "goi-bang-chung.zip"
    downloading.value.save_as(package)
    inspector.open("/verification")
    inspector.page.locator("#f-file").set_input_files(package)
    inspector.press("Kiểm tra")
    inspector.page.get_by_role("heading", name=package.name).wait_for()
    inspector.look("verification-of-file")
    inspector.open("/inspections")
    inspector.look("inspections-of-mine")
    inspector.leave()
    return package


# ---- common ------------------------------------------------------------------------------------


def set_clock(office: Running, at: datetime) -> None:
    clock.set_office_clock(office.var / "clock.json", at)


def path_of(page: Page) -> str:
    return httpx.URL(page.url).path
