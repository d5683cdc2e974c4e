"""The log's tree in pieces of 256 hashes that any static server can keep. Pure.

Layout of C2SP `tlog-tiles`: tile `(level, index)` holds up to 256 hashes of complete subtrees of
256**level leaves each. A full tile never changes; the last one of a level is partial and is named
with its width, so that what stands under a name never changes either.

Entries themselves are not published: they name people. A leaf's digest is in level 0; nobody can
guess the leaf from it, because the event's identifier in it has 74 random bits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias

from eoffice.audit import merkle

#: Levels of the tree in one tile, and hashes of a full one.
HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
#: A tree has less than 2**63 leaves.
_MOST_LEVEL: Final = 7
_PLACE: Final = re.compile(r"((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)


class TileUnknown(ValueError):
    """No tile has this name."""


class TilesBroken(Exception):
    """Tiles do not hold the tree of the signed head; the text names the tile."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One piece: which, and how many hashes of it there are."""

    level: int
    index: int
    width: int = WIDTH

    @classmethod
    def parse(cls, level: int, place: str) -> Self:
        """Read what follows `tile/` in an address. Raises TileUnknown."""
        found = _PLACE.fullmatch(place)
        if found is None or not 0 <= level <= _MOST_LEVEL:
            raise TileUnknown(place)
        index = int(found[1].replace("x", "").replace("/", ""))
        tile = cls(level, index, int(found[2] or WIDTH))
        if tile.width > WIDTH or tile.path != f"tile/{level}/{place}":
            raise TileUnknown(place)
        return tile

    @property
    def path(self) -> str:
        """tile/0/x001/234, tile/1/005.p/17"""
        digits = f"{self.index:03}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        part = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{place}{part}"

    @property
    def start(self) -> int:
        """Index of its first hash among those of its level."""
        return self.index * WIDTH

    def is_in(self, size: int) -> bool:
        """Whether a tree of `size` leaves has all hashes of this tile."""
        return self.start + self.width <= size >> HEIGHT * self.level


def of_tree(size: int) -> Iterator[Tile]:
    """Every tile of a tree of `size` leaves, level by level, from left to right."""
    level = 0
    while hashes := size >> HEIGHT * level:
        for index in range(-(-hashes // WIDTH)):
            yield Tile(level, index, min(WIDTH, hashes - index * WIDTH))
        level += 1


#: Gives the bytes of a tile: its hashes, one after the other.
Read: TypeAlias = Callable[[Tile], bytes]


class TileTree:
    """The tree of a signed head, read from tiles; nothing is believed that its root does not bear.

    Reads each tile once, and of a tree of n leaves only about log(n) / 8 tiles for a proof.
    """

    def __init__(self, size: int, root: bytes, read: Read) -> None:
        """Raises TilesBroken when the right edge does not give the root, and what `read` raises."""
        self.size, self._read = size, read
        self._known: dict[tuple[int, int], tuple[bytes, ...]] = {}
        # The right edge has every hash of every partial tile; full ones are held against the
        # hash that the tile above has of them.
        if merkle.root(size, self.node) != root:
            raise TilesBroken("checkpoint")

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree, as `merkle.NodeOf` wants it."""
        tile_level, within = divmod(level, HEIGHT)
        first = index << within
        hashes = self.hashes(tile_level, first // WIDTH)
        offset = first % WIDTH
        return _joined(hashes[offset : offset + (1 << within)])

    def hashes(self, level: int, index: int) -> tuple[bytes, ...]:
        """What stands in a tile of this tree."""
        if (level, index) not in self._known:
            self._known[level, index] = self._checked(level, index)
        return self._known[level, index]

    def _checked(self, level: int, index: int) -> tuple[bytes, ...]:
        count = self.size >> HEIGHT * level
        tile = Tile(level, index, min(WIDTH, count - index * WIDTH))
        found = self._read(tile)
        if len(found) != tile.width * merkle.HASH_BYTES:
            raise TilesBroken(tile.path)
        hashes = tuple(
            found[at : at + merkle.HASH_BYTES] for at in range(0, len(found), merkle.HASH_BYTES)
        )
        if tile.width == WIDTH:
            above, place = divmod(index, WIDTH)
            if _joined(hashes) != self.hashes(level + 1, above)[place]:
                raise TilesBroken(tile.path)
        return hashes

    def check_all(self) -> None:
        """Read every tile from the top down. Raises TilesBroken with the first that is wrong.

        Keeps one tile of the lowest level at a time.
        """
        for tile in sorted(of_tree(self.size), key=lambda one: (-one.level, one.index)):
            self.hashes(tile.level, tile.index)
            if tile.level == 0:
                del self._known[tile.level, tile.index]


def _joined(hashes: Sequence[bytes]) -> bytes:
    """The root over hashes whose number is a power of two."""
    while len(hashes) > 1:
        hashes = [merkle.node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]
