"""Versions of the catalogue: what there is, what a new one changes, putting it in force."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.cases import now
from registry.tables_master import CatalogueRow, CatalogueVersion
from registry.versions import Difference, next_change, start_of

_COMPARED = (
    "name_zh",
    "name_en",
    "accept_zh",
    "close_zh",
    "limit_value",
    "limit_unit",
    "case_kind",
    "urgent",
    "check_mode",
    "photo_required",
    "self_handle",
    "public",
    "confidential",
    "stages",
    "questions",
)
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A catalogue version on record."""

    version: int
    source: str
    valid_from: datetime
    conditions: int
    in_force: bool


async def is_confidential(session: AsyncSession, subclass: str) -> bool:
    """Whether any version keeps a subclass confidential: its words stay in the house."""
    row = CatalogueRow
    found = select(row.version).where(row.subclass == subclass, row.confidential).limit(1)
    return await session.scalar(found) is not None


async def catalogues(session: AsyncSession) -> Sequence[Listed]:
    """Every catalogue version, in the order in which they come into force."""
    at = await now(session)
    rows = (
        await session.execute(
            select(CatalogueVersion, func.count(CatalogueRow.subclass))
            .outerjoin(CatalogueRow, CatalogueRow.version == CatalogueVersion.version)
            .group_by(CatalogueVersion.version)
            .order_by(CatalogueVersion.valid_from, CatalogueVersion.version)
        )
    ).all()
    current = [row.version for row, _ in rows if row.valid_from <= at][-1:]
    return [
        Listed(
            version=row.version,
            source=row.source,
            valid_from=row.valid_from,
            conditions=count,
            in_force=[row.version] == current,
        )
        for row, count in rows
    ]


async def rows_of(session: AsyncSession, version: int) -> tuple[dict[str, Any], ...]:
    """The accept conditions of a version, as a file has them."""
    columns = [one.name for one in CatalogueRow.__table__.columns if one.name != "version"]
    rows = await session.scalars(select(CatalogueRow).where(CatalogueRow.version == version))
    return tuple({name: getattr(row, name) for name in columns} for row in rows)


def differences(before: Rows, after: Rows) -> tuple[Difference, ...]:
    """What differs, condition by condition: what is new, what goes, what has other values."""
    old, new = _by_key(before), _by_key(after)
    found: list[Difference] = []
    for key in sorted({*old, *new}):
        was, becomes = old.get(key), new.get(key)
        if was is None or becomes is None:
            found.append(
                Difference(key=key, before=_name(was or {}), after=_name(becomes or {}))
            )
            continue
        found.extend(
            Difference(key=f"{key} {name}", before=str(was[name]), after=str(becomes[name]))
            for name in _COMPARED
            if was[name] != becomes[name]
        )
    return tuple(found)


async def use_catalogue(
    session: AsyncSession, rows: Rows, *, source: str, since: datetime | None
) -> int:
    """Write a catalogue as the next version, beside the others; its number.

    Raises:
        NotInForceError: `since` is over.
    """
    at = await next_change(session)
    number = (await session.scalar(select(func.max(CatalogueVersion.version))) or 0) + 1
    await session.execute(
        insert(CatalogueVersion).values(
            version=number, valid_from=start_of(since, at), source=source
        )
    )
    await session.execute(insert(CatalogueRow), [{**row, "version": number} for row in rows])
    return number


def _by_key(rows: Rows) -> dict[str, Mapping[str, Any]]:
    return {f"{row['subclass']}/{row['condition']}": row for row in rows}


def _name(row: Mapping[str, Any]) -> str:
    return f"{row['name_zh']} {row['name_en']}" if row else ""
