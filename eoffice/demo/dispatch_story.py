"""The first half of the story: a dispatch goes from the Sở to its schools and is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eoffice import clock
from eoffice.demo import dispatch_960
from eoffice.demo.client import StoryFailed
from eoffice.demo.pdf import information_sheet
from eoffice.demo.telling import Telling, check

MORNING = datetime(2018, 8, 13, 8, 0, tzinfo=clock.VIETNAM)
WRITER, OFFICE_HEAD, CLERK, DIRECTOR = "chuyenvien.cntt", "truongphong.cntt", "vanthu", "giamdoc"


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The dispatch of the story, once it is issued."""

    id: UUID
    pdf: bytes


def require_tellable(telling: Telling) -> None:
    """That the story was never told here, or so lately that its answers are kept.

    The office forgets answers to repeated requests after two days of its clock, and the story goes
    over seven years: told anew after that it would write the dispatch a second time.
    """
    telling.set_clock(MORNING)
    clerk = telling.desk(CLERK)
    lines = clerk.get(f"/api/v1/books/outgoing/{MORNING.year}")["lines"]
    told = [each["document_id"] for each in lines if each["number"] == dispatch_960.NUMBER]
    if not told:
        return
    number = f"/api/v1/documents/{told[0]}/number"
    if told[0] is None or not clerk.was_answered(number, "story-number"):
        raise StoryFailed(
            f"Câu chuyện đã được kể trên dữ liệu này: số {dispatch_960.NUMBER} đã cấp, và hệ thống "
            "không còn giữ các câu trả lời cũ để kể lại. Dữ liệu không bị thay đổi. Muốn kể lại từ "
            "đầu, hãy dừng hệ thống rồi chạy scripts/start --reset (xoá toàn bộ dữ liệu trình "
            "diễn); muốn giữ dữ liệu này, hãy đặt EOFFICE_VAR là một thư mục mới."
        )


def draft(telling: Telling) -> UUID:
    """Step 1: written, returned, corrected, approved; the form check passes."""
    telling.set_clock(MORNING)
    writer = telling.desk(WRITER)
    with telling.step(
        "1.1-draft", "Chuyên viên soạn công văn, chọn nơi nhận và đính kèm tệp"
    ) as step:
        made = writer.post(
            "/api/v1/documents",
            "story-draft",
            {
                "type": "dispatch",
                "text": dispatch_960.text(corrected=False),
                "due_on": dispatch_960.DUE_ON,
            },
        )
        document = f"/api/v1/documents/{made['id']}"
        check(
            step, "dự thảo được tạo ở Phòng CNTT-TB-TV", "Thư viện" in made["drafting_unit"], made
        )
        if made_now(writer.get(document)):
            writer.put(
                f"{document}/recipients",
                {
                    "recipients": [
                        {"group_code": "district_offices"},
                        {"group_code": "upper_secondary_schools"},
                    ]
                },
            )
            writer.upload(
                f"{document}/attachments",
                "story-attach",
                dispatch_960.ATTACHMENT_NAME,
                information_sheet(),
                "application/pdf",
            )
        preview = writer.get(f"{document}/distribution")
        check(step, "hai nhóm nơi nhận thành 12 Phòng và 43 THPT", len(preview) == 55, len(preview))
        found = writer.get(document)
        check(step, "có một tệp đính kèm", len(found["attachments"]) == 1, found["attachments"])

    with telling.step(
        "1.2-return", "Trưởng phòng đọc, thấy tỉ lệ sai và trả lại kèm ý kiến"
    ) as step:
        writer.post(f"{document}/submission", "story-submit-1")
        reader = telling.desk(OFFICE_HEAD)
        findings = (
            reader.get(f"{document}/form-check")["findings"] if waits(reader, document) else None
        )
        returned = reader.post(
            f"{document}/return", "story-return", {"reason": dispatch_960.RETURNED_BECAUSE}
        )
        if findings is not None:
            doubt = [each for each in findings if "93" in each["message"]]
            check(step, "phép kiểm tra thể thức nhắc tỉ lệ 40/43 không phải 93,1%", doubt, findings)
        check(step, "văn bản trở lại dự thảo", returned["state"] == "draft", returned["state"])
        check(step, "có phiên bản mới để sửa", len(returned["versions"]) == 2, returned["versions"])
        check(
            step,
            "ý kiến trả lại được giữ cùng phiên bản 1",
            any(c["is_return_reason"] and c["version_ordinal"] == 1 for c in returned["comments"]),
            returned["comments"],
        )

    with telling.step(
        "1.3-approve", "Chuyên viên sửa, trình lại; Trưởng phòng duyệt nội dung"
    ) as step:
        now = writer.get(document)
        if now["state"] == "draft":
            writer.put(
                f"{document}/draft",
                {
                    "text": dispatch_960.text(corrected=True),
                    "expected_revision": now["versions"][-1]["revision"],
                    "due_on": dispatch_960.DUE_ON,
                },
            )
        writer.post(f"{document}/submission", "story-submit-2")
        changed = writer.get(f"{document}/comparison", older="1", newer="2")
        check(
            step,
            "so sánh hai phiên bản chỉ ra đoạn đã sửa",
            len(changed["paragraphs"]) == 2,
            changed,
        )
        approved = telling.desk(OFFICE_HEAD).post(f"{document}/approval", "story-approve")
        check(step, "nội dung đã được duyệt", approved["state"] == "checking", approved["state"])

    with telling.step("1.4-form-check", "Văn thư kiểm tra thể thức theo Nghị định 30") as step:
        clerk = telling.desk(CLERK)
        result = clerk.get(f"{document}/form-check")
        errors = [each for each in result["findings"] if each["severity"] == "error"]
        check(step, "không có lỗi thể thức", result["passes"] and not errors, result)
        check(
            step,
            "không còn cảnh báo về tỉ lệ",
            not any("40/43" in each["message"] for each in result["findings"]),
            result,
        )
        passed = clerk.post(f"{document}/form-check", "story-form-check")
        check(step, "chờ Giám đốc ký", passed["state"] == "awaiting_signature", passed["state"])
    return UUID(made["id"])


def sign(telling: Telling, document_id: UUID) -> bytes:
    """Step 2: the director signs, the clerk numbers and seals; returns the sealed PDF."""
    document = f"/api/v1/documents/{document_id}"
    pin = {"pin": telling.access.pin}
    with telling.step("2.1-sign", "Giám đốc ký số") as step:
        signed = telling.desk(DIRECTOR).post(f"{document}/signature", "story-sign", pin)
        check(step, "văn bản đã ký, chờ cấp số", signed["state"] == "signed", signed)

    with telling.step(
        "2.2-number", "Văn thư lấy số từ sổ; số và ngày được ghi vào trang đã ký"
    ) as step:
        clerk = telling.desk(CLERK)
        numbered = clerk.post(f"{document}/number", "story-number")
        check(
            step, "sổ đang ở số 959 cấp số 960", numbered["number"] == dispatch_960.NUMBER, numbered
        )
        check(
            step,
            "số, ký hiệu là 960/SGDĐT-CNTTTBTV",
            numbered["code"] == dispatch_960.NOTATION,
            numbered["code"],
        )
        check(
            step,
            "ngày 13 tháng 8 năm 2018",
            numbered["issued_on"] == "2018-08-13",
            numbered["issued_on"],
        )

    with telling.step("2.3-seal", "Văn thư đóng dấu số của Sở") as step:
        sealed = clerk.post(f"{document}/seal", "story-seal", pin)
        check(step, "văn bản đã đủ chữ ký và con dấu", sealed["state"] == "sealed", sealed)
        signatures = clerk.get(f"{document}/signatures")
        purposes = [each["purpose"] for each in signatures]
        check(
            step, "chữ ký Giám đốc trước, con dấu sau", purposes == ["certify", "seal"], signatures
        )
        versions = clerk.get(document)["versions"]
        pdf = clerk.get_bytes(f"{document}/versions/{versions[-1]['ordinal']}/content")
        telling.keep("cong-van-960-ban-phat-hanh.pdf", pdf)
        check(step, "tệp đã đóng dấu là PDF", pdf.startswith(b"%PDF-"))
    return pdf


def made_now(document: dict[str, Any]) -> bool:
    """Whether this run of the story made the draft, rather than an earlier one."""
    return document["state"] == "draft" and not document["recipients"]


def waits(reader: Any, document: str) -> bool:
    """Whether the first version still lies on the desk of the head of the office."""
    found = reader.get(document)
    return bool(found["state"] == "submitted" and len(found["versions"]) == 1)
