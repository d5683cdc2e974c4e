"""What is written down about a pupil, and what of it can be right. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eoffice.errors import Invalid

LONGEST_TEXT: Final = 200


class ParticularsInvalid(Invalid):
    """Something that is written about the pupil cannot be right."""


class Relation(StrEnum):
    FATHER = "father"
    MOTHER = "mother"
    GUARDIAN = "guardian"


RELATION_NAMES: Final[dict[Relation, str]] = {
    Relation.FATHER: "Cha",
    Relation.MOTHER: "Mẹ",
    Relation.GUARDIAN: "Người giám hộ",
}


@dataclass(frozen=True, slots=True)
class NewGuardian:
    """cha, mẹ hoặc người giám hộ; phone and e-mail "" where there is none."""

    relation: Relation
    name: str
    phone: str = ""
    email: str = ""


def tidy(text: str) -> str:
    """Single spaces, diacritics composed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def personal_id(text: str) -> str | None:
    """số định danh cá nhân: 12 digits; None where it is not known. Raises ParticularsInvalid."""
    digits = re.sub(r"[\s.]", "", text)
    if not digits:
        return None
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise ParticularsInvalid("Số định danh cá nhân có đúng 12 chữ số.")
    return digits


def guardian(given: NewGuardian) -> NewGuardian:
    """As it is kept. Raises ParticularsInvalid."""
    name, phone, email = tidy(given.name), re.sub(r"[\s.-]", "", given.phone), given.email.strip()
    if not name or max(len(name), len(email)) > LONGEST_TEXT:
        raise ParticularsInvalid(f"Họ tên người thân có từ 1 đến {LONGEST_TEXT} ký tự.")
    if phone and not re.fullmatch(r"(\+84|0)[0-9]{9,10}", phone):
        raise ParticularsInvalid("Số điện thoại như 0912345678 hoặc +84912345678.")
    if email and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+", email):
        raise ParticularsInvalid("Địa chỉ thư điện tử như ten@vidu.vn.")
    return NewGuardian(given.relation, name, phone, email)
