"""One step under judgement: the case so far, who asks, and what the step changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from domain import clock as clocks_
from domain.book import Book, Condition
from domain.calendar import Limit
from domain.case import Case, Event, Moved, Patch, evolve
from domain.clock import RED, Clock, ClockKind, Outcome
from domain.command import Step
from domain.facts import Pending, Task
from domain.ladder import level
from domain.pausing import LATE_DECIDER, QUESTION, pause_for, resume_from, taken_back
from domain.people import Actor
from domain.policy import Flow, StageLimit
from domain.refusal import Because, RefusedError, Why
from domain.row import Row
from domain.terms import ENDED_TASKS, Role, State, TaskState

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
INSIDE_HANDLE = (ClockKind.HANDLE, ClockKind.STAGE, ClockKind.INNER)
"""Clocks that pause and run with `handle`."""
ASKABLE = (ClockKind.ACCEPT, ClockKind.FILE, ClockKind.HANDLE, ClockKind.WHOLE)
"""Clocks that an open question to the reporter pauses (T43)."""


def stage_of(clock: Clock) -> str:
    """Key of the stage that a clock measures: `stop` of `stage:stop:2`."""
    return clock.clock_id.partition(":")[2].partition(":")[0]


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
    moved: tuple[Moved, ...] = ()
    _clocks: dict[str, Clock] = field(default_factory=dict)
    _tasks: dict[int, Task] = field(default_factory=dict)

    @property
    def flow(self) -> Flow:
        """The flow profile of the case, by the version pinned to it or that this step pins."""
        patch, case = self.patch, self.case
        source, subclass = patch.source or case.source, patch.subclass or case.subclass
        return self.book.policy_of(patch.policy or case.policy).flow(source, subclass)

    @property
    def condition(self) -> Condition:
        """The accept condition the case was filed under.

        Raises:
            RefusedError: The case has none, or its catalogue version lost it.
        """
        version = self.patch.catalogue or self.case.catalogue
        subclass = self.book.subclass(version, self.case.subclass)
        found = subclass.condition(self.case.condition) if subclass else None
        if found is None:
            value = f"{self.case.subclass}/{self.case.condition}"
            self.refuse(Why.UNKNOWN_CODE, field="condition", value=value)
        return self.as_flow_says(found)

    def as_flow_says(self, found: Condition) -> Condition:
        """A condition with what the flow profile puts in place of the catalogue's values.

        The catalogue's limit of an urgent condition stays: a burst main is not given days. A
        petition that is examined again has the limit of that (T62).
        """
        flow = self.flow
        handle = flow.reexamination if self.case.reexaminations else flow.handle
        photo = found.photo_required if flow.photo_required is None else flow.photo_required
        limit = found.limit if found.urgent or handle is None else handle
        mode = flow.check_mode or found.check_mode
        return replace(found, limit=limit, check_mode=mode, photo_required=photo)

    def refuse(self, why: Why, **values: str) -> NoReturn:
        """Refuse the step; `action` and `state` are filled in."""
        filled = {"action": str(self.step.action), "state": str(self.case.state)} | values
        raise RefusedError(why, **filled)

    def not_now(self, because: Because, **values: str) -> NoReturn:
        """Refuse the step because something stands in its way."""
        self.refuse(Why.NOT_NOW, because=str(because), **values)

    def need_reason(self) -> None:
        """The step needs a reason code of its list, and a text (transitions §2.7)."""
        self.need_reason_code()
        self.need_text()

    def need_reason_code(self) -> None:
        """The step needs a reason code of its list."""
        known = self.book.reasons.get(self.step.action, frozenset())
        listed = self.flow.reasons.get(self.step.action)
        known = known if listed is None else known & frozenset(listed)
        if not self.step.reason:
            self.refuse(Why.NEEDS_REASON)
        if self.step.reason not in known:
            self.refuse(Why.UNKNOWN_CODE, field="reason", value=self.step.reason)
        self.reason = self.step.reason

    def need_text(self) -> None:
        """The step needs a text."""
        if not self.step.text.strip():
            self.refuse(Why.NEEDS_TEXT)

    def need_photo_in_fence(self, *, or_text: bool) -> None:
        """The step needs a photo taken at the place, or (if allowed) a text instead."""
        step, fence, said_why = self.step, self.flow.fence_metres, self.step.text.strip()
        if or_text and said_why:
            return
        if not step.photos:
            self.refuse(Why.NEEDS_PHOTO)
        if step.distance is None and not said_why:
            self.refuse(Why.NO_PLACE)
        if step.distance is not None and step.distance > fence:
            metres = f"{step.distance:.0f}"
            self.refuse(Why.OUT_OF_FENCE, metres=metres, fence=f"{fence:.0f}")

    @property
    def calendar(self) -> str:
        """Key of the calendar pinned to the case, or that this step pins."""
        return self.patch.calendar or self.case.calendar or self.book.calendar

    def local(self, at: datetime) -> datetime:
        """An instant on the wall clock of the calendar's zone."""
        return at.astimezone(ZoneInfo(self.book.calendars[self.calendar].zone))

    def until(self, at: datetime) -> str:
        """An instant as an officer reads it."""
        return self.local(at).strftime("%Y-%m-%d %H:%M")

    # Clocks ---------------------------------------------------------------------------

    def of_kind(self, kind: ClockKind) -> list[Clock]:
        """All clocks of a kind, oldest first, as this step leaves them."""
        merged = {one.clock_id: one for one in self.case.clocks} | self._clocks
        return [one for one in merged.values() if one.kind is kind]

    def running(self, kind: ClockKind) -> Clock | None:
        """The clock of a kind that has not been stopped."""
        return next((one for one in self.of_kind(kind) if one.stopped_at is None), None)

    def put(self, clock: Clock) -> None:
        """Set a clock to a new value; a running `handle` keeps its late rungs' distance."""
        if clock.kind is ClockKind.HANDLE and clock.stopped_at is None:
            clock = replace(clock, floor=self._floor(clock))
        self._clocks[clock.clock_id] = clock

    def _floor(self, clock: Clock) -> timedelta:
        """The least running time from red to the rungs of 150 % and more (transitions §3).

        Of a continuous clock, what runs until the floor's working time has passed since red.
        """
        least = self.flow.late_rung_floor
        if clock.urgent:
            return timedelta(0)
        if least.continuous or not clock.continuous:
            return least.running
        red = clocks_.due_at(clock, self.book.calendars)
        if red is None:
            return clock.floor
        return self.book.calendars[self.calendar].after_working(red, least.running) - red

    def start(
        self,
        kind: ClockKind,
        limit: Limit,
        *,
        owner: str = "",
        rungs: tuple[int, ...] = (RED,),
        stage: str = "",
    ) -> Clock:
        """Start the next clock of a kind; those of a stage are numbered by its key."""
        first = f"{kind.value}:{stage}" if stage else kind.value
        number = sum(stage in {"", stage_of(one)} for one in self.of_kind(kind)) + 1
        clock = Clock(
            clock_id=first if number == 1 else f"{first}:{number}",
            kind=kind,
            owner=owner or STAGE_OWNER.get(kind, ""),
            calendar="" if limit.continuous else self.calendar,
            continuous=limit.continuous,
            budget=limit.running,
            urgent=self.is_urgent,
            rungs=rungs,
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
        limit = self.flow.limits[kind].of(urgent=self.is_urgent)
        return self.start(kind, limit, owner=owner)

    def stop(self, kind: ClockKind, outcome: Outcome = Outcome.DONE) -> None:
        """Stop the running clock of a kind at the time the step was asked."""
        clock = self.running(kind)
        if clock is not None:
            self._stop(clock, outcome)

    def _stop(self, clock: Clock, outcome: Outcome) -> None:
        moment = max(self.fact_at, clock.started_at)
        self.put(clocks_.stop(clocks_.supersede(clock, moment), moment, outcome))

    def stop_handle(self, outcome: Outcome) -> None:
        """Stop the running `handle` and what runs inside it."""
        for clock in self._going((ClockKind.HANDLE,)):
            self._stop(clock, outcome)

    def stop_all(self, outcome: Outcome) -> None:
        """Stop whatever runs; requests lapse."""
        if self.case.pending:
            self.patch = replace(self.patch, pending=())
        for kind in ClockKind:
            for clock in self.of_kind(kind):
                if clock.stopped_at is None:
                    self._stop(clock, outcome)

    def stop_clock(self, clock_id: str, outcome: Outcome = Outcome.DONE) -> None:
        """Stop one clock by its id; nothing happens when it has stopped."""
        merged = {one.clock_id: one for one in self.case.clocks} | self._clocks
        clock = merged.get(clock_id)
        if clock is not None and clock.stopped_at is None:
            self._stop(clock, outcome)

    def stop_decide(self, clock_id: str, outcome: Outcome = Outcome.DONE) -> None:
        """Stop a decider's clock; what his lateness held up runs on."""
        self.stop_clock(clock_id, outcome)
        late = any(
            one.stopped_at is None and one.fired for one in self.of_kind(ClockKind.DECIDE)
        )
        if not late:
            self.let_run((ClockKind.HANDLE,), LATE_DECIDER)

    def hold_up(self, kinds: Iterable[ClockKind], ground: str) -> None:
        """Pause the running clocks of some kinds; what runs inside `handle` pauses with it."""
        for clock in self._going(kinds):
            self.put(pause_for(taken_back(clock, self.fact_at), self.fact_at, ground))

    def let_run(self, kinds: Iterable[ClockKind], ground: str) -> None:
        """Take a ground of a pause away."""
        for clock in self._going(kinds):
            self.put(resume_from(clock, self.fact_at, ground))

    def _going(self, kinds: Iterable[ClockKind]) -> list[Clock]:
        wanted = set(kinds)
        if ClockKind.HANDLE in wanted:
            wanted |= set(INSIDE_HANDLE)
        return [
            clock
            for kind in ClockKind
            if kind in wanted
            for clock in self.of_kind(kind)
            if clock.stopped_at is None
        ]

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
        task = self._tasks.get(task.task_no, task)
        ended = state in ENDED_TASKS
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

    def request(
        self,
        kind: str,
        *,
        owner: Role,
        amount: timedelta = timedelta(0),
        until: datetime | None = None,
        limit: StageLimit | None = None,
    ) -> None:
        """Write a request down, one of a kind at a time, and start its decider's clock.

        `limit` is the decider's; None: the policy's for `decide`.
        """
        if self.case.waiting(kind):
            self.refuse(Why.ALREADY, what=kind)
        limits = limit or self.flow.limits[ClockKind.DECIDE]
        decide = self.start(
            ClockKind.DECIDE, limits.of(urgent=self.is_urgent), owner=str(owner)
        )
        asked = Pending(
            kind=kind,
            by=self.actor.person,
            at=self.at,
            amount=amount,
            clock=decide.clock_id,
            until=until,
            reason=self.reason,
        )
        self.patch = replace(self.patch, pending=(*self.pending, asked))
        self.notify = (f"role:{owner}",)

    @property
    def pending(self) -> tuple[Pending, ...]:
        """The requests that wait as this step leaves them."""
        return self.case.pending if self.patch.pending is None else self.patch.pending

    def settle_request(self, kind: str, outcome: Outcome = Outcome.DONE) -> None:
        """Take a request off the list and stop its decider's clock."""
        asked = self.case.waiting(kind)
        if asked is not None:
            left = tuple(one for one in self.pending if one is not asked)
            self.patch = replace(self.patch, pending=left)
            self.stop_decide(asked.clock, outcome)

    def end_question(self, *, answered: bool = False) -> None:
        """Close the open question to the reporter; what it paused runs on (T43)."""
        asked = self.case.question
        if asked is None or self.patch.questions is not None:
            return
        ended = replace(asked, ended_at=self.at, answered=answered)
        self.patch = replace(self.patch, questions=(*self.case.questions[:-1], ended))
        self.stop(ClockKind.QUESTION, Outcome.DONE if answered else Outcome.VOID)
        self.let_run(ASKABLE, QUESTION)

    # The outcome ----------------------------------------------------------------------

    def event(self, *, cause_id: str, index: int) -> Event:
        """The event that this step makes."""
        case, target = self.case, self.to or self.row.to
        state = target or case.state
        if state is not case.state:
            self.end_question()
        holder = ("unit", "person", "asked")
        moved = any(
            getattr(self.patch, one) not in {None, getattr(case, one)} for one in holder
        )
        if state is not case.state or moved:
            self.patch = replace(self.patch, version=case.version + 1)
        self._lower_escalation()
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
            moved=self.moved,
        )

    def _lower_escalation(self) -> None:
        """A rung that an earlier command superseded no longer escalates."""
        before = {rung for one in self.case.clocks for rung in one.fired}
        taken = any(
            rung.superseded and rung not in before
            for one in self._clocks.values()
            for rung in one.fired
        )
        if taken:
            clocks = {one.clock_id: one for one in self.case.clocks} | self._clocks
            lower = min(level(clocks.values()), self.case.escalation)
            self.patch = replace(self.patch, escalation=lower)

    def apply(self, *, cause_id: str, index: int) -> tuple[Case, Event]:
        """The case after the step, and its event."""
        event = self.event(cause_id=cause_id, index=index)
        return evolve(self.case, event), event
