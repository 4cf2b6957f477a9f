"""The master data as one value, read in one go and kept until something changes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from domain.book import Book, Condition, Owner, SourceRule, Subclass, Tier
from domain.calendar import Calendar, Limit, Unit
from domain.people import Actor, Grant
from domain.policy import Policy
from domain.terms import CheckMode, Kind, Level, Role, Source
from registry import destinations, emergency_files
from registry.catalogue_files import QUESTIONS, STAGES
from registry.grants import grants
from registry.policies import read_policy
from registry.tables_emergency import EmergencyPlanVersion
from registry.tables_lists import SourceRow
from registry.tables_master import (
    Area,
    CalendarVersion,
    CatalogueRow,
    CatalogueVersion,
    Department,
    MasterChange,
    Person,
    PolicyVersion,
    Reason,
    RoutingRule,
)

CALENDAR = TypeAdapter(Calendar)
COMMUNITY = 12
"""Digits of a community's code, the prefix of its grids' codes."""
LOCAL = frozenset({Level.COMMUNITY.value, Level.STREET.value})
"""Kinds of units that answer for an area; every other one is the district's."""
BOOK_AGE = timedelta(seconds=2)
"""How long a book is used before the registry is asked whether master data changed."""


class NoMasterDataError(Exception):
    """The registry has no catalogue, policy or calendar in force; run `manage.py seed`."""


async def change_number(session: AsyncSession) -> int:
    """The number of the last change of master data; 0 before any."""
    return await session.scalar(select(MasterChange.number)) or 0


async def load(session: AsyncSession, *, at: datetime) -> Book:
    """Everything in force at `at`, and every version there is.

    Raises:
        NoMasterDataError: Nothing is in force.
    """
    policies = await _policies(session)
    policy = _in_force([(row.version, row.valid_from) for row, _ in policies.values()], at)
    catalogue = _in_force(
        [
            (row.version, row.valid_from)
            for row in (await session.scalars(select(CatalogueVersion))).all()
        ],
        at,
    )
    plans = await emergency_files.versions(session)
    plan = _in_force([(version, since) for version, (since, _) in plans.items()], at)
    calendars = (await session.scalars(select(CalendarVersion))).all()
    values = {
        (row.calendar_id, row.version): CALENDAR.validate_python(row.body) for row in calendars
    }
    current = [row for row in calendars if row.valid_from <= at]
    if policy is None or catalogue is None or not current:
        raise NoMasterDataError("no catalogue, policy or calendar is in force: run seed")
    people, members = await _people(session)
    departments = (await session.scalars(select(Department))).all()
    newest = max(current, key=lambda row: (row.valid_from, row.version))
    return Book(
        policies={version: value for version, (_, value) in policies.items()},
        policy=policy,
        catalogues=await _catalogues(session),
        catalogue=catalogue,
        calendars={value.key: value for value in values.values()},
        calendar=values[newest.calendar_id, newest.version].key,
        grids=frozenset(
            await session.scalars(
                select(Area.code).where(Area.level == "grid", Area.valid_to.is_(None))
            )
        ),
        units={row.code: row.parent for row in departments},
        tiers={
            row.code: Tier(level=Level(row.kind), area=row.area)
            for row in departments
            if row.kind in LOCAL
        },
        owners=await _owners(session, at),
        members=members,
        people=people,
        reasons=await _reasons(session),
        sources=await _sources(session),
        destinations=await destinations.of_units(session),
        emergencies={version: value for version, (_, value) in plans.items()},
        emergency=plan or 0,
    )


async def next_start(session: AsyncSession, *, at: datetime) -> datetime | None:
    """When the next version or routing rule comes into force (or ends), if one is on record."""
    starts = [
        select(column).where(column > at)
        for column in (
            PolicyVersion.valid_from,
            CatalogueVersion.valid_from,
            CalendarVersion.valid_from,
            EmergencyPlanVersion.valid_from,
            RoutingRule.valid_from,
            RoutingRule.valid_to,
        )
    ]
    found: datetime | None = await session.scalar(
        select(func.min(union_all(*starts).subquery().c[0]))
    )
    return found


@dataclass
class BookKeeper:
    """Keeps the book and asks now and then whether it is still true."""

    _book: Book | None = None
    _number: int = -1
    _asked: datetime | None = None
    _until: datetime | None = None

    async def book(self, session: AsyncSession, at: datetime) -> Book:
        """The book in force at `at`."""
        fresh = self._asked is not None and abs(at - self._asked) < BOOK_AGE
        if self._book is None or not fresh:
            number = await change_number(session)
            over = self._until is not None and at >= self._until
            if self._book is None or number != self._number or over:
                self._book = await load(session, at=at)
                self._number = number
                self._until = await next_start(session, at=at)
            self._asked = at
        return self._book


def _in_force(versions: list[tuple[int, datetime]], at: datetime) -> int | None:
    found = [(since, version) for version, since in versions if since <= at]
    return max(found)[1] if found else None


async def _policies(session: AsyncSession) -> dict[int, tuple[PolicyVersion, Policy]]:
    rows = (await session.scalars(select(PolicyVersion))).all()
    return {row.version: (row, read_policy(row.body, row.version)) for row in rows}


async def _catalogues(session: AsyncSession) -> dict[int, dict[str, Subclass]]:
    rows = await session.scalars(
        select(CatalogueRow).order_by(
            CatalogueRow.version, CatalogueRow.subclass, CatalogueRow.condition
        )
    )
    grouped: dict[int, dict[str, list[CatalogueRow]]] = {}
    for row in rows:
        grouped.setdefault(row.version, {}).setdefault(row.subclass, []).append(row)
    return {
        version: {code: _subclass(code, group) for code, group in by_code.items()}
        for version, by_code in grouped.items()
    }


def _subclass(code: str, rows: list[CatalogueRow]) -> Subclass:
    return Subclass(
        code=code,
        conditions=tuple(
            Condition(
                number=row.condition,
                limit=Limit(value=row.limit_value, unit=Unit(row.limit_unit)),
                urgent=row.urgent,
                check_mode=CheckMode(row.check_mode),
                photo_required=row.photo_required,
                stages=STAGES.validate_python(row.stages),
            )
            for row in rows
        ),
        self_handle=any(row.self_handle for row in rows),
        confidential=any(row.confidential for row in rows),
        public=any(row.public for row in rows),
        kind=Kind(rows[0].case_kind),
        questions=QUESTIONS.validate_python(rows[0].questions),
    )


async def _owners(session: AsyncSession, at: datetime) -> tuple[Owner, ...]:
    rows = await session.scalars(
        select(RoutingRule)
        .where(RoutingRule.valid_from <= at)
        .where(RoutingRule.valid_to.is_(None) | (RoutingRule.valid_to > at))
        .order_by(RoutingRule.number)
    )
    return tuple(
        Owner(pattern=row.pattern, area=row.area, unit=row.unit, backup=row.backup)
        for row in rows
    )


async def _people(
    session: AsyncSession,
) -> tuple[dict[str, Actor], dict[str, tuple[str, ...]]]:
    """Actors by login, and members by grid."""
    active = set(await session.scalars(select(Person.login).where(Person.active)))
    held: dict[str, list[Grant]] = {login: [] for login in sorted(active)}
    members: dict[str, list[str]] = {}
    for row in await session.execute(grants()):
        if row.login not in held:
            continue
        held[row.login].append(Grant(role=Role(row.role), unit=row.unit, area=row.area))
        if row.role == Role.GRID_MEMBER and row.area:
            members.setdefault(row.area, []).append(row.login)
    return (
        {login: Actor(person=login, grants=tuple(given)) for login, given in held.items()},
        {grid: _with_neighbours(grid, members) for grid in sorted(members)},
    )


def _with_neighbours(grid: str, members: dict[str, list[str]]) -> tuple[str, ...]:
    """The grid's own members first, then those of the other grids of its community."""
    community = grid[:COMMUNITY]
    nearby = (
        login
        for other in sorted(members)
        if other.startswith(community)
        for login in members[other]
    )
    return tuple(dict.fromkeys([*members[grid], *nearby]))


async def _sources(session: AsyncSession) -> tuple[SourceRule, ...]:
    rows = await session.scalars(select(SourceRow).order_by(SourceRow.place, SourceRow.code))
    return tuple(
        SourceRule(
            source=Source(row.code),
            entered_by=tuple(Role(one) for one in row.entered_by),
            needs=tuple(row.needs),
            may=tuple(row.may),
            active=row.active,
        )
        for row in rows
    )


async def _reasons(session: AsyncSession) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in (await session.scalars(select(Reason))).all():
        found.setdefault(row.action, set()).add(row.code)
    return {action: frozenset(codes) for action, codes in found.items()}
