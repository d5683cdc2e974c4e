"""Roots and proofs follow RFC 9162, 2.1; a proof that was touched proves nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.audit import merkle
from eoffice.audit.merkle import ProofInvalid

CORPUS = Path(__file__).parents[1] / "corpus" / "rfc6962-merkle"

#: The eight leaves with which Certificate Transparency's own tests began, and the roots of the
#: trees of the first one to eight of them.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def tree(leaves: list[bytes]) -> tuple[merkle.NodeOf, merkle.Growth]:
    nodes: dict[tuple[int, int], bytes] = {}
    growth = merkle.Growth()
    for index, leaf in enumerate(leaves):
        nodes[0, index] = merkle.leaf_hash(leaf)
        for level, place, found in growth.add(nodes[0, index]):
            nodes[level, place] = found
    return lambda level, index: nodes[level, index], growth


def nothing(level: int, index: int) -> bytes:
    raise AssertionError(f"nobody may ask for node {level}/{index}")


def by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_known_trees_have_their_known_roots(size: int) -> None:
    node, growth = tree(LEAVES[:size])

    assert growth.root.hex() == ROOTS[size - 1]
    assert merkle.root(size, node).hex() == ROOTS[size - 1]


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert tree([])[1].root == merkle.root(0, nothing) == sha256().digest()


@given(st.integers(0, 70))
def test_growing_reading_and_defining_give_one_root(size: int) -> None:
    leaves = [str(number).encode() for number in range(size)]
    node, growth = tree(leaves)

    assert growth.root == merkle.root(size, node) == by_definition(leaves)


@given(st.integers(0, 40), st.integers(1, 40))
def test_a_tree_that_was_put_down_grows_on(first: int, more: int) -> None:
    leaves = [str(number).encode() for number in range(first + more)]
    node, whole = tree(leaves)

    resumed = merkle.Growth.of(first, node)
    for leaf in leaves[first:]:
        list(resumed.add(merkle.leaf_hash(leaf)))

    assert (resumed.size, resumed.root) == (whole.size, whole.root)


@given(st.integers(1, 70), st.data())
def test_every_leaf_is_proved_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index or size == 1))
    node, growth = tree([str(number).encode() for number in range(size)])
    proof = merkle.inclusion_proof(index, size, node)

    merkle.verify_inclusion(index, size, node(0, index), proof, growth.root)

    if other != index:
        with pytest.raises(ProofInvalid):
            merkle.verify_inclusion(index, size, node(0, other), proof, growth.root)
        with pytest.raises(ProofInvalid):
            merkle.verify_inclusion(other, size, node(0, index), proof, growth.root)


@given(st.integers(1, 70), st.integers(1, 70))
def test_a_longer_log_is_proved_to_begin_with_the_shorter(one: int, two: int) -> None:
    first, second = sorted((one, two))
    node, _ = tree([str(number).encode() for number in range(second)])
    roots = merkle.root(first, node), merkle.root(second, node)
    proof = merkle.consistency_proof(first, second, node)

    merkle.verify_consistency(first, second, *roots, proof)

    if first < second:
        with pytest.raises(ProofInvalid):
            merkle.verify_consistency(first, second, *roots[::-1], proof)


@given(st.integers(2, 40), st.data())
def test_a_proof_with_one_flipped_bit_proves_nothing(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    node, growth = tree([str(number).encode() for number in range(size)])
    proof = merkle.inclusion_proof(index, size, node)
    step = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    touched = bytearray(proof[step])
    touched[bit // 8] ^= 1 << bit % 8
    proof[step] = bytes(touched)

    with pytest.raises(ProofInvalid):
        merkle.verify_inclusion(index, size, node(0, index), proof, growth.root)


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0)])
def test_there_is_no_proof_for_a_leaf_outside_of_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, nothing)


@pytest.mark.parametrize("first", [0, 3])
def test_a_tree_has_no_empty_beginning_and_none_that_is_larger(first: int) -> None:
    with pytest.raises(ValueError, match="no beginning"):
        merkle.consistency_proof(first, 2, nothing)


def _hash(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _hashes(texts: list[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or []]


#: Kind of the proofs -> how many there are, and what judges one.
CHECKS: dict[str, tuple[int, Callable[[dict[str, Any]], None]]] = {
    "inclusion": (
        98,
        lambda one: merkle.verify_inclusion(
            one["leafIdx"],
            one["treeSize"],
            _hash(one["leafHash"]),
            _hashes(one["proof"]),
            _hash(one["root"]),
        ),
    ),
    "consistency": (
        98,
        lambda one: merkle.verify_consistency(
            one["size1"],
            one["size2"],
            _hash(one["root1"]),
            _hash(one["root2"]),
            _hashes(one["proof"]),
        ),
    ),
    "subtreeinclusion": (
        204,
        lambda one: merkle.verify_subtree_inclusion(
            one["leafIdx"],
            one["start"],
            one["end"],
            _hash(one["leafHash"]),
            _hashes(one["proof"]),
            _hash(one["root"]),
        ),
    ),
    "subtreeconsistency": (
        118,
        lambda one: merkle.verify_subtree_consistency(
            one["start"],
            one["end"],
            one["size"],
            _hash(one["root1"]),
            _hash(one["root2"]),
            _hashes(one["proof"]),
        ),
    ),
}


@pytest.mark.parametrize("kind", sorted(CHECKS))
def test_the_proofs_that_others_wrote_are_judged_as_they_say(kind: str) -> None:
    expected, check = CHECKS[kind]
    lines = (CORPUS / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    wrong = []
    for case in map(json.loads, lines):
        try:
            check(case)
        except ProofInvalid:
            refused = True
        else:
            refused = False
        if refused is not case["wantErr"]:
            wrong.append(case["file"])

    assert len(lines) == expected
    assert wrong == []
