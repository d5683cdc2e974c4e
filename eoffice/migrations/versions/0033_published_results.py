"""Results for families: what a school published, and a slip for each pupil."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLES = """
create table published_results (
  id uuid constraint pk_published_results primary key,
  school_id uuid not null constraint fk_published_results_school_id references units,
  class_id uuid not null constraint fk_published_results_class_id references classes,
  kind text not null constraint ck_published_results_kind
    check (kind in ('month', 'first_semester', 'second_semester', 'year')),
  month date,
  state text not null constraint ck_published_results_state
    check (state in ('published', 'withdrawn')),
  state_since timestamptz not null,
  published_by uuid not null constraint fk_published_results_published_by references persons,
  published_at timestamptz not null,
  withdrawn_because text,
  constraint ck_published_results_month check ((kind = 'month') = (month is not null)),
  constraint ck_published_results_withdrawn
    check ((state = 'withdrawn') = (withdrawn_because is not null))
);
create unique index uq_published_results_once on published_results (class_id, kind, month)
  nulls not distinct where state = 'published';
create index ix_published_results_school_id on published_results (school_id, published_at);

create table family_slips (
  id uuid constraint pk_family_slips primary key,
  publication_id uuid not null constraint fk_family_slips_publication_id
    references published_results,
  school_id uuid not null constraint fk_family_slips_school_id references units,
  pupil_id uuid not null constraint fk_family_slips_pupil_id references pupils,
  ordinal integer not null,
  content jsonb not null,
  renewals integer not null default 0,
  wrong_tries integer not null default 0,
  last_wrong_at timestamptz,
  looks integer not null default 0,
  last_look_at timestamptz,
  mailed_at timestamptz,
  constraint uq_family_slips_publication_id unique (publication_id, pupil_id)
);
create index ix_family_slips_pupil_id on family_slips (pupil_id);
"""

#: A family signs in nowhere: who shows an address that the office made reads the slip that it
#: names, whether it still holds, and leaves the count of looks and wrong codes.
RIGHTS = """
create function app_slip() returns uuid language sql stable parallel safe
  set search_path = pg_catalog
  as $$ select nullif(current_setting('app.slip', true), '')::uuid $$;
revoke execute on function app_slip() from public;
grant execute on function app_slip() to eoffice_app, eoffice_worker;

alter table published_results enable row level security;
create policy own on published_results
  using (school_id = app_agency()) with check (school_id = app_agency());
alter table family_slips enable row level security;
create policy own on family_slips
  using (school_id = app_agency()) with check (school_id = app_agency());
create policy by_address on family_slips
  using (id = app_slip()) with check (id = app_slip());
create policy of_slip on published_results for select
  using (id = (select s.publication_id from family_slips s where s.id = app_slip()));

grant select, insert on published_results to eoffice_app;
grant update (state, state_since, withdrawn_because) on published_results to eoffice_app;
grant select, insert on family_slips to eoffice_app;
grant update (renewals, wrong_tries, last_wrong_at, looks, last_look_at) on family_slips
  to eoffice_app;
grant select on published_results to eoffice_worker;
grant update (state, state_since, withdrawn_because) on published_results to eoffice_worker;
grant select on family_slips to eoffice_worker;
grant update (mailed_at) on family_slips to eoffice_worker;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)


def downgrade() -> None:
    op.execute("drop table family_slips cascade")
    op.execute("drop table published_results")
    op.execute("drop function app_slip()")
