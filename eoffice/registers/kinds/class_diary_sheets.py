"""The pages of sổ ghi đầu bài: one list a week, monthly inspections. A4 landscape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from eoffice.clock import civil_date
from eoffice.registers.kinds import covers
from eoffice.registers.kinds.class_diary import (
    ClassDiary,
    DiaryLesson,
    DiaryResults,
    DiaryTotals,
    DiaryWeek,
)
from eoffice.registers.kinds.sheets import Row, Sheet, civil, number
from eoffice.registers.kinds.table_columns import columns

_WEEKDAYS = ("Hai", "Ba", "Tư", "Năm", "Sáu", "Bảy", "CN")


def sheets(book: ClassDiary, results: DiaryResults) -> tuple[Sheet, ...]:
    return (
        Sheet(
            "summary",
            "TỔNG HỢP CẢ NĂM",
            lines=(f"Số tuần có ghi: {len(book.weeks)}.", *_told(results.year)),
        ),
        *(
            _week(ordinal, week, totals)
            for ordinal, (week, totals) in enumerate(
                zip(book.weeks, results.weeks, strict=True), start=1
            )
        ),
        Sheet(
            "list",
            "KIỂM TRA HẰNG THÁNG",
            tuple(
                Row((f"{one.month:%m/%Y}", one.text, one.inspected_by)) for one in book.months
            ),
            lines=(f"Số tháng đã kiểm tra: {len(book.months)}.",),
            columns=columns(
                ("Tháng", "20mm", False), ("Nhận xét của ban giám hiệu", "4fr", True),
                ("Người kiểm tra", "1fr", True),
            ),
        ),
    )  # fmt: skip


def cover(book: ClassDiary) -> Mapping[str, object]:
    return {
        "title": f"Sổ ghi đầu bài lớp {book.class_name} năm học {book.school_year}",
        "big-title": ["SỔ GHI ĐẦU BÀI", f"LỚP {book.class_name}"],
        "paper": "a4",
        "school": asdict(book.school),
        "places": covers.places(book.school),
        "school-year": book.school_year,
        "principal": book.principal,
        "keeper-title": "GIÁO VIÊN CHỦ NHIỆM",
        "keeper-name": book.homeroom_teacher,
        "version": book.version,
        "guidance": [
            "Mỗi tiết học một dòng, do giáo viên dạy tiết đó ghi và xác nhận bằng tài khoản của "
            "mình; giáo viên dạy thay ghi rõ là dạy thay.",
            "Học sinh vắng có phép ghi P, vắng không phép ghi K.",
            "Cuối tuần giáo viên chủ nhiệm tổng kết và chốt tuần; tuần đã chốt chỉ sửa khi hiệu "
            "trưởng mở lại kèm lí do.",
            "Hằng tháng ban giám hiệu kiểm tra và ghi nhận xét.",
        ],
    }


def _week(ordinal: int, week: DiaryWeek, totals: DiaryTotals) -> Sheet:
    closed = (
        f"{week.closed_by} chốt tuần ngày {civil(civil_date(week.closed_at))}."
        if week.closed_at
        else "Tuần chưa chốt."
    )
    remark = f"Nhận xét của giáo viên chủ nhiệm: {week.remark}" if week.remark else ""
    return Sheet(
        "list",
        f"TUẦN {ordinal}: TỪ {civil(week.first)} ĐẾN {civil(week.last)}",
        tuple(_row(lesson) for lesson in week.lessons),
        lines=(*_told(totals), *([remark] if remark else []), closed),
        columns=columns(
            ("Thứ", "9mm", False), ("Ngày", "17mm", False), ("Buổi", "12mm", False),
            ("Tiết", "8mm", False), ("Môn học", "1fr", True), ("Tiết PPCT", "10mm", False),
            ("Tên bài, nội dung", "2.2fr", True), ("Học sinh vắng", "1.3fr", True),
            ("Nhận xét tiết học", "1.8fr", True), ("Xếp loại", "14mm", False),
            ("Giáo viên dạy", "1.2fr", True), ("Xác nhận", "17mm", False),
            group=1,
        ),
    )  # fmt: skip


def _row(lesson: DiaryLesson) -> Row:
    absent = ", ".join(f"{pupil.name} ({'P' if pupil.excused else 'K'})" for pupil in lesson.absent)
    return Row(
        (
            _WEEKDAYS[lesson.on.weekday()],
            civil(lesson.on),
            lesson.half,
            str(lesson.number),
            lesson.subject,
            number(lesson.plan_number or 0),
            lesson.title,
            absent,
            lesson.remark,
            lesson.rating,
            f"{lesson.teacher} (dạy thay)" if lesson.is_substitute else lesson.teacher,
            civil(civil_date(lesson.confirmed_at)) if lesson.confirmed_at else "",
        )
    )


def _told(totals: DiaryTotals) -> tuple[str, ...]:
    return (
        f"Số tiết: {totals.lessons}; đã xác nhận: {totals.confirmed}; dạy thay: "
        f"{totals.substituted}.",
        f"Lượt vắng có phép: {totals.with_leave}; không phép: {totals.without_leave}.",
    )
