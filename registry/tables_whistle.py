"""The whistle's own rows: departments called to the site of a case."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import Base


class SiteCallRow(Base):
    """A department called to the site; `open` while it is waited for, or to be scored."""

    __tablename__ = "site_call"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str]
    caller: Mapped[str]
    haste: Mapped[str]
    called_by: Mapped[str]
    called_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    arrived_at: Mapped[datetime | None]
    distance: Mapped[float | None]
    ended_at: Mapped[datetime | None]
    called_off: Mapped[bool]
    missed: Mapped[bool]
    score: Mapped[int]
    scored_at: Mapped[datetime | None]
    open: Mapped[bool]
    __table_args__ = (
        Index("site_call_by_unit", "unit", "case_no"),
        Index("site_call_open", "due_at", postgresql_where="open"),
    )
