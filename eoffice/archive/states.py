"""What is kept in the archive, and what a check of the bytes can find."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class EntryKind(StrEnum):
    #: văn bản đã phát hành
    DOCUMENT = "document"
    #: sổ của nhà trường: of a class, of a teacher, of the school (`eoffice.registers`)
    GRADEBOOK = "gradebook"
    #: sổ đăng ký văn bản đi, đến and the like, closed at the end of their year
    BOOK = "book"
    #: hồ sơ, as its unit handed it over
    CASE_FILE = "case_file"
    #: học bạ: one year's part of one pupil (`eoffice.reports`)
    REPORT_BOOK = "report_book"


#: Nothing in them comes from a file that somebody brought.
MADE_HERE: Final = frozenset({EntryKind.GRADEBOOK, EntryKind.REPORT_BOOK})


class Fixity(StrEnum):
    """Outcome of reading an archived object again."""

    INTACT = "intact"
    CHANGED = "changed"
    MISSING = "missing"
    #: The bytes are right, but nothing keeps them from being deleted.
    UNLOCKED = "unlocked"


class InspectionState(StrEnum):
    """Follows from the dates and from whether it was ended; never stored."""

    COMING = "coming"
    RUNNING = "running"
    OVER = "over"


class Look(StrEnum):
    """A way of looking at an entry; each is an action of the log."""

    OPENED = "archive.opened"
    PAGE_VIEWED = "archive.page_viewed"
    DOWNLOADED = "archive.downloaded"
    #: With the name of who prints on every page.
    PRINTED = "archive.printed"
    VERIFIED = "archive.verified"
    PACKAGED = "archive.packaged"


KIND_NAMES: Final[dict[EntryKind, str]] = {
    EntryKind.DOCUMENT: "Văn bản",
    EntryKind.GRADEBOOK: "Sổ của nhà trường",
    EntryKind.BOOK: "Sổ đăng ký văn bản",
    EntryKind.CASE_FILE: "Hồ sơ",
    EntryKind.REPORT_BOOK: "Học bạ",
}

FIXITY_NAMES: Final[dict[Fixity, str]] = {
    Fixity.INTACT: "Nguyên vẹn",
    Fixity.CHANGED: "Đã bị thay đổi",
    Fixity.MISSING: "Không còn trong kho",
    Fixity.UNLOCKED: "Mất khóa chống xóa",
}

INSPECTION_STATE_NAMES: Final[dict[InspectionState, str]] = {
    InspectionState.COMING: "Chưa bắt đầu",
    InspectionState.RUNNING: "Đang tiến hành",
    InspectionState.OVER: "Đã kết thúc",
}
