"""Limits of days, with skipped time: every rung fires once and at its due time."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from domain.case import Event
from domain.command import Step
from domain.terms import Action, State
from embedded.centre import Centre
from workflows.client import workflow_id

pytestmark = pytest.mark.server


def rungs(events: list[Event]) -> list[Event]:
    return [event for event in events if event.action is Action.RUNG]


async def test_an_unhandled_case_climbs_every_rung_once(
    skipping: Centre, skipping_env: WorkflowEnvironment
) -> None:
    async with skipping.working():
        case_no = await skipping.report()
        await skipping.until(case_no, lambda one: one.state is State.DISPATCHED)
        await skipping_env.sleep(timedelta(days=30))
        case = await skipping.until(case_no, lambda one: one.escalation == 4)

    events = await skipping.events(case_no)
    fired = [event.reason for event in rungs(events)]
    assert sorted(fired) == sorted(
        [
            "sign 100%",
            "reply 100%",  # red brought a supervision letter, which nobody answered
            *(f"handle {percent}%" for percent in (50, 75, 100, 150, 200)),
        ]
    )
    assert all(event.fired_at and event.fired_at >= event.at for event in rungs(events))
    late = [event.fired_at - event.at for event in rungs(events) if event.fired_at]
    assert max(late) < timedelta(seconds=10)
    assert case.state is State.DISPATCHED


async def test_a_closed_case_is_archived_when_its_window_is_over(
    skipping: Centre, skipping_env: WorkflowEnvironment
) -> None:
    async with skipping.working():
        case_no = await skipping.report()
        await skipping.until(case_no, lambda one: one.state is State.DISPATCHED)
        await skipping.to_closed(case_no)
        await skipping_env.sleep(timedelta(days=16))
        case = await skipping.until(case_no, lambda one: one.ended)
        handle = skipping.door.client.get_workflow_handle(workflow_id(case_no))
        await completed(handle)

    assert (case.state, case.settled_as) == (State.ARCHIVED, State.CLOSED)
    closed, archived = case_times(await skipping.events(case_no))
    assert archived - closed == timedelta(days=15)


async def completed(handle: WorkflowHandle[Any, Any]) -> None:
    async with asyncio.timeout(10):
        while (await handle.describe()).status is not WorkflowExecutionStatus.COMPLETED:  # noqa: ASYNC110  another process ends it
            await asyncio.sleep(0.05)


def case_times(events: list[Event]) -> tuple[datetime, datetime]:
    closed = next(event.at for event in events if event.state is State.CLOSED)
    archived = next(event.at for event in events if event.state is State.ARCHIVED)
    return closed, archived


async def test_an_extension_moves_the_limit_from_its_old_due_time(
    skipping: Centre, skipping_env: WorkflowEnvironment
) -> None:
    async with skipping.working():
        case_no = await skipping.report()
        case = await skipping.until(case_no, lambda one: one.state is State.DISPATCHED)
        unit = case.unit
        await skipping.do(case_no, f"{unit}.desk", Step(action=Action.SIGN))
        ask = Step(
            action=Action.REQUEST_EXTENSION,
            reason=skipping.reason("request_extension"),
            text="需要大型机械",
            amount=2.0,
        )
        assert (await skipping.do(case_no, f"{unit}.crew", ask)).verdict == "done"
        grant = Step(action=Action.APPROVE_EXTENSION)
        assert (await skipping.do(case_no, "dispatcher1", grant)).verdict == "done"
        await skipping_env.sleep(timedelta(days=20))
        await skipping.until(case_no, lambda one: one.escalation >= 2)

    handle = next(
        one for one in (await skipping.case(case_no)).clocks if one.clock_id == "handle"
    )
    assert handle.extended == timedelta(hours=2)
    assert handle.budget_version == 2
    red = [one for one in handle.fired if one.percent == 100]
    assert len(red) == 1
