"""Documents, versions, books and numbers."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by its slice."""


def downgrade() -> None:
    """Filled by its slice."""
