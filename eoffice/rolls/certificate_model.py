"""Tables of certificates: kinds, blanks received, what was granted, handed over, copied, corrected.

The kinds are the department's; all else is the school's. Nothing is removed.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.rolls.certificate_states import BlankState, CertificateState
from eoffice.rolls.rules import Stage


class CertificateKind(Base):
    """loại văn bằng, chứng chỉ. A row that is changed is replaced, as in all of the department."""

    __tablename__ = "certificate_kinds"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z0-9_-]{2,20}$'", name="code"),
        enum_check("stage", Stage),
        Index(
            "uq_certificate_kinds_now",
            "code",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    #: The stage of school that it certifies; None for any.
    stage: Mapped[Stage | None] = mapped_column(EnumText(Stage))
    #: Whether it is written on a blank with a serial that is counted.
    has_blanks: Mapped[bool]
    #: "Giỏi; Khá; Trung bình"; "" where it has none.
    gradings: Mapped[str]
    is_offered: Mapped[bool]
    source: Mapped[str]
    reason: Mapped[str]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    confirmed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class BlankBatch(Base):
    """Blank forms (phôi) that the school received at once, with serials without a hole."""

    __tablename__ = "certificate_batches"
    __table_args__ = (
        CheckConstraint("0 <= first_number AND first_number <= last_number", name="serials"),
        CheckConstraint("digits BETWEEN 1 AND 12", name="digits"),
        CheckConstraint(
            "(struck_at IS NULL) = (struck_by IS NULL)"
            " AND (struck_at IS NULL) = (struck_because IS NULL)",
            name="struck",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), index=True)
    kind_code: Mapped[str]
    received_on: Mapped[date]
    received_from: Mapped[str]
    decision: Mapped[str]
    prefix: Mapped[str]
    first_number: Mapped[int] = mapped_column(BigInteger)
    last_number: Mapped[int] = mapped_column(BigInteger)
    digits: Mapped[int]
    note: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]
    struck_at: Mapped[datetime | None]
    struck_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    struck_because: Mapped[str | None]


class Blank(Base):
    """One blank form."""

    __tablename__ = "certificate_blanks"
    __table_args__ = (
        enum_check("state", BlankState),
        UniqueConstraint("batch_id", "ordinal", name="uq_certificate_blanks_batch_id"),
        Index(
            "uq_certificate_blanks_serial",
            "school_id",
            "kind_code",
            "serial",
            unique=True,
            postgresql_where=text("state <> 'struck'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("certificate_batches.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind_code: Mapped[str]
    ordinal: Mapped[int]
    serial: Mapped[str]
    state: Mapped[BlankState] = mapped_column(EnumText(BlankState))
    state_since: Mapped[datetime]
    #: Of what happened to it beside granting: the day, and number and date of the minutes.
    ended_on: Mapped[date | None]
    minutes: Mapped[str]


class Certificate(Base):
    """A line of the ledger: a certificate that was granted, as it was written."""

    __tablename__ = "certificates"
    __table_args__ = (
        enum_check("state", CertificateState),
        UniqueConstraint("school_id", "ordinal", name="uq_certificates_ordinal"),
        UniqueConstraint(
            "school_id", "kind_code", "entry_number", name="uq_certificates_entry_number"
        ),
        UniqueConstraint("blank_id", name="uq_certificates_blank_id"),
        CheckConstraint("graduation_year BETWEEN 1945 AND 2200", name="graduation_year"),
        CheckConstraint("(ended_on IS NULL) = (ended_because IS NULL)", name="ended"),
        Index("ix_certificates_pupil_id", "pupil_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Line of the ledger.
    ordinal: Mapped[int]
    kind_code: Mapped[str]
    kind_name: Mapped[str]
    #: None where the certificate came filled in, or is written on no blank that is counted.
    blank_id: Mapped[UUID | None] = mapped_column(ForeignKey("certificate_blanks.id"))
    #: số hiệu
    serial: Mapped[str]
    #: số vào sổ gốc cấp bằng
    entry_number: Mapped[str]
    #: None for somebody whom the school's lists do not have.
    pupil_id: Mapped[UUID | None] = mapped_column(ForeignKey("pupils.id"))
    name: Mapped[str]
    born_on: Mapped[date]
    sex: Mapped[str]
    birthplace: Mapped[str]
    ethnicity: Mapped[str]
    class_name: Mapped[str]
    graduation_year: Mapped[int]
    grading: Mapped[str]
    #: quyết định công nhận
    decision: Mapped[str]
    #: The day that stands on the certificate.
    signed_on: Mapped[date]
    note: Mapped[str]
    is_from_paper: Mapped[bool]
    state: Mapped[CertificateState] = mapped_column(EnumText(CertificateState))
    state_since: Mapped[datetime]
    #: Written wrongly, lost or revoked: when, why and by which paper.
    ended_on: Mapped[date | None]
    ended_because: Mapped[str | None]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]


class CertificateHandover(Base):
    """Who took a certificate, showing what; the signature stands on paper or comes later."""

    __tablename__ = "certificate_handovers"
    __table_args__ = (CheckConstraint("(signed_on IS NULL) = (signature = '')", name="signature"),)

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    on_day: Mapped[date]
    receiver: Mapped[str]
    #: Kind and number of the identity paper shown.
    identity_paper: Mapped[str]
    #: giấy ủy quyền; "" where the person came in person.
    authorisation: Mapped[str]
    #: Where the receiver's signature is to be found; "" until there is one.
    signature: Mapped[str]
    signed_on: Mapped[date | None]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]


class CertificateCopy(Base):
    """bản sao cấp từ sổ gốc: copies that were issued from the ledger at once."""

    __tablename__ = "certificate_copies"
    __table_args__ = (
        UniqueConstraint("school_id", "year", "number", name="uq_certificate_copies_number"),
        CheckConstraint("copies BETWEEN 1 AND 50", name="copies"),
        Index("ix_certificate_copies_certificate_id", "certificate_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificates.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Of the day of issue.
    year: Mapped[int]
    number: Mapped[int]
    on_day: Mapped[date]
    copies: Mapped[int]
    receiver: Mapped[str]
    identity_paper: Mapped[str]
    reason: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]


class CertificateCorrection(Base):
    """chỉnh sửa nội dung văn bằng: one value, by a decision. The line of the ledger stays."""

    __tablename__ = "certificate_corrections"
    __table_args__ = (Index("ix_certificate_corrections_certificate_id", "certificate_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificates.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    on_day: Mapped[date]
    decision: Mapped[str]
    field: Mapped[str]
    old: Mapped[str]
    new: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]
