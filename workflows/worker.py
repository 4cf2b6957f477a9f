"""The worker that runs case workflows; production, tests and benchmarks build the same one."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from activities.cases import CaseActivities
from workflows.case import CaseWorkflow

GRACE = timedelta(seconds=30)
STICKY = timedelta(seconds=4)
"""How long a task waits for a worker that died before another one takes it."""


def case_worker(
    client: Client,
    activities: CaseActivities,
    *,
    task_queue: str,
    local_activities: int = 20,
    cached: int = 1000,
) -> Worker:
    """The worker as it runs in production; tests and benchmarks run the same one."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[CaseWorkflow],
        activities=[activities.advance],
        max_cached_workflows=cached,
        max_concurrent_local_activities=local_activities,
        max_concurrent_workflow_tasks=20 if cached else None,
        graceful_shutdown_timeout=GRACE,
        sticky_queue_schedule_to_start_timeout=STICKY,
    )
