"""Tables of signing: whose keys there are, and every signature that was asked of one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check


class KeyStoreKind(StrEnum):
    #: A file in the key directory; the PIN is its passphrase.
    PKCS12 = "pkcs12"
    #: A token or HSM behind the machine's PKCS#11 library.
    PKCS11 = "pkcs11"


class RequestState(StrEnum):
    #: Committed before the key store was called: exactly this may have been signed.
    REQUESTED = "requested"
    #: The signature stands in a document that the office has recorded.
    SIGNED = "signed"
    #: The key store or the time-stamp authority refused; nothing was recorded.
    FAILED = "failed"
    #: The document changed meanwhile, or the process died; a later request took its place.
    ABANDONED = "abandoned"


class Purpose(StrEnum):
    #: ký ban hành: the first signature, which allows the number and date to be filled in
    CERTIFY = "certify"
    #: ký: a teacher's, a homeroom teacher's, a principal's signature in a register
    APPROVE = "approve"
    #: ký số của cơ quan: the seal, which closes the document
    SEAL = "seal"


class SigningKey(Base):
    """A key of a person, or of a unit's seal, that some key store holds. Keys are retired, not
    deleted: what they signed names them."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        enum_check("store", KeyStoreKind),
        CheckConstraint(
            "(holder_person_id IS NULL) <> (holder_unit_id IS NULL)", name="one_holder"
        ),
        Index(
            "uq_signing_keys_person",
            "holder_person_id",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
        Index(
            "uq_signing_keys_unit",
            "holder_unit_id",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    holder_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    #: con dấu: the key of a unit, which its clerk uses in person
    holder_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    store: Mapped[KeyStoreKind] = mapped_column(EnumText(KeyStoreKind))
    #: File name below the key directory, or "token label/key label".
    locator: Mapped[str]
    #: DER.
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    registered_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    #: Wrong PINs in a row; the lock is ours and stands before the token's own.
    wrong_pins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class SignatureRequest(Base):
    """One attempt to sign one field of one content."""

    __tablename__ = "signature_requests"
    __table_args__ = (
        enum_check("state", RequestState),
        enum_check("purpose", Purpose),
        CheckConstraint("(state = 'requested') = (finished_at IS NULL)", name="finished"),
        Index("ix_signature_requests_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: "document", "gradebook" or "book_closing".
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    field: Mapped[str]
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose))
    key_id: Mapped[UUID] = mapped_column(ForeignKey("signing_keys.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    #: Capacity and position as they are written into the signature.
    capacity: Mapped[str]
    #: Hex SHA-256 of the content before, of the prepared one, and of the bytes to be signed.
    source_sha256: Mapped[str]
    prepared_sha256: Mapped[str]
    to_be_signed_sha256: Mapped[str]
    state: Mapped[RequestState] = mapped_column(EnumText(RequestState))
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    #: Hex SHA-256 of the content that carries the signature.
    result_sha256: Mapped[str | None]
    failure: Mapped[str | None]
