"""The rows of a joint case: each from every state it lists, by everyone it names only."""

from dataclasses import replace

import pytest

from domain.clock import ClockKind
from domain.command import Step
from domain.decide import decide
from domain.facts import Task
from domain.joint import DERIVED
from domain.people import UNIT_ROLES, Actor, Grant
from domain.refusal import Refusal
from domain.row import Row, Who
from domain.table_joint import ROWS
from domain.terms import Action, Role, State, TaskState
from domain.why import Because, Why
from tests.domain.joint_world import Joint, joint, joint_book, plan
from tests.domain.small_world import Life, local

NAMES = {
    Who.ACCEPTOR: "acceptor",
    Who.DUTY_CHIEF: "chief",
    Who.DISPATCHER: "dispatcher",
    Who.SUPERVISOR: "supervisor",
    Who.COMMAND_CHIEF: "command",
    Who.UNIT: "water.desk",
    Who.SYSTEM: "system",
}
LISTED = [(row, state, who) for row in ROWS for state in sorted(row.sources) for who in row.who]
HOLD = Step(
    action=Action.REQUEST_HOLD, reason="hold_season", text="补种", until=local("09-25 09:00")
)


def in_state(state: State) -> Joint:
    """A joint case of three in a state; in those that it has not from its tasks, put there."""
    found = joint("water", "police", "roads")
    match state:
        case State.FILED:
            for task in (1, 2, 3):
                found.do(
                    "dispatcher", Action.RECALL, task, reason="recall_wrong_unit", text="错"
                )
        case State.SIGNED:
            found.sign(2)
        case State.HANDLING:
            found.sign(2)
            found.do("police.crew", Action.START, 2)
        case State.ON_HOLD:
            for task, unit in enumerate(("water", "police", "roads"), 1):
                found.sign(task)
                assert found.ask(f"{unit}.head", HOLD, task=task) is None
                found.do("dispatcher", Action.APPROVE_HOLD, task)
        case _ if state not in DERIVED:
            found.life.case = replace(found.case, state=state)
        case _:
            pass
    assert found.stands() is state
    return found


def done(found: Joint, number: int) -> Task:
    """What a task's own timeline says of its end."""
    task = {one.task_no: one for one in found.case.tasks}[number]
    return replace(
        task,
        state=TaskState.DONE,
        signed_at=found.life.at,
        ended_at=found.life.at,
        person=f"{task.unit}.crew",
    )


def ready(found: Joint, row: Row, state: State) -> Step:
    """What must have happened before, and the step."""
    plan_ = plan("water", "police") if state is not State.FILED else None
    match row.action:
        case Action.PLAN:
            if plan_ is None:
                numbered = plan("parks", "police").tasks
                later = tuple(replace(one, task_no=one.task_no + 3) for one in numbered)
                plan_ = replace(plan("parks", "police"), tasks=later)
            return Step(action=Action.PLAN, plan=plan_, text="重新编排")
        case Action.WAIVE:
            if state is State.FILED:
                back = tuple(
                    replace(one, state=TaskState.PLANNED, ended_at=None)
                    for one in found.case.tasks
                )
                found.life.case = replace(found.case, tasks=back)
            return Step(action=Action.WAIVE, task=2, reason="waive_not_needed", text="免")
        case Action.SUM_UP:
            ended = tuple(done(found, one.task_no) for one in found.case.tasks)
            found.life.case = replace(found.case, tasks=ended, unit="water")
            return Step(action=Action.SUM_UP, text="均已处置")
        case Action.TASK_ENDED:
            return Step(action=Action.TASK_ENDED, other=f"{found.no}.t2", moved=done(found, 2))
        case Action.TASK_MOVED:
            task = {one.task_no: one for one in found.case.tasks}[2]
            moved = replace(task, state=TaskState.HANDLING, signed_at=found.life.at)
            return Step(action=Action.TASK_MOVED, other=f"{found.no}.t2", moved=moved)
        case _:
            return Step(action=row.action, task=2)


@pytest.mark.parametrize(
    ("row", "state", "who"),
    LISTED,
    ids=[f"{r.row}-{r.action}-{s}-{w.name}" for r, s, w in LISTED],
)
def test_a_listed_row_by_who_may_leads_where_the_tasks_stand(
    row: Row, state: State, who: Who
) -> None:
    found = in_state(state)
    step = ready(found, row, state)
    command = found.life.command(found.life.who(NAMES[who]), step)
    answer = decide(found.case, command, found.life.book)

    assert not isinstance(answer, Refusal), answer.text()
    event = answer[0]
    assert (event.action, event.row) == (row.action, row.row)
    if row.action is Action.SUM_UP:
        assert event.state is State.FED_BACK
    elif state in DERIVED:
        assert event.state in DERIVED
    else:
        assert event.state is state


@pytest.mark.parametrize(
    ("row", "state"),
    [(row, state) for row in ROWS for state in sorted(row.sources)],
    ids=[f"{row.row}-{state}" for row in ROWS for state in sorted(row.sources)],
)
def test_who_is_not_named_is_refused(row: Row, state: State) -> None:
    found = in_state(state)
    step = ready(found, row, state)
    named = {one.role for who in row.who for one in found.life.who(NAMES[who]).grants}
    if Who.UNIT in row.who:
        named |= UNIT_ROLES
    if row.automatic:
        named.add(Role.SYSTEM)
    for role in set(Role) - named:
        unit = found.case.unit if role in UNIT_ROLES else ""
        stranger = Actor(person="stranger", grants=(Grant(role=role, unit=unit),))
        answer = decide(found.case, found.life.command(stranger, step), found.life.book)

        assert isinstance(answer, Refusal), role
        assert answer.why is Why.FORBIDDEN, role


@pytest.mark.parametrize("row", [one for one in ROWS if one.action is not Action.PLAN])
def test_of_one_department_there_is_nothing_to_link(row: Row) -> None:
    life = Life(book=joint_book()).report().to(State.HANDLING)
    world = in_state(State.HANDLING)
    step = ready(world, row, State.HANDLING)
    for who in row.who:
        name = NAMES[who].replace("water.", "roads.")
        answer = decide(life.case, life.command(life.who(name), step), life.book)

        assert isinstance(answer, Refusal)
        assert answer.values["because"] == Because.NOT_JOINT


@pytest.mark.parametrize("state", [State.FILED, State.DISPATCHED, State.SIGNED, State.HANDLING])
def test_j1_from_one_department_in_any_state(state: State) -> None:
    life = Life(book=joint_book()).report().to(state)
    found = Joint(life)
    units = ("roads", "water") if life.case.unit else ("water", "police")
    found.do("dispatcher", Action.PLAN, plan=plan(*units))

    assert found.case.joint
    assert found.stands() is (State.DISPATCHED if state is State.FILED else state)
    assert ClockKind.HANDLE not in found.life.running()
    assert ClockKind.SIGN not in found.life.running()
    assert found.tasks[1].case.state is (State.DISPATCHED if state is State.FILED else state)
    assert found.state(2) is State.DISPATCHED


def test_j1_not_while_the_one_department_is_on_hold_or_asks() -> None:
    step = Step(action=Action.PLAN, plan=plan("roads", "water"))
    for action, because in (
        (Action.REQUEST_EXTENSION, Because.ONE_ASKED),
        (Action.REQUEST_HOLD, Because.ONE_ASKED),
    ):
        life = Life(book=joint_book()).report().to(State.HANDLING)
        life.do(action)
        refusal = Joint(life).ask("dispatcher", step)
        assert refusal is not None
        assert refusal.values["because"] == because
    life = Life(book=joint_book()).report().to(State.ON_HOLD)
    refusal = Joint(life).ask("dispatcher", step)
    assert refusal is not None
    assert refusal.values["because"] == Because.ONE_ON_HOLD


def test_j2_a_reason_an_open_task_and_never_the_lead_s() -> None:
    found = in_state(State.HANDLING)
    why = {"reason": "waive_not_needed", "text": "免"}

    def refused(**fields: object) -> Refusal:
        step = Step(action=Action.WAIVE, **{**why, **fields})  # type: ignore[arg-type]
        refusal = found.ask("dispatcher", step)
        assert refusal is not None
        return refusal

    assert refused(task=2, reason="").why is Why.NEEDS_REASON
    assert refused(task=2, text="").why is Why.NEEDS_TEXT
    assert refused(task=9).why is Why.UNKNOWN_CODE
    assert refused(task=1).values["because"] == Because.LEAD_STAYS
    found.done(3)
    assert refused(task=3).values["because"] == Because.TASK_HAS_ENDED


def test_j4_j5_a_later_word_of_a_task_that_has_ended_changes_nothing() -> None:
    found = joint("water", "police", "roads")
    found.done(2)
    before = found.case
    for action in (Action.TASK_ENDED, Action.TASK_MOVED):
        moved = replace(done(found, 2), state=TaskState.RETURNED)
        assert found.ask("system", Step(action=action, moved=moved)) is None

    assert found.case.tasks == before.tasks
    assert found.case.clocks == before.clocks
    assert found.stands() is before.state


def test_j4_without_a_lead_the_dispatcher_s_limit_runs_and_helpers_go_on() -> None:
    found = joint("water", "police")
    found.sign(2)
    found.do("dispatcher", Action.RECALL, 1, reason="recall_wrong_unit", text="错")

    assert (found.case.unit, found.stands()) == ("", State.SIGNED)
    assert ClockKind.DISPATCH in found.life.running()
    found.done(2)
    assert ClockKind.SUM_UP not in found.life.running()
    assert found.stands() is State.FILED


def test_j5_the_whole_case_waits_when_all_do() -> None:
    found = in_state(State.ON_HOLD)
    promise = next(one for one in found.case.clocks if one.kind is ClockKind.WHOLE)

    assert promise.paused
    found.do("dispatcher", Action.RESUME, 2, text="苗木已到")
    promise = next(one for one in found.case.clocks if one.kind is ClockKind.WHOLE)
    assert found.stands() is State.HANDLING
    assert not promise.paused
