"""What `verify` found: its runs, and one row for each thing that is not as it should be."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import NOW, Base


class VerifyRunRow(Base):
    """One run; `ended_at` is empty while it runs, and for ever when it was cut short."""

    __tablename__ = "verify_run"
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[str]
    repair: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=NOW)
    ended_at: Mapped[datetime | None]
    cases: Mapped[int] = mapped_column(server_default="0")
    workflows: Mapped[int] = mapped_column(server_default="0")


class FindingRow(Base):
    """One finding; `case_no` may name a case that the registry does not know."""

    __tablename__ = "finding"
    run_id: Mapped[UUID] = mapped_column(
        ForeignKey("verify_run.run_id", ondelete="CASCADE"), primary_key=True
    )
    case_no: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    detail: Mapped[str]
    found_at: Mapped[datetime] = mapped_column(server_default=NOW)
    repaired_at: Mapped[datetime | None]
