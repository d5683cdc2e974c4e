"""Deliveries, arrivals, assignments."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TYPES = (
    "'resolution', 'decision', 'directive', 'statute', 'rules', 'communique', 'notice',"
    " 'guidance', 'programme', 'plan', 'option_plan', 'scheme', 'project', 'report', 'minutes',"
    " 'submission', 'contract', 'dispatch', 'telegram', 'memorandum', 'agreement',"
    " 'authorisation', 'invitation', 'introduction', 'leave_paper', 'sending_slip',"
    " 'transfer_slip', 'notification_slip', 'official_letter', 'certified_copy', 'extract',"
    " 'copy_of_copy'"
)

AGENCIES = """
-- For whom the transaction runs and all whose records it took over when they ended: they may be
-- read. Defined with the owner's rights, because policies call it.
create function app_agencies() returns uuid[]
  language sql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
    with recursive own(id) as (
      select public.app_agency()
      union
      select s.predecessor_id
        from own join public.unit_successions s on s.successor_id = own.id
    )
    select coalesce(array_agg(id) filter (where id is not null), '{}') from own
  $$;
revoke execute on function app_agencies() from public;
grant execute on function app_agencies() to eoffice_app, eoffice_worker;
"""

POLICIES = """
alter table deliveries enable row level security;
create policy both_read on deliveries for select using (
  sender_agency_id = any ((select app_agencies())::uuid[])
  or recipient_agency_id = any ((select app_agencies())::uuid[]));
create policy recipient_acts on deliveries for update
  using (recipient_agency_id = app_agency()) with check (recipient_agency_id = app_agency());

-- The subquery is itself under the policies of deliveries.
alter table delivery_files enable row level security;
create policy as_its_delivery on delivery_files for select using (
  exists (select from deliveries where deliveries.id = delivery_files.delivery_id));
"""

#: Below these, everything belongs to one agency: it acts, and whoever took over from it reads.
OF_ONE_AGENCY = ("arrival_books", "arrivals", "assignments", "work_log", "answers", "notices")

GRANTS = """
grant select on deliveries, delivery_files, notices to eoffice_app;
grant update (state, opened_at, registered_at, arrival_number, refused_at, refusal_reason,
  assigned_at, work_began_at, done_at) on deliveries to eoffice_app;
grant update (read_at) on notices to eoffice_app;
grant select, insert on arrival_books, arrivals, assignments, work_log, answers to eoffice_app;
grant update (last_number) on arrival_books to eoffice_app;
grant update (state, submitted_at, submitted_by, due_on, done_at, done_by, outcome)
  on arrivals to eoffice_app;
grant update (taken_at, ended_at) on assignments to eoffice_app;
grant select, insert, update on deliveries, delivery_files, arrival_books, arrivals, assignments,
  work_log, answers, notices to eoffice_worker;
"""


def upgrade() -> None:
    op.execute(AGENCIES)
    op.create_table(
        "deliveries",
        _id("id"),
        _id("document_id"),
        _id("sender_agency_id"),
        _id("recipient_unit_id"),
        _id("recipient_agency_id"),
        _text("sender_name"),
        _text("document_type"),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("notation"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        _text("subject"),
        _text("signer_name"),
        _text("urgency"),
        sa.Column("due_on", sa.Date()),
        _text("content_sha256"),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("answers_document_id", sa.Uuid()),
        _text("state"),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=False),
        _instant("opened_at"),
        _instant("registered_at"),
        sa.Column("arrival_number", sa.Integer()),
        _instant("refused_at"),
        sa.Column("refusal_reason", sa.Text()),
        _instant("assigned_at"),
        _instant("work_began_at"),
        _instant("done_at"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint(
            "document_id",
            "recipient_unit_id",
            name="uq_deliveries_document_id_recipient_unit_id",
        ),
        _names("deliveries", "document_id", "documents"),
        _names("deliveries", "sender_agency_id", "units"),
        _names("deliveries", "recipient_unit_id", "units"),
        _names("deliveries", "recipient_agency_id", "units"),
        _names("deliveries", "answers_document_id", "documents"),
        sa.CheckConstraint(
            "state IN ('delivered', 'opened', 'registered', 'refused', 'assigned', 'done')",
            name=op.f("ck_deliveries_state"),
        ),
        sa.CheckConstraint(f"document_type IN ({TYPES})", name=op.f("ck_deliveries_document_type")),
        sa.CheckConstraint(
            "urgency IN ('ordinary', 'urgent', 'very_urgent', 'express')",
            name=op.f("ck_deliveries_urgency"),
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal_reason IS NOT NULL)", name=op.f("ck_deliveries_reason")
        ),
        sa.CheckConstraint(
            "(arrival_number IS NULL) = (registered_at IS NULL)",
            name=op.f("ck_deliveries_registration"),
        ),
    )
    op.create_index(
        "ix_deliveries_recipient", "deliveries", ["recipient_agency_id", "state", "delivered_at"]
    )
    op.create_index("ix_deliveries_sender", "deliveries", ["sender_agency_id", "due_on"])
    op.create_index(
        "ix_deliveries_answers",
        "deliveries",
        ["answers_document_id"],
        postgresql_where=sa.text("answers_document_id IS NOT NULL"),
    )
    op.create_table(
        "delivery_files",
        _id("delivery_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("name"),
        _text("media_type"),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        _text("sha256"),
        sa.PrimaryKeyConstraint("delivery_id", "position", name="pk_delivery_files"),
        _names("delivery_files", "delivery_id", "deliveries"),
    )
    op.create_table(
        "arrival_books",
        _id("agency_id"),
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", "year", name="pk_arrival_books"),
        _names("arrival_books", "agency_id", "units"),
    )
    op.create_table(
        "arrivals",
        _id("id"),
        _id("agency_id"),
        _id("delivery_id"),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        _text("state"),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        _id("registered_by"),
        _instant("submitted_at"),
        sa.Column("submitted_by", sa.Uuid()),
        sa.Column("due_on", sa.Date()),
        _instant("done_at"),
        sa.Column("done_by", sa.Uuid()),
        sa.Column("outcome", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_arrivals"),
        sa.UniqueConstraint("delivery_id", name="uq_arrivals_delivery_id"),
        sa.UniqueConstraint(
            "agency_id", "year", "number", name="uq_arrivals_agency_id_year_number"
        ),
        _names("arrivals", "agency_id", "units"),
        _names("arrivals", "delivery_id", "deliveries"),
        _names("arrivals", "registered_by", "persons"),
        _names("arrivals", "submitted_by", "persons"),
        _names("arrivals", "done_by", "persons"),
        sa.CheckConstraint(
            "state IN ('registered', 'submitted', 'assigned', 'in_progress', 'done')",
            name=op.f("ck_arrivals_state"),
        ),
        sa.CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_arrivals_end")
        ),
    )
    op.create_index("ix_arrivals_open", "arrivals", ["agency_id", "state"])
    op.create_table(
        "assignments",
        _id("id"),
        _id("agency_id"),
        _id("arrival_id"),
        _text("role"),
        _id("unit_id"),
        sa.Column("person_id", sa.Uuid()),
        _text("instruction"),
        sa.Column("due_on", sa.Date()),
        _id("assigned_by"),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        _instant("taken_at"),
        _instant("ended_at"),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
        _names("assignments", "agency_id", "units"),
        _names("assignments", "arrival_id", "arrivals"),
        _names("assignments", "unit_id", "units"),
        _names("assignments", "person_id", "persons"),
        _names("assignments", "assigned_by", "persons"),
        sa.CheckConstraint(
            "role IN ('lead', 'cooperating', 'for_information')", name=op.f("ck_assignments_role")
        ),
    )
    op.create_index(
        "uq_assignments_lead",
        "assignments",
        ["arrival_id"],
        unique=True,
        postgresql_where=sa.text("role = 'lead' AND ended_at IS NULL"),
    )
    op.create_index("ix_assignments_arrival_id", "assignments", ["arrival_id"])
    for index, column in (
        ("ix_assignments_person", "person_id"),
        ("ix_assignments_unit", "unit_id"),
    ):
        op.create_index(
            index, "assignments", [column], postgresql_where=sa.text("ended_at IS NULL")
        )
    op.create_table(
        "work_log",
        _id("id"),
        _id("agency_id"),
        _id("arrival_id"),
        _text("text"),
        _id("logged_by"),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_work_log"),
        _names("work_log", "agency_id", "units"),
        _names("work_log", "arrival_id", "arrivals"),
        _names("work_log", "logged_by", "persons"),
    )
    op.create_index("ix_work_log_arrival_id", "work_log", ["arrival_id", "logged_at"])
    op.create_table(
        "answers",
        _id("document_id"),
        _id("arrival_id"),
        _id("agency_id"),
        _id("begun_by"),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name="pk_answers"),
        _names("answers", "document_id", "documents"),
        _names("answers", "arrival_id", "arrivals"),
        _names("answers", "agency_id", "units"),
        _names("answers", "begun_by", "persons"),
    )
    op.create_index("ix_answers_arrival_id", "answers", ["arrival_id"])
    op.create_table(
        "notices",
        _id("id"),
        _id("agency_id"),
        _id("unit_id"),
        _text("kind"),
        _id("delivery_id"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _instant("read_at"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("delivery_id", "kind", name="uq_notices_delivery_id_kind"),
        _names("notices", "agency_id", "units"),
        _names("notices", "unit_id", "units"),
        _names("notices", "delivery_id", "deliveries"),
        sa.CheckConstraint("kind IN ('refused', 'answered')", name=op.f("ck_notices_kind")),
    )
    op.create_index(
        "ix_notices_unread", "notices", ["agency_id"], postgresql_where=sa.text("read_at IS NULL")
    )
    op.execute(POLICIES)
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
    op.execute(GRANTS)


def downgrade() -> None:
    for table in (
        "notices",
        "answers",
        "work_log",
        "assignments",
        "arrivals",
        "arrival_books",
        "delivery_files",
        "deliveries",
    ):
        op.drop_table(table)
    op.execute("drop function app_agencies()")


def _id(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _names(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")
