"""Case data: the write-down, the log, and the rows that pages read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Sequence, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import NOW, Base

CASE_SEQUENCE = Sequence("case_number", metadata=Base.metadata)


class CaseDay(Base):
    """Where the sequence stood when a local day began; number = nextval - base."""

    __tablename__ = "case_day"
    day: Mapped[str] = mapped_column(primary_key=True)
    base: Mapped[int] = mapped_column(BigInteger)


class ReporterRow(Base):
    """Who reported, apart from the case and encrypted; `phone_index` finds an exact number."""

    __tablename__ = "reporter"
    reporter_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[str]
    name: Mapped[bytes | None]
    phone: Mapped[bytes | None]
    phone_index: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (Index("reporter_by_phone", "phone_index"),)


class CaseRow(Base):
    """A case as pages read it, or a department's task of a joint case, numbered `….t2`.

    `snapshot` is its log folded up to `seq`.
    """

    __tablename__ = "case_record"
    case_no: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(server_default="0")
    version: Mapped[int] = mapped_column(server_default="0")
    state: Mapped[str]
    stage: Mapped[str]
    source: Mapped[str]
    words: Mapped[str]
    address: Mapped[str] = mapped_column(server_default="")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    grid: Mapped[str] = mapped_column(server_default="")
    subclass: Mapped[str] = mapped_column(server_default="")
    condition: Mapped[int] = mapped_column(server_default="0")
    urgent: Mapped[bool] = mapped_column(server_default="false")
    unit: Mapped[str] = mapped_column(server_default="")
    person: Mapped[str] = mapped_column(server_default="")
    asked: Mapped[str] = mapped_column(server_default="")
    round: Mapped[int] = mapped_column(server_default="1")
    escalation: Mapped[int] = mapped_column(server_default="0")
    pending: Mapped[str] = mapped_column(server_default="")
    reported_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_as: Mapped[str] = mapped_column(server_default="")
    ended_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    due_label: Mapped[str] = mapped_column(server_default="")
    next_rung_at: Mapped[datetime | None]
    reporter_id: Mapped[UUID | None] = mapped_column(ForeignKey("reporter.reporter_id"))
    tracking_hash: Mapped[bytes | None]
    upstream_no: Mapped[str] = mapped_column(server_default="")
    upstream: Mapped[dict[str, Any] | None]
    answers: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    main: Mapped[str] = mapped_column(server_default="")
    followers: Mapped[int] = mapped_column(server_default="0")
    hot_spot: Mapped[bool] = mapped_column(server_default="false")
    origin: Mapped[str] = mapped_column(server_default="")
    joint: Mapped[bool] = mapped_column(server_default="false")
    parent: Mapped[str] = mapped_column(server_default="")
    task_no: Mapped[int] = mapped_column(server_default="0")
    lead: Mapped[bool] = mapped_column(server_default="false")
    offered_to: Mapped[str] = mapped_column(server_default="")
    drill: Mapped[bool] = mapped_column(server_default="false")
    emergency: Mapped[str] = mapped_column(server_default="")
    history: Mapped[bool] = mapped_column(server_default="false")
    snapshot: Mapped[dict[str, Any]]
    generation: Mapped[int] = mapped_column(server_default="1")
    __table_args__ = (
        Index("case_by_report", "reported_at", "case_no"),
        Index("case_by_state", "state", "due_at", "case_no"),
        Index("case_by_unit", "unit", "state", "due_at", "case_no"),
        Index("case_by_asked", "asked", "due_at", postgresql_where="asked <> ''"),
        Index("case_by_grid", "grid", "reported_at", "case_no"),
        Index("case_by_subclass", "subclass", "reported_at", "case_no"),
        Index("case_by_reporter", "reporter_id"),
        Index("case_by_rung", "next_rung_at", postgresql_where="next_rung_at is not null"),
        Index("case_by_upstream", "upstream_no", postgresql_where="upstream_no <> ''"),
        Index("case_by_request", "case_no", postgresql_where="pending <> ''"),
        Index(
            "case_by_place",
            "lat",
            "lon",
            postgresql_where="ended_at is null and lat is not null",
        ),
        Index("case_hot_spot", "lat", "lon", postgresql_where="hot_spot"),
        Index("case_by_main", "main", postgresql_where="main <> ''"),
        Index("case_by_emergency", "emergency", "case_no", postgresql_where="emergency <> ''"),
        Index("case_by_parent", "parent", "task_no", postgresql_where="parent <> ''"),
        Index("case_joint", "due_at", "case_no", postgresql_where="joint"),
        Index("case_by_offer", "offered_to", postgresql_where="offered_to <> ''"),
        Index("case_by_origin", "origin", postgresql_where="origin <> ''"),
    )


class CommandRow(Base):
    """A person's wish, written down before anyone is told; its verdict, once it is judged."""

    __tablename__ = "command"
    command_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"))
    principal: Mapped[str]
    idempotency_key: Mapped[str | None]
    body_hash: Mapped[bytes]
    label: Mapped[str]
    actor: Mapped[dict[str, Any]]
    steps: Mapped[list[Any]]
    seen: Mapped[int | None]
    device_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
    traceparent: Mapped[str] = mapped_column(server_default="")
    told_at: Mapped[datetime | None]
    tell_attempts: Mapped[int] = mapped_column(server_default="0")
    next_tell_at: Mapped[datetime | None] = mapped_column(
        server_default=text("clock_timestamp() + interval '3 seconds'")
    )
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(server_default="")
    verdict: Mapped[str | None]
    verdict_at: Mapped[datetime | None]
    refusal: Mapped[dict[str, Any] | None]
    first_seq: Mapped[int | None]
    last_seq: Mapped[int | None]
    __table_args__ = (
        UniqueConstraint("principal", "idempotency_key", name="command_once"),
        Index("command_unjudged", "case_no", "received_at", postgresql_where="verdict is null"),
        Index(
            "command_to_tell",
            "next_tell_at",
            postgresql_where="verdict is null and dead_at is null",
        ),
    )


class EventRow(Base):
    """An entry of the append-only timeline; the step's free text is `note`, never in `body`."""

    __tablename__ = "event"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    cause_id: Mapped[str]
    part: Mapped[int]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    action: Mapped[str]
    state: Mapped[str]
    actor: Mapped[str]
    role: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    body: Mapped[dict[str, Any]]
    __table_args__ = (
        UniqueConstraint("case_no", "cause_id", "part", name="event_once"),
        Index("event_by_time", "at"),
    )


class TaskRow(Base):
    """A department's turn at a case."""

    __tablename__ = "task"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    task_no: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str]
    person: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str]
    dispatched_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    rounds: Mapped[int]
    __table_args__ = (Index("task_by_unit", "unit", "dispatched_at"),)


class ClockRow(Base):
    """A clock: budget, ledger and, once stopped, the fact whether it was on time."""

    __tablename__ = "clock"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    clock_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    owner: Mapped[str]
    calendar: Mapped[str]
    budget: Mapped[Any] = mapped_column(INTERVAL())
    extended: Mapped[Any] = mapped_column(INTERVAL())
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    provisional: Mapped[bool] = mapped_column(server_default="false")
    stopped_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    on_time: Mapped[bool | None]
    __table_args__ = (Index("clock_by_due", "kind", "due_at"),)


class RungRow(Base):
    """A fired rung: once per clock, budget version and per cent."""

    __tablename__ = "rung"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    clock_id: Mapped[str] = mapped_column(primary_key=True)
    budget_version: Mapped[int] = mapped_column(primary_key=True)
    percent: Mapped[int] = mapped_column(primary_key=True)
    due: Mapped[datetime]
    fired_at: Mapped[datetime]
    superseded: Mapped[bool] = mapped_column(server_default="false")


class PauseRow(Base):
    """A pause of a clock; `ended_at` is empty while it lasts."""

    __tablename__ = "pause"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    clock_id: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]


class RequestRow(Base):
    """A request for a decision: extension, hold, void, …; its answer once given."""

    __tablename__ = "request"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    amount: Mapped[Any] = mapped_column(INTERVAL())
    until: Mapped[datetime | None]
    decided_seq: Mapped[int | None]
    decided_by: Mapped[str] = mapped_column(server_default="")
    answer: Mapped[str] = mapped_column(server_default="")


class AttachmentRow(Base):
    """A file on disk; bound to a case by the command that names it."""

    __tablename__ = "attachment"
    attachment_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_no: Mapped[str | None] = mapped_column(ForeignKey("case_record.case_no"))
    principal: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes]
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    taken_at: Mapped[datetime | None]
    uploaded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (Index("attachment_by_case", "case_no"),)


class NoticeRow(Base):
    """A message: to a unit, its head, its desk, a role, a person or the reporter.

    `at` is when it may be read: the event's time, or the next working instant after it.
    """

    __tablename__ = "notice"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    __table_args__ = (Index("notice_by_address", "address", "at"),)
