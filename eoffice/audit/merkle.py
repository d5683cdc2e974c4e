"""The arithmetic of the log: a binary Merkle tree over leaves that are only ever added.

Hashes, roots and proofs of RFC 6962 and RFC 9162, 2.1. Only complete subtrees are ever stored:
node `(level, index)` covers the leaves from `index << level` to `(index + 1) << level`, so a stored
hash never changes, and everything else is computed from at most one node on each level.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Self, TypeAlias

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

#: Gives the hash of a complete subtree: level, index.
NodeOf: TypeAlias = Callable[[int, int], bytes]


class ProofInvalid(Exception):
    """The proof does not show what it is said to show."""


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 9162, 2.1.1: leaves and nodes are hashed under different prefixes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete_subtrees(size: int) -> Iterator[tuple[int, int]]:
    """The largest complete subtrees of a tree of this size, from left to right."""
    start = 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            yield level, start >> level
            start += 1 << level


def root(size: int, node: NodeOf) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _hash_of(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: NodeOf) -> list[bytes]:
    """Audit path of a leaf in the tree of the first `size` leaves (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_hash_of(middle, high, node))
            high = middle
        else:
            path.append(_hash_of(low, middle, node))
            low = middle
    return path[::-1]


def consistency_proof(first: int, second: int, node: NodeOf) -> list[bytes]:
    """That the tree of `second` leaves begins with the tree of `first` (RFC 9162, 2.1.4.1)."""
    if not 0 < first <= second:
        raise ValueError(f"a tree of {second} leaves has no beginning of {first}")
    if first == second:
        return []
    path: list[bytes] = []
    low, high, whole = 0, second, True
    while first != high:
        middle = low + _split(high - low)
        if first <= middle:
            path.append(_hash_of(middle, high, node))
            high = middle
        else:
            path.append(_hash_of(low, middle, node))
            low, whole = middle, False
    if not whole:
        path.append(_hash_of(low, high, node))
    return path[::-1]


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected_root: bytes
) -> None:
    """That the leaf with this hash stands at `index` under the root. Raises ProofInvalid."""
    verify_subtree_inclusion(index, 0, size, leaf, proof, expected_root)


def verify_subtree_inclusion(
    index: int, start: int, end: int, leaf: bytes, proof: Sequence[bytes], expected_root: bytes
) -> None:
    """That the leaf stands at `index` of the log, under the root of the leaves `start` to `end`.

    RFC 9162, 2.1.3.2, for subtrees as in draft-ietf-plants-merkle-tree-certs.
    Raises ProofInvalid.
    """
    _require_subtree(start, end)
    if not start <= index < end:
        raise ProofInvalid("the leaf lies outside of the tree")
    _require_hashes(leaf, expected_root, *proof)
    place, last, found = index - start, end - start - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofInvalid("the proof is too short")
    if found != expected_root:
        raise ProofInvalid("the proof leads to another root")


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """That the second tree begins with the first. Raises ProofInvalid."""
    if not 0 < first <= second:
        # Every tree begins with the empty one, so that would prove nothing.
        raise ProofInvalid("the sizes do not fit")
    verify_subtree_consistency(0, first, second, first_root, second_root, proof)


def verify_subtree_consistency(
    start: int, end: int, size: int, subtree_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """That the leaves `start` to `end` of the tree of `size` have this root of their own.

    RFC 9162, 2.1.4.2, for subtrees as in draft-ietf-plants-merkle-tree-certs. Every tree has the
    empty subtree, of which nothing is proved. Raises ProofInvalid.
    """
    if not 0 <= start <= end <= size:
        raise ProofInvalid("the sizes do not fit")
    if start == end or (start, end) == (0, size):
        if proof:
            raise ProofInvalid("the proof is too long")
        if subtree_root != (EMPTY_ROOT if start == end else root):
            raise ProofInvalid("one size has two roots")
        return
    _require_subtree(start, end)
    _require_hashes(subtree_root, root, *proof)
    low, high, last = start, end - 1, size - 1
    # The largest part of the subtree's right edge that stands in the tree as it is.
    while low != high and (end == size or high & 1):
        low, high, last = low >> 1, high >> 1, last >> 1
    path = list(proof)
    if low == high:
        path.insert(0, subtree_root)
    if not path:
        raise ProofInvalid("the proof is too short")
    part = whole = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if high & 1 or high == last:
            if low < high:
                part = node_hash(sibling, part)
            whole = node_hash(sibling, whole)
            while high and not high & 1:
                low, high, last = low >> 1, high >> 1, last >> 1
        else:
            whole = node_hash(whole, sibling)
        low, high, last = low >> 1, high >> 1, last >> 1
    if last != 0:
        raise ProofInvalid("the proof is too short")
    if part != subtree_root or whole != root:
        raise ProofInvalid("the proof leads to another root")


class Growth:
    """A tree that grows: keeps the complete subtrees of its right edge and nothing more."""

    def __init__(self) -> None:
        self._edge: list[tuple[int, bytes]] = []
        self.size = 0

    @classmethod
    def of(cls, size: int, node: NodeOf) -> Self:
        """Go on with a tree of `size` leaves, of which `node` knows the complete subtrees."""
        growth = cls()
        growth._edge = [(level, node(level, index)) for level, index in complete_subtrees(size)]
        growth.size = size
        return growth

    def add(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Add a leaf by its hash; the subtrees that became complete: level, index, hash."""
        index, level = self.size, 0
        self.size += 1
        self._edge.append((0, leaf))
        while len(self._edge) > 1 and self._edge[-2][0] == level:
            right, left = self._edge.pop()[1], self._edge.pop()[1]
            level, index = level + 1, index >> 1
            self._edge.append((level, node_hash(left, right)))
            yield level, index, self._edge[-1][1]

    @property
    def root(self) -> bytes:
        if not self._edge:
            return EMPTY_ROOT
        found = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found


def _hash_of(low: int, high: int, node: NodeOf) -> bytes:
    """The hash over the leaves from `low` to `high`, where `low` begins a subtree of the tree."""
    width = high - low
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, low >> level)
    middle = low + _split(width)
    return node_hash(_hash_of(low, middle, node), _hash_of(middle, high, node))


def _split(width: int) -> int:
    """The largest power of two that is smaller than `width`."""
    return 1 << (width - 1).bit_length() - 1


def _require_hashes(*hashes: bytes) -> None:
    if any(len(one) != HASH_BYTES for one in hashes):
        raise ProofInvalid("something in the proof is not a hash")


def _require_subtree(start: int, end: int) -> None:
    """What can be a subtree of a larger tree: it begins at a multiple of its completed width."""
    if not 0 <= start < end or start & ((1 << (end - start - 1).bit_length()) - 1):
        raise ProofInvalid("there is no such subtree")
