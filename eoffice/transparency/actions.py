"""What happens to what is published: heads, their time-stamps, witnesses and what they sign."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.audit import checkpoint
from eoffice.audit import queries as log
from eoffice.audit.checkpoint import CheckpointInvalid, Verifier
from eoffice.audit.cosignature import Witness
from eoffice.audit.model import TreeHead
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.transparency.model import CosignatureLine, HeadTimestamp, PublishedHead, WitnessKey

#: Names of witnesses become identifiers of events under it.
_WITNESSES = UUID("0b1a6a0e-59f6-5c5c-8c8e-6962916200f1")
BY = "command:audit"


class WitnessKnown(Conflict):
    """There is a witness of this name already."""


class WitnessUnknown(NotAllowed):
    """The office knows no such witness, or takes nothing from it any more."""


class HeadUnknown(NotFound):
    """The log has published no such head."""


class CosignatureInvalid(Invalid):
    """What was sent is not a head of this log that the witness signed."""


def publish(session: Session, *, at: datetime) -> int | None:
    """Publish the newest head; its size, or None where that was done before or there is none."""
    head = log.newest_head(session)
    if head is None:
        return None
    return session.scalar(
        insert(PublishedHead)
        .values(size=head.size, published_at=at)
        .on_conflict_do_nothing()
        .returning(PublishedHead.size)
    )


def note_timestamp(session: Session, size: int, token: bytes, *, stamped_at: datetime) -> None:
    """Keep the time-stamp of a published head; the first one stays."""
    session.execute(
        insert(HeadTimestamp)
        .values(size=size, token=token, stamped_at=stamped_at)
        .on_conflict_do_nothing()
    )


def register(session: Session, witness: Witness, *, at: datetime) -> None:
    """Take co-signatures of this witness from now on.

    Idempotent for one key. Raises WitnessKnown: a name keeps its key for ever, so that nobody can
    stand in for somebody who has signed before.
    """
    known = session.get(WitnessKey, witness.name)
    if known is not None:
        if known.key == str(witness) and known.retired_at is None:
            return
        raise WitnessKnown(
            f"Tên nhân chứng {witness.name} đã dùng. Hãy tạo khóa mới với một tên khác."
        )
    session.add(WitnessKey(name=witness.name, key=str(witness), registered_at=at))
    _record(session, "witness.registered", witness.name, at)


def retire(session: Session, name: str, *, at: datetime) -> None:
    """Take nothing from a witness any more; what it signed stays. Raises WitnessUnknown."""
    known = session.get(WitnessKey, name)
    if known is None or known.retired_at is not None:
        raise WitnessUnknown(f"Không có nhân chứng đang dùng nào tên là {name}.")
    known.retired_at = at
    _record(session, "witness.retired", name, at)


def take(session: Session, note: str, verifier: Verifier, *, at: datetime) -> int:
    """Keep the co-signatures under a head that a witness sends back; the head's size.

    Idempotent. Raises CosignatureInvalid, HeadUnknown, WitnessUnknown.
    """
    try:
        sent = checkpoint.cosigned(note, verifier)
    except CheckpointInvalid as invalid:
        raise CosignatureInvalid(str(invalid)) from invalid
    head = session.scalar(
        select(TreeHead)
        .join(PublishedHead, PublishedHead.size == TreeHead.size)
        .where(TreeHead.size == sent.head.size)
    )
    if head is None or head.note != sent.note:
        raise HeadUnknown("Nhật ký chưa công bố đầu cây này.")
    known = {
        each.name: Witness.parse(each.key)
        for each in session.scalars(select(WitnessKey).where(WitnessKey.retired_at.is_(None)))
    }
    kept = 0
    for line in sent.lines:
        witness = known.get(line.removeprefix("— ").partition(" ")[0])
        if witness is None:
            continue
        try:
            cosigned_at = witness.cosigned_at(sent.body, line)
        except CheckpointInvalid as invalid:
            raise CosignatureInvalid(str(invalid)) from invalid
        session.execute(
            insert(CosignatureLine)
            .values(
                size=head.size,
                witness=witness.name,
                line=line,
                cosigned_at=cosigned_at,
                received_at=at,
            )
            .on_conflict_do_nothing()
        )
        kept += 1
    if not kept:
        raise WitnessUnknown(
            "Chưa có nhân chứng nào trong các chữ ký này được văn phòng đăng ký. Hãy gửi khóa công"
            " khai của nhân chứng cho người quản trị để chạy: eoffice audit register-witness."
        )
    return head.size


def _record(session: Session, action: str, name: str, at: datetime) -> None:
    audit.record(
        session,
        action,
        object_kind="witness",
        object_id=uuid5(_WITNESSES, name),
        by=BY,
        at=at,
        details={"witness": name},
    )
