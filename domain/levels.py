"""Levels (分级): who answers for a place on each, and what a dispatch may skip."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.book import Book
from domain.case import Case
from domain.terms import Level
from domain.turn import Turn
from domain.why import Because

NEXT_UP: Mapping[Level, Level] = MappingProxyType(
    {
        Level.GRID: Level.COMMUNITY,
        Level.COMMUNITY: Level.STREET,
        Level.STREET: Level.DISTRICT,
        Level.DISTRICT: Level.CITY,
    }
)
"""The level above each; in the city another body answers, to which it is transferred out."""
PLACED = frozenset({Level.COMMUNITY, Level.STREET})
"""Levels that have one unit for a place."""


def responsible(case: Case, level: Level, book: Book) -> str:
    """The unit of a level that answers for a case's place and class; empty when none is clear.

    In the district that is the closest owner by the duty list, or else its backup.
    """
    if level is not Level.DISTRICT:
        return next((one for one in units_at(level, book) if _answers(one, case, book)), "")
    for role in ("unit", "backup"):
        weighed = {
            getattr(one, role): one.weight(case.subclass, case.grid)
            for one in sorted(book.owners, key=lambda it: it.weight(case.subclass, case.grid))
            if getattr(one, role) in book.units
            and book.tier(getattr(one, role)).level is Level.DISTRICT
        }
        best = max(weighed.values(), default=0)
        found = [unit for unit, weight in weighed.items() if weight == best and weight > 0]
        if found:
            return found[0] if len(found) == 1 else ""
    return ""


def level_of(case: Case, book: Book) -> Level | None:
    """The level that has a case: of its unit, or the one that it was handed to."""
    if case.unit:
        return book.tier(case.unit).level
    return case.handed.level if case.handed else None


def owners_of(case: Case, book: Book) -> list[str]:
    """Departments that a dispatch may go to without a reason, by code.

    Of a case that was handed on it is the unit of that level that answers for the place, and
    none of a lower level.
    """
    handed = case.handed
    if handed and handed.to:
        return [handed.to]
    owners = [one.unit for one in book.owners_of(case.subclass, case.grid)]
    return [one for one in owners if not (handed and handed.level.above(book.tier(one).level))]


def units_at(level: Level, book: Book) -> list[str]:
    """Units of a level that answer for an area, by code."""
    return sorted(one for one, at in book.tiers.items() if at.level is level and at.area)


def _answers(unit: str, case: Case, book: Book) -> bool:
    return bool(case.grid) and case.grid.startswith(book.tier(unit).area)


def lower_units(case: Case, book: Book) -> list[str]:
    """Units below the one that has the case which answer for its place, the highest first."""
    own = book.tier(case.unit).level
    return [
        unit
        for level in (Level.STREET, Level.COMMUNITY)
        if own.above(level)
        for unit in units_at(level, book)
        if _answers(unit, case, book)
    ]


def check_level(turn: Turn, unit: str) -> None:
    """T14: above the lowest level that can solve it only where the authority list says so (◆).

    Otherwise it takes the reason that skips a level. Who was handed the case is the lowest
    level then.
    """
    handed, flow = turn.case.handed, turn.flow
    lowest = handed.level if handed else flow.solved_at
    level = turn.book.tier(unit).level
    until = flow.flat_until.get(level)
    flat = level in flow.flat and (until is None or turn.today <= until.isoformat())
    if level.above(lowest) and not (flat or turn.step.reason in flow.skip_reasons):
        turn.not_now(Because.SKIPS_LEVEL, level=lowest.value, unit=unit)
