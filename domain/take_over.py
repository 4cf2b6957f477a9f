"""Taking an open case over from another system: how it begins here, at its state.

The clocks are started as a native case's would have been, at the times that the other system
gives, and then stand at what they have used. Whatever they have passed by then is on record as
fired, and nobody is told: the other system told them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from domain import clock as clocks_
from domain.book import Book
from domain.calendar import CalendarError
from domain.clock import Clock, ClockKind, Outcome
from domain.command import Birth
from domain.facts import ReturnMark, Task
from domain.ladder import level
from domain.moves_aside import void_decider
from domain.moves_consult import begin_consultation
from domain.moves_direct import start_window
from domain.moves_dispatch import hand_to
from domain.moves_extension import who_decides as extension_decider
from domain.moves_hold import put_on_hold
from domain.moves_hold import who_decides as hold_decider
from domain.moves_result import start_follow_up
from domain.moves_return import ask_ruling
from domain.open_case import OpenCase, Problem, Wrong
from domain.open_check import (
    FED_BACK,
    SETTLED,
    plain,
    problems_of,
)
from domain.open_facts import begun
from domain.pausing import LATE_DECIDER, pause_for
from domain.policy import Flow, StageLimit
from domain.promise import promise_until, start_promise
from domain.spent import passed_by, start_of, with_used
from domain.stages import next_round
from domain.terms import Role, State, TaskState
from domain.turn import Turn
from domain.turn_clocks import INSIDE_HANDLE

_STAGE: Mapping[State, ClockKind] = MappingProxyType(
    {
        State.REPORTED: ClockKind.ACCEPT,
        State.VERIFYING: ClockKind.VERIFY,
        State.ACCEPTED: ClockKind.FILE,
        State.FILED: ClockKind.DISPATCH,
        State.RETURNED: ClockKind.DECIDE,
        State.FED_BACK: ClockKind.REVIEW,
        State.CHECKING: ClockKind.CHECK,
        State.TO_CLOSE: ClockKind.CLOSE,
    }
)
"""The clock of the stage; `dispatched` has `sign`, a ruling and a consultation a decider's."""
_TASK: Mapping[State, TaskState] = MappingProxyType(
    {
        State.DISPATCHED: TaskState.DISPATCHED,
        State.SIGNED: TaskState.SIGNED,
        State.RETURNED: TaskState.RETURN_REQUESTED,
        State.ARBITRATING: TaskState.RETURN_REQUESTED,
        State.FED_BACK: TaskState.DONE,
        State.CHECKING: TaskState.DONE,
        State.TO_CLOSE: TaskState.DONE,
        State.CLOSED: TaskState.DONE,
    }
)
"""How the unit's turn stands; `handling` in the other states."""


def birth_of(spec: OpenCase, book: Book, at: datetime) -> Birth | tuple[Problem, ...]:
    """How a case begins here that another system has open, or all that is wrong with it.

    Args:
        spec: The case as the other system has it.
        book: Master data; the versions in force are pinned.
        at: When it is taken over.
    """
    found = problems_of(spec, book, at)
    if found:
        return found
    try:
        turn = _TakeOver(spec=spec, at=at, turn=begun(spec, book)).done()
    except CalendarError:
        return (Problem(column="reported_at", wrong=Wrong.CALENDAR),)
    over = _window_over(turn, at)
    if over:
        return over
    event = turn.event(cause_id="", index=0)
    return Birth(
        state=spec.state,
        patch=replace(event.patch, version=None),
        clocks=event.clocks,
        tasks=(*turn.case.tasks, *event.tasks),
    )


def _window_over(turn: Turn, at: datetime) -> tuple[Problem, ...]:
    window = turn.running(ClockKind.FOLLOW_UP)
    due = clocks_.due_at(window, turn.book.calendars) if window else None
    if due is None or due > at:
        return ()
    values = {"value": plain(turn.until(due))}
    return (Problem(column="settled_at", wrong=Wrong.WINDOW_OVER, values=values),)


@dataclass(frozen=True, kw_only=True)
class _TakeOver:
    """Starts the clocks one after the other, each at its own time.

    Attributes:
        spec: The case as the other system has it.
        at: When it is taken over.
        turn: The step that collects them.
    """

    spec: OpenCase
    at: datetime
    turn: Turn

    def done(self) -> Turn:
        """The step with all clocks."""
        spec, turn = self.spec, self.turn
        self._promise()
        self._stage()
        if spec.unit:
            self._department()
        if spec.state is State.ON_HOLD and spec.hold_until is not None:
            self._go_to(spec.hold_since or self.at)
            put_on_hold(turn, spec.hold_until)
            self._look_again()
        elif spec.state is State.CONSULTING:
            self._consultation()
        elif spec.state in SETTLED:
            self._follow_up()
        self._request()
        self._late_deciders()
        self._pass_rungs()
        return turn

    @property
    def _flow(self) -> Flow:
        return self.turn.flow

    def _go_to(self, moment: datetime) -> None:
        self.turn.at = self.turn.fact_at = moment

    def _with_used(self, clock: Clock, end: datetime) -> None:
        """The stage's clock stands at what it has used, if the file says so."""
        spec, calendars = self.spec, self.turn.book.calendars
        if spec.stage_used is not None:
            known = spec.stage_started_at is not None
            clock = with_used(clock, spec.stage_used, end, calendars, known=known)
        self.turn.put(clock)

    # The promise and the stage ----------------------------------------------------------

    def _promise(self) -> None:
        """The promise to the citizen; what is settled has kept or broken it there."""
        spec, turn = self.spec, self.turn
        if spec.state in SETTLED:
            return
        self._go_to(spec.reported_at)
        if spec.whole_due is not None:
            promise_until(turn, spec.whole_due)
        elif spec.whole_used is not None and self._flow.whole is not None:
            clock = turn.start(ClockKind.WHOLE, self._flow.whole)
            end = self._handle_ends(of_handle=False)
            calendars = turn.book.calendars
            turn.put(with_used(clock, spec.whole_used, end, calendars, known=True))
        elif not self._flow.whole_from_acceptance or spec.state not in {
            State.REPORTED,
            State.VERIFYING,
        }:
            start_promise(turn)

    def _stage(self) -> None:
        """The clock of whoever has the case now."""
        spec, turn = self.spec, self.turn
        self._go_to(spec.stage_started_at or self.at)
        kind = _STAGE.get(spec.state)
        if kind is not None:
            owner = f"person:{spec.asked}" if spec.asked else ""
            self._with_used(turn.start_stage(kind, owner=owner), self.at)
        if spec.state is State.ARBITRATING:
            ask_ruling(turn)
            self._with_used(self._decide()[-1], self.at)
        decided_here = spec.state in {State.RETURNED, State.ARBITRATING}
        if decided_here and spec.unit:
            asked = ReturnMark(unit=spec.unit, at=turn.at, clock=self._decide()[-1].clock_id)
            turn.patch = replace(turn.patch, returns=(*turn.case.returns, asked))

    def _decide(self) -> list[Clock]:
        return self.turn.of_kind(ClockKind.DECIDE)

    # The department ---------------------------------------------------------------------

    def _department(self) -> None:
        """The unit's turn with `handle`, as if it had been dispatched here."""
        spec, turn = self.spec, self.turn
        start = self._dispatched_at()
        self._go_to(start)
        turn.start_stage(ClockKind.DISPATCH)
        turn.stop(ClockKind.DISPATCH, Outcome.VOID)
        hand_to(turn, spec.unit)
        for key in spec.stages_done:
            turn.stop_clock(f"{ClockKind.STAGE}:{key}", Outcome.VOID)
        self._handle(turn.of_kind(ClockKind.HANDLE)[-1])
        self._sign(start)
        fed_back = _TASK.get(spec.state) is TaskState.DONE
        if fed_back:
            self._go_to(self._handle_ends())
            closed = spec.state is State.CLOSED
            turn.stop_handle(Outcome.VOID if closed else Outcome.DONE)
        turn.put_task(
            Task(
                task_no=turn.case.next_task_no,
                unit=spec.unit,
                person=spec.person,
                state=_TASK.get(spec.state, TaskState.HANDLING),
                dispatched_at=spec.dispatched_at or start,
                signed_at=spec.signed_at or self._signed(start),
                ended_at=turn.at if fed_back else None,
                rounds=spec.round,
                stages=spec.stages_done,
            )
        )
        turn.patch = replace(turn.patch, person=spec.person, asked=spec.asked)

    def _dispatched_at(self) -> datetime:
        spec, turn = self.spec, self.turn
        if spec.dispatched_at is not None and spec.round == 1:
            return spec.dispatched_at
        limit, used = turn.condition.limit, spec.handle_used
        if used is None:
            return self.at
        calendar = None if limit.continuous else turn.own_calendar
        return start_of(used, self._handle_ends(), calendar)

    def _handle_ends(self, *, of_handle: bool = True) -> datetime:
        """Until when the limit has run: to the feedback, to what holds it up, or to now.

        The promise waits for a hold, and for nothing else of these.
        """
        spec = self.spec
        ends = [self.at]
        if spec.state is State.ON_HOLD:
            ends.append(spec.hold_since or self.at)
        if of_handle:
            if spec.state is State.CONSULTING:
                ends.append(spec.stage_started_at or self.at)
            if spec.state in FED_BACK | {State.CLOSED}:
                ends.append(spec.fed_back_at or spec.settled_at or self.at)
            ends += self._late_since()
        return min(ends)

    def _late_since(self) -> list[datetime]:
        """From when on the time of whoever decides is not the unit's."""
        spec, calendars = self.spec, self.turn.book.calendars
        found = []
        if spec.state in {State.RETURNED, State.ARBITRATING}:
            found.append(clocks_.due_at(self._decide()[0], calendars))
        if spec.pending:
            limit = self._flow.limits[ClockKind.DECIDE]
            found.append(self._after(spec.pending_at or self.at, limit))
        return [one for one in found if one is not None and one <= self.at]

    def _after(self, start: datetime, limits: StageLimit) -> datetime:
        turn = self.turn
        return turn.own_calendar.after(start, limits.of(urgent=turn.is_urgent))

    def _handle(self, handle: Clock) -> None:
        """What is used of it, what it was extended by, and what earlier rounds used."""
        spec, turn, calendars = self.spec, self.turn, self.turn.book.calendars
        original = handle.budget
        before = handle
        if spec.extensions:
            version = handle.budget_version + spec.extensions
            handle = replace(handle, extended=spec.extended, budget_version=version)
        if spec.round > 1:
            self._go_to(handle.started_at)  # of this round nothing is used then
            last = replace(handle, used_before=spec.used_before or timedelta(0))
            handle = next_round(turn, last, before, original)
        if spec.handle_used is not None:
            end, known = self._handle_ends(), spec.round == 1
            handle = with_used(handle, spec.handle_used, end, calendars, known=known)
        turn.put(handle)
        for stage in turn.of_kind(ClockKind.STAGE):
            if stage.stopped_at is None and stage.continuous is handle.continuous:
                turn.put(
                    replace(
                        stage,
                        pauses=handle.pauses,
                        carried=handle.carried,
                        counts_from=handle.counts_from,
                    )
                )

    def _signed(self, start: datetime) -> datetime | None:
        unsigned = {State.DISPATCHED, State.RETURNED, State.ARBITRATING}
        return None if self.spec.state in unsigned else start

    def _sign(self, start: datetime) -> None:
        spec, turn = self.spec, self.turn
        sign = turn.of_kind(ClockKind.SIGN)[-1]
        if spec.state is State.DISPATCHED:
            self._with_used(replace(sign, started_at=spec.stage_started_at or start), self.at)
        else:
            self._go_to(spec.signed_at or start)
            turn.stop(ClockKind.SIGN, Outcome.VOID)

    # What else the state brings ---------------------------------------------------------

    def _look_again(self) -> None:
        """The first look at the hold comes when one is due after the take-over."""
        review = self.turn.running(ClockKind.HOLD_REVIEW)
        if review is not None:
            self.turn.put(replace(review, started_at=self.at))

    def _consultation(self) -> None:
        self._go_to(self.spec.stage_started_at or self.at)
        begin_consultation(self.turn)
        self._with_used(self._decide()[-1], self.at)

    def _follow_up(self) -> None:
        spec, turn, flow = self.spec, self.turn, self._flow
        self._go_to(spec.settled_at or self.at)
        if spec.state is State.CLOSED:
            start_follow_up(turn)
            if spec.called_back:
                turn.stop(ClockKind.CALL_BACK, Outcome.VOID)
        elif spec.state is State.SELF_CLOSED:
            start_window(turn, wait=bool(spec.asked))
        else:
            refused = spec.state is State.REFUSED
            turn.start(
                ClockKind.FOLLOW_UP, flow.follow_up_refused if refused else flow.follow_up
            )
        window, until = turn.running(ClockKind.FOLLOW_UP), spec.follow_up_until
        if window is not None and until is not None:
            turn.put(
                replace(window, budget=until - window.started_at, continuous=True, calendar="")
            )

    def _request(self) -> None:
        """The request that waits; it is with who decides, endorsed or not."""
        spec, turn = self.spec, self.turn
        if not spec.pending:
            return
        self._go_to(spec.pending_at or self.at)
        owners = {
            "refusal": Role.ACCEPTOR if spec.state is State.REPORTED else Role.DUTY_CHIEF,
            "void": void_decider(turn.case.state),
        }
        owner = owners.get(spec.pending, Role.DUTY_CHIEF)
        if spec.pending == "extension":
            owner = extension_decider(turn)
        elif spec.pending == "hold" and spec.pending_until is not None:
            owner = hold_decider(turn, turn.at, spec.pending_until, "")
        turn.request(
            spec.pending, owner=owner, amount=spec.pending_hours, until=spec.pending_until
        )
        *others, asked = turn.pending
        asked = replace(asked, by=spec.pending_by)
        turn.patch = replace(turn.patch, pending=(*others, asked))

    def _late_deciders(self) -> None:
        """The unit's limit waits since whoever decides is late."""
        turn, late_since = self.turn, self._late_since()
        if not late_since:
            return
        for kind in INSIDE_HANDLE:
            for clock in turn.of_kind(kind):
                if clock.stopped_at is None:
                    turn.put(pause_for(clock, min(late_since), LATE_DECIDER))

    def _pass_rungs(self) -> None:
        """What was passed there stands as fired; the case is as escalated as that makes it."""
        turn = self.turn
        for kind in ClockKind:
            for clock in turn.of_kind(kind):
                if clock.stopped_at is None:
                    turn.put(
                        replace(clock, fired=passed_by(clock, self.at, turn.book.calendars))
                    )
        backlog = turn.running(ClockKind.BACKLOG)
        reached = level(turn.of_kind(ClockKind.HANDLE))
        turn.patch = replace(
            turn.patch,
            escalation=reached or None,
            backlog=True if backlog is not None and backlog.fired else None,
        )
