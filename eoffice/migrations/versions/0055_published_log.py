"""Heads of the log that left the building: time-stamps, witnesses and what they signed."""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

#: Row-level security hides from each agency what people of another one looked at. A digest says
#: nothing about that, and without it no proof beside such an event could be computed.
UP = """
create function leaf_digests(low bigint, high bigint)
  returns table (leaf_index bigint, leaf_hash bytea)
  language sql stable parallel safe security definer set search_path = pg_catalog
  as $$ select e.leaf_index, e.leaf_hash from public.audit_events e
        where e.leaf_index >= low and e.leaf_index < high order by e.leaf_index $$;
revoke execute on function leaf_digests(bigint, bigint) from public;
grant execute on function leaf_digests(bigint, bigint) to eoffice_app, eoffice_worker;

create table published_heads (
  size bigint constraint pk_published_heads primary key
    constraint fk_published_heads_size references tree_heads,
  published_at timestamptz not null
);
create table head_timestamps (
  size bigint constraint pk_head_timestamps primary key
    constraint fk_head_timestamps_size references published_heads,
  token bytea not null,
  stamped_at timestamptz not null
);
create table witnesses (
  name text constraint pk_witnesses primary key,
  key text not null,
  registered_at timestamptz not null,
  retired_at timestamptz
);
create table cosignatures (
  size bigint not null constraint fk_cosignatures_size references published_heads,
  witness text not null constraint fk_cosignatures_witness references witnesses,
  line text not null,
  cosigned_at timestamptz not null,
  received_at timestamptz not null,
  constraint pk_cosignatures primary key (size, witness)
);
create index ix_cosignatures_witness on cosignatures (witness, size desc);
grant select on published_heads, head_timestamps, witnesses, cosignatures
  to eoffice_app, eoffice_worker;
grant insert on published_heads, head_timestamps, witnesses to eoffice_worker;
grant update (retired_at) on witnesses to eoffice_worker;
grant insert on cosignatures to eoffice_app;
"""

DOWN = """
drop table cosignatures;
drop table witnesses;
drop table head_timestamps;
drop table published_heads;
drop function leaf_digests(bigint, bigint);
"""


def upgrade() -> None:
    op.execute(UP)
    for table in ("published_heads", "head_timestamps", "cosignatures"):
        op.execute(
            f"create trigger never_changed before update or delete on {table}"
            " for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger never_emptied before truncate on {table}"
            " for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    op.execute(DOWN)
