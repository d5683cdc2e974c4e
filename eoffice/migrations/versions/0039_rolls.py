"""What a school keeps of its pupils for ever: enrolment register, moves, certificates."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_SCHOOL = "school_id uuid not null constraint fk_{table}_school_id references units"
_RECORDED = """
  recorded_by uuid not null constraint fk_{table}_recorded_by references persons,
  recorded_at timestamptz not null"""
_ANNULLED = """
  annulled_at timestamptz,
  annulled_by uuid constraint fk_{table}_annulled_by references persons,
  annulled_because text,
  constraint ck_{table}_annulled check (
    (annulled_at is null) = (annulled_by is null)
    and (annulled_at is null) = (annulled_because is null))"""

#: Table -> its columns and constraints, and indexes.
TABLES = {
    "roll_counters": (
        """
  school_id uuid not null constraint fk_roll_counters_school_id references units,
  book text not null constraint ck_roll_counters_book check (
    book in ('enrolment', 'moves_in', 'moves_out', 'certificates', 'copies')),
  period text not null,
  last integer not null,
  constraint pk_roll_counters primary key (school_id, book, period)""",
        "",
    ),
    "enrolment_rolls": (
        """
  school_id uuid constraint pk_enrolment_rolls primary key
    constraint fk_enrolment_rolls_school_id references units,
  first_number integer not null constraint ck_enrolment_rolls_first_number
    check (first_number > 0),
  suffix text not null,
  opened_by uuid not null constraint fk_enrolment_rolls_opened_by references persons,
  opened_at timestamptz not null""",
        "",
    ),
    "enrolment_lines": (
        """
  id uuid constraint pk_enrolment_lines primary key,
  {school},
  number integer not null constraint ck_enrolment_lines_number check (number > 0),
  pupil_id uuid constraint fk_enrolment_lines_pupil_id references pupils,
  is_from_paper boolean not null,
  admitted_on date,
  class_name text not null,
  code text not null,
  personal_id text not null,
  name text not null,
  born_on date,
  sex text not null,
  birthplace text not null,
  hometown text not null,
  ethnicity text not null,
  religion text not null,
  nationality text not null,
  address text not null,
  permanent_address text not null,
  father text not null,
  mother text not null,
  came_from text not null,
  ended_on date,
  ended_as text not null,
  note text not null,
  entered_by uuid not null constraint fk_enrolment_lines_entered_by references persons,
  entered_at timestamptz not null,
  {annulled},
  constraint uq_enrolment_lines_number unique (school_id, number),
  constraint ck_enrolment_lines_ended check ((ended_on is null) = (ended_as = ''))""",
        """create unique index uq_enrolment_lines_pupil_id on enrolment_lines (pupil_id)
  where annulled_at is null""",
    ),
    "enrolment_changes": (
        """
  id uuid constraint pk_enrolment_changes primary key,
  line_id uuid not null constraint fk_enrolment_changes_line_id references enrolment_lines,
  {school},
  field text not null,
  old text not null,
  new text not null,
  reason text not null,
  {recorded}""",
        "create index ix_enrolment_changes_line_id on enrolment_changes (line_id, recorded_at)",
    ),
    "particulars_changes": (
        """
  id uuid constraint pk_particulars_changes primary key,
  pupil_id uuid not null constraint fk_particulars_changes_pupil_id references pupils,
  {school},
  field text not null,
  old text not null,
  new text not null,
  reason text not null,
  {recorded}""",
        """create index ix_particulars_changes_pupil_id
  on particulars_changes (pupil_id, recorded_at)""",
    ),
    "graduations": (
        """
  id uuid constraint pk_graduations primary key,
  {school},
  pupil_id uuid not null constraint fk_graduations_pupil_id references pupils,
  stage text not null constraint ck_graduations_stage
    check (stage in ('primary', 'lower_secondary', 'upper_secondary')),
  school_year text not null constraint ck_graduations_school_year
    check (school_year ~ '^\\d{{4}}-\\d{{4}}$'),
  class_name text not null,
  on_day date not null,
  decision text not null,
  grading text not null,
  {recorded},
  {annulled}""",
        """create unique index uq_graduations_pupil_id on graduations (pupil_id, stage)
  where annulled_at is null""",
    ),
    "move_lines": (
        """
  movement_id uuid constraint pk_move_lines primary key
    constraint fk_move_lines_movement_id references movements,
  {school},
  school_year text not null constraint ck_move_lines_school_year
    check (school_year ~ '^\\d{{4}}-\\d{{4}}$'),
  direction text not null constraint ck_move_lines_direction check (direction in ('in', 'out')),
  number integer not null,
  papers text not null,
  papers_on date,
  papers_with text not null,
  note text not null,
  entered_by uuid not null constraint fk_move_lines_entered_by references persons,
  entered_at timestamptz not null,
  constraint uq_move_lines_number unique (school_id, school_year, direction, number),
  constraint ck_move_lines_papers check ((papers_on is null) = (papers = ''))""",
        "",
    ),
    "certificate_batches": (
        """
  id uuid constraint pk_certificate_batches primary key,
  {school},
  kind_code text not null,
  received_on date not null,
  received_from text not null,
  decision text not null,
  prefix text not null,
  first_number bigint not null,
  last_number bigint not null,
  digits integer not null constraint ck_certificate_batches_digits check (digits between 1 and 12),
  note text not null,
  {recorded},
  struck_at timestamptz,
  struck_by uuid constraint fk_certificate_batches_struck_by references persons,
  struck_because text,
  constraint ck_certificate_batches_serials
    check (0 <= first_number and first_number <= last_number),
  constraint ck_certificate_batches_struck check (
    (struck_at is null) = (struck_by is null)
    and (struck_at is null) = (struck_because is null))""",
        "create index ix_certificate_batches_school_id on certificate_batches (school_id)",
    ),
    "certificate_blanks": (
        """
  id uuid constraint pk_certificate_blanks primary key,
  batch_id uuid not null constraint fk_certificate_blanks_batch_id references certificate_batches,
  {school},
  kind_code text not null,
  ordinal integer not null,
  serial text not null,
  state text not null constraint ck_certificate_blanks_state check (
    state in ('left', 'granted', 'damaged', 'lost', 'destroyed', 'returned', 'struck')),
  state_since timestamptz not null,
  ended_on date,
  minutes text not null,
  constraint uq_certificate_blanks_batch_id unique (batch_id, ordinal)""",
        """create unique index uq_certificate_blanks_serial
  on certificate_blanks (school_id, kind_code, serial) where state <> 'struck'""",
    ),
    "certificates": (
        """
  id uuid constraint pk_certificates primary key,
  {school},
  ordinal integer not null,
  kind_code text not null,
  kind_name text not null,
  blank_id uuid constraint fk_certificates_blank_id references certificate_blanks
    constraint uq_certificates_blank_id unique,
  serial text not null,
  entry_number text not null,
  pupil_id uuid constraint fk_certificates_pupil_id references pupils,
  name text not null,
  born_on date not null,
  sex text not null,
  birthplace text not null,
  ethnicity text not null,
  class_name text not null,
  graduation_year integer not null constraint ck_certificates_graduation_year
    check (graduation_year between 1945 and 2200),
  grading text not null,
  decision text not null,
  signed_on date not null,
  note text not null,
  is_from_paper boolean not null,
  state text not null constraint ck_certificates_state check (
    state in ('entered', 'handed_over', 'annulled', 'lost', 'revoked')),
  state_since timestamptz not null,
  ended_on date,
  ended_because text,
  {recorded},
  constraint uq_certificates_ordinal unique (school_id, ordinal),
  constraint uq_certificates_entry_number unique (school_id, kind_code, entry_number),
  constraint ck_certificates_ended check ((ended_on is null) = (ended_because is null))""",
        "create index ix_certificates_pupil_id on certificates (pupil_id)",
    ),
    "certificate_handovers": (
        """
  certificate_id uuid constraint pk_certificate_handovers primary key
    constraint fk_certificate_handovers_certificate_id references certificates,
  {school},
  on_day date not null,
  receiver text not null,
  identity_paper text not null,
  authorisation text not null,
  signature text not null,
  signed_on date,
  {recorded},
  constraint ck_certificate_handovers_signature
    check ((signed_on is null) = (signature = ''))""",
        "",
    ),
    "certificate_copies": (
        """
  id uuid constraint pk_certificate_copies primary key,
  certificate_id uuid not null constraint fk_certificate_copies_certificate_id
    references certificates,
  {school},
  year integer not null,
  number integer not null,
  on_day date not null,
  copies integer not null constraint ck_certificate_copies_copies check (copies between 1 and 50),
  receiver text not null,
  identity_paper text not null,
  reason text not null,
  {recorded},
  constraint uq_certificate_copies_number unique (school_id, year, number)""",
        "create index ix_certificate_copies_certificate_id on certificate_copies (certificate_id)",
    ),
    "certificate_corrections": (
        """
  id uuid constraint pk_certificate_corrections primary key,
  certificate_id uuid not null constraint fk_certificate_corrections_certificate_id
    references certificates,
  {school},
  on_day date not null,
  decision text not null,
  field text not null,
  old text not null,
  new text not null,
  {recorded}""",
        """create index ix_certificate_corrections_certificate_id
  on certificate_corrections (certificate_id)""",
    ),
}
#: What of a row may change; of the others nothing does.
CHANGING = {
    "roll_counters": "last",
    "enrolment_lines": "pupil_id, hometown, religion, nationality, came_from, note, annulled_at,"
    " annulled_by, annulled_because",
    "graduations": "annulled_at, annulled_by, annulled_because",
    "move_lines": "papers, papers_on, papers_with, note",
    "certificate_batches": "struck_at, struck_by, struck_because",
    "certificate_blanks": "state, state_since, ended_on, minutes",
    "certificates": "state, state_since, ended_on, ended_because",
    "certificate_handovers": "signature, signed_on",
}
KINDS = """
create table certificate_kinds (
  id uuid constraint pk_certificate_kinds primary key,
  code text not null constraint ck_certificate_kinds_code check (code ~ '^[A-Z0-9_-]{2,20}$'),
  name text not null,
  stage text constraint ck_certificate_kinds_stage
    check (stage in ('primary', 'lower_secondary', 'upper_secondary')),
  has_blanks boolean not null,
  gradings text not null,
  is_offered boolean not null,
  source text not null,
  reason text not null,
  confirmed_by uuid constraint fk_certificate_kinds_confirmed_by references persons,
  confirmed_at timestamptz,
  replaced_at timestamptz
);
create unique index uq_certificate_kinds_now on certificate_kinds (code)
  where replaced_at is null;
alter table certificate_kinds enable row level security;
create policy everybody on certificate_kinds for select using (true);
create policy department on certificate_kinds
  using (is_department(app_agency())) with check (is_department(app_agency()));
grant select, insert on certificate_kinds to eoffice_app, eoffice_worker;
grant update (replaced_at) on certificate_kinds to eoffice_app, eoffice_worker;
"""
PROPOSED = "Đề xuất ban đầu; chưa đối chiếu với quy chế văn bằng, chứng chỉ"
#: code, name, stage, has blanks, gradings
FIRST = (
    ("HTTH", "Giấy xác nhận hoàn thành chương trình tiểu học", "primary", False, ""),
    ("TNTHCS", "Bằng tốt nghiệp trung học cơ sở", "lower_secondary", True, "Giỏi; Khá; Trung bình"),
    ("TNTHPT", "Bằng tốt nghiệp trung học phổ thông", "upper_secondary", True, ""),
    (
        "TNTHPT-TT",
        "Giấy chứng nhận tốt nghiệp trung học phổ thông tạm thời",
        "upper_secondary",
        False,
        "",
    ),
    (
        "HTGDPT",
        "Giấy chứng nhận hoàn thành chương trình giáo dục phổ thông",
        "upper_secondary",
        False,
        "",
    ),
    ("NPT", "Giấy chứng nhận nghề phổ thông", None, True, "Giỏi; Khá; Trung bình"),
)


def upgrade() -> None:
    for table, (columns, index) in TABLES.items():
        written = columns.format(
            school=_SCHOOL.format(table=table),
            recorded=_RECORDED.format(table=table).strip(),
            annulled=_ANNULLED.format(table=table).strip(),
        )
        op.execute(f"create table {table} ({written})")
        if index:
            op.execute(index)
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
        if table in CHANGING:
            op.execute(
                f"grant update ({CHANGING[table]}) on {table} to eoffice_app, eoffice_worker"
            )
    op.execute(KINDS)
    connection = op.get_bind()
    for code, name, stage, has_blanks, gradings in FIRST:
        connection.execute(
            sa.text(
                "insert into certificate_kinds (id, code, name, stage, has_blanks, gradings,"
                " is_offered, source, reason) values (gen_random_uuid(), :code, :name, :stage,"
                " :has_blanks, :gradings, true, :source, '')"
            ),
            {
                "code": code,
                "name": name,
                "stage": stage,
                "has_blanks": has_blanks,
                "gradings": gradings,
                "source": PROPOSED,
            },
        )


def downgrade() -> None:
    for table in (*reversed(TABLES), "certificate_kinds"):
        op.execute(f"drop table {table}")
