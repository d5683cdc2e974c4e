"""The tree in tiles: their names, their hashes, and that nothing wrong in them is believed."""

from __future__ import annotations

import pytest

from eoffice.audit import merkle
from eoffice.audit.tiles import WIDTH, Tile, TilesBroken, TileTree, TileUnknown, of_tree


def levels(size: int) -> list[list[bytes]]:
    """All complete subtrees of a tree, level by level."""
    found = [[merkle.leaf_hash(str(number).encode()) for number in range(size)]]
    while len(found[-1]) > 1:
        below = found[-1]
        found.append([merkle.node_hash(*below[at : at + 2]) for at in range(0, len(below) - 1, 2)])
    return found


def root(size: int, tree: list[list[bytes]]) -> bytes:
    return merkle.root(size, lambda level, index: tree[level][index])


def bytes_of(tree: list[list[bytes]], tile: Tile) -> bytes:
    hashes = tree[8 * tile.level]
    return b"".join(hashes[tile.start : tile.start + tile.width])


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 5), "tile/0/005"),
        (Tile(1, 0, 17), "tile/1/000.p/17"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(2, 1000, 1), "tile/2/x001/000.p/1"),
    ],
)
def test_a_tile_is_named_as_the_layout_wants(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert Tile.parse(tile.level, path.removeprefix(f"tile/{tile.level}/")) == tile


@pytest.mark.parametrize(
    "place",
    [
        "",
        "5",
        "0005",
        "x000/005",
        "005.p/0",
        "005.p/256",
        "005.p/300",
        "005.p/01",
        "../005",
        "x1/005",
    ],
)
def test_no_tile_has_two_names(place: str) -> None:
    with pytest.raises(TileUnknown):
        Tile.parse(0, place)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 513, 1000])
def test_the_tiles_hold_the_tree_of_the_head(size: int) -> None:
    tree = levels(size)
    read = TileTree(size, root(size, tree), lambda tile: bytes_of(tree, tile))
    read.check_all()
    for began in {1, size // 2, size} - {0}:
        assert merkle.root(began, read.node) == root(began, tree)


def test_a_proof_reads_few_tiles() -> None:
    size = 70_000
    tree = levels(size)
    asked: list[str] = []

    def counted(tile: Tile) -> bytes:
        asked.append(tile.path)
        return bytes_of(tree, tile)

    read = TileTree(size, root(size, tree), counted)
    path = merkle.inclusion_proof(12_345, size, read.node)
    leaf = merkle.leaf_hash(b"12345")
    merkle.verify_inclusion(12_345, size, leaf, tuple(path), root(size, tree))
    assert len(asked) <= 6
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("size", [300, 600])
def test_whatever_is_wrong_in_a_tile_is_found(size: int) -> None:
    tree = levels(size)
    for wrong in of_tree(size):

        def touched(tile: Tile, wrong: Tile = wrong) -> bytes:
            data = bytearray(bytes_of(tree, tile))
            if tile == wrong:
                data[-1] ^= 1
            return bytes(data)

        with pytest.raises(TilesBroken):
            TileTree(size, root(size, tree), touched).check_all()


def test_a_tile_that_is_too_short_is_wrong() -> None:
    tree = levels(10)
    with pytest.raises(TilesBroken):
        TileTree(10, root(10, tree), lambda tile: bytes_of(tree, tile)[:-1])


def test_a_tree_has_each_tile_once() -> None:
    found = list(of_tree(WIDTH * WIDTH + 1))
    assert len(found) == len(set(found)) == 257 + 1 + 1
