"""Notices by mail, webhooks and the calendar of deadlines."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = """
create table alert_addresses (
  id uuid constraint pk_alert_addresses primary key,
  person_id uuid not null constraint fk_alert_addresses_person_id references persons,
  address text not null,
  timing text not null constraint ck_alert_addresses_timing
    check (timing in ('at_once', 'daily')),
  created_at timestamptz not null,
  tries integer not null,
  confirmed_at timestamptz,
  told_on date,
  ended_at timestamptz
);
create unique index uq_alert_addresses_address on alert_addresses (person_id, address)
  where ended_at is null;

create table alerts (
  id uuid constraint pk_alerts primary key,
  person_id uuid not null constraint fk_alerts_person_id references persons,
  awaits text not null constraint ck_alerts_awaits check (awaits in
    ('document', 'to_register', 'to_submit', 'to_assign', 'to_work_on', 'to_know', 'notice',
     'gradebook')),
  object_id uuid not null,
  since timestamptz not null,
  found_at timestamptz not null,
  constraint uq_alerts_person_id_awaits_object_id_since unique (person_id, awaits, object_id, since)
);

create table calendar_feeds (
  id uuid constraint pk_calendar_feeds primary key,
  person_id uuid not null constraint fk_calendar_feeds_person_id references persons,
  token_sha256 bytea not null constraint uq_calendar_feeds_token_sha256 unique,
  created_at timestamptz not null,
  ended_at timestamptz
);
create unique index uq_calendar_feeds_person on calendar_feeds (person_id)
  where ended_at is null;

create table webhooks (
  id uuid constraint pk_webhooks primary key,
  agency_id uuid not null constraint fk_webhooks_agency_id references units,
  url text not null,
  actions text[] not null,
  created_by uuid not null constraint fk_webhooks_created_by references persons,
  created_at timestamptz not null,
  ended_at timestamptz
);
create index ix_webhooks_agency_id on webhooks (agency_id) where ended_at is null;

create table webhook_calls (
  id uuid constraint pk_webhook_calls primary key,
  webhook_id uuid not null constraint fk_webhook_calls_webhook_id references webhooks,
  agency_id uuid not null constraint fk_webhook_calls_agency_id references units,
  event_id uuid not null constraint fk_webhook_calls_event_id references audit_events,
  action text not null,
  object_kind text not null,
  object_id uuid not null,
  happened_at timestamptz not null,
  created_at timestamptz not null,
  state text not null constraint ck_webhook_calls_state
    check (state in ('waiting', 'delivered', 'given_up')),
  attempts integer not null,
  last_status integer,
  failure text,
  delivered_at timestamptz,
  constraint uq_webhook_calls_webhook_id_event_id unique (webhook_id, event_id),
  constraint ck_webhook_calls_delivery
    check ((state = 'delivered') = (delivered_at is not null))
);
create index ix_webhook_calls_log on webhook_calls (webhook_id, created_at);

create table alert_looks (
  id integer constraint pk_alert_looks primary key constraint ck_alert_looks_one check (id = 1),
  looked_at timestamptz not null
);
"""

RIGHTS = """
alter table alert_addresses enable row level security;
create policy own on alert_addresses
  using (person_id = app_person()) with check (person_id = app_person());
alter table alerts enable row level security;
create policy own on alerts
  using (person_id = app_person()) with check (person_id = app_person());
alter table calendar_feeds enable row level security;
create policy own on calendar_feeds
  using (person_id = app_person()) with check (person_id = app_person());
alter table webhooks enable row level security;
create policy of_agency on webhooks
  using (agency_id = app_agency()) with check (agency_id = app_agency());
alter table webhook_calls enable row level security;
create policy of_agency on webhook_calls
  using (agency_id = app_agency()) with check (agency_id = app_agency());

grant select, insert on alert_addresses, calendar_feeds, webhooks to eoffice_app;
grant select on alerts, webhook_calls to eoffice_app;
grant update (timing, tries, confirmed_at, ended_at) on alert_addresses to eoffice_app;
grant update (ended_at) on calendar_feeds, webhooks to eoffice_app;

grant select on alert_addresses, calendar_feeds, webhooks to eoffice_worker;
grant update (told_on) on alert_addresses to eoffice_worker;
grant select, insert, delete on alerts to eoffice_worker;
grant select, insert on webhook_calls to eoffice_worker;
grant update (state, attempts, last_status, failure, delivered_at) on webhook_calls
  to eoffice_worker;
grant select, insert, update on alert_looks to eoffice_worker;

-- A calendar program signs in nowhere: it knows the secret of one feed and learns whose it is.
create function person_of_feed(token bytea) returns uuid language sql stable security definer
  set search_path = public, pg_temp
  as $$ select person_id from calendar_feeds where token_sha256 = token and ended_at is null $$;
revoke all on function person_of_feed(bytea) from public;
grant execute on function person_of_feed(bytea) to eoffice_app, eoffice_worker;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)


def downgrade() -> None:
    op.execute("drop function person_of_feed(bytea)")
    for table in (
        "alert_looks",
        "webhook_calls",
        "webhooks",
        "calendar_feeds",
        "alerts",
        "alert_addresses",
    ):
        op.execute(f"drop table {table}")
