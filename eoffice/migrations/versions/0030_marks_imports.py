"""Marks of a whole school at once, layouts that a school explained once, locks, what was replaced."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

NEW_FAULTS = "'not_yours', 'column_locked'"
FAULTS = (
    "'header_not_found', 'sheet_twice', 'column_missing', 'column_twice', 'column_unknown',"
    " 'class_differs', 'school_year_differs', 'subject_unknown', 'semester_unknown',"
    " 'pupil_missing', 'pupil_unknown', 'pupil_twice', 'pupil_ambiguous', 'name_differs',"
    " 'birth_date_differs', 'out_of_range', 'decimal_comma', 'too_precise', 'not_a_mark',"
    " 'is_a_date', 'not_calculated', 'too_many_marks', 'marks_empty', 'average_differs'"
)

PARTS = (
    "'regular', 'midterm', 'final', 'oral', 'written', 'periodic', 'topic', 'midterm_test',"
    " 'final_test', 'stated', 'reassessed', 'reassessed_test'"
)
VERDICTS = "'passed', 'failed', 'exempt', 'well_done', 'done', 'not_done'"

TABLES = """
create table school_imports (
  id uuid constraint pk_school_imports primary key,
  school_id uuid not null constraint fk_school_imports_school_id references units,
  school_year text not null constraint ck_school_imports_school_year
    check (school_year ~ '^\\d{4}-\\d{4}$'),
  kind text not null constraint ck_school_imports_kind check (kind in ('marks', 'pupils')),
  file_name text not null,
  content_sha256 text not null,
  media_type text not null,
  state text not null constraint ck_school_imports_state
    check (state in ('reading', 'unclear', 'faulty', 'ready', 'accepting', 'accepted', 'failed')),
  failure text,
  sheets integer not null,
  sheets_read integer not null,
  uploaded_by uuid not null constraint fk_school_imports_uploaded_by references persons,
  appointment_id uuid not null constraint fk_school_imports_appointment_id references appointments,
  uploaded_at timestamptz not null,
  accepted_at timestamptz,
  constraint ck_school_imports_accepted
    check ((state in ('accepting', 'accepted')) = (accepted_at is not null)),
  constraint ck_school_imports_failure check ((state = 'failed') = (failure is not null))
);
create index ix_school_imports_school on school_imports (school_id, uploaded_at);

create table school_import_sheets (
  import_id uuid not null constraint fk_school_import_sheets_import_id references school_imports,
  ordinal integer not null,
  school_id uuid not null constraint fk_school_import_sheets_school_id references units,
  name text not null,
  is_skipped boolean not null,
  class_id uuid constraint fk_school_import_sheets_class_id references classes,
  subject_code text,
  semester text constraint ck_school_import_sheets_semester check (semester in ('1', '2')),
  unclear text,
  row_number integer,
  column_letters text,
  constraint pk_school_import_sheets primary key (import_id, ordinal)
);

create table mark_layouts (
  id uuid constraint pk_mark_layouts primary key,
  school_id uuid not null constraint fk_mark_layouts_school_id references units,
  signature text not null,
  name text not null,
  mapping jsonb not null,
  explained_by uuid not null constraint fk_mark_layouts_explained_by references persons,
  explained_at timestamptz not null,
  constraint uq_mark_layouts_school_id unique (school_id, signature)
);

create table mark_changes (
  id uuid constraint pk_mark_changes primary key,
  class_id uuid not null constraint fk_mark_changes_class_id references classes,
  pupil_id uuid not null constraint fk_mark_changes_pupil_id references pupils,
  subject_code text not null,
  semester text not null constraint ck_mark_changes_semester check (semester in ('1', '2')),
  part text not null constraint ck_mark_changes_part
    check (part in (PARTS)),
  place integer not null,
  school_id uuid not null constraint fk_mark_changes_school_id references units,
  old_score numeric(3, 1),
  old_verdict text constraint ck_mark_changes_old_verdict
    check (old_verdict in (VERDICTS)),
  new_score numeric(3, 1),
  new_verdict text constraint ck_mark_changes_new_verdict
    check (new_verdict in (VERDICTS)),
  import_id uuid constraint fk_mark_changes_import_id references mark_imports,
  changed_by uuid not null constraint fk_mark_changes_changed_by references persons,
  changed_at timestamptz not null
);
create index ix_mark_changes_class_id on mark_changes (class_id, changed_at);

create table mark_locks (
  id uuid constraint pk_mark_locks primary key,
  school_id uuid not null constraint fk_mark_locks_school_id references units,
  school_year text not null constraint ck_mark_locks_school_year
    check (school_year ~ '^\\d{4}-\\d{4}$'),
  class_id uuid constraint fk_mark_locks_class_id references classes,
  subject_code text,
  semester text constraint ck_mark_locks_semester check (semester in ('1', '2')),
  part text constraint ck_mark_locks_part check (part in (PARTS)),
  place integer,
  reason text not null,
  locked_by uuid not null constraint fk_mark_locks_locked_by references persons,
  locked_at timestamptz not null,
  lifted_by uuid constraint fk_mark_locks_lifted_by references persons,
  lifted_at timestamptz,
  lifted_because text,
  constraint ck_mark_locks_column check (part is null or semester is not null),
  constraint ck_mark_locks_place check (place is null or part is not null),
  constraint ck_mark_locks_lifted check (
    (lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lifted_because is null))
);
create index ix_mark_locks_school on mark_locks (school_id, school_year) where lifted_at is null;

create table mark_unlocks (
  id uuid constraint pk_mark_unlocks primary key,
  lock_id uuid not null constraint fk_mark_unlocks_lock_id references mark_locks,
  school_id uuid not null constraint fk_mark_unlocks_school_id references units,
  class_id uuid constraint fk_mark_unlocks_class_id references classes,
  subject_code text,
  reason text not null,
  until timestamptz not null,
  granted_by uuid not null constraint fk_mark_unlocks_granted_by references persons,
  granted_at timestamptz not null,
  ended_by uuid constraint fk_mark_unlocks_ended_by references persons,
  ended_at timestamptz,
  constraint ck_mark_unlocks_ended check ((ended_at is null) = (ended_by is null))
);
create index ix_mark_unlocks_lock_id on mark_unlocks (lock_id);
"""

#: What uploads would change: `covered` are the columns that a sheet has; those of Circular 22 where
#: it does not say. A cell that says the same again is none.
DIFFERENCES = """
create function mark_differences(imports uuid[]) returns table (
  import_id uuid, class_id uuid, school_id uuid, pupil_id uuid, subject_code text, semester text,
  part text, place integer, old_score numeric, old_verdict text, new_score numeric,
  new_verdict text, was boolean, becomes boolean
) language sql stable as $$
with meant as (
  select s.import_id, s.ordinal, i.class_id, i.school_id, s.subject_code, s.semester, s.covered
  from imported_sheets s join mark_imports i on i.id = s.import_id
  where s.import_id = any(imports) and s.subject_code is not null and s.semester is not null
), stated as (
  select m.import_id, m.class_id, m.school_id, p.id as pupil_id, m.subject_code, m.semester,
    k.part, k.place, k.score, k.verdict
  from meant m
  join imported_marks k on k.import_id = m.import_id and k.sheet_ordinal = m.ordinal
  join pupils p on p.school_id = m.school_id and p.code = k.pupil_code
  join enrolments e on e.class_id = m.class_id and e.pupil_id = p.id
), standing as (
  select m.import_id, k.class_id, k.school_id, k.pupil_id, k.subject_code, k.semester, k.part,
    k.place, k.score, k.verdict
  from meant m
  join marks k on k.class_id = m.class_id and k.subject_code = m.subject_code
    and k.semester = m.semester
  where case when m.covered is null then k.part in ('regular', 'midterm', 'final')
    else m.covered @> jsonb_build_array(jsonb_build_array(k.part, k.place)) end
)
  select coalesce(n.import_id, o.import_id) as import_id,
    coalesce(n.class_id, o.class_id) as class_id, coalesce(n.school_id, o.school_id) as school_id,
    pupil_id, subject_code, semester, part, place,
    o.score as old_score, o.verdict as old_verdict, n.score as new_score, n.verdict as new_verdict,
    o.class_id is not null as was, n.class_id is not null as becomes
  from stated n full join standing o
    using (import_id, pupil_id, subject_code, semester, part, place)
  where n.score is distinct from o.score or n.verdict is distinct from o.verdict
$$;
grant execute on function mark_differences to eoffice_app, eoffice_worker;
"""

#: Each table with the columns of it that are ever changed.
CHANGED = {
    "school_imports": "state, failure, sheets, sheets_read, accepted_at",
    "school_import_sheets": (
        "is_skipped, class_id, subject_code, semester, unclear, row_number, column_letters"
    ),
    "mark_layouts": "name, mapping, explained_by, explained_at",
    "mark_changes": "",
    "mark_locks": "lifted_by, lifted_at, lifted_because",
    "mark_unlocks": "ended_by, ended_at",
}


def upgrade() -> None:
    op.execute(TABLES.replace("PARTS", PARTS).replace("VERDICTS", VERDICTS))
    for table, columns in CHANGED.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy school on {table}"
            " using (school_id = app_agency()) with check (school_id = app_agency())"
        )
        op.execute(
            f"create policy superior on {table} for select"
            " using (is_within(school_id, app_agency()))"
        )
        op.execute(f"grant select, insert on {table} to eoffice_app, eoffice_worker")
        if columns:
            op.execute(f"grant update ({columns}) on {table} to eoffice_app, eoffice_worker")
    # A layout that was explained wrongly is asked for again.
    op.execute("grant delete on mark_layouts to eoffice_app")
    op.add_column("mark_imports", sa.Column("school_import_id", sa.Uuid()))
    # Why a class of a school's file could not be written though it had no faults.
    op.add_column("mark_imports", sa.Column("refused", sa.Text()))
    op.add_column("imported_sheets", sa.Column("covered", postgresql.JSONB()))
    op.execute("grant update (refused) on mark_imports to eoffice_app, eoffice_worker")
    op.execute(DIFFERENCES)
    op.create_foreign_key(
        "fk_mark_imports_school_import_id",
        "mark_imports",
        "school_imports",
        ["school_import_id"],
        ["id"],
    )
    op.create_index(
        "uq_mark_imports_school_import_id",
        "mark_imports",
        ["school_import_id", "class_id"],
        unique=True,
        postgresql_where=sa.text("school_import_id IS NOT NULL AND state <> 'superseded'"),
    )
    op.drop_constraint("ck_mark_imports_state", "mark_imports")
    op.create_check_constraint(
        "state", "mark_imports", "state IN ('faulty', 'ready', 'accepted', 'superseded')"
    )
    # A mark that somebody typed came with no upload.
    op.alter_column("marks", "import_id", nullable=True)
    op.drop_constraint("ck_import_faults_kind", "import_faults")
    op.create_check_constraint("kind", "import_faults", f"kind IN ({FAULTS}, {NEW_FAULTS})")
    op.execute("grant update (score, verdict, import_id) on marks to eoffice_app, eoffice_worker")


def downgrade() -> None:
    op.execute(
        "revoke update (score, verdict, import_id) on marks from eoffice_app, eoffice_worker"
    )
    op.execute(f"delete from import_faults where kind in ({NEW_FAULTS})")  # noqa: S608 a constant
    op.drop_constraint("ck_import_faults_kind", "import_faults")
    op.create_check_constraint("kind", "import_faults", f"kind IN ({FAULTS})")
    op.execute("delete from marks where import_id is null")
    op.alter_column("marks", "import_id", nullable=False)
    op.drop_constraint("ck_mark_imports_state", "mark_imports")
    op.execute("update mark_imports set state = 'faulty' where state = 'superseded'")
    op.create_check_constraint("state", "mark_imports", "state IN ('faulty', 'ready', 'accepted')")
    op.drop_index("uq_mark_imports_school_import_id", "mark_imports")
    op.drop_constraint("fk_mark_imports_school_import_id", "mark_imports")
    op.execute("drop function mark_differences")
    op.drop_column("imported_sheets", "covered")
    op.drop_column("mark_imports", "refused")
    op.drop_column("mark_imports", "school_import_id")
    for table in reversed(CHANGED):
        op.drop_table(table)
