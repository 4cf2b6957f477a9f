"""Taking over another system's open cases: they go on as native ones in that state would."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import clock as clocks_
from domain.case import Case
from domain.clock import Clock, ClockKind
from domain.clock_sum import explain
from domain.command import Birth, Step
from domain.decide import allowed
from domain.facts import Task
from domain.open_case import OpenCase, Problem, Returned, Wrong
from domain.people import REPORTER, SYSTEM
from domain.spent import late, passed
from domain.take_over import birth_of
from domain.terms import FINAL, TASK_ONLY, Action, Source, State, TaskState
from tests.domain.small_world import (
    ADVICE,
    BOOK,
    EVERY_ROLE,
    GRID,
    HAWKER,
    LITTER,
    PEOPLE,
    SHED,
    Life,
    at_state,
    local,
    with_policy,
)

AT = local("09-09 11:00")
HOUR = timedelta(hours=1)
STILL = with_policy(auto_close=False)
STATES = sorted(set(State) - FINAL - TASK_ONLY - {State.MERGED})


def open_case(state: State, **changes: object) -> OpenCase:
    """A hotline case about litter in a state, with all that the state needs."""
    spec = OpenCase(
        state=state,
        source=Source.HOTLINE,
        reported_at=local("09-07 09:00"),
        grid=GRID,
        subclass=LITTER,
        condition=1,
        has_contact=True,
    )
    with_unit: dict[str, object] = {
        "unit": "roads",
        "person": "roads.crew",
        "dispatched_at": local("09-08 10:00"),
        "signed_at": local("09-08 11:00"),
    }
    fed_back = {**with_unit, "fed_back_at": local("09-08 17:00")}
    more: dict[State, dict[str, object]] = {
        State.VERIFYING: {"asked": "member1"},
        State.DISPATCHED: {**with_unit, "person": "", "signed_at": None},
        State.SIGNED: {**with_unit, "person": ""},
        State.HANDLING: with_unit,
        State.RETURNED: {**with_unit, "person": ""},
        State.ON_HOLD: {**with_unit, "hold_until": local("09-25 09:00")},
        State.ARBITRATING: with_unit,
        State.CONSULTING: with_unit,
        State.FED_BACK: fed_back,
        State.CHECKING: {**fed_back, "asked": "member1"},
        State.TO_CLOSE: fed_back,
        State.CLOSED: {**fed_back, "settled_at": local("09-08 18:00")},
        State.TRANSFERRED: {"settled_at": local("09-08 18:00"), "receiver": "邻区"},
        State.ANSWERED: {"settled_at": local("09-08 18:00"), "subclass": ADVICE},
        State.REFUSED: {"settled_at": local("09-08 18:00")},
        State.SELF_CLOSED: {"settled_at": local("09-08 18:00")},
    }
    return replace(spec, **{**more.get(state, {}), **changes})  # type: ignore[arg-type]


def born(spec: OpenCase, at: datetime = AT) -> Birth:
    """The birth of a case that has nothing wrong with it."""
    birth = birth_of(spec, STILL, at)
    assert isinstance(birth, Birth), [(one.column, one.text("en")) for one in birth]
    return birth


def taken(spec: OpenCase, at: datetime = AT) -> Life:
    """The case, taken over by a command."""
    life = Life(book=STILL, at=at)
    found = life.ask(SYSTEM, Step(action=Action.TAKE_OVER, birth=born(spec, at)), at=at)
    assert isinstance(found, tuple), found.text()
    assert found[0].notify == ()
    return life


def may(case: Case, at: datetime) -> dict[str, set[tuple[str, str, State | None]]]:
    """What everyone may ask for."""
    return {
        who.person: {(one.action, one.row, one.to) for one in allowed(case, who, at, STILL)}
        for who in (*PEOPLE.values(), EVERY_ROLE, REPORTER, SYSTEM)
    }


def clock_of(birth: Birth, kind: ClockKind) -> Clock:
    return next(one for one in birth.clocks if one.kind is kind)


@pytest.mark.parametrize("state", STATES)
def test_a_case_taken_over_may_do_what_a_native_one_in_that_state_may(state: State) -> None:
    native = at_state(state)
    spec = spec_of(native)
    life = taken(spec, native.at)

    assert life.case.state is state
    at = native.at + timedelta(minutes=1)
    assert may(life.case, at) == may(native.case, at)
    assert set(life.running()) == set(native.running())


def spec_of(native: Life) -> OpenCase:
    """A native case as a file would have it."""
    case, task = native.case, native.case.task
    at = {one.state: one.at for one in reversed(native.events)}
    returns = case.returns[: -1 if open_return(task) else None]
    arbitrating = case.state is State.ARBITRATING
    return OpenCase(
        state=case.state,
        source=case.source,
        reported_at=case.reported_at or native.at,
        grid=case.grid,
        subclass=case.subclass,
        condition=case.condition,
        has_contact=case.has_contact,
        unit=case.unit,
        person=case.person or case.handled_by,
        asked=case.asked,
        returns=tuple(
            Returned(unit=one.unit, accepted=one.accepted, at=one.decided_at)
            for one in (() if arbitrating else returns)
        ),
        dispatched_at=task.dispatched_at if task else None,
        signed_at=task.signed_at if task and case.state is not State.DISPATCHED else None,
        fed_back_at=at.get(State.FED_BACK),
        settled_at=at[case.state] if case.settled_as else None,
        stage_started_at=at[case.state],
        hold_until=case.hold_until if case.state is State.ON_HOLD else None,
        receiver=case.transferred_to,
    )


def open_return(task: Task | None) -> bool:
    return task is not None and task.state is TaskState.RETURN_REQUESTED


@pytest.mark.parametrize("state", STATES)
def test_every_limit_is_due_when_a_native_one_is(state: State) -> None:
    native = at_state(state)
    life = taken(spec_of(native), native.at)
    dues = [
        {
            one.kind: clocks_.due_at(one, STILL.calendars)
            for one in case.clocks
            if one.stopped_at is None and one.kind is not ClockKind.HOLD_REVIEW
        }
        for case in (life.case, native.case)
    ]

    assert dues[0] == dues[1]


@pytest.mark.parametrize("state", STATES)
def test_a_case_taken_over_reaches_the_archive_by_time_or_is_still_open(state: State) -> None:
    life = taken(open_case(state))
    life.wait(AT + timedelta(days=200))

    settled = life.case.settled_as != ""
    assert (life.case.state is State.ARCHIVED) is settled


def test_a_unit_that_fed_back_goes_on_when_its_feedback_is_rejected() -> None:
    life = taken(open_case(State.FED_BACK))
    life.do(Action.REJECT_FEEDBACK)
    handle = life.clock("handle")

    assert clocks_.used(handle, life.at, STILL.calendars) == 5 * HOUR
    assert life.case.state is State.HANDLING


@pytest.mark.parametrize(
    ("state", "action"),
    [
        (State.DISPATCHED, Action.RECALL),
        (State.RETURNED, Action.ACCEPT_RETURN),
        (State.RETURNED, Action.WITHDRAW_RETURN),
        (State.ARBITRATING, Action.RULE),
        (State.CONSULTING, Action.DECIDE),
        (State.FED_BACK, Action.TAKE_BACK),
        (State.CHECKING, Action.CHECK_FAIL),
        (State.TO_CLOSE, Action.REJECT_CLOSE),
        (State.ON_HOLD, Action.RESUME),
        (State.CLOSED, Action.REOPEN),
        (State.REFUSED, Action.ASK_REVIEW),
    ],
)
def test_moves_that_look_back_find_what_they_need(state: State, action: Action) -> None:
    life = taken(open_case(state))

    assert life.do(action)


# What is used ---------------------------------------------------------------------------


def test_used_hours_count_and_the_rest_is_what_is_left() -> None:
    birth = born(open_case(State.HANDLING, handle_used=5 * HOUR))
    handle = clock_of(birth, ClockKind.HANDLE)

    assert clocks_.used(handle, AT, STILL.calendars) == 5 * HOUR
    assert clocks_.due_at(handle, STILL.calendars) == local("09-09 16:00")
    assert handle.started_at == local("09-08 10:00")
    assert sum((row.amount for row in explain(handle, STILL.calendars)), timedelta(0)) == (
        handle.limit
    )


def test_more_used_than_since_dispatch_is_carried_over() -> None:
    birth = born(open_case(State.HANDLING, handle_used=20 * HOUR))
    handle = clock_of(birth, ClockKind.HANDLE)

    assert clocks_.used(handle, AT, STILL.calendars) == 20 * HOUR
    assert late(birth)


def test_without_hours_our_calendar_counts_from_dispatch() -> None:
    handle = clock_of(born(open_case(State.HANDLING)), ClockKind.HANDLE)

    assert clocks_.used(handle, AT, STILL.calendars) == 9 * HOUR
    assert clocks_.due_at(handle, STILL.calendars) == local("09-09 10:00")


def test_hours_alone_are_enough() -> None:
    spec = open_case(State.SIGNED, dispatched_at=None, signed_at=None, handle_used=3 * HOUR)
    birth = born(spec)

    assert clock_of(birth, ClockKind.HANDLE).started_at == local("09-09 08:00")
    assert clocks_.used(clock_of(birth, ClockKind.HANDLE), AT, STILL.calendars) == 3 * HOUR


MINUTES = st.integers(min_value=0, max_value=8 * 24 * 60)


@given(
    start=MINUTES,
    length=MINUTES,
    rests=st.lists(MINUTES, max_size=4),
    subclass=st.sampled_from([HAWKER, SHED]),
)
def test_the_due_time_is_that_of_a_native_case_with_the_same_used_time(
    start: int, length: int, rests: list[int], subclass: str
) -> None:
    minute = timedelta(minutes=1)
    began = local("09-01 09:00") + start * minute
    at = began + length * minute
    fresh = {"reported_at": local("09-01 08:00"), "signed_at": None, "subclass": subclass}
    first = open_case(State.HANDLING, dispatched_at=began, **fresh)
    native = clock_of(born(first, began), ClockKind.HANDLE)
    for number, moment in enumerate(sorted({one for one in rests if one < length})):
        change = clocks_.resume if number % 2 else lambda c, t: clocks_.pause(c, t, "hold")
        native = change(native, began + moment * minute)
    native = clocks_.resume(native, at) if native.paused else native
    used = clocks_.used(native, at, STILL.calendars)
    for dispatched in (began, None):
        spec = replace(first, dispatched_at=dispatched, handle_used=used)
        mine = clock_of(born(spec, at), ClockKind.HANDLE)

        assert clocks_.used(mine, at, STILL.calendars) == used
        if clocks_.remaining(native, at, STILL.calendars) > timedelta(0):
            due = clocks_.due_at(native, STILL.calendars)
            assert clocks_.due_at(mine, STILL.calendars) == due
        done = {one.percent for one in mine.fired}
        share = used / native.limit * 100
        below_floor = {one for one in native.rungs if one < 150}
        assert done & below_floor == {one for one in below_floor if one <= share}


def test_an_extension_is_added_to_the_limit() -> None:
    spec = open_case(State.HANDLING, extensions=1, extended=4 * HOUR)
    birth = born(spec)
    handle = clock_of(birth, ClockKind.HANDLE)

    assert clocks_.due_at(handle, STILL.calendars) == local("09-09 16:00")
    assert (birth.patch.extensions, birth.patch.extended) == (1, 4 * HOUR)
    life = taken(spec)
    life.do(Action.REQUEST_EXTENSION)
    assert life.case.waiting("extension") is not None


def test_a_rework_is_judged_with_the_rounds_before_it() -> None:
    spec = open_case(State.HANDLING, round=2, used_before=7 * HOUR, handle_used=1 * HOUR)
    handle = clock_of(born(spec), ClockKind.HANDLE)

    assert (handle.judged_budget, handle.used_before) == (8 * HOUR, 7 * HOUR)
    assert handle.budget == 8 * HOUR  # at least one working day
    assert clocks_.used(handle, AT, STILL.calendars) == HOUR


def test_a_hold_holds_the_limit_and_the_promise_up() -> None:
    spec = open_case(State.ON_HOLD, hold_since=local("09-08 12:00"), hold_reason="hold_season")
    life = taken(spec)
    assert clocks_.used(life.clock("handle"), AT, STILL.calendars) == 2 * HOUR
    assert life.clock("whole").paused

    life.wait(local("09-25 09:00"))
    assert life.case.state is State.HANDLING
    assert clocks_.due_at(life.clock("handle"), STILL.calendars) == local("09-25 17:00")


def test_a_hold_of_long_ago_is_on_the_backlog_register_and_looked_at_later() -> None:
    at = local("12-01 10:00")
    spec = open_case(
        State.ON_HOLD, hold_since=local("09-08 12:00"), hold_until=local("12-20 09:00")
    )
    birth = born(spec, at)

    assert birth.patch.backlog
    assert clock_of(birth, ClockKind.HOLD_REVIEW).started_at == at
    assert not late(birth)


def test_a_late_decider_holds_the_limit_up() -> None:
    spec = open_case(State.RETURNED, stage_started_at=local("09-08 14:00"))
    life = taken(spec)
    handle = life.clock("handle")

    assert handle.paused
    assert clocks_.used(handle, AT, STILL.calendars) == 4 * HOUR
    life.do(Action.REJECT_RETURN)
    assert not life.clock("handle").paused


def test_a_promise_with_a_date_ends_then() -> None:
    due = local("09-14 18:00")
    birth = born(open_case(State.ACCEPTED, source=Source.PETITION, whole_due=due))

    assert clocks_.due_at(clock_of(birth, ClockKind.WHOLE), STILL.calendars) == due


def test_a_promise_by_hours_used_goes_on() -> None:
    birth = born(open_case(State.ACCEPTED, whole_used=6 * HOUR))

    whole = clock_of(birth, ClockKind.WHOLE)
    assert clocks_.used(whole, AT, STILL.calendars) == 6 * HOUR


def test_the_stage_has_used_what_the_file_says() -> None:
    birth = born(open_case(State.FILED, stage_used=HOUR / 4))

    assert clocks_.used(clock_of(birth, ClockKind.DISPATCH), AT, STILL.calendars) == HOUR / 4


def test_stages_done_are_done_and_the_others_run() -> None:
    spec = open_case(State.HANDLING, subclass=SHED, stages_done=("stop",))
    life = taken(spec)

    running = [one.clock_id for one in life.case.clocks if one.stopped_at is None]
    assert {"stage:penalty", "stage:demolish"} <= set(running)
    assert "stage:stop" not in running
    life.do(Action.MARK_STAGE, stage="penalty")


def test_a_pending_request_is_with_its_decider() -> None:
    spec = open_case(
        State.HANDLING,
        handle_used=2 * HOUR,
        pending="extension",
        pending_hours=4 * HOUR,
        pending_by="roads.crew",
    )
    life = taken(spec)
    life.do(Action.APPROVE_EXTENSION)

    assert life.case.extended == 4 * HOUR


def test_earlier_returns_count() -> None:
    returns = (Returned(unit="water", accepted=True), Returned(unit="roads", accepted=False))
    dispatched = {"dispatched_at": local("09-09 10:00"), "signed_at": None}
    life = taken(open_case(State.SIGNED, person="", returns=returns, **dispatched))
    life.do(Action.RETURN)

    assert life.case.state is State.ARBITRATING
    assert [one.unit for one in life.case.tasks] == ["water", "roads"]


def test_a_case_with_an_open_follow_up_is_called_back_and_archived() -> None:
    life = taken(open_case(State.CLOSED))
    life.do(Action.CALL_BACK, at=AT + HOUR)
    life.wait(local("09-24 00:00"))

    assert (life.case.state, life.case.settled_as) == (State.ARCHIVED, "closed")


# Nobody is told on Monday ---------------------------------------------------------------


def test_rungs_that_were_passed_tell_nobody_and_escalate() -> None:
    letters = with_policy(STILL, supervise_at=(100,))
    spec = open_case(State.HANDLING, handle_used=20 * HOUR)
    birth = birth_of(spec, letters, AT)
    assert isinstance(birth, Birth)
    life = Life(book=letters, at=AT)
    found = life.ask(SYSTEM, Step(action=Action.TAKE_OVER, birth=birth), at=AT)
    assert isinstance(found, tuple)

    assert life.case.escalation == 4
    assert passed(birth) == 5  # of `handle`; the promise runs on
    assert [one.notify for one in found] == [()]
    assert life.wait(AT + timedelta(minutes=30)) == ()
    assert life.case.supervisions == ()


def test_the_next_rung_fires_at_its_time() -> None:
    life = taken(open_case(State.HANDLING, handle_used=5 * HOUR))
    (fired,) = life.wait(local("09-09 14:00"))

    assert (fired.action, fired.reason, fired.at) == (
        Action.RUNG,
        "handle 75%",
        local("09-09 12:00"),
    )
    assert fired.notify


# Problems -------------------------------------------------------------------------------

LATER, EARLY = local("09-10 09:00"), local("09-01 09:00")
PROBLEMS: list[tuple[State, dict[str, object], str, Wrong]] = [
    (State.ARCHIVED, {}, "state", Wrong.FINAL),
    (State.VOIDED, {}, "state", Wrong.FINAL),
    (State.WITHDRAWN, {}, "state", Wrong.FINAL),
    (State.MERGED, {}, "state", Wrong.MERGED),
    (State.HANDLING, {"unit": "roads;water", "person": ""}, "unit", Wrong.JOINT),
    (State.HANDLING, {"unit": "", "person": ""}, "unit", Wrong.MISSING),
    (State.HANDLING, {"dispatched_at": None}, "dispatched_at", Wrong.MISSING),
    (State.FED_BACK, {"fed_back_at": None}, "fed_back_at", Wrong.MISSING),
    (State.CHECKING, {"asked": ""}, "asked", Wrong.MISSING),
    (State.VERIFYING, {"asked": ""}, "asked", Wrong.MISSING),
    (State.VERIFYING, {"grid": ""}, "grid", Wrong.MISSING),
    (State.ACCEPTED, {"subclass": "", "condition": 0}, "subclass", Wrong.MISSING),
    (State.FILED, {"condition": 0}, "condition", Wrong.MISSING),
    (State.ON_HOLD, {"hold_until": None}, "hold_until", Wrong.MISSING),
    (State.CLOSED, {"settled_at": None}, "settled_at", Wrong.MISSING),
    (State.TRANSFERRED, {"receiver": ""}, "receiver", Wrong.MISSING),
    (State.FILED, {"unit": "roads", "handle_used": HOUR}, "unit", Wrong.MISPLACED),
    (State.HANDLING, {"asked": "member1"}, "asked", Wrong.MISPLACED),
    (State.HANDLING, {"hold_until": LATER}, "hold_until", Wrong.MISPLACED),
    (State.HANDLING, {"settled_at": AT}, "settled_at", Wrong.MISPLACED),
    (State.FILED, {"receiver": "x"}, "receiver", Wrong.MISPLACED),
    (State.REPORTED, {"grid": "1"}, "grid", Wrong.UNKNOWN),
    (State.REPORTED, {"subclass": "X"}, "subclass", Wrong.UNKNOWN),
    (State.FILED, {"condition": 9}, "condition", Wrong.UNKNOWN),
    (State.HANDLING, {"unit": "moon", "person": ""}, "unit", Wrong.UNKNOWN),
    (State.FILED, {"returns": (Returned(unit="moon", accepted=True),)}, "returns",
     Wrong.UNKNOWN),
    (State.ON_HOLD, {"hold_reason": "tired"}, "hold_reason", Wrong.UNKNOWN),
    (State.HANDLING, {"stages_done": ("stop",)}, "stages_done", Wrong.UNKNOWN),
    (State.HANDLING, {"person": "water.crew"}, "person", Wrong.NOT_OF_UNIT),
    (State.HANDLING, {"person": "nobody"}, "person", Wrong.NOT_OF_UNIT),
    (State.CHECKING, {"asked": "chief"}, "asked", Wrong.NO_MEMBER),
    (State.HANDLING, {"reported_at": LATER}, "reported_at", Wrong.FUTURE),
    (State.HANDLING, {"stage_started_at": LATER}, "stage_started_at", Wrong.FUTURE),
    (State.FILED, {"returns": (Returned(unit="water", accepted=True, at=LATER),)}, "returns",
     Wrong.FUTURE),
    (State.HANDLING, {"signed_at": local("09-08 09:00")}, "signed_at", Wrong.ORDER),
    (State.HANDLING, {"dispatched_at": EARLY}, "dispatched_at", Wrong.ORDER),
    (State.HANDLING, {"whole_due": EARLY}, "whole_due", Wrong.ORDER),
    (State.FILED, {"upstream_due": EARLY}, "upstream_due", Wrong.ORDER),
    (State.ON_HOLD, {"hold_since": EARLY}, "hold_since", Wrong.ORDER),
    (State.ON_HOLD, {"hold_until": EARLY}, "hold_until", Wrong.PAST),
    (State.CLOSED, {"follow_up_until": AT}, "follow_up_until", Wrong.PAST),
    (State.HANDLING, {"handle_used": -HOUR}, "handle_used", Wrong.NEGATIVE),
    (State.HANDLING, {"extensions": -1}, "extensions", Wrong.NEGATIVE),
    (State.HANDLING, {"handle_used": 60 * HOUR}, "handle_used", Wrong.TOO_MUCH),
    (State.FILED, {"stage_used": 60 * HOUR}, "stage_used", Wrong.TOO_MUCH),
    (State.FILED, {"whole_used": 60 * HOUR}, "whole_used", Wrong.TOO_MUCH),
    (State.HANDLING, {"round": 0}, "round", Wrong.ROUND),
    (State.HANDLING, {"round": 2}, "used_before", Wrong.MISSING),
    (State.HANDLING, {"extensions": 1}, "extended", Wrong.COUNT),
    (State.HANDLING, {"extended": HOUR}, "extensions", Wrong.COUNT),
    (State.FILED, {"whole_used": HOUR, "whole_due": LATER}, "whole_used", Wrong.BOTH),
    (State.FILED, {"whole_used": HOUR, "source": Source.SENSOR}, "whole_used",
     Wrong.NO_PROMISE),
    (State.FILED, {"pending": "extension", "pending_hours": HOUR}, "pending", Wrong.PENDING),
    (State.HANDLING, {"pending": "coffee"}, "pending", Wrong.UNKNOWN),
    (State.HANDLING, {"pending": "extension"}, "pending_hours", Wrong.MISSING),
    (State.HANDLING, {"pending": "hold"}, "pending_until", Wrong.MISSING),
    (State.HANDLING, {"pending": "void", "pending_by": "x"}, "pending_by", Wrong.UNKNOWN),
    (State.CLOSED, {"settled_at": local("08-10 10:00"), "reported_at": local("08-01 09:00"),
                    "dispatched_at": None, "signed_at": None, "fed_back_at": None,
                    "handle_used": HOUR}, "settled_at", Wrong.WINDOW_OVER),
    (State.HANDLING, {"reported_at": datetime.fromisoformat("2015-01-01T00:00:00Z"),
                      "dispatched_at": datetime.fromisoformat("2015-01-02T00:00:00Z")},
     "reported_at", Wrong.CALENDAR),
]  # fmt: skip


@pytest.mark.parametrize(("state", "changes", "column", "wrong"), PROBLEMS)
def test_what_is_wrong_is_said_with_its_column(
    state: State, changes: dict[str, object], column: str, wrong: Wrong
) -> None:
    found = birth_of(open_case(state, **changes), BOOK, AT)

    assert isinstance(found, tuple)
    assert (column, wrong) in {(one.column, one.wrong) for one in found}
    for one in found:
        assert "{" not in one.text("zh") + one.text("en")
        assert one.text("zh") != one.text("en")


def test_every_problem_has_a_test() -> None:
    assert {wrong for *_, wrong in PROBLEMS} == set(Wrong)


def test_all_that_is_wrong_is_said_at_once() -> None:
    spec = open_case(State.HANDLING, unit="moon", grid="1", round=0)
    found = birth_of(spec, BOOK, AT)

    assert isinstance(found, tuple)
    assert all(isinstance(one, Problem) for one in found)
    assert {one.column for one in found} >= {"unit", "grid", "round"}


def test_it_keeps_the_versions_it_was_worked_out_by() -> None:
    newer = replace(BOOK, policies={**BOOK.policies, 2: BOOK.policies[1]}, policy=2)
    life = Life(book=newer, at=AT)
    birth = birth_of(open_case(State.HANDLING, handle_used=HOUR), BOOK, AT)
    assert isinstance(birth, Birth)
    life.ask(SYSTEM, Step(action=Action.TAKE_OVER, birth=birth), at=AT)

    assert life.case.policy == 1
