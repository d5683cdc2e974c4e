"""Reports on the handling of documents as they are printed: one table, part beneath part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from eoffice.documents.tracking import timeliness
from eoffice.documents.tracking.timeliness import Tally, Timeliness
from eoffice.printing.printed_table import Align, Cell, Column, Table

_NUMBER: Final = 11
COLUMNS: Final = (
    Column("Đơn vị, người, tình trạng", 38),
    Column("Tổng số", _NUMBER, Align.RIGHT),
    *(Column(timeliness.NAMES[each], _NUMBER, Align.RIGHT) for each in Timeliness),
)


def table(
    title: str, parts: Sequence[tuple[str, Sequence[Tally]]], *, notes: tuple[str, ...]
) -> Table:
    """Each part under its name, its first one summed up: every part counts the same documents."""
    rows: list[tuple[Cell, ...]] = []
    for name, tallies in parts:
        rows.append((name.upper(), *(None for _ in COLUMNS[1:])))
        rows.extend(_row(each.name, each.total, each.counts) for each in tallies)
    sums = timeliness.sums(parts[0][1])
    return Table(
        title=title,
        columns=COLUMNS,
        rows=tuple(rows),
        notes=notes,
        totals=_row("Tổng cộng", sum(sums.values()), sums),
    )


def _row(name: str, total: int, counts: Mapping[Timeliness, int]) -> tuple[Cell, ...]:
    return (name, total, *(counts.get(each, 0) for each in Timeliness))
