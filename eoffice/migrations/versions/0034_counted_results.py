"""Results of sealed books, counted for whoever stands above the schools; no pupil is named."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLES = """
create table counted_books (
  class_id uuid constraint pk_counted_books primary key
    constraint fk_counted_books_class_id references classes,
  gradebook_id uuid not null constraint fk_counted_books_gradebook_id references gradebooks,
  school_id uuid not null constraint fk_counted_books_school_id references units,
  school_year text not null,
  grade integer not null,
  rule_set text not null,
  counted_at timestamptz not null
);
create index ix_counted_books_school_year on counted_books (school_year, school_id);

create table result_counts (
  class_id uuid not null constraint fk_result_counts_class_id references counted_books
    on delete cascade,
  ordinal integer not null,
  school_id uuid not null constraint fk_result_counts_school_id references units,
  sex text not null,
  learning text not null,
  conduct text not null,
  outcome text not null,
  title text not null,
  pupils integer not null constraint ck_result_counts_pupils check (pupils > 0),
  constraint pk_result_counts primary key (class_id, ordinal)
);
"""
RIGHTS = """
alter table {table} enable row level security;
create policy school on {table} for select using (school_id = app_agency());
create policy superior on {table} for select using (is_within(school_id, app_agency()));
grant select on {table} to eoffice_app;
grant select, insert, delete on {table} to eoffice_worker;
"""


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("counted_books", "result_counts"):
        op.execute(RIGHTS.format(table=table))


def downgrade() -> None:
    op.execute("drop table result_counts")
    op.execute("drop table counted_books")
