"""Golden histories: recorded lives replay on today's code, to the same state and pending timer.

`make golden` records missing ones; a recorded one is never made anew to let a test pass.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from domain import table_task
from domain.case import Event, fold
from domain.clock import ClockKind
from domain.joint import is_running
from domain.table import ROWS
from domain.terms import Action, State
from registry.codec import dump_case, load_case, load_event
from workflows.case import CaseWorkflow, DepartmentTask
from workflows.converter import data_converter

FOLDER = Path(__file__).parents[1] / "histories"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
SEEN: list[CaseWorkflow] = []
OVER = {
    "EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED",
    "EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
}
ENDS = ("COMPLETED", "FAILED", "CANCELED", "TIMED_OUT", "TERMINATED")


class Watch(WorkflowInboundInterceptor):
    """Keeps the workflow that is replayed, so that its state can be looked at."""

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> object:  # noqa: A002  the SDK's name
        """Note the instance, then run it."""
        instance = workflow.instance()
        assert isinstance(instance, CaseWorkflow)
        SEEN.append(instance)
        return await super().execute_workflow(input)


class Watching(Interceptor):
    """Brings `Watch` into the replayer."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002  the SDK's name
    ) -> type[WorkflowInboundInterceptor]:
        """The inbound interceptor."""
        return Watch


def expected(name: str) -> dict[str, Any]:
    """The log and the state that the recorded life had in the registry."""
    body: dict[str, Any] = json.loads((FOLDER / "expected" / f"{name}.json").read_text())
    return body


def history(name: str) -> WorkflowHistory:
    """The recorded history, as the Temporal UI or the CLI would download it."""
    return WorkflowHistory.from_json(name, (FOLDER / f"{name}.json").read_text())


def recorded() -> list[Event]:
    """Every event of every recorded life."""
    return [load_event(body) for name in NAMES for body in expected(name)["log"]]


def test_every_move_every_state_and_every_clock_is_recorded() -> None:
    log = recorded()
    rung = {one.reason.split()[0].split(":")[0] for one in log if one.action is Action.RUNG}

    assert {one.state for one in log} == set(State) - {State.PLANNED}  # only in its row
    assert {one.action for one in log} == set(Action)
    rows = {(one.row, one.action) for one in (*ROWS, *table_task.ROWS)}
    assert {(one.row, one.action) for one in log} >= rows
    assert rung == {str(kind) for kind in ClockKind}


@pytest.mark.parametrize("name", NAMES)
async def test_a_recorded_life_replays_to_the_same_state(name: str) -> None:
    SEEN.clear()
    replayer = Replayer(
        workflows=[CaseWorkflow, DepartmentTask],
        data_converter=data_converter(),
        interceptors=[Watching()],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    await replayer.replay_workflow(history(name))

    assert dump_case(SEEN[-1]._case) == expected(name)["state"]
    assert pending_timers(name) <= 1
    assert pending_children(name) == running_tasks(name)


@pytest.mark.parametrize("name", NAMES)
async def test_a_recorded_life_replays_in_the_sandbox(name: str) -> None:
    replayer = Replayer(
        workflows=[CaseWorkflow, DepartmentTask], data_converter=data_converter()
    )
    await replayer.replay_workflow(history(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_recorded_log_folds_to_the_recorded_state(name: str) -> None:
    golden = expected(name)
    log = [load_event(body) for body in golden["log"]]

    assert dump_case(fold(golden["state"]["case_no"], log)) == golden["state"]


def kinds_of(name: str) -> list[str]:
    """Kinds of the history's events in order."""
    return [EventType.Name(event.event_type) for event in history(name).events]


def pending_children(name: str) -> int:
    """Workflows of tasks that were started and have not ended; none once the run is over."""
    kinds = kinds_of(name)
    if kinds[-1] in OVER:
        return 0
    ended = sum(kinds.count(f"EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_{how}") for how in ENDS)
    return kinds.count("EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED") - ended


def running_tasks(name: str) -> int:
    """Tasks of the joint case that run by its state; none once its own run is over."""
    if kinds_of(name)[-1] in OVER:
        return 0
    tasks = load_case(expected(name)["state"]).tasks
    return sum(one.joint and is_running(one) for one in tasks)


def pending_timers(name: str) -> int:
    """Timers that neither fired nor were cancelled."""
    kinds = kinds_of(name)
    return (
        kinds.count("EVENT_TYPE_TIMER_STARTED")
        - kinds.count("EVENT_TYPE_TIMER_CANCELED")
        - kinds.count("EVENT_TYPE_TIMER_FIRED")
    )
