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
        "flows": True,
        "guidance": [
            "Sổ của giáo viên chủ nhiệm, ghi tình hình lớp, kế hoạch và việc đã làm trong năm học.",
            "Nội dung liên hệ với gia đình là thông tin riêng; chỉ giáo viên chủ nhiệm và ban giám "
            "hiệu được xem.",
        ],
    }


def _part(part: BookPart) -> Sheet:
    """Columns that the part does not ask for and nobody filled are left out."""
    numbers = [str(ordinal) for ordinal in range(1, len(part.notes) + 1)]
    days = ["" if note.on is None else civil(note.on) for note in part.notes]
    pupils = [note.pupil for note in part.notes]
    outcomes = [note.outcome for note in part.notes]
    asked = (
        (True, ("STT", "9mm", False), numbers),
        (any(days), ("Ngày", "18mm", False), days),
        (True, (part.about, "1fr", True), [note.about for note in part.notes]),
        (any(pupils), ("Học sinh", "1fr", True), pupils),
        (True, ("Nội dung", "2.4fr", True), [note.text for note in part.notes]),
        (
            bool(part.outcome) or any(outcomes),
            (part.outcome or "Ghi chú", "1.6fr", True),
            outcomes,
        ),
    )
    shown = [(head, cells) for is_shown, head, cells in asked if is_shown]
    return Sheet(
        "list",
        part.title.upper(),
        tuple(Row(cells) for cells in zip(*(cells for _, cells in shown), strict=True)),
        lines=(f"Phần này có {len(part.notes)} mục.",),
        columns=columns(*(head for head, _ in shown)),
    )
