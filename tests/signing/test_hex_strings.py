"""Hexadecimal strings are read as the library reads them, whatever stands in them."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from eoffice.signing import hex_strings


def outcome(read: Any, data: bytes) -> tuple[object, object]:
    stream = io.BytesIO(data)
    try:
        found = read(stream)
    except (PdfError, ValueError) as failure:
        return type(failure), str(failure)
    return (type(found), found), stream.tell()


@settings(deadline=None)
@given(st.text(alphabet="0aF9 \n%>g", max_size=40), st.integers(0, 200))
@example("", 0)
@example(">", 64)
@example(">", 127)
@example("> /Type /Sig", 20_000)
@example("a>", 20_000)
@example("%>\n>", 20)
def test_strings_are_read_as_the_library_reads_them(end: str, pairs: int) -> None:
    data = b"<" + b"4f" * pairs + end.encode()
    assert outcome(hex_strings.read, data) == outcome(hex_strings._by_digits, data)


def test_the_library_reads_its_strings_so() -> None:
    hex_strings.install()
    assert vars(generic)["read_hex_string_from_stream"] is hex_strings.read
