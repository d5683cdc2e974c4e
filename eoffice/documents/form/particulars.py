"""What only some types of documents say, part by part: who is invited, where the leave is spent.

Forms 1.7 to 1.10 of Decree 30/2020, Annex III, are filled in; what agreements say of the other
party is custom. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eoffice.documents.types import DocumentType as T
from eoffice.files.letters import normalised

LONGEST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Particular:
    """One blank of a form."""

    key: str
    label: str
    hint: str = ""
    is_required: bool = True
    is_long: bool = False


_PARTIES: Final = (
    Particular("own_party", "Bên của cơ quan mình", "Ví dụ: Bên A.", is_required=False),
    Particular("other_party", "Bên kia", "Tên đầy đủ của bên ký với cơ quan mình."),
    Particular("other_label", "Gọi bên kia là", "Ví dụ: Bên B.", is_required=False),
    Particular("other_title", "Chức vụ người ký của bên kia"),
    Particular("other_name", "Họ và tên người ký của bên kia"),
)

BLANKS: Final[dict[T, tuple[Particular, ...]]] = {
    T.INVITATION: (
        Particular(
            "invited",
            "Kính mời",
            "Tên cơ quan, hoặc họ tên, chức vụ, đơn vị của người được mời.",
            is_long=True,
        ),
        Particular("event", "Tới dự", "Tên cuộc họp, hội nghị, hội thảo.", is_long=True),
        Particular("chair", "Chủ trì"),
        Particular("time", "Thời gian", "Ví dụ: 8 giờ 00, ngày 20 tháng 8 năm 2018."),
        Particular("venue", "Địa điểm"),
    ),
    T.INTRODUCTION: (
        Particular("introduced", "Giới thiệu ông (bà)", "Họ và tên, đơn vị công tác."),
        Particular("position", "Chức vụ"),
        Particular("sent_to", "Được cử đến", "Cơ quan được giới thiệu tới làm việc."),
        Particular("errand", "Về việc", is_long=True),
        Particular("valid_until", "Có giá trị đến hết ngày", "Ví dụ: 31 tháng 8 năm 2018."),
    ),
    T.MINUTES: (
        Particular("began", "Thời gian bắt đầu", "Ví dụ: 8 giờ 00, ngày 20 tháng 8 năm 2018."),
        Particular("venue", "Địa điểm"),
        Particular("present", "Thành phần tham dự", is_long=True),
        Particular("chair", "Chủ trì (chủ tọa)"),
        Particular("secretary", "Thư ký (người ghi biên bản)", "Họ và tên."),
        Particular("secretary_title", "Chức vụ của thư ký", "Chỉ ghi khi cần.", is_required=False),
        Particular("ended", "Kết thúc vào", "Ví dụ: 11 giờ 30, ngày 20 tháng 8 năm 2018."),
    ),
    T.LEAVE_PAPER: (
        Particular("requested_on", "Ngày của đơn đề nghị", "Ví dụ: 02 tháng 8 năm 2018."),
        Particular("person", "Cấp cho ông (bà)", "Họ và tên, đơn vị công tác."),
        Particular("position", "Chức vụ"),
        Particular("length", "Thời gian nghỉ", "Ví dụ: 05 ngày."),
        Particular("first_day", "Kể từ ngày"),
        Particular("last_day", "Đến hết ngày"),
        Particular("place", "Nghỉ tại"),
        Particular("counted_as", "Tính vào thời gian", "Ví dụ: nghỉ hằng năm có hưởng lương."),
    ),
    T.CONTRACT: _PARTIES,
    T.AGREEMENT: _PARTIES,
    T.MEMORANDUM: _PARTIES,
}

_LABELS: Final = {each.key: each.label for blanks in BLANKS.values() for each in blanks}

#: Pairs of name and words in the order of the names; only what is filled in.
Particulars = tuple[tuple[str, str], ...]


def of(kind: T) -> tuple[Particular, ...]:
    """The blanks of this type's form, in the order of the form; none where it has none."""
    return BLANKS.get(kind, ())


def parse(value: object, wrong: dict[str, str]) -> Particulars:
    """From a mapping, or from the pairs that were kept; what is wrong goes into `wrong`."""
    pairs = list(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(pairs, list | tuple) or not all(
        isinstance(pair, list | tuple) and len(pair) == 2 and isinstance(pair[1], str)
        for pair in pairs
    ):
        wrong["particulars"] = "Các mục riêng của mẫu phải là tên mục và chữ."
        return ()
    found: dict[str, str] = {}
    for key, words in pairs:
        if key not in _LABELS:
            wrong[f"particular_{key}"] = "Mẫu văn bản không có mục này."
        elif len(words) > LONGEST:
            wrong[f"particular_{key}"] = f"{_LABELS[key]} dài hơn {LONGEST} ký tự."
        elif kept := normalised(words):
            found[key] = kept
    return tuple(sorted(found.items()))
