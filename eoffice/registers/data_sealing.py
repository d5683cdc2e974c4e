"""The data of a closed book as XML under the school's seal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import transaction
from eoffice.errors import NotFound
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.registers import extraction, gradebook_queries
from eoffice.registers.signatures import KIND
from eoffice.registers.states import State
from eoffice.signing.model import Purpose
from eoffice.signing.sealed_data import sealing, views
from eoffice.signing.sealed_data.views import DataView
from eoffice.signing.subjects import SigningTask
from eoffice.web.principal import Principal

FIELD = "data"
FINAL = frozenset({State.CLOSED, State.SUPERSEDED})

R = TypeVar("R")


class NoXml(NotFound):
    """The file of the book carries no XML: it was made by release 0.1.0."""


def of(gradebook_id: UUID, *, by: Principal) -> DataView:
    """Raises GradebookUnknown, NotOfTheClass."""
    with transaction(by.acting) as session:
        book = gradebook_queries.gradebook(session, gradebook_id, by)
        return views.view(
            session,
            KIND,
            book.id,
            title=book.name,
            school_id=book.school_id,
            school_name=book.school_name,
            path=f"/registers/gradebooks/{book.id}",
            source=book.content_sha256,
            is_final=book.state in FINAL,
            by=by,
        )


def seal(
    gradebook_id: UUID,
    pin: str,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """Raises NotTheSeal, NotFinal, NoXml, DataUnreadable, and what `of` and `sealing.seal` do."""
    data = of(gradebook_id, by=by)
    source = views.to_seal(data)
    xml = extraction.xml_of(configured.store().get(source))
    if xml is None:
        raise NoXml("Tệp của sổ này chưa kèm dữ liệu XML (lập từ bản phần mềm cũ).")
    return sealing.seal(task(data, xml, by), xml, pin, source=source, by=by, within=within)


def task(data: DataView, xml: bytes, by: Principal) -> SigningTask:
    """What is signed, by whom and for whom."""
    with transaction(by.acting) as session:
        letterhead = people.letterhead(session, by.agency_id, on=clock.civil_date(clock.now()))
    return SigningTask(
        subject_kind=data.kind,
        subject_id=data.subject_id,
        agency_id=by.agency_id,
        field=FIELD,
        purpose=Purpose.SEAL,
        content_sha256=Sha256.of(xml),
        capacity="Con dấu của nhà trường",
        signer_name=by.full_name,
        unit_name=data.school_name,
        place=letterhead.place,
        title=f"Dữ liệu XML: {data.title}",
        path=f"{data.path}/data",
        seal_unit_id=by.agency_id,
    )
