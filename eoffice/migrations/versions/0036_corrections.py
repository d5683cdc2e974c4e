"""A cell of a closed book is corrected: asked for with a reason, decided, told in a new version."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

UP = """
create table book_corrections (
  id uuid constraint pk_book_corrections primary key,
  gradebook_id uuid not null constraint fk_book_corrections_gradebook_id references gradebooks,
  school_id uuid not null constraint fk_book_corrections_school_id references units,
  class_id uuid not null constraint fk_book_corrections_class_id references classes,
  pupil_id uuid not null constraint fk_book_corrections_pupil_id references pupils,
  subject_code text not null,
  semester text not null constraint ck_book_corrections_semester check (semester in ('1', '2')),
  part text not null constraint ck_book_corrections_part check (part in (
    'regular', 'midterm', 'final', 'oral', 'written', 'periodic', 'topic', 'midterm_test',
    'final_test', 'stated', 'reassessed', 'reassessed_test')),
  place integer not null,
  old_value text,
  new_value text,
  reason text not null,
  evidence_sha256 text not null,
  evidence_name text not null,
  evidence_type text not null,
  state text not null constraint ck_book_corrections_state check (state in (
    'requested', 'approved', 'done', 'refused', 'withdrawn', 'undone')),
  state_since timestamptz not null,
  requested_by uuid not null constraint fk_book_corrections_requested_by references persons,
  requested_at timestamptz not null,
  decided_by uuid constraint fk_book_corrections_decided_by references persons,
  decided_at timestamptz,
  decided_because text,
  new_gradebook_id uuid constraint fk_book_corrections_new_gradebook_id references gradebooks,
  constraint ck_book_corrections_decided check (
    (decided_by is null) = (decided_at is null)
    and (decided_by is null) = (state in ('requested', 'withdrawn'))),
  constraint ck_book_corrections_told check (
    (new_gradebook_id is null) = (state in ('requested', 'refused', 'withdrawn'))),
  constraint ck_book_corrections_changes check (old_value is distinct from new_value)
);
create unique index uq_book_corrections_open on book_corrections
  (class_id, pupil_id, subject_code, semester, part, place)
  where state in ('requested', 'approved');
create index ix_book_corrections_gradebook_id on book_corrections (gradebook_id);
create index ix_book_corrections_new_gradebook_id on book_corrections (new_gradebook_id);
create index ix_book_corrections_school on book_corrections (school_id, requested_at);

alter table book_corrections enable row level security;
create policy school on book_corrections
  using (school_id = app_agency()) with check (school_id = app_agency());
create policy superior on book_corrections for select using (is_within(school_id, app_agency()));
grant select, insert on book_corrections to eoffice_app, eoffice_worker;
grant update (state, state_since, decided_by, decided_at, decided_because, new_gradebook_id)
  on book_corrections to eoffice_app, eoffice_worker;

alter table gradebook_signatures
  add column cited_id uuid constraint fk_gradebook_signatures_cited_id references gradebooks,
  add constraint ck_gradebook_signatures_cited check (cited_id is null or signed_at is not null);
"""
DOWN = """
alter table gradebook_signatures
  drop constraint ck_gradebook_signatures_cited,
  drop column cited_id;
drop table book_corrections;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
