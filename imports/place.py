"""Places: Boston's box onto the district's box, then the grid that holds the point."""

from dataclasses import dataclass, field

from shapely import Point
from shapely.ops import nearest_points

from registry.grids import GridMap

WEST, EAST = -71.1810, -70.9949
SOUTH, NORTH = 42.2325, 42.3943
"""Smallest box around all 58,251 rows of the file (minimum and maximum of its columns)."""
INSIDE = 1e-6
"""Degrees, about 0.1 m: how far a point that was moved lies within its grid."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A point of the demonstration district.

    Attributes:
        longitude: WGS84.
        latitude: WGS84.
        grid: Code of the grid that holds it.
        moved: It fell outside every grid, and is now the nearest point of the nearest one.
    """

    longitude: float
    latitude: float
    grid: str
    moved: bool


class NoGridsError(Exception):
    """The registry has no grid with a polygon."""

    def __init__(self) -> None:
        super().__init__("the registry has no grids: run `manage.py seed` first")


@dataclass
class Placing:
    """The grids of the district, and the affine map onto the box around them.

    Raises:
        NoGridsError: There are none.
    """

    grids: GridMap
    _box: tuple[float, float, float, float] = field(init=False)

    def __post_init__(self) -> None:
        boxes = [one.bounds for one in self.grids.shapes]
        if not boxes:
            raise NoGridsError
        west, south, east, north = zip(*boxes, strict=True)
        self._box = min(west), min(south), max(east), max(north)

    def affine(self, longitude: float, latitude: float) -> tuple[float, float]:
        """The point with the same relative position in the district's box."""
        west, south, east, north = self._box
        right = (longitude - WEST) / (EAST - WEST)
        up = (latitude - SOUTH) / (NORTH - SOUTH)
        return west + right * (east - west), south + up * (north - south)

    def place(self, longitude: float, latitude: float) -> Place:
        """Where a point of Boston lies in the district, by real point-in-polygon."""
        x, y = self.affine(longitude, latitude)
        grid = self.grids.locate(x, y)
        if grid is not None:
            return Place(longitude=x, latitude=y, grid=grid, moved=False)
        point = Point(x, y)
        index = self.grids.tree.nearest(point)
        if index is None:
            raise NoGridsError
        polygon = self.grids.shapes[int(index)]
        border = nearest_points(polygon, point)[0]
        inside = _towards(border, polygon.representative_point())
        code = self.grids.codes[int(index)]
        return Place(longitude=inside.x, latitude=inside.y, grid=code, moved=True)


def _towards(start: Point, end: Point) -> Point:
    """A hair's breadth from `start` towards `end`."""
    length = start.distance(end)
    share = min(1.0, INSIDE / length) if length else 0.0
    return Point(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share)
