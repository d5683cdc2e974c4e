"""Requests for signature, keys."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by its slice."""


def downgrade() -> None:
    """Filled by its slice."""
