"""Until when the proof of an archived file lasts, and what it was before it was renewed.

Files of earlier releases are looked at by the calendar: their columns are empty until then. A file
that somebody took out before a renewal stays one of the office's.
"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

UP = """
alter table archive_entries
  add column lasts_seen_at timestamptz,
  add column lasts_until timestamptz,
  add column lasts_because text not null default '',
  add column renewed_at timestamptz,
  add column renewal_tried_at timestamptz,
  add column renewal_trouble text not null default '';
create index ix_archive_entries_lasts on archive_entries (lasts_until);
grant update (content_sha256, size_bytes, object_version, audit_event_id, lasts_seen_at,
  lasts_until, lasts_because, renewed_at, renewal_tried_at, renewal_trouble)
  on archive_entries to eoffice_worker;

create table renewed_contents (
  entry_id uuid not null constraint fk_renewed_contents_entry_id references archive_entries,
  content_sha256 text not null,
  object_version text not null,
  size_bytes bigint not null,
  locked_until timestamptz not null,
  because text not null,
  renewed_at timestamptz not null,
  constraint pk_renewed_contents primary key (entry_id, content_sha256)
);
alter table renewed_contents enable row level security;
create policy of_entry on renewed_contents for select
  using (entry_id in (select id from archive_entries));
grant select on renewed_contents to eoffice_app;
grant select, insert on renewed_contents to eoffice_worker;
"""

LOOKUP = """
create or replace function verification_of_code(wanted text) returns table (
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
        where e.source_id = f.source_id), '{}') || coalesce((
        select array_agg(r.content_sha256) from renewed_contents r
        join archive_entries e on e.id = r.entry_id
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
"""
LOOKUP_BEFORE = """
create or replace function verification_of_code(wanted text) returns table (
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
"""

DOWN = """
drop table renewed_contents;
revoke update (content_sha256, size_bytes, object_version, audit_event_id)
  on archive_entries from eoffice_worker;
drop index ix_archive_entries_lasts;
alter table archive_entries
  drop column lasts_seen_at,
  drop column lasts_until,
  drop column lasts_because,
  drop column renewed_at,
  drop column renewal_tried_at,
  drop column renewal_trouble;
"""


def upgrade() -> None:
    op.execute(UP)
    op.execute(LOOKUP)


def downgrade() -> None:
    op.execute(LOOKUP_BEFORE)
    op.execute(DOWN)
