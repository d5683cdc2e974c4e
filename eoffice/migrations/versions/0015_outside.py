"""Incoming documents that no unit of this office sent: exchange, mail, scan, hand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OUTSIDE = "'exchange', 'mail', 'scan', 'hand'"

#: What came from outside has no place in the older shape.
WITHOUT_OUTSIDE = """
create temporary table outside on commit drop as
  select id from deliveries where origin <> 'delivery';
delete from answers where arrival_id in (
  select id from arrivals where delivery_id in (select id from outside));
delete from work_log where arrival_id in (
  select id from arrivals where delivery_id in (select id from outside));
delete from assignments where arrival_id in (
  select id from arrivals where delivery_id in (select id from outside));
delete from arrivals where delivery_id in (select id from outside);
delete from notices where delivery_id in (select id from outside);
delete from delivery_files where delivery_id in (select id from outside);
delete from deliveries where origin <> 'delivery';
drop table outside;
"""

#: Columns of a delivery from outside which a delivery of this office leaves empty.
TOLD = (
    "sender_organ_id",
    "signer_position",
    "language",
    "description",
    "to_places",
    "trace_headers",
    "external_id",
    "type_name",
)

POLICIES = f"""
create policy recipient_enters on deliveries for insert
  with check (recipient_agency_id = app_agency() and origin in ({OUTSIDE}));
create policy recipient_enters on delivery_files for insert with check (
  exists (select from deliveries d
    where d.id = delivery_files.delivery_id and d.origin in ({OUTSIDE})
      and d.recipient_agency_id = app_agency()));
"""

#: Who keeps the office running sets the mailboxes of all agencies. With the owner's rights,
#: because policies call it.
OPERATES = """
create function app_operates() returns boolean
  language sql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
    select exists (
      select from public.appointments a join public.positions p on p.id = a.position_id
       where a.person_id = public.app_person() and p.kind = 'operator'
         and (a.valid_to is null or a.valid_to >= current_date))
  $$;
revoke execute on function app_operates() from public;
grant execute on function app_operates() to eoffice_app, eoffice_worker;
alter table mailboxes enable row level security;
create policy own_read on mailboxes for select
  using (agency_id = app_agency() or (select app_operates()));
create policy operators on mailboxes
  using ((select app_operates())) with check ((select app_operates()));
"""

#: Each row belongs to one agency: it acts, and whoever took over from it reads.
OF_ONE_AGENCY = (
    "delivery_contents",
    "scans",
    "scan_files",
    "scan_pages",
    "mail_messages",
    "mail_attachments",
)

#: The words of a copy that was taken back are nobody's any more, not even of a search.
RECALLED = """
create policy not_recalled on delivery_contents as restrictive for select using (
  exists (select from deliveries d
    where d.id = delivery_contents.delivery_id and d.state <> 'recalled'));
"""

GRANTS = """
grant insert on deliveries, delivery_files to eoffice_app;
grant select, insert on delivery_contents, scans, scan_files to eoffice_app;
grant select on scan_pages, mail_messages, mail_attachments to eoffice_app;
grant update (state, ended_at, ended_by, delivery_id) on scans to eoffice_app;
grant update (state, put_aside_reason, ended_at, ended_by, delivery_id)
  on mail_messages to eoffice_app;
grant select, insert on mailboxes to eoffice_app;
grant update (host, port, security, user_name, password_name, folder, is_active,
  uid_validity, last_uid, failure, changed_at) on mailboxes to eoffice_app;
grant select, insert, update on delivery_contents, scans, scan_files, scan_pages, mailboxes,
  mail_messages, mail_attachments to eoffice_worker;
"""


def upgrade() -> None:
    op.add_column(
        "deliveries",
        sa.Column("origin", sa.Text(), nullable=False, server_default="delivery"),
    )
    op.alter_column("deliveries", "origin", server_default=None)
    for column in TOLD:
        op.add_column("deliveries", sa.Column(column, sa.Text()))
    for column in ("document_id", "sender_agency_id", "document_type", "notation"):
        op.alter_column("deliveries", column, nullable=True)
    op.alter_column("deliveries", "content_sha256", nullable=True)
    op.alter_column(
        "deliveries",
        "number",
        type_=sa.Text(),
        nullable=True,
        postgresql_using="number::text",
    )
    for name, rule in (
        ("origin", f"origin IN ('delivery', {OUTSIDE})"),
        ("document", "(origin = 'delivery') = (document_id IS NOT NULL)"),
        ("sender", "(origin = 'delivery') = (sender_agency_id IS NOT NULL)"),
        ("type", "num_nonnulls(document_type, type_name) = 1"),
        ("external", "origin NOT IN ('exchange', 'mail') OR external_id IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_deliveries_{name}"), "deliveries", rule)
    op.create_unique_constraint(
        "uq_deliveries_recipient_unit_id_origin_external_id",
        "deliveries",
        ["recipient_unit_id", "origin", "external_id"],
    )
    op.create_index(
        "ix_deliveries_number", "deliveries", ["recipient_agency_id", "number", "notation"]
    )
    _delivery_contents()
    _scans()
    _mail()
    op.execute(POLICIES)
    op.execute(OPERATES)
    for table in OF_ONE_AGENCY:
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy inherited_read on {table} for select"
            " using (agency_id = any ((select app_agencies())::uuid[]))"
        )
        op.execute(
            f"create policy own on {table} using (agency_id = app_agency())"
            " with check (agency_id = app_agency())"
        )
    op.execute(RECALLED)
    op.execute(GRANTS)


def _delivery_contents() -> None:
    op.create_table(
        "delivery_contents",
        _id("delivery_id"),
        _id("agency_id"),
        sa.Column("text", sa.Text(), nullable=False),
        _text("text_state"),
        sa.Column("searchable_sha256", sa.Text()),
        sa.Column("verdict", postgresql.JSONB()),
        _instant("verified_at"),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_delivery_contents"),
        _names("delivery_contents", "delivery_id", "deliveries"),
        _names("delivery_contents", "agency_id", "units"),
        sa.CheckConstraint(
            "text_state IN ('waiting', 'found', 'recognised', 'none', 'not_recognised')",
            name=op.f("ck_delivery_contents_text_state"),
        ),
        sa.CheckConstraint(
            "(verdict IS NULL) = (verified_at IS NULL)",
            name=op.f("ck_delivery_contents_verification"),
        ),
    )


def _scans() -> None:
    op.create_table(
        "scans",
        _id("id"),
        _id("agency_id"),
        _text("name"),
        _text("state"),
        _text("content_sha256"),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("pages_read", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("searchable_sha256", sa.Text()),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid()),
        _instant("ended_at"),
        sa.Column("ended_by", sa.Uuid()),
        sa.Column("delivery_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_scans"),
        _names("scans", "agency_id", "units"),
        _names("scans", "uploaded_by", "persons"),
        _names("scans", "ended_by", "persons"),
        _names("scans", "delivery_id", "deliveries"),
        sa.CheckConstraint(
            "state IN ('waiting', 'reading', 'read', 'unreadable', 'unavailable', 'taken',"
            " 'discarded')",
            name=op.f("ck_scans_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('taken', 'discarded')) = (ended_at IS NOT NULL)",
            name=op.f("ck_scans_end"),
        ),
        sa.CheckConstraint(
            "(state = 'taken') = (delivery_id IS NOT NULL)", name=op.f("ck_scans_delivery")
        ),
    )
    op.create_index(
        "ix_scans_open",
        "scans",
        ["agency_id", "uploaded_at"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "scan_files",
        _id("scan_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _id("agency_id"),
        _text("name"),
        _text("media_type"),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        _text("sha256"),
        sa.PrimaryKeyConstraint("scan_id", "position", name="pk_scan_files"),
        _names("scan_files", "scan_id", "scans"),
        _names("scan_files", "agency_id", "units"),
    )
    op.create_table(
        "scan_pages",
        _id("scan_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _id("agency_id"),
        sa.Column("text", sa.Text()),
        sa.Column("layer_sha256", sa.Text()),
        sa.PrimaryKeyConstraint("scan_id", "number", name="pk_scan_pages"),
        _names("scan_pages", "scan_id", "scans"),
        _names("scan_pages", "agency_id", "units"),
    )


def _mail() -> None:
    op.create_table(
        "mailboxes",
        _id("agency_id"),
        _text("host"),
        sa.Column("port", sa.Integer(), nullable=False),
        _text("security"),
        _text("user_name"),
        _text("password_name"),
        _text("folder"),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger()),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        _instant("checked_at"),
        sa.Column("failure", sa.Text()),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name="pk_mailboxes"),
        _names("mailboxes", "agency_id", "units"),
        sa.CheckConstraint(
            "security IN ('tls', 'starttls', 'none')", name=op.f("ck_mailboxes_security")
        ),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", name=op.f("ck_mailboxes_port")),
    )
    op.create_table(
        "mail_messages",
        _id("id"),
        _id("agency_id"),
        _text("message_id"),
        _text("digest"),
        _text("source_sha256"),
        _text("sender_address"),
        _text("sender_name"),
        sa.Column("sender_unit_id", sa.Uuid()),
        _text("subject"),
        _instant("sent_at"),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        _text("text"),
        _text("left_out"),
        _text("state"),
        sa.Column("put_aside_reason", sa.Text()),
        _instant("ended_at"),
        sa.Column("ended_by", sa.Uuid()),
        sa.Column("delivery_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_mail_messages"),
        sa.UniqueConstraint(
            "agency_id", "message_id", "digest", name="uq_mail_messages_agency_id_message_id_digest"
        ),
        _names("mail_messages", "agency_id", "units"),
        _names("mail_messages", "sender_unit_id", "units"),
        _names("mail_messages", "ended_by", "persons"),
        _names("mail_messages", "delivery_id", "deliveries"),
        sa.CheckConstraint(
            "state IN ('new', 'taken', 'put_aside')", name=op.f("ck_mail_messages_state")
        ),
        sa.CheckConstraint(
            "(state = 'put_aside') = (put_aside_reason IS NOT NULL)",
            name=op.f("ck_mail_messages_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'new') = (ended_at IS NULL)", name=op.f("ck_mail_messages_end")
        ),
    )
    op.create_index("ix_mail_messages_tray", "mail_messages", ["agency_id", "state", "fetched_at"])
    op.create_table(
        "mail_attachments",
        _id("message_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _id("agency_id"),
        _text("name"),
        _text("kind"),
        _text("media_type"),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        _text("sha256"),
        sa.Column("page_count", sa.Integer()),
        _text("text"),
        sa.PrimaryKeyConstraint("message_id", "position", name="pk_mail_attachments"),
        _names("mail_attachments", "message_id", "mail_messages"),
        _names("mail_attachments", "agency_id", "units"),
        sa.CheckConstraint(
            "kind IN ('document', 'exchange', 'file')", name=op.f("ck_mail_attachments_kind")
        ),
    )


def downgrade() -> None:
    for table in (
        "mail_attachments",
        "mail_messages",
        "mailboxes",
        "scan_pages",
        "scan_files",
        "scans",
        "delivery_contents",
    ):
        op.drop_table(table)
    op.execute("drop function app_operates()")
    op.execute("drop policy recipient_enters on delivery_files")
    op.execute("drop policy recipient_enters on deliveries")
    op.execute("revoke insert on deliveries, delivery_files from eoffice_app")
    op.execute(WITHOUT_OUTSIDE)
    op.drop_index("ix_deliveries_number", "deliveries")
    op.drop_constraint("uq_deliveries_recipient_unit_id_origin_external_id", "deliveries")
    for name in ("origin", "document", "sender", "type", "external"):
        op.drop_constraint(op.f(f"ck_deliveries_{name}"), "deliveries")
    op.alter_column(
        "deliveries",
        "number",
        type_=sa.Integer(),
        nullable=False,
        postgresql_using="number::integer",
    )
    for column in ("document_id", "sender_agency_id", "document_type", "notation"):
        op.alter_column("deliveries", column, nullable=False)
    op.alter_column("deliveries", "content_sha256", nullable=False)
    for column in ("origin", *TOLD):
        op.drop_column("deliveries", column)


def _id(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _names(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")
