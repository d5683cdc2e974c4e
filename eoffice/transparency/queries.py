"""What is published: the newest head with its co-signatures, tiles, time-stamps."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.audit.model import MerkleNode, TreeHead
from eoffice.audit.tiles import HEIGHT, Tile
from eoffice.transparency.model import CosignatureLine, HeadTimestamp, PublishedHead


def newest(session: Session) -> TreeHead | None:
    """The published head with the most events."""
    return session.scalars(
        select(TreeHead)
        .join(PublishedHead, PublishedHead.size == TreeHead.size)
        .order_by(TreeHead.size.desc())
        .limit(1)
    ).one_or_none()


def checkpoint(session: Session) -> str | None:
    """The newest published head with what witnesses signed below; None before the first."""
    head = newest(session)
    if head is None:
        return None
    lines = session.scalars(
        select(CosignatureLine.line)
        .where(CosignatureLine.size == head.size)
        .order_by(CosignatureLine.witness)
    )
    return head.note + "".join(f"{line}\n" for line in lines)


def tile(session: Session, asked: Tile, *, size: int) -> bytes | None:
    """The hashes of a tile; None where a tree of `size` leaves has not all of them."""
    if not asked.is_in(size):
        return None
    low, high = asked.start, asked.start + asked.width
    if asked.level == 0:
        leaves = func.leaf_digests(low, high).table_valued("leaf_index", "leaf_hash")
        found = session.scalars(select(leaves.c.leaf_hash).order_by(leaves.c.leaf_index)).all()
    else:
        found = session.scalars(
            select(MerkleNode.hash)
            .where(
                MerkleNode.level == HEIGHT * asked.level,
                MerkleNode.index >= low,
                MerkleNode.index < high,
            )
            .order_by(MerkleNode.index)
        ).all()
    return b"".join(found) if len(found) == asked.width else None


def without_timestamp(session: Session) -> TreeHead | None:
    """The newest published head, while nobody has stamped it."""
    head = newest(session)
    if head is None or session.get(HeadTimestamp, head.size) is not None:
        return None
    return head


def timestamp(session: Session, size: int) -> bytes | None:
    """The time-stamp of a published head."""
    return session.scalar(select(HeadTimestamp.token).where(HeadTimestamp.size == size))
