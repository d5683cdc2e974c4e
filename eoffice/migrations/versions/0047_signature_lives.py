"""What waits for a signature: its state, its value, who is awaited.

A request that a dead process left behind stays no longer "requested" for ever; a signature that
found no time-stamp authority is kept and concluded by the worker; in a batch such a thing counts as
awaited.
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

UP = """
alter table signing_keys add column chain bytea[] not null default '{}';
alter table signature_requests
  add column step text not null default '',
  add column channel text not null default 'here'
    constraint ck_signature_requests_channel check (channel in ('here', 'remote', 'agent')),
  add column title text not null default '',
  add column path text not null default '',
  add column prepared jsonb,
  add column value bytea,
  add column ticket jsonb,
  add column expires_at timestamptz,
  add column tries integer not null default 0,
  add column next_try_at timestamptz,
  add column trouble text not null default '';
alter table signature_requests drop constraint ck_signature_requests_state;
alter table signature_requests add constraint ck_signature_requests_state
  check (state in
    ('requested', 'valued', 'signed', 'failed', 'abandoned', 'expired', 'declined'));
alter table signature_requests drop constraint ck_signature_requests_finished;
alter table signature_requests add constraint ck_signature_requests_finished
  check ((state in ('requested', 'valued')) = (finished_at is null));
alter table signature_requests add constraint ck_signature_requests_value
  check (state <> 'valued' or (value is not null and prepared is not null));
update signature_requests set expires_at = requested_at + interval '10 minutes'
  where state = 'requested';
create index ix_signature_requests_open on signature_requests (person_id)
  where state in ('requested', 'valued');
create index ix_signature_requests_person on signature_requests (person_id, requested_at);
grant update (value, expires_at, tries, next_try_at, trouble, ticket)
  on signature_requests to eoffice_app, eoffice_worker;
alter table signature_batch_items drop constraint ck_signature_batch_items_state;
alter table signature_batch_items add constraint ck_signature_batch_items_state
  check (state in ('waiting', 'signed', 'failed', 'stopped', 'awaited'));
"""

DOWN = """
update signature_batch_items set state = 'failed' where state = 'awaited';
alter table signature_batch_items drop constraint ck_signature_batch_items_state;
alter table signature_batch_items add constraint ck_signature_batch_items_state
  check (state in ('waiting', 'signed', 'failed', 'stopped'));
revoke update (value, expires_at, tries, next_try_at, trouble, ticket)
  on signature_requests from eoffice_app, eoffice_worker;
drop index ix_signature_requests_person;
drop index ix_signature_requests_open;
alter table signature_requests drop constraint ck_signature_requests_value;
alter table signature_requests drop constraint ck_signature_requests_finished;
alter table signature_requests drop constraint ck_signature_requests_state;
update signature_requests set state = 'failed', finished_at = coalesce(finished_at, requested_at)
  where state in ('valued', 'expired', 'declined');
alter table signature_requests add constraint ck_signature_requests_state
  check (state in ('requested', 'signed', 'failed', 'abandoned'));
alter table signature_requests add constraint ck_signature_requests_finished
  check ((state = 'requested') = (finished_at is null));
alter table signature_requests
  drop column trouble, drop column next_try_at, drop column tries, drop column expires_at,
  drop column ticket, drop column value, drop column prepared, drop column path,
  drop column title, drop column channel, drop column step;
alter table signing_keys drop column chain;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
