"""What teachers write into report books and into no register."""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

TABLE = """
create table report_notes (
  class_id uuid not null constraint fk_report_notes_class_id references classes,
  pupil_id uuid not null constraint fk_report_notes_pupil_id references pupils,
  kind text not null constraint ck_report_notes_kind check (kind in ('subject', 'homeroom',
    'qualities', 'competences', 'height', 'weight', 'certificates', 'contests', 'awards')),
  subject_code text not null,
  school_id uuid not null constraint fk_report_notes_school_id references units,
  text text not null,
  written_by uuid not null constraint fk_report_notes_written_by references persons,
  written_at timestamptz not null,
  constraint pk_report_notes primary key (class_id, pupil_id, kind, subject_code),
  constraint ck_report_notes_subject check ((kind = 'subject') = (subject_code <> ''))
);
alter table report_notes enable row level security;
create policy school on report_notes
  using (school_id = app_agency()) with check (school_id = app_agency());
create policy superior on report_notes for select using (is_within(school_id, app_agency()));
grant select, insert, delete on report_notes to eoffice_app;
grant update (text, written_by, written_at) on report_notes to eoffice_app;
grant select on report_notes to eoffice_worker;
"""


def upgrade() -> None:
    """Only the school writes; whoever stands above it may read."""
    op.execute(TABLE)


def downgrade() -> None:
    """Without the table nothing is left of the notes."""
    op.execute("drop table report_notes")
