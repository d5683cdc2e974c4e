"""The kinds of certificates: what the department sets for all schools. A row is replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import NotAllowed
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind, UnitKind
from eoffice.rolls import rules
from eoffice.rolls.certificate_model import CertificateKind
from eoffice.rolls.rules import Stage
from eoffice.web.principal import Principal

#: Who sets them: leaders and officers of the department.
SETTING = frozenset(
    {PositionKind.HEAD, PositionKind.DEPUTY_HEAD, PositionKind.OFFICE_HEAD, PositionKind.SPECIALIST}
)
_CODE = re.compile(r"[A-Z0-9_-]{2,20}")


@dataclass(frozen=True, slots=True)
class NewKind:
    code: str
    name: str
    stage: Stage | None
    has_blanks: bool
    #: Divided by semicolons; "" where the certificate has none.
    gradings: str
    #: Whether schools still grant it.
    is_offered: bool
    source: str
    reason: str


def may_set(session: Session, who: Principal) -> bool:
    return (
        people.unit(session, who.agency_id).kind is UnitKind.DEPARTMENT
        and PositionKind(who.position_kind) in SETTING
    )


def set_kind(session: Session, new: NewKind, *, by: Principal, at: datetime) -> None:
    """Set a kind anew or confirm it; the row before keeps the time at which it ended.

    Certificates that were granted keep the name that they were granted under. Raises NotAllowed,
    RollWrong.
    """
    if not may_set(session, by):
        raise NotAllowed("Loại văn bằng, chứng chỉ do lãnh đạo, chuyên viên của Sở quy định.")
    wrong: dict[str, str] = {}
    code = rules.tidy(new.code).upper()
    if not _CODE.fullmatch(code):
        wrong["code"] = "Mã có từ 2 đến 20 chữ cái không dấu, chữ số hoặc dấu gạch."
    name = rules.said(new.name, "name", wrong, missing="Ghi tên văn bằng, chứng chỉ.", longest=200)
    gradings = "; ".join(gradings_of(new.gradings))
    rules.said(gradings, "gradings", wrong)
    source = rules.said(new.source, "source", wrong, missing="Ghi căn cứ: số và tên văn bản.")
    reason = rules.said(new.reason, "reason", wrong)
    rules.refuse(wrong)
    before = session.scalars(
        select(CertificateKind)
        .where(CertificateKind.code == code, CertificateKind.replaced_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if before is not None:
        before.replaced_at = at
        session.flush()  # One row of a code is in force at a time.
    row = CertificateKind(
        id=new_id(),
        code=code,
        name=name,
        stage=new.stage,
        has_blanks=new.has_blanks,
        gradings=gradings,
        is_offered=new.is_offered,
        source=source,
        reason=reason,
        confirmed_by=by.person_id,
        confirmed_at=at,
    )
    session.add(row)
    record(
        session,
        "certificate_kind.set",
        object_kind="certificate_kind",
        object_id=row.id,
        by=by,
        at=at,
        details={"code": code},
    )


def gradings_of(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (rules.tidy(each) for each in text.split(";"))))
