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

HANDLING = """
alter table arrivals
  add column unanswered_reason text,
  add column taken_over_by uuid constraint fk_arrivals_taken_over_by references units,
  add column taken_over_at timestamptz;
create table deadline_moves (
  id uuid constraint pk_deadline_moves primary key,
  agency_id uuid not null constraint fk_deadline_moves_agency_id references units,
  arrival_id uuid not null constraint fk_deadline_moves_arrival_id references arrivals,
  from_on date,
  to_on date not null,
  reason text not null,
  moved_by uuid not null constraint fk_deadline_moves_moved_by references persons,
  moved_at timestamptz not null
);
create index ix_deadline_moves_arrival_id on deadline_moves (arrival_id, moved_at);
create table work_files (
  id uuid constraint pk_work_files primary key,
  agency_id uuid not null constraint fk_work_files_agency_id references units,
  entry_id uuid not null constraint fk_work_files_entry_id references work_log,
  name text not null,
  media_type text not null,
  size_bytes integer not null,
  sha256 text not null
);
create index ix_work_files_entry_id on work_files (entry_id);
grant update (unanswered_reason, taken_over_by, taken_over_at) on arrivals to eoffice_app;
grant update (due_on) on assignments to eoffice_app;
grant select, insert on deadline_moves, work_files to eoffice_app, eoffice_worker;
"""

#: Who took over the records of a unit that ended goes on with its work; what was settled stays.
TAKING_OVER = """
drop policy recipient_acts on deliveries;
create policy recipient_acts on deliveries for update
  using (recipient_agency_id = app_agency() or (state not in ('done', 'recalled')
    and recipient_agency_id = any ((select app_agencies())::uuid[])))
  with check (recipient_agency_id = any ((select app_agencies())::uuid[]));
create policy inherited_work on arrivals for update
  using (state not in ('done', 'recalled') and agency_id = any ((select app_agencies())::uuid[]))
  with check (agency_id = any ((select app_agencies())::uuid[]));
create policy inherited_work on assignments for update
  using (agency_id = any ((select app_agencies())::uuid[]))
  with check (agency_id = any ((select app_agencies())::uuid[]));
"""

FORWARDING = """
create table forwardings (
  id uuid constraint pk_forwardings primary key,
  agency_id uuid not null constraint fk_forwardings_agency_id references units,
  arrival_id uuid not null constraint fk_forwardings_arrival_id references arrivals,
  instruction text not null,
  due_on date,
  forwarded_by uuid not null constraint fk_forwardings_forwarded_by references persons,
  forwarded_at timestamptz not null
);
create index ix_forwardings_arrival_id on forwardings (arrival_id);
create table forwarding_recipients (
  forwarding_id uuid not null
    constraint fk_forwarding_recipients_forwarding_id references forwardings,
  unit_id uuid not null constraint fk_forwarding_recipients_unit_id references units,
  agency_id uuid not null constraint fk_forwarding_recipients_agency_id references units,
  constraint pk_forwarding_recipients primary key (forwarding_id, unit_id)
);
-- What was passed on is a delivery of this office, also where the document came from outside.
alter table deliveries drop constraint ck_deliveries_document;
alter table deliveries
  add column forwarding_id uuid constraint fk_deliveries_forwarding_id references forwardings,
  add column forwarded_by_name text,
  add column covering_instruction text,
  add column origin_agency_id uuid
    constraint fk_deliveries_origin_agency_id references units,
  add constraint ck_deliveries_forwarding check (
    (forwarding_id is null) = (covering_instruction is null)
    and (forwarding_id is null) = (forwarded_by_name is null)),
  add constraint ck_deliveries_document check (
    forwarding_id is not null or (origin = 'delivery') = (document_id is not null)),
  add constraint uq_deliveries_forwarding_id_recipient_unit_id
    unique (forwarding_id, recipient_unit_id);
create index ix_deliveries_origin_agency_id on deliveries (origin_agency_id)
  where origin_agency_id is not null;
-- Who wrote a document sees how far it is also below those to whom it was sent.
create policy origin_reads on deliveries for select
  using (origin_agency_id = any ((select app_agencies())::uuid[]));
grant select, insert on forwardings, forwarding_recipients to eoffice_app, eoffice_worker;
"""

POINTS = """
create table points (
  id uuid constraint pk_points primary key,
  agency_id uuid not null constraint fk_points_agency_id references units,
  document_id uuid not null constraint fk_points_document_id references documents,
  ordinal integer not null,
  text text not null,
  due_on date,
  stated_by uuid not null constraint fk_points_stated_by references persons,
  stated_at timestamptz not null,
  constraint uq_points_document_id_ordinal unique (document_id, ordinal)
);
create table point_addressees (
  id uuid constraint pk_point_addressees primary key,
  agency_id uuid not null constraint fk_point_addressees_agency_id references units,
  point_id uuid not null
    constraint fk_point_addressees_point_id references points on delete cascade,
  unit_id uuid constraint fk_point_addressees_unit_id references units,
  group_code text,
  constraint ck_point_addressees_one check (num_nonnulls(unit_id, group_code) = 1)
);
create index ix_point_addressees_point_id on point_addressees (point_id);
create table delivery_points (
  id uuid constraint pk_delivery_points primary key,
  delivery_id uuid not null constraint fk_delivery_points_delivery_id references deliveries,
  point_id uuid not null constraint fk_delivery_points_point_id references points,
  sender_agency_id uuid not null
    constraint fk_delivery_points_sender_agency_id references units,
  recipient_agency_id uuid not null
    constraint fk_delivery_points_recipient_agency_id references units,
  ordinal integer not null,
  text text not null,
  due_on date,
  begun_at timestamptz,
  done_at timestamptz,
  reported_by uuid constraint fk_delivery_points_reported_by references persons,
  report text,
  file_name text,
  file_media_type text,
  file_size_bytes integer,
  file_sha256 text,
  constraint uq_delivery_points_delivery_id_point_id unique (delivery_id, point_id),
  constraint ck_delivery_points_report check ((done_at is null) = (report is null)),
  constraint ck_delivery_points_begun check (done_at is null or begun_at is not null)
);
create index ix_delivery_points_recipient on delivery_points (recipient_agency_id)
  where done_at is null;
create index ix_delivery_points_sender on delivery_points (sender_agency_id, due_on);
create index ix_delivery_points_point_id on delivery_points (point_id);
alter table delivery_points enable row level security;
create policy both_read on delivery_points for select using (
  sender_agency_id = any ((select app_agencies())::uuid[])
  or recipient_agency_id = any ((select app_agencies())::uuid[]));
create policy recipient_reports on delivery_points for update
  using (recipient_agency_id = any ((select app_agencies())::uuid[]))
  with check (recipient_agency_id = any ((select app_agencies())::uuid[]));
grant select, insert, delete on points, point_addressees to eoffice_app;
grant select, insert, delete on points, point_addressees to eoffice_worker;
grant select on delivery_points to eoffice_app;
grant update (begun_at, done_at, reported_by, report, file_name, file_media_type,
  file_size_bytes, file_sha256) on delivery_points to eoffice_app, eoffice_worker;
grant select, insert on delivery_points to eoffice_worker;
"""

REMINDERS = """
create table reminder_rules (
  agency_id uuid not null constraint fk_reminder_rules_agency_id references units,
  working_days integer not null
    constraint ck_reminder_rules_working_days check (working_days between -30 and 60),
  set_by uuid not null constraint fk_reminder_rules_set_by references persons,
  set_at timestamptz not null,
  constraint pk_reminder_rules primary key (agency_id, working_days)
);
create table reminders (
  id uuid constraint pk_reminders primary key,
  agency_id uuid not null constraint fk_reminders_agency_id references units,
  unit_id uuid not null constraint fk_reminders_unit_id references units,
  delivery_id uuid not null constraint fk_reminders_delivery_id references deliveries,
  delivery_point_id uuid
    constraint fk_reminders_delivery_point_id references delivery_points,
  due_on date not null,
  working_days integer not null,
  reminded_at timestamptz not null,
  read_at timestamptz,
  constraint uq_reminders_delivery_id_delivery_point_id_due_on_working_days
    unique nulls not distinct (delivery_id, delivery_point_id, due_on, working_days)
);
grant select, insert, delete on reminder_rules to eoffice_app;
create index ix_reminders_unread on reminders (agency_id) where read_at is null;
grant select on reminders to eoffice_app;
grant update (read_at) on reminders to eoffice_app;
grant select, insert, delete on reminder_rules to eoffice_worker;
grant select, insert on reminders to eoffice_worker;
"""

RECEIPTS = """
create table receipts (
  delivery_id uuid constraint pk_receipts primary key
    constraint fk_receipts_delivery_id references deliveries,
  sender_agency_id uuid constraint fk_receipts_sender_agency_id references units,
  recipient_agency_id uuid not null
    constraint fk_receipts_recipient_agency_id references units,
  body text not null,
  requested_at timestamptz not null,
  signed_at timestamptz,
  document text,
  constraint ck_receipts_signature check ((signed_at is null) = (document is null))
);
alter table receipts enable row level security;
create policy both_read on receipts for select using (
  sender_agency_id = any ((select app_agencies())::uuid[])
  or recipient_agency_id = any ((select app_agencies())::uuid[]));
grant select on receipts to eoffice_app;
grant select, insert on receipts to eoffice_worker;
grant update (signed_at, document) on receipts to eoffice_worker;
"""

#: Each row belongs to one agency: it acts, and whoever took over from it reads.
OF_ONE_AGENCY = (
    "deadline_moves",
    "work_files",
    "forwardings",
    "forwarding_recipients",
    "points",
    "point_addressees",
    "reminder_rules",
    "reminders",
)


def upgrade() -> None:
    op.execute(CALENDAR)
    op.execute(HANDLING)
    op.execute(TAKING_OVER)
    op.execute(FORWARDING)
    op.execute(POINTS)
    op.execute(REMINDERS)
    op.execute(RECEIPTS)
    for table in OF_ONE_AGENCY:
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy inherited_read on {table} for select"
            " using (agency_id = any ((select app_agencies())::uuid[]))"
        )
        op.execute(
            f"create policy own on {table} using (agency_id = app_agency())"
            " with check (agency_id = app_agency())"
        )


def downgrade() -> None:
    op.execute("""
    drop table receipts;
    drop table reminders;
    drop table reminder_rules;
    drop table delivery_points;
    drop table point_addressees;
    drop table points;
    drop policy origin_reads on deliveries;
    delete from delivery_files using deliveries
      where deliveries.id = delivery_id and document_id is null and origin = 'delivery';
    delete from deliveries where document_id is null and origin = 'delivery';
    alter table deliveries drop constraint ck_deliveries_document;
    alter table deliveries drop column origin_agency_id, drop column covering_instruction,
      drop column forwarded_by_name, drop column forwarding_id,
      add constraint ck_deliveries_document check (
        (origin = 'delivery') = (document_id is not null));
    drop table forwarding_recipients;
    drop table forwardings;
    drop policy inherited_work on assignments;
    drop policy inherited_work on arrivals;
    drop policy recipient_acts on deliveries;
    create policy recipient_acts on deliveries for update
      using (recipient_agency_id = app_agency()) with check (recipient_agency_id = app_agency());
    revoke update (due_on) on assignments from eoffice_app;
    drop table work_files;
    drop table deadline_moves;
    alter table arrivals drop column taken_over_at, drop column taken_over_by,
      drop column unanswered_reason;
    drop table calendar_days;
    """)
