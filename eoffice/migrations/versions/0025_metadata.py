"""Metadata that the appendix asks for, secret papers that come in, and handing case files over."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

#: What an outgoing document says of itself besides the page, and the degree of an incoming one.
METADATA = """
alter table documents
  add column language text not null default 'Tiếng Việt',
  add column description text not null default '',
  add column issued_amount integer,
  add constraint ck_documents_issued_amount check (issued_amount between 1 and 999);
grant update (language, description, issued_amount) on documents to eoffice_app, eoffice_worker;

alter table deliveries
  add column secrecy text not null default 'none',
  add constraint ck_deliveries_secrecy
    check (secrecy in ('none', 'confidential', 'secret', 'top_secret')),
  -- What is secret is on paper: this office is no place for its pages.
  add constraint ck_deliveries_secret_paper
    check (secrecy = 'none' or (origin = 'hand' and content_sha256 is null));
grant update (signer_name, signer_position, language, description, to_places, page_count)
  on deliveries to eoffice_app;

create table metadata_changes (
  id uuid constraint pk_metadata_changes primary key,
  agency_id uuid not null constraint fk_metadata_changes_agency_id references units,
  kind text not null constraint ck_metadata_changes_kind check (kind in ('document', 'delivery')),
  object_id uuid not null,
  field text not null,
  before text not null,
  after text not null,
  because text not null,
  changed_by uuid not null constraint fk_metadata_changes_changed_by references persons,
  changed_at timestamptz not null
);
create index ix_metadata_changes_object_id on metadata_changes (object_id, changed_at);
alter table metadata_changes enable row level security;
create policy of_agency on metadata_changes
  using (agency_id = app_agency()) with check (agency_id = app_agency());
grant select, insert on metadata_changes to eoffice_app, eoffice_worker;
"""

#: Arrival numbers of secret papers are counted for themselves.
BOOKS = """
alter table arrival_books add column kind text not null default 'incoming',
  add constraint ck_arrival_books_kind check (kind in ('incoming', 'secret')),
  drop constraint pk_arrival_books,
  add constraint pk_arrival_books primary key (agency_id, kind, year);
alter table arrivals add column book_kind text not null default 'incoming',
  add constraint ck_arrivals_book_kind check (book_kind in ('incoming', 'secret')),
  drop constraint uq_arrivals_agency_id_year_number,
  add constraint uq_arrivals_agency_id_book_kind_year_number
    unique (agency_id, book_kind, year, number);
"""

TRANSFERS = """
create table transfer_days (
  agency_id uuid not null constraint fk_transfer_days_agency_id references units,
  unit_id uuid not null constraint fk_transfer_days_unit_id references units,
  year integer not null,
  due_on date not null,
  set_by uuid not null constraint fk_transfer_days_set_by references persons,
  set_at timestamptz not null,
  noticed_at timestamptz,
  constraint pk_transfer_days primary key (unit_id, year)
);
create index ix_transfer_days_due_on on transfer_days (due_on) where noticed_at is null;

create table case_transfers (
  id uuid constraint pk_case_transfers primary key,
  agency_id uuid not null constraint fk_case_transfers_agency_id references units,
  unit_id uuid not null constraint fk_case_transfers_unit_id references units,
  year integer not null,
  state text not null constraint ck_case_transfers_state
    check (state in ('offered', 'taken_back', 'returned', 'accepted')),
  note text not null,
  offered_at timestamptz not null,
  offered_by uuid not null constraint fk_case_transfers_offered_by references persons,
  answered_at timestamptz,
  answered_by uuid constraint fk_case_transfers_answered_by references persons,
  answer text not null default '',
  constraint ck_case_transfers_answered check (
    (state = 'offered') = (answered_at is null)
    and (answered_at is null) = (answered_by is null))
);
create index ix_case_transfers_agency_id on case_transfers (agency_id, offered_at);

create table transferred_cases (
  transfer_id uuid constraint fk_transferred_cases_transfer_id references case_transfers,
  ordinal integer,
  case_file_id uuid not null constraint fk_transferred_cases_case_file_id references case_files,
  agency_id uuid not null constraint fk_transferred_cases_agency_id references units,
  notation text not null,
  title text not null,
  maintenance text not null,
  first_on date,
  last_on date,
  document_count integer not null,
  page_count integer not null,
  constraint pk_transferred_cases primary key (transfer_id, ordinal),
  constraint uq_transferred_cases_transfer_id_case_file_id unique (transfer_id, case_file_id)
);

alter table case_files
  add column transfer_id uuid constraint fk_case_files_transfer_id references case_transfers,
  drop constraint ck_case_files_state,
  add constraint ck_case_files_state check (state in ('open', 'closed', 'transferred')),
  drop constraint ck_case_files_end,
  add constraint ck_case_files_end check (
    (state <> 'open') = (closed_at is not null) and (closed_at is null) = (closed_by is null)),
  add constraint ck_case_files_transfer check (state <> 'transferred' or transfer_id is not null);
"""

RIGHTS = """
alter table transfer_days enable row level security;
create policy of_agency on transfer_days
  using (agency_id = app_agency()) with check (agency_id = app_agency());
alter table case_transfers enable row level security;
create policy of_agency on case_transfers
  using (agency_id = app_agency()) with check (agency_id = app_agency());
alter table transferred_cases enable row level security;
create policy of_agency on transferred_cases
  using (agency_id = app_agency()) with check (agency_id = app_agency());

grant select, insert on transfer_days, case_transfers, transferred_cases
  to eoffice_app, eoffice_worker;
grant update (due_on, set_by, set_at, noticed_at) on transfer_days to eoffice_app, eoffice_worker;
grant update (state, answered_at, answered_by, answer) on case_transfers
  to eoffice_app, eoffice_worker;
grant update (transfer_id) on case_files to eoffice_app, eoffice_worker;
"""

#: What the agency's archive took over stays as it was handed over.
FROZEN = """
create function refuse_change_of_transferred() returns trigger language plpgsql
  set search_path = pg_catalog
  as $$ begin
    if current_user in ('eoffice_app', 'eoffice_worker') then
      raise exception 'what was handed over to the archive is never changed'
        using errcode = 'insufficient_privilege';
    end if;
    return coalesce(new, old);
  end $$;
create trigger transferred before update on case_files
  for each row when (old.state = 'transferred' and
    (new.state, new.title, new.maintenance, new.language, new.description, new.maker_id,
     new.transfer_id)
    is distinct from
    (old.state, old.title, old.maintenance, old.language, old.description, old.maker_id,
     old.transfer_id))
  execute function refuse_change_of_transferred();

create function refuse_change_in_transferred() returns trigger language plpgsql
  set search_path = pg_catalog
  as $$ begin
    if current_user in ('eoffice_app', 'eoffice_worker') and exists (
      select from public.case_files c where c.id = new.case_file_id and c.state = 'transferred'
    ) then
      raise exception 'what was handed over to the archive is never changed'
        using errcode = 'insufficient_privilege';
    end if;
    return new;
  end $$;
create trigger transferred before insert or update on case_items
  for each row execute function refuse_change_in_transferred();
"""

#: Case files that were handed over are closed ones for the older release; secret papers have no
#: place in its only book and go on behind its last number.
UNDONE = """
drop trigger transferred on case_items;
drop function refuse_change_in_transferred();
drop trigger transferred on case_files;
drop function refuse_change_of_transferred();
update case_files set state = 'closed' where state = 'transferred';
alter table case_files
  drop constraint ck_case_files_transfer,
  drop constraint ck_case_files_end,
  add constraint ck_case_files_end check (
    (state = 'closed') = (closed_at is not null) and (closed_at is null) = (closed_by is null)),
  drop constraint ck_case_files_state,
  add constraint ck_case_files_state check (state in ('open', 'closed')),
  drop column transfer_id;
drop table transferred_cases;
drop table case_transfers;
drop table transfer_days;

update arrivals a set number = a.number + b.last_number
  from arrival_books b
 where a.book_kind = 'secret' and b.agency_id = a.agency_id and b.year = a.year
   and b.kind = 'incoming';
update arrival_books b set last_number = b.last_number + s.last_number
  from arrival_books s
 where b.kind = 'incoming' and s.kind = 'secret' and s.agency_id = b.agency_id
   and s.year = b.year;
update arrival_books s set kind = 'incoming'
 where s.kind = 'secret' and not exists (
   select from arrival_books b
    where b.kind = 'incoming' and b.agency_id = s.agency_id and b.year = s.year);
delete from arrival_books where kind = 'secret';
alter table arrivals
  drop constraint uq_arrivals_agency_id_book_kind_year_number,
  drop column book_kind,
  add constraint uq_arrivals_agency_id_year_number unique (agency_id, year, number);
alter table arrival_books
  drop constraint pk_arrival_books,
  drop column kind,
  add constraint pk_arrival_books primary key (agency_id, year);

revoke update (signer_name, signer_position, language, description, to_places, page_count)
  on deliveries from eoffice_app;
drop table metadata_changes;
alter table deliveries
  drop constraint ck_deliveries_secret_paper,
  drop constraint ck_deliveries_secrecy,
  drop column secrecy;
alter table documents
  drop constraint ck_documents_issued_amount,
  drop column issued_amount,
  drop column description,
  drop column language;
"""


ARCHIVED = """
alter table archive_entries drop constraint ck_archive_entries_kind,
  add constraint ck_archive_entries_kind check (kind in (%s))
"""


def upgrade() -> None:
    op.execute(ARCHIVED % "'document', 'gradebook', 'book', 'case_file'")
    op.execute(METADATA)
    op.execute(BOOKS)
    op.execute(TRANSFERS)
    op.execute(RIGHTS)
    op.execute(FROZEN)


def downgrade() -> None:
    op.execute("delete from archive_entries where kind = 'case_file'")
    op.execute(ARCHIVED % "'document', 'gradebook', 'book'")
    op.execute(UNDONE)
