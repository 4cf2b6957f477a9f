"""Versions of the emergency plans: what there is, what a new one changes, using it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book
from domain.emergency_plan import EmergencyPlans, Known, faults
from registry import versions
from registry.emergency_files import EmergencyPlanError, dump
from registry.tables_emergency import EmergencyPlanVersion
from registry.versions import Difference, Listed, next_change, start_of


def check(plans: EmergencyPlans, book: Book) -> None:
    """Whether plans make sense with the units and accounts in use.

    Raises:
        EmergencyPlanError: They do not; the message names each key.
    """
    found = faults(plans, Known(units=book.units, people=dict(book.people)))
    if found:
        raise EmergencyPlanError("\n".join(found))


def differences(before: EmergencyPlans | None, after: EmergencyPlans) -> tuple[Difference, ...]:
    """What differs, key by key; plans are told apart by their codes."""
    old = dict(_flat(before)) if before else {}
    new = dict(_flat(after))
    return tuple(
        Difference(key=key, before=old.get(key, ""), after=new.get(key, ""))
        for key in dict.fromkeys([*old, *new])
        if old.get(key, "") != new.get(key, "")
    )


async def listed(session: AsyncSession) -> Sequence[Listed]:
    """Every version, in the order in which they come into force."""
    return await versions.listed(session, EmergencyPlanVersion)


async def use(session: AsyncSession, plans: EmergencyPlans, *, since: datetime | None) -> int:
    """Write plans as the next version, in force from `since` or from now; its number.

    Raises:
        NotInForceError: `since` is over.
    """
    at = await next_change(session)
    table = EmergencyPlanVersion
    number = (await session.scalar(select(func.max(table.version))) or 0) + 1
    await session.execute(
        insert(table).values(version=number, valid_from=start_of(since, at), body=dump(plans))
    )
    return number


def _flat(plans: EmergencyPlans) -> Iterator[tuple[str, str]]:
    for one in dump(plans)["plans"]:
        yield from _leaves(f"plan “{one['key']}” ", one)


def _leaves(place: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case {"value": float() | int() as number, "unit": str() as unit, **rest} if not rest:
            yield place.strip(), f"{number:g} {unit}"
        case dict():
            for key, one in value.items():
                yield from _leaves(
                    f"{place.rstrip('.')}{'' if place.endswith(' ') else '.'}{key}", one
                )
        case list() if value and isinstance(value[0], dict):
            for index, one in enumerate(value, 1):
                yield from _leaves(f"{place}[{index}]", one)
        case list():
            yield place.strip(), ", ".join(map(str, value)) or "none"
        case _:
            yield place.strip(), "none" if value is None else str(value)
