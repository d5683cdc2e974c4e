"""Receipts that a school gives to one of another office for a pupil's package."""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

TABLE = """
create table transfer_receipts (
  intake_id uuid constraint pk_transfer_receipts primary key
    constraint fk_transfer_receipts_intake_id references transfer_intakes,
  school_id uuid not null constraint fk_transfer_receipts_school_id references units,
  body text not null,
  requested_at timestamptz not null,
  signed_at timestamptz,
  document text,
  constraint ck_transfer_receipts_signature check ((signed_at is null) = (document is null))
);
alter table transfer_receipts enable row level security;
create policy own on transfer_receipts for select using (school_id = app_agency());
grant select on transfer_receipts to eoffice_app;
grant select, insert on transfer_receipts to eoffice_worker;
grant update (signed_at, document) on transfer_receipts to eoffice_worker;

alter table pupil_transfers add column receipt text;
grant update (receipt) on pupil_transfers to eoffice_app, eoffice_worker;
"""


def upgrade() -> None:
    """Only the worker, which holds the key, writes a receipt."""
    op.execute(TABLE)


def downgrade() -> None:
    """Packages keep the state that a receipt gave them."""
    op.execute("drop table transfer_receipts; alter table pupil_transfers drop column receipt")
