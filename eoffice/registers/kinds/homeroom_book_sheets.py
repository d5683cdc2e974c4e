"""The pages of sổ chủ nhiệm: one list a part. A4 landscape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from eoffice.registers.kinds import covers
from eoffice.registers.kinds.homeroom_book import BookPart, HomeroomBook, HomeroomResults
from eoffice.registers.kinds.sheets import Row, Sheet, civil
from eoffice.registers.kinds.table_columns import columns


def sheets(book: HomeroomBook, results: HomeroomResults) -> tuple[Sheet, ...]:
    return (
        Sheet(
            "summary",
            "TỔNG HỢP",
            lines=(
                f"Số mục đã ghi: {results.total}; số học sinh được nhắc đến: {results.pupils}.",
                *(
                    f"{part.title}: {count} mục."
                    for part, count in zip(book.parts, results.notes, strict=True)
                ),
            ),
        ),
        *(_part(part) for part in book.parts),
    )


def cover(book: HomeroomBook) -> Mapping[str, object]:
    return {
        "title": f"Sổ chủ nhiệm lớp {book.class_name} năm học {book.school_year}",
        "big-title": ["SỔ CHỦ NHIỆM", f"LỚP {book.class_name}"],
        "paper": "a4",
        "school": asdict(book.school),
        "places": covers.places(book.school),
        "school-year": book.school_year,
        "principal": book.principal,
        "keeper-title": "GIÁO VIÊN CHỦ NHIỆM",
        "keeper-name": book.homeroom_teacher,
        "version": book.version,
        "guidance": [
            "Sổ của giáo viên chủ nhiệm, ghi tình hình lớp, kế hoạch và việc đã làm trong năm học.",
            "Nội dung liên hệ với gia đình là thông tin riêng; chỉ giáo viên chủ nhiệm và ban giám "
            "hiệu được xem.",
        ],
    }


def _part(part: BookPart) -> Sheet:
    return Sheet(
        "list",
        part.title.upper(),
        tuple(
            Row(
                (
                    str(ordinal),
                    civil(note.on) if note.on else "",
                    note.about,
                    note.pupil,
                    note.text,
                    note.outcome,
                )
            )
            for ordinal, note in enumerate(part.notes, start=1)
        ),
        lines=(f"Phần này có {len(part.notes)} mục.",),
        columns=columns(
            ("STT", "9mm", False), ("Ngày", "18mm", False), (part.about, "1fr", True),
            ("Học sinh", "1fr", True), ("Nội dung", "2.4fr", True),
            (part.outcome or "Ghi chú", "1.6fr", True),
        ),
    )  # fmt: skip
