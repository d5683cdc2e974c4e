"""Evidence records (RFC 4998): one time-stamp proves any number of files, and is renewed for all.

Of each file only its hash goes into a tree; the root is time-stamped. A file's record holds the
few hashes that lead from it to the root, and the time-stamp: some kilobytes, however many files.

    stamped(hashes, stamp)        records of new files                          (RFC 4998, 4.2)
    renewed_stamp(records, …)     before a time-stamp's certificate weakens        (5.2, first)
    renewed_hashes(records, …)    before the hash weakens; reads every file again  (5.2, second)
    times(record, hashes)         what a record proves of a file, to be judged by
                                  whoever knows the authorities                     (4.3, 5.3)

Hashes are named as by hashlib. Pure: `stamp` asks the authority, and files come as hashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from asn1crypto import algos, cms, core

from eoffice.errors import Invalid

#: How many hashes are brought together at each knot of the tree. More make records larger, fewer
#: make the tree deeper; with two, a record of a million files has twenty hashes.
_BRANCHES: Final = 2

#: Asks for a time-stamp over a digest made with the named hash; the token is DER (RFC 3161).
Stamp: TypeAlias = Callable[[bytes, str], bytes]


class RecordBroken(Invalid):
    """The record is none, or does not lead from the file to its time-stamp."""


class _PartialTree(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.OctetString


class _ReducedTree(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _PartialTree


class _ArchiveTimeStamp(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [
        ("digest_algorithm", algos.DigestAlgorithm, {"implicit": 0, "optional": True}),
        ("attributes", cms.CMSAttributes, {"implicit": 1, "optional": True}),
        ("reduced_hashtree", _ReducedTree, {"implicit": 2, "optional": True}),
        ("time_stamp", cms.ContentInfo),
    ]


class _Chain(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _ArchiveTimeStamp


class _Chains(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Chain


class _DigestAlgorithms(core.SequenceOf):  # type: ignore[misc]
    _child_spec = algos.DigestAlgorithm


class _Unread(core.Sequence):  # type: ignore[misc]
    """What others may have put in; nothing of ours depends on it."""


class _EvidenceRecord(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar = [
        ("version", core.Integer),
        ("digest_algorithms", _DigestAlgorithms),
        ("crypto_infos", _Unread, {"implicit": 0, "optional": True}),
        ("encryption_info", _Unread, {"implicit": 1, "optional": True}),
        ("chains", _Chains),
    ]


@dataclass(frozen=True, slots=True)
class Stamped:
    """A time-stamp of a record, and until when the next one had to be made."""

    token: bytes
    #: The hash over which it was asked for.
    digest: str


# Making


def stamped(hashes: Sequence[bytes], digest: str, *, stamp: Stamp) -> list[bytes]:
    """A record (DER) for each file, in their order, all with one time-stamp.

    `hashes` are of the files, made with `digest`. Raises what `stamp` raises; ValueError: no files.
    """
    return [
        _record([[_archive_time_stamp(path, token, digest)]])
        for path, token in _under_one_stamp(hashes, digest, stamp)
    ]


def renewed_stamp(records: Sequence[bytes], *, stamp: Stamp) -> list[bytes]:
    """The records with one more time-stamp over their last one, of the same hash.

    Records that share their last time-stamp share the new one's leaf; others may be among them.
    """
    read = [_read(record) for record in records]
    digest = {_digest_of(chains[-1][-1]) for chains in read}
    if len(digest) != 1:
        raise ValueError("records of one hash are renewed together")
    (name,) = digest
    leaves = [_hashed(name, chains[-1][-1]["time_stamp"].dump()) for chains in read]
    renewed = _under_one_stamp(leaves, name, stamp)
    return [
        _record([*chains[:-1], [*chains[-1], _archive_time_stamp(path, token, name)]])
        for chains, (path, token) in zip(read, renewed, strict=True)
    ]


def renewed_hashes(
    records: Sequence[bytes], hashes: Sequence[bytes], digest: str, *, stamp: Stamp
) -> list[bytes]:
    """The records with a new chain of another hash, over the files and all that proved them.

    `hashes` are of the files, read again and made with the new `digest`.
    """
    read = [_read(record) for record in records]
    leaves = [
        _hashed(digest, content + _hashed(digest, _dumped(chains)))
        for chains, content in zip(read, hashes, strict=True)
    ]
    renewed = _under_one_stamp(leaves, digest, stamp)
    return [
        _record([*chains, [_archive_time_stamp(path, token, digest)]])
        for chains, (path, token) in zip(read, renewed, strict=True)
    ]


# Reading


def digests(record: bytes) -> tuple[str, ...]:
    """The hashes of the file that `times` asks for. Raises RecordBroken."""
    return tuple(dict.fromkeys(_digest_of(chain[0]) for chain in _read(record)))


def times(record: bytes, hashes: Mapping[str, bytes]) -> tuple[Stamped, ...]:
    """The time-stamps of a record, oldest first, each of which covers the file or the one before.

    `hashes` are of the file, by the name of the hash. Whether authorities are recognised, and each
    time-stamp was still good when the next was made, is not asked here. Raises RecordBroken.
    """
    found: list[Stamped] = []
    chains = _read(record)
    for number, chain in enumerate(chains):
        digest = _digest_of(chain[0])
        if digest not in hashes:
            raise RecordBroken(f"Chưa tính giá trị băm {digest} của tệp.")
        covered = hashes[digest]
        if number:
            covered = _hashed(digest, covered + _hashed(digest, _dumped(chains[:number])))
        for one in chain:
            if _digest_of(one) != digest:
                raise RecordBroken("Một chuỗi dấu thời gian dùng hai thuật toán băm.")
            token = one["time_stamp"].dump()
            if _root(one, covered, digest) != _imprint(one["time_stamp"], digest):
                raise RecordBroken(
                    "Hồ sơ bằng chứng không dẫn từ tệp đến dấu thời gian: tệp hoặc hồ sơ bằng "
                    "chứng đã bị thay đổi."
                )
            found.append(Stamped(token, digest))
            covered = _hashed(digest, token)
    return tuple(found)


def last_token(record: bytes) -> cms.SignedData:
    """The newest time-stamp of a record. Raises RecordBroken."""
    return _read(record)[-1][-1]["time_stamp"]["content"]


# The tree


def _under_one_stamp(
    leaves: Sequence[bytes], digest: str, stamp: Stamp
) -> list[tuple[list[list[bytes]], bytes]]:
    """For each leaf the lists of its reduced tree, and the token over the root."""
    if not leaves:
        raise ValueError("nothing to stamp")
    distinct = sorted(set(leaves))
    levels = [distinct]
    while len(levels[-1]) > 1:
        levels.append([_joined(digest, knot) for knot in _knots(levels[-1])])
    (root,) = levels[-1]
    token = stamp(root, digest)
    place_of = {leaf: place for place, leaf in enumerate(distinct)}
    return [(_path(levels, place_of[leaf]), token) for leaf in leaves]


def _path(levels: Sequence[Sequence[bytes]], place: int) -> list[list[bytes]]:
    """The first list holds the leaf itself, the others only what is beside it (4.2, step 4)."""
    path: list[list[bytes]] = []
    for level in levels[:-1]:
        first = place - place % _BRANCHES
        knot = list(level[first : first + _BRANCHES])
        if path:
            knot.remove(level[place])
        # A knot of one is its own parent: there is nothing to tell.
        if knot and (len(knot) > 1 or path):
            path.append(sorted(knot))
        place //= _BRANCHES
    return path


def _knots(level: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    return (level[first : first + _BRANCHES] for first in range(0, len(level), _BRANCHES))


def _joined(digest: str, members: Sequence[bytes]) -> bytes:
    """A knot of one is handed up as it is; more are sorted, joined and hashed (4.2, step 3)."""
    if len(members) == 1:
        return members[0]
    return _hashed(digest, b"".join(sorted(members)))


def _root(one: _ArchiveTimeStamp, covered: bytes, digest: str) -> bytes:
    """Where the reduced tree leads from `covered` (4.3). Raises RecordBroken: nowhere."""
    for number, knot in enumerate(_tree(one)):
        if number == 0:
            if covered not in knot:
                raise RecordBroken("Tệp này không phải tệp mà hồ sơ bằng chứng nói đến.")
        else:
            knot.append(covered)
        covered = _joined(digest, knot)
    return covered


# ASN.1


def _archive_time_stamp(
    path: Sequence[Sequence[bytes]], token: bytes, digest: str
) -> _ArchiveTimeStamp:
    parts: dict[str, object] = {
        "digest_algorithm": {"algorithm": digest},
        "time_stamp": cms.ContentInfo.load(token),
    }
    if path:
        parts["reduced_hashtree"] = [list(knot) for knot in path]
    return _ArchiveTimeStamp(parts)


def _record(chains: Sequence[Sequence[_ArchiveTimeStamp]]) -> bytes:
    used = dict.fromkeys(_digest_of(one) for chain in chains for one in chain)
    made = _EvidenceRecord(
        {
            "version": 1,
            "digest_algorithms": [{"algorithm": name} for name in used],
            "chains": _Chains([_Chain(list(chain)) for chain in chains]),
        }
    )
    return bytes(made.dump())


def _read(record: bytes) -> list[list[_ArchiveTimeStamp]]:
    try:
        read = _EvidenceRecord.load(record, strict=True)
        if read["version"].native != 1:
            raise ValueError("version 1 is the only one")
        chains = [list(chain) for chain in read["chains"]]
        if not chains or not all(chains):
            raise ValueError("a record has a time-stamp")
        for one in (one for chain in chains for one in chain):
            _imprint(one["time_stamp"], _digest_of(one))
            _tree(one)
    except (ValueError, TypeError, KeyError) as failure:
        raise RecordBroken("Hồ sơ bằng chứng không đọc được.") from failure
    return chains


def _digest_of(one: _ArchiveTimeStamp) -> str:
    """Of the time-stamp where the field is left out (3.1)."""
    if one["digest_algorithm"].native is not None:
        return str(one["digest_algorithm"]["algorithm"].native)
    return str(_message_imprint(one["time_stamp"])["hash_algorithm"]["algorithm"].native)


def _tree(one: _ArchiveTimeStamp) -> list[list[bytes]]:
    return one["reduced_hashtree"].native or []


def _imprint(token: cms.ContentInfo, digest: str) -> bytes:
    imprint = _message_imprint(token)
    if imprint["hash_algorithm"]["algorithm"].native != digest:
        raise ValueError("the time-stamp is over another hash")
    return bytes(imprint["hashed_message"].native)


def _message_imprint(token: cms.ContentInfo) -> core.Sequence:
    return token["content"]["encap_content_info"]["content"].parsed["message_imprint"]


def _dumped(chains: Sequence[Sequence[_ArchiveTimeStamp]]) -> bytes:
    """ArchiveTimeStampSequence in DER, as far as it went (5.2, step 3)."""
    return bytes(_Chains([_Chain(list(chain)) for chain in chains]).dump())


def _hashed(digest: str, data: bytes) -> bytes:
    return hashlib.new(digest, data).digest()
