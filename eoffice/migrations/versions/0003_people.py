"""Units, persons, appointments, sign-in."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Filled by its slice."""


def downgrade() -> None:
    """Filled by its slice."""
