"""Composing a form with data into PDF/A; the one place that knows the typesetter.

A form is a Typst source in some slice's `forms/` folder; it reads its data from `/data.json` and
may import `/fields.typ` to publish places for form fields. The result depends on form, data and
`at` alone: the same bytes in every process. Adapter: nothing here touches the database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

from eoffice.errors import Invalid
from eoffice.printing.page_codes import PICTURE, PageCode
from eoffice.printing.pdf_fields import Placeholder, placeholder_from

FORMS: Final = Path(__file__).parent / "forms"
FONTS: Final = FORMS / "fonts"


class Profile(StrEnum):
    """What kind of PDF/A comes out: without attached data, or with."""

    ARCHIVAL = "a-2b"
    WITH_DATA = "a-3b"


class CannotBePrinted(Invalid):
    """The text holds something that cannot be printed."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished page layout and where its form fields belong."""

    pdf: bytes
    placeholders: tuple[Placeholder, ...]


def compose(
    form: Path,
    data: Mapping[str, object],
    *,
    at: datetime,
    profile: Profile = Profile.ARCHIVAL,
    files: Mapping[str, bytes] | None = None,
    page_code: PageCode | None = None,
) -> Composed:
    """Set `data` in `form`.

    `files` are further UTF-8 sources or data under their names, "/rows.json" for instance. Strings
    in the data are inert: no markup of theirs is executed. `page_code` is drawn on each page.

    Raises CannotBePrinted where a character has no glyph in the fonts of the office.
    """
    # The stubs of the library know paths and bytes only; it takes a mapping of names to bytes too.
    sources: Any = {
        "main.typ": (page_code.preamble if page_code else b"") + form.read_bytes(),
        "fields.typ": (FORMS / "fields.typ").read_bytes(),
        "data.json": json.dumps(data, ensure_ascii=False, sort_keys=True).encode(),
        **({PICTURE: page_code.picture} if page_code else {}),
        **{name.lstrip("/"): content for name, content in (files or {}).items()},
    }
    # Given as named files: the form of the call that takes bare bytes dies after 65 534 calls.
    try:
        pdf = typst.compile(
            sources,
            format="pdf",
            font_paths=_fonts(),
            pdf_standards=profile.value,
            pdf_tags=False,
            timestamp=int(at.timestamp()),
        )
        found = typst.query(sources, "<field>", field="value", font_paths=_fonts())
    except typst.TypstError as error:
        if "glyph" in error.message or "could not be displayed" in error.message:
            raise CannotBePrinted(
                "Văn bản có ký tự mà phông chữ của văn bản hành chính không có "
                f"({error.message}). Đề nghị thay ký tự đó."
            ) from error
        raise
    assert isinstance(pdf, bytes)
    return Composed(pdf, tuple(placeholder_from(each) for each in json.loads(found)))


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
