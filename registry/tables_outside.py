"""Outside hands: links by which somebody without an account does one piece of work."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import NOW, Base


class GuestLinkRow(Base):
    """A link to one case or task, given by its unit; only the hash of its secret is kept."""

    __tablename__ = "guest_link"
    link_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes]
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"))
    unit: Mapped[str]
    name: Mapped[str]
    issued_by: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(server_default="")
    used_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("secret_hash", name="guest_link_secret"),
        Index("guest_link_by_case", "case_no"),
    )
