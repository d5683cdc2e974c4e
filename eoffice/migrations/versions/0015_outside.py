"""Incoming documents that no unit of this office sent: exchange, mail, scan, hand."""

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
