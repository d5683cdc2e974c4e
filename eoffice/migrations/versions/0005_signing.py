"""Requests for signature, keys."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder_person_id", sa.Uuid()),
        sa.Column("holder_unit_id", sa.Uuid()),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("locator", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.Column("wrong_pins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_signing_keys"),
        sa.ForeignKeyConstraint(
            ["holder_person_id"], ["persons.id"], name="fk_signing_keys_holder_person_id"
        ),
        sa.ForeignKeyConstraint(
            ["holder_unit_id"], ["units.id"], name="fk_signing_keys_holder_unit_id"
        ),
        sa.CheckConstraint("store IN ('pkcs12', 'pkcs11')", name="store"),
        sa.CheckConstraint(
            "(holder_person_id IS NULL) <> (holder_unit_id IS NULL)",
            name="one_holder",
        ),
    )
    for name, column in (
        ("uq_signing_keys_person", "holder_person_id"),
        ("uq_signing_keys_unit", "holder_unit_id"),
    ):
        op.create_index(
            name,
            "signing_keys",
            [column],
            unique=True,
            postgresql_where=sa.text("retired_at IS NULL"),
        )
    op.create_table(
        "signature_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=False),
        sa.Column("prepared_sha256", sa.Text(), nullable=False),
        sa.Column("to_be_signed_sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("result_sha256", sa.Text()),
        sa.Column("failure", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_signature_requests"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["units.id"], name="fk_signature_requests_agency_id"
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["signing_keys.id"], name="fk_signature_requests_key_id"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name="fk_signature_requests_person_id"
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name="fk_signature_requests_appointment_id"
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'signed', 'failed', 'abandoned')",
            name="state",
        ),
        sa.CheckConstraint("purpose IN ('certify', 'approve', 'seal')", name="purpose"),
        sa.CheckConstraint("(state = 'requested') = (finished_at IS NULL)", name="finished"),
    )
    op.create_index(
        "ix_signature_requests_subject", "signature_requests", ["subject_kind", "subject_id"]
    )
    op.execute("alter table signature_requests enable row level security")
    op.execute(
        "create policy agency on signature_requests"
        " using (agency_id = app_agency()) with check (agency_id = app_agency())"
    )
    # The web process counts wrong PINs and nothing else about a key.
    op.execute("grant select, update (wrong_pins, locked_until) on signing_keys to eoffice_app")
    op.execute("grant select, insert, update on signing_keys to eoffice_worker")
    op.execute("grant select, insert, update on signature_requests to eoffice_app")
    op.execute("grant select, insert, update on signature_requests to eoffice_worker")


def downgrade() -> None:
    op.drop_table("signature_requests")
    op.drop_table("signing_keys")
