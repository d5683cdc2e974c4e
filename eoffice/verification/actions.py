"""What verifying a stored file again leaves behind: a verdict, and who is told that it changed."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.archive import telling
from eoffice.archive.model import ArchiveEntry
from eoffice.archive.verification_model import StoredVerdict
from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.signing.verdict import Finding, Verdict
from eoffice.verification.rules import Judgement

_WORDS: Final = {
    Finding.INTACT: "nguyên vẹn",
    Finding.CHANGED: "đã bị thay đổi",
    Finding.INVALID: "không hợp lệ",
    Finding.UNVERIFIABLE: "không kiểm tra được",
    Finding.UNSIGNED: "không có chữ ký số",
}


def note(session: Session, entry_id: UUID, verdict: Verdict, *, by: str, at: datetime) -> bool:
    """Keep what was found; whether it is another finding, level or indication than before.

    The first check is held against what was found when the file was taken in. News is put on
    record, and told to the clerks of the agency and to the operators. Idempotent for one `at`.
    """
    entry = session.get_one(ArchiveEntry, entry_id, with_for_update=True)
    latest = session.scalars(
        select(StoredVerdict)
        .where(StoredVerdict.entry_id == entry_id)
        .order_by(StoredVerdict.checked_at.desc())
        .limit(1)
    ).one_or_none()
    before = (
        Judgement.of(Verdict.from_json(entry.verdict))
        if latest is None
        else Judgement(latest.finding, latest.level, latest.indication)
    )
    now = Judgement.of(verdict)
    if latest is not None and now == before:
        latest.checked_at = at
        return False
    session.add(
        StoredVerdict(
            id=new_id(),
            entry_id=entry_id,
            agency_id=entry.agency_id,
            finding=now.finding,
            level=now.level,
            indication=now.indication,
            reason=verdict.reason,
            since=at,
            checked_at=at,
        )
    )
    if now == before:
        return False
    audit.record(
        session,
        "archive.verdict_changed",
        object_kind="archive_entry",
        object_id=entry_id,
        by=by,
        at=at,
        details={
            "content_sha256": entry.content_sha256,
            "before": _details(before),
            "now": _details(now),
        },
    )
    telling.tell(
        session,
        entry,
        _words(before, now),
        cause=f"verification:{entry.id}:{at.isoformat()}",
        at=at,
    )
    return True


def _details(one: Judgement) -> dict[str, str | None]:
    return {"finding": one.finding.value, "level": one.level, "indication": one.indication}


def _words(before: Judgement, now: Judgement) -> str:
    return f"chữ ký trước đây {_said(before)}, nay {_said(now)}"


def _said(one: Judgement) -> str:
    level = f", mức {one.level}" if one.level else ""
    indication = f" ({one.indication})" if one.indication else ""
    return f"{_WORDS[one.finding]}{level}{indication}"
