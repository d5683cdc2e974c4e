"""The report on coverage and the list behind it, as they are printed or counted on with."""

from __future__ import annotations

from collections.abc import Sequence

from eoffice import clock
from eoffice.printing.printed_table import Align, Column, Table
from eoffice.statistics.rules import NAMES, ClassBook, Coverage, Grouping, Keeping, School

HEADS = {
    Grouping.LEVEL: "Cấp học",
    Grouping.SUPERIOR: "Cơ quan quản lý",
    Grouping.SCHOOL: "Trường",
}


def coverage(lines: Sequence[Coverage], total: Coverage, grouping: Grouping, year: str) -> Table:
    columns = (
        Column(HEADS[grouping], 34),
        Column("Số trường", 10, Align.RIGHT),
        Column("Trường lập sổ điện tử", 12, Align.RIGHT),
        Column("Tỉ lệ (%)", 9, Align.RIGHT),
        Column("Trường đã ký đủ các lớp", 12, Align.RIGHT),
        *(Column(f"Lớp: {NAMES[keeping].lower()}", 11, Align.RIGHT) for keeping in Keeping),
    )
    return Table(
        title=f"TÌNH HÌNH LẬP SỔ ĐIỆN TỬ, NĂM HỌC {year}",
        columns=columns,
        rows=tuple(
            (
                line.name,
                line.schools,
                line.keeping,
                f"{line.share * 100:.1f}".replace(".", ","),
                line.through,
                *(line.classes[keeping] for keeping in Keeping),
            )
            for line in (*lines, total)
        ),
    )


def classes(books: Sequence[ClassBook], schools: Sequence[School], year: str) -> Table:
    by_id = {school.id: school for school in schools}
    return Table(
        title=f"SỔ CỦA CÁC LỚP, NĂM HỌC {year}",
        columns=(
            Column("Cơ quan quản lý", 24),
            Column("Trường", 28),
            Column("Lớp", 8),
            Column("Giáo viên chủ nhiệm", 22),
            Column("Tình trạng sổ", 16),
            Column("Từ ngày", 12),
        ),
        rows=tuple(
            (
                by_id[book.school_id].superior,
                by_id[book.school_id].name,
                book.class_name,
                book.homeroom_teacher,
                NAMES[book.keeping],
                None if book.since is None else clock.civil_date(book.since),
            )
            for book in books
        ),
    )
