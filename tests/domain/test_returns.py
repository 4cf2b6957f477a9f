"""The return ladder (T19-T27): return, withdraw, object, submit, rule; who decides."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain import clock as clocks_
from domain.calendar import Limit, Unit
from domain.clock import ClockKind, Outcome
from domain.people import Actor, Grant
from domain.terms import Action, Role, State, TaskState
from domain.why import Why
from tests.domain.small_world import (
    ADVICE,
    BOOK,
    PEOPLE,
    Life,
    at_state,
    local,
    reported,
    with_policy,
)

K = ClockKind
MINUTE = timedelta(minutes=1)
CHIEF_OF_ROADS = Actor(
    person="roads.chief",
    grants=(
        Grant(role=Role.UNIT_APPROVER, unit="roads"),
        Grant(role=Role.COMMAND_CHIEF),
        Grant(role=Role.DISPATCHER),
    ),
)


def twice_returned() -> Life:
    """Signed by water; roads and parks returned it before, and the dispatcher agreed."""
    life = at_state(State.FILED)
    for unit in ("roads", "parks"):
        life.do(Action.DISPATCH, unit=unit, text="再派")
        head = Actor(person="h", grants=(Grant(role=Role.UNIT_APPROVER, unit=unit),))
        life.do(Action.RETURN, head)
        life.do(Action.ACCEPT_RETURN)
    life.do(Action.DISPATCH, unit="water", text="再派")
    life.do(Action.SIGN, "water.head")
    return life


def outcome(life: Life, clock_id: str) -> Outcome | None:
    return life.clock(clock_id).outcome


# T20: the case's third ---------------------------------------------------------------------


def test_the_third_return_goes_to_the_command_chief() -> None:
    life = twice_returned()
    events = life.do(Action.RETURN, "water.head")

    assert (events[0].row, life.state()) == ("T20", State.ARBITRATING)
    assert events[0].notify == ("role:command_chief",)
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle:3", K.DECIDE: "decide:3"}
    decide = life.clock("decide:3")
    assert (decide.owner, decide.budget) == ("command_chief", timedelta(hours=8))
    assert not life.clock("handle:3").pauses
    assert life.case.waiting("arbitration") is not None
    assert life.case.returns[-1].clock == "decide:3"
    assert life.case.tasks[-1].state is TaskState.RETURN_REQUESTED


def test_a_third_return_of_one_unit_is_refused_it_may_object() -> None:
    life = at_state(State.SIGNED)
    for _ in range(2):
        life.do(Action.RETURN)
        life.do(Action.REJECT_RETURN)
    assert life.refused(Action.RETURN).values["per"] == "unit"

    life.do(Action.OBJECT)


def test_urgent_arbitration_takes_an_hour_by_day_and_night() -> None:
    life = twice_returned()
    life.case = replace(life.case, urgent=True)
    life.do(Action.RETURN, "water.head")
    decide = life.clock("decide:3")

    assert (decide.continuous, decide.budget) == (True, timedelta(hours=1))


def test_a_pending_request_lapses_with_the_third_return() -> None:
    life = twice_returned()
    life.do(Action.REQUEST_EXTENSION, "water.crew")
    life.do(Action.RETURN, "water.head")

    assert [one.kind for one in life.case.pending] == ["arbitration"]
    assert outcome(life, "decide:3") is Outcome.VOID


# T21 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["roads.head", "roads.desk", "roads.crew"])
@pytest.mark.parametrize("state", [State.DISPATCHED, State.SIGNED])
def test_t21_a_withdrawn_return_never_was(state: State, who: str) -> None:
    life = at_state(state)
    life.do(Action.RETURN)
    life.do(Action.WITHDRAW_RETURN, who)

    assert (life.state(), life.case.returns) == (State.SIGNED, ())
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle"}
    assert outcome(life, "decide") is Outcome.VOID
    assert life.case.tasks[0].state is TaskState.SIGNED
    for _ in range(2):
        life.do(Action.RETURN)
        life.do(Action.REJECT_RETURN)
    assert len(life.case.returns) == 2


def test_t21_not_once_it_is_decided_nor_by_another_unit() -> None:
    life = at_state(State.RETURNED)
    assert life.refused(Action.WITHDRAW_RETURN, "water.head").why is Why.FORBIDDEN
    life.do(Action.REJECT_RETURN)

    assert life.refused(Action.WITHDRAW_RETURN).why is Why.ILLEGAL


def test_t21_what_a_late_dispatcher_held_up_runs_on() -> None:
    life = at_state(State.DISPATCHED)
    life.do(Action.RETURN, at=local("09-07 09:30"))  # decide: until 11:30
    life.do(Action.WITHDRAW_RETURN, at=local("09-07 11:50"))
    handle = life.clock("handle")

    assert [(one.start, one.end) for one in handle.pauses] == [
        (local("09-07 11:30"), local("09-07 11:50"))
    ]


def test_decided_returns_say_when() -> None:
    life = at_state(State.RETURNED)
    assert life.case.returns[0].decided_at is None
    life.do(Action.REJECT_RETURN)
    assert life.case.returns[0].decided_at == life.at
    life.do(Action.RETURN)
    life.do(Action.ACCEPT_RETURN)

    assert [one.accepted for one in life.case.returns] == [False, True]
    assert life.case.returns[1].decided_at == life.at


# T25 ---------------------------------------------------------------------------------------


def test_t25_an_objection_starts_arbitration_and_handle_runs_on() -> None:
    life = at_state(State.RETURNED)
    life.do(Action.REJECT_RETURN)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.OBJECT)

    assert (life.state(), life.case.objected) == (State.ARBITRATING, True)
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle", K.DECIDE: "decide:3"}
    assert life.clock("decide:3").budget == timedelta(hours=8)
    assert outcome(life, "decide:2") is Outcome.VOID
    assert [one.kind for one in life.case.pending] == ["arbitration"]


def test_t25_only_the_unit_whose_return_was_rejected() -> None:
    life = at_state(State.SIGNED)
    assert life.refused(Action.OBJECT).values["because"] == "no_return_rejected"
    mark = at_state(State.RETURNED).case.returns[0]
    for wrong in (
        replace(mark, unit="water", decided_at=mark.at),
        replace(mark, accepted=True, decided_at=mark.at),
        replace(mark, decided_at=None),
    ):
        life.case = replace(life.case, returns=(wrong,))
        assert life.refused(Action.OBJECT).values["because"] == "no_return_rejected"
    life.case = replace(life.case, returns=(replace(mark, decided_at=mark.at),))
    assert life.refused(Action.OBJECT, reason="").why is Why.NEEDS_REASON
    assert life.refused(Action.OBJECT, "roads.desk").why is Why.FORBIDDEN
    life.case = replace(life.case, binding=True)
    assert life.refused(Action.OBJECT).values["because"] == "binding"
    life.case = replace(life.case, binding=False, objected=True)

    assert life.refused(Action.OBJECT).why is Why.TOO_MANY


@pytest.mark.parametrize(
    ("unit", "until"), [(Unit.WORK_HOUR, "09-07 15:30"), (Unit.URGENT_HOUR, "09-07 13:30")]
)
def test_t25_within_four_hours_of_the_rejection(unit: Unit, until: str) -> None:
    for late, why in ((timedelta(0), None), (MINUTE, Why.TOO_LATE)):
        life = at_state(State.RETURNED)
        life.book = with_policy(life.book, object_window=Limit(value=4, unit=unit))
        life.do(Action.REJECT_RETURN, at=local("09-07 09:30"))
        answer = life.try_(Action.OBJECT, at=local(until) + late)

        assert getattr(answer, "why", None) is why


# T26 ---------------------------------------------------------------------------------------


def test_t26_without_a_clear_owner_the_centre_submits() -> None:
    life = reported(subclass=ADVICE)
    life.do(Action.ACCEPT, subclass=ADVICE)
    life.do(Action.FILE)
    life.do(Action.SUBMIT, "chief")

    assert (life.state(), life.case.unit) == (State.ARBITRATING, "")
    assert life.running() == {K.WHOLE: "whole", K.DECIDE: "decide"}
    assert outcome(life, "dispatch") is Outcome.DONE
    life.do(Action.RULE, unit="parks")
    assert (life.state(), life.case.unit) == (State.DISPATCHED, "parks")
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle", K.SIGN: "sign"}


def test_t26_a_clear_owner_gets_it_without_a_ruling() -> None:
    life = at_state(State.FILED)
    assert life.refused(Action.SUBMIT).values["because"] == "clear_owner"
    life.do(Action.DISPATCH)
    life.do(Action.RETURN)
    life.do(Action.ACCEPT_RETURN)

    life.do(Action.SUBMIT)


def test_t26_from_a_return_the_dispatcher_hands_the_decision_over() -> None:
    life = at_state(State.RETURNED)
    life.do(Action.SUBMIT)

    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle", K.DECIDE: "decide:2"}
    assert outcome(life, "decide") is Outcome.DONE
    assert life.case.tasks[0].state is TaskState.RETURN_REQUESTED


# T27 ---------------------------------------------------------------------------------------


def test_t27_the_unit_that_had_signed_keeps_it_and_cannot_return_it() -> None:
    life = at_state(State.ARBITRATING)
    events = life.do(Action.RULE, unit="roads")

    assert (events[0].row, life.state()) == ("T27", State.SIGNED)
    assert events[0].notify == ("unit:roads",)
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle"}
    assert not life.clock("handle").pauses
    assert outcome(life, "decide:2") is Outcome.DONE
    assert (life.case.binding, life.case.pending) == (True, ())
    assert life.refused(Action.RETURN).values["because"] == "binding"


def test_t27_a_unit_that_had_not_signed_signs_now_and_its_limit_goes_on() -> None:
    life = at_state(State.DISPATCHED)
    mark = replace(at_state(State.RETURNED).case.returns[0], decided_at=life.at)
    life.case = replace(life.case, returns=(replace(mark, unit="a"), replace(mark, unit="b")))
    life.do(Action.RETURN)
    life.do(Action.RULE, unit="roads")

    assert life.state() is State.DISPATCHED
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle", K.SIGN: "sign:2"}
    assert life.case.tasks[-1].state is TaskState.DISPATCHED
    last = life.case.returns[-1]
    assert (last.accepted, last.decided_at) == (False, life.at)
    assert life.refused(Action.RETURN).values["because"] == "binding"
    life.do(Action.SIGN)
    assert life.state() is State.SIGNED


def test_t27_another_unit_begins_anew_and_the_first_is_out_without_facts() -> None:
    life = twice_returned()
    life.do(Action.RETURN, "water.head")
    events = life.do(Action.RULE, unit="roads")  # though its own return was accepted: binding

    assert (life.state(), life.case.unit) == (State.DISPATCHED, "roads")
    assert set(events[0].notify) == {"unit:water", "unit:roads"}
    assert life.running() == {K.WHOLE: "whole", K.HANDLE: "handle:4", K.SIGN: "sign:4"}
    for clock_id in ("handle:3", "sign:3"):
        assert outcome(life, clock_id) is Outcome.RETURNED
        assert clocks_.on_time(life.clock(clock_id), life.book.calendars) is None
    states = [one.state for one in life.case.tasks[-2:]]
    assert states == [TaskState.RETURNED, TaskState.DISPATCHED]
    assert life.case.returns[-1].accepted
    assert life.refused(Action.RETURN).values["because"] == "binding"


def test_t27_an_objection_that_was_right() -> None:
    life = at_state(State.ARBITRATING)
    life.do(Action.RULE, unit="water")

    assert outcome(life, "handle") is Outcome.RETURNED
    assert life.clock("handle:2").owner == "unit:water"
    mark = life.case.returns[0]
    assert (mark.accepted, mark.decided_at) == (True, life.at)


def test_t27_a_known_unit_is_named() -> None:
    life = at_state(State.ARBITRATING)

    assert life.refused(Action.RULE, unit="").why is Why.NEEDS_FIELD
    assert life.refused(Action.RULE, unit="nobody").why is Why.UNKNOWN_CODE
    assert life.refused(Action.RULE, "chief").why is Why.FORBIDDEN


def test_who_asked_for_the_ruling_does_not_rule() -> None:
    objected = at_state(State.RETURNED)
    objected.do(Action.REJECT_RETURN)
    objected.do(Action.OBJECT, CHIEF_OF_ROADS)
    returned = at_state(State.SIGNED)
    returned.do(Action.RETURN, CHIEF_OF_ROADS)
    returned.do(Action.SUBMIT)
    submitted = at_state(State.RETURNED)
    submitted.do(Action.SUBMIT, CHIEF_OF_ROADS)
    for life in (objected, returned, submitted):
        assert life.refused(Action.RULE, CHIEF_OF_ROADS).why is Why.SEPARATION
        life.do(Action.RULE)


# A decider's own time (transitions §3) -----------------------------------------------------


def test_the_deciders_lateness_is_not_the_unit_s_from_return_to_ruling() -> None:
    life = at_state(State.DISPATCHED)  # handle: 8 WH from 09:04
    life.do(Action.RETURN, at=local("09-07 09:30"))  # dispatcher: until 11:30
    life.do(Action.SUBMIT, at=local("09-07 11:50"))  # command chief: 8 WH, until 09-08 11:50
    life.do(Action.RULE, unit="roads", at=local("09-08 14:30"))
    handle = life.clock("handle")

    assert [(one.start, one.end) for one in handle.pauses] == [
        (local("09-07 11:30"), local("09-07 11:50")),
        (local("09-08 11:50"), local("09-08 14:30")),
    ]
    late = [clocks_.on_time(life.clock(one), BOOK.calendars) for one in ("decide", "decide:2")]
    assert late == [False, False]
    calendars = life.book.calendars
    spent = clocks_.used(handle, local("09-08 14:30"), calendars)
    assert spent == timedelta(hours=2, minutes=26) + timedelta(hours=8)


def test_a_late_command_chief_is_told_and_may_still_rule() -> None:
    life = at_state(State.ARBITRATING)
    due = clocks_.due_at(life.clock("decide:2"), life.book.calendars)
    assert due is not None
    fired = life.wait(due)
    told = [one.notify for one in fired if one.reason == "decide:2 100%"]
    assert told == [("role:command_chief",)]
    life.do(Action.RULE, unit="roads")

    assert outcome(life, "decide:2") is Outcome.DONE
    assert clocks_.on_time(life.clock("decide:2"), life.book.calendars) is False


def test_a_return_taken_over_without_its_mark_can_still_be_decided() -> None:
    for action in (Action.ACCEPT_RETURN, Action.REJECT_RETURN, Action.WITHDRAW_RETURN):
        life = at_state(State.RETURNED)
        life.case = replace(life.case, returns=())
        life.do(action)

        assert not life.case.returns


def test_both_a_dispatcher_and_a_unit_s_approver_decides_on_others_returns_only() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.RETURN, PEOPLE["both"])

    assert life.refused(Action.SEND_BACK, PEOPLE["both"]).why is Why.SEPARATION


# What counts as a return, and when handling begins after one ---------------------------------


def test_t19_a_return_that_another_move_overtook_does_not_count() -> None:
    life = at_state(State.RETURNED)
    for action in (Action.SEND_BACK, Action.FILE, Action.DISPATCH, Action.SIGN, Action.RETURN):
        life.do(action)
    life.do(Action.REJECT_RETURN)
    life.do(Action.RETURN)
    assert life.state() is State.RETURNED
    life.do(Action.REJECT_RETURN)

    assert [one.decided_at is None for one in life.case.returns] == [True, False, False]
    assert life.refused(Action.RETURN).why is Why.TOO_MANY


def test_t18_after_a_rejected_return_handling_begins_once_nobody_may_object() -> None:
    life = at_state(State.RETURNED)
    life.do(Action.REJECT_RETURN, at=local("09-07 11:00"))  # to object: until 17:00
    life.wait(local("09-07 16:55"))
    assert life.state() is State.SIGNED  # 50 % passed at 14:05
    life.wait(local("09-07 17:10"))
    (start,) = [one for one in life.events if one.action is Action.START]

    assert life.state() is State.HANDLING
    assert start.actor == "system"
    assert start.cause_id == "clock/handle/1/75"
