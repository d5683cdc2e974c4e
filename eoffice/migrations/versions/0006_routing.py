"""Deliveries, arrivals, assignments."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by its slice."""


def downgrade() -> None:
    """Filled by its slice."""
