"""Marks, conduct and qualities of every circular, what the principal decides, and summers.

Classes say which subject they are specialised in, and their subjects whether topics are learned.

Until here marks and conduct were those of Circular 22/2021. Old rows keep what they say.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

ROLES = "eoffice_app, eoffice_worker"

PARTS = ("regular", "midterm", "final")
NEW_PARTS = (
    "oral",
    "written",
    "periodic",
    "topic",
    "midterm_test",
    "final_test",
    "stated",
    "reassessed",
    "reassessed_test",
)
VERDICTS = ("passed", "failed", "exempt")
NEW_VERDICTS = ("well_done", "done", "not_done")
SEMESTERS = ("1", "2")
NEW_TIMES = ("year", "summer")
LEVELS = ("good", "fair", "achieved", "not_achieved")
NEW_LEVELS = ("average", "weak")

#: Table, column, what it could hold, what it can hold besides.
WIDENED = (
    ("marks", "part", PARTS, NEW_PARTS),
    ("marks", "verdict", VERDICTS, NEW_VERDICTS),
    ("imported_marks", "part", PARTS, NEW_PARTS),
    ("imported_marks", "verdict", VERDICTS, NEW_VERDICTS),
    ("conduct", "semester", SEMESTERS, NEW_TIMES),
    ("conduct", "level", LEVELS, NEW_LEVELS),
)

CLASSES = """
alter table classes add column specialised text;
alter table class_subjects
  add column has_topics boolean not null default false,
  add column regular_marks integer
    constraint ck_class_subjects_regular_marks check (regular_marks between 1 and 9);
"""

TABLES = """
create table traits (
  class_id uuid not null constraint fk_traits_class_id references classes (id),
  pupil_id uuid not null constraint fk_traits_pupil_id references pupils (id),
  code text not null,
  time text not null
    constraint ck_traits_time check (time in ('middle_1', 'end_1', 'middle_2', 'end_2', 'summer')),
  school_id uuid not null constraint fk_traits_school_id references units (id),
  level text not null
    constraint ck_traits_level check (level in ('good', 'achieved', 'needs_effort')),
  constraint pk_traits primary key (class_id, pupil_id, code, time)
);
create table year_decisions (
  class_id uuid not null constraint fk_year_decisions_class_id references classes (id),
  pupil_id uuid not null constraint fk_year_decisions_pupil_id references pupils (id),
  school_id uuid not null constraint fk_year_decisions_school_id references units (id),
  is_chosen boolean not null,
  outcome text
    constraint ck_year_decisions_outcome check (outcome in ('promoted', 'held_back')),
  reason text not null,
  decided_by uuid not null constraint fk_year_decisions_decided_by references persons (id),
  decided_at timestamptz not null,
  constraint pk_year_decisions primary key (class_id, pupil_id)
);
create table closed_summers (
  class_id uuid not null constraint fk_closed_summers_class_id references classes (id),
  school_id uuid not null constraint fk_closed_summers_school_id references units (id),
  closed_by uuid not null constraint fk_closed_summers_closed_by references persons (id),
  closed_at timestamptz not null,
  constraint pk_closed_summers primary key (class_id)
);
"""

#: Table -> the columns that are ever changed once a row is written.
CHANGED = {
    "traits": "level",
    "year_decisions": "is_chosen, outcome, reason, decided_by, decided_at",
    "closed_summers": "",
}


def _restrict(table: str, column: str, members: tuple[str, ...]) -> None:
    held = ", ".join(f"'{member}'" for member in members)
    op.execute(f"alter table {table} drop constraint ck_{table}_{column}")
    op.execute(
        f"alter table {table} add constraint ck_{table}_{column} check ({column} in ({held}))"
    )


def upgrade() -> None:
    for table, column, before, new in WIDENED:
        _restrict(table, column, (*before, *new))
    op.execute(CLASSES)
    op.execute(TABLES)
    for table, columns in CHANGED.items():
        op.execute(f"alter table {table} enable row level security")
        # The school keeps its registers; whoever stands above it reads them and never writes.
        op.execute(
            f"create policy school on {table}"
            " using (school_id = app_agency()) with check (school_id = app_agency())"
        )
        op.execute(
            f"create policy superior on {table} for select"
            " using (is_within(school_id, app_agency()))"
        )
        op.execute(f"grant select, insert on {table} to {ROLES}")
        if columns:
            op.execute(f"grant update ({columns}) on {table} to {ROLES}")


def downgrade() -> None:
    for table in reversed(CHANGED):
        op.drop_table(table)
    op.drop_column("class_subjects", "regular_marks")
    op.drop_column("class_subjects", "has_topics")
    op.drop_column("classes", "specialised")
    # What the older office does not know goes: it could neither show nor check it.
    for table, column, before, new in reversed(WIDENED):
        held: sa.ColumnClause[str] = sa.column(column)
        op.execute(sa.delete(sa.table(table, held)).where(held.in_(new)))
        _restrict(table, column, before)
