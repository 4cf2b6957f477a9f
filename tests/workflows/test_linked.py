"""Cases that belong together, on real servers: each its own workflow, told what follows."""

import asyncio

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.clock import ClockKind
from domain.command import Part, Step
from domain.terms import Action, State
from embedded.centre import DEADLINE, Centre
from tests.histories.living import dispatched, reported
from workflows.client import workflow_id

pytestmark = pytest.mark.server


async def merge(centre: Centre, case_no: str, main: str) -> None:
    await centre.must(case_no, "acceptor1", Step(action=Action.MERGE, other=main))


async def assert_in_step(centre: Centre, *numbers: str) -> None:
    """Every command is judged, and each workflow's case is its folded log."""
    for number in numbers:
        async with asyncio.timeout(DEADLINE):
            while await centre.unjudged(number):  # noqa: ASYNC110  another process judges
                await asyncio.sleep(0.05)
        await centre.until_in_step(number)
        assert await centre.snapshot(number) == await centre.case(number)


async def status(centre: Centre, case_no: str) -> WorkflowExecutionStatus | None:
    handle = centre.door.client.get_workflow_handle(workflow_id(case_no))
    return (await handle.describe()).status


async def test_a_split_case_is_two_workflows_with_histories_of_their_own(
    telling: Centre,
) -> None:
    case_no = await reported(telling)
    part = await telling.draw_number()
    step = Step(action=Action.SPLIT, parts=(Part(case_no=part, words="另有污水外溢"),))
    await telling.must(case_no, "acceptor1", step)
    await telling.until(part, lambda one: one.state is State.ACCEPTED)
    await telling.must(part, "duty1", Step(action=Action.FILE, condition=1))

    case, child = await telling.case(case_no), await telling.case(part)
    assert (case.state, case.parts) == (State.REPORTED, (part,))
    assert (child.state, child.origin) == (State.FILED, case_no)
    assert await status(telling, part) is WorkflowExecutionStatus.RUNNING
    await assert_in_step(telling, case_no, part)
    first = [one.SerializeToString() for one in (await telling.history(part)).events]
    assert "另有污水外溢".encode() not in b"".join(first)


async def test_when_the_main_case_closes_so_does_the_one_that_follows(
    telling: Centre,
) -> None:
    main, child = await dispatched(telling), await reported(telling)
    await merge(telling, child, main)
    await telling.until(main, lambda one: one.merged == (child,))
    await telling.to_closed(main)
    closed = await telling.until(child, lambda one: one.state is State.CLOSED)
    whole = next(one for one in closed.clocks if one.kind is ClockKind.WHOLE)

    head = await telling.case(main)
    assert head.state is State.CLOSED
    assert whole.stopped_at == head.last_at
    assert await status(telling, child) is WorkflowExecutionStatus.RUNNING
    await assert_in_step(telling, main, child)


async def test_a_main_case_that_is_settled_already_lets_go(telling: Centre) -> None:
    main, child = await dispatched(telling), await reported(telling)
    await telling.to_closed(main)
    await merge(telling, child, main)
    case = await telling.until(child, lambda one: one.state is State.ACCEPTED)

    assert case.main == ""
    await assert_in_step(telling, main, child)


async def test_a_main_case_whose_workflow_has_ended_lets_go_too(telling: Centre) -> None:
    main, child = await reported(telling), await reported(telling)
    await merge(telling, child, main)
    await telling.until(main, lambda one: bool(one.merged))
    await telling.must(main, "reporter", Step(action=Action.WITHDRAW))
    await telling.until(child, lambda one: one.state is State.ACCEPTED)
    await merge(telling, child, main)
    case = await telling.until(child, lambda one: one.state is State.ACCEPTED and one.seq == 5)

    assert (case.state, case.main) == (State.ACCEPTED, "")
    await assert_in_step(telling, child)


async def test_a_released_case_is_let_go_by_its_main_case(telling: Centre) -> None:
    main, child = await dispatched(telling), await reported(telling)
    await merge(telling, child, main)
    await telling.must(child, "dispatcher1", Step(action=Action.RELEASE))
    await telling.until(main, lambda one: not one.merged and one.seq > 5)
    await telling.to_closed(main)

    assert (await telling.case(child)).state is State.ACCEPTED
    await assert_in_step(telling, main, child)
