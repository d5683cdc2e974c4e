"""Registers that check themselves: all that they state is computed anew from what was entered.

Pure: needs the data inside the file, its XML, and the text of its pages; no database, no network.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eoffice.errors import Invalid
from eoffice.registers import printed
from eoffice.registers.gradebook import DataUnreadable
from eoffice.registers.kinds import table
from eoffice.registers.kinds.sheets import Sheet, words_of
from eoffice.registers.kinds.table import Json


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a register does not say what its own data give."""

    #: Path of the value in the data, or heading of the page.
    where: str
    sentence: str


def differences(data: Json, xml: bytes | None, pages: Sequence[str]) -> tuple[Difference, ...]:
    """Everything that is not as it follows from what was entered; none when all is right.

    Raises DataUnreadable.
    """
    found = list(data_differences(data))
    if xml != table.xml_of(data):
        found.append(
            Difference(table.kind_of(data).root, "Dữ liệu XML của sổ khác dữ liệu JSON của sổ.")
        )
    return (*found, *page_differences(data, pages))


def data_differences(data: Json) -> tuple[Difference, ...]:
    """Every result, count and total that the marks do not give. Raises DataUnreadable."""
    kind = table.kind_of(data)
    entered = table.entered_of(data)
    table.citations_of(data)
    try:
        results = table.plain(kind.compute(entered))
    except (LookupError, ValueError, ArithmeticError, Invalid) as error:
        raise DataUnreadable(f"Không tính lại được từ dữ liệu kèm theo sổ: {error}.") from error
    expected = {**data, "entered": table.plain(entered), "results": results}
    return tuple(
        Difference(
            path, f"{_named(data, path)}: sổ ghi {_shown(stated)}, tính lại là {_shown(new)}."
        )
        for path, stated, new in _leaves("", data, expected)
    )


def page_differences(data: Json, pages: Sequence[str]) -> tuple[Difference, ...]:
    """Every line of the register that does not stand on its page as the data say.

    `pages` are the texts of the pages in order, as a text extractor gives them; line breaks and
    spaces do not matter, the order of the words does. Between two rows of a list nothing else may
    stand, so a figure put into an empty cell is found as well.
    """
    sheets = table.sheets_of(data)
    words = [_words(page) for page in pages]
    texts = _texts([_words(sheet.heading) for sheet in sheets], words)
    found: list[Difference] = []
    for sheet, on in zip(sheets, texts, strict=True):
        found += [
            Difference(
                sheet.heading,
                f"Trang “{sheet.heading}” không ghi đúng dòng “{' '.join(line)}” "
                "của dữ liệu kèm theo sổ.",
            )
            for line in _missing(sheet, on)
        ]
    found += [
        Difference("cited", f"Không trang nào ghi đúng câu “{said}” của dữ liệu kèm theo sổ.")
        for said in printed.cited(data).values()
        if not any(_contains(page, _words(said)) for page in words)
    ]
    return tuple(found)


def _texts(
    headings: Sequence[Sequence[str]], pages: Sequence[Sequence[str]]
) -> list[list[Sequence[str]]]:
    """The pages of each sheet: those with its heading, and those that follow without any.

    Of a page on which the next sheet begins below the end of one, the part above its heading.
    """
    found: list[list[Sequence[str]]] = [[] for _ in headings]
    current: list[int] = []
    for page in pages:
        starts = [_start(page, heading) for heading in headings]
        headed = [place for place, start in enumerate(starts) if start is not None]
        first = min((start for start in starts if start is not None), default=len(page))
        for place in current:
            if first and place not in headed:
                found[place].append(page[:first])
        for place in headed:
            found[place].append(page)
        current = headed or current
    return found


def _missing(sheet: Sheet, pages: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """The lines of a sheet that stand on none of its pages in one piece."""
    rows = [_words(" ".join(words_of(row))) for row in sheet.rows]
    for place, row in enumerate(rows):
        following = rows[place + 1] if place + 1 < len(rows) else []
        on = [page for page in pages if _contains(page, row)]
        # Up to the beginning of the next row, unless that has moved to the next page.
        together = [page for page in on if _contains(page, following)]
        joined = [*row, *following[:1]]
        if not on or (together and not any(_contains(page, joined) for page in together)):
            yield row
    others = [_words(" ".join(words_of(sums))) for sums in sheet.sums]
    others += [_words(line) for line in sheet.lines]
    yield from (line for line in others if not any(_contains(page, line) for page in pages))


def _leaves(path: str, stated: object, computed: object) -> Iterator[tuple[str, object, object]]:
    if isinstance(stated, dict) and isinstance(computed, dict):
        for key in sorted(stated.keys() | computed.keys()):
            yield from _leaves(f"{path}/{key}", stated.get(key), computed.get(key))
    elif isinstance(stated, list) and isinstance(computed, list) and len(stated) == len(computed):
        for place, (one, other) in enumerate(zip(stated, computed, strict=True)):
            yield from _leaves(f"{path}/{place}", one, other)
    # True == 1 and 1 == 1.0 in Python, but not in a register.
    elif type(stated) is not type(computed) or stated != computed:
        yield path, stated, computed


def _named(data: Json, path: str) -> str:
    """The path with the name of the pupil in it, where there is one."""
    keys = path.split("/")[1:]
    for place, key in enumerate(keys[:-1]):
        if key == "pupils" and keys[place + 1].isdigit():
            of = _at(data, [*("entered", *keys[1:place]), "pupils", keys[place + 1]])
            who = of.get("pupil", of) if isinstance(of, dict) else {}
            if isinstance(who, dict) and "name" in who:
                return f"{who['name']} ({', '.join(keys[place + 2 :])})"
    return "Tổng hợp chung" if "totals" in keys else path


def _at(data: Json, keys: Sequence[str]) -> Json:
    for key in keys:
        try:
            data = data[int(key) if isinstance(data, list) else key]
        except (LookupError, TypeError, ValueError):
            return None
    return data


def _shown(value: object) -> str:
    return "trống" if value is None else str(value)


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()


def _contains(page: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the words stand on the page one after the other."""
    return _start(page, wanted) is not None


def _start(page: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Where the words begin to stand on the page one after the other."""
    size = len(wanted)
    starts = (place for place, word in enumerate(page) if not wanted or word == wanted[0])
    return next(
        (start for start in starts if list(page[start : start + size]) == list(wanted)),
        None if size else 0,
    )
