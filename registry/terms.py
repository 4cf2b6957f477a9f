"""The terms by which a search finds a case, as Postgres's text vector; no extension is needed.

The vector is made here from `domain.words`, not by a parser of Postgres, which knows no
Chinese. Numbers begin with a sign that no word has: `#` and the digits of the case number from
the last one on, so that its last digits are a beginning; `@` and the number of another system.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from domain.case import Case, Event
from domain.finding import upstream_keys
from domain.terms import Action
from domain.words import terms_of
from registry.tables_master import Area, CatalogueRow

Row = Mapping[str, object]
NUMBER, ADDRESS, WORDS, NAMES = "1A", "2B", "3C", "4D"
"""A position for each weight: Postgres keeps a weight only where there is a position."""
ADDED = frozenset({Action.SUPPLEMENT, Action.REPLY})
"""Actions whose free text belongs to what was reported."""
AREA_DIGITS = (9, 12, 15)
"""Street, community, grid; the district is everyone's."""
INSERT = text(
    """
insert into case_search (case_no, reported_at, terms)
select case_no, reported_at, terms
from jsonb_populate_recordset(null::case_search, :rows)
"""
).bindparams(bindparam("rows", type_=JSONB))


def vector(marked: Iterable[tuple[str, str]]) -> str:
    """A text vector of (term, mark) pairs, as Postgres reads it."""
    found: dict[str, list[str]] = {}
    for term, mark in marked:
        found.setdefault(term, []).append(mark)
    return " ".join(f"{quoted(term)}:{','.join(found[term])}" for term in sorted(found))


def quoted(term: str) -> str:
    """A term for a vector or a query."""
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def number_term(digits: str) -> str:
    """The term of a case number, or of its last digits."""
    return "#" + digits[::-1]


def upstream_term(key: str) -> str:
    """The term of another system's number."""
    return "@" + key


def terms_of_report(row: Row) -> Row:
    """The search row of a case as it was reported; names follow when it is judged.

    Args:
        row: Columns of `case_record`.
    """
    return {
        "case_no": row["case_no"],
        "reported_at": row["reported_at"],
        "terms": vector(_own(row)),
    }


def terms_with_names(row: Row, names: Iterable[str], added: Iterable[str] = ()) -> Row:
    """The same with the names of area and class and what was added: for cases that are past."""
    more = [(term, WORDS) for note in added for term in terms_of(note)]
    return {**terms_of_report(row), "terms": vector([*_own(row), *_named(names), *more])}


def _own(row: Row) -> Iterable[tuple[str, str]]:
    given = row["upstream"]
    upstream = json.loads(given) if isinstance(given, str) else given
    keys = upstream_keys(
        upstream if isinstance(upstream, Mapping) else None, str(row.get("upstream_no") or "")
    )
    yield number_term(str(row["case_no"])), NUMBER
    yield from ((upstream_term(key), NUMBER) for key in keys)
    yield from ((term, ADDRESS) for term in terms_of(str(row["address"])))
    yield from ((term, WORDS) for term in terms_of(str(row["words"])))


def _named(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((term, NAMES) for term in terms_of(" / ".join(names)))


@dataclass(frozen=True)
class Names:
    """Names of areas and classes by code, in both languages and of every version."""

    areas: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def place(self, grid: str) -> tuple[str, ...]:
        """Names of a grid and of what it lies in."""
        return tuple(name for code in _codes(grid) for name in self.areas.get(code, ()))

    def of(self, grid: str, subclass: str) -> tuple[str, ...]:
        """Names of a place and a class."""
        return (*self.place(grid), *self.classes.get(subclass, ()))


def _codes(grid: str) -> list[str]:
    return [grid[:digits] for digits in AREA_DIGITS if len(grid) >= digits]


def names_from(
    areas: Iterable[tuple[str, str, str]], classes: Iterable[tuple[str, str, str, str, str]]
) -> Names:
    """Names from rows: (code, zh, en) and (subclass, zh, en, group zh, group en)."""
    by_class: dict[str, dict[str, None]] = {}
    for code, *names in classes:
        by_class.setdefault(code, {}).update(dict.fromkeys(filter(None, names)))
    return Names(
        areas={code: tuple(filter(None, names)) for code, *names in areas},
        classes={code: tuple(names) for code, names in by_class.items()},
    )


async def names_of(session: AsyncSession, places: Collection[tuple[str, str]]) -> Names:
    """Names for some (grid, subclass) pairs."""
    codes = sorted({code for grid, _ in places for code in _codes(grid)})
    subclasses = sorted({subclass for _, subclass in places if subclass})
    areas = select(Area.code, Area.name_zh, Area.name_en).where(Area.code.in_(codes))
    row = CatalogueRow
    classes = (
        select(row.subclass, row.name_zh, row.name_en, row.class_zh, row.class_en)
        .where(row.subclass.in_(subclasses))
        .distinct()
        .order_by(row.subclass, row.name_zh)
    )
    return names_from(
        (await session.execute(areas)).all() if codes else (),
        (await session.execute(classes)).all() if subclasses else (),
    )


async def fill_terms(session: AsyncSession, rows: Sequence[Row]) -> None:
    """Make the search rows of cases that are written at once with all that is known of them.

    Args:
        session: The transaction that wrote them.
        rows: Columns of `case_record`; `upstream` as an object or as JSON.
    """
    places = {(str(row["grid"]), str(row["subclass"])) for row in rows}
    known = await names_of(session, places)
    made = [
        terms_with_names(row, known.of(str(row["grid"]), str(row["subclass"]))) for row in rows
    ]
    await session.execute(INSERT, {"rows": [plain_row(one) for one in made]})


def plain_row(row: Row) -> Row:
    """A search row as JSON."""
    at = row["reported_at"]
    return {**row, "reported_at": at.isoformat() if isinstance(at, datetime) else at}


async def changed_terms(
    session: AsyncSession,
    case: Case,
    events: Sequence[Event],
    notes: Mapping[tuple[str, int], str],
) -> list[Row]:
    """What new events change in a case's terms: one row, or none.

    A new place or class brings its names in place of the old ones; a supplement's words and an
    upstream's number are added. A task of a joint case is found by its case.
    """
    moved = any(one.patch.grid is not None or one.patch.subclass is not None for one in events)
    added = [notes.get((one.cause_id, one.step), "") for one in events if one.action in ADDED]
    more = [(term, WORDS) for note in added for term in terms_of(note)]
    more += [
        (upstream_term(key), NUMBER)
        for one in events
        for key in upstream_keys(None, one.patch.upstream_no or "")
    ]
    if case.parent or not (moved or more):
        return []
    names: str | None = None
    if moved:
        known = await names_of(session, [(case.grid, case.subclass)])
        names = vector(_named(known.of(case.grid, case.subclass)))
    return [{"case_no": case.case_no, "names": names, "more": vector(more)}]
