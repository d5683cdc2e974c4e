"""Books: their kinds, paper entries, reservations, and their end."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ADDED = """
alter table books
  add column closed_at timestamptz,
  add column closed_by uuid constraint fk_books_closed_by references persons,
  add constraint ck_books_kind check (kind in ('outgoing', 'secret', 'copy')),
  add constraint ck_books_closed check ((closed_at is null) = (closed_by is null));

alter table book_entries
  alter column document_id drop not null,
  add column year integer,
  add column is_secret boolean not null default false,
  add column notation text,
  add column type text,
  add column subject text,
  add column issued_on date,
  add column signer_name text,
  add column recipients text,
  add column filed_with text,
  add column copies integer,
  add column sent_on date,
  add column note text,
  add column reserved_until date,
  add column reserved_for text,
  add column for_document_id uuid
    constraint fk_book_entries_for_document_id references documents;

update book_entries e set year = b.year from books b where b.id = e.book_id;
update book_entries e set notation = d.notation from documents d where d.id = e.document_id;

alter table book_entries
  alter column year set not null,
  add constraint ck_book_entries_something
    check (num_nonnulls(document_id, subject, reserved_for) > 0),
  add constraint ck_book_entries_paper check (
    num_nonnulls(type, subject, issued_on, signer_name, recipients, filed_with, copies) in (0, 7)
    and (subject is null or document_id is null and notation is not null)),
  add constraint ck_book_entries_reserved
    check ((reserved_until is null) = (reserved_for is null)),
  add constraint ck_book_entries_copies check (copies >= 0);

-- Decree 30/2020, art. 15: number and notation are one of a kind within the year; what is secret
-- counts in a sequence of its own.
create unique index uq_book_entries_triple
  on book_entries (agency_id, year, number, notation) where not is_secret;
create unique index uq_book_entries_for_document
  on book_entries (for_document_id) where for_document_id is not null;
create index ix_book_entries_expiring
  on book_entries (reserved_until)
  where document_id is null and subject is null and annulled_at is null;

grant update (closed_at, closed_by) on books to eoffice_app, eoffice_worker;
grant update (document_id, taken_at, taken_by, notation, type, subject, issued_on, signer_name,
  recipients, filed_with, copies, sent_on, note, for_document_id) on book_entries
  to eoffice_app, eoffice_worker;

-- A closed book is signed and sealed: whoever writes, nothing more comes into it.
create function closed_book_stays() returns trigger language plpgsql as $$
begin
  if exists (select from books where id = new.book_id and closed_at is not null) then
    raise exception 'the book is closed' using errcode = 'check_violation';
  end if;
  -- A number that was held goes to a document once; it never moves from one to another.
  if tg_op = 'UPDATE' and old.document_id is not null
     and new.document_id is distinct from old.document_id then
    raise exception 'a number that was given stays with its document: permission denied'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger closed_book_stays before insert or update on book_entries
  for each row execute function closed_book_stays();

create table book_closings (
  id uuid constraint pk_book_closings primary key,
  agency_id uuid not null constraint fk_book_closings_agency_id references units,
  kind text not null constraint ck_book_closings_kind
    check (kind in ('outgoing', 'secret', 'copy', 'incoming', 'handling')),
  year integer not null,
  state text not null constraint ck_book_closings_state
    check (state in ('begun', 'printed', 'signed_by_clerk', 'signed_by_head', 'sealed')),
  state_since timestamptz not null,
  begun_by uuid not null constraint fk_book_closings_begun_by references persons,
  begun_at timestamptz not null,
  content_sha256 text,
  page_count integer,
  clerk_id uuid constraint fk_book_closings_clerk_id references persons,
  clerk_signed_at timestamptz,
  head_id uuid constraint fk_book_closings_head_id references persons,
  head_capacity text,
  head_signed_at timestamptz,
  sealed_by uuid constraint fk_book_closings_sealed_by references persons,
  sealed_at timestamptz,
  constraint uq_book_closings_book unique (agency_id, kind, year),
  constraint ck_book_closings_content check (
    (content_sha256 is null) = (page_count is null)
    and (state = 'begun') = (content_sha256 is null))
);
alter table book_closings enable row level security;
create policy agency on book_closings
  using (agency_id = app_agency()) with check (agency_id = app_agency());
grant select, insert on book_closings to eoffice_app, eoffice_worker;
grant update (state, state_since, content_sha256, page_count, clerk_id, clerk_signed_at, head_id,
  head_capacity, head_signed_at, sealed_by, sealed_at) on book_closings
  to eoffice_app, eoffice_worker;
"""

REMOVED = """
drop table book_closings;
drop trigger closed_book_stays on book_entries;
drop function closed_book_stays();
drop index ix_book_entries_expiring, uq_book_entries_for_document, uq_book_entries_triple;
revoke update (document_id, taken_at, taken_by) on book_entries from eoffice_app, eoffice_worker;
delete from book_entries where document_id is null
  or book_id in (select id from books where kind <> 'outgoing');
alter table book_entries
  drop constraint ck_book_entries_something, drop constraint ck_book_entries_paper,
  drop constraint ck_book_entries_reserved, drop constraint ck_book_entries_copies,
  drop column year, drop column is_secret, drop column notation, drop column type,
  drop column subject, drop column issued_on, drop column signer_name, drop column recipients,
  drop column filed_with, drop column copies, drop column sent_on, drop column note,
  drop column reserved_until, drop column reserved_for, drop column for_document_id,
  alter column document_id set not null;
delete from books where kind <> 'outgoing';
alter table books
  drop constraint ck_books_kind, drop constraint ck_books_closed,
  drop column closed_at, drop column closed_by;
"""


def upgrade() -> None:
    op.execute(ADDED)
    _allow("'document', 'gradebook', 'book'")


def downgrade() -> None:
    op.execute("delete from archive_entries where kind = 'book'")
    _allow("'document', 'gradebook'")
    op.execute(REMOVED)


def _allow(kinds: str) -> None:
    op.execute("alter table archive_entries drop constraint ck_archive_entries_kind")
    op.execute(
        f"alter table archive_entries add constraint ck_archive_entries_kind check (kind in ({kinds}))"
    )
