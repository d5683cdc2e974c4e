"""For whom a part waits, and what was done, said in sentences. Pure."""

from __future__ import annotations

from typing import Final

from eoffice.reports.states import PartState

#: Tone of the state's word in lists.
TONES: Final[dict[PartState, str]] = {
    PartState.PREPARING: "going",
    PartState.AWAITING_TEACHERS: "waiting",
    PartState.AWAITING_HOMEROOM: "waiting",
    PartState.AWAITING_PRINCIPAL: "waiting",
    PartState.AWAITING_SEAL: "waiting",
    PartState.SEALED: "going",
    PartState.CLOSED: "done",
    PartState.WITHDRAWAL_REQUESTED: "waiting",
    PartState.WITHDRAWAL_GRANTED: "going",
    PartState.RETURNED: "wrong",
    PartState.SUPERSEDED: "quiet",
}

#: Said after a signature, by the state that it led to.
SAID: Final[dict[PartState, str]] = {
    PartState.AWAITING_TEACHERS: "Đã ký phần của bạn. Học bạ còn chờ giáo viên môn học khác.",
    PartState.AWAITING_HOMEROOM: "Đã ký. Học bạ chờ giáo viên chủ nhiệm.",
    PartState.AWAITING_PRINCIPAL: "Đã ký. Học bạ chờ hiệu trưởng duyệt, ký.",
    PartState.AWAITING_SEAL: "Đã duyệt, ký. Văn thư sẽ đóng dấu của nhà trường.",
    PartState.SEALED: "Đã đóng dấu. Hiệu trưởng hoặc văn thư chốt học bạ.",
}


def sentence(state: PartState, people: tuple[str, ...]) -> str:
    """ "Đang chờ hiệu trưởng Ngô Thị Tuyết Mai duyệt, ký." `people` are those whose turn it is."""
    if len(people) > 3:
        names = f"{', '.join(people[:2])} và {len(people) - 2} người khác"
    else:
        names = ", ".join(people) or "người có trách nhiệm"
    return {
        PartState.PREPARING: "Hệ thống đang lập các trang học bạ từ sổ của lớp.",
        PartState.AWAITING_TEACHERS: f"Đang chờ giáo viên môn học ký: {names}.",
        PartState.AWAITING_HOMEROOM: f"Đang chờ giáo viên chủ nhiệm {names} ký.",
        PartState.AWAITING_PRINCIPAL: "Đang chờ hiệu trưởng duyệt, ký.",
        PartState.AWAITING_SEAL: "Đang chờ văn thư đóng dấu của nhà trường.",
        PartState.SEALED: "Đang chờ hiệu trưởng hoặc văn thư chốt học bạ.",
        PartState.CLOSED: "Học bạ đã chốt và nộp vào kho lưu trữ; muốn sửa phải xin thu hồi.",
        PartState.WITHDRAWAL_REQUESTED: "Đang chờ đơn vị cấp trên giải quyết đề nghị thu hồi.",
        PartState.WITHDRAWAL_GRANTED: "Cấp trên đã cho thu hồi; nhà trường mở lại để lập bản mới.",
        PartState.RETURNED: "Đã trả lại để sửa; lập lại học bạ thì bản kế tiếp thay cho bản này.",
        PartState.SUPERSEDED: "Đã có bản thay cho bản này; bản này vẫn đọc và kiểm tra được.",
    }[state]
