"""What somebody might ask of a joint case or of a task: the choices of random lives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from domain.book import Book
from domain.calendar import Limit, Unit
from domain.case import Case
from domain.command import Step
from domain.decide import allowed
from domain.facts import Task
from domain.joint import asking, finish_met
from domain.people import REPORTER, Actor
from domain.plan import Plan, PlannedTask
from domain.policy import Change
from domain.terms import (
    ENDED_TASKS,
    Action,
    Decision,
    Finish,
    Result,
    Role,
    Solved,
    State,
    TaskState,
)
from tests.domain.joint_world import joint_book
from tests.domain.small_world import BOOK, GAS, HAWKER, LITTER, OTHER_NO, person, with_policy
from tests.domain.test_table_task import USUAL

UNITS = ("roads", "water", "police", "parks", "lights", "drains")
OF_CASE = {
    Action.WAIVE: (
        "dispatcher",
        Step(action=Action.WAIVE, reason="waive_not_needed", text="不再需要"),
    ),
    Action.SUM_UP: ("roads.crew", Step(action=Action.SUM_UP, text="均已处置")),
    Action.URGE_TASK: ("dispatcher", Step(action=Action.URGE_TASK)),
    Action.PLAN: ("dispatcher", Step(action=Action.PLAN)),
    Action.MERGE: ("acceptor", Step(action=Action.MERGE, other=OTHER_NO)),
    Action.RELEASE: ("chief", Step(action=Action.RELEASE)),
}
OF_TASK: Mapping[State, tuple[Action, ...]] = {
    State.DISPATCHED: (
        *(*[Action.SIGN] * 7, *[Action.RETURN] * 2, *[Action.OFFER_HANDOVER] * 3),
        Action.RECALL,
    ),
    State.SIGNED: (
        *(*[Action.START] * 3, *[Action.FEED_BACK] * 5, *[Action.RETURN] * 2, Action.OBJECT),
        *(Action.REQUEST_HOLD, Action.OFFER_HANDOVER, Action.REQUEST_EXTENSION),
        *(Action.ASSIGN, Action.ASK_REPORTER, Action.ASK_REPORTER),
    ),
    State.HANDLING: (
        *(*[Action.FEED_BACK] * 9, Action.REQUEST_HOLD, Action.OFFER_HANDOVER),
        *(Action.REQUEST_EXTENSION, Action.ASK_REPORTER, Action.SUPERVISE),
    ),
    State.RETURNED: (Action.ACCEPT_RETURN, *[Action.REJECT_RETURN] * 3, Action.WITHDRAW_RETURN),
    State.ARBITRATING: (Action.RULE,),
    State.HANDOVER_OFFERED: (
        *(Action.TAKE_HANDOVER, Action.DECLINE_HANDOVER, Action.STOP_HANDOVER),
    ),
    State.ON_HOLD: (Action.RESUME,),
}
HANDLED = (
    *(*[Action.URGE_TASK] * 3, *[Action.PLAN] * 3, Action.WAIVE, Action.CONSULT),
    *(Action.COMMENT, Action.SUPERVISE),
)
TURNS = (
    *(Action.MERGE, Action.RECLASSIFY),
    *(Action.REQUEST_VOID, Action.REQUEST_FORCE_CLOSE, Action.REQUEST_WITHDRAW),
)
"""What turns an ordinary life of a case another way."""
ON_CASE: Mapping[State, tuple[Action, ...]] = {
    State.FILED: (*[Action.PLAN] * 9, Action.SUBMIT),
    State.DISPATCHED: HANDLED,
    State.SIGNED: HANDLED,
    State.HANDLING: HANDLED,
    State.ON_HOLD: (Action.RESUME, Action.COMMENT),
    State.FED_BACK: (*[Action.PASS_REVIEW] * 3, Action.REJECT_FEEDBACK),
    State.CHECKING: (Action.CHECK_PASS, Action.CHECK_FAIL),
    State.TO_CLOSE: (*[Action.CLOSE] * 3, Action.REJECT_CLOSE),
    State.CLOSED: (*(*[Action.REOPEN] * 3, Action.CALL_BACK, Action.RATE, Action.CONSULT),),
    State.CONSULTING: (Action.DECIDE,),
    State.ARBITRATING: (Action.RULE,),
    State.TRANSFERRED: (Action.BOUNCED,),
    State.REPORTED: (Action.ACCEPT, Action.SEND_VERIFY),
    State.VERIFYING: (Action.VERIFY_FOUND,),
    State.ACCEPTED: (Action.FILE,),
    State.MERGED: (Action.COMMENT, Action.RELEASE),
}
ANSWERS = {
    "extension": (Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION),
    "hold": (Action.APPROVE_HOLD, Action.APPROVE_HOLD, Action.REFUSE_HOLD),
    "void": (*[Action.REFUSE_VOID] * 2, Action.VOID),
    "withdraw": (*[Action.REFUSE_WITHDRAW] * 2, Action.AGREE_WITHDRAW),
    "force_close": (*[Action.DECLINE_FORCE_CLOSE] * 2, Action.FORCE_CLOSE),
    "arbitration": (Action.RULE,),
    "consultation": (Action.DECIDE,),
}
"""What mostly comes next, in each state and for each request."""
DECIDERS = {
    str(Role.DISPATCHER): "dispatcher",
    str(Role.DUTY_CHIEF): "chief",
    str(Role.COMMAND_CHIEF): "command",
}
PEOPLE_AND_STEPS = {**USUAL, **OF_CASE}
STEPS = {action: step for action, (_, step) in PEOPLE_AND_STEPS.items()}
LEAVES = {
    *(Action.VOID, Action.FORCE_CLOSE, Action.AGREE_WITHDRAW, Action.MERGE),
    *(Action.TRANSFER_OUT, Action.SEND_BACK, Action.CONSULT, Action.REFUSE),
    *(Action.REQUEST_VOID, Action.REQUEST_FORCE_CLOSE, Action.REQUEST_WITHDRAW),
}
"""What leads out of the ordinary life; asked for now and then."""
NEVER = {Action.SPLIT, Action.REPIN}
"""What needs another machine."""


def more_units(book: Book) -> Book:
    """With departments that no plan has yet."""
    book = joint_book(book)
    new = UNITS[4:]
    crew = {
        f"{unit}.{desk}": person(f"{unit}.{desk}", role, unit=unit)
        for unit in new
        for desk, role in (
            ("head", Role.UNIT_APPROVER),
            ("desk", Role.UNIT_DISPATCHER),
            ("crew", Role.UNIT_HANDLER),
        )
    }
    return replace(
        book, units={**book.units, **dict.fromkeys(new, "")}, people={**book.people, **crew}
    )


ALL = tuple(Change)
BOOKS = {
    "plain": more_units(with_policy(BOOK, rearm=ALL, max_holds=3)),
    "two": more_units(with_policy(BOOK, rearm=ALL, auto_review=True, lead_hands_over=True)),
    "by hand": more_units(
        with_policy(BOOK, rearm=ALL, auto_sum_up=False, max_handovers=3, first_receiver=False)
    ),
}


@dataclass
class Chooser:
    """Chooses for one moment; `case` is the joint case, whatever timeline is asked."""

    random: Random
    book: Book
    case: Case
    now: datetime

    def next_for(self, case: Case) -> tuple[Actor, Action] | None:
        """What mostly comes next, and who mostly does it."""
        pick = self.random
        if case.pending and pick.random() < 0.6:
            actions = ANSWERS.get(pick.choice(case.pending).kind, (Action.COMMENT,))
        elif pick.random() < (0.1 if case.question else 0.3 * bool(asking(case.tasks))):
            actions = (Action.REPLY,)
        elif case.supervision and pick.random() < 0.3:
            actions = (Action.SUPERVISE_REPLY,)
        elif case.joint and case.state is State.HANDLING and finish_met(case):
            actions = (Action.SUM_UP,)
        elif case.parent and case.returns and pick.random() < 0.2:
            actions = (Action.OBJECT,)
        elif not case.parent and pick.random() < 0.06:
            actions = TURNS
        else:
            actions = (OF_TASK if case.parent else ON_CASE).get(case.state, (Action.COMMENT,))
        return self.by_whom(pick.choice(actions), case)

    def by_whom(self, action: Action, case: Case) -> tuple[Actor, Action] | None:
        """Who mostly does it; a request is mostly answered by whom its clock runs for."""
        name = PEOPLE_AND_STEPS[action][0]
        unit = case.offered_to if name.startswith("parks.") else case.unit
        name = name.replace("parks.", "roads.").replace("roads.", f"{unit}.")
        asked = next((one for one in case.pending if action in ANSWERS.get(one.kind, ())), None)
        clocks = {one.clock_id: one.owner for one in case.clocks}
        if action is Action.REPLY and case.parent:
            name = "dispatcher"
        if name == "reporter":
            return REPORTER, action
        if name == "asked":
            name = case.asked
        if asked is not None:
            name = DECIDERS.get(clocks.get(asked.clock, ""), name)
            name = "chief2" if (name, asked.by) == ("chief", "chief") else name
        actor = self.book.people.get(name)
        return (actor, action) if actor else None

    def offer(self, case: Case) -> tuple[Actor, Action] | None:
        """Anything that somebody is offered."""
        offers: list[tuple[Actor, Action]] = []
        for actor in self.some_people(case):
            for one in allowed(case, actor, self.now, self.book):
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

    def step(  # noqa: C901, PLR0911  an arm for each action
        self, action: Action, case: Case
    ) -> Step:
        """A step of an action, some choices left to chance."""
        pick = self.random
        step = STEPS.get(action, Step(action=action))
        numbers = [one.task_no for one in case.tasks] or [1]
        done = (one.task_no for one in case.tasks if one.state is TaskState.DONE)
        some = tuple(one for one in done if pick.random() < 0.6)
        match action:
            case Action.FEED_BACK:
                return replace(
                    step, for_citizen=pick.random() < 0.4, result=pick.choice(list(Result))
                )
            case Action.WAIVE | Action.URGE_TASK:
                return replace(step, task=pick.choice(numbers))
            case Action.RULE if case.parent:
                return replace(step, unit=pick.choice((case.unit, *UNITS[:2])))
            case Action.RULE:
                plan = self.some_plan() if case.joint or pick.random() < 0.5 else None
                return replace(step, unit=pick.choice(UNITS), plan=plan)
            case Action.OFFER_HANDOVER:
                free = self.free_units(self.case.tasks) if pick.random() < 0.7 else UNITS
                return replace(step, unit=pick.choice(free or UNITS))
            case Action.RECLASSIFY:
                return replace(step, subclass=pick.choice((LITTER, HAWKER, GAS)))
            case Action.DECIDE:
                return replace(
                    step,
                    decision=pick.choice((*Decision, *[Decision.DISPATCH] * 3, Decision.HOLD)),
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

    def free_units(self, kept: Iterable[Task]) -> Sequence[str]:
        """Units without an open task among these; now and then one that has done its share."""
        busy = {
            one.unit
            for one in kept
            if one.state is not TaskState.DONE or self.random.random() < 0.7
        }
        return [one for one in UNITS if one not in busy]

    def some_plan(self) -> Plan:
        """Some of the tasks that are there, and some new ones; one leads."""
        pick, case = self.random, self.case
        kept = [
            one
            for one in case.tasks
            if (one.state not in ENDED_TASKS or (one.state is TaskState.DONE and one.joint))
            and pick.random() < 0.9
        ]
        number = max((one.task_no for one in case.tasks), default=0)
        entries = [(one.task_no, one.unit, one.lead) for one in kept]
        free = [*self.free_units(kept)]
        pick.shuffle(free)
        for unit in free[: pick.choice((0, 0, 1, 1, 2, 3))]:
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
