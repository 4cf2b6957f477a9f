"""SIMULATED officers: they take what waits, act as the seeded people, and react to verdicts.

Everything they do goes through the same intake as a real person's; their notes say "simulated".
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy.exc import SQLAlchemyError

from domain.terms import FINAL, SETTLED, Action, State
from imports.boston import SYSTEM
from imports.desk import Asked, Desk, DeskError, Doing, Said
from imports.play import Cast, Dice, Play, Shares
from registry import book as books
from registry import upstream
from registry.engine import Sessions
from registry.upstream import Standing, Totals, Waiting

PAUSE = 0.1
"""Seconds between two looks into the inboxes when nothing waits."""
IDLE = 30.0
"""Seconds without any verdict after which the driver stops waiting for one."""
MOST_TRIES = 5
WORKED = (
    State.REPORTED,
    State.VERIFYING,
    State.ACCEPTED,
    State.FILED,
    State.DISPATCHED,
    State.SIGNED,
    State.HANDLING,
    State.RETURNED,
    State.FED_BACK,
    State.CHECKING,
    State.TO_CLOSE,
)


@dataclass(kw_only=True)
class Driven:
    """What the driver has done so far.

    Attributes:
        steps: Commands that were done.
        refused: Commands that were refused, by reason.
        errors: Commands that could not be asked for.
        cases: Cases it acted on.
        seconds: Since it began.
    """

    steps: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    cases: set[str] = field(default_factory=set)
    seconds: float = 0.0


@dataclass(kw_only=True)
class Driver:
    """Plays the officers until nothing waits any more.

    Attributes:
        desk: Where steps are asked for.
        sessions: The registry, whose inboxes are read.
        system: Only cases of this system; None for all.
        seed: The same seed draws the same refusals, returns and failed checks.
        concurrency: Steps asked for at once.
        shares: How often what happens.
        fed: Set once no more reports come.
        stop: Once set, what is under way is finished and nothing more begun.
        progress: Called after each verdict.
        idle: Seconds without any verdict after which it ends.
    """

    desk: Desk
    sessions: Sessions
    system: str | None = SYSTEM
    seed: int = 1
    concurrency: int = 16
    shares: Shares = field(default_factory=Shares)
    fed: asyncio.Event = field(default_factory=asyncio.Event)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    progress: Callable[[Driven], None] = lambda _: None
    idle: float = IDLE
    done: Driven = field(default_factory=Driven)
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _refused: dict[tuple[str, int], frozenset[Action]] = field(default_factory=dict)
    _given_up: set[tuple[str, int]] = field(default_factory=set)
    _tries: Counter[tuple[str, int]] = field(default_factory=Counter)

    async def run(self) -> Driven:
        """Work until everything is settled, nobody answers any more, or `stop`."""
        began = moved = time.monotonic()
        steps = -1
        async with self.sessions() as session:
            book = await books.load(session, at=datetime.now(UTC))
        cast = Cast(book)
        while not self.stop.is_set():
            # Asked before the look: what ends during it may put a case back into an inbox.
            quiet = self.fed.is_set() and not self._busy and not await self._unjudged()
            begun = await self._begin(cast)
            if self.done.steps != steps or begun > 0:
                steps, moved = self.done.steps, time.monotonic()
            if self._busy:
                await asyncio.wait(
                    self._busy.values(), timeout=PAUSE, return_when=asyncio.FIRST_COMPLETED
                )
            elif begun == 0 and quiet:
                break
            else:
                await asyncio.sleep(PAUSE)
            if self.fed.is_set() and time.monotonic() - moved > self.idle:
                break
        if self._busy:
            await asyncio.wait(self._busy.values())
        self.done.seconds = time.monotonic() - began
        return self.done

    async def _begin(self, cast: Cast) -> int:
        """Begin on what waits, as far as there are hands; how many that were.

        -1: the inboxes could not be read.
        """
        free = self.concurrency - len(self._busy)
        if free <= 0:
            return 0
        try:
            async with self.sessions() as session:
                found = await upstream.waiting(
                    session,
                    self.system,
                    states=WORKED,
                    limit=free + len(self._given_up),
                    but_not=tuple(self._busy),
                )
        except (SQLAlchemyError, OSError):
            self.done.errors += 1
            return -1
        begun = 0
        for one in found:
            if begun == free:
                break
            begun += self._take(one, cast)
        return begun

    def _take(self, one: Waiting, cast: Cast) -> bool:
        """Begin on one case, unless nobody has anything to do."""
        case = one.case
        now = (case.case_no, case.version)
        if now in self._given_up:
            return False
        play = Play(
            book=cast.book,
            cast=cast,
            dice=Dice(seed=self.seed, about=one.upstream_id),
            at=datetime.now(UTC),
            avoid=self._refused.get(now, frozenset()),
            shares=self.shares,
        )
        doing = play.next(case)
        if doing is None or self._tries[now] >= MOST_TRIES:
            self._given_up.add(now)
            return False
        task = asyncio.create_task(self._act(one, doing))
        self._busy[case.case_no] = task
        task.add_done_callback(lambda _: self._busy.pop(case.case_no, None))
        return True

    async def _act(self, one: Waiting, doing: Doing) -> None:
        case = one.case
        now = (case.case_no, case.version)
        self._tries[now] += 1
        actions = "+".join(step.action for step in doing.steps)
        key = f"drive/{self.seed}/{case.case_no}/{case.seq}/{self._tries[now]}/{actions}"
        try:
            answer = await self.desk.act(
                Asked(
                    key=f"drive-{sha256(key.encode()).hexdigest()}",
                    case_no=case.case_no,
                    seen=case.version,
                    doing=doing,
                    point=one.point,
                )
            )
        except DeskError:
            self.done.errors += 1
            await asyncio.sleep(PAUSE * self._tries[now])
            return
        self.done.cases.add(case.case_no)
        if answer.said is Said.REFUSED:
            self.done.refused[f"{actions}: {answer.why}"] += 1
            refused = frozenset(step.action for step in doing.steps)
            self._refused[now] = self._refused.get(now, frozenset()) | refused
        elif answer.said is Said.DONE:
            self.done.steps += len(doing.steps)
        self.progress(self.done)

    async def _unjudged(self) -> int:
        try:
            async with self.sessions() as session:
                return await upstream.unjudged(session, self.system)
        except (SQLAlchemyError, OSError):
            return 1


async def judged(sessions: Sessions, system: str | None, *, within: float = IDLE) -> bool:
    """Wait until every command has its verdict; False when some have none by then."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        async with sessions() as session:
            if not await upstream.unjudged(session, system):
                return True
        await asyncio.sleep(PAUSE)
    return False


@dataclass(frozen=True, kw_only=True)
class Reckoning:
    """What became of the accepted reports.

    Attributes:
        accepted: Reports that got a case number.
        open: Those still open and moving: all judged, a limit running.
        lost: Ids of those without a case, with an unjudged command, or standing still.
        totals: States, actions, lateness.
    """

    accepted: int
    open: int
    lost: Sequence[str]
    totals: Totals


async def reckon(
    sessions: Sessions, accepted: Collection[str], *, system: str = SYSTEM
) -> Reckoning:
    """Compare the accepted ids with the cases on record."""
    async with sessions() as session:
        on_record = await upstream.standings(session, system)
        totals = await upstream.totals(
            session, [on_record[one].case_no for one in accepted if one in on_record]
        )
    return Reckoning(
        accepted=len(accepted),
        open=sum(
            one in on_record and _moves(on_record[one]) and not _settled(on_record[one])
            for one in accepted
        ),
        lost=lost_of(accepted, on_record),
        totals=totals,
    )


def lost_of(accepted: Collection[str], on_record: Mapping[str, Standing]) -> list[str]:
    """Accepted ids whose case is neither settled nor open and moving."""
    return sorted(
        one
        for one in accepted
        if one not in on_record
        or not on_record[one].judged
        or not (_settled(on_record[one]) or _moves(on_record[one]))
    )


def _settled(one: Standing) -> bool:
    return one.state in SETTLED | FINAL


def _moves(one: Standing) -> bool:
    return one.judged and one.next_rung_at is not None
