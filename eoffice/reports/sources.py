"""What the parts of a class's report books are made of, read for the whole class at once.

Values come from the tables that the closed class book binds; nobody is asked for here. The number
of queries depends on the class and not on its pupils.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from eoffice.classes.model import Enrolment, Pupil, SchoolClass
from eoffice.classes.pupil_model import Guardian
from eoffice.clock import civil_date
from eoffice.people.model import Person, Unit
from eoffice.printing.page_codes import PageCode
from eoffice.registers import class_sources, correcting, extraction, rendering
from eoffice.registers.book_forms import Made
from eoffice.registers.kinds import rendering as kinds_rendering
from eoffice.registers.kinds import report_part, table
from eoffice.registers.kinds.class_register import ClassPupil, ClassRegister
from eoffice.registers.kinds.report_part import (
    ClassBook,
    Notes,
    Particulars,
    ReportPart,
    SchoolingYear,
    SignedSubject,
)
from eoffice.registers.kinds.table import RegisterKind
from eoffice.registers.model import Gradebook, GradebookSignature
from eoffice.registers.states import SignatureKind
from eoffice.reports import note_queries, states
from eoffice.reports.model import ReportPart as PartRow
from eoffice.rolls.model import EnrolmentLine, EnrolmentRoll


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a pupil beside the register of the class."""

    particulars: Particulars
    history: tuple[SchoolingYear, ...]
    notes: Notes
    guardian: str


@dataclass(frozen=True, slots=True)
class ClassSource:
    """A class with its closed book, and what the report books say beside it."""

    register: ClassRegister
    book: ClassBook
    opened_on: date
    #: By pupil; of the register's list.
    entries: Mapping[UUID, ClassPupil]
    known: Mapping[UUID, _Known]

    def part(self, pupil_id: UUID, *, version: int, subjects_sign: bool) -> ReportPart:
        """Raises KeyError: nobody of the class."""
        entry, known = self.entries[pupil_id], self.known[pupil_id]
        register = self.register
        return ReportPart(
            version=version,
            rule_set=register.rule_set,
            terms=register.terms,
            school=register.school,
            of_class=register.of_class,
            particulars=known.particulars,
            history=known.history,
            subjects=register.subjects,
            qualities=register.qualities,
            general_competences=register.general_competences,
            special_competences=register.special_competences,
            entry=replace(entry, pupil=replace(entry.pupil, guardian=known.guardian)),
            absences=tuple(each for each in register.absences if each.pupil == entry.pupil.code),
            notes=known.notes,
            class_book=self.book,
            subjects_sign=subjects_sign,
            opened_on=self.opened_on,
        )

    def gaps(self, pupil_id: UUID) -> tuple[str, ...]:
        """What keeps the part of a pupil from being made, in Vietnamese."""
        part = self.part(pupil_id, version=1, subjects_sign=False)
        name = f"{part.entry.pupil.name}: "
        return tuple(gap.removeprefix(name) for gap in report_part.gaps(part))


def of_class(session: Session, book: Gradebook, *, made_at: datetime) -> ClassSource:
    """The class of a closed book. Raises ClassUnknown, TermsMissing."""
    assert book.class_id is not None
    assert book.content_sha256 is not None
    register = class_sources.register(session, book.class_id, version=book.version, made_at=made_at)
    by_code = {one.pupil.code: one for one in register.pupils}
    pupils = session.execute(
        select(Pupil)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == book.class_id)
    ).scalars()
    rows = {row.id: row for row in pupils if row.code in by_code}
    row = session.get_one(SchoolClass, book.class_id)
    return ClassSource(
        register=register,
        book=ClassBook(book.version, book.content_sha256, _signed(session, book)),
        opened_on=civil_date(row.created_at),
        entries={pupil_id: by_code[pupil.code] for pupil_id, pupil in rows.items()},
        known=_known(session, book.class_id, row, rows),
    )


def make(
    part: ReportPart,
    earlier: bytes | None,
    page_code: PageCode | None = None,
    *,
    made_at: datetime,
) -> Made:
    """The part, unsigned; `earlier` is the file of a version that somebody had signed.

    Raises NotComplete, DataUnreadable, CannotBePrinted, XmlUnwritable.
    """
    before = None if earlier is None else extraction.read_register(earlier)
    if before is not None:
        part = report_part.corrected(table.entered_of(before.data), part)
    data = table.data_of(table.BY_KIND[RegisterKind.REPORT_PART], part, made_at=made_at)
    pdf = kinds_rendering.render(data, page_code)
    return Made(pdf, table.encoded(data), rendering.page_count(pdf))


def _signed(session: Session, book: Gradebook) -> dict[str, SignedSubject]:
    """Who signed each subject in the book, or in the version that this one cites."""
    rows = session.execute(
        select(GradebookSignature.subject_code, Person.full_name, GradebookSignature.signed_at)
        .join(Person, Person.id == GradebookSignature.signed_by)
        .where(
            GradebookSignature.gradebook_id == book.id,
            GradebookSignature.kind == SignatureKind.SUBJECT,
            GradebookSignature.signed_at.is_not(None),
        )
    )
    own = {
        code: SignedSubject(name, signed_at)
        for code, name, signed_at in rows
        if code is not None and signed_at is not None
    }
    cited = {
        one.subject: SignedSubject(one.signer, one.signed_at)
        for one in correcting.citations(session, book)
    }
    return {**cited, **own}


def _known(
    session: Session, class_id: UUID, row: SchoolClass, pupils: Mapping[UUID, Pupil]
) -> dict[UUID, _Known]:
    lines = _lines(session, pupils.keys())
    histories = _histories(session, row, pupils)
    notes = note_queries.of_class(session, class_id)
    guardians = _guardians(session, pupils.keys())
    return {
        pupil_id: _Known(
            Particulars(permanent_address=pupil.permanent_address, **lines.get(pupil_id, {})),
            histories[pupil_id],
            notes.get(pupil_id, Notes()),
            guardians.get(pupil_id, ""),
        )
        for pupil_id, pupil in pupils.items()
    }


def _lines(session: Session, pupils: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """What the enrolment register says: the number, and particulars that no class list has."""
    rows = session.execute(
        select(
            EnrolmentLine.pupil_id,
            EnrolmentLine.number,
            EnrolmentRoll.suffix,
            EnrolmentLine.nationality,
            EnrolmentLine.hometown,
        )
        .join(EnrolmentRoll, EnrolmentRoll.school_id == EnrolmentLine.school_id)
        .where(EnrolmentLine.pupil_id.in_(pupils), EnrolmentLine.annulled_at.is_(None))
    )
    return {
        pupil_id: {
            "register_number": f"{number}{suffix}",
            "nationality": nationality,
            "hometown": hometown,
        }
        for pupil_id, number, suffix, nationality, hometown in rows
        if pupil_id is not None
    }


def _guardians(session: Session, pupils: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(Guardian.pupil_id, func.string_agg(Guardian.name, ", "))
        .where(Guardian.pupil_id.in_(pupils), Guardian.relation == "guardian")
        .group_by(Guardian.pupil_id)
    )
    return dict(rows.all())


def _histories(
    session: Session, row: SchoolClass, pupils: Mapping[UUID, Pupil]
) -> dict[UUID, tuple[SchoolingYear, ...]]:
    """The classes of each pupil up to this year in all schools of the office, by identity.

    Of a year with two classes the later one stands; a closed part says where it was closed.
    """
    identities = {pupil.identity_id for pupil in pupils.values()}
    years: defaultdict[UUID, dict[str, tuple[str, str]]] = defaultdict(dict)
    for identity, school_year, name, school in session.execute(
        select(Pupil.identity_id, SchoolClass.school_year, SchoolClass.name, Unit.name)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .join(Unit, Unit.id == SchoolClass.school_id)
        .where(
            Pupil.identity_id.in_(identities),
            or_(SchoolClass.school_year < row.school_year, SchoolClass.id == row.id),
        )
        .order_by(SchoolClass.school_year, Enrolment.from_on)
    ):
        years[identity][school_year] = (name, school)
    closed = {
        (identity, school_year): sha256
        for identity, school_year, sha256 in session.execute(
            select(PartRow.identity_id, PartRow.school_year, PartRow.content_sha256).where(
                PartRow.identity_id.in_(identities),
                PartRow.state.in_(states.IN_FORCE),
                PartRow.school_year < row.school_year,
            )
        )
    }
    return {
        pupil_id: tuple(
            SchoolingYear(year, name, school, closed.get((pupil.identity_id, year)) or "")
            for year, (name, school) in years[pupil.identity_id].items()
        )
        for pupil_id, pupil in pupils.items()
    }
