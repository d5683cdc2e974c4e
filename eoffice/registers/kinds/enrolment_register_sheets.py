"""The pages of sổ đăng bộ: sums, who came in, what happened in the year. A3 landscape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from eoffice.registers.kinds import covers
from eoffice.registers.kinds.enrolment_register import (
    EnrolledPupil,
    EnrolmentRegister,
    EnrolmentResults,
)
from eoffice.registers.kinds.sheets import Row, Sheet, civil
from eoffice.registers.kinds.table_columns import columns

PUPILS = columns(
    ("Số đăng bộ", "17mm", False), ("Ngày vào trường", "17mm", False), ("Lớp", "11mm", False),
    ("Mã học sinh", "22mm", False), ("Số định danh cá nhân", "24mm", False),
    ("Họ và tên", "1.3fr", True), ("Ngày sinh", "17mm", False), ("Giới tính", "10mm", False),
    ("Nơi sinh", "1fr", True), ("Quê quán", "1fr", True), ("Dân tộc", "13mm", False),
    ("Tôn giáo", "13mm", False), ("Quốc tịch", "14mm", False), ("Nơi thường trú", "1.2fr", True),
    ("Nơi ở hiện nay", "1.2fr", True), ("Họ tên cha", "1.1fr", True),
    ("Họ tên mẹ", "1.1fr", True), ("Chuyển từ trường", "1fr", True), ("Ghi chú", "1fr", True),
)  # fmt: skip
EVENTS = columns(
    ("Số TT", "12mm", False), ("Ngày", "24mm", False), ("Số đăng bộ", "26mm", False),
    ("Họ và tên", "1fr", True), ("Nội dung", "3fr", True),
)  # fmt: skip


def sheets(book: EnrolmentRegister, results: EnrolmentResults) -> tuple[Sheet, ...]:
    return (
        Sheet(
            "summary",
            "TỔNG HỢP",
            lines=(
                f"Số học sinh vào trường trong năm học: {results.pupils}, trong đó nữ: "
                f"{results.girls}, chuyển từ trường khác đến: {results.came_from_schools}.",
                f"Các số đăng bộ trong sổ: {results.numbers or 'không có'}.",
                f"Số bị hủy: {results.annulled}.",
                f"Số lượt thay đổi, chuyển đi, nghỉ, hoàn thành trong năm học: {results.events}.",
            ),
        ),
        Sheet(
            "list",
            "DANH SÁCH HỌC SINH VÀO TRƯỜNG",
            tuple(_line(book, one) for one in book.pupils),
            lines=(f"Danh sách có {results.lines} dòng.",),
            columns=PUPILS,
        ),
        Sheet(
            "list",
            "THAY ĐỔI, CHUYỂN ĐI, NGHỈ, HOÀN THÀNH TRONG NĂM HỌC",
            tuple(
                Row(
                    (
                        str(place),
                        civil(one.on),
                        f"{one.number}{book.suffix}",
                        one.name,
                        one.what,
                    )
                )
                for place, one in enumerate(book.events, start=1)
            ),
            lines=(f"Có {results.events} lượt.",),
            columns=EVENTS,
        ),
    )


def cover(book: EnrolmentRegister) -> Mapping[str, object]:
    return {
        "title": f"Sổ đăng bộ năm học {book.school_year}",
        "big-title": ["SỔ ĐĂNG BỘ"],
        "paper": "a3",
        "school": asdict(book.school),
        "places": covers.places(book.school),
        "school-year": book.school_year,
        "principal": book.principal,
        "version": book.version,
        "guidance": [
            "Mỗi học sinh vào trường có một dòng và một số đăng bộ, cấp theo thứ tự vào trường; "
            "số không bỏ trống, không dùng lại.",
            "Số cấp nhầm được hủy, ghi lý do và vẫn ở trong sổ.",
            "Lý lịch ghi như khi học sinh vào trường; thay đổi về sau, chuyển đi, nghỉ học, trở "
            "lại và hoàn thành cấp học ghi ở phần sau của sổ.",
            "Sổ được lưu vĩnh viễn tại trường.",
        ],
    }


def _line(book: EnrolmentRegister, one: EnrolledPupil) -> Row:
    annulled = f"Số bị hủy: {one.annulled_because}" if one.annulled_because else ""
    return Row(
        (
            f"{one.number}{book.suffix}",
            "" if one.admitted_on is None else civil(one.admitted_on),
            one.class_name,
            one.code,
            one.personal_id,
            one.name,
            "" if one.born_on is None else civil(one.born_on),
            one.sex,
            one.birthplace,
            one.hometown,
            one.ethnicity,
            one.religion,
            one.nationality,
            one.permanent_address,
            one.address,
            one.father,
            one.mother,
            one.came_from,
            ". ".join(filter(None, (one.note, annulled))),
        ),
        is_struck=one.annulled_because is not None,
    )
