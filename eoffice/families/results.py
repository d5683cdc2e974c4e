"""The slips of a class as its marks stand, for whoever may publish them. Read only."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.queries import pupils_of
from eoffice.clock import civil_date
from eoffice.families import queries
from eoffice.families import slips as making
from eoffice.families.actions import Made
from eoffice.families.rules import Period
from eoffice.families.slips import About
from eoffice.marks import record_queries, years
from eoffice.people import queries as people
from eoffice.web.principal import Principal


def slips(
    session: Session, class_id: UUID, period: Period, *, who: Principal, at: datetime
) -> tuple[Made, ...]:
    """In the order of the class list. Raises ClassUnknown, NotYours, TermsMissing."""
    queries.require_leader(session, class_id, who)
    row = staff_queries.class_row(session, class_id)
    pupils = pupils_of(session, class_id)
    about = About(
        school=people.letterhead(session, row.school_id, on=civil_date(at)).own,
        school_year=row.school_year,
        class_name=row.name,
        homeroom_teacher=people.person(session, row.homeroom_teacher_id).full_name,
        born_on={pupil.code: pupil.born_on for pupil in pupils},
    )
    said = making.of_class(
        about,
        years.of_class(session, class_id),
        record_queries.absences(session, class_id),
        period,
    )
    return tuple(Made(pupil.id, said[pupil.code]) for pupil in pupils)
