"""What the database itself promises about units and people."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from eoffice.db import new_id
from eoffice.people.kinds import GrantKind, PositionKind, UnitKind
from eoffice.people.model import Delegation, Position, Unit, UnitSuccession
from tests.cast import Cast
from tests.conftest import web_role


def is_within(session: Session, unit: UUID | None, ancestor: UUID | None) -> bool:
    answer = session.scalar(text("select is_within(:u, :a)"), {"u": unit, "a": ancestor})
    assert isinstance(answer, bool)
    return answer


def test_a_unit_is_within_itself_and_all_units_above_it(session: Session, cast: Cast) -> None:
    for above in (cast.school, cast.district, cast.department):
        assert is_within(session, cast.school.id, above.id)


def test_a_unit_is_not_within_its_children_or_its_neighbours(session: Session, cast: Cast) -> None:
    for other in (cast.school, cast.other_district, cast.high_school):
        assert not is_within(session, cast.district.id, other.id)


def test_nothing_is_within_nothing(session: Session, cast: Cast) -> None:
    assert not is_within(session, None, cast.school.id)
    assert not is_within(session, cast.school.id, None)


def test_a_predecessor_is_within_its_successor_and_what_is_above_that(
    session: Session, cast: Cast
) -> None:
    session.add(
        UnitSuccession(
            predecessor_id=cast.school.id,
            successor_id=cast.other_district.id,
            since=date(2025, 7, 1),
        )
    )
    session.flush()

    assert is_within(session, cast.school.id, cast.other_district.id)
    assert not is_within(session, cast.other_district.id, cast.school.id)


def test_units_that_succeeded_each_other_do_not_loop(session: Session, cast: Cast) -> None:
    there_and_back = [(cast.school.id, cast.high_school.id), (cast.high_school.id, cast.school.id)]
    for predecessor, successor in there_and_back:
        session.add(
            UnitSuccession(
                predecessor_id=predecessor, successor_id=successor, since=date(2025, 7, 1)
            )
        )
    session.flush()

    assert is_within(session, cast.school.id, cast.high_school.id)
    assert not is_within(session, cast.school.id, cast.other_high_school.id)


def test_the_web_process_may_ask_whether_a_unit_is_within_another(
    session: Session, cast: Cast
) -> None:
    with web_role(session, cast.clerk):
        assert is_within(session, cast.school.id, cast.department.id)


def test_names_are_found_without_diacritics_and_capitals(session: Session, cast: Cast) -> None:
    found = session.scalars(
        text("select full_name from persons where name_folded like '%y lan%'")
    ).all()

    assert found == ["Đặng Thị Ỷ Lan"]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"kind": UnitKind.OFFICE}, "ck_units_offices_have_agencies"),
        ({"kind": UnitKind.SCHOOL}, "ck_units_level_of_schools"),
        ({"organ_id": "H" * 36}, "ck_units_organ_id_length"),
        ({"valid_to": date(2009, 12, 31)}, "ck_units_dates"),
    ],
)
def test_a_unit_that_contradicts_itself_is_not_stored(
    session: Session, changes: dict[str, object], constraint: str
) -> None:
    unit_id = new_id()
    values: dict[str, object] = {
        "id": unit_id,
        "code": "X",
        "name": "Sở X",
        "notation": "",
        "kind": UnitKind.DEPARTMENT,
        "agency_id": unit_id,
        "place": "X",
        "valid_from": date(2010, 1, 1),
    }
    session.add(Unit(**(values | changes)))

    with pytest.raises(IntegrityError, match=constraint):
        session.flush()


def test_an_authorisation_without_an_end_is_not_stored(session: Session, cast: Cast) -> None:
    position = Position(id=new_id(), unit_id=cast.department.id, title="X", kind=PositionKind.HEAD)
    session.add(position)
    session.flush()
    session.add(
        Delegation(
            id=new_id(),
            from_position_id=position.id,
            to_person_id=cast.office_head.person_id,
            kind=GrantKind.AUTHORISATION,
            valid_from=date(2018, 8, 1),
            subject="Giấy mời",
            document_reference="15/GUQ-SGDĐT",
        )
    )

    with pytest.raises(IntegrityError, match="ck_delegations_authorisations_end"):
        session.flush()


def test_everybody_of_the_cast_has_a_name_of_their_own(cast: Cast) -> None:
    names = [who.full_name for who in cast.everybody]

    assert len(names) == len(set(names))
