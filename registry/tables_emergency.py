"""Emergency plans (预案) as data: versions, each with the day from which it holds."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import Base


class EmergencyPlanVersion(Base):
    """A version of the emergency plans, and from when it holds."""

    __tablename__ = "emergency_plan_version"
    version: Mapped[int] = mapped_column(primary_key=True)
    valid_from: Mapped[datetime]
    body: Mapped[dict[str, Any]]
