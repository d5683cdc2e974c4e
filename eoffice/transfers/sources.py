"""What goes into a package, read from the tables as they stand. Asks nobody.

Marks are read as they are on record, not as the class list shows them: who has moved out is no
longer in it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.archive.model import ArchiveEntry
from eoffice.archive.states import EntryKind
from eoffice.assessment.marks import Verdict
from eoffice.classes import pupil_queries, terms
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.classes.pupil_model import Movement
from eoffice.clock import civil_date
from eoffice.marks.model import AbsenceRow, Conduct, Mark
from eoffice.marks.record_queries import value_of
from eoffice.marks.year_model import TraitRow
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.reports import note_queries, note_rules
from eoffice.reports.model import ReportPart
from eoffice.reports.note_rules import NoteKind
from eoffice.reports.signatures import KIND as REPORT_PART
from eoffice.reports.states import IN_FORCE
from eoffice.signing.sealed_data import queries as sealed_data
from eoffice.transfers import data, package


@dataclass(frozen=True, slots=True)
class Found:
    """The data of a package, and which stored files its members are made of, by name."""

    data: data.PupilPackage
    #: Signed report books: the archived file where there is one.
    reports: Mapping[str, Sha256]
    #: The data of report books as sealed XML, where the school has sealed them.
    sealed: Mapping[str, Sha256]
    #: Whether the file holds the evidence of revocation already.
    is_lasting: Mapping[str, bool]
    #: Closed books of classes, of which the pupil's lines are taken.
    books: Mapping[str, Sha256]


def read(
    session: Session,
    pupil: Pupil,
    movement: Movement,
    *,
    package_id: UUID,
    to_school: str,
    made_at: datetime,
) -> Found:
    """Raises TermsMissing."""
    rows = session.scalars(select(Pupil).where(Pupil.identity_id == pupil.identity_id)).all()
    ids = [one.id for one in rows]
    schools = {
        key: one.name for key, one in people.units(session, {one.school_id for one in rows}).items()
    }
    stays, moves = _stays(session, ids, schools), _moves(session, ids, schools)
    reports, report_files, lasting, sealed = _reports(session, pupil)
    known = {one.school_year for one in reports}
    year = _year(session, pupil.id, movement.from_class_id)
    if year is not None:
        known.add(year.school_year)
    books, book_files = _books(session, ids, schools, known)
    told = data.PupilPackage(
        format=package.FORMAT,
        package_id=str(package_id),
        made_at=made_at,
        from_school=_school(session, pupil.school_id, made_at),
        to_school=to_school,
        pupil=_particulars(session, pupil),
        leaving=moves[movement.id],
        stays=stays,
        moves=tuple(moves.values()),
        year=year,
        reports=reports,
        books=books,
    )
    return Found(told, report_files, sealed, lasting, book_files)


def _school(session: Session, school_id: UUID, at: datetime) -> data.School:
    unit = people.unit(session, school_id)
    head = people.letterhead(session, school_id, on=civil_date(at))
    return data.School(unit.name, unit.code, unit.organ_id, head.superior, head.place)


def _particulars(session: Session, pupil: Pupil) -> data.Particulars:
    return data.Particulars(
        code=pupil.code,
        personal_id=pupil.personal_id or "",
        name=pupil.name,
        born_on=pupil.born_on,
        sex=pupil.sex,
        birthplace=pupil.birthplace,
        ethnicity=pupil.ethnicity,
        policy_group=pupil.policy_group,
        address=pupil.address,
        permanent_address=pupil.permanent_address,
        father=pupil.father,
        mother=pupil.mother,
        guardians=tuple(
            data.FamilyMember(one.relation, one.name, one.phone, one.email)
            for one in pupil_queries.guardians(session, [pupil.id]).get(pupil.id, ())
        ),
    )


def _stays(
    session: Session, ids: Collection[UUID], schools: Mapping[UUID, str]
) -> tuple[data.Stay, ...]:
    rows = session.execute(
        select(Enrolment, SchoolClass)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Enrolment.pupil_id.in_(ids))
        .order_by(SchoolClass.school_year, Enrolment.from_on, SchoolClass.name)
    )
    return tuple(
        data.Stay(schools.get(one.school_id, ""), one.school_year, one.name, row.from_on, row.to_on)
        for row, one in rows
    )


def _moves(
    session: Session, ids: Collection[UUID], schools: Mapping[UUID, str]
) -> dict[UUID, data.Move]:
    rows = session.scalars(
        select(Movement)
        .where(Movement.pupil_id.in_(ids))
        .order_by(Movement.on_day, Movement.recorded_at)
    ).all()
    named = {one for row in rows for one in (row.from_class_id, row.to_class_id) if one}
    classes: dict[UUID | None, str] = dict(
        session.execute(
            select(SchoolClass.id, SchoolClass.name).where(SchoolClass.id.in_(named))
        ).all()
    )
    return {
        row.id: data.Move(
            row.kind,
            row.on_day,
            schools.get(row.school_id, ""),
            classes.get(row.from_class_id, ""),
            classes.get(row.to_class_id, ""),
            row.other_school,
            row.reason,
            row.decision,
        )
        for row in rows
    }


def _year(session: Session, pupil_id: UUID, class_id: UUID | None) -> data.YearSoFar | None:
    row = None if class_id is None else session.get(SchoolClass, class_id)
    if row is None:
        return None
    subjects = session.scalars(
        select(ClassSubject).where(ClassSubject.class_id == row.id).order_by(ClassSubject.ordinal)
    ).all()
    codes = {one.code for one in subjects}
    marks = session.scalars(
        select(Mark)
        .where(Mark.class_id == row.id, Mark.pupil_id == pupil_id)
        .order_by(Mark.subject_code, Mark.semester, Mark.part, Mark.place)
    )
    kept = terms.of_year(session, row.rule_set, row.school_year)
    year = data.YearSoFar(
        school_year=row.school_year,
        class_name=row.name,
        grade=row.grade,
        rule_set=row.rule_set,
        terms=json.dumps(kept, ensure_ascii=False, sort_keys=True),
        specialised=row.specialised,
        subjects=tuple(
            data.Taught(
                one.code,
                one.name,
                one.kind,
                one.periods_per_year,
                one.has_topics,
                one.regular_marks,
            )
            for one in subjects
        ),
        marks=tuple(_mark(one) for one in marks if one.subject_code in codes),
        conduct=tuple(
            data.JudgedConduct(one.semester, one.level)
            for one in session.scalars(
                select(Conduct)
                .where(Conduct.class_id == row.id, Conduct.pupil_id == pupil_id)
                .order_by(Conduct.semester)
            )
        ),
        traits=tuple(
            data.JudgedTrait(one.code, one.time, one.level)
            for one in session.scalars(
                select(TraitRow)
                .where(TraitRow.class_id == row.id, TraitRow.pupil_id == pupil_id)
                .order_by(TraitRow.code, TraitRow.time)
            )
        ),
        absences=tuple(
            data.MissedSession(one.absent_on, one.session, one.excused)
            for one in session.scalars(
                select(AbsenceRow)
                .where(AbsenceRow.class_id == row.id, AbsenceRow.pupil_id == pupil_id)
                .order_by(AbsenceRow.absent_on, AbsenceRow.session)
            )
        ),
        remarks=_remarks(session, row.id, pupil_id),
        results=(),
    )
    return replace(year, results=data.results_of(year))


def _remarks(session: Session, class_id: UUID, pupil_id: UUID) -> tuple[data.Remark, ...]:
    """What teachers noted for the report book; what is not a remark in itself says what it is."""
    notes = note_queries.of_class(session, class_id).get(pupil_id)
    if notes is None:
        return ()
    of_homeroom = {
        kind: getattr(notes, kind.value) for kind in NoteKind if kind is not NoteKind.SUBJECT
    }
    return (
        *(data.Remark(code, text) for code, text in sorted(notes.subjects.items())),
        *(
            data.Remark(
                "", text if kind is NoteKind.HOMEROOM else f"{note_rules.NAMES[kind]}: {text}"
            )
            for kind, text in of_homeroom.items()
            if text
        ),
    )


def _mark(row: Mark) -> data.GivenMark:
    value = value_of(row)
    return data.GivenMark(
        row.subject_code,
        row.semester,
        row.part,
        row.place,
        None if isinstance(value, Verdict) else value,
        value if isinstance(value, Verdict) else None,
    )


def _reports(
    session: Session, pupil: Pupil
) -> tuple[tuple[data.ReportBook, ...], dict[str, Sha256], dict[str, bool], dict[str, Sha256]]:
    """Closed years of the report book, of this school and of those before it."""
    parts = session.scalars(
        select(ReportPart)
        .where(ReportPart.identity_id == pupil.identity_id, ReportPart.state.in_(IN_FORCE))
        .order_by(ReportPart.school_year, ReportPart.id)
    ).all()
    archived = {
        (entry.source_id, entry.source_sha256): entry.content_sha256
        for entry in session.scalars(
            select(ArchiveEntry).where(
                ArchiveEntry.kind == EntryKind.REPORT_BOOK,
                ArchiveEntry.source_id.in_([one.id for one in parts]),
            )
        )
    }
    schools = people.units(session, {one.school_id for one in parts})
    books: list[data.ReportBook] = []
    files: dict[str, Sha256] = {}
    lasting: dict[str, bool] = {}
    sealed: dict[str, Sha256] = {}
    for one in parts:
        assert one.content_sha256 is not None  # As every closed part has.
        name = _free(f"{package.REPORTS}{one.school_year}", ".pdf", files)
        kept = archived.get((one.id, one.content_sha256))
        files[name], lasting[name] = Sha256.parse(kept or one.content_sha256), kept is not None
        data_of = sealed_data.of(session, REPORT_PART, one.id, Sha256.parse(one.content_sha256))
        if data_of is not None:
            sealed[package.xml_of(name)] = data_of.content
        books.append(
            data.ReportBook(
                one.school_year,
                one.grade,
                one.class_name,
                schools[one.school_id].name,
                one.version,
                name,
                one.content_sha256,
            )
        )
    return tuple(books), files, lasting, sealed


def _books(
    session: Session, ids: Collection[UUID], schools: Mapping[UUID, str], known: Collection[str]
) -> tuple[tuple[data.ClassBook, ...], dict[str, Sha256]]:
    """Closed books of the pupil's classes in the years that no report book tells of."""
    rows = session.execute(
        select(Gradebook, SchoolClass)
        .join(SchoolClass, SchoolClass.id == Gradebook.class_id)
        .join(Enrolment, Enrolment.class_id == SchoolClass.id)
        .where(
            Enrolment.pupil_id.in_(ids),
            Gradebook.kind == BookKind.CLASS_BOOK,
            Gradebook.state == State.CLOSED,
            SchoolClass.school_year.not_in(known),
        )
        .order_by(SchoolClass.school_year, SchoolClass.name)
    )
    books: list[data.ClassBook] = []
    files: dict[str, Sha256] = {}
    for book, one in rows:
        assert book.content_sha256 is not None  # As every closed book has.
        name = _free(f"{package.BOOKS}{one.school_year}", ".json", files)
        files[name] = Sha256.parse(book.content_sha256)
        books.append(
            data.ClassBook(
                one.school_year,
                one.name,
                schools.get(one.school_id, ""),
                book.version,
                name,
                book.content_sha256,
            )
        )
    return tuple(books), files


def _free(stem: str, ending: str, taken: Collection[str]) -> str:
    """ "reports/2024-2025.pdf", and "-2" behind the year for a second one."""
    name, number = f"{stem}{ending}", 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}{ending}"
    return name
