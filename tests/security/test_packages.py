"""Somebody who makes a package anew, with a manifest that fits, proves nothing by it."""

from __future__ import annotations

import json

import pytest

from eoffice.archive import package
from eoffice.audit import leaf
from eoffice.signing.verdict import Finding
from tests.archive.packages import contents, rewritten
from tests.archive.test_package import sealed, verify

MEMBERS = package.members_of(contents())


def judged(members: dict[str, bytes]) -> Finding:
    return verify(sealed(members)).verdict


def inclusion(**changes: object) -> dict[str, bytes]:
    return rewritten(MEMBERS, package.INCLUSION, **changes)


def history(events: list[dict[str, leaf.Json]]) -> dict[str, bytes]:
    return MEMBERS | {package.HISTORY: leaf.canonical(list(events))}


EVENTS = json.loads(MEMBERS[package.HISTORY])
PROOF = json.loads(MEMBERS[package.INCLUSION])


def test_what_these_tests_begin_with_is_intact() -> None:
    assert judged(MEMBERS) is Finding.INTACT


@pytest.mark.parametrize(
    "changes",
    [
        {"index": str(PROOF["index"])},
        {"index": float(PROOF["index"])},
        {"index": True},
        {"index": -1},
        {"index": 10**30},
        {"size": str(PROOF["size"])},
        {"path": [one.upper() for one in PROOF["path"]]},
        {"path": [f" {one}" for one in PROOF["path"]]},
        {"path": PROOF["path"] + ["00" * 32]},
        {"path": None},
        {"path": [[]]},
        {"note": "do not look closer"},
    ],
    ids=str,
)
def test_a_proof_is_written_in_one_way(changes: dict[str, object]) -> None:
    if isinstance(changes.get("index"), float):
        members = MEMBERS | {
            package.INCLUSION: json.dumps(PROOF | changes, separators=(",", ":")).encode()
        }
    else:
        members = inclusion(**changes)

    assert judged(members) is Finding.INVALID


def test_blanks_in_a_proof_are_noticed() -> None:
    spaced = json.dumps(PROOF, indent=1).encode()
    assert judged(MEMBERS | {package.INCLUSION: spaced}) is Finding.INVALID


@pytest.mark.parametrize(
    "events",
    [
        [EVENTS[1], EVENTS[0]],
        [EVENTS[0], EVENTS[0]],
        [EVENTS[0] | {"note": "added"}, EVENTS[1]],
        [EVENTS[0] | {"index": str(EVENTS[0]["index"])}, EVENTS[1]],
        [EVENTS[0], EVENTS[1] | {"leaf": EVENTS[1]["leaf"] | {"action": "gradebook.approve"}}],
        [1],
        ["leaf"],
        [[]],
    ],
    ids=["order", "twice", "more", "text", "changed", "number", "word", "list"],
)
def test_a_history_is_that_of_the_log(events: list[dict[str, leaf.Json]]) -> None:
    assert judged(history(events)) is Finding.INVALID


def test_events_of_something_else_are_no_history_of_this() -> None:
    """Each proved by the log, and about another entry."""
    other = contents()
    about = json.loads(MEMBERS[package.METADATA])
    assert all(
        event["leaf"]["object"]["id"] in (about["entry_id"], about["source_id"]) for event in EVENTS
    )
    foreign = json.loads(other.history[0].leaf) | {
        "object": {"kind": "document", "id": "00000000-0000-0000-0000-00000000beef"}
    }
    assert judged(history([EVENTS[0] | {"leaf": foreign}])) is Finding.INVALID


@pytest.mark.parametrize("member", [package.HISTORY, package.INCLUSION, package.METADATA])
def test_nesting_without_end_is_a_verdict_and_no_failure(member: str) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000

    assert judged(MEMBERS | {member: deep}) in (Finding.INVALID, Finding.CHANGED)
