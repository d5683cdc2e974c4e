"""The two lists of case files that the decree prints, and a case file as XML. Pure.

Mục lục hồ sơ and Mục lục văn bản trong hồ sơ have the columns of Decree 30/2020, Annex V; the XML
has the fields of Annex VI under their names there, documents in order of time.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from datetime import date

from eoffice.filing.case_queries import CaseLine, CaseSeen, ItemSeen
from eoffice.printing.printed_table import Align, Column, Table

_CASES = (
    Column("Số TT", 6, Align.CENTER),
    Column("Số, ký hiệu hồ sơ", 14),
    Column("Tiêu đề hồ sơ", 48),
    Column("Thời gian tài liệu", 20),
    Column("Thời hạn bảo quản", 14),
    Column("Số trang", 9, Align.RIGHT),
    Column("Ghi chú", 14),
)
_ITEMS = (
    Column("Số TT", 6, Align.CENTER),
    Column("Số, ký hiệu văn bản", 20),
    Column("Ngày tháng văn bản", 13, Align.CENTER),
    Column("Tên loại và trích yếu nội dung văn bản", 48),
    Column("Tác giả văn bản", 24),
    Column("Trang số", 9, Align.RIGHT),
    Column("Ghi chú", 12),
)
_DATE = "%d/%m/%Y"


def of_cases(lines: Iterable[CaseLine], *, notes: tuple[str, ...] = ()) -> Table:
    """mục lục hồ sơ"""
    return Table(
        title="Mục lục hồ sơ",
        columns=_CASES,
        rows=tuple(
            (
                place,
                line.notation,
                line.title,
                span(line.first_on, line.last_on),
                line.maintenance,
                line.pages,
                None,
            )
            for place, line in enumerate(lines, start=1)
        ),
        notes=notes,
    )


def of_items(found: CaseSeen) -> Table:
    """mục lục văn bản trong hồ sơ; "Trang số" is the first page of each, counted through."""
    rows = []
    first = 1
    for item in found.items:
        rows.append(
            (
                item.ordinal,
                item.code,
                item.issued_on,
                f"{item.type_name}: {item.subject}",
                item.organ_name,
                first if item.page_count else None,
                _note(item),
            )
        )
        first += item.page_count or 0
    return Table(
        title="Mục lục văn bản trong hồ sơ",
        columns=_ITEMS,
        rows=tuple(rows),
        notes=(f"Hồ sơ số {found.line.notation}, năm {found.line.year}", found.line.title),
    )


def xml(found: CaseSeen) -> bytes:
    """The case file with the metadata of its documents (Annex VI: export as .xml)."""
    root = ET.Element("Dossier")
    _fields(
        root,
        {
            "FileCode": found.line.code,
            "OrganId": found.organ_id or "",
            "FileCatalog": str(found.line.year),
            "FileNotation": found.line.notation,
            "Title": found.line.title,
            "Maintenance": found.line.maintenance,
            "Rights": found.rights,
            "Creator": found.line.maker,
            "Language": found.language,
            "StartDate": _day(found.line.first_on),
            "EndDate": _day(found.line.last_on),
            "DocTotal": str(found.line.documents),
            "PageTotal": str(found.line.pages),
            "Description": found.description,
        },
    )
    documents = ET.SubElement(root, "Documents")
    for item in found.in_order_of_time:
        _document(documents, item)
    ET.indent(root)
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def span(first: date | None, last: date | None) -> str:
    """ "13/08/2018 – 24/08/2018"; one day where both are the same."""
    if first is None or last is None:
        return ""
    return first.strftime(_DATE) if first == last else f"{first:{_DATE}} – {last:{_DATE}}"


def _note(item: ItemSeen) -> str | None:
    if item.is_recalled:
        return "Đã thu hồi"
    return None if item.page_count else "Bản giấy"


def _document(parent: ET.Element, item: ItemSeen) -> None:
    number, _, notation = item.code.partition("/")
    _fields(
        ET.SubElement(parent, "Document"),
        {
            "DocOrdinal": f"{item.ordinal:03}",
            "TypeName": item.type_name,
            "CodeNumber": number,
            "CodeNotation": notation,
            "IssuedDate": _day(item.issued_on),
            "OrganName": item.organ_name,
            "Subject": item.subject,
            "PageAmount": str(item.page_count or 0),
            "Sha256": item.content_sha256 or "",
            **({"Description": "Đã thu hồi"} if item.is_recalled else {}),
        },
    )


def _fields(parent: ET.Element, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        ET.SubElement(parent, name).text = value


def _day(day: date | None) -> str:
    return "" if day is None else day.strftime(_DATE)
