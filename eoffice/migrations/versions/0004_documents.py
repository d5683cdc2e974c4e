"""Documents, versions, books and numbers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Every table of the slice: each row belongs to one agency, which alone sees it.
TABLES = (
    "books",
    "documents",
    "attachments",
    "book_entries",
    "document_comments",
    "document_recipients",
    "document_versions",
    "issuances",
    "withdrawals",
    "issuance_recipients",
)
#: Rows that are never changed once they are written.
RECORDS = ("document_comments", "issuances", "issuance_recipients", "withdrawals")
#: Rows that a writer may take out again while the document is a draft.
REMOVABLE = ("attachments", "document_recipients")


def upgrade() -> None:
    op.create_table(
        "books",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("opening_number", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_books"),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_books_agency_id"),
        sa.CheckConstraint("last_number >= opening_number", name="counts_up"),
        sa.UniqueConstraint("agency_id", "kind", "year", name="uq_books_agency_id"),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("drafting_unit_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("notation", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("signer_id", sa.Uuid(), nullable=True),
        sa.Column("signer_capacity", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.ForeignKeyConstraint(["signer_id"], ["persons.id"], name="fk_documents_signer_id"),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_documents_agency_id"),
        sa.ForeignKeyConstraint(["created_by"], ["persons.id"], name="fk_documents_created_by"),
        sa.ForeignKeyConstraint(
            ["drafting_unit_id"], ["units.id"], name="fk_documents_drafting_unit_id"
        ),
        sa.CheckConstraint(
            "type IN ('resolution', 'decision', 'directive', 'statute', 'rules', 'communique', 'notice', 'guidance', 'programme', 'plan', 'option_plan', 'scheme', 'project', 'report', 'minutes', 'submission', 'contract', 'dispatch', 'telegram', 'memorandum', 'agreement', 'authorisation', 'invitation', 'introduction', 'leave_paper', 'sending_slip', 'transfer_slip', 'notification_slip', 'official_letter', 'certified_copy', 'extract', 'copy_of_copy')",
            name="type",
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'checking', 'awaiting_signature', 'signed', 'numbered', 'sealed', 'issued', 'withdrawn')",
            name="state",
        ),
        sa.CheckConstraint(
            "urgency IN ('ordinary', 'urgent', 'very_urgent', 'express')",
            name="urgency",
        ),
        sa.CheckConstraint(
            "(number IS NULL) = (notation IS NULL) AND (number IS NULL) = (issued_on IS NULL)",
            name="number_notation_date",
        ),
    )
    op.create_index("ix_documents_desk", "documents", ["agency_id", "state", "created_at"])
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.ForeignKeyConstraint(["added_by"], ["persons.id"], name="fk_attachments_added_by"),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_attachments_agency_id"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_attachments_document_id"
        ),
        sa.UniqueConstraint("document_id", "name", name="uq_attachments_name"),
    )
    op.create_table(
        "book_entries",
        sa.Column("book_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=False),
        sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("annulled_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("book_id", "number", name="pk_book_entries"),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_book_entries_agency_id"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_book_entries_document_id"
        ),
        sa.ForeignKeyConstraint(["taken_by"], ["persons.id"], name="fk_book_entries_taken_by"),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name="fk_book_entries_book_id"),
        sa.UniqueConstraint("document_id", name="uq_book_entries_document_id"),
        sa.CheckConstraint(
            "(annulled_at IS NULL) = (annulled_because IS NULL)",
            name="annulled_with_reason",
        ),
    )
    op.create_index(
        "ix_book_entries_valid",
        "book_entries",
        ["book_id", "number"],
        postgresql_where=sa.text("annulled_at IS NULL"),
    )
    op.create_table(
        "document_comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("version_ordinal", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_return_reason", sa.Boolean(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document_comments"),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_document_comments_agency_id"),
        sa.ForeignKeyConstraint(
            ["written_by"], ["persons.id"], name="fk_document_comments_written_by"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_document_comments_document_id"
        ),
    )
    op.create_index(
        "ix_document_comments_document", "document_comments", ["document_id", "written_at"]
    )
    op.create_table(
        "document_recipients",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("group_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("document_id", "ordinal", name="pk_document_recipients"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["units.id"], name="fk_document_recipients_agency_id"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_document_recipients_unit_id"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_document_recipients_document_id"
        ),
        sa.CheckConstraint("kind IN ('unit', 'group')", name="kind"),
        sa.CheckConstraint(
            "(kind = 'unit') = (unit_id IS NOT NULL) AND (kind = 'group') = (group_code IS NOT NULL)",
            name="unit_or_group",
        ),
    )
    op.create_table(
        "document_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", JSONB(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.Integer(), nullable=True),
        sa.Column("page_count", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_document_versions"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["persons.id"], name="fk_document_versions_created_by"
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_document_versions_agency_id"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_document_versions_document_id"
        ),
        sa.CheckConstraint("kind IN ('draft', 'signed', 'numbered', 'sealed')", name="kind"),
        sa.UniqueConstraint("document_id", "ordinal", name="uq_document_versions_ordinal"),
        sa.CheckConstraint(
            "(content_sha256 IS NULL) = (size_bytes IS NULL) AND (content_sha256 IS NULL) = (page_count IS NULL)",
            name="content",
        ),
        sa.CheckConstraint(
            "kind = 'draft' OR content_sha256 IS NOT NULL",
            name="signed_has_content",
        ),
    )
    op.create_table(
        "issuances",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_issuances"),
        sa.ForeignKeyConstraint(["issued_by"], ["persons.id"], name="fk_issuances_issued_by"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_issuances_document_id"),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_issuances_agency_id"),
    )
    op.create_table(
        "withdrawals",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_withdrawals"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_withdrawals_document_id"
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["persons.id"], name="fk_withdrawals_withdrawn_by"
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_withdrawals_agency_id"),
    )
    op.create_table(
        "issuance_recipients",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("group_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("document_id", "unit_id", name="pk_issuance_recipients"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["units.id"], name="fk_issuance_recipients_agency_id"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_issuance_recipients_unit_id"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issuances.document_id"], name="fk_issuance_recipients_document_id"
        ),
    )
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy agency on {table}"
            " using (agency_id = app_agency()) with check (agency_id = app_agency())"
        )
        rights = "select, insert" if table in RECORDS else "select, insert, update"
        if table in REMOVABLE:
            rights += ", delete"
        op.execute(f"grant {rights} on {table} to eoffice_app")
        op.execute(f"grant {rights} on {table} to eoffice_worker")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
