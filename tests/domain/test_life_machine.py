"""Random lives against a slow model: every action, pauses, jumps of time, outages, many cases.

People ask for what the table lists and for what it does not; the worker is away for hours or
weeks; what they wrote down first comes in last; new versions come into force; cases are split,
merged and told so late, twice, in any order. `slow_model` says a second time what each action
does to the clocks, `slow_clock` counts them a second time.

`GRIDCASE_LIVES=20000 uv run pytest tests/domain/test_life_machine.py` runs that many other
lives. A failing life is not made shorter: it is printed step by step, with how to run it again.
"""

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from domain import clock as clocks_
from domain.advance import Advanced, ask_cancel, catch_up
from domain.book import Book
from domain.case import Case, Event, evolve, fold
from domain.clock import Clock
from domain.command import Command, Step
from domain.decide import allowed, decide
from domain.pausing import grounds
from domain.people import SYSTEM, Actor
from domain.refusal import Refusal
from domain.sequel import Sequel, sequels, unheard
from domain.table import BIRTHS
from domain.terms import FINAL, SETTLED, Action, Role, Solved, State
from domain.why import Why
from tests.domain.random_steps import BOOKS, Chooser, by_day, dice, other_version
from tests.domain.slow_clock import Ledger
from tests.domain.slow_model import CONSULTATION, GROUNDS, HOLD, INSIDE, LATE, QUESTION, Slow
from tests.domain.slow_table import DECIDED, LEADS, MUST, RUNS
from tests.domain.small_world import GOOD, local

LIVES = int(os.environ.get("GRIDCASE_LIVES") or 0)
PROFILE = settings(
    max_examples=LIVES or 200,
    stateful_step_count=40,
    deadline=None,
    derandomize=not LIVES,
    database=None,
    phases=(Phase.generate,),
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
STARTS = ("09-07 09:00", "09-11 17:50", "09-30 16:00", "10-10 11:58", "09-12 23:30")
JUMPS = (1, 9, 31, 125, 240, 600, 1440, 3 * 1440, 8 * 1440, 31 * 1440)  # minutes
SEEDS = st.integers(0, 2**32)
BY_ITSELF = {
    Action.ACCEPT,
    Action.SEND_VERIFY,
    Action.FILE,
    Action.DISPATCH,
    Action.PASS_REVIEW,
    Action.CLOSE,
}
AFTER_RUNG = {
    Action.NO_REPLY: "question",
    Action.RESUME: "hold",
    Action.START: "handle",
    Action.ARCHIVE: "follow_up",
    Action.SUPERVISE: "handle",
}
TOGETHER = {
    State.REPORTED: (Action.ACCEPT, Action.FILE),
    State.ACCEPTED: (Action.FILE, Action.DISPATCH),
    State.DISPATCHED: (Action.SIGN, Action.START),
    State.SIGNED: (Action.START, Action.FEED_BACK),
}


@dataclass
class OneCase:
    """A case, its ledgers, and what waits to be judged."""

    case: Case
    slow: Slow
    events: list[Event] = field(default_factory=list)
    waiting: list[Command] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    judged: set[str] = field(default_factory=set)
    last_command: datetime | None = None


class Lives(RuleBasedStateMachine):
    """Some cases; every event of them is checked against the model."""

    def __init__(self) -> None:
        super().__init__()
        self.now = local(STARTS[0])
        self.book: Book = BOOKS["defaults"]
        self.calendars = dict(self.book.calendars)
        self.lives: dict[str, OneCase] = {}
        self.sequels: list[Sequel] = []
        self.told: Counter[tuple[str, str, str, str]] = Counter()
        self.nowhere: set[str] = set()
        self.numbers = 10
        self.asked = 0
        self.plain = True  # in order, under one book: can be judged at once at the end
        self.random = dice(0)

    # Asking ---------------------------------------------------------------------------------

    def number(self) -> str:
        """The next case number."""
        self.numbers += 1
        return f"99010620260907{self.numbers:05d}"

    def chooser(self, case_no: str = "") -> Chooser:
        """Somebody who knows the cases."""
        others = tuple(one for one in self.lives if one != case_no)
        return Chooser(random=self.random, book=self.book, others=others, part=self.number)

    def write(
        self,
        case_no: str,
        actor: Actor,
        *steps: Step,
        at: datetime | None = None,
        name: str = "",
        seen: int | None = None,
    ) -> Command:
        """Write a command down; the next judgement takes it."""
        self.asked += 1
        command = Command(
            command_id=name or f"c{self.asked:04d}",
            at=at or self.now,
            actor=actor,
            steps=steps,
            seen=seen,
        )
        life = self.lives[case_no]
        life.waiting.append(command)
        return command

    def pick(self) -> str:
        """One of the cases, mostly the first that lives."""
        lively = [no for no, one in self.lives.items() if not one.case.ended]
        if not lively or self.random.random() < 0.05:
            return self.random.choice(list(self.lives))
        return lively[0] if self.random.random() < 0.6 else self.random.choice(lively)

    @initialize(
        start=st.sampled_from(STARTS),
        book=st.sampled_from(sorted(BOOKS)),
        seed=SEEDS,
        ahead=st.integers(0, 12),
        cases=st.sampled_from((1, 1, 2)),
    )
    def report(self, *, start: str, book: str, seed: int, ahead: int, cases: int) -> None:
        """Reports begin cases, and they go some way ahead."""
        self.now, self.book, self.random = local(start), BOOKS[book], dice(seed)
        for _ in range(cases):
            self.another()
        for _ in range(ahead):
            self.one_step()

    def another(self) -> None:
        """One more report."""
        case_no = self.number()
        self.lives[case_no] = OneCase(Case(case_no=case_no), Slow(calendars=self.calendars))
        self.write(case_no, *self.chooser().report(self.now))
        self.judge(case_no)

    def one_step(self, *, wild: bool = False, judge: bool = True) -> None:
        """Somebody asks for something a little later."""
        self.now += timedelta(minutes=self.random.choice((1, 1, 5, 20, 90)))
        case_no = self.pick()
        self.ask(case_no, wild=wild)
        if judge:
            self.judge(case_no)

    def ask(self, case_no: str, *, wild: bool = False, at: datetime | None = None) -> None:
        """Somebody asks for something of a case."""
        case, chooser = self.lives[case_no].case, self.chooser(case_no)
        action = chooser.action(case, wild=wild)
        if action is Action.CALL_BACK and at is None:
            self.now = by_day(self.now)
        actor = chooser.who(action, case)
        step = chooser.step(action, case, actor, at or self.now)
        seen = self.random.choice((None, None, None, case.version, case.version - 1))
        self.write(case_no, actor, step, at=at, seen=seen)

    @rule(seed=SEEDS, steps=st.integers(1, 4))
    def usual(self, *, seed: int, steps: int) -> None:
        """The cases go on."""
        self.random = dice(seed)
        for _ in range(steps):
            self.one_step()

    @rule(seed=SEEDS)
    def wild(self, *, seed: int) -> None:
        """Somebody asks for anything."""
        self.random = dice(seed)
        self.one_step(wild=True)

    @rule(seed=SEEDS)
    def chain(self, *, seed: int) -> None:
        """Two actions in one command."""
        self.random = dice(seed)
        case_no = self.pick()
        case, chooser = self.lives[case_no].case, self.chooser(case_no)
        actions = TOGETHER.get(case.state)
        if actions:
            actor = chooser.who(actions[0], case)
            if self.random.random() < 0.7:
                unit = replace(self.book.people["dispatcher"], on_behalf_of=case.unit)
                every = [one for each in self.book.people.values() for one in each.grants]
                centre = tuple(one for one in every if not one.unit)
                actor = replace(unit, grants=centre, on_behalf_of=case.unit)
            steps = (chooser.step(one, case, actor, self.now) for one in actions)
            self.write(case_no, actor, *steps)
            self.judge(case_no)

    @rule(seed=SEEDS, minutes=st.sampled_from(JUMPS), at_once=st.booleans())
    def jump(self, *, seed: int, minutes: int, at_once: bool) -> None:
        """Time passes; the worker may be away."""
        self.random = dice(seed)
        self.now += timedelta(minutes=minutes)
        if at_once:
            self.judge(self.pick())

    @rule(seed=SEEDS, count=st.integers(2, 4), minutes=st.sampled_from(JUMPS[:7]))
    def outage(self, *, seed: int, count: int, minutes: int) -> None:
        """The worker is away while several ask, some of them twice."""
        self.random = dice(seed)
        case_no = self.pick()
        for _ in range(count):
            self.now += timedelta(minutes=self.random.randrange(minutes + 1))
            self.ask(case_no, wild=self.random.random() < 0.1)
            if self.random.random() < 0.2:
                twin = self.lives[case_no].waiting[-1]
                self.write(case_no, twin.actor, *twin.steps, seen=twin.seen)
        self.now += timedelta(minutes=minutes)
        self.judge(case_no)

    @rule(seed=SEEDS, minutes=st.sampled_from(JUMPS[2:9]))
    def late_word(self, *, seed: int, minutes: int) -> None:
        """Rungs fired first; then a command comes in that was received before them."""
        self.random = dice(seed)
        case_no = self.pick()
        life = self.lives[case_no]
        self.judge(case_no)
        if life.case.ended or life.last_command is None:
            return
        asked_at = max(life.last_command, self.now)
        self.now += timedelta(minutes=minutes)
        self.judge(case_no)
        if not life.case.ended:
            self.ask(case_no, at=asked_at + timedelta(seconds=1))
            self.plain = False
            self.judge(case_no)

    @rule(seed=SEEDS)
    def new_version(self, *, seed: int) -> None:
        """Another policy or calendar comes into force; some cases go by it."""
        self.random = dice(seed)
        for case_no in self.lives:
            self.judge(case_no)
        self.book = other_version(self.book, self.random)
        self.calendars.update(self.book.calendars)
        self.plain = False
        for case_no, life in self.lives.items():
            if not life.case.ended and self.random.random() < 0.6:
                who = self.book.people["admin"]
                self.write(case_no, who, Step(action=Action.REPIN))
                self.judge(case_no)

    @precondition(lambda self: self.sequels)
    @rule(seed=SEEDS, twice=st.booleans())
    def deliver(self, *, seed: int, twice: bool) -> None:
        """What follows for another case is told to it: late, in any order, even twice."""
        self.random = dice(seed)
        found = self.sequels.pop(self.random.randrange(len(self.sequels)))
        self.tell(found)
        if twice:
            self.tell(found)

    @rule(seed=SEEDS)
    def cancel(self, *, seed: int) -> None:
        """An admin presses Cancel: a wish to void."""
        if seed % 4:
            return
        self.random = dice(seed)
        case_no = self.pick()
        self.judge(case_no)
        life = self.lives[case_no]
        if life.case.ended:
            return
        self.plain = False
        event = ask_cancel(life.case, f"cancel{self.asked}", self.now, self.book)
        self.asked += 1
        self.take(life, event, {}, self.now)

    @rule(seed=SEEDS)
    def offered(self, *, seed: int) -> None:
        """What is offered is not refused as illegal or forbidden."""
        self.random = dice(seed)
        case_no = self.pick()
        self.judge(case_no)
        case, chooser = self.lives[case_no].case, self.chooser(case_no)
        for actor in self.random.sample(list(self.book.people.values()), 4):
            for offer in allowed(case, actor, self.now, self.book):
                if offer.action not in GOOD:
                    continue  # of joint cases, calls, emergencies: they have tests of their own
                assert (offer.action, case.state) in LEADS
                step = chooser.step(offer.action, case, actor, self.now)
                command = Command(command_id="x", at=self.now, actor=actor, steps=(step,))
                answer = decide(case, command, self.book)
                if isinstance(answer, Refusal):
                    assert answer.why not in {Why.ILLEGAL, Why.FORBIDDEN, Why.FINAL}, answer

    # Judging --------------------------------------------------------------------------------

    def tell(self, sequel: Sequel) -> None:
        """Tell a case what follows for it; a command that was judged is not judged again."""
        key = (sequel.step.other, sequel.cause, sequel.case_no, str(sequel.step.action))
        name = "/".join(key)
        life = self.lives.get(sequel.case_no)
        if life is None and sequel.step.action is Action.SPLIT_OFF:
            assert sequel.step.birth is not None
            parent = self.lives[sequel.step.other]
            slow = Slow(calendars=self.calendars, born=parent.slow.parts[sequel.case_no])
            life = self.lives[sequel.case_no] = OneCase(Case(case_no=sequel.case_no), slow)
        if life is None:
            back = unheard(sequel) if name not in self.nowhere else None
            self.nowhere.add(name)
            self.follow((back,) if back else ())
        elif name not in life.judged:
            self.plain = False
            self.write(sequel.case_no, SYSTEM, sequel.step, at=sequel.at, name=name)
            self.judge(sequel.case_no)

    def follow(self, found: tuple[Sequel, ...]) -> None:
        """Keep what follows for other cases, each once."""
        for one in found:
            key = (one.step.other, one.cause, one.case_no, str(one.step.action))
            self.told[key] += 1
            assert self.told[key] == 1, "a sequel was asked for twice"
            self.sequels.append(one)

    def judge(self, case_no: str) -> None:
        """The worker catches up with a case."""
        life = self.lives[case_no]
        before, commands = life.case, {one.command_id: one for one in life.waiting}
        done = catch_up(before, life.waiting, self.now, self.book)
        assert [one.command_id for one in done.rulings] == [
            one.command_id for one in sorted(life.waiting, key=lambda one: one.order)
        ]
        for ruling in done.rulings:
            self.check_verdict(commands[ruling.command_id], ruling.refusal)
            life.last_command = max(ruling.at, life.last_command or ruling.at)
        life.commands += life.waiting
        life.judged |= set(commands)
        life.waiting = []
        fact = self.now
        for event in done.events:
            cause = commands.get(event.cause_id)
            if cause is not None:
                fact = cause.at
            elif event.action is Action.RUNG:
                fact = event.at
            self.take(life, event, commands, fact)
        assert life.case == done.case
        self.check_due(life, done)
        self.follow(sequels(before, done, commands.values()))

    @staticmethod
    def check_verdict(command: Command, refusal: Refusal | None) -> None:
        """Illegal is what the table does not list, and nothing else."""
        if refusal is None or refusal.why not in {Why.ILLEGAL, Why.FINAL}:
            return
        if refusal.why is Why.ILLEGAL and refusal.values["action"] not in BIRTHS:
            step = command.steps[refusal.step or 0]
            assert (step.action, State(refusal.values["state"])) not in LEADS

    def check_due(self, life: OneCase, done: Advanced) -> None:
        """Nothing due was missed, and what comes next is the model's."""
        nearest = life.slow.nearest()
        assert done.next_due == (nearest[0] if nearest else None)
        assert done.next_label == (f"{nearest[1]} {nearest[2]}%" if nearest else "")
        assert nearest is None or nearest[0] > self.now

    def take(
        self, life: OneCase, event: Event, commands: dict[str, Command], fact: datetime
    ) -> None:
        """One event, against the case before it and the model."""
        before = life.case
        assert before.state not in FINAL
        assert before.last_at is None or event.at >= before.last_at
        assert event.seq == before.seq + 1
        life.case = after = evolve(before, event)
        life.events.append(event)
        nearest = life.slow.nearest()
        if event.action is Action.RUNG:
            self.check_rung(life, event, nearest, before)
        else:
            command = commands.get(event.cause_id)
            step = Step(action=event.action)
            if command is not None and event.step >= 0:
                assert nearest is None or command.at <= nearest[0], "a rung was due before it"
                step = command.steps[event.step]
            elif event.action is not Action.CANCEL_ASKED:
                self.check_by_itself(life, event, before)
            life.slow.hear(before, after, event, step, fact, self.book)
        holder = ("state", "unit", "person", "asked")
        moved = any(getattr(before, one) != getattr(after, one) for one in holder)
        assert after.version == before.version + moved
        self.compare(life)

    def check_rung(
        self,
        life: OneCase,
        event: Event,
        nearest: tuple[datetime, str, int] | None,
        before: Case,
    ) -> None:
        """It fires when the model says so, never early, once for a budget."""
        assert nearest is not None
        due, clock, percent = nearest
        assert event.reason == f"{clock} {percent}%"
        assert event.fired_at is not None
        assert event.fired_at >= due
        assert event.at == max(due, before.last_at or due)
        assert event.state is before.state
        life.slow.rung(clock, percent, due)
        ledger = life.slow.clocks[clock]
        keys = Counter((one.percent, one.version) for one in ledger.marks)
        assert max(keys.values()) == 1
        if percent >= 150 and ledger.kind == "handle" and not ledger.urgent:
            floor = ledger.floor()
            assert floor is not None
            assert ledger.used(due) - ledger.limit >= floor

    @staticmethod
    def check_by_itself(life: OneCase, event: Event, before: Case) -> None:
        """The system does what policy or a rung brings, nothing else."""
        assert event.role is Role.SYSTEM
        if event.action in BY_ITSELF:
            return
        if event.action is Action.CONSULT:
            assert before.reopened
            assert before.ratings[-1].solved is Solved.NO
            return
        kind = AFTER_RUNG[event.action]
        marks = [mark for clock in life.slow.going(kind) for mark in clock.marks]
        assert any(not mark.taken for mark in marks)

    # What is always true --------------------------------------------------------------------

    def compare(self, life: OneCase) -> None:
        """The case is what the model says."""
        case, slow = life.case, life.slow
        assert case.state is slow.state
        assert [one.clock_id for one in case.clocks] == [*slow.clocks]
        for clock in case.clocks:
            self.same(clock, slow.clocks[clock.clock_id])
        self.check_state(case, slow)

    def same(self, clock: Clock, ledger: Ledger) -> None:
        """The clock is what the ledger says it is."""
        name = clock.clock_id
        assert clock.kind == ledger.kind
        assert clock.started_at == ledger.start, name
        assert clock.stopped_at == ledger.stopped, name
        assert clock.outcome == ledger.outcome, name
        assert (clock.budget, clock.extended) == (ledger.budget, ledger.extended), name
        assert (clock.judged_budget, clock.used_before) == (ledger.judged, ledger.before), name
        assert [(o.percent, o.due, o.superseded) for o in clock.fired] == [
            (o.percent, o.due, o.taken) for o in ledger.marks
        ], name
        calendars = self.book.calendars
        assert clocks_.used(clock, self.now, calendars) == ledger.used(self.now), name
        if clock.stopped_at is None:
            assert clocks_.due_at(clock, calendars) == ledger.due(), name
            assert set(grounds(clock)) == ledger.open, name
            rung = clocks_.next_rung(clock, calendars)
            assert rung == ((r := ledger.next_rung()) and (r[1], r[0])), name
        else:
            assert clocks_.on_time(clock, calendars) is ledger.on_time(), name

    @staticmethod
    def check_state(case: Case, slow: Slow) -> None:
        """Each state runs its clocks, waits for its grounds, and has its requests."""
        going = [one for one in case.clocks if one.stopped_at is None]
        kinds = Counter(str(one.kind) for one in going)
        deciding = kinds.pop("decide", 0)
        if case.state in FINAL:
            assert not going
            assert not case.pending
            return
        assert set(kinds) <= RUNS[case.state], (case.state, kinds)
        must = MUST.get(case.state)
        assert must is None or kinds[must] == 1
        assert all(kinds[one] <= 1 for one in kinds if one not in {"reply", "stage"})
        assert {one.kind for one in case.pending} == set(slow.asked)
        assert all(case.state in DECIDED[one.kind] for one in case.pending)
        clocks = {one.clock for one in case.pending if one.clock}
        assert clocks == {one.clock for one in slow.asked.values() if one.clock}
        own = case.state is State.RETURNED
        assert deciding == len(clocks) + own
        assert (case.question is not None) is slow.question
        assert kinds["question"] == slow.question
        held = case.state is State.ON_HOLD
        assert held or not case.backlog
        late = any(one.marks and slow.credits(one) for one in slow.going("decide"))
        for clock in going:
            why = set(grounds(clock))
            assert why <= GROUNDS
            assert (HOLD in why) is (held and clock.kind in {*INSIDE, "whole"})
            assert QUESTION not in why or slow.question
            assert CONSULTATION not in why or case.state is State.CONSULTING
            assert (LATE in why) is (late and clock.kind in INSIDE)
            for one in clock.pauses:
                assert set(one.reason.split("+")) <= GROUNDS
        waits = [one for one in case.supervisions if one.clock in {c.clock_id for c in going}]
        assert case.supervision == (waits[0] if waits else None)
        assert not (waits and case.state in SETTLED)

    def teardown(self) -> None:
        """All is told; the log makes the case; judging in batches is judging at once."""
        for case_no in [*self.lives]:
            self.judge(case_no)
        for _ in range(200):
            if not self.sequels:
                break
            self.tell(self.sequels.pop(0))
        assert not self.sequels, "the cases tell each other for ever"
        for case_no, life in self.lives.items():
            case = life.case
            assert fold(case_no, life.events) == case
            ends = [one.seq for one in life.events if one.state in FINAL]
            assert ends in ([], [case.seq])
            assert [one.seq for one in life.events] == [*range(1, case.seq + 1)]
            if case.state is State.MERGED and case.main in self.lives:
                assert case_no in self.lives[case.main].case.merged
            if self.plain and life.commands:
                once = catch_up(Case(case_no=case_no), life.commands, self.now, self.book)
                assert unjudged(once.events) == unjudged(life.events)
                assert once.case == case


def unjudged(events: tuple[Event, ...] | list[Event]) -> list[Event]:
    return [replace(one, fired_at=None) for one in events]


TestLives = pytest.mark.timeout(6 * 3600 if LIVES else 120)(Lives.TestCase)
TestLives.settings = PROFILE
