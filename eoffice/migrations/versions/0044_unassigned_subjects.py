"""Subjects to which nobody was assigned yet, and what pupils choose to be assessed in again."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

CHOICES = """
create table reassessment_choices (
  class_id uuid not null,
  subject_code text not null,
  pupil_id uuid not null constraint fk_reassessment_choices_pupil_id references pupils,
  school_id uuid not null constraint fk_reassessment_choices_school_id references units,
  is_chosen boolean not null,
  recorded_by uuid not null constraint fk_reassessment_choices_recorded_by references persons,
  recorded_at timestamptz not null,
  constraint pk_reassessment_choices primary key (class_id, subject_code, pupil_id),
  constraint fk_reassessment_choices_subject
    foreign key (class_id, subject_code) references class_subjects (class_id, code)
);
alter table reassessment_choices enable row level security;
create policy school on reassessment_choices
  using (school_id = app_agency()) with check (school_id = app_agency());
create policy superior on reassessment_choices for select
  using (is_within(school_id, app_agency()));
grant select, insert on reassessment_choices to eoffice_app, eoffice_worker;
grant update (is_chosen, recorded_by, recorded_at) on reassessment_choices
  to eoffice_app, eoffice_worker;
"""


def upgrade() -> None:
    """Who taught a subject until now was assigned to it."""
    op.execute("alter table class_subjects add column is_assigned boolean not null default true")
    op.execute("grant update (is_assigned) on class_subjects to eoffice_app, eoffice_worker")
    op.execute(CHOICES)


def downgrade() -> None:
    op.execute("drop table reassessment_choices")
    op.drop_column("class_subjects", "is_assigned")
