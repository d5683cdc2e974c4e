"""The pages of sổ theo dõi học sinh chuyển đi, chuyển đến. A4 landscape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from eoffice.registers.kinds import covers
from eoffice.registers.kinds.moves_register import Moved, MovedPupil, MovesRegister, MovesResults
from eoffice.registers.kinds.sheets import Row, Sheet, civil
from eoffice.registers.kinds.table_columns import columns


def sheets(book: MovesRegister, results: MovesResults) -> tuple[Sheet, ...]:
    return (
        Sheet(
            "summary",
            "TỔNG HỢP",
            lines=(
                _sum("Chuyển đến", results.came),
                _sum("Chuyển đi", results.went),
                f"Số học sinh tăng, giảm do chuyển trường: {results.balance:+d}.",
            ),
        ),
        _list("HỌC SINH CHUYỂN ĐẾN", "Chuyển từ trường", book.came),
        _list("HỌC SINH CHUYỂN ĐI", "Chuyển đến trường", book.went),
    )


def cover(book: MovesRegister) -> Mapping[str, object]:
    return {
        "title": f"Sổ theo dõi học sinh chuyển đi, chuyển đến năm học {book.school_year}",
        "big-title": ["SỔ THEO DÕI HỌC SINH", "CHUYỂN ĐI, CHUYỂN ĐẾN"],
        "paper": "a4",
        "school": asdict(book.school),
        "places": covers.places(book.school),
        "school-year": book.school_year,
        "principal": book.principal,
        "version": book.version,
        "guidance": [
            "Ghi từng học sinh chuyển đến và chuyển đi trong năm học; số thứ tự riêng cho chuyển "
            "đến và chuyển đi, theo thứ tự ghi nhận, không bỏ trống.",
            "Hồ sơ giao, nhận gồm các giấy tờ đi cùng học sinh, ngày và người giao hoặc nhận.",
        ],
    }


def _sum(what: str, of: Moved) -> str:
    return (
        f"{what}: {of.pupils} học sinh, trong đó nữ: {of.girls}; chưa giao, nhận hồ sơ: "
        f"{of.without_papers}."
    )


def _list(heading: str, school: str, moves: Sequence[MovedPupil]) -> Sheet:
    return Sheet(
        "list",
        heading,
        tuple(
            Row(
                (
                    str(one.number),
                    civil(one.on),
                    one.enrolment_number,
                    one.code,
                    one.name,
                    civil(one.born_on),
                    one.sex,
                    one.class_name,
                    one.other_school,
                    one.reason,
                    one.decision,
                    one.papers,
                    one.note,
                )
            )
            for one in moves
        ),
        lines=(f"Danh sách có {len(moves)} học sinh.",),
        columns=columns(
            ("Số", "8mm", False), ("Ngày", "16mm", False), ("Số đăng bộ", "16mm", False),
            ("Mã học sinh", "21mm", False), ("Họ và tên", "1.2fr", True),
            ("Ngày sinh", "16mm", False), ("Giới tính", "9mm", False), ("Lớp", "10mm", False),
            (school, "1.1fr", True), ("Lý do", "1fr", True), ("Giấy tờ, quyết định", "1fr", True),
            ("Hồ sơ giao, nhận", "1.3fr", True), ("Ghi chú", "0.8fr", True),
        ),
    )  # fmt: skip
