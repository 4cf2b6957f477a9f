"""The book: the closest owner, and units within units."""

from dataclasses import replace

import pytest

from domain.book import Owner
from tests.domain.small_world import BOOK, GRID, LITTER

RULES = (
    Owner(pattern="*", area="", unit="anyone"),
    Owner(pattern="E01-*", area="", unit="wide"),
    Owner(pattern="E01-*", area="990106001", unit="near"),
    Owner(pattern="E01-02", area="", unit="exact"),
    Owner(pattern="E01-03", area="990206", unit="elsewhere"),
)


@pytest.mark.parametrize(
    ("subclass", "grid", "units"),
    [
        ("E01-02", GRID, ["exact"]),
        ("E01-03", GRID, ["near"]),
        ("E01-03", "990206001001001", ["elsewhere"]),
        ("E01-04", "990206001001001", ["wide"]),
        ("A09-01", GRID, ["anyone"]),
    ],
)
def test_the_closest_rule_owns(subclass: str, grid: str, units: list[str]) -> None:
    book = replace(BOOK, owners=RULES)

    assert [one.unit for one in book.owners_of(subclass, grid)] == units


def test_what_nobody_took_has_no_owner() -> None:
    assert not replace(BOOK, owners=()).owners_of(LITTER, GRID)


@pytest.mark.parametrize(
    ("unit", "parent", "within"),
    [
        ("roads", "roads", True),
        ("roads.west", "roads", True),
        ("roads", "roads.west", False),
        ("roads", "", False),
        ("", "", False),
        ("nowhere", "roads", False),
    ],
)
def test_a_unit_is_within_itself_and_its_parent(unit: str, parent: str, within: object) -> None:
    assert BOOK.within(unit, parent) is within


def test_version_nought_is_the_one_in_force() -> None:
    assert BOOK.policy_of(0) is BOOK.policies[1]
    assert BOOK.subclass(0, LITTER) is BOOK.subclass(1, LITTER)
    assert BOOK.subclass(1, "E99-99") is None
