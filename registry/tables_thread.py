"""The thread of a case (协作留言): what those who work on it say to one another."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import NOW, Base


class MessageRow(Base):
    """A message; those of a joint case's tasks stand in the thread of the case.

    `taken_back_at`: its author took it back; the text stays on record.
    """

    __tablename__ = "thread_message"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    author: Mapped[str]
    unit: Mapped[str] = mapped_column(server_default="")
    text: Mapped[str]
    said_at: Mapped[datetime] = mapped_column(server_default=NOW)
    edited_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]
    idempotency_key: Mapped[str]
    body_hash: Mapped[bytes]
    __table_args__ = (UniqueConstraint("author", "idempotency_key", name="message_once"),)


class FormerTextRow(Base):
    """What a message said before its author changed it."""

    __tablename__ = "thread_former_text"
    case_no: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(primary_key=True)
    text: Mapped[str]
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_no", "seq"], ["thread_message.case_no", "thread_message.seq"]
        ),
    )


class MessagePhotoRow(Base):
    """A photo of a message; it is none of the case's file."""

    __tablename__ = "thread_photo"
    case_no: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    attachment_id: Mapped[UUID] = mapped_column(
        ForeignKey("attachment.attachment_id"), primary_key=True
    )
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_no", "seq"], ["thread_message.case_no", "thread_message.seq"]
        ),
        Index("thread_photo_by_id", "attachment_id"),
    )


class MentionRow(Base):
    """Who is asked to read a message: `person:…` or `unit:…`."""

    __tablename__ = "thread_mention"
    case_no: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    __table_args__ = (
        ForeignKeyConstraint(
            ["case_no", "seq"], ["thread_message.case_no", "thread_message.seq"]
        ),
        Index("mention_by_address", "address", "case_no", "seq"),
    )


class ReadMarkRow(Base):
    """Up to where somebody has read a thread."""

    __tablename__ = "thread_read"
    case_no: Mapped[str] = mapped_column(ForeignKey("case_record.case_no"), primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(server_default=NOW)
