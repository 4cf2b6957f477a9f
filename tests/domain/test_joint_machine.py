"""Random lives of a joint case: departments, dispatcher and time in any order.

What one timeline means for another waits in its inbox, as in the registry, until that one is
judged: at once, later, or together with what somebody asks of it then. After each step the logs
are checked; once all is told, the case is what its tasks are. The machine plays the main case
that it may be merged into.

`GRIDCASE_LIVES=20000 uv run pytest tests/domain/test_joint_machine.py` runs that many others.
"""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from domain.advance import Advanced, advanced, ask_cancel, catch_up
from domain.book import Book
from domain.calendar import DayException, DayKind, Limit, Unit
from domain.case import Case, Event, evolve
from domain.command import Command, Step
from domain.decide import NEVER_STALE
from domain.joint import task_id
from domain.people import SYSTEM, Actor
from domain.sequel import Sequel, sequels, unheard
from domain.sequel_joint import follow
from domain.terms import FINAL, TASK_ENDS, Action, State
from domain.why import Why
from tests.domain.joint_checks import JointChecks
from tests.domain.random_joint import BOOKS, STEPS, Chooser
from tests.domain.random_steps import by_day, dice
from tests.domain.small_world import LITTER, OTHER_NO, Life, with_calendar

LIVES = int(os.environ.get("GRIDCASE_LIVES") or 0)
ENOUGH = 3000
"""So many lives have everything among them that must occur."""
PROFILE = settings(
    max_examples=LIVES or 300,
    stateful_step_count=40,
    deadline=None,
    derandomize=not LIVES,
    database=None,
    phases=(Phase.generate,),
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
SEEDS = st.integers(0, 2**32)
JUMPS = (1, 5, 20, 60, 125, 300, 1440, 3 * 1440, 16 * 1440)  # minutes
BEGINS = (*[State.FILED] * 4, State.SIGNED, State.HANDLING, State.RETURNED, State.ARBITRATING)
LATE = "late result"
OF_THE_CASE = {
    *(Action.PLAN, Action.WAIVE, Action.SUM_UP, Action.URGE_TASK, Action.CHECK_FAIL),
    *(Action.REJECT_FEEDBACK, Action.REOPEN, Action.CONSULT, Action.DECIDE),
    *(Action.VOID, Action.FORCE_CLOSE, Action.AGREE_WITHDRAW, Action.MERGE, Action.RELEASE),
    *(Action.MAIN_SETTLED, Action.RECLASSIFY, Action.RULE, Action.REPLY),
    *(Action.CANCEL_ASKED, Action.CLOSE, Action.TASK_ENDED, Action.TASK_MOVED, Action.REPIN),
}
OF_A_TASK = {
    *(Action.BEGIN_TASK, Action.SIGN, Action.RETURN, Action.REJECT_RETURN, Action.RULE),
    *(Action.ACCEPT_RETURN, Action.OBJECT, Action.RECALL, Action.REQUEST_HOLD, Action.RESUME),
    *(Action.APPROVE_HOLD, Action.APPROVE_EXTENSION, Action.ASK_REPORTER, Action.REPLY),
    *(Action.NO_REPLY, Action.OFFER_HANDOVER, Action.TAKE_HANDOVER, Action.DECLINE_HANDOVER),
    *(Action.STOP_HANDOVER, Action.CANCEL_TASK, Action.WAIVE, Action.CHANGE_TASK),
    *(Action.REWORK, Action.GO_ON, Action.FEED_BACK, Action.SUPERVISE, Action.RUNG),
    *(Action.SUPERVISE_REPLY, Action.CANCEL_ASKED, Action.REPIN),
}
MUST_OCCUR = {
    *(("case", str(one)) for one in OF_THE_CASE),
    *(("task", str(one)) for one in OF_A_TASK),
    *(("refused", str(one)) for one in (Why.STALE, Why.FINAL)),
    *((LATE, one) for one in ("judged", "refused")),
    *(("again", one) for one in ("same id", "told twice")),
}
"""What the lives must have had among them: moves of the case and of tasks, and what is odd."""


class Joints(JointChecks, RuleBasedStateMachine):
    """One joint case and its tasks."""

    seen: ClassVar[Counter[tuple[str, str]]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.random = dice(0)
        self.book: Book = BOOKS["plain"]
        self.life = Life()
        self.tasks: dict[int, Life] = {}
        self.inbox: dict[str, list[Command]] = {}
        self.written: dict[str, tuple[str, Command]] = {}
        self.told: Counter[str] = Counter()
        self.now = self.life.at
        self.asked = 0

    # How it begins --------------------------------------------------------------------------

    @initialize(
        seed=SEEDS,
        book=st.sampled_from(sorted(BOOKS)),
        state=st.sampled_from(BEGINS),
        ahead=st.integers(0, 14),
    )
    def begin(self, *, seed: int, book: str, state: State, ahead: int) -> None:
        """A case is planned at once, or after one department has had it."""
        self.random, self.book = dice(seed), BOOKS[book]
        self.life = Life(book=self.book).report().to(state)
        self.now = self.life.at + timedelta(minutes=self.random.choice((1, 60, 200)))
        self.judge(self.life)
        self.replan()
        for _ in range(ahead):
            self.somebody()

    # What happens ---------------------------------------------------------------------------

    @rule(seed=SEEDS, steps=st.integers(4, 20))
    def usual(self, *, seed: int, steps: int) -> None:
        """Somebody does what he is offered."""
        self.random = dice(seed)
        for _ in range(steps):
            self.somebody()

    @rule(seed=SEEDS)
    def plan(self, *, seed: int) -> None:
        """The dispatcher plans anew."""
        self.random = dice(seed)
        self.pass_by(5)
        if seed % 3 == 0:
            self.replan()

    @rule(seed=SEEDS, days=st.integers(0, 3), hours=st.sampled_from((0, 4, 12)))
    def repin(self, *, seed: int, days: int, hours: int) -> None:
        """Other versions come into force, and an admin brings them to the case."""
        self.random = dice(seed)
        self.pass_by(5)
        if seed % 4:
            return
        day = (self.now + timedelta(days=days)).date()
        off = DayException(day=day, kind=DayKind.OFF, name="台风停工 Typhoon")
        self.book = with_calendar(self.book, off)
        if hours:
            self.book = with_limit(self.book, Limit(value=hours, unit=Unit.WORK_HOUR))
        self.ask(self.life, self.book.people["admin"], Step(action=Action.REPIN))

    @rule(seed=SEEDS, minutes=st.sampled_from(JUMPS), at_once=st.booleans())
    def jump(self, *, seed: int, minutes: int, at_once: bool) -> None:
        """Time passes; the worker may be away."""
        self.random = dice(seed)
        self.pass_by(minutes)
        if at_once:
            self.judge(self.random.choice(self.lives()))

    @rule(seed=SEEDS)
    def deliver(self, *, seed: int) -> None:
        """A timeline hears what waits for it, now and then twice, by another id."""
        self.random = dice(seed)
        waiting = [one for one in self.inbox if self.inbox[one]]
        if waiting:
            case_no = self.random.choice(waiting)
            if self.random.random() < 0.3:
                again = self.random.choice(self.inbox[case_no])
                self.asked += 1
                twin = replace(again, command_id=f"{again.command_id}~{self.asked}")
                self.write(case_no, twin)
                self.seen["again", "told twice"] += 1
            self.judge(self.life_of(case_no))

    @rule(seed=SEEDS)
    def repeat(self, *, seed: int) -> None:
        """Somebody sends again what he had sent, by the same id: nothing comes of it."""
        self.random = dice(seed)
        case_no, command = self.random.choice(list(self.written.values()) or [("", None)])
        if command is None:
            return
        waits = command in self.inbox.get(case_no, ())
        self.write(case_no, command)
        life, found = self.life_of(case_no), self.inbox.get(case_no, [])
        assert found.count(command) == int(waits), "a command is judged once"
        self.seen["again", "same id"] += 1
        self.judge(life)

    @rule(seed=SEEDS)
    def cancel(self, *, seed: int) -> None:
        """An admin presses Cancel on a workflow: a wish to void, or word to the dispatcher."""
        if seed % 6 != 1:
            return
        self.random = dice(seed)
        life = self.random.choice(self.lives())
        self.judge(life)
        if life.case.state in FINAL or life.case.seq == 0:
            return
        self.asked += 1
        before = life.case
        event = ask_cancel(before, f"cancel{self.asked}", self.now, self.book)
        self.keep(life, advanced(before, evolve(before, event), (event,), (), self.book))
        assert life.case.state is before.state, "a cancel ends nothing"
        self.follow(life)

    @rule(seed=SEEDS)
    def last_word(self, *, seed: int) -> None:
        """The case ends while a department's result is on its way."""
        if seed % 8 != 3:
            return
        self.random = dice(seed)
        doing = (State.SIGNED, State.HANDLING)
        tasks = [one for one in self.tasks.values() if one.case.state in doing]
        for life in tasks:
            self.ask_by(f"{life.case.unit}.crew", Action.FEED_BACK, life)
        self.pass_by(1)
        self.ask_by("supervisor", Action.REQUEST_VOID, self.life)
        self.ask_by("chief", Action.VOID, self.life)
        self.judge(self.life)

    @rule()
    def everything(self) -> None:
        """All is told; then the case is what its tasks are."""
        self.tell_all()
        self.check_told()

    # Asking ---------------------------------------------------------------------------------

    def lives(self) -> list[Life]:
        """All timelines."""
        return [self.life, *self.tasks.values()]

    def pass_by(self, minutes: int) -> None:
        """Let time pass; nobody judges anything."""
        self.now += timedelta(minutes=minutes)

    def somebody(self) -> None:
        """Somebody does what comes next, or anything that he is offered; mostly of a task."""
        self.pass_by(self.random.choice((1, 3, 30)))
        lively = [one for one in self.tasks.values() if one.case.state not in TASK_ENDS]
        of_task = lively and self.random.random() < 0.8
        life = self.random.choice(lively) if of_task else self.life
        if life.case.state in FINAL and self.random.random() < 0.9:
            return
        if self.random.random() < 0.5:
            self.judge(life)
        choose = Chooser(self.random, self.book, self.life.case, self.now)
        found = (choose.next_for if self.random.random() < 0.85 else choose.offer)(life.case)
        if found is None:
            return
        actor, action = found
        if action is Action.PLAN:
            self.replan(actor)
        elif action in STEPS:
            if action is Action.CALL_BACK:
                self.now = choose.now = by_day(self.now)
            self.ask(life, actor, choose.step(action, life.case))

    def replan(self, actor: Actor | None = None) -> None:
        """Somebody asks for a plan."""
        who = actor or self.book.people[self.random.choice(("dispatcher", "command"))]
        plan = Chooser(self.random, self.book, self.life.case, self.now).some_plan()
        self.ask(self.life, who, Step(action=Action.PLAN, plan=plan, text="编排"))

    def ask(self, life: Life, actor: Actor, step: Step) -> None:
        """Somebody asks, by what he saw; it is judged at once with all that waits, or later."""
        self.asked += 1
        version, dull = life.case.version, self.random.random()
        seen = None if dull < 0.5 else version if dull < 0.95 else max(0, version - 1)
        command = Command(
            command_id=f"c{self.asked:05d}", at=self.now, actor=actor, steps=(step,), seen=seen
        )
        self.write(life.case.case_no, command)
        if self.random.random() < 0.8:
            self.judge(life)

    def ask_by(self, name: str, action: Action, life: Life) -> None:
        """Somebody writes down what is judged some other time."""
        self.asked += 1
        actor, number = self.book.people[name], f"c{self.asked:05d}"
        command = Command(command_id=number, at=self.now, actor=actor, steps=(STEPS[action],))
        self.write(life.case.case_no, command)

    def write(self, case_no: str, command: Command) -> None:
        """Write a command down; one of the same id is there already."""
        if command.command_id not in self.written:
            self.written[command.command_id] = (case_no, command)
            self.inbox.setdefault(case_no, []).append(command)

    # Judging --------------------------------------------------------------------------------

    def life_of(self, case_no: str) -> Life:
        """A timeline; that of a task begins when the case says so."""
        if case_no == self.life.case.case_no:
            return self.life
        number = int(case_no.rpartition(".t")[2])
        if number not in self.tasks:
            self.tasks[number] = Life(
                case=Case(case_no=task_id(self.life.case.case_no, number)), book=self.book
            )
        return self.tasks[number]

    def judge(self, life: Life) -> None:
        """The worker catches up with a timeline; the case follows its task.

        An activity that is run again before it has written does the same, after it nothing.
        """
        before, joint = life.case, None if life is self.life else self.life.case
        commands = self.inbox.pop(before.case_no, [])
        done = catch_up(before, commands, self.now, self.book, joint)
        if self.random.random() < 0.1:
            assert catch_up(before, commands[::-1], self.now, self.book, joint) == done
        assert done.next_due is None or done.next_due > self.now, "a rung was left out"
        if self.random.random() < 0.1:
            after = catch_up(done.case, (), self.now, self.book, joint)
            assert not after.events, "judged twice, it adds something"
        self.look(life, done)
        self.keep(life, done)
        self.tell(sequels(before, done, commands))
        self.follow(life)

    def tell(self, found: Iterable[Sequel]) -> None:
        """What follows waits in the inboxes, each once; the main case answers by itself."""
        for one in found:
            name = f"{one.step.other}/{one.cause}/{one.case_no}/{one.step.action}"
            self.told[name] += 1
            assert self.told[name] == 1, f"asked for twice: {name}"
            command = Command(command_id=name, at=one.at, actor=SYSTEM, steps=(one.step,))
            if one.case_no == OTHER_NO:
                back = unheard(one) if self.random.random() < 0.3 else None
                self.main_says(back.step.action if back else None, one.step.action)
            else:
                self.write(one.case_no, command)

    def main_says(self, refused: Action | None, asked: Action) -> None:
        """What the main case makes of it: it takes the case in or not, and is settled later."""
        if asked is not Action.TAKE_IN:
            return
        answer = refused or self.random.choice((Action.MAIN_SETTLED, Action.RELEASE))
        self.asked += 1
        step = Step(action=answer, other=OTHER_NO)
        later = self.now + timedelta(minutes=self.random.choice((1, 60, 1440)))
        name = f"main{self.asked}"
        self.write(
            self.life.case.case_no,
            Command(command_id=name, at=later, actor=SYSTEM, steps=(step,)),
        )

    def follow(self, life: Life) -> None:
        """The joint case follows its task, in the task's own transaction."""
        event = follow(self.life.case, life.case, self.book) if life.case.parent else None
        if event is not None:
            case = self.life.case
            moved = advanced(case, evolve(case, event), (event,), (), self.book)
            self.keep(self.life, moved)
            found = sequels(case, moved, ())
            own = life.case.case_no
            assert all(one.case_no != own for one in found), "a task is told what it said"
            self.tell(found)

    def look(self, life: Life, done: Advanced) -> None:
        """Note verdicts, and what a task says after its case has ended."""
        over = self.life.case.ended and life is not self.life
        late = any(one.action is Action.FEED_BACK for one in done.events)
        self.seen[LATE, "judged"] += over and late
        for ruling in done.rulings:
            if ruling.refusal is not None:
                self.seen["refused", str(ruling.refusal.why)] += 1
                self.seen[LATE, "refused"] += over

    def keep(self, life: Life, done: Advanced) -> None:
        """Take what was made, and look at each event."""
        side = "case" if life is self.life else "task"
        for event in done.events:
            self.seen[side, str(event.action)] += 1
            before = life.case
            life.case = evolve(before, event)
            life.events.append(event)
            self.check_seen(before, event)
            self.check_event(before, event, life.case)
        assert life.case == done.case

    def check_seen(self, before: Case, event: Event) -> None:
        """Who had seen another version was refused, where that matters."""
        _, command = self.written.get(event.cause_id, ("", None))
        if command is None or event.step != 0 or command.seen is None:
            return
        assert event.action in NEVER_STALE or command.seen == before.version, "it was stale"

    def tell_all(self) -> None:
        """Every timeline hears what waits, until nothing is left."""
        for _ in range(200):
            waiting = [one for one in self.inbox if self.inbox[one]]
            if not waiting:
                break
            self.judge(self.life_of(self.random.choice(sorted(waiting))))
        assert not any(self.inbox.values()), "the timelines tell each other for ever"
        for life in self.lives():
            self.judge(life)
        if any(self.inbox.values()):
            self.tell_all()

    def teardown(self) -> None:
        """All is told; the logs make the cases; each rung once, one end."""
        self.tell_all()
        self.check_told()
        self.check_logs()


def with_limit(book: Book, new: Limit) -> Book:
    """The book with another limit of litter in its next catalogue."""
    last = book.catalogues[book.catalogue]
    first, *others = last[LITTER].conditions
    changed = replace(last[LITTER], conditions=(replace(first, limit=new), *others))
    number = book.catalogue + 1
    catalogues = {**book.catalogues, number: {**last, LITTER: changed}}
    return replace(book, catalogues=catalogues, catalogue=number)


@pytest.mark.timeout(6 * 3600 if LIVES else 180)
def test_whatever_departments_dispatcher_and_time_do_there_is_one_outcome() -> None:
    Joints.seen.clear()
    run_state_machine_as_test(Joints, settings=PROFILE)

    missing = {one for one in MUST_OCCUR if not Joints.seen[one]}
    assert not missing or PROFILE.max_examples < ENOUGH, sorted(missing)
