"""The worker: case workflows, `advance`, and the reconciler. `python worker.py`."""

import asyncio
import logging
import signal
from datetime import timedelta

from prometheus_client import start_http_server
from temporalio.client import Client
from temporalio.worker import Worker

from activities.cases import CaseActivities
from activities.reconcile import Reconciler
from registry.engine import connect, sessions_of
from settings import Settings
from telemetry import start_logs, start_traces, temporal_interceptors, trace_sql
from workflows import client as door
from workflows.case import CaseWorkflow
from workflows.converter import SealedCodec, data_converter

log = logging.getLogger("gridcase.worker")
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


async def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    settings = Settings()
    start_logs()
    provider = start_traces("gridcase-worker", settings.otel_endpoint)
    engine = connect(settings.database_url, pool_size=settings.worker_pool_size)
    if provider:
        trace_sql(engine)
    codec = SealedCodec({"k1": settings.payload_key}, "k1")
    client = await door.connect(
        settings.temporal_address,
        settings.temporal_namespace,
        converter=data_converter(codec),
        interceptors=temporal_interceptors(provider),
    )
    await door.check_search_attributes(client)
    activities = CaseActivities(sessions_of(engine))
    reconciler = Reconciler(
        activities=activities,
        tell=door.Door(client=client, task_queue=settings.task_queue).tell,
    )
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    worker = case_worker(
        client,
        activities,
        task_queue=settings.task_queue,
        local_activities=settings.max_concurrent_local_activities,
    )
    async with worker:
        start_http_server(settings.worker_metrics_port, addr=settings.host)
        log.info("worker is up")
        await reconciler.run(stop)
        log.info("worker stops")
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
