"""The worker that runs case workflows; production, tests and benchmarks build the same one."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.cases import CaseActivities
from activities.deliver import DeliverActivities
from activities.nightly import VerifyActivities
from workflows.case import CaseWorkflow, DepartmentTask
from workflows.client import DEPLOYMENT
from workflows.deliver import DeliveryWorkflow
from workflows.verify import VerifyWorkflow

GRACE = timedelta(seconds=30)
STICKY = timedelta(seconds=4)
"""How long a task waits for a worker that died before another one takes it."""


def case_worker(  # noqa: PLR0913  what a worker is made of
    client: Client,
    activities: CaseActivities,
    *,
    task_queue: str,
    verify: VerifyActivities | None = None,
    deliver: DeliverActivities | None = None,
    local_activities: int = 20,
    cached: int = 1000,
    build_id: str = "",
) -> Worker:
    """The worker as it runs in production; tests and benchmarks run the same one.

    Args:
        client: Connection to Temporal.
        activities: What judges.
        task_queue: Where it polls.
        verify: What looks at all cases each night.
        deliver: What calls units' own systems.
        local_activities: Causes judged at once, each with a database connection.
        cached: Cases kept in memory between their tasks.
        build_id: Version of the code. With one, the worker gets no case until that version is
            made current; running cases then move to it at their next task.
    """
    deployment = WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=DEPLOYMENT, build_id=build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[CaseWorkflow, DepartmentTask, VerifyWorkflow, DeliveryWorkflow],
        activities=[
            activities.advance,
            *([verify.verify] if verify else []),
            *([deliver.deliver] if deliver else []),
        ],
        max_cached_workflows=cached,
        max_concurrent_local_activities=local_activities,
        max_concurrent_workflow_tasks=20 if cached else None,
        graceful_shutdown_timeout=GRACE,
        sticky_queue_schedule_to_start_timeout=STICKY,
        deployment_config=deployment if build_id else None,
    )
