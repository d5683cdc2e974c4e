"""A class diary and a homeroom book, the same each time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from eoffice.diaries.homeroom_rules import WANTED
from eoffice.registers.kinds.class_diary import (
    AbsentPupil,
    ClassDiary,
    DiaryLesson,
    DiaryMonth,
    DiaryWeek,
)
from eoffice.registers.kinds.homeroom_book import BookNote, BookPart, HomeroomBook
from tests.registers.rolls_cast import PRINCIPAL, SCHOOL, YEAR

HOMEROOM = "Lê Thị Ngọc Ánh"
_SUBJECTS = ("Toán", "Ngữ văn", "Tiếng Anh", "Khoa học tự nhiên", "Lịch sử và Địa lí")


def class_diary_of(weeks: int = 3) -> ClassDiary:
    return ClassDiary(
        version=1, school=SCHOOL, school_year=YEAR, class_name="7A1", homeroom_teacher=HOMEROOM,
        principal=PRINCIPAL,
        weeks=tuple(_week(date(2024, 9, 9) + timedelta(days=7 * place)) for place in range(weeks)),
        months=(
            DiaryMonth(date(2024, 9, 1), "Ghi đầy đủ, kịp thời; cần ghi rõ lí do vắng.", PRINCIPAL),
        ),
    )  # fmt: skip


def homeroom_book_of() -> HomeroomBook:
    return HomeroomBook(
        version=1, school=SCHOOL, school_year=YEAR, class_name="7A1", homeroom_teacher=HOMEROOM,
        principal=PRINCIPAL,
        parts=tuple(
            BookPart(
                wanted.title, wanted.about, wanted.outcome,
                tuple(
                    BookNote(
                        date(2024, 9, 16) + timedelta(days=place) if wanted.needs_day else None,
                        f"{wanted.about} thứ {place + 1}",
                        f"HS00{place}" if wanted.has_pupil else "",
                        "Trần Mỹ Chi" if wanted.has_pupil else "",
                        "Trao đổi về việc học tập và rèn luyện của học sinh trong tháng.",
                        "Có tiến bộ rõ." if wanted.outcome else "", place + 1,
                    )
                    for place in range(3)
                ),
            )
            for wanted in WANTED.values()
        ),
    )  # fmt: skip


def _week(monday: date) -> DiaryWeek:
    confirmed = datetime(monday.year, monday.month, monday.day, 5, tzinfo=UTC)
    return DiaryWeek(
        first=monday,
        last=monday + timedelta(days=6),
        lessons=tuple(
            DiaryLesson(
                on=monday + timedelta(days=place // 5),
                half="Sáng",
                number=place % 5 + 1,
                subject=_SUBJECTS[place % 5],
                plan_number=place + 1,
                title=f"Bài {place + 1}. Luyện tập chung",
                absent=(AbsentPupil("HS001", "Trần Mỹ Chi", place % 2 == 0),) if place == 7 else (),
                remark="Lớp chú ý, hiểu bài.",
                rating="Tốt",
                teacher="Nguyễn Văn Bảy",
                is_substitute=place == 9,
                confirmed_at=confirmed + timedelta(days=place // 5),
            )
            for place in range(25)
        ),
        remark="Nền nếp tốt, học tập nghiêm túc.",
        closed_by=HOMEROOM,
        closed_at=confirmed + timedelta(days=5),
    )
