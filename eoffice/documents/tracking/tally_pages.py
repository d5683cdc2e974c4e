"""The page of a report on handling: each part a table, each number a link to what it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

from litestar import Response

from eoffice.documents.tracking import timeliness
from eoffice.documents.tracking.timeliness import Tally, Timeliness
from eoffice.web.forms import FormState
from eoffice.web.pages import page
from eoffice.web.principal import Request


def period(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """The days asked for; without them from the first day of the year until today."""
    last = until or max(today, since or today)
    return since or date(last.year, 1, 1), last


def show(
    request: Request,
    *,
    title: str,
    about: str,
    crumbs: Sequence[tuple[str, str]],
    here: str,
    to_list: str,
    list_name: str,
    asked: Mapping[str, str],
    parts: Sequence[tuple[str, Sequence[Tally]]],
) -> Response[bytes]:
    """`asked` is the narrowing as the address has it; the list is narrowed by it and the line."""

    def list_path(tally: Tally, wanted: Timeliness | None = None) -> str:
        narrowed = {**asked, **tally.asked}
        if wanted is not None:
            narrowed["timeliness"] = wanted.value
        return f"{to_list}?{urlencode(narrowed)}"

    sums = timeliness.sums(parts[0][1])
    return page(
        request,
        "documents/tally.html",
        title=title,
        about=about,
        crumb_pairs=crumbs,
        here=here,
        files=f"{here}?{urlencode(asked)}",
        list_name=list_name,
        everything=Tally("Tổng cộng", {}, sums),
        filter_form=FormState.of(**asked),
        parts=parts,
        heads=[_head(name) for name, _ in parts],
        columns=[(timeliness.NAMES[each], "num") for each in Timeliness],
        list_path=list_path,
        kinds=list(Timeliness),
        names=timeliness.NAMES,
        wrong=timeliness.BEHIND,
    )


def _head(name: str) -> str:
    """ "Theo đơn vị chủ trì" stands above a column "Đơn vị chủ trì"."""
    rest = name.removeprefix("Theo ")
    return rest[0].upper() + rest[1:]
