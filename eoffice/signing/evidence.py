"""What was found out about a signed file before anybody judges it: facts, all of them values.

`gathering` writes them, `judging` reads them, and they survive the way through JSON unchanged: the
facts of every file that was once judged wrongly are kept so (`tests/signing/facts`). Certificates
are named by their place in `Known.certificates`. No rule stands here but what a fact means.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum, IntEnum, StrEnum, auto
from functools import cache
from typing import Any, Final, Self, TypeAlias, TypeVar

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


class Standing(Enum):
    """What a certificate was at a moment."""

    GOOD = auto()
    #: No chain to a trust anchor.
    UNKNOWN_ISSUER = auto()
    #: There is a chain, but a rule of it is broken.
    BROKEN_CHAIN = auto()
    EXPIRED = auto()
    NOT_YET_VALID = auto()
    REVOKED = auto()
    #: Nothing says whether it was revoked.
    NO_REVOCATION_DATA = auto()
    #: The certificate is for another purpose, such as a time-stamp authority's.
    WRONG_PURPOSE = auto()
    WEAK_ALGORITHM = auto()


class Purpose(StrEnum):
    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"


class State(Enum):
    """What became of what was signed."""

    INTACT = auto()
    #: The bytes are not those that were signed.
    BYTES_CHANGED = auto()
    #: The signed revision is whole, but a later one changed what it must not.
    REVISED = auto()
    #: The signature value does not belong to what it claims to sign.
    BROKEN = auto()


class Source(StrEnum):
    """Where an answer about revocation comes from."""

    FILE = "file"
    #: An authority was asked for this verification.
    ASKED = "asked"
    #: It was said before, and kept.
    KEPT = "kept"


class Trouble(StrEnum):
    """Why a file says nothing more."""

    NOT_A_PDF = "not-a-pdf"
    ENCRYPTED = "encrypted"
    #: The file opens, but its signatures cannot be listed.
    UNREADABLE_SIGNATURES = "unreadable-signatures"
    #: One of these two, and bytes that somebody signed are no longer what they were.
    DAMAGED_SINCE = "damaged-since"


class Alteration(StrEnum):
    """Signs of tampering that belong to no single signature."""

    STRIPPED = "stripped"
    AMBIGUOUS = "ambiguous"
    HYBRID = "hybrid"
    FOREIGN_BYTES = "foreign-bytes"
    HIDDEN_OBJECTS = "hidden-objects"


#: Kinds of keys that sign with a digest of their own.
WITH_OWN_DIGEST: Final = frozenset({"ed25519", "ed448"})


class Change(IntEnum):
    """How far later revisions changed a signed one; what each level permits, the lower do too."""

    NONE = 0
    EVIDENCE = 1
    FORM_FILLING = 2
    ANNOTATIONS = 3
    OTHER = 4


# Certificates, and what authorities say about them


@dataclass(frozen=True, slots=True)
class CertificateFact:
    sha256: str
    #: The common name, or whatever there is.
    subject: str
    issuer: str
    #: Unit and organisation, from the smaller to the larger.
    unit: str
    #: Digests of the names and of the key, for comparing.
    subject_id: str
    issuer_id: str
    key_id: str
    #: Hexadecimal.
    serial: str
    not_before: datetime
    not_after: datetime
    #: "rsa", "dsa", "ed25519", … or the name of a curve, and the length; 0 where there is but one.
    key: str
    key_bits: int
    #: The digest under the issuer's signature; empty where the scheme has its own.
    signed_with: str
    is_ca: bool
    path_length: int | None
    #: keyUsage and extKeyUsage; None where nothing is said.
    usages: tuple[str, ...] | None
    purposes: tuple[str, ...] | None
    #: Critical extensions that nobody here understands.
    strange_demands: tuple[str, ...] = ()
    #: OCSP responders whose own revocation is not asked for (RFC 6960, 4.2.2.2.1).
    is_not_checked: bool = False
    #: Where its revocation lists lie.
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkFact:
    """The key of `parent` has signed `child`, which names it as its issuer."""

    child: int
    parent: int


@dataclass(frozen=True, slots=True)
class RefusalFact:
    """The name constraints of `by` do not allow the names of `name_of`."""

    by: int
    name_of: int


@dataclass(frozen=True, slots=True)
class RevokedFact:
    certificate: int
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerFact:
    """One revocation list, or what one OCSP response says of one certificate."""

    is_list: bool
    source: Source
    #: Certificates whose key has signed it.
    signers: tuple[int, ...]
    #: The digest under its signature.
    signed_with: str
    this_update: datetime
    next_update: datetime | None
    produced_at: datetime
    #: Whom it speaks of: of a list all that its issuer has issued.
    about: tuple[int, ...]
    revoked: tuple[RevokedFact, ...] = ()
    #: A list of a part, a list of changes, an answer "unknown": who is not named may be revoked.
    is_complete: bool = True
    #: Only certificates of persons, or of authorities; None: of both.
    only_authorities: bool | None = None
    #: A list for certificates that name one of these points; empty: for all.
    points: tuple[str, ...] = ()
    #: Since when those that ended are still told of (expiredCertsOnCRL, archive cutoff).
    ended_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AnchorFact:
    """An authority that the reader trusts, known by its name and its key."""

    subject_id: str
    key_id: str
    #: What it is trusted for; None: everything.
    serves: tuple[Purpose, ...] | None = None
    #: The first moment for which it is believed, and the first one after; None: without an end.
    since: datetime | None = None
    until: datetime | None = None
    #: As the reader's office calls it; empty where it says nothing.
    name: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Certificates, how they hang together, and what is said about their revocation."""

    certificates: tuple[CertificateFact, ...] = ()
    #: Only those whose signature is right.
    links: tuple[LinkFact, ...] = ()
    refusals: tuple[RefusalFact, ...] = ()
    answers: tuple[AnswerFact, ...] = ()
    #: Certificates about whose chain an authority was asked for this verification.
    asked: tuple[int, ...] = ()


# Signatures


@dataclass(frozen=True, slots=True)
class BytesFact:
    """The mathematics of one signature. What stands behind a "no" was not looked at: None."""

    covers_whole_file: bool
    #: The place in the file holds one signature, zeros, and nothing else.
    place_is_canonical: bool
    #: The parts of the signature do not contradict one another.
    is_consistent: bool | None = None
    same_bytes: bool | None = None
    right_value: bool | None = None
    covers_its_revision: bool | None = None
    #: None also where the later revisions cannot be read.
    change: Change | None = None
    #: What the signature, or its field, allows at most; None where nothing is said.
    permits: Change | None = None
    #: Text fields that were filled after it, sorted.
    filled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenFact:
    """A time-stamp token (RFC 3161)."""

    #: Whole, and over this signature's value, or over the file.
    is_right: bool
    #: Of the imprint and of the token's own signature.
    digests: tuple[str, ...]
    stamped_at: datetime
    authority: int


@dataclass(frozen=True, slots=True)
class SignatureFact:
    """A filled signature field: somebody's signature or a time-stamp over the file."""

    field: str
    #: The number of the revision that it signs, from 0.
    revision: int
    is_timestamp: bool
    is_pades: bool
    bytes: BytesFact
    signer: int
    digest: str
    #: Of the signer's own clock.
    claimed_at: datetime | None
    #: /Reason, in which our signatures say capacity and unit.
    reason: str
    #: It certifies the document and leaves the fields open.
    awaits_filling: bool
    #: Over the value of a signature; of a time-stamp itself.
    tokens: tuple[TokenFact, ...] = ()


@dataclass(frozen=True, slots=True)
class FileFacts:
    size_bytes: int
    trouble: Trouble | None = None
    alterations: tuple[Alteration, ...] = ()
    #: Oldest first.
    signatures: tuple[SignatureFact, ...] = ()
    #: Names of fields that are filled with something else.
    unreadable: tuple[str, ...] = ()
    known: Known = Known()

    def to_json(self) -> dict[str, Json]:
        return to_json(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Json]) -> Self:
        """Read what `to_json` wrote. Raises KeyError, TypeError, ValueError for anything else."""
        return from_json(cls, found)


# JSON

_Fact = TypeVar("_Fact")


def to_json(fact: object) -> dict[str, Json]:
    """A fact as an object of JSON; what has its default is left out."""
    assert is_dataclass(fact)
    return {
        each.name: _plain(value)
        for each in fields(fact)
        if (value := getattr(fact, each.name)) != each.default
    }


def from_json(kind: type[_Fact], found: Json) -> _Fact:
    """Raises KeyError, TypeError, ValueError: this is no such fact."""
    if not isinstance(found, Mapping):
        raise TypeError(f"not an object: {found!r}")
    whole: Any = kind
    types_of = _types(whole)
    strange = set(found) - set(types_of)
    if strange:
        raise KeyError(min(strange))
    return kind(**{name: _typed(types_of[name], value) for name, value in found.items()})


def _plain(value: object) -> Json:
    if is_dataclass(value):
        return to_json(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return _plain(value.value)
    assert value is None or isinstance(value, bool | int | str)
    return value


@cache
def _types(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _typed(kind: Any, value: Json) -> Any:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in parts:
            return None
        return _typed(next(one for one in parts if one is not type(None)), value)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError(f"not a list: {value!r}")
        return tuple(_typed(parts[0], one) for one in value)
    if is_dataclass(kind) and isinstance(kind, type):
        return from_json(kind, value)
    if kind is datetime:
        moment = datetime.fromisoformat(_typed(str, value))
        if moment.tzinfo is None:
            raise ValueError(f"a moment without its zone: {value!r}")
        return moment
    if issubclass(kind, Enum):
        return kind(value)
    if type(value) is not kind:
        raise TypeError(f"not {kind.__name__}: {value!r}")
    return value
