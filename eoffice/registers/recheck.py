"""Registers that check themselves: every stated figure is computed anew from the marks beside it.

Pure: needs the data embedded in the file and, for the second half, the text of its pages; no
database, no network. Used by the verification of signed registers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eoffice.registers import gradebook, printed
from eoffice.registers.gradebook import Json


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a register does not say what its own marks give."""

    #: Where: path of the value in the data, or the page on which the row is missing.
    where: str
    stated: str
    computed: str
    sentence: str


def data_differences(data: Json) -> tuple[Difference, ...]:
    """Every result, count and total in `data` that its marks do not give; none when all is right.

    Raises DataUnreadable, NotComplete.
    """
    expected = gradebook.data_of(gradebook.source_of(data))
    return tuple(
        Difference(path, _shown(stated), _shown(computed), _sentence(data, path, stated, computed))
        for path, stated, computed in _leaves("", data, expected)
    )


def page_differences(data: Json, pages: Sequence[str]) -> tuple[Difference, ...]:
    """Every row of the register that does not stand on its page as the data say.

    `pages` are the texts of the pages in order, as a text extractor gives them; line breaks and
    spaces do not matter, the order of the words in a row does.
    """
    words = [_words(page) for page in pages]
    found = []
    for part in printed.parts(data):
        heading = _words(part.heading)
        on = [number for number, page in enumerate(words) if _contains(page, heading)]
        for row in part.rows:
            cells = [word for cell in row for word in _words(cell)]
            if not any(_contains(words[number], cells) for number in on):
                found.append(
                    Difference(
                        where=part.heading,
                        stated="",
                        computed=" ".join(cells),
                        sentence=f"Trang “{part.heading}” không ghi đúng dòng “{' '.join(cells)}” "
                        "của dữ liệu kèm theo sổ.",
                    )
                )
    found += [
        Difference(
            "cited", "", said, f"Không trang nào ghi đúng câu “{said}” của dữ liệu kèm theo sổ."
        )
        for said in printed.cited(data).values()
        if not any(_contains(page, _words(said)) for page in words)
    ]
    return tuple(found)


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


def _sentence(data: Json, path: str, stated: object, computed: object) -> str:
    where = path
    keys = path.split("/")[1:]
    if keys[0] == "pupils" and len(keys) > 2:
        pupil = data["pupils"][int(keys[1])]
        names = {subject["code"]: subject["name"] for subject in data["subjects"]}
        words = [_PATH_WORDS.get(key, names.get(key, key)) for key in keys[2:]]
        where = f"{pupil['name']} ({', '.join(word for word in words if word)})"
    elif keys[0] == "totals":
        where = "Tổng hợp chung"
    return f"{where}: sổ ghi {_shown(stated)}, tính lại từ điểm là {_shown(computed)}."


_PATH_WORDS = {
    "subjects": "",
    "semesters": "",
    "1": "học kì I",
    "2": "học kì II",
    "year": "cả năm",
    "result": "kết quả môn học",
    "learning": "kết quả học tập",
    "learning_before_adjustment": "kết quả học tập trước điều chỉnh",
    "conduct": "kết quả rèn luyện",
    "promotion": "lên lớp",
    "title": "danh hiệu",
    "excused": "buổi nghỉ có phép",
    "unexcused": "buổi nghỉ không phép",
}


def _shown(value: object) -> str:
    return (
        printed.word(value) if isinstance(value, str) else "trống" if value is None else str(value)
    )


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFC", text).split()


def _contains(page: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the words stand on the page one after the other."""
    if not wanted:
        return True
    size = len(wanted)
    starts = (place for place, word in enumerate(page) if word == wanted[0])
    return any(list(page[start : start + size]) == list(wanted) for start in starts)
