"""Sign-in, units and people over the API: who may, what comes back, how a refusal looks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine, event

from eoffice import clock, db
from eoffice.db import system_transaction
from eoffice.people import accounts, code_actions, one_time_codes, queries
from eoffice.people.accounts import SignInRefused
from eoffice.people.rules import FREE_PER_LOGIN, TooManyAttempts
from eoffice.settings import settings
from tests.cast import PASSWORD
from tests.conftest import AT
from tests.people.conftest import Desk


def test_a_program_signs_in_and_works_with_its_token(desk: Desk) -> None:
    answer = desk.client.post("/api/v1/session", json={"login": "clerk", "password": PASSWORD})
    assert answer.status_code == 201
    program = {"authorization": f"Bearer {answer.json()['token']}"}

    me = desk.client.get("/api/v1/me", headers=program).json()

    assert me == answer.json()["me"]
    assert (me["full_name"], me["title"], me["kind"]) == ("Nguyễn Thị Thu Hà", "Văn thư", "clerk")
    assert me["agency_id"] == str(desk.cast.department.id)
    assert [held["title"] for held in me["appointments"]] == ["Văn thư"]

    assert desk.client.delete("/api/v1/session", headers=program).status_code == 204
    assert desk.client.get("/api/v1/me", headers=program).status_code == 401


def test_a_wrong_password_is_a_problem_that_says_no_more(desk: Desk) -> None:
    for login in ("clerk", "nobody"):
        answer = desk.client.post("/api/v1/session", json={"login": login, "password": "x"})

        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/sign-in-refused"
        assert answer.json()["detail"] == "Tên đăng nhập hoặc mật khẩu không đúng."


def test_too_many_failures_are_answered_with_429(desk: Desk) -> None:
    for _ in range(5):
        desk.client.post("/api/v1/session", json={"login": "clerk", "password": "x"})

    answer = desk.client.post("/api/v1/session", json={"login": "clerk", "password": PASSWORD})

    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/too-many-attempts")
    assert "retry-after" in answer.headers


def test_a_program_sends_the_code_with_the_password(desk: Desk) -> None:
    with system_transaction() as session:
        secret_key = settings().secret_key
        key = code_actions.begin_codes(session, secret_key=secret_key, by=desk.cast.clerk)
        session.flush()
        code_actions.confirm_codes(
            session,
            one_time_codes.code_at(key, AT - timedelta(minutes=10)),
            secret_key=secret_key,
            by=desk.cast.clerk,
            at=AT - timedelta(minutes=10),
        )
    login = {"login": "clerk", "password": PASSWORD}

    without = desk.client.post("/api/v1/session", json=login)
    assert (without.status_code, without.json()["type"]) == (401, "/problems/code-needed")
    code = one_time_codes.code_at(key, clock.now())
    assert desk.client.post("/api/v1/session", json={**login, "code": code}).status_code == 201
    assert desk.client.post("/api/v1/session", json={**login, "code": code}).status_code == 401


def test_a_request_of_somebody_signed_in_costs_one_query_for_who_it_is(desk: Desk) -> None:
    program = desk.api(desk.cast.clerk)
    desk.client.get("/api/v1/groups", headers=program)
    statements: list[str] = []

    def note(*args: object) -> None:
        statements.append(str(args[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert desk.client.get("/api/v1/groups", headers=program).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    about_tables = [text for text in statements if "set_config" not in text]
    assert len(about_tables) == 1, about_tables


def test_without_a_token_or_with_a_stale_one_nothing_is_shown(desk: Desk) -> None:
    stale: tuple[dict[str, str], ...] = (
        {},
        {"authorization": "Bearer eos_stale"},
        {"authorization": "Basic eDp5"},
    )
    for headers in stale:
        answer = desk.client.get("/api/v1/units", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/not-signed-in")


def test_units_are_listed_page_by_page(desk: Desk) -> None:
    program = desk.api(desk.cast.specialist)
    seen: list[str] = []
    cursor = ""
    while True:
        part = desk.client.get(f"/api/v1/units?limit=4{cursor}", headers=program).json()
        seen += [unit["code"] for unit in part["items"]]
        if part["next_cursor"] is None:
            break
        cursor = f"&cursor={part['next_cursor']}"

    assert len(seen) == len(set(seen)) == 10


def test_units_are_searched_and_filtered(desk: Desk) -> None:
    program = desk.api(desk.cast.specialist)

    def codes(query: str) -> list[str]:
        found = desk.client.get(f"/api/v1/units?{query}", headers=program).json()
        return [unit["code"] for unit in found["items"]]

    assert codes("q=tram+chim") == ["THPT-02"]
    assert codes("kind=district_office") == ["PGD-LAPVO", "PGD-CAOLANH"]
    assert codes(f"below={desk.cast.district.id}") == ["THCS-01"]
    assert codes("on=2009-12-31") == []
    shown = desk.client.get(f"/api/v1/units/{desk.cast.school.id}", headers=program).json()
    assert shown["name"] == "Trường THCS Nguyễn Thị Minh Khai"
    missing = desk.client.get(f"/api/v1/units/{desk.cast.clerk.person_id}", headers=program)
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/unit-unknown")


def test_a_group_means_the_units_below_ones_own_agency(desk: Desk) -> None:
    program = desk.api(desk.cast.specialist)

    groups = desk.client.get("/api/v1/groups", headers=program).json()
    high_schools = desk.client.get(
        "/api/v1/groups/upper_secondary_schools/units", headers=program
    ).json()

    assert {"code": "upper_secondary_schools", "name": "Trường THPT"} in groups
    assert [unit["code"] for unit in high_schools] == ["THPT-01", "THPT-02"]
    unknown = desk.client.get("/api/v1/groups/all/units", headers=program)
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/group-unknown")


def test_the_people_of_another_agency_are_not_shown(desk: Desk) -> None:
    program = desk.api(desk.cast.school_clerk)

    own = desk.client.get(f"/api/v1/units/{desk.cast.school.id}/persons", headers=program)
    other = desk.client.get(f"/api/v1/units/{desk.cast.high_school.id}/persons", headers=program)
    everybody = desk.client.get("/api/v1/persons", headers=program)

    assert own.json()[0]["full_name"] == "Ngô Thị Tuyết Mai"
    assert (other.status_code, everybody.status_code) == (403, 403)


def test_an_operator_enters_a_unit_a_person_and_an_appointment_once(desk: Desk) -> None:
    program = desk.api(desk.cast.operator)
    new_unit = {
        "code": "THCS-02",
        "name": "Trường THCS Phù Đổng",
        "kind": "school",
        "level": "lower_secondary",
        "parent_id": str(desk.cast.other_district.id),
        "place": "Lấp Vò",
        "valid_from": "2018-08-01",
    }

    def post(path: str, body: dict[str, object], key: str) -> dict[str, str]:
        answer = desk.client.post(path, json=body, headers={**program, "idempotency-key": key})
        assert answer.status_code == 201, answer.text
        made: dict[str, str] = answer.json()
        return made

    unit = post("/api/v1/units", dict(new_unit), "unit-THCS-02")
    assert post("/api/v1/units", dict(new_unit), "unit-THCS-02") == unit
    person = post("/api/v1/persons", {"login": "le.tam", "full_name": "Lê Tám"}, "person-le.tam")
    appointment = {
        "person_id": person["id"],
        "unit_id": unit["id"],
        "title": "Hiệu trưởng",
        "kind": "head",
        "valid_from": "2018-08-01",
    }
    held = post("/api/v1/appointments", dict(appointment), "appointment-le.tam")
    password = desk.client.put(
        f"/api/v1/persons/{person['id']}/password",
        json={"new_password": "mưa nguồn chớp bể"},
        headers=program,
    )
    assert password.status_code == 204

    signed_in = desk.client.post(
        "/api/v1/session", json={"login": "le.tam", "password": "mưa nguồn chớp bể"}
    ).json()
    assert signed_in["password_is_due"]
    own = {"authorization": f"Bearer {signed_in['token']}"}
    due = desk.client.get("/api/v1/units", headers=own)
    assert (due.status_code, due.json()["type"]) == (403, "/problems/password-due")
    changed = desk.client.put(
        "/api/v1/me/password",
        json={"password": "mưa nguồn chớp bể", "new_password": "con đò nhỏ qua sông"},
        headers=own,
    )
    assert changed.status_code == 204

    ended = post(
        f"/api/v1/appointments/{held['id']}/ending", {"last_day": "2018-08-12"}, "ending-le.tam"
    )
    assert ended["valid_to"] == "2018-08-12"


def test_an_operator_reorganises_units(desk: Desk) -> None:
    program = desk.api(desk.cast.operator)
    school = f"/api/v1/units/{desk.cast.school.id}"

    renamed = desk.client.post(
        f"{school}/names",
        json={"name": "Trường THCS Minh Khai", "since": "2018-08-01"},
        headers=program,
    )
    moved = desk.client.post(
        f"{school}/parents",
        json={"parent_id": str(desk.cast.other_district.id), "since": "2018-08-10"},
        headers=program,
    )
    closed = desk.client.post(
        f"{school}/closure",
        json={"last_day": "2018-08-13", "successor_ids": [str(desk.cast.high_school.id)]},
        headers=program,
    )

    assert renamed.json()["name"] == "Trường THCS Minh Khai"
    assert moved.json()["parent_id"] == str(desk.cast.other_district.id)
    assert closed.json()["valid_to"] == "2018-08-13"


def test_a_head_delegates_over_the_api_and_others_do_not(desk: Desk) -> None:
    with system_transaction() as session:
        headship = queries.appointment(session, desk.cast.director.appointment_id).position_id
    body = {
        "from_position_id": str(headship),
        "to_person_id": str(desk.cast.office_head.person_id),
        "kind": "authorisation",
        "valid_from": "2018-08-01",
        "valid_to": "2018-08-31",
        "subject": "Giấy mời",
        "document_reference": "15/GUQ-SGDĐT",
    }

    by_head = desk.client.post(
        "/api/v1/delegations", json=body, headers=desk.api(desk.cast.director)
    )
    by_clerk = desk.client.post("/api/v1/delegations", json=body, headers=desk.api(desk.cast.clerk))

    assert (by_head.status_code, by_clerk.status_code) == (201, 403)


def test_tokens_are_made_listed_and_revoked(desk: Desk) -> None:
    program = desk.api(desk.cast.clerk)
    made = desk.client.post(
        "/api/v1/tokens", json={"name": "Báo cáo", "scopes": ["read"], "days": 30}, headers=program
    )
    reader = {"authorization": f"Bearer {made.json()['token']}"}
    assert desk.client.get("/api/v1/me", headers=reader).json()["scopes"] == ["read"]
    (listed,) = desk.client.get("/api/v1/tokens", headers=program).json()

    revoked = desk.client.delete(f"/api/v1/tokens/{listed['id']}", headers=program)

    assert revoked.status_code == 204
    assert desk.client.get("/api/v1/me", headers=reader).status_code == 401


def test_the_position_is_changed_within_the_session(desk: Desk) -> None:
    program = desk.api(desk.cast.clerk)

    own = desk.client.put(
        "/api/v1/session/appointment",
        json={"appointment_id": str(desk.cast.clerk.appointment_id)},
        headers=program,
    )
    other = desk.client.put(
        "/api/v1/session/appointment",
        json={"appointment_id": str(desk.cast.director.appointment_id)},
        headers=program,
    )

    assert own.json()["title"] == "Văn thư"
    assert (other.status_code, other.json()["type"]) == (403, "/problems/no-position")


def test_the_description_of_the_api_names_these_addresses(desk: Desk) -> None:
    paths = desk.client.get("/api/v1/openapi/openapi.json").json()["paths"]

    assert {"/api/v1/session", "/api/v1/units", "/api/v1/groups/{code}/units"} <= set(paths)


def test_persons_are_listed_for_operators_page_by_page(desk: Desk) -> None:
    program = desk.api(desk.cast.operator)

    first = desk.client.get("/api/v1/persons?limit=30", headers=program).json()
    rest = desk.client.get(
        f"/api/v1/persons?limit=30&cursor={first['next_cursor']}", headers=program
    ).json()
    found = desk.client.get("/api/v1/persons?q=dang+y+lan", headers=program).json()

    logins = [person["login"] for person in first["items"] + rest["items"]]
    assert len(logins) == len(set(logins)) == len(desk.cast.everybody)
    assert [person["full_name"] for person in found["items"]] == ["Đặng Thị Ỷ Lan"]


def test_attempts_at_the_same_time_count_each_other(desk: Desk) -> None:
    def attempt(_: int) -> bool:
        try:
            with db.transaction(None) as session:
                accounts.begin_attempt(
                    session, "clerk", "10.0.0.1", secret_key=settings().secret_key, at=AT
                )
        except TooManyAttempts:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        counted = list(threads.map(attempt, range(24)))

    assert sum(counted) == FREE_PER_LOGIN


def test_of_two_requests_with_one_code_one_gets_in(desk: Desk) -> None:
    secret_key = settings().secret_key
    with system_transaction() as session:
        key = code_actions.begin_codes(session, secret_key=secret_key, by=desk.cast.clerk)
        session.flush()
        code_actions.confirm_codes(
            session,
            one_time_codes.code_at(key, AT - timedelta(minutes=10)),
            secret_key=secret_key,
            by=desk.cast.clerk,
            at=AT - timedelta(minutes=10),
        )
    code = one_time_codes.code_at(key, AT)

    def attempt(_: int) -> bool:
        try:
            with db.transaction(None) as session:
                code_actions.check_code(
                    session, desk.cast.clerk.person_id, code, secret_key=secret_key, at=AT
                )
        except SignInRefused:
            return False
        return True

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(attempt, range(12))) == 1
