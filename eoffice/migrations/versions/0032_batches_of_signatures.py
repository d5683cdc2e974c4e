"""Batches of signatures: several things signed in one authorised action."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLES = """
create table signature_batches (
  id uuid constraint pk_signature_batches primary key,
  person_id uuid not null constraint fk_signature_batches_person_id references persons,
  appointment_id uuid not null
    constraint fk_signature_batches_appointment_id references appointments,
  holder text not null constraint ck_signature_batches_holder check (holder in ('person', 'seal')),
  begun_at timestamptz not null,
  authorised_at timestamptz not null
);
create index ix_signature_batches_person_id on signature_batches (person_id, begun_at);

create table signature_batch_items (
  batch_id uuid not null constraint fk_signature_batch_items_batch_id references signature_batches,
  ordinal integer not null,
  person_id uuid not null constraint fk_signature_batch_items_person_id references persons,
  kind text not null,
  object_id uuid not null,
  seen text not null,
  state text not null constraint ck_signature_batch_items_state
    check (state in ('waiting', 'signed', 'failed', 'stopped')),
  said text not null,
  ended_at timestamptz,
  constraint pk_signature_batch_items primary key (batch_id, ordinal),
  constraint uq_signature_batch_items_batch_id_kind_object_id unique (batch_id, kind, object_id),
  constraint ck_signature_batch_items_end check ((state = 'waiting') = (ended_at is null))
);
create index ix_signature_batch_items_waiting on signature_batch_items (batch_id)
  where state = 'waiting';

create table signature_batch_pins (
  batch_id uuid constraint pk_signature_batch_pins primary key
    constraint fk_signature_batch_pins_batch_id references signature_batches,
  person_id uuid not null constraint fk_signature_batch_pins_person_id references persons,
  sealed bytea not null,
  valid_until timestamptz not null
);
"""

#: The web process writes a PIN and takes it away, and never reads it.
RIGHTS = """
alter table signature_batches enable row level security;
create policy own on signature_batches
  using (person_id = app_person()) with check (person_id = app_person());
alter table signature_batch_items enable row level security;
create policy own on signature_batch_items
  using (person_id = app_person()) with check (person_id = app_person());
alter table signature_batch_pins enable row level security;
create policy own on signature_batch_pins
  using (person_id = app_person()) with check (person_id = app_person());
grant select, insert on signature_batches, signature_batch_items to eoffice_app;
grant update (authorised_at) on signature_batches to eoffice_app;
grant update (state, said, ended_at) on signature_batch_items to eoffice_app;
grant insert, delete, select (batch_id, person_id) on signature_batch_pins to eoffice_app;
grant select on signature_batches, signature_batch_items, signature_batch_pins to eoffice_worker;
grant update (authorised_at) on signature_batches to eoffice_worker;
grant update (state, said, ended_at) on signature_batch_items to eoffice_worker;
grant delete on signature_batch_pins to eoffice_worker;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)


def downgrade() -> None:
    op.drop_table("signature_batch_pins")
    op.drop_table("signature_batch_items")
    op.drop_table("signature_batches")
