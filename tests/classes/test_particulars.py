"""What is written about a pupil is kept tidy, and what cannot be right is refused."""

from __future__ import annotations

import pytest

from eoffice.classes import particulars
from eoffice.classes.particulars import NewGuardian, ParticularsInvalid, Relation


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("087212001234", "087212001234"),
        (" 087 212 001 234 ", "087212001234"),
        ("087.212.001.234", "087212001234"),
        ("", None),
        ("  ", None),
    ],
)
def test_a_personal_identification_number_has_twelve_digits(written: str, kept: str | None) -> None:
    assert particulars.personal_id(written) == kept


@pytest.mark.parametrize("written", ["08721200123", "0872120012345", "08721200123a", "٠٨٧٢١٢٠٠١٢٣"])
def test_any_other_number_is_refused(written: str) -> None:
    with pytest.raises(ParticularsInvalid):
        particulars.personal_id(written)


def test_a_guardian_is_kept_tidy() -> None:
    given = NewGuardian(Relation.MOTHER, "  Lê   Thị Sáu ", "0912 345.678", " sau@vidu.vn ")

    assert particulars.guardian(given) == NewGuardian(
        Relation.MOTHER, "Lê Thị Sáu", "0912345678", "sau@vidu.vn"
    )


@pytest.mark.parametrize(
    "given",
    [
        NewGuardian(Relation.FATHER, " "),
        NewGuardian(Relation.FATHER, "A" * 201),
        NewGuardian(Relation.FATHER, "Lê Văn Tám", phone="12345"),
        NewGuardian(Relation.FATHER, "Lê Văn Tám", phone="không có"),
        NewGuardian(Relation.FATHER, "Lê Văn Tám", email="tam"),
        NewGuardian(Relation.FATHER, "Lê Văn Tám", email="tam@vidu"),
        NewGuardian(Relation.FATHER, "Lê Văn Tám", email="a b@vidu.vn"),
    ],
)
def test_a_guardian_who_could_not_be_reached_is_refused(given: NewGuardian) -> None:
    with pytest.raises(ParticularsInvalid):
        particulars.guardian(given)


def test_every_relation_has_its_vietnamese_name() -> None:
    assert particulars.RELATION_NAMES.keys() == set(Relation)
