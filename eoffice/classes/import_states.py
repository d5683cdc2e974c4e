"""The life of an import of a whole school, as a table; an absent pair is refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class ImportKind(StrEnum):
    """What is brought in: marks, or lists of pupils."""

    MARKS = "marks"
    PUPILS = "pupils"


class SchoolImportState(StrEnum):
    #: đang đọc tệp
    READING = "reading"
    #: có trang chưa rõ lớp, môn, học kì hoặc cột
    UNCLEAR = "unclear"
    #: đọc được, có lỗi phải sửa trong tệp
    FAULTY = "faulty"
    #: đọc được, chờ chấp nhận
    READY = "ready"
    #: đang ghi từng lớp vào sổ
    ACCEPTING = "accepting"
    #: đã ghi vào sổ
    ACCEPTED = "accepted"
    #: không đọc được
    FAILED = "failed"


class ImportStep(StrEnum):
    READ_UNCLEAR = "read_unclear"
    READ_FAULTY = "read_faulty"
    READ_WELL = "read_well"
    FAIL = "fail"
    EXPLAIN = "explain"
    ACCEPT = "accept"
    FINISH = "finish"


class ImportStepRefused(Conflict):
    """The import is not in a state in which this step can be taken."""


_S, _T = SchoolImportState, ImportStep
TABLE: Final[dict[tuple[SchoolImportState, ImportStep], SchoolImportState]] = {
    (_S.READING, _T.READ_UNCLEAR): _S.UNCLEAR,
    (_S.READING, _T.READ_FAULTY): _S.FAULTY,
    (_S.READING, _T.READ_WELL): _S.READY,
    (_S.READING, _T.FAIL): _S.FAILED,
    (_S.UNCLEAR, _T.EXPLAIN): _S.READING,
    (_S.FAULTY, _T.EXPLAIN): _S.READING,
    (_S.READY, _T.EXPLAIN): _S.READING,
    (_S.READY, _T.ACCEPT): _S.ACCEPTING,
    # The classes without a fault; those with one are left out.
    (_S.FAULTY, _T.ACCEPT): _S.ACCEPTING,
    (_S.ACCEPTING, _T.FINISH): _S.ACCEPTED,
}

NAMES: Final[dict[SchoolImportState, str]] = {
    _S.READING: "Đang đọc tệp",
    _S.UNCLEAR: "Cần nói rõ thêm",
    _S.FAULTY: "Có lỗi phải sửa",
    _S.READY: "Chờ chấp nhận",
    _S.ACCEPTING: "Đang ghi vào sổ",
    _S.ACCEPTED: "Đã ghi vào sổ",
    _S.FAILED: "Không đọc được",
}
TONES: Final[dict[SchoolImportState, str]] = {
    _S.READING: "going",
    _S.UNCLEAR: "waiting",
    _S.FAULTY: "wrong",
    _S.READY: "waiting",
    _S.ACCEPTING: "going",
    _S.ACCEPTED: "done",
    _S.FAILED: "wrong",
}
_STEP_NAMES: Final[dict[ImportStep, str]] = {
    _T.READ_UNCLEAR: "ghi kết quả đọc",
    _T.READ_FAULTY: "ghi kết quả đọc",
    _T.READ_WELL: "ghi kết quả đọc",
    _T.FAIL: "ghi kết quả đọc",
    _T.EXPLAIN: "nói rõ thêm về trang hoặc cột",
    _T.ACCEPT: "chấp nhận",
    _T.FINISH: "kết thúc",
}


def after(state: SchoolImportState, step: ImportStep) -> SchoolImportState:
    """The state that follows. Raises ImportStepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise ImportStepRefused(
            f"Lần nhập này ở trạng thái “{NAMES[state]}” nên không {_STEP_NAMES[step]} được nữa. "
            "Hãy mở lại trang để xem tình trạng mới nhất."
        )
    return following
