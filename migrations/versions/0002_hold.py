"""Rights and cases keep what a lot rests on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("asset", "case"):
        op.add_column(table, sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        """
        UPDATE asset SET held_at = (
          SELECT MIN(l.created_at) FROM listing l JOIN listing_item i ON i.listing_id = l.id
          WHERE i.asset_id = asset.id
            AND l.state IN ('awaiting_approval', 'under_review', 'published', 'suspended', 'sold', 'settled'))
        """
    )
    op.execute('UPDATE "case" SET held_at = (SELECT MIN(a.held_at) FROM asset a WHERE a.case_id = "case".id)')


def downgrade() -> None:
    for table in ("case", "asset"):
        op.drop_column(table, "held_at")
