"""What a request from Boston means here: subclass, source, unit, words. Tables: `seed/`."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from domain.terms import Source
from imports.boston import Request

FOLDER = Path(__file__).parent.parent / "seed"
MARK = "Boston, 2011"
"""Shown wherever a fact from the file is shown."""
ANY = "*"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A subclass and the number of its accept condition; `by` is the column that led there."""

    subclass: str
    condition: int
    by: str


@dataclass(frozen=True, kw_only=True)
class BostonMap:
    """The three tables, read once.

    Attributes:
        types: Request type → target.
        reasons: Group of types → target, for types that are not named.
        subjects: Department as citizens see it → target, when that is not named either.
        other: Target of everything else.
        sources: Channel → source.
        units: Department code → unit.
    """

    types: Mapping[str, Target]
    reasons: Mapping[str, Target]
    subjects: Mapping[str, Target]
    other: Target
    sources: Mapping[str, Source]
    units: Mapping[str, str]

    def target(self, request: Request) -> Target:
        """Subclass and condition: by type, then reason, then subject, then the rest."""
        return (
            self.types.get(request.type)
            or self.reasons.get(request.reason)
            or self.subjects.get(request.subject)
            or self.other
        )

    def source(self, request: Request) -> Source:
        """Source by channel."""
        return self.sources.get(request.channel) or self.sources[ANY]

    def unit(self, request: Request) -> str:
        """Unit by department code; empty where none corresponds."""
        return self.units.get(request.department, "")


def load_map(folder: Path = FOLDER) -> BostonMap:
    """Read the mapping from the seed folder."""
    types, reasons, subjects = dict[str, Target](), dict[str, Target](), dict[str, Target]()
    for row in _rows(folder / "boston_map.csv"):
        by = next(name for name in ("type", "reason", "subject") if row[name])
        target = Target(subclass=row["subclass"], condition=int(row["condition_no"]), by=by)
        {"type": types, "reason": reasons, "subject": subjects}[by][row[by]] = target
    return BostonMap(
        types=types,
        reasons=reasons,
        subjects=subjects,
        other=types.pop(ANY),
        sources={
            row["source"]: Source(row["our_source"])
            for row in _rows(folder / "boston_sources.csv")
        },
        units={
            row["department"]: row["unit_code"]
            for row in _rows(folder / "boston_departments.csv")
        },
    )


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(request: Request) -> str:
    """The report's words: the row's facts in English, marked with where they come from."""
    return f"[{MARK}] {request.type} ({request.reason or '-'}), {_where(request)}"


def address(request: Request) -> str:
    """Where it was, and that the place shown here is another."""
    return f"{_where(request)} ({MARK}; moved to the demonstration district)"


def _where(request: Request) -> str:
    return request.neighborhood or "no neighborhood named"
