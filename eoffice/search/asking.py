"""A search as an address: what was typed and chosen, read leniently and written back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from eoffice.documents import states as document_states
from eoffice.documents import types
from eoffice.documents.types import DocumentType, Urgency
from eoffice.filing import case_rules
from eoffice.routing import states as routing_states
from eoffice.search import rules
from eoffice.search.rules import KIND_NAMES, Asked, Fields, Kind


class Column(StrEnum):
    CODE = "code"
    DAY = "day"
    TYPE = "type"
    SUBJECT = "subject"
    ORGAN = "organ"
    SIGNER = "signer"
    URGENCY = "urgency"
    STATE = "state"
    ARRIVAL_NUMBER = "arrival_number"


COLUMN_NAMES: Final[Mapping[Column, str]] = {
    Column.CODE: "Số, ký hiệu",
    Column.DAY: "Ngày",
    Column.TYPE: "Loại",
    Column.SUBJECT: "Trích yếu",
    Column.ORGAN: "Nơi gửi, đơn vị",
    Column.SIGNER: "Người ký",
    Column.URGENCY: "Độ khẩn",
    Column.STATE: "Tình trạng",
    Column.ARRIVAL_NUMBER: "Số đến",
}
DEFAULT_COLUMNS: Final = (Column.CODE, Column.DAY, Column.SUBJECT, Column.ORGAN, Column.STATE)
#: Without them a line cannot be told from the others.
FIXED_COLUMNS: Final = frozenset({Column.CODE, Column.SUBJECT})

#: All states of all kinds; no two kinds use one word for different things.
STATE_NAMES: Final[Mapping[str, str]] = {
    **{each.value: f"Văn bản đi: {name}" for each, name in document_states.NAMES.items()},
    **{each.value: f"Văn bản đến: {name}" for each, name in routing_states.ARRIVING_NAMES.items()},
    **{each.value: f"Hồ sơ: {name}" for each, name in case_rules.STATE_NAMES.items()},
}
FIELD_NAMES: Final[Mapping[str, str]] = {
    "kind": "Nhóm",
    "type": "Loại",
    "from_day": "Từ ngày",
    "to_day": "Đến ngày",
    "sender": "Nơi gửi",
    "signer": "Người ký",
    "unit_id": "Đơn vị soạn thảo",
    "urgency": "Độ khẩn",
    "state": "Tình trạng",
}


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked, and in which columns it is shown."""

    asked: Asked
    columns: tuple[Column, ...] = DEFAULT_COLUMNS


def read(pairs: Iterable[tuple[str, str]]) -> Search:
    """From the fields of an address; what is unknown there is passed over."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value.strip())
    one = {name: values[0][: rules.LENGTH] for name, values in given.items()}
    chosen = set(given.get("columns", ()))
    columns = tuple(each for each in Column if each in FIXED_COLUMNS or each.value in chosen)
    kind = one.get("kind", "")
    fields = Fields(
        kind=Kind(kind) if kind in set(Kind) else None,
        type=_among(one.get("type", ""), set(DocumentType)),
        from_day=rules.read_date(one.get("from_day", "")),
        to_day=rules.read_date(one.get("to_day", "")),
        sender=_words(one.get("sender", "")),
        signer=_words(one.get("signer", "")),
        unit_id=_id(one.get("unit_id", "")),
        urgency=_among(one.get("urgency", ""), set(Urgency)),
        state=_among(one.get("state", ""), set(STATE_NAMES)),
    )
    return Search(rules.parse(one.get("q", ""), fields), columns if chosen else DEFAULT_COLUMNS)


def read_query(query: str) -> Search:
    """The same from the part of an address behind the question mark."""
    return read(parse_qsl(query, max_num_fields=100))


def query(search: Search) -> str:
    """The search as the part of an address behind the question mark; `read_query` gives it back."""
    fields = search.asked.fields
    pairs: list[tuple[str, str]] = []
    if search.asked.terms:
        pairs.append(("q", rules.typed(search.asked.terms)))
    for name in FIELD_NAMES:
        value = getattr(fields, name)
        if value:
            pairs.append((name, str(value)))
    if search.columns != DEFAULT_COLUMNS:
        pairs += [("columns", each.value) for each in search.columns]
    return urlencode(pairs)


def said(name: str, fields: Fields, unit_name: str) -> str:
    """One narrowing in words: "Từ ngày 01/08/2018"."""
    value = getattr(fields, name)
    shown = {
        "kind": lambda: KIND_NAMES[value],
        "type": lambda: types.name(DocumentType(value)),
        "from_day": lambda: f"{value:%d/%m/%Y}",
        "to_day": lambda: f"{value:%d/%m/%Y}",
        "unit_id": lambda: unit_name,
        "urgency": lambda: types.URGENCY_NAMES[Urgency(value)],
        "state": lambda: STATE_NAMES[value].partition(": ")[2],
    }.get(name, lambda: str(value))()
    return f"{FIELD_NAMES[name]}: {shown}"


def _among(text: str, known: set[str]) -> str:
    return text if text in known else ""


def _words(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
