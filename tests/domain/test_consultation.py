"""Consultation and substitution (T48, T56, T57, T60): where the ordinary way is stuck."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.clock import ClockKind, Outcome
from domain.facts import Rating, Task
from domain.people import SYSTEM
from domain.refusal import Refusal
from domain.terms import Action, Decision, Solved, State, TaskState
from domain.why import Why
from tests.domain.small_world import ADVICE, GOOD, Life, at_state, local, reported

K = ClockKind
DAY = timedelta(days=1)


def outcome(life: Life, clock_id: str) -> Outcome | None:
    return life.clock(clock_id).outcome


def stuck(state: State) -> Life:
    """A case in a state, reworked twice."""
    life = at_state(state)
    life.case = replace(life.case, round=3, fails=2)
    return life


def closed_again() -> Life:
    """Reopened, closed again, and still not solved."""
    life = at_state(State.CLOSED)
    life.do(Action.REOPEN)
    for action in (Action.FEED_BACK, Action.PASS_REVIEW, Action.CHECK_PASS, Action.CLOSE):
        life.do(action)
    life.do(Action.RATE, solved=Solved.PARTLY, score=2)
    return life


def decided(
    life: Life, decision: Decision, *, unit: str = "", until: datetime | None = None
) -> Life:
    life.do(Action.DECIDE, decision=decision, unit=unit, until=until)
    return life


# T56 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.SIGNED, State.HANDLING])
@pytest.mark.parametrize("who", ["supervisor", "command"])
def test_t56_only_handle_waits_and_the_command_chief_s_clock_runs(
    state: State, who: str
) -> None:
    life = stuck(state)
    life.do(Action.REQUEST_VOID)
    events = life.do(Action.CONSULT, who)

    assert (life.state(), life.case.consultations) == (State.CONSULTING, 1)
    assert set(events[0].notify) == {"role:command_chief", "unit:roads"}
    handle, whole = life.clock("handle"), life.clock("whole")
    assert (handle.paused, whole.paused) == (True, False)
    assert handle.pauses[-1].reason == "consultation"
    decide = life.clock("decide:2")
    assert (decide.owner, decide.budget) == ("command_chief", timedelta(hours=40))
    assert {one.kind for one in life.case.pending} == {"void", "consultation"}
    assert not life.clock("decide").paused


def test_t56_not_without_a_ground() -> None:
    life = at_state(State.HANDLING)
    assert life.refused(Action.CONSULT).values["because"] == "not_stuck"
    tasks = tuple(
        Task(task_no=number, unit=unit, dispatched_at=life.at)
        for number, unit in enumerate(("roads", "water", "parks"), start=1)
    )
    said = Rating(by="reporter", at=life.at, solved=Solved.PARTLY, score=2)
    grounds: list[tuple[dict[str, Any], bool]] = [
        ({"fails": 2}, True),
        ({"fails": 1, "round": 4}, False),
        ({"fails": 2, "reopened": True}, True),
        ({"fails": 1, "upstream_rejections": 1}, True),
        ({"tasks": tasks}, True),
        ({"tasks": tasks[:2]}, False),
        ({"binding": True}, True),
        ({"reopened": True, "ratings": (said,)}, True),
        ({"reopened": True, "ratings": (replace(said, solved=Solved.YES),)}, False),
        ({"ratings": (said,)}, False),
        ({"fails": 2, "explained": True}, False),
    ]
    for facts, enough in grounds:
        life = at_state(State.HANDLING)
        life.case = replace(life.case, **facts)
        assert isinstance(life.try_(Action.CONSULT), Refusal) is not enough, facts


def test_t56_the_system_only_when_it_is_not_solved_a_second_time() -> None:
    assert stuck(State.HANDLING).refused(Action.CONSULT, SYSTEM).why is Why.NOT_NOW
    life = closed_again()
    life.do(Action.CONSULT, SYSTEM)

    assert (life.state(), life.case.disputed) == (State.CONSULTING, True)


def closed_twice() -> Life:
    """Reopened and closed again; the reporter has not spoken yet."""
    life = closed_again()
    life.case = replace(life.case, ratings=())
    return life


@pytest.mark.parametrize(
    ("action", "said", "state"),
    [
        (Action.RATE, Solved.NO, State.CONSULTING),
        (Action.CALL_BACK, Solved.NO, State.CONSULTING),
        (Action.RATE, Solved.PARTLY, State.CLOSED),
        (Action.RATE, Solved.YES, State.CLOSED),
    ],
)
def test_t56_the_second_unsolved_brings_the_meeting(
    action: Action, said: Solved, state: State
) -> None:
    life = closed_twice()
    life.do(action, solved=said, score=1)
    last, consults = life.events[-1], state is State.CONSULTING

    assert life.state() is state
    assert ((last.action, last.actor) == (Action.CONSULT, "system")) is consults
    assert life.case.disputed is consults


def test_t56_not_of_the_first_closing_nor_of_one_that_was_explained() -> None:
    life = at_state(State.CLOSED)
    life.do(Action.RATE, solved=Solved.NO, score=1)
    assert life.state() is State.CLOSED
    life = closed_twice()
    life.case = replace(life.case, explained=True)
    life.do(Action.RATE, solved=Solved.NO, score=1)

    assert life.state() is State.CLOSED


def test_t56_who_asks_for_it_in_the_same_breath_has_it_by_his_own_row() -> None:
    life = closed_twice()
    said = replace(GOOD[Action.RATE][1], solved=Solved.NO, score=1)
    events = life.ask("reporter", said, GOOD[Action.REOPEN][1])

    assert isinstance(events, tuple)
    assert [(one.action, one.row) for one in events] == [
        (Action.RATE, "T58"),
        (Action.REOPEN, "T60"),
    ]
    assert life.case.consultations == 1


def test_t56_from_a_return_the_dispatcher_is_relieved() -> None:
    life = stuck(State.SIGNED)
    life.case = replace(life.case, round=1, binding=False)
    life.do(Action.RETURN)
    life.case = replace(life.case, fails=2)
    life.do(Action.CONSULT)

    assert outcome(life, "decide") is Outcome.DONE
    assert life.running()[K.DECIDE] == "decide:2"


def test_t56_from_arbitration_the_ruling_is_the_meeting_s() -> None:
    life = at_state(State.ARBITRATING)
    life.do(Action.CONSULT, "command")

    assert outcome(life, "decide:2") is Outcome.DONE
    assert [one.kind for one in life.case.pending] == ["consultation"]
    decided(life, Decision.DISPATCH, unit="roads")
    assert (life.state(), life.case.pending) == (State.DISPATCHED, ())


def test_t56_pending_requests_of_the_unit_lapse() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.REQUEST_EXTENSION)
    life.case = replace(life.case, fails=2)
    life.do(Action.CONSULT)

    assert [one.kind for one in life.case.pending] == ["consultation"]
    assert outcome(life, "decide") is Outcome.VOID
    assert life.events[-1].notify == ("role:command_chief", "unit:roads", "person:roads.crew")


def test_t56_a_closed_case_is_open_again_with_a_new_promise() -> None:
    life = stuck(State.CLOSED)
    life.do(Action.CONSULT)

    assert life.running() == {K.WHOLE: "whole:2", K.DECIDE: "decide"}
    assert (outcome(life, "follow_up"), outcome(life, "call_back")) == (Outcome.VOID,) * 2
    assert (life.case.settled_as, life.case.disputed) == ("", False)


def test_a_late_meeting_is_not_the_unit_s_time() -> None:
    life = stuck(State.HANDLING)
    life.do(Action.CONSULT, at=local("09-07 10:00"))
    life.wait(local("09-15 10:00"))  # decide: 40 WH, until 09-14 10:00
    assert life.clock("handle").pauses[-1].reason == "consultation"
    decided(life, Decision.DISPATCH, unit="roads")
    handle = life.clock("handle")

    assert not handle.paused
    spent = clocks_.used(handle, life.at, life.book.calendars)
    assert spent == timedelta(minutes=56)  # 09:04 to 10:00, the day of the meeting nothing
    assert clocks_.on_time(life.clock("decide"), life.book.calendars) is False


def test_a_unit_that_was_late_by_then_stays_late_when_another_gets_it() -> None:
    life = stuck(State.HANDLING)
    life.wait(local("09-14 10:00"))
    life.do(Action.CONSULT)
    decided(life, Decision.DISPATCH, unit="water")

    assert life.clock("handle").outcome is Outcome.DONE
    assert clocks_.on_time(life.clock("handle"), life.book.calendars) is False


def test_a_unit_that_was_not_late_leaves_no_facts() -> None:
    life = stuck(State.HANDLING)
    life.do(Action.CONSULT)
    decided(life, Decision.DISPATCH, unit="water")

    assert life.clock("handle").outcome is Outcome.VOID


# T57: a unit -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"decision": None}, "decision"),
        ({"participants": ()}, "participants"),
        ({"participants": (" ",)}, "participants"),
        ({"unit": ""}, "unit"),
        ({"decision": Decision.HOLD, "until": None}, "until"),
    ],
)
def test_t57_says_what_the_meeting_decided(changes: dict[str, Any], field: str) -> None:
    life = at_state(State.CONSULTING)

    assert life.refused(Action.DECIDE, **changes).values["field"] == field


def test_t57_minutes_and_the_command_chief() -> None:
    life = at_state(State.CONSULTING)

    assert life.refused(Action.DECIDE, text=" ").why is Why.NEEDS_TEXT
    assert life.refused(Action.DECIDE, "chief").why is Why.FORBIDDEN
    assert life.refused(Action.DECIDE, unit="nobody").why is Why.UNKNOWN_CODE


def test_t57_the_same_unit_signs_again_and_its_limit_goes_on() -> None:
    life = stuck(State.HANDLING)
    life.do(Action.CONSULT)
    decided(life, Decision.DISPATCH, unit="roads")

    assert (life.state(), life.case.binding) == (State.DISPATCHED, True)
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle", K.SIGN: "sign:2"}
    assert len(life.case.tasks) == 1
    assert life.case.tasks[0].state is TaskState.DISPATCHED
    assert life.refused(Action.RECALL).values["because"] == "signed_before"
    life.do(Action.SIGN)
    life.case = replace(life.case, round=1)
    assert life.refused(Action.RETURN).values["because"] == "binding"


def test_t57_another_unit_begins_anew_and_the_first_leaves_no_facts() -> None:
    life = stuck(State.HANDLING)
    life.do(Action.CONSULT)
    decided(life, Decision.DISPATCH, unit="water")

    assert (life.case.unit, life.case.person) == ("water", "")
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle:2", K.SIGN: "sign:2"}
    assert (outcome(life, "handle"), outcome(life, "sign")) == (Outcome.VOID, Outcome.DONE)
    assert life.case.tasks[0].state is TaskState.WITHDRAWN


@pytest.mark.parametrize("unit", ["roads", "water"])
def test_t57_decides_on_the_return_that_waits(unit: str) -> None:
    life = at_state(State.RETURNED)
    life.case = replace(life.case, fails=2)
    life.do(Action.CONSULT)
    decided(life, Decision.DISPATCH, unit=unit)
    mark = life.case.returns[0]

    assert (mark.accepted, mark.decided_at) == (unit == "water", life.at)
    ended = Outcome.RETURNED if unit == "water" else None
    assert outcome(life, "handle") is ended
    states = [one.state for one in life.case.tasks]
    assert states == [TaskState.RETURNED, TaskState.DISPATCHED][-len(states) :]


def test_t57_a_closed_case_goes_back_to_its_unit_in_a_new_round() -> None:
    life = closed_again()
    before = life.case.round
    life.do(Action.REOPEN)
    decided(life, Decision.DISPATCH, unit="roads")

    assert (life.state(), life.case.round) == (State.DISPATCHED, before + 1)
    handle = life.clock("handle:3")
    assert handle.used_before > life.clock("handle:2").used_before
    assert (life.case.tasks[0].state, life.case.tasks[0].rounds) == (TaskState.DISPATCHED, 3)
    assert life.running() == {K.WHOLE: "whole:3", K.HANDLE: "handle:3", K.SIGN: "sign:2"}


def test_t57_a_closed_case_may_go_to_another_unit_and_the_first_keeps_its_facts() -> None:
    life = closed_again()
    life.do(Action.REOPEN)
    decided(life, Decision.DISPATCH, unit="water")

    assert [one.state for one in life.case.tasks] == [TaskState.DONE, TaskState.DISPATCHED]
    assert outcome(life, "handle:2") is Outcome.DONE
    assert life.clock("handle:3").owner == "unit:water"


def test_t57_a_case_that_no_unit_has_is_given_to_one() -> None:
    life = reported(subclass=ADVICE)
    life.do(Action.ACCEPT, subclass=ADVICE)
    life.do(Action.FILE)
    life.do(Action.SUBMIT)
    life.do(Action.CONSULT)
    hold = life.refused(Action.DECIDE, decision=Decision.HOLD, until=life.at + DAY)
    assert hold.values["because"] == "no_unit"
    decided(life, Decision.DISPATCH, unit="parks")

    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle", K.SIGN: "sign"}


# T57: a date -------------------------------------------------------------------------------


def test_t57_on_hold_handle_and_whole_wait_and_go_on_with_the_remainder() -> None:
    life = stuck(State.HANDLING)
    life.do(Action.CONSULT, at=local("09-07 10:00"))
    until = local("10-20 09:00")
    decided(life, Decision.HOLD, until=until)

    assert (life.state(), life.case.binding, life.case.hold_until) == (
        *(State.ON_HOLD, True),
        until,
    )
    for clock_id in ("handle", "whole"):
        assert life.clock(clock_id).pauses[-1].reason == "hold"
    life.wait(until)
    assert life.state() is State.HANDLING
    assert not life.clock("handle").paused
    assert clocks_.used(life.clock("handle"), until, life.book.calendars) == timedelta(
        minutes=56
    )


def test_t57_not_longer_than_policy_holds() -> None:
    life = at_state(State.CONSULTING)
    far = life.at + 400 * DAY
    refused = life.refused(Action.DECIDE, decision=Decision.HOLD, until=far)

    assert refused.values["because"] == "hold_too_long"


def test_t57_a_closed_case_on_hold_goes_on_with_a_new_round() -> None:
    life = closed_again()
    life.do(Action.REOPEN)
    until = life.at + 3 * DAY
    decided(life, Decision.HOLD, until=until)
    assert life.clock("handle:3").paused
    life.wait(until)

    assert life.state() is State.HANDLING
    assert life.running() == {K.WHOLE: "whole:3", K.HANDLE: "handle:3"}


# T57: closed as explained; T60 -------------------------------------------------------------


def test_t57_explained_is_closed_for_good() -> None:
    life = stuck(State.HANDLING)
    life.do(Action.CONSULT)
    decided(life, Decision.EXPLAIN)

    assert (life.state(), life.case.explained) == (State.CLOSED, True)
    assert life.case.settled_as == "closed"
    assert life.running() == {K.CALL_BACK: "call_back", K.FOLLOW_UP: "follow_up"}
    ended = [outcome(life, one) for one in ("handle", "whole", "decide")]
    assert ended == [Outcome.VOID, Outcome.DONE, Outcome.DONE]
    assert life.case.tasks[0].state is TaskState.WITHDRAWN
    for action in (Action.REOPEN, Action.CONSULT):
        assert life.refused(action).values["because"] == "explained"


def test_t60_the_second_reopening_is_a_consultation() -> None:
    life = closed_again()
    events = life.do(Action.REOPEN)

    assert (events[0].row, life.state()) == ("T60", State.CONSULTING)
    assert (life.case.disputed, life.case.ratings, life.case.consultations) == (True, (), 1)
    assert life.running() == {K.WHOLE: "whole:3", K.DECIDE: "decide"}
    assert events[0].notify == ("role:command_chief", "unit:roads")
    decided(life, Decision.EXPLAIN)
    assert life.case.tasks[0].state is TaskState.DONE
    assert outcome(life, "whole:3") is Outcome.DONE


def test_t60_on_the_same_conditions_as_the_first() -> None:
    life = closed_again()
    life.do(Action.RATE, solved=Solved.YES, score=5)

    assert life.refused(Action.REOPEN).values["because"] == "said_solved"
    assert life.refused(Action.REOPEN, "chief").values["because"] == "no_spot_check"


# T48 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.SIGNED, State.HANDLING])
def test_t48_another_unit_stands_in_and_the_first_counts_as_late(state: State) -> None:
    life = at_state(state)
    events = life.do(Action.SUBSTITUTE)

    assert (life.state(), life.case.unit) == (State.DISPATCHED, "water")
    assert set(events[0].notify) == {"unit:roads", "unit:water"}
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle:2", K.SIGN: "sign:2"}
    first = life.clock("handle")
    assert first.outcome is Outcome.SUBSTITUTED
    assert clocks_.on_time(first, life.book.calendars) is False  # though its limit still ran
    states = [one.state for one in life.case.tasks]
    assert states == [TaskState.SUBSTITUTED, TaskState.DISPATCHED]
    assert life.case.tasks[0].ended_at == life.at
    assert life.case.substitutions == 1


def test_t48_late_means_that_the_limit_is_used_up() -> None:
    due = local("09-08 09:04")
    life = at_state(State.HANDLING)
    early = life.refused(Action.SUBSTITUTE, reason="substitute_late", at=due - DAY / 24)
    assert early.values["because"] == "not_late"
    life.do(Action.SUBSTITUTE, reason="substitute_late", at=due)

    assert life.state() is State.DISPATCHED


def test_t48_nobody_is_late_while_the_limit_waits() -> None:
    life = stuck(State.HANDLING)
    life.do(Action.CONSULT)
    decided(life, Decision.HOLD, until=life.at + 30 * DAY)
    life.case = replace(life.case, state=State.HANDLING)

    refused = life.refused(Action.SUBSTITUTE, reason="substitute_late", at=life.at + 9 * DAY)
    assert refused.values["because"] == "not_late"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"unit": ""}, Why.NEEDS_FIELD),
        ({"unit": "nobody"}, Why.UNKNOWN_CODE),
        ({"unit": "roads"}, Why.NOT_NOW),
        ({"unit": "roads.west"}, Why.NOT_NOW),
        ({"cost": -1.0}, Why.NEEDS_FIELD),
        ({"reason": ""}, Why.NEEDS_REASON),
        ({"text": ""}, Why.NEEDS_TEXT),
    ],
)
def test_t48_names_another_unit_the_reason_and_the_cost(
    changes: dict[str, Any], why: Why
) -> None:
    assert at_state(State.HANDLING).refused(Action.SUBSTITUTE, **changes).why is why


def test_t48_the_unit_s_requests_lapse_and_the_other_is_judged_by_itself() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.SUBSTITUTE)
    assert (life.case.pending, outcome(life, "decide")) == ((), Outcome.VOID)
    life.do(Action.SIGN, "water.head")
    life.do(Action.FEED_BACK, "water.crew")

    assert clocks_.on_time(life.clock("handle:2"), life.book.calendars) is True


def test_t48_is_the_duty_chief_s() -> None:
    life = at_state(State.HANDLING)

    assert life.refused(Action.SUBSTITUTE, "command").why is Why.FORBIDDEN
