"""Lists of classes that a school brings in, layouts of them, and settings of classes that change."""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLES = """
create table list_imports (
  id uuid constraint pk_list_imports primary key,
  school_id uuid not null constraint fk_list_imports_school_id references units,
  school_year text not null constraint ck_list_imports_school_year
    check (school_year ~ '^\\d{4}-\\d{4}$'),
  file_name text not null,
  content_sha256 text not null,
  media_type text not null,
  state text not null constraint ck_list_imports_state
    check (state in ('reading', 'unclear', 'faulty', 'ready', 'accepting', 'accepted', 'failed')),
  failure text,
  sheets jsonb not null,
  uploaded_by uuid not null constraint fk_list_imports_uploaded_by references persons,
  appointment_id uuid not null constraint fk_list_imports_appointment_id references appointments,
  uploaded_at timestamptz not null,
  accepted_at timestamptz,
  constraint ck_list_imports_accepted
    check ((state in ('accepting', 'accepted')) = (accepted_at is not null)),
  constraint ck_list_imports_failure check ((state = 'failed') = (failure is not null))
);
create index ix_list_imports_school on list_imports (school_id, uploaded_at);

create table list_import_classes (
  import_id uuid not null constraint fk_list_import_classes_import_id references list_imports,
  ordinal integer not null,
  school_id uuid not null constraint fk_list_import_classes_school_id references units,
  name text not null,
  grade integer constraint ck_list_import_classes_grade check (grade between 1 and 12),
  listed jsonb not null,
  faults jsonb not null,
  homeroom_teacher_id uuid
    constraint fk_list_import_classes_homeroom_teacher_id references persons,
  taken_at timestamptz,
  refused text,
  constraint pk_list_import_classes primary key (import_id, ordinal)
);

create table list_layouts (
  id uuid constraint pk_list_layouts primary key,
  school_id uuid not null constraint fk_list_layouts_school_id references units,
  signature text not null,
  name text not null,
  columns jsonb not null,
  explained_by uuid not null constraint fk_list_layouts_explained_by references persons,
  explained_at timestamptz not null,
  constraint uq_list_layouts_school_id unique (school_id, signature)
);
"""

#: Each table with the columns of it that are ever changed.
CHANGED = {
    "list_imports": "state, failure, sheets, accepted_at, appointment_id",
    "list_import_classes": "homeroom_teacher_id, taken_at, refused",
    "list_layouts": "name, columns, explained_by, explained_at",
}
#: What the school's plan says of a class, which can be said anew.
SETTINGS = {"classes": "specialised", "class_subjects": "has_topics, regular_marks"}


def upgrade() -> None:
    op.execute(TABLES)
    for table, columns in CHANGED.items():
        op.execute(f"alter table {table} enable row level security")
        # Lists hold what is private of pupils, so superiors see what was taken and not the file.
        op.execute(
            f"create policy school on {table}"
            " using (school_id = app_agency()) with check (school_id = app_agency())"
        )
        op.execute(f"grant select, insert on {table} to eoffice_app, eoffice_worker")
        op.execute(f"grant update ({columns}) on {table} to eoffice_app, eoffice_worker")
    # A file that was explained anew is read anew; a layout explained wrongly is asked for again.
    op.execute("grant delete on list_import_classes to eoffice_worker")
    op.execute("grant delete on list_layouts to eoffice_app")
    for table, columns in SETTINGS.items():
        op.execute(f"grant update ({columns}) on {table} to eoffice_app, eoffice_worker")


def downgrade() -> None:
    for table, columns in SETTINGS.items():
        op.execute(f"revoke update ({columns}) on {table} from eoffice_app, eoffice_worker")
    for table in ("list_layouts", "list_import_classes", "list_imports"):
        op.drop_table(table)
