"""The ground: extensions, folding for search, acting settings, outbox, idempotency."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FUNCTIONS = """
-- Text without diacritics and case, for search. IMMUTABLE, so it can stand in indexes: unaccent()
-- with one argument is only STABLE because it looks the dictionary up by search path.
create function vn_fold(t text) returns text language sql immutable parallel safe strict
  set search_path = pg_catalog
  as $$ select lower(public.unaccent('public.unaccent'::regdictionary, normalize(t, NFC))) $$;

-- Separators become blanks before the parser sees them: it would read "960/SGDĐT-CNTTTBTV" as a
-- file name and never find it again.
create function vn_tsv(t text) returns tsvector language sql immutable parallel safe strict
  set search_path = pg_catalog
  as $$ select to_tsvector('simple'::regconfig,
    translate(public.vn_fold(t), '/-–_.&', '      ')) $$;

create function vn_q(t text) returns tsquery language sql immutable parallel safe strict
  set search_path = pg_catalog
  as $$ select websearch_to_tsquery('simple'::regconfig,
    regexp_replace(public.vn_fold(t), '([[:alnum:]])[-/–_.&](?=[[:alnum:]])', '\\1 ', 'g')) $$;

-- For whom the transaction runs; null where nobody was named, and then no policy is satisfied.
create function app_person() returns uuid language sql stable parallel safe
  set search_path = pg_catalog
  as $$ select nullif(current_setting('app.person', true), '')::uuid $$;
create function app_unit() returns uuid language sql stable parallel safe
  set search_path = pg_catalog
  as $$ select nullif(current_setting('app.unit', true), '')::uuid $$;
create function app_agency() returns uuid language sql stable parallel safe
  set search_path = pg_catalog
  as $$ select nullif(current_setting('app.agency', true), '')::uuid $$;
"""


def upgrade() -> None:
    op.execute("create extension if not exists unaccent with schema public")
    op.execute("create extension if not exists pg_trgm with schema public")
    op.execute(FUNCTIONS)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True)),
        sa.Column("failure", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.CheckConstraint(
            "state IN ('waiting', 'sent', 'claimed', 'kept', 'failed')", name="state"
        ),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at"],
        postgresql_where=sa.text("state IN ('waiting', 'sent', 'claimed')"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("request_sha256", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("location", sa.Text()),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "key", name="pk_idempotency_keys"),
    )
    # `eoffice doctor` compares the database's revision with the program's.
    op.execute("grant select on alembic_version to eoffice_worker")
    op.execute("grant select, insert on outbox to eoffice_app")
    op.execute("grant select, insert, update, delete on outbox to eoffice_worker")
    op.execute("grant select, insert, update on idempotency_keys to eoffice_app")
    op.execute("grant select, insert, update, delete on idempotency_keys to eoffice_worker")


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("outbox")
    for function in ("app_agency()", "app_unit()", "app_person()"):
        op.execute(f"drop function {function}")
    for function in ("vn_q(text)", "vn_tsv(text)", "vn_fold(text)"):
        op.execute(f"drop function {function}")
