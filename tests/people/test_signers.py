"""Who may sign and as what is computed from appointments and grants at that moment (art. 13)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from eoffice.db import new_id
from eoffice.people import queries, signers
from eoffice.people.kinds import GrantKind, Manner
from eoffice.people.model import Appointment, Delegation
from eoffice.people.rules import Capacity
from eoffice.people.views import SigningRight
from tests.cast import Cast


def grant(
    session: Session, cast: Cast, to: object, kind: GrantKind, *, last: date = date(2018, 8, 31)
) -> None:
    headship = queries.appointment(session, cast.director.appointment_id).position_id
    session.add(
        Delegation(
            id=new_id(),
            from_position_id=headship,
            to_person_id=to,
            kind=kind,
            valid_from=date(2018, 8, 1),
            valid_to=last,
            subject="Công văn về thiết bị",
            document_reference="15/GUQ-SGDĐT",
        )
    )
    session.flush()


def offered(session: Session, cast: Cast, at: datetime) -> list[tuple[str, Capacity]]:
    found = signers.of_agency(session, cast.department.id, at=at)
    return [(each.full_name, each.right.capacity) for each in found]


def test_the_head_is_offered_first_then_the_deputies(
    session: Session, cast: Cast, at: datetime
) -> None:
    assert offered(session, cast, at) == [
        (cast.director.full_name, Capacity.HEAD),
        (cast.deputy_director.full_name, Capacity.FOR_HEAD),
    ]


def test_grants_are_offered_while_they_run(session: Session, cast: Cast, at: datetime) -> None:
    grant(session, cast, cast.office_head.person_id, GrantKind.ORDER)
    grant(
        session,
        cast,
        cast.secondary_office_head.person_id,
        GrantKind.AUTHORISATION,
        last=date(2018, 8, 2),
    )

    found = offered(session, cast, at)

    assert (cast.office_head.full_name, Capacity.BY_ORDER) in found
    assert cast.secondary_office_head.full_name not in dict(found)


def test_a_deputy_with_a_delegation_may_use_either_right(
    session: Session, cast: Cast, at: datetime
) -> None:
    grant(session, cast, cast.deputy_director.person_id, GrantKind.AUTHORISATION)

    rights = signers.rights(session, cast.deputy_director.person_id, cast.department.id, at=at)

    assert rights == (
        SigningRight(Capacity.FOR_HEAD, "Phó Giám đốc", "Giám đốc"),
        SigningRight(Capacity.BY_DELEGATION, "Phó Giám đốc", "Giám đốc"),
    )


def test_an_acting_head_signs_with_q(session: Session, cast: Cast, at: datetime) -> None:
    session.get_one(Appointment, cast.director.appointment_id).manner = Manner.ACTING
    session.flush()

    (right,) = signers.rights(session, cast.director.person_id, cast.department.id, at=at)

    assert right == SigningRight(Capacity.ACTING, "Giám đốc", "")


def test_a_deputy_signs_for_a_headship_that_is_vacant(
    session: Session, cast: Cast, at: datetime
) -> None:
    session.get_one(Appointment, cast.director.appointment_id).valid_to = date(2018, 8, 1)
    session.flush()

    assert offered(session, cast, at) == [(cast.deputy_director.full_name, Capacity.FOR_HEAD)]
    (right,) = signers.rights(session, cast.deputy_director.person_id, cast.department.id, at=at)
    assert right.head_title == "Giám đốc"


@pytest.mark.parametrize("name", ["specialist", "office_head", "school_principal"])
def test_others_have_no_right_and_an_empty_answer(
    session: Session, cast: Cast, at: datetime, name: str
) -> None:
    person_id = getattr(cast, name).person_id
    assert signers.rights(session, person_id, cast.department.id, at=at) == ()
