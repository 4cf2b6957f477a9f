"""The schedule of the nightly verify: made, kept in step and taken away by the worker."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import (
    Client,
    RPCError,
    RPCStatusCode,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from activities.nightly import Nightly
from workflows.verify import VerifyWorkflow

log = logging.getLogger(__name__)

SCHEDULE_ID = "gridcase-verify"
CATCH_UP = timedelta(hours=3)
"""A night that Temporal slept through is made up for within so long."""


@dataclass(frozen=True, kw_only=True)
class Nights:
    """When and how the nightly verify runs.

    Attributes:
        cron: Five fields, on the wall clock of `zone`.
        zone: IANA name of the district's zone.
        order: What it looks at, and mends.
        schedule_id: Name in Temporal; one an installation.
    """

    cron: str
    zone: str
    order: Nightly
    schedule_id: str = SCHEDULE_ID


async def keep(client: Client, task_queue: str, nights: Nights) -> bool:
    """Make the schedule, or bring it in step; an admin's pause of it stays.

    Returns:
        False when this server has no schedules or does not take this one; the log says why.
    """
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(
            VerifyWorkflow.run, nights.order, id=nights.schedule_id, task_queue=task_queue
        ),
        spec=ScheduleSpec(cron_expressions=[nights.cron], time_zone_name=nights.zone),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )

    def in_step(there: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = there.description.schedule.state
        return ScheduleUpdate(schedule=schedule)

    try:
        try:
            await client.create_schedule(nights.schedule_id, schedule)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(nights.schedule_id).update(in_step)
    except RPCError as error:
        log.warning("no nightly verify: %s: %s", error.status.name, error.message)
        return False
    return True


async def drop(client: Client, schedule_id: str = SCHEDULE_ID) -> None:
    """Take the schedule away, if it is there."""
    try:
        await client.get_schedule_handle(schedule_id).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            log.warning("nightly verify stays: %s: %s", error.status.name, error.message)
