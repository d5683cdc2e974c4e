"""Less of everything: what a role does not need to change it cannot, and who needs not read cannot.

Until here a role that had to change one column of a table could change them all; a number could be
taken out of the book and a frozen page replaced by whoever found a way to write SQL.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ROLES = "eoffice_app, eoffice_worker"

#: Table -> the columns that are ever changed once a row is written; none: rows come and go whole.
CHANGED = {
    "books": "opening_number, last_number",
    "documents": (
        "subject, urgency, state, due_on, state_since, number, notation, issued_on, signer_id,"
        " signer_capacity"
    ),
    "document_versions": (
        "text, revision, content_sha256, size_bytes, page_count, saved_at, frozen_at"
    ),
    "book_entries": "annulled_at, annulled_because",
    "attachments": "",
    "document_recipients": "",
    "signature_requests": "state, finished_at, result_sha256, failure",
    "classes": "homeroom_teacher_id",
    "pupils": "",
    "enrolments": "",
    "class_subjects": "teacher_id",
    "mark_imports": "state, accepted_by, accepted_at",
    "marks": "",
    "conduct": "level",
    "absences": "",
    "principal_remarks": "text, written_by, written_at",
    "gradebooks": ("state, state_since, content_sha256, data_sha256, page_count, returned_because"),
    "gradebook_signatures": "signed_by, signed_at, capacity, content_sha256",
    "inspections": (
        "decision_number, decided_on, title, inspector_id, kinds, school_years, valid_from,"
        " valid_to, ended_at, ended_by"
    ),
}

#: What was handed on is what the next one signs: it stays, also for the worker and the owner.
FROZEN = """
create function refuse_change_of_frozen() returns trigger language plpgsql
  set search_path = pg_catalog
  as $$ begin
    if old.frozen_at is not null then
      raise exception 'a frozen version of a document is never changed'
        using errcode = 'insufficient_privilege';
    end if;
    return new;
  end $$;
create trigger frozen before update on document_versions
  for each row execute function refuse_change_of_frozen();
"""

#: Answers that were kept hold what the person was shown: theirs alone.
ANSWERS = """
alter table idempotency_keys enable row level security;
create policy own on idempotency_keys
  using (person_id = app_person()) with check (person_id = app_person());
-- The web process counts promises for /metrics and reads none of them.
revoke select on outbox from eoffice_app;
grant select (state) on outbox to eoffice_app;
"""

#: Who decided may change a decision; the inspector whom it names reads it.
INSPECTIONS = """
drop policy decided_or_named on inspections;
create policy decided_or_named on inspections for select
  using (inspector_id = app_person() or agency_id = app_agency());
create policy decided on inspections
  using (agency_id = app_agency()) with check (agency_id = app_agency());
drop policy of_inspection on inspection_units;
create policy of_inspection on inspection_units for select
  using (inspection_id in (select id from inspections));
create policy decided on inspection_units
  using (inspection_id in (select id from inspections where agency_id = app_agency()))
  with check (inspection_id in (select id from inspections where agency_id = app_agency()));
"""

#: Marks are personal data of children: in the archive, too, they are for whom the school's and the
#: department's registers are (registers/rules.py), not for everybody who works there. A teacher
#: reads the book of an own class in the registers.
ARCHIVE = """
create function app_holds(wanted text[]) returns boolean
  language sql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
    select exists (
      select from public.appointments a join public.positions p on p.id = a.position_id
      where a.person_id = public.app_person() and p.unit_id = public.app_unit()
        and p.kind = any (wanted)
        and a.valid_from <= coalesce(public.app_today(), a.valid_from)
        and coalesce(a.valid_to >= public.app_today(), true)
    )
  $$;
create function archive_reads_documents() returns boolean language sql stable parallel safe
  set search_path = pg_catalog
  as $$ select public.app_holds('{head,deputy_head,office_head,office_deputy,specialist,clerk,
    teacher}') $$;
create function archive_reads_own_registers() returns boolean language sql stable parallel safe
  set search_path = pg_catalog
  as $$ select public.app_holds('{head,deputy_head,clerk}') $$;
create function archive_reads_registers_below() returns boolean language sql stable parallel safe
  set search_path = pg_catalog
  as $$ select public.app_holds('{head,deputy_head,office_head,specialist}') $$;

drop policy in_scope on archive_entries;
create policy in_scope on archive_entries using (
  case when (select archive_inspects())
    then (agency_id, kind, school_year) in (select * from archive_inspected())
    when agency_id in (select archive_records_of(app_agency()))
    then case kind
      when 'document' then (select archive_reads_documents())
      else (select archive_reads_own_registers()) end
    else kind = 'gradebook' and (select archive_reads_registers_below())
      and agency_id in (select archive_units_below(app_agency()))
    end
);
"""

SEARCH = """
create or replace function archive_search(
  query text, kinds text[], school_years text[], agencies uuid[],
  before_at timestamptz, before_id uuid, most integer
) returns setof uuid
  language plpgsql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
  declare
    inspecting constant boolean := public.archive_inspects();
    own constant uuid[] := array(select public.archive_records_of(public.app_agency()));
    below constant uuid[] := array(select public.archive_units_below(public.app_agency()));
    documents constant boolean := public.archive_reads_documents();
    own_registers constant boolean := public.archive_reads_own_registers();
    registers_below constant boolean := public.archive_reads_registers_below();
    words constant tsquery := public.vn_q(query);
    pattern constant text := '%' || replace(replace(replace(
      public.vn_fold(trim(query)), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%';
  begin
    if coalesce(trim(query), '') = '' then
      return query
        select e.id from public.archive_entries e
        where {narrowed}
          and {in_scope}
        order by e.archived_at desc, e.id desc limit most;
    else
      return query
        select e.id from public.archive_entries e
        where (e.tsv @@ words or e.folded operator(pg_catalog.~~) pattern)
          and {narrowed}
          and {in_scope}
        order by e.archived_at desc, e.id desc limit most;
    end if;
  end $$;
"""
NARROWED = """(kinds is null or e.kind = any (kinds))
          and (school_years is null or e.school_year = any (school_years))
          and (agencies is null or e.agency_id = any (agencies))
          and (before_at is null or (e.archived_at, e.id) < (before_at, before_id))"""
IN_SCOPE = """case when inspecting
            then (e.agency_id, e.kind, e.school_year) in (select * from public.archive_inspected())
            when e.agency_id = any (own)
            then case e.kind when 'document' then documents else own_registers end
            else e.kind = 'gradebook' and registers_below and e.agency_id = any (below)
            end"""
#: Of revision 0008.
OLD_IN_SCOPE = """case when inspecting
            then (e.agency_id, e.kind, e.school_year) in (select * from public.archive_inspected())
            else e.agency_id = any (own) or (e.kind = 'gradebook' and e.agency_id = any (below))
            end"""
OLD_POLICIES = """
drop policy in_scope on archive_entries;
create policy in_scope on archive_entries using (
  case when (select archive_inspects())
    then (agency_id, kind, school_year) in (select * from archive_inspected())
    else agency_id in (select archive_records_of(app_agency()))
      or (kind = 'gradebook' and agency_id in (select archive_units_below(app_agency())))
    end
);
drop policy decided on inspection_units;
drop policy of_inspection on inspection_units;
create policy of_inspection on inspection_units
  using (inspection_id in (select id from inspections));
drop policy decided on inspections;
drop policy decided_or_named on inspections;
create policy decided_or_named on inspections
  using (inspector_id = app_person() or agency_id = app_agency())
  with check (agency_id = app_agency());
drop policy own on idempotency_keys;
alter table idempotency_keys disable row level security;
revoke select (state) on outbox from eoffice_app;
grant select on outbox to eoffice_app;
drop trigger frozen on document_versions;
drop function refuse_change_of_frozen();
"""
NEW_FUNCTIONS = (
    "archive_reads_registers_below()",
    "archive_reads_own_registers()",
    "archive_reads_documents()",
    "app_holds(text[])",
)


def upgrade() -> None:
    for table, columns in CHANGED.items():
        op.execute(f"revoke update on {table} from {ROLES}")
        if columns:
            op.execute(f"grant update ({columns}) on {table} to {ROLES}")
    op.execute(FROZEN)
    op.execute(ANSWERS)
    op.execute(INSPECTIONS)
    op.execute(ARCHIVE)
    op.execute(SEARCH.replace("{narrowed}", NARROWED).replace("{in_scope}", IN_SCOPE))
    for function in NEW_FUNCTIONS:
        op.execute(f"revoke execute on function {function} from public")
        op.execute(f"grant execute on function {function} to {ROLES}")


def downgrade() -> None:
    op.execute(OLD_POLICIES)
    before = SEARCH
    for line in ("documents", "own_registers", "registers_below"):
        start = before.index(f"    {line} constant")
        before = before[:start] + before[before.index("\n", start) + 1 :]
    op.execute(before.replace("{narrowed}", NARROWED).replace("{in_scope}", OLD_IN_SCOPE))
    for function in NEW_FUNCTIONS:
        op.execute(f"drop function {function}")
    for table in CHANGED:
        op.execute(f"revoke update on {table} from {ROLES}")
        op.execute(f"grant update on {table} to {ROLES}")
