"""What pages, programs and other actions ask about one part, and a pupil's book over the years.

Read only; frozen answers. Row-level security lets in the school that issued a part, the units above
it, and the school to which the pupil went; `rules.may_read` says who of them reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from eoffice.classes import staff_queries
from eoffice.classes.model import Enrolment, Pupil, SchoolClass
from eoffice.classes.rules import ClassStaff
from eoffice.clock import civil_date
from eoffice.people import queries as people
from eoffice.people.model import Person
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.reports import actions, department_queries, rules, states
from eoffice.reports.actions import PartUnknown
from eoffice.reports.department_queries import Signing
from eoffice.reports.model import ReportPart, ReportPartSignature, ReportWithdrawal
from eoffice.reports.rules import Due, SubjectsSign
from eoffice.reports.states import PartState, PartStep, Place
from eoffice.web.principal import Principal


class NotYourPart(PartUnknown):
    """The part is for the class's teachers, the school's office, and its superiors; nobody else is
    told that it is there.
    """


@dataclass(frozen=True, slots=True)
class SignatureView:
    field: str
    place: Place
    #: What is signed for: "Toán học", "Giáo viên chủ nhiệm"…
    label: str
    #: Who has to sign, or did.
    signer: str
    signed_at: datetime | None
    #: Whether the person who asks can sign here now.
    is_mine_now: bool


@dataclass(frozen=True, slots=True)
class WithdrawalView:
    id: UUID
    reason: str
    evidence_name: str | None
    requested_by: str
    requested_at: datetime
    superior_id: UUID
    superior: str
    is_granted: bool | None
    decided_because: str | None
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class PartLine:
    """One version of one year's part, in a list."""

    id: UUID
    pupil_id: UUID
    pupil_name: str
    pupil_code: str
    ordinal: int
    school_id: UUID
    school: str
    class_id: UUID
    class_name: str
    grade: int
    school_year: str
    version: int
    state: PartState
    state_since: datetime
    closed_at: datetime | None
    #: Calendar days past the deadline.
    days_late: int
    returned_because: str | None


@dataclass(frozen=True, slots=True)
class PartView:
    line: PartLine
    title: str
    requested_at: datetime
    #: The class book whose figures it prints, by the SHA-256 of its closed file.
    class_book_id: UUID
    class_book_sha256: str
    #: Whether the class has another closed book by now.
    is_outdated: bool
    subjects_sign: SubjectsSign
    is_reassessed: bool
    due: Due | None
    content_sha256: str | None
    data_sha256: str | None
    page_count: int | None
    supersedes_id: UUID | None
    because: str | None
    superseded_by: UUID | None
    #: Why that version was made.
    superseded_because: str | None
    signatures: tuple[SignatureView, ...]
    withdrawals: tuple[WithdrawalView, ...]
    may_return: bool
    may_replace: bool
    may_close: bool
    may_request_withdrawal: bool
    may_reopen: bool

    @property
    def mine_now(self) -> tuple[SignatureView, ...]:
        return tuple(each for each in self.signatures if each.is_mine_now)

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Whose turn it is, by name."""
        turn = states.TURNS.get(self.line.state)
        return tuple(
            f"{each.signer} ({each.label})" if turn is Place.SUBJECT else each.signer
            for each in self.signatures
            if each.place is turn and each.signed_at is None
        )


@dataclass(frozen=True, slots=True)
class Book:
    """A pupil's report book: every version of every part that may be looked at."""

    pupil_id: UUID
    name: str
    code: str
    #: The newest school year first, its newest version first.
    parts: tuple[PartLine, ...]


def part(session: Session, part_id: UUID, who: Principal, *, today: date) -> PartView:
    """Raises PartUnknown, NotYourPart."""
    row = row_for_reader(session, part_id, who)
    team = _team(session, row)
    actor = staff_queries.actor(who)
    signing = department_queries.signing(session, row.school_year)
    is_own = row.school_id == who.agency_id and team is not None
    asks = is_own and team is not None and rules.may_ask(actor, team)
    successor = session.scalars(
        select(ReportPart).where(ReportPart.supersedes_id == row.id)
    ).one_or_none()
    return PartView(
        line=lines(session, [row], today=today)[0],
        title=actions.title(row),
        requested_at=row.requested_at,
        class_book_id=row.class_book_id,
        class_book_sha256=row.class_book_sha256,
        is_outdated=is_own and _is_outdated(session, row),
        subjects_sign=row.subjects_sign,
        is_reassessed=row.is_reassessed,
        due=_due(session, row),
        content_sha256=row.content_sha256,
        data_sha256=row.data_sha256,
        page_count=row.page_count,
        supersedes_id=row.supersedes_id,
        because=row.because,
        superseded_by=None if successor is None else successor.id,
        superseded_because=None if successor is None else successor.because,
        signatures=_signatures(session, row, signing, who),
        withdrawals=_withdrawals(session, row),
        may_return=is_own
        and team is not None
        and rules.may_return(actor, team)
        and (row.state, PartStep.RETURN) in states.TABLE
        and row.state is not PartState.PREPARING,
        may_replace=asks and (row.state, PartStep.REPLACE) in states.TABLE,
        may_close=row.state is PartState.SEALED and rules.may_close(actor, row.school_id),
        may_request_withdrawal=row.state is PartState.CLOSED
        and rules.may_request_withdrawal(actor, row.school_id),
        may_reopen=asks and row.state is PartState.WITHDRAWAL_GRANTED,
    )


def book(session: Session, pupil_id: UUID, who: Principal, *, today: date) -> Book:
    """The book to which this pupil's parts belong, over all schools and years that may be seen.

    Raises PartUnknown, NotYourPart.
    """
    pupil = session.get(Pupil, pupil_id)
    if pupil is None:
        raise PartUnknown
    rows = session.scalars(
        select(ReportPart)
        .where(ReportPart.identity_id == pupil.identity_id)
        .order_by(ReportPart.school_year.desc(), ReportPart.version.desc(), ReportPart.id)
    ).all()
    receiving = _receiving(session, pupil.identity_id, who)
    own = _teams(session, {row.class_id for row in rows if row.school_id == who.agency_id})
    seen = [row for row in rows if _may_read(row, own.get(row.class_id), receiving, who)]
    if not seen and not any(rules.may_read(staff_queries.actor(who), each) for each in receiving):
        raise NotYourPart
    return Book(pupil.id, pupil.name, pupil.code, lines(session, seen, today=today))


def in_class(session: Session, class_id: UUID) -> tuple[tuple[UUID, str, str], ...]:
    """Identifier, code and name of whoever is in the class now, in the order of its list."""
    rows = session.execute(
        select(Pupil.id, Pupil.code, Pupil.name)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == class_id, Enrolment.to_on.is_(None))
        .order_by(Enrolment.ordinal)
    )
    return tuple((pupil_id, code, name) for pupil_id, code, name in rows)


def fields_now(
    session: Session, part_id: UUID, who: Principal
) -> tuple[PartState, tuple[str, ...]]:
    """Where the part stands, and the places in it that are this person's turn.

    Raises PartUnknown, NotYourPart.
    """
    row = row_for_reader(session, part_id, who)
    signing = department_queries.signing(session, row.school_year)
    return row.state, tuple(
        each.field for each in _signatures(session, row, signing, who) if each.is_mine_now
    )


def row_for_reader(session: Session, part_id: UUID, who: Principal) -> ReportPart:
    """For the queries of this slice. Raises PartUnknown, NotYourPart."""
    row = session.get(ReportPart, part_id)
    if row is None:
        raise PartUnknown
    receiving = () if row.school_id == who.agency_id else _receiving(session, row.identity_id, who)
    if not _may_read(row, _team(session, row), receiving, who):
        raise NotYourPart
    return row


def lines(session: Session, rows: Iterable[ReportPart], *, today: date) -> tuple[PartLine, ...]:
    """In the order of the rows; two queries for all of them and one for each school year."""
    found = list(rows)
    schools = people.units(session, {row.school_id for row in found})
    days = {
        year: department_queries.due(session, year) for year in {row.school_year for row in found}
    }
    made = []
    for row in found:
        due = days[row.school_year].get(rules.school_deadline(is_reassessed=row.is_reassessed))
        counts = row.state not in (PartState.RETURNED, PartState.SUPERSEDED)
        closed_on = None if row.closed_at is None else civil_date(row.closed_at)
        made.append(
            PartLine(
                id=row.id,
                pupil_id=row.pupil_id,
                pupil_name=row.pupil_name,
                pupil_code=row.pupil_code,
                ordinal=row.ordinal,
                school_id=row.school_id,
                school=schools[row.school_id].name,
                class_id=row.class_id,
                class_name=row.class_name,
                grade=row.grade,
                school_year=row.school_year,
                version=row.version,
                state=row.state,
                state_since=row.state_since,
                closed_at=row.closed_at,
                days_late=0 if due is None or not counts else due.days_late(closed_on, today),
                returned_because=row.returned_because,
            )
        )
    return tuple(made)


def _may_read(
    row: ReportPart, team: ClassStaff | None, receiving: Iterable[ClassStaff], who: Principal
) -> bool:
    # Of a school that is not its own, a class is out of sight for the school of today.
    staff = team or ClassStaff(row.school_id, row.requested_by, {})
    return rules.may_read(staff_queries.actor(who), staff, tuple(receiving))


def _team(session: Session, row: ReportPart) -> ClassStaff | None:
    if session.get(SchoolClass, row.class_id) is None:
        return None
    return staff_queries.staff(session, row.class_id)


def _teams(session: Session, class_ids: Iterable[UUID]) -> Mapping[UUID, ClassStaff]:
    return {each: staff_queries.staff(session, each) for each in class_ids}


def _receiving(session: Session, identity_id: UUID, who: Principal) -> tuple[ClassStaff, ...]:
    """The classes of the acting school in which the pupil sits or sat."""
    ids = session.scalars(
        select(Enrolment.class_id)
        .join(Pupil, Pupil.id == Enrolment.pupil_id)
        .where(Pupil.identity_id == identity_id, Pupil.school_id == who.agency_id)
    ).all()
    return tuple(staff_queries.staff(session, each) for each in ids)


def _is_outdated(session: Session, row: ReportPart) -> bool:
    now = session.scalar(
        select(Gradebook.id).where(
            Gradebook.class_id == row.class_id,
            Gradebook.kind == BookKind.CLASS_BOOK,
            Gradebook.state == State.CLOSED,
        )
    )
    return row.state in states.LIVE and now != row.class_book_id


def _due(session: Session, row: ReportPart) -> Due | None:
    days = department_queries.due(session, row.school_year)
    return days.get(rules.school_deadline(is_reassessed=row.is_reassessed))


def _signatures(
    session: Session, row: ReportPart, signing: Signing, who: Principal
) -> tuple[SignatureView, ...]:
    places = session.scalars(
        select(ReportPartSignature)
        .where(ReportPartSignature.part_id == row.id)
        .order_by(ReportPartSignature.ordinal)
    ).all()
    ids = {each.signed_by or each.signer_id for each in places} - {None}
    names = dict(
        session.execute(select(Person.id, Person.full_name).where(Person.id.in_(ids))).all()
    )
    turn = states.TURNS.get(row.state)
    actor = staff_queries.actor(who)
    found = []
    for each in places:
        signer_id = each.signed_by or each.signer_id
        found.append(
            SignatureView(
                field=each.field,
                place=each.place,
                label=each.label,
                signer=_by_position(each.place) if signer_id is None else names[signer_id],
                signed_at=each.signed_at,
                is_mine_now=each.signed_at is None
                and each.place is turn
                and rules.signs(
                    each.place,
                    each.signer_id,
                    actor,
                    row.school_id,
                    deputy_may_sign=signing.deputy_may_sign,
                ),
            )
        )
    return tuple(found)


def _by_position(place: Place) -> str:
    return "Văn thư" if place is Place.SEAL else "Hiệu trưởng"


def _withdrawals(session: Session, row: ReportPart) -> tuple[WithdrawalView, ...]:
    asked, decided = aliased(Person), aliased(Person)
    rows = session.execute(
        select(ReportWithdrawal, asked.full_name, decided.full_name)
        .join(asked, asked.id == ReportWithdrawal.requested_by)
        .outerjoin(decided, decided.id == ReportWithdrawal.decided_by)
        .where(ReportWithdrawal.part_id == row.id)
        .order_by(ReportWithdrawal.requested_at.desc())
    ).all()
    units = people.units(session, {each.superior_id for each, _, _ in rows})
    return tuple(
        WithdrawalView(
            id=each.id,
            reason=each.reason,
            evidence_name=each.evidence_name,
            requested_by=by,
            requested_at=each.requested_at,
            superior_id=each.superior_id,
            superior=units[each.superior_id].name,
            is_granted=each.is_granted,
            decided_because=each.decided_because,
            decided_by=decider or "",
            decided_at=each.decided_at,
        )
        for each, by, decider in rows
    )
