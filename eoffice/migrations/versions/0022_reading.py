"""Who looked at a document: shown to its agency, and quick to find.

Looks are events of the log, which are only ever added. The log grows by them more than by anything
else, so the list of a document's looks has an index of its own, in the order in which it is shown.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ROLES = "eoffice_app, eoffice_worker"

#: Names never change, so that the function may be called immutable.
LOOKS = """
create function is_look(action text) returns boolean language sql immutable parallel safe
  return action in (
    'document.viewed', 'document.downloaded', 'document.printed',
    'delivery.viewed', 'delivery.downloaded', 'delivery.printed',
    'scan.viewed', 'scan.downloaded', 'scan.printed');

create index ix_audit_events_looks on audit_events (object_id, at desc, id desc)
  where is_look(action);

alter table audit_events enable row level security;
create policy added on audit_events for insert with check (true);
-- Queries of the log ask for their own rights; what people read is their agency's business alone.
create policy looks_of_the_agency on audit_events for select using (
  case when is_look(action)
    then agency_id = any (app_agencies()) or is_within(agency_id, app_agency())
    else true end
);
"""


def upgrade() -> None:
    op.execute(LOOKS)
    op.execute("revoke execute on function is_look(text) from public")
    op.execute(f"grant execute on function is_look(text) to {ROLES}")


def downgrade() -> None:
    op.execute("drop policy looks_of_the_agency on audit_events")
    op.execute("drop policy added on audit_events")
    op.execute("alter table audit_events disable row level security")
    op.execute("drop index ix_audit_events_looks")
    op.execute("drop function is_look(text)")
