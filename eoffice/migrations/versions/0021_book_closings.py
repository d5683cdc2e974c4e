"""Closing a book at the end of its year: incoming books too, in volumes, with retention."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ADDED = """
alter table arrival_books
  add column closed_at timestamptz,
  add column closed_by uuid constraint fk_arrival_books_closed_by references persons,
  add constraint ck_arrival_books_closed check ((closed_at is null) = (closed_by is null));
grant update (closed_at, closed_by) on arrival_books to eoffice_app, eoffice_worker;

-- Whoever writes, no arrival comes into a closed book. Which of several books of a year it is, both
-- rows say from the revision on that knows several.
create function closed_arrival_book_stays() returns trigger language plpgsql as $$
begin
  if exists (
    select from arrival_books b
    where b.agency_id = new.agency_id and b.year = new.year and b.closed_at is not null
      and coalesce(to_jsonb(b) ->> 'kind', '') = coalesce(to_jsonb(new) ->> 'book_kind', '')
  ) then
    raise exception 'the book is closed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger closed_arrival_book_stays before insert on arrivals
  for each row execute function closed_arrival_book_stays();

alter table book_closings
  add column entries integer not null default 0,
  add column annulled integer not null default 0,
  add column retention_years integer,
  add constraint ck_book_closings_retention check (retention_years between 1 and 100),
  drop constraint ck_book_closings_kind,
  add constraint ck_book_closings_kind check
    (kind in ('outgoing', 'secret', 'copy', 'incoming', 'incoming_secret', 'handling'));
alter table book_closings
  alter column entries drop default,
  alter column annulled drop default;

create table book_closing_volumes (
  closing_id uuid not null constraint fk_book_closing_volumes_closing_id references book_closings,
  ordinal integer not null,
  agency_id uuid not null constraint fk_book_closing_volumes_agency_id references units,
  content_sha256 text not null,
  page_count integer not null,
  printed_at timestamptz not null,
  constraint pk_book_closing_volumes primary key (closing_id, ordinal)
);
alter table book_closing_volumes enable row level security;
create policy agency on book_closing_volumes
  using (agency_id = app_agency()) with check (agency_id = app_agency());
grant select on book_closing_volumes to eoffice_app;
grant select, insert on book_closing_volumes to eoffice_worker;

-- What a book of the past year says was signed: its line is not told otherwise afterwards.
create function sealed_book_stays() returns trigger language plpgsql as $$
begin
  if old.state = 'sealed' then
    raise exception 'a sealed book never changes' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger sealed_book_stays before update on book_closings
  for each row execute function sealed_book_stays();
"""

REMOVED = """
drop trigger sealed_book_stays on book_closings;
drop function sealed_book_stays();
drop table book_closing_volumes;
delete from book_closings where kind = 'incoming_secret';
alter table book_closings
  drop constraint ck_book_closings_kind,
  add constraint ck_book_closings_kind
    check (kind in ('outgoing', 'secret', 'copy', 'incoming', 'handling')),
  drop column entries, drop column annulled, drop column retention_years;
drop trigger closed_arrival_book_stays on arrivals;
drop function closed_arrival_book_stays();
alter table arrival_books
  drop constraint ck_arrival_books_closed, drop column closed_at, drop column closed_by;
"""


def upgrade() -> None:
    op.execute(ADDED)


def downgrade() -> None:
    op.execute(REMOVED)
