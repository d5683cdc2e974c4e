"""A search as an address: what was typed and chosen, read leniently and written back. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from eoffice.archive.states import KIND_NAMES as ARCHIVE_NAMES
from eoffice.archive.states import EntryKind
from eoffice.documents import states as document_states
from eoffice.documents import types
from eoffice.documents.types import DocumentType, Urgency
from eoffice.filing import case_rules
from eoffice.routing import states as routing_states
from eoffice.search import rules
from eoffice.search.rules import KIND_NAMES, Asked, Fields, Kind, Order


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
    DUE = "due"
    PAGES = "pages"
    LANGUAGE = "language"


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
    Column.DUE: "Thời hạn",
    Column.PAGES: "Số trang",
    Column.LANGUAGE: "Ngôn ngữ",
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
    "recipient": "Nơi nhận",
    "language": "Ngôn ngữ",
    "unit_id": "Đơn vị soạn thảo",
    "urgency": "Độ khẩn",
    "state": "Tình trạng",
    "due_from": "Thời hạn từ",
    "due_to": "Thời hạn đến",
    "pages_from": "Số trang từ",
    "pages_to": "Số trang đến",
    "case_file": "Trong hồ sơ",
    "archive_kind": "Loại lưu trữ",
    "school_year": "Năm học",
}
MOST_PAGES: Final = 100_000
_SCHOOL_YEAR: Final = re.compile(r"\d{4}-\d{4}")


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked, and in which columns it is shown."""

    asked: Asked
    #: Empty where the address names none: those that the person keeps.
    columns: tuple[Column, ...] = ()
    order: Order = Order.NEWEST


def read(pairs: Iterable[tuple[str, str]]) -> Search:
    """From the fields of an address; what is unknown there is passed over."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value.strip())
    one = {name: values[0][: rules.LENGTH] for name, values in given.items()}
    kind, order = one.get("kind", ""), one.get("order", "")
    fields = Fields(
        kind=Kind(kind) if kind in set(Kind) else None,
        type=_among(one.get("type", ""), set(DocumentType)),
        from_day=rules.read_date(one.get("from_day", "")),
        to_day=rules.read_date(one.get("to_day", "")),
        sender=words(one.get("sender", "")),
        signer=words(one.get("signer", "")),
        unit_id=_id(one.get("unit_id", "")),
        urgency=_among(one.get("urgency", ""), set(Urgency)),
        state=_among(one.get("state", ""), set(STATE_NAMES)),
        recipient=words(one.get("recipient", "")),
        language=words(one.get("language", "")),
        due_from=rules.read_date(one.get("due_from", "")),
        due_to=rules.read_date(one.get("due_to", "")),
        pages_from=_count(one.get("pages_from", "")),
        pages_to=_count(one.get("pages_to", "")),
        case_file=words(one.get("case_file", "")),
        archive_kind=_among(one.get("archive_kind", ""), set(EntryKind)),
        school_year=_matching(one.get("school_year", ""), _SCHOOL_YEAR),
    )
    return Search(
        rules.parse(one.get("q", ""), fields),
        read_columns(given.get("columns", ())),
        Order(order) if order in set(Order) else Order.NEWEST,
    )


def read_columns(chosen: Iterable[str]) -> tuple[Column, ...]:
    """The columns that are named and those that always stand; none where none is named."""
    named = set(chosen) & set(Column)
    if not named:
        return ()
    return tuple(each for each in Column if each in FIXED_COLUMNS or each.value in named)


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
        if value not in ("", None):
            pairs.append((name, str(value)))
    if search.order is not Order.NEWEST:
        pairs.append(("order", search.order.value))
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
        "due_from": lambda: f"{value:%d/%m/%Y}",
        "due_to": lambda: f"{value:%d/%m/%Y}",
        "archive_kind": lambda: ARCHIVE_NAMES[EntryKind(value)],
        "unit_id": lambda: unit_name,
        "urgency": lambda: types.URGENCY_NAMES[Urgency(value)],
        "state": lambda: STATE_NAMES[value].partition(": ")[2],
    }.get(name, lambda: str(value))()
    return f"{FIELD_NAMES[name]}: {shown}"


def words(text: str) -> str:
    """What was typed into a field of words, without what cannot be shown."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _among(text: str, known: set[str]) -> str:
    return text if text in known else ""


def _matching(text: str, pattern: re.Pattern[str]) -> str:
    return text if pattern.fullmatch(text) else ""


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= MOST_PAGES else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
