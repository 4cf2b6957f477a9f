"""Figures and how they are printed: budget, measured, whether it holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

SHARPEST = 10
"""From here on a number is printed with one decimal; below with two."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number.

    Attributes:
        name: What was measured.
        measured: The number; None when it could not be had.
        unit: `×` for a ratio within one run, else `s`, `ms` or `events`.
        budget: The limit; None for a number printed for information.
        at_least: The budget is a floor, not a ceiling.
        note: What the reader should know.
    """

    name: str
    measured: float | None
    unit: str = ""
    budget: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the budget is kept; None without a budget or a number."""
        if self.budget is None or self.measured is None:
            return None
        if self.at_least:
            return self.measured >= self.budget
        return self.measured <= self.budget


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile; the greatest value for 100.

    Raises:
        ValueError: There are no values.
    """
    if not values:
        raise ValueError("no values to take a percentile of")
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]


def median(values: Sequence[float]) -> float:
    """The nearest-rank median."""
    return percentile(values, 50)


def table(figures: Iterable[Figure]) -> str:
    """The figures as lines of `figure · budget · measured · holds?`, notes below each."""
    rows = [("figure", "budget", "measured", "holds?")]
    notes: list[str] = [""]
    for one in figures:
        limit = "" if one.budget is None else _amount(one.budget, one.unit)
        rows.append(
            (
                one.name,
                limit and f"{'≥' if one.at_least else '≤'} {limit}",
                "–" if one.measured is None else _amount(one.measured, one.unit),
                {True: "yes", False: "NO", None: ""}[one.holds],
            )
        )
        notes.append(one.note)
    wide = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row, note in zip(rows, notes, strict=True):
        first, *rest = (text.ljust(wide[column]) for column, text in enumerate(row))
        lines.append(" · ".join((first, *rest)).rstrip())
        if note:
            lines.append(f"    {note}")
    return "\n".join(lines)


def _amount(number: float, unit: str) -> str:
    if unit in {"", "events"}:
        text = f"{number:g}"
    else:
        text = f"{number:.1f}" if number >= SHARPEST else f"{number:.2f}"
    return f"{text} {unit}".strip()
