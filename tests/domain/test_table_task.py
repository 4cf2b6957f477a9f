"""The table of a department's task: each row by everyone it names, its conditions, its clocks.

All is made from `domain/table_task.py`: what it lists leads where it says, all else is refused;
what a row says of clocks is read from the row, phrase by phrase.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

import pytest

from domain import clock as clocks_
from domain.book import Book
from domain.calendar import DayException, DayKind, Limit, Unit
from domain.case import Case
from domain.clock import Clock, ClockKind, Outcome
from domain.command import Birth, Command, Step
from domain.decide import allowed, decide
from domain.facts import ReturnMark
from domain.joint import TASK_STATE
from domain.moves import OF_TASKS
from domain.patch import Patch
from domain.people import SYSTEM, UNIT_ROLES, Actor, Grant
from domain.refusal import Refusal
from domain.row import Row, Who
from domain.table import BIRTHS, OF_ONE
from domain.table_task import MOVES, OPEN, ROWS
from domain.terms import TASK_ENDS, Action, Role, Source, State, TaskState
from domain.why import Because, Why
from tests.domain.joint_world import Joint, joint_book, plan
from tests.domain.small_world import (
    BOOK,
    EVERY_ROLE,
    GOOD,
    MONDAY,
    SHED,
    Life,
    has_fired,
    with_calendar,
    with_policy,
)

OWN: Mapping[Action, tuple[str, Step]] = {
    Action.CANCEL_TASK: ("system", Step(action=Action.CANCEL_TASK)),
    Action.WAIVE: ("system", Step(action=Action.WAIVE)),
    Action.CHANGE_TASK: (
        "system",
        Step(action=Action.CHANGE_TASK, limit=Limit(value=3, unit=Unit.WORK_DAY), lead=True),
    ),
    Action.REWORK: ("system", Step(action=Action.REWORK)),
    Action.GO_ON: ("system", Step(action=Action.GO_ON)),
    Action.REPIN: ("system", Step(action=Action.REPIN)),
    Action.OFFER_HANDOVER: (
        "roads.head",
        Step(action=Action.OFFER_HANDOVER, unit="parks", reason="handover_duty", text="绿化"),
    ),
    Action.TAKE_HANDOVER: ("parks.desk", Step(action=Action.TAKE_HANDOVER)),
    Action.DECLINE_HANDOVER: (
        "parks.desk",
        Step(action=Action.DECLINE_HANDOVER, text="不属绿化"),
    ),
    Action.STOP_HANDOVER: ("dispatcher", Step(action=Action.STOP_HANDOVER, unit="parks")),
}
USUAL = {**GOOD, **OWN}
"""Who asks for an action, `roads` standing for the task's unit, and a step that is accepted."""
TUESDAY_OFF = DayException(day=date(2026, 9, 8), kind=DayKind.OFF, name="台风停工")
WAYS: Mapping[State, tuple[Action, ...]] = {
    State.DISPATCHED: (),
    State.SIGNED: (Action.SIGN,),
    State.HANDLING: (Action.SIGN, Action.START),
    State.RETURNED: (Action.SIGN, Action.RETURN),
    State.ARBITRATING: (Action.SIGN, Action.RETURN, Action.REJECT_RETURN, Action.OBJECT),
    State.HANDOVER_OFFERED: (Action.SIGN, Action.OFFER_HANDOVER),
    State.ON_HOLD: (Action.SIGN, Action.REQUEST_HOLD, Action.APPROVE_HOLD),
    State.TASK_DONE: (Action.SIGN, Action.FEED_BACK),
    State.TASK_RETURNED: (Action.RETURN, Action.ACCEPT_RETURN),
    State.TASK_WITHDRAWN: (Action.RECALL,),
    State.TASK_WAIVED: (Action.SIGN, Action.WAIVE),
}
"""Legal commands that bring a task to each of its states."""
NAMES: Mapping[Who, str] = {
    Who.ACCEPTOR: "acceptor",
    Who.DUTY_CHIEF: "chief",
    Who.DISPATCHER: "dispatcher",
    Who.SUPERVISOR: "supervisor",
    Who.COMMAND_CHIEF: "command",
    Who.UNIT: "roads.desk",
    Who.UNIT_DISPATCHER: "roads.desk",
    Who.UNIT_APPROVER: "roads.head",
    Who.HANDLER: "roads.crew",
    Who.OFFERED_UNIT: "parks.desk",
    Who.SYSTEM: "system",
}
ROLES: Mapping[Who, frozenset[Role]] = {
    Who.UNIT: UNIT_ROLES,
    Who.OFFERED_UNIT: UNIT_ROLES,
    Who.UNIT_DISPATCHER: frozenset({Role.UNIT_DISPATCHER}),
    Who.UNIT_APPROVER: frozenset({Role.UNIT_APPROVER}),
    Who.HANDLER: frozenset({Role.UNIT_HANDLER}),
}
LISTED = [(row, state, who) for row in ROWS for state in sorted(row.sources) for who in row.who]
UNLISTED = sorted(set(product(WAYS, Action)) - MOVES.keys())
UNIT = "police"


@dataclass
class Scene:
    """A timeline of one department: a task of a joint case, or a case of its own."""

    life: Life
    unit: str
    world: Joint | None = None

    @property
    def case(self) -> Case:
        """As it is."""
        return self.life.case

    def set(self, **changes: object) -> None:
        """Put facts of the case there, as if they had happened."""
        self.life.case = replace(self.life.case, **changes)  # type: ignore[arg-type]

    def who(self, name: str) -> Actor:
        """A person by login, `roads` standing for the unit."""
        return self.life.who(name.replace("roads.", f"{self.unit}."))

    def ask(self, action: Action, who: str = "", **changes: object) -> Refusal | None:
        """Ask for an action with its usual step, and changes."""
        usual, step = USUAL[action]
        step = replace(step, **changes)  # type: ignore[arg-type]
        if step.person:
            step = replace(step, person=step.person.replace("roads.", f"{self.unit}."))
        actor = self.who(who or usual)
        if self.world is None:
            found = self.life.ask(actor, step)
            return found if isinstance(found, Refusal) else None
        command = self.life.command(actor, step)
        refusal = self.world.judge(self.life, command)
        self.world.tell()
        return refusal

    def do(self, action: Action, who: str = "", **changes: object) -> None:
        """Ask for what must be accepted."""
        refusal = self.ask(action, who, **changes)
        assert refusal is None, refusal.text()

    def refused(self, action: Action, who: str = "", **changes: object) -> Refusal:
        """Ask for what must be refused."""
        refusal = self.ask(action, who, **changes)
        assert refusal is not None, f"{action} was accepted"
        return refusal


def task(
    state: State = State.DISPATCHED,
    *,
    subclass: str = "E01-01",
    lead: bool = False,
    source: Source = Source.HOTLINE,
    **policy: object,
) -> Scene:
    """A task of a joint case of three in a state; it helps, unless told that it leads."""
    book = joint_book(with_policy(BOOK, **policy))  # type: ignore[arg-type]
    life = Life(book=book).report(source, subclass=subclass).to(State.FILED)
    world = Joint(life)
    units = ("water", UNIT, "roads")
    world.do("dispatcher", Action.PLAN, plan=plan(*units, lead=UNIT if lead else "water"))
    scene = Scene(world.tasks[2], UNIT, world)
    for action in WAYS[state]:
        scene.do(action)
    assert scene.case.state is state
    return scene


def alone(state: State, subclass: str = "E01-01", book: Book | None = None) -> Scene:
    """A case of one department in a state, on the same way."""
    life = Life(book=book or joint_book()).report(subclass=subclass).to(State.FILED)
    scene = Scene(life, "roads")
    for action in (Action.DISPATCH, *WAYS[state]):
        scene.do(action)
    return scene


def mark(unit: str, scene: Scene) -> ReturnMark:
    at = scene.life.at
    return ReturnMark(unit=unit, at=at, decided_at=at)


def prepare(  # noqa: C901, PLR0912  an arm for each row that needs something
    scene: Scene, row: Row, who: Who
) -> dict[str, object]:
    """What must have been asked or happened before, and what the step takes."""
    match row.action:
        case Action.RETURN if row.to is State.ARBITRATING:
            scene.set(returns=(mark("water", scene), mark("water", scene)))
        case Action.OBJECT:
            scene.set(returns=(mark(scene.unit, scene),))
        case Action.RECALL:
            scene.set(binding=who is Who.COMMAND_CHIEF)
        case Action.CHANGE_TASK if scene.case.state is State.HANDOVER_OFFERED:
            return {"lead": False}  # who leads keeps his task: `test_joint_ruled.py`
        case Action.RULE:
            return {"unit": scene.unit if row.to is State.SIGNED else "water"}
        case Action.ENDORSE_EXTENSION:
            policy = with_policy(scene.life.book, extension_endorsed=True)
            scene.life.book = policy
            scene.do(Action.REQUEST_EXTENSION)
        case Action.APPROVE_EXTENSION | Action.REFUSE_EXTENSION:
            scene.do(Action.REQUEST_EXTENSION)
            scene.set(extensions=int(who is Who.DUTY_CHIEF))
            if who is Who.COMMAND_CHIEF:
                deciders = (Role.COMMAND_CHIEF,)
                scene.life.book = with_policy(scene.life.book, extension_deciders=deciders)
        case Action.APPROVE_HOLD | Action.REFUSE_HOLD:
            hard = who is Who.COMMAND_CHIEF
            scene.do(Action.REQUEST_HOLD, reason="hold_hard" if hard else "hold_season")
        case Action.RESUME:
            has_fired(scene.life, ClockKind.HOLD)
        case Action.DECLINE_HANDOVER | Action.STOP_HANDOVER | Action.TAKE_HANDOVER:
            scene.set(offered_from=row.to)
            if who is Who.SYSTEM:
                has_fired(scene.life, ClockKind.SIGN)
        case Action.REPLY | Action.NO_REPLY:
            scene.do(Action.ASK_REPORTER)
            if row.action is Action.NO_REPLY:
                has_fired(scene.life, ClockKind.QUESTION)
        case Action.SUPERVISE_REPLY:
            scene.do(Action.SUPERVISE)
        case Action.REPIN:
            scene.life.book = with_calendar(scene.life.book, TUESDAY_OFF)
            facts = Patch(calendar=scene.life.book.calendar)
            return {"birth": Birth(state=scene.case.state, patch=facts)}
        case _:
            pass
    return {}


def subclass_of(row: Row) -> str:
    return SHED if row.action is Action.MARK_STAGE else "E01-01"


def took(row: Row, state: State, who: Who) -> tuple[Case, Case, Scene]:
    """A task before and after a row, asked for as `who`."""
    staged = row.action is Action.MARK_STAGE
    scene = task(state, subclass=subclass_of(row), lead=staged)
    changes = prepare(scene, row, who)
    before = scene.case
    scene.do(row.action, NAMES[who], **changes)
    return before, scene.case, scene


# Where a row leads ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", WAYS)
def test_a_task_reaches_each_of_its_states(state: State) -> None:
    scene = task(state)

    assert scene.case.parent
    assert scene.case.task_no == 2
    assert scene.world is not None
    assert {one.task_no: one for one in scene.world.case.tasks}[2].unit == UNIT


def test_the_states_are_those_of_the_table() -> None:
    assert set(OPEN) | TASK_ENDS == set(WAYS)


@pytest.mark.parametrize(
    ("row", "state", "who"),
    LISTED,
    ids=[f"{r.row}-{r.action}-{s}-{r.to}-{w.name}" for r, s, w in LISTED],
)
def test_a_listed_row_by_who_may_leads_where_it_says(row: Row, state: State, who: Who) -> None:
    before, after, scene = took(row, state, who)
    event = next(one for one in scene.life.events if one.seq == before.seq + 1)

    assert (event.action, event.row) == (row.action, row.row)
    assert event.state is (row.to or before.state)
    assert after.parent == before.parent


@pytest.mark.parametrize(("state", "action"), UNLISTED, ids=[f"{s}-{a}" for s, a in UNLISTED])
def test_what_is_not_listed_is_refused_whoever_asks(state: State, action: Action) -> None:
    case = Case(
        case_no="1.t2", parent="1", task_no=2, seq=9, version=9, state=state, unit="roads"
    )
    for actor in (EVERY_ROLE, SYSTEM):
        command = Command(command_id="x", at=MONDAY, actor=actor, steps=(Step(action=action),))
        answer = decide(case, command, BOOK)

        assert isinstance(answer, Refusal)
        assert answer.why is (Why.FINAL if state in TASK_ENDS else Why.ILLEGAL)


@pytest.mark.parametrize(("state", "action"), sorted(MOVES), ids=str)
def test_who_is_not_named_is_refused(state: State, action: Action) -> None:
    scene = task(state)
    named: set[Role] = set()
    for row in MOVES[state, action]:
        for who in row.who:
            named |= ROLES.get(who, frozenset())
            named |= {one.role for one in scene.who(NAMES[who]).grants}
    if any(row.automatic for row in MOVES[state, action]):
        named.add(Role.SYSTEM)
    if action is Action.FEED_BACK:
        named |= set(BOOK.policies[1].base.feed_back_by)
    for role in set(Role) - named:
        unit = UNIT if role in UNIT_ROLES else ""
        stranger = Actor(person="stranger", grants=(Grant(role=role, unit=unit),))
        step = USUAL[action][1]
        command = scene.life.command(stranger, step)
        answer = decide(scene.case, command, scene.life.book)

        assert isinstance(answer, Refusal), role
        assert answer.why is Why.FORBIDDEN, role


@pytest.mark.parametrize("state", OPEN)
def test_another_unit_may_do_nothing_and_the_offered_one_only_answer(state: State) -> None:
    scene = task(state)
    for name in ("water.desk", "water.head", "water.crew", "parks.desk"):
        actor, at = scene.who(name), scene.life.at
        may = {one.action for one in allowed(scene.case, actor, at, scene.life.book)}
        answers = {Action.TAKE_HANDOVER, Action.DECLINE_HANDOVER}
        offered = state is State.HANDOVER_OFFERED and name.startswith("parks")

        assert may == (answers if offered else set())


@pytest.mark.parametrize("action", sorted(OF_ONE))
def test_what_one_department_does_is_its_task_s_not_the_case_s(action: Action) -> None:
    world = task(State.SIGNED).world
    assert world is not None
    life = world.life
    for name in ("dispatcher", "command", "water.head", "water.desk", "water.crew"):
        answer = life.ask(life.who(name), Step(action=action))

        assert isinstance(answer, Refusal)
        assert answer.why is Why.ILLEGAL


def test_every_action_of_a_task_has_a_move() -> None:
    assert {row.action for row in ROWS} <= set(OF_TASKS)
    assert not {row.action for row in ROWS} & set(BIRTHS)


# What a row does to clocks --------------------------------------------------------------------


def going(case: Case) -> dict[str, Clock]:
    return {one.clock_id: one for one in case.clocks if one.stopped_at is None}


def kinds(case: Case) -> list[ClockKind]:
    """Kinds that run; the promise to the citizen is the joint case's."""
    return sorted(one.kind for one in going(case).values() if one.kind is not ClockKind.WHOLE)


def runs(case: Case, kind: ClockKind) -> bool:
    return kind in kinds(case)


def handles(case: Case) -> list[Clock]:
    return [one for one in case.clocks if one.kind is ClockKind.HANDLE]


def unchanged(before: Case, after: Case, *but: ClockKind) -> bool:
    first, last = going(before), going(after)
    return all(last[one.clock_id] == one for one in first.values() if one.kind not in but) and {
        one.clock_id for one in last.values() if one.kind not in but
    } <= set(first)


def started(kind: ClockKind) -> Callable[[Case, Case], bool]:
    return lambda before, after: any(
        one.kind is kind and one.started_at == after.last_at
        for name, one in going(after).items()
        if name not in going(before)
    )


def stopped(kind: ClockKind) -> Callable[[Case, Case], bool]:
    return lambda before, after: (
        not any(one.kind is kind for name, one in going(before).items() if name in going(after))
    )


def same_handle(before: Case, after: Case) -> bool:
    first, last = handles(before)[-1], handles(after)[-1]
    return replace(first, owner=last.owner, pauses=last.pauses) == last


def no_facts(_before: Case, after: Case) -> bool:
    outcomes = {Outcome.VOID, Outcome.RETURNED}
    return not going(after) and handles(after)[-1].outcome in outcomes


def used_kept(before: Case, after: Case) -> bool:
    assert after.last_at is not None
    calendars = with_calendar(BOOK, TUESDAY_OFF).calendars
    at = after.last_at
    return clocks_.used(handles(before)[-1], at, calendars) == clocks_.used(
        handles(after)[-1], at, calendars
    )


def new_round(before: Case, after: Case) -> bool:
    first, last = handles(before)[-1], handles(after)[-1]
    again = after.task is not None and after.task.rounds == 2
    return again and last.clock_id != first.clock_id and last.judged_budget is not None


def waits(case: Case) -> bool:
    return handles(case)[-1].paused


PHRASES: Mapping[str, Callable[[Case, Case], bool]] = {
    "none": unchanged,
    "none (inner limit: warns only)": lambda b, a: (
        unchanged(b, a, ClockKind.INNER) and runs(a, ClockKind.INNER)
    ),
    "start sign": started(ClockKind.SIGN),
    "stop sign": stopped(ClockKind.SIGN),
    "the unit's own sign: void": lambda b, a: all(
        one.outcome is Outcome.VOID
        for one in a.clocks
        if one.kind is ClockKind.SIGN and one.clock_id in going(b)
    ),
    "unsigned: the unit's own sign goes on": lambda _, a: (
        [one.owner for one in going(a).values() if one.kind is ClockKind.SIGN]
        == [f"unit:{a.unit}"] * (a.state is State.DISPATCHED)
    ),
    "start decide": started(ClockKind.DECIDE),
    "stop decide": stopped(ClockKind.DECIDE),
    "start reply": started(ClockKind.REPLY),
    "stop reply": stopped(ClockKind.REPLY),
    "handle runs on": same_handle,
    "handle goes on": same_handle,
    "the same handle, no inner limit": lambda b, a: (
        same_handle(b, a) and not runs(a, ClockKind.INNER)
    ),
    "stop handle": lambda _, a: not going(a) and handles(a)[-1].outcome is Outcome.DONE,
    "void": lambda b, a: no_facts(b, a) and handles(a)[-1].outcome is Outcome.VOID,
    "no facts": no_facts,
    "late before stays late": lambda *_: True,
    "as K16": no_facts,
    "budget changed": lambda b, a: handles(b)[-1].budget != handles(a)[-1].budget,
    "used kept": used_kept,
    "running clocks by those of the case": lambda _, a: (
        {one.calendar for one in going(a).values()} <= {a.calendar, ""}
        and a.calendar == "district@2"
    ),
    "used time kept": used_kept,
    "a limit of the plan stays": lambda b, a: (
        (b.own_limit, handles(b)[-1].budget) == (a.own_limit, handles(a)[-1].budget)
    ),
    "stages go with the lead": lambda _, a: not runs(a, ClockKind.STAGE) or a.lead,
    "sign and handle wait with the case": lambda b, a: handles(a)[-1].paused is waits(b),
    "handle goes on as T30": lambda b, a: (
        handles(a)[-1]
        == replace(handles(b)[-1], stopped_at=None, outcome=None, pauses=handles(a)[-1].pauses)
    ),
    "pause handle": lambda b, a: not waits(b) and waits(a),
    "the case's whole": lambda *_: True,
    "resume": lambda b, a: waits(b) and not waits(a),
    "round+1 as T34": new_round,
}
"""What a phrase of a row's clocks means; `as T39`: as in a case of one department."""


@pytest.mark.parametrize(
    ("row", "state"),
    [(row, state) for row, state, who in LISTED if who is row.who[0]],
    ids=[f"{r.row}-{r.action}-{s}-{r.to}" for r, s, w in LISTED if w is r.who[0]],
)
def test_clocks_do_what_the_row_says(row: Row, state: State) -> None:
    before, after, _ = took(row, state, row.who[0])
    for phrase in row.clocks.replace(", used", "; used").split("; "):
        if phrase.startswith("as T"):
            as_alone(row, state, before, after)
        else:
            assert PHRASES[phrase](before, after), phrase


def as_alone(row: Row, state: State, before: Case, after: Case) -> None:
    """The same clocks start and stop as in a case of one department."""
    scene = alone(state, subclass_of(row)) if state is not State.HANDOVER_OFFERED else None
    if scene is None:
        return
    changes = prepare(scene, row, row.who[0])
    first = scene.case
    scene.do(row.action, NAMES[row.who[0]], **changes)

    assert kinds(first) == kinds(before)
    assert kinds(scene.case) == kinds(after)
    assert [one.paused for one in handles(scene.case)] == [one.paused for one in handles(after)]


def test_a_task_begins_with_its_own_limits() -> None:
    scene = task()
    handle, sign = (
        next(one for one in scene.case.clocks if one.kind is kind)
        for kind in (ClockKind.HANDLE, ClockKind.SIGN)
    )

    assert (handle.owner, sign.owner) == (f"unit:{UNIT}", f"unit:{UNIT}")
    assert handle.started_at == sign.started_at == scene.life.events[0].at
    assert set(kinds(scene.case)) == {ClockKind.HANDLE, ClockKind.SIGN}


@pytest.mark.parametrize("action", [Action.REPLY, Action.NO_REPLY])
def test_a_question_of_a_task_pauses_the_promise_of_its_case(action: Action) -> None:
    scene = task(State.SIGNED)
    assert scene.world is not None
    promise = scene.world.life.clock
    assert not promise("whole").paused
    scene.do(Action.ASK_REPORTER)
    assert promise("whole").paused
    has_fired(scene.life, ClockKind.QUESTION)
    scene.do(action, "system")

    assert not promise("whole").paused


def test_stages_are_the_lead_s_and_go_with_the_lead() -> None:
    lead, helper = task(State.SIGNED, subclass=SHED, lead=True), task(subclass=SHED)
    limits = {one.clock_id for one in lead.case.clocks if one.kind is ClockKind.STAGE}
    assert limits == {"stage:stop", "stage:penalty", "stage:demolish"}
    assert not runs(helper.case, ClockKind.STAGE)
    helper.do(Action.SIGN)
    assert helper.refused(Action.MARK_STAGE).values["because"] == Because.LEAD_MARKS
    lead.do(Action.MARK_STAGE)
    lead.do(Action.CHANGE_TASK, lead=False, limit=None)
    helper.do(Action.CHANGE_TASK, limit=None)

    assert not runs(lead.case, ClockKind.STAGE)
    assert {name for name in going(helper.case) if name.startswith("stage:")} == limits
    handle = handles(helper.case)[-1]
    assert all(one.started_at == handle.started_at for one in going(helper.case).values())


@pytest.mark.parametrize("action", [Action.CANCEL_TASK, Action.WAIVE])
def test_who_was_late_before_stays_late(action: Action) -> None:
    scene = task(State.HANDLING)
    scene.life.at += timedelta(days=9)
    scene.do(action)
    handle = handles(scene.case)[-1]

    assert handle.outcome is Outcome.DONE
    assert clocks_.on_time(handle, BOOK.calendars) is False


# Under which conditions -----------------------------------------------------------------------


def test_k5_a_signed_task_is_not_recalled() -> None:
    scene = task()
    scene.do(Action.OFFER_HANDOVER)
    scene.do(Action.TAKE_HANDOVER)

    assert scene.refused(Action.RECALL).why is Why.ILLEGAL


def test_k6_the_lead_of_a_first_receiver_source_does_not_return() -> None:
    scene = task(lead=True)
    assert scene.refused(Action.RETURN).values["because"] == Because.FIRST_RECEIVER
    task().do(Action.RETURN)
    task(lead=True, source=Source.DEPARTMENT).do(Action.RETURN)


@pytest.mark.parametrize("changes", [{"reason": ""}, {"text": ""}, {"reason": "gone"}])
def test_k6_a_return_takes_a_reason_and_a_text(changes: dict[str, str]) -> None:
    assert task().refused(Action.RETURN, **changes).why in {
        Why.NEEDS_REASON,
        Why.NEEDS_TEXT,
        Why.UNKNOWN_CODE,
    }


def test_k6_only_in_its_first_round_within_the_window_and_twice() -> None:
    late = task(State.SIGNED)
    late.life.at += timedelta(hours=7)
    assert late.refused(Action.RETURN).why is Why.ILLEGAL
    assert late.case.state is State.HANDLING
    often = task()
    often.set(returns=(mark(UNIT, often), mark(UNIT, often)))
    assert often.refused(Action.RETURN).why is Why.TOO_MANY
    again = task(State.TASK_DONE)
    again.do(Action.REWORK)
    assert again.refused(Action.RETURN).why is Why.ILLEGAL


def test_k8_k9_k11_nobody_decides_on_his_own_return_nor_for_his_unit() -> None:
    scene = task(State.RETURNED)
    grants = (*scene.who("dispatcher").grants, *scene.who("command").grants)
    for person, more in (
        (f"{UNIT}.head", ()),
        ("deputy", (Grant(role=Role.UNIT_APPROVER, unit=UNIT),)),
    ):
        both = Actor(person=person, grants=(*grants, *more))
        for action in (Action.ACCEPT_RETURN, Action.REJECT_RETURN):
            answer = scene.life.ask(both, USUAL[action][1])
            assert isinstance(answer, Refusal)
            assert answer.why is Why.SEPARATION
        ruled = task(State.ARBITRATING)
        answer = ruled.life.ask(both, replace(USUAL[Action.RULE][1], unit=UNIT))
        assert isinstance(answer, Refusal)
        assert answer.why is Why.SEPARATION


def test_k10_only_after_its_return_was_rejected_and_once() -> None:
    assert task(State.SIGNED).refused(Action.OBJECT).values["because"] == (
        Because.NO_RETURN_REJECTED
    )
    scene = task(State.ARBITRATING)
    scene.do(Action.RULE, unit=UNIT)
    assert scene.refused(Action.OBJECT).why is Why.TOO_MANY


def test_k11_what_is_ruled_binds() -> None:
    scene = task(State.ARBITRATING)
    scene.do(Action.RULE, unit=UNIT)

    assert scene.case.binding
    assert scene.refused(Action.RETURN).values["because"] == Because.BINDING
    assert scene.refused(Action.OFFER_HANDOVER).values["because"] == Because.BINDING


def test_k12_once_not_the_lead_s_and_not_while_a_request_waits() -> None:
    lead = task(State.SIGNED, lead=True)
    assert lead.refused(Action.OFFER_HANDOVER).values["because"] == Because.LEAD_STAYS
    task(State.SIGNED, lead=True, lead_hands_over=True).do(Action.OFFER_HANDOVER)
    scene = task(State.HANDOVER_OFFERED)
    scene.do(Action.STOP_HANDOVER)
    assert scene.refused(Action.OFFER_HANDOVER).why is Why.TOO_MANY
    for action in (Action.REQUEST_EXTENSION, Action.REQUEST_HOLD):
        asked = task(State.SIGNED)
        asked.do(action)
        assert asked.refused(Action.OFFER_HANDOVER).values["because"] == Because.OFFER_ASKED


@pytest.mark.parametrize("unit", ["", "atlantis", UNIT])
def test_k12_it_is_offered_to_another_department(unit: str) -> None:
    found = task(State.SIGNED).refused(Action.OFFER_HANDOVER, unit=unit)

    assert found.why is (Why.NOT_NOW if unit == UNIT else Why.UNKNOWN_CODE)


def test_k13_the_unit_that_took_it_holds_it_and_the_other_is_out() -> None:
    scene = task(State.HANDOVER_OFFERED)
    scene.do(Action.TAKE_HANDOVER)
    turn = scene.case.task

    assert turn is not None
    assert (scene.case.unit, turn.unit, turn.state) == ("parks", "parks", TaskState.SIGNED)
    assert handles(scene.case)[-1].owner == "unit:parks"
    assert scene.refused(Action.START, "roads.crew").why is Why.FORBIDDEN
    assert scene.world is not None
    assert {one.task_no: one.unit for one in scene.world.case.tasks}[2] == "parks"


def test_k14_the_system_waits_for_the_limit_and_a_unit_says_why() -> None:
    scene = task(State.HANDOVER_OFFERED)
    early = scene.refused(Action.DECLINE_HANDOVER, "system")
    assert early.values["because"] == Because.STILL_TIME
    assert scene.refused(Action.DECLINE_HANDOVER, text=" ").why is Why.NEEDS_TEXT


def test_k15_the_share_takes_a_result_a_text_and_a_photo() -> None:
    scene = task(State.HANDLING)
    assert scene.refused(Action.FEED_BACK, result=None).values["field"] == "result"
    assert scene.refused(Action.FEED_BACK, text="").why is Why.NEEDS_TEXT
    assert scene.refused(Action.FEED_BACK, photos=()).why is Why.NEEDS_PHOTO


@pytest.mark.parametrize("state", sorted(TASK_ENDS))
def test_a_task_that_has_ended_has_no_running_clock_and_no_request(state: State) -> None:
    scene = task(state)

    assert not going(scene.case)
    assert not scene.case.pending
    assert scene.case.task is not None
    assert scene.case.task.ended_at is not None


@pytest.mark.parametrize("state", OPEN)
def test_the_case_knows_where_its_task_stands(state: State) -> None:
    scene = task(state)
    assert scene.world is not None
    known = {one.task_no: one for one in scene.world.case.tasks}[2]
    own = scene.case.task

    assert own is not None
    assert known.state is TASK_STATE[state]
    assert (known.unit, known.signed_at) == (own.unit, own.signed_at)
