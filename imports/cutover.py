"""The cut-over: a file is looked through as a whole, then its cases are written in batches.

Nothing is written while anything is wrong, unless bad rows are to be left out. A case that is
here already is left alone: a second run adds nothing, and a changed row is reported.
"""

import asyncio
import csv
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TextIO

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from domain.spent import late, passed
from imports.cutover_columns import CASES, HISTORY
from imports.cutover_file import Line, Table
from imports.cutover_rows import (
    Fault,
    Read,
    Reader,
    Taker,
    in_future,
    no_case,
    twice,
)
from registry import book as books
from registry import cases, cutover, intake
from registry.cutover import Arrival, Key, PastEntry
from registry.engine import Sessions, sessions_of
from registry.grids import GridKeeper
from registry.sealing import Sealer
from registry.versions import zone_of

BATCH = 250
SHOWN = 50
"""Faults that are kept to be printed; the others are counted, and written to the file."""


@dataclass(kw_only=True)
class Faults:
    """What is wrong: counted, the first ones kept, all of them written to a file.

    Attributes:
        file: Where all are written.
        first: The first ones.
        count: Of all.
        rows: Rows that have one.
    """

    file: TextIO | None = None
    first: list[Fault] = field(default_factory=list)
    count: int = 0
    rows: int = 0

    def __post_init__(self) -> None:
        if self.file is not None:
            self._write("sheet", "row", "column", "列", "zh", "en")

    def add(self, faults: Iterable[Fault]) -> None:
        """Take the faults of one row."""
        self.rows += 1
        for one in faults:
            self.count += 1
            if len(self.first) < SHOWN:
                self.first.append(one)
            sheet = "history" if one.history else "cases"
            texts = (one.label.zh, one.label.en)
            self._write(sheet, one.line, one.column, one.zh, *texts)

    def _write(self, *cells: object) -> None:
        if self.file is not None:
            csv.writer(self.file).writerow(cells)


@dataclass(kw_only=True)
class Done:
    """What became of a file.

    Attributes:
        read: Rows of cases read so far in this pass.
        good: Rows that can be taken over.
        added: Cases written.
        here: Cases that were here before, the same row.
        changed: Rows of cases that are here and say something else now: (row, case number).
        changes: How many of these there are.
        states: New cases by state.
        late: New cases with a limit that is over.
        rungs: Rungs that were passed there.
        entries: Lines of the timeline written.
        entries_here: Lines that were here before.
        seconds: Of writing.
        tells: Until the last one is told, seconds.
        stopped: It was ended before the end.
    """

    read: int = 0
    good: int = 0
    added: int = 0
    here: int = 0
    changed: list[tuple[int, str]] = field(default_factory=list)
    changes: int = 0
    states: Counter[str] = field(default_factory=Counter)
    late: int = 0
    rungs: int = 0
    entries: int = 0
    entries_here: int = 0
    seconds: float = 0.0
    tells: float = 0.0
    stopped: bool = False

    @property
    def rate(self) -> float:
        """Cases written a second."""
        return self.added / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a cut-over runs.

    Attributes:
        rate: Workflows started a second.
        dry_run: Only look.
        skip_bad: Leave bad rows out, and take the good ones.
        system: The system of rows that name none.
    """

    rate: float = 20.0
    dry_run: bool = False
    skip_bad: bool = False
    system: str = ""


@dataclass(kw_only=True)
class CutOver:
    """Brings another system's open cases in.

    Attributes:
        engine: The registry.
        sealer: Seals who reported.
        cases: The file's cases.
        history: Their timeline, if there is one.
        options: How it runs.
        faults: What is wrong.
        done: What became of it.
        progress: Called after each batch, with what is being done.
        stop: Once set, it ends after the batch in hand.
    """

    engine: AsyncEngine
    sealer: Sealer
    cases: Table
    history: Table | None = None
    options: Options = field(default_factory=Options)
    faults: Faults = field(default_factory=Faults)
    done: Done = field(default_factory=Done)
    progress: Callable[[str], None] = lambda _: None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: dict[Key, int] = field(default_factory=dict)
    _bad: set[int] = field(default_factory=set)

    async def run(self) -> Done:
        """Look, and then write unless something is wrong.

        Raises:
            CutOverFileError: A file cannot be used at all.
            CutOverBusyError: Another cut-over runs.
        """
        async with cutover.alone(self.engine):
            work = await self._begin()
            await self._look(work)
            may_write = not self.options.dry_run and not self.stop.is_set()
            if may_write and (self.options.skip_bad or not self.faults.count):
                await self._write(work)
            self.done.stopped = self.stop.is_set()
        return self.done

    async def _begin(self) -> "_Work":
        sessions = sessions_of(self.engine)
        async with sessions() as session:
            at = await cases.now(session)
            book = await books.load(session, at=at)
            grids = await GridKeeper().map(session)
        reader = Reader(
            columns=CASES,
            zone=zone_of(book),
            sealer=self.sealer,
            system=self.options.system,
        )
        taker = Taker(book=book, grids=grids, at=at)
        return _Work(sessions=sessions, reader=reader, taker=taker)

    async def _look(self, work: "_Work") -> None:
        """Every row once, writing nothing."""
        done = self.done
        for batch in _batches(self.cases.lines()):
            if self.stop.is_set():
                return
            rows = await asyncio.to_thread(self._read, work.reader, batch)
            async with work.sessions() as session:
                new = await self._new(session, rows)
            arrivals = await asyncio.to_thread(self._take, work.taker, new)
            for one in arrivals:
                done.good += 1
                done.states[one.birth.state.value] += 1
                done.late += late(one.birth)
                done.rungs += passed(one.birth)
            done.read += len(batch)
            self.progress("checked")
        if self.history is not None:
            for lines in _batches(self.history.lines()):
                await self._entries(work, lines, write=False)

    def _read(self, reader: Reader, batch: Iterable[Line]) -> list[Read]:
        rows = []
        for line in batch:
            row = reader.read(line)
            if not isinstance(row, Read):
                self._wrong(line.number, row)
                continue
            first = self._seen.setdefault(row.key, row.line)
            if first == row.line:
                rows.append(row)
            else:
                self._wrong(row.line, [twice(row, first)])
        return rows

    def _wrong(self, number: int, faults: Iterable[Fault]) -> None:
        self._bad.add(number)
        self.faults.add(faults)

    async def _new(self, session: AsyncSession, rows: Iterable[Read]) -> list[Read]:
        """Rows of cases that are not here; the others are counted."""
        rows, done = list(rows), self.done
        found = await cutover.known(session, [one.key for one in rows])
        new = []
        for one in rows:
            here = found.get(one.key)
            if here is None:
                new.append(one)
            elif here.digest == one.digest:
                done.here += 1
            else:
                done.changes += 1
                if len(done.changed) < SHOWN:
                    done.changed.append((one.line, here.case_no))
        return new

    def _take(self, taker: Taker, rows: Iterable[Read]) -> list[Arrival]:
        arrivals = []
        for row in rows:
            arrival = taker.take(row, taker.at)
            if isinstance(arrival, Arrival):
                arrivals.append(arrival)
            else:
                self._wrong(row.line, arrival)
        return arrivals

    async def _write(self, work: "_Work") -> None:
        """Every good row, a batch in a transaction."""
        done, began = self.done, time.monotonic()
        start: datetime | None = None
        for batch in _batches(self.cases.lines()):
            if self.stop.is_set():
                break
            async with work.sessions.begin() as session:
                at = await cases.now(session)
                start = start or at
                taker = Taker(book=work.taker.book, grids=work.taker.grids, at=at)
                arrivals = await self._again(session, work.reader, taker, batch)
                told = [
                    _told(one, start, done.added + index, self.options.rate)
                    for index, one in enumerate(arrivals)
                ]
                if told:
                    day = at.astimezone(work.reader.zone).date()
                    county = taker.grids.district
                    numbers = await intake.next_case_numbers(session, county, day, len(told))
                    await cutover.write(session, told, numbers, self.sealer, at)
            done.added += len(told)
            done.seconds = time.monotonic() - began
            self.progress("written")
        done.tells = max(0.0, done.added / self.options.rate - done.seconds)
        if self.history is not None and not self.stop.is_set():
            for lines in _batches(self.history.lines()):
                await self._entries(work, lines, write=True)
                self.progress("written")

    async def _again(
        self,
        session: AsyncSession,
        reader: Reader,
        taker: Taker,
        batch: Iterable[Line],
    ) -> list[Arrival]:
        """The batch's good rows; one may have turned bad since it was looked at."""
        good = (reader.read(line) for line in batch if line.number not in self._bad)
        rows = [one for one in good if isinstance(one, Read)]
        known = await cutover.known(session, [one.key for one in rows])
        return self._take(taker, [one for one in rows if one.key not in known])

    async def _entries(self, work: "_Work", lines: list[Line], *, write: bool) -> None:
        reader = Reader(
            columns=HISTORY,
            zone=work.reader.zone,
            sealer=self.sealer,
            system=self.options.system,
        )
        rows = [reader.read(one) for one in lines]
        good = [one for one in rows if isinstance(one, Read)]
        async with work.sessions.begin() as session:
            here = await cutover.known(session, {one.key for one in good})
            if write:
                entries = [
                    _entry(one, here[one.key].case_no) for one in good if one.key in here
                ]
                entries = [one for one in entries if one.at <= work.taker.at]
                added = await cutover.write_history(session, entries)
                self.done.entries += added
                self.done.entries_here += len(entries) - added
                return
        for row in rows:
            if not isinstance(row, Read):
                self.faults.add(row)
            elif row.key not in here and row.key not in self._seen:
                self.faults.add([no_case(row)])
            elif row.values["at"] > work.taker.at:
                self.faults.add([in_future(row)])


@dataclass(frozen=True, kw_only=True)
class _Work:
    """What both passes work with."""

    sessions: Sessions
    reader: Reader
    taker: Taker


def _told(one: Arrival, start: datetime, index: int, rate: float) -> Arrival:
    return replace(one, tell_at=start + timedelta(seconds=index / rate))


def _entry(row: Read, case_no: str) -> PastEntry:
    values = row.values
    return PastEntry(
        case_no=case_no,
        digest=row.digest,
        at=values["at"],
        who=values.get("who", ""),
        action=values["action"],
        note=values.get("note", ""),
    )


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def errors_file(path: Path | None) -> TextIO | None:
    """The file that all faults are written to; a spreadsheet opens it."""
    return path.open("w", encoding="utf-8-sig", newline="") if path is not None else None
