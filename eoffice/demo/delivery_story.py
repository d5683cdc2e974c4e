"""The middle of the story: the dispatch is delivered, registered, refused, assigned, answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from eoffice import clock
from eoffice.demo import dispatch_960, province
from eoffice.demo.client import Desk, StoryFailed
from eoffice.demo.dispatch_story import CLERK
from eoffice.demo.telling import Step, Telling, check

RECIPIENTS = 55
REFUSING, ANSWERING = "vanthu.pgd12", "vanthu.thpt01"
#: The clerk of this school does not look into the mail at all.
SILENT = "vanthu.thpt43"
#: The clerk of this one opens it and no more.
OPENING = "vanthu.thpt42"
HEAD, TEACHER = "hieutruong.thpt01", "giaovien.thpt01"
#: Another school, where the work was given to somebody and is not done yet.
WORKING_CLERK, WORKING_HEAD = "vanthu.thpt02", "hieutruong.thpt02"
REFUSAL = "Nội dung không thuộc đơn vị chúng tôi: đề nghị gửi lại đúng nơi nhận."
#: The day on which the story looks back: the deadline of the answer has passed.
LATER = datetime(2018, 9, 17, 9, 0, tzinfo=clock.VIETNAM)


def deliver(telling: Telling, document_id: UUID) -> None:
    """Step 3: issue, 55 deliveries, arrivals, one refusal, one assignment, one answer."""
    _issue(telling, document_id)
    with telling.step("3.2-register", "Văn thư các nơi nhận vào sổ văn bản đến") as step:
        _register_everywhere(telling, step)
    with telling.step("3.3-refuse", "Một Phòng từ chối tiếp nhận, có lý do") as step:
        _refuse(telling, step)
    arrival = _assign(telling)
    answer = _answer(telling, arrival)
    _look_back(telling, document_id, answer)


def _issue(telling: Telling, document_id: UUID) -> None:
    with telling.step("3.1-issue", "Văn thư Sở phát hành; 55 nơi nhận được gửi") as step:
        clerk = telling.desk(CLERK)
        issued = clerk.post(f"/api/v1/documents/{document_id}/issuance", "story-issue")
        check(step, "văn bản đã phát hành", issued["state"] == "issued", issued["state"])
        count = issued["issuance"]["recipients"]
        check(step, "phát hành tới 55 nơi nhận", count == RECIPIENTS, count)
        status = clerk.wait_for(
            _status_path(document_id),
            lambda found: len(found["recipients"]) == RECIPIENTS and not found["on_the_way"],
            "55 lượt gửi",
        )
        units = {each["unit_id"] for each in status["recipients"]}
        check(step, "55 lượt gửi tới 55 đơn vị khác nhau", len(units) == RECIPIENTS, len(units))


def _register_everywhere(telling: Telling, step: Step) -> None:
    staying_away = {REFUSING, SILENT, OPENING}
    clerks = [
        person.login
        for person in province.persons()
        if person.login.startswith(("vanthu.pgd", "vanthu.thpt"))
    ]
    numbers = []
    for login in clerks:
        if login in staying_away:
            continue
        desk = telling.desk(login)
        delivery = f"/api/v1/deliveries/{_delivery_of_960(desk)['id']}"
        desk.post(f"{delivery}/opening", f"story-open-{login}")
        registered = desk.post(f"{delivery}/registration", f"story-register-{login}")
        numbers.append(registered["number"])
    check(step, "52 nơi nhận đã vào sổ", len(numbers) == RECIPIENTS - len(staying_away), numbers)
    check(step, "mỗi nơi cấp số đến của sổ mình, từ số 1", set(numbers) == {1}, numbers)
    desk = telling.desk(OPENING)
    opened = desk.post(f"/api/v1/deliveries/{_delivery_of_960(desk)['id']}/opening", "story-open")
    check(step, "một nơi mới chỉ mở xem", opened["state"] == "opened", opened["state"])


def _refuse(telling: Telling, step: Step) -> None:
    desk = telling.desk(REFUSING)
    delivery = _delivery_of_960(desk)
    path = f"/api/v1/deliveries/{delivery['id']}/refusal"
    desk.post(f"/api/v1/deliveries/{delivery['id']}/opening", "story-open-refusing")
    if delivery["state"] != "refused":
        problem = desk.refused(path, "story-refuse-without-reason", {"reason": " "})
        check(step, "từ chối mà không ghi lý do thì không được", problem["status"] == 422, problem)
    refused = desk.post(path, "story-refuse", {"reason": REFUSAL})
    check(step, "lượt gửi mang trạng thái từ chối", refused["state"] == "refused", refused)
    check(step, "lý do được giữ lại", refused["refusal_reason"] == REFUSAL, refused)


def _assign(telling: Telling) -> str:
    """The principal of one school gives it to somebody; returns the arrival's path."""
    with telling.step("3.4-assign", "Hiệu trưởng một trường THPT giao việc") as step:
        clerk = telling.desk(ANSWERING)
        arrival = f"/api/v1/arrivals/{_delivery_of_960(clerk)['arrival_id']}"
        clerk.post(f"{arrival}/submission", "story-submit-arrival")
        head, teacher = telling.desk(HEAD), telling.desk(TEACHER)
        units = head.get("/api/v1/arrivals/colleagues")
        unit = units[0]["unit_id"]
        due_on = date(2018, 8, 31)
        assigned = head.post(
            f"{arrival}/assignment",
            "story-assign",
            {
                "assignees": [
                    {"role": "lead", "unit_id": unit, "person_id": _my_id(teacher)},
                    {"role": "for_information", "unit_id": unit, "person_id": _my_id(clerk)},
                ],
                "instruction": "Rà soát việc sử dụng Vnedu và dự thảo báo cáo trả lời Sở.",
                "due_on": due_on.isoformat(),
            },
        )
        roles = sorted(each["role"] for each in assigned["assignments"])
        check(
            step,
            "có người chủ trì và người nhận để biết",
            roles == ["for_information", "lead"],
            roles,
        )
        other_clerk, other_head = telling.desk(WORKING_CLERK), telling.desk(WORKING_HEAD)
        other = f"/api/v1/arrivals/{_delivery_of_960(other_clerk)['arrival_id']}"
        other_clerk.post(f"{other}/submission", "story-submit-arrival-2")
        elsewhere = other_head.post(
            f"{other}/assignment",
            "story-assign-2",
            {
                "assignees": [
                    {
                        "role": "lead",
                        "unit_id": other_head.get("/api/v1/me")["unit_id"],
                        "person_id": _my_id(other_clerk),
                    }
                ],
                "instruction": "Báo cáo số lớp đã nhập dữ liệu trước ngày khai giảng.",
                "due_on": "2018-09-04",
            },
        )
        check(step, "trường thứ hai cũng đã giao việc", elsewhere["state"] == "assigned", elsewhere)
        due = {each["due_on"] for each in assigned["assignments"]} | {assigned["due_on"]}
        check(step, "có hạn xử lý 31/8/2018", due_on.isoformat() in due, assigned)
    return arrival


def _answer(telling: Telling, arrival: str) -> dict[str, Any]:
    """The school answers with a dispatch of its own, through all its steps."""
    pin = {"pin": telling.access.pin}
    clerk, head, teacher = (telling.desk(login) for login in (ANSWERING, HEAD, TEACHER))
    with telling.step(
        "3.5-answer", "Trường soạn, ký, cấp số, đóng dấu và phát hành công văn trả lời"
    ) as step:
        teacher.post(
            f"{arrival}/work", "story-work", {"text": "Đã rà soát 36 lớp, đủ dữ liệu trên Vnedu."}
        )
        begun = teacher.post(f"{arrival}/answer", "story-answer")
        document = f"/api/v1/documents/{begun['document_id']}"
        draft = teacher.get(document)
        if draft["state"] == "draft":
            principal = next(p.full_name for p in province.persons() if p.login == HEAD)
            teacher.put(
                f"{document}/draft",
                {
                    "text": dispatch_960.answer_text(principal),
                    "expected_revision": draft["versions"][-1]["revision"],
                },
            )
        teacher.post(f"{document}/submission", "story-answer-submit")
        head.post(f"{document}/approval", "story-answer-approve")
        clerk.post(f"{document}/form-check", "story-answer-form")
        head.post(f"{document}/signature", "story-answer-sign", pin)
        numbered = clerk.post(f"{document}/number", "story-answer-number")
        clerk.post(f"{document}/seal", "story-answer-seal", pin)
        issued = clerk.post(f"{document}/issuance", "story-answer-issue")
        check(step, "sổ của trường bắt đầu từ số 01", numbered["number"] == 1, numbered)
        check(step, "công văn trả lời đã phát hành", issued["state"] == "issued", issued)
        done = teacher.post(
            f"{arrival}/completion", "story-complete", {"outcome": "Đã báo cáo Sở bằng công văn."}
        )
        check(step, "văn bản đến đã giải quyết xong", done["state"] == "done", done["state"])
    return dict(numbered)


def _look_back(telling: Telling, document_id: UUID, answer: dict[str, Any]) -> None:
    with telling.step("3.6-status", "Sở xem từng nơi nhận đã làm đến đâu") as step:
        telling.desk(CLERK).wait_for(
            _status_path(document_id),
            lambda found: found["answered"] == 1,
            "công văn trả lời về Sở",
        )
        telling.set_clock(LATER)
        status = telling.desk(CLERK).get(_status_path(document_id))
        by_state = {each["state"] for each in status["recipients"]}
        for state, said in (
            ("delivered", "đã gửi"),
            ("opened", "đã mở"),
            ("registered", "đã vào sổ"),
            ("assigned", "đang xử lý"),
            ("done", "hoàn thành"),
            ("refused", "từ chối"),
        ):
            check(step, f"thấy nơi nhận ở trạng thái {said}", state in by_state, by_state)
        answered = [each for each in status["recipients"] if each["answer"]]
        check(
            step,
            "công văn trả lời hiện ở nơi nhận đã trả lời",
            [each["answer"]["code"] for each in answered] == [answer["code"]],
            answered,
        )
        refused = [each for each in status["recipients"] if each["state"] == "refused"]
        check(
            step, "thấy lý do từ chối", [r["refusal_reason"] for r in refused] == [REFUSAL], refused
        )
        counted = sum(1 for each in status["recipients"] if each["days_late"] > 0)
        late = status["counts"].get("late", 0)
        check(
            step, "thấy ai trễ hạn, đếm khớp với từng dòng", late == counted > 0, status["counts"]
        )
        telling.keep_json("noi-nhan-cong-van-960.json", status)


def _status_path(document_id: UUID) -> str:
    return f"/api/v1/documents/{document_id}/recipients-status"


def _delivery_of_960(desk: Desk) -> dict[str, Any]:
    for found in desk.get("/api/v1/deliveries", limit="200")["items"]:
        if found["code"] == dispatch_960.NOTATION:
            return dict(found)
    raise StoryFailed(f"{desk.login} không thấy công văn {dispatch_960.NOTATION} gửi đến")


def _my_id(desk: Desk) -> str:
    return str(desk.get("/api/v1/me")["person_id"])
