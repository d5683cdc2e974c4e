"""A `printed_table.Table` as a Word document (.docx) that people go on writing with.

Decree 30/2020, Annex VI: results of a search go out as .doc or .docx besides .pdf. Cells read as on
paper; the heading row comes again on every page, the print mark stands in the foot.
"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from eoffice import clock
from eoffice.files import letters
from eoffice.people.views import Letterhead
from eoffice.printing import printed_table
from eoffice.printing.printed_table import Align, Cell, Table

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_FACE: Final = "Times New Roman"
#: Text width of an A4 page in twentieths of a point, upright and on its side.
_WIDTH: Final = {False: 9_300, True: 14_200}
_SIDES: Final = {Align.LEFT: "left", Align.CENTER: "center", Align.RIGHT: "right"}
_BORDERS: Final = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def write(table: Table, letterhead: Letterhead, *, printed_by: str, at: datetime) -> bytes:
    """The document; the print mark is in its foot. Raises TooManyRows."""
    printed_table.require_printable(len(table.rows))
    document = docx.Document()
    moment = clock.vietnam_time(at).replace(tzinfo=None)
    properties = document.core_properties
    properties.author, properties.title = letterhead.own, letters.normalised(table.title)
    properties.created = properties.modified = moment
    _set_page(document, is_landscape=table.is_landscape)
    for line in filter(None, (letterhead.superior.upper(), letterhead.own.upper())):
        _paragraph(document, line, bold=True)
    _paragraph(document, "")
    _paragraph(document, table.title.upper(), bold=True, centred=True)
    for note in table.notes:
        _paragraph(document, note, centred=True)
    _paragraph(document, "")
    # The library's own cells are too slow for thousands of rows.
    document.element.body.insert_element_before(parse_xml(_grid(table)), "w:sectPr")
    foot = document.sections[0].footer.paragraphs[0]
    foot.add_run(letters.normalised(printed_table.print_mark(printed_by, at))).font.size = Pt(9)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _set_page(document: Any, *, is_landscape: bool) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FACE, Pt(12)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FACE)
    normal.paragraph_format.space_after = Pt(0)
    section = document.sections[0]
    sides = (Mm(297), Mm(210)) if is_landscape else (Mm(210), Mm(297))
    section.page_width, section.page_height = sides
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin = section.bottom_margin = Mm(20)


def _paragraph(document: Any, text: str, *, bold: bool = False, centred: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.add_run(letters.normalised(text)).bold = bold
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _grid(table: Table) -> str:
    whole = sum(column.width for column in table.columns)
    widths = [round(_WIDTH[table.is_landscape] * each.width / whole) for each in table.columns]
    sides = [_SIDES[column.align] for column in table.columns]
    rows = [_row([each.title for each in table.columns], widths, ["center"] * len(widths), "head")]
    rows += [_row(row, widths, sides) for row in table.rows]
    if table.totals:
        rows.append(_row(table.totals, widths, sides, "sums"))
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{_BORDERS}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>'
        f"{''.join(rows)}</w:tbl>"
    )


def _row(
    cells: list[str] | tuple[Cell, ...], widths: list[int], sides: list[str], kind: str = ""
) -> str:
    again = "<w:tblHeader/>" if kind == "head" else ""
    strong = "<w:b/>" if kind else ""
    inside = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f'<w:p><w:pPr><w:jc w:val="{side}"/></w:pPr>'
        f'<w:r><w:rPr>{strong}<w:sz w:val="22"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(letters.normalised(printed_table.shown(cell)))}</w:t>'
        "</w:r></w:p></w:tc>"
        for cell, width, side in zip(cells, widths, sides, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/>{again}</w:trPr>{inside}</w:tr>"
