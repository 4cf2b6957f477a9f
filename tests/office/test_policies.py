"""`manage.py policy`: read, compared and put in force on a real registry."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from domain.book import Book
from domain.calendar import Unit
from domain.policy import Flow
from domain.terms import Source
from manage import app
from registry import book as books
from registry import packs
from registry.engine import sessions_of
from registry.migrations.flat_policy import nested
from registry.policies import read_policy
from registry.tables_master import MasterChange, PolicyVersion

pytestmark = pytest.mark.server

OLD: dict[str, Any] = {
    "version": 3,
    "limits": {
        "accept": {
            "normal": {"value": 0.25, "unit": "work_hour"},
            "urgent": {"value": 0.25, "unit": "urgent_hour"},
        }
    },
    "whole": {
        "hotline": {"value": 5, "unit": "work_day"},
        "petition": {"value": 60, "unit": "natural_day"},
        "citizen_web": {"value": 5, "unit": "work_day"},
    },
    "auto_verify": [],
    "auto_accept": ["grid_patrol"],
    "auto_file": ["grid_patrol", "sensor"],
    "auto_dispatch": [],
    "auto_review": [],
    "auto_close": False,
    "max_returns_unit": 4,
    "first_receiver_sources": ["hotline"],
    "extension_total": {"value": 9, "unit": "work_day"},
    "hotline_sources": ["hotline"],
    "follow_up": {"value": 20, "unit": "natural_day"},
    "rungs": [50, 100],
    "fence_metres": 80,
    "#compressed": "compressed ×10, simulation",
}
"""A policy as release 1 stored it."""


async def manage(url: str, *words: str) -> Result:
    """Run the command line in a thread: it has a loop of its own."""
    runner = CliRunner(env={"DATABASE_URL": url, "COLUMNS": "250"})
    return await asyncio.to_thread(runner.invoke, app, ["policy", *words])


async def book_of(engine: AsyncEngine, ahead: timedelta = timedelta(seconds=1)) -> Book:
    async with sessions_of(engine)() as session:
        return await books.load(session, at=datetime.now(UTC) + ahead)


async def test_the_district_starts_with_city_management(
    engine: AsyncEngine, seeded_url: str
) -> None:
    listed = await manage(seeded_url, "list")
    shown = await manage(seeded_url, "show")

    assert listed.exit_code == 0
    assert "city_management" in listed.output
    assert "in force" in listed.output
    assert "Packs: city_management, hotline" in listed.output
    assert json.loads(shown.output)["name"] == "city_management"
    assert (await book_of(engine)).policy == 1


async def test_check_says_what_would_change_and_writes_nothing(
    engine: AsyncEngine, seeded_url: str
) -> None:
    checked = await manage(seeded_url, "check", "hotline")

    assert checked.exit_code == 0
    assert "auto_file" in checked.output
    assert "24 urgent_hour" in checked.output
    async with sessions_of(engine)() as session:
        assert list(await session.scalars(select(PolicyVersion.version))) == [1]
        assert await session.scalar(select(MasterChange.number)) == 1


async def test_a_pack_is_used_from_now_and_the_old_version_stays(
    engine: AsyncEngine, seeded_url: str
) -> None:
    used = await manage(seeded_url, "use", "hotline")

    assert used.exit_code == 0, used.output
    assert "Policy version 2 is in force." in used.output
    book = await book_of(engine)
    assert book.policy == 2
    assert book.policies[1].name == "city_management"
    assert book.flow_in_force(Source.HOTLINE).auto_file
    async with sessions_of(engine)() as session:
        assert await session.scalar(select(MasterChange.number)) == 2

    again = await manage(seeded_url, "use", "hotline")
    assert "in force already" in again.output
    assert max((await book_of(engine)).policies) == 2


async def test_what_show_prints_can_be_used_as_a_file(seeded_url: str, tmp_path: Path) -> None:
    shown = json.loads((await manage(seeded_url, "show", "1")).output)
    shown["base"]["max_verify"] = 5
    file = tmp_path / "own.json"
    file.write_text(json.dumps(shown), encoding="utf-8")

    checked = await manage(seeded_url, "check", str(file))

    assert "1 values differ" in checked.output
    assert "max_verify" in checked.output


async def test_a_version_of_a_later_day_waits_for_it(
    engine: AsyncEngine, seeded_url: str
) -> None:
    day = (datetime.now(UTC) + timedelta(days=10)).date()
    used = await manage(seeded_url, "use", "hotline", "--from", day.isoformat())
    assert used.exit_code == 0, used.output

    assert (await book_of(engine)).policy == 1
    assert (await book_of(engine, timedelta(days=11))).policy == 2

    past = await manage(seeded_url, "use", "hotline", "--from", "2020-01-01")
    assert past.exit_code == 1
    assert "from now on" in past.output


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "must be an object"),
        ('{"base": {"max_returns": 2}}', "base: unknown key 'max_returns'"),
        ('{"base": {"readings": 0}}', "base.readings: it is at least 1"),
        ('{"base": {"max_verify": 2, "max_verify": 3}}', "max_verify stands twice"),
        ('{"rules": [{"sources": ["fax"], "changes": {}}]}', "rules[0]"),
    ],
)
async def test_a_wrong_file_is_refused_by_its_key_and_nothing_is_written(
    engine: AsyncEngine, seeded_url: str, tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(text, encoding="utf-8")

    used = await manage(seeded_url, "use", str(file))

    assert used.exit_code == 1
    assert says in used.output
    assert list((await book_of(engine)).policies) == [1]


async def test_an_unknown_name_is_told_the_packs(seeded_url: str) -> None:
    used = await manage(seeded_url, "use", "hot_line")

    assert used.exit_code == 1
    assert "packs are city_management, hotline" in used.output


async def test_without_a_district_nothing_can_be_used(database_url: str) -> None:
    used = await manage(database_url, "use", "hotline")

    assert used.exit_code == 1
    assert "run seed" in used.output


def test_a_policy_of_release_1_becomes_a_flow_with_rules() -> None:
    policy = read_policy(nested(OLD), 3)
    base = policy.base

    assert (base.auto_close, base.max_returns_unit, base.rungs) == (False, 4, (50, 100))
    assert base.reviews == Flow().reviews
    hotline, patrol = policy.flow(Source.HOTLINE), policy.flow(Source.GRID_PATROL)
    assert hotline.whole is not None
    assert (hotline.whole.value, hotline.whole.unit) == (5, Unit.WORK_DAY)
    assert hotline.first_receiver
    assert hotline.extension_total is not None
    assert hotline.extension_total.value == 9
    assert (patrol.whole, patrol.auto_accept, patrol.auto_file) == (None, True, True)
    assert not patrol.auto_dispatch
    assert policy.flow(Source.SENSOR).auto_file
    petition = policy.flow(Source.PETITION)
    assert petition.whole is not None
    assert petition.whole.unit is Unit.NATURAL_DAY
    assert nested(OLD)["#compressed"] == OLD["#compressed"]


def test_a_policy_of_this_release_is_left_alone() -> None:
    body = json.loads(packs.find("hotline").read_text(encoding="utf-8"))

    assert nested(body) == body
