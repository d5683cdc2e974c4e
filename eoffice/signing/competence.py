"""Whether the person who is about to sign is the one whom the document names, as it names them.

What may be printed above a signature is computed from appointments and grants at that moment
(`people.signers`); a document that says anything else is not signed. Decree 30/2020, art. 13.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.documents import types
from eoffice.documents.form import text as texts
from eoffice.documents.form.text import DispatchText
from eoffice.errors import Conflict
from eoffice.people import signers
from eoffice.people.rules import Capacity
from eoffice.people.views import SigningRight
from eoffice.web.principal import Principal


class SignerDiffers(Conflict):
    """The document names another signer than the person who is about to sign it."""


def words_of_right(
    session: Session, text: DispatchText | None, agency_id: UUID, *, by: Principal, at: datetime
) -> str:
    """In what capacity they sign: "KT. Giám đốc Phó Giám đốc".

    None for the text: the file came finished, and the strongest right counts. Raises NoAuthority,
    SignerDiffers.
    """
    # Refuses whoever has no right at all, in its own words.
    strongest = signers.strongest(session, by.person_id, agency_id, at=at)
    if text is None:
        return " ".join(_lines(strongest, ""))
    if text.signer_name.casefold() != by.full_name.casefold():
        raise SignerDiffers(
            f"Văn bản ghi người ký là {text.signer_name}, còn bạn là {by.full_name}. Hãy trả lại "
            "để sửa phần chữ ký, hoặc để đúng người ký."
        )
    printed = texts.capacity_lines(text)
    collective = text.on_behalf_of if text.capacity is Capacity.ON_BEHALF else text.collective
    possible = [
        _lines(right, collective)
        for right in signers.rights(session, by.person_id, agency_id, at=at)
    ]
    if _folded(printed) not in [_folded(lines) for lines in possible]:
        shown = " hoặc ".join(f"“{', '.join(lines)}”" for lines in dict.fromkeys(possible))
        raise SignerDiffers(
            f"Văn bản ghi quyền hạn ký là “{', '.join(printed)}”, không đúng với thẩm quyền của "
            f"bạn hôm nay: {shown}. Hãy trả lại để sửa phần chữ ký."
        )
    return " ".join(printed)


def _lines(right: SigningRight, collective: str) -> tuple[str, ...]:
    return types.capacity_lines(right.capacity, right.title, right.head_title, collective)


def _folded(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(line.casefold() for line in lines)
