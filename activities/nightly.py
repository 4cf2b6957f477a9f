"""The nightly `verify`: one activity that goes on where a try before stopped."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity

from activities.cases import CaseActivities
from activities.verify import Progress, Verifier
from registry.book import NoMasterDataError
from registry.findings import Repair
from registry.verify import Scope

log = logging.getLogger(__name__)
ZONE_PAUSE = 60.0
"""Seconds until the registry is asked again for the district's zone."""


async def district_zone(activities: CaseActivities) -> str:
    """The zone of the calendar in force; waits while the registry is away or still empty."""
    while True:
        try:
            async with activities.sessions() as session:
                book = await activities.keeper.book(session, await activities.clock(session))
        except (NoMasterDataError, SQLAlchemyError, OSError) as error:
            log.warning("no nightly verify yet: %s", error)
            await asyncio.sleep(ZONE_PAUSE)
        else:
            return book.calendars[book.calendar].zone


@dataclass(frozen=True, kw_only=True)
class Nightly:
    """What a night's run looks at, and mends.

    Attributes:
        repair: How much it mends.
        days: Ended cases are looked at that changed within so many days; open ones always.
    """

    repair: Repair = Repair.WORKFLOWS
    days: int = 8


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a night's run came to.

    Attributes:
        cases: Cases looked at.
        workflows: Running workflows looked at.
        found: Findings by kind.
        left: Findings that were not mended.
    """

    cases: int = 0
    workflows: int = 0
    found: dict[str, int] = field(default_factory=dict)
    left: int = 0


@dataclass(frozen=True, kw_only=True)
class VerifyActivities:
    """`verify` as an activity, for the schedule.

    Attributes:
        verifier: Does it.
    """

    verifier: Verifier

    @activity.defn(name="verify")
    async def verify(self, order: Nightly) -> Verified:
        """Look at every open case and at what changed lately.

        Run twice, it finds what is still wrong; a retry goes on behind the last page, under the
        same run. Its id is the workflow run's.
        """
        info = activity.info()
        done = Progress(**info.heartbeat_details[0]) if info.heartbeat_details else None
        verifier = self.verifier
        async with verifier.activities.sessions() as session:
            now = await verifier.activities.clock(session)
        run = await verifier.run(
            UUID(info.workflow_run_id),
            Scope(since=now - timedelta(days=order.days)),
            order.repair,
            done=done,
            beat=activity.heartbeat,
        )
        return Verified(
            cases=run.cases,
            workflows=run.workflows,
            found={kind.value: number for kind, number in run.found.items()},
            left=run.left,
        )
