"""Versions of policy: what there is, what a new one changes, putting it in force."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book
from domain.policy import Policy
from domain.policy_check import Known, faults
from registry.book import NoMasterDataError
from registry.cases import now
from registry.policies import PolicyBodyError, dump_policy
from registry.tables_emergency import EmergencyPlanVersion
from registry.tables_master import MasterChange, PolicyVersion

Version = TypeVar("Version", PolicyVersion, EmergencyPlanVersion)


class NotInForceError(ValueError):
    """A version cannot come into force then."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One value that differs; empty where one side has none."""

    key: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A version on record."""

    version: int
    name: str
    valid_from: datetime
    in_force: bool


async def policies(session: AsyncSession) -> Sequence[Listed]:
    """Every policy version, in the order in which they come into force."""
    return await listed(session, PolicyVersion)


async def listed(session: AsyncSession, table: type[Version]) -> Sequence[Listed]:
    """Every version in a table, in the order in which they come into force."""
    at = await now(session)
    query = select(table).order_by(table.valid_from, table.version)
    rows = (await session.scalars(query)).all()
    current = max((row for row in rows if row.valid_from <= at), key=_age, default=None)
    return [
        Listed(
            version=row.version,
            name=str(row.body.get("name", "")),
            valid_from=row.valid_from,
            in_force=row is current,
        )
        for row in rows
    ]


def _age(row: PolicyVersion | EmergencyPlanVersion) -> tuple[datetime, int]:
    return row.valid_from, row.version


def check(policy: Policy, book: Book) -> None:
    """Whether a policy makes sense with the catalogue and reason lists in force.

    Raises:
        PolicyBodyError: It does not; the message names each key.
    """
    known = Known(subclasses=book.catalogues[book.catalogue], reasons=book.reasons)
    found = faults(policy, known)
    if found:
        raise PolicyBodyError("\n".join(found))


def differences(before: Policy, after: Policy) -> tuple[Difference, ...]:
    """What differs, key by key; rules are told apart by their names."""
    old, new = _flat(before), _flat(after)
    return tuple(
        Difference(key=key, before=old.get(key, ""), after=new.get(key, ""))
        for key in dict.fromkeys([*old, *new])
        if old.get(key, "") != new.get(key, "")
    )


async def use_policy(session: AsyncSession, policy: Policy, *, since: datetime | None) -> int:
    """Write a policy as the next version, in force from `since` or from now; its number.

    Raises:
        NotInForceError: `since` is over.
    """
    at = await next_change(session)
    number = (await session.scalar(select(func.max(PolicyVersion.version))) or 0) + 1
    await session.execute(
        insert(PolicyVersion).values(
            version=number, valid_from=start_of(since, at), body=dump_policy(policy)
        )
    )
    return number


async def next_change(session: AsyncSession) -> datetime:
    """Say that master data change, alone until the transaction ends; the time it is.

    Raises:
        NoMasterDataError: The registry holds no district yet.
    """
    counted = await session.scalar(
        update(MasterChange)
        .values(number=MasterChange.number + 1)
        .returning(MasterChange.number)
    )
    if counted is None:
        raise NoMasterDataError("the registry holds no district: run seed")
    return await now(session)


def start_of(since: datetime | None, at: datetime) -> datetime:
    """From when a version holds.

    Raises:
        NotInForceError: `since` is over.
    """
    if since is None:
        return at
    if since < at:
        raise NotInForceError(
            f"a version comes into force from now on, not from {since:%Y-%m-%d %H:%M} UTC: "
            "what was decided stays decided"
        )
    return since


def local_midnight(day: date, book: Book) -> datetime:
    """When a day begins in the district."""
    return datetime.combine(day, time(), zone_of(book)).astimezone(UTC)


def zone_of(book: Book) -> ZoneInfo:
    """The district's zone."""
    return ZoneInfo(book.calendars[book.calendar].zone)


def _flat(policy: Policy) -> dict[str, str]:
    body = dump_policy(policy)
    found = dict(_leaves("", body["base"]))
    for index, rule in enumerate(body["rules"]):
        place = f"rule “{rule['name'] or index}”"
        found[f"{place} fits"] = _text([*rule["sources"], *rule["classes"]]) or "all"
        found.update(_leaves(f"{place} ", rule["changes"]))
    return found


def _leaves(place: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, one in value.items():
        if isinstance(one, Mapping) and not _is_limit(one):
            yield from _leaves(f"{place}{key}.", one)
        else:
            yield f"{place}{key}", _text(one)


def _is_limit(value: Mapping[str, Any]) -> bool:
    return set(value) == {"value", "unit"}


def _text(value: object) -> str:
    match value:
        case {"value": float() | int() as number, "unit": str() as unit}:
            return f"{number:g} {unit}"
        case list():
            return ", ".join(map(str, value)) or "none"
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)
