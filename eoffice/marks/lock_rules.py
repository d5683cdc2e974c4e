"""When marks must not be changed: by column, by semester, by year; and for whom a lock was opened.

A lock covers every cell that it does not exclude: one without a class covers all classes, one
without a column the whole semester, one without a semester the year. An opening lets some of what a
lock covers through until an instant, for a reason. Pure values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import Column
from eoffice.errors import Conflict, Invalid

#: An opening is for a correction, not for the rest of the year.
LONGEST_OPENING: Final = timedelta(days=31)
LONGEST_REASON: Final = 500
#: Parts of which a semester has several columns.
SEVERAL: Final = frozenset({Part.REGULAR, Part.ORAL, Part.WRITTEN, Part.PERIODIC})
MOST_PLACES: Final = 9
PART_NAMES: Final[dict[Part, str]] = {
    Part.REGULAR: "ĐĐGtx",
    Part.MIDTERM: "ĐĐGgk",
    Part.FINAL: "ĐĐGck",
    Part.ORAL: "KT miệng ",
    Part.WRITTEN: "KT viết ",
    Part.PERIODIC: "KTđk ",
    Part.TOPIC: "chuyên đề",
    Part.MIDTERM_TEST: "KTĐK giữa kì",
    Part.FINAL_TEST: "KTĐK cuối kì",
    Part.STATED: "kết quả ghi nhận",
    Part.REASSESSED: "đánh giá lại",
    Part.REASSESSED_TEST: "KTĐK đánh giá lại",
}


class LockInvalid(Invalid):
    """What was asked to be locked or opened cannot be."""


class MarksLocked(Conflict):
    """A mark that would change stands in a locked column."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the register, without the pupil."""

    class_id: UUID
    subject_code: str
    semester: Semester
    part: Part
    place: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What a lock or an opening covers; None is everything of the kind."""

    class_id: UUID | None = None
    subject_code: str | None = None
    semester: Semester | None = None
    part: Part | None = None
    place: int | None = None

    def covers(self, cell: Place) -> bool:
        return (
            self.class_id in (None, cell.class_id)
            and self.subject_code in (None, cell.subject_code)
            and self.semester in (None, cell.semester)
            and self.part in (None, cell.part)
            and self.place in (None, cell.place)
        )


@dataclass(frozen=True, slots=True)
class Opening:
    scope: Scope
    until: datetime


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that nobody has lifted, with the openings that nobody has taken back."""

    scope: Scope
    reason: str
    locked_at: datetime
    openings: tuple[Opening, ...] = ()

    def holds(self, cell: Place, at: datetime) -> bool:
        """Whether the cell must not be changed at this instant; `until` itself is past."""
        return self.scope.covers(cell) and not any(
            at < opening.until and opening.scope.covers(cell) for opening in self.openings
        )


@dataclass(frozen=True, slots=True)
class Lockable:
    """A column that can be locked; without a place all columns of the part."""

    part: Part
    place: int | None
    #: As the circulars of the classes print it: "ĐĐGtx2", "Mọi cột ĐĐGtx".
    label: str


def lockable(columns: Iterable[Column]) -> tuple[Lockable, ...]:
    """What can be locked of these columns: each part once, in the order in which it comes."""
    labels: dict[Part, dict[str, int]] = {}
    for column in columns:
        own = labels.setdefault(column.part, {})
        own[column.label] = max(own.get(column.label, 0), column.most)
    found: list[Lockable] = []
    for part, own in labels.items():
        most = min(max(own.values()), MOST_PLACES)
        name = " / ".join(own)
        if part in SEVERAL and most > 1:
            found += [
                Lockable(part, place, " / ".join(f"{label}{place}" for label in own))
                for place in range(1, most + 1)
            ]
            name = f"Mọi cột {name}"
        found.append(Lockable(part, None, name))
    return tuple(found)


def holding(locks: Iterable[Lock], cell: Place, *, at: datetime) -> Lock | None:
    """The first lock that keeps this cell from being changed."""
    return next((lock for lock in locks if lock.holds(cell, at)), None)


def checked(scope: Scope) -> Scope:
    """The scope itself. Raises LockInvalid where a part is named without its whole."""
    if scope.part is not None and scope.semester is None:
        raise LockInvalid("Khóa một cột điểm thì phải chọn học kì của cột đó.")
    if scope.place is not None and (
        scope.part not in SEVERAL or not 1 <= scope.place <= MOST_PLACES
    ):
        raise LockInvalid(f"Cột này không có lần {scope.place}; hãy chọn lần từ 1 đến 9.")
    return scope


def checked_reason(text: str) -> str:
    """The reason with single spaces. Raises LockInvalid."""
    reason = " ".join(text.split())
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise LockInvalid(
            f"Hãy ghi lí do, không quá {LONGEST_REASON} ký tự.", fields={"reason": "Hãy ghi lí do."}
        )
    return reason


def checked_until(until: datetime, *, at: datetime) -> datetime:
    """The end of an opening. Raises LockInvalid for one in the past or far away."""
    if not at < until <= at + LONGEST_OPENING:
        message = f"Mở khóa đến một thời điểm sau lúc này, không quá {LONGEST_OPENING.days} ngày."
        raise LockInvalid(message, fields={"until": message})
    return until


def column_name(part: Part | None, place: int | None = None) -> str:
    """ "ĐĐGtx2", or "mọi cột" for None."""
    if part is None:
        return "mọi cột"
    numbered = PART_NAMES[part] + (str(place) if part in SEVERAL and place is not None else "")
    return numbered.strip()


def described(scope: Scope, *, subject: str | None = None, class_name: str | None = None) -> str:
    """ "Cột ĐĐGtx1, học kì I, môn Toán học, lớp 7A1"; the names are those of the scope."""
    parts = []
    if scope.part is not None:
        parts.append(f"cột {column_name(scope.part, scope.place)}")
    parts.append("cả năm học" if scope.semester is None else f"học kì {'I' * int(scope.semester)}")
    parts.append(
        "mọi môn" if scope.subject_code is None else f"môn {subject or scope.subject_code}"
    )
    parts.append("mọi lớp" if scope.class_id is None else f"lớp {class_name or ''}".strip())
    text = ", ".join(parts)
    return text[0].upper() + text[1:]


def refusal(
    lock: Lock, cell: Place, *, subject: str, class_name: str, locked_on: str
) -> MarksLocked:
    """Says which column is locked, since when and why, and who opens it."""
    return MarksLocked(
        f"Cột {column_name(cell.part, cell.place)} môn {subject}, học kì "
        f"{'I' * int(cell.semester)}, lớp {class_name} đã khóa từ {locked_on} "
        f"({lock.reason.rstrip('.')}). Chưa có gì được ghi. Muốn sửa, hãy đề nghị hiệu trưởng hoặc "
        "phó hiệu trưởng mở khóa."
    )
