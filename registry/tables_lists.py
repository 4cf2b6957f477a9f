"""Lists that a centre keeps for itself: where reports come from, texts for reasons."""

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from registry.tables_master import Base


class SourceRow(Base):
    """A source of reports: who may enter one from it, and which identifiers it carries."""

    __tablename__ = "source"
    code: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]
    zh: Mapped[str]
    en: Mapped[str]
    entered_by: Mapped[list[Any]]
    needs: Mapped[list[Any]] = mapped_column(server_default="[]")
    may: Mapped[list[Any]] = mapped_column(server_default="[]")
    active: Mapped[bool] = mapped_column(server_default="true")


class TemplateRow(Base):
    """A text for an action's reason or reply; `unit` empty: for everyone."""

    __tablename__ = "template"
    action: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True, server_default="")
    place: Mapped[int]
    zh: Mapped[str]
    en: Mapped[str]
