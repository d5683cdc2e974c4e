"""Keys that a service or a person's own token holds.

`compatibility`: a key that can make nothing but RSA signatures of PKCS#1 v1.5.
"""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

UP = """
alter table signing_keys drop constraint ck_signing_keys_store;
alter table signing_keys add constraint ck_signing_keys_store
  check (store in ('pkcs12', 'pkcs11', 'csc', 'smartca', 'mysign', 'agent'));
alter table signing_keys add column compatibility boolean not null default false;
"""

DOWN = """
alter table signing_keys drop column compatibility;
update signing_keys set store = 'pkcs12', retired_at = coalesce(retired_at, now())
  where store not in ('pkcs12', 'pkcs11');
alter table signing_keys drop constraint ck_signing_keys_store;
alter table signing_keys add constraint ck_signing_keys_store
  check (store in ('pkcs12', 'pkcs11'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
