"""The worker: case workflows, `advance`, and the reconciler. `python worker.py`."""

import asyncio
import logging
import signal

from prometheus_client import start_http_server

from activities.cases import CaseActivities
from activities.reconcile import Reconciler
from registry.engine import connect, sessions_of
from settings import Settings
from telemetry import start_logs, start_traces, temporal_interceptors, trace_sql
from workflows import client as door
from workflows.converter import SealedCodec, data_converter
from workflows.worker import case_worker

log = logging.getLogger("gridcase.worker")


async def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    settings = Settings()
    start_logs()
    provider = start_traces("gridcase-worker", settings.otel_endpoint)
    engine = connect(settings.database_url, pool_size=settings.worker_pool_size)
    if provider:
        trace_sql(engine)
    codec = SealedCodec(settings.payload_keys, settings.payload_key_id)
    client = await door.connect_when_there(
        settings.temporal_address,
        settings.temporal_namespace,
        converter=data_converter(codec),
        interceptors=temporal_interceptors(provider),
    )
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
        build_id=settings.build_id,
    )
    async with worker:
        start_http_server(settings.worker_metrics_port, addr=settings.host)
        log.info("worker is up")
        await reconciler.run(stop)
        log.info("worker stops")
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
