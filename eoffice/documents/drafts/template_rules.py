"""Templates of drafts: which fields their words have, how they are filled in, who keeps them. Pure.

A field is a name between doubled braces, "{{ngày họp}}", in any part of the text; the same name
means the same words everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import Final

from eoffice.documents.form import body
from eoffice.documents.form.body import Block, Table
from eoffice.documents.form.text import DispatchText
from eoffice.errors import Invalid, NotAllowed
from eoffice.files.letters import normalised
from eoffice.people.kinds import PositionKind as P

NAME_LENGTH: Final = 200
VALUE_LENGTH: Final = 2_000
_FIELD: Final = re.compile(r"\{\{ *([^{}|]{1,60}?) *\}\}")


class FieldsOpen(Invalid):
    """A field of the template has no words yet."""


class TemplateNotYours(NotAllowed):
    """Templates of this unit are kept by somebody in another position."""


class Keeping(Enum):
    """For whom somebody keeps templates."""

    #: for all units of the agency
    AGENCY = auto()
    #: for the own office
    UNIT = auto()


_KEEPERS: Final[dict[P, Keeping]] = {
    P.HEAD: Keeping.AGENCY,
    P.DEPUTY_HEAD: Keeping.AGENCY,
    P.CLERK: Keeping.AGENCY,
    P.OFFICE_HEAD: Keeping.UNIT,
    P.OFFICE_DEPUTY: Keeping.UNIT,
}


def keeps(position: P) -> Keeping | None:
    """For whom somebody in this position keeps templates; None where they only use them."""
    return _KEEPERS.get(position)


def require_keeper(position: P) -> Keeping:
    """Raises TemplateNotYours."""
    found = keeps(position)
    if found is None:
        raise TemplateNotYours(
            "Mẫu soạn thảo do lãnh đạo đơn vị, lãnh đạo cơ quan và văn thư lập; bạn dùng mẫu để "
            "soạn văn bản."
        )
    return found


def fields(text: DispatchText) -> tuple[str, ...]:
    """Names of the fields in the order in which they are read, each once."""
    found: dict[str, None] = {}

    def note(words: str) -> str:
        found.update((match[1], None) for match in _FIELD.finditer(words))
        return words

    _each(text, note)
    return tuple(found)


def filled(text: DispatchText, values: Mapping[str, str]) -> DispatchText:
    """The text with its fields filled in. Raises FieldsOpen by field, for blank and endless ones.

    What is filled in is words: it makes no row, no cell and no heading.
    """
    given = {name: normalised(values.get(name, "")) for name in fields(text)}
    wrong = {
        name: "Cần điền mục này." if not words else f"Dài hơn {VALUE_LENGTH} ký tự."
        for name, words in given.items()
        if not words or len(words) > VALUE_LENGTH
    }
    if wrong:
        raise FieldsOpen("Còn mục chưa điền đúng của mẫu: " + ", ".join(wrong) + ".", fields=wrong)
    return _each(text, lambda words: _FIELD.sub(lambda match: given[match[1]], words))


def _each(text: DispatchText, change: Callable[[str], str]) -> DispatchText:
    """The text with every piece of words changed; cells and paragraphs one by one."""
    return replace(
        text,
        subject=change(text.subject),
        addressees=tuple(map(change, text.addressees)),
        authority=change(text.authority),
        legal_bases=tuple(map(change, text.legal_bases)),
        paragraphs=body.lines([_changed(each, change) for each in body.blocks(text.paragraphs)]),
        recipients=tuple(map(change, text.recipients)),
        filing=change(text.filing),
        contact=change(text.contact),
    )


def _changed(block: Block, change: Callable[[str], str]) -> Block:
    if isinstance(block, Table):
        return replace(
            block,
            header=tuple(map(change, block.header)),
            rows=tuple(tuple(map(change, row)) for row in block.rows),
        )
    return replace(block, text=change(block.text))
