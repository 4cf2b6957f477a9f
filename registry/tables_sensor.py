"""Sensors: their readings, and the incidents that become cases."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import NOW, Base


class SensorReading(Base):
    """A value of a device; sent again, it is still one."""

    __tablename__ = "sensor_reading"
    device: Mapped[str] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    value: Mapped[float]
    alarm: Mapped[bool]
    case_no: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)


class SensorIncident(Base):
    """What a device's alarms are about, as one case; at most one is open for each measure."""

    __tablename__ = "sensor_incident"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    device: Mapped[str]
    metric: Mapped[str]
    opened_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "incident_once",
            "device",
            "metric",
            unique=True,
            postgresql_where="cleared_at is null",
        ),
        Index("incident_by_device", "device", "metric", "cleared_at"),
    )


class SensorBatch(Base):
    """A batch of readings that was taken, and how it was answered."""

    __tablename__ = "sensor_batch"
    principal: Mapped[str] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes]
    answer: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
