"""A case's rows held against its log: what differs, and made anew."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.advance import Advanced, nearest
from domain.book import Book
from domain.case import Case, Event, fold
from domain.clock import ClockError
from registry import cases, projection
from registry.cases import GENERATION
from registry.codec import load_case, load_event
from registry.site_calls import call_rows
from registry.tables_case import (
    CaseRow,
    ClockRow,
    EventRow,
    NoticeRow,
    PauseRow,
    RequestRow,
    RungRow,
    TaskRow,
)
from registry.tables_joint import PartyRow
from registry.tables_master import Base
from registry.tables_whistle import SiteCallRow
from registry.written import Document, Row, write

REBUILT: tuple[type[Base], ...] = (
    RungRow,
    PauseRow,
    ClockRow,
    TaskRow,
    RequestRow,
    PartyRow,
    SiteCallRow,
)
"""Tables that hold nothing but what the log says."""
COMPARED: tuple[type[Base], ...] = (EventRow, *REBUILT, NoticeRow)
OF_HISTORY = frozenset({"event", "clock", "task"})
"""Tables that an import of finished cases writes, beside `case_record`."""
NOT_COMPARED = frozenset({"snapshot", "generation", "note", "body"})
"""Columns that are folded, or are the log itself."""
Stored = Mapping[str, Any]


class BrokenLogError(Exception):
    """The log of a case cannot be folded.

    Attributes:
        gap: Entries are missing, as against: one cannot be read.
    """

    def __init__(self, problem: str, *, gap: bool) -> None:
        super().__init__(problem)
        self.gap = gap


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What the registry keeps of one case.

    Attributes:
        row: Its `case_record`.
        tables: Rows of the other tables by name, each in the order of its key.
    """

    row: Stored
    tables: Mapping[str, Sequence[Stored]]

    @property
    def case_no(self) -> str:
        """Its number."""
        return str(self.row["case_no"])


@dataclass(frozen=True, kw_only=True)
class Derived:
    """What the log makes of a case.

    Attributes:
        case: The case.
        rows: Its rows by table.
        next_due: Nearest rung.
    """

    case: Case
    rows: Document
    next_due: datetime | None


async def kept_of(session: AsyncSession, rows: Sequence[Stored]) -> list[Kept]:
    """Everything that is compared, for these rows of `case_record`."""
    numbers = [str(row["case_no"]) for row in rows]
    grouped: dict[str, dict[str, list[Stored]]] = {one: {} for one in numbers}
    for kind in COMPARED:
        table = _table(kind)
        query = select(table).where(table.c.case_no.in_(numbers)).order_by(*table.primary_key)
        for found in await session.execute(query):
            row = found._asdict()
            grouped[row["case_no"]].setdefault(table.name, []).append(row)
    return [Kept(row=row, tables=grouped[str(row["case_no"])]) for row in rows]


def derive(kept: Kept, book: Book) -> Derived | None:
    """Fold the log and make every row from it; None before the case's first event.

    Raises:
        BrokenLogError: It cannot be folded.
    """
    stored = kept.tables.get("event", ())
    numbers = [int(one["seq"]) for one in stored]
    missing = next((n for n, seq in enumerate(numbers, 1) if n != seq), None)
    if missing is not None:
        raise BrokenLogError(f"entry {missing} is missing", gap=True)
    if kept.row["seq"] > len(numbers):
        problem = f"the log ends at {len(numbers)}, the row at {kept.row['seq']}"
        raise BrokenLogError(problem, gap=True)
    if not numbers:
        return None
    try:
        events = [load_event(one["body"]) for one in stored]
        return _derived(kept.case_no, events, book)
    except (ValueError, ClockError) as error:
        first = str(error).splitlines()[0]
        raise BrokenLogError(f"the log cannot be folded: {first[:200]}", gap=False) from error


def _derived(case_no: str, events: Sequence[Event], book: Book) -> Derived:
    case = fold(case_no, events)
    rung = nearest(case, book)
    due = rung[2] if rung else None
    done = Advanced(case=case, events=tuple(events), rulings=(), next_due=due, next_label="")
    rows = {
        **projection.rows_of(done, GENERATION, book),
        "event": cases.log_rows(case_no, events, {}),
        "request": projection.request_rows(case_no, events),
        "case_party": projection.party_rows(case_no, events),
        "site_call": call_rows(case, book),
    }
    return Derived(case=case, rows=rows, next_due=due)


def snapshot_differs(kept: Kept, derived: Derived) -> bool:
    """Whether the snapshot is another case than the folded log; an older generation may be."""
    if kept.row["generation"] != GENERATION:
        return False
    try:
        snapshot = load_case(kept.row["snapshot"] | {"case_no": kept.case_no})
    except (ValueError, TypeError):
        return True
    return snapshot != derived.case


def differences(kept: Kept, derived: Derived) -> Iterator[str]:
    """What the rows say otherwise than the log, one short sentence each."""
    record = derived.rows["case_record"][0]
    yield from _of_row("case_record", kept.row, record)
    for kind in COMPARED:
        table = _table(kind)
        if kept.row["history"] and table.name not in OF_HISTORY:
            continue
        key = [one.name for one in table.primary_key if one.name != "case_no"]
        there = {
            tuple(row[name] for name in key): row for row in kept.tables.get(table.name, ())
        }
        due = {tuple(row[name] for name in key): row for row in derived.rows[table.name]}
        for one, row in due.items():
            label = " ".join([table.name, *map(_shown, one)])
            if one not in there:
                yield f"{label} is missing"
            else:
                yield from _of_row(label, there[one], row)
        for one in there:
            if one not in due:
                yield f"{' '.join([table.name, *map(_shown, one)])} is not in the log"


def _of_row(label: str, there: Stored, due: Row) -> Iterator[str]:
    for name, value in due.items():
        if name in there and name not in NOT_COMPARED and there[name] != value:
            yield f"{label}.{name} is {_shown(there[name])}, by the log {_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return repr(value[:60]) if isinstance(value, str) else str(value)[:60]


async def rebuild(session: AsyncSession, case_no: str, book: Book) -> None:
    """Make every row of a case anew from its log, under the case's lock.

    Notes, the log's bodies and who read a notice stay. Nothing is decided, and nobody is told
    but the pages that watch the case.

    Raises:
        BrokenLogError: It cannot be folded; nothing is changed.
        CaseNotFoundError: There is no such case.
    """
    query = (
        select(_table(CaseRow))
        .where(CaseRow.case_no == case_no)
        .with_for_update(key_share=True)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise cases.CaseNotFoundError(case_no)
    row = found._asdict()
    (kept,) = await kept_of(session, [row])
    derived = derive(kept, book)
    if derived is None:
        return
    log = derived.rows["event"]
    for entry in log:
        columns = {name: entry[name] for name in entry if name not in NOT_COMPARED}
        await session.execute(
            update(EventRow)
            .where(EventRow.case_no == case_no, EventRow.seq == entry["seq"])
            .values(columns)
        )
    written: dict[str, Sequence[Row]] = {
        "case_record": derived.rows["case_record"],
        "clock": derived.rows["clock"],
        "task": derived.rows["task"],
    }
    for kind in REBUILT:
        await session.execute(delete(kind).where(_table(kind).c.case_no == case_no))
    if not row["history"]:
        written |= {
            "rung": derived.rows["rung"],
            "pause": derived.rows["pause"],
            "notice": await _notices(session, kept, derived),
        }
    await write(session, written, f"{case_no} ")
    for kind in (RequestRow, PartyRow, SiteCallRow):
        again = derived.rows[_table(kind).name]
        if again and not row["history"]:
            await session.execute(insert(kind), list(again))


async def _notices(session: AsyncSession, kept: Kept, derived: Derived) -> Sequence[Row]:
    """Take away notices that the log does not give, mend the others; those that are missing."""
    due = {(row["seq"], row["address"]): row for row in derived.rows["notice"]}
    there = {(row["seq"], row["address"]) for row in kept.tables.get("notice", ())}
    key = tuple_(NoticeRow.seq, NoticeRow.address)
    if wrong := there - due.keys():
        await session.execute(
            delete(NoticeRow).where(NoticeRow.case_no == kept.case_no, key.in_(wrong))
        )
    for one in there & due.keys():
        await session.execute(
            update(NoticeRow)
            .where(
                NoticeRow.case_no == kept.case_no,
                NoticeRow.seq == one[0],
                NoticeRow.address == one[1],
            )
            .values(action=due[one]["action"], at=due[one]["at"])
        )
    return [row for one, row in due.items() if one not in there]


def _table(kind: type[Base]) -> Table:
    table = kind.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{kind.__name__} has no table of its own")
    return table
