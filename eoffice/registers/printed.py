"""The words and figures on the pages of a gradebook, cell by cell.

Pure. The typesetter lays out these cells and the recheck looks for them on the pages, so that both
cannot differ in what a mark or a level is called.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from eoffice.clock import civil_date
from eoffice.registers.gradebook import Json

_WORDS = {
    "good": "Tốt",
    "fair": "Khá",
    "achieved": "Đạt",
    "not_achieved": "Chưa đạt",
    "passed": "Đ",
    "failed": "CĐ",
    "exempt": "M",
    "promoted": "Được lên lớp",
    "summer": "Rèn luyện hè, đánh giá lại",
    "not_promoted": "Không được lên lớp",
    "excellent_pupil": "Học sinh Xuất sắc",
    "good_pupil": "Học sinh Giỏi",
}
_SEMESTERS = ("1", "2")


class PartKind(StrEnum):
    PARTICULARS = "particulars"
    FAMILIES = "families"
    ATTENDANCE = "attendance"
    SUBJECT = "subject"
    SEMESTER = "semester"
    YEAR = "year"
    EVALUATION = "evaluation"


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the register; a cell is text, or old and new text of a corrected mark."""

    kind: PartKind
    heading: str
    rows: tuple[tuple[str, ...], ...]
    #: Code of the subject, for subjects.
    subject: str = ""
    #: Regular marks a semester, for subjects.
    regular_marks: int = 0
    is_scored: bool = False
    #: Days of the month, for attendance.
    days: tuple[str, ...] = ()
    #: How many marks on these pages differ from an earlier signed version.
    corrected: int = 0


#: Stands between the old and the new value of a corrected mark.
CORRECTED = " "


def word(value: str | None) -> str:
    """A value of the data as the register prints it: 8,1 · Đ · Tốt · Được lên lớp."""
    if value is None:
        return ""
    return _WORDS.get(value, value.replace(".", ","))


def parts(data: Json) -> tuple[Part, ...]:
    """The tables in the order of the register."""
    return (
        _particulars(data),
        _families(data),
        *_attendance(data),
        *(_subject(data, subject) for subject in data["subjects"]),
        *(_semester(data, semester) for semester in _SEMESTERS),
        _year(data),
        _evaluation(data),
    )


def cited(data: Json) -> dict[str, str]:
    """What stands in place of a signature that an earlier version bears, by code of the subject."""
    return {
        one["subject"]: f"Không có điểm được sửa ở bản {data_version(data)}. Đã ký ở bản "
        f"{one['version']} ngày {civil_date(datetime.fromisoformat(one['signed_at'])):%d/%m/%Y}."
        for one in data.get("cited", ())
    }


def data_version(data: Json) -> int:
    """Of a gradebook, or of a register of another kind."""
    return int(data["version"] if "version" in data else data["entered"]["version"])


def roman(semester: str) -> str:
    return {"1": "I", "2": "II"}[semester]


def _particulars(data: Json) -> Part:
    keys = ("birthplace", "sex", "ethnicity", "policy_group", "address")
    return Part(
        PartKind.PARTICULARS,
        "SƠ YẾU LÝ LỊCH HỌC SINH",
        tuple(
            (*_who(pupil), _date(pupil["born_on"]), *(pupil[key] for key in keys))
            for pupil in data["pupils"]
        ),
    )


def _families(data: Json) -> Part:
    return Part(
        PartKind.FAMILIES,
        "CHA MẸ HỌC SINH VÀ NHỮNG THAY ĐỔI CẦN CHÚ Ý",
        tuple(
            (*_who(pupil), pupil["father"], pupil["mother"], pupil["changes"])
            for pupil in data["pupils"]
        ),
    )


def _attendance(data: Json) -> list[Part]:
    """One table for each month in which an absence is on record."""
    months: dict[tuple[int, int], dict[tuple[str, int], str]] = defaultdict(
        lambda: defaultdict(str)
    )
    for absence in data["absences"]:
        on = date.fromisoformat(absence["on"])
        sign = "P" if absence["excused"] else "K"
        months[on.year, on.month][absence["pupil"], on.day] += sign
    found = []
    for (year, month), signs in sorted(months.items()):
        days = range(1, monthrange(year, month)[1] + 1)
        rows = []
        for pupil in data["pupils"]:
            cells = [signs.get((pupil["code"], day), "") for day in days]
            count = Counter("".join(cells))
            totals = (count.total(), count["P"], count["K"])
            rows.append((*_who(pupil), *cells, *(str(total or "") for total in totals)))
        found.append(
            Part(
                PartKind.ATTENDANCE,
                f"THEO DÕI CHUYÊN CẦN – THÁNG {month:02} NĂM {year}",
                tuple(rows),
                days=tuple(map(str, days)),
            )
        )
    return found


def _subject(data: Json, subject: Json) -> Part:
    code, regular = subject["code"], subject["regular_marks"]
    corrected = {
        (c["pupil"], c["semester"], c["part"], c["place"]): c["old"]
        for c in data["corrections"]
        if c["subject"] == code
    }

    def cells(pupil: Json) -> tuple[str, ...]:
        found: list[str] = []
        for semester in _SEMESTERS:
            marks = pupil["subjects"][code][semester]
            columns = [("regular", n, marks["regular"][n - 1]) for n in range(1, regular + 1)]
            columns += [("midterm", 1, marks["midterm"]), ("final", 1, marks["final"])]
            for part, place, value in columns:
                old = corrected.get((pupil["code"], semester, part, place))
                found.append(word(value) if old is None else f"{word(old)}{CORRECTED}{word(value)}")
            found.append(word(marks["result"]))
        return (*_who(pupil), *found, word(pupil["subjects"][code]["year"]))

    return Part(
        PartKind.SUBJECT,
        f"MÔN HỌC/HOẠT ĐỘNG GIÁO DỤC: {subject['name'].upper()}",
        tuple(cells(pupil) for pupil in data["pupils"]),
        subject=code,
        regular_marks=regular,
        is_scored=subject["kind"] == "scored",
        corrected=len(corrected),
    )


def _semester(data: Json, semester: str) -> Part:
    return Part(
        PartKind.SEMESTER,
        f"TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ HỌC KÌ {roman(semester)}",
        tuple(
            (
                *_who(pupil),
                *(word(pupil["subjects"][code][semester]["result"]) for code in _codes(data)),
                word(pupil["semesters"][semester]["learning"]),
                word(pupil["semesters"][semester]["conduct"]),
            )
            for pupil in data["pupils"]
        ),
    )


def _year(data: Json) -> Part:
    return Part(
        PartKind.YEAR,
        "TỔNG HỢP KẾT QUẢ ĐÁNH GIÁ CẢ NĂM HỌC",
        tuple(
            (
                *_who(pupil),
                *(word(pupil["subjects"][code]["year"]) for code in _codes(data)),
                word(pupil["year"]["learning"]),
                word(pupil["year"]["conduct"]),
            )
            for pupil in data["pupils"]
        ),
    )


def _evaluation(data: Json) -> Part:
    def cells(pupil: Json) -> tuple[str, ...]:
        year = pupil["year"]
        is_promoted = year["promotion"] == "promoted"
        return (
            *_who(pupil),
            word(year["conduct"]),
            word(year["learning"]),
            str(year["excused"]),
            str(year["unexcused"]),
            str(year["excused"] + year["unexcused"]),
            "x" if is_promoted else "",
            "" if is_promoted else word(year["promotion"]),
            word(year["title"]),
        )

    return Part(
        PartKind.EVALUATION,
        "ĐÁNH GIÁ, XẾP LOẠI CẢ NĂM HỌC",
        tuple(cells(pupil) for pupil in data["pupils"]),
    )


def _who(pupil: Json) -> tuple[str, str]:
    return str(pupil["ordinal"]), pupil["name"]


def _codes(data: Json) -> Sequence[str]:
    return [subject["code"] for subject in data["subjects"]]


def _date(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d/%m/%Y}"
