"""Archive entries, inspections."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by its slice."""


def downgrade() -> None:
    """Filled by its slice."""
