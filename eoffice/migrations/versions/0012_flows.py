"""Approval flows per unit and type, initials, comments on a place, substitution."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

#: Whom a step asks and for what; the same words in the configuration and in a flow that runs.
ASKED = """
  stage integer not null,
  ordinal integer not null,
  task text not null constraint ck_{table}_task check (task in
    ('check_content', 'consult', 'initial_content', 'check_form', 'initial_form')),
  asked text not null constraint ck_{table}_asked check (asked in
    ('drafting_head', 'position', 'person')),
  position_kind text constraint ck_{table}_position_kind check (position_kind in
    ('head', 'deputy_head', 'office_head', 'office_deputy', 'specialist', 'clerk', 'teacher',
     'inspector', 'operator')),
  unit_id uuid constraint fk_{table}_unit_id references units,
  person_id uuid constraint fk_{table}_person_id references persons,
  position_id uuid constraint fk_{table}_position_id references positions,
  working_days integer constraint ck_{table}_working_days check (working_days > 0),
  constraint ck_{table}_who check (
    (asked = 'position') = (position_kind is not null)
    and (asked = 'position') = (unit_id is not null)
    and (asked = 'person') = (person_id is not null)
    and (asked = 'person') = (position_id is not null))
"""

FLOWS = """
create table approval_flows (
  id uuid constraint pk_approval_flows primary key,
  agency_id uuid not null constraint fk_approval_flows_agency_id references units,
  drafting_unit_id uuid constraint fk_approval_flows_drafting_unit_id references units,
  type text,
  set_by uuid not null constraint fk_approval_flows_set_by references persons,
  set_at timestamptz not null,
  ended_by uuid constraint fk_approval_flows_ended_by references persons,
  ended_at timestamptz,
  constraint ck_approval_flows_ended check ((ended_by is null) = (ended_at is null))
);
create unique index uq_approval_flows_in_use on approval_flows
  (agency_id, drafting_unit_id, type) nulls not distinct where ended_at is null;
create table approval_flow_steps (
  flow_id uuid not null constraint fk_approval_flow_steps_flow_id references approval_flows,
  agency_id uuid not null constraint fk_approval_flow_steps_agency_id references units,
  {planned},
  constraint pk_approval_flow_steps primary key (flow_id, stage, ordinal)
);
create table document_flow_steps (
  id uuid constraint pk_document_flow_steps primary key,
  document_id uuid not null constraint fk_document_flow_steps_document_id references documents,
  agency_id uuid not null constraint fk_document_flow_steps_agency_id references units,
  round integer not null,
  {taken},
  state text not null constraint ck_document_flow_steps_state check (state in
    ('planned', 'waiting', 'agreed', 'answered_before', 'returned', 'dropped')),
  opened_at timestamptz,
  due_on date,
  ended_at timestamptz,
  ended_by uuid constraint fk_document_flow_steps_ended_by references persons,
  in_place_of uuid constraint fk_document_flow_steps_in_place_of references persons,
  words text not null,
  field text,
  content_sha256 text,
  constraint uq_document_flow_steps_place unique (document_id, round, stage, ordinal),
  constraint ck_document_flow_steps_initials
    check ((task in ('initial_content', 'initial_form')) = (field is not null))
);
create index ix_document_flow_steps_waiting on document_flow_steps (agency_id, document_id)
  where state = 'waiting';
create index ix_document_flow_steps_ended_by on document_flow_steps (ended_by);
grant select, insert on approval_flows, approval_flow_steps, document_flow_steps
  to eoffice_app, eoffice_worker;
grant update (ended_by, ended_at) on approval_flows to eoffice_app, eoffice_worker;
grant update (asked, position_kind, unit_id, person_id, position_id, state, opened_at, due_on,
  ended_at, ended_by, in_place_of, words, content_sha256) on document_flow_steps
  to eoffice_app, eoffice_worker;
"""

#: Documents that are under way go on as they were begun: head of the drafting unit, then the clerk.
UNDER_WAY = """
insert into document_flow_steps (id, document_id, agency_id, round, stage, ordinal, task, asked,
  position_kind, unit_id, state, opened_at, ended_at, words)
select gen_random_uuid(), d.id, d.agency_id,
  (select max(v.ordinal) from document_versions v where v.document_id = d.id),
  s.stage, 1, s.task, s.asked, s.position_kind,
  case s.asked when 'position' then d.agency_id end,
  case when d.state = 'awaiting_signature' or (d.state = 'checking' and s.stage = 1) then 'agreed'
    when d.state = 'submitted' and s.stage = 2 then 'planned'
    else 'waiting' end,
  case when d.state = 'submitted' and s.stage = 2 then null else d.state_since end,
  case when d.state = 'awaiting_signature' or (d.state = 'checking' and s.stage = 1)
    then d.state_since end,
  ''
from documents d cross join (values
  (1, 'check_content', 'drafting_head', null), (2, 'check_form', 'position', 'clerk')
) as s (stage, task, asked, position_kind)
where d.state in ('submitted', 'checking', 'awaiting_signature');
"""

COMMENTS = """
create table comment_places (
  comment_id uuid constraint pk_comment_places primary key
    constraint fk_comment_places_comment_id references document_comments,
  agency_id uuid not null constraint fk_comment_places_agency_id references units,
  page integer constraint ck_comment_places_page check (page > 0),
  area double precision[],
  block integer constraint ck_comment_places_block check (block > 0),
  quote text not null,
  constraint ck_comment_places_area check (
    area is null or (page is not null and cardinality(area) = 4)),
  constraint ck_comment_places_somewhere check (page is not null or block is not null)
);
create table comment_answers (
  comment_id uuid constraint pk_comment_answers primary key
    constraint fk_comment_answers_comment_id references document_comments,
  agency_id uuid not null constraint fk_comment_answers_agency_id references units,
  text text not null,
  answered_by uuid not null constraint fk_comment_answers_answered_by references persons,
  answered_at timestamptz not null
);
create table document_writers (
  document_id uuid constraint pk_document_writers primary key
    constraint fk_document_writers_document_id references documents,
  agency_id uuid not null constraint fk_document_writers_agency_id references units,
  person_id uuid not null constraint fk_document_writers_person_id references persons,
  since timestamptz not null
);
create index ix_document_writers_person_id on document_writers (person_id);
grant select, insert on comment_places, comment_answers, document_writers
  to eoffice_app, eoffice_worker;
grant update (person_id, since) on document_writers to eoffice_app, eoffice_worker;
"""

VERSIONS = """
-- A version is credited to who wrote it last, not to who returned the one before.
grant update (created_by) on document_versions to eoffice_app, eoffice_worker;
alter table document_versions drop constraint ck_document_versions_kind;
alter table document_versions add constraint ck_document_versions_kind
  check (kind in ('draft', 'initialled', 'signed', 'numbered', 'sealed'));
"""

ABSENCES = """
create table staff_absences (
  id uuid constraint pk_staff_absences primary key,
  appointment_id uuid not null constraint fk_staff_absences_appointment_id references appointments,
  agency_id uuid not null constraint fk_staff_absences_agency_id references units,
  person_id uuid not null constraint fk_staff_absences_person_id references persons,
  substitute_id uuid not null constraint fk_staff_absences_substitute_id references persons,
  first_day date not null,
  last_day date not null,
  reason text not null,
  stated_by uuid not null constraint fk_staff_absences_stated_by references persons,
  stated_at timestamptz not null,
  ended_at timestamptz,
  constraint ck_staff_absences_days check (last_day >= first_day),
  constraint ck_staff_absences_somebody_else check (substitute_id <> person_id)
);
create index ix_staff_absences_person_id on staff_absences (person_id);
create index ix_staff_absences_substitute_id on staff_absences (substitute_id);
create index ix_staff_absences_agency_id on staff_absences (agency_id);
grant select, insert on staff_absences to eoffice_app, eoffice_worker;
grant update (ended_at) on staff_absences to eoffice_app, eoffice_worker;
"""

#: In the order in which they can be dropped.
TABLES = (
    "staff_absences",
    "document_writers",
    "comment_answers",
    "comment_places",
    "document_flow_steps",
    "approval_flow_steps",
    "approval_flows",
)


def upgrade() -> None:
    op.execute(
        FLOWS.replace("{planned}", ASKED.replace("{table}", "approval_flow_steps")).replace(
            "{taken}", ASKED.replace("{table}", "document_flow_steps")
        )
    )
    op.execute(UNDER_WAY)
    op.execute(COMMENTS)
    op.execute(VERSIONS)
    op.execute(ABSENCES)
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy agency on {table}"
            " using (agency_id = app_agency()) with check (agency_id = app_agency())"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"drop table {table}")
    op.execute("revoke update (created_by) on document_versions from eoffice_app, eoffice_worker")
    op.execute("alter table document_versions drop constraint ck_document_versions_kind")
    # A version with initials is its draft with signatures that the older office does not know.
    op.execute("alter table document_versions disable trigger frozen")
    op.execute("update document_versions set kind = 'draft' where kind = 'initialled'")
    op.execute("alter table document_versions enable trigger frozen")
    op.execute(
        "alter table document_versions add constraint ck_document_versions_kind"
        " check (kind in ('draft', 'signed', 'numbered', 'sealed'))"
    )
