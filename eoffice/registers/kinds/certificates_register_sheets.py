"""The pages of sổ quản lý cấp phát văn bằng, chứng chỉ. A3 landscape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from eoffice.registers.kinds import covers
from eoffice.registers.kinds.certificates_register import (
    CertificatesRegister,
    CertificatesResults,
    GrantedCertificate,
)
from eoffice.registers.kinds.sheets import Row, Sheet, civil
from eoffice.registers.kinds.table_columns import columns

CERTIFICATES = columns(
    ("Số TT", "11mm", False), ("Loại", "1.4fr", True), ("Số hiệu", "22mm", False),
    ("Số vào sổ gốc", "19mm", False), ("Họ và tên", "1.4fr", True), ("Ngày sinh", "18mm", False),
    ("Giới tính", "11mm", False), ("Nơi sinh", "1fr", True), ("Dân tộc", "14mm", False),
    ("Năm tốt nghiệp", "14mm", False), ("Xếp loại", "16mm", False),
    ("Quyết định công nhận", "1.2fr", True), ("Ngày ký cấp", "18mm", False),
    ("Ngày nhận, người nhận, giấy tờ, chữ ký", "2fr", True), ("Ghi chú", "1.2fr", True),
)  # fmt: skip
EVENTS = columns(
    ("Số TT", "12mm", False), ("Ngày", "24mm", False), ("Dòng", "16mm", False),
    ("Số hiệu", "30mm", False), ("Họ và tên", "1fr", True), ("Nội dung", "3fr", True),
)  # fmt: skip
BATCHES = columns(
    ("Số TT", "12mm", False), ("Ngày nhận", "24mm", False), ("Loại", "1.5fr", True),
    ("Nơi cấp phôi", "1.5fr", True), ("Quyết định, phiếu xuất", "1.5fr", True),
    ("Từ số hiệu", "34mm", False), ("Đến số hiệu", "34mm", False), ("Số phôi", "20mm", False),
)  # fmt: skip
SPOILED = columns(
    ("Số TT", "12mm", False), ("Ngày", "24mm", False), ("Loại", "1.5fr", True),
    ("Số hiệu", "34mm", False), ("Tình trạng", "1fr", True), ("Biên bản", "2fr", True),
)  # fmt: skip
STOCKS = columns(
    ("Số TT", "12mm", False), ("Loại", "2fr", True), ("Đã nhận", "1fr", False),
    ("Đã cấp", "1fr", False), ("Hư hỏng, chờ hủy", "1fr", False), ("Bị mất", "1fr", False),
    ("Đã hủy", "1fr", False), ("Đã nộp trả", "1fr", False), ("Còn lại", "1fr", False),
)  # fmt: skip


def sheets(book: CertificatesRegister, results: CertificatesResults) -> tuple[Sheet, ...]:
    return (
        _summary(results),
        Sheet(
            "list",
            "VĂN BẰNG, CHỨNG CHỈ CẤP TRONG NĂM HỌC",
            tuple(_line(one) for one in book.certificates),
            lines=(f"Danh sách có {len(book.certificates)} dòng.",),
            columns=CERTIFICATES,
        ),
        Sheet(
            "list",
            "PHÁT, CẤP BẢN SAO, CHỈNH SỬA, MẤT, THU HỒI TRONG NĂM HỌC",
            tuple(
                Row(
                    (
                        str(place),
                        civil(one.on),
                        str(one.ordinal),
                        one.serial,
                        one.name,
                        one.what,
                    )
                )
                for place, one in enumerate(book.events, start=1)
            ),
            lines=(f"Có {results.events} lượt.",),
            columns=EVENTS,
        ),
        Sheet(
            "list",
            "PHÔI NHẬN TRONG NĂM HỌC",
            tuple(
                Row(
                    (
                        str(place),
                        civil(one.on),
                        one.kind,
                        one.received_from,
                        one.decision,
                        one.first,
                        one.last,
                        str(one.count),
                    )
                )
                for place, one in enumerate(book.batches, start=1)
            ),
            lines=(f"Tổng số phôi nhận trong năm học: {results.received}.",),
            columns=BATCHES,
        ),
        Sheet(
            "list",
            "PHÔI HƯ HỎNG, MẤT, HỦY, NỘP TRẢ TRONG NĂM HỌC",
            tuple(
                Row((str(place), civil(one.on), one.kind, one.serial, one.what, one.minutes))
                for place, one in enumerate(book.spoiled, start=1)
            ),
            lines=(f"Có {results.spoiled} phôi.",),
            columns=SPOILED,
        ),
        Sheet(
            "list",
            "TÌNH HÌNH PHÔI ĐẾN KHI LẬP SỔ",
            tuple(
                Row(
                    (
                        str(place),
                        one.kind,
                        *map(
                            str,
                            (
                                one.received,
                                one.granted,
                                one.damaged,
                                one.lost,
                                one.destroyed,
                                one.returned,
                                left,
                            ),
                        ),
                    )
                )
                for place, (one, left) in enumerate(
                    zip(book.stocks, results.left, strict=True), start=1
                )
            ),
            lines=("Đã nhận bằng đã cấp, hư hỏng, bị mất, đã hủy, đã nộp trả và còn lại.",),
            columns=STOCKS,
        ),
    )


def cover(book: CertificatesRegister) -> Mapping[str, object]:
    return {
        "title": f"Sổ quản lý cấp phát văn bằng, chứng chỉ năm học {book.school_year}",
        "big-title": ["SỔ QUẢN LÝ", "CẤP PHÁT VĂN BẰNG, CHỨNG CHỈ"],
        "paper": "a3",
        "school": asdict(book.school),
        "places": covers.places(book.school),
        "school-year": book.school_year,
        "principal": book.principal,
        "version": book.version,
        "flows": True,
        "guidance": [
            "Mỗi văn bằng, chứng chỉ một dòng, ghi như nội dung đã cấp; số vào sổ gốc không dùng "
            "lại.",
            "Người nhận ký khi nhận; người khác nhận thay thì có giấy ủy quyền.",
            "Văn bằng viết sai được hủy bỏ theo biên bản; chỉnh sửa theo quyết định; bản sao cấp "
            "từ sổ gốc ghi số bản và ngày cấp.",
            "Sổ được lưu vĩnh viễn tại trường.",
        ],
    }


def _summary(results: CertificatesResults) -> Sheet:
    return Sheet(
        "summary",
        "TỔNG HỢP",
        lines=(
            *(
                f"{one.kind}: cấp trong năm học {one.granted}, đã phát {one.taken}, viết sai, mất "
                f"hoặc thu hồi {one.ended}."
                for one in results.kinds
            ),
            f"Số lượt phát, cấp bản sao, chỉnh sửa, mất, thu hồi trong năm học: {results.events}.",
            f"Số phôi nhận trong năm học: {results.received}; hư hỏng, mất, hủy, nộp trả: "
            f"{results.spoiled}.",
        ),
    )


def _line(one: GrantedCertificate) -> Row:
    return Row(
        (
            str(one.ordinal),
            one.kind,
            one.serial,
            one.entry_number,
            one.name,
            civil(one.born_on),
            one.sex,
            one.birthplace,
            one.ethnicity,
            str(one.graduation_year),
            one.grading,
            one.decision,
            civil(one.signed_on),
            one.taken,
            ". ".join(filter(None, (one.note, one.ended_because or ""))),
        ),
        is_struck=one.ended_because is not None,
    )
