"""Evidence records of archived files (RFC 4998), where the policy prefers them to time-stamps."""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

UP = """
create table evidence_records (
  entry_id uuid constraint pk_evidence_records primary key
    constraint fk_evidence_records_entry_id references archive_entries,
  content_sha256 text not null,
  digest text not null,
  record bytea not null,
  made_at timestamptz not null
);
alter table evidence_records enable row level security;
create policy of_entry on evidence_records for select
  using (entry_id in (select id from archive_entries));
grant select on evidence_records to eoffice_app;
grant select, insert, update on evidence_records to eoffice_worker;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("drop table evidence_records")
