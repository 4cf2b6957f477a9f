"""Tell until judged: what was written down reaches its workflow, whatever broke in between."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from prometheus_client import Counter, Gauge

from activities.cases import Advance, CaseActivities
from registry import cases, commands
from registry.commands import Telling

log = logging.getLogger(__name__)

BATCH = 200
OVERDUE = timedelta(minutes=2)
MOST_WOKEN = 5_000
"""Cases woken in one look; the next look is five minutes later."""
PAUSE = 1.0
"""Seconds between sweeps."""
WAKE_EVERY = 300
"""Sweeps between two looks for cases whose limit passed unheard: about five minutes."""

TOLD = Counter("gridcase_tells", "Tells by the reconciler", ["outcome"])
RESTARTED = Counter("gridcase_cases_woken", "Cases woken because a limit passed unheard")
FAILED = Counter("gridcase_sweeps_failed", "Sweeps that failed, mostly while Postgres was away")
DEAD = Counter("gridcase_commands_dead", "Commands given up after too many failed tells")
REACHABLE = Gauge("gridcase_temporal_reachable", "1 while Temporal answers the reconciler")


class Tell(Protocol):
    """How a workflow is told; answers `told`, `ended` or `unavailable`."""

    def __call__(
        self, case_no: str, *, source: str, command_id: str, label: str, first: bool
    ) -> Awaitable[str]:
        """Tell one case."""
        ...


@dataclass(frozen=True, kw_only=True)
class Reconciler:
    """Repeats tells until a verdict is on record, and wakes cases whose limit passed unheard.

    Attributes:
        activities: The same `advance` that workflows use, for cases whose workflow has ended.
        tell: The door to the workflows.
        overdue: How long a rung may be past due before the case is woken.
    """

    activities: CaseActivities
    tell: Tell
    overdue: timedelta = OVERDUE

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until told to stop; a registry that is away is tried again."""
        passes = 0
        while not stop.is_set():
            passes += 1
            try:
                await self.sweep()
                if passes % WAKE_EVERY == 0:
                    await self.wake_overdue()
            except Exception as error:  # noqa: BLE001  a driver's raw error must not end it
                FAILED.inc()
                log.warning("the sweep failed and is tried again: %r", error)
            try:
                await asyncio.wait_for(stop.wait(), PAUSE)
            except TimeoutError:
                continue

    async def sweep(self) -> int:
        """Tell what is due to be told; the number of cases reached.

        "Unavailable" stops the pass and burns no attempt: nothing is wrong with the commands.
        """
        async with self.activities.sessions.begin() as session:
            claimed = list(await commands.claim(session, limit=BATCH))
        reached = 0
        for index, one in enumerate(claimed):
            outcome = await self._tell(one)
            TOLD.labels(outcome=outcome).inc()
            REACHABLE.set(outcome != "unavailable")
            if outcome == "unavailable":
                async with self.activities.sessions.begin() as session:
                    await commands.give_back(
                        session, [left.case_no for left in claimed[index:]]
                    )
                break
            if outcome == "ended":
                await self.activities.advance(Advance(case_no=one.case_no, known_seq=0))
            reached += outcome in {"told", "ended"}
        return reached

    async def _tell(self, one: Telling) -> str:
        try:
            return await self.tell(
                one.case_no,
                source=one.source,
                command_id=str(one.command_id),
                label=one.label,
                first=one.first,
            )
        except Exception as error:  # noqa: BLE001  one poisoned command stops no other
            log.warning("tell failed: %s", error, extra={"case_id": one.case_no})
            async with self.activities.sessions.begin() as session:
                if await commands.not_told(session, one, str(error)):
                    DEAD.inc()
                    log.critical("command is dead", extra={"case_id": one.case_no})
            return "failed"

    async def wake_overdue(self) -> int:
        """Wake open cases whose limit passed and did not fire: their workflow is gone."""
        async with self.activities.sessions() as session:
            behind = await self.activities.clock(session) - self.overdue
            found = await cases.overdue_unheard(session, behind=behind, limit=MOST_WOKEN)
        woken = 0
        for case_no, source in found:
            outcome = await self.tell(
                case_no, source=source, command_id="overdue", label="overdue", first=False
            )
            if outcome == "unavailable":
                break
            if outcome == "told":
                RESTARTED.inc()
                woken += 1
                log.warning("woken: a limit passed unheard", extra={"case_id": case_no})
        return woken
