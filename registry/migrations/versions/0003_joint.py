"""Joint cases: a department's task is a row of its own.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """One block for each subject, in its own function."""
    _tasks()
    _site_calls()
    _areas_of_units()
    _parties()
    _guest_links()
    _destinations()
    _merged()
    _thread()
    _emergencies()


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


def _guest_links() -> None:
    """Links by which somebody without an account does one piece of work."""
    op.create_table(
        "guest_link",
        sa.Column("link_id", sa.UUID(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("task_no", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("issued_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("expires_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), server_default="", nullable=False),
        sa.Column("used_at", TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_no"], ["case_record.case_no"]),
        sa.PrimaryKeyConstraint("link_id"),
        sa.UniqueConstraint("secret_hash", name="guest_link_secret"),
    )
    op.create_index("guest_link_by_case", "guest_link", ["case_no"])


def _merged() -> None:
    """Who follows a main case, and what is near a new report."""
    columns: tuple[sa.Column[object], ...] = (
        sa.Column("hot_spot", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("followers", sa.Integer(), server_default="0", nullable=False),
    )
    for column in columns:
        op.add_column("case_record", column)
    op.execute(
        "update case_record set followers ="
        " jsonb_array_length(coalesce(snapshot -> 'merged', '[]'))"
        " where snapshot ? 'merged'"
    )
    op.create_index(
        "case_by_place",
        "case_record",
        ["lat", "lon"],
        postgresql_where=sa.text("ended_at is null and lat is not null"),
    )
    op.create_index(
        "case_hot_spot", "case_record", ["lat", "lon"], postgresql_where=sa.text("hot_spot")
    )


def _thread() -> None:
    """What those who work on a case say to one another, apart from its timeline."""
    op.create_table(
        "thread_message",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("edited_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("taken_back_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["case_record.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "seq"),
        sa.UniqueConstraint("author", "idempotency_key", name="message_once"),
    )
    _of_message(
        "thread_former_text",
        sa.Column("until", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        key="until",
    )
    _of_message(
        "thread_photo",
        sa.Column("attachment_id", sa.UUID(), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.attachment_id"]),
        key="attachment_id",
    )
    op.create_index("thread_photo_by_id", "thread_photo", ["attachment_id"])
    _of_message(
        "thread_mention", sa.Column("address", sa.Text(), nullable=False), key="address"
    )
    op.create_index("mention_by_address", "thread_mention", ["address", "case_no", "seq"])
    op.create_table(
        "thread_read",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["case_record.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "person"),
    )


def _of_message(name: str, *more: sa.schema.SchemaItem, key: str) -> None:
    """A table of what belongs to a message."""
    op.create_table(
        name,
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["case_no", "seq"], ["thread_message.case_no", "thread_message.seq"]
        ),
        sa.PrimaryKeyConstraint("case_no", "seq", key),
    )


def _site_calls() -> None:
    """Departments called to the site of a case."""
    op.create_table(
        "site_call",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("haste", sa.Text(), nullable=False),
        sa.Column("called_by", sa.Text(), nullable=False),
        sa.Column("called_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("arrived_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("distance", sa.Float(), nullable=True),
        sa.Column("ended_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("called_off", sa.Boolean(), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("scored_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["case_record.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "number"),
    )
    op.create_index("site_call_by_unit", "site_call", ["unit", "case_no"])
    waits = sa.text("open")
    op.create_index("site_call_open", "site_call", ["due_at"], postgresql_where=waits)


def _areas_of_units() -> None:
    """Streets and communities answer for the area whose name theirs begins with."""
    op.add_column("department", sa.Column("area", sa.Text(), server_default="", nullable=False))
    op.execute(
        "update department set area = area.code from area where area.level = department.kind"
        " and department.kind in ('street', 'community')"
        " and starts_with(department.name_zh, area.name_zh)"
    )


def _emergencies() -> None:
    """Emergency plans by version; which cases are emergencies, and which are practised only."""
    op.create_table(
        "emergency_plan_version",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("body", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    columns: tuple[sa.Column[object], ...] = (
        sa.Column("drill", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("emergency", sa.Text(), server_default="", nullable=False),
    )
    for column in columns:
        op.add_column("case_record", column)
    op.create_index(
        "case_by_emergency",
        "case_record",
        ["emergency", "case_no"],
        postgresql_where=sa.text("emergency <> ''"),
    )


def _destinations() -> None:
    """Units' own systems, and what they are to be told."""
    op.create_table(
        "destination",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("former_secret", sa.LargeBinary(), nullable=True),
        sa.Column("former_until", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("closed_until", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index(
        "destination_by_unit",
        "destination",
        ["unit"],
        unique=True,
        postgresql_where=sa.text("active"),
    )
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.UUID(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tells", sa.Text(), nullable=False),
        sa.Column("created_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("begun_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("delivered_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("dropped_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["work"], ["case_record.case_no"]),
        sa.ForeignKeyConstraint(["case_no"], ["case_record.case_no"]),
        sa.ForeignKeyConstraint(["destination"], ["destination.code"]),
        sa.PrimaryKeyConstraint("delivery_id"),
        sa.UniqueConstraint(
            "destination", "work", "case_no", "seq", "tells", name="delivery_once"
        ),
    )
    op.create_index(
        "delivery_open",
        "delivery",
        ["destination", "created_at"],
        postgresql_where=sa.text("delivered_at is null and dropped_at is null"),
    )
