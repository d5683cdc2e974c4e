"""Tables of units, people and sign-in.

Dates are civil dates in Vietnam and inclusive: `valid_to` is the last day. Secrets are kept only
as hashes, except for the key of one-time codes, which is encrypted under the office's secret.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.people.kinds import GrantKind, Manner, PositionKind, SchoolLevel, UnitKind
from eoffice.people.working_days import DayKind


class Unit(Base):
    """An agency (it has number books and a seal) or an office within an agency."""

    __tablename__ = "units"
    __table_args__ = (
        enum_check("kind", UnitKind),
        enum_check("level", SchoolLevel),
        CheckConstraint("(level IS NOT NULL) = (kind = 'school')", name="level_of_schools"),
        CheckConstraint("(agency_id = id) = (kind <> 'office')", name="offices_have_agencies"),
        CheckConstraint("length(organ_id) <= 35", name="organ_id_length"),
        CheckConstraint("valid_to >= valid_from", name="dates"),
        Index(
            "ix_units_name_folded",
            "name_folded",
            postgresql_using="gin",
            postgresql_ops={"name_folded": "gin_trgm_ops"},
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: Identifier in the national exchange of documents, opaque.
    organ_id: Mapped[str | None] = mapped_column(unique=True)
    #: Short name for operators and programs; never changes.
    code: Mapped[str] = mapped_column(unique=True)
    #: Full official name, with the place where that distinguishes it.
    name: Mapped[str]
    #: How the name stands on its own letterhead, where that is shorter than `name`.
    letterhead_name: Mapped[str | None]
    #: The superior agency on the letterhead, where that is not the parent: "UBND tỉnh Đồng Tháp".
    superior_name: Mapped[str | None]
    #: Letters in the notation of documents: "SGDĐT", "CNTTTBTV"; empty where there are none.
    notation: Mapped[str]
    kind: Mapped[UnitKind] = mapped_column(EnumText(UnitKind))
    level: Mapped[SchoolLevel | None] = mapped_column(EnumText(SchoolLevel))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"), index=True)
    #: The unit itself, or the agency that an office belongs to.
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    #: Name of the place before the date of a document: "Đồng Tháp".
    place: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    name_folded: Mapped[str] = mapped_column(Computed("vn_fold(name)", persisted=True))


class FormerUnit(Base):
    """As a unit was written, and below whom it stood, until the end of a day."""

    __tablename__ = "former_units"

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    until: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]
    letterhead_name: Mapped[str | None]
    superior_name: Mapped[str | None]
    notation: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    place: Mapped[str]


class UnitSuccession(Base):
    """Who took over the records and duties of a unit that ended, and from which day."""

    __tablename__ = "unit_successions"
    __table_args__ = (CheckConstraint("predecessor_id <> successor_id", name="not_itself"),)

    predecessor_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    successor_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True, index=True)
    since: Mapped[date]


class Person(Base):
    __tablename__ = "persons"
    __table_args__ = (
        CheckConstraint("login = lower(login)", name="login_is_lower_case"),
        Index(
            "ix_persons_name_folded",
            "name_folded",
            postgresql_using="gin",
            postgresql_ops={"name_folded": "gin_trgm_ops"},
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    #: Argon2id; None for somebody who cannot sign in yet.
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None]
    #: Somebody else chose the password, so it has to be changed before anything else.
    password_is_foreign: Mapped[bool]
    created_at: Mapped[datetime]
    name_folded: Mapped[str] = mapped_column(Computed("vn_fold(full_name)", persisted=True))


class FormerPassword(Base):
    __tablename__ = "former_passwords"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    replaced_at: Mapped[datetime] = mapped_column(primary_key=True)
    password_hash: Mapped[str]


class Position(Base):
    __tablename__ = "positions"
    __table_args__ = (
        enum_check("kind", PositionKind),
        UniqueConstraint("unit_id", "title", name="uq_positions_unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: As it is printed below a signature: "Phó Giám đốc".
    title: Mapped[str]
    kind: Mapped[PositionKind] = mapped_column(EnumText(PositionKind))


class Appointment(Base):
    __tablename__ = "appointments"
    __table_args__ = (
        enum_check("manner", Manner),
        CheckConstraint("valid_to >= valid_from", name="dates"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    position_id: Mapped[UUID] = mapped_column(ForeignKey("positions.id"), index=True)
    manner: Mapped[Manner] = mapped_column(EnumText(Manner))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Delegation(Base):
    """A head's written permission to somebody else to sign in the head's name."""

    __tablename__ = "delegations"
    __table_args__ = (
        enum_check("kind", GrantKind),
        CheckConstraint("valid_to >= valid_from", name="dates"),
        CheckConstraint(
            "kind <> 'authorisation' OR valid_to IS NOT NULL", name="authorisations_end"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    from_position_id: Mapped[UUID] = mapped_column(ForeignKey("positions.id"), index=True)
    to_person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[GrantKind] = mapped_column(EnumText(GrantKind))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    #: What may be signed, in words.
    subject: Mapped[str]
    #: Number and date of the document that grants it: "15/GUQ-SGDĐT ngày 02/8/2018".
    document_reference: Mapped[str]


class SignedIn(Base):
    """A session: somebody who is signed in, in a browser or with a program."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    #: In which position they act.
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    created_at: Mapped[datetime]
    #: At most one minute behind.
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base):
    __tablename__ = "api_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: What its owner calls it.
    name: Mapped[str]
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """One attempt, under keyed hashes: whose login and from where cannot be read from the table."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_login", "login_hash", "attempted_at"),
        Index("ix_sign_in_attempts_source", "source_hash", "attempted_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    login_hash: Mapped[bytes] = mapped_column(LargeBinary)
    source_hash: Mapped[bytes] = mapped_column(LargeBinary)
    attempted_at: Mapped[datetime]
    #: False until the sign-in is complete, so that a crash counts as a failure.
    succeeded: Mapped[bool]


class Totp(Base):
    """The key of a person's one-time codes (RFC 6238)."""

    __tablename__ = "totp"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), primary_key=True)
    #: AES-256-GCM, nonce first, bound to the person.
    secret_encrypted: Mapped[bytes] = mapped_column(LargeBinary)
    #: None until a first code has proved that the person's device has the key.
    confirmed_at: Mapped[datetime | None]
    #: The latest time step whose code was accepted; it and earlier ones are spent.
    last_step: Mapped[int] = mapped_column(BigInteger)


class RecoveryCode(Base):
    """Stands in once for a code when the device is lost."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        Index(
            "ix_recovery_codes_unused",
            "person_id",
            postgresql_where=text("used_at IS NULL"),
        ),
    )

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    used_at: Mapped[datetime | None]


class CalendarDay(Base):
    """A day that a decision took out of the working days, or put into them; for all offices."""

    __tablename__ = "calendar_days"
    __table_args__ = (enum_check("kind", DayKind),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    kind: Mapped[DayKind] = mapped_column(EnumText(DayKind))
    #: "Tết Nguyên đán", "Làm bù cho ngày 30/4".
    name: Mapped[str]
    #: The document that sets it, with number, date and author.
    decision: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]
