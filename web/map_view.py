"""A small map as lines: the grid, its neighbours and the point; no tiles, no script."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import cos, radians

WIDTH = 400
HEIGHT = 240
MARGIN = 0.55
"""How much of the grid's own size is shown around it."""
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class PlaceName:
    """A grid's name, at the middle of its polygon."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, kw_only=True)
class GridMap:
    """What the drawing needs, in its own units."""

    width: int
    height: int
    here: str
    near: tuple[str, ...]
    names: tuple[PlaceName, ...]
    point: tuple[float, float] | None


def draw(
    grid: str,
    polygons: Mapping[str, Ring],
    point: tuple[float, float] | None,
    name: Callable[[str], str],
) -> GridMap | None:
    """The map of a grid; None when it has no polygon. `name` shortens a grid's name."""
    own = polygons.get(grid)
    if not own:
        return None
    west, south, east, north = _box([*own, point] if point else own)
    wide, high = east - west, north - south
    view = (
        west - wide * MARGIN / 2,
        south - high * MARGIN / 2,
        east + wide * MARGIN / 2,
        north + high * MARGIN / 2,
    )
    squeeze = cos(radians((south + north) / 2))
    scale = min(WIDTH / ((view[2] - view[0]) * squeeze), HEIGHT / (view[3] - view[1]))
    middle = ((view[0] + view[2]) / 2, (view[1] + view[3]) / 2)

    def place(at: tuple[float, float]) -> tuple[float, float]:
        x = WIDTH / 2 + (at[0] - middle[0]) * squeeze * scale
        y = HEIGHT / 2 - (at[1] - middle[1]) * scale
        return round(x, 1), round(y, 1)

    around = (
        middle[0] - WIDTH / squeeze / scale / 2,
        middle[1] - HEIGHT / scale / 2,
        middle[0] + WIDTH / squeeze / scale / 2,
        middle[1] + HEIGHT / scale / 2,
    )
    near = {
        code: ring
        for code, ring in polygons.items()
        if code != grid and _overlap(_box(ring), around)
    }
    names = []
    for code, ring in sorted({grid: own, **near}.items()):
        x, y = place(_centre(ring))
        if 25 < x < WIDTH - 25 and 10 < y < HEIGHT - 5:  # noqa: PLR2004  room for the name
            names.append(PlaceName(x=x, y=y, words=name(code)))
    return GridMap(
        width=WIDTH,
        height=HEIGHT,
        here=_path(map(place, own)),
        near=tuple(_path(map(place, ring)) for _, ring in sorted(near.items())),
        names=tuple(names),
        point=place(point) if point else None,
    )


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "z"


def _box(points: Iterable[tuple[float, float]]) -> tuple[float, float, float, float]:
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _centre(ring: Ring) -> tuple[float, float]:
    return sum(lon for lon, _ in ring) / len(ring), sum(lat for _, lat in ring) / len(ring)
