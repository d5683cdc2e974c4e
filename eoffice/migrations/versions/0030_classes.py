"""Classes: what binds one while a book of it is signed or closed."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

LOCKS = """
create table class_locks (
  holder_id uuid constraint pk_class_locks primary key,
  class_id uuid not null constraint fk_class_locks_class_id references classes,
  school_id uuid not null constraint fk_class_locks_school_id references units,
  stands_as text not null,
  bound_at timestamptz not null,
  released_at timestamptz
);
create index ix_class_locks_binding on class_locks (class_id) where released_at is null;

alter table class_locks enable row level security;
create policy school on class_locks
  using (school_id = app_agency()) with check (school_id = app_agency());
create policy superior on class_locks for select using (is_within(school_id, app_agency()));
grant select, insert on class_locks to eoffice_app, eoffice_worker;
grant update (stands_as, released_at) on class_locks to eoffice_app, eoffice_worker;

insert into class_locks (holder_id, class_id, school_id, stands_as, bound_at, released_at)
select id, class_id, school_id,
  case state
    when 'rendering' then 'Đang lập trang sổ'
    when 'awaiting_teachers' then 'Chờ giáo viên môn học ký'
    when 'awaiting_homeroom' then 'Chờ giáo viên chủ nhiệm ký'
    when 'awaiting_principal' then 'Chờ hiệu trưởng duyệt, ký'
    when 'awaiting_seal' then 'Chờ văn thư đóng dấu'
    when 'closed' then 'Đã khóa sổ'
    else 'Đã trả lại để sửa'
  end,
  requested_at, case state when 'returned' then state_since end
from gradebooks;
"""


def upgrade() -> None:
    op.execute(LOCKS)


def downgrade() -> None:
    op.drop_table("class_locks")
