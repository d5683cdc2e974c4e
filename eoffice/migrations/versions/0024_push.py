"""Notices pushed to a browser, and notices that no list of the desk holds."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = """
create table push_devices (
  id uuid constraint pk_push_devices primary key,
  person_id uuid not null constraint fk_push_devices_person_id references persons,
  endpoint text not null,
  public_key bytea not null,
  auth_secret bytea not null,
  name text not null,
  timing text not null constraint ck_push_devices_timing check (timing in ('at_once', 'daily')),
  created_at timestamptz not null,
  told_on date,
  reached_at timestamptz,
  ended_at timestamptz,
  is_gone boolean not null default false,
  constraint ck_push_devices_gone check (not is_gone or ended_at is not null)
);
create unique index uq_push_devices_endpoint on push_devices (endpoint) where ended_at is null;
create index ix_push_devices_person_id on push_devices (person_id) where ended_at is null;

create table told_notices (
  id uuid constraint pk_told_notices primary key,
  person_id uuid not null constraint fk_told_notices_person_id references persons,
  kind text not null constraint ck_told_notices_kind check (kind in ('rights', 'transfer')),
  object_id uuid not null,
  cause text not null,
  text text not null,
  path text not null,
  due_on date,
  told_at timestamptz not null,
  read_at timestamptz,
  constraint uq_told_notices_person_id_cause unique (person_id, cause)
);
create index ix_told_notices_unread on told_notices (person_id) where read_at is null;

alter table alerts drop constraint ck_alerts_awaits,
  add constraint ck_alerts_awaits check (awaits in
    ('document', 'to_register', 'to_submit', 'to_assign', 'to_work_on', 'to_know', 'notice',
     'gradebook', 'reminder', 'rights', 'transfer'));
"""

RIGHTS = """
alter table push_devices enable row level security;
create policy own on push_devices
  using (person_id = app_person()) with check (person_id = app_person());
alter table told_notices enable row level security;
create policy own on told_notices
  using (person_id = app_person()) with check (person_id = app_person());

grant select, insert on push_devices to eoffice_app;
grant update (timing, ended_at) on push_devices to eoffice_app;
grant select on told_notices to eoffice_app;
grant update (read_at) on told_notices to eoffice_app;

grant select on push_devices to eoffice_worker;
grant update (told_on, reached_at, ended_at, is_gone) on push_devices to eoffice_worker;
grant select, insert, delete on told_notices to eoffice_worker;

-- A browser that changes hands keeps its address: whoever signs in there takes it from whom it was.
create function free_push_device(wanted text) returns void language sql volatile security definer
  set search_path = public, pg_temp
  as $$ update push_devices set ended_at = now() where endpoint = wanted and ended_at is null
        and person_id <> app_person() $$;
revoke all on function free_push_device(text) from public;
grant execute on function free_push_device(text) to eoffice_app, eoffice_worker;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)


def downgrade() -> None:
    op.execute("drop function free_push_device(text)")
    op.execute("drop table told_notices")
    op.execute("drop table push_devices")
    op.execute("delete from alerts where awaits in ('reminder', 'rights', 'transfer')")
    op.execute("""
alter table alerts drop constraint ck_alerts_awaits,
  add constraint ck_alerts_awaits check (awaits in
    ('document', 'to_register', 'to_submit', 'to_assign', 'to_work_on', 'to_know', 'notice',
     'gradebook'))""")
