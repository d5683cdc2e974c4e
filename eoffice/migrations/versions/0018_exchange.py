"""Exchange of documents with other systems: peers, their code lists, the log of messages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

#: Peers and codes hold no secret, only names of secrets; the log is for the agency and operators.
POLICIES = """
-- The partner that speaks in this transaction, once it has shown who it is.
create function app_peer() returns uuid language sql stable parallel safe
  set search_path = pg_catalog
  as $$ select nullif(current_setting('app.peer', true), '')::uuid $$;
revoke execute on function app_peer() from public;
grant execute on function app_peer() to eoffice_app, eoffice_worker;
alter table exchange_messages enable row level security;
create policy own_read on exchange_messages for select using (
  agency_id = any ((select app_agencies())::uuid[]) or (select app_operates()));
create policy own_acts on exchange_messages for update
  using (agency_id = app_agency() or (select app_operates()))
  with check (agency_id = app_agency() or (select app_operates()));
create policy peer_reads on exchange_messages for select using (peer_id = app_peer());
create policy peer_brings on exchange_messages for insert with check (
  peer_id = app_peer() and direction = 'in' and state = 'received' and agency_id is null);
create policy peer_collects on exchange_messages for update
  using (peer_id = app_peer() and direction = 'out')
  with check (peer_id = app_peer() and direction = 'out');
"""

GRANTS = """
grant select, insert on exchange_peers to eoffice_app;
grant update (aliases, name, gateway, address, system_id, outgoing_secret, incoming_secret,
  seal_secret, signer_name, requires_signature, is_active, changed_at)
  on exchange_peers to eoffice_app;
grant select, insert, delete on exchange_codes to eoffice_app;
grant select, insert on exchange_messages to eoffice_app;
grant update (state, attempts, next_try_at, failure, ended_at) on exchange_messages to eoffice_app;
grant select, insert, update on exchange_peers, exchange_messages to eoffice_worker;
grant select, insert, update, delete on exchange_codes to eoffice_worker;
"""


def upgrade() -> None:
    op.create_table(
        "exchange_peers",
        sa.Column("id", sa.Uuid(), nullable=False),
        _text("organ_id"),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), nullable=False),
        *map(
            _text,
            (
                "name",
                "gateway",
                "address",
                "system_id",
                "outgoing_secret",
                "incoming_secret",
                "seal_secret",
                "signer_name",
            ),
        ),
        sa.Column("requires_signature", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _instant("created_at", nullable=False),
        _instant("changed_at", nullable=False),
        _instant("fetched_at"),
        _text("fetch_failure", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_peers"),
        sa.UniqueConstraint("organ_id", name="uq_exchange_peers_organ_id"),
        sa.CheckConstraint(
            "gateway IN ('http', 'folder', 'axis')", name=op.f("ck_exchange_peers_gateway")
        ),
        sa.CheckConstraint(
            "length(organ_id) <= 35", name=op.f("ck_exchange_peers_organ_id_length")
        ),
    )
    op.create_table(
        "exchange_codes",
        sa.Column("peer_id", sa.Uuid(), nullable=False),
        *map(_text, ("list", "theirs", "ours")),
        sa.Column("is_written", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("peer_id", "list", "theirs", name="pk_exchange_codes"),
        _names("exchange_codes", "peer_id", "exchange_peers"),
        sa.CheckConstraint(
            "list IN ('document_type', 'priority', 'steering', 'answer')",
            name=op.f("ck_exchange_codes_list"),
        ),
    )
    op.create_index(
        "uq_exchange_codes_written",
        "exchange_codes",
        ["peer_id", "list", "ours"],
        unique=True,
        postgresql_where=sa.text("is_written"),
    )
    _messages()
    op.execute(POLICIES)
    op.execute(GRANTS)


def _messages() -> None:
    op.create_table(
        "exchange_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Uuid()),
        sa.Column("peer_id", sa.Uuid(), nullable=False),
        _text("direction"),
        _text("kind", nullable=True),
        *map(_text, ("state", "message_id", "organ_id", "organ_name", "edxml_document_id", "code")),
        _text("business_type", nullable=True),
        _text("status_code", nullable=True),
        _text("words", nullable=True),
        _instant("told_at"),
        _text("content_sha256", nullable=True),
        sa.Column("size_bytes", sa.Integer()),
        sa.Column("document_id", sa.Uuid()),
        sa.Column("delivery_id", sa.Uuid()),
        _text("signature_state", nullable=True),
        _text("signature_words", nullable=True),
        _text("signer", nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _instant("next_try_at"),
        _text("failure", nullable=True),
        _instant("created_at", nullable=False),
        _instant("ended_at"),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_messages"),
        sa.UniqueConstraint(
            "direction",
            "peer_id",
            "message_id",
            name="uq_exchange_messages_direction_peer_id_message_id",
        ),
        _names("exchange_messages", "agency_id", "units"),
        _names("exchange_messages", "peer_id", "exchange_peers"),
        _names("exchange_messages", "document_id", "documents"),
        _names("exchange_messages", "delivery_id", "deliveries"),
        _check("direction", "direction IN ('out', 'in')"),
        _check("kind", "kind IN ('document', 'status')"),
        _check(
            "state",
            "state IN ('waiting', 'sent', 'failed', 'received', 'done', 'held', 'asking',"
            " 'discarded')",
        ),
        _check("business_type", "business_type IN ('0', '1', '2', '3')"),
        _check(
            "signature_state",
            "signature_state IN ('absent', 'valid', 'broken', 'weak', 'untrusted', 'unknown',"
            " 'other_signer')",
        ),
        _check("content", "direction = 'out' OR content_sha256 IS NOT NULL"),
    )
    op.create_index("ix_exchange_messages_log", "exchange_messages", ["created_at", "id"])
    op.create_index(
        "ix_exchange_messages_named", "exchange_messages", ["direction", "edxml_document_id"]
    )
    for column in ("document_id", "delivery_id"):
        op.create_index(
            f"ix_exchange_messages_{column}",
            "exchange_messages",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )


def downgrade() -> None:
    for table in ("exchange_messages", "exchange_codes", "exchange_peers"):
        op.drop_table(table)
    op.execute("drop function app_peer()")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _names(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_exchange_messages_{name}"))
