"""The whole case life: sources, search, profiles, change while running, cut-over.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, TSVECTOR

from registry.migrations.first_sources import first_sources
from registry.migrations.flat_policy import nested
from registry.terms import INSERT, names_from, plain_row, terms_with_names

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    """One block for each subject, in its own function."""
    _policies()
    _verify()
    _holds()
    _search()
    _links()
    _sources()
    _catalogue()
    _texts()
    _sensors()
    _batches()
    _cutover()


def _policies() -> None:
    """A flow with rules in place of one flat object."""
    table = sa.table("policy_version", sa.column("version"), sa.column("body", JSONB))
    rows = op.get_bind().execute(sa.select(table.c.version, table.c.body)).all()
    for version, body in rows:
        op.execute(sa.update(table).where(table.c.version == version).values(body=nested(body)))


def _verify() -> None:
    """What `verify` found."""
    op.create_table(
        "verify_run",
        sa.Column("run_id", sa.UUID(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("repair", sa.Text(), nullable=False),
        sa.Column("started_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("ended_at", TIMESTAMP(timezone=True), nullable=True),
        sa.Column("cases", sa.Integer(), server_default="0", nullable=False),
        sa.Column("workflows", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "finding",
        sa.Column("run_id", sa.UUID(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("found_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.Column("repaired_at", TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["verify_run.run_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "case_no", "kind"),
    )


def _search() -> None:
    """The terms of every case there is, then their index: one pass, before anyone asks.

    They are made here and not by a command to be run later, so that no search is silently short
    of the cases of before. A hundred thousand take about half a minute.
    """
    op.create_table(
        "case_search",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("reported_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("terms", TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["case_record.case_no"]),
        sa.PrimaryKeyConstraint("case_no"),
    )
    bind = op.get_bind()
    names = names_from(
        [tuple(one) for one in bind.execute(sa.text(_AREA_NAMES))],
        [tuple(one) for one in bind.execute(sa.text(_CLASS_NAMES))],
    )
    last = ""
    while cases := bind.execute(sa.text(_CASES), {"last": last}).mappings().all():
        rows = [
            terms_with_names(
                dict(one), names.of(one["grid"], one["subclass"]), one["added"] or ()
            )
            for one in cases
        ]
        bind.execute(INSERT, {"rows": [plain_row(one) for one in rows]})
        last = cases[-1]["case_no"]
    op.create_index("case_by_terms", "case_search", ["terms"], postgresql_using="gin")


_AREA_NAMES = "select code, name_zh, name_en from area"
_CLASS_NAMES = """
select distinct subclass, name_zh, name_en, class_zh, class_en from catalogue_row order by 1, 2
"""
_CASES = """
select case_no, reported_at, words, address, grid, subclass, upstream,
  (select array_agg(note) from event where event.case_no = old.case_no
    and action in ('supplement', 'reply') and note <> '') as added
from case_record as old where case_no > :last order by case_no limit 1000
"""


def _holds() -> None:
    """Until when a hold is asked for."""
    op.add_column("request", sa.Column("until", TIMESTAMP(timezone=True), nullable=True))


def _links() -> None:
    """The case that one follows, and the one that it was split from."""
    for name in ("main", "origin"):
        column = sa.Column(name, sa.Text(), server_default="", nullable=False)
        op.add_column("case_record", column)
        found = sa.text(f"{name} <> ''")
        op.create_index(f"case_by_{name}", "case_record", [name], postgresql_where=found)


def _sources() -> None:
    """Sources as rows; a district that is there already gets those of release 1."""
    table = op.create_table(
        "source",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.Column("entered_by", JSONB(), nullable=False),
        sa.Column("needs", JSONB(), server_default="[]", nullable=False),
        sa.Column("may", JSONB(), server_default="[]", nullable=False),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    if op.get_bind().scalar(sa.text("select count(*) from master_change")):
        op.bulk_insert(table, first_sources())
    op.add_column(
        "case_record", sa.Column("upstream_no", sa.Text(), server_default="", nullable=False)
    )
    op.create_index(
        "case_by_upstream",
        "case_record",
        ["upstream_no"],
        postgresql_where=sa.text("upstream_no <> ''"),
    )


def _catalogue() -> None:
    """What a demand is, stages of a limit, extra questions and their answers."""
    kind = sa.Column("case_kind", sa.Text(), server_default="case", nullable=False)
    op.add_column("catalogue_row", kind)
    for name in ("stages", "questions"):
        column = sa.Column(name, JSONB(), server_default="[]", nullable=False)
        op.add_column("catalogue_row", column)
    answers = sa.Column("answers", JSONB(), server_default="{}", nullable=False)
    op.add_column("case_record", answers)


def _texts() -> None:
    """Texts for reasons and replies; the right channel beside a reason."""
    op.create_table(
        "template",
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("zh", sa.Text(), nullable=False),
        sa.Column("en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("action", "code", "unit"),
    )
    for name in ("channel_zh", "channel_en"):
        column = sa.Column(name, sa.Text(), server_default="", nullable=False)
        op.add_column("reason", column)


def _sensors() -> None:
    """Readings, and the incidents that become cases."""
    op.create_table(
        "sensor_reading",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=True),
        sa.Column("received_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("device", "metric", "at"),
    )
    op.create_table(
        "sensor_incident",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("opened_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("cleared_at", TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_no"], ["case_record.case_no"]),
        sa.PrimaryKeyConstraint("case_no"),
    )
    key = ["device", "metric"]
    still_open = sa.text("cleared_at is null")
    op.create_index(
        "incident_once", "sensor_incident", key, unique=True, postgresql_where=still_open
    )
    op.create_index("incident_by_device", "sensor_incident", [*key, "cleared_at"])
    op.create_table(
        "sensor_batch",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answer", JSONB(), nullable=False),
        sa.Column("received_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("principal", "idempotency_key"),
    )


def _batches() -> None:
    """Keys of batches of commands."""
    op.create_table(
        "command_batch",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("received_at", TIMESTAMP(timezone=True), server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("principal", "idempotency_key"),
    )


def _cutover() -> None:
    """What happened to a case in the system that it was taken over from."""
    op.create_table(
        "foreign_history",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["case_record.case_no"]),
        sa.PrimaryKeyConstraint("case_no", "digest"),
    )
    op.create_index("foreign_history_by_time", "foreign_history", ["case_no", "at"])


def downgrade() -> None:
    """There is no way back: nothing accepted is ever dropped."""
    raise NotImplementedError("restore the backup that was taken before the upgrade")
