"""What the pages of a year ask beside marks: traits, what is made good in summer, decisions.

Read only; frozen answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Incomplete, Part, Semester
from eoffice.assessment.year import Holds, Need, Outcome, TraitLevel, TraitTime
from eoffice.classes import binding, opening_queries, rules, staff_queries
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.classes.terms import TermsMissing
from eoffice.errors import NotFound
from eoffice.marks import columns, entry, entry_queries, record_queries, years
from eoffice.marks.year_model import ClosedSummer, ReassessmentChoice, TraitRow, YearDecision
from eoffice.people.model import Person
from eoffice.web.principal import Principal

_AGAIN = (Part.REASSESSED, Part.REASSESSED_TEST)


class NoTraits(NotFound):
    """The circular of the class judges no qualities and competences."""


@dataclass(frozen=True, slots=True)
class ListedPupil:
    id: UUID
    ordinal: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class TraitGrid:
    class_id: UUID
    class_name: str
    school_year: str
    time: TraitTime
    #: Code and name, as they are judged in the grade.
    traits: tuple[tuple[str, str], ...]
    pupils: tuple[ListedPupil, ...]
    levels: dict[tuple[UUID, str], TraitLevel]
    #: When they must have been judged.
    times: tuple[TraitTime, ...]
    may_write: bool


@dataclass(frozen=True, slots=True)
class AgainCell:
    """A subject that a pupil may be assessed in again."""

    subject: str
    subject_name: str
    part: Part
    label: str
    holds: Holds
    shown: str
    tag: str
    #: The result of the year.
    year: str
    may_enter: bool
    #: Whether the pupil is assessed in it again: by choice, or because there is none.
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class SummerRow:
    """A pupil who has something to make good."""

    pupil: ListedPupil
    needs: tuple[Need, ...]
    cells: tuple[AgainCell, ...]
    #: What it comes to; "" while that is open.
    after: str


@dataclass(frozen=True, slots=True)
class SummerView:
    class_id: UUID
    class_name: str
    school_year: str
    circular: str
    rows: tuple[SummerRow, ...]
    is_over: bool
    may_close: bool
    may_write: bool
    #: Whether the circular lets pupils choose in what they are assessed again.
    has_choice: bool
    may_choose: bool
    #: Whether the person works in the school's office, which has the list of all classes.
    is_of_office: bool

    @property
    def has_chosen(self) -> bool:
        """Whether every pupil who can choose has done so."""
        return all(any(cell.is_chosen for cell in row.cells) for row in self.rows if row.cells)


@dataclass(frozen=True, slots=True)
class DecisionRow:
    pupil: ListedPupil
    level: str
    outcome: str
    title: str
    #: Whether the rules leave it to the class whether the pupil stands out.
    may_be_chosen: bool
    is_chosen: bool
    #: Whether the principal decides about the pupil.
    is_open: bool
    decided: Outcome | None
    reason: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class DecisionsView:
    class_id: UUID
    class_name: str
    school_year: str
    rows: tuple[DecisionRow, ...]
    may_write: bool


def traits(session: Session, class_id: UUID, time: TraitTime) -> dict[tuple[UUID, str], TraitLevel]:
    """The levels of a time by pupil and code of the trait."""
    rows = session.scalars(
        select(TraitRow).where(TraitRow.class_id == class_id, TraitRow.time == time)
    )
    return {(row.pupil_id, row.code): row.level for row in rows}


def trait_grid(session: Session, class_id: UUID, time: TraitTime, *, who: Principal) -> TraitGrid:
    """Raises ClassUnknown, NotOfTheClass, NoTraits, TermsMissing."""
    row, is_open = _read(session, class_id, who)
    year = years.of_class(session, class_id)
    if not year.rule_set.trait_names:
        raise NoTraits(f"Lớp {row.name} theo thông tư không đánh giá phẩm chất, năng lực.")
    return TraitGrid(
        class_id,
        row.name,
        row.school_year,
        time,
        tuple((code, year.rule_set.trait_names[code]) for code in year.rules.traits(row.grade)),
        _pupils(session, class_id),
        traits(session, class_id, time),
        year.rules.traits_judged_at,
        is_open
        and rules.may_keep_homeroom_parts(
            staff_queries.actor(who), staff_queries.staff(session, class_id)
        ),
    )


def summer(session: Session, class_id: UUID, *, who: Principal) -> SummerView:
    """Who has something to make good in summer, in what. Raises ClassUnknown, NotOfTheClass."""
    row, is_open = _read(session, class_id, who)
    team, actor = staff_queries.staff(session, class_id), staff_queries.actor(who)
    year = years.of_class(session, class_id)
    subjects = {
        one.code: one
        for one in session.scalars(select(ClassSubject).where(ClassSubject.class_id == class_id))
    }
    marks = record_queries.cells(session, class_id)
    # Primary schools assess again whatever was not completed (TT 27/2020, Đ11).
    has_choice = not year.rule_set.trait_names
    kept = _chosen(session, class_id)
    rows = []
    for pupil in _pupils(session, class_id):
        outcome = year.outcomes[pupil.code]
        if not outcome.needs:
            continue
        cells = []
        for code in outcome.candidates:
            _, wanted = columns.of_list(session, row, subjects[code], Semester.SECOND)
            for column in wanted:
                if column.part not in _AGAIN:
                    continue
                value = marks.get((pupil.code, (code, Semester.SECOND, column.part, 1)))
                result = outcome.subjects[code].year
                cells.append(
                    AgainCell(
                        code, subjects[code].name, column.part, column.label, column.holds,
                        entry_queries.shown(value), entry.tag(value),
                        "" if isinstance(result, Incomplete) else entry_queries.shown(result),
                        is_open and rules.may_enter_marks(actor, team, {code}),
                        not has_choice or (pupil.id, code) in kept,
                    )
                )  # fmt: skip
        after = outcome.outcome_after_word
        rows.append(
            SummerRow(pupil, outcome.needs, tuple(cells), after.text if after is not None else "")
        )
    is_over = session.get(ClosedSummer, class_id) is not None
    return SummerView(
        class_id,
        row.name,
        row.school_year,
        year.rule_set.circular,
        tuple(rows),
        is_over,
        is_open and not is_over and rules.may_lead(actor, team),
        any(cell.may_enter for one in rows for cell in one.cells),
        has_choice,
        is_open
        and not is_over
        and has_choice
        and rules.may_keep_homeroom_parts(actor, team)
        and any(one.cells for one in rows),
        rules.may_open_classes(actor, row.school_id),
    )


def summers(session: Session, school_year: str, *, who: Principal) -> tuple[SummerView, ...]:
    """The classes of the person's school in which somebody has something to make good.

    A class of which the department keeps no terms is left out. Raises NotAllowed.
    """
    opening_queries.require_office(who)
    found = []
    for class_id in session.scalars(
        select(SchoolClass.id)
        .where(SchoolClass.school_id == who.agency_id, SchoolClass.school_year == school_year)
        .order_by(SchoolClass.grade, SchoolClass.name)
    ):
        try:
            view = summer(session, class_id, who=who)
        except TermsMissing:
            continue
        if view.rows:
            found.append(view)
    return tuple(found)


def _chosen(session: Session, class_id: UUID) -> set[tuple[UUID, str]]:
    """What pupils chose to be assessed in again: pupil and code of the subject."""
    rows = session.execute(
        select(ReassessmentChoice.pupil_id, ReassessmentChoice.subject_code).where(
            ReassessmentChoice.class_id == class_id, ReassessmentChoice.is_chosen
        )
    )
    return {(pupil_id, code) for pupil_id, code in rows}


def decisions(session: Session, class_id: UUID, *, who: Principal) -> DecisionsView:
    """What the principal decides about pupils of a primary class (27/2020: Đ11, Đ13).

    Raises ClassUnknown, NotOfTheClass, NoTraits.
    """
    row, is_open = _read(session, class_id, who)
    year = years.of_class(session, class_id)
    if not year.rule_set.trait_names:
        raise NoTraits(f"Lớp {row.name}: lên lớp và danh hiệu được tính từ kết quả.")
    kept = {
        one.pupil_id: (one, name)
        for one, name in session.execute(
            select(YearDecision, Person.full_name)
            .join(Person, Person.id == YearDecision.decided_by)
            .where(YearDecision.class_id == class_id)
        )
    }
    rows = []
    for pupil in _pupils(session, class_id):
        outcome = year.outcomes[pupil.code]
        one, by = kept.get(pupil.id, (None, ""))
        level, word = outcome.year.learning, outcome.outcome_after_word or outcome.outcome_word
        rows.append(
            DecisionRow(
                pupil,
                "" if level is None else level.text,
                "" if word is None else word.text,
                "" if outcome.title is None else outcome.title.text,
                level is not None and level.code == "well_done",
                one is not None and one.is_chosen,
                bool(outcome.needs),
                None if one is None else one.outcome,
                "" if one is None else one.reason,
                by,
            )
        )
    return DecisionsView(
        class_id,
        row.name,
        row.school_year,
        tuple(rows),
        is_open
        and rules.may_lead(staff_queries.actor(who), staff_queries.staff(session, class_id)),
    )


def _read(session: Session, class_id: UUID, who: Principal) -> tuple[SchoolClass, bool]:
    """The class, for whoever may read it, and whether no book binds it."""
    row = staff_queries.class_row(session, class_id)
    staff_queries.require_reader(who, staff_queries.staff(session, class_id))
    return row, binding.binding_book(session, class_id) is None


def _pupils(session: Session, class_id: UUID) -> tuple[ListedPupil, ...]:
    rows = session.execute(
        select(Enrolment.ordinal, Pupil)
        .join(Pupil, Pupil.id == Enrolment.pupil_id)
        .where(Enrolment.class_id == class_id, Enrolment.to_on.is_(None))
        .order_by(Enrolment.ordinal)
    )
    return tuple(ListedPupil(one.id, ordinal, one.code, one.name) for ordinal, one in rows)
