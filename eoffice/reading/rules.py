"""Who is told who has read a document. Pure."""

from __future__ import annotations

from typing import Final

from eoffice.errors import NotAllowed
from eoffice.people.kinds import PositionKind

#: Who answers for all documents of the agency.
_OF_THE_AGENCY: Final = frozenset({PositionKind.HEAD, PositionKind.DEPUTY_HEAD, PositionKind.CLERK})
#: Who answers for the documents of the own unit.
_OF_THE_UNIT: Final = frozenset({PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY})


class LooksClosed(NotAllowed):
    """Who has read the document is shown to the agency's leaders, its clerk and the unit's head."""


def may_see_looks(position: PositionKind, *, is_of_own_unit: bool) -> bool:
    """Of a thing that the person may read: whether they are told who else has."""
    return position in _OF_THE_AGENCY or (is_of_own_unit and position in _OF_THE_UNIT)
