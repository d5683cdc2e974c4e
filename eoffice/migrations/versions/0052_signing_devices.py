"""Programs on signers' computers that were paired with an account."""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

UP = """
create table device_pairings (
  id uuid constraint pk_device_pairings primary key,
  code_sha256 bytea not null constraint uq_device_pairings_code_sha256 unique,
  person_id uuid not null constraint fk_device_pairings_person_id references persons,
  appointment_id uuid not null
    constraint fk_device_pairings_appointment_id references appointments,
  seal_unit_id uuid constraint fk_device_pairings_seal_unit_id references units,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create table signing_devices (
  id uuid constraint pk_signing_devices primary key,
  token_id uuid not null constraint fk_signing_devices_token_id references api_tokens,
  person_id uuid not null constraint fk_signing_devices_person_id references persons,
  seal_unit_id uuid constraint fk_signing_devices_seal_unit_id references units,
  name text not null,
  certificate bytea not null,
  chain bytea[] not null,
  paired_at timestamptz not null
);
create index ix_signing_devices_person_id on signing_devices (person_id);
create table device_passes (
  pass_sha256 bytea constraint pk_device_passes primary key,
  person_id uuid not null constraint fk_device_passes_person_id references persons,
  request_ids uuid[] not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
alter table signing_devices enable row level security;
create policy own on signing_devices
  using (person_id = app_person()) with check (person_id = app_person());
alter table device_passes enable row level security;
create policy own on device_passes
  using (person_id = app_person()) with check (person_id = app_person());
grant select, insert, update (used_at) on device_pairings to eoffice_app;
grant select, insert on signing_devices to eoffice_app;
grant select, insert, update (used_at) on device_passes to eoffice_app;
grant select, delete on device_pairings, device_passes to eoffice_worker;
grant select on signing_devices to eoffice_worker;
"""

DOWN = """
drop table device_passes;
drop table signing_devices;
drop table device_pairings;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
