"""Record golden histories that are missing: `make golden`. Real Postgres, skipped time."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from activities.cases import CaseActivities
from domain.command import Step
from domain.terms import Action, Result, Solved, Source, State
from embedded.centre import PHOTO, Centre
from embedded.postgres import Postgres
from embedded.process import free_port
from embedded.temporal import indexed_type
from embedded.testserver import ensure_test_server
from registry import book as books
from registry.codec import dump_case, dump_event
from registry.engine import connect, sessions_of
from registry.migrate import upgrade_async
from registry.seed import load
from workflows.attributes import SEARCH_ATTRIBUTES
from workflows.client import Door, workflow_id
from workflows.converter import data_converter

FOLDER = Path(__file__).parent
Life = Callable[[Centre, WorkflowEnvironment], Awaitable[str]]


async def dispatched(centre: Centre) -> str:
    """A patrol report, dispatched by the system."""
    case_no = await centre.report()
    await centre.until(case_no, lambda one: one.state is State.DISPATCHED)
    return case_no


def reasoned(centre: Centre, action: Action, **more: object) -> Step:
    """A step with a reason and a text."""
    return Step(action=action, reason=centre.reason(action), text="说明", **more)  # type: ignore[arg-type]


async def plain(centre: Centre, env: WorkflowEnvironment) -> str:
    """Report to archived."""
    case_no = await dispatched(centre)
    await centre.to_closed(case_no)
    await env.sleep(timedelta(days=16))
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def citizen(centre: Centre, env: WorkflowEnvironment) -> str:
    """A citizen's report: verified, filed, dispatched, closed, rated, archived."""
    case_no = await centre.report(source=Source.CITIZEN_WEB)
    await centre.must(case_no, "acceptor1", Step(action=Action.SEND_VERIFY))
    member = (await centre.case(case_no)).asked
    await centre.must(
        case_no,
        member,
        Step(action=Action.VERIFY_FOUND, photos=(PHOTO,), distance=3.0),
    )
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    unit = centre.owner(await centre.case(case_no))
    await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH, unit=unit))
    await centre.to_closed(case_no)
    rating = Step(action=Action.RATE, solved=Solved.YES, score=5)
    await centre.must(case_no, "reporter", rating)
    await env.sleep(timedelta(days=16))
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def returned(centre: Centre, env: WorkflowEnvironment) -> str:  # noqa: ARG001  lives have one shape
    """Returned, sent back as wrong, returned and agreed, given to another unit."""
    case_no = await dispatched(centre)
    first = (await centre.case(case_no)).unit
    await centre.must(case_no, f"{first}.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REJECT_RETURN))
    await centre.must(case_no, f"{first}.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", Step(action=Action.ACCEPT_RETURN))
    other = Step(action=Action.DISPATCH, unit="sanitation", text="备选单位")
    await centre.must(case_no, "dispatcher1", other)
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.RECALL))
    await centre.must(case_no, "dispatcher1", other)
    await centre.to_closed(case_no)
    return case_no


async def rework(centre: Centre, env: WorkflowEnvironment) -> str:  # noqa: ARG001  lives have one shape
    """Extended, feedback rejected, check failed, reworked, closed, reopened by the reporter."""
    case_no = await centre.report(source=Source.HOTLINE)
    await centre.must(case_no, "acceptor1", Step(action=Action.ACCEPT, urgent=True))
    await centre.must(case_no, "duty1", Step(action=Action.FILE, condition=1))
    unit = centre.owner(await centre.case(case_no))
    await centre.must(case_no, "dispatcher1", Step(action=Action.DISPATCH, unit=unit))
    await centre.must(case_no, f"{unit}.desk", Step(action=Action.SIGN))
    await centre.must(
        case_no,
        f"{unit}.crew",
        reasoned(centre, Action.REQUEST_EXTENSION, amount=1.0),
    )
    await centre.must(case_no, "duty1", Step(action=Action.APPROVE_EXTENSION))
    fed = Step(action=Action.FEED_BACK, result=Result.SOLVED, text="已处理", photos=(PHOTO,))
    await centre.must(case_no, f"{unit}.crew", fed)
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REJECT_FEEDBACK))
    await centre.must(case_no, f"{unit}.crew", fed)
    await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    member = (await centre.case(case_no)).asked
    await centre.must(case_no, member, reasoned(centre, Action.CHECK_FAIL, photos=(PHOTO,)))
    await centre.must(case_no, f"{unit}.crew", fed)
    await centre.must(case_no, "dispatcher1", Step(action=Action.PASS_REVIEW))
    member = (await centre.case(case_no)).asked
    done = Step(action=Action.CHECK_PASS, photos=(PHOTO,), distance=1.0)
    await centre.must(case_no, member, done)
    await centre.must(case_no, "reporter", reasoned(centre, Action.REOPEN))
    return case_no


async def escalated(centre: Centre, env: WorkflowEnvironment) -> str:
    """Nobody handles it: every rung fires."""
    case_no = await dispatched(centre)
    await env.sleep(timedelta(days=30))
    await centre.until(case_no, lambda one: one.escalation == 4)
    return case_no


async def voided(centre: Centre, env: WorkflowEnvironment) -> str:  # noqa: ARG001  lives have one shape
    """Cancelled by an admin, unreadable messages, urged, voided by the duty chief."""
    case_no = await dispatched(centre)
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await handle.cancel()
    await centre.until(case_no, lambda one: bool(one.pending))
    await handle.signal("act", args=[1, 2])
    await handle.signal("nonsense")
    await centre.must(case_no, "supervisor1", Step(action=Action.URGE))
    await centre.must(case_no, "duty1", reasoned(centre, Action.VOID))
    return case_no


async def refused(centre: Centre, env: WorkflowEnvironment) -> str:
    """Verified in vain, refused, archived."""
    case_no = await centre.report(source=Source.CITIZEN_WEB)
    await centre.must(case_no, "acceptor1", Step(action=Action.SEND_VERIFY))
    member = (await centre.case(case_no)).asked
    await centre.must(case_no, member, reasoned(centre, Action.VERIFY_NOT_FOUND))
    reason = next(
        one for one in sorted(centre.book.reasons["refuse"]) if "unreasonable" not in one
    )
    step = Step(action=Action.REFUSE, reason=reason, text="请向属地反映")
    await centre.must(case_no, "acceptor1", step)
    await env.sleep(timedelta(days=15))
    await centre.until(case_no, lambda one: one.ended)
    return case_no


async def restarted(centre: Centre, env: WorkflowEnvironment) -> str:  # noqa: ARG001  lives have one shape
    """Terminated by hand after it was signed: starts again from the log."""
    case_no = await dispatched(centre)
    unit = (await centre.case(case_no)).unit
    await centre.must(case_no, f"{unit}.desk", Step(action=Action.SIGN))
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    await handle.terminate("by hand")
    await centre.must(case_no, "supervisor1", Step(action=Action.URGE))
    return case_no


LIVES: dict[str, Life] = {
    one.__name__: one
    for one in (plain, citizen, returned, rework, escalated, voided, refused, restarted)
}


async def record(name: str, folder: Path, server: Postgres) -> None:
    """Live one life and write its history, log and state down."""
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
            case_no = await LIVES[name](centre, env)
        history = await centre.history(case_no)
        expected = {
            "log": [dump_event(event) for event in await centre.events(case_no)],
            "state": dump_case(await centre.case(case_no)),
        }
    await engine.dispose()
    await asyncio.to_thread(write, folder / f"{name}.json", history.to_json_dict())
    await asyncio.to_thread(write, folder / "expected" / f"{name}.json", expected)


def write(path: Path, body: Mapping[str, object]) -> None:
    """Write JSON that diffs well."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


async def main() -> None:
    """Record what is missing, or the names given."""
    missing = [name for name in LIVES if not (FOLDER / f"{name}.json").exists()]
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
