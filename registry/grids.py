"""Which grid a point lies in."""

import asyncio
import math
from dataclasses import dataclass, field

from shapely import STRtree
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.book import change_number
from registry.tables_master import Area

EARTH_RADIUS_M = 6_371_008.8
NEAR_M = 200.0
"""How far outside a grid is named as the nearest one, in metres."""


def haversine(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two (longitude, latitude) points on the mean sphere."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*one, *other))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


class NoDistrictError(Exception):
    """The registry has no area of level `district`; run `manage.py seed`."""


@dataclass(frozen=True)
class GridMap:
    """The district's grids, to be asked by point.

    Attributes:
        district: Its six-digit code, which case numbers begin with.
        codes: Grid codes, ascending, so that of two grids that share a border the lower wins.
    """

    district: str
    codes: tuple[str, ...]
    shapes: tuple[BaseGeometry, ...]
    tree: STRtree

    def locate(self, lon: float, lat: float) -> str | None:
        """The grid of a point; on a common border the lowest code; None outside all."""
        found = self.tree.query(Point(lon, lat), predicate="intersects")
        return self.codes[min(found)] if len(found) else None

    def nearest(self, lon: float, lat: float) -> tuple[str, float] | None:
        """The nearest grid within `NEAR_M` and its distance in metres."""
        if not self.codes:
            return None
        point = Point(lon, lat)
        index = self.tree.nearest(point)
        if index is None:
            return None
        on_grid, _ = nearest_points(self.shapes[int(index)], point)
        metres = haversine((on_grid.x, on_grid.y), (lon, lat))
        return (self.codes[int(index)], metres) if metres <= NEAR_M else None


def build(district: str, polygons: list[tuple[str, dict[str, object]]]) -> GridMap:
    """A map of GeoJSON polygons by code."""
    ordered = sorted(polygons)
    shapes = tuple(shape(geometry) for _, geometry in ordered)
    codes = tuple(code for code, _ in ordered)
    return GridMap(district, codes, shapes, STRtree(shapes))


@dataclass
class GridKeeper:
    """Reads the map when master data changed; else it is kept."""

    _number: int = -1
    _map: GridMap | None = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def map(self, session: AsyncSession) -> GridMap:
        """The grids in force.

        Raises:
            NoDistrictError: There is no district.
        """
        number = await change_number(session)
        if self._map is not None and number == self._number:
            return self._map
        async with self._lock:
            if self._map is None or number != self._number:
                self._map = await _load(session)
                self._number = number
        return self._map


async def _load(session: AsyncSession) -> GridMap:
    district = await session.scalar(
        select(Area.code).where(Area.level == "district").order_by(Area.code).limit(1)
    )
    if district is None:
        raise NoDistrictError("no district is on record: run seed")
    rows = await session.execute(
        select(Area.code, Area.polygon).where(
            Area.level == "grid", Area.valid_to.is_(None), Area.polygon.is_not(None)
        )
    )
    polygons = [(code, polygon) for code, polygon in rows if polygon is not None]
    return await asyncio.to_thread(build, district, polygons)
