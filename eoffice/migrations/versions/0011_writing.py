"""Templates of a unit, the register of laws, and which documents a document is based on.

The body of a document needs no revision: headings, points and tables are lines as before.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TEMPLATES = """
create table draft_templates (
  id uuid constraint pk_draft_templates primary key,
  agency_id uuid not null constraint fk_draft_templates_agency_id references units,
  unit_id uuid not null constraint fk_draft_templates_unit_id references units,
  name text not null,
  type text not null,
  text jsonb not null,
  revision integer not null,
  kept_by uuid not null constraint fk_draft_templates_kept_by references persons,
  kept_at timestamptz not null,
  retired_at timestamptz,
  constraint ck_draft_templates_name check (char_length(name) between 1 and 200)
);
create unique index uq_draft_templates_name on draft_templates (unit_id, lower(name))
  where retired_at is null;
create index ix_draft_templates_agency_id on draft_templates (agency_id);
grant select, insert on draft_templates to eoffice_app, eoffice_worker;
grant update (name, type, text, revision, kept_by, kept_at, retired_at) on draft_templates
  to eoffice_app, eoffice_worker;
"""

LAWS = """
create table legal_texts (
  id uuid constraint pk_legal_texts primary key,
  agency_id uuid not null constraint fk_legal_texts_agency_id references units,
  type_name text not null,
  code text not null,
  issued_on date not null,
  issuer text not null,
  subject text not null,
  registered_by uuid not null constraint fk_legal_texts_registered_by references persons,
  registered_at timestamptz not null,
  ended_at timestamptz
);
create unique index uq_legal_texts_code on legal_texts (agency_id, lower(type_name), lower(code))
  where ended_at is null;
grant select, insert on legal_texts to eoffice_app, eoffice_worker;
grant update (ended_at) on legal_texts to eoffice_app, eoffice_worker;
"""

CITATIONS = """
create table document_citations (
  document_id uuid not null constraint fk_document_citations_document_id references documents,
  source text not null,
  source_id uuid not null,
  agency_id uuid not null constraint fk_document_citations_agency_id references units,
  words text not null,
  cited_by uuid not null constraint fk_document_citations_cited_by references persons,
  cited_at timestamptz not null,
  constraint pk_document_citations primary key (document_id, source, source_id),
  constraint ck_document_citations_source check (source in ('issued', 'received', 'law'))
);
create index ix_document_citations_source on document_citations (source, source_id);
grant select, insert, delete on document_citations to eoffice_app, eoffice_worker;
"""

TABLES = ("document_citations", "legal_texts", "draft_templates")


def upgrade() -> None:
    op.execute(TEMPLATES)
    op.execute(LAWS)
    op.execute(CITATIONS)
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
        op.execute(
            f"create policy agency on {table}"
            " using (agency_id = app_agency()) with check (agency_id = app_agency())"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"drop table {table}")
