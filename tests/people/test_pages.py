"""Signing in with a browser, one's own account, and the administration of units and people."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import select

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.people import appointment_actions, code_actions, one_time_codes, queries, unit_actions
from eoffice.people.kinds import PositionKind
from eoffice.people.model import SignedIn
from eoffice.settings import settings
from tests.cast import APPOINTED, PASSWORD
from tests.conftest import AT
from tests.people.conftest import Desk

NEW_PASSWORD = "con đò nhỏ qua sông lớn"
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


def sign_in(desk: Desk, login: str, password: str, target: str = "/account") -> int:
    answer = desk.post(
        "/sign-in", {"login": login, "password": password, "next": target}, on="/sign-in"
    )
    return answer.status_code


def enrol(desk: Desk) -> str:
    """Turn one-time codes on for the clerk; the key."""
    with system_transaction() as session:
        key = code_actions.begin_codes(
            session, secret_key=settings().secret_key, by=desk.cast.clerk
        )
        session.flush()
        code_actions.confirm_codes(
            session,
            one_time_codes.code_at(key, AT - timedelta(minutes=10)),
            secret_key=settings().secret_key,
            by=desk.cast.clerk,
            at=AT - timedelta(minutes=10),
        )
    return key


def test_who_is_not_signed_in_is_led_to_the_page_and_back(desk: Desk) -> None:
    led = desk.client.get("/account?x=1")
    assert (led.status_code, led.headers["location"]) == (303, "/sign-in?next=/account?x%3D1") or (
        led.headers["location"].startswith("/sign-in?next=")
    )

    answer = desk.post(
        "/sign-in",
        {"login": "clerk", "password": PASSWORD, "next": "/account?x=1"},
        on=led.headers["location"],
    )

    assert answer.status_code == 303
    assert answer.headers["location"] == "/account?x=1"
    assert "Nguyễn Thị Thu Hà" in desk.client.get("/account").text


def test_the_cookie_of_a_session_cannot_be_read_by_scripts(desk: Desk) -> None:
    answer = desk.post(
        "/sign-in", {"login": "clerk", "password": PASSWORD, "next": "/"}, on="/sign-in"
    )

    (cookie,) = [
        value for value in answer.headers.get_list("set-cookie") if value.startswith("session=")
    ]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


def test_another_host_is_no_place_to_go_after_signing_in(desk: Desk) -> None:
    answer = desk.post(
        "/sign-in",
        {"login": "clerk", "password": PASSWORD, "next": "//evil.example/"},
        on="/sign-in",
    )

    assert answer.headers["location"] == "/"


def test_an_unknown_login_and_a_wrong_password_are_answered_the_same(desk: Desk) -> None:
    def answer(login: str) -> str:
        found = desk.post(
            "/sign-in", {"login": login, "password": "x" * 12, "next": "/"}, on="/sign-in"
        )
        assert found.status_code == 401
        # The token of the form differs each time, the login is what was typed.
        return re.sub(r'value="[^"]*"', "", found.text)

    wrong, unknown = answer("clerk"), answer("nobody")

    assert WRONG in wrong
    assert wrong == unknown


def test_the_password_is_never_shown_again(desk: Desk) -> None:
    answer = desk.post(
        "/sign-in", {"login": "clerk", "password": "my own secret", "next": "/"}, on="/sign-in"
    )

    assert "my own secret" not in answer.text
    assert 'value="clerk"' in answer.text


def test_after_five_failures_one_has_to_wait_and_then_gets_in(desk: Desk) -> None:
    for _ in range(5):
        assert sign_in(desk, "clerk", "wrong password") == 401

    assert sign_in(desk, "clerk", PASSWORD) == 429
    assert sign_in(desk, "specialist", PASSWORD) == 303

    desk.client.cookies.delete("session")
    desk.set_clock(clock.now() + timedelta(seconds=20))
    assert sign_in(desk, "clerk", PASSWORD) == 303


def test_failures_in_the_name_of_nobody_have_to_wait_too(desk: Desk) -> None:
    for _ in range(5):
        assert sign_in(desk, "nobody", "wrong password") == 401

    assert sign_in(desk, "nobody", "wrong password") == 429


def test_with_codes_the_password_is_only_the_first_step(desk: Desk) -> None:
    key = enrol(desk)
    first = desk.post(
        "/sign-in", {"login": "clerk", "password": PASSWORD, "next": "/account"}, on="/sign-in"
    )
    assert first.status_code == 200
    assert "session" not in desk.client.cookies
    proof = re.search(r'name="proof" value="([^"]+)"', first.text)
    token = re.search(r'name="_token" value="([^"]+)"', first.text)
    assert proof
    assert token
    step = {"_token": token[1], "proof": proof[1], "next": "/account"}

    wrong = desk.client.post("/sign-in", data={**step, "code": "000000"})
    assert wrong.status_code == 401
    assert "session" not in desk.client.cookies

    code = one_time_codes.code_at(key, clock.now())
    right = desk.client.post("/sign-in", data={**step, "code": code})
    assert (right.status_code, right.headers["location"]) == (303, "/account")

    desk.client.cookies.delete("session")
    again = desk.client.post("/sign-in", data={**step, "code": code})
    assert again.status_code == 401


def test_the_second_step_is_open_for_five_minutes(desk: Desk) -> None:
    key = enrol(desk)
    first = desk.post(
        "/sign-in", {"login": "clerk", "password": PASSWORD, "next": "/"}, on="/sign-in"
    )
    proof = re.search(r'name="proof" value="([^"]+)"', first.text)
    assert proof
    desk.set_clock(clock.now() + timedelta(minutes=6))

    late = desk.post(
        "/sign-in",
        {"proof": proof[1], "code": one_time_codes.code_at(key, clock.now()), "next": "/"},
        on="/sign-in",
    )

    assert late.status_code == 401
    assert "từ đầu" in late.text


def test_a_session_ends_with_signing_out(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)
    token = desk.client.cookies["session"]

    answer = desk.post("/sign-out", {}, on="/account")

    assert answer.headers["location"] == "/sign-in"
    desk.client.cookies.set("session", token)
    assert desk.client.get("/account").status_code == 303


def test_a_session_ends_eight_hours_after_its_last_use(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)
    desk.set_clock(AT + timedelta(hours=7))
    assert desk.client.get("/account").status_code == 200

    desk.set_clock(AT + timedelta(hours=14))
    assert desk.client.get("/account").status_code == 200

    desk.set_clock(AT + timedelta(hours=22, minutes=2))
    assert desk.client.get("/account").status_code == 303


def test_the_use_of_a_session_is_written_at_most_once_a_minute(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)

    def seen() -> list[object]:
        desk.client.get("/account")
        with system_transaction() as session:
            return list(session.scalars(select(SignedIn.last_seen_at)))

    desk.set_clock(AT + timedelta(seconds=30))
    first = seen()
    desk.set_clock(AT + timedelta(seconds=70))
    later = seen()
    desk.set_clock(AT + timedelta(seconds=100))

    assert first != later
    assert seen() == later


def test_signing_out_everywhere_ends_every_session(desk: Desk) -> None:
    assert sign_in(desk, "clerk", PASSWORD) == 303
    first = desk.client.cookies["session"]
    desk.client.cookies.delete("session")
    assert sign_in(desk, "clerk", PASSWORD) == 303

    answer = desk.post("/account/sessions/closure", {}, on="/account")

    assert answer.status_code == 303
    desk.client.cookies.set("session", first)
    assert desk.client.get("/account").status_code == 303


def test_a_form_without_its_token_is_refused(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)

    answer = desk.client.post("/account/tokens", data={"name": "x", "scopes": "read", "days": "30"})

    assert answer.status_code == 403


def test_a_person_with_two_positions_chooses_in_which_to_act(desk: Desk) -> None:
    with system_transaction() as session:
        second = appointment_actions.appoint(
            session,
            person_id=desk.cast.clerk.person_id,
            unit_id=desk.cast.secondary_office.id,
            title="Chuyên viên",
            kind=PositionKind.SPECIALIST,
            valid_from=APPOINTED,
            by="tests",
            at=AT,
        )
    assert sign_in(desk, "clerk", PASSWORD) == 303

    answer = desk.post(
        "/acting", {"appointment_id": str(second), "next": "/account"}, on="/account"
    )

    assert answer.headers["location"] == "/account"
    assert "Phòng Giáo dục Trung học" in desk.client.get("/account").text
    stranger = desk.post(
        "/acting",
        {"appointment_id": str(desk.cast.director.appointment_id), "next": "/"},
        on="/account",
    )
    assert stranger.status_code == 403


def test_a_changed_password_ends_the_other_sessions(desk: Desk) -> None:
    assert sign_in(desk, "clerk", PASSWORD) == 303
    other = desk.client.cookies["session"]
    desk.client.cookies.delete("session")
    assert sign_in(desk, "clerk", PASSWORD) == 303
    fields = {
        "password": PASSWORD,
        "new_password": NEW_PASSWORD,
        "repeated_password": NEW_PASSWORD,
    }

    typo = desk.post("/account/password", fields | {"repeated_password": "x"})
    assert (typo.status_code, "không giống nhau" in typo.text) == (422, True)
    assert desk.post("/account/password", fields).status_code == 303

    assert desk.client.get("/account").status_code == 200
    desk.client.cookies.set("session", other)
    assert desk.client.get("/account").status_code == 303
    desk.client.cookies.delete("session")
    assert sign_in(desk, "clerk", PASSWORD) == 401
    assert sign_in(desk, "clerk", NEW_PASSWORD) == 303


def test_one_time_codes_are_turned_on_with_a_first_code(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)
    shown = desk.client.get("/account/codes")
    key = re.search(r"<dd>([A-Z2-7 ]{39})</dd>", shown.text)
    assert key
    assert "data:image/svg+xml" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    secret = key[1].replace(" ", "")

    wrong = desk.post("/account/codes", {"code": "000000"})
    assert wrong.status_code == 422
    assert key[1] in wrong.text
    done = desk.post("/account/codes", {"code": one_time_codes.code_at(secret, clock.now())})

    assert len(re.findall(r"<code>[a-z2-7-]{19}</code>", done.text)) == 10
    assert "Đang bật, còn 10 mã dự phòng" in desk.client.get("/account").text


def test_a_token_is_shown_once_and_works_until_it_is_revoked(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)
    made = desk.post("/account/tokens", {"name": "Báo cáo", "scopes": ["read"], "days": "30"})
    token = re.search(r"eot_[\w-]+", made.text)
    assert token
    listed = desk.client.get("/account/tokens").text
    assert "Báo cáo" in listed
    assert token[0] not in listed
    program = {"authorization": f"Bearer {token[0]}"}

    assert desk.client.get("/api/v1/me", headers=program).status_code == 200
    assert desk.client.post("/api/v1/tokens", headers=program, json={}).status_code == 403

    revocation = re.search(r"/account/tokens/[\w-]+/revocation", listed)
    assert revocation
    assert desk.post(revocation[0], {}, on="/account/tokens").status_code == 303
    assert desk.client.get("/api/v1/me", headers=program).status_code == 401


def test_only_operators_see_the_administration(desk: Desk) -> None:
    desk.enter(desk.cast.director)

    for path in ("/admin", "/admin/people", f"/admin/units/{desk.cast.school.id}"):
        assert desk.client.get(path).status_code == 403


def test_the_tree_and_the_search_show_units(desk: Desk) -> None:
    desk.enter(desk.cast.operator)

    assert desk.client.get("/admin").headers["location"] == "/admin/units"
    tree = desk.client.get("/admin/units").text
    found = desk.client.get("/admin/units?q=minh+khai").text
    nothing = desk.client.get("/admin/units?q=khong+co").text

    assert "10 đơn vị đang hoạt động" in tree
    assert "Trường THCS Nguyễn Thị Minh Khai" in found
    assert "Trường THPT Sen Hồng" not in found
    assert "Không có đơn vị nào" in nothing


def test_an_operator_makes_a_school_and_a_person_who_signs_in(desk: Desk) -> None:
    desk.enter(desk.cast.operator)
    made = desk.post(
        "/admin/units",
        {
            "code": "THCS-02",
            "name": "Trường THCS Phù Đổng",
            "kind": "school",
            "level": "lower_secondary",
            "parent_code": "PGD-LAPVO",
            "place": "Lấp Vò",
            "valid_from": "2018-08-01",
        },
        on="/admin/units/new",
    )
    assert made.status_code == 303, made.text
    unit_page = made.headers["location"]
    person = desk.post(
        "/admin/people", {"full_name": "Lê  Văn  Tám", "login": "Le.Van.Tam"}, on="/admin/people"
    )
    person_page = person.headers["location"]
    given = desk.post(
        f"{person_page}/password", {"new_password": "mưa nguồn chớp bể"}, on=person_page
    )
    assert given.status_code == 303, given.text
    appointed = desk.post(
        f"{unit_page}/appointments",
        {
            "login": "le.van.tam",
            "title": "Hiệu trưởng",
            "kind": "head",
            "manner": "appointed",
            "valid_from": "2018-08-01",
        },
        on=unit_page,
    )
    assert appointed.status_code == 303, appointed.text
    desk.client.cookies.delete("session")

    # Somebody else chose the password: it has to be changed before anything else.
    assert sign_in(desk, "le.van.tam", "mưa nguồn chớp bể") == 303
    led = desk.client.get("/account")
    assert (led.status_code, led.headers["location"]) == (303, "/account/password")
    changed = desk.post(
        "/account/password",
        {
            "password": "mưa nguồn chớp bể",
            "new_password": NEW_PASSWORD,
            "repeated_password": NEW_PASSWORD,
        },
    )
    assert changed.status_code == 303, changed.text
    assert "Lê Văn Tám" in desk.client.get("/account").text


def test_a_refused_form_comes_back_filled_and_says_what_is_wrong(desk: Desk) -> None:
    desk.enter(desk.cast.operator)

    refused = desk.post(
        "/admin/units",
        {
            "code": "THCS-01",
            "name": "Trường THCS Phù Đổng",
            "kind": "school",
            "level": "lower_secondary",
            "parent_code": "PGD-LAPVO",
            "place": "Lấp Vò",
            "valid_from": "2018-08-01",
        },
        on="/admin/units/new",
    )

    assert refused.status_code == 409
    assert "Đã có đơn vị dùng mã này" in refused.text
    assert 'value="Trường THCS Phù Đổng"' in refused.text


def test_an_operator_renames_moves_and_closes_a_unit(desk: Desk) -> None:
    desk.enter(desk.cast.operator)
    unit_page = f"/admin/units/{desk.cast.school.id}"

    renamed = desk.post(
        f"{unit_page}/names",
        {"name": "Trường THCS Minh Khai", "place": "Cao Lãnh", "since": "2018-08-01"},
        on=unit_page,
    )
    moved = desk.post(
        f"{unit_page}/parents",
        {"parent_code": "PGD-LAPVO", "moved_since": "2018-08-10"},
        on=unit_page,
    )
    lost = desk.post(
        f"{unit_page}/parents",
        {"parent_code": "PGD-LAPVO", "moved_since": "2030-01-01"},
        on=unit_page,
    )
    shown = desk.client.get(unit_page).text
    closed = desk.post(
        f"{unit_page}/closure",
        {"last_day": "2018-08-13", "successor_codes": "THPT-01"},
        on=unit_page,
    )

    assert (renamed.status_code, moved.status_code, closed.status_code) == (303, 303, 303)
    assert lost.status_code == 422
    assert "Trường THCS Nguyễn Thị Minh Khai (đến hết 31/07/2018)" in shown
    after = desk.client.get(unit_page).text
    assert "Đơn vị kế thừa" in after
    assert "13/08/2018" in after


def test_an_operator_ends_an_appointment_and_records_a_delegation(desk: Desk) -> None:
    desk.enter(desk.cast.operator)
    department = f"/admin/units/{desk.cast.department.id}"
    with system_transaction() as session:
        headship = queries.appointment(session, desk.cast.director.appointment_id).position_id
    granted = desk.post(
        f"{department}/delegations",
        {
            "from_position_id": str(headship),
            "to_login": "office_head",
            "grant_kind": "order",
            "subject": "Công văn về thiết bị",
            "document_reference": "Quy chế làm việc 12/QC-SGDĐT",
            "granted_from": "01/08/2018",
        },
        on=department,
    )
    assert granted.status_code == 303, granted.text
    assert "Thừa lệnh (TL.)" in desk.client.get(department).text

    ending = f"/admin/appointments/{desk.cast.clerk.appointment_id}/ending"
    assert "Kết thúc chức danh" in desk.client.get(ending).text
    ended = desk.post(ending, {"last_day": "2018-08-12"})
    assert ended.status_code == 303, ended.text
    desk.client.cookies.delete("session")
    assert sign_in(desk, "clerk", PASSWORD) == 403


def test_an_operator_lets_somebody_in_who_lost_the_device(desk: Desk) -> None:
    enrol(desk)
    desk.enter(desk.cast.operator)
    person_page = f"/admin/people/{desk.cast.clerk.person_id}"

    reset = desk.post(f"{person_page}/codes/removal", {}, on=person_page)
    out = desk.post(f"{person_page}/sessions/closure", {}, on=person_page)

    assert (reset.status_code, out.status_code) == (303, 303)
    desk.client.cookies.delete("session")
    assert sign_in(desk, "clerk", PASSWORD) == 303


def test_people_are_found_without_diacritics(desk: Desk) -> None:
    desk.enter(desk.cast.operator)

    found = desk.client.get("/admin/people?q=dang+y+lan").text

    assert "Đặng Thị Ỷ Lan" in found
    assert "Trần Thanh Liêm" not in found


def test_recovery_codes_are_renewed_and_codes_turned_off_with_a_code(desk: Desk) -> None:
    key = enrol(desk)
    desk.enter(desk.cast.clerk)

    wrong = desk.post("/account/recovery-codes", {"code": "000000"}, on="/account/codes")
    renewed = desk.post(
        "/account/recovery-codes",
        {"code": one_time_codes.code_at(key, clock.now())},
        on="/account/codes",
    )
    recovery = re.findall(r"<code>([a-z2-7-]{19})</code>", renewed.text)
    spent = desk.post("/account/codes/removal", {"code": "000000"}, on="/account/codes")
    removed = desk.post("/account/codes/removal", {"code": recovery[0]}, on="/account/codes")

    assert (wrong.status_code, renewed.status_code) == (401, 200)
    assert (spent.status_code, removed.status_code) == (401, 303)
    assert "Chưa bật" in desk.client.get("/account").text


def test_refused_changes_of_units_and_people_come_back_filled(desk: Desk) -> None:
    desk.enter(desk.cast.operator)
    unit_page = f"/admin/units/{desk.cast.district.id}"
    person_page = f"/admin/people/{desk.cast.clerk.person_id}"
    ending = f"/admin/appointments/{desk.cast.clerk.appointment_id}/ending"
    with system_transaction() as session:
        headship = queries.appointment(session, desk.cast.district_head.appointment_id).position_id
    appointment = {
        "title": "Chuyên viên",
        "kind": "specialist",
        "manner": "appointed",
        "valid_from": "2018-08-01",
    }
    delegation = {
        "from_position_id": str(headship),
        "to_login": "district_clerk",
        "grant_kind": "authorisation",
        "subject": "Giấy mời",
        "document_reference": "15/GUQ-PGDĐT",
        "granted_from": "2018-08-01",
    }
    faults: tuple[tuple[str, str, dict[str, str], str], ...] = (
        (
            f"{unit_page}/names",
            unit_page,
            {"name": "X", "place": "Y", "since": "2030-01-01"},
            "Ngày này không phù hợp",
        ),
        (
            f"{unit_page}/parents",
            unit_page,
            {"parent_code": "NOWHERE", "moved_since": "2018-08-01"},
            "Không có đơn vị có mã này",
        ),
        (f"{unit_page}/closure", unit_page, {"last_day": "2018-08-13"}, "Còn 1 đơn vị trực thuộc"),
        (
            f"{unit_page}/appointments",
            unit_page,
            {"login": "nobody", **appointment},
            "Không có người này",
        ),
        (f"{unit_page}/delegations", unit_page, delegation, "Uỷ quyền phải có thời hạn"),
        (
            "/admin/people",
            "/admin/people",
            {"full_name": "X", "login": "clerk"},
            "Đã có người dùng",
        ),
        (f"{person_page}/password", person_page, {"new_password": "ngắn"}, "ít nhất 12 ký tự"),
        (ending, ending, {"last_day": "2010-01-01"}, "Trước ngày bắt đầu"),
    )

    for path, on, fields, sentence in faults:
        refused = desk.post(path, dict(fields), on=on)

        assert refused.status_code in (404, 409, 422), path
        assert sentence in refused.text, path


def test_units_that_ended_are_found_when_asked_for(desk: Desk) -> None:
    with system_transaction() as session:
        unit_actions.close_unit(session, desk.cast.school.id, last_day=AT.date(), by="tests", at=AT)
    desk.set_clock(AT + timedelta(days=1))
    desk.enter(desk.cast.operator)

    assert "Không có đơn vị nào" in desk.client.get("/admin/units?q=minh+khai").text
    assert "13/08/2018" in desk.client.get("/admin/units?q=minh+khai&ended=true").text
