"""Every event gets one place, the head is signed, and whatever is touched later is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from eoffice.audit import actions, checkpoint, merkle, queries
from eoffice.audit.checkpoint import Signer
from eoffice.audit.model import AuditEvent, MerkleNode, TreeHead
from eoffice.audit.verification import LogReport
from tests.audit.test_record import CLERK

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
_numbers = count(1)


def happened(session: Session, at: datetime, times: int) -> list[UUID]:
    return [
        actions.record(
            session,
            "document.numbered",
            object_kind="document",
            object_id=UUID(int=7),
            by=CLERK,
            at=at,
            details={"number": next(_numbers)},
        )
        for _ in range(times)
    ]


def sequence(session: Session, at: datetime, limit: int = 1000) -> int:
    return actions.sequence(session, at=at, limit=limit, signer=SIGNER)


def report(session: Session) -> LogReport:
    session.flush()
    session.expire_all()
    return actions.verify_log(session, verifier=SIGNER.verifier)


@contextmanager
def unguarded(session: Session) -> Iterator[None]:
    """What only somebody with the whole database in hand can do."""
    session.flush()
    session.execute(text("set local session_replication_role = replica"))
    yield
    session.execute(text("set local session_replication_role = origin"))


def test_events_get_places_without_gaps_in_the_order_of_their_identifiers(
    session: Session, at: datetime
) -> None:
    made = happened(session, at, 5)

    assert sequence(session, at, limit=3) == 3
    assert sequence(session, at) == 2
    assert sequence(session, at) == 0

    placed = session.execute(select(AuditEvent.id).order_by(AuditEvent.leaf_index)).scalars()
    assert list(placed) == made


def test_the_stored_tree_is_the_tree_of_the_events(session: Session, at: datetime) -> None:
    made = []
    for batch in (1, 2, 3, 7, 1, 11):
        made += happened(session, at, batch)
        sequence(session, at)

    leaves = [queries.leaf_of(session.get_one(AuditEvent, one)) for one in made]
    growth = merkle.Growth()
    for leaf in leaves:
        list(growth.add(merkle.leaf_hash(leaf)))
    head = queries.newest_head(session)
    assert head is not None
    assert (head.size, head.root_hash) == (25, growth.root)
    assert session.scalar(select(func.count()).select_from(MerkleNode)) == 22


def test_the_head_is_signed_by_the_log(session: Session, at: datetime) -> None:
    happened(session, at, 3)
    sequence(session, at)

    head = queries.signed_head(session)

    assert head is not None
    signed = checkpoint.opened(head[1], SIGNER.verifier)
    assert (signed.size, signed.at) == (3, at)


def test_an_event_is_proved_under_the_newest_head(session: Session, at: datetime) -> None:
    made = happened(session, at, 6)
    sequence(session, at)

    for proven in queries.proofs(session, made, size=6):
        head = queries.newest_head(session)
        assert head is not None
        merkle.verify_inclusion(
            proven.index, 6, merkle.leaf_hash(proven.leaf), proven.path, head.root_hash
        )


def test_an_event_without_place_is_not_proved_yet(session: Session, at: datetime) -> None:
    made = happened(session, at, 1)
    session.flush()

    with pytest.raises(queries.NotYetInLog):
        queries.proofs(session, made, size=0)


def test_an_untouched_log_is_intact(session: Session, at: datetime) -> None:
    happened(session, at, 9)
    sequence(session, at, limit=4)
    sequence(session, at)
    happened(session, at, 1)

    found = report(session)

    assert found.is_intact, found.lines
    assert (found.size, found.without_place, found.heads) == (9, 1, 2)
    assert found.lines[-1].startswith("Nhật ký nguyên vẹn")


def test_an_empty_log_is_intact(session: Session) -> None:
    assert report(session).is_intact


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("update audit_events set details = '{\"number\": 1}' where leaf_index = 4", "đã bị sửa"),
        ("update audit_events set actor_name = 'Ai đó' where leaf_index = 4", "đã bị sửa"),
        ("update audit_events set at = at + interval '1 us' where leaf_index = 4", "đã bị sửa"),
        ("delete from audit_events where leaf_index = 4", "Thiếu sự kiện ở vị trí 4"),
        ("delete from audit_events where leaf_index = 8", "có sự kiện đã bị xóa"),
        ("update merkle_nodes set hash = '\\x00' where level = 2 and index = 0", "không đúng"),
        ("delete from merkle_nodes where level = 2 and index = 0", "thiếu nút"),
        ("insert into merkle_nodes values (9, 0, '\\x00')", "không thuộc về cây"),
        ("delete from tree_heads where size = 9", "không có đầu cây nào xác nhận"),
        ("update tree_heads set at = at + interval '1 s' where size = 4", "khác với nội dung"),
        ("update tree_heads set note = 'x' where size = 4", "không đúng định dạng"),
    ],
)
def test_whatever_is_touched_is_found(
    session: Session, at: datetime, statement: str, says: str
) -> None:
    happened(session, at, 9)
    sequence(session, at, limit=4)
    sequence(session, at)
    with unguarded(session):
        session.execute(text(statement))

    found = report(session)

    assert not found.is_intact
    assert any(says in line for line in found.lines), found.lines


def test_a_history_rewritten_with_all_its_hashes_does_not_fit_the_signed_heads(
    session: Session, at: datetime
) -> None:
    happened(session, at, 3)
    sequence(session, at)
    with unguarded(session):
        session.execute(text("update audit_events set actor_name = 'Ai đó' where leaf_index = 2"))
        session.expire_all()
        touched = session.scalars(select(AuditEvent).where(AuditEvent.leaf_index == 2)).one()
        touched.leaf_hash = merkle.leaf_hash(queries.leaf_of(touched))
        session.flush()

    found = report(session)

    assert any("không cho ra gốc đã ký" in line for line in found.lines), found.lines


def test_a_head_of_another_key_is_found(session: Session, at: datetime) -> None:
    happened(session, at, 2)
    actions.sequence(session, at=at, limit=9, signer=Signer(Ed25519PrivateKey.generate()))

    assert "không do nhật ký này ký" in report(session).faults[0]


def test_every_recorded_event_has_a_head_of_its_own_batch_only(
    session: Session, at: datetime
) -> None:
    happened(session, at, 2)
    sequence(session, at)
    sequence(session, at)

    assert session.scalars(select(TreeHead.size)).all() == [2]
