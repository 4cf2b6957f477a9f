"""One case, one workflow: it asks `advance`, folds the answer and keeps one timer armed."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import (
    ChildWorkflowError,
    FailureError,
    WorkflowAlreadyStartedError,
)
from temporalio.workflow import ActivityCancellationType, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.cases import Advance, Answer, CaseActivities
    from domain.case import Case, Event, evolve
    from domain.facts import Task
    from domain.joint import case_of_task, is_running, task_id
    from workflows import attributes
    from workflows.details import LAST, details, timer_label
    from workflows.messages import Act, CaseStart

TASK = "DepartmentTask"
"""Name of the workflow of a department's task."""
LEFT = "left"
"""Signal to a task that runs already: this run of its case did not start it."""
UNTIL_WRITTEN = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    backoff_coefficient=2,
    maximum_interval=timedelta(seconds=60),
)


@workflow.defn
class CaseWorkflow:
    """Drive one case: take causes in order, keep its nearest limit armed, end with the case.

    Messages: `act`, `left` (signals). Timers: one, for the nearest rung. Ends: a final state,
    no queue.
    Never ends Failed: a Temporal failure becomes a failed task, which a deploy heals.
    """

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        self._case = start.case or Case(case_no=start.case_no)
        self._queue: list[Act] = []
        self._unreadable: list[str] = []
        self._messages = 0
        self._cancelled = False
        self._latest: list[Event] = []
        self._shown: attributes.Shown | None = attributes.milestone(self._case)
        self._alarm: asyncio.Task[None] | None = None
        self._rang = False
        self._next_due: datetime | None = None
        self._next_label = ""
        self._generation = start.generation
        self._begun = set(start.begun)
        self._others: list[asyncio.Task[None]] = []
        self._under_way = 0
        self._child_ended = ""
        self._left = start.left

    @workflow.run
    async def run(self, start: CaseStart) -> None:
        """Judge, arm, wait; until the case has ended and nothing waits."""
        try:
            await self._live(start)
        except FailureError as failure:
            raise RuntimeError("a Temporal failure must not end a case") from failure

    async def _live(self, start: CaseStart) -> None:
        if start.begun:
            self._leave(*(number for number, _ in start.begun))
        await self._advance("start")
        while not self._over:
            self._renew(start)
            try:
                await workflow.wait_condition(lambda: self._woken or self._over)
            except asyncio.CancelledError:
                self._cancelled = True
            if self._woken:
                await self._advance(self._why())

    @property
    def _over(self) -> bool:
        """The case has ended, nothing waits, and who must hear of it was told."""
        telling = self._left and self._under_way > 0
        return self._case.ended and not self._woken and not telling

    @property
    def _woken(self) -> bool:
        heard = self._queue or self._unreadable or self._child_ended
        return bool(heard or self._rang or self._cancelled)

    def _why(self) -> str:
        """What the next `advance` is about, for the marker in the UI."""
        if self._cancelled:
            return "cancel asked by an admin"
        if self._queue:
            more = f" (+{len(self._queue) - 1})" if len(self._queue) > 1 else ""
            return f"{self._queue[0].label or 'act'}{more}"
        if self._child_ended:
            return self._child_ended
        return self._next_label if self._rang else "unreadable message"

    async def _advance(self, summary: str) -> None:
        """Have the registry judge what waits, then fold every event not seen."""
        heard = {act.command_id for act in self._queue}
        self._queue.clear()
        unreadable, self._unreadable = tuple(self._unreadable), []
        self._rang, self._child_ended = False, ""
        cancelled, self._cancelled = self._cancelled, False
        answer = await self._ask(
            Advance(
                case_no=self._case.case_no,
                known_seq=self._case.seq,
                cancel_of=workflow.info().run_id if cancelled else "",
                unreadable=unreadable,
            ),
            summary,
        )
        self._generation = max(self._generation, answer.generation)
        for event in answer.events:
            self._case = evolve(self._case, event)
        self._latest = [*self._latest, *answer.events][-LAST:]
        judged = heard | set(answer.judged)
        self._queue = [act for act in self._queue if act.command_id not in judged]
        self._label(answer)
        self._begin_tasks()
        if answer.moved:
            self._tell(answer.moved, "limit moved by")
        if self._left and self._case.ended and answer.events:
            self._tell(self._case.parent, "end of")
        self._arm(answer)

    async def _ask(self, order: Advance, summary: str) -> Answer:
        """`advance`, shielded: a cancel while it runs is taken up afterwards."""
        asked = asyncio.ensure_future(
            workflow.execute_local_activity_method(
                CaseActivities.advance,
                order,
                start_to_close_timeout=timedelta(seconds=5),
                local_retry_threshold=timedelta(seconds=3),
                retry_policy=UNTIL_WRITTEN,
                cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                summary=summary[:100],
            )
        )
        while True:
            try:
                return await asyncio.shield(asked)
            except asyncio.CancelledError:
                if asked.done():  # it was torn down itself: the cache lets this case go
                    raise
                self._cancelled = True

    def _label(self, answer: Answer) -> None:
        """Bring what admins see in step."""
        workflow.set_current_details(
            details(self._case, self._latest, answer.next_due, answer.next_label)
        )
        shown = attributes.milestone(self._case)
        known, self._shown = self._shown, shown
        if known is not None and shown != known:
            workflow.upsert_search_attributes(attributes.of_case(self._case))

    def _arm(self, answer: Answer) -> None:
        """One timer, a task of its own; touched only when the due time changed."""
        same = (answer.next_due, answer.next_label) == (self._next_due, self._next_label)
        if same and self._alarm is not None and not self._alarm.done():
            return
        self._next_due, self._next_label = answer.next_due, answer.next_label
        if self._case.ended:
            return
        if self._alarm is not None and not self._alarm.done():
            self._alarm.cancel()
        self._alarm = None
        if answer.next_in is not None:
            label = timer_label(self._case, answer.next_due, answer.next_label)
            self._alarm = asyncio.create_task(self._ring(answer.next_in, label))

    async def _ring(self, seconds: float, label: str) -> None:
        await workflow.sleep(timedelta(seconds=seconds), summary=label)
        self._rang = True

    def _begin_tasks(self) -> None:
        """A workflow of its own for each task of a joint case that begins, or begins again."""
        for task in self._case.tasks:
            run = (task.task_no, task.rounds)
            if not is_running(task):
                self._begun.discard(run)  # one that is sent back goes on in the same round
            elif task.joint and run not in self._begun:
                self._begun.add(run)
                self._under_way += 1
                self._others.append(asyncio.create_task(self._run_task(task)))

    async def _run_task(self, task: Task) -> None:
        """Start a task's workflow and wait for its end, which is a wake-up and nothing else.

        It lives on by itself when this one ends. One that runs already was told before its
        case, or this case starts again: it says itself when it ends.
        """
        number = task_id(self._case.case_no, task.task_no)
        try:
            child = await workflow.start_child_workflow(
                TASK,
                CaseStart(case_no=number, generation=self._generation),
                id=f"case-{number}",
                parent_close_policy=ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                search_attributes=attributes.of_task(self._case, task),
                static_summary=attributes.summary_of(self._case, task),
            )
        except WorkflowAlreadyStartedError:
            self._leave(task.task_no)
            return
        finally:
            self._under_way -= 1
        with suppress(ChildWorkflowError):
            await child
        self._child_ended = f"task {task.task_no} · {task.unit}"

    def _leave(self, *numbers: int) -> None:
        """Tasks that another run has started say themselves when they end."""
        for number in numbers if workflow.patched("left-tasks-say-their-end") else ():
            self._under_way += 1
            self._others.append(asyncio.create_task(self._leave_one(number)))

    async def _leave_one(self, task_no: int) -> None:
        if not await self._heard(task_id(self._case.case_no, task_no), LEFT):
            self._child_ended = f"task {task_no} had ended"

    def _tell(self, case_no: str, what: str) -> None:
        self._under_way += 1
        self._others.append(asyncio.create_task(self._wake(case_no, what)))

    async def _wake(self, case_no: str, what: str) -> None:
        """Tell a task's joint case something of it; the registry knows the rest.

        One that is away is woken like any whose limit passed unheard.
        """
        number = self._case.case_no
        act = Act(command_id=f"{number}/{self._case.seq}", label=f"{what} {number}")
        await self._heard(case_no, "act", act)

    async def _heard(self, case_no: str, signal: str, *args: Act) -> bool:
        """Whether another workflow runs and has heard a signal."""
        other = workflow.get_external_workflow_handle(f"case-{case_no}")
        try:
            await other.signal(signal, args=args)
        except FailureError:
            return False
        finally:
            self._under_way -= 1
        return True

    def _renew(self, start: CaseStart) -> None:
        """Continue as new at an idle point: a long history, or code that has moved on.

        Not while a task's workflow is being started, or its case told: the next run would take
        that for done.
        """
        old = start.generation < self._generation
        old = old or workflow.info().is_continue_as_new_suggested()
        if old and not self._woken and not self._under_way:
            workflow.continue_as_new(
                CaseStart(
                    case_no=self._case.case_no,
                    case=self._case,
                    generation=self._generation,
                    begun=tuple(sorted(self._begun)),
                    left=self._left,
                )
            )

    @workflow.signal(dynamic=True)
    def hear(self, name: str, args: Sequence[RawValue]) -> None:
        """`act`, `left`; what cannot be read goes on record and changes nothing.

        One handler for every name and shape: a typed handler would drop a wrong type without a
        trace, and fail the task for ever on a wrong number of arguments.
        """
        if name == LEFT and case_of_task(self._case.case_no):
            self._left = True
            return
        act = _read(args[0]) if name == "act" and len(args) == 1 else None
        if act is None:
            self._messages += 1
            self._unreadable.append(f"message/{workflow.info().run_id}/{self._messages}")
        else:
            self._queue.append(act)

    @workflow.query
    def case(self) -> Case:
        """The case as this workflow has it; for tests and admins, pages read the registry."""
        return self._case


@workflow.defn(name=TASK)
class DepartmentTask(CaseWorkflow):
    """Drive one department's task of a joint case, by the same rules as a case."""

    @workflow.init
    def __init__(self, start: CaseStart) -> None:
        super().__init__(start)
        if start.case is None and workflow.info().parent is not None:
            self._shown = None  # its case has set the attributes

    @workflow.run
    async def run(self, start: CaseStart) -> None:
        """Judge, arm, wait; until the task has ended and nothing waits."""
        await super().run(start)


def _read(raw: RawValue) -> Act | None:
    """The signal's argument, or None when it is not one of ours."""
    try:
        act = workflow.payload_converter().from_payload(raw.payload, Act)
    except (ValueError, TypeError, RuntimeError):
        return None
    return act if act.command_id else None
