"""List and minutes of a hand-over, in the columns of Decree 30/2020, Annex V. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from eoffice import clock
from eoffice.documents import types
from eoffice.filing import case_tables
from eoffice.filing.transfer_queries import TransferSeen
from eoffice.filing.transfer_states import NAMES, TransferState
from eoffice.printing.printed_table import Align, Cell, Closing, Column, Signatory, Table

_CASES: Final = (
    Column("Số TT", 6, Align.CENTER),
    Column("Số, ký hiệu hồ sơ", 14),
    Column("Tiêu đề hồ sơ", 48),
    Column("Thời gian tài liệu", 20),
    Column("Thời hạn bảo quản", 14),
    Column("Số tờ/Số trang", 9, Align.RIGHT),
    Column("Ghi chú", 14),
)


def of_cases(found: TransferSeen) -> Table:
    """mục lục hồ sơ, tài liệu nộp lưu"""
    return Table(
        title="Mục lục hồ sơ, tài liệu nộp lưu",
        columns=_CASES,
        rows=_rows(found),
        notes=(f"Năm {found.line.year}, {found.line.unit}",),
        totals=("", "", f"Cộng: {len(found.cases)} hồ sơ", "", "", found.pages, ""),
        numbers_columns=True,
    )


def minutes(found: TransferSeen, *, agency: str, place: str) -> Table:
    """biên bản giao nhận hồ sơ, tài liệu; one that was not accepted says so itself."""
    line = found.line
    accepted = line.state is TransferState.ACCEPTED and line.answered_at is not None
    day = clock.civil_date(line.answered_at if accepted and line.answered_at else line.offered_at)
    said = [
        f"Bên giao (đơn vị nộp lưu): {line.unit}. Đại diện: {line.offered_by}"
        f"{_titled(found.offered_title)}, xác nhận trên hệ thống lúc "
        f"{_moment(line.offered_at)}.",
        f"Bên nhận: Lưu trữ cơ quan {agency}. Đại diện: "
        + (
            f"{line.answered_by}{_titled(found.answered_title)}, xác nhận trên hệ thống lúc "
            f"{_moment(line.answered_at)}."
            if accepted and line.answered_at
            else f"chưa xác nhận ({NAMES[line.state].lower()})."
        ),
        f"Nội dung: giao nhận tài liệu hình thành năm {line.year}, gồm {len(found.cases)} hồ sơ, "
        f"{found.documents} văn bản, {found.pages} trang, theo mục lục kèm trong biên bản này.",
    ]
    if found.note:
        said.append(f"Tình trạng tài liệu giao nộp: {found.note}")
    said.append("Biên bản được lập thành hai bản, bên giao giữ một bản, bên nhận giữ một bản.")
    return Table(
        title="Biên bản giao nhận hồ sơ, tài liệu",
        columns=_CASES,
        rows=_rows(found),
        notes=(f"Năm {line.year}",),
        numbers_columns=True,
        closing=Closing(
            statements=tuple(said),
            place_and_date=f"{place}, {types.printed_date(day)}",
            signatories=(
                Signatory(("ĐẠI DIỆN BÊN GIAO",), line.offered_by, "giver"),
                Signatory(
                    ("ĐẠI DIỆN BÊN NHẬN",),
                    (line.answered_by or "") if accepted else "",
                    "taker",
                ),
            ),
        ),
    )


def _rows(found: TransferSeen) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            each.ordinal,
            each.notation,
            each.title,
            case_tables.span(each.first_on, each.last_on),
            each.maintenance,
            each.pages,
            None if each.pages else "Bản giấy",
        )
        for each in found.cases
    )


def _titled(title: str) -> str:
    return f", {title}" if title else ""


def _moment(at: datetime) -> str:
    return f"{clock.vietnam_time(at):%H:%M ngày %d/%m/%Y}"
