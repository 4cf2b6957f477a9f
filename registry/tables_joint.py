"""What a joint case keeps beside its log: which departments take part."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import Base


class PartyRow(Base):
    """A department that has, or had, a share in a joint case, or was called to the site.

    It sees the case and its tasks.
    """

    __tablename__ = "case_party"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = (Index("party_by_unit", "unit", "case_no"),)
