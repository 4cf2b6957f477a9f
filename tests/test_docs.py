"""Generated pages are current."""

import subprocess
import sys
from pathlib import Path

from docs import make_table
from domain.table import REPORT, ROWS

ROOT = Path(__file__).parents[1]


def test_the_table_of_moves_is_current() -> None:
    written = make_table.TABLE.read_text(encoding="utf-8")

    assert written == make_table.page(), "run: uv run python docs/make_table.py"


def test_every_row_of_the_reference_is_listed_as_built_or_not() -> None:
    lines = make_table.page().splitlines()
    listed = [line.split(" | ")[0].strip("| ") for line in lines if line.startswith("| T")]

    assert set(listed) == set(make_table.REFERENCE)
    assert len(listed) - len({*listed}) == len([REPORT, *ROWS]) - len(
        {one.row for one in (REPORT, *ROWS)}
    )


def test_the_script_runs_by_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import runpy; runpy.run_path('docs/make_table.py')"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
