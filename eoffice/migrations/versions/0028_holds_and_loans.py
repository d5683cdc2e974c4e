"""What is held by hand, the books of what is posted and lent, notes on closed books."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = """
create table holds (
  id uuid constraint pk_holds primary key,
  agency_id uuid not null constraint fk_holds_agency_id references units,
  title text not null,
  reason text not null,
  legal_basis text not null,
  placed_by uuid not null constraint fk_holds_placed_by references persons,
  placed_at timestamptz not null,
  lifted_by uuid constraint fk_holds_lifted_by references persons,
  lifted_at timestamptz,
  lifted_because text,
  constraint ck_holds_lifted check ((lifted_at is null) = (lifted_by is null)
    and (lifted_at is null) = (lifted_because is null))
);
create index ix_holds_agency_id on holds (agency_id, placed_at);

create table held_records (
  hold_id uuid not null constraint fk_held_records_hold_id references holds,
  object_id uuid not null,
  agency_id uuid not null constraint fk_held_records_agency_id references units,
  kind text not null constraint ck_held_records_kind
    check (kind in ('outgoing', 'incoming', 'case_file')),
  code text not null,
  subject text not null,
  within_id uuid,
  added_by uuid not null constraint fk_held_records_added_by references persons,
  added_at timestamptz not null,
  constraint pk_held_records primary key (hold_id, object_id)
);
create index ix_held_records_object_id on held_records (object_id);

create table held_copies (
  hold_id uuid not null constraint fk_held_copies_hold_id references holds,
  entry_id uuid not null constraint fk_held_copies_entry_id references archive_entries,
  agency_id uuid not null constraint fk_held_copies_agency_id references units,
  content_sha256 text not null,
  object_version text not null,
  state text not null constraint ck_held_copies_state
    check (state in ('asked', 'held', 'releasing', 'released')),
  asked_at timestamptz not null,
  answered_at timestamptz,
  constraint pk_held_copies primary key (hold_id, entry_id)
);
create index ix_held_copies_object on held_copies (content_sha256, object_version);

create table post_lines (
  id uuid constraint pk_post_lines primary key,
  agency_id uuid not null constraint fk_post_lines_agency_id references units,
  year integer not null,
  ordinal integer not null,
  sent_on date not null,
  document_id uuid constraint fk_post_lines_document_id references documents,
  code text not null,
  recipient text not null,
  envelopes integer not null,
  note text not null,
  recorded_by uuid not null constraint fk_post_lines_recorded_by references persons,
  recorded_at timestamptz not null,
  receipt text,
  receipted_on date,
  struck_at timestamptz,
  struck_by uuid constraint fk_post_lines_struck_by references persons,
  struck_because text,
  constraint uq_post_lines_ordinal unique (agency_id, year, ordinal),
  constraint ck_post_lines_envelopes check (envelopes between 1 and 9999),
  constraint ck_post_lines_receipt check ((receipt is null) = (receipted_on is null)),
  constraint ck_post_lines_struck check ((struck_at is null) = (struck_by is null)
    and (struck_at is null) = (struck_because is null))
);

create table copy_loans (
  id uuid constraint pk_copy_loans primary key,
  agency_id uuid not null constraint fk_copy_loans_agency_id references units,
  year integer not null,
  ordinal integer not null,
  lent_on date not null,
  borrower text not null,
  document_id uuid not null constraint fk_copy_loans_document_id references documents,
  code text not null,
  issued_on date not null,
  subject text not null,
  case_notation text not null,
  allowed_by uuid not null constraint fk_copy_loans_allowed_by references persons,
  allowed_name text not null,
  due_on date,
  note text not null,
  recorded_by uuid not null constraint fk_copy_loans_recorded_by references persons,
  recorded_at timestamptz not null,
  returned_on date,
  returned_to uuid constraint fk_copy_loans_returned_to references persons,
  struck_at timestamptz,
  struck_by uuid constraint fk_copy_loans_struck_by references persons,
  struck_because text,
  constraint uq_copy_loans_ordinal unique (agency_id, year, ordinal),
  constraint ck_copy_loans_returned check ((returned_on is null) = (returned_to is null)
    and returned_on >= lent_on),
  constraint ck_copy_loans_struck check ((struck_at is null) = (struck_by is null)
    and (struck_at is null) = (struck_because is null))
);
create unique index uq_copy_loans_out on copy_loans (document_id)
  where returned_on is null and struck_at is null;

create table closing_notes (
  id uuid constraint pk_closing_notes primary key,
  closing_id uuid not null constraint fk_closing_notes_closing_id references book_closings,
  agency_id uuid not null constraint fk_closing_notes_agency_id references units,
  ordinal integer not null,
  place text not null,
  words text not null,
  reason text not null,
  written_by uuid not null constraint fk_closing_notes_written_by references persons,
  written_at timestamptz not null,
  content_sha256 text not null,
  page_count integer not null,
  capacity text,
  signed_by uuid constraint fk_closing_notes_signed_by references persons,
  signed_at timestamptz,
  constraint uq_closing_notes_ordinal unique (closing_id, ordinal),
  constraint ck_closing_notes_signed check ((signed_at is null) = (signed_by is null)
    and (signed_at is null) = (capacity is null))
);
"""

#: A closed book that awaits a signature is told of.
TOLD = """
alter table told_notices drop constraint ck_told_notices_kind,
  add constraint ck_told_notices_kind check (kind in ('rights', 'transfer', 'closing'));
alter table alerts drop constraint ck_alerts_awaits,
  add constraint ck_alerts_awaits check (awaits in
    ('document', 'to_register', 'to_submit', 'to_assign', 'to_work_on', 'to_know', 'notice',
     'gradebook', 'reminder', 'rights', 'transfer', 'closing'));
"""
UNTOLD = """
delete from told_notices where kind = 'closing';
delete from alerts where awaits = 'closing';
alter table told_notices drop constraint ck_told_notices_kind,
  add constraint ck_told_notices_kind check (kind in ('rights', 'transfer'));
alter table alerts drop constraint ck_alerts_awaits,
  add constraint ck_alerts_awaits check (awaits in
    ('document', 'to_register', 'to_submit', 'to_assign', 'to_work_on', 'to_know', 'notice',
     'gradebook', 'reminder', 'rights', 'transfer'));
"""

OF_AN_AGENCY = {
    "holds": "update (lifted_by, lifted_at, lifted_because)",
    "held_records": "",
    "held_copies": "update (state, asked_at)",
    "post_lines": "update (receipt, receipted_on, struck_at, struck_by, struck_because)",
    "copy_loans": "update (returned_on, returned_to, struck_at, struck_by, struck_because)",
    "closing_notes": "update (content_sha256, capacity, signed_by, signed_at)",
}
#: The worker reads, tells the store, and writes what the store did.
OF_THE_WORKER = """
grant select on holds, held_records, post_lines, copy_loans, closing_notes to eoffice_worker;
grant select, insert on held_copies to eoffice_worker;
grant update (state, asked_at, answered_at) on held_copies to eoffice_worker;
"""

#: Since when something is held, whoever asks; a revision of the database itself may still write.
HELD = """
create function held_since(object uuid) returns timestamptz
  language sql stable security definer set search_path = pg_catalog
  return (select min(h.placed_at) from public.held_records r
    join public.holds h on h.id = r.hold_id
    where r.object_id = object and h.lifted_at is null);
revoke execute on function held_since(uuid) from public;
grant execute on function held_since(uuid) to eoffice_app, eoffice_worker;

create function refuse_change_of_held() returns trigger language plpgsql
  set search_path = pg_catalog
  as $$ declare object uuid; since timestamptz; begin
    if current_user not in ('eoffice_app', 'eoffice_worker') then
      return coalesce(new, old);
    end if;
    case tg_argv[0]
      when 'id' then object := old.id;
      when 'document_id' then object := case when tg_op = 'INSERT' then new.document_id
        else old.document_id end;
      when 'arrival_id' then object := case when tg_op = 'INSERT' then new.arrival_id
        else old.arrival_id end;
      when 'case_file_id' then object := case when tg_op = 'INSERT' then new.case_file_id
        else old.case_file_id end;
      else select a.id into object from public.arrivals a where a.delivery_id = old.id;
    end case;
    since := public.held_since(object);
    if since is not null then
      raise exception '%', to_char(since at time zone 'Asia/Ho_Chi_Minh', 'DD/MM/YYYY')
        using errcode = 'EO001';
    end if;
    return coalesce(new, old);
  end $$;

-- A hold that was lifted is history.
create function lifted_hold_stays() returns trigger language plpgsql as $$
begin
  raise exception 'a lifted hold never changes' using errcode = 'insufficient_privilege';
end $$;
create trigger lifted_hold_stays before update on holds
  for each row when (old.lifted_at is not null) execute function lifted_hold_stays();

-- A note that was signed stands.
create function signed_note_stays() returns trigger language plpgsql as $$
begin
  raise exception 'a signed note never changes' using errcode = 'insufficient_privilege';
end $$;
create trigger signed_note_stays before update on closing_notes
  for each row when (old.signed_at is not null) execute function signed_note_stays();
"""

#: Table, column that names what is held, and what is refused.
GUARDED = (
    ("documents", "id", "update or delete"),
    ("document_versions", "document_id", "insert or update or delete"),
    ("attachments", "document_id", "insert or update or delete"),
    ("document_recipients", "document_id", "insert or update or delete"),
    ("issuance_recipients", "document_id", "update or delete"),
    ("issuance_people", "document_id", "update or delete"),
    ("corrections", "document_id", "insert or update or delete"),
    ("arrivals", "id", "update or delete"),
    ("deliveries", "delivery", "update or delete"),
    ("assignments", "arrival_id", "insert or update or delete"),
    ("work_log", "arrival_id", "insert or update or delete"),
    ("answers", "arrival_id", "insert or update or delete"),
    ("deadline_moves", "arrival_id", "insert or update or delete"),
    ("case_files", "id", "update or delete"),
    ("case_items", "case_file_id", "insert or update or delete"),
    ("case_items", "document_id", "update or delete"),
    ("case_items", "arrival_id", "update or delete"),
    ("case_readers", "case_file_id", "insert or update or delete"),
)


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(TOLD)
    for table, rights in OF_AN_AGENCY.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy agency on {table}"
            " using (agency_id = app_agency()) with check (agency_id = app_agency())"
        )
        granted = ", ".join(filter(None, ("select, insert", rights)))
        op.execute(f"grant {granted} on {table} to eoffice_app")
    op.execute(OF_THE_WORKER)
    op.execute(HELD)
    for table, column, steps in GUARDED:
        op.execute(
            f"create trigger held_by_{column} before {steps} on {table}"
            f" for each row execute function refuse_change_of_held('{column}')"
        )


def downgrade() -> None:
    op.execute(UNTOLD)
    for table, column, _ in GUARDED:
        op.execute(f"drop trigger held_by_{column} on {table}")
    op.execute("drop function refuse_change_of_held()")
    op.execute("drop function held_since(uuid)")
    for table in reversed(OF_AN_AGENCY):
        if table not in ("holds", "held_records"):
            op.drop_table(table)
    op.drop_table("held_records")
    op.drop_table("holds")
    op.execute("drop function lifted_hold_stays()")
    op.execute("drop function signed_note_stays()")
