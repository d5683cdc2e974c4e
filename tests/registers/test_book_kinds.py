"""Whose a book is decides who asks for it and who reads it; every pair of person and rule is here.

Superiors read what row-level security shows them and ask for nothing.
"""

from __future__ import annotations

from uuid import UUID

import pytest

from eoffice.classes.rules import Actor, ClassStaff
from eoffice.people.kinds import PositionKind
from eoffice.registers import book_forms, book_kinds, states
from eoffice.registers.book_kinds import OWNERS, BookKind, BookOf, Circle, Owner, Rule
from eoffice.registers.kinds import table
from eoffice.registers.states import SignatureKind, State, Step

SCHOOL, DEPARTMENT = UUID(int=1), UUID(int=2)
HOMEROOM, MATHS, OTHER = UUID(int=11), UUID(int=12), UUID(int=13)
TEAM = Circle(SCHOOL, ClassStaff(SCHOOL, HOMEROOM, {"TOAN": MATHS}))
OWN = Circle(SCHOOL, teacher_id=MATHS)
OF_SCHOOL = Circle(SCHOOL)

PEOPLE = {
    "head": Actor(OTHER, SCHOOL, PositionKind.HEAD),
    "deputy": Actor(OTHER, SCHOOL, PositionKind.DEPUTY_HEAD),
    "clerk": Actor(OTHER, SCHOOL, PositionKind.CLERK),
    "homeroom": Actor(HOMEROOM, SCHOOL, PositionKind.TEACHER),
    "maths": Actor(MATHS, SCHOOL, PositionKind.TEACHER),
    "colleague": Actor(OTHER, SCHOOL, PositionKind.TEACHER),
    "maths elsewhere": Actor(MATHS, DEPARTMENT, PositionKind.TEACHER),
    "superior": Actor(OTHER, DEPARTMENT, PositionKind.SPECIALIST),
    "clerk above": Actor(OTHER, DEPARTMENT, PositionKind.CLERK),
}
OFFICE = {"head", "deputy", "clerk"}


@pytest.mark.parametrize(
    ("rule", "circle", "may"),
    [
        (book_kinds.is_office, OF_SCHOOL, OFFICE),
        (book_kinds.is_leader, OF_SCHOOL, {"head", "deputy"}),
        (book_kinds.is_clerk, OF_SCHOOL, {"clerk"}),
        (book_kinds.is_homeroom, TEAM, {"homeroom"}),
        (book_kinds.is_homeroom, OF_SCHOOL, set()),
        (book_kinds.is_owner, OWN, {"maths"}),
        (book_kinds.is_owner, TEAM, set()),
        (book_kinds.homeroom_or_leader, TEAM, {"head", "deputy", "homeroom"}),
        (book_kinds.class_readers, TEAM, OFFICE | {"homeroom", "maths", "superior"}),
        (book_kinds.class_readers, OF_SCHOOL, set()),
        (book_kinds.homeroom_readers, TEAM, OFFICE | {"homeroom", "superior"}),
        (book_kinds.owner_readers, OWN, OFFICE | {"maths", "superior"}),
        (book_kinds.office_readers, OF_SCHOOL, OFFICE | {"superior"}),
        (book_kinds.may_return, TEAM, OFFICE | {"homeroom", "maths"}),
        (book_kinds.may_return, OWN, OFFICE | {"maths"}),
        (book_kinds.may_return, OF_SCHOOL, OFFICE),
    ],
)
def test_who_may(rule: Rule, circle: Circle, may: set[str]) -> None:
    assert {name for name, actor in PEOPLE.items() if rule(actor, circle)} == may


@pytest.mark.parametrize("kind", BookKind)
def test_a_book_belongs_to_exactly_what_its_kind_belongs_to(kind: BookKind) -> None:
    owned: dict[Owner, tuple[UUID | None, UUID | None]] = {
        Owner.CLASS: (UUID(int=3), None),
        Owner.TEACHER: (None, MATHS),
        Owner.SCHOOL: (None, None),
    }
    for owner, (class_id, teacher_id) in owned.items():
        if owner is OWNERS[kind]:
            assert BookOf(kind, SCHOOL, "2024-2025", class_id, teacher_id).kind is kind
        else:
            with pytest.raises(ValueError, match="belongs to"):
                BookOf(kind, SCHOOL, "2024-2025", class_id, teacher_id)


@pytest.mark.parametrize(
    "signing",
    {form.signing for form in (*book_forms.FORMS.values(), *book_forms.FORMS_BY_KIND.values())},
)
def test_every_order_of_signing_leads_from_the_first_page_to_the_closed_book(
    signing: tuple[SignatureKind, ...],
) -> None:
    state = states.after(State.RENDERING, states.laying(signing))
    for kind in signing:
        assert kind in states.TURNS[state]
        state = states.after(state, states.signing(kind, is_last_subject=True))
    assert state is State.CLOSED


def test_a_register_of_the_school_is_signed_by_its_keeper_first() -> None:
    keeper = (SignatureKind.KEEPER, SignatureKind.PRINCIPAL, SignatureKind.SEAL)
    assert states.laying(keeper) is Step.RENDER_FOR_KEEPER
    assert states.laying(keeper[1:]) is Step.RENDER_FOR_PRINCIPAL


def test_every_kind_has_a_name_and_titles_are_those_of_the_registers() -> None:
    assert book_kinds.NAMES.keys() == OWNERS.keys() == set(BookKind)
    titles = {form.title for form in book_forms.FORMS_BY_KIND.values()}
    assert titles <= {kind.title for kind in table.KINDS}
