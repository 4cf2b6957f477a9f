"""What happened to a case before it was taken over from another system."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import Base


class ForeignEntry(Base):
    """An entry of the other system's timeline, in its own words; for reading, never judged.

    `digest` is of the entry itself, so that a file brought in twice adds it once.
    """

    __tablename__ = "foreign_history"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str]
    action: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (Index("foreign_history_by_time", "case_no", "at"),)
