"""How long the pages take that are made most: dispatch 960, and the registers of a class.

Peer: the typesetter with an empty page and our fonts, which is what any document costs at least.
Registers are counted in processor time, each of another class: the typesetter keeps what it has set
before, so the same class again costs next to nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import typst

from benchmarks.figures import Figure, Peer, repeated
from eoffice.assessment.tt58 import AMENDED
from eoffice.demo import dispatch_960
from eoffice.documents.form import rendering, text
from eoffice.documents.form.letterhead import Letterhead
from eoffice.documents.types import DocumentType
from eoffice.printing import typesetting
from eoffice.registers import rendering as register_pages
from eoffice.registers.kinds import rendering as registers
from eoffice.registers.kinds.table import RegisterKind
from tests.registers import register_cast

AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
#: How many different books a mean is taken of.
_BOOKS = 5


def measure() -> Sequence[Figure]:
    written = text.parse(dispatch_960.text(corrected=True))
    letterhead = Letterhead("UBND tỉnh Đồng Tháp", "Sở Giáo dục và Đào tạo", "SGDĐT", "Đồng Tháp")

    def empty() -> bytes:
        return typst.compile(
            b'#set document(title: "empty"); #set text(font: "Tinos")\n.',
            font_paths=_fonts(),
            format="pdf",
            pdf_standards="a-2b",
        )

    def dispatch() -> bytes:
        return rendering.render(
            DocumentType.DISPATCH, written, letterhead, notation="SGDĐT-CNTTTBTV", at=AT
        )

    bare = repeated(empty, times=15)
    peer = Peer("an empty page, typst alone, ms", bare.median_ms)
    dispatches = repeated(dispatch, times=15)
    return [
        Figure(
            f"dispatch 960, {rendering.page_count(dispatch())} pages, with form fields",
            "ms",
            dispatches.median_ms,
            peer,
            "15, median",
        ),
        *(figure for one in _registers() for figure in _per_core(one)),
    ]


@dataclass(frozen=True, slots=True)
class _Register:
    name: str
    #: What is entered, by a seed; not counted.
    entered: Callable[[int], Any]
    #: Computing, setting, embedding, fields.
    made: Callable[[Any], bytes]


def _registers() -> Iterator[_Register]:
    """Every kind of register of a class or teacher, and a report book."""

    def of(kind: RegisterKind) -> Callable[[Any], bytes]:
        return lambda entered: registers.render(register_cast.data(kind, entered))

    yield _Register(
        "class book, circular 22, 42 pupils",
        lambda seed: register_cast.class_book_of(seed=seed),
        of(RegisterKind.CLASS_BOOK),
    )
    yield _Register(
        "roll book, circular 58, 43 pupils",
        lambda seed: register_cast.roll_book_of(seed=seed),
        of(RegisterKind.ROLL_BOOK),
    )
    yield _Register(
        "roll book, circular 26, 43 pupils",
        lambda seed: register_cast.roll_book_of(seed=seed, edition=AMENDED),
        of(RegisterKind.ROLL_BOOK),
    )
    yield _Register(
        "teacher's book, circular 22, 3 classes",
        lambda seed: register_cast.teacher_book_of(seed=seed),
        of(RegisterKind.TEACHER_BOOK),
    )
    yield _Register(
        "primary table, circular 27, 36 pupils",
        lambda seed: register_cast.primary_table_of(seed=seed),
        of(RegisterKind.PRIMARY_TABLE),
    )
    yield _Register(
        "report book of a year, circular 58, one pupil",
        lambda seed: register_cast.report_part_of(register_cast.roll_book_of(seed=seed)),
        of(RegisterKind.REPORT_PART),
    )
    yield _Register(
        "report book of a year, circular 27, one pupil",
        lambda seed: register_cast.report_part_of(register_cast.primary_table_of(seed=seed)),
        of(RegisterKind.REPORT_PART),
    )
    yield _Register(
        "year's part of a report book, circular 22",
        lambda seed: register_cast.report_part_of(register_cast.class_book_of(seed=seed)),
        of(RegisterKind.REPORT_PART),
    )
    yield _Register(
        "year's part of a report book, circular 58",
        lambda seed: register_cast.report_part_of(register_cast.roll_book_of(seed=seed)),
        of(RegisterKind.REPORT_PART),
    )
    yield _Register(
        "year's part of a report book, circular 27",
        lambda seed: register_cast.report_part_of(register_cast.primary_table_of(seed=seed)),
        of(RegisterKind.REPORT_PART),
    )


def _per_core(register: _Register) -> Iterator[Figure]:
    """Books and pages for each second of one core, computing, data, XML and fields included."""
    entered = [register.entered(seed) for seed in range(1, 2 + _BOOKS)]
    pages = register_pages.page_count(register.made(entered[0]))
    begun = time.process_time()
    for one in entered[1:]:
        register.made(one)
    seconds = (time.process_time() - begun) / _BOOKS
    begun = time.process_time()
    for seed in range(_BOOKS):
        _one_page(f"{register.name} {seed}")
    bare = (time.process_time() - begun) / _BOOKS
    peer = Peer("one page of a few words, typst alone, per s per core", 1 / bare)
    name, samples = f"{register.name}, {pages} pages", f"{_BOOKS} different, mean"
    yield Figure(name, "books/s per core", 1 / seconds, peer, samples)
    yield Figure(name, "pages/s per core", pages / seconds, peer, samples)


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(typesetting.FONTS)])


def _one_page(words: str) -> bytes:
    source = f'#set document(title: "{words}"); #set text(font: "Tinos")\n{words}'
    # The stubs of the library know paths and bytes only; it takes a mapping of names to bytes too.
    sources: Any = {"main.typ": source.encode()}
    made = typst.compile(
        sources,
        font_paths=_fonts(),
        format="pdf",
        pdf_standards="a-2b",
    )
    assert isinstance(made, bytes)
    return made
