"""What becomes of an uploaded sheet of marks, in the words of the page."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ImportState(StrEnum):
    #: có lỗi phải sửa trong tệp; không nhận được
    FAULTY = "faulty"
    #: đọc được, chờ người nhập xem trước và chấp nhận
    READY = "ready"
    #: đã ghi vào sổ
    ACCEPTED = "accepted"
    #: tệp đã được đọc lại, lần đọc này thôi dùng
    SUPERSEDED = "superseded"


IMPORT_NAMES: Final[dict[ImportState, str]] = {
    ImportState.FAULTY: "Có lỗi phải sửa",
    ImportState.READY: "Chờ chấp nhận",
    ImportState.ACCEPTED: "Đã ghi vào sổ",
    ImportState.SUPERSEDED: "Đã đọc lại",
}

#: Tone of the state's word in lists.
IMPORT_TONES: Final[dict[ImportState, str]] = {
    ImportState.FAULTY: "wrong",
    ImportState.READY: "waiting",
    ImportState.ACCEPTED: "done",
    ImportState.SUPERSEDED: "quiet",
}
