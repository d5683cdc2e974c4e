"""Two versions of a book side by side, cell by cell: what was entered, and what follows from it.

Pure: works on the data inside the two files, whatever the kind of book. Entries of lists are paired
by the code they bear, so that a pupil who came between two others is one difference and not forty.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from eoffice.assessment.marks import Part
from eoffice.registers import printed

Json: TypeAlias = Any
Path: TypeAlias = tuple[str, ...]

#: What a version says about itself and not about pupils.
_ABOUT: Final = frozenset({"format", "version", "made_at", "corrections", "cited", "terms"})
#: In the data of the class book of Circular 22, which keep marks and results together.
_COMPUTED: Final = frozenset(
    {"result", "learning", "learning_before_adjustment", "promotion", "title", "totals"}
)
WORDS: Final[Mapping[str, str]] = {
    "1": "Học kì I",
    "2": "Học kì II",
    "year": "Cả năm",
    "after": "Sau đánh giá lại",
    "regular": "Thường xuyên",
    "oral": "Kiểm tra miệng",
    "written": "Kiểm tra viết",
    "periodic": "Kiểm tra định kì",
    "midterm": "Giữa kì",
    "final": "Cuối kì",
    "topic": "Chuyên đề",
    "midterm_test": "Điểm kiểm tra giữa kì",
    "final_test": "Điểm kiểm tra cuối kì",
    "stated": "Kết quả đưa sang",
    "reassessed": "Đánh giá lại",
    "reassessed_test": "Điểm kiểm tra lại",
    "result": "Kết quả môn học",
    "average": "Điểm trung bình các môn",
    "learning": "Kết quả học tập",
    "learning_before_adjustment": "Kết quả học tập trước điều chỉnh",
    "conduct": "Kết quả rèn luyện",
    "promotion": "Lên lớp",
    "outcome": "Kết quả cuối năm",
    "title": "Danh hiệu",
    "excused": "Nghỉ có phép",
    "unexcused": "Nghỉ không phép",
    "absences": "Chuyên cần",
    "totals": "Tổng hợp chung",
    "name": "Họ và tên",
    "born_on": "Ngày sinh",
    "address": "Chỗ ở",
    "middle_1": "Giữa học kì I",
    "end_1": "Cuối học kì I",
    "middle_2": "Giữa học kì II",
    "end_2": "Cuối năm học",
    "homeroom_teacher": "Giáo viên chủ nhiệm",
    "principal": "Hiệu trưởng",
    "teacher": "Giáo viên",
}
#: Levels of Circulars 58/2011 and 27/2020 which the book of 22/2021 does not know.
_LEVELS: Final[Mapping[str, str]] = {
    "well_done": "T",
    "done": "H",
    "not_done": "C",
    "needs_effort": "Cần cố gắng",
    "average": "Trung bình",
    "weak": "Yếu",
    "excellent": "Giỏi",
    "poor": "Kém",
    "advanced_pupil": "Học sinh tiên tiến",
    "exemplary_pupil": "Học sinh tiêu biểu",
}
_HALVES: Final[Mapping[str, str]] = {"morning": "sáng", "afternoon": "chiều"}
#: Keys that only lead on.
_SILENT: Final = frozenset(
    {"entered", "results", "pupils", "pupil", "subjects", "semesters", "marks", "classes", "traits"}
)


#: Parts of which a pupil can have several marks, numbered, and those with one.
SEVERAL: Final = frozenset({Part.REGULAR, Part.ORAL, Part.WRITTEN, Part.PERIODIC})
SINGLE: Final = frozenset(Part) - SEVERAL


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that the two versions do not have alike; None where one of them has nothing."""

    path: Path
    #: The pupil whose cell it is; empty for what is of the whole class.
    pupil: str
    #: "Toán học · Học kì I · Thường xuyên 1"
    place: str
    old: str | None
    new: str | None
    #: Entered by a person, or computed from what was entered.
    is_entered: bool


def part_label(part: Part, place: int) -> str:
    """A column of the book: only those that can have several marks are numbered."""
    word = WORDS[part.value]
    return f"{word} {place}" if part in SEVERAL else word


def compare(old: Json, new: Json) -> tuple[Difference, ...]:
    """What differs, in the order of the newer version; what was entered comes first."""
    before, after = dict(_leaves((), old)), dict(_leaves((), new))
    names = {**_names(old), **_names(new), **_called(new)}
    found = [
        Difference(
            path,
            _pupil(path, names),
            _place(path, names),
            _shown(before.get(path)),
            _shown(after.get(path)),
            _is_entered(path),
        )
        for path in [*after, *(path for path in before if path not in after)]
        if before.get(path) != after.get(path)
    ]
    return tuple(sorted(found, key=lambda one: not one.is_entered))


def _leaves(path: Path, value: Json) -> Iterator[tuple[Path, Json]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _ABOUT:
                yield from _leaves((*path, str(key)), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            key = (*path, _key(inner, number))
            if _is_session(inner):
                # One cell of the list of attendance, and not four entries of the data.
                yield key, "P" if inner["excused"] else "K"
            else:
                yield from _leaves(key, inner)
    elif value not in (None, ""):
        yield path, value


def _is_session(item: Json) -> bool:
    """A session that a pupil missed."""
    return isinstance(item, dict) and item.keys() == {"pupil", "on", "session", "excused"}


def _key(item: Json, number: int) -> str:
    """By what an entry of a list is the same in both versions."""
    if isinstance(item, dict):
        inner = item.get("pupil")
        if isinstance(inner, dict):
            item = inner
        if "code" in item:
            return str(item["code"])
        if "on" in item and isinstance(inner, str):
            return f"{inner} {item['on']} {item.get('session', '')}".strip()
        if "name" in item:
            return str(item["name"])
    return str(number)


def _names(data: Json) -> dict[str, str]:
    """Code -> name, of pupils, subjects and traits."""
    found: dict[str, str] = {}
    if isinstance(data, dict):
        if isinstance(data.get("code"), str) and isinstance(data.get("name"), str):
            found[data["code"]] = data["name"]
        for inner in data.values():
            found |= _names(inner)
    elif isinstance(data, list):
        for inner in data:
            found |= _names(inner)
    return found


def _called(data: Json) -> dict[str, str]:
    """What the circular of a book calls a part of it otherwise."""
    entered = data.get("entered") if isinstance(data, dict) else None
    rule_set = entered.get("rule_set", "") if isinstance(entered, dict) else ""
    if not str(rule_set).startswith("TT58"):
        return {}
    return {"conduct": "Hạnh kiểm", "learning": "Học lực"}


def _pupil(path: Path, names: Mapping[str, str]) -> str:
    for key, following in itertools.pairwise(path):
        if key == "pupils" and following in names:
            return names[following]
        if key == "absences":
            return names.get(following.split()[0], "")
    return ""


def _place(path: Path, names: Mapping[str, str]) -> str:
    words: list[str] = []
    for before, key in itertools.pairwise(("", *path)):
        if key in _SILENT or (before == "pupils" and key in names):
            continue
        if before in SINGLE and key.isdigit():
            continue
        if before in SEVERAL and key.isdigit():
            words[-1] = f"{words[-1]} {int(key) + 1}"
        elif before == "absences":
            words.append(_session(key))
        else:
            words.append(names.get(key) or WORDS.get(key) or printed.word(key))
    return " · ".join(words)


def _session(key: str) -> str:
    """ "HS002 2024-09-05 morning" as people say it."""
    day, _, half = key.partition(" ")[2].partition(" ")
    try:
        said = f"Ngày {date.fromisoformat(day):%d/%m/%Y}"
    except ValueError:
        return f"{day} {half}".strip()
    return f"{said}, buổi {_HALVES[half]}" if half in _HALVES else said


def _is_entered(path: Path) -> bool:
    if path[0] in ("entered", "results"):
        return path[0] == "entered"
    # A year's value of a subject follows from its semesters.
    of_year = len(path) > 4 and path[2] == "subjects" and path[-1] == "year"
    return not of_year and not _COMPUTED & {*path} and path[2:3] != ("year",)


def _shown(value: Json) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "có" if value else "không"
    if not isinstance(value, str):
        return str(value)
    return _LEVELS.get(value) or printed.word(value)
