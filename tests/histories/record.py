"""Record golden histories that are missing: `make golden`. Real Postgres, skipped time.

A life is one or several cases; the first is kept under its name, the others under its name and
a number; a joint case under `NAME_case`, its tasks under `NAME_t1`, `NAME_t2` … Lives stand in
the modules `lives_*`. Names given are recorded anew.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from activities.cases import CaseActivities
from domain.case import fold
from embedded.centre import Centre
from embedded.postgres import Postgres
from embedded.process import free_port
from embedded.temporal import indexed_type
from embedded.testserver import ensure_test_server
from registry import book as books
from registry.codec import dump_case, dump_event
from registry.engine import connect, sessions_of
from registry.migrate import upgrade_async
from registry.seed import load
from tests.histories.lives_department import DEPARTMENT
from tests.histories.lives_emergency import EMERGENCY
from tests.histories.lives_ends import ENDS
from tests.histories.lives_first import FIRST
from tests.histories.lives_joint import JOINT
from tests.histories.lives_linked import LINKED
from tests.histories.lives_whistle import WHISTLE
from tests.histories.living import Kept, Life, Scene
from workflows.attributes import SEARCH_ATTRIBUTES
from workflows.client import Door, workflow_id
from workflows.converter import data_converter

FOLDER = Path(__file__).parent
LIVES: dict[str, Life] = {
    one.__name__: one
    for one in (*FIRST, *DEPARTMENT, *ENDS, *LINKED, *JOINT, *WHISTLE, *EMERGENCY)
}


async def record(name: str, folder: Path, server: Postgres) -> None:
    """Live one life and write down what is kept of it."""
    url = await server.create_database(f"golden_{name}")
    await upgrade_async(url)
    await load(url)
    engine = connect(url)
    sessions = sessions_of(engine)
    async with (
        sessions() as session,
        await WorkflowEnvironment.start_time_skipping(
            data_converter=data_converter(),
            test_server_existing_path=str(await asyncio.to_thread(ensure_test_server)),
            test_server_startup_timeout=timedelta(seconds=30),
        ) as env,
    ):
        kinds = {key: indexed_type(kind) for key, kind in SEARCH_ATTRIBUTES.items()}
        await env.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=env.client.namespace, search_attributes=kinds)
        )
        book = await books.load(session, at=datetime.now(UTC))

        async def clock(_session: AsyncSession) -> datetime:
            return await env.get_current_time()

        centre = Centre(
            sessions=sessions,
            door=Door(client=env.client, task_queue="golden"),
            activities=CaseActivities(sessions, clock=clock),
            book=book,
            clock=env.get_current_time,
        )
        async with centre.working():
            lived = await LIVES[name](Scene(centre, env))
        kept = (Kept(case_no=lived),) if isinstance(lived, str) else lived
        for number, one in enumerate(kept, start=1):
            await keep(one, centre, folder, stem_of(name, one, number))
    await engine.dispose()


def stem_of(name: str, kept: Kept, number: int) -> str:
    """Name of a history's file."""
    if kept.name:
        return f"{name}_{kept.name}"
    return name if number == 1 else f"{name}-{number}"


def is_recorded(name: str) -> bool:
    """Whether a life was recorded before."""
    return any((FOLDER / f"{stem}.json").exists() for stem in (name, f"{name}_case"))


async def keep(kept: Kept, centre: Centre, folder: Path, stem: str) -> None:
    """Write down a history, and the log and state that it leads to."""
    case_no = kept.case_no
    handle = centre.door.client.get_workflow_handle(
        workflow_id(case_no), run_id=kept.run_id or None
    )
    history = await handle.fetch_history()
    log = await centre.events(case_no)
    known = log[: kept.seq or len(log)]
    expected = {
        "log": [dump_event(event) for event in known],
        "state": dump_case(fold(case_no, known)),
    }
    await asyncio.to_thread(write, folder / f"{stem}.json", history.to_json_dict())
    await asyncio.to_thread(write, folder / "expected" / f"{stem}.json", expected)


def write(path: Path, body: Mapping[str, object]) -> None:
    """Write JSON that diffs well."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


async def main() -> None:
    """Record what is missing, or the names given."""
    missing = [name for name in LIVES if not is_recorded(name)]
    names = sys.argv[1:] or missing
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240  once, before anything runs
        server = Postgres(Path(folder) / "postgres", port=free_port(), durable=False)
        await server.start()
        for name in names:
            await record(name, FOLDER, server)
            print(f"recorded {name}")  # noqa: T201  a developer's tool
        await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
