"""Codes on pages, and what verdicts were over time.

A code leads whoever holds the paper to what may be public about it. Nobody is signed in there, so
one function answers for all tables, and it answers nothing about what is secret.
"""

from alembic import op

revision = "0050"
down_revision = "0048"
branch_labels = None
depends_on = None

CODES = """
create table page_codes (
  code text constraint pk_page_codes primary key
    constraint ck_page_codes_code check (code ~ '^[a-z2-7]{26}$'),
  kind text not null
    constraint ck_page_codes_kind check (kind IN ('document', 'register', 'report_part')),
  source_id uuid not null,
  agency_id uuid not null constraint fk_page_codes_agency_id_units references units,
  made_at timestamptz not null,
  constraint uq_page_codes_source unique (kind, source_id)
);
alter table page_codes enable row level security;
create policy own on page_codes
  using (agency_id = app_agency()) with check (agency_id = app_agency());
grant select, insert on page_codes to eoffice_app, eoffice_worker;
"""

VERDICTS = """
create table stored_verdicts (
  id uuid constraint pk_stored_verdicts primary key,
  entry_id uuid not null constraint fk_stored_verdicts_entry_id_archive_entries
    references archive_entries,
  agency_id uuid not null constraint fk_stored_verdicts_agency_id_units references units,
  finding text not null constraint ck_stored_verdicts_finding
    check (finding IN ('intact', 'changed', 'invalid', 'unverifiable', 'unsigned')),
  level text,
  indication text,
  reason text not null,
  since timestamptz not null,
  checked_at timestamptz not null
);
create index ix_stored_verdicts_entry_id on stored_verdicts (entry_id, checked_at);
alter table stored_verdicts enable row level security;
create policy of_entry on stored_verdicts for select
  using (entry_id in (select id from archive_entries));
grant select on stored_verdicts to eoffice_app;
grant select, insert, update (checked_at) on stored_verdicts to eoffice_worker;
"""

#: What changed about a stored file is told.
TOLD = """
alter table told_notices drop constraint ck_told_notices_kind,
  add constraint ck_told_notices_kind
    check (kind in ('rights', 'transfer', 'closing', 'verification'));
alter table alerts drop constraint ck_alerts_awaits,
  add constraint ck_alerts_awaits check (awaits in
    ('document', 'to_register', 'to_submit', 'to_assign', 'to_work_on', 'to_know', 'notice',
     'gradebook', 'reminder', 'rights', 'transfer', 'closing', 'verification'));
"""
UNTOLD = """
delete from told_notices where kind = 'verification';
delete from alerts where awaits = 'verification';
alter table told_notices drop constraint ck_told_notices_kind,
  add constraint ck_told_notices_kind check (kind in ('rights', 'transfer', 'closing'));
alter table alerts drop constraint ck_alerts_awaits,
  add constraint ck_alerts_awaits check (awaits in
    ('document', 'to_register', 'to_submit', 'to_assign', 'to_work_on', 'to_know', 'notice',
     'gradebook', 'reminder', 'rights', 'transfer', 'closing'));
"""

LOOKUP = """
create function verification_of_code(wanted text) returns table (
    kind text, type text, state text, agency text, number integer, notation text, issued_on date,
    circulation text, school_year text, digests text[], finding text, level text,
    checked_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
  as $$
    with coded as (
      select c.kind, c.source_id, u.name as agency
      from page_codes c join units u on u.id = c.agency_id where c.code = wanted
    ), facts as (
      select c.kind, c.source_id, c.agency, d.type, d.state, d.number, d.notation, d.issued_on,
        d.circulation, null::text as school_year,
        (select array_agg(v.content_sha256) from document_versions v
          where v.document_id = d.id and v.content_sha256 is not null) as digests
      from coded c join documents d on d.id = c.source_id
      where c.kind = 'document' and d.secrecy = 'none'
      union all
      select c.kind, c.source_id, c.agency, g.kind, g.state, null, null, null, '', g.school_year,
        array_remove(array[g.content_sha256], null)
      from coded c join gradebooks g on g.id = c.source_id where c.kind = 'register'
      union all
      select c.kind, c.source_id, c.agency, 'report_part', p.state, null, null, null, '',
        p.school_year, array_remove(array[p.content_sha256], null)
      from coded c join report_parts p on p.id = c.source_id where c.kind = 'report_part'
    )
    select f.kind, f.type, f.state, f.agency, f.number, f.notation, f.issued_on, f.circulation,
      f.school_year,
      coalesce(f.digests, '{}') || coalesce((
        select array_agg(d.one) from archive_entries e,
          lateral (values (e.source_sha256), (e.content_sha256)) as d (one)
        where e.source_id = f.source_id), '{}'),
      coalesce(v.finding, a.verdict ->> 'verdict'),
      case when v.finding is null then a.level else v.level end,
      coalesce(v.checked_at, a.archived_at)
    from facts f
    left join lateral (
      select e.id, e.verdict, e.level, e.archived_at from archive_entries e
      where e.source_id = f.source_id order by e.archived_at desc limit 1) a on true
    left join lateral (
      select s.finding, s.level, s.checked_at from stored_verdicts s
      where s.entry_id = a.id order by s.checked_at desc limit 1) v on true
  $$;
revoke all on function verification_of_code(text) from public;
grant execute on function verification_of_code(text) to eoffice_app, eoffice_worker;
"""


def upgrade() -> None:
    op.execute(CODES)
    op.execute(VERDICTS)
    op.execute(TOLD)
    op.execute(LOOKUP)


def downgrade() -> None:
    op.execute("drop function verification_of_code(text)")
    op.execute(UNTOLD)
    op.execute("drop table stored_verdicts")
    op.execute("drop table page_codes")
