"""Case files by the yearly filing plan, and what is in them."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = """
create table case_files (
  id uuid constraint pk_case_files primary key,
  agency_id uuid not null constraint fk_case_files_agency_id references units,
  year integer not null,
  notation text not null,
  title text not null,
  maintenance text not null,
  rights text not null,
  language text not null,
  description text not null,
  maker_id uuid not null constraint fk_case_files_maker_id references persons,
  unit_id uuid not null constraint fk_case_files_unit_id references units,
  state text not null constraint ck_case_files_state check (state in ('open', 'closed')),
  is_restricted boolean not null,
  rights_changed_at timestamptz,
  rights_changed_by uuid constraint fk_case_files_rights_changed_by references persons,
  rights_confirmed_at timestamptz,
  planned_at timestamptz not null,
  planned_by uuid not null constraint fk_case_files_planned_by references persons,
  closed_at timestamptz,
  closed_by uuid constraint fk_case_files_closed_by references persons,
  constraint uq_case_files_agency_id_year_notation unique (agency_id, year, notation),
  constraint ck_case_files_end check (
    (state = 'closed') = (closed_at is not null) and (closed_at is null) = (closed_by is null)),
  constraint ck_case_files_rights check (
    rights_confirmed_at is null or rights_changed_at is not null)
);
create index ix_case_files_maker_id on case_files (maker_id);

create table case_items (
  id uuid constraint pk_case_items primary key,
  case_file_id uuid not null constraint fk_case_items_case_file_id references case_files,
  agency_id uuid not null constraint fk_case_items_agency_id references units,
  ordinal integer not null,
  kind text not null constraint ck_case_items_kind check (kind in ('outgoing', 'incoming')),
  document_id uuid constraint fk_case_items_document_id references documents,
  arrival_id uuid constraint fk_case_items_arrival_id references arrivals,
  code text not null,
  issued_on date,
  type_name text not null,
  subject text not null,
  organ_name text not null,
  page_count integer,
  content_sha256 text,
  filed_at timestamptz not null,
  filed_by uuid not null constraint fk_case_items_filed_by references persons,
  removed_at timestamptz,
  removed_by uuid constraint fk_case_items_removed_by references persons,
  removed_because text,
  constraint uq_case_items_case_file_id_ordinal unique (case_file_id, ordinal),
  constraint ck_case_items_one_record check (
    (kind = 'outgoing') = (document_id is not null)
    and (kind = 'incoming') = (arrival_id is not null)),
  constraint ck_case_items_removal check (
    (removed_at is null) = (removed_by is null)
    and (removed_at is null) = (removed_because is null))
);
create unique index uq_case_items_document on case_items (case_file_id, document_id)
  where document_id is not null and removed_at is null;
create unique index uq_case_items_arrival on case_items (case_file_id, arrival_id)
  where arrival_id is not null and removed_at is null;
create index ix_case_items_document_id on case_items (document_id);
create index ix_case_items_arrival_id on case_items (arrival_id);

create table case_readers (
  case_file_id uuid constraint fk_case_readers_case_file_id references case_files,
  person_id uuid constraint fk_case_readers_person_id references persons,
  agency_id uuid not null constraint fk_case_readers_agency_id references units,
  constraint pk_case_readers primary key (case_file_id, person_id)
);
"""

RIGHTS = """
alter table case_files enable row level security;
create policy of_agency on case_files
  using (agency_id = app_agency()) with check (agency_id = app_agency());
alter table case_items enable row level security;
create policy of_agency on case_items
  using (agency_id = app_agency()) with check (agency_id = app_agency());
alter table case_readers enable row level security;
create policy of_agency on case_readers
  using (agency_id = app_agency()) with check (agency_id = app_agency());

grant select, insert on case_files, case_items to eoffice_app, eoffice_worker;
grant select, insert, delete on case_readers to eoffice_app, eoffice_worker;
grant update (title, maintenance, rights, language, description, maker_id, state, is_restricted,
  rights_changed_at, rights_changed_by, rights_confirmed_at, closed_at, closed_by)
  on case_files to eoffice_app, eoffice_worker;
grant update (removed_at, removed_by, removed_because) on case_items
  to eoffice_app, eoffice_worker;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)


def downgrade() -> None:
    for table in ("case_readers", "case_items", "case_files"):
        op.execute(f"drop table {table}")
