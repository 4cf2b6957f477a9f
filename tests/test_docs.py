"""Generated pages are current."""

import subprocess
import sys
from pathlib import Path

from docs import make_table
from domain import table_task
from domain.table import REPORT, ROWS

ROOT = Path(__file__).parents[1]


def test_the_table_of_moves_is_current() -> None:
    written = make_table.TABLE.read_text(encoding="utf-8")

    assert written == make_table.page(), "run: uv run python docs/make_table.py"


def test_every_row_is_listed_a_joint_case_s_tasks_in_a_table_of_their_own() -> None:
    cases, tasks = make_table.page().split("\n## ")

    assert listed(cases) == [one.row for one in (REPORT, *ROWS)]
    assert listed(tasks) == [one.row for one in (table_task.BEGIN, *table_task.ROWS)]


def listed(text: str) -> list[str]:
    """The rows of a table, in order."""
    lines = [one for one in text.splitlines() if one.startswith("| ") and "`" in one]
    return [one.split(" | ")[0].strip("| ") for one in lines]


def test_the_script_runs_by_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import runpy; runpy.run_path('docs/make_table.py')"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
