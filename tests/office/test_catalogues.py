"""`manage.py catalogue`: a file becomes a version of its own, beside the others."""

import asyncio
import csv
import io
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner, Result

from domain.book import Book
from domain.calendar import Limit, Unit
from domain.questions import AnswerType
from domain.terms import Kind
from manage import app
from registry import book as books
from registry import compressed
from registry.catalogue_files import CatalogueFileError, read_catalogue
from registry.engine import sessions_of
from registry.seed import FOLDER
from registry.tables_master import CatalogueRow, CatalogueVersion

server = pytest.mark.server
Change = Callable[[list[dict[str, str]]], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the district's catalogue."""
    for name in ("catalogue.csv", "stages.json", "questions.json"):
        shutil.copy(FOLDER / name, tmp_path / name)
    return tmp_path


def change(folder: Path, do: Change) -> Path:
    """The copy with its rows changed."""
    file = folder / "catalogue.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    do(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    file.write_text(out.getvalue(), encoding="utf-8")
    return file


async def manage(url: str, *words: str) -> Result:
    runner = CliRunner(env={"DATABASE_URL": url, "COLUMNS": "250"})
    return await asyncio.to_thread(runner.invoke, app, ["catalogue", *words])


async def book_of(engine: AsyncEngine, ahead: timedelta = timedelta(seconds=1)) -> Book:
    async with sessions_of(engine)() as session:
        return await books.load(session, at=datetime.now(UTC) + ahead)


@server
async def test_the_book_has_kinds_stages_and_questions(engine: AsyncEngine) -> None:
    book = await book_of(engine)
    building, lift = book.subclass(0, "E01-01"), book.subclass(0, "A22-06")
    advice = book.subclass(0, "A26-01")
    assert building is not None
    assert lift is not None
    assert advice is not None

    staged = building.condition(3)
    assert staged is not None
    assert [(one.key, one.limit) for one in staged.stages] == [
        ("stop", Limit(value=4, unit=Unit.WORK_HOUR)),
        ("penalty", Limit(value=7, unit=Unit.WORK_DAY)),
        ("demolish", Limit(value=20, unit=Unit.WORK_DAY)),
    ]
    assert staged.stages[0].zh == "责令停工"
    assert [one.type for one in lift.questions][:2] == [AnswerType.YES_NO, AnswerType.NUMBER]
    assert lift.questions[1].when == {"trapped": "yes"}
    assert (advice.kind, lift.kind, building.kind) == (Kind.ENQUIRY, Kind.CASE, Kind.CASE)
    assert building.public


@server
async def test_a_file_becomes_the_next_version_and_the_old_one_stays(
    engine: AsyncEngine, seeded_url: str, folder: Path
) -> None:
    def shorter(rows: list[dict[str, str]]) -> None:
        litter = next(one for one in rows if one["sub_zh"] == "道路破损")
        litter["limit_value"] = "3"

    file = change(folder, shorter)
    checked = await manage(seeded_url, "check", str(file))
    assert checked.exit_code == 0, checked.output
    assert "1 values differ" in checked.output
    assert "E01-13/1 limit_value" in checked.output
    assert (await book_of(engine)).catalogue == 1

    used = await manage(seeded_url, "use", str(file))
    assert "Catalogue version 2 is in force." in used.output, used.output
    book = await book_of(engine)
    assert book.catalogue == 2
    assert book.catalogues[1]["E01-13"].conditions[0].limit.value == 5
    assert book.catalogues[2]["E01-13"].conditions[0].limit.value == 3
    assert book.catalogues[2]["E01-01"].conditions[2].stages
    async with sessions_of(engine)() as session:
        by_version = (
            await session.execute(
                select(CatalogueRow.version, func.count()).group_by(CatalogueRow.version)
            )
        ).all()
    assert len({count for _, count in by_version}) == 1

    again = await manage(seeded_url, "use", str(file))
    assert "in force already" in again.output
    listed = await manage(seeded_url, "list")
    assert "catalogue.csv" in listed.output


@server
async def test_a_later_version_waits_for_its_day(
    engine: AsyncEngine, seeded_url: str, folder: Path
) -> None:
    file = change(folder, lambda rows: rows.pop())
    day = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    used = await manage(seeded_url, "use", str(file), "--from", day)

    assert used.exit_code == 0, used.output
    assert (await book_of(engine)).catalogue == 1
    later = await book_of(engine, timedelta(days=6))
    assert later.catalogue == 2
    assert later.subclass(1, "A28-03") is not None
    assert later.subclass(2, "A28-03") is None


@server
async def test_a_wrong_file_changes_nothing_and_every_line_is_named(
    engine: AsyncEngine, seeded_url: str, folder: Path
) -> None:
    def spoil(rows: list[dict[str, str]]) -> None:
        rows[0]["limit_value"] = "soon"
        rows[3]["urgent"] = "maybe"

    used = await manage(seeded_url, "use", str(change(folder, spoil)))

    assert used.exit_code == 1
    assert "line 2, limit_value: 'soon' must be a number above 0" in used.output
    assert "line 5, urgent: 'maybe' is not one of no, yes" in used.output
    async with sessions_of(engine)() as session:
        assert list(await session.scalars(select(CatalogueVersion.version))) == [1]


@server
async def test_compressed_limits_compress_the_stages_too(engine: AsyncEngine) -> None:
    async with sessions_of(engine).begin() as session:
        await compressed.compress(session, 100)
    book = await book_of(engine)
    building = book.subclass(0, "E01-01")
    assert building is not None

    stop = building.conditions[2].stages[0].limit
    assert stop.continuous
    assert stop.running == timedelta(hours=4) / 100


def _set(index: int, **values: str) -> Change:
    return lambda rows: rows[index].update(values)


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (_set(0, kind="thing"), "line 2, kind: 'thing' is not one of"),
        (_set(0, sub_code="1"), "line 2, sub_code: '1' must be two digits"),
        (_set(0, limit_value="0"), "line 2, limit_value"),
        (_set(0, limit_value="nan"), "limit_value: 'nan'"),
        (_set(0, limit_unit="week"), "line 2, limit_unit"),
        (_set(0, accept_condition_en=" "), "line 2, accept_condition_en: it is empty"),
        (_set(0, condition_no="4"), "E01-01: conditions are numbered from 1, not 2, 3, 4"),
        (_set(0, condition_no="0"), "line 2, condition_no"),
        (_set(1, condition_no="1"), "line 3: E01-01 has condition 1 already"),
        (_set(1, sub_en="House"), "line 3, sub_en: 'House', but E01-01 had 'Illegal building'"),
        (_set(1, case_kind="tip"), "line 3, case_kind: 'tip', but E01-01 had 'case'"),
        (_set(0, case_kind="wish"), "line 2, case_kind"),
        (lambda rows: rows.pop(100), "stages of E01-01/3: there is no such accept condition"),
        (lambda rows: [one.update(colour="") for one in rows], "unknown column colour"),
        (lambda rows: [one.pop("urgent") for one in rows], "urgent is missing"),
    ],
)
def test_a_wrong_line_is_named(folder: Path, do: Change, says: str) -> None:
    with pytest.raises(CatalogueFileError) as caught:
        read_catalogue(change(folder, do))
    assert says in str(caught.value)


STAGE: dict[str, Any] = {
    "key": "stop",
    "zh": "停",
    "en": "stop",
    "limit": {"value": 4, "unit": "work_hour"},
}
ASKED: dict[str, Any] = {"key": "a", "type": "text", "zh": "甲", "en": "A"}


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("stages.json", "[]", "must be an object"),
        ("stages.json", "{", "is not JSON"),
        ("stages.json", {"E01-01": {"3": [STAGE, STAGE]}}, "a key is small letters"),
        (
            "stages.json",
            {"E01-01": {"3": [STAGE | {"limit": {"value": 21, "unit": "work_day"}}]}},
            "stop: its limit is longer than the condition's",
        ),
        ("stages.json", {"E01-01": {"3": [STAGE | {"zh": ""}]}}, "a name in zh and en"),
        ("stages.json", {"E01-01": {"3": [{"key": "x"}]}}, "stages of E01-01/3: 0.limit"),
        ("questions.json", {"E99-99": [ASKED]}, "questions of E99-99: there is no such"),
        ("questions.json", {"E01-01": [ASKED | {"type": "colour"}]}, "0.type"),
        ("questions.json", {"E01-01": [ASKED | {"when": {"b": "yes"}}]}, "when names 'b'"),
        ("questions.json", {"E01-01": [ASKED | {"type": "choice"}]}, "choices belong"),
        ("questions.json", {"E01-01": [ASKED, ASKED]}, "and there once"),
    ],
)
def test_a_wrong_stage_or_question_is_named(
    folder: Path, name: str, body: object, says: str
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    (folder / name).write_text(text, encoding="utf-8")

    with pytest.raises(CatalogueFileError) as caught:
        read_catalogue(folder / "catalogue.csv")
    assert says in str(caught.value)


def test_the_seed_files_are_read_as_they_stand() -> None:
    rows = read_catalogue(FOLDER / "catalogue.csv")

    assert len(rows) == 152
    assert sum(bool(one["stages"]) for one in rows) == 1
