"""An absence is stated and taken back on a page; the head sees what waits and hands it over."""

from __future__ import annotations

import re

from eoffice.people import handover
from tests.people.conftest import Desk

PATH = "/account/absences"


def test_an_absence_is_stated_on_the_page_and_taken_back(desk: Desk) -> None:
    cast = desk.cast
    desk.enter(cast.director)
    fields = {
        "appointment_id": str(cast.director.appointment_id),
        "substitute_id": str(cast.deputy_director.person_id),
        "first_day": "2018-08-14",
        "last_day": "2018-08-17",
        "reason": "Đi công tác",
    }
    wrong = desk.post(PATH, {**fields, "last_day": "2018-08-01"}, on=PATH)
    assert wrong.status_code == 422
    assert "Đi công tác" in wrong.text
    assert desk.post(PATH, fields, on=PATH).status_code == 303
    shown = desk.client.get(PATH).text
    assert "14/08/2018" in shown
    assert cast.deputy_director.full_name in shown
    ending = re.search(rf'action="({PATH}/[^"]+/ending)"', shown)
    assert ending is not None
    assert desk.post(ending[1], {}, on=PATH).status_code == 303
    assert "Chưa khai vắng mặt." in desk.client.get(PATH).text


def test_the_head_chooses_whose_work_is_handed_over_and_others_do_not(desk: Desk) -> None:
    cast = desk.cast
    handover.use()
    desk.enter(cast.director)
    listed = desk.client.get("/handover").text
    assert cast.specialist.full_name in listed
    one = desk.client.get(f"/handover/{cast.specialist.appointment_id}")
    assert "Không còn việc nào chờ riêng người này." in one.text
    assert desk.client.get(f"/handover/{cast.district_clerk.appointment_id}").status_code == 404
    desk.enter(cast.specialist)
    assert desk.client.get("/handover").status_code == 403
