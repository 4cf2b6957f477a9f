"""One step under judgement: the case so far, who asks, and what the step changes."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from domain import clock as clocks_
from domain.book import Book, Condition
from domain.calendar import Limit
from domain.case import Case, Event, Patch, Pending, Step, Task, evolve
from domain.clock import Clock, ClockKind, Outcome
from domain.people import Actor
from domain.policy import Policy
from domain.refusal import RefusedError, Why
from domain.table import Row
from domain.terms import Role, State, TaskState

STAGE_OWNER: dict[ClockKind, str] = {
    ClockKind.ACCEPT: Role.ACCEPTOR,
    ClockKind.FILE: Role.DUTY_CHIEF,
    ClockKind.DISPATCH: Role.DISPATCHER,
    ClockKind.CLOSE: Role.DUTY_CHIEF,
    ClockKind.DECIDE: Role.DISPATCHER,
    ClockKind.REVIEW: Role.DISPATCHER,
    ClockKind.CALL_BACK: Role.CALL_BACK_CLERK,
    ClockKind.WHOLE: Role.DUTY_CHIEF,
}


@dataclass(kw_only=True)
class Turn:
    """A scratch pad for one step; nothing counts until `event` is taken.

    Attributes:
        case: The case before the step.
        step: What is asked.
        row: The table's row.
        actor: Who asks.
        role: The role in which he may.
        fact_at: When it was asked (`received_at`): what on-time judgements go by.
        at: Time of the event: `fact_at`, but never before the last event.
        book: Master data.
    """

    case: Case
    step: Step
    row: Row
    actor: Actor
    role: Role
    fact_at: datetime
    at: datetime
    book: Book
    patch: Patch = field(default_factory=Patch)
    to: State | None = None
    reason: str = ""
    notify: tuple[str, ...] = ()
    _clocks: dict[str, Clock] = field(default_factory=dict)
    _tasks: dict[int, Task] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        """The policy pinned to the case."""
        return self.book.policy_of(self.case.policy)

    @property
    def condition(self) -> Condition:
        """The accept condition the case was filed under.

        Raises:
            RefusedError: The case has none, or its catalogue version lost it.
        """
        subclass = self.book.subclass(self.case.catalogue, self.case.subclass)
        found = subclass.condition(self.case.condition) if subclass else None
        if found is None:
            self.refuse(
                Why.UNKNOWN_CODE,
                field="accept condition",
                value=f"{self.case.subclass}/{self.case.condition}",
            )
        return found

    def refuse(self, why: Why, **values: str) -> NoReturn:
        """Refuse the step; `action` and `state` are filled in."""
        filled = {"action": str(self.step.action), "state": str(self.case.state)} | values
        raise RefusedError(why, **filled)

    def need_reason(self) -> None:
        """The step needs a reason code of its list, and a text (transitions §2.7)."""
        known = self.book.reasons.get(self.step.action, frozenset())
        if not self.step.reason:
            self.refuse(Why.NEEDS_REASON)
        if self.step.reason not in known:
            self.refuse(Why.UNKNOWN_CODE, field="reason", value=self.step.reason)
        self.need_text()
        self.reason = self.step.reason

    def need_text(self) -> None:
        """The step needs a text."""
        if not self.step.text.strip():
            self.refuse(Why.NEEDS_TEXT)

    def need_photo_in_fence(self, *, or_text: bool) -> None:
        """The step needs a photo taken at the place, or (if allowed) a text instead."""
        if or_text and self.step.text.strip() and not self.step.photos:
            return
        if not self.step.photos:
            self.refuse(Why.NEEDS_PHOTO)
        fence = self.policy.fence_metres
        if self.step.distance is not None and self.step.distance > fence:
            if or_text and self.step.text.strip():
                return
            self.refuse(
                Why.OUT_OF_FENCE, metres=f"{self.step.distance:.0f}", fence=f"{fence:.0f}"
            )

    def local_day(self) -> date:
        """The day of the step in the calendar's zone."""
        zone = self.book.calendars[self.case.calendar or self.book.calendar].zone
        return self.fact_at.astimezone(ZoneInfo(zone)).date()

    # Clocks ---------------------------------------------------------------------------

    def of_kind(self, kind: ClockKind) -> list[Clock]:
        """All clocks of a kind, oldest first, as this step leaves them."""
        merged = {one.clock_id: one for one in self.case.clocks} | self._clocks
        return [one for one in merged.values() if one.kind is kind]

    def running(self, kind: ClockKind) -> Clock | None:
        """The clock of a kind that has not been stopped."""
        return next((one for one in self.of_kind(kind) if one.stopped_at is None), None)

    def put(self, clock: Clock) -> None:
        """Set a clock to a new value."""
        self._clocks[clock.clock_id] = clock

    def start(
        self,
        kind: ClockKind,
        limit: Limit,
        *,
        owner: str = "",
        rungs: tuple[int, ...] = (100,),
        floor: timedelta = timedelta(0),
        calendar: str = "",
    ) -> Clock:
        """Start the next clock of a kind."""
        return self.start_running(
            kind,
            limit.running,
            continuous=limit.continuous,
            owner=owner,
            rungs=rungs,
            floor=floor,
            calendar=calendar,
        )

    def start_running(
        self,
        kind: ClockKind,
        budget: timedelta,
        *,
        continuous: bool,
        owner: str = "",
        rungs: tuple[int, ...] = (100,),
        floor: timedelta = timedelta(0),
        calendar: str = "",
    ) -> Clock:
        """Start the next clock of a kind with a budget of running time."""
        number = len(self.of_kind(kind)) + 1
        key = calendar or self.patch.calendar or self.case.calendar or self.book.calendar
        clock = Clock(
            clock_id=kind.value if number == 1 else f"{kind.value}:{number}",
            kind=kind,
            owner=owner or STAGE_OWNER.get(kind, ""),
            calendar="" if continuous else key,
            continuous=continuous,
            budget=budget,
            urgent=self.is_urgent,
            rungs=rungs,
            floor=floor,
            started_at=self.at,
        )
        self.put(clock)
        return clock

    @property
    def is_urgent(self) -> bool:
        """Whether the case is urgent as this step leaves it."""
        return self.case.urgent if self.patch.urgent is None else self.patch.urgent

    def start_stage(self, kind: ClockKind, *, owner: str = "") -> Clock:
        """Start a stage clock with the policy's limit."""
        limit = self.policy.limits[kind].of(urgent=self.is_urgent)
        return self.start(kind, limit, owner=owner)

    def stop(self, kind: ClockKind, outcome: Outcome = Outcome.DONE) -> Clock | None:
        """Stop the running clock of a kind at the time the step was asked."""
        clock = self.running(kind)
        if clock is None:
            return None
        moment = max(self.fact_at, clock.started_at)
        stopped = clocks_.stop(clocks_.supersede(clock, moment), moment, outcome)
        self.put(stopped)
        return stopped

    def stop_all(self, outcome: Outcome) -> None:
        """Stop whatever runs."""
        for kind in ClockKind:
            self.stop(kind, outcome)

    def go_on(self, kind: ClockKind, reason: str) -> None:
        """Let the last clock of a kind run on; the time since it stopped does not count."""
        clock = self.of_kind(kind)[-1]
        if clock.stopped_at is None:
            return
        gap = clocks_.Pause(reason=reason, start=clock.stopped_at, end=self.at)
        self.put(replace(clock, stopped_at=None, outcome=None, pauses=(*clock.pauses, gap)))

    # Tasks and requests ---------------------------------------------------------------

    def set_task(self, state: TaskState, *, person: str | None = None) -> None:
        """Move the current department's turn on."""
        task = self.case.task
        if task is None:
            raise ValueError(f"case {self.case.case_no} has no task")
        ended = state in {TaskState.DONE, TaskState.RETURNED, TaskState.WITHDRAWN}
        signed = task.signed_at
        if signed is None and state in {TaskState.SIGNED, TaskState.HANDLING}:
            signed = self.at
        self._tasks[task.task_no] = replace(
            task,
            state=state,
            person=task.person if person is None else person,
            signed_at=signed,
            ended_at=self.at if ended else None,
        )

    def add_task(self, unit: str) -> None:
        """Give the case to a department: a new turn."""
        number = len(self.case.tasks) + 1
        self._tasks[number] = Task(task_no=number, unit=unit, dispatched_at=self.at)

    def put_task(self, task: Task) -> None:
        """Set a turn to a new value."""
        self._tasks[task.task_no] = task

    def request(self, kind: str, amount: timedelta = timedelta(0)) -> None:
        """Write a request down; one of a kind at a time."""
        if self.case.waiting(kind):
            self.refuse(Why.ALREADY, what=f"{kind} request")
        asked = Pending(kind=kind, by=self.actor.person, at=self.at, amount=amount)
        self.patch = replace(self.patch, pending=(*self.case.pending, asked))

    def settle_request(self, kind: str) -> None:
        """Take a request off the list."""
        left = tuple(one for one in self.case.pending if one.kind != kind)
        self.patch = replace(self.patch, pending=left)

    # The outcome ----------------------------------------------------------------------

    def event(self, *, cause_id: str, index: int) -> Event:
        """The event that this step makes."""
        case, target = self.case, self.to or self.row.to
        state = target or case.state
        named = (self.patch.unit, self.patch.person, self.patch.asked)
        if state is not case.state or any(name is not None for name in named):
            self.patch = replace(self.patch, version=case.version + 1)
        return Event(
            seq=case.seq + 1,
            at=self.at,
            cause_id=cause_id,
            action=self.step.action,
            row=self.row.row,
            state=state,
            actor=self.actor.person,
            role=self.role,
            on_behalf_of=self.actor.on_behalf_of,
            step=index,
            reason=self.reason,
            patch=self.patch,
            clocks=tuple(self._clocks.values()),
            tasks=tuple(self._tasks.values()),
            notify=self.notify,
        )

    def apply(self, *, cause_id: str, index: int) -> tuple[Case, Event]:
        """The case after the step, and its event."""
        event = self.event(cause_id=cause_id, index=index)
        return evolve(self.case, event), event

