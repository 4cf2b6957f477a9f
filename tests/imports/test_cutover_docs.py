"""The operator's guide names every column as the code does."""

from pathlib import Path

import pytest

from imports.cutover_columns import CASES, HISTORY, Column

GUIDE = (Path(__file__).parents[2] / "docs" / "cut-over.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [CASES, HISTORY])
def test_the_guide_explains_every_column(columns: tuple[Column, ...]) -> None:
    assert [one.name for one in columns if _line(one) not in GUIDE] == []


def _line(column: Column) -> str:
    needed = "是 yes" if column.needed else ""
    return (
        f"| {column.zh} | `{column.name}` | {needed} | {column.kind} "
        f"| {column.about.zh} | {column.about.en} |"
    )
