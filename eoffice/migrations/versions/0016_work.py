"""Work on incoming documents: working days, points, forwarding, reminders, receipts."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CALENDAR = """
create table calendar_days (
  id uuid constraint pk_calendar_days primary key,
  day date not null constraint uq_calendar_days_day unique,
  kind text not null constraint ck_calendar_days_kind check (kind in ('day_off', 'made_up')),
  name text not null,
  decision text not null,
  recorded_by uuid not null constraint fk_calendar_days_recorded_by references persons,
  recorded_at timestamptz not null
);
-- Known to everybody; who may change it is in people/operators.py.
grant select, insert, delete on calendar_days to eoffice_app, eoffice_worker;
"""


def upgrade() -> None:
    op.execute(CALENDAR)


def downgrade() -> None:
    op.execute("drop table calendar_days")
