"""Books of every kind go through one machine: of a class, of a teacher, of the school.

Until here a gradebook was always the book of a class and its year.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

OF = "kind, school_id, school_year, class_id, teacher_id, part"
KINDS = (
    "'class_book', 'teacher_book', 'class_diary', 'homeroom_book', 'enrolment_register',"
    " 'moves_register', 'certificates_register'"
)
#: Rows of before are books of classes.
UP = """
alter table gradebooks
  add column kind text not null default 'class_book',
  add column school_year text,
  add column teacher_id uuid constraint fk_gradebooks_teacher_id references persons,
  add column part text not null default '',
  add column supersedes_id uuid constraint fk_gradebooks_supersedes_id references gradebooks,
  add column because text,
  alter column class_id drop not null;
update gradebooks g set school_year = c.school_year from classes c where c.id = g.class_id;
alter table gradebooks
  alter column kind drop default,
  alter column school_year set not null,
  drop constraint uq_gradebooks_class_id,
  drop constraint ck_gradebooks_state,
  add constraint ck_gradebooks_state check (state in (
    'rendering', 'awaiting_teachers', 'awaiting_keeper', 'awaiting_homeroom', 'awaiting_principal',
    'awaiting_seal', 'closed', 'returned', 'superseded')),
  add constraint ck_gradebooks_kind check (kind in ({KINDS})),
  add constraint ck_gradebooks_owner check (
    (class_id is not null) = (kind in ('class_book', 'class_diary', 'homeroom_book'))
    and (teacher_id is not null) = (kind = 'teacher_book')),
  add constraint ck_gradebooks_supersedes check ((supersedes_id is null) = (because is null));
drop index uq_gradebooks_binding;
create unique index uq_gradebooks_version on gradebooks ({OF}, version) nulls not distinct;
create unique index uq_gradebooks_making on gradebooks ({OF}) nulls not distinct
  where state not in ('closed', 'returned', 'superseded');
create unique index uq_gradebooks_closed on gradebooks ({OF}) nulls not distinct
  where state = 'closed';
create index ix_gradebooks_class_id on gradebooks (class_id);

alter table gradebook_signatures
  drop constraint ck_gradebook_signatures_kind,
  add constraint ck_gradebook_signatures_kind check (kind in (
    'subject', 'teacher', 'keeper', 'homeroom', 'principal', 'seal'));
"""
#: What the earlier release has no place for goes; books of classes stay as they were.
DOWN = """
create temporary table gone on commit drop as
  select id from gradebooks where kind <> 'class_book' or supersedes_id is not null;
delete from gradebook_signatures where gradebook_id in (select id from gone);
delete from class_locks where holder_id in (select id from gone);
delete from counted_books where gradebook_id in (select id from gone);
delete from gradebooks where id in (select id from gone);
update gradebooks set state = 'closed' where state = 'superseded';

drop index uq_gradebooks_version;
drop index uq_gradebooks_making;
drop index uq_gradebooks_closed;
drop index ix_gradebooks_class_id;
alter table gradebook_signatures
  drop constraint ck_gradebook_signatures_kind,
  add constraint ck_gradebook_signatures_kind check (kind in (
    'subject', 'homeroom', 'principal', 'seal'));
alter table gradebooks
  drop constraint ck_gradebooks_kind,
  drop constraint ck_gradebooks_owner,
  drop constraint ck_gradebooks_supersedes,
  drop constraint ck_gradebooks_state,
  add constraint ck_gradebooks_state check (state in (
    'rendering', 'awaiting_teachers', 'awaiting_homeroom', 'awaiting_principal', 'awaiting_seal',
    'closed', 'returned')),
  alter column class_id set not null,
  add constraint uq_gradebooks_class_id unique (class_id, version),
  drop column kind,
  drop column school_year,
  drop column teacher_id,
  drop column part,
  drop column supersedes_id,
  drop column because;
create unique index uq_gradebooks_binding on gradebooks (class_id) where state <> 'returned';
"""


def upgrade() -> None:
    op.execute(UP.replace("{OF}", OF).replace("{KINDS}", KINDS))


def downgrade() -> None:
    op.execute(DOWN)
