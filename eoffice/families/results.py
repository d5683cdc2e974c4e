"""The slips of a class as its marks stand, for whoever may publish them. Read only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.classes.queries import pupils_of
from eoffice.families import queries
from eoffice.families import slips as making
from eoffice.families.actions import Made
from eoffice.families.rules import Period
from eoffice.registers import class_queries
from eoffice.web.principal import Principal


def slips(
    session: Session, class_id: UUID, period: Period, *, who: Principal, at: datetime
) -> tuple[Made, ...]:
    """In the order of the class list. Raises ClassUnknown, NotYours."""
    queries.require_leader(session, class_id, who)
    source, results = class_queries.results(session, class_id, who, at=at)
    said = making.of_class(source, results, period)
    return tuple(
        Made(pupil.id, said[pupil.code]) for pupil in pupils_of(session, class_id)
    )
