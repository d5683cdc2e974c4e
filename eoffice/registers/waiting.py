"""For whom a book waits, and what was done, said in sentences. Pure."""

from __future__ import annotations

from typing import Final

from eoffice.registers.states import State

#: Tone of the state's word in lists.
TONES: Final[dict[State, str]] = {
    State.RENDERING: "going",
    State.AWAITING_TEACHERS: "waiting",
    State.AWAITING_KEEPER: "waiting",
    State.AWAITING_HOMEROOM: "waiting",
    State.AWAITING_PRINCIPAL: "waiting",
    State.AWAITING_SEAL: "waiting",
    State.CLOSED: "done",
    State.RETURNED: "wrong",
    State.SUPERSEDED: "quiet",
}

#: Said after a signature, by the state that it led to.
SAID: Final[dict[State, str]] = {
    State.RENDERING: "Đã ghi nhận.",
    State.AWAITING_TEACHERS: "Đã ký phần của bạn. Sổ còn chờ các giáo viên môn học khác.",
    State.AWAITING_KEEPER: "Đã ghi nhận. Sổ chờ người lập sổ ký.",
    State.AWAITING_HOMEROOM: "Đã ký. Mọi giáo viên môn học đã ký; sổ chờ giáo viên chủ nhiệm.",
    State.AWAITING_PRINCIPAL: "Đã ký. Sổ chờ hiệu trưởng duyệt, ký.",
    State.AWAITING_SEAL: "Đã duyệt, ký sổ. Văn thư sẽ đóng dấu của nhà trường.",
    State.CLOSED: "Đã đóng dấu và khóa sổ. Sổ đang được nộp vào kho lưu trữ.",
    State.RETURNED: "Sổ đã được trả lại.",
    State.SUPERSEDED: "Đã có bản mới thay thế.",
}


def sentence(state: State, people: tuple[str, ...]) -> str:
    """ "Đang chờ Ngô Thị Tuyết Mai duyệt, ký." `people` are those whose turn it is."""
    if len(people) > 3:
        names = f"{', '.join(people[:2])} và {len(people) - 2} người khác"
    else:
        names = ", ".join(people) or "người có trách nhiệm"
    return {
        State.RENDERING: "Hệ thống đang lập các trang sổ.",
        State.AWAITING_TEACHERS: f"Đang chờ giáo viên môn học ký: {names}.",
        State.AWAITING_KEEPER: f"Đang chờ người lập sổ {names} ký.",
        State.AWAITING_HOMEROOM: f"Đang chờ giáo viên chủ nhiệm {names} ký.",
        State.AWAITING_PRINCIPAL: f"Đang chờ hiệu trưởng {names} duyệt, ký.",
        State.AWAITING_SEAL: "Đang chờ văn thư đóng dấu của nhà trường.",
        State.CLOSED: "Sổ đã khóa và nộp vào kho lưu trữ.",
        State.RETURNED: "Sổ đã trả lại để sửa; bản kế tiếp sẽ thay cho bản này.",
        State.SUPERSEDED: "Đã có bản mới thay cho bản này; bản này vẫn đọc và kiểm tra được.",
    }[state]
