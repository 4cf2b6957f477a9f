"""Random lives of a joint case: departments, dispatcher and time in any order.

What one timeline means for another waits in its inbox, as in the registry, until that one is
judged: at once, later, or together with what somebody asks of it then. After each step the logs
are checked; once all is told, the case is what its tasks are.

`GRIDCASE_LIVES=20000 uv run pytest tests/domain/test_joint_machine.py` runs that many others.
"""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from domain.advance import Advanced, advanced, catch_up
from domain.book import Book
from domain.calendar import DayException, DayKind, Limit, Unit
from domain.case import Case, Event, evolve, fold
from domain.clock import ClockKind, used
from domain.command import Command, Step
from domain.decide import allowed
from domain.facts import Task
from domain.joint import DERIVED, TASK_STATE, task_id
from domain.people import REPORTER, SYSTEM, Actor
from domain.plan import Plan, PlannedTask
from domain.policy import Change
from domain.repin import versions_in
from domain.sequel import Sequel, sequels
from domain.sequel_joint import follow
from domain.terms import (
    ENDED_TASKS,
    FINAL,
    SETTLED,
    TASK_ENDS,
    Action,
    Decision,
    Finish,
    Result,
    Solved,
    State,
    TaskState,
)
from tests.domain.joint_world import joint_book
from tests.domain.random_steps import by_day, dice
from tests.domain.small_world import BOOK, LITTER, Life, with_calendar, with_policy
from tests.domain.test_table_task import USUAL

LIVES = int(os.environ.get("GRIDCASE_LIVES") or 0)
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
JUMPS = (1, 20, 125, 300, 1440, 3 * 1440, 16 * 1440)  # minutes
UNITS = ("roads", "water", "police", "parks")
OF_CASE = {
    Action.WAIVE: (
        "dispatcher",
        Step(action=Action.WAIVE, reason="waive_not_needed", text="不再需要"),
    ),
    Action.SUM_UP: ("roads.crew", Step(action=Action.SUM_UP, text="均已处置")),
    Action.URGE_TASK: ("dispatcher", Step(action=Action.URGE_TASK)),
    Action.PLAN: ("dispatcher", Step(action=Action.PLAN)),
}
OF_TASK: dict[State, tuple[Action, ...]] = {
    State.DISPATCHED: (*[Action.SIGN] * 6, Action.RETURN, Action.OFFER_HANDOVER, Action.RECALL),
    State.SIGNED: (
        *(*[Action.START] * 3, *[Action.FEED_BACK] * 5, Action.RETURN, Action.RETURN),
        *(Action.REQUEST_HOLD, Action.OFFER_HANDOVER, Action.REQUEST_EXTENSION, Action.OBJECT),
        *(Action.ASSIGN, Action.ASK_REPORTER),
    ),
    State.HANDLING: (
        *(*[Action.FEED_BACK] * 8, Action.REQUEST_HOLD, Action.OFFER_HANDOVER),
        *(Action.REQUEST_EXTENSION, Action.ASK_REPORTER),
    ),
    State.RETURNED: (Action.ACCEPT_RETURN, Action.REJECT_RETURN, Action.WITHDRAW_RETURN),
    State.ARBITRATING: (Action.RULE,),
    State.HANDOVER_OFFERED: (
        *(Action.TAKE_HANDOVER, Action.DECLINE_HANDOVER, Action.STOP_HANDOVER),
    ),
    State.ON_HOLD: (Action.RESUME,),
}
HANDLED = (*[Action.SUM_UP] * 5, Action.WAIVE, Action.URGE_TASK)
ON_CASE: dict[State, tuple[Action, ...]] = {
    State.FILED: (*[Action.PLAN] * 9, Action.SUBMIT),
    State.DISPATCHED: HANDLED,
    State.SIGNED: HANDLED,
    State.HANDLING: HANDLED,
    State.FED_BACK: (*[Action.PASS_REVIEW] * 3, Action.REJECT_FEEDBACK, Action.TAKE_BACK),
    State.CHECKING: (Action.CHECK_PASS, Action.CHECK_FAIL, Action.CHECK_FAIL),
    State.TO_CLOSE: (Action.CLOSE, Action.CLOSE, Action.REJECT_CLOSE),
    State.CLOSED: (Action.REOPEN, Action.CALL_BACK, Action.RATE, Action.CONSULT),
    State.CONSULTING: (Action.DECIDE,),
    State.ARBITRATING: (Action.RULE,),
    State.TRANSFERRED: (Action.BOUNCED,),
    State.REPORTED: (Action.ACCEPT, Action.SEND_VERIFY),
    State.VERIFYING: (Action.VERIFY_FOUND,),
    State.ACCEPTED: (Action.FILE,),
}
ANSWERS = {
    "extension": (Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION),
    "hold": (Action.APPROVE_HOLD, Action.APPROVE_HOLD, Action.REFUSE_HOLD),
    "void": (*[Action.REFUSE_VOID] * 5, Action.VOID),
    "withdraw": (*[Action.REFUSE_WITHDRAW] * 3, Action.AGREE_WITHDRAW),
    "force_close": (*[Action.DECLINE_FORCE_CLOSE] * 2, Action.FORCE_CLOSE),
    "arbitration": (Action.RULE,),
    "consultation": (Action.DECIDE,),
}
"""What mostly comes next, in each state and for each request."""
PEOPLE_AND_STEPS = {**USUAL, **OF_CASE}
STEPS = {action: step for action, (_, step) in PEOPLE_AND_STEPS.items()}
ALL = tuple(Change)
BOOKS = {
    "plain": joint_book(with_policy(BOOK, rearm=ALL, max_holds=3)),
    "two": joint_book(with_policy(BOOK, rearm=ALL, auto_review=True, lead_hands_over=True)),
    "by hand": joint_book(
        with_policy(BOOK, rearm=ALL, auto_sum_up=False, max_handovers=3, first_receiver=False)
    ),
}
OUT = {TaskState.RETURNED, TaskState.WITHDRAWN, TaskState.WAIVED}
LEAVES = {
    *(Action.VOID, Action.FORCE_CLOSE, Action.AGREE_WITHDRAW, Action.MERGE),
    *(Action.TRANSFER_OUT, Action.SEND_BACK, Action.CONSULT, Action.REFUSE),
}
"""What leads out of the ordinary life; asked for now and then."""
NEVER = {
    *(Action.SPLIT, Action.TAKE_IN, Action.LET_GO, Action.REPIN, Action.MAIN_SETTLED),
    *(Action.RELEASE, Action.RECLASSIFY, Action.MERGE),
}
"""What needs another case, or another machine."""


class Joints(RuleBasedStateMachine):
    """One joint case and its tasks."""

    def __init__(self) -> None:
        super().__init__()
        self.random = dice(0)
        self.book: Book = BOOKS["plain"]
        self.life = Life()
        self.tasks: dict[int, Life] = {}
        self.inbox: dict[str, list[Command]] = {}
        self.told: Counter[str] = Counter()
        self.now = self.life.at
        self.asked = 0

    # How it begins --------------------------------------------------------------------------

    @initialize(
        seed=SEEDS,
        book=st.sampled_from(sorted(BOOKS)),
        state=st.sampled_from((State.FILED, State.FILED, State.SIGNED, State.HANDLING)),
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

    @rule(seed=SEEDS, steps=st.integers(1, 4))
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
        """A timeline hears what waits for it, now and then twice."""
        self.random = dice(seed)
        waiting = [one for one in self.inbox if self.inbox[one]]
        if waiting:
            case_no = self.random.choice(waiting)
            if self.random.random() < 0.3:
                again = self.random.choice(self.inbox[case_no])
                self.asked += 1
                twin = replace(again, command_id=f"{again.command_id}~{self.asked}")
                self.inbox[case_no].append(twin)
            self.judge(self.life_of(case_no))

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
        of_task = lively and self.random.random() < 0.75
        life = self.random.choice(lively) if of_task else self.life
        if self.random.random() < 0.5:
            self.judge(life)
        found = self.next_for(life.case) if self.random.random() < 0.85 else self.offer(life)
        if found is None:
            return
        actor, action = found
        if action is Action.PLAN:
            self.replan(actor)
        elif action in STEPS:
            if action is Action.CALL_BACK:
                self.now = by_day(self.now)
            self.ask(life, actor, self.step(action, life.case))

    def next_for(self, case: Case) -> tuple[Actor, Action] | None:
        """What mostly comes next, and who mostly does it."""
        pick = self.random
        if case.pending and pick.random() < 0.6:
            actions = ANSWERS.get(pick.choice(case.pending).kind, (Action.COMMENT,))
        elif case.question and pick.random() < 0.5:
            actions = (Action.REPLY,)
        else:
            actions = (OF_TASK if case.parent else ON_CASE).get(case.state, (Action.COMMENT,))
        action = pick.choice(actions)
        name = PEOPLE_AND_STEPS[action][0]
        unit = case.offered_to if name.startswith("parks.") else case.unit
        name = name.replace("parks.", "roads.").replace("roads.", f"{unit}.")
        if name == "reporter":
            return REPORTER, action
        if name == "asked":
            name = case.asked
        if action is Action.TAKE_BACK:
            name = case.handled_by
        if action in {Action.APPROVE_HOLD, Action.APPROVE_EXTENSION, Action.CONSULT}:
            name = pick.choice((name, "command", "chief"))
        actor = self.book.people.get(name)
        return (actor, action) if actor else None

    def offer(self, life: Life) -> tuple[Actor, Action] | None:
        """Anything that somebody is offered."""
        offers: list[tuple[Actor, Action]] = []
        for actor in self.some_people(life.case):
            for one in allowed(life.case, actor, self.now, self.book):
                rare = one.action in LEAVES and self.random.random() > 0.05
                if one.action not in NEVER and not rare:
                    offers.append((actor, one.action))
        return self.random.choice(offers) if offers else None

    def some_people(self, case: Case) -> list[Actor]:
        """Some who may be asked for something: of the unit, of the centre, the reporter."""
        people = self.book.people
        units = [case.unit, case.unit, case.offered_to or self.random.choice(UNITS)]
        names = [f"{one}.{desk}" for one in units for desk in ("head", "desk", "crew")]
        names += ["dispatcher", "dispatcher", "command", "chief", "chief2", "supervisor"]
        found = [people[one] for one in (*names, case.asked, case.handled_by) if one in people]
        return self.random.sample([*found, REPORTER, people["clerk"]], 4)

    def step(  # noqa: PLR0911  an arm for each action
        self, action: Action, case: Case
    ) -> Step:
        """A step of an action, some choices left to chance."""
        pick = self.random
        step = STEPS.get(action, Step(action=action))
        numbers = [one.task_no for one in case.tasks] or [1]
        some = tuple(one for one in numbers if pick.random() < 0.6)
        match action:
            case Action.FEED_BACK:
                return replace(
                    step, for_citizen=pick.random() < 0.4, result=pick.choice(list(Result))
                )
            case Action.WAIVE | Action.URGE_TASK:
                return replace(step, task=pick.choice(numbers))
            case Action.RULE | Action.OFFER_HANDOVER:
                return replace(step, unit=pick.choice(UNITS))
            case Action.DECIDE:
                return replace(
                    step,
                    decision=pick.choice(list(Decision)),
                    plan=self.some_plan() if pick.random() < 0.7 else None,
                    unit=pick.choice(UNITS),
                    until=self.now + timedelta(days=pick.choice((1, 5))),
                )
            case Action.REQUEST_HOLD:
                return replace(step, until=self.now + timedelta(days=pick.choice((1, 5, 20))))
            case Action.ASSIGN:
                return replace(step, person=f"{case.unit}.crew")
            case Action.RATE | Action.CALL_BACK:
                return replace(step, solved=pick.choice(list(Solved)))
            case _ if case.joint:
                return replace(step, tasks=some)
            case _:
                return step

    def some_plan(self) -> Plan:
        """Some of the tasks that are there, and some new ones; one leads."""
        pick, case = self.random, self.life.case
        kept = [
            one
            for one in case.tasks
            if (one.state not in ENDED_TASKS or (one.state is TaskState.DONE and one.joint))
            and pick.random() < 0.85
        ]
        number = max((one.task_no for one in case.tasks), default=0)
        entries = [(one.task_no, one.unit, one.lead) for one in kept]
        free = [one for one in UNITS if one not in {unit for _, unit, _ in entries}]
        pick.shuffle(free)
        for unit in free[: pick.choice((0, 1, 1, 2, 3))]:
            number += 1
            entries.append((number, unit, False))
        leads = [number for number, _, lead in entries if lead]
        swap = pick.random() < 0.3 or not leads
        lead = pick.choice([one for one, _, _ in entries] or [0]) if swap else leads[0]
        limits = (
            None,
            None,
            Limit(value=2, unit=Unit.WORK_DAY),
            Limit(value=4, unit=Unit.WORK_HOUR),
        )
        tasks = tuple(
            PlannedTask(
                task_no=one,
                unit=unit,
                lead=one == lead,
                limit=pick.choice(limits),
                after=tuple(two for two, _, _ in entries if two < one and pick.random() < 0.25),
            )
            for one, unit, _ in entries
        )
        finish = pick.choice((Finish.ALL, Finish.ALL, Finish.LEAD, Finish.SOME))
        return Plan(tasks=tasks, finish=finish, quorum=1 if finish is Finish.SOME else 0)

    def replan(self, actor: Actor | None = None) -> None:
        """Somebody asks for a plan."""
        who = actor or self.book.people[self.random.choice(("dispatcher", "command"))]
        self.ask(self.life, who, Step(action=Action.PLAN, plan=self.some_plan(), text="编排"))

    def ask(self, life: Life, actor: Actor, step: Step) -> None:
        """Somebody asks; it is judged at once with all that waits for that timeline."""
        self.asked += 1
        command = Command(
            command_id=f"c{self.asked:05d}", at=self.now, actor=actor, steps=(step,)
        )
        self.inbox.setdefault(life.case.case_no, []).append(command)
        if self.random.random() < 0.9:
            self.judge(life)

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
        """The worker catches up with a timeline; the case follows its task."""
        case_no, before = life.case.case_no, life.case
        commands = self.inbox.pop(case_no, [])
        joint = None if life is self.life else self.life.case
        done = catch_up(before, commands, self.now, self.book, joint)
        self.keep(life, done)
        self.tell(sequels(before, done, commands))
        if not done.case.parent:
            return
        event = follow(self.life.case, done.case, self.book)
        if event is not None:
            case = self.life.case
            moved = advanced(case, evolve(case, event), (event,), (), self.book)
            self.keep(self.life, moved)
            found = sequels(case, moved, ())
            assert all(one.case_no != case_no for one in found), "a task is told what it said"
            self.tell(found)

    def tell(self, found: Iterable[Sequel]) -> None:
        """What follows waits in the inboxes, each once."""
        for one in found:
            name = f"{one.step.other}/{one.cause}/{one.case_no}/{one.step.action}"
            self.told[name] += 1
            assert self.told[name] == 1, f"asked for twice: {name}"
            self.inbox.setdefault(one.case_no, []).append(
                Command(command_id=name, at=one.at, actor=SYSTEM, steps=(one.step,))
            )

    def keep(self, life: Life, done: Advanced) -> None:
        """Take what was made, and look at each event."""
        for event in done.events:
            before = life.case
            life.case = evolve(before, event)
            life.events.append(event)
            self.check_event(before, event, life.case)
        assert life.case == done.case

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

    # What is always true --------------------------------------------------------------------

    def check_event(self, before: Case, event: Event, after: Case) -> None:
        """No end twice, no outcome without the departments and their lead."""
        again = event.action in {Action.REWORK, Action.GO_ON}
        assert before.state not in FINAL or (again and before.state is State.TASK_DONE)
        if after.parent:
            if event.action is Action.BEGIN_TASK:
                self.check_moved_in(after, event)
            return
        if after.joint and after.state is State.FED_BACK and before.joint:
            assert before.state is State.FED_BACK or event.action is Action.SUM_UP
        if event.action is Action.SUM_UP:
            self.check_outcome(before)
        if before.joint:
            leads = [one for one in shares(after) if one.lead]
            assert len(leads) <= 1, "two lead"
            open_ = [one for one in after.tasks if one.joint and one.state not in ENDED_TASKS]
            units = [one.unit for one in open_]
            assert len(set(units)) == len(units), "two open tasks of one unit"
            assert not any(one.gone_without for one in open_), "it works on what nobody wants"
            for one in after.clocks:
                inside = one.kind in {ClockKind.HANDLE, ClockKind.SIGN}
                assert one.stopped_at is not None or not inside

    def check_moved_in(self, task: Case, event: Event) -> None:
        """A turn that moved into a task has used what it had used before."""
        handle = next(one for one in task.clocks if one.kind is ClockKind.HANDLE)
        if handle.started_at == event.at:
            return
        had = [one for one in self.life.case.clocks if one.kind is ClockKind.HANDLE][-1]
        calendars = self.book.calendars
        assert used(handle, event.at, calendars) == used(had, event.at, calendars)
        assert {one.percent for one in had.fired} <= {one.percent for one in handle.fired}

    @staticmethod
    def check_outcome(case: Case) -> None:
        """The finish rule, a second time."""
        found = shares(case)
        lead = next(one for one in found if one.lead)
        done = [one for one in found if one.state is TaskState.DONE]
        assert lead.state not in OUT
        if case.finish is Finish.ALL:
            assert all(one.state in ENDED_TASKS - {TaskState.RETURNED} for one in found)
            assert done
        else:
            assert lead in done
            helpers = len(done) - 1
            assert case.finish is Finish.LEAD or helpers >= case.quorum

    def check_told(self) -> None:
        """Once all is told: the case and its tasks say the same, and nothing is left over."""
        case = self.life.case
        for one in case.tasks:
            if one.joint:
                self.check_task(case, one)
        assert set(self.tasks) <= {one.task_no for one in case.tasks if one.joint}
        if case.ended or case.state in SETTLED:
            assert all(one.case.state in TASK_ENDS for one in self.tasks.values()), "an orphan"
        leads = [
            number
            for number, one in self.tasks.items()
            if one.case.lead and one.case.state not in TASK_ENDS
        ]
        assert len(leads) <= 1
        if case.joint and case.state in DERIVED:
            self.check_derived(case)

    def check_task(self, case: Case, known: Task) -> None:
        """A task as the case has it, and as its own timeline is."""
        life = self.tasks.get(known.task_no)
        begun = life is not None and life.case.seq > 0
        if known.state is TaskState.PLANNED or not begun:
            assert not begun
            assert known.state in {TaskState.PLANNED, *OUT}
            return
        assert life is not None
        own = life.case
        assert (own.parent, own.task_no, own.unit) == (case.case_no, known.task_no, known.unit)
        if known.state in {TaskState.WITHDRAWN, TaskState.WAIVED}:
            assert own.state in TASK_ENDS  # what it did meanwhile is logged, and counts no more
            return
        assert TASK_STATE[own.state] is known.state
        turn = own.task
        assert turn is not None
        assert turn.rounds == known.rounds
        if own.state not in TASK_ENDS:
            assert (own.lead, own.own_limit) == (known.lead, known.limit)
            assert versions_in(own) == versions_in(case)
            keys = {one.calendar for one in own.clocks if one.stopped_at is None}
            assert keys <= {"", case.calendar}

    @staticmethod
    def check_derived(case: Case) -> None:
        """Where it stands follows from its tasks; somebody's limit runs while it waits."""
        found = shares(case)
        open_ = [one for one in found if one.state not in ENDED_TASKS]
        running = {one.kind for one in case.clocks if one.stopped_at is None}
        lead = next((one for one in found if one.lead and one.state not in OUT), None)
        if lead is None:
            assert ClockKind.DISPATCH in running
            assert ClockKind.SUM_UP not in running
        if case.state is State.FILED:
            assert not open_
            assert ClockKind.DISPATCH in running
        elif not open_:
            assert ClockKind.SUM_UP in running or ClockKind.HOLD in running
        settled = {
            one.task_no for one in found if one.state in {TaskState.DONE, TaskState.WAIVED}
        }
        for one in found:
            waits = set(one.after) - settled
            begun = one.state is not TaskState.PLANNED
            assert begun or waits or ClockKind.HOLD in running, "it should have begun"

    def teardown(self) -> None:
        """All is told; the logs make the cases; each rung once, one end."""
        self.tell_all()
        self.check_told()
        for life in self.lives():
            case, events = life.case, life.events
            assert fold(case.case_no, events) == case
            assert [one.seq for one in events] == [*range(1, case.seq + 1)]
            rungs = Counter(one.cause_id for one in events if one.action is Action.RUNG)
            assert all(count == 1 for count in rungs.values()), rungs
            if case.state in FINAL:
                assert all(one.stopped_at is not None for one in case.clocks)
                assert not case.pending


def with_limit(book: Book, new: Limit) -> Book:
    """The book with another limit of litter in its next catalogue."""
    last = book.catalogues[book.catalogue]
    first, *others = last[LITTER].conditions
    changed = replace(last[LITTER], conditions=(replace(first, limit=new), *others))
    number = book.catalogue + 1
    catalogues = {**book.catalogues, number: {**last, LITTER: changed}}
    return replace(book, catalogues=catalogues, catalogue=number)


def shares(case: Case) -> list[Task]:
    """The tasks of the plan that counts."""
    return [one for one in case.tasks if one.joint and not one.gone_without]


TestJoints = pytest.mark.timeout(6 * 3600 if LIVES else 120)(Joints.TestCase)
TestJoints.settings = PROFILE
