"""Classes: school years, circulars in force, subjects by grade; pupils with one identity; movements.

Until here a class had the circular of 2021, pupils were a school's alone, and a list never changed.
"""

import json
from importlib import resources

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
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

YEARS = """
create table school_years (
  year text constraint pk_school_years primary key
    constraint ck_school_years_year check (year ~ '^\\d{4}-\\d{4}$'),
  begins_on date not null,
  first_semester_ends_on date not null,
  second_semester_begins_on date not null,
  ends_on date not null,
  source text not null,
  recorded_by uuid not null constraint fk_school_years_recorded_by references persons,
  recorded_at timestamptz not null,
  constraint ck_school_years_order check (
    begins_on < first_semester_ends_on and first_semester_ends_on < second_semester_begins_on
    and second_semester_begins_on < ends_on)
);
create table rule_sets_in_force (
  id uuid constraint pk_rule_sets_in_force primary key,
  grade integer not null constraint ck_rule_sets_in_force_grade check (grade between 1 and 12),
  from_year text not null
    constraint ck_rule_sets_in_force_from_year check (from_year ~ '^\\d{4}-\\d{4}$'),
  rule_set text not null,
  source text not null,
  reason text not null,
  confirmed_by uuid constraint fk_rule_sets_in_force_confirmed_by references persons,
  confirmed_at timestamptz,
  replaced_at timestamptz
);
create unique index uq_rule_sets_in_force_now on rule_sets_in_force (grade, from_year)
  where replaced_at is null;
create table assessment_terms (
  id uuid constraint pk_assessment_terms primary key,
  rule_set text not null,
  from_year text not null
    constraint ck_assessment_terms_from_year check (from_year ~ '^\\d{4}-\\d{4}$'),
  terms jsonb not null,
  source text not null,
  reason text not null,
  confirmed_by uuid constraint fk_assessment_terms_confirmed_by references persons,
  confirmed_at timestamptz,
  replaced_at timestamptz
);
create unique index uq_assessment_terms_now on assessment_terms (rule_set, from_year)
  where replaced_at is null;
create table curriculum_subjects (
  id uuid constraint pk_curriculum_subjects primary key,
  grade integer not null constraint ck_curriculum_subjects_grade check (grade between 1 and 12),
  code text not null,
  from_year text not null
    constraint ck_curriculum_subjects_from_year check (from_year ~ '^\\d{4}-\\d{4}$'),
  until_year text
    constraint ck_curriculum_subjects_until_year check (until_year ~ '^\\d{4}-\\d{4}$'),
  school_id uuid constraint fk_curriculum_subjects_school_id references units,
  name text not null,
  kind text not null
    constraint ck_curriculum_subjects_kind check (kind in ('scored', 'comment')),
  periods_per_year integer not null
    constraint ck_curriculum_subjects_periods check (periods_per_year between 1 and 600),
  is_key boolean not null,
  ordinal integer not null,
  source text not null,
  reason text not null,
  confirmed_by uuid constraint fk_curriculum_subjects_confirmed_by references persons,
  confirmed_at timestamptz,
  replaced_at timestamptz
);
create unique index uq_curriculum_subjects_now
  on curriculum_subjects (grade, code, from_year, school_id) nulls not distinct
  where replaced_at is null;

-- What the department sets for all schools it alone writes; everybody goes by it.
create function is_department(unit uuid) returns boolean language sql stable parallel safe
  security definer set search_path = pg_catalog, public
  as $$ select exists (select from units u where u.id = unit and u.kind = 'department') $$;
revoke execute on function is_department(uuid) from public;
grant execute on function is_department(uuid) to eoffice_app, eoffice_worker;
"""

#: Table -> the columns that are ever changed once a row is written.
OF_THE_DEPARTMENT = {
    "school_years": (
        "begins_on, first_semester_ends_on, second_semester_begins_on, ends_on, source,"
        " recorded_by, recorded_at"
    ),
    "rule_sets_in_force": "replaced_at",
    "assessment_terms": "replaced_at",
}

PUPILS = """
alter table pupils
  add column identity_id uuid,
  add column personal_id text constraint ck_pupils_personal_id check (personal_id ~ '^\\d{12}$'),
  add column permanent_address text not null default '';
update pupils set identity_id = id;
alter table pupils alter column identity_id set not null;
create unique index uq_pupils_identity on pupils (school_id, identity_id);
create index ix_pupils_personal_id on pupils (personal_id);
grant update (
  name, born_on, sex, birthplace, ethnicity, policy_group, address, father, mother, personal_id,
  identity_id, permanent_address
) on pupils to eoffice_app, eoffice_worker;

-- A pupil who comes from another school is the same pupil. That there is such a pupil is all that
-- a school learns of a school that is not its own.
create function pupil_identity(number text, born date) returns uuid language sql stable
  security definer set search_path = pg_catalog, public
  as $$ select p.identity_id from pupils p where p.personal_id = number and p.born_on = born
        order by p.id limit 1 $$;
revoke execute on function pupil_identity(text, date) from public;
grant execute on function pupil_identity(text, date) to eoffice_app, eoffice_worker;

alter table enrolments
  add column from_on date,
  add column to_on date constraint ck_enrolments_to_on check (to_on >= from_on);
update enrolments e set from_on = (c.created_at at time zone 'Asia/Ho_Chi_Minh')::date
  from classes c where c.id = e.class_id;
alter table enrolments alter column from_on set not null;
grant update (from_on, to_on) on enrolments to eoffice_app, eoffice_worker;

create table guardians (
  id uuid constraint pk_guardians primary key,
  pupil_id uuid not null constraint fk_guardians_pupil_id references pupils,
  school_id uuid not null constraint fk_guardians_school_id references units,
  ordinal integer not null,
  relation text not null
    constraint ck_guardians_relation check (relation in ('father', 'mother', 'guardian')),
  name text not null,
  phone text not null,
  email text not null,
  constraint uq_guardians_pupil_id unique (pupil_id, ordinal)
);
create table movements (
  id uuid constraint pk_movements primary key,
  pupil_id uuid not null constraint fk_movements_pupil_id references pupils,
  school_id uuid not null constraint fk_movements_school_id references units,
  kind text not null constraint ck_movements_kind
    check (kind in ('in', 'out', 'class_change', 'leave', 'return')),
  on_day date not null,
  from_class_id uuid constraint fk_movements_from_class_id references classes,
  to_class_id uuid constraint fk_movements_to_class_id references classes,
  other_school text not null,
  reason text not null,
  decision text not null,
  recorded_by uuid not null constraint fk_movements_recorded_by references persons,
  recorded_at timestamptz not null
);
create index ix_movements_pupil_id on movements (pupil_id, on_day, recorded_at);
create table teaching_periods (
  id uuid constraint pk_teaching_periods primary key,
  class_id uuid not null constraint fk_teaching_periods_class_id references classes,
  school_id uuid not null constraint fk_teaching_periods_school_id references units,
  subject_code text,
  teacher_id uuid not null constraint fk_teaching_periods_teacher_id references persons,
  from_on date not null,
  to_on date constraint ck_teaching_periods_to_on check (to_on >= from_on)
);
create unique index uq_teaching_periods_now on teaching_periods (class_id, subject_code)
  nulls not distinct where to_on is null;
create index ix_teaching_periods_teacher_id on teaching_periods (teacher_id);
insert into teaching_periods (id, class_id, school_id, subject_code, teacher_id, from_on)
select gen_random_uuid(), c.id, c.school_id, null, c.homeroom_teacher_id,
  (c.created_at at time zone 'Asia/Ho_Chi_Minh')::date from classes c;
insert into teaching_periods (id, class_id, school_id, subject_code, teacher_id, from_on)
select gen_random_uuid(), c.id, c.school_id, s.code, s.teacher_id,
  (c.created_at at time zone 'Asia/Ho_Chi_Minh')::date
from classes c join class_subjects s on s.class_id = c.id;
"""

#: Table -> the rights beside reading and adding.
OF_THE_SCHOOL = {
    "guardians": "delete",
    "movements": "",
    "teaching_periods": "update (to_on)",
}

PROPOSED = "đề xuất, chưa xác nhận"
#: Grade -> school year from which a circular governs it, as far as could be found.
GOVERNED: dict[str, dict[int, str]] = {
    "TT58/2011": dict.fromkeys(range(6, 13), "2011-2012"),
    "TT58/2011-TT26/2020": dict.fromkeys(range(6, 13), "2020-2021"),
    "TT22/2021": {
        6: "2021-2022", 7: "2022-2023", 8: "2023-2024", 9: "2024-2025",
        10: "2022-2023", 11: "2023-2024", 12: "2024-2025",
    },
    "TT27/2020": {
        1: "2020-2021", 2: "2021-2022", 3: "2022-2023", 4: "2023-2024", 5: "2024-2025",
    },
}  # fmt: skip

#: Code, name, kind (s scored, c comment), whether it is a key subject, periods by grade.
PROGRAMME: tuple[tuple[str, str, str, bool, dict[int, int]], ...] = (
    ("TV", "Tiếng Việt", "s", True, {1: 420, 2: 350, 3: 245, 4: 245, 5: 245}),
    ("TOAN", "Toán", "s", True, {1: 105, 2: 175, 3: 175, 4: 175, 5: 175}),
    ("NN1", "Ngoại ngữ 1 (Tiếng Anh)", "s", False, dict.fromkeys((3, 4, 5), 140)),
    ("DD", "Đạo đức", "c", False, dict.fromkeys(range(1, 6), 35)),
    ("TNXH", "Tự nhiên và Xã hội", "c", False, dict.fromkeys((1, 2, 3), 70)),
    ("LSDL", "Lịch sử và Địa lí", "s", False, dict.fromkeys((4, 5), 70)),
    ("KH", "Khoa học", "s", False, dict.fromkeys((4, 5), 70)),
    ("THCN", "Tin học và Công nghệ", "s", False, dict.fromkeys((3, 4, 5), 70)),
    ("GDTC", "Giáo dục thể chất", "c", False, dict.fromkeys(range(1, 6), 70)),
    ("AN", "Nghệ thuật (Âm nhạc)", "c", False, dict.fromkeys(range(1, 6), 35)),
    ("MT", "Nghệ thuật (Mĩ thuật)", "c", False, dict.fromkeys(range(1, 6), 35)),
    ("HDTN", "Hoạt động trải nghiệm", "c", False, dict.fromkeys(range(1, 6), 105)),
    ("TOAN", "Toán học", "s", True, dict.fromkeys(range(6, 10), 140)),
    ("VAN", "Ngữ văn", "s", True, dict.fromkeys(range(6, 10), 140)),
    ("NN1", "Ngoại ngữ 1 (Tiếng Anh)", "s", True, dict.fromkeys(range(6, 10), 105)),
    ("GDCD", "Giáo dục công dân", "s", False, dict.fromkeys(range(6, 10), 35)),
    ("LSDL", "Lịch sử và Địa lí", "s", False, dict.fromkeys(range(6, 10), 105)),
    ("KHTN", "Khoa học tự nhiên", "s", False, dict.fromkeys(range(6, 10), 140)),
    ("CN", "Công nghệ", "s", False, {6: 35, 7: 35, 8: 52, 9: 52}),
    ("TIN", "Tin học", "s", False, dict.fromkeys(range(6, 10), 35)),
    ("NN2", "Ngoại ngữ 2", "s", False, dict.fromkeys(range(6, 10), 105)),
    ("GDTC", "Giáo dục thể chất", "c", False, dict.fromkeys(range(6, 10), 70)),
    ("NT", "Nghệ thuật", "c", False, dict.fromkeys(range(6, 10), 70)),
    ("GDDP", "Nội dung giáo dục của địa phương", "c", False, dict.fromkeys(range(6, 10), 35)),
    ("HDTN", "Hoạt động trải nghiệm, hướng nghiệp", "c", False, dict.fromkeys(range(6, 10), 105)),
    ("VAN", "Ngữ văn", "s", True, dict.fromkeys((10, 11, 12), 105)),
    ("TOAN", "Toán học", "s", True, dict.fromkeys((10, 11, 12), 105)),
    ("NN1", "Ngoại ngữ 1 (Tiếng Anh)", "s", True, dict.fromkeys((10, 11, 12), 105)),
    ("LS", "Lịch sử", "s", False, dict.fromkeys((10, 11, 12), 52)),
    ("DL", "Địa lí", "s", False, dict.fromkeys((10, 11, 12), 70)),
    ("GDKTPL", "Giáo dục kinh tế và pháp luật", "s", False, dict.fromkeys((10, 11, 12), 70)),
    ("VL", "Vật lí", "s", False, dict.fromkeys((10, 11, 12), 70)),
    ("HH", "Hóa học", "s", False, dict.fromkeys((10, 11, 12), 70)),
    ("SH", "Sinh học", "s", False, dict.fromkeys((10, 11, 12), 70)),
    ("CN", "Công nghệ", "s", False, dict.fromkeys((10, 11, 12), 70)),
    ("TIN", "Tin học", "s", False, dict.fromkeys((10, 11, 12), 70)),
    ("GDQP", "Giáo dục quốc phòng và an ninh", "s", False, dict.fromkeys((10, 11, 12), 35)),
    ("NN2", "Ngoại ngữ 2", "s", False, dict.fromkeys((10, 11, 12), 105)),
    ("GDTC", "Giáo dục thể chất", "c", False, dict.fromkeys((10, 11, 12), 70)),
    ("AN", "Âm nhạc", "c", False, dict.fromkeys((10, 11, 12), 70)),
    ("MT", "Mĩ thuật", "c", False, dict.fromkeys((10, 11, 12), 70)),
    ("GDDP", "Nội dung giáo dục của địa phương", "c", False, dict.fromkeys((10, 11, 12), 35)),
    ("HDTN", "Hoạt động trải nghiệm, hướng nghiệp", "c", False, dict.fromkeys((10, 11, 12), 105)),
)
#: The programme of 2006, which the one of 2018 replaced grade by grade.
EARLIER: tuple[tuple[str, str, str, bool, dict[int, int]], ...] = (
    ("TOAN", "Toán", "s", True, dict.fromkeys(range(6, 10), 140)),
    ("VL", "Vật lí", "s", False, {6: 35, 7: 35, 8: 35, 9: 70}),
    ("HH", "Hóa học", "s", False, {8: 70, 9: 70}),
    ("SH", "Sinh học", "s", False, dict.fromkeys(range(6, 10), 70)),
    ("VAN", "Ngữ văn", "s", True, {6: 140, 7: 140, 8: 140, 9: 175}),
    ("LS", "Lịch sử", "s", False, {6: 35, 7: 70, 8: 52, 9: 52}),
    ("DL", "Địa lí", "s", False, {6: 35, 7: 70, 8: 52, 9: 52}),
    ("NN1", "Ngoại ngữ", "s", False, {6: 105, 7: 105, 8: 105, 9: 70}),
    ("GDCD", "Giáo dục công dân", "s", False, dict.fromkeys(range(6, 10), 35)),
    ("CN", "Công nghệ", "s", False, {6: 70, 7: 52, 8: 52, 9: 35}),
    ("TIN", "Tin học", "s", False, dict.fromkeys(range(6, 10), 70)),
    ("GDTC", "Thể dục", "c", False, dict.fromkeys(range(6, 10), 70)),
    ("AN", "Âm nhạc", "c", False, {6: 35, 7: 35, 8: 35, 9: 18}),
    ("MT", "Mĩ thuật", "c", False, {6: 35, 7: 35, 8: 35, 9: 18}),
    ("TOAN", "Toán", "s", True, {10: 105, 11: 123, 12: 123}),
    ("VL", "Vật lí", "s", False, dict.fromkeys((10, 11, 12), 70)),
    ("HH", "Hóa học", "s", False, dict.fromkeys((10, 11, 12), 70)),
    ("SH", "Sinh học", "s", False, {10: 35, 11: 52, 12: 52}),
    ("TIN", "Tin học", "s", False, {10: 70, 11: 52, 12: 52}),
    ("VAN", "Ngữ văn", "s", True, {10: 105, 11: 123, 12: 105}),
    ("LS", "Lịch sử", "s", False, {10: 52, 11: 35, 12: 52}),
    ("DL", "Địa lí", "s", False, {10: 52, 11: 35, 12: 52}),
    ("NN1", "Ngoại ngữ", "s", False, dict.fromkeys((10, 11, 12), 105)),
    ("GDCD", "Giáo dục công dân", "s", False, dict.fromkeys((10, 11, 12), 35)),
    ("CN", "Công nghệ", "s", False, {10: 52, 11: 52, 12: 35}),
    ("GDQP", "Giáo dục quốc phòng - an ninh", "s", False, dict.fromkeys((10, 11, 12), 35)),
    ("GDTC", "Thể dục", "c", False, dict.fromkeys((10, 11, 12), 70)),
)


def upgrade() -> None:
    op.execute(LOCKS)
    op.execute(YEARS)
    for table, columns in OF_THE_DEPARTMENT.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"create policy everybody on {table} for select using (true)")
        op.execute(
            f"create policy department on {table} using (is_department(app_agency()))"
            " with check (is_department(app_agency()))"
        )
        op.execute(f"grant select, insert on {table} to eoffice_app, eoffice_worker")
        op.execute(f"grant update ({columns}) on {table} to eoffice_app, eoffice_worker")
    op.execute(
        """
        alter table curriculum_subjects enable row level security;
        create policy everybody on curriculum_subjects for select
          using (school_id is null or is_within(school_id, app_agency()));
        create policy department on curriculum_subjects
          using (school_id is null and is_department(app_agency()))
          with check (school_id is null and is_department(app_agency()));
        create policy school on curriculum_subjects
          using (school_id = app_agency()) with check (school_id = app_agency());
        grant select, insert on curriculum_subjects to eoffice_app, eoffice_worker;
        grant update (replaced_at) on curriculum_subjects to eoffice_app, eoffice_worker;
        """
    )
    op.execute(PUPILS)
    for table, further in OF_THE_SCHOOL.items():
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
        if further:
            op.execute(f"grant {further} on {table} to eoffice_app, eoffice_worker")
    _propose()


def _propose() -> None:
    """First rows, which an officer confirms or changes: none could be read in the texts."""
    connection = op.get_bind()
    for rule_set, grades in GOVERNED.items():
        for grade, year in grades.items():
            connection.execute(
                sa.text(
                    "insert into rule_sets_in_force (id, grade, from_year, rule_set, source,"
                    " reason) values (gen_random_uuid(), :grade, :year, :name, :source, '')"
                ),
                {"grade": grade, "year": year, "name": rule_set, "source": PROPOSED},
            )
    text = resources.files("eoffice.assessment").joinpath("proposed_terms.json").read_text("utf-8")
    for rule_set, terms in json.loads(text).items():
        connection.execute(
            sa.text(
                "insert into assessment_terms (id, rule_set, from_year, terms, source, reason)"
                " values (gen_random_uuid(), :name, '2011-2012', cast(:terms as jsonb), :source,"
                " '')"
            ),
            {"name": rule_set, "terms": json.dumps(terms), "source": PROPOSED},
        )
    for programme in (PROGRAMME, EARLIER):
        for ordinal, (code, name, kind, is_key, periods) in enumerate(programme, start=1):
            for grade, count in periods.items():
                begins = GOVERNED["TT27/2020" if grade < 6 else "TT22/2021"][grade]
                first = int(begins[:4])
                connection.execute(
                    sa.text(
                        "insert into curriculum_subjects (id, grade, code, from_year, until_year,"
                        " name, kind, periods_per_year, is_key, ordinal, source, reason)"
                        " values (gen_random_uuid(), :grade, :code, :from_year, :until_year,"
                        " :name, :kind, :periods, :is_key, :ordinal, :source, '')"
                    ),
                    {
                        "grade": grade,
                        "code": code,
                        "from_year": begins if programme is PROGRAMME else "2011-2012",
                        "until_year": None if programme is PROGRAMME else f"{first - 1}-{first}",
                        "name": name,
                        "kind": "scored" if kind == "s" else "comment",
                        "periods": count,
                        "is_key": is_key,
                        "ordinal": ordinal,
                        "source": PROPOSED,
                    },
                )


def downgrade() -> None:
    for table in (
        "teaching_periods", "movements", "guardians", "curriculum_subjects", *OF_THE_DEPARTMENT,
    ):  # fmt: skip
        op.drop_table(table)
    op.execute(
        """
        drop function is_department(uuid);
        drop function pupil_identity(text, date);
        alter table enrolments drop column from_on, drop column to_on;
        alter table pupils drop column identity_id, drop column personal_id,
          drop column permanent_address;
        revoke update on pupils, enrolments from eoffice_app, eoffice_worker;
        """
    )
    op.drop_table("class_locks")
