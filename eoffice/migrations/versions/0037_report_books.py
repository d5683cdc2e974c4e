"""Report books: parts, their signatures, withdrawals, and what the department sets for them."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLES = """
create table report_parts (
  id uuid constraint pk_report_parts primary key,
  identity_id uuid not null,
  pupil_id uuid not null constraint fk_report_parts_pupil_id references pupils,
  school_id uuid not null constraint fk_report_parts_school_id references units,
  class_id uuid not null constraint fk_report_parts_class_id references classes,
  school_year text not null
    constraint ck_report_parts_school_year check (school_year ~ '^\\d{4}-\\d{4}$'),
  grade integer not null constraint ck_report_parts_grade check (grade between 1 and 12),
  class_name text not null,
  pupil_name text not null,
  pupil_code text not null,
  ordinal integer not null,
  version integer not null,
  state text not null constraint ck_report_parts_state check (state in (
    'preparing', 'awaiting_teachers', 'awaiting_homeroom', 'awaiting_principal', 'awaiting_seal',
    'sealed', 'closed', 'withdrawal_requested', 'withdrawal_granted', 'returned', 'superseded')),
  state_since timestamptz not null,
  requested_by uuid not null constraint fk_report_parts_requested_by references persons,
  requested_at timestamptz not null,
  class_book_id uuid not null constraint fk_report_parts_class_book_id references gradebooks,
  class_book_sha256 text not null,
  subjects_sign text not null constraint ck_report_parts_subjects_sign
    check (subjects_sign in ('class_book', 'report_book')),
  is_reassessed boolean not null,
  content_sha256 text,
  data_sha256 text,
  page_count integer,
  supersedes_id uuid constraint fk_report_parts_supersedes_id references report_parts
    constraint uq_report_parts_supersedes_id unique,
  because text,
  returned_because text,
  closed_by uuid constraint fk_report_parts_closed_by references persons,
  closed_at timestamptz,
  constraint uq_report_parts_version unique (pupil_id, school_year, version),
  constraint ck_report_parts_has_content check (
    state in ('preparing', 'returned', 'superseded') or content_sha256 is not null),
  constraint ck_report_parts_content check (
    (content_sha256 is null) = (data_sha256 is null)
    and (content_sha256 is null) = (page_count is null)),
  constraint ck_report_parts_supersedes check ((supersedes_id is null) = (because is null)),
  constraint ck_report_parts_closed check ((closed_at is null) = (closed_by is null)),
  constraint ck_report_parts_is_closed check (
    closed_at is not null
    or state not in ('closed', 'withdrawal_requested', 'withdrawal_granted'))
);
create unique index uq_report_parts_live on report_parts (pupil_id, school_year)
  where state not in ('returned', 'superseded');
create index ix_report_parts_class on report_parts (class_id, state);
create index ix_report_parts_school on report_parts (school_id, school_year, state);
create index ix_report_parts_identity_id on report_parts (identity_id);

create table report_part_signatures (
  part_id uuid constraint fk_report_part_signatures_part_id references report_parts,
  field text,
  school_id uuid not null constraint fk_report_part_signatures_school_id references units,
  ordinal integer not null,
  place text not null constraint ck_report_part_signatures_place
    check (place in ('subject', 'homeroom', 'principal', 'seal')),
  subject_code text,
  label text not null,
  signer_id uuid constraint fk_report_part_signatures_signer_id references persons,
  signed_by uuid constraint fk_report_part_signatures_signed_by references persons,
  signed_at timestamptz,
  capacity text,
  content_sha256 text,
  constraint pk_report_part_signatures primary key (part_id, field),
  constraint ck_report_part_signatures_signed check (
    (signed_at is null) = (signed_by is null)
    and (signed_at is null) = (content_sha256 is null)),
  constraint ck_report_part_signatures_subject check (
    (place = 'subject') = (subject_code is not null))
);
create index ix_report_part_signatures_signer on report_part_signatures (signer_id)
  where signed_at is null;

create table report_withdrawals (
  id uuid constraint pk_report_withdrawals primary key,
  part_id uuid not null constraint fk_report_withdrawals_part_id references report_parts,
  school_id uuid not null constraint fk_report_withdrawals_school_id references units,
  superior_id uuid not null constraint fk_report_withdrawals_superior_id references units,
  reason text not null,
  evidence_sha256 text,
  evidence_name text,
  evidence_type text,
  requested_by uuid not null constraint fk_report_withdrawals_requested_by references persons,
  requested_at timestamptz not null,
  is_granted boolean,
  decided_because text,
  decided_by uuid constraint fk_report_withdrawals_decided_by references persons,
  decided_at timestamptz,
  constraint ck_report_withdrawals_evidence check (
    (evidence_sha256 is null) = (evidence_name is null)
    and (evidence_sha256 is null) = (evidence_type is null)),
  constraint ck_report_withdrawals_decided check (
    (decided_at is null) = (decided_by is null)
    and (decided_at is null) = (is_granted is null)
    and (decided_at is null) = (decided_because is null))
);
create unique index uq_report_withdrawals_open on report_withdrawals (part_id)
  where decided_at is null;
create index ix_report_withdrawals_superior on report_withdrawals (superior_id, requested_at);
create index ix_report_withdrawals_part_id on report_withdrawals (part_id);

create table report_rules (
  id uuid constraint pk_report_rules primary key,
  from_year text not null
    constraint ck_report_rules_from_year check (from_year ~ '^\\d{4}-\\d{4}$'),
  subjects_sign text not null constraint ck_report_rules_subjects_sign
    check (subjects_sign in ('class_book', 'report_book')),
  deputy_may_sign boolean not null,
  source text not null,
  reason text not null,
  confirmed_by uuid constraint fk_report_rules_confirmed_by references persons,
  confirmed_at timestamptz,
  replaced_at timestamptz
);
create unique index uq_report_rules_now on report_rules (from_year) where replaced_at is null;

create table report_closing_deadlines (
  id uuid constraint pk_report_closing_deadlines primary key,
  kind text not null constraint ck_report_closing_deadlines_kind check (kind in (
    'school', 'school_reassessed', 'department', 'department_reassessed')),
  from_year text not null
    constraint ck_report_closing_deadlines_from_year check (from_year ~ '^\\d{4}-\\d{4}$'),
  month integer not null,
  day integer not null,
  warn_days integer not null
    constraint ck_report_closing_deadlines_warn_days check (warn_days between 0 and 120),
  source text not null,
  reason text not null,
  confirmed_by uuid constraint fk_report_closing_deadlines_confirmed_by references persons,
  confirmed_at timestamptz,
  replaced_at timestamptz,
  constraint ck_report_closing_deadlines_day
    check (month between 1 and 12 and day between 1 and 31)
);
create unique index uq_report_closing_deadlines_now
  on report_closing_deadlines (kind, from_year) where replaced_at is null;
"""

#: The right to manage a report book passes with the pupil: the school that has the pupil now reads
#: what the earlier one closed, once that one has recorded that the pupil went there, or that the
#: level was finished. Only the school that issued a part changes it.
RIGHTS = """
create function report_received(identity uuid, issuer uuid) returns boolean language sql stable
  security definer set search_path = pg_catalog, public
  as $$ select exists (
      select from pupils p where p.identity_id = identity and p.school_id = app_agency())
    and (exists (
      select from movements m join pupils p on p.id = m.pupil_id
      where p.identity_id = identity and p.school_id = issuer and m.kind = 'out')
    or exists (
      select from report_parts r where r.identity_id = identity and r.school_id = issuer
        and r.grade in (5, 9) and r.closed_at is not null)) $$;
revoke execute on function report_received(uuid, uuid) from public;
grant execute on function report_received(uuid, uuid) to eoffice_app, eoffice_worker;

alter table report_parts enable row level security;
create policy own on report_parts
  using (school_id = app_agency()) with check (school_id = app_agency());
create policy superior on report_parts for select
  using (school_id in (select archive_units_below(app_agency())));
create policy superior_decides on report_parts for update
  using (state = 'withdrawal_requested'
    and school_id in (select archive_units_below(app_agency())))
  with check (state in ('withdrawal_granted', 'closed')
    and school_id in (select archive_units_below(app_agency())));
create policy transferred on report_parts for select
  using (closed_at is not null and report_received(identity_id, school_id));

alter table report_part_signatures enable row level security;
create policy as_its_part on report_part_signatures for select
  using (exists (select from report_parts p where p.id = part_id));
create policy own on report_part_signatures
  using (school_id = app_agency()) with check (school_id = app_agency());

alter table report_withdrawals enable row level security;
create policy own on report_withdrawals
  using (school_id = app_agency()) with check (school_id = app_agency());
create policy superior on report_withdrawals for select
  using (school_id in (select archive_units_below(app_agency())));
create policy superior_decides on report_withdrawals for update
  using (superior_id = app_agency()) with check (superior_id = app_agency());

grant select, insert on report_parts, report_part_signatures, report_withdrawals
  to eoffice_app, eoffice_worker;
grant update (state, state_since, content_sha256, data_sha256, page_count, is_reassessed,
  returned_because, closed_by, closed_at) on report_parts to eoffice_app, eoffice_worker;
grant update (signed_by, signed_at, capacity, content_sha256) on report_part_signatures
  to eoffice_app, eoffice_worker;
grant update (is_granted, decided_because, decided_by, decided_at) on report_withdrawals
  to eoffice_app, eoffice_worker;
"""

#: Table -> columns that change when a value is replaced.
OF_THE_DEPARTMENT = ("report_rules", "report_closing_deadlines")

ARCHIVED = """
alter table archive_entries drop constraint ck_archive_entries_kind,
  add constraint ck_archive_entries_kind check (kind in (%s))
"""
KINDS = "'document', 'gradebook', 'book', 'case_file'"
#: Who sees the registers of a school in the archive sees its report books.
SEEN_BELOW = """
do $$
declare
  search text := pg_get_functiondef('archive_search'::regproc);
begin
  execute replace(search, '{old}', '{new}');
end $$;
drop policy in_scope on archive_entries;
create policy in_scope on archive_entries using (
  case when (select archive_inspects())
    then (agency_id, kind, school_year) in (select * from archive_inspected())
    when agency_id in (select archive_records_of(app_agency()))
    then case kind
      when 'document' then (select archive_reads_documents())
      else (select archive_reads_own_registers()) end
    else {seen} and (select archive_reads_registers_below())
      and agency_id in (select archive_units_below(app_agency()))
    end
);
"""
GRADEBOOKS = "kind = 'gradebook'"
BOTH = "kind in ('gradebook', 'report_book')"

SOURCE = (
    "QĐ 295/QĐ-SGDĐT ngày 25/03/2025 của Sở GDĐT Kiên Giang (đề xuất cho địa phương khác, chưa"
    " xác nhận)"
)
#: The decision names no day on which a school is reminded: two weeks before.
DEADLINES = (
    ("school", 6, 30),
    ("school_reassessed", 8, 15),
    ("department", 7, 10),
    ("department_reassessed", 8, 25),
)


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)
    for table in OF_THE_DEPARTMENT:
        op.execute(
            f"""
            alter table {table} enable row level security;
            create policy everybody on {table} for select using (true);
            create policy department on {table} using (is_department(app_agency()))
              with check (is_department(app_agency()));
            grant select, insert on {table} to eoffice_app, eoffice_worker;
            grant update (replaced_at) on {table} to eoffice_app, eoffice_worker;
            """
        )
    op.execute(ARCHIVED % f"{KINDS}, 'report_book'")
    op.execute(_seen(f"e.{GRADEBOOKS}", f"e.{BOTH}", BOTH))
    _propose()


def _seen(old: str, new: str, seen: str) -> str:
    return SEEN_BELOW.format(old=old.replace("'", "''"), new=new.replace("'", "''"), seen=seen)


def _propose() -> None:
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "insert into report_rules (id, from_year, subjects_sign, deputy_may_sign, source,"
            " reason) values (gen_random_uuid(), '2011-2012', 'class_book', true, :source, '')"
        ),
        {"source": SOURCE},
    )
    for kind, month, day in DEADLINES:
        connection.execute(
            sa.text(
                "insert into report_closing_deadlines (id, kind, from_year, month, day, warn_days,"
                " source, reason) values (gen_random_uuid(), :kind, '2011-2012', :month, :day, 14,"
                " :source, '')"
            ),
            {"kind": kind, "month": month, "day": day, "source": SOURCE},
        )


def downgrade() -> None:
    op.execute("delete from archive_entries where kind = 'report_book'")
    op.execute(ARCHIVED % KINDS)
    op.execute(_seen(f"e.{BOTH}", f"e.{GRADEBOOKS}", GRADEBOOKS))
    op.execute(
        """
        drop table report_closing_deadlines, report_rules, report_withdrawals,
          report_part_signatures;
        drop policy transferred on report_parts;
        drop function report_received(uuid, uuid);
        drop table report_parts;
        """
    )
