"""A slip that was replaced by another can be mailed anew."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The school takes back that a slip was mailed when it gives it another address and code."""
    op.execute("grant update (mailed_at) on family_slips to eoffice_app")


def downgrade() -> None:
    """Only the worker notes what was mailed."""
    op.execute("revoke update (mailed_at) on family_slips from eoffice_app")
