"""Class diary and homeroom book: what is written down of a class week by week."""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_SCHOOL = "school_id uuid not null constraint fk_{table}_school_id references units"
_CLASS = "class_id uuid not null constraint fk_{table}_class_id references classes"

#: Table -> its columns and constraints, and its index.
TABLES = {
    "diary_settings": (
        """
  id uuid constraint pk_diary_settings primary key,
  {school},
  from_on date not null,
  periods jsonb not null,
  ratings jsonb not null,
  set_by uuid not null constraint fk_diary_settings_set_by references persons,
  set_at timestamptz not null""",
        "create index ix_diary_settings_school_id on diary_settings (school_id, from_on, set_at)",
    ),
    "timetables": (
        """
  id uuid constraint pk_timetables primary key,
  {class_},
  {school},
  from_on date not null,
  slots jsonb not null,
  set_by uuid not null constraint fk_timetables_set_by references persons,
  set_at timestamptz not null""",
        "create index ix_timetables_class_id on timetables (class_id, from_on, set_at)",
    ),
    "lessons": (
        """
  id uuid constraint pk_lessons primary key,
  {class_},
  {school},
  on_day date not null,
  half text not null constraint ck_lessons_half check (half in ('morning', 'afternoon')),
  number integer not null constraint ck_lessons_number check (number between 1 and 8),
  subject_code text not null,
  teacher_id uuid not null constraint fk_lessons_teacher_id references persons,
  is_substitute boolean not null,
  plan_number integer constraint ck_lessons_plan_number check (plan_number between 1 and 999),
  title text not null,
  remark text not null,
  rating text not null,
  absent jsonb not null,
  written_at timestamptz not null,
  confirmed_at timestamptz,
  constraint uq_lessons_class_id unique (class_id, on_day, half, number)""",
        "create index ix_lessons_teacher_id on lessons (teacher_id, on_day)",
    ),
    "diary_weeks": (
        """
  {class_},
  monday date not null constraint ck_diary_weeks_monday
    check (extract(isodow from monday) = 1),
  {school},
  remark text not null,
  closed_by uuid not null constraint fk_diary_weeks_closed_by references persons,
  closed_at timestamptz not null,
  reopened_by uuid constraint fk_diary_weeks_reopened_by references persons,
  reopened_because text,
  reopened_until timestamptz,
  constraint pk_diary_weeks primary key (class_id, monday),
  constraint ck_diary_weeks_reopened check (
    (reopened_until is null) = (reopened_by is null)
    and (reopened_until is null) = (reopened_because is null))""",
        "",
    ),
    "diary_months": (
        """
  {class_},
  month date not null constraint ck_diary_months_month check (extract(day from month) = 1),
  {school},
  text text not null,
  written_by uuid not null constraint fk_diary_months_written_by references persons,
  written_at timestamptz not null,
  constraint pk_diary_months primary key (class_id, month)""",
        "",
    ),
    "homeroom_notes": (
        """
  note_id uuid not null,
  version integer not null constraint ck_homeroom_notes_version check (version > 0),
  {class_},
  {school},
  part text not null constraint ck_homeroom_notes_part check (part in ('features', 'officers',
    'groups', 'parents', 'plan', 'care', 'contact', 'meeting', 'result')),
  on_day date,
  about text not null,
  pupil_id uuid constraint fk_homeroom_notes_pupil_id references pupils,
  text text not null,
  outcome text not null,
  is_struck boolean not null,
  written_by uuid not null constraint fk_homeroom_notes_written_by references persons,
  written_at timestamptz not null,
  constraint pk_homeroom_notes primary key (note_id, version)""",
        "create index ix_homeroom_notes_class_id on homeroom_notes (class_id, part)",
    ),
}
#: What of a row may change; of the others nothing does.
CHANGING = {
    "lessons": "subject_code, teacher_id, is_substitute, plan_number, title, remark, rating,"
    " absent, written_at, confirmed_at",
    "diary_weeks": "remark, closed_by, closed_at, reopened_by, reopened_because, reopened_until",
    "diary_months": "text, written_by, written_at",
}
#: Speaks of families: nobody above the school reads it.
WITHIN_THE_SCHOOL = ("homeroom_notes",)


def upgrade() -> None:
    for table, (columns, index) in TABLES.items():
        written = columns.format(
            school=_SCHOOL.format(table=table), class_=_CLASS.format(table=table)
        )
        op.execute(f"create table {table} ({written})")
        if index:
            op.execute(index)
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy school on {table}"
            " using (school_id = app_agency()) with check (school_id = app_agency())"
        )
        if table not in WITHIN_THE_SCHOOL:
            op.execute(
                f"create policy superior on {table} for select"
                " using (is_within(school_id, app_agency()))"
            )
        op.execute(f"grant select, insert on {table} to eoffice_app, eoffice_worker")
        if table in CHANGING:
            op.execute(
                f"grant update ({CHANGING[table]}) on {table} to eoffice_app, eoffice_worker"
            )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"drop table {table}")
