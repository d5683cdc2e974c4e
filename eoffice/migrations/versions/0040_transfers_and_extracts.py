"""Packages of pupils who change school, what the next school did with them; copies of books."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TABLES = """
create table pupil_transfers (
  id uuid constraint pk_pupil_transfers primary key,
  school_id uuid not null constraint fk_pupil_transfers_school_id references units,
  pupil_id uuid not null constraint fk_pupil_transfers_pupil_id references pupils,
  identity_id uuid not null,
  movement_id uuid not null constraint fk_pupil_transfers_movement_id references movements,
  pupil_name text not null,
  pupil_code text not null,
  born_on date not null,
  class_name text not null,
  school_year text not null,
  from_school text not null,
  to_school_id uuid constraint fk_pupil_transfers_to_school_id references units,
  to_school text not null,
  state text not null constraint ck_pupil_transfers_state check (state in (
    'made', 'sealed', 'handed_over', 'taken_in', 'refused', 'withdrawn')),
  state_since timestamptz not null,
  manifest text not null,
  cover_sha256 text not null,
  page_count integer not null,
  because text,
  made_by uuid not null constraint fk_pupil_transfers_made_by references persons,
  made_at timestamptz not null,
  constraint ck_pupil_transfers_because check (
    (because is null) = (state not in ('refused', 'withdrawn')))
);
create unique index uq_pupil_transfers_movement_id on pupil_transfers (movement_id)
  where state not in ('refused', 'withdrawn');
create index ix_pupil_transfers_school on pupil_transfers (school_id, made_at);
create index ix_pupil_transfers_to_school on pupil_transfers (to_school_id, state);
create index ix_pupil_transfers_pupil_id on pupil_transfers (pupil_id);

create table transfer_intakes (
  id uuid constraint pk_transfer_intakes primary key,
  school_id uuid not null constraint fk_transfer_intakes_school_id references units,
  transfer_id uuid,
  is_of_office boolean not null,
  content_sha256 text not null,
  from_school text not null,
  pupil_name text not null,
  findings jsonb not null,
  is_sound boolean not null,
  state text not null constraint ck_transfer_intakes_state
    check (state in ('checked', 'taken_in', 'refused')),
  received_by uuid not null constraint fk_transfer_intakes_received_by references persons,
  received_at timestamptz not null,
  decided_by uuid constraint fk_transfer_intakes_decided_by references persons,
  decided_at timestamptz,
  refused_because text,
  pupil_id uuid constraint fk_transfer_intakes_pupil_id references pupils,
  movement_id uuid constraint fk_transfer_intakes_movement_id references movements,
  constraint uq_transfer_intakes_content unique (school_id, content_sha256),
  constraint ck_transfer_intakes_decided check (
    (decided_at is null) = (state = 'checked') and (decided_at is null) = (decided_by is null)),
  constraint ck_transfer_intakes_taken_in check (
    (state = 'taken_in') = (pupil_id is not null)
    and (pupil_id is null) = (movement_id is null)
    and (state <> 'taken_in' or is_sound)),
  constraint ck_transfer_intakes_refused check (
    (state = 'refused') = (refused_because is not null))
);
create unique index uq_transfer_intakes_taken_in on transfer_intakes (transfer_id)
  where state = 'taken_in';
create index ix_transfer_intakes_school on transfer_intakes (school_id, received_at);
create index ix_transfer_intakes_pupil_id on transfer_intakes (pupil_id);

create table register_copy_counters (
  school_id uuid constraint fk_register_copy_counters_school_id references units,
  year integer,
  last integer not null,
  constraint pk_register_copy_counters primary key (school_id, year)
);

create table register_copies (
  id uuid constraint pk_register_copies primary key,
  school_id uuid not null constraint fk_register_copies_school_id references units,
  kind text not null constraint ck_register_copies_kind check (kind in ('whole', 'extract')),
  source_kind text not null constraint ck_register_copies_source_kind
    check (source_kind in ('gradebook', 'report_part')),
  source_id uuid not null,
  source_title text not null,
  source_sha256 text not null,
  archive_entry_id uuid constraint fk_register_copies_archive_entry_id
    references archive_entries,
  pupil_id uuid constraint fk_register_copies_pupil_id references pupils,
  pupil_name text not null,
  number integer not null,
  year integer not null,
  notation text not null,
  requester text not null,
  purpose text not null,
  signer_id uuid not null constraint fk_register_copies_signer_id references persons,
  state text not null constraint ck_register_copies_state check (state in (
    'awaiting_signature', 'awaiting_seal', 'issued', 'cancelled')),
  state_since timestamptz not null,
  content_sha256 text not null,
  page_count integer not null,
  cancelled_because text,
  made_by uuid not null constraint fk_register_copies_made_by references persons,
  made_at timestamptz not null,
  constraint uq_register_copies_number unique (school_id, year, number),
  constraint ck_register_copies_cancelled check (
    (state = 'cancelled') = (cancelled_because is not null)),
  constraint ck_register_copies_extract check (kind = 'whole' or pupil_id is not null)
);
create index ix_register_copies_source on register_copies (source_kind, source_id);
create index ix_register_copies_pupil_id on register_copies (pupil_id);
create index ix_register_copies_signer on register_copies (signer_id)
  where state = 'awaiting_signature';
"""

#: The next school sees what was handed over to it, and decides; it changes nothing else.
RIGHTS = """
alter table pupil_transfers enable row level security;
create policy own on pupil_transfers
  using (school_id = app_agency()) with check (school_id = app_agency());
create policy addressed on pupil_transfers for select
  using (to_school_id = app_agency() and state in ('handed_over', 'taken_in', 'refused'));
create policy addressed_decides on pupil_transfers for update
  using (to_school_id = app_agency() and state = 'handed_over')
  with check (to_school_id = app_agency() and state in ('taken_in', 'refused'));
grant select, insert on pupil_transfers to eoffice_app, eoffice_worker;
grant update (state, state_since, cover_sha256, because) on pupil_transfers
  to eoffice_app, eoffice_worker;
"""
OWN = ("transfer_intakes", "register_copy_counters", "register_copies")
GRANTS = """
grant select, insert on transfer_intakes, register_copy_counters, register_copies
  to eoffice_app, eoffice_worker;
grant update (findings, is_sound, state, received_by, received_at, decided_by, decided_at,
  refused_because, pupil_id, movement_id) on transfer_intakes to eoffice_app, eoffice_worker;
grant update (last) on register_copy_counters to eoffice_app, eoffice_worker;
grant update (state, state_since, content_sha256, cancelled_because) on register_copies
  to eoffice_app, eoffice_worker;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)
    for table in OWN:
        op.execute(
            f"""
            alter table {table} enable row level security;
            create policy own on {table}
              using (school_id = app_agency()) with check (school_id = app_agency());
            """
        )
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute(
        "drop table register_copies, register_copy_counters, transfer_intakes, pupil_transfers"
    )
