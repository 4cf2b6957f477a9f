"""Load the fictional demonstration district from `seed/`; run again, it changes nothing."""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import Calendar
from domain.policy import Policy
from registry import calendars, emergency_files, packs
from registry.book import CALENDAR
from registry.catalogue_files import read_catalogue, subclass_code
from registry.engine import connect, sessions_of
from registry.passwords import hash_password
from registry.policies import dump_policy
from registry.tables_emergency import EmergencyPlanVersion
from registry.tables_lists import SourceRow, TemplateRow
from registry.tables_master import (
    Area,
    Base,
    CalendarVersion,
    CatalogueRow,
    CatalogueVersion,
    Department,
    MasterChange,
    Person,
    PersonGrant,
    PolicyVersion,
    Reason,
    RoutingRule,
)

FOLDER = Path(__file__).parent.parent / "seed"
SINCE = datetime(2000, 1, 1, tzinfo=UTC)
DEMO_PASSWORD = "gridcase-demo"  # noqa: S105  printed by `make up`; demonstration only
SHOWN_UNIT = "sanitation"
DESK = "desk1"
"""The account that accepts, files and dispatches in one press."""
SHOWN_ROLES = (
    "acceptor",
    "duty_chief",
    "dispatcher",
    "supervisor",
    "command_chief",
    "call_back_clerk",
    "unit_approver",
    "unit_dispatcher",
    "unit_handler",
    "grid_member",
    "admin",
)


@dataclass(frozen=True, kw_only=True)
class Account:
    """A demonstration account, for the table that `make up` prints."""

    login: str
    password: str
    role_title: str
    name: str


@dataclass(frozen=True, kw_only=True)
class SeedReport:
    """What the registry holds now."""

    grids: int
    departments: int
    people: int
    subclasses: int
    accounts: tuple[Account, ...]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _json(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return body


async def load(database_url: str) -> SeedReport:
    """Load what is not there yet, in one transaction."""
    engine = connect(database_url, pool_size=2, statement_timeout_ms=60_000)
    try:
        async with sessions_of(engine).begin() as session:
            await session.execute(text("select pg_advisory_xact_lock(990107)"))
            if await session.scalar(select(MasterChange.number)) is None:
                await _load_all(session)
                session.add(MasterChange(one=True, number=1))
    finally:
        await engine.dispose()
    return report()


def report() -> SeedReport:
    """What the seed files hold, with one demonstration account for each role."""
    people = _rows("people.csv")
    desk = next(row for row in people if row["login"] == DESK)
    shown: dict[str, dict[str, str]] = {}
    for row in people:
        if not row["role"].startswith("unit_") or row["unit_code"] == SHOWN_UNIT:
            shown.setdefault(row["role"], row)
    return SeedReport(
        grids=sum(row["level"] == "grid" for row in _rows("areas.csv")),
        departments=len(_rows("departments.csv")),
        people=len({row["login"] for row in people}),
        subclasses=len({subclass_code(row) for row in _rows("catalogue.csv")}),
        accounts=(
            Account(
                login=DESK,
                password=DEMO_PASSWORD,
                role_title="acceptor + duty_chief + dispatcher",
                name=desk["name"],
            ),
            *(
                Account(
                    login=shown[role]["login"],
                    password=DEMO_PASSWORD,
                    role_title=role,
                    name=shown[role]["name"],
                )
                for role in SHOWN_ROLES
                if role in shown
            ),
        ),
    )


async def _add(
    session: AsyncSession, table: type[Base], rows: Iterable[Mapping[str, object]]
) -> None:
    values = list(rows)
    if values:
        await session.execute(insert(table).on_conflict_do_nothing(), values)


async def _load_all(session: AsyncSession) -> None:
    await _add(session, Area, _areas())
    await _add(
        session,
        Department,
        (
            {
                "code": row["code"],
                "name_zh": row["name_zh"],
                "name_en": row["name_en"],
                "kind": row["kind"],
                "parent": row["parent"],
                "extension": row["extension"],
                "duty_24h": row["duty_24h"] == "yes",
                "area": row["area_code"],
            }
            for row in _rows("departments.csv")
        ),
    )
    await _load_people(session)
    source = "fictional district; limits: Yuncheng city standard, others ours"
    await _add(
        session, CatalogueVersion, [{"version": 1, "valid_from": SINCE, "source": source}]
    )
    catalogue = read_catalogue(FOLDER / "catalogue.csv")
    await _add(session, CatalogueRow, ({**row, "version": 1} for row in catalogue))
    await _add(
        session,
        RoutingRule,
        (
            {
                "number": number,
                "pattern": row["subclass"],
                "area": row["area_code"],
                "unit": row["unit_code"],
                "backup": row["backup_unit_code"],
                "basis": row["basis"],
                "valid_from": SINCE,
            }
            for number, row in enumerate(_rows("routing.csv"), start=1)
            if row["unit_code"]
        ),
    )
    policy = dump_policy(seed_policy())
    await _add(session, PolicyVersion, [{"version": 1, "valid_from": SINCE, "body": policy}])
    calendar = read_calendar()
    await _add(
        session,
        CalendarVersion,
        [
            {
                "calendar_id": calendar.calendar_id,
                "version": calendar.version,
                "valid_from": SINCE,
                "body": CALENDAR.dump_python(calendar, mode="json"),
            }
        ],
    )
    plans = emergency_files.dump(emergency_files.read(emergency_files.SEED))
    await _add(
        session, EmergencyPlanVersion, [{"version": 1, "valid_from": SINCE, "body": plans}]
    )
    await _add(session, SourceRow, _sources())
    await _add(
        session,
        Reason,
        (
            {
                "action": row["action"],
                "code": row["code"],
                "zh": row["zh"],
                "en": row["en"],
                "channel_zh": row["channel_zh"],
                "channel_en": row["channel_en"],
            }
            for row in _rows("reasons.csv")
        ),
    )
    templates = enumerate(_rows("templates.csv"), start=1)
    await _add(session, TemplateRow, ({**row, "place": place} for place, row in templates))


def _sources() -> Iterable[dict[str, object]]:
    for place, row in enumerate(_rows("sources.csv"), start=1):
        yield {
            "code": row["code"],
            "place": place,
            "zh": row["zh"],
            "en": row["en"],
            "entered_by": row["entered_by"].split(),
            "needs": row["needs"].split(),
            "may": row["may"].split(),
            "active": row["active"] == "yes",
        }


def _areas() -> Iterable[dict[str, object]]:
    shapes = {
        feature["properties"]["code"]: feature["geometry"]
        for feature in _json("grids.geojson")["features"]
    }
    parent_length = {"street": 6, "community": 9, "grid": 12}
    for row in _rows("areas.csv"):
        yield {
            "code": row["code"],
            "level": row["level"],
            "parent": row["code"][: parent_length.get(row["level"], 0)],
            "name_zh": row["name_zh"],
            "name_en": row["name_en"],
            "households": int(row["households"] or 0),
            "polygon": shapes.get(row["code"]),
            "valid_from": SINCE,
        }


async def _load_people(session: AsyncSession) -> None:
    rows = _rows("people.csv")
    password = hash_password(DEMO_PASSWORD)
    people = {
        row["login"]: {
            "login": row["login"],
            "name": row["name"],
            "name_en": row["name_en"],
            "phone": row["phone"],
            "password_hash": password,
        }
        for row in rows
    }
    await _add(session, Person, people.values())
    await _add(
        session,
        PersonGrant,
        (
            {
                "login": row["login"],
                "role": row["role"],
                "unit": row["unit_code"] if row["role"].startswith("unit_") else "",
                "area": row["area_code"] if not row["role"].startswith("unit_") else "",
            }
            for row in rows
        ),
    )


def seed_policy() -> Policy:
    """The policy that the district starts with."""
    return packs.pack(packs.DEMONSTRATION)


def read_calendar() -> Calendar:
    """The district's work calendar as its files have it."""
    return calendars.read(FOLDER / "calendar.json")
