"""The whole log, recomputed: what `eoffice audit verify` runs. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.audit import checkpoint, merkle, queries
from eoffice.audit.checkpoint import Checkpoint, CheckpointInvalid, Verifier
from eoffice.audit.model import AuditEvent, MerkleNode, TreeHead

#: Faults that are named one by one; the rest is counted.
MOST_NAMED = 20
BATCH = 2000


@dataclass(frozen=True, slots=True)
class LogReport:
    """What was found; `lines` are for people, the last one says the result."""

    size: int
    without_place: int
    heads: int
    faults: tuple[str, ...]
    #: The signed head with the most events.
    newest_note: str | None = None

    @property
    def is_intact(self) -> bool:
        return not self.faults

    @property
    def lines(self) -> tuple[str, ...]:
        said = [
            f"Nhật ký có {self.size} sự kiện đã xếp vào cây, {self.heads} đầu cây đã ký.",
        ]
        if self.without_place:
            said.append(f"{self.without_place} sự kiện mới còn chờ được xếp vào cây.")
        said += (f"LỖI: {fault}" for fault in self.faults[:MOST_NAMED])
        if len(self.faults) > MOST_NAMED:
            said.append(f"… và {len(self.faults) - MOST_NAMED} lỗi khác.")
        said.append(
            "Nhật ký nguyên vẹn: mọi sự kiện khớp với các đầu cây đã ký."
            if self.is_intact
            else f"Nhật ký KHÔNG nguyên vẹn: {len(self.faults)} lỗi."
        )
        return tuple(said)


@dataclass(slots=True)
class _Examination:
    session: Session
    verifier: Verifier
    faults: list[str] = field(default_factory=list)

    def roots(self, sizes: set[int]) -> tuple[int, dict[int, bytes]]:
        """Walk the events in order; the size of the log, and its root at each of these sizes."""
        growth = merkle.Growth()
        found = {0: growth.root} if 0 in sizes else {}
        events = self.session.scalars(
            select(AuditEvent)
            .where(AuditEvent.leaf_index.is_not(None))
            .order_by(AuditEvent.leaf_index)
            .execution_options(yield_per=BATCH)
        )
        stored = self._stored_nodes()
        for event in events:
            if event.leaf_index != growth.size:
                self.faults.append(
                    f"Thiếu sự kiện ở vị trí {growth.size}: vị trí tiếp theo là {event.leaf_index}."
                )
                break
            computed = merkle.leaf_hash(queries.leaf_of(event))
            if computed != event.leaf_hash:
                self.faults.append(
                    f"Sự kiện {event.id} ở vị trí {event.leaf_index} ({event.action}) đã bị sửa."
                )
            for level, index, subtree in growth.add(computed):
                self._compare(stored, level, index, subtree)
            if growth.size in sizes:
                found[growth.size] = growth.root
            self.session.expunge(event)
        events.close()
        if stored:
            self.faults.append(f"Bảng mã băm có {len(stored)} nút không thuộc về cây.")
        return growth.size, found

    def _stored_nodes(self) -> dict[tuple[int, int], bytes]:
        rows = self.session.execute(select(MerkleNode.level, MerkleNode.index, MerkleNode.hash))
        return {(level, index): found for level, index, found in rows}

    def _compare(
        self, stored: dict[tuple[int, int], bytes], level: int, index: int, computed: bytes
    ) -> None:
        kept = stored.pop((level, index), None)
        if kept is None:
            self.faults.append(f"Bảng mã băm thiếu nút {index} ở tầng {level}.")
        elif kept != computed:
            self.faults.append(f"Mã băm của nút {index} ở tầng {level} không đúng.")


def examine(
    session: Session, verifier: Verifier, remembered: Sequence[Checkpoint] = ()
) -> LogReport:
    """See `actions.verify_log`."""
    examination = _Examination(session, verifier)
    heads = session.scalars(select(TreeHead).order_by(TreeHead.size)).all()
    sizes = {head.size for head in heads} | {kept.size for kept in remembered}
    size, roots = examination.roots(sizes)
    for head in heads:
        examination.faults += _faults_of(head, verifier, size, roots)
    for kept in remembered:
        examination.faults += _faults_of_remembered(kept, size, roots)
    if size and (not heads or heads[-1].size < size):
        examination.faults.append("Các sự kiện cuối cùng không có đầu cây nào xác nhận.")
    waiting = session.scalar(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.leaf_index.is_(None))
    )
    newest = heads[-1].note if heads else None
    return LogReport(size, waiting or 0, len(heads), tuple(examination.faults), newest)


def _faults_of_remembered(kept: Checkpoint, size: int, roots: dict[int, bytes]) -> list[str]:
    """What only somebody who remembers can find: all tables were set back, or made anew."""
    if kept.size > size:
        return [
            f"Nhật ký bị lùi: đầu cây ghi nhớ bên ngoài xác nhận {kept.size} sự kiện nhưng nhật ký"
            f" chỉ còn {size}."
        ]
    if roots.get(kept.size) != kept.root:
        return [
            f"Lịch sử bị sửa: {kept.size} sự kiện đầu không phải là những sự kiện mà đầu cây ghi"
            " nhớ bên ngoài xác nhận."
        ]
    return []


def _faults_of(head: TreeHead, verifier: Verifier, size: int, roots: dict[int, bytes]) -> list[str]:
    try:
        signed = checkpoint.opened(head.note, verifier)
    except CheckpointInvalid as invalid:
        return [f"Đầu cây {head.size}: {invalid}"]
    if (signed.size, signed.root, signed.at) != (head.size, head.root_hash, head.at):
        return [f"Đầu cây {head.size}: bảng ghi khác với nội dung đã ký."]
    if signed.size > size:
        return [
            f"Đầu cây đã ký xác nhận {signed.size} sự kiện nhưng nhật ký chỉ còn {size}:"
            " có sự kiện đã bị xóa."
        ]
    if roots.get(signed.size) != signed.root:
        return [f"Đầu cây {head.size}: các sự kiện hiện có không cho ra gốc đã ký."]
    return []
