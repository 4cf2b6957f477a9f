"""Reads of master data as people see it: names, codes, reasons."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.tables_lists import SourceRow, TemplateRow
from registry.tables_master import Area, CatalogueRow, Department, Reason

MOST = 10_000


async def areas(
    session: AsyncSession, *, level: str | None = None, parent: str | None = None
) -> Sequence[Area]:
    """Areas in force, by code."""
    query = select(Area).where(Area.valid_to.is_(None)).order_by(Area.code).limit(MOST)
    if level is not None:
        query = query.where(Area.level == level)
    if parent is not None:
        query = query.where(Area.parent == parent)
    return (await session.scalars(query)).all()


async def departments(session: AsyncSession) -> Sequence[Department]:
    """Departments and sub-units, by code."""
    return (
        await session.scalars(select(Department).order_by(Department.code).limit(MOST))
    ).all()


async def catalogue(session: AsyncSession, version: int) -> Sequence[CatalogueRow]:
    """The accept conditions of a catalogue version."""
    query = (
        select(CatalogueRow)
        .where(CatalogueRow.version == version)
        .order_by(CatalogueRow.subclass, CatalogueRow.condition)
        .limit(MOST)
    )
    return (await session.scalars(query)).all()


async def sources(session: AsyncSession) -> Sequence[SourceRow]:
    """The registry of sources, in its own order."""
    query = select(SourceRow).order_by(SourceRow.place, SourceRow.code).limit(MOST)
    return (await session.scalars(query)).all()


async def templates(session: AsyncSession, action: str | None) -> Sequence[TemplateRow]:
    """Texts for reasons and replies, of one action or of all, in their own order."""
    query = select(TemplateRow).order_by(TemplateRow.place, TemplateRow.unit).limit(MOST)
    if action is not None:
        query = query.where(TemplateRow.action == action)
    return (await session.scalars(query)).all()


async def reasons(session: AsyncSession) -> Sequence[Reason]:
    """Reason codes of all actions."""
    query = select(Reason).order_by(Reason.action, Reason.code).limit(MOST)
    return (await session.scalars(query)).all()
