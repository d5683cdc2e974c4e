"""Archive entries, inspections."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SEARCHED = (
    "vn_tsv(title || ' ' || coalesce(number_notation, '') || ' ' || coalesce(class_name, '')"
    " || ' ' || agency_name || ' ' || text)"
)
FOLDED = "vn_fold(title || ' ' || coalesce(number_notation, ''))"

FUNCTIONS = """
-- The civil date of the office for this transaction. The server's own date is no use: the office
-- has a clock of its own. Null where nobody said it, and then no inspection runs.
create function app_today() returns date language sql stable parallel safe
  set search_path = pg_catalog
  as $$ select nullif(current_setting('app.today', true), '')::date $$;

-- The unit and all whose records it took over.
create function archive_records_of(unit uuid) returns setof uuid
  language sql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
    with recursive taken(id) as (
      select unit where unit is not null
      union
      select s.predecessor_id from taken join public.unit_successions s
        on s.successor_id = taken.id
    )
    select id from taken
  $$;

-- The unit, everything below it, and whatever one of these took over: the inverse of is_within.
create function archive_units_below(ancestor uuid) returns setof uuid
  language sql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
    with recursive below(id) as (
      select ancestor where ancestor is not null
      union
      select step.id from below cross join lateral (
        select u.id from public.units u where u.parent_id = below.id
        union all
        select s.predecessor_id from public.unit_successions s where s.successor_id = below.id
      ) as step(id)
    )
    select id from below
  $$;

-- Whether the person acts as an inspector: then only decisions open the archive.
create function archive_inspects() returns boolean
  language sql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
    select exists (
      select from public.appointments a join public.positions p on p.id = a.position_id
      where a.person_id = public.app_person() and p.unit_id = public.app_unit()
        and p.kind = 'inspector'
        and a.valid_from <= coalesce(public.app_today(), a.valid_from)
        and coalesce(a.valid_to >= public.app_today(), true)
    )
  $$;

-- What the running decisions of the person name: agency, kind, school year.
create function archive_inspected()
  returns table (agency_id uuid, kind text, school_year text)
  language sql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
    select distinct named.id, k.kind, y.school_year
    from public.inspections i
      join public.inspection_units u on u.inspection_id = i.id
      cross join lateral public.archive_records_of(u.unit_id) as named(id)
      cross join lateral unnest(i.kinds) as k(kind)
      cross join lateral unnest(i.school_years) as y(school_year)
    where i.inspector_id = public.app_person()
      and public.archive_inspects()
      and i.ended_at is null
      and public.app_today() between i.valid_from and i.valid_to
  $$;

-- Identifiers of entries in the scope of the transaction that match, newest first. With the
-- owner's rights, because under row-level security the planner may not use the text indexes;
-- the scope below says the same as the policy.
create function archive_search(
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
    words constant tsquery := public.vn_q(query);
    pattern constant text := '%' || replace(replace(replace(
      public.vn_fold(trim(query)), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%';
  begin
    if coalesce(trim(query), '') = '' then
      return query
        select e.id from public.archive_entries e
        where (kinds is null or e.kind = any (kinds))
          and (school_years is null or e.school_year = any (school_years))
          and (agencies is null or e.agency_id = any (agencies))
          and (before_at is null or (e.archived_at, e.id) < (before_at, before_id))
          and case when inspecting
            then (e.agency_id, e.kind, e.school_year) in (select * from public.archive_inspected())
            else e.agency_id = any (own) or (e.kind = 'gradebook' and e.agency_id = any (below))
            end
        order by e.archived_at desc, e.id desc limit most;
    else
      return query
        select e.id from public.archive_entries e
        where (e.tsv @@ words or e.folded operator(pg_catalog.~~) pattern)
          and (kinds is null or e.kind = any (kinds))
          and (school_years is null or e.school_year = any (school_years))
          and (agencies is null or e.agency_id = any (agencies))
          and (before_at is null or (e.archived_at, e.id) < (before_at, before_id))
          and case when inspecting
            then (e.agency_id, e.kind, e.school_year) in (select * from public.archive_inspected())
            else e.agency_id = any (own) or (e.kind = 'gradebook' and e.agency_id = any (below))
            end
        order by e.archived_at desc, e.id desc limit most;
    end if;
  end $$;
"""

SIGNATURES = (
    "archive_search(text, text[], text[], uuid[], timestamptz, uuid, integer)",
    "archive_inspected()",
    "archive_inspects()",
    "archive_units_below(uuid)",
    "archive_records_of(uuid)",
    "app_today()",
)

POLICIES = """
alter table archive_entries enable row level security;
create policy in_scope on archive_entries using (
  case when (select archive_inspects())
    then (agency_id, kind, school_year) in (select * from archive_inspected())
    else agency_id in (select archive_records_of(app_agency()))
      or (kind = 'gradebook' and agency_id in (select archive_units_below(app_agency())))
    end
);
alter table inspections enable row level security;
create policy decided_or_named on inspections
  using (inspector_id = app_person() or agency_id = app_agency())
  with check (agency_id = app_agency());
alter table inspection_units enable row level security;
create policy of_inspection on inspection_units
  using (inspection_id in (select id from inspections));
"""


def upgrade() -> None:
    op.create_table(
        "archive_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("agency_name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number_notation", sa.Text()),
        sa.Column("school_year", sa.Text(), nullable=False),
        sa.Column("class_name", sa.Text()),
        sa.Column("issued_on", sa.Date()),
        sa.Column("source_sha256", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("object_version", sa.Text(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retain_until", sa.Date()),
        sa.Column("level", sa.Text()),
        sa.Column("verdict", JSONB(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audit_event_id", sa.Uuid(), nullable=False),
        sa.Column("fixity", sa.Text(), nullable=False),
        sa.Column("fixity_checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("tsv", TSVECTOR(), sa.Computed(SEARCHED, persisted=True), nullable=False),
        sa.Column("folded", sa.Text(), sa.Computed(FOLDED, persisted=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_archive_entries"),
        sa.UniqueConstraint("kind", "source_id", "source_sha256", name="uq_archive_entries_source"),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_archive_entries_agency_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_archive_entries_unit_id"),
        sa.ForeignKeyConstraint(
            ["audit_event_id"], ["audit_events.id"], name="fk_archive_entries_audit_event_id"
        ),
        sa.CheckConstraint("kind IN ('document', 'gradebook')", name="kind"),
        sa.CheckConstraint(
            "fixity IN ('intact', 'changed', 'missing', 'unlocked')",
            name="fixity",
        ),
    )
    op.create_index(
        "ix_archive_entries_agency", "archive_entries", ["agency_id", "archived_at", "id"]
    )
    op.create_index("ix_archive_entries_newest", "archive_entries", ["archived_at", "id"])
    op.create_index("ix_archive_entries_fixity", "archive_entries", ["fixity_checked_at"])
    op.create_index("ix_archive_entries_tsv", "archive_entries", ["tsv"], postgresql_using="gin")
    op.create_index(
        "ix_archive_entries_folded",
        "archive_entries",
        ["folded"],
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
    )
    _create_inspections()
    op.execute(FUNCTIONS)
    for signature in SIGNATURES:
        op.execute(f"revoke execute on function {signature} from public")
        op.execute(f"grant execute on function {signature} to eoffice_app, eoffice_worker")
    op.execute(POLICIES)
    op.execute("grant select on archive_entries to eoffice_app")
    op.execute("grant select, insert on archive_entries to eoffice_worker")
    op.execute(
        "grant update (fixity, fixity_checked_at, locked_until, retain_until)"
        " on archive_entries to eoffice_worker"
    )
    op.execute("grant select, insert, update on inspections to eoffice_app, eoffice_worker")
    op.execute("grant select, insert, delete on inspection_units to eoffice_app, eoffice_worker")


def _create_inspections() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("decision_number", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", ARRAY(sa.Text()), nullable=False),
        sa.Column("school_years", ARRAY(sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_inspections"),
        sa.UniqueConstraint(
            "agency_id", "decision_number", "decided_on", name="uq_inspections_decision"
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_inspections_agency_id"),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["persons.id"], name="fk_inspections_inspector_id"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["persons.id"], name="fk_inspections_created_by"),
        sa.ForeignKeyConstraint(["ended_by"], ["persons.id"], name="fk_inspections_ended_by"),
        sa.CheckConstraint("valid_to >= valid_from", name="dates"),
        sa.CheckConstraint("cardinality(kinds) > 0", name="kinds"),
        sa.CheckConstraint("cardinality(school_years) > 0", name="school_years"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
    )
    op.create_index("ix_inspections_inspector", "inspections", ["inspector_id", "valid_to"])
    op.create_table(
        "inspection_units",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("inspection_id", "unit_id", name="pk_inspection_units"),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name="fk_inspection_units_inspection_id"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_inspection_units_unit_id"),
    )


def downgrade() -> None:
    op.execute("drop policy in_scope on archive_entries")
    for signature in SIGNATURES:
        op.execute(f"drop function {signature}")
    for table in ("inspection_units", "inspections", "archive_entries"):
        op.drop_table(table)
