"""What the desk asks for: steps taken on several things at once, indexes of what is open."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLES = """
create table desk_batches (
  id uuid constraint pk_desk_batches primary key,
  person_id uuid not null constraint fk_desk_batches_person_id references persons,
  appointment_id uuid not null constraint fk_desk_batches_appointment_id references appointments,
  step text not null constraint ck_desk_batches_step check (step in ('registration', 'submission',
    'assignment', 'acknowledgement', 'completion', 'deadline', 'reminder', 'filing', 'reading')),
  particulars jsonb not null,
  begun_at timestamptz not null
);
create index ix_desk_batches_person_id on desk_batches (person_id, begun_at);

create table desk_batch_items (
  batch_id uuid not null constraint fk_desk_batch_items_batch_id references desk_batches,
  ordinal integer not null,
  person_id uuid not null constraint fk_desk_batch_items_person_id references persons,
  kind text not null constraint ck_desk_batch_items_kind
    check (kind in ('delivery', 'arrival', 'document', 'notice')),
  object_id uuid not null,
  state text not null constraint ck_desk_batch_items_state
    check (state in ('waiting', 'done', 'refused')),
  said text not null,
  ended_at timestamptz,
  constraint pk_desk_batch_items primary key (batch_id, ordinal),
  constraint uq_desk_batch_items_batch_id_object_id unique (batch_id, object_id),
  constraint ck_desk_batch_items_end check ((state = 'waiting') = (ended_at is null))
);
"""

RIGHTS = """
alter table desk_batches enable row level security;
create policy own on desk_batches
  using (person_id = app_person()) with check (person_id = app_person());
alter table desk_batch_items enable row level security;
create policy own on desk_batch_items
  using (person_id = app_person()) with check (person_id = app_person());
grant select, insert on desk_batches, desk_batch_items to eoffice_app;
grant update (state, said, ended_at) on desk_batch_items to eoffice_app;
grant select on desk_batches, desk_batch_items to eoffice_worker;
"""


#: Of what is open, and the order in which the list of documents is shown.
INDEXES = """
create index ix_arrivals_unfinished on arrivals (coalesce(taken_over_by, agency_id), state)
  where state in ('registered', 'submitted', 'assigned', 'in_progress');
create index ix_deliveries_owing on deliveries (document_id)
  where state in ('delivered', 'opened', 'registered', 'assigned') and due_on is not null;
create index ix_forwardings_forwarded_by on forwardings (forwarded_by);
create index ix_documents_due on documents (agency_id, due_on)
  where state = 'issued' and due_on is not null;
create index ix_documents_newest on documents (agency_id, created_at, id);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)
    op.execute(INDEXES)


def downgrade() -> None:
    for name in (
        "ix_documents_newest",
        "ix_documents_due",
        "ix_forwardings_forwarded_by",
        "ix_deliveries_owing",
        "ix_arrivals_unfinished",
    ):
        op.execute(f"drop index {name}")
    op.drop_table("desk_batch_items")
    op.drop_table("desk_batches")
