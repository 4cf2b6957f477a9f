"""One step under judgement: the case so far, who asks, and what the step changes."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.case import Case, Event, evolve, patched
from domain.clock import ClockKind, Outcome
from domain.facts import Moved, Pending, Task
from domain.ladder import level
from domain.pausing import QUESTION
from domain.policy import StageLimit
from domain.terms import ENDED_TASKS, Role, State, TaskState
from domain.turn_clocks import ASKABLE, ClockTurn
from domain.why import Because, Why


@dataclass(kw_only=True)
class Turn(ClockTurn):
    """A scratch pad for one step; nothing counts until `event` is taken.

    Attributes:
        to: State it leads to, where the row leaves that open.
        reason: Reason code on record.
        notify: Who is told.
        moved: Due times that it moved.
    """

    to: State | None = None
    reason: str = ""
    notify: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    _tasks: dict[int, Task] = field(default_factory=dict)

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
        """The step needs a photo taken at the place, or (if allowed) a text instead.

        Of a case without a point on the map no photo can show that; the text says how it was.
        """
        step, fence, said_why = self.step, self.flow.fence_metres, self.step.text.strip()
        if or_text and said_why:
            return
        if not step.photos:
            self.refuse(Why.NEEDS_PHOTO)
        if step.distance is None and not (step.off_map and said_why):
            if or_text or step.off_map:
                self.refuse(Why.NO_PLACE)
            self.not_now(Because.NO_PHOTO_PLACE)
        if step.distance is not None and step.distance > fence:
            metres = f"{step.distance:.0f}"
            self.refuse(Why.OUT_OF_FENCE, metres=metres, fence=f"{fence:.0f}")

    @property
    def tasks(self) -> dict[int, Task]:
        """All tasks by number, as this step leaves them."""
        return {one.task_no: one for one in self.case.tasks} | self._tasks

    @property
    def left(self) -> Case:
        """The case as this step leaves it, so far."""
        return replace(
            patched(self.case, self.patch),
            state=self.to or self.row.to or self.case.state,
            clocks=tuple(self.clocks.values()),
            tasks=tuple(self.tasks.values()),
        )

    # Tasks and requests ---------------------------------------------------------------

    def set_task(self, state: TaskState, *, person: str | None = None) -> None:
        """Move the current department's turn on; those of a joint case move by themselves."""
        task = self.case.task
        if self.case.joint:
            return
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
        number = self.case.next_task_no
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
            notify=self._told(),
            moved=self.moved,
        )

    def _told(self) -> tuple[str, ...]:
        """Who is told: of a drill, or a department's task, nobody outside the house."""
        inside = self.case.drill or self.patch.drill or self.case.parent
        return tuple(one for one in self.notify if not (inside and one == Role.REPORTER))

    def _lower_escalation(self) -> None:
        """A rung that an earlier command superseded no longer escalates."""
        before = {rung for one in self.case.clocks for rung in one.fired}
        taken = any(
            rung.superseded and rung not in before
            for one in self._clocks.values()
            for rung in one.fired
        )
        if taken:
            lower = min(level(self.clocks.values()), self.case.escalation)
            self.patch = replace(self.patch, escalation=lower)

    def apply(self, *, cause_id: str, index: int) -> tuple[Case, Event]:
        """The case after the step, and its event."""
        event = self.event(cause_id=cause_id, index=index)
        return evolve(self.case, event), event
