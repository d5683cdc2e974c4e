"""Pictures of handwritten signatures and of seals; data of schools as XML that they sealed.

Until now a signature was drawn from its signer's name; where an agency has approved no picture, it
still is.
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

TABLE = """
create table signature_images (
  id uuid constraint pk_signature_images primary key,
  agency_id uuid not null constraint fk_signature_images_agency_id references units,
  person_id uuid constraint fk_signature_images_person_id references persons,
  state text not null constraint ck_signature_images_state
    check (state in ('offered', 'in_use', 'refused', 'withdrawn', 'retired')),
  content_sha256 text not null,
  width_px integer not null,
  height_px integer not null,
  offered_by uuid not null constraint fk_signature_images_offered_by references persons,
  offered_at timestamptz not null,
  decided_by uuid constraint fk_signature_images_decided_by references persons,
  decided_at timestamptz,
  refused_because text,
  ended_at timestamptz,
  constraint ck_signature_images_own check (person_id is null or person_id = offered_by),
  constraint ck_signature_images_decided check (
    (decided_by is null) = (decided_at is null)
    and (state not in ('in_use', 'refused', 'retired') or decided_by is not null)),
  constraint ck_signature_images_second_person check (decided_by <> offered_by),
  constraint ck_signature_images_refused check (
    (state = 'refused') = (refused_because is not null)),
  constraint ck_signature_images_ended check (
    (state in ('offered', 'in_use')) = (ended_at is null))
);
create unique index uq_signature_images_signature_in_use
  on signature_images (agency_id, person_id) where state = 'in_use' and person_id is not null;
create unique index uq_signature_images_seal_in_use
  on signature_images (agency_id) where state = 'in_use' and person_id is null;
create index ix_signature_images_agency_id on signature_images (agency_id);
alter table signature_images enable row level security;
create policy own on signature_images
  using (agency_id = app_agency()) with check (agency_id = app_agency());
grant select, insert on signature_images to eoffice_app;
grant update (state, decided_by, decided_at, refused_because, ended_at)
  on signature_images to eoffice_app;
grant select on signature_images to eoffice_worker;

create table sealed_data (
  id uuid constraint pk_sealed_data primary key,
  agency_id uuid not null constraint fk_sealed_data_agency_id references units,
  subject_kind text not null,
  subject_id uuid not null,
  source_sha256 text not null,
  content_sha256 text not null,
  size_bytes integer not null,
  sealed_by uuid not null constraint fk_sealed_data_sealed_by references persons,
  sealed_at timestamptz not null,
  constraint uq_sealed_data_source unique (subject_kind, subject_id, source_sha256)
);
create index ix_sealed_data_agency_id on sealed_data (agency_id);
alter table sealed_data enable row level security;
create policy own on sealed_data
  using (agency_id = app_agency()) with check (agency_id = app_agency());
create policy superior on sealed_data for select using (is_within(agency_id, app_agency()));
grant select, insert on sealed_data to eoffice_app;
grant select on sealed_data to eoffice_worker;
"""


def upgrade() -> None:
    """Of the agency that approves them: who works in two has a picture approved by each."""
    op.execute(TABLE)


def downgrade() -> None:
    """What was signed keeps its pictures: they are in the files."""
    op.execute("drop table sealed_data; drop table signature_images")
