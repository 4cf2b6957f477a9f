"""Catching up: commands and rungs in the order of their times, outages, windows, deciders."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain import clock as clocks_
from domain.advance import ask_cancel, catch_up, note_unreadable
from domain.case import Case, Event, evolve
from domain.clock import ClockKind, Outcome
from domain.pausing import LATE_DECIDER
from domain.refusal import Refusal
from domain.terms import Action, Role, Source, State
from domain.why import Why
from tests.domain.small_world import (
    BOOK,
    CALENDAR,
    GAS,
    GOOD,
    HAWKER,
    MONDAY,
    Life,
    at_state,
    local,
    reported,
    with_policy,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def rungs(events: list[Event] | tuple[Event, ...]) -> list[tuple[str, datetime]]:
    return [(one.reason, one.at) for one in events if one.action is Action.RUNG]


def step_at(life: Life, action: Action, at: datetime) -> Refusal | tuple[Event, ...]:
    """Ask as usual; received at `at`."""
    return life.try_(action, at=at)


def handle_due(life: Life) -> datetime:
    due = clocks_.due_at(life.clock("handle"), life.book.calendars)
    assert due
    return due


def test_rungs_fire_in_order_of_their_times_each_once() -> None:
    life = at_state(State.DISPATCHED)
    fired = rungs(life.wait(local("09-30 09:00")))

    assert [name for name, _ in fired] == [
        "sign 100%",
        "handle 50%",
        "handle 75%",
        "handle 100%",
        "handle 150%",
        "handle 200%",
        "whole 100%",
    ]
    assert [at for _, at in fired] == sorted(at for _, at in fired)
    assert not life.wait(local("10-30 09:00"))


def test_a_late_rung_keeps_a_work_day_from_red() -> None:
    life = at_state(State.HANDLING)
    due = handle_due(life)
    fired = dict(rungs(life.wait(local("09-30 09:00"))))

    assert fired["handle 100%"] == due
    assert fired["handle 150%"] == CALENDAR.after_working(due, 8 * HOUR)
    assert life.case.escalation == 4


def test_a_late_rung_of_a_continuous_limit_keeps_a_work_day_too() -> None:
    life = Life(
        at=local("09-11 15:00"),
        book=with_policy(sources=(Source.GRID_PATROL,), auto_dispatch=True),
    )
    life.report(Source.GRID_PATROL, subclass=HAWKER)  # 2 hours from Friday 15:00
    fired = dict(rungs(life.wait(local("09-30 09:00"))))

    assert fired["handle 100%"] == local("09-11 17:00")
    assert fired["handle 150%"] == fired["handle 200%"] == local("09-14 17:00")


def test_an_urgent_case_climbs_without_a_pause() -> None:
    life = Life(at=local("09-11 22:00")).report(Source.GRID_PATROL, subclass=GAS)
    fired = dict(rungs(life.wait(local("09-12 22:00"))))

    assert fired["handle 100%"] == local("09-12 00:00")
    assert fired["handle 150%"] == local("09-12 01:00")
    assert fired["handle 200%"] == local("09-12 02:00")


def test_a_floor_in_continuous_time_is_taken_as_it_is() -> None:
    floor = BOOK.policies[1].base.rework_least_urgent
    life = Life(at=local("09-11 15:00"), book=with_policy(late_rung_floor=floor))
    life.report(Source.GRID_PATROL, subclass=HAWKER)
    fired = dict(rungs(life.wait(local("09-30 09:00"))))

    assert fired["handle 150%"] == local("09-12 17:00")


def test_a_command_at_the_very_moment_of_a_rung_comes_first() -> None:
    life = at_state(State.HANDLING)
    due = handle_due(life)
    life.do(Action.FEED_BACK, at=due)
    names = [name for name, _ in rungs(life.events)]

    assert names == ["handle 50%", "handle 75%"]
    assert clocks_.on_time(life.clock("handle"), life.book.calendars) is True


def test_a_moment_later_the_rung_comes_first_and_the_case_is_late() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.FEED_BACK, at=handle_due(life) + timedelta(microseconds=1))

    assert "handle 100%" in dict(rungs(life.events))
    assert clocks_.on_time(life.clock("handle"), life.book.calendars) is False


def test_after_an_outage_what_was_received_in_time_is_on_time() -> None:
    life = at_state(State.HANDLING)
    due = handle_due(life)
    command = life.command("roads.crew", GOOD[Action.FEED_BACK][1], at=due - MINUTE)
    life.judge(command, now=due + timedelta(days=3))

    assert clocks_.on_time(life.clock("handle"), life.book.calendars) is True
    assert life.clock("handle").stopped_at == due - MINUTE
    assert "handle 100%" not in dict(rungs(life.events))
    assert ("review 100%", CALENDAR.after_working(due - MINUTE, 2 * HOUR)) in rungs(life.events)


def test_an_earlier_command_that_arrives_late_supersedes_the_rung() -> None:
    life = at_state(State.HANDLING)
    due = handle_due(life)
    life.wait(due + HOUR)
    assert life.case.escalation == 2
    events = step_at(life, Action.FEED_BACK, due - MINUTE)
    assert isinstance(events, tuple)
    handle = life.clock("handle")

    assert events[0].at == due  # never before the last event
    assert handle.stopped_at == due - MINUTE
    assert [(one.percent, one.superseded) for one in handle.fired] == [
        (50, False),
        (75, False),
        (100, True),
    ]
    assert clocks_.on_time(handle, life.book.calendars) is True
    assert life.case.escalation == 1


def test_an_extension_approved_in_time_but_judged_late_lets_red_fire_anew() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    due = handle_due(life)
    paused = life.clock("decide")
    approved = clocks_.due_at(paused, life.book.calendars)
    assert approved
    life.wait(due)
    events = step_at(life, Action.APPROVE_EXTENSION, approved)
    assert isinstance(events, tuple)
    handle = life.clock("handle")

    assert handle.budget_version == 2
    assert all(one.start == one.end for one in handle.pauses)
    new_due = handle_due(life)
    assert new_due == CALENDAR.after_working(due, 4 * HOUR)
    assert "handle 100%" in dict(rungs(life.wait(new_due)))


def test_red_fires_again_only_when_it_was_superseded() -> None:
    life = at_state(State.HANDLING)
    due = handle_due(life)
    life.do(Action.REQUEST_EXTENSION, at=due - MINUTE)
    life.wait(due + MINUTE)
    events = step_at(life, Action.APPROVE_EXTENSION, due - timedelta(seconds=30))
    assert isinstance(events, tuple)
    superseded = [one.percent for one in life.clock("handle").fired if one.superseded]
    assert superseded == [100]
    assert life.case.escalation == 1
    fired = rungs(life.wait(local("09-30 09:00")))

    assert [name for name, _ in fired if name.startswith("handle")] == [
        "handle 100%",
        "handle 150%",
        "handle 200%",
    ]
    causes = {one.cause_id for one in life.events if one.action is Action.RUNG}
    assert {"clock/handle/1/100", "clock/handle/2/100"} <= causes


def test_a_passed_rung_does_not_fire_again_after_an_extension() -> None:
    life = at_state(State.HANDLING)
    due = handle_due(life)
    life.do(Action.REQUEST_EXTENSION, at=due - MINUTE)
    life.do(Action.APPROVE_EXTENSION, at=due + MINUTE)
    fired = [name for name, _ in rungs(life.wait(local("09-30 09:00")))]

    assert "handle 100%" not in fired
    assert "handle 150%" in fired


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (Action.RETURN, Action.REJECT_RETURN),
        (Action.REQUEST_EXTENSION, Action.REFUSE_EXTENSION),
        (Action.REQUEST_HOLD, Action.REFUSE_HOLD),
    ],
)
def test_a_decider_s_time_beyond_his_limit_is_not_the_unit_s(
    ask: Action, answer: Action
) -> None:
    life = at_state(State.SIGNED)  # 09:05
    due = handle_due(life)
    life.do(ask, at=local("09-07 09:30"))
    (late,) = (one for one in life.wait(local("09-07 11:30")) if "decide" in one.reason)
    assert "role:duty_chief" in late.notify
    life.do(answer, at=local("09-07 16:00"))
    handle = life.clock("handle")

    assert [(one.reason, one.start, one.end) for one in handle.pauses] == [
        (LATE_DECIDER, local("09-07 11:30"), local("09-07 16:00"))
    ]
    assert handle_due(life) == CALENDAR.after_working(due, 2.5 * HOUR)


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (Action.REQUEST_VOID, Action.REFUSE_VOID),
        (Action.REQUEST_WITHDRAW, Action.REFUSE_WITHDRAW),
        (Action.REQUEST_FORCE_CLOSE, Action.DECLINE_FORCE_CLOSE),
    ],
)
def test_the_unit_works_on_while_another_wish_waits(ask: Action, answer: Action) -> None:
    life = at_state(State.SIGNED)
    due = handle_due(life)
    life.do(ask, at=local("09-07 09:30"))
    life.do(Action.REQUEST_EXTENSION, at=local("09-07 09:40"))
    life.wait(local("09-07 11:35"))
    assert not life.clock("handle").paused
    life.wait(local("09-07 11:45"))
    assert life.clock("handle").paused
    life.do(Action.REFUSE_EXTENSION, at=local("09-07 11:50"))
    assert not life.clock("handle").paused
    life.do(answer, at=local("09-07 16:00"))

    assert handle_due(life) == CALENDAR.after_working(due, HOUR / 6)


def test_a_late_acceptor_s_next_higher_role_is_the_duty_chief() -> None:
    life = reported()
    life.do(Action.REQUEST_REFUSAL)
    (late,) = [one for one in life.wait(life.at + 4 * HOUR) if "decide" in one.reason]

    assert late.notify == ("role:duty_chief",)


def test_a_decision_in_time_but_judged_late_takes_the_pause_back() -> None:
    life = at_state(State.SIGNED)
    due = handle_due(life)
    life.do(Action.RETURN, at=local("09-07 09:30"))
    life.wait(local("09-07 11:45"))
    assert life.clock("handle").paused
    step_at(life, Action.REJECT_RETURN, local("09-07 11:20"))

    assert handle_due(life) == due
    assert life.clock("decide").fired[0].superseded


def test_handle_waits_for_the_last_late_decider() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.REQUEST_HOLD, at=local("09-07 09:20"))
    life.do(Action.REQUEST_EXTENSION, at=local("09-07 09:30"))
    life.wait(local("09-07 14:00"))
    life.do(Action.REFUSE_EXTENSION, at=local("09-07 14:30"))
    assert life.clock("handle").paused
    life.do(Action.REFUSE_HOLD, at=local("09-07 15:00"))

    assert not life.clock("handle").paused
    assert [one.start for one in life.clock("handle").pauses] == [local("09-07 11:20")]


def test_a_pause_of_another_kind_is_not_ended_by_a_decision() -> None:
    life = at_state(State.SIGNED)
    life.do(Action.RETURN)
    handle = clocks_.pause(life.clock("handle"), life.at, "on_hold")
    clocks = tuple(handle if one.clock_id == "handle" else one for one in life.case.clocks)
    life.case = replace(life.case, clocks=clocks)
    life.do(Action.REJECT_RETURN)

    assert life.clock("handle").paused


def test_the_duty_chief_s_lateness_goes_to_the_command_chief() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_VOID)
    events = life.wait(local("09-07 14:30"))

    assert [one.notify for one in events if "decide" in one.reason] == [("role:command_chief",)]


def test_commands_are_judged_in_order_of_receipt_then_id() -> None:
    life = at_state(State.DISPATCHED)
    sign = life.command("roads.desk", GOOD[Action.SIGN][1], at=life.at + MINUTE)
    fed = life.command("roads.crew", GOOD[Action.FEED_BACK][1], at=life.at)
    done = catch_up(life.case, [fed, sign], life.at, life.book)

    assert [one.command_id for one in done.rulings] == [sign.command_id, fed.command_id]
    assert all(one.refusal is None for one in done.rulings)


def test_a_command_received_after_now_is_judged_after_the_rungs_before_it() -> None:
    life = at_state(State.DISPATCHED)
    command = life.command("roads.desk", GOOD[Action.SIGN][1], at=local("09-07 14:00"))
    done = catch_up(life.case, [command], MONDAY, life.book)

    assert [one.action for one in done.events] == [Action.RUNG, Action.SIGN]
    assert done.rulings[0].refusal is None


def test_a_refused_command_leaves_the_case_and_gets_its_verdict() -> None:
    life = at_state(State.SIGNED)
    found = step_at(life, Action.CLOSE, life.at)

    assert isinstance(found, Refusal)
    assert found.why is Why.ILLEGAL


def test_the_answer_names_the_nearest_rung() -> None:
    life = at_state(State.DISPATCHED)
    done = catch_up(life.case, [], life.at, life.book)

    assert (done.next_due, done.next_label) == (local("09-07 11:04"), "sign 100%")
    ended = at_state(State.WITHDRAWN)
    done = catch_up(ended.case, [], ended.at, ended.book)
    assert (done.next_due, done.next_label, done.events) == (None, "", ())


# Windows -------------------------------------------------------------------------------


def test_the_window_archives_and_keeps_how_it_was_settled() -> None:
    life = reported(contact=False).to(State.CLOSED)
    end = life.at + timedelta(days=15)
    assert not life.wait(end - timedelta(seconds=1))
    events = life.wait(end)

    assert [one.action for one in events] == [Action.RUNG, Action.ARCHIVE]
    assert {one.cause_id for one in events} == {"clock/follow_up/1/100"}
    assert (life.case.state, life.case.settled_as) == (State.ARCHIVED, "closed")


def test_a_refusal_is_archived_after_five_work_days() -> None:
    life = at_state(State.REFUSED)
    end = CALENDAR.after_working(life.at, 40 * HOUR)
    life.wait(end)

    assert life.state() is State.ARCHIVED
    assert life.case.settled_as == "refused"


def test_an_open_call_back_holds_the_archive_until_it_is_done() -> None:
    life = at_state(State.CLOSED)
    life.wait(life.at + timedelta(days=20))
    assert life.state() is State.CLOSED
    life.do(Action.CALL_BACK, reached=False, at=local("09-28 09:00"))
    assert life.state() is State.CLOSED
    events = life.do(Action.CALL_BACK, at=local("09-29 09:00"))

    assert [one.action for one in events] == [Action.CALL_BACK, Action.ARCHIVE]


def test_after_three_tries_the_call_back_is_over() -> None:
    life = at_state(State.CLOSED)
    for day in (8, 9, 10):
        life.do(Action.CALL_BACK, reached=False, at=local(f"09-{day:02} 09:00"))
    life.wait(local("09-30 09:00"))

    assert life.state() is State.ARCHIVED


def test_an_open_call_back_holds_the_archive_six_windows_at_most() -> None:
    life = at_state(State.CLOSED)
    end = life.at + timedelta(days=90)
    life.wait(end - timedelta(seconds=1))
    assert life.state() is State.CLOSED
    life.wait(end)

    assert life.state() is State.ARCHIVED


def test_a_request_to_void_ends_with_the_case() -> None:
    life = reported(contact=False).to(State.CLOSED)
    life.do(Action.REQUEST_VOID)
    life.wait(life.at + timedelta(days=89))
    assert life.state() is State.CLOSED
    life.wait(life.at + timedelta(days=1))

    assert life.state() is State.ARCHIVED
    assert not life.case.pending
    assert life.events[-1].notify == ("person:supervisor",)


def test_clocks_of_recalled_and_returned_turns_leave_no_facts() -> None:
    life = at_state(State.DISPATCHED)
    life.wait(local("09-07 14:00"))
    life.do(Action.RECALL)
    life.do(Action.DISPATCH)
    life.do(Action.RETURN)
    life.do(Action.ACCEPT_RETURN)
    facts = {
        one.clock_id: clocks_.on_time(one, life.book.calendars)
        for one in life.case.clocks
        if one.kind in {ClockKind.SIGN, ClockKind.HANDLE}
    }

    assert facts == {"sign": None, "handle": None, "sign:2": None, "handle:2": None}
    assert life.clock("handle").outcome is Outcome.VOID
    assert life.clock("handle:2").outcome is Outcome.RETURNED


# What is no command ----------------------------------------------------------------------


def test_an_admin_s_cancel_is_a_wish_noted_once() -> None:
    case, none = at_state(State.SIGNED).case, Case(case_no="1")
    event = ask_cancel(case, "cancel/run", MONDAY, BOOK)
    after = evolve(case, event)
    again = evolve(after, ask_cancel(after, "cancel/run2", MONDAY, BOOK))

    assert (event.state, event.at, event.actor) == (State.SIGNED, case.last_at, "system")
    assert event.notify == ("role:duty_chief",)
    assert [(one.by, one.clock) for one in after.pending] == [("temporal-admin", "decide")]
    assert after.clocks[-1].owner == Role.DUTY_CHIEF
    assert (again.pending, again.clocks) == (after.pending, after.clocks)
    assert not evolve(none, ask_cancel(none, "c", MONDAY, BOOK)).pending


def test_a_wish_to_cancel_what_is_settled_is_the_command_chief_s() -> None:
    case = at_state(State.CLOSED).case
    event = ask_cancel(case, "cancel/run", MONDAY, BOOK)

    assert event.notify == ("role:command_chief",)
    assert [one.owner for one in event.clocks] == [Role.COMMAND_CHIEF]


def test_an_unreadable_message_changes_nothing() -> None:
    case = at_state(State.SIGNED).case
    event = note_unreadable(case, "message/1", local("09-09 09:00"))
    after = evolve(case, event)

    assert after == replace(case, seq=case.seq + 1, last_at=event.at)
    assert note_unreadable(Case(case_no="1"), "m", MONDAY).at == MONDAY
