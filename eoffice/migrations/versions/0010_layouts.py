"""Forms: secrecy, circulation limits, express by the hour, signed appendices, copies."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: Tables that say how urgent a document is.
URGENT = ("documents", "deliveries")

ADDED = """
alter table documents
  add column secrecy text not null default 'none',
  add column circulation text not null default '',
  add column express_at timestamptz,
  add constraint ck_documents_secrecy
    check (secrecy in ('none', 'confidential', 'secret', 'top_secret')),
  add constraint ck_documents_express check (express_at is null or urgency = 'express_at');
grant update (secrecy, circulation, express_at) on documents to eoffice_app, eoffice_worker;

alter table attachments
  add column signed_sha256 text,
  add column signed_size_bytes integer,
  add column signed_at timestamptz,
  add constraint ck_attachments_signed check (
    (signed_sha256 is null) = (signed_size_bytes is null)
    and (signed_sha256 is null) = (signed_at is null));
grant update (signed_sha256, signed_size_bytes, signed_at) on attachments
  to eoffice_app, eoffice_worker;

create table document_copies (
  document_id uuid constraint pk_document_copies primary key
    constraint fk_document_copies_document_id references documents,
  agency_id uuid not null constraint fk_document_copies_agency_id references units,
  medium text not null constraint ck_document_copies_medium
    check (medium in ('electronic', 'paper')),
  source_document_id uuid
    constraint fk_document_copies_source_document_id references documents,
  source_delivery_id uuid,
  source_code text not null,
  source_agency text not null,
  source_date date,
  source_subject text not null,
  source_sha256 text not null,
  pages text not null,
  constraint ck_document_copies_one_source
    check ((source_document_id is null) <> (source_delivery_id is null))
);
create index ix_document_copies_source_document_id on document_copies (source_document_id);
create index ix_document_copies_source_delivery_id on document_copies (source_delivery_id);
alter table document_copies enable row level security;
create policy agency on document_copies
  using (agency_id = app_agency()) with check (agency_id = app_agency());
-- Of what a copy was made never changes.
grant select, insert on document_copies to eoffice_app, eoffice_worker;
"""

REMOVED = """
drop table document_copies;
alter table attachments
  drop column signed_sha256, drop column signed_size_bytes, drop column signed_at;
alter table documents drop column secrecy, drop column circulation, drop column express_at;
"""


def upgrade() -> None:
    for table in URGENT:
        _allow(table, "'ordinary', 'urgent', 'very_urgent', 'express', 'express_at'")
    op.execute(ADDED)


def downgrade() -> None:
    op.execute(REMOVED)
    op.execute("update documents set urgency = 'express' where urgency = 'express_at'")
    op.execute("update deliveries set urgency = 'express' where urgency = 'express_at'")
    for table in URGENT:
        _allow(table, "'ordinary', 'urgent', 'very_urgent', 'express'")


def _allow(table: str, members: str) -> None:
    op.execute(f"alter table {table} drop constraint ck_{table}_urgency")
    op.execute(
        f"alter table {table} add constraint ck_{table}_urgency check (urgency in ({members}))"
    )
