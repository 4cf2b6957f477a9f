"""One delivery to a unit's own system, repeated until it is taken or dropped."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.deliver import DeliverActivities, Order

AGAIN = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=10),
)
A_CALL = timedelta(seconds=30)


@workflow.defn(name="Delivery")
class DeliveryWorkflow:
    """Deliver once, however long the system is away; a dropped delivery ends it too."""

    @workflow.run
    async def run(self, order: Order) -> str:
        """The system's own reference."""
        return await workflow.execute_activity_method(
            DeliverActivities.deliver,
            order,
            start_to_close_timeout=A_CALL,
            retry_policy=AGAIN,
        )
