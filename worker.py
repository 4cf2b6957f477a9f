"""The worker: case workflows, `advance`, the reconciler, deliveries, the nightly verify."""

import asyncio
import logging
import signal

from prometheus_client import start_http_server
from temporalio.client import Client

from activities.cases import CaseActivities
from activities.deliver import DeliverActivities
from activities.nightly import Nightly, VerifyActivities, district_zone
from activities.outgoing import Outgoing
from activities.outward import outward_client
from activities.reconcile import Reconciler
from activities.verify import Verifier
from registry.engine import connect, sessions_of
from registry.findings import Repair
from registry.sealing import Sealer
from settings import OFF, Settings
from telemetry import start_logs, start_traces, temporal_interceptors, trace_sql
from workflows import client as door
from workflows import schedule
from workflows.converter import SealedCodec, data_converter
from workflows.schedule import Nights
from workflows.survey import CaseSurvey
from workflows.worker import case_worker

log = logging.getLogger("gridcase.worker")
VERIFY_REST = 0.05
"""Seconds between two pages of cases of the nightly verify."""


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
    sessions = sessions_of(engine)
    activities = CaseActivities(sessions)
    sealer = Sealer(key=settings.reporter_key, index_key=settings.blind_index_key)
    cases = door.Door(client=client, task_queue=settings.task_queue)
    reconciler = Reconciler(activities=activities, tell=cases.tell)
    outgoing = Outgoing(sessions=sessions, begin=cases.begin_delivery)
    verifier = Verifier(
        activities=activities,
        survey=CaseSurvey(client=client, task_queue=settings.task_queue),
        tell=cases.tell,
        restart=cases.restart,
        rest=VERIFY_REST,
    )
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    http = outward_client(settings.call_inside)
    worker = case_worker(
        client,
        activities,
        task_queue=settings.task_queue,
        verify=VerifyActivities(verifier=verifier),
        deliver=DeliverActivities(sessions=sessions, sealer=sealer, http=http),
        local_activities=settings.max_concurrent_local_activities,
        build_id=settings.build_id,
    )
    async with worker:
        start_http_server(settings.worker_metrics_port, addr=settings.host)
        log.info("worker is up")
        scheduling = asyncio.create_task(keep_schedule(client, activities, settings))
        await asyncio.gather(reconciler.run(stop), outgoing.run(stop))
        scheduling.cancel()
        log.info("worker stops")
    await http.aclose()
    await engine.dispose()


async def keep_schedule(client: Client, activities: CaseActivities, settings: Settings) -> None:
    """Bring the schedule of the nightly verify in step with the settings."""
    if settings.verify_cron == OFF:
        await schedule.drop(client)
        return
    nights = Nights(
        cron=settings.verify_cron,
        zone=await district_zone(activities),
        order=Nightly(repair=Repair(settings.verify_repair)),
    )
    await schedule.keep(client, settings.task_queue, nights)


if __name__ == "__main__":
    asyncio.run(main())
