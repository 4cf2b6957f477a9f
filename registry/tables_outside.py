"""Outside hands: links by which somebody without an account does one piece of work."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import NOW, Base


class GuestLinkRow(Base):
    """A link to a unit's turn at one case or task; only the hash of its secret is kept."""

    __tablename__ = "guest_link"
    link_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes]
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"))
    task_no: Mapped[int]
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


class DestinationRow(Base):
    """A unit's own system: where it listens, its secret, and how it has been answering."""

    __tablename__ = "destination"
    code: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str]
    url: Mapped[str]
    secret: Mapped[bytes]
    former_secret: Mapped[bytes | None]
    former_until: Mapped[datetime | None]
    key_id: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default="true")
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    failures: Mapped[int] = mapped_column(server_default="0")
    closed_until: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (
        Index("destination_by_unit", "unit", unique=True, postgresql_where="active"),
    )


class DeliveryRow(Base):
    """Something a unit's own system is to be told: written with the event behind it.

    `work` is what its unit has, `case_no` and `seq` are the event's: of the work itself, or of
    the joint case that it is part of.
    """

    __tablename__ = "delivery"
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(ForeignKey("destination.code"))
    work: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"))
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"))
    seq: Mapped[int]
    tells: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    begun_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    delivered_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    reference: Mapped[str] = mapped_column(server_default="")
    last_error: Mapped[str] = mapped_column(server_default="")
    __table_args__ = (
        UniqueConstraint(
            "destination", "work", "case_no", "seq", "tells", name="delivery_once"
        ),
        Index(
            "delivery_open",
            "destination",
            "created_at",
            postgresql_where="delivered_at is null and dropped_at is null",
        ),
    )
