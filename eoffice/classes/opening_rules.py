"""Which settings a class can have, and what a class is called a year later. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from eoffice.assessment.marks import SubjectKind
from eoffice.errors import Invalid

#: The last grade of a primary, a lower and an upper secondary school.
LAST_GRADES: Final = frozenset({5, 9, 12})
UPPER_SECONDARY: Final = range(10, 13)
MOST_REGULAR: Final = 9


class SettingsRefused(Invalid):
    """The circular or the programme does not know this setting of a class."""


@dataclass(frozen=True, slots=True)
class SubjectSettings:
    """What the school's plan says of a subject in a class."""

    code: str
    name: str
    kind: SubjectKind
    #: Upper secondary: whether the class learns topics of it.
    has_topics: bool
    #: Regular marks a semester; None as the circular has it.
    regular_marks: int | None


def checked(
    grade: int, *, has_traits: bool, specialised: str | None, subjects: Iterable[SubjectSettings]
) -> None:
    """Raises SettingsRefused with every field that is wrong.

    Topics (chuyên đề học tập) and specialised classes (lớp chuyên) are of upper secondary schools;
    a specialised class is so by a subject with marks. Primary schools count no regular marks.
    """
    by_code = {one.code: one for one in subjects}
    fields: dict[str, str] = {}
    if specialised is not None:
        if grade not in UPPER_SECONDARY:
            fields["specialised"] = "Chỉ lớp 10 đến 12 là lớp chuyên."
        elif specialised not in by_code:
            fields["specialised"] = "Lớp không học môn chuyên này."
        elif by_code[specialised].kind is not SubjectKind.SCORED:
            fields["specialised"] = "Môn chuyên là môn đánh giá bằng điểm số."
    for one in by_code.values():
        if one.has_topics and grade not in UPPER_SECONDARY:
            fields[f"topics-{one.code}"] = f"{one.name}: chuyên đề học tập chỉ có ở lớp 10 đến 12."
        elif one.has_topics and one.kind is not SubjectKind.SCORED:
            fields[f"topics-{one.code}"] = f"{one.name}: môn nhận xét không có cụm chuyên đề."
        if one.regular_marks is not None and has_traits:
            fields[f"regular-{one.code}"] = f"{one.name}: tiểu học không có điểm thường xuyên."
        elif one.regular_marks is not None and not 1 <= one.regular_marks <= MOST_REGULAR:
            fields[f"regular-{one.code}"] = (
                f"{one.name}: số điểm thường xuyên mỗi học kì từ 1 đến {MOST_REGULAR}."
            )
    if fields:
        raise SettingsRefused(" ".join(fields.values()), fields=fields)


def name_next_year(name: str, grade: int) -> str:
    """7A1 becomes 8A1. The name has to begin with the grade."""
    return re.sub(rf"^{grade}", str(grade + 1), name)


def labels(people: Mapping[UUID, str]) -> dict[str, UUID]:
    """Names by which persons can be chosen, numbered where several have the same."""
    counted = Counter(people.values())
    met: Counter[str] = Counter()
    found: dict[str, UUID] = {}
    for person_id, name in people.items():
        met[name] += 1
        found[name if counted[name] == 1 else f"{name} ({met[name]})"] = person_id
    return found
