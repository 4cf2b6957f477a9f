"""The nightly look at all open cases: one activity that goes on where a try before stopped."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.nightly import Nightly, Verified, VerifyActivities

A_NIGHT = timedelta(hours=20)
"""It gives up before the next one."""
NO_SIGN = timedelta(minutes=2)
"""Without a sign of life for so long it is tried again, from the last page on."""
AGAIN = RetryPolicy(
    initial_interval=timedelta(seconds=10),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=5),
)


@workflow.defn
class VerifyWorkflow:
    """Verify once, as long as it takes; ends Failed when a night was not enough."""

    @workflow.run
    async def run(self, order: Nightly) -> Verified:
        """What was found."""
        return await workflow.execute_activity_method(
            VerifyActivities.verify,
            order,
            schedule_to_close_timeout=A_NIGHT,
            heartbeat_timeout=NO_SIGN,
            retry_policy=AGAIN,
            summary=f"repair {order.repair}",
        )
