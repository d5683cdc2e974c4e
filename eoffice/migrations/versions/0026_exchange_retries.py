"""What the exchange could not deliver yet, what a sender outside changed, answers passed back."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = """
create table exchange_undelivered (
  id uuid constraint pk_exchange_undelivered primary key,
  agency_id uuid not null constraint fk_exchange_undelivered_agency_id references units,
  document_id uuid not null constraint fk_exchange_undelivered_document_id references documents,
  organ_id text not null,
  organ_name text not null,
  code text not null,
  why text not null,
  since timestamptz not null,
  ended_at timestamptz,
  ended_by uuid constraint fk_exchange_undelivered_ended_by references persons,
  constraint uq_exchange_undelivered_document_id_organ_id unique (document_id, organ_id)
);
create index ix_exchange_undelivered_open on exchange_undelivered (organ_id)
  where ended_at is null;

create table delivery_changes (
  id uuid constraint pk_delivery_changes primary key,
  agency_id uuid not null constraint fk_delivery_changes_agency_id references units,
  delivery_id uuid not null constraint fk_delivery_changes_delivery_id references deliveries,
  changed_by_id uuid constraint fk_delivery_changes_changed_by_id references deliveries,
  kind text not null constraint ck_delivery_changes_kind
    check (kind in ('recalls', 'amends', 'replaces')),
  words text not null,
  noted_at timestamptz not null,
  constraint ck_delivery_changes_by check ((kind = 'recalls') = (changed_by_id is null)),
  constraint uq_delivery_changes_once unique nulls not distinct (delivery_id, changed_by_id, kind)
);
create index ix_delivery_changes_changed_by_id on delivery_changes (changed_by_id)
  where changed_by_id is not null;

create table forwarded_answers (
  delivery_id uuid constraint pk_forwarded_answers primary key
    constraint fk_forwarded_answers_delivery_id references deliveries,
  agency_id uuid not null constraint fk_forwarded_answers_agency_id references units,
  forwarding_id uuid not null constraint fk_forwarded_answers_forwarding_id references forwardings,
  arrival_id uuid not null constraint fk_forwarded_answers_arrival_id references arrivals
);
create index ix_forwarded_answers_arrival_id on forwarded_answers (arrival_id);
"""

RIGHTS = """
alter table exchange_undelivered enable row level security;
create policy own_read on exchange_undelivered for select using (
  agency_id = any ((select app_agencies())::uuid[]) or (select app_operates()));
create policy own_acts on exchange_undelivered for update
  using (agency_id = app_agency() or (select app_operates()))
  with check (agency_id = app_agency() or (select app_operates()));
alter table delivery_changes enable row level security;
create policy own_read on delivery_changes for select
  using (agency_id = any ((select app_agencies())::uuid[]));
alter table forwarded_answers enable row level security;
create policy own_read on forwarded_answers for select
  using (agency_id = any ((select app_agencies())::uuid[]));

grant select on exchange_undelivered, delivery_changes, forwarded_answers to eoffice_app;
grant update (ended_at, ended_by) on exchange_undelivered to eoffice_app;
grant select, insert, update on exchange_undelivered to eoffice_worker;
grant select, insert on delivery_changes, forwarded_answers to eoffice_worker;
"""

BEFORE = "'refused', 'answered', 'addressed', 'recalled', 'recall_agreed', 'recall_refused'"
NOTICES = f"{BEFORE}, 'changed', 'outside_refused', 'outside_answered'"


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(RIGHTS)
    _kinds(NOTICES)


def downgrade() -> None:
    op.execute(
        "delete from notices where kind in ('changed', 'outside_refused', 'outside_answered')"
    )
    _kinds(BEFORE)
    op.execute("drop table forwarded_answers")
    op.execute("drop table delivery_changes")
    op.execute("drop table exchange_undelivered")


def _kinds(kinds: str) -> None:
    op.execute(
        "alter table notices drop constraint ck_notices_kind,"
        f" add constraint ck_notices_kind check (kind in ({kinds}))"
    )
