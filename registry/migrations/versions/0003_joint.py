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
    """One block for each subject, in its own function."""
    _tasks()
    _parties()


def _tasks() -> None:
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


def _parties() -> None:
    """Who takes part in a joint case, who is offered a task, and whose limits run."""
    op.add_column(
        "case_record",
        sa.Column("offered_to", sa.Text(), server_default="", nullable=False),
    )
    op.create_index(
        "case_by_offer",
        "case_record",
        ["offered_to"],
        postgresql_where=sa.text("offered_to <> ''"),
    )
    op.create_index(
        "case_joint", "case_record", ["due_at", "case_no"], postgresql_where=sa.text("joint")
    )
    op.create_table(
        "case_party",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["case_record.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "unit"),
    )
    op.create_index("party_by_unit", "case_party", ["unit", "case_no"])
