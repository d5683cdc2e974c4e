"""A correction on its pages: the cell is chosen, asked for, approved, signed again, and versions
are compared cell by cell. Real pages, real data inside them; what is signed is only on record.

Nothing serious for those who cannot see well, nothing too wide on a phone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from eoffice import clock, db
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.registers import book_files, extraction, gradebook_queries, gradebooks
from eoffice.web.principal import Principal
from tests import browser
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_http import sheet
from tests.registers.test_look import at_desk
from tests.registers.test_tasks import run


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def sign_all(desk: Desk, book_id: UUID, at: datetime) -> list[str]:
    """Put on record that every open place is signed, in order; the places."""
    cast = desk.cast
    by_kind: dict[str, Principal] = {
        "homeroom": cast.homeroom_teacher,
        "principal": cast.school_principal,
        "seal": cast.school_clerk,
    }
    with db.system_transaction() as session:
        view = gradebook_queries.gradebook(session, book_id, cast.school_principal)
        assert view.content_sha256 is not None
        content = Sha256.parse(view.content_sha256)
        wanted = [one for one in view.signatures if one.signed_at is None]
        for one in wanted:
            code = one.field.removeprefix("subject_")
            gradebooks.record_signature(
                session,
                book_id,
                one.field,
                source=content,
                result=content,
                capacity=one.part,
                by=by_kind.get(one.kind) or cast.subject_teachers[code],
                at=at,
            )
    return [one.field for one in wanted]


def pages_of(pdf: bytes) -> tuple[str, ...]:
    found = extraction.read_register(pdf)
    assert found is not None
    return found.pages


def closed(desk: Desk, at: datetime) -> tuple[str, UUID]:
    """A class whose book is closed: its path below /api/v1, and the book."""
    api = desks.with_class(desk, at, finished=True)
    book_id = UUID(desk.post("homeroom_teacher", f"{api}/gradebooks").json()["id"])
    run(book_id)
    assert len(sign_all(desk, book_id, at)) == 16
    return api, book_id


def ask(desk: Desk, api: str, book_id: UUID, text: str) -> str:
    """Ask for another first mark of the first pupil in mathematics; the path of the request."""
    book = f"/registers/gradebooks/{book_id}"
    cells = desk.page("TOAN", f"{book}/cells").text
    (path,) = re.findall(r'href="([^"]+part=regular&amp;place=1)" [^>]*Đặng Văn An', cells)
    form = path.replace("&amp;", "&")
    fields = dict(pair.split("=") for pair in form.partition("?")[2].split("&"))
    without = desk.send(
        "TOAN",
        f"{book}/corrections",
        {**fields, "text": text, "reason": "Cộng nhầm."},
        seen_on=form,
    )
    assert without.status_code == 422
    assert "tệp minh chứng" in without.text
    assert f'value="{text}"' in without.text
    answer = desk.send(
        "TOAN",
        f"{book}/corrections",
        {**fields, "text": text, "reason": "Cộng nhầm điểm bài kiểm tra thường xuyên."},
        seen_on=form,
        file=sheet(api, Decimal(9)),
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.mark.parametrize("width", [1280, 360])
def test_a_correction_from_the_request_to_the_compared_versions(
    desk: Desk, chromium: Browser, at: datetime, width: int
) -> None:
    def look(login: str, address: str, name: str, *, whole: bool = True) -> None:
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        browser.screenshot(page, f"correction-{name}-{width}", whole=whole)
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()

    api, old_id = closed(desk, at)
    old = f"/registers/gradebooks/{old_id}"
    look("TOAN", old, "1-closed-book", whole=False)
    look("TOAN", f"{old}/cells", "2-cells")
    request = ask(desk, api, old_id, "9,5")
    asked = desk.get("TOAN", f"/gradebooks/{old_id}/corrections").json()[0]
    form = (
        f"{old}/corrections/new?pupil_id={asked['pupil_id']}"
        "&subject=TOAN&semester=1&part=regular&place=1"
    )
    look("TOAN", form, "3-request")
    look("school_principal", request, "4-decision")
    look("school_principal", "/registers/corrections", "5-list")
    assert desk.page("TOAN", request).text.count("Duyệt đề nghị") == 0
    approved = desk.send("school_principal", f"{request}/approval", {}, seen_on=request)
    new = str(approved.headers["location"])
    new_id = UUID(new.rpartition("/")[2])
    run(new_id)
    look("TOAN", new, "6-new-version", whole=False)
    pages = [
        " ".join(page.split())
        for page in pages_of(book_files.book(new_id, by=desk.cast.homeroom_teacher))
    ]
    (maths,) = [n for n, page in enumerate(pages, 1) if "Trang này có 1 điểm được sửa" in page]
    assert "8,5 9,5" in pages[maths - 1]
    cited = [page for page in pages if "Không có điểm được sửa ở bản 2. Đã ký ở bản 1" in page]
    assert len(cited) == 12
    if width == 1280:
        page = at_desk(desk, chromium, "TOAN", width=1400)
        page.goto(f"{new}/pages/{maths}?width=1400")
        browser.screenshot(page, "correction-6-struck-page")
        page.context.close()
    assert sign_all(desk, new_id, at) == ["subject_TOAN", "homeroom", "principal", "school_seal"]
    look("school_principal", new, "7-sealed", whole=False)
    look("school_principal", old, "8-superseded", whole=False)
    look("school_principal", f"{new}/comparison/{old_id}", "9-compared")

    compared = desk.get("TOAN", f"/gradebooks/{old_id}/comparison/{new_id}").json()
    (entered,) = [one for one in compared["differences"] if one["is_entered"]]
    assert (entered["pupil"], entered["old"], entered["new"]) == ("Đặng Văn An", "8,5", "9,5")
    assert entered["place"] == "Toán học · Học kì I · Thường xuyên 1"
    computed = {one["place"] for one in compared["differences"] if not one["is_entered"]}
    assert "Toán học · Học kì I" in computed
    versions = desk.get("TOAN", f"/gradebooks/{new_id}/versions").json()
    assert [(one["version"], one["state"]) for one in versions] == [
        (2, "closed"),
        (1, "superseded"),
    ]
    for book_id in (old_id, new_id):
        assert extraction.differences(book_files.book(book_id, by=desk.cast.homeroom_teacher)) == ()


def test_corrections_are_for_the_people_of_the_class(desk: Desk, at: datetime) -> None:
    api, book_id = closed(desk, at)
    request = ask(desk, api, book_id, "9,5").rpartition("/")[2]

    for login, status in (
        ("TOAN", 200),
        ("homeroom_teacher", 200),
        ("district_head", 200),
        ("high_school_teacher", 404),
        ("high_school_principal", 404),
    ):
        for address in (f"/corrections/{request}", f"/corrections/{request}/evidence"):
            assert desk.get(login, address).status_code == status, (login, address)
        shown = desk.get(login, "/corrections").json()
        assert len(shown) == (status == 200), login
    assert "Đặng Văn An" in desk.page("school_principal", "/registers").text
    refused = desk.post("TOAN", "/corrections/approval", {"ids": [request]})
    assert refused.status_code == 403
    withdrawn = desk.post("TOAN", f"/corrections/{request}/withdrawal")
    assert withdrawn.json()["state"] == "withdrawn"


def test_conduct_and_a_session_from_the_request_to_the_compared_versions(
    desk: Desk, chromium: Browser, at: datetime
) -> None:
    def look(login: str, address: str, name: str) -> None:
        for width in (1280, 360):
            page = at_desk(desk, chromium, login, width=width)
            shown = page.goto(address)
            assert shown is not None
            assert shown.ok, address
            browser.screenshot(page, f"correction-homeroom-{name}-{width}", whole=True)
            browser.assert_no_serious(page)
            browser.assert_fits(page)
            page.context.close()

    def request(form: str, text: str) -> UUID:
        fields = dict(pair.split("=") for pair in form.partition("?")[2].split("&"))
        answer = desk.send(
            "homeroom_teacher",
            f"{book}/corrections",
            {**fields, "text": text, "reason": "Ghi nhầm dòng của bạn khác."},
            seen_on=form,
            file=sheet(api, Decimal(9)),
        )
        assert answer.status_code == 303, answer.text
        return UUID(answer.headers["location"].rpartition("/")[2])

    api, old_id = closed(desk, at)
    book = f"/registers/gradebooks/{old_id}"
    conducts = desk.page("homeroom_teacher", f"{book}/cells?subject=conduct").text
    (path,) = re.findall(r'href="([^"]+time=1)" [^>]*Đặng Văn An', conducts)
    conduct = path.replace("&amp;", "&")
    pupil_id = conduct.partition("pupil_id=")[2].partition("&")[0]
    session = f"{book}/corrections/new?kind=absence&pupil_id={pupil_id}&on=2024-09-05&half=morning"
    assert "corrections/new" not in desk.page("TOAN", f"{book}/cells?subject=conduct").text
    look("homeroom_teacher", f"{book}/cells?subject=conduct", "1-conduct")
    look("homeroom_teacher", f"{book}/cells?subject=absences", "2-sessions")
    look("homeroom_teacher", conduct, "3-request-conduct")
    look("homeroom_teacher", session, "4-request-session")
    unknown = session.replace("&on=2024-09-05", "")
    assert desk.page("homeroom_teacher", unknown).status_code == 422
    refused_id = request(session, "P")
    refusal = f"/corrections/{refused_id}/refusal"
    assert desk.post("school_principal", refusal, {"because": "Chưa có đơn."}).status_code == 200
    assert "Chưa có đơn." in desk.page("homeroom_teacher", "/registers").text
    ids = [str(request(conduct, "fair")), str(request(session, "K"))]
    shown = desk.get("homeroom_teacher", f"/corrections/{ids[1]}").json()
    assert (shown["kind"], shown["on"], shown["half"], shown["new"]) == (
        "absence", "2024-09-05", "morning", "nghỉ không phép (K)",
    )  # fmt: skip
    look("school_principal", f"/registers/corrections/{ids[1]}", "5-decision")
    made = desk.post("school_principal", "/corrections/approval", {"ids": ids})
    new_id = UUID(made.json()["id"])
    run(new_id)
    pages = [
        " ".join(page.split())
        for page in pages_of(book_files.book(new_id, by=desk.cast.homeroom_teacher))
    ]
    assert any("Tốt Khá" in page for page in pages if "HỌC KÌ I" in page)
    assert sign_all(desk, new_id, at) == ["homeroom", "principal", "school_seal"]
    look("homeroom_teacher", f"/registers/gradebooks/{new_id}/comparison/{old_id}", "6-compared")
    look("homeroom_teacher", "/registers", "7-refused")
    compared = desk.get("homeroom_teacher", f"/gradebooks/{old_id}/comparison/{new_id}").json()
    assert {
        (one["place"], one["old"], one["new"])
        for one in compared["differences"]
        if one["is_entered"]
    } == {
        ("Kết quả rèn luyện · Học kì I", "Tốt", "Khá"),
        ("Chuyên cần · Ngày 05/09/2024, buổi sáng", None, "K"),
    }
    assert extraction.differences(book_files.book(new_id, by=desk.cast.homeroom_teacher)) == ()
