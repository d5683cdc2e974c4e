"""The append-only audit log and its Merkle tree."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: Triggers bind the owner of the tables too; only a superuser could switch them off, and then the
#: signed heads of the tree tell.
APPEND_ONLY = """
create function refuse_change() returns trigger language plpgsql
  set search_path = pg_catalog
  as $$ begin
    raise exception 'rows of % are never changed or deleted', tg_table_name
      using errcode = 'insufficient_privilege';
  end $$;

-- The place of an event is written once; everything else stays as it was recorded.
create function allow_place_only() returns trigger language plpgsql
  set search_path = pg_catalog
  as $$ begin
    if old.leaf_index is null and new.leaf_index is not null
       and (to_jsonb(new) - array['leaf_index', 'leaf_hash'])
         = (to_jsonb(old) - array['leaf_index', 'leaf_hash']) then
      return new;
    end if;
    raise exception 'rows of audit_events are never changed or deleted'
      using errcode = 'insufficient_privilege';
  end $$;

create trigger place_only before update on audit_events
  for each row execute function allow_place_only();
create trigger never_deleted before delete on audit_events
  for each row execute function refuse_change();
create trigger never_emptied before truncate on audit_events
  for each statement execute function refuse_change();
"""


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("appointment_id", sa.Uuid()),
        sa.Column("position_title", sa.Text()),
        sa.Column("unit_id", sa.Uuid()),
        sa.Column("unit_name", sa.Text()),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.Column("leaf_index", sa.BigInteger()),
        sa.Column("leaf_hash", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.UniqueConstraint("leaf_index", name="uq_audit_events_leaf_index"),
        sa.CheckConstraint("actor_kind IN ('person', 'process')", name="actor_kind"),
        sa.CheckConstraint("(actor_kind = 'person') = (person_id IS NOT NULL)", name="person"),
        sa.CheckConstraint("(leaf_index IS NULL) = (leaf_hash IS NULL)", name="leaf"),
    )
    op.create_index("ix_audit_events_object", "audit_events", ["object_kind", "object_id", "id"])
    op.create_index("ix_audit_events_at", "audit_events", ["at", "id"])
    op.create_index("ix_audit_events_person_id", "audit_events", ["person_id", "at"])
    op.create_index(
        "ix_audit_events_without_place",
        "audit_events",
        ["id"],
        postgresql_where=sa.text("leaf_index IS NULL"),
    )
    op.create_table(
        "merkle_nodes",
        sa.Column("level", sa.SmallInteger(), nullable=False, autoincrement=False),
        sa.Column("index", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "index", name="pk_merkle_nodes"),
        sa.CheckConstraint("level >= 1", name="level"),
    )
    op.create_table(
        "tree_heads",
        sa.Column("size", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("root_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("log_id", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_tree_heads"),
    )
    op.execute(APPEND_ONLY)
    for table in ("merkle_nodes", "tree_heads"):
        op.execute(
            f"create trigger never_changed before update or delete on {table}"
            " for each row execute function refuse_change()"
        )
        op.execute(
            f"create trigger never_emptied before truncate on {table}"
            " for each statement execute function refuse_change()"
        )
    op.execute("grant select, insert on audit_events to eoffice_app, eoffice_worker")
    op.execute("grant update (leaf_index, leaf_hash) on audit_events to eoffice_worker")
    op.execute("grant select on merkle_nodes, tree_heads to eoffice_app")
    op.execute("grant select, insert on merkle_nodes, tree_heads to eoffice_worker")


def downgrade() -> None:
    for table in ("tree_heads", "merkle_nodes", "audit_events"):
        op.drop_table(table)
    op.execute("drop function allow_place_only()")
    op.execute("drop function refuse_change()")
