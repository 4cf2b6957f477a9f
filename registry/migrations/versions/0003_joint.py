"""Joint cases: a department's task is a row of its own.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Which case a row is a task of, and its part in it."""
    columns: tuple[sa.Column[object], ...] = (
        sa.Column("joint", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("parent", sa.Text(), server_default="", nullable=False),
        sa.Column("task_no", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lead", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    for column in columns:
        op.add_column("case_record", column)
    op.create_index(
        "case_by_parent",
        "case_record",
        ["parent", "task_no"],
        postgresql_where=sa.text("parent <> ''"),
    )
