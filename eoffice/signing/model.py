"""Tables of signing: whose keys there are, and every signature that was asked of one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.signing.requests.states import Channel, RequestState


class KeyStoreKind(StrEnum):
    #: A file in the key directory; the PIN is its passphrase.
    PKCS12 = "pkcs12"
    #: A token or HSM behind the machine's PKCS#11 library.
    PKCS11 = "pkcs11"
    #: A service with the interface of the Cloud Signature Consortium.
    CSC = "csc"
    #: Services that ask the holder on the phone: VNPT SmartCA, Viettel MySign.
    SMARTCA = "smartca"
    MYSIGN = "mysign"
    #: A token at the holder's own computer, reached by the program `eoffice-agent`.
    AGENT = "agent"


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
    #: File name below the key directory, "token label/key label", the credential of a service, or
    #: the device that was paired.
    locator: Mapped[str]
    #: DER.
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    #: DER of its issuers, upwards; where a store has them itself, they may be left out.
    chain: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary), server_default="{}")
    #: It can make nothing but RSA signatures of PKCS#1 v1.5.
    compatibility: Mapped[bool] = mapped_column(default=False, server_default="false")
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
        enum_check("channel", Channel),
        CheckConstraint(
            "(state IN ('requested', 'valued')) = (finished_at IS NULL)", name="finished"
        ),
        CheckConstraint(
            "state <> 'valued' OR (value IS NOT NULL AND prepared IS NOT NULL)", name="value"
        ),
        Index("ix_signature_requests_subject", "subject_kind", "subject_id"),
        Index(
            "ix_signature_requests_open",
            "person_id",
            postgresql_where=text("state in ('requested', 'valued')"),
        ),
        Index("ix_signature_requests_person", "person_id", "requested_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: "document", "gradebook" or "book_closing".
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    field: Mapped[str]
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose))
    #: Name of a `subjects.SignatureStep`; empty before they had names.
    step: Mapped[str] = mapped_column(default="", server_default="")
    channel: Mapped[Channel] = mapped_column(
        EnumText(Channel), default=Channel.HERE, server_default="here"
    )
    #: What is signed, in a line, and its page.
    title: Mapped[str] = mapped_column(default="", server_default="")
    path: Mapped[str] = mapped_column(default="", server_default="")
    key_id: Mapped[UUID] = mapped_column(ForeignKey("signing_keys.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    #: Capacity and position as they are written into the signature.
    capacity: Mapped[str]
    #: Hex SHA-256 of the content before, of the prepared one, and of the bytes to be signed.
    source_sha256: Mapped[str]
    prepared_sha256: Mapped[str]
    to_be_signed_sha256: Mapped[str]
    #: `pades.Prepared.state`: with the prepared file, everything that is needed to finish it.
    prepared: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    state: Mapped[RequestState] = mapped_column(EnumText(RequestState))
    requested_at: Mapped[datetime]
    #: Until when a key may answer.
    expires_at: Mapped[datetime | None]
    #: What a service was asked, to ask it for the answer (`keys.contract.Ticket`).
    ticket: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: What the key made.
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: Attempts to get a time-stamp or an answer in vain, when the next is due, what went wrong.
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="", server_default="")
    finished_at: Mapped[datetime | None]
    #: Hex SHA-256 of the content that carries the signature.
    result_sha256: Mapped[str | None]
    #: Why it was not signed: a sentence.
    failure: Mapped[str | None]
