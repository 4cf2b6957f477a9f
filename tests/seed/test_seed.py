"""The seed files hold together: codes, references, the partition, the calendar, the mapping."""

import csv
import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import chinese_calendar  # type: ignore[import-untyped]
import pytest
from shapely import Polygon, STRtree, unary_union
from shapely.geometry import shape

from domain import terms
from domain.calendar import Limit, Unit
from domain.channels import Identifier
from registry.migrations.first_sources import first_sources
from seed import make_calendar, make_grids

ROOT = Path(__file__).parents[2]
SEED = ROOT / "seed"
DIGITS = {"district": 6, "street": 9, "community": 12, "grid": 15}
LETTER = {"component": "C", "event": "E", "affair": "A"}
BOSTON = "boston311_2011H2_trimmed.csv.gz"
OWNERLESS = {"C01-23", "A24-06", "A25-05"}
UNIT_ROLES = {"unit_dispatcher", "unit_approver", "unit_handler"}
CENTRE_ROLES = {
    "acceptor", "duty_chief", "call_back_clerk", "dispatcher", "command_chief", "supervisor",
    "admin",
}  # fmt: skip

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (SEED / name).open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file, strict=True))
    assert all(None not in row and None not in row.values() for row in found), name
    return found


def subclass(row: Row) -> str:
    return f"{LETTER[row['kind']]}{row['class_code']}-{row['sub_code']}"


AREAS = rows("areas.csv")
GRIDS = [row["code"] for row in AREAS if row["level"] == "grid"]
UNITS = {row["code"]: row for row in rows("departments.csv")}
PEOPLE = rows("people.csv")
CATALOGUE = rows("catalogue.csv")
SUBCLASSES = sorted({subclass(row) for row in CATALOGUE})
CONDITIONS = {(subclass(row), row["condition_no"]) for row in CATALOGUE}
ROUTING = rows("routing.csv")
RULES = [row for row in ROUTING if row["unit_code"]]
REASONS = rows("reasons.csv")
MAP = rows("boston_map.csv")


@pytest.fixture(scope="module")
def polygons() -> dict[str, Polygon]:
    features = json.loads((SEED / "grids.geojson").read_text(encoding="utf-8"))["features"]
    found: dict[str, Polygon] = {}
    for feature in features:
        outline = shape(feature["geometry"])
        assert isinstance(outline, Polygon)
        found[feature["properties"]["code"]] = outline
    return found


def owners(code: str, grid: str) -> list[Row]:
    """The closest rules for a subclass in a grid, by the rule of seed/README.md."""

    def closeness(rule: Row) -> tuple[int, int]:
        pattern = rule["subclass"]
        exact = pattern == code
        wild = pattern.endswith("*") and code.startswith(pattern[:-1])
        if not (exact or wild) or not grid.startswith(rule["area_code"]):
            return (0, 0)
        return (1000 if exact else len(pattern), len(rule["area_code"]))

    weighed = [(closeness(rule), rule) for rule in RULES]
    best = max(weight for weight, _ in weighed)
    return [rule for weight, rule in weighed if weight == best and weight > (0, 0)]


# --- areas and grids


def test_the_district_says_that_it_is_fictional() -> None:
    district = json.loads((SEED / "district.json").read_text(encoding="utf-8"))

    assert district["code"] == AREAS[0]["code"]
    assert "虚构" in district["name_zh"]
    assert "fictional" in district["name_en"]
    assert district["zone"] == "Asia/Shanghai"


def test_area_codes_have_their_level_s_digits_and_a_parent_before_them() -> None:
    seen: set[str] = set()
    for row in AREAS:
        digits = DIGITS[row["level"]]
        assert re.fullmatch(rf"990106\d{{{digits - 6}}}", row["code"])
        assert row["code"] not in seen
        assert digits == 6 or row["code"][: digits - 3] in seen
        seen.add(row["code"])


def test_the_tree_is_wide_enough() -> None:
    levels = Counter(row["level"] for row in AREAS)

    assert levels["district"] == 1
    assert levels["street"] == 5
    assert levels["community"] >= 12
    assert levels["grid"] >= 48


def test_households_add_up_and_a_grid_has_300_to_500() -> None:
    count = {row["code"]: int(row["households"]) for row in AREAS}

    assert all(300 <= count[grid] <= 500 for grid in GRIDS)
    for parent, digits in ((code, len(code)) for code in count if len(code) < 15):
        children = [
            code for code in count if len(code) == digits + 3 and code[:digits] == parent
        ]
        assert count[parent] == sum(count[child] for child in children)


def test_area_names_are_unique() -> None:
    for column in ("name_zh", "name_en"):
        names = Counter(row[column] for row in AREAS)
        assert names.most_common(1)[0][1] == 1


def test_each_grid_has_one_polygon_inside_the_box(polygons: dict[str, Polygon]) -> None:
    assert sorted(polygons) == sorted(GRIDS)
    for polygon in polygons.values():
        west, south, east, north = polygon.bounds
        assert polygon.is_valid
        assert not polygon.interiors
        assert polygon.exterior.is_ccw
        assert 120.10 <= west < east <= 120.21
        assert 30.30 <= south < north <= 30.37


def test_the_grids_leave_no_gap_and_do_not_overlap(polygons: dict[str, Polygon]) -> None:
    whole = unary_union(list(polygons.values()))

    assert isinstance(whole, Polygon), "the district falls apart"
    assert not whole.interiors, "there is a hole"
    assert whole.area == pytest.approx(sum(p.area for p in polygons.values()), rel=1e-12)
    for one, other in combinations(polygons.values(), 2):
        assert one.intersection(other).area == 0


def test_neighbours_share_their_border_vertex_by_vertex(polygons: dict[str, Polygon]) -> None:
    outlines = list(polygons.values())
    vertices = [set(outline.exterior.coords) for outline in outlines]
    left, right = STRtree(outlines).query(outlines, predicate="touches")
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        border = outlines[one].intersection(outlines[other])
        points = {point for part in getattr(border, "geoms", [border]) for point in part.coords}
        assert points <= vertices[one] & vertices[other]


@pytest.mark.parametrize("digits", [9, 12])
def test_streets_and_communities_are_in_one_piece(
    digits: int, polygons: dict[str, Polygon]
) -> None:
    for area in {grid[:digits] for grid in GRIDS}:
        parts = [outline for code, outline in polygons.items() if code.startswith(area)]
        assert isinstance(unary_union(parts), Polygon), area


def test_the_grid_generator_writes_the_committed_files(tmp_path: Path) -> None:
    make_grids.write(tmp_path)

    for name in ("areas.csv", "grids.geojson"):
        assert (tmp_path / name).read_bytes() == (SEED / name).read_bytes()


# --- units and people


def test_units_have_a_known_kind_and_parent() -> None:
    assert len(UNITS) == len(rows("departments.csv"))
    for code, unit in UNITS.items():
        assert re.fullmatch(r"[a-z_]+", code)
        assert unit["kind"] in {"department", "sub_unit", "street", "community"}
        assert unit["duty_24h"] in {"yes", "no"}
        assert (unit["parent"] in UNITS) == (unit["kind"] in {"sub_unit", "community"}), code
    assert Counter(unit["kind"] for unit in UNITS.values())["sub_unit"] >= 2


def test_extensions_and_phones_are_nobody_else_s() -> None:
    extensions = Counter(unit["extension"] for unit in UNITS.values())
    phones = {row["phone"]: row["login"] for row in PEOPLE}

    assert max(extensions.values()) == 1
    assert len(phones) == len({row["login"] for row in PEOPLE})
    assert all(phone.startswith("000-") for phone in phones)


def test_a_login_is_one_person() -> None:
    who: dict[str, tuple[str, str, str]] = {}
    for row in PEOPLE:
        same = (row["name"], row["name_en"], row["phone"])
        assert who.setdefault(row["login"], same) == same


def test_grants_are_unique_and_name_known_roles_units_and_areas() -> None:
    keys = Counter(
        (row["login"], row["role"], row["unit_code"], row["area_code"]) for row in PEOPLE
    )
    areas = {row["code"] for row in AREAS}

    assert max(keys.values()) == 1
    for row in PEOPLE:
        assert row["role"] in set(terms.Role) - {terms.Role.REPORTER, terms.Role.SYSTEM}
        assert row["unit_code"] in UNITS
        assert row["area_code"] in areas


@pytest.mark.parametrize("role", sorted(CENTRE_ROLES | UNIT_ROLES | {"grid_member"}))
def test_each_role_is_held_at_least_twice(role: str) -> None:
    assert len({row["login"] for row in PEOPLE if row["role"] == role}) >= 2


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_each_unit_is_staffed_and_its_approver_is_not_its_handler(unit: str) -> None:
    held: dict[str, set[str]] = {}
    for row in PEOPLE:
        if row["unit_code"] == unit and row["role"] in UNIT_ROLES:
            held.setdefault(row["role"], set()).add(row["login"])

    assert set(held) == UNIT_ROLES
    assert not held["unit_approver"] & held["unit_handler"]


def members() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in PEOPLE:
        if row["role"] == "grid_member":
            found.setdefault(row["area_code"], []).append(row["login"])
    return found


def test_each_grid_has_one_member_and_each_community_two() -> None:
    own = members()

    assert sorted(own) == sorted(GRIDS)
    assert all(len(logins) == 1 for logins in own.values())
    for community in {grid[:12] for grid in GRIDS}:
        assert len({own[grid][0] for grid in GRIDS if grid.startswith(community)}) == 2


def test_a_member_s_grids_lie_side_by_side(polygons: dict[str, Polygon]) -> None:
    beats: dict[str, list[Polygon]] = {}
    for grid, (login,) in members().items():
        beats.setdefault(login, []).append(polygons[grid])
    for login, beat in beats.items():
        assert isinstance(unary_union(beat), Polygon), login


def test_members_belong_to_no_unit_that_handles() -> None:
    handling = {rule[column] for rule in RULES for column in ("unit_code", "backup_unit_code")}

    assert not {row["unit_code"] for row in PEOPLE if row["role"] == "grid_member"} & handling


# --- catalogue and routing


def test_each_condition_has_a_limit_and_both_languages() -> None:
    for row in CATALOGUE:
        assert Limit(value=float(row["limit_value"]), unit=Unit(row["limit_unit"])).value > 0
        assert row["check_mode"] in set(terms.CheckMode)
        for column in ("urgent", "photo_required", "self_handle", "public", "confidential"):
            assert row[column] in {"yes", "no"}
        for column in ("class_zh", "sub_zh", "accept_condition_zh", "close_condition_zh"):
            assert re.search("[一-鿿]", row[column])
            assert row[column.replace("_zh", "_en")]


def test_conditions_are_numbered_from_one_and_names_do_not_change_between_them() -> None:
    numbers: dict[str, list[int]] = {}
    named: dict[str, tuple[str, ...]] = {}
    for row in CATALOGUE:
        code = subclass(row)
        assert re.fullmatch(r"[CEA]\d\d-\d\d", code)
        numbers.setdefault(code, []).append(int(row["condition_no"]))
        names = tuple(
            row[c] for c in ("class_zh", "class_en", "sub_zh", "sub_en", "confidential")
        )
        assert named.setdefault(code, names) == names
    for code, found in numbers.items():
        assert found == list(range(1, len(found) + 1)), code


def test_the_standard_s_hundred_rows_and_the_social_classes_are_there() -> None:
    sources = Counter(row["source"] for row in CATALOGUE)
    social: dict[str, set[str]] = {}
    for row in CATALOGUE:
        if row["kind"] == "affair":
            social.setdefault(row["class_code"], set()).add(row["sub_code"])

    assert set(sources) == {"Yuncheng city standard", "[D] default"}
    assert sources["Yuncheng city standard"] == 100
    assert sorted(social) == [str(number) for number in range(21, 29)]
    assert all(len(found) >= 3 for found in social.values())


def shared(name: str) -> Path:
    """A file of the shared data folder, or a skip that says how to get one."""
    given = os.environ.get("GRIDCASE_BOSTON")
    boston = Path(given) if given else ROOT.parent / "shared" / "data" / BOSTON
    folder = boston if boston.is_dir() else boston.parent
    found = boston if name == BOSTON and boston.is_file() else folder / name
    if not found.is_file():
        pytest.skip(f"{name} is not here: set GRIDCASE_BOSTON to the Boston file or its folder")
    return found


def test_the_hundred_rows_equal_the_standard_s_facts() -> None:
    columns = (
        "kind", "class_code", "class_zh", "sub_code", "sub_zh", "sub_en", "accept_condition_en",
        "limit_value", "limit_unit", "close_condition_en",
    )  # fmt: skip
    with shared("category_catalogue.csv").open(encoding="utf-8", newline="") as file:
        facts = [tuple(row[column] for column in columns) for row in csv.DictReader(file)]

    ours = [tuple(row[column] for column in columns) for row in CATALOGUE]
    assert ours[: len(facts)] == facts


def test_urgent_marks_danger_not_the_unit() -> None:
    urgent = {subclass(row) for row in CATALOGUE if row["urgent"] == "yes"}

    assert {"C01-01", "E05-01", "E05-05"} <= urgent
    assert not {code for code in urgent if code.startswith("E04")}


def test_photos_are_asked_exactly_where_the_check_is_on_site() -> None:
    for row in CATALOGUE:
        assert (row["photo_required"] == "yes") == (row["check_mode"] == "on_site")
        assert row["check_mode"] == "on_site" or row["self_handle"] == "no"


def test_routing_names_known_subclasses_units_and_areas() -> None:
    areas = {row["code"] for row in AREAS} | {""}
    keys = Counter((row["subclass"], row["area_code"]) for row in ROUTING)

    assert max(keys.values()) == 1
    for rule in ROUTING:
        pattern = rule["subclass"]
        assert pattern in SUBCLASSES or any(
            pattern.endswith("-*") and code.startswith(pattern[:-1]) for code in SUBCLASSES
        )
        assert rule["area_code"] in areas
        assert rule["unit_code"] in UNITS or not rule["unit_code"]
        assert rule["backup_unit_code"] in UNITS or not rule["backup_unit_code"]
        assert not rule["unit_code"] or rule["unit_code"] != rule["backup_unit_code"]
        assert rule["basis"]


def test_every_subclass_has_one_owner_in_every_grid_or_none_on_purpose() -> None:
    noted = {row["subclass"] for row in ROUTING if not row["unit_code"]}
    assert noted == OWNERLESS
    assert all(
        row["basis"].startswith("ownerless on purpose")
        for row in ROUTING
        if not row["unit_code"]
    )
    for code in SUBCLASSES:
        for grid in GRIDS:
            assert len(owners(code, grid)) == (0 if code in OWNERLESS else 1), (code, grid)


def test_some_subclasses_depend_on_the_area() -> None:
    def units(code: str) -> set[str]:
        return {owners(code, grid)[0]["unit_code"] for grid in GRIDS}

    assert len(units("E06-04")) == 5, "the street's office"
    assert len(units("A21-01")) == 14, "the community"
    assert units("E04-05") == {"street_liuting", "street_wangzhou", "enforcement"}
    assert units("C01-37") == {"lighting"}


# --- calendar


def test_the_calendar_equals_the_published_one_on_each_day() -> None:
    kinds = {row["date"]: row["kind"] for row in rows("calendar.csv")}
    assert len(kinds) == len(rows("calendar.csv"))

    def days() -> Iterator[date]:
        day = date(2024, 1, 1)
        while day < date(2027, 1, 1):
            yield day
            day += timedelta(days=1)

    for day in days():
        works = {"work": True, "off": False, None: day.weekday() < 5}[
            kinds.get(day.isoformat())
        ]
        assert works == chinese_calendar.is_workday(day), day


def test_only_differences_of_published_years_are_listed() -> None:
    calendar = json.loads((SEED / "calendar.json").read_text(encoding="utf-8"))
    assert (calendar["id"], calendar["version"]) == ("cn-district", 1)
    assert calendar["published_years"] == [2024, 2025, 2026]
    for row in rows("calendar.csv"):
        day = date.fromisoformat(row["date"])
        assert day.year in calendar["published_years"]
        assert (row["kind"] == "off") == (day.weekday() < 5)
        assert row["name_zh"]
        assert row["name_en"]


def test_the_calendar_generator_writes_the_committed_days(tmp_path: Path) -> None:
    make_calendar.write(tmp_path)

    def days(path: Path) -> list[list[str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return [row[:4] for row in csv.reader(file)]

    assert days(tmp_path / "calendar.csv") == days(SEED / "calendar.csv")


# --- reasons


def test_reason_codes_are_unique_in_an_action_and_mean_the_same_everywhere() -> None:
    meaning: dict[str, str] = {}
    for row in REASONS:
        assert re.fullmatch(r"[a-z_]+", row["code"])
        assert meaning.setdefault(row["code"], row["zh"] + row["en"]) == row["zh"] + row["en"]

    keys = Counter((row["action"], row["code"]) for row in REASONS)
    assert max(keys.values()) == 1
    assert len(set(meaning.values())) == len(meaning)


def test_a_refusal_tells_the_right_channel_and_a_return_has_the_four_reasons() -> None:
    refusals = [row for row in REASONS if row["action"] == "refuse"]

    assert len(refusals) == 9
    assert all(row["channel_zh"] and row["channel_en"] for row in refusals)
    assert [row["zh"] for row in REASONS if row["action"] == "return"] == [
        "职能不符", "属地不符", "权属不清", "信息不全",
    ]  # fmt: skip


def test_each_template_is_for_a_known_action_in_both_languages() -> None:
    templates = rows("templates.csv")
    keys = Counter((row["action"], row["code"], row["unit"]) for row in templates)

    assert max(keys.values()) == 1
    for row in templates:
        assert row["action"] in set(terms.Action)
        assert re.search("[一-鿿]", row["zh"])
        assert row["en"]
        assert not re.search("[一-鿿]", row["en"])
        assert row["unit"] in {*UNITS, ""}


# --- sources


def test_sources_are_those_of_the_code_and_name_known_roles_and_identifiers() -> None:
    sources = rows("sources.csv")

    assert Counter(row["code"] for row in sources) == Counter(map(str, terms.Source))
    for row in sources:
        assert set(row["entered_by"].split()) <= set(terms.Role)
        assert set(row["needs"].split()) | set(row["may"].split()) <= set(Identifier)
        assert not set(row["needs"].split()) & set(row["may"].split())
        assert row["entered_by"]


def test_the_sources_of_an_upgrade_are_those_of_the_seed() -> None:
    ours = [
        {
            "code": row["code"],
            "place": place,
            "zh": row["zh"],
            "en": row["en"],
            "entered_by": row["entered_by"].split(),
            "needs": row["needs"].split(),
            "may": row["may"].split(),
        }
        for place, row in enumerate(rows("sources.csv"), start=1)
    ]
    assert first_sources() == ours


# --- Boston


def test_the_boston_map_names_known_conditions_and_ends_in_a_default() -> None:
    keys = Counter((row["type"], row["reason"], row["subject"]) for row in MAP)

    assert max(keys.values()) == 1
    assert MAP[-1]["type"] == "*"
    for row in MAP:
        assert (row["subclass"], row["condition_no"]) in CONDITIONS
        assert sum(bool(row[column]) for column in ("type", "reason", "subject")) == 1


def test_boston_s_channels_and_departments_map_to_ours() -> None:
    assert {row["our_source"] for row in rows("boston_sources.csv")} <= set(terms.Source)
    units = {row["unit_code"] for row in rows("boston_departments.csv")}
    assert units <= {*UNITS, ""}


def test_the_boston_tables_cover_the_whole_data_set() -> None:
    with gzip.open(shared(BOSTON), "rt", encoding="utf-8", newline="") as file:
        seen = [(row["type"], row["source"], row["department"]) for row in csv.DictReader(file)]

    assert {kind for kind, _, _ in seen} <= {row["type"] for row in MAP}
    assert {source for _, source, _ in seen} <= {
        r["source"] for r in rows("boston_sources.csv")
    }
    assert {department for _, _, department in seen} <= {
        row["department"] for row in rows("boston_departments.csv")
    }


# --- glossary


@pytest.mark.parametrize(
    "words",
    [
        terms.State,
        terms.Action,
        terms.Role,
        terms.Source,
        terms.Kind,
        terms.CheckMode,
        Unit,
    ],
    ids=lambda words: words.__name__,
)
def test_the_glossary_has_every_word_of_the_code(words: type[terms.State]) -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")

    assert not [word.value for word in words if f"`{word.value}`" not in glossary]
