"""What a request means here: every type of the real file, and what is not named."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from domain.terms import Source
from imports.boston import Request, read
from imports.mapping import FOLDER, BostonMap, address, words
from imports.place import EAST, NORTH, SOUTH, WEST, Placing

File = Callable[..., Path]
Row = Callable[..., str]


def requests(path: Path) -> list[Request]:
    return [one for one in read(path) if isinstance(one, Request)]


def test_every_target_is_in_the_catalogue(mapping: BostonMap) -> None:
    letters = {"component": "C", "event": "E", "affair": "A"}
    with (FOLDER / "catalogue.csv").open(encoding="utf-8", newline="") as catalogue:
        known = {
            (
                f"{letters[row['kind']]}{row['class_code']}-{row['sub_code']}",
                int(row["condition_no"]),
            )
            for row in csv.DictReader(catalogue)
        }
    tables = (mapping.types, mapping.reasons, mapping.subjects)
    targets = [mapping.other, *(one for table in tables for one in table.values())]

    assert {(one.subclass, one.condition) for one in targets} <= known


def test_a_type_goes_before_the_reason_the_subject_and_the_rest(
    mapping: BostonMap, file: File, row: Row
) -> None:
    path = file(
        row(1),
        row(2, type="Unheard Of"),
        row(3, type="Unheard Of", reason="Unheard Of"),
        row(4, type="Unheard Of", reason="Unheard Of", subject="Unheard Of"),
    )

    assert [mapping.target(one).by for one in requests(path)] == [
        "type", "reason", "subject", "type",
    ]  # fmt: skip
    assert mapping.target(requests(path)[3]) == mapping.other


def test_an_unknown_channel_is_an_import_and_an_unknown_department_none_of_ours(
    mapping: BostonMap, file: File, row: Row
) -> None:
    one, other = requests(file(row(1), row(2, source="Pigeon", department="XYZ")))

    assert (mapping.source(one), mapping.unit(one)) == (Source.HOTLINE, "sanitation")
    assert (mapping.source(other), mapping.unit(other)) == (Source.IMPORT, "")


def test_words_and_address_say_that_they_are_of_boston_2011(file: File, row: Row) -> None:
    one, other = requests(file(row(1), row(2, neighborhood="")))

    assert words(one) == (
        "[Boston, 2011] Requests for Street Cleaning (Street Cleaning), Back Bay"
    )
    assert "Boston, 2011" in address(one)
    assert words(other).endswith("no neighborhood named")


def test_the_corners_of_boston_are_the_corners_of_the_district(placing: Placing) -> None:
    boxes = [one.bounds for one in placing.grids.shapes]

    assert placing.affine(WEST, SOUTH) == (min(b[0] for b in boxes), min(b[1] for b in boxes))
    east, north = placing.affine(EAST, NORTH)
    assert abs(east - max(b[2] for b in boxes)) < 1e-9
    assert abs(north - max(b[3] for b in boxes)) < 1e-9


def test_a_point_outside_every_grid_moves_into_the_nearest_one(placing: Placing) -> None:
    outside = placing.place(WEST - 0.05, SOUTH - 0.05)

    assert outside.moved
    assert placing.grids.locate(outside.longitude, outside.latitude) == outside.grid
    middle = placing.place((WEST + EAST) / 2, (SOUTH + NORTH) / 2)
    assert not middle.moved


def test_every_row_of_the_real_file_has_a_named_type_a_channel_and_a_grid(
    real_file: Path, mapping: BostonMap, placing: Placing
) -> None:
    by, sources, moved = Counter[str](), Counter[Source](), 0
    for one in requests(real_file):
        by[mapping.target(one).by] += 1
        sources[mapping.source(one)] += 1
        place = placing.place(one.longitude, one.latitude)
        assert place.grid in placing.grids.codes
        moved += place.moved

    assert by == {"type": 58_251}
    assert Source.IMPORT not in sources
    assert moved < 500
