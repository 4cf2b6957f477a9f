"""Names and words of the master data, for people: areas, units, classes, reasons, accounts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry import master
from registry.tables_master import Area, CatalogueRow, Department, Person, Reason

GRID_DIGITS = 15
COMMUNITY_DIGITS = 12
STREET_DIGITS = 9


@dataclass(frozen=True, kw_only=True)
class Name:
    """One thing's name in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The name in `zh` or `en`; the other one when it is missing."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


@dataclass(frozen=True, kw_only=True)
class ConditionWords:
    """One accept condition of a subclass, in words, with its limit."""

    number: int
    accept: Name
    close: Name
    limit_value: float
    limit_unit: str
    urgent: bool
    check_mode: str
    photo_required: bool


@dataclass(frozen=True, kw_only=True)
class SubclassWords:
    """A subclass as people read it."""

    code: str
    name: Name
    group: Name
    public: bool
    confidential: bool
    conditions: tuple[ConditionWords, ...]


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Every name a page may need, read in one go.

    Attributes:
        areas: Names by code, all levels.
        polygons: Rings of (longitude, latitude) by grid code.
        units: Names by department code.
        classes: Subclasses by code, of the newest catalogue version.
        reasons: Action → (code, words), in the order of the list.
        people: Names by login.
        channels: (action, reason) → the right channel that the reporter is told.
        templates: Action → (unit, text): texts for its reason or reply; no unit: for everyone.
    """

    areas: Mapping[str, Name]
    polygons: Mapping[str, tuple[tuple[float, float], ...]]
    units: Mapping[str, Name]
    classes: Mapping[str, SubclassWords]
    reasons: Mapping[str, tuple[tuple[str, Name], ...]]
    people: Mapping[str, Name]
    channels: Mapping[tuple[str, str], Name] = field(default_factory=dict)
    templates: Mapping[str, tuple[tuple[str, Name], ...]] = field(default_factory=dict)

    def grids(self) -> list[str]:
        """Codes of all grids, in order."""
        return sorted(code for code in self.areas if len(code) == GRID_DIGITS)

    def path(self, grid: str, language: str) -> str:
        """`street · grid` of a grid code; empty while unlocated."""
        codes = (grid[:STREET_DIGITS], grid)
        return " · ".join(self.areas[one].of(language) for one in codes if one in self.areas)


async def read(session: AsyncSession) -> Directory:
    """The directory as it is now."""
    areas = (
        await session.scalars(select(Area).where(Area.valid_to.is_(None)).order_by(Area.code))
    ).all()
    return Directory(
        areas={row.code: Name(zh=row.name_zh, en=row.name_en) for row in areas},
        polygons={row.code: _ring(row.polygon) for row in areas if row.polygon},
        units={
            row.code: Name(zh=row.name_zh, en=row.name_en)
            for row in await session.scalars(select(Department).order_by(Department.code))
        },
        classes=await _classes(session),
        reasons=await _reasons(session),
        channels={
            (row.action, row.code): Name(zh=row.channel_zh, en=row.channel_en)
            for row in await session.scalars(select(Reason).where(Reason.channel_zh != ""))
        },
        templates=await _templates(session),
        people={
            row.login: Name(zh=row.name, en=row.name_en)
            for row in await session.execute(
                select(Person.login, Person.name, Person.name_en).order_by(Person.login)
            )
        },
    )


def _ring(polygon: dict[str, Any]) -> tuple[tuple[float, float], ...]:
    """The outer ring of a GeoJSON polygon."""
    return tuple((float(lon), float(lat)) for lon, lat in polygon["coordinates"][0])


async def _classes(session: AsyncSession) -> dict[str, SubclassWords]:
    rows = await session.scalars(
        select(CatalogueRow).order_by(
            CatalogueRow.version, CatalogueRow.subclass, CatalogueRow.condition
        )
    )
    newest: dict[str, list[CatalogueRow]] = {}
    for row in rows:
        group = newest.setdefault(row.subclass, [])
        if group and group[-1].version != row.version:
            group.clear()
        group.append(row)
    return {code: _subclass(code, group) for code, group in newest.items()}


def _subclass(code: str, rows: list[CatalogueRow]) -> SubclassWords:
    first = rows[0]
    return SubclassWords(
        code=code,
        name=Name(zh=first.name_zh, en=first.name_en),
        group=Name(zh=first.class_zh, en=first.class_en),
        public=any(row.public for row in rows),
        confidential=any(row.confidential for row in rows),
        conditions=tuple(
            ConditionWords(
                number=row.condition,
                accept=Name(zh=row.accept_zh, en=row.accept_en),
                close=Name(zh=row.close_zh, en=row.close_en),
                limit_value=row.limit_value,
                limit_unit=row.limit_unit,
                urgent=row.urgent,
                check_mode=row.check_mode,
                photo_required=row.photo_required,
            )
            for row in rows
        ),
    )


async def _reasons(session: AsyncSession) -> dict[str, tuple[tuple[str, Name], ...]]:
    found: dict[str, list[tuple[str, Name]]] = {}
    rows = await session.scalars(select(Reason).order_by(Reason.action, Reason.code))
    for row in rows:
        found.setdefault(row.action, []).append((row.code, Name(zh=row.zh, en=row.en)))
    return {action: tuple(codes) for action, codes in found.items()}


async def _templates(session: AsyncSession) -> dict[str, tuple[tuple[str, Name], ...]]:
    found: dict[str, list[tuple[str, Name]]] = {}
    for row in await master.templates(session, None):
        found.setdefault(row.action, []).append((row.unit, Name(zh=row.zh, en=row.en)))
    return {action: tuple(texts) for action, texts in found.items()}
