"""What a unit's own system is told of, and what not."""

import pytest

from domain.case import Case, Event, evolve, fold
from domain.clock import ClockKind
from domain.outside import SILENT, TOLD, WORKING, Tells, external, messages
from domain.row import Row, Who
from domain.terms import Action, State
from tests.domain import test_table as of_cases
from tests.domain import test_table_task as of_tasks
from tests.domain.emergency_world import declare, drill
from tests.domain.joint_world import joint
from tests.domain.small_world import Life, at_state

MINE = {"roads": "roads-oa"}
HELD = [one for one in of_cases.LISTED if one[1] in WORKING]
HELD_TASKS = [one for one in of_tasks.LISTED if one[1] in WORKING]
"""Every row that work which a unit has may take, by whom; what emergencies add has its own."""


def told(life: Life, since: int = 0) -> list[Tells]:
    """What the roads office's system hears of a life's events after `since`."""
    before = fold(life.case.case_no, life.events[:since])
    return [one.tells for one in messages(before, life.events[since:], MINE)]


def test_it_is_told_once_when_its_unit_gets_the_case_and_when_it_loses_it() -> None:
    life = at_state(State.DISPATCHED)
    life.do(Action.RECALL)

    assert told(life) == [Tells.ASSIGNED, Tells.WITHDRAWN]


def test_what_it_did_itself_is_no_news_to_it() -> None:
    system = external("roads-oa", "roads")
    life = at_state(State.DISPATCHED)
    since = len(life.events)
    life.do(Action.SIGN, system)
    life.do(Action.START, system)
    life.do(Action.COMMENT, system)
    life.do(Action.FEED_BACK, system)

    assert told(life, since) == []


def test_a_rework_an_urge_and_a_note_are_told() -> None:
    life = at_state(State.CHECKING)
    since = len(life.events)
    life.do(Action.CHECK_FAIL)
    life.do(Action.URGE, "supervisor")
    life.do(Action.COMMENT, "dispatcher")

    assert told(life, since) == [Tells.REWORK, Tells.URGED, Tells.NOTE]


def test_a_unit_without_a_system_is_told_nothing() -> None:
    assert messages(Life().case, at_state(State.HANDLING).events, {"water": "w"}) == ()


def test_a_joint_case_s_work_is_its_task_s() -> None:
    found = joint("water", "roads")

    assert messages(Life().case, found.life.events, MINE) == ()
    assert told(found.tasks[2]) == [Tells.ASSIGNED]


@pytest.mark.parametrize(
    ("start", "asked", "decided", "tells"),
    [
        (State.SIGNED, Action.RETURN, Action.REJECT_RETURN, Tells.DECIDED),
        (State.HANDLING, Action.REQUEST_EXTENSION, Action.REFUSE_EXTENSION, Tells.DECIDED),
        (State.HANDLING, Action.REQUEST_EXTENSION, Action.APPROVE_EXTENSION, Tells.CHANGED),
        (State.HANDLING, Action.REQUEST_HOLD, Action.REFUSE_HOLD, Tells.DECIDED),
        (State.HANDLING, Action.REQUEST_HOLD, Action.APPROVE_HOLD, Tells.CHANGED),
        (State.HANDLING, Action.ASK_REPORTER, Action.REPLY, Tells.NOTE),
    ],
)
def test_what_is_decided_of_its_wish_is_told(
    start: State, asked: Action, decided: Action, tells: Tells
) -> None:
    life = at_state(start)
    life.do(asked)
    since = len(life.events)
    life.do(decided)

    assert told(life, since) == [tells]


def stays(case: Case) -> tuple[object, ...]:
    """What a unit's system has to know of the work: state, limits, requests."""
    limits = [
        (one.clock_id, one.started_at, one.limit, one.calendar, one.paused)
        for one in case.clocks
        if one.stopped_at is None and one.kind is not ClockKind.DECIDE
    ]
    asked = [one.kind for one in case.pending]
    return case.state, limits, asked, bool(case.question)


def check(before: Case, after: Case, event: Event) -> None:
    """The change of held work is told, or is on the list of what is not."""
    found = messages(before, [event], {before.unit: "oa"})
    if stays(before) != stays(after):
        assert bool(found) is not (event.action in SILENT), event.action
    assert not (found and event.action in SILENT)


@pytest.mark.parametrize(
    ("row", "state", "who"),
    HELD,
    ids=[f"{r.row}-{r.action}-{s}-{r.to}-{w.name}" for r, s, w in HELD],
)
def test_what_changes_held_work_is_told_or_on_the_silent_list(
    row: Row, state: State, who: Who
) -> None:
    life, actor, step = of_cases.ready(row, state, who)
    before = life.case
    events = of_cases.ask(life, actor, step)
    assert isinstance(events, tuple)
    if before.unit and before.state in WORKING:
        check(before, evolve(before, events[0]), events[0])


@pytest.mark.parametrize(
    ("row", "state", "who"),
    HELD_TASKS,
    ids=[f"{r.row}-{r.action}-{s}-{r.to}-{w.name}" for r, s, w in HELD_TASKS],
)
def test_what_changes_a_held_task_is_told_or_on_the_silent_list(
    row: Row, state: State, who: Who
) -> None:
    before, _, scene = of_tasks.took(row, state, who)
    event = next(one for one in scene.life.events if one.seq == before.seq + 1)

    check(before, evolve(before, event), event)


def test_nothing_is_both_told_and_silent() -> None:
    assert not SILENT & TOLD.keys()


@pytest.mark.parametrize(
    ("who", "action", "tells"),
    [
        ("dispatcher", Action.URGE, Tells.URGED),
        ("dispatcher", Action.COMMENT, Tells.NOTE),
        ("reporter", Action.SUPPLEMENT, Tells.NOTE),
    ],
)
def test_what_is_said_on_a_joint_case_is_told_to_the_departments_at_it(
    who: str, action: Action, tells: Tells
) -> None:
    found = joint("water", "roads", "police")
    found.done(3)
    before = found.case
    found.do(who, action, text="现在更深了")
    systems = {one: f"{one}-oa" for one in ("water", "roads", "police")}
    made = messages(before, found.life.events[before.seq :], systems)

    assert [(one.destination, one.work, one.tells) for one in made] == [
        ("water-oa", f"{found.no}.t1", tells),
        ("roads-oa", f"{found.no}.t2", tells),
    ]


def test_a_letter_on_a_joint_case_is_told_to_the_lead_s_system_only() -> None:
    found = joint("water", "roads")
    before = found.case
    found.do("supervisor", Action.SUPERVISE, text="请说明进展")
    made = messages(before, found.life.events[before.seq :], {"water": "w", "roads": "r"})

    assert [(one.destination, one.tells) for one in made] == [("w", Tells.URGED)]


@pytest.mark.parametrize("action", [Action.REPLY, Action.SUPPLEMENT])
def test_the_reporter_s_answer_reaches_the_department_that_asked_once(action: Action) -> None:
    found = joint("water", "roads")
    found.sign(2)
    found.do("roads.desk", Action.ASK_REPORTER, 2, text="几号楼？")
    before, task = found.case, found.tasks[2].case
    found.do("reporter", action, text="12 号楼")
    systems = {"roads": "roads-oa"}
    of_case = messages(before, found.life.events[before.seq :], systems)
    of_task = messages(task, found.tasks[2].events[task.seq :], systems)

    assert [one.tells for one in (*of_case, *of_task)] == [Tells.NOTE]


def test_of_a_drill_no_system_is_told_from_its_first_event_on() -> None:
    found = drill()
    declare(found)
    lives = (found.life, *found.tasks.values())
    systems = {one.case.unit: "oa" for one in lives if one.case.unit}

    assert set(systems) == {"water", "police"}
    for life in lives:
        assert messages(Life().case, life.events, systems) == ()


def test_of_a_drill_that_is_dispatched_in_one_breath_nobody_is_told() -> None:
    life = drill().life
    life.do(Action.DISPATCH)

    assert life.case.unit == "roads"
    assert messages(fold(life.case.case_no, ()), life.events, MINE) == ()
