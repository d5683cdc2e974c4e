"""What became of a diary: lessons taken out, books that bind its weeks; who reads a homeroom book.

sổ chủ nhiệm speaks of families: what is kept is its teacher's and the leaders'; the clerk, who seals
and keeps the book, reads it once the head has signed.
"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

DELETIONS = """
create table lesson_deletions (
  id uuid constraint pk_lesson_deletions primary key,
  class_id uuid not null constraint fk_lesson_deletions_class_id references classes,
  school_id uuid not null constraint fk_lesson_deletions_school_id references units,
  on_day date not null,
  half text not null
    constraint ck_lesson_deletions_half check (half in ('morning', 'afternoon')),
  number integer not null constraint ck_lesson_deletions_number check (number between 1 and 8),
  subject_code text not null,
  teacher_id uuid not null constraint fk_lesson_deletions_teacher_id references persons,
  title text not null,
  because text not null,
  deleted_by uuid not null constraint fk_lesson_deletions_deleted_by references persons,
  deleted_at timestamptz not null
);
create index ix_lesson_deletions_class_id on lesson_deletions (class_id, on_day);
alter table lesson_deletions enable row level security;
create policy school on lesson_deletions
  using (school_id = app_agency()) with check (school_id = app_agency());
create policy superior on lesson_deletions for select
  using (is_within(school_id, app_agency()));
grant select, insert on lesson_deletions to eoffice_app, eoffice_worker;
grant delete on lessons to eoffice_app;
"""

#: Books that were asked for before are known, too.
BINDINGS = """
create table diary_bindings (
  holder_id uuid constraint pk_diary_bindings primary key,
  class_id uuid not null constraint fk_diary_bindings_class_id references classes,
  school_id uuid not null constraint fk_diary_bindings_school_id references units,
  name text not null,
  asked_at timestamptz not null,
  is_sealed boolean not null,
  released_at timestamptz
);
create index ix_diary_bindings_class_id on diary_bindings (class_id);
alter table diary_bindings enable row level security;
create policy school on diary_bindings
  using (school_id = app_agency()) with check (school_id = app_agency());
grant select, insert, update (is_sealed, released_at) on diary_bindings
  to eoffice_app, eoffice_worker;
insert into diary_bindings (holder_id, class_id, school_id, name, asked_at, is_sealed)
  select b.id, b.class_id, b.school_id,
    'Sổ ghi đầu bài lớp ' || c.name || ', năm học ' || b.school_year, b.requested_at,
    b.state = 'closed'
  from gradebooks b join classes c on c.id = b.class_id
  where b.kind = 'class_diary' and b.state not in ('returned', 'superseded');
"""

HOMEROOM = """
drop policy school on homeroom_notes;
create policy readers on homeroom_notes for select using (
  school_id = app_agency() and (
    (select app_holds('{head,deputy_head}'))
    or class_id in (select id from classes where homeroom_teacher_id = app_person()))
);
create policy writer on homeroom_notes for insert with check (
  school_id = app_agency()
  and class_id in (select id from classes where homeroom_teacher_id = app_person())
);
create policy homeroom_book on gradebooks as restrictive for select using (
  kind <> 'homeroom_book' or school_id <> app_agency()
  or (select app_holds('{head,deputy_head}'))
  or class_id in (select id from classes where homeroom_teacher_id = app_person())
  or ((select app_holds('{clerk}')) and id in (
    select gradebook_id from gradebook_signatures
    where kind = 'principal' and signed_at is not null))
);
"""

DOWN = """
drop policy homeroom_book on gradebooks;
drop policy writer on homeroom_notes;
drop policy readers on homeroom_notes;
create policy school on homeroom_notes
  using (school_id = app_agency()) with check (school_id = app_agency());
drop table diary_bindings;
revoke delete on lessons from eoffice_app;
drop table lesson_deletions;
"""


def upgrade() -> None:
    op.execute(DELETIONS)
    op.execute(BINDINGS)
    op.execute(HOMEROOM)


def downgrade() -> None:
    op.execute(DOWN)
