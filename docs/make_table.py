"""Write docs/table.md from the table of moves: `uv run python docs/make_table.py`."""

import sys
from collections.abc import Iterable
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from domain import table_task  # noqa: E402  the root is on the path only now
from domain.labels import ACTIONS, STATES, WHO  # noqa: E402
from domain.row import NOT_FINAL, Row  # noqa: E402
from domain.table import REPORT, ROWS  # noqa: E402
from domain.terms import FINAL, TASK_ONLY, State  # noqa: E402

TABLE = DOCS / "table.md"
HEAD = """\
# The table of moves

Generated from `domain/table.py` by `uv run python docs/make_table.py`; a test holds it current.
Every move that is not listed is refused with a reason. ◆: policy may let the system do it too.
`=`: the state stays. WH, WD, UH: work hours, work days, urgent hours. Terms: `glossary.md`.

| row | from | action | to | who | only if | clocks |
| --- | --- | --- | --- | --- | --- | --- |
"""
TASKS = """
## A department's task of a joint case

Generated from `domain/table_task.py`. A task is a timeline of its own; it has no other moves,
and what one unit does or is asked in them is in a joint case its tasks'. "As T19": as in that
row of the table above.

| row | from | action | to | who | only if | clocks |
| --- | --- | --- | --- | --- | --- | --- |
"""


def main() -> None:
    """Write the page."""
    TABLE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page."""
    rows = "".join(map(_line, (REPORT, *ROWS)))
    tasks = "".join(map(_line, (table_task.BEGIN, *table_task.ROWS)))
    return HEAD + rows + TASKS + tasks


def _line(row: Row) -> str:
    action = ACTIONS[row.action]
    who = ", ".join(WHO[one].en for one in row.who) + ("; ◆" if row.automatic else "")
    cells = (
        row.row,
        _from(row),
        f"`{row.action}` {action.zh}",
        _state(row.to) if row.to else "=",
        who,
        "–" if row.only_if == "-" else row.only_if,
        row.clocks,
    )
    return f"| {' | '.join(cells)} |\n"


def _from(row: Row) -> str:
    if not row.sources:
        return "–"
    if row.sources == set(NOT_FINAL):
        return "any but " + ", ".join(f"`{one}`" for one in State if one in FINAL - TASK_ONLY)
    return _states(one for one in State if one in row.sources)


def _states(states: Iterable[State]) -> str:
    return ", ".join(_state(one) for one in states)


def _state(state: State) -> str:
    return f"`{state}` {STATES[state].zh}"


if __name__ == "__main__":
    main()
