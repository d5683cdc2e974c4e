"""The body of a document as blocks: headings, points, paragraphs and tables. Pure.

People write, and a version keeps, one line for each block; a table is one line for each row:

    # Chương I                     phần, chương and their titles: centred and bold
    ## Mục 1                       mục, tiểu mục: centred and bold
    ### Điều 5. Trách nhiệm        điều: bold, indented
    #### 2. Hồ sơ gồm có           a numbered clause with a title: bold, indented
    1. Các trường ...              a point: 1., 1.1., a), -, + and a blank, then its words
    **đậm** và _nghiêng_           marks inside of any block, cells included
    | STT | Tên trường | Số lớp |  a table: its header,
    |:---:|---|---:|               the alignment of its columns,
    | 1 | THPT Lấp Vò 1 | 24 |     and its rows

A bar in a cell is written `\\|`. What only looks like a row of a table, without a line of
alignments, is a paragraph, as it was before there were tables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final, TypeAlias, TypeGuard

from eoffice.errors import Invalid
from eoffice.files.letters import normalised

PARAGRAPH_LENGTH: Final = 20_000
BODY_LENGTH: Final = 300_000
#: Blocks, a table being one; and the lines in which they are written.
MOST_BLOCKS: Final = 1_000
MOST_LINES: Final = 4_000
MOST_COLUMNS: Final = 16
MOST_ROWS: Final = 1_000

#: A line that begins with this is a heading, "Chương I"; each further level has a sign more.
HEADING_MARK: Final = "# "


class BodyRefused(Invalid):
    """A block of the body cannot be kept; the refusal names its place."""


class Level(IntEnum):
    #: phần, chương
    CHAPTER = 1
    #: mục, tiểu mục
    SECTION = 2
    #: điều
    ARTICLE = 3
    #: khoản with a title
    CLAUSE = 4


class Align(StrEnum):
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph in one style."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    level: Level
    #: with the marks of bold and italic, as all texts of blocks
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    #: "1.", "1.1.", "a)", "-" or "+"
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """As many columns in each row as there are alignments."""

    aligns: tuple[Align, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block: TypeAlias = Heading | Point | Paragraph | Table

_HEADING: Final = re.compile(r"(#{1,4}) (.*)")
_POINT: Final = re.compile(r"(\d{1,3}(?:\.\d{1,3})*\.|[a-zđ]{1,2}\)|[-+])[ \u00a0](.*)")
_CELL_BREAK: Final = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_ALIGNMENT: Final = re.compile(r"(:?)-{3,}(:?)")
_ESCAPED: Final = re.compile(r"\\([\\|-])")
_SIGNS: Final = {Align.LEFT: "---", Align.CENTRE: ":---:", Align.RIGHT: "---:"}


def blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    """The blocks that these lines mean; rows get as many cells as the table has columns."""
    found: list[Block] = []
    index = 0
    while index < len(lines):
        table = _table_at(lines, index)
        if table is None:
            found.append(_block(lines[index]))
            index += 1
        else:
            found.append(table)
            index += 2 + len(table.rows)
    return tuple(found)


def lines(of: Sequence[Block]) -> tuple[str, ...]:
    """The lines that `blocks` reads back as the same blocks."""
    written: list[str] = []
    for block in of:
        match block:
            case Heading():
                written.append(f"{'#' * block.level} {block.text}")
            case Point():
                written.append(f"{block.label} {block.text}")
            case Paragraph():
                written.append(block.text)
            case Table():
                written.append(_row(block.header))
                written.append(f"|{'|'.join(_SIGNS[align] for align in block.aligns)}|")
                written += (_row(row) for row in block.rows)
    return tuple(written)


def typed(kept: Sequence[str]) -> str:
    """The lines as they stand in the field of the editor: a blank line behind each block."""
    return "\n\n".join("\n".join(lines([block])) for block in blocks(kept))


def tidy(typed: Sequence[str]) -> tuple[str, ...]:
    """Lines as they are kept: one spelling of each letter, tables in one way, no blank lines."""
    return lines(blocks([line for each in typed if (line := normalised(each))]))


def fault(typed: Sequence[str]) -> str | None:
    """What keeps the lines from being kept, with its place; None where nothing does."""
    if len(typed) > MOST_LINES or sum(len(each) for each in typed) > BODY_LENGTH:
        return f"Nội dung dài hơn {MOST_LINES} dòng hoặc {BODY_LENGTH} ký tự."
    found = blocks(typed)
    if len(found) > MOST_BLOCKS:
        return f"Nội dung có nhiều hơn {MOST_BLOCKS} đoạn."
    for place, block in enumerate(found, start=1):
        if isinstance(block, Table):
            if len(block.aligns) > MOST_COLUMNS:
                return f"Bảng ở đoạn thứ {place} có nhiều hơn {MOST_COLUMNS} cột."
            if len(block.rows) > MOST_ROWS:
                return f"Bảng ở đoạn thứ {place} có nhiều hơn {MOST_ROWS} hàng."
        elif len(block.text) > PARAGRAPH_LENGTH:
            return f"Đoạn thứ {place} dài hơn {PARAGRAPH_LENGTH} ký tự."
    return None


def parse(value: object) -> tuple[Block, ...]:
    """Blocks from JSON, as `serialise` writes them.

    A paragraph whose words begin as another block does is that block. Raises BodyRefused.
    """
    if not isinstance(value, list | tuple):
        raise BodyRefused("Nội dung phải là danh sách các khối.")
    if len(value) > MOST_BLOCKS:
        raise BodyRefused(f"Nội dung có nhiều hơn {MOST_BLOCKS} khối.")
    read = [_parsed(place, each) for place, each in enumerate(value, start=1)]
    kept = blocks([line for line in lines(read) if line])
    wrong = fault(lines(kept))
    if wrong is not None:
        raise BodyRefused(wrong)
    return kept


def serialise(of: Sequence[Block]) -> list[dict[str, object]]:
    return [_serialised(block) for block in of]


def printed(written: Sequence[str]) -> list[dict[str, object]]:
    """The blocks of these lines as `forms/body.typ` sets them."""
    return [_printed(block) for block in blocks(written)]


def runs(paragraph: str) -> tuple[Run, ...]:
    """The paragraph cut where its style changes.

    `**` switches bold; `_` switches italic at the edge of a word only, so addresses like
    `so_gd@example.vn` stay whole. A mark without its partner is an ordinary character.
    """
    pieces: list[Run] = []
    bold = italic = False
    for piece, is_mark in _tokens(paragraph):
        if is_mark and piece == "**":
            bold = not bold
        elif is_mark:
            italic = not italic
        elif pieces and (pieces[-1].bold, pieces[-1].italic) == (bold, italic):
            pieces[-1] = Run(pieces[-1].text + piece, bold, italic)
        else:
            pieces.append(Run(piece, bold, italic))
    return tuple(pieces)


def plain(line: str) -> str:
    """A line without marks, signs of headings and bars of tables."""
    heading = _HEADING.fullmatch(line)
    if heading is not None:
        line = heading[2]
    elif line.startswith("|") and line.endswith("|") and len(line) > 1:
        cells = _cells(line)
        line = "" if _aligns(cells) else " ".join(each for each in cells if each)
    return "".join(run.text for run in runs(line))


def words(block: Block) -> str:
    """All that is read in a block, cells parted by tabs and rows by line breaks, without marks."""
    if isinstance(block, Table):
        rows = (block.header, *block.rows)
        return "\n".join("\t".join(plain(cell) for cell in row) for row in rows)
    bare = "".join(run.text for run in runs(block.text))
    return f"{block.label} {bare}" if isinstance(block, Point) else bare


def _block(line: str) -> Block:
    heading = _HEADING.fullmatch(line)
    if heading is not None:
        return Heading(Level(len(heading[1])), heading[2].lstrip(" "))
    point = _POINT.fullmatch(line)
    if point is not None:
        return Point(point[1], point[2].lstrip(" "))
    return Paragraph(line)


def _table_at(written: Sequence[str], index: int) -> Table | None:
    aligns = _alignment_line(written, index + 1)
    if not aligns or not _is_row(written[index]):
        return None
    rows: list[tuple[str, ...]] = []
    for place in range(index + 2, len(written)):
        # A line of alignments makes the row above it the header of a table of its own.
        if not _is_row(written[place]) or _alignment_line(written, place + 1):
            break
        rows.append(_fitted(_cells(written[place]), len(aligns)))
    return Table(aligns, _fitted(_cells(written[index]), len(aligns)), tuple(rows))


def _alignment_line(written: Sequence[str], index: int) -> tuple[Align, ...]:
    if index >= len(written) or not _is_row(written[index]):
        return ()
    return _aligns(_raw_cells(written[index]))


def _is_row(line: str) -> bool:
    return len(line) > 1 and line.startswith("|") and line.endswith("|")


def _aligns(cells: Sequence[str]) -> tuple[Align, ...]:
    """The alignments that a line says; nothing where it says something else."""
    found = [_ALIGNMENT.fullmatch(cell.strip()) for cell in cells]
    if not all(found):
        return ()
    return tuple(
        Align.LEFT if not match[2] else Align.CENTRE if match[1] else Align.RIGHT
        for match in found
        if match is not None
    )


def _raw_cells(line: str) -> list[str]:
    return _CELL_BREAK.sub("\\1\n", line[1:-1]).split("\n")


def _cells(line: str) -> tuple[str, ...]:
    return tuple(_ESCAPED.sub(r"\1", cell.strip(" ")) for cell in _raw_cells(line))


def _fitted(cells: tuple[str, ...], columns: int) -> tuple[str, ...]:
    return (cells + ("",) * columns)[:columns]


def _row(cells: Sequence[str]) -> str:
    written = [each.replace("\\", "\\\\").replace("|", "\\|") for each in cells]
    if _aligns(written):
        # Cells of nothing but dashes: the first dash says that they are words.
        written = [each.replace("-", "\\-", 1) for each in written]
    return f"| {' | '.join(written)} |"


def _parsed(place: int, value: object) -> Block:
    if not isinstance(value, Mapping):
        raise BodyRefused(f"Khối thứ {place} không đọc được.")
    kind = value.get("kind")
    if kind == "table":
        return _parsed_table(place, value)
    text = _words(value.get("text"), f"Khối thứ {place}")
    if kind == "heading":
        try:
            return Heading(Level(_whole(value.get("level"))), text)
        except ValueError as wrong:
            raise BodyRefused(f"Đề mục ở khối thứ {place} phải ở cấp 1 đến 4.") from wrong
    if kind == "point":
        label = _words(value.get("label"), f"Khối thứ {place}")
        if not _POINT.fullmatch(f"{label} {text}"):
            raise BodyRefused(f"Khối thứ {place}: “{label}” không phải là số thứ tự của một điểm.")
        return Point(label, text)
    if kind == "paragraph":
        return Paragraph(text)
    raise BodyRefused(f"Khối thứ {place} không phải là đề mục, điểm, đoạn hay bảng.")


def _parsed_table(place: int, value: Mapping[str, object]) -> Table:
    try:
        listed = value.get("aligns")
        aligns = tuple(Align(str(each)) for each in listed if each) if _is_list(listed) else ()
    except ValueError as wrong:
        raise BodyRefused(f"Bảng ở khối thứ {place} căn cột không đúng.") from wrong
    rows = value.get("rows")
    if not 1 <= len(aligns) <= MOST_COLUMNS:
        raise BodyRefused(f"Bảng ở khối thứ {place} phải có 1 đến {MOST_COLUMNS} cột.")
    if not _is_list(rows) or len(rows) > MOST_ROWS:
        raise BodyRefused(f"Bảng ở khối thứ {place} phải có nhiều nhất {MOST_ROWS} hàng.")
    read = [
        _parsed_row(f"Bảng ở khối thứ {place}, hàng {number}", row, len(aligns))
        for number, row in enumerate([value.get("header"), *rows])
    ]
    return Table(aligns, read[0], tuple(read[1:]))


def _parsed_row(place: str, row: object, columns: int) -> tuple[str, ...]:
    if not _is_list(row) or len(row) != columns:
        raise BodyRefused(f"{place} phải có đúng {columns} ô.")
    return tuple(_words(cell, f"{place}, ô {number}") for number, cell in enumerate(row, start=1))


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _words(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise BodyRefused(f"{place} phải là chữ.")
    if len(value) > PARAGRAPH_LENGTH:
        raise BodyRefused(f"{place} dài hơn {PARAGRAPH_LENGTH} ký tự.")
    return normalised(value)


def _serialised(block: Block) -> dict[str, object]:
    match block:
        case Heading():
            return {"kind": "heading", "level": int(block.level), "text": block.text}
        case Point():
            return {"kind": "point", "label": block.label, "text": block.text}
        case Paragraph():
            return {"kind": "paragraph", "text": block.text}
    return {
        "kind": "table",
        "aligns": [align.value for align in block.aligns],
        "header": list(block.header),
        "rows": [list(row) for row in block.rows],
    }


def _printed(block: Block) -> dict[str, object]:
    match block:
        case Heading():
            return {"kind": "heading", "level": int(block.level), "runs": _styled(block.text)}
        case Point():
            return {"kind": "point", "runs": _styled(f"{block.label} {block.text}")}
        case Paragraph():
            return {"kind": "paragraph", "runs": _styled(block.text)}
    rows = (block.header, *block.rows)
    return {
        "kind": "table",
        "aligns": [align.value for align in block.aligns],
        # A column is as wide as its longest cell asks, within bounds, so that none is squeezed.
        "weights": [
            min(40, max(len(plain(row[column])) for row in rows)) + 2
            for column in range(len(block.aligns))
        ],
        "header": [_styled(cell) for cell in block.header],
        "rows": [[_styled(cell) for cell in row] for row in block.rows],
    }


def _styled(text: str) -> list[dict[str, object]]:
    return [{"text": run.text, "bold": run.bold, "italic": run.italic} for run in runs(text)]


_MARKS: Final = re.compile(r"\*\*|(?<![^\W_])_(?=\S)|(?<=\S)_(?![^\W_])")


def _tokens(paragraph: str) -> list[tuple[str, bool]]:
    """Text and marks; of each kind of mark an odd last one is text."""
    found = list(_MARKS.finditer(paragraph))
    for kind in ("**", "_"):
        of_kind = [match for match in found if match.group() == kind]
        if len(of_kind) % 2:
            found.remove(of_kind[-1])
    tokens: list[tuple[str, bool]] = []
    place = 0
    for match in found:
        if match.start() > place:
            tokens.append((paragraph[place : match.start()], False))
        tokens.append((match.group(), True))
        place = match.end()
    if place < len(paragraph):
        tokens.append((paragraph[place:], False))
    return tokens
