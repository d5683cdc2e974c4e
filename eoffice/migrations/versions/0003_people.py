"""Units, persons, appointments, sign-in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

IS_WITHIN = """
-- Whether `unit` is `ancestor`, stands below it, or is a predecessor of one that does: who took
-- over a unit that ended sees its records. Defined with the owner's rights, because policies of
-- other tables call it.
create function is_within(unit uuid, ancestor uuid) returns boolean
  language sql stable security definer parallel safe
  set search_path = pg_catalog, pg_temp
  as $$
    with recursive above(id) as (
      select unit
      union
      select step.id from above cross join lateral (
        select u.parent_id from public.units u where u.id = above.id
        union all
        select s.successor_id from public.unit_successions s where s.predecessor_id = above.id
      ) as step(id)
      where step.id is not null
    )
    select exists (select from above where above.id = ancestor)
  $$;
revoke execute on function is_within(uuid, uuid) from public;
grant execute on function is_within(uuid, uuid) to eoffice_app, eoffice_worker;
"""

#: Table -> what the web process may do with its rows; the worker may do the same and delete.
GRANTS = {
    "units": "select, insert, update",
    "former_units": "select, insert",
    "unit_successions": "select, insert",
    "persons": "select, insert, update",
    "former_passwords": "select, insert, delete",
    "positions": "select, insert, update",
    "appointments": "select, insert, update",
    "delegations": "select, insert, update",
    "sessions": "select, insert, update, delete",
    "api_tokens": "select, insert, update",
    "sign_in_attempts": "select, insert, update",
    "totp": "select, insert, update, delete",
    "recovery_codes": "select, insert, update, delete",
}


def upgrade() -> None:
    op.create_table(
        "units",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organ_id", sa.Text()),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("letterhead_name", sa.Text()),
        sa.Column("superior_name", sa.Text()),
        sa.Column("notation", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text()),
        sa.Column("parent_id", sa.Uuid()),
        sa.Column("agency_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column(
            "name_folded", sa.Text(), sa.Computed("vn_fold(name)", persisted=True), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_units"),
        sa.UniqueConstraint("organ_id", name="uq_units_organ_id"),
        sa.UniqueConstraint("code", name="uq_units_code"),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name="fk_units_parent_id"),
        sa.ForeignKeyConstraint(["agency_id"], ["units.id"], name="fk_units_agency_id"),
        sa.CheckConstraint(
            "kind IN ('department', 'office', 'district_office', 'commune_office', 'school')",
            name="kind",
        ),
        sa.CheckConstraint(
            "level IN ('preschool', 'primary', 'primary_and_lower_secondary', 'lower_secondary',"
            " 'lower_and_upper_secondary', 'upper_secondary')",
            name="level",
        ),
        sa.CheckConstraint("(level IS NOT NULL) = (kind = 'school')", name="level_of_schools"),
        sa.CheckConstraint("(agency_id = id) = (kind <> 'office')", name="offices_have_agencies"),
        sa.CheckConstraint("length(organ_id) <= 35", name="organ_id_length"),
        sa.CheckConstraint("valid_to >= valid_from", name="dates"),
    )
    op.create_index("ix_units_parent_id", "units", ["parent_id"])
    op.create_index("ix_units_agency_id", "units", ["agency_id"])
    op.create_index(
        "ix_units_name_folded",
        "units",
        ["name_folded"],
        postgresql_using="gin",
        postgresql_ops={"name_folded": "gin_trgm_ops"},
    )
    op.create_table(
        "former_units",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("letterhead_name", sa.Text()),
        sa.Column("superior_name", sa.Text()),
        sa.Column("notation", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid()),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "until", name="pk_former_units"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_former_units_unit_id"),
        sa.ForeignKeyConstraint(["parent_id"], ["units.id"], name="fk_former_units_parent_id"),
    )
    op.create_table(
        "unit_successions",
        sa.Column("predecessor_id", sa.Uuid(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("predecessor_id", "successor_id", name="pk_unit_successions"),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["units.id"], name="fk_unit_successions_predecessor_id"
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["units.id"], name="fk_unit_successions_successor_id"
        ),
        sa.CheckConstraint("predecessor_id <> successor_id", name="not_itself"),
    )
    op.create_index("ix_unit_successions_successor_id", "unit_successions", ["successor_id"])
    op.execute(IS_WITHIN)
    _create_people()
    _create_sign_in()
    for table, rights in GRANTS.items():
        op.execute(f"grant {rights} on {table} to eoffice_app")
        op.execute(f"grant select, insert, update, delete on {table} to eoffice_worker")


def _create_people() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("password_set_at", sa.DateTime(timezone=True)),
        sa.Column("password_is_foreign", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "name_folded",
            sa.Text(),
            sa.Computed("vn_fold(full_name)", persisted=True),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_persons"),
        sa.UniqueConstraint("login", name="uq_persons_login"),
        sa.CheckConstraint("login = lower(login)", name="login_is_lower_case"),
    )
    op.create_index(
        "ix_persons_name_folded",
        "persons",
        ["name_folded"],
        postgresql_using="gin",
        postgresql_ops={"name_folded": "gin_trgm_ops"},
    )
    op.create_table(
        "former_passwords",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "replaced_at", name="pk_former_passwords"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name="fk_former_passwords_person_id"
        ),
    )
    op.create_table(
        "positions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_positions"),
        sa.UniqueConstraint("unit_id", "title", name="uq_positions_unit_id"),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name="fk_positions_unit_id"),
        sa.CheckConstraint(
            "kind IN ('head', 'deputy_head', 'office_head', 'office_deputy', 'specialist',"
            " 'clerk', 'teacher', 'inspector', 'operator')",
            name="kind",
        ),
    )
    op.create_table(
        "appointments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("manner", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_appointments"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_appointments_person_id"),
        sa.ForeignKeyConstraint(
            ["position_id"], ["positions.id"], name="fk_appointments_position_id"
        ),
        sa.CheckConstraint("manner IN ('appointed', 'acting')", name="manner"),
        sa.CheckConstraint("valid_to >= valid_from", name="dates"),
    )
    op.create_index("ix_appointments_person_id", "appointments", ["person_id"])
    op.create_index("ix_appointments_position_id", "appointments", ["position_id"])
    op.create_table(
        "delegations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_position_id", sa.Uuid(), nullable=False),
        sa.Column("to_person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("document_reference", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delegations"),
        sa.ForeignKeyConstraint(
            ["from_position_id"], ["positions.id"], name="fk_delegations_from_position_id"
        ),
        sa.ForeignKeyConstraint(
            ["to_person_id"], ["persons.id"], name="fk_delegations_to_person_id"
        ),
        sa.CheckConstraint("kind IN ('order', 'authorisation')", name="kind"),
        sa.CheckConstraint("valid_to >= valid_from", name="dates"),
        sa.CheckConstraint(
            "kind <> 'authorisation' OR valid_to IS NOT NULL",
            name="authorisations_end",
        ),
    )
    op.create_index("ix_delegations_from_position_id", "delegations", ["from_position_id"])
    op.create_index("ix_delegations_to_person_id", "delegations", ["to_person_id"])


def _create_sign_in() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.UniqueConstraint("token_sha256", name="uq_sessions_token_sha256"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_sessions_person_id"),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name="fk_sessions_appointment_id"
        ),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("token_sha256", name="uq_api_tokens_token_sha256"),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name="fk_api_tokens_appointment_id"
        ),
    )
    op.create_index("ix_api_tokens_appointment_id", "api_tokens", ["appointment_id"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("login_hash", sa.LargeBinary(), nullable=False),
        sa.Column("source_hash", sa.LargeBinary(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_attempts"),
    )
    op.create_index("ix_sign_in_attempts_login", "sign_in_attempts", ["login_hash", "attempted_at"])
    op.create_index(
        "ix_sign_in_attempts_source", "sign_in_attempts", ["source_hash", "attempted_at"]
    )
    op.create_table(
        "totp",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_totp"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_totp_person_id"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("code_hash", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_recovery_codes_person_id"),
    )
    op.create_index(
        "ix_recovery_codes_unused",
        "recovery_codes",
        ["person_id"],
        postgresql_where=sa.text("used_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("drop function is_within(uuid, uuid)")
    for table in reversed(GRANTS):
        op.drop_table(table)
