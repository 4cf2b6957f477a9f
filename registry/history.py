"""Write finished cases of another system as history: batches, their own times, told to nobody.

Their numbers come from the last band of the day of the report (400,001 to 499,999, that is: the
month raised by 80), which live reports reach only past 400,000 on one day; the two never meet.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from json import dumps
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.case import Case, Event, fold
from domain.case_number import case_number, parse_case_number
from domain.terms import FINAL
from registry.cases import GENERATION
from registry.codec import CASE, EVENT
from registry.engine import holding
from registry.projection import clock_row, columns_of, task_rows
from registry.tables_case import CaseRow, ClockRow, EventRow, TaskRow
from registry.tables_master import Base
from registry.terms import fill_terms

FIRST = 400_001
LOCK = 990_108
"""Advisory lock: one history import at a time."""


class HistoryBusyError(Exception):
    """Another history import runs."""

    def __init__(self) -> None:
        super().__init__("another history import is running; wait for it")


class UnfinishedError(Exception):
    """A case that has not ended is not history."""

    def __init__(self, upstream_id: str, case: Case) -> None:
        super().__init__(f"request {upstream_id} is {case.state}, not ended: not history")


@dataclass(frozen=True, kw_only=True)
class Past:
    """One finished case.

    Attributes:
        upstream_id: Its id in the other system.
        day: Local day of the report there, which its number shows.
        words: What was reported.
        address: Where, in words.
        point: (longitude, latitude), WGS84.
        events: Its whole log; the last one ends it.
    """

    upstream_id: str
    day: date
    words: str
    address: str
    point: tuple[float, float]
    events: tuple[Event, ...]


@dataclass
class Ledger:
    """What is on record of one system, and the next number of each day."""

    system: str
    county: str
    known: set[str] = field(default_factory=set)
    _last: dict[date, int] = field(default_factory=dict)

    def take(self, past: Past) -> str | None:
        """A number for a new case; None when it is on record."""
        if past.upstream_id in self.known:
            return None
        self.known.add(past.upstream_id)
        sequence = self._last.get(past.day, FIRST - 1) + 1
        self._last[past.day] = sequence
        return case_number(self.county, past.day, sequence)

    def note(self, case_no: str, system: str, upstream_id: str) -> None:
        """Count a case that is on record."""
        _, day, sequence = parse_case_number(case_no)
        self._last[day] = max(self._last.get(day, FIRST - 1), sequence)
        if system == self.system:
            self.known.add(upstream_id)


def alone(engine: AsyncEngine) -> AbstractAsyncContextManager[None]:
    """Keep other history imports out while the block runs.

    Raises:
        HistoryBusyError: One is running.
    """
    return holding(engine, LOCK, HistoryBusyError)


async def ledger(session: AsyncSession, system: str, county: str) -> Ledger:
    """What is on record so far."""
    book = Ledger(system=system, county=county)
    rows = await session.execute(
        select(
            CaseRow.case_no, CaseRow.upstream["system"].astext, CaseRow.upstream["id"].astext
        ).where(CaseRow.history, CaseRow.case_no.startswith(county))
    )
    for case_no, its_system, upstream_id in rows:
        book.note(case_no, its_system, upstream_id)
    return book


async def write(session: AsyncSession, book: Ledger, batch: Iterable[Past]) -> int:
    """Write those that are not on record yet; how many that were.

    No command, no notice, no NOTIFY, no workflow: nobody is told of what is long over.

    Raises:
        UnfinishedError: A case of the batch has not ended.
    """
    new = [(number, past) for past in batch if (number := book.take(past)) is not None]
    if not new:
        return 0
    folded = [(fold(number, past.events), past) for number, past in new]
    for case, past in folded:
        if case.state not in FINAL:
            raise UnfinishedError(past.upstream_id, case)
    await session.execute(text("select 1"))  # opens the transaction that COPY then runs in
    rows = [_case_row(book.system, one, past) for one, past in folded]
    await _copy(session, CaseRow, rows)
    await _copy(
        session,
        EventRow,
        [_event_row(case.case_no, event) for case, past in folded for event in past.events],
    )
    past_cases = [case for case, _ in folded]
    clocks = [clock_row(case.case_no, one, {}) for case in past_cases for one in case.clocks]
    tasks = [row for case in past_cases for row in task_rows(case.case_no, case.tasks)]
    await _copy(session, ClockRow, clocks)
    await _copy(session, TaskRow, tasks)
    await fill_terms(session, rows)
    return len(new)


async def _copy(
    session: AsyncSession, table: type[Base], rows: Sequence[Mapping[str, object]]
) -> None:
    if not rows:
        return
    raw = await (await session.connection()).get_raw_connection()
    driver: Any = raw.driver_connection
    names = list(rows[0])
    await driver.copy_records_to_table(
        table.__tablename__,
        columns=names,
        records=[tuple(row[name] for name in names) for row in rows],
    )


def _case_row(system: str, case: Case, past: Past) -> dict[str, object]:
    ended: datetime = past.events[-1].at
    settled = next((one.at for one in past.events if one.patch.settled_as), ended)
    lon, lat = past.point
    return {
        **columns_of(case),
        "source": case.source.value,
        "words": past.words,
        "address": past.address,
        "lon": lon,
        "lat": lat,
        "reported_at": case.reported_at,
        "changed_at": ended,
        "settled_at": settled,
        "ended_at": ended,
        "upstream": dumps({"system": system, "id": past.upstream_id}),
        "history": True,
        "snapshot": CASE.dump_json(case, exclude_defaults=True).decode(),
        "generation": GENERATION,
    }


def _event_row(case_no: str, event: Event) -> dict[str, object]:
    return {
        "case_no": case_no,
        "seq": event.seq,
        "cause_id": event.cause_id,
        "part": 0,
        "at": event.at,
        "action": event.action.value,
        "state": event.state.value,
        "actor": event.actor,
        "role": event.role.value,
        "body": EVENT.dump_json(event, exclude_defaults=True).decode(),
    }
