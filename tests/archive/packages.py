"""Packages for the tests: a log of a few events, and a small PDF whose ingest is one of them."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from uuid import UUID

import pikepdf
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eoffice.archive.package import Contents
from eoffice.archive.rules import Description
from eoffice.archive.states import EntryKind
from eoffice.audit import leaf, merkle
from eoffice.audit.checkpoint import Checkpoint, Signer
from eoffice.audit.leaf import Proven

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
AT = datetime(2025, 6, 2, 1, 15, tzinfo=UTC)


@cache
def small_pdf() -> bytes:
    file = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.save(file, deterministic_id=True)
    return file.getvalue()


def description(content: bytes) -> Description:
    school = UUID(int=5)
    return Description(
        entry_id=UUID(int=1),
        kind=EntryKind.GRADEBOOK,
        source_id=UUID(int=2),
        agency_id=school,
        agency_name="Trường THCS Nguyễn Thị Minh Khai",
        unit_id=school,
        title="Sổ theo dõi và đánh giá học sinh lớp 7A1",
        number_notation=None,
        school_year="2024-2025",
        class_name="7A1",
        issued_on=date(2025, 6, 1),
        content_sha256=sha256(content).hexdigest(),
        size_bytes=len(content),
        archived_at=AT,
    )


def event(number: int, action: str, details: dict[str, leaf.Json]) -> bytes:
    return leaf.canonical(
        {
            "v": leaf.VERSION,
            "id": str(UUID(int=1000 + number)),
            "at": leaf.instant(AT),
            "actor": {"kind": "process", "name": "worker:archive.ingest"},
            "action": action,
            "object": {"kind": "archive_entry", "id": str(UUID(int=1))},
            "details": details,
        }
    )


def contents(
    content: bytes | None = None,
    *,
    signer: Signer = SIGNER,
    anchors: tuple[bytes, ...] = (),
    about: Description | None = None,
) -> Contents:
    """A log of seven events; the ingest is the fifth, the first two are the history."""
    pdf = small_pdf() if content is None else content
    about = about or description(pdf)
    leaves = [event(number, "gradebook.signed", {"field": f"f{number}"}) for number in range(7)]
    leaves[4] = event(
        4,
        "archive.ingested",
        {
            "content_sha256": sha256(pdf).hexdigest(),
            "metadata_sha256": sha256(about.canonical()).hexdigest(),
        },
    )
    nodes: dict[tuple[int, int], bytes] = {}
    growth = merkle.Growth()
    for index, one in enumerate(leaves):
        nodes[0, index] = merkle.leaf_hash(one)
        nodes |= {(level, at): found for level, at, found in growth.add(nodes[0, index])}

    def proven(index: int) -> Proven:
        path = merkle.inclusion_proof(index, 7, lambda level, at: nodes[level, at])
        return Proven(leaves[index], index, 7, tuple(path))

    head = Checkpoint(signer.verifier.origin, 7, growth.root, AT)
    return Contents(
        description=about,
        content=pdf,
        entry=proven(4),
        history=(proven(0), proven(1)),
        checkpoint=signer.sign(head.body()),
        log=signer.verifier,
        anchors=anchors,
    )


def rewritten(members: dict[str, bytes], name: str, **changes: object) -> dict[str, bytes]:
    """The members with some values of a JSON member replaced, canonically written again."""
    value = json.loads(members[name]) | changes
    return members | {name: leaf.canonical(value)}
