"""What the gradebook of a class is made of, read from the tables. Nobody is asked for here."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.queries import pupils_of
from eoffice.clock import civil_date
from eoffice.marks import record_queries
from eoffice.people import queries as people
from eoffice.registers import gradebook as gradebook_data
from eoffice.registers.gradebook import Source


def source(session: Session, class_id: UUID, *, version: int, made_at: datetime) -> Source:
    """The class as it stands in the tables; the head of the school is the one of `made_at`.

    Raises ClassUnknown.
    """
    row = staff_queries.class_row(session, class_id)
    on = civil_date(made_at)
    letterhead = people.letterhead(session, row.school_id, on=on)
    head = people.head_of(session, row.school_id, at=made_at)
    taught = record_queries.taught_subjects(session, class_id)
    return Source(
        version=version,
        made_at=made_at,
        school=gradebook_data.School(
            name=letterhead.own,
            superior=letterhead.superior,
            place=letterhead.place,
            organ_id=people.unit(session, row.school_id).organ_id,
        ),
        class_=gradebook_data.ClassOfYear(
            name=row.name,
            grade=row.grade,
            school_year=row.school_year,
            homeroom_teacher=people.person(session, row.homeroom_teacher_id).full_name,
            principal="" if head is None else head.full_name,
        ),
        subjects=taught,
        pupils=tuple(
            gradebook_data.Pupil(
                code=pupil.code,
                name=pupil.name,
                born_on=pupil.born_on,
                sex=pupil.sex,
                birthplace=pupil.birthplace,
                ethnicity=pupil.ethnicity,
                policy_group=pupil.policy_group,
                address=pupil.address,
                father=pupil.father,
                mother=pupil.mother,
            )
            for pupil in pupils_of(session, class_id)
        ),
        marks=record_queries.marks_by_list(session, class_id, taught),
        conduct={
            (code, semester): level
            for semester, levels in record_queries.conduct_by_semester(session, class_id).items()
            for code, level in levels.items()
        },
        absences=record_queries.absences(session, class_id),
        remarks=tuple(
            gradebook_data.Remark(month, text)
            for month, text in record_queries.remarks(session, class_id)
        ),
    )
