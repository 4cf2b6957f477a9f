"""Write docs/table.md from the table of moves: `uv run python docs/make_table.py`."""

import sys
from collections.abc import Iterable
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from domain.labels import ACTIONS, STATES, WHO  # noqa: E402  the root is on the path only now
from domain.row import NOT_FINAL, Row  # noqa: E402
from domain.table import REPORT, ROWS  # noqa: E402
from domain.terms import FINAL, State  # noqa: E402

TABLE = DOCS / "table.md"
GLOSSARY = DOCS / "glossary.md"
REFERENCE = tuple(f"T{number}" for number in range(1, 65))
HEAD = """\
# The table of moves

Generated from `domain/table.py` by `uv run python docs/make_table.py`; a test holds it current.
Every move that is not listed is refused with a reason. ◆: policy may let the system do it too.
`=`: the state stays. WH, WD, UH: work hours, work days, urgent hours. Terms: `glossary.md`.

| row | from | action | to | who | only if | clocks |
| --- | --- | --- | --- | --- | --- | --- |
"""
NOT_BUILT = """
## Rows of the reference that are not built yet

A case does not reach a state that only these rows lead to: {states}.

| row | actions |
| --- | --- |
"""


def main() -> None:
    """Write the page."""
    TABLE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The whole page."""
    rows = "".join(map(_line, (REPORT, *ROWS)))
    built = {one.row for one in (REPORT, *ROWS)}
    reached = {one.to for one in (REPORT, *ROWS)}
    missing = ", ".join(_state(one) for one in State if one not in reached)
    named = _glossary_rows()
    left = "".join(
        f"| {row} | {named.get(row, 'see the reference')} |\n"
        for row in REFERENCE
        if row not in built
    )
    return HEAD + rows + NOT_BUILT.format(states=missing) + left


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
        return "any but " + ", ".join(f"`{one}`" for one in State if one in FINAL)
    return _states(one for one in State if one in row.sources)


def _states(states: Iterable[State]) -> str:
    return ", ".join(_state(one) for one in states)


def _state(state: State) -> str:
    return f"`{state}` {STATES[state].zh}"


def _glossary_rows() -> dict[str, str]:
    """Row → its actions, by the glossary's table of actions."""
    text = GLOSSARY.read_text(encoding="utf-8")
    section = text.split("\n## Actions\n")[1].split("\n## ")[0]
    found: dict[str, list[str]] = {}
    for line in section.splitlines():
        cells = line.strip("| ").split(" | ")
        if line.startswith("| ") and "`" in line:
            zh, en, code, rows = cells
            for row in rows.split():
                found.setdefault(row, []).append(f"{code} {zh}, {en}")
    return {row: "; ".join(actions) for row, actions in found.items()}


if __name__ == "__main__":
    main()
