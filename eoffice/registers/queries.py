"""What pages, programs and other actions ask about classes, marks, uploads and gradebooks.

Read only; frozen answers. `who` is checked where the answer holds marks: row-level security lets
in the school and its superiors, the rules of this slice say who of them may look.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session

from eoffice.clock import civil_date
from eoffice.errors import Conflict, NotAllowed, NotFound
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.registers import gradebook as gradebook_data
from eoffice.registers import rules, states, subjects
from eoffice.registers.gradebook import Source
from eoffice.registers.marks_sheet import (
    ExpectedPupil,
    ExpectedSubject,
    FaultKind,
    Roster,
    Severity,
)
from eoffice.registers.model import (
    AbsenceRow,
    ClassSubject,
    Conduct,
    Enrolment,
    Gradebook,
    GradebookSignature,
    ImportedMark,
    ImportedSheet,
    ImportFault,
    Mark,
    MarkImport,
    PrincipalRemark,
    Pupil,
    SchoolClass,
)
from eoffice.registers.results import Absence, Marks, PupilResults, TaughtSubject
from eoffice.registers.rules import Actor, ClassStaff
from eoffice.registers.rules_tt22 import (
    CommentMarks,
    Level,
    Part,
    ScoredMarks,
    Semester,
    SubjectKind,
    Verdict,
)
from eoffice.registers.states import ImportState, SignatureKind, State
from eoffice.web.principal import Principal

Value = Decimal | Verdict
#: Subject, semester, part and place of a mark.
Cell = tuple[str, Semester, Part, int]


class ClassUnknown(NotFound):
    """There is no such class, or the acting unit may not know of it."""


class ImportUnknown(NotFound):
    """There is no such upload of marks, or the acting unit may not know of it."""


class GradebookUnknown(NotFound):
    """There is no such gradebook, or the acting unit may not know of it."""


class NotOfTheClass(NotAllowed):
    """Marks are for the class's teachers, the school's leaders and clerk, and its superiors."""


class NoHead(Conflict):
    """The school has no head who could approve its registers."""


# --- Classes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject of a class and how many of its marks are in, by semester."""

    code: str
    name: str
    kind: SubjectKind
    periods_per_year: int
    regular_marks: int
    teacher_id: UUID
    teacher: str
    entered: dict[Semester, int]
    #: Marks that each semester needs: of all pupils together.
    expected: int


@dataclass(frozen=True, slots=True)
class PupilRow:
    ordinal: int
    code: str
    name: str
    born_on: date
    sex: str


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class in a list."""

    id: UUID
    name: str
    grade: int
    school_year: str
    school_id: UUID
    school_name: str
    homeroom_teacher: str
    pupils: int
    #: Of the newest version; None before the first.
    gradebook_id: UUID | None
    gradebook_state: State | None


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class with everything but marks."""

    id: UUID
    name: str
    grade: int
    school_year: str
    rule_set: str
    school_id: UUID
    school_name: str
    homeroom_teacher_id: UUID
    homeroom_teacher: str
    subjects: tuple[SubjectRow, ...]
    pupils: tuple[PupilRow, ...]
    conduct: dict[Semester, dict[str, Level]]
    absences: tuple[Absence, ...]
    remarks: tuple[tuple[date, str], ...]
    gradebooks: tuple[GradebookRow, ...]
    staff: ClassStaff

    @property
    def is_bound(self) -> bool:
        """Whether a book is being signed or is closed, so that nothing may change."""
        return any(book.state in states.BINDING for book in self.gradebooks)


@dataclass(frozen=True, slots=True)
class GradebookRow:
    id: UUID
    version: int
    state: State
    state_since: datetime
    returned_because: str | None


def actor(who: Principal) -> Actor:
    """The person in the position, as far as the rules of this slice go."""
    return Actor(who.person_id, who.agency_id, PositionKind(who.position_kind))


def staff(session: Session, class_id: UUID) -> ClassStaff:
    """Who teaches the class. Raises ClassUnknown."""
    row = _class(session, class_id)
    taught = session.execute(
        select(ClassSubject.code, ClassSubject.teacher_id).where(ClassSubject.class_id == class_id)
    )
    return ClassStaff(row.school_id, row.homeroom_teacher_id, dict(taught.all()))


def classes(
    session: Session, who: Principal, *, school_year: str | None = None, limit: int = 200
) -> tuple[ClassRow, ...]:
    """The classes that this person teaches, or all of the school for its office and superiors.

    The newest school year first, then by school and name.
    """
    query = (
        select(SchoolClass, Person.full_name)
        .join(Person, Person.id == SchoolClass.homeroom_teacher_id)
        .order_by(SchoolClass.school_year.desc(), SchoolClass.school_id, SchoolClass.name)
        .limit(limit)
    )
    if school_year is not None:
        query = query.where(SchoolClass.school_year == school_year)
    if PositionKind(who.position_kind) in (PositionKind.TEACHER, PositionKind.INSPECTOR):
        teaches = select(ClassSubject.class_id).where(ClassSubject.teacher_id == who.person_id)
        query = query.where(
            or_(SchoolClass.homeroom_teacher_id == who.person_id, SchoolClass.id.in_(teaches))
        )
    rows = session.execute(query).all()
    ids = [row.id for row, _ in rows]
    sizes = dict(
        session.execute(
            select(Enrolment.class_id, func.count())
            .where(Enrolment.class_id.in_(ids))
            .group_by(Enrolment.class_id)
        ).all()
    )
    books = {
        class_id: (book_id, state)
        for class_id, book_id, state in session.execute(
            select(Gradebook.class_id, Gradebook.id, Gradebook.state)
            .where(Gradebook.class_id.in_(ids))
            .order_by(Gradebook.version)
        )
    }
    schools = people.units(session, {row.school_id for row, _ in rows})
    return tuple(
        ClassRow(
            id=row.id,
            name=row.name,
            grade=row.grade,
            school_year=row.school_year,
            school_id=row.school_id,
            school_name=schools[row.school_id].name,
            homeroom_teacher=teacher,
            pupils=sizes.get(row.id, 0),
            gradebook_id=books.get(row.id, (None, None))[0],
            gradebook_state=books.get(row.id, (None, None))[1],
        )
        for row, teacher in rows
    )


def school_class(session: Session, class_id: UUID, who: Principal) -> ClassView:
    """Raises ClassUnknown, NotOfTheClass."""
    row = _class(session, class_id)
    team = staff(session, class_id)
    _require_reader(who, team)
    pupils = _pupils(session, class_id)
    return ClassView(
        id=row.id,
        name=row.name,
        grade=row.grade,
        school_year=row.school_year,
        rule_set=row.rule_set,
        school_id=row.school_id,
        school_name=people.unit(session, row.school_id).name,
        homeroom_teacher_id=row.homeroom_teacher_id,
        homeroom_teacher=people.person(session, row.homeroom_teacher_id).full_name,
        subjects=_subject_rows(session, class_id, len(pupils)),
        pupils=tuple(
            PupilRow(ordinal, pupil.code, pupil.name, pupil.born_on, pupil.sex)
            for ordinal, pupil in enumerate(pupils, start=1)
        ),
        conduct=_conduct_by_semester(session, class_id),
        absences=_absences(session, class_id),
        remarks=_remarks(session, class_id),
        gradebooks=tuple(
            GradebookRow(book.id, book.version, book.state, book.state_since, book.returned_because)
            for book in session.scalars(
                select(Gradebook)
                .where(Gradebook.class_id == class_id)
                .order_by(Gradebook.version.desc())
            )
        ),
        staff=team,
    )


def results(
    session: Session, class_id: UUID, who: Principal, *, at: datetime
) -> tuple[Source, dict[str, PupilResults]]:
    """The class's marks as they stand, and what follows from them, by code of the pupil.

    Raises ClassUnknown, NotOfTheClass.
    """
    _require_reader(who, staff(session, class_id))
    found = source(session, class_id, version=0, made_at=at)
    return found, gradebook_data.results(found)


# --- What a gradebook is made of -----------------------------------------------------------------


def roster(session: Session, class_id: UUID) -> Roster:
    """What a marks sheet of the class has to agree with. Raises ClassUnknown."""
    row = _class(session, class_id)
    return Roster(
        class_name=row.name,
        school_year=row.school_year,
        subjects=tuple(
            ExpectedSubject(
                one.code,
                one.name,
                one.kind,
                one.regular_marks,
                subjects.BY_CODE[one.code].aliases if one.code in subjects.BY_CODE else (),
            )
            for one in _taught(session, class_id)
        ),
        pupils=tuple(
            ExpectedPupil(pupil.code, pupil.name, pupil.born_on)
            for pupil in _pupils(session, class_id)
        ),
    )


def source(session: Session, class_id: UUID, *, version: int, made_at: datetime) -> Source:
    """The class as it stands in the tables; the head of the school is the one of `made_at`.

    Raises ClassUnknown.
    """
    row = _class(session, class_id)
    on = civil_date(made_at)
    letterhead = people.letterhead(session, row.school_id, on=on)
    head = people.head_of(session, row.school_id, at=made_at)
    taught = _taught(session, class_id)
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
            for pupil in _pupils(session, class_id)
        ),
        marks=_marks(session, class_id, taught),
        conduct={
            (code, semester): level
            for semester, levels in _conduct_by_semester(session, class_id).items()
            for code, level in levels.items()
        },
        absences=_absences(session, class_id),
        remarks=tuple(
            gradebook_data.Remark(month, text) for month, text in _remarks(session, class_id)
        ),
    )


def cells(
    session: Session, class_id: UUID, *, only: Iterable[tuple[str, Semester]] | None = None
) -> dict[tuple[str, Cell], Value]:
    """The marks of a class by code of the pupil and cell; only some subjects and semesters."""
    query = (
        select(Pupil.code, Mark)
        .join(Mark, Mark.pupil_id == Pupil.id)
        .where(Mark.class_id == class_id)
    )
    wanted = None if only is None else set(only)
    return {
        (code, (mark.subject_code, mark.semester, mark.part, mark.place)): _value(mark)
        for code, mark in session.execute(query)
        if wanted is None or (mark.subject_code, mark.semester) in wanted
    }


# --- Uploads -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FaultView:
    sheet: str
    row: int
    column: str
    kind: FaultKind
    severity: Severity
    sentence: str

    @property
    def cell(self) -> str:
        return f"{self.column}{self.row}"


@dataclass(frozen=True, slots=True)
class SheetView:
    ordinal: int
    name: str
    subject_code: str | None
    subject: str | None
    semester: Semester | None
    marks: int


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that accepting the upload would write; `old` or `new` None for no mark."""

    pupil: str
    pupil_code: str
    subject: str
    semester: Semester
    part: Part
    place: int
    old: Value | None
    new: Value | None


@dataclass(frozen=True, slots=True)
class ImportRow:
    id: UUID
    file_name: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class ImportView:
    id: UUID
    class_id: UUID
    class_name: str
    file_name: str
    content_sha256: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    accepted_at: datetime | None
    sheets: tuple[SheetView, ...]
    faults: tuple[FaultView, ...]
    #: Against the marks as they stand now; empty once accepted.
    changes: tuple[Change, ...]

    @property
    def errors(self) -> int:
        return sum(fault.severity is Severity.ERROR for fault in self.faults)


def import_class(session: Session, import_id: UUID) -> UUID:
    """The class for which a workbook was uploaded. Raises ImportUnknown."""
    return _import(session, import_id).class_id


def mark_import(session: Session, import_id: UUID, who: Principal) -> ImportView:
    """Raises ImportUnknown, NotOfTheClass."""
    row = _import(session, import_id)
    _require_reader(who, staff(session, row.class_id))
    sheets = _sheets(session, import_id)
    return ImportView(
        id=row.id,
        class_id=row.class_id,
        class_name=_class(session, row.class_id).name,
        file_name=row.file_name,
        content_sha256=row.content_sha256,
        state=row.state,
        uploaded_at=row.uploaded_at,
        uploaded_by=people.person(session, row.uploaded_by).full_name,
        accepted_at=row.accepted_at,
        sheets=sheets,
        faults=tuple(
            FaultView(f.sheet, f.row_number, f.column_letters, f.kind, f.severity, f.sentence)
            for f in session.scalars(
                select(ImportFault)
                .where(ImportFault.import_id == import_id)
                .order_by(ImportFault.ordinal)
            )
        ),
        changes=()
        if row.state is ImportState.ACCEPTED
        else _changes(session, row.class_id, import_id, sheets),
    )


def imports(session: Session, class_id: UUID, who: Principal) -> tuple[ImportRow, ...]:
    """The uploads for a class, the newest first. Raises ClassUnknown, NotOfTheClass."""
    _require_reader(who, staff(session, class_id))
    counted = {
        (import_id, severity): count
        for import_id, severity, count in session.execute(
            select(ImportFault.import_id, ImportFault.severity, func.count())
            .join(MarkImport, MarkImport.id == ImportFault.import_id)
            .where(MarkImport.class_id == class_id)
            .group_by(ImportFault.import_id, ImportFault.severity)
        )
    }
    rows = session.execute(
        select(MarkImport, Person.full_name)
        .join(Person, Person.id == MarkImport.uploaded_by)
        .where(MarkImport.class_id == class_id)
        .order_by(MarkImport.uploaded_at.desc(), MarkImport.id.desc())
    )
    return tuple(
        ImportRow(
            id=row.id,
            file_name=row.file_name,
            state=row.state,
            uploaded_at=row.uploaded_at,
            uploaded_by=name,
            errors=counted.get((row.id, Severity.ERROR), 0),
            warnings=counted.get((row.id, Severity.WARNING), 0),
        )
        for row, name in rows
    )


# --- Gradebooks ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignatureView:
    field: str
    kind: SignatureKind
    #: What is signed for: "Toán học", "Giáo viên chủ nhiệm"…
    part: str
    #: Who has to sign, or did.
    signer: str
    signer_id: UUID | None
    signed_at: datetime | None
    #: Whether the person who asks can sign here now.
    is_mine_now: bool


@dataclass(frozen=True, slots=True)
class GradebookView:
    id: UUID
    class_id: UUID
    class_name: str
    school_year: str
    school_id: UUID
    school_name: str
    version: int
    state: State
    state_since: datetime
    requested_at: datetime
    content_sha256: str | None
    data_sha256: str | None
    page_count: int | None
    returned_because: str | None
    signatures: tuple[SignatureView, ...]
    may_return: bool

    @property
    def mine_now(self) -> tuple[SignatureView, ...]:
        return tuple(signature for signature in self.signatures if signature.is_mine_now)


@dataclass(frozen=True, slots=True)
class AwaitedBook:
    """A gradebook that waits for the person who asks."""

    gradebook_id: UUID
    class_name: str
    school_year: str
    state: State
    state_since: datetime
    parts: int


def gradebook(session: Session, gradebook_id: UUID, who: Principal) -> GradebookView:
    """Raises GradebookUnknown, NotOfTheClass."""
    row = session.get(Gradebook, gradebook_id)
    if row is None:
        raise GradebookUnknown("Không có sổ này, hoặc đơn vị đang làm việc không được xem.")
    team = staff(session, row.class_id)
    _require_reader(who, team)
    of_class = _class(session, row.class_id)
    return GradebookView(
        id=row.id,
        class_id=row.class_id,
        class_name=of_class.name,
        school_year=of_class.school_year,
        school_id=row.school_id,
        school_name=people.unit(session, row.school_id).name,
        version=row.version,
        state=row.state,
        state_since=row.state_since,
        requested_at=row.requested_at,
        content_sha256=row.content_sha256,
        data_sha256=row.data_sha256,
        page_count=row.page_count,
        returned_because=row.returned_because,
        signatures=_signatures(session, row, team, who),
        may_return=rules.may_return(actor(who), team)
        and (row.state, states.Step.RETURN) in states.TABLE,
    )


def awaiting(session: Session, who: Principal) -> tuple[AwaitedBook, ...]:
    """The books that this person can sign now, those that wait longest first."""
    kind = PositionKind(who.position_kind)
    parts: Counter[UUID] = Counter()
    books: dict[UUID, AwaitedBook] = {}
    query = (
        select(Gradebook, GradebookSignature, SchoolClass.name, SchoolClass.school_year)
        .join(GradebookSignature, GradebookSignature.gradebook_id == Gradebook.id)
        .join(SchoolClass, SchoolClass.id == Gradebook.class_id)
        .where(
            Gradebook.school_id == who.agency_id,
            GradebookSignature.signed_at.is_(None),
            GradebookSignature.kind
            == case(
                *((Gradebook.state == state, turn.value) for state, turn in TURN.items()),
                else_=None,
            ),
            or_(
                GradebookSignature.signer_id == who.person_id,
                GradebookSignature.kind == SignatureKind.SEAL,
            ),
        )
        .order_by(Gradebook.state_since, SchoolClass.name)
    )
    for book, signature, name, year in session.execute(query):
        if signature.kind is SignatureKind.SEAL and kind is not PositionKind.CLERK:
            continue
        parts[book.id] += 1
        books[book.id] = AwaitedBook(
            book.id, name, year, book.state, book.state_since, parts[book.id]
        )
    return tuple(books.values())


#: Whose turn it is to sign in which state.
TURN: dict[State, SignatureKind] = {
    State.AWAITING_TEACHERS: SignatureKind.SUBJECT,
    State.AWAITING_HOMEROOM: SignatureKind.HOMEROOM,
    State.AWAITING_PRINCIPAL: SignatureKind.PRINCIPAL,
    State.AWAITING_SEAL: SignatureKind.SEAL,
}


# --- Parts ---------------------------------------------------------------------------------------


def _class(session: Session, class_id: UUID) -> SchoolClass:
    row = session.get(SchoolClass, class_id)
    if row is None:
        raise ClassUnknown("Không có lớp này, hoặc đơn vị đang làm việc không được xem.")
    return row


def _import(session: Session, import_id: UUID) -> MarkImport:
    row = session.get(MarkImport, import_id)
    if row is None:
        raise ImportUnknown("Không có lần nhập điểm này, hoặc đơn vị đang làm việc không được xem.")
    return row


def _require_reader(who: Principal, team: ClassStaff) -> None:
    if not rules.may_read(actor(who), team):
        raise NotOfTheClass(
            "Điểm và kết quả chỉ dành cho giáo viên của lớp, ban giám hiệu, văn thư của trường và "
            "lãnh đạo, chuyên viên của cơ quan quản lý."
        )


def _pupils(session: Session, class_id: UUID) -> Sequence[Pupil]:
    return session.scalars(
        select(Pupil)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == class_id)
        .order_by(Enrolment.ordinal)
    ).all()


def _class_subjects(class_id: UUID) -> Select[ClassSubject, str]:
    return (
        select(ClassSubject, Person.full_name)
        .join(Person, Person.id == ClassSubject.teacher_id)
        .where(ClassSubject.class_id == class_id)
        .order_by(ClassSubject.ordinal)
    )


def _taught(session: Session, class_id: UUID) -> tuple[TaughtSubject, ...]:
    return tuple(
        TaughtSubject(row.code, row.name, row.kind, row.periods_per_year, teacher)
        for row, teacher in session.execute(_class_subjects(class_id))
    )


def _subject_rows(session: Session, class_id: UUID, pupils: int) -> tuple[SubjectRow, ...]:
    counted = {
        (code, semester): count
        for code, semester, count in session.execute(
            select(Mark.subject_code, Mark.semester, func.count())
            .where(Mark.class_id == class_id)
            .group_by(Mark.subject_code, Mark.semester)
        )
    }
    rows = []
    for row, teacher in session.execute(_class_subjects(class_id)):
        taught = TaughtSubject(row.code, row.name, row.kind, row.periods_per_year, teacher)
        rows.append(
            SubjectRow(
                code=row.code,
                name=row.name,
                kind=row.kind,
                periods_per_year=row.periods_per_year,
                regular_marks=taught.regular_marks,
                teacher_id=row.teacher_id,
                teacher=teacher,
                entered={s: counted.get((row.code, s), 0) for s in Semester},
                expected=pupils * (taught.regular_marks + 2),
            )
        )
    return tuple(rows)


def _conduct_by_semester(session: Session, class_id: UUID) -> dict[Semester, dict[str, Level]]:
    found: dict[Semester, dict[str, Level]] = {semester: {} for semester in Semester}
    for code, semester, level in session.execute(
        select(Pupil.code, Conduct.semester, Conduct.level)
        .join(Conduct, Conduct.pupil_id == Pupil.id)
        .where(Conduct.class_id == class_id)
    ):
        found[semester][code] = level
    return found


def _absences(session: Session, class_id: UUID) -> tuple[Absence, ...]:
    rows = session.execute(
        select(Pupil.code, AbsenceRow)
        .join(AbsenceRow, AbsenceRow.pupil_id == Pupil.id)
        .where(AbsenceRow.class_id == class_id)
        .order_by(AbsenceRow.absent_on, Pupil.code, AbsenceRow.session)
    )
    return tuple(Absence(code, row.absent_on, row.session, row.excused) for code, row in rows)


def _remarks(session: Session, class_id: UUID) -> tuple[tuple[date, str], ...]:
    rows = session.scalars(
        select(PrincipalRemark)
        .where(PrincipalRemark.class_id == class_id)
        .order_by(PrincipalRemark.month)
    )
    return tuple((row.month, row.text) for row in rows)


def _marks(
    session: Session, class_id: UUID, taught: Iterable[TaughtSubject]
) -> dict[tuple[str, str, Semester], Marks]:
    by_list: dict[tuple[str, str, Semester], dict[tuple[Part, int], Value]] = defaultdict(dict)
    for (code, (subject, semester, part, place)), value in cells(session, class_id).items():
        by_list[code, subject, semester][part, place] = value
    known = {subject.code: subject for subject in taught}
    return {
        key: _assembled(known[key[1]], values) for key, values in by_list.items() if key[1] in known
    }


def _assembled(subject: TaughtSubject, values: dict[tuple[Part, int], Value]) -> Marks:
    places = range(1, subject.regular_marks + 1)
    if subject.kind is SubjectKind.SCORED:
        scores = {cell: value for cell, value in values.items() if isinstance(value, Decimal)}
        return ScoredMarks(
            tuple(scores.get((Part.REGULAR, place)) for place in places),
            scores.get((Part.MIDTERM, 1)),
            scores.get((Part.FINAL, 1)),
        )
    verdicts = {cell: value for cell, value in values.items() if isinstance(value, Verdict)}
    return CommentMarks(
        tuple(verdicts.get((Part.REGULAR, place)) for place in places),
        verdicts.get((Part.MIDTERM, 1)),
        verdicts.get((Part.FINAL, 1)),
    )


def _value(row: Mark | ImportedMark) -> Value:
    value = row.verdict if row.score is None else row.score
    assert value is not None
    return value


def _sheets(session: Session, import_id: UUID) -> tuple[SheetView, ...]:
    counted = dict(
        session.execute(
            select(ImportedMark.sheet_ordinal, func.count())
            .where(ImportedMark.import_id == import_id)
            .group_by(ImportedMark.sheet_ordinal)
        ).all()
    )
    rows = session.scalars(
        select(ImportedSheet)
        .where(ImportedSheet.import_id == import_id)
        .order_by(ImportedSheet.ordinal)
    )
    return tuple(
        SheetView(
            ordinal=row.ordinal,
            name=row.name,
            subject_code=row.subject_code,
            subject=None if row.subject_code is None else subjects.BY_CODE[row.subject_code].name,
            semester=row.semester,
            marks=counted.get(row.ordinal, 0),
        )
        for row in rows
    )


def imported_cells(session: Session, import_id: UUID) -> dict[tuple[str, Cell], Value]:
    """The marks of an upload by code of the pupil and cell."""
    meant = {
        sheet.ordinal: (sheet.subject_code, sheet.semester) for sheet in _sheets(session, import_id)
    }
    found: dict[tuple[str, Cell], Value] = {}
    for row in session.scalars(select(ImportedMark).where(ImportedMark.import_id == import_id)):
        subject, semester = meant[row.sheet_ordinal]
        if subject is not None and semester is not None:
            found[row.pupil_code, (subject, semester, row.part, row.place)] = _value(row)
    return found


def _changes(
    session: Session, class_id: UUID, import_id: UUID, sheets: Iterable[SheetView]
) -> tuple[Change, ...]:
    covered = {
        (sheet.subject_code, sheet.semester)
        for sheet in sheets
        if sheet.subject_code is not None and sheet.semester is not None
    }
    old = cells(session, class_id, only=covered)
    new = imported_cells(session, import_id)
    names = {pupil.code: pupil.name for pupil in _pupils(session, class_id)}
    order = {code: place for place, code in enumerate(names)}
    changed = [key for key in old.keys() | new.keys() if old.get(key) != new.get(key)]
    changed.sort(key=lambda key: (key[1][:2], order.get(key[0], 0), key[1]))
    return tuple(
        Change(
            pupil=names.get(code, code),
            pupil_code=code,
            subject=subjects.BY_CODE[cell[0]].name,
            semester=cell[1],
            part=cell[2],
            place=cell[3],
            old=old.get((code, cell)),
            new=new.get((code, cell)),
        )
        for code, cell in changed
    )


def _signatures(
    session: Session, book: Gradebook, team: ClassStaff, who: Principal
) -> tuple[SignatureView, ...]:
    rows = session.scalars(
        select(GradebookSignature)
        .where(GradebookSignature.gradebook_id == book.id)
        .order_by(GradebookSignature.ordinal)
    ).all()
    ids = {row.signed_by or row.signer_id for row in rows} - {None}
    names = dict(
        session.execute(select(Person.id, Person.full_name).where(Person.id.in_(ids))).all()
    )
    found = []
    for row in rows:
        signer_id = row.signed_by or row.signer_id
        found.append(
            SignatureView(
                field=row.field,
                kind=row.kind,
                part=part_name(row.kind, row.subject_code),
                signer="Văn thư" if signer_id is None else names[signer_id],
                signer_id=signer_id,
                signed_at=row.signed_at,
                is_mine_now=row.signed_at is None
                and TURN.get(book.state) is row.kind
                and signs(row, team, who),
            )
        )
    return tuple(found)


def signs(row: GradebookSignature, team: ClassStaff, who: Principal) -> bool:
    """Whether this place in the book is this person's to sign."""
    if row.kind is SignatureKind.SEAL:
        return rules.may_seal(actor(who), team)
    if row.kind is SignatureKind.PRINCIPAL and not rules.may_lead(actor(who), team):
        return False
    return row.signer_id == who.person_id and who.agency_id == team.school_id


def part_name(kind: SignatureKind, subject_code: str | None) -> str:
    """What a place in the book is signed for."""
    if kind is SignatureKind.SUBJECT and subject_code is not None:
        return subjects.BY_CODE[subject_code].name
    return {
        SignatureKind.HOMEROOM: "Giáo viên chủ nhiệm",
        SignatureKind.PRINCIPAL: "Hiệu trưởng",
        SignatureKind.SEAL: "Con dấu của nhà trường",
    }[kind]
