"""Finished requests of Boston, 2011, as history: their own times, targets and outcomes."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncEngine

from domain import clock as clocks_
from domain.case import Event
from domain.clock import Clock, ClockKind, Outcome
from domain.facts import Task
from domain.patch import Patch
from domain.terms import Action, Role, State, TaskState
from imports.boston import SYSTEM, ZONE, BadRow, Request
from imports.mapping import BostonMap, address, words
from imports.place import Placing
from registry import history
from registry.engine import sessions_of
from registry.grids import GridKeeper
from registry.history import Past

ACTOR = "boston 2011"
BATCH = 1000
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How an outcome of theirs is settled here.

    Attributes:
        state: Settled state, kept as `settled_as` after archiving.
        action: Action of the event.
        reason: Reason shown with it.
        judged: Whether its clocks count as on time or late.
    """

    state: State
    action: Action
    reason: str
    judged: bool = True


ENDINGS = {
    "duplicate": Ending(
        state=State.MERGED, action=Action.CLOSE, reason="boston_duplicate", judged=False
    ),
    "no_violation": Ending(
        state=State.REFUSED, action=Action.REFUSE, reason="boston_no_violation", judged=False
    ),
    "invalid": Ending(
        state=State.REFUSED, action=Action.REFUSE, reason="boston_invalid", judged=False
    ),
    "referred": Ending(state=State.TRANSFERRED, action=Action.CLOSE, reason="boston_referred"),
}
"""Outcomes that are not a plain closing; the others close with `boston_<outcome>` as reason."""


def ending(outcome: str) -> Ending:
    """How an outcome is settled."""
    plain = Ending(
        state=State.CLOSED, action=Action.CLOSE, reason=f"boston_{outcome or 'unnamed'}"
    )
    return ENDINGS.get(outcome, plain)


def past_of(request: Request, mapping: BostonMap, placing: Placing) -> tuple[Past, bool]:
    """A finished request as a case, and whether its point had to be moved into a grid.

    Raises:
        ValueError: It was not closed.
    """
    if request.closed_at is None:
        raise ValueError(f"request {request.request_id} is open: no history")
    place = placing.place(request.longitude, request.latitude)
    past = Past(
        upstream_id=request.request_id,
        day=request.opened_at.astimezone(ZONE).date(),
        words=words(request),
        address=address(request),
        point=(place.longitude, place.latitude),
        events=tuple(_events(request, mapping, place.grid)),
    )
    return past, place.moved


def _events(request: Request, mapping: BostonMap, grid: str) -> Iterator[Event]:
    opened, closed = request.opened_at, request.closed_at or request.opened_at
    target, unit = mapping.target(request), mapping.unit(request)
    end = ending(request.outcome)
    whole = _clock(request, ClockKind.WHOLE, Role.DUTY_CHIEF.value)
    yield Event(
        seq=1,
        at=opened,
        cause_id=f"boston/{request.request_id}/report",
        action=Action.REPORT,
        state=State.REPORTED,
        actor=ACTOR,
        patch=Patch(
            version=1,
            source=mapping.source(request),
            reported_at=opened,
            grid=grid,
            subclass=target.subclass,
            condition=target.condition,
        ),
        clocks=(whole,) if whole else (),
    )
    handle = _clock(request, ClockKind.HANDLE, f"unit:{unit}") if unit else None
    task = Task(
        task_no=1, unit=unit, state=TaskState.DONE, dispatched_at=opened, ended_at=closed
    )
    yield Event(
        seq=2,
        at=closed,
        cause_id=f"boston/{request.request_id}/close",
        action=end.action,
        state=end.state,
        actor=ACTOR,
        reason=end.reason,
        patch=Patch(version=2, unit=unit, settled_as=end.state.value),
        clocks=tuple(_stopped(one, request, end) for one in (whole, handle) if one),
        tasks=(task,) if unit else (),
    )
    yield Event(
        seq=3,
        at=closed,
        cause_id=f"boston/{request.request_id}/archive",
        action=Action.ARCHIVE,
        state=State.ARCHIVED,
        actor=ACTOR,
        patch=Patch(version=3),
    )


def _clock(request: Request, kind: ClockKind, owner: str) -> Clock | None:
    """The city's promise as a clock that runs day and night; None where it promised nothing."""
    target = request.target_at
    if target is None or target <= request.opened_at:
        return None
    return Clock(
        clock_id=kind.value,
        kind=kind,
        owner=owner,
        calendar="",
        continuous=True,
        budget=target - request.opened_at,
        rungs=(),
        started_at=request.opened_at,
    )


def _stopped(clock: Clock, request: Request, end: Ending) -> Clock:
    """Stop it at the close; on time or late is the city's flag, whatever its times say."""
    closed = request.closed_at or request.opened_at
    judged = end.judged and request.on_time is not None
    stopped = clocks_.stop(clock, closed, Outcome.DONE if judged else Outcome.VOID)
    if not judged or clocks_.on_time(stopped, {}) is request.on_time:
        return stopped
    spent = closed - request.opened_at
    return replace(stopped, judged_budget=spent if request.on_time else spent - MICROSECOND)


@dataclass(kw_only=True)
class Loaded:
    """What became of a file.

    Attributes:
        read: Rows read, bad ones included.
        added: Cases written.
        known: Requests that were on record before.
        open: Requests not closed in the file, which are left out.
        moved: Points that were moved into the nearest grid.
        outcomes: Added and known cases by how they were settled.
        no_limit: Requests without a usable target, which have no clocks.
        errors: Bad rows.
    """

    read: int = 0
    added: int = 0
    known: int = 0
    open: int = 0
    moved: int = 0
    no_limit: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    errors: list[BadRow] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class HistoryImport:
    """Loads a file's finished requests; again, it adds nothing.

    Attributes:
        engine: The registry, with a statement time-out that suits batches.
        mapping: What a request means here.
        progress: Called after each batch.
        stop: Once set, the import ends after the batch in hand.
    """

    engine: AsyncEngine
    mapping: BostonMap
    progress: Callable[[Loaded], None] = lambda _: None
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(
        self, rows: Iterable[Request | BadRow], *, limit: int | None = None
    ) -> Loaded:
        """Load up to `limit` rows of the file."""
        sessions, done = sessions_of(self.engine), Loaded()
        stream = islice(rows, limit)
        async with history.alone(self.engine):
            async with sessions() as session:
                grids = await GridKeeper().map(session)
                book = await history.ledger(session, SYSTEM, grids.district)
            placing = Placing(grids)
            while not self.stop.is_set():
                pasts = await asyncio.to_thread(self._batch, stream, placing, done)
                if pasts is None:
                    break
                async with sessions.begin() as session:
                    added = await history.write(session, book, pasts)
                done.added += added
                done.known += len(pasts) - added
                self.progress(done)
        return done

    def _batch(
        self, stream: Iterator[Request | BadRow], placing: Placing, done: Loaded
    ) -> list[Past] | None:
        """The next finished requests, or None at the end of the file."""
        rows = list(islice(stream, BATCH))
        if not rows:
            return None
        pasts = []
        for row in rows:
            done.read += 1
            if isinstance(row, BadRow):
                done.errors.append(row)
            elif row.closed_at is None:
                done.open += 1
            else:
                past, moved = past_of(row, self.mapping, placing)
                done.moved += moved
                done.no_limit += not past.events[0].clocks
                done.outcomes[past.events[1].patch.settled_as or ""] += 1
                pasts.append(past)
        return pasts
