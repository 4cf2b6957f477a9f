"""Batches of commands: a key stands for one body; what came of it, the commands say."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import NOW, Base


class BatchRow(Base):
    """A batch that was sent."""

    __tablename__ = "command_batch"
    principal: Mapped[str] = mapped_column(primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes]
    cases: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
