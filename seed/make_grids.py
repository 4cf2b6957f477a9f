"""Draw the fictional demonstration district: `areas.csv` and `grids.geojson`.

Run by hand from the repository root, `uv run python -m seed.make_grids`; the same code writes
the same bytes. Cells of a jittered lattice are joined into grids, so that two neighbours share
each vertex of their border and the grids partition the district: no gap, no overlap.
"""

import csv
import json
import random
from pathlib import Path
from typing import NamedTuple

from shapely import Polygon, unary_union
from shapely.geometry.polygon import orient

DISTRICT = "990106"
WEST, EAST, SOUTH, NORTH = 120.10, 120.21, 30.30, 30.37
DECIMALS = 6  # about 0.1 m
NODE_JITTER = 0.24  # share of a cell's side
BEND = 0.09  # how far a border leaves its straight line, share of a cell's side
BENDS = (1 / 3, 2 / 3)  # where on a border it bends
SEED = 20260901
HOUSEHOLDS = (300, 500)  # of one grid, the usual size in China

# One letter a community, one digit a grid of it; the north is up.
CELLS = tuple(
    row.split()
    for row in (
        "A1 A1 A2 A2 B1 B2 B2 D1 D2 D2 E1 E1",
        "A3 A3 A4 B3 B4 B4 D3 D1 D4 D5 E2 E3",
        "C1 C1 C2 B3 B5 G1 G2 G2 D4 E4 E4 E3",
        "C3 C4 C4 C5 H1 G3 G4 G5 F1 F2 F3 E5",
        "J1 J2 J2 C5 H1 H2 G4 I1 I2 F2 F3 F4",
        "J1 J3 J4 H3 H3 H4 I4 I3 I2 M1 F5 F4",
        "K1 K2 L1 L1 L2 H4 I4 N1 N2 M2 M2 M3",
        "K3 K3 K4 K4 L3 L3 L4 N3 N4 N4 M4 M3",
    )
)

Point = tuple[float, float]
Node = tuple[int, int]  # row, column of the lattice, from the north-west


class Place(NamedTuple):
    """A name in Chinese and in English, without its level's word."""

    zh: str
    en: str


class Area(NamedTuple):
    """One row of `areas.csv`."""

    level: str
    code: str
    name_zh: str
    name_en: str
    households: int


STREETS: tuple[tuple[Place, dict[str, Place]], ...] = (
    (
        Place("柳汀", "Liuting"),
        {
            "A": Place("柳汀", "Liuting"),
            "B": Place("荷风", "Hefeng"),
            "C": Place("西渚", "Xizhu"),
        },
    ),
    (
        Place("望洲", "Wangzhou"),
        {
            "D": Place("望洲", "Wangzhou"),
            "E": Place("东塘", "Dongtang"),
            "F": Place("云台", "Yuntai"),
        },
    ),
    (
        Place("石澜", "Shilan"),
        {
            "G": Place("石澜", "Shilan"),
            "H": Place("兰桥", "Lanqiao"),
            "I": Place("书院", "Shuyuan"),
        },
    ),
    (
        Place("青梧", "Qingwu"),
        {
            "J": Place("青梧", "Qingwu"),
            "K": Place("梧田", "Wutian"),
            "L": Place("南圩", "Nanwei"),
        },
    ),
    (
        Place("归帆", "Guifan"),
        {"M": Place("归帆", "Guifan"), "N": Place("晓渡", "Xiaodu")},
    ),
)


def draw() -> dict[str, Polygon]:
    """Draw each grid of `CELLS`, by its letter and digit, in degrees of WGS84."""
    dice = random.Random(SEED)  # noqa: S311  # a drawing, not a secret
    rows, columns = len(CELLS), len(CELLS[0])
    side_x, side_y = (EAST - WEST) / columns, (NORTH - SOUTH) / rows

    def inside(x: float, y: float) -> Point:
        return (
            round(min(max(x, WEST), EAST), DECIMALS),
            round(min(max(y, SOUTH), NORTH), DECIMALS),
        )

    nodes = {
        (row, column): inside(
            WEST + (column + dice.uniform(-NODE_JITTER, NODE_JITTER)) * side_x,
            NORTH - (row + dice.uniform(-NODE_JITTER, NODE_JITTER)) * side_y,
        )
        for row in range(rows + 1)
        for column in range(columns + 1)
    }
    borders: dict[tuple[Node, Node], list[Point]] = {}

    def border(start: Node, end: Node) -> list[Point]:
        """Walk from `start` to before `end`; each border is drawn once, for both its sides."""
        if (end, start) in borders:
            return [nodes[start], *reversed(borders[end, start][1:])]
        (x0, y0), (x1, y1) = nodes[start], nodes[end]
        line = [nodes[start]]
        for share in BENDS:
            off = dice.uniform(-BEND, BEND)
            line.append(
                inside(
                    x0 + (x1 - x0) * share - (y1 - y0) * off,
                    y0 + (y1 - y0) * share + (x1 - x0) * off,
                )
            )
        borders[start, end] = line
        return line

    cells: dict[str, list[Polygon]] = {}
    for row, names in enumerate(CELLS):
        for column, name in enumerate(names):
            corners = [
                (row, column),
                (row + 1, column),
                (row + 1, column + 1),
                (row, column + 1),
            ]
            ring = [
                point
                for start, end in zip(corners, [*corners[1:], corners[0]], strict=True)
                for point in border(start, end)
            ]
            cells.setdefault(name, []).append(Polygon(ring))
    grids: dict[str, Polygon] = {}
    for name, parts in sorted(cells.items()):
        whole = unary_union(parts)
        if not isinstance(whole, Polygon) or not whole.is_valid or whole.interiors:
            raise ValueError(f"grid {name} is not one simple polygon")
        grids[name] = whole
    return grids


def name(grid_names: list[str]) -> tuple[list[Area], dict[str, str]]:
    """Name and number all areas; answers the tree, parents first, and each grid's code."""
    dice = random.Random(SEED)  # noqa: S311  # a drawing, not a secret
    codes: dict[str, str] = {}
    tree: list[Area] = []
    for street_no, (street, communities) in enumerate(STREETS, 1):
        street_code = f"{DISTRICT}{street_no:03}"
        below: list[Area] = []
        for community_no, (letter, community) in enumerate(communities.items(), 1):
            community_code = f"{street_code}{community_no:03}"
            grids: list[Area] = []
            for grid_no, key in enumerate((g for g in grid_names if g[0] == letter), 1):
                codes[key] = f"{community_code}{grid_no:03}"
                grids.append(
                    Area(
                        "grid",
                        codes[key],
                        f"{community.zh}社区第{grid_no}网格",
                        f"{community.en} Community Grid {grid_no}",
                        dice.randint(*HOUSEHOLDS),
                    )
                )
            below.append(
                Area(
                    "community",
                    community_code,
                    f"{community.zh}社区",
                    f"{community.en} Community",
                    sum(grid.households for grid in grids),
                )
            )
            below.extend(grids)
        tree.append(
            Area(
                "street",
                street_code,
                f"{street.zh}街道",
                f"{street.en} Subdistrict",
                sum(area.households for area in below if area.level == "community"),
            )
        )
        tree.extend(below)
    district = Area(
        "district",
        DISTRICT,
        "云汀区（虚构）",
        "Yunting District (fictional)",
        sum(area.households for area in tree if area.level == "street"),
    )
    return [district, *tree], codes


def write(folder: Path) -> None:
    """Write `areas.csv` and `grids.geojson` into `folder`."""
    grids = draw()
    areas, codes = name(list(grids))
    with (folder / "areas.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Area._fields)
        writer.writerows(areas)
    names = {area.code: area for area in areas}
    features = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {
                    "code": codes[key],
                    "name_zh": names[codes[key]].name_zh,
                    "name_en": names[codes[key]].name_en,
                    "fictional": True,
                },
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [list(orient(grid).exterior.coords)],
                },
            },
            ensure_ascii=False,
        )
        for key, grid in sorted(grids.items(), key=lambda item: codes[item[0]])
    ]
    (folder / "grids.geojson").write_text(
        '{"type": "FeatureCollection", "name": "Yunting District (fictional)", "features": [\n'
        + ",\n".join(features)
        + "\n]}\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    write(Path(__file__).parent)
