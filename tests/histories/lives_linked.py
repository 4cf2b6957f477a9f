"""Lives of several cases or several runs: split, merged, changed while running, continued."""

import asyncio
import tempfile
from pathlib import Path

from sqlalchemy import select

from domain.command import Part, Step
from domain.terms import Action, State
from embedded.centre import GRID, LITTER, SEALER
from imports.cutover import CutOver
from imports.cutover_file import Table
from registry import intake
from registry.tables_case import CaseRow
from tests.histories.living import (
    DAY,
    Kept,
    Life,
    Scene,
    closed_by,
    dispatched,
    handed,
    reasoned,
    reported,
    to_owner,
    week_off,
)
from workflows.case import CaseWorkflow
from workflows.client import workflow_id
from workflows.messages import CaseStart


async def reclassify_split(scene: Scene) -> tuple[Kept, ...]:
    """Another class, and two matters in one report: each part lives on its own."""
    centre = scene.centre
    case_no = await handed(centre)
    other = Step(action=Action.RECLASSIFY, subclass="E01-10", condition=1, text="实为垃圾")
    await centre.must(case_no, "duty1", other)
    async with centre.sessions.begin() as session:
        day = (await scene.now()).date()
        parts = [await intake.next_case_number(session, "990106", day) for _ in range(2)]
    split = Step(
        action=Action.SPLIT,
        parts=(
            Part(case_no=parts[0], words="另有污水外溢"),
            Part(case_no=parts[1], words="绿地脏乱", subclass="E01-17"),
        ),
    )
    await centre.must(case_no, "dispatcher1", split)
    await scene.follow(*parts)
    for part in parts:
        await centre.until(part, lambda one: one.state is State.ACCEPTED)
        await centre.must(part, "duty1", Step(action=Action.FILE, condition=1))
        await to_owner(centre, part)
    await centre.to_closed(parts[0])
    await centre.to_closed(case_no)
    return tuple(Kept(case_no=one) for one in (case_no, *parts))


async def merge_and_release(scene: Scene) -> tuple[Kept, ...]:
    """Merged, released, merged again; closed with its main case."""
    centre = scene.centre
    main, child = await dispatched(centre), await reported(centre)
    merge = Step(action=Action.MERGE, other=main)
    await centre.must(child, "acceptor1", merge)
    await scene.follow(main)
    await centre.until(main, lambda one: one.merged == (child,))
    await centre.must(child, "dispatcher1", Step(action=Action.RELEASE))
    await scene.follow(main)
    await centre.until(main, lambda one: not one.merged)
    await centre.must(child, "acceptor1", merge)
    await scene.follow(main)
    await centre.until(main, lambda one: one.merged == (child,))
    await centre.to_closed(main)
    await scene.follow(child)
    await centre.until(child, lambda one: one.state is State.CLOSED)
    return Kept(case_no=main), Kept(case_no=child)


async def hot_spot(scene: Scene) -> str:
    """Marked as a hot spot, and no longer; withdrawn."""
    centre = scene.centre
    case_no = await reported(centre)
    await centre.must(case_no, "dispatcher1", Step(action=Action.MARK_HOT_SPOT))
    await centre.must(case_no, "dispatcher1", Step(action=Action.UNMARK_HOT_SPOT))
    await centre.must(case_no, "reporter", Step(action=Action.WITHDRAW))
    return case_no


async def repinned(scene: Scene) -> str:
    """A week off is published while it runs: its limit moves, and the timer with it."""
    centre = scene.centre
    case_no = await dispatched(centre)
    await week_off(scene, case_no)
    await scene.wait(9 * DAY)
    await centre.to_closed(case_no)
    return case_no


async def continued(scene: Scene) -> tuple[Kept, ...]:
    """A case with much behind it continues as new; the next run starts from all of it."""
    centre = scene.centre
    case_no = await handed(centre)
    await centre.must(case_no, "roads.head", reasoned(centre, Action.RETURN))
    await centre.must(case_no, "dispatcher1", reasoned(centre, Action.REJECT_RETURN))
    ask = reasoned(centre, Action.REQUEST_EXTENSION, amount=8.0)
    await centre.must(case_no, "roads.crew", ask)
    await centre.must(case_no, "dispatcher1", Step(action=Action.APPROVE_EXTENSION))
    asked = Step(action=Action.ASK_REPORTER, text="何时")
    await centre.must(case_no, "roads.crew", asked)
    await centre.must(case_no, "reporter", Step(action=Action.REPLY, text="昨天"))
    await centre.must(case_no, "supervisor1", Step(action=Action.SUPERVISE, text="请从速"))
    client = centre.door.client
    await client.get_workflow_handle(workflow_id(case_no)).terminate("by hand")
    old = await client.start_workflow(
        CaseWorkflow.run,
        CaseStart(case_no=case_no, generation=0),
        id=workflow_id(case_no),
        task_queue=centre.door.task_queue,
    )
    first = old.result_run_id or ""
    known = (await centre.case(case_no)).seq
    await scene.until_next_run(case_no, first)
    reply = Step(action=Action.SUPERVISE_REPLY, text="已安排")
    await centre.must(case_no, "roads.head", reply)
    await scene.wait(DAY)
    await closed_by(centre, case_no, "roads.crew")
    return Kept(case_no=case_no), Kept(case_no=case_no, run_id=first, seq=known)


async def taken_over(scene: Scene) -> str:
    """Another system's open case, an extension asked for; approved here, late, closed."""
    centre = scene.centre

    async def ago(days: int) -> str:
        return (await scene.now() - days * DAY).isoformat()

    row = {
        "system": "oldcity",
        "foreign_no": "OC-00001",
        "state": "handling",
        "source": "hotline",
        "reported_at": await ago(3),
        "words": "路面坑洞",
        "grid": GRID,
        "subclass": LITTER,
        "condition": "1",
        "unit": "roads",
        "dispatched_at": await ago(2),
        "handle_used": "12",
        "pending": "extension",
        "pending_at": await ago(1),
        "pending_by": "roads.crew",
        "pending_hours": "8",
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "open.csv"
        text = f"{','.join(row)}\n{','.join(row.values())}\n"
        await asyncio.to_thread(path.write_text, text, encoding="utf-8")
        engine = centre.sessions.kw["bind"]
        work = CutOver(engine=engine, sealer=SEALER, cases=Table(path=path))
        await work.run()
    async with centre.sessions() as session:
        case_no = (await session.scalars(select(CaseRow.case_no))).one()
    await scene.follow(case_no)
    await centre.until(case_no, lambda one: one.state is State.HANDLING)
    await centre.must(case_no, "dispatcher1", Step(action=Action.APPROVE_EXTENSION))
    await scene.wait(12 * DAY)
    await closed_by(centre, case_no, "roads.crew")
    return case_no


LINKED: tuple[Life, ...] = (
    reclassify_split,
    merge_and_release,
    hot_spot,
    repinned,
    continued,
    taken_over,
)
