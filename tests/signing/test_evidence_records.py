"""RFC 4998: one time-stamp for many files, each with a short record that proves it by itself;
renewed with all that went before; not to be moved to another file.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from asn1crypto import cms, core, tsp
from hypothesis import given, settings
from hypothesis import strategies as st

from eoffice.embedded.pki import Pki
from eoffice.signing import evidence_records
from eoffice.signing.evidence_records import RecordBroken, Stamp, times
from eoffice.signing.timestamps import Authority

FILES = [f"học bạ {number}".encode() for number in range(13)]


def hashed(digest: str, files: list[bytes]) -> list[bytes]:
    return [hashlib.new(digest, file).digest() for file in files]


def hashes_of(file: bytes) -> dict[str, bytes]:
    return {digest: hashlib.new(digest, file).digest() for digest in ("sha256", "sha512")}


@pytest.fixture
def stamp(pki: Pki) -> Stamp:
    def ask(imprint: bytes, digest: str) -> bytes:
        authority = Authority(pki.timestamp_url)
        return bytes(asyncio.run(authority.async_timestamp(imprint, digest)).dump())

    return ask


@pytest.fixture
def count(stamp: Stamp) -> tuple[Stamp, Callable[[], int]]:
    asked: list[bytes] = []

    def counted(imprint: bytes, digest: str) -> bytes:
        asked.append(imprint)
        return stamp(imprint, digest)

    return counted, lambda: len(asked)


@pytest.mark.usefixtures("in_2018")
@pytest.mark.parametrize("files", [1, 2, 3, 4, 5, 8, 13])
def test_each_record_proves_its_own_file_with_the_one_time_stamp(
    count: tuple[Stamp, Callable[[], int]], files: int
) -> None:
    stamp, asked = count
    made = FILES[:files]
    records = evidence_records.stamped(hashed("sha256", made), "sha256", stamp=stamp)
    assert asked() == 1
    tokens = set()
    for file, record in zip(made, records, strict=True):
        assert evidence_records.digests(record) == ("sha256",)
        (found,) = times(record, hashes_of(file))
        tokens.add(found.token)
        # Two files that meet at the first knot share a record, which proves both.
        beside = [other for other, its in zip(made, records, strict=True) if its == record]
        assert len(beside) <= 2
        for other in FILES:
            if other not in beside:
                with pytest.raises(RecordBroken):
                    times(record, hashes_of(other))
    assert len(tokens) == 1


@pytest.mark.usefixtures("in_2018")
def test_the_same_file_twice_has_the_same_record(stamp: Stamp) -> None:
    twice = [FILES[0], *FILES, FILES[0]]
    records = evidence_records.stamped(hashed("sha256", twice), "sha256", stamp=stamp)
    assert records[0] == records[1] == records[-1]
    assert len(set(records)) == 7


@pytest.mark.usefixtures("in_2018")
def test_a_renewed_time_stamp_covers_the_one_before_and_asks_once_for_all(
    count: tuple[Stamp, Callable[[], int]],
) -> None:
    stamp, asked = count
    records = [
        *evidence_records.stamped(hashed("sha256", FILES[:5]), "sha256", stamp=stamp),
        *evidence_records.stamped(hashed("sha256", FILES[5:]), "sha256", stamp=stamp),
    ]
    renewed = evidence_records.renewed_stamp(records, stamp=stamp)
    again = evidence_records.renewed_stamp(renewed, stamp=stamp)
    assert asked() == 4
    for file, record in zip(FILES, again, strict=True):
        assert len(times(record, hashes_of(file))) == 3
    with pytest.raises(RecordBroken):
        times(again[0], hashes_of(b"another file"))


@pytest.mark.usefixtures("in_2018")
def test_another_hash_covers_the_file_and_all_that_proved_it(stamp: Stamp) -> None:
    records = evidence_records.stamped(hashed("sha256", FILES), "sha256", stamp=stamp)
    records = evidence_records.renewed_stamp(records, stamp=stamp)
    stronger = evidence_records.renewed_hashes(
        records, hashed("sha512", FILES), "sha512", stamp=stamp
    )
    stronger = evidence_records.renewed_stamp(stronger, stamp=stamp)
    for file, record in zip(FILES, stronger, strict=True):
        assert evidence_records.digests(record) == ("sha256", "sha512")
        found = times(record, hashes_of(file))
        assert [one.digest for one in found] == ["sha256", "sha256", "sha512", "sha512"]
    # Whoever finds another file with the same old hash still has no record for it.
    collided = {**hashes_of(FILES[0]), "sha512": hashes_of(FILES[1])["sha512"]}
    with pytest.raises(RecordBroken):
        times(stronger[0], collided)
    with pytest.raises(RecordBroken, match="sha512"):
        times(stronger[0], {"sha256": hashes_of(FILES[0])["sha256"]})


@pytest.mark.usefixtures("in_2018")
def test_no_byte_of_a_record_but_those_of_the_token_can_be_changed_unseen(stamp: Stamp) -> None:
    """What the token itself is worth is judged with its authority, not here."""
    record = evidence_records.stamped(hashed("sha256", FILES), "sha256", stamp=stamp)[3]
    (found,) = times(record, hashes_of(FILES[3]))
    until = record.index(found.token)
    for place in range(until):
        damaged = bytearray(record)
        damaged[place] ^= 1
        try:
            read = times(bytes(damaged), hashes_of(FILES[3]))
        except RecordBroken:
            continue
        # The list of hashes at the head is a hint for readers and proves nothing.
        assert read == (found,), place


@pytest.mark.usefixtures("in_2018")
def test_renewal_of_records_of_two_hashes_at_once_is_a_mistake(stamp: Stamp) -> None:
    records = [
        *evidence_records.stamped(hashed("sha256", FILES[:1]), "sha256", stamp=stamp),
        *evidence_records.stamped(hashed("sha512", FILES[1:2]), "sha512", stamp=stamp),
    ]
    with pytest.raises(ValueError, match="one hash"):
        evidence_records.renewed_stamp(records, stamp=stamp)
    with pytest.raises(ValueError, match="nothing"):
        evidence_records.stamped([], "sha256", stamp=stamp)


@given(st.binary(max_size=200))
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(RecordBroken):
        times(data, hashes_of(b""))


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 300), st.data())
def test_trees_of_every_size_lead_to_the_root(files: int, data: st.DataObject) -> None:
    """Without an authority: the token is only looked into for what it covers."""
    contents = [str(number).encode() for number in range(files)]
    records = evidence_records.stamped(hashed("sha256", contents), "sha256", stamp=unsigned)
    number = data.draw(st.integers(0, files - 1))
    assert len(times(records[number], hashes_of(contents[number]))) == 1
    depth = max(1, (files - 1).bit_length())
    assert len(records[number]) < 200 + 40 * depth + len(unsigned(bytes(32), "sha256"))


def unsigned(imprint: bytes, digest: str) -> bytes:
    info = tsp.TSTInfo(
        {
            "version": 1,
            "policy": "1.2.3",
            "message_imprint": {
                "hash_algorithm": {"algorithm": digest},
                "hashed_message": imprint,
            },
            "serial_number": 1,
            "gen_time": datetime(2026, 1, 1, tzinfo=UTC),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [],
            "encap_content_info": {
                "content_type": "tst_info",
                "content": core.ParsableOctetString(info.dump()),
            },
            "signer_infos": [],
        }
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())
