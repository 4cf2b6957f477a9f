"""The clocks of one step under judgement: started, stopped, paused, let run."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from domain import clock as clocks_
from domain.book import Book, Condition
from domain.calendar import Calendar, Limit
from domain.case import Case
from domain.clock import RED, Clock, ClockKind, Outcome
from domain.command import Step
from domain.facts import Pending
from domain.patch import Patch
from domain.pausing import (
    LATE_DECIDER,
    credits_unit,
    go_on,
    pause_for,
    resume_from,
    taken_back,
)
from domain.people import Actor
from domain.policy import Flow
from domain.refusal import RefusedError
from domain.row import Row
from domain.terms import Role
from domain.why import Because, Why

STAGE_OWNER: dict[ClockKind, str] = {
    ClockKind.ACCEPT: Role.ACCEPTOR,
    ClockKind.FILE: Role.DUTY_CHIEF,
    ClockKind.DISPATCH: Role.DISPATCHER,
    ClockKind.CLOSE: Role.DUTY_CHIEF,
    ClockKind.DECIDE: Role.DISPATCHER,
    ClockKind.REVIEW: Role.DISPATCHER,
    ClockKind.CALL_BACK: Role.CALL_BACK_CLERK,
    ClockKind.WHOLE: Role.DUTY_CHIEF,
    ClockKind.FIRST_REPORT: Role.DUTY_CHIEF,
    ClockKind.WRITTEN_REPORT: Role.DUTY_CHIEF,
    ClockKind.NEXT_REPORT: Role.DUTY_CHIEF,
    ClockKind.FINAL_REPORT: Role.DUTY_CHIEF,
}
INSIDE_HANDLE = (ClockKind.HANDLE, ClockKind.STAGE, ClockKind.INNER)
"""Clocks that pause and run with `handle`."""
ASKABLE = (ClockKind.ACCEPT, ClockKind.FILE, ClockKind.HANDLE, ClockKind.WHOLE)
"""Clocks that an open question to the reporter pauses (T43)."""


def stage_of(clock: Clock) -> str:
    """Key of the stage that a clock measures: `stop` of `stage:stop:2`."""
    return clock.clock_id.partition(":")[2].partition(":")[0]


@dataclass(kw_only=True)
class ClockTurn:
    """One step and the case's clocks as it leaves them; `Turn` adds the rest.

    Attributes:
        case: The case before the step.
        step: What is asked.
        row: The table's row.
        actor: Who asks.
        role: The role in which he may.
        fact_at: When it was asked (`received_at`): what on-time judgements go by.
        at: Time of the event: `fact_at`, but never before the last event.
        book: Master data.
        joint: Of a department's task: its joint case as it is now.
    """

    case: Case
    step: Step
    row: Row
    actor: Actor
    role: Role
    fact_at: datetime
    at: datetime
    book: Book
    joint: Case | None = None
    patch: Patch = field(default_factory=Patch)
    _clocks: dict[str, Clock] = field(default_factory=dict)

    @property
    def flow(self) -> Flow:
        """The flow profile of the case, by the version pinned to it or that this step pins."""
        patch, case = self.patch, self.case
        source, subclass = patch.source or case.source, patch.subclass or case.subclass
        return self.book.policy_of(patch.policy or case.policy).flow(source, subclass)

    @property
    def condition(self) -> Condition:
        """The accept condition the case was filed under, or that this step puts it under.

        Raises:
            RefusedError: The case has none, or its catalogue version lost it.
        """
        found = self.find_condition()
        if found is None:
            value = f"{self.case.subclass}/{self.case.condition}"
            self.refuse(Why.UNKNOWN_CODE, field="condition", value=value)
        return found

    def find_condition(self) -> Condition | None:
        """The same; None where there is none."""
        patch, case = self.patch, self.case
        version = patch.catalogue or case.catalogue
        subclass = self.book.subclass(version, patch.subclass or case.subclass)
        number = patch.condition or case.condition
        found = subclass.condition(number) if subclass else None
        return self.as_flow_says(found) if found else None

    def as_flow_says(self, found: Condition) -> Condition:
        """A condition with what the flow profile puts in place of the catalogue's values.

        The catalogue's limit of an urgent condition stays: a burst main is not given days. A
        petition that is examined again has the limit of that (T62), a task of a joint case its
        own.
        """
        flow = self.flow
        photo = found.photo_required if flow.photo_required is None else flow.photo_required
        limit = self.patch.own_limit or self.case.own_limit or self.limit_of(found)
        mode = flow.check_mode or found.check_mode
        return replace(found, limit=limit, check_mode=mode, photo_required=photo)

    def limit_of(self, found: Condition) -> Limit:
        """The limit of a condition as the flow profile has it, for a case of one department."""
        flow = self.flow
        again = self.patch.reexaminations or self.case.reexaminations
        handle = flow.reexamination if again else flow.handle
        return found.limit if found.urgent or handle is None else handle

    def refuse(self, why: Why, **values: str) -> NoReturn:
        """Refuse the step; `action` and `state` are filled in."""
        filled = {"action": str(self.step.action), "state": str(self.case.state)} | values
        raise RefusedError(why, **filled)

    def not_now(self, because: Because, **values: str) -> NoReturn:
        """Refuse the step because something stands in its way."""
        self.refuse(Why.NOT_NOW, because=str(because), **values)

    @property
    def calendar(self) -> str:
        """Key of the calendar pinned to the case, or that this step pins."""
        return self.patch.calendar or self.case.calendar or self.book.calendar

    @property
    def own_calendar(self) -> Calendar:
        """The calendar of that key."""
        return self.book.calendars[self.calendar]

    def local(self, at: datetime) -> datetime:
        """An instant on the wall clock of the calendar's zone."""
        return at.astimezone(ZoneInfo(self.own_calendar.zone))

    @property
    def today(self) -> str:
        """The local day on which the step was asked."""
        return self.local(self.fact_at).date().isoformat()

    def until(self, at: datetime) -> str:
        """An instant as an officer reads it."""
        return self.local(at).strftime("%Y-%m-%d %H:%M")

    # Clocks ---------------------------------------------------------------------------

    @property
    def clocks(self) -> dict[str, Clock]:
        """All clocks by id, as this step leaves them."""
        return {one.clock_id: one for one in self.case.clocks} | self._clocks

    def of_kind(self, kind: ClockKind) -> list[Clock]:
        """All clocks of a kind, oldest first, as this step leaves them."""
        return [one for one in self.clocks.values() if one.kind is kind]

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
        return self.own_calendar.after_working(red, least.running) - red

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

    def stop_unless_late(self, kind: ClockKind) -> None:
        """Stop the clock of a kind where somebody else takes over: no facts, but late is late.

        What runs inside `handle` is judged and stopped with it, each by itself.
        """
        for clock in self._going((kind,)):
            self._stop(clock, Outcome.DONE)
            stopped = self._clocks[clock.clock_id]
            if clocks_.on_time(stopped, self.book.calendars):
                self.put(replace(stopped, outcome=Outcome.VOID))

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
        clock = self.clocks.get(clock_id)
        if clock is not None and clock.stopped_at is None:
            self._stop(clock, outcome)

    def stop_decide(self, clock_id: str, outcome: Outcome = Outcome.DONE) -> None:
        """Stop a decider's clock; what his lateness held up runs on."""
        self.stop_clock(clock_id, outcome)
        if not self._decider_is_late():
            self.let_run((ClockKind.HANDLE,), LATE_DECIDER)

    @property
    def pending(self) -> tuple[Pending, ...]:
        """The requests that wait as this step leaves them."""
        return self.case.pending if self.patch.pending is None else self.patch.pending

    def _decider_is_late(self) -> bool:
        """Whether a decider whose lateness is not the unit's is over his limit (§3)."""
        return any(
            one.stopped_at is None and one.fired and credits_unit(one, self.pending)
            for one in self.of_kind(ClockKind.DECIDE)
        )

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

    def go_on(self, kind: ClockKind, reason: str, *, owner: str = "") -> None:
        """Let the last clock of a kind (and of an owner) run on; the time since then is out.

        A rung that the stop superseded lies ahead again.
        """
        clock = [one for one in self.of_kind(kind) if owner in {"", one.owner}][-1]
        if clock.stopped_at is not None:
            self.put(go_on(clock, self.at, reason))
