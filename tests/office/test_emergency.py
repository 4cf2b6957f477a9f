"""`manage.py emergency`: emergency plans are data, in force from a day on."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from domain.book import Book
from manage import app
from registry import book as books
from registry.emergency_files import SEED
from registry.engine import sessions_of

pytestmark = pytest.mark.server


async def manage(url: str, *words: str) -> Result:
    """Run the command line in a thread: it has a loop of its own."""
    runner = CliRunner(env={"DATABASE_URL": url, "COLUMNS": "250"})
    return await asyncio.to_thread(runner.invoke, app, ["emergency", *words])


async def book_of(engine: AsyncEngine, ahead: timedelta = timedelta(seconds=1)) -> Book:
    async with sessions_of(engine)() as session:
        return await books.load(session, at=datetime.now(UTC) + ahead)


def own(tmp_path: Path, change: dict[str, Any]) -> str:
    """The seed's plans with a change of the first one, as a file."""
    body = json.loads(SEED.read_text(encoding="utf-8"))
    body["plans"][0] |= change
    file = tmp_path / "own.json"
    file.write_text(json.dumps(body), encoding="utf-8")
    return str(file)


async def test_the_district_starts_with_plans_that_make_sense(
    engine: AsyncEngine, seeded_url: str
) -> None:
    listed = await manage(seeded_url, "list")
    shown = await manage(seeded_url, "show")
    checked = await manage(seeded_url, "check", str(SEED))

    assert listed.exit_code == 0, listed.output
    assert "in force" in listed.output
    assert json.loads(shown.output)["plans"][0]["key"] == "accident_grave"
    assert "in force already" in checked.output, checked.output
    assert (await book_of(engine)).emergency == 1


async def test_plans_are_used_from_a_day_on_and_the_old_version_stays(
    engine: AsyncEngine, seeded_url: str, tmp_path: Path
) -> None:
    day = (datetime.now(UTC) + timedelta(days=10)).date()
    file = own(tmp_path, {"zh": "新预案"})
    used = await manage(seeded_url, "use", file, "--from", day.isoformat())

    assert used.exit_code == 0, used.output
    assert "1 values differ" in used.output
    assert (await book_of(engine)).emergency == 1
    later = await book_of(engine, timedelta(days=11))
    assert later.emergency == 2
    assert [later.emergencies[one].plans[0].zh for one in (1, 2)] == [
        "事故灾难应急预案（Ⅰ–Ⅲ级）",
        "新预案",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"roster": [{"to": "person:nobody"}]}, "nobody"),
        ({"dutys": []}, "plans.0.dutys"),
        ({"severities": ["V"]}, "plans.0.severities"),
    ],
)
async def test_plans_that_make_no_sense_are_refused_by_their_key(
    seeded_url: str, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    used = await manage(seeded_url, "use", own(tmp_path, change))

    assert used.exit_code == 1
    assert said in used.output
