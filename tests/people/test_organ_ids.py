"""Identifiers of organisations: both national styles are known; others are warned of, not refused;
what could not travel in a message is refused."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from eoffice.errors import Invalid
from eoffice.people import organ_ids, queries, unit_actions
from eoffice.people.operators import OnlyOperators
from eoffice.people.organ_ids import Style
from eoffice.people.unit_actions import CodeTaken
from tests.cast import Cast


@pytest.mark.parametrize(
    ("organ_id", "style"),
    [
        ("000.00.00.G22", Style.BOTTOM_UP),
        ("000.00.14.H20", Style.BOTTOM_UP),
        ("A01.02.14.H20", Style.BOTTOM_UP),
        ("H37.02.02", Style.TOP_DOWN),
        ("H49.64.33", Style.TOP_DOWN),
        ("G12.34", Style.TOP_DOWN),
        ("G22", Style.TOP_DOWN),
        ("28.22.H17", None),
        ("H37.2", None),
        ("h37.02", None),
        ("000.00.H20", None),
        ("", None),
    ],
)
def test_both_styles_are_known(organ_id: str, style: Style | None) -> None:
    assert organ_ids.style(organ_id) is style


def test_an_unknown_style_is_warned_of_and_taken() -> None:
    assert organ_ids.checked(" 28.22.H17 ") == "28.22.H17"
    assert "28.22.H17" in organ_ids.warning("28.22.H17")
    assert organ_ids.warning("H37.02.02") == organ_ids.warning("") == organ_ids.warning(None) == ""
    assert organ_ids.said("Đã ghi.", "H37.02", None) == "Đã ghi."
    assert organ_ids.said("Đã ghi.", "28.22.H17").startswith("Đã ghi. Mã định danh 28.22.H17")


@pytest.mark.parametrize(
    "organ_id", ["H" * 36, "000.00.14. H20", "H20,14", "H20|14", "H20.Đ1", "H20\n14"]
)
def test_what_cannot_travel_is_refused(organ_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        organ_ids.checked(organ_id, field="organ_id")
    assert set(refused.value.fields) == {"organ_id"}


def test_an_operator_gives_a_unit_its_identifier_later(
    session: Session, cast: Cast, at: datetime
) -> None:
    school = cast.school.id
    for organ_id in ("000.12.14.H20", "H20.14.12", "H20.14.12", ""):
        unit_actions.set_organ_id(session, school, organ_id, by=cast.operator, at=at)
        session.flush()
        assert queries.unit(session, school).organ_id == (organ_id or None)


def test_no_two_units_have_one_identifier_and_only_operators_give_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    taken = cast.department.organ_id
    assert taken is not None
    with pytest.raises(CodeTaken):
        unit_actions.set_organ_id(session, cast.school.id, taken, by=cast.operator, at=at)
    with pytest.raises(OnlyOperators):
        unit_actions.set_organ_id(session, cast.school.id, "H20.99", by=cast.clerk, at=at)
