"""A worker for the minimal workflows, a process of its own like `worker.py`."""

import asyncio
import signal

import asyncpg  # type: ignore[import-untyped]  # ships no types
from temporalio.client import Client
from temporalio.worker import Worker

from bench.rival import TASK_QUEUE, MinimalSignals, MinimalUpdates, Writes
from bench.site import dsn
from settings import Settings
from workflows import client as door
from workflows.converter import SealedCodec, data_converter
from workflows.worker import STICKY


async def main() -> None:
    """Run until SIGTERM, with the settings of the real worker."""
    settings = Settings()
    codec = SealedCodec({"k1": settings.payload_key}, "k1")
    client: Client = await door.connect(
        settings.temporal_address, settings.temporal_namespace, converter=data_converter(codec)
    )
    most = settings.max_concurrent_local_activities
    pool = await asyncpg.create_pool(dsn(settings.database_url), min_size=most, max_size=most)
    writes = Writes(pool)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[MinimalSignals, MinimalUpdates],
        activities=[writes.small_insert, writes.same_write],
        max_cached_workflows=1000,
        max_concurrent_local_activities=most,
        max_concurrent_workflow_tasks=20,
        sticky_queue_schedule_to_start_timeout=STICKY,
    ):
        await stop.wait()
    await pool.close()


if __name__ == "__main__":
    asyncio.run(main())
