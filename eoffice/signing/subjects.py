"""What a slice says of its things so that they can be signed: what is to be signed, and what
becomes of it once it is.

A signature may be concluded long after it was begun and by another process: each kind of signature
has a name under which `desk.signature_steps` knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.errors import Conflict
from eoffice.objects.sha256 import Sha256
from eoffice.signing.model import Purpose
from eoffice.web.principal import Principal


class ContentChanged(Conflict):
    """The content is not what was prepared for signing; it was changed or signed meanwhile."""


@dataclass(frozen=True, slots=True)
class SigningTask:
    """What is to be signed, where, and in which capacity; made by the slice that owns the subject.

    `content_sha256` is the content that the signer saw.
    """

    subject_kind: str
    subject_id: UUID
    agency_id: UUID
    field: str
    purpose: Purpose
    content_sha256: Sha256
    #: "GIÁM ĐỐC", "KT. HIỆU TRƯỞNG PHÓ HIỆU TRƯỞNG", or what a teacher signs for.
    capacity: str
    #: Name below the signature, or the unit's name for a seal.
    signer_name: str
    unit_name: str
    place: str
    #: What is signed, in a line, and its page: for lists of what waits.
    title: str
    path: str
    #: Runs around the seal: whom the agency belongs to.
    superior_name: str = ""
    #: Lines below a handwritten signature, where the form does not print them itself.
    caption: tuple[str, ...] = ()
    #: Whose key: of the unit's seal, or of the acting person where None.
    seal_unit_id: UUID | None = None
    #: Said before the time by a signature without image, on separate appendices and copies.
    words: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was made and is not on record with its owner yet."""

    request_id: UUID
    subject_id: UUID
    field: str
    capacity: str
    #: The content that was signed.
    source: Sha256
    #: The content that carries the signature.
    sha256: Sha256
    size_bytes: int
    #: When the signer signed.
    at: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """What somebody is to sign, as the step that signs it is asked for it."""

    id: UUID
    #: Where there is more than one place to sign; otherwise the step knows it.
    field: str = ""


#: Lock the subject, check the step, and say what is to be signed. Raises what refuses it.
Begin: TypeAlias = Callable[[Session, datetime, Subject, Principal], SigningTask]


class Conclude(Protocol):
    """Record the new content with its owner. Raises ContentChanged when the content is another by
    now, or what refuses the step."""

    def __call__(self, session: Session, signed: Signed, *, by: Principal) -> object: ...


@dataclass(frozen=True, slots=True)
class SignatureStep:
    """One kind of signature."""

    #: Stands in rows: never renamed.
    name: str
    begin: Begin
    conclude: Conclude
