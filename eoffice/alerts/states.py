"""What alerts are about, when they go out, and the life of a call to a webhook."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Awaits(StrEnum):
    """Why something awaits a person; each is one list of the desk."""

    DOCUMENT = "document"
    TO_REGISTER = "to_register"
    TO_SUBMIT = "to_submit"
    TO_ASSIGN = "to_assign"
    TO_WORK_ON = "to_work_on"
    TO_KNOW = "to_know"
    NOTICE = "notice"
    GRADEBOOK = "gradebook"
    REMINDER = "reminder"
    RIGHTS = "rights"
    TRANSFER = "transfer"
    CLOSING = "closing"
    VERIFICATION = "verification"


AWAITS_NAMES: Final[dict[Awaits, str]] = {
    Awaits.DOCUMENT: "Văn bản đi chờ xử lý",
    Awaits.TO_REGISTER: "Văn bản đến chờ vào sổ",
    Awaits.TO_SUBMIT: "Văn bản đến chờ trình",
    Awaits.TO_ASSIGN: "Văn bản đến chờ phân công",
    Awaits.TO_WORK_ON: "Việc được giao",
    Awaits.TO_KNOW: "Văn bản gửi để biết",
    Awaits.NOTICE: "Tin mới",
    Awaits.GRADEBOOK: "Sổ điểm chờ ký",
    Awaits.REMINDER: "Nhắc hạn xử lý",
    Awaits.RIGHTS: "Quyền đối với hồ sơ",
    Awaits.TRANSFER: "Nộp lưu hồ sơ",
    Awaits.CLOSING: "Sổ đã khóa chờ ký",
    Awaits.VERIFICATION: "Kết quả kiểm tra chữ ký đã đổi",
}


class ToldKind(StrEnum):
    """What other parts of the office have a person told of."""

    #: who may open a case file was changed
    RIGHTS = "rights"
    #: case files are to be handed over to the agency's archive
    TRANSFER = "transfer"
    #: a closed book, or a note on one, awaits a signature
    CLOSING = "closing"
    #: the signatures of a stored file are judged otherwise than before
    VERIFICATION = "verification"


class Timing(StrEnum):
    #: as soon as something new awaits the person
    AT_ONCE = "at_once"
    #: one mail on the morning of each working day, with everything that awaits
    DAILY = "daily"


TIMING_NAMES: Final[dict[Timing, str]] = {
    Timing.AT_ONCE: "Ngay khi có việc mới",
    Timing.DAILY: "Một thư vào đầu mỗi ngày làm việc",
}


class CallState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    #: tried for as long as promises are tried
    GIVEN_UP = "given_up"


CALL_NAMES: Final[dict[CallState, str]] = {
    CallState.WAITING: "Đang chờ gửi",
    CallState.DELIVERED: "Đã nhận",
    CallState.GIVEN_UP: "Không gửi được",
}
