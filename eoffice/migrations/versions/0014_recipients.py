"""Recipients: rules, people, outside agencies; issue at a time; recall and correction."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PURPOSES = "'action', 'report', 'cooperation', 'supervision', 'information'"
CHANNELS = "'exchange', 'email', 'post'"
CORRECTIONS = "'corrects', 'amends', 'replaces'"
DELIVERY_STATES = "'delivered', 'opened', 'registered', 'refused', 'assigned', 'done'"
ARRIVAL_STATES = "'registered', 'submitted', 'assigned', 'in_progress', 'done'"
NOTICES = "'refused', 'answered'"

#: Rows of one agency -> what may be done with them besides reading and adding.
OF_ONE_AGENCY = {
    "recipient_groups": "update (name, rule, kept_by, kept_at), delete",
    "outside_organisations": "update (name, organ_id, channel, email, postal_address, ended_at)",
    "recipient_snapshots": "update (unit_ids, taken_at)",
    "scheduled_issues": "update (state, ended_at, ended_by, failure)",
    "corrections": "delete",
    "issuance_people": "",
    "issuance_outside": "update (sent_at, sent_by, sent_note)",
}

#: What was recalled stays as it was, at the sender and at the recipients; only revisions of the
#: database itself (the owner) may still touch the rows.
FROZEN = """
create function refuse_change_of_recalled() returns trigger language plpgsql
  set search_path = pg_catalog
  as $$ begin
    if current_user in ('eoffice_app', 'eoffice_worker') then
      raise exception 'what was recalled is never changed'
        using errcode = 'insufficient_privilege';
    end if;
    return coalesce(new, old);
  end $$;
create trigger recalled before update or delete on documents
  for each row when (old.state = 'withdrawn') execute function refuse_change_of_recalled();
create trigger recalled before update or delete on deliveries
  for each row when (old.state = 'recalled') execute function refuse_change_of_recalled();
create trigger recalled before update or delete on arrivals
  for each row when (old.state = 'recalled') execute function refuse_change_of_recalled();

-- What hangs on a withdrawn document: text, files, recipients.
create function refuse_change_below_recalled() returns trigger language plpgsql
  set search_path = pg_catalog
  as $$ declare of_document uuid; begin
    of_document := case when tg_op = 'DELETE' then old.document_id else new.document_id end;
    if current_user in ('eoffice_app', 'eoffice_worker') and exists (
      select from public.documents d where d.id = of_document and d.state = 'withdrawn'
    ) then
      raise exception 'what was recalled is never changed'
        using errcode = 'insufficient_privilege';
    end if;
    return coalesce(new, old);
  end $$;
"""
BELOW = (
    "document_versions",
    "attachments",
    "document_recipients",
    "issuance_recipients",
    "issuance_people",
    "corrections",
)

#: The sender reads how each recipient answered; the recipient answers, in the columns granted.
RECALLS = """
alter table delivery_recalls enable row level security;
create policy both_read on delivery_recalls for select using (
  sender_agency_id = any ((select app_agencies())::uuid[])
  or recipient_agency_id = any ((select app_agencies())::uuid[]));
create policy recipient_answers on delivery_recalls for update
  using (recipient_agency_id = app_agency()) with check (recipient_agency_id = app_agency());
grant select, update (state, answered_at, answered_by, answer) on delivery_recalls to eoffice_app;
grant select, insert, update on delivery_recalls to eoffice_worker;

-- The files of a recalled copy are the sender's alone.
drop policy as_its_delivery on delivery_files;
create policy as_its_delivery on delivery_files for select using (
  exists (select from deliveries d where d.id = delivery_files.delivery_id
    and (d.state <> 'recalled' or d.sender_agency_id = any ((select app_agencies())::uuid[]))));
"""


def upgrade() -> None:
    _choice()
    _tables()
    _deliveries()
    for table, rights in OF_ONE_AGENCY.items():
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy agency on {table}"
            " using (agency_id = app_agency()) with check (agency_id = app_agency())"
        )
        granted = ", ".join(filter(None, ("select, insert", rights)))
        op.execute(f"grant {granted} on {table} to eoffice_app, eoffice_worker")
    op.execute(RECALLS)
    op.execute(FROZEN)
    for table in BELOW:
        op.execute(
            f"create trigger recalled before insert or update or delete on {table}"
            " for each row execute function refuse_change_below_recalled()"
        )


def _choice() -> None:
    """Of a draft and of its issue: purposes, rules, people, outside agencies."""
    for column in (
        sa.Column("purpose", sa.Text(), nullable=False, server_default="action"),
        sa.Column("rule", JSONB()),
        sa.Column("rule_name", sa.Text()),
        sa.Column("appointment_id", sa.Uuid()),
        sa.Column("organisation_id", sa.Uuid()),
    ):
        op.add_column("document_recipients", column)
    op.alter_column("document_recipients", "purpose", server_default=None)
    op.create_foreign_key(
        "fk_document_recipients_appointment_id",
        "document_recipients",
        "appointments",
        ["appointment_id"],
        ["id"],
    )
    _changed(
        "document_recipients", "kind", "kind IN ('unit', 'group', 'rule', 'person', 'outside')"
    )
    _checked("document_recipients", "purpose", f"purpose IN ({PURPOSES})")
    op.drop_constraint(
        op.f("ck_document_recipients_unit_or_group"), "document_recipients", type_="check"
    )
    _checked(
        "document_recipients",
        "one_target",
        "(kind = 'unit') = (unit_id IS NOT NULL) AND (kind = 'group') = (group_code IS NOT NULL)"
        " AND (kind = 'rule') = (rule IS NOT NULL)"
        " AND (kind = 'person') = (appointment_id IS NOT NULL)"
        " AND (kind = 'outside') = (organisation_id IS NOT NULL)",
    )
    for column in (
        sa.Column("purpose", sa.Text(), nullable=False, server_default="action"),
        sa.Column("named_by", sa.Text()),
        sa.Column("addressees", sa.Text()),
    ):
        op.add_column("issuance_recipients", column)
    op.alter_column("issuance_recipients", "purpose", server_default=None)
    _checked("issuance_recipients", "purpose", f"purpose IN ({PURPOSES})")


def _tables() -> None:
    op.create_table(
        "recipient_groups",
        _id("id"),
        _id("agency_id"),
        _id("unit_id"),
        _text("name"),
        sa.Column("rule", JSONB(), nullable=False),
        _id("kept_by"),
        _at("kept_at"),
        sa.PrimaryKeyConstraint("id", name="pk_recipient_groups"),
        sa.UniqueConstraint("unit_id", "name", name="uq_recipient_groups_name"),
        _names("recipient_groups", "agency_id", "units"),
        _names("recipient_groups", "unit_id", "units"),
        _names("recipient_groups", "kept_by", "persons"),
    )
    op.create_table(
        "outside_organisations",
        _id("id"),
        _id("agency_id"),
        _text("name"),
        sa.Column("organ_id", sa.Text()),
        _text("channel"),
        sa.Column("email", sa.Text()),
        sa.Column("postal_address", sa.Text()),
        _id("entered_by"),
        _at("entered_at"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column(
            "name_folded", sa.Text(), sa.Computed("vn_fold(name)", persisted=True), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outside_organisations"),
        sa.UniqueConstraint("agency_id", "organ_id", name="uq_outside_organisations_organ_id"),
        _names("outside_organisations", "agency_id", "units"),
        _names("outside_organisations", "entered_by", "persons"),
        _check("outside_organisations", "channel", f"channel IN ({CHANNELS})"),
        _check(
            "outside_organisations", "exchange", "channel <> 'exchange' OR organ_id IS NOT NULL"
        ),
        _check("outside_organisations", "email", "channel <> 'email' OR email IS NOT NULL"),
        _check("outside_organisations", "post", "channel <> 'post' OR postal_address IS NOT NULL"),
        _check("outside_organisations", "organ_id_length", "length(organ_id) <= 35"),
    )
    op.create_index(
        "ix_outside_organisations_agency", "outside_organisations", ["agency_id", "name_folded"]
    )
    op.create_foreign_key(
        "fk_document_recipients_organisation_id",
        "document_recipients",
        "outside_organisations",
        ["organisation_id"],
        ["id"],
    )
    op.create_table(
        "recipient_snapshots",
        _id("document_id"),
        _id("agency_id"),
        sa.Column("unit_ids", ARRAY(sa.Uuid()), nullable=False),
        _at("taken_at"),
        sa.PrimaryKeyConstraint("document_id", name="pk_recipient_snapshots"),
        _names("recipient_snapshots", "document_id", "documents"),
        _names("recipient_snapshots", "agency_id", "units"),
    )
    op.create_table(
        "scheduled_issues",
        _id("id"),
        _id("document_id"),
        _id("agency_id"),
        _at("due_at"),
        _id("scheduled_by"),
        _id("appointment_id"),
        _at("scheduled_at"),
        _text("state"),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Uuid()),
        sa.Column("failure", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_scheduled_issues"),
        _names("scheduled_issues", "document_id", "documents"),
        _names("scheduled_issues", "agency_id", "units"),
        _names("scheduled_issues", "scheduled_by", "persons"),
        _names("scheduled_issues", "ended_by", "persons"),
        _names("scheduled_issues", "appointment_id", "appointments"),
        _check("scheduled_issues", "state", "state IN ('waiting', 'kept', 'cancelled', 'failed')"),
        _check("scheduled_issues", "end", "(state = 'waiting') = (ended_at IS NULL)"),
    )
    op.create_index(
        "uq_scheduled_issues_waiting",
        "scheduled_issues",
        ["document_id"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "corrections",
        _id("document_id"),
        _id("corrected_id"),
        _id("agency_id"),
        _text("kind"),
        _id("noted_by"),
        _at("noted_at"),
        sa.PrimaryKeyConstraint("document_id", "corrected_id", name="pk_corrections"),
        _names("corrections", "document_id", "documents"),
        _names("corrections", "corrected_id", "documents"),
        _names("corrections", "agency_id", "units"),
        _names("corrections", "noted_by", "persons"),
        _check("corrections", "kind", f"kind IN ({CORRECTIONS})"),
        _check("corrections", "not_itself", "document_id <> corrected_id"),
    )
    op.create_index("ix_corrections_corrected_id", "corrections", ["corrected_id"])
    op.create_table(
        "issuance_people",
        _id("document_id"),
        _id("appointment_id"),
        _id("agency_id"),
        _id("person_id"),
        _id("unit_id"),
        _text("full_name"),
        _text("title"),
        _text("purpose"),
        sa.PrimaryKeyConstraint("document_id", "appointment_id", name="pk_issuance_people"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issuances.document_id"], name="fk_issuance_people_document_id"
        ),
        _names("issuance_people", "appointment_id", "appointments"),
        _names("issuance_people", "agency_id", "units"),
        _names("issuance_people", "person_id", "persons"),
        _names("issuance_people", "unit_id", "units"),
        _check("issuance_people", "purpose", f"purpose IN ({PURPOSES})"),
    )
    op.create_table(
        "issuance_outside",
        _id("document_id"),
        _id("organisation_id"),
        _id("agency_id"),
        _text("name"),
        sa.Column("organ_id", sa.Text()),
        _text("channel"),
        _text("address"),
        _text("purpose"),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("sent_by", sa.Uuid()),
        sa.Column("sent_note", sa.Text()),
        sa.PrimaryKeyConstraint("document_id", "organisation_id", name="pk_issuance_outside"),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issuances.document_id"], name="fk_issuance_outside_document_id"
        ),
        _names("issuance_outside", "organisation_id", "outside_organisations"),
        _names("issuance_outside", "agency_id", "units"),
        _names("issuance_outside", "sent_by", "persons"),
        _check("issuance_outside", "channel", f"channel IN ({CHANNELS})"),
        _check("issuance_outside", "purpose", f"purpose IN ({PURPOSES})"),
        _check("issuance_outside", "sending", "(sent_at IS NULL) = (sent_note IS NULL)"),
    )


def _deliveries() -> None:
    """What the recipient is told besides, and how a copy is taken back."""
    for column in (
        sa.Column("purpose", sa.Text(), nullable=False, server_default="action"),
        sa.Column("addressees", sa.Text()),
        sa.Column("corrects_document_id", sa.Uuid()),
        sa.Column("correction", sa.Text()),
    ):
        op.add_column("deliveries", column)
    op.create_foreign_key(
        "fk_deliveries_corrects_document_id",
        "deliveries",
        "documents",
        ["corrects_document_id"],
        ["id"],
    )
    op.create_index(
        "ix_deliveries_corrections",
        "deliveries",
        ["corrects_document_id"],
        postgresql_where=sa.text("corrects_document_id IS NOT NULL"),
    )
    _checked("deliveries", "purpose", f"purpose IN ({PURPOSES})")
    _checked("deliveries", "correction", f"correction IN ({CORRECTIONS})")
    _checked(
        "deliveries",
        "corrected",
        "(corrects_document_id IS NULL) = (correction IS NULL)",
    )
    _changed("deliveries", "state", f"state IN ({DELIVERY_STATES}, 'recalled')")
    _changed(
        "deliveries",
        "reason",
        "(refused_at IS NULL) = (refusal_reason IS NULL)"
        " AND (state <> 'refused' OR refusal_reason IS NOT NULL)",
    )
    _changed("arrivals", "state", f"state IN ({ARRIVAL_STATES}, 'recalled')")
    _changed("arrivals", "end", "state <> 'done' OR done_at IS NOT NULL")
    op.create_table(
        "delivery_recalls",
        _id("delivery_id"),
        _id("document_id"),
        _id("sender_agency_id"),
        _id("recipient_agency_id"),
        _text("reason"),
        _text("decided_by"),
        _at("asked_at"),
        _text("state"),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by", sa.Uuid()),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_delivery_recalls"),
        _names("delivery_recalls", "delivery_id", "deliveries"),
        _names("delivery_recalls", "document_id", "documents"),
        _names("delivery_recalls", "sender_agency_id", "units"),
        _names("delivery_recalls", "recipient_agency_id", "units"),
        _names("delivery_recalls", "answered_by", "persons"),
        _check("delivery_recalls", "state", "state IN ('asked', 'agreed', 'refused')"),
        _check("delivery_recalls", "answered", "(state = 'asked') = (answered_at IS NULL)"),
        _check("delivery_recalls", "because", "state <> 'refused' OR answer IS NOT NULL"),
    )
    op.create_index("ix_delivery_recalls_document_id", "delivery_recalls", ["document_id"])
    op.add_column("notices", sa.Column("person_id", sa.Uuid()))
    op.add_column("notices", sa.Column("document_id", sa.Uuid()))
    for name, table in (("person_id", "persons"), ("document_id", "documents")):
        op.create_foreign_key(f"fk_notices_{name}", "notices", table, [name], ["id"])
    op.alter_column("notices", "delivery_id", nullable=True)
    op.drop_constraint("uq_notices_delivery_id_kind", "notices", type_="unique")
    op.create_unique_constraint(
        "uq_notices_once",
        "notices",
        ["delivery_id", "document_id", "kind", "person_id"],
        postgresql_nulls_not_distinct=True,
    )
    _changed(
        "notices",
        "kind",
        f"kind IN ({NOTICES}, 'addressed', 'recalled', 'recall_agreed', 'recall_refused')",
    )
    _checked("notices", "about", "num_nonnulls(delivery_id, document_id) = 1")


def downgrade() -> None:
    op.execute("delete from notices where delivery_id is null or person_id is not null")
    op.execute("delete from notices where kind not in ('refused', 'answered')")
    op.drop_constraint(op.f("ck_notices_about"), "notices", type_="check")
    _changed("notices", "kind", f"kind IN ({NOTICES})")
    op.drop_constraint("uq_notices_once", "notices", type_="unique")
    op.create_unique_constraint("uq_notices_delivery_id_kind", "notices", ["delivery_id", "kind"])
    op.alter_column("notices", "delivery_id", nullable=False)
    op.drop_column("notices", "person_id")
    op.drop_column("notices", "document_id")
    op.execute("drop policy as_its_delivery on delivery_files")
    op.execute(
        "create policy as_its_delivery on delivery_files for select using ("
        " exists (select from deliveries where deliveries.id = delivery_files.delivery_id))"
    )
    op.drop_table("delivery_recalls")
    op.execute("drop function refuse_change_of_recalled() cascade")
    op.execute("drop function refuse_change_below_recalled() cascade")
    # The older release knows no recall: the copies are as they were before, as their dates say.
    op.execute(
        "update deliveries set state = case when refused_at is not null then 'refused'"
        " when done_at is not null then 'done' when assigned_at is not null then 'assigned'"
        " when registered_at is not null then 'registered' when opened_at is not null then 'opened'"
        " else 'delivered' end where state = 'recalled'"
    )
    op.execute(
        "update arrivals set state = case when done_at is not null then 'done'"
        " when submitted_at is not null then 'submitted' else 'registered' end"
        " where state = 'recalled'"
    )
    _changed("arrivals", "end", "(state = 'done') = (done_at IS NOT NULL)")
    _changed("arrivals", "state", f"state IN ({ARRIVAL_STATES})")
    _changed("deliveries", "reason", "(state = 'refused') = (refusal_reason IS NOT NULL)")
    _changed("deliveries", "state", f"state IN ({DELIVERY_STATES})")
    for name in ("correction", "corrects_document_id", "addressees", "purpose"):
        op.drop_column("deliveries", name)
    for name in ("addressees", "named_by", "purpose"):
        op.drop_column("issuance_recipients", name)
    op.execute("delete from document_recipients where kind not in ('unit', 'group')")
    for name in ("organisation_id", "appointment_id", "rule_name", "rule", "purpose"):
        op.drop_column("document_recipients", name)
    op.execute(
        "alter table document_recipients drop constraint if exists"
        " ck_document_recipients_one_target"
    )
    _changed("document_recipients", "kind", "kind IN ('unit', 'group')")
    _checked(
        "document_recipients",
        "unit_or_group",
        "(kind = 'unit') = (unit_id IS NOT NULL) AND (kind = 'group') = (group_code IS NOT NULL)",
    )
    for table in reversed(OF_ONE_AGENCY):
        op.drop_table(table)


def _id(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=False)


def _text(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=False)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _names(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _checked(table: str, name: str, rule: str) -> None:
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)


def _changed(table: str, name: str, rule: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    _checked(table, name, rule)
