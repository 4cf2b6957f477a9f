"""What a search finds cases by."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import Base


class SearchRow(Base):
    """The terms of one case; `reported_at` beside them, so that a page is sorted here.

    Weights: A its numbers, B its address, C the words of the report and of supplements, D the
    names of its area and class. Never anything of the reporter.
    """

    __tablename__ = "case_search"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    reported_at: Mapped[datetime]
    terms: Mapped[str] = mapped_column(TSVECTOR())
    __table_args__ = (Index("case_by_terms", "terms", postgresql_using="gin"),)
