"""The data of a closed part of a report book as XML under the school's seal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.db import transaction
from eoffice.objects import configured
from eoffice.people import queries as people
from eoffice.registers import data_sealing, extraction
from eoffice.registers.data_sealing import NoXml
from eoffice.reports import actions, part_queries
from eoffice.reports.signatures import KIND
from eoffice.reports.states import PartState
from eoffice.signing.sealed_data import sealing, views
from eoffice.signing.sealed_data.views import DataView
from eoffice.web.principal import Principal

FINAL = frozenset({PartState.CLOSED, PartState.SUPERSEDED})

R = TypeVar("R")


def of(part_id: UUID, *, by: Principal) -> DataView:
    """Raises PartUnknown, NotYourPart."""
    with transaction(by.acting) as session:
        part = part_queries.row_for_reader(session, part_id, by)
        return views.view(
            session,
            KIND,
            part.id,
            title=actions.title(part),
            school_id=part.school_id,
            school_name=people.unit(session, part.school_id).name,
            path=f"/registers/reports/parts/{part.id}",
            source=part.content_sha256,
            is_final=part.state in FINAL,
            by=by,
        )


def seal(
    part_id: UUID,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """Raises NotTheSeal, NotFinal, NoXml, DataUnreadable, and what `of` and `sealing.seal` do."""
    data = of(part_id, by=by)
    source = views.to_seal(data)
    xml = extraction.xml_of(configured.store().get(source))
    if xml is None:
        raise NoXml("Tệp của học bạ này không kèm dữ liệu XML.")
    task = data_sealing.task(data, xml, by)
    return sealing.seal(task, xml, pin, source=source, by=by, within=within)
