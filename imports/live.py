"""Requests of Boston, 2011, as new reports of today: any report's intake, at a given pace."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from domain.book import Book
from domain.terms import Role, Source
from imports.boston import SYSTEM, BadRow, Request
from imports.desk import Desk, DeskError, Filing
from imports.mapping import BostonMap, address, words
from imports.place import Placing
from imports.play import Cast, Dice

MOST_TRIES = 4
PAUSE = 0.5
"""Seconds before a report is handed in again; doubles."""
CALLERS = frozenset({Source.HOTLINE, Source.CITIZEN_WEB, Source.OPEN311})
"""Sources whose reporters could be called back."""
CONTACT_SHARE = 0.3
"""Share of those that get a simulated contact: Boston's file names no reporter."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """When each report is handed in: `rate` a second, or the file's rhythm, compressed."""

    rate: float = 5.0
    compress: float | None = None

    def due(self, number: int, opened_at: datetime, first: datetime) -> float:
        """Seconds from the start at which the `number`-th report (0, 1, …) is handed in."""
        if self.compress is not None:
            return (opened_at - first).total_seconds() / self.compress
        return number / self.rate


@dataclass(kw_only=True)
class Handed:
    """What became of a file's rows.

    Attributes:
        read: Rows read, bad ones included.
        accepted: Ids whose report is on record, those that were before included.
        known: Of these, how many were on record before.
        moved: Points that were moved into the nearest grid.
        errors: Bad rows, and rows that the intake did not take.
        seconds: Since the start.
    """

    read: int = 0
    accepted: set[str] = field(default_factory=set)
    known: int = 0
    moved: int = 0
    errors: list[BadRow] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """New reports a second."""
        return (len(self.accepted) - self.known) / self.seconds if self.seconds else 0.0


@dataclass(kw_only=True)
class LiveImport:
    """Hands requests in as reports; again, it makes no second case.

    Attributes:
        desk: Where reports are handed in.
        mapping: What a request means here.
        placing: Where it lies here.
        book: The accounts that hand in, each for the sources that its role may name.
        known: Ids on record before.
        pace: When each is handed in.
        contacts: Give some reporters a simulated contact, so that they can be called back.
        seed: Draws who has one.
        concurrency: Reports handed in at once.
        stop: Once set, no further report is handed in.
        progress: Called after each row.
    """

    desk: Desk
    mapping: BostonMap
    placing: Placing
    book: Book
    known: frozenset[str] = frozenset()
    pace: Pace = field(default_factory=Pace)
    contacts: bool = False
    seed: int = 1
    concurrency: int = 16
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    progress: Callable[[Handed], None] = lambda _: None
    done: Handed = field(default_factory=Handed)
    _cast: Cast = field(init=False)

    def __post_init__(self) -> None:
        self._cast = Cast(self.book)

    async def run(
        self, rows: Iterable[Request | BadRow], *, limit: int | None = None
    ) -> Handed:
        """Hand up to `limit` rows in."""
        began = time.monotonic()
        first: datetime | None = None
        hands = asyncio.Semaphore(self.concurrency)
        stream: Iterator[Request | BadRow] = islice(rows, limit)
        async with asyncio.TaskGroup() as group:
            number = 0
            for row in stream:
                self.done.read += 1
                if isinstance(row, BadRow):
                    self._error(row)
                    continue
                first = first or row.opened_at
                if row.request_id in self.known:
                    self._accepted(row.request_id, known=True)
                    continue
                if await self._wait(began + self.pace.due(number, row.opened_at, first)):
                    self.done.read -= 1
                    break
                number += 1
                await hands.acquire()
                task = group.create_task(self._hand_in(row, began))
                task.add_done_callback(lambda _: hands.release())
        self.done.seconds = time.monotonic() - began
        self.progress(self.done)
        return self.done

    async def _wait(self, until: float) -> bool:
        """Wait for the turn; True when told to stop."""
        try:
            await asyncio.wait_for(self.stop.wait(), max(0.0, until - time.monotonic()))
        except TimeoutError:
            return False
        return True

    async def _hand_in(self, row: Request, began: float) -> None:
        place = self.placing.place(row.longitude, row.latitude)
        filing = self._filing(row, (place.longitude, place.latitude), place.grid)
        for attempt in range(1, MOST_TRIES + 1):
            try:
                await self.desk.report(filing)
            except DeskError as error:
                if attempt == MOST_TRIES:
                    self._error(BadRow(line=row.line, reason=f"not taken: {error}"))
                    return
                await asyncio.sleep(PAUSE * 2 ** (attempt - 1))
            else:
                break
        self.done.moved += place.moved
        self.done.seconds = time.monotonic() - began
        self._accepted(row.request_id, known=False)

    def _filing(self, row: Request, point: tuple[float, float], grid: str) -> Filing:
        source, target = self.mapping.source(row), self.mapping.target(row)
        dice = Dice(seed=self.seed, about=row.request_id)
        called = self.contacts and source in CALLERS and dice.draw("contact") < CONTACT_SHARE
        return Filing(
            key=f"boston/{row.request_id}",
            upstream_id=row.request_id,
            system=SYSTEM,
            login=self._login(source, grid, self.mapping.unit(row)),
            source=source,
            words=words(row),
            address=address(row),
            point=point,
            grid=grid,
            subclass=target.subclass,
            condition=target.condition,
            contact_name="Simulated reporter" if called else "",
            contact_phone=f"000-2011-{int(dice.draw('phone') * 10_000):04d}" if called else "",
        )

    def _login(self, source: Source, grid: str, unit: str) -> str:
        """The account that hands it in: always the same for the same row, and allowed to."""
        if source is Source.GRID_PATROL:
            found = self.book.members.get(grid, ("",))[0]
        elif source is Source.DEPARTMENT:
            found = self._cast.of_unit(Role.UNIT_DISPATCHER, unit) or ""
        elif source in {Source.IMPORT, Source.OPEN311, Source.SENSOR}:
            found = self._cast.first(Role.ADMIN)
        else:
            found = self._cast.first(Role.ACCEPTOR)
        return found or self._cast.first(Role.ADMIN)

    def _accepted(self, request_id: str, *, known: bool) -> None:
        self.done.accepted.add(request_id)
        self.done.known += known
        self.progress(self.done)

    def _error(self, row: BadRow) -> None:
        self.done.errors.append(row)
        self.progress(self.done)
