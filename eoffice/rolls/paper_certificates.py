"""A list of certificates that were granted before, read from a table. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.files.tables.workbook import Grid, Value
from eoffice.rolls import certificate_actions, list_reading
from eoffice.rolls.certificate_actions import NewCertificate, NewHandover
from eoffice.rolls.certificate_queries import KindSeen
from eoffice.rolls.list_reading import Columns, Fault
from eoffice.rolls.rules import RollWrong

ALIASES: Final = {
    "name": ("Họ và tên", "Họ tên", "Họ và tên học sinh", "Họ tên học sinh"),
    "born_on": ("Ngày sinh", "Ngày, tháng, năm sinh", "Ngày tháng năm sinh"),
    "signed_on": ("Ngày ký cấp", "Ngày cấp", "Ngày ký", "Ngày cấp bằng"),
    "graduation_year": ("Năm tốt nghiệp", "Năm TN", "Năm hoàn thành"),
    "serial": ("Số hiệu", "Số hiệu văn bằng", "Số hiệu bằng"),
    "entry_number": ("Số vào sổ gốc", "Số vào sổ", "Số vào sổ cấp bằng"),
    "sex": ("Giới tính", "Nam/Nữ"),
    "birthplace": ("Nơi sinh",),
    "ethnicity": ("Dân tộc",),
    "class_name": ("Lớp",),
    "grading": ("Xếp loại", "Xếp loại tốt nghiệp"),
    "decision": ("Quyết định công nhận", "Quyết định", "Quyết định công nhận tốt nghiệp"),
    "taken_on": ("Ngày nhận", "Ngày phát", "Ngày nhận bằng"),
    "receiver": ("Người nhận", "Họ tên người nhận"),
    "identity_paper": ("Giấy tờ tùy thân", "CCCD người nhận", "CMND"),
    "note": ("Ghi chú",),
}
NEEDED: Final = ("name", "born_on", "signed_on", "graduation_year")
_FROM_PAPER: Final = "Theo sổ giấy"
_TEXTS: Final = (
    "name", "serial", "entry_number", "birthplace", "ethnicity", "class_name", "grading",
    "decision", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Brought:
    certificate: NewCertificate
    #: None where the list does not say when it was taken.
    handover: NewHandover | None


@dataclass(frozen=True, slots=True)
class CertificatesReading:
    rows: tuple[Brought, ...]
    faults: tuple[Fault, ...]
    unknown_columns: tuple[str, ...]


def read(grid: Grid, kind: KindSeen, *, today: date) -> CertificatesReading:
    """Serials and entry numbers are unique in the list. Raises ListRefused."""
    found = list_reading.columns(grid, ALIASES, NEEDED)
    faults: list[Fault] = []
    brought = []
    seen: dict[str, set[str]] = {"serial": set(), "entry_number": set()}
    for row, values in list_reading.rows(grid, found):
        one = _row(values, row, found, faults, kind, today)
        if one is None:
            continue
        for field, before in seen.items():
            value = getattr(one.certificate, field)
            if value and value in before:
                _fault(faults, row, found, field, f"{value} đã có ở một dòng trên.")
            before.add(value)
        brought.append(one)
    return CertificatesReading(tuple(brought), tuple(faults), found.unknown)


def _row(
    values: Mapping[str, Value],
    row: int,
    found: Columns,
    faults: list[Fault],
    kind: KindSeen,
    today: date,
) -> Brought | None:
    before = len(faults)
    days: dict[str, date | None] = {}
    for field in ("born_on", "signed_on", "taken_on"):
        try:
            days[field] = list_reading.day(values.get(field))
        except ValueError:
            _fault(faults, row, found, field, "Ngày ghi như 05/03/2010.")
    born_on, signed_on = days.get("born_on"), days.get("signed_on")
    year = list_reading.text(values["graduation_year"])
    if not (year.isdecimal() and len(year) == 4):
        _fault(faults, row, found, "graduation_year", "Năm ghi bằng bốn chữ số.")
    for field in ("born_on", "signed_on"):
        if field in days and days[field] is None:
            _fault(faults, row, found, field, "Chưa ghi ngày.")
    try:
        sex = list_reading.sex(values.get("sex"))
    except ValueError:
        _fault(faults, row, found, "sex", "Ghi Nam hoặc Nữ.")
    if len(faults) > before:
        return None
    assert born_on is not None
    assert signed_on is not None
    texts = {field: list_reading.text(values.get(field)) for field in _TEXTS}
    new = NewCertificate(
        born_on=born_on,
        signed_on=signed_on,
        graduation_year=int(year),
        sex=sex,
        is_from_paper=True,
        **texts,  # type: ignore[arg-type]
    )
    try:
        new = certificate_actions.checked(new, kind, today=today)
    except RollWrong as wrong:
        for field, sentence in wrong.fields.items():
            _fault(faults, row, found, field, sentence)
        return None
    taken_on = days["taken_on"]
    if taken_on is None:
        return Brought(new, None)
    if not signed_on <= taken_on <= today:
        _fault(faults, row, found, "taken_on", "Ngày nhận từ ngày ký cấp đến hôm nay.")
        return None
    receiver = list_reading.text(values.get("receiver")) or new.name
    paper = list_reading.text(values.get("identity_paper")) or _FROM_PAPER
    is_other = receiver.casefold() != new.name.casefold()
    return Brought(
        new,
        NewHandover(taken_on, receiver, paper, _FROM_PAPER if is_other else "", _FROM_PAPER),
    )


def _fault(faults: list[Fault], row: int, found: Columns, field: str, sentence: str) -> None:
    faults.append(Fault(row, found.titles.get(field, ALIASES[field][0]), sentence))
