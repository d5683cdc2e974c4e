"""What operators do to persons: enter them, and write their names otherwise."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid
from eoffice.people import operators
from eoffice.people.model import (
    Person,
)
from eoffice.people.queries import PersonUnknown
from eoffice.web.principal import Principal


class LoginTaken(Conflict):
    """Another person has this login."""


def create_person(
    session: Session, *, login: str, full_name: str, by: Principal | str, at: datetime
) -> UUID:
    """Enter a person, who can sign in once a password is set and an appointment is in force.

    Raises OnlyOperators, Invalid, LoginTaken.
    """
    operators.operators_only(by)
    name = " ".join(unicodedata.normalize("NFC", full_name).split())
    if not name:
        raise Invalid("Cần điền họ và tên.", fields={"full_name": "Cần điền họ và tên."})
    lowered = login.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]", lowered):
        raise Invalid(
            "Tên đăng nhập gồm 3 đến 64 chữ cái không dấu, chữ số, dấu chấm, gạch ngang.",
            fields={"login": "Hãy dùng chữ cái không dấu, chữ số, dấu chấm, gạch ngang."},
        )
    if session.scalar(select(Person.id).where(Person.login == lowered)) is not None:
        raise LoginTaken(
            f"Tên đăng nhập {lowered} đã có người dùng. Hãy chọn tên khác.",
            fields={"login": "Đã có người dùng tên này."},
        )
    person_id = new_id()
    session.add(
        Person(
            id=person_id,
            login=lowered,
            full_name=name,
            password_is_foreign=False,
            created_at=at,
        )
    )
    session.flush()  # Appointments that point to the person may follow at once.
    record(session, "person.created", object_kind="person", object_id=person_id, by=by, at=at)
    return person_id


def rename_person(
    session: Session, person_id: UUID, *, full_name: str, by: Principal | str, at: datetime
) -> None:
    """Write a person's name otherwise; what was signed keeps the name of its day.

    Raises OnlyOperators, PersonUnknown, Invalid.
    """
    operators.operators_only(by)
    row = locked_person(session, person_id)
    name = " ".join(unicodedata.normalize("NFC", full_name).split())
    if not name:
        raise Invalid("Cần điền họ và tên.", fields={"full_name": "Cần điền họ và tên."})
    row.full_name = name
    record(session, "person.renamed", object_kind="person", object_id=person_id, by=by, at=at)


def locked_person(session: Session, person_id: UUID) -> Person:
    """Raises PersonUnknown."""
    row = session.get(Person, person_id, with_for_update=True)
    if row is None:
        raise PersonUnknown("Không có người này trong danh sách.")
    return row
