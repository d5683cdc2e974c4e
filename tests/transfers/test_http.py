"""The JSON interface of packages, and the lines of the desk: a pupil goes from one school to the
other by programs alone, and each side sees what waits for it.

Database, time-stamp authority, seal and PDF are real; the object store is the one in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from litestar.testing import TestClient

from eoffice import clock, db
from eoffice.desk import pages as desk_pages
from eoffice.transfers import http, intake_actions, package, receiving, waiting
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import pki as test_pki
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.transfers.conftest import Schools
from tests.transfers.test_transfers import handed_over, strangers, within

TRANSFERS = "/pupil-transfers"


@pytest.fixture
def desk(schools: Schools) -> Iterator[Desk]:
    cast = schools.cast
    desks._everybody.clear()
    desks._everybody.update(
        {
            name: who
            for name in cast.__dataclass_fields__
            if isinstance(who := getattr(cast, name), Principal)
        }
    )
    app = application.make(
        [http.router, desk_pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[desks.SignInByHeader],
    )
    with TestClient(app, raise_server_exceptions=True) as client:
        client.follow_redirects = False
        yield Desk(client, cast)


def tray(desk: Desk, login: str) -> str:
    """The part of the desk that is about packages, as words."""
    page = desk.page(login, "/").text
    _, found, rest = page.partition("<h2>Hồ sơ chuyển trường")
    return re.sub(r"<[^>]+>", " ", rest.partition("</section>")[0]) if found else ""


def test_a_pupil_goes_from_school_to_school_by_programs(desk: Desk, schools: Schools) -> None:
    wanted = {"pupil_id": str(schools.pupil_id), "to_school_id": str(schools.cast.high_school.id)}
    made = desk.post("school_clerk", TRANSFERS, wanted)
    assert made.status_code == 201, made.text
    here = made.headers["location"].removeprefix("/api/v1")
    assert made.json()["state"] == "made"
    assert "data.json" in {one["name"] for one in made.json()["files"]}
    assert desk.post("school_clerk", TRANSFERS, wanted).status_code == 409
    assert "Chờ đóng dấu" in tray(desk, "school_clerk")
    assert tray(desk, "school_principal") == ""
    assert desk.get("school_clerk", f"{here}/package").status_code == 409

    sealed = desk.post("school_clerk", f"{here}/seal", {"pin": test_pki.PIN})
    assert (sealed.status_code, sealed.json()["state"]) == (200, "sealed"), sealed.text
    assert "Chờ giao" in tray(desk, "school_principal")
    assert desk.get("high_school_clerk", here).status_code == 404
    assert desk.post("school_clerk", f"{here}/handover").json()["state"] == "handed_over"
    zipped = desk.get("school_clerk", f"{here}/package")
    assert package.opened(zipped.content).faults == ()
    assert desk.get("school_clerk", f"{here}/cover").content.startswith(b"%PDF-")

    (incoming,) = desk.get("high_school_clerk", f"{TRANSFERS}/incoming").json()
    assert (incoming["pupil_name"], incoming["pupil_id"]) == ("Trần Mỹ Chi", None)
    assert "Chờ kiểm tra" in tray(desk, "high_school_clerk")
    checked = desk.post("high_school_clerk", f"{here}/check")
    assert checked.status_code == 201, checked.text
    intake = checked.headers["location"].removeprefix("/api/v1")
    assert checked.json()["is_sound"], checked.json()["findings"]
    assert "Chờ quyết định" in tray(desk, "high_school_clerk")
    assert desk.get("high_school_clerk", f"{intake}/file", name="data.json").status_code == 200
    assert desk.get("high_school_clerk", f"{intake}/receipt").status_code == 404

    admission = {
        "class_id": str(schools.next_class_id),
        "on": "2025-06-02",
        "reason": "Chuyển theo gia đình",
    }
    done = desk.post("high_school_clerk", f"{intake}/admission", admission)
    assert (done.status_code, done.json()["not_brought"]) == (201, ""), done.text
    (shown,) = desk.get("high_school_clerk", f"{TRANSFERS}/intakes").json()
    assert (shown["state"], shown["pupil_id"]) == ("taken_in", done.json()["pupil_id"])
    assert desk.get("school_clerk", here).json()["state"] == "taken_in"
    assert (tray(desk, "school_clerk"), tray(desk, "high_school_clerk")) == ("", "")


def test_a_file_is_verified_and_refused_and_a_teacher_has_no_door(
    desk: Desk, schools: Schools
) -> None:
    transfer_id = handed_over(schools, None)
    content = desk.get("school_clerk", f"{TRANSFERS}/{transfer_id}/package").content
    strangers(schools)

    assert desk.upload("homeroom_teacher", f"{TRANSFERS}/intakes", content).status_code == 403
    assert desk.upload("high_school_clerk", f"{TRANSFERS}/intakes", b"PK").status_code == 422
    brought = desk.upload("high_school_clerk", f"{TRANSFERS}/intakes", content)
    assert (brought.status_code, brought.json()["is_of_office"]) == (201, False), brought.text
    assert "Chờ quyết định" in tray(desk, "high_school_clerk")
    intake = f"{TRANSFERS}/intakes/{brought.json()['id']}"
    refused = desk.post("high_school_clerk", f"{intake}/refusal", {"reason": "Hết chỗ học."})
    assert (refused.status_code, refused.json()["state"]) == (200, "refused"), refused.text
    assert tray(desk, "high_school_clerk") == ""
    assert desk.get("homeroom_teacher", TRANSFERS).status_code == 403

    back = desk.post(
        "school_clerk", f"{TRANSFERS}/{transfer_id}/withdrawal", {"reason": "Gia đình đổi ý"}
    )
    assert (back.status_code, back.json()["state"]) == (200, "withdrawn"), back.text


def test_a_refusal_stands_on_the_desk_until_another_package_is_made_or_a_month_is_over(
    schools: Schools,
) -> None:
    clerk, receiver = schools.cast.school_clerk, schools.cast.high_school_clerk
    transfer_id = handed_over(schools, schools.cast.high_school.id)
    intake_id = receiving.handed_over(transfer_id, by=receiver, within=within(receiver))
    with db.transaction(receiver.acting) as session:
        intake_actions.refuse(session, intake_id, "Hết chỗ học.", by=receiver, at=clock.now())

    def shown(after: timedelta = timedelta()) -> list[str]:
        with db.transaction(clerk.acting) as session:
            return [each.word for each in waiting.lines(session, clerk, at=clock.now() + after)]

    assert shown() == ["Bị từ chối"]
    assert shown(waiting.REFUSAL_TOLD + timedelta(days=1)) == []
    handed_over(schools, schools.cast.high_school.id)
    assert shown() == []
    teacher = schools.cast.homeroom_teacher
    with db.transaction(teacher.acting) as session:
        assert waiting.lines(session, teacher, at=clock.now()) == ()
