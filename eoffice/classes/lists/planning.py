"""What taking a list would change in a class, against what the school has on record. Pure.

Nothing is taken away: who is missing in the list is only named, and who is on record elsewhere is
moved by a person. A list that says what is on record changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from eoffice.classes.actions import MOST_PUPILS, NewPupil
from eoffice.classes.lists.columns import FIELD_NAMES, Field
from eoffice.classes.lists.reading import Fault, Listed, Severity
from eoffice.classes.particulars import NewGuardian, Relation
from eoffice.files.tables.words import folded

#: What of a pupil a list can change, apart from the persons around the pupil.
OWN: Final[dict[Field, str]] = {
    Field.PERSONAL_ID: "personal_id",
    Field.NAME: "name",
    Field.BORN_ON: "born_on",
    Field.SEX: "sex",
    Field.BIRTHPLACE: "birthplace",
    Field.ETHNICITY: "ethnicity",
    Field.POLICY_GROUP: "policy_group",
    Field.ADDRESS: "address",
    Field.PERMANENT_ADDRESS: "permanent_address",
}
AROUND: Final[dict[Relation, tuple[Field, Field, Field]]] = {
    Relation.FATHER: (Field.FATHER, Field.FATHER_PHONE, Field.FATHER_EMAIL),
    Relation.MOTHER: (Field.MOTHER, Field.MOTHER_PHONE, Field.MOTHER_EMAIL),
    Relation.GUARDIAN: (Field.GUARDIAN, Field.GUARDIAN_PHONE, Field.GUARDIAN_EMAIL),
}


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A pupil of the school as the record has them."""

    id: UUID
    pupil: NewPupil
    #: The class of the school year in which the pupil sits; None for none.
    class_id: UUID | None
    class_name: str
    #: Whether the pupil left the school or stopped coming, and did not return.
    has_gone: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One value that would change."""

    sheet: str
    row: int
    column: str
    pupil_name: str
    pupil_code: str
    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """Something that only a person does: who left, who sits in another class, who came back."""

    pupil_id: UUID
    name: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """What taking the list of one class does."""

    #: None where the class is to be opened.
    class_id: UUID | None
    #: Not on record yet; they sit in the class then.
    added: tuple[NewPupil, ...] = ()
    #: On record, not in a class of this school year; they sit in the class then.
    entered: tuple[OnRecord, ...] = ()
    #: Particulars as they are then, of those on record for whom something changes.
    rewritten: tuple[tuple[OnRecord, NewPupil], ...] = ()
    cells: tuple[Cell, ...] = ()
    proposed: tuple[Proposed, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def changes(self) -> int:
        """How many pupils and cells change."""
        opened = 1 if self.class_id is None else 0
        return opened + len(self.added) + len(self.entered) + len(self.cells)


class Record:
    """The pupils of a school, found as lists name them."""

    def __init__(self, pupils: Iterable[OnRecord]) -> None:
        self.pupils = tuple(pupils)
        self._codes = {one.pupil.code: one for one in self.pupils}
        self._numbers = {one.pupil.personal_id: one for one in self.pupils if one.pupil.personal_id}
        self._people: dict[tuple[str, str], list[OnRecord]] = {}
        for one in self.pupils:
            key = (folded(one.pupil.name), f"{one.pupil.born_on:%d/%m/%Y}")
            self._people.setdefault(key, []).append(one)

    def of(self, listed: Listed) -> tuple[OnRecord | None, str | None]:
        """Who is meant, or None for somebody new; or why that cannot be said."""
        by_code = self._codes.get(listed.code)
        by_number = self._numbers.get(listed.personal_id)
        if by_code is not None and by_number is not None and by_code.id != by_number.id:
            return None, (
                f"Mã {listed.code} là của {by_code.pupil.name}, còn số định danh là của "
                f"{by_number.pupil.name}. Hãy kiểm tra lại dòng này."
            )
        found = by_code or by_number
        if found is not None or listed.code or listed.personal_id:
            return found, None
        people = self._people.get((folded(listed.name), listed.values.get(Field.BORN_ON, "")), [])
        if len(people) > 1:
            return None, (
                f"Trường có {len(people)} học sinh tên {listed.name} sinh cùng ngày. "
                "Hãy ghi mã học sinh."
            )
        return (people[0] if people else None), None


def planned(
    listed: Sequence[Listed],
    record: Record,
    *,
    class_id: UUID | None,
    class_name: str,
) -> ClassPlan:
    """What the list of one class changes; a row with a fault is left out of it."""
    added: list[NewPupil] = []
    entered: list[OnRecord] = []
    rewritten: list[tuple[OnRecord, NewPupil]] = []
    cells: list[Cell] = []
    proposed: list[Proposed] = []
    faults: list[Fault] = []
    met: dict[UUID, int] = {}
    for one in listed:
        known, why_not = record.of(one)
        if known is not None and known.id in met:
            why_not = f"Dòng {met[known.id]} đã là học sinh này."
        if why_not is not None:
            faults.append(_fault(one, Field.CODE, why_not))
            continue
        if known is None:
            fault = _missing(one)
            if fault is not None:
                faults.append(fault)
            else:
                added.append(_new(one))
            continue
        met[known.id] = one.row
        becomes, changed = merged(known.pupil, one)
        if changed:
            rewritten.append((known, becomes))
            cells += changed
        if known.class_id is None and not known.has_gone:
            entered.append(known)
        elif known.class_id is None:
            proposed.append(_propose(known, (
                "có trong danh sách nhưng sổ ghi đã nghỉ học hoặc chuyển đi. Nếu đã trở lại, hãy "
                "ghi ở trang của học sinh."
            )))  # fmt: skip
        elif known.class_id != class_id:
            proposed.append(_propose(known, (
                f"đang ở lớp {known.class_name}, danh sách ghi lớp {class_name}. Nếu đã chuyển "
                "lớp, hãy ghi ở trang của học sinh; điểm sẽ đi theo."
            )))  # fmt: skip
    if class_id is not None:
        proposed += [
            _propose(one, (
                "không có trong danh sách. Nếu đã chuyển đi, thôi học hoặc chuyển lớp, hãy ghi ở "
                "trang của học sinh."
            ))
            for one in record.pupils
            if one.class_id == class_id and one.id not in met
        ]  # fmt: skip
    sitting = sum(one.class_id == class_id for one in record.pupils) if class_id else 0
    if listed and sitting + len(added) + len(entered) > MOST_PUPILS:
        faults.append(
            _fault(listed[0], Field.CLASS, f"Lớp {class_name} sẽ có quá {MOST_PUPILS} học sinh.")
        )
    return ClassPlan(
        class_id, tuple(added), tuple(entered), tuple(rewritten), tuple(cells), tuple(proposed),
        tuple(faults),
    )  # fmt: skip


def merged(now: NewPupil, one: Listed) -> tuple[NewPupil, tuple[Cell, ...]]:
    """The pupil with what the row says, and every value that differs. The code stays."""
    values: dict[str, object] = {}
    cells: list[Cell] = []

    def change(field: Field, old: str, new: str) -> bool:
        if not new or new == old:
            return False
        cells.append(
            Cell(one.sheet, one.row, one.columns[field], now.name, now.code, FIELD_NAMES[field],
                 old, new)
        )  # fmt: skip
        return True

    for field, name in OWN.items():
        kept = getattr(now, name)
        old = f"{kept:%d/%m/%Y}" if field is Field.BORN_ON else str(kept)
        new = one.values.get(field, "")
        if change(field, old, new):
            values[name] = one.born_on if field is Field.BORN_ON else new
    guardians = {guardian.relation: guardian for guardian in now.guardians}
    for relation, fields in AROUND.items():
        name, phone, email = (one.values.get(field, "") for field in fields)
        kept = guardians.get(relation)
        printed = {Relation.FATHER: now.father, Relation.MOTHER: now.mother}.get(relation)
        old_name = kept.name if kept is not None else printed or ""
        is_other = change(fields[0], old_name, name)
        is_other |= change(fields[1], kept.phone if kept else "", phone)
        is_other |= change(fields[2], kept.email if kept else "", email)
        if not is_other or not (name or old_name):
            continue
        guardians[relation] = NewGuardian(
            relation, name or old_name, phone or (kept.phone if kept else ""),
            email or (kept.email if kept else ""),
        )  # fmt: skip
        if printed is not None and name and name != old_name:
            values["father" if relation is Relation.FATHER else "mother"] = name
    in_order = tuple(guardians[relation] for relation in Relation if relation in guardians)
    becomes = NewPupil(
        **{
            **{name: getattr(now, name) for name in NewPupil.__dataclass_fields__},
            **values,
            "guardians": in_order,
        }
    )
    return becomes, tuple(cells)


def _new(one: Listed) -> NewPupil:
    """Somebody who is not on record; without a code the identification number is one."""
    values = one.values
    born_on = one.born_on
    assert born_on is not None  # `_missing` was asked.
    return NewPupil(
        code=one.code or one.personal_id,
        name=one.name,
        born_on=born_on,
        sex=values[Field.SEX],
        birthplace=values.get(Field.BIRTHPLACE, ""),
        ethnicity=values.get(Field.ETHNICITY, ""),
        policy_group=values.get(Field.POLICY_GROUP, ""),
        address=values.get(Field.ADDRESS, ""),
        permanent_address=values.get(Field.PERMANENT_ADDRESS, ""),
        father=values.get(Field.FATHER, ""),
        mother=values.get(Field.MOTHER, ""),
        personal_id=one.personal_id,
        guardians=tuple(
            NewGuardian(relation, values[name], values.get(phone, ""), values.get(email, ""))
            for relation, (name, phone, email) in AROUND.items()
            if name in values
        ),
    )


def _missing(one: Listed) -> Fault | None:
    """What a pupil needs who is not on record yet."""
    if not one.code and not one.personal_id:
        return _fault(
            one, Field.NAME,
            f"Trường chưa có học sinh {one.name}; học sinh mới cần mã hoặc số định danh cá nhân.",
        )  # fmt: skip
    for field in (Field.NAME, Field.BORN_ON, Field.SEX):
        if field not in one.values:
            said = FIELD_NAMES[field].lower()
            return _fault(one, Field.NAME, f"Học sinh mới cần {said}.")
    return None


def _fault(one: Listed, field: Field, sentence: str) -> Fault:
    column = one.columns.get(field) or one.columns.get(Field.NAME) or "A"
    return Fault(one.sheet, one.row, column, Severity.ERROR, sentence)


def _propose(one: OnRecord, sentence: str) -> Proposed:
    return Proposed(one.id, one.pupil.name, one.pupil.code, f"{one.pupil.name} {sentence}")


def bare(class_name: str) -> str:
    """A class name as compared: 7A1, 7a1 and 7 A1 are one."""
    return folded(class_name).replace(" ", "")


def by_bare_name(classes: Mapping[UUID, str]) -> dict[str, UUID]:
    """Class names as compared, with their classes."""
    return {bare(name): class_id for class_id, name in classes.items()}
