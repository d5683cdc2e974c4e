"""What the department sets for report books: who signs in them, and until when they are closed.

A value is replaced, never overwritten; also to confirm what was proposed. It holds for parts that
are made, and closed, from then on.
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import department_actions
from eoffice.classes.department_actions import Because, SettingInvalid
from eoffice.classes.particulars import tidy
from eoffice.db import new_id
from eoffice.errors import NotAllowed
from eoffice.reports.department_queries import Signing
from eoffice.reports.model import ReportDeadline, ReportRule
from eoffice.reports.rules import DayOfYear, Deadline
from eoffice.web.principal import Principal

LONGEST_TEXT = 500


def set_signing(
    session: Session,
    from_year: str,
    signing: Signing,
    because: Because,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """Who signs in report books from this school year on. Raises NotAllowed, SettingInvalid."""
    row = ReportRule(
        id=new_id(),
        from_year=_checked(session, from_year, by),
        subjects_sign=signing.subjects_sign,
        deputy_may_sign=signing.deputy_may_sign,
        **_because(because),
        confirmed_by=by.person_id,
        confirmed_at=at,
    )
    session.execute(
        update(ReportRule)
        .where(ReportRule.from_year == from_year, ReportRule.replaced_at.is_(None))
        .values(replaced_at=at)
    )
    session.add(row)
    audit.record(
        session,
        "report_rule.set",
        object_kind="rules",
        object_id=row.id,
        by=by,
        at=at,
        details={
            "from_year": from_year,
            "subjects_sign": signing.subjects_sign,
            "deputy_may_sign": signing.deputy_may_sign,
            "source": row.source,
            "reason": row.reason,
        },
    )


def set_deadline(
    session: Session,
    kind: Deadline,
    from_year: str,
    day: DayOfYear,
    because: Because,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """The last day of a kind from this school year on. Raises NotAllowed, SettingInvalid."""
    row = ReportDeadline(
        id=new_id(),
        kind=kind,
        from_year=_checked(session, from_year, by),
        month=day.month,
        day=day.day,
        warn_days=day.warn_days,
        **_because(because),
        confirmed_by=by.person_id,
        confirmed_at=at,
    )
    session.execute(
        update(ReportDeadline)
        .where(
            ReportDeadline.kind == kind,
            ReportDeadline.from_year == from_year,
            ReportDeadline.replaced_at.is_(None),
        )
        .values(replaced_at=at)
    )
    session.add(row)
    audit.record(
        session,
        "report_deadline.set",
        object_kind="rules",
        object_id=row.id,
        by=by,
        at=at,
        details={
            "kind": kind,
            "from_year": from_year,
            "month": day.month,
            "day": day.day,
            "warn_days": day.warn_days,
            "source": row.source,
            "reason": row.reason,
        },
    )


def _checked(session: Session, from_year: str, by: Principal) -> str:
    if not department_actions.may_set(session, by):
        raise NotAllowed("Chỉ lãnh đạo, chuyên viên của Sở Giáo dục và Đào tạo ghi quy định này.")
    found = re.fullmatch(r"([0-9]{4})-([0-9]{4})", from_year)
    if found is None or int(found[2]) != int(found[1]) + 1:
        raise SettingInvalid(
            "Năm học ghi như 2024-2025.", fields={"from_year": "Ghi như 2024-2025."}
        )
    return from_year


def _because(because: Because) -> dict[str, str]:
    said = {"source": tidy(because.source), "reason": tidy(because.reason)}
    names = {"source": "văn bản quy định", "reason": "lý do"}
    faults = {
        key: f"Hãy ghi {names[key]}, từ 3 đến {LONGEST_TEXT} ký tự."
        for key, text in said.items()
        if not 3 <= len(text) <= LONGEST_TEXT
    }
    if faults:
        raise SettingInvalid("Quy định chưa ghi được.", fields=faults)
    return said
