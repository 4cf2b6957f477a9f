"""Random lives against a slow model of the clocks: own arithmetic over the calendar's days.

Actors ask for legal and illegal actions, time jumps by minutes and weeks over nights, weekends
and holidays, and judging lags behind as in an outage. The model knows a clock's facts only.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain import clock as clocks_
from domain.advance import Advanced, catch_up
from domain.calendar import DayKind
from domain.case import Case, Event, evolve, fold
from domain.clock import Clock, ClockKind, Outcome
from domain.command import Command, Step
from domain.pausing import LATE_DECIDER
from domain.people import REPORTER, SYSTEM
from domain.refusal import Refusal
from domain.table import MOVES as TABLE
from domain.terms import FINAL, Action, Solved, Source, State
from tests.domain.small_world import (
    ADVICE,
    BOOK,
    CALENDAR,
    GAS,
    GOOD,
    GRID,
    HAWKER,
    LITTER,
    PEOPLE,
    SIGN_BOARD,
    local,
)

settings.register_profile(
    "ci",
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

ZERO, DAY, HOUR = timedelta(0), timedelta(days=1), timedelta(hours=1)
OFFSET = 8 * HOUR  # Asia/Shanghai has kept one offset since 1992
FAR = datetime.max.replace(tzinfo=UTC)
MARKED = {one.day: one.kind for one in CALENDAR.exceptions}
STARTS = [
    local("09-07 09:00"),
    local("09-11 17:50"),
    local("09-30 16:00"),
    local("10-10 11:58"),
]
JUMPS = [1, 9, 31, 125, 600, 1440, 3 * 1440, 8 * 1440, 31 * 1440]  # minutes
RUNS = {
    State.REPORTED: {ClockKind.ACCEPT},
    State.VERIFYING: {ClockKind.VERIFY},
    State.ACCEPTED: {ClockKind.FILE},
    State.FILED: {ClockKind.DISPATCH},
    State.DISPATCHED: {ClockKind.SIGN, ClockKind.HANDLE},
    State.SIGNED: {ClockKind.HANDLE},
    State.HANDLING: {ClockKind.HANDLE},
    State.RETURNED: {ClockKind.HANDLE},
    State.FED_BACK: {ClockKind.REVIEW},
    State.CHECKING: {ClockKind.CHECK},
    State.TO_CLOSE: {ClockKind.CLOSE},
    State.CLOSED: {ClockKind.FOLLOW_UP},
    State.REFUSED: {ClockKind.FOLLOW_UP},
}
FORWARD = {
    State.REPORTED: (Action.ACCEPT, Action.SEND_VERIFY),
    State.VERIFYING: (Action.VERIFY_FOUND,),
    State.ACCEPTED: (Action.FILE,),
    State.FILED: (Action.DISPATCH,),
    State.DISPATCHED: (Action.SIGN,),
    State.SIGNED: (Action.START, Action.FEED_BACK, Action.RETURN),
    State.HANDLING: (Action.FEED_BACK, Action.REQUEST_EXTENSION),
    State.RETURNED: (Action.REJECT_RETURN,),
    State.FED_BACK: (Action.PASS_REVIEW, Action.REJECT_FEEDBACK),
    State.CHECKING: (Action.CHECK_PASS, Action.CHECK_FAIL),
    State.CLOSED: (Action.RATE, Action.REOPEN, Action.CALL_BACK),
}
ENDS = {Action.WITHDRAW, Action.REFUSE, Action.VOID}
PROMISED = {Source.HOTLINE, Source.CITIZEN_WEB}


# The model ---------------------------------------------------------------------------------


def working_hours(day: date) -> list[tuple[datetime, datetime]]:
    """08–12 and 14–18 on working days, in UTC."""
    kind = MARKED.get(day)
    if kind is DayKind.OFF or (kind is None and day.weekday() > 4):
        return []
    midnight = datetime.combine(day, time(), UTC) - OFFSET
    return [(midnight + a * HOUR, midnight + b * HOUR) for a, b in ((8, 12), (14, 18))]


def pieces(start: datetime, *, continuous: bool) -> Iterator[tuple[datetime, datetime]]:
    """The stretches that count from `start` on, day by day."""
    day = (start + OFFSET).date()
    while True:
        midnight = datetime.combine(day, time(), UTC) - OFFSET
        whole_day = [(midnight, midnight + DAY)]
        for opens, closes in whole_day if continuous else working_hours(day):
            if closes > start:
                yield max(opens, start), closes
        day += DAY


def counted(clock: Clock) -> Iterator[tuple[datetime, datetime]]:
    """The stretches in which a clock runs, its stop aside: no pause is in them."""
    for opens, closes in pieces(clock.started_at, continuous=clock.continuous):
        at = opens
        for pause in clock.pauses:
            start, end = pause.start, pause.end or FAR
            if at < start < closes:
                yield at, start
            if start < closes and end > at:
                at = min(end, closes)
        if at < closes:
            yield at, closes
        if clock.pauses and clock.pauses[-1].end is None and closes >= clock.pauses[-1].start:
            return


def model_used(clock: Clock, at: datetime) -> timedelta:
    end = min(at, clock.stopped_at or at)
    total = ZERO
    for opens, closes in counted(clock):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def model_due(clock: Clock, percent: int) -> datetime | None:
    """When a percentage is used up; None while an open pause hides it."""
    left = (clock.budget + clock.extended) * percent / 100
    if percent >= 150:
        left = max(left, clock.budget + clock.extended + clock.floor)
    for opens, closes in counted(clock):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    return None


def working_time(start: datetime, end: datetime) -> timedelta:
    total = ZERO
    for opens, closes in pieces(start, continuous=False):
        if opens >= end:
            return total
        total += min(closes, end) - opens
    return total


# The machine -------------------------------------------------------------------------------


def without_judging(events: list[Event]) -> list[Event]:
    return [replace(one, fired_at=None) for one in events]


class Life(RuleBasedStateMachine):
    """One case; every event of it is checked against the model."""

    def __init__(self) -> None:
        super().__init__()
        self.case = Case(case_no="9901062026090700001")
        self.now = STARTS[0]
        self.events: list[Event] = []
        self.commands: list[Command] = []
        self.waiting: list[Command] = []
        self.verdicts = Counter[str]()
        self.done: Advanced | None = None

    def ask(self, name: str, *steps: Step, seen: int | None = None) -> None:
        """Write a command down; the next judgement takes it."""
        self.now += timedelta(seconds=1)
        actor = {"reporter": REPORTER, "system": SYSTEM}.get(name) or PEOPLE[name]
        command = Command(
            command_id=f"c{len(self.commands):04d}",
            at=self.now,
            actor=actor,
            steps=steps,
            seen=seen,
        )
        self.commands.append(command)
        self.waiting.append(command)

    @initialize(
        start=st.sampled_from(STARTS),
        source=st.sampled_from([*PROMISED, Source.GRID_PATROL, Source.DEPARTMENT]),
        subclass=st.sampled_from([LITTER, LITTER, GAS, HAWKER, SIGN_BOARD, ADVICE, ""]),
        condition=st.integers(0, 2),
        ahead=st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from([1, 9, 31, 125])), max_size=12
        ),
    )
    def report(
        self,
        *,
        start: datetime,
        source: Source,
        subclass: str,
        condition: int,
        ahead: list[tuple[int, int]],
    ) -> None:
        """A report begins the case, and it goes some way ahead."""
        self.now = start
        step = Step(
            action=Action.REPORT,
            source=source,
            subclass=subclass,
            condition=condition,
            grid=GRID,
            contact=source in PROMISED,
        )
        self.ask("member1" if source is Source.GRID_PATROL else "reporter", step)
        self.judge()
        for choice, minutes in ahead:
            self.go_ahead(choice, minutes)

    def go_ahead(self, choice: int, minutes: int) -> None:
        """One of the usual next steps, some minutes later."""
        actions = FORWARD.get(self.case.state)
        if not actions:
            return
        if self.case.waiting("extension"):
            actions = (Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION)
        self.now += timedelta(minutes=minutes)
        usual, step = GOOD[actions[choice % len(actions)]]
        step = self.fitting(step, condition=1, solved=Solved.NO, amount=1.0)
        chief = self.case.urgent or self.case.extensions > 0
        decides = step.action in {Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION}
        self.ask("chief" if decides and chief else self.login(usual), step)
        self.judge()

    @rule(choice=st.integers(0, 2), minutes=st.sampled_from(JUMPS))
    def usual_step(self, choice: int, minutes: int) -> None:
        """The case goes on."""
        self.go_ahead(choice, minutes)

    def login(self, usual: str) -> str:
        """Who is meant by `asked`."""
        return (self.case.asked or "member1") if usual == "asked" else usual

    def fitting(self, step: Step, *, condition: int, solved: Solved, amount: float) -> Step:
        """A good step, with the choices that its action leaves."""
        match step.action:
            case Action.ACCEPT:
                seen = self.case.verified or self.case.source is Source.GRID_PATROL
                subclass = self.case.subclass or LITTER
                urgent = subclass in {LITTER, GAS} and not seen
                return replace(step, subclass=subclass, urgent=urgent)
            case Action.FILE:
                return replace(step, condition=condition)
            case Action.DISPATCH:
                return replace(step, text="该单位同意")
            case Action.REQUEST_EXTENSION:
                return replace(step, amount=amount)
            case Action.CALL_BACK | Action.RATE:
                return replace(step, solved=solved)
            case _:
                return step

    @rule(
        data=st.data(),
        wild=st.integers(0, 9),
        solved=st.sampled_from(Solved),
        condition=st.integers(0, 2),
        amount=st.sampled_from([1.0, 2.0, 8.0, 30.0]),
        wait=st.integers(0, 2),
    )
    def act(  # noqa: PLR0913  the choices of a step
        self,
        *,
        data: st.DataObject,
        wild: int,
        solved: Solved,
        condition: int,
        amount: float,
        wait: int,
    ) -> None:
        """Somebody asks for something, mostly for what the table lists."""
        listed = [one for one in GOOD if (self.case.state, one) in TABLE]
        gentle = [one for one in listed if one not in ENDS or wild == 2]
        actions = sorted(GOOD) if wild == 0 or not gentle else sorted(gentle)
        usual, step = GOOD[data.draw(st.sampled_from(actions))]
        if step.action in {Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION}:
            usual = data.draw(st.sampled_from(["dispatcher", "chief"]))
        name = data.draw(st.sampled_from(sorted(PEOPLE))) if wild == 1 else self.login(usual)
        step = self.fitting(step, condition=condition, solved=solved, amount=amount)
        self.ask(name, step, seen=self.case.version if wait == 1 else None)
        if wait:
            self.judge()

    @rule(minutes=st.sampled_from(JUMPS), at_once=st.booleans())
    def jump(self, minutes: int, at_once: object) -> None:
        """Time passes; the worker may be away."""
        self.now += timedelta(minutes=minutes)
        if at_once:
            self.judge()

    @precondition(lambda self: self.waiting)
    @rule()
    def judge(self) -> None:
        """The worker catches up."""
        self.done = catch_up(self.case, self.waiting, self.now, BOOK)
        assert {one.command_id for one in self.done.rulings} == {
            one.command_id for one in self.waiting
        }
        self.verdicts.update(one.command_id for one in self.done.rulings)
        for event in self.done.events:
            self.check(event)
            self.case = evolve(self.case, event)
        assert self.case == self.done.case
        self.events.extend(self.done.events)
        self.waiting = []

    def check(self, event: Event) -> None:
        """One event, against the case before it and the model."""
        assert self.case.state not in FINAL
        assert self.case.last_at is None or event.at >= self.case.last_at
        if event.action is not Action.RUNG:
            return
        before = {one.clock_id: one for one in self.case.clocks}
        name, percent = event.reason.removesuffix("%").split(" ")
        clock = before[name]
        due = model_due(clock, int(percent))
        assert due == event.at
        assert event.fired_at is not None
        assert event.fired_at >= due
        assert clock.stopped_at is None
        if int(percent) >= 150 and clock.kind is ClockKind.HANDLE and not clock.urgent:
            red = model_due(clock, 100)
            assert red
            assert working_time(red, due) >= 8 * HOUR

    # What is always true -------------------------------------------------------------------

    @invariant()
    def the_log_folds_to_the_case(self) -> None:
        """Folding the log gives the case."""
        assert fold(self.case.case_no, self.events) == self.case

    @invariant()
    def a_rung_fires_once_a_version(self) -> None:
        """Each rung fires at most once for a clock and budget version."""
        fired = Counter(
            (clock.clock_id, rung.budget_version, rung.percent)
            for clock in self.case.clocks
            for rung in clock.fired
        )
        causes = Counter(one.cause_id for one in self.events if one.action is Action.RUNG)

        assert not fired or max(fired.values()) == 1
        assert not causes or max(causes.values()) == 1
        assert sum(causes.values()) == sum(fired.values())
        assert not any(rung.superseded for one in self.case.clocks for rung in one.fired)

    @invariant()
    def used_time_is_the_model_s_and_counts_no_pause(self) -> None:
        """Used time, due time and on time are the model's."""
        handle: Clock | None = None
        for clock in self.case.clocks:
            assert clocks_.used(clock, self.now, BOOK.calendars) == model_used(clock, self.now)
            assert clocks_.due_at(clock, BOOK.calendars) == model_due(clock, 100)
            if clock.kind is not ClockKind.HANDLE:
                continue
            if clock.judged_budget is not None:
                assert handle
                spent = handle.used_before + model_used(handle, self.now)
                assert clock.used_before == spent
            if clock.outcome is Outcome.DONE:
                judged = (clock.judged_budget or clock.budget) + clock.extended
                in_time = clock.used_before + model_used(clock, self.now) <= judged
                assert clocks_.on_time(clock, BOOK.calendars) is in_time
            handle = clock

    @invariant()
    def handle_waits_only_for_a_late_decider_or_a_review(self) -> None:
        """A pause has its reason."""
        late = {
            rung.due
            for clock in self.case.clocks
            if clock.kind is ClockKind.DECIDE
            for rung in clock.fired
        }
        for clock in self.case.clocks:
            for pause in clock.pauses:
                assert pause.reason in {LATE_DECIDER, "review", "dispatched"}
                assert (pause.reason == LATE_DECIDER) is (pause.start in late)

    @invariant()
    def each_state_has_its_clocks(self) -> None:
        """Each state runs the clocks of the rules, and no others."""
        running = Counter(one.kind for one in self.case.clocks if one.stopped_at is None)
        promised = running.pop(ClockKind.WHOLE, 0)
        deciding = running.pop(ClockKind.DECIDE, 0)
        running.pop(ClockKind.CALL_BACK, 0)
        assert set(running) == RUNS.get(self.case.state, set())
        assert deciding == len(self.case.pending) + (self.case.state is State.RETURNED)
        settled = self.case.state in {State.CLOSED, State.REFUSED} or self.case.ended
        assert promised == (self.case.source in PROMISED and not settled)

    @invariant()
    def nothing_due_was_missed(self) -> None:
        """The nearest rung is the model's."""
        if self.done is None or self.waiting or self.case.ended:
            return
        found: list[datetime] = []
        for clock in self.case.clocks:
            left = set(clock.rungs) - {one.percent for one in clock.fired}
            if clock.stopped_at is None and not clock.paused and left:
                due = model_due(clock, min(left))
                assert due
                found.append(due)
        assert self.done.next_due == min(found, default=None)

    @invariant()
    def it_ends_once(self) -> None:
        """At most one event enters a final state, and it is the last."""
        ends = [one.seq for one in self.events if one.state in FINAL]

        assert ends in ([], [self.case.seq])

    @invariant()
    def every_judged_command_has_one_verdict(self) -> None:
        """No command is judged twice or forgotten."""
        waiting = {one.command_id for one in self.waiting}
        judged = {one.command_id for one in self.commands} - waiting

        assert self.verdicts == Counter(judged)

    def teardown(self) -> None:
        """Judging in batches is judging at once."""
        if not self.commands:
            return
        self.judge()
        once = catch_up(Case(case_no=self.case.case_no), self.commands, self.now, BOOK)

        assert without_judging(list(once.events)) == without_judging(self.events)
        assert once.case == self.case
        refused = [one for one in once.rulings if isinstance(one.refusal, Refusal)]
        assert all(one.first_seq == 0 for one in refused)


TestLife = Life.TestCase
TestLife.settings = settings.get_profile("ci")
