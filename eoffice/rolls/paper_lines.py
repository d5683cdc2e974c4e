"""An enrolment register that was kept on paper or elsewhere, read from a table. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from eoffice.files.tables.workbook import Grid, Value
from eoffice.rolls import list_reading, numbering
from eoffice.rolls.enrolment_actions import PaperLine
from eoffice.rolls.list_reading import Columns, Fault
from eoffice.rolls.rules import LONGEST

ALIASES: Final = {
    "number": ("Số đăng bộ", "Số ĐB", "Số danh bộ", "Đăng bộ"),
    "name": ("Họ và tên", "Họ tên", "Họ và tên học sinh", "Họ tên học sinh"),
    "admitted_on": ("Ngày vào trường", "Ngày nhập học", "Ngày vào", "Vào trường ngày"),
    "class_name": ("Lớp", "Vào lớp", "Lớp khi vào"),
    "code": ("Mã học sinh", "Mã HS", "Mã số học sinh", "Mã MOET"),
    "personal_id": ("Số định danh cá nhân", "Số định danh", "CCCD", "Mã định danh"),
    "born_on": ("Ngày sinh", "Ngày, tháng, năm sinh", "Ngày tháng năm sinh"),
    "sex": ("Giới tính", "Nam/Nữ", "Nam, nữ"),
    "birthplace": ("Nơi sinh",),
    "hometown": ("Quê quán",),
    "ethnicity": ("Dân tộc",),
    "religion": ("Tôn giáo",),
    "nationality": ("Quốc tịch",),
    "permanent_address": ("Nơi thường trú", "Hộ khẩu", "Hộ khẩu thường trú", "Thường trú"),
    "address": ("Nơi ở hiện nay", "Chỗ ở", "Chỗ ở hiện nay", "Địa chỉ"),
    "father": ("Họ tên cha", "Cha", "Họ và tên cha"),
    "mother": ("Họ tên mẹ", "Mẹ", "Họ và tên mẹ"),
    "came_from": ("Chuyển từ trường", "Trường chuyển đến", "Chuyển đến từ"),
    "ended_on": ("Ngày ra trường", "Ngày chuyển đi", "Ngày nghỉ", "Ngày thôi học"),
    "ended_as": ("Lý do ra trường", "Lý do", "Ra trường", "Chuyển đi, thôi học, tốt nghiệp"),
    "note": ("Ghi chú",),
}
NEEDED: Final = ("number", "name")
#: More missing numbers than that are a table of something else.
MOST_HOLES: Final = 500
NO_PUPIL: Final = "Sổ giấy không ghi học sinh ở số này."
_NUMBER: Final = re.compile(r"(\d{1,7})(?:\s*/.*)?")
_DAYS: Final = ("admitted_on", "born_on", "ended_on")


@dataclass(frozen=True, slots=True)
class KnownPupil:
    """A pupil of the school's lists; `number` where a line stands for them already."""

    id: UUID
    number: int | None


@dataclass(frozen=True, slots=True)
class PaperReading:
    #: Every number from the next one on, those without a pupil annulled.
    lines: tuple[PaperLine, ...]
    faults: tuple[Fault, ...]
    #: Numbers that the table does not have.
    holes: tuple[int, ...]
    linked: int
    unknown_columns: tuple[str, ...]


def read(
    grid: Grid,
    *,
    next_number: int,
    known: Mapping[str, KnownPupil],
    today: date,
) -> PaperReading:
    """`known`: pupils by code and by personal number. Raises ListRefused."""
    found = list_reading.columns(grid, ALIASES, NEEDED)
    faults: list[Fault] = []
    by_number: dict[int, PaperLine] = {}
    taken: set[UUID] = set()
    for row, values in list_reading.rows(grid, found):
        number = _number(values, row, found, faults, next_number, by_number)
        line = _line(number or 0, values, row, found, faults, today)
        pupil = known.get(line.code) or known.get(line.personal_id)
        if pupil is not None:
            if pupil.number is not None:
                _fault(faults, row, found, "name", f"Học sinh đã có số đăng bộ {pupil.number}.")
            elif pupil.id in taken:
                _fault(faults, row, found, "name", "Học sinh này đã ở một dòng trên.")
            taken.add(pupil.id)
        if number is not None:
            by_number[number] = _linked(line, pupil)
    holes = numbering.holes(sorted(by_number), first=next_number)
    if len(holes) > MOST_HOLES:
        faults.append(
            Fault(
                found.header_row,
                found.titles["number"],
                f"Bảng thiếu {len(holes)} số kể từ số tiếp theo của sổ là {next_number}. Hãy xem "
                "lại số mở đầu, hoặc chép từ đầu sổ.",
            )
        )
        holes = ()
    every = by_number | {n: PaperLine(n, annulled_because=NO_PUPIL) for n in holes}
    return PaperReading(
        tuple(every[number] for number in sorted(every)),
        tuple(faults),
        holes,
        sum(line.pupil_id is not None for line in every.values()),
        found.unknown,
    )


def _number(
    values: Mapping[str, Value],
    row: int,
    found: Columns,
    faults: list[Fault],
    next_number: int,
    there: Mapping[int, PaperLine],
) -> int | None:
    written = _NUMBER.fullmatch(list_reading.text(values["number"]))
    if written is None:
        _fault(faults, row, found, "number", "Số đăng bộ là một số, như 123 hoặc 123/THCS.")
        return None
    number = int(written[1])
    if number in there:
        _fault(faults, row, found, "number", f"Số {number} đã có ở một dòng trên.")
        return None
    if number < next_number:
        _fault(
            faults, row, found, "number",
            f"Số tiếp theo của sổ là {next_number}; số {number} không cấp lại được.",
        )  # fmt: skip
        return None
    return number


def _line(
    number: int,
    values: Mapping[str, Value],
    row: int,
    found: Columns,
    faults: list[Fault],
    today: date,
) -> PaperLine:
    days = {field: _day(field, values, row, found, faults, today) for field in _DAYS}
    texts = {}
    for field in found.places:
        if field in ("number", "sex", *_DAYS):
            continue
        texts[field] = list_reading.text(values[field])
        if len(texts[field]) > LONGEST:
            _fault(faults, row, found, field, f"Ghi dài nhất {LONGEST} ký tự.")
    try:
        sex = list_reading.sex(values.get("sex"))
    except ValueError:
        _fault(faults, row, found, "sex", "Ghi Nam hoặc Nữ.")
        sex = ""
    if days["ended_on"] is not None and not texts.get("ended_as"):
        texts["ended_as"] = "Ra trường"
    elif texts.get("ended_as") and days["ended_on"] is None:
        # A reason without a day is kept as a remark.
        texts["note"] = ". ".join(filter(None, (texts.get("note", ""), texts.pop("ended_as"))))
    if not texts["name"]:
        texts["annulled_because"] = NO_PUPIL
    return PaperLine(number, sex=sex, **days, **texts)  # type: ignore[arg-type]


def _day(
    field: str,
    values: Mapping[str, Value],
    row: int,
    found: Columns,
    faults: list[Fault],
    today: date,
) -> date | None:
    try:
        day = list_reading.day(values.get(field))
    except ValueError:
        _fault(faults, row, found, field, "Ngày ghi như 05/09/2024.")
        return None
    if day is not None and not date(1900, 1, 1) <= day <= today:
        _fault(faults, row, found, field, "Ngày không sau hôm nay.")
    return day


def _linked(line: PaperLine, pupil: KnownPupil | None) -> PaperLine:
    if pupil is None or line.annulled_because:
        return line
    kept = {name: getattr(line, name) for name in PaperLine.__slots__}
    return PaperLine(**(kept | {"pupil_id": pupil.id}))


def _fault(faults: list[Fault], row: int, found: Columns, field: str, sentence: str) -> None:
    faults.append(Fault(row, found.titles.get(field, ALIASES[field][0]), sentence))
