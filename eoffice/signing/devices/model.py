"""Devices of signers, the codes with which they are paired, and passes for one call beside."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base


class DevicePairing(Base):
    """A code that was shown to somebody who is signed in; kept as a digest."""

    __tablename__ = "device_pairings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    #: Where the device holds the seal of this unit rather than the person's own key.
    seal_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SigningDevice(Base):
    """A program that was paired; it works with its token until that is revoked."""

    __tablename__ = "signing_devices"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_id: Mapped[UUID] = mapped_column(ForeignKey("api_tokens.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    seal_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    #: What its owner calls the computer.
    name: Mapped[str]
    #: DER, of the key that it holds, and of its issuers upwards.
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    paired_at: Mapped[datetime]


class DevicePass(Base):
    """Lets a page of the office call the program beside it once."""

    __tablename__ = "device_passes"

    pass_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    #: What its page has shown: nothing else is signed by it.
    request_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
