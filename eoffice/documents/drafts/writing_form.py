"""What the pages on which people write read from a form and show in it: hours, blanks, signers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import types
from eoffice.documents.form import appendices as parts
from eoffice.documents.form import particulars
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.errors import Invalid
from eoffice.people import signers
from eoffice.people.rules import Capacity
from eoffice.people.signers import Signer
from eoffice.web.forms import Form

_HOUR: Final = re.compile(
    r"\s*(\d{1,2})/(\d{1,2})/(\d{4})[\s,]+(\d{1,2})\s*(?::|h|giờ)\s*(\d{2})?\s*"
)


class SignedBy(Protocol):
    """The fields of a form that say who signs."""

    @property
    def capacity(self) -> Capacity: ...
    @property
    def on_behalf_of(self) -> str: ...
    @property
    def collective(self) -> str: ...
    @property
    def signer_title(self) -> str: ...
    @property
    def signer_name(self) -> str: ...


def instant(field: str, words: str) -> datetime | None:
    """ "14/8/2018 10:00" on a clock in Vietnam; None for a blank. Raises Invalid."""
    if not words.strip():
        return None
    found = _HOUR.fullmatch(words)
    try:
        if found is None:
            raise ValueError(words)
        day, month, year, hour, minute = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=clock.VIETNAM)
    except ValueError as wrong:
        raise Invalid(
            "Ngày giờ ghi chưa đúng.", fields={field: "Ghi ngày và giờ, ví dụ 14/8/2018 10:00."}
        ) from wrong


def shown_instant(at: datetime | None) -> str:
    """The same in the words that `instant` reads."""
    if at is None:
        return ""
    local = clock.vietnam_time(at)
    return f"{local.day:02d}/{local.month}/{local.year} {local:%H:%M}"


# --- Blanks ----------------------------------------------------------------------------------


def particulars_in(form: Form) -> dict[str, str]:
    """What was typed into the blanks of the form of any type."""
    keys = {each.key for blanks in particulars.BLANKS.values() for each in blanks}
    return {key: form[f"particular_{key}"] for key in sorted(keys) if form[f"particular_{key}"]}


def blanks_shown(kind: DocumentType, text: DispatchText) -> dict[str, str]:
    return {f"particular_{each.key}": text.particular(each.key) for each in particulars.of(kind)}


# --- Signers ---------------------------------------------------------------------------------


def signer_options(session: Session, agency_id: UUID, *, at: datetime) -> list[tuple[str, str]]:
    """Who may sign today and how it would be printed, for a list to choose from."""
    return [
        (_value(each), f"{', '.join(_lines(each))}: {each.full_name}")
        for each in signers.of_agency(session, agency_id, at=at)
    ]


def chosen_signer(session: Session, value: str, agency_id: UUID, *, at: datetime) -> Signer | None:
    """Whom the list named; None where nobody was chosen. Raises Invalid for a right that ended."""
    if not value:
        return None
    for each in signers.of_agency(session, agency_id, at=at):
        if _value(each) == value:
            return each
    raise Invalid(
        "Người được chọn hôm nay không còn thẩm quyền ký như vậy.",
        fields={"signer": "Chọn lại người ký trong danh sách."},
    )


def signer_of(session: Session, text: DispatchText, agency_id: UUID, *, at: datetime) -> str:
    """The value of the list that says what the text says; empty where nobody signs so today."""
    for each in signers.of_agency(session, agency_id, at=at):
        right = each.right
        is_head = text.capacity is Capacity.ON_BEHALF and right.capacity is Capacity.HEAD
        if (
            each.full_name.casefold() == text.signer_name.casefold()
            and right.title.casefold() == text.signer_title.casefold()
            and (
                is_head
                or (
                    right.capacity is text.capacity
                    and right.head_title.casefold() == text.on_behalf_of.casefold()
                )
            )
        ):
            return _value(each)
    return ""


def signing(typed: SignedBy, chosen: Signer | None) -> dict[str, object]:
    """The parts of a text that say who signs: of whom was chosen, else as they were typed."""
    collective = typed.collective.strip()
    capacity, title, name, head = (
        (typed.capacity, typed.signer_title, typed.signer_name, typed.on_behalf_of)
        if chosen is None
        else (
            chosen.right.capacity,
            chosen.right.title,
            chosen.full_name,
            chosen.right.head_title,
        )
    )
    if capacity is Capacity.HEAD and collective:
        capacity = Capacity.ON_BEHALF
    if capacity is Capacity.ON_BEHALF:
        head, collective = collective or head, ""
    return {
        "capacity": capacity.value,
        "on_behalf_of": head,
        "collective": collective,
        "signer_title": title,
        "signer_name": name,
    }


def collective_of(text: DispatchText) -> str:
    return text.on_behalf_of if text.capacity is Capacity.ON_BEHALF else text.collective


# --- Appendices ------------------------------------------------------------------------------


def appendices_in(form: Form) -> list[dict[str, object]]:
    """The appendices of their page, in its order."""
    found: list[dict[str, object]] = []
    for ordinal in range(1, parts.MOST + 1):
        title, lines = form[f"appendix_{ordinal}_title"], form[f"appendix_{ordinal}_paragraphs"]
        if title.strip() or lines.strip():
            found.append(
                {
                    "type": form[f"appendix_{ordinal}_type"] or None,
                    "title": title,
                    "paragraphs": lines.split("\n"),
                }
            )
    return found


def appendices_shown(appendices: Sequence[parts.Appendix]) -> Mapping[str, str]:
    shown: dict[str, str] = {}
    for ordinal, each in enumerate(appendices, start=1):
        shown[f"appendix_{ordinal}_type"] = "" if each.type is None else each.type.value
        shown[f"appendix_{ordinal}_title"] = each.title
        shown[f"appendix_{ordinal}_paragraphs"] = "\n".join(each.paragraphs)
    return shown


def _lines(signer: Signer) -> tuple[str, ...]:
    right = signer.right
    return types.capacity_lines(right.capacity, right.title, right.head_title)


def _value(signer: Signer) -> str:
    return f"{signer.person_id}:{signer.right.capacity.value}:{signer.right.title}"
