"""The command line: what it takes, what it refuses, and what it prints."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from imports.commands import _rate, app
from manage import app as manage

ROOT = Path(__file__).parents[2]
KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

File = Callable[..., Path]
Row = Callable[..., str]


@pytest.fixture
def runner(tmp_path: Path) -> CliRunner:
    """Runs commands with a data folder of the test's own."""
    return CliRunner(env={"GRIDCASE_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"})


@pytest.mark.parametrize(
    ("text", "per_second"), [("5/s", 5.0), ("300/min", 5.0), ("7", 7.0), ("36/h", 0.01)]
)
def test_rates(text: str, per_second: float) -> None:
    assert _rate(text) == pytest.approx(per_second)


@pytest.mark.parametrize("chosen", [[], ["--live", "--history"]])
def test_live_or_history_must_be_chosen(runner: CliRunner, chosen: list[str]) -> None:
    result = runner.invoke(app, ["boston", "file.csv", *chosen])

    assert result.exit_code == 2


@pytest.mark.parametrize("rate", ["0/s", "fast", "5/week"])
def test_a_rate_that_is_none_is_refused(
    runner: CliRunner, rate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://x")
    result = runner.invoke(app, ["boston", "file.csv", "--live", "--rate", rate])

    assert result.exit_code == 2


def test_without_an_installation_it_says_what_is_missing(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = runner.invoke(manage, ["import", "boston", "file.csv", "--live"])

    assert result.exit_code == 1
    assert "start `make up`" in result.output


@pytest.mark.server
async def test_history_from_the_command_line_is_a_process_of_its_own(
    seeded_url: str, file: File, row: Row, tmp_path: Path
) -> None:
    errors = tmp_path / "errors.txt"
    path = file(row(1), "broken", row(3))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "manage.py",
        *("import", "boston", str(path), "--history", "--errors", str(errors)),
        cwd=ROOT,
        env=os.environ
        | {f"GRIDCASE_{name}_KEY": KEY for name in ("REPORTER", "PAYLOAD", "BLIND_INDEX")}
        | {"DATABASE_URL": seeded_url, "GRIDCASE_DATA_DIR": str(tmp_path / "data")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await process.communicate()

    assert process.returncode == 0, printed.decode()
    assert "Boston, 2011" in printed.decode()
    assert errors.read_text() == "line 3: 1 fields instead of 21\n"
