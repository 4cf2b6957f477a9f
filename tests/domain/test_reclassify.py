"""A case that turns out to be another matter (T46): limits, stages, owner, check mode."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.book import Owner, Stage
from domain.calendar import Limit, Unit
from domain.clock import ClockKind, Outcome
from domain.terms import Action, CheckMode, Role, State
from domain.why import Why
from tests.domain.small_world import (
    ADVICE,
    BOOK,
    FAR_GRID,
    GAS,
    HAWKER,
    LITTER,
    OTHER_GRID,
    SHED,
    SIGN_BOARD,
    Life,
    at_state,
    local,
    reported,
    with_policy,
)

K = ClockKind
HOUR = timedelta(hours=1)


def used(life: Life, clock_id: str) -> timedelta:
    return clocks_.used(life.clock(clock_id), life.at, life.book.calendars)


def due(life: Life, clock_id: str) -> datetime | None:
    return clocks_.due_at(life.clock(clock_id), life.book.calendars)


# Who and when --------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["acceptor", "dispatcher", "chief"])
@pytest.mark.parametrize("state", [State.REPORTED, State.VERIFYING, State.ACCEPTED])
def test_t46_anyone_of_the_centre_before_filing(who: str, state: State) -> None:
    life = at_state(state)
    clocks = life.case.clocks
    life.do(Action.RECLASSIFY, who, subclass=GAS, condition=1, grid=OTHER_GRID)
    case = life.case

    assert (case.state, case.subclass, case.condition, case.grid, case.urgent) == (
        state,
        GAS,
        1,
        OTHER_GRID,
        True,
    )
    assert case.clocks == clocks


@pytest.mark.parametrize("state", [State.FILED, State.DISPATCHED, State.SIGNED, State.RETURNED])
def test_t46_the_duty_chief_after_it(state: State) -> None:
    life = at_state(state)
    assert life.refused(Action.RECLASSIFY, "acceptor").why is Why.FORBIDDEN
    assert life.refused(Action.RECLASSIFY, "dispatcher").why is Why.FORBIDDEN
    life.do(Action.RECLASSIFY)

    assert (life.state(), life.case.subclass) == (state, HAWKER)


def test_t46_not_once_it_is_fed_back() -> None:
    assert at_state(State.FED_BACK).refused(Action.RECLASSIFY).why is Why.ILLEGAL


@pytest.mark.parametrize(
    ("changes", "why", "field"),
    [
        ({"subclass": ""}, Why.NEEDS_FIELD, "subclass"),
        ({"subclass": "X9"}, Why.UNKNOWN_CODE, "subclass"),
        ({"subclass": "", "grid": "1"}, Why.UNKNOWN_CODE, "grid"),
        ({"subclass": "", "condition": 9}, Why.UNKNOWN_CODE, "condition"),
        ({"subclass": HAWKER, "condition": 9}, Why.UNKNOWN_CODE, "condition"),
    ],
)
def test_t46_to_what_is_known(changes: dict[str, Any], why: Why, field: str) -> None:
    found = at_state(State.HANDLING).refused(Action.RECLASSIFY, **changes)

    assert (found.why, found.values["field"]) == (why, field)


def test_t46_once_filed_the_condition_must_be_clear() -> None:
    life = reported(subclass=HAWKER).to(State.HANDLING)
    found = life.refused(Action.RECLASSIFY, subclass=LITTER)
    assert (found.why, found.values["field"]) == (Why.NEEDS_FIELD, "condition")
    life.do(Action.RECLASSIFY, subclass=LITTER, condition=2)

    assert life.case.condition == 2
    life = at_state(State.ACCEPTED)
    life.do(Action.RECLASSIFY, subclass="", condition=2)
    assert life.case.condition == 2


def test_t46_before_filing_it_need_not_be() -> None:
    life = at_state(State.ACCEPTED)
    life.case = replace(life.case, condition=1, urgent=True)
    life.do(Action.RECLASSIFY, subclass=HAWKER)

    assert (life.case.condition, life.case.urgent) == (0, False)


def test_t46_an_unclassified_report_may_get_a_grid_only() -> None:
    life = reported(subclass="", grid="")
    life.do(Action.RECLASSIFY, "acceptor", subclass="", grid=OTHER_GRID)

    assert (life.case.subclass, life.case.grid) == ("", OTHER_GRID)


# The limit -----------------------------------------------------------------------------------


def test_t46_the_new_condition_s_limit_from_the_same_dispatch_on() -> None:
    life = at_state(State.HANDLING)
    spent_before = local("09-07 16:00")
    life.do(Action.RECLASSIFY, subclass="", condition=2, at=spent_before)
    handle = life.clock("handle")

    assert (handle.budget, handle.budget_version) == (16 * HOUR, 2)
    assert used(life, "handle") == clocks_.used(handle, spent_before, life.book.calendars)
    assert handle.started_at < spent_before
    assert (life.case.check_mode, life.case.photo_required) == (CheckMode.DOCUMENT, False)
    assert life.state() is State.HANDLING


def test_t46_a_shorter_one_that_is_used_up_is_due_at_once() -> None:
    life = reported(subclass=ADVICE).to(State.FILED)
    life.do(Action.DISPATCH, text="水务同意", unit="roads")
    life.do(Action.SIGN)
    life.wait(local("09-09 12:00"))
    assert life.case.escalation == 0
    life.do(Action.RECLASSIFY, subclass=LITTER, condition=1)

    assert "handle 100%" in [one.reason for one in life.events]
    assert life.case.escalation >= 2


def test_t46_an_approved_extension_stays() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.APPROVE_EXTENSION)
    life.do(Action.RECLASSIFY, subclass="", condition=2)

    assert life.clock("handle").limit == 20 * HOUR


def test_t46_the_same_limit_changes_nothing() -> None:
    life = at_state(State.HANDLING)
    before = life.clock("handle")
    life.do(Action.RECLASSIFY, subclass="", grid=OTHER_GRID)

    assert life.clock("handle") == before
    assert life.case.grid == OTHER_GRID


def test_t46_from_working_time_to_day_and_night_the_used_share_is_kept() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION, amount=8.0)
    life.do(Action.APPROVE_EXTENSION)
    life.do(Action.RECLASSIFY, subclass=SIGN_BOARD, at=local("09-08 09:00"))
    handle = life.clock("handle")
    share = clocks_.used(
        replace(life.clock("handle"), carried=timedelta(0)), life.at, life.book.calendars
    )

    assert (handle.continuous, handle.calendar) == (True, "")
    assert (handle.budget, handle.extended) == (360 * HOUR, 360 * HOUR)
    assert share == timedelta(0)
    spent = local("09-07 18:00") - handle.started_at - 2 * HOUR + HOUR
    assert handle.carried == spent * 45
    assert due(life, "handle") == life.at + 720 * HOUR - handle.carried


def test_t46_and_back() -> None:
    life = reported(subclass=SIGN_BOARD).to(State.HANDLING)
    life.do(Action.RECLASSIFY, subclass=LITTER, condition=2, at=local("09-14 09:00"))
    handle = life.clock("handle")
    spent = life.at - handle.started_at

    assert (handle.continuous, handle.calendar) == (False, BOOK.calendar)
    assert abs(handle.carried - spent * 16 / 360) < timedelta(milliseconds=1)


def test_t46_a_request_for_more_time_lapses_when_hours_mean_another_thing() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.RECLASSIFY, subclass="", condition=2)
    assert life.case.waiting("extension")
    life.do(Action.RECLASSIFY, subclass=HAWKER)

    assert not life.case.pending
    assert life.clock("decide").outcome is Outcome.VOID


def test_t46_a_request_that_lapses_holds_nothing_up_any_more() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    life.wait(local("09-07 15:00"))
    assert life.clock("handle").paused
    life.do(Action.RECLASSIFY, subclass=HAWKER)

    assert not life.clock("handle").paused
    assert due(life, "handle") is not None


def test_t46_urgent_follows_the_condition_and_the_flag() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.RECLASSIFY, subclass=GAS)
    assert life.case.urgent
    assert life.clock("handle").urgent
    life.do(Action.RECLASSIFY, subclass=LITTER, condition=1, urgent=True)
    assert (life.case.urgent, life.case.flagged_urgent) == (True, True)
    life.do(Action.RECLASSIFY, subclass="", condition=1, urgent=False)

    assert not life.case.urgent
    assert not life.clock("handle").urgent


def test_t46_a_rework_is_judged_on_the_new_limit() -> None:
    life = reported(subclass=LITTER).to(State.CHECKING)
    life.do(Action.CHECK_FAIL)
    before = life.clock("handle:2")
    life.do(Action.RECLASSIFY, subclass="", condition=2)
    handle = life.clock("handle:2")

    assert before.judged_budget == 8 * HOUR
    assert handle.judged_budget == 16 * HOUR
    assert handle.budget == 16 * HOUR - handle.used_before
    life.do(Action.RECLASSIFY, subclass=HAWKER)
    urgent = life.clock("handle:2")
    assert urgent.judged_budget == 2 * HOUR
    assert urgent.used_before == handle.used_before / 8
    assert urgent.budget == max(2 * HOUR - urgent.used_before, 2 * HOUR)


# Stages --------------------------------------------------------------------------------------


def test_t46_the_stages_of_the_new_condition_count_from_dispatch() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.RECLASSIFY, subclass=SHED, at=local("09-07 15:00"))
    stop = life.clock("stage:stop")

    assert stop.started_at == life.clock("handle").started_at
    assert used(life, "stage:stop") == used(life, "handle")
    life.do(Action.RECLASSIFY, subclass=LITTER, condition=1)
    assert life.clock("stage:stop").outcome is Outcome.VOID


def test_t46_a_stage_that_both_have_goes_on_and_one_that_is_done_stays_done() -> None:
    subclass = BOOK.catalogues[1][SHED]
    first = subclass.conditions[0]
    other = replace(
        first,
        number=2,
        stages=(
            first.stages[0],
            first.stages[1],
            Stage(key="demolish", limit=Limit(value=15, unit=Unit.WORK_DAY)),
        ),
    )
    catalogue = {**BOOK.catalogues[1], SHED: replace(subclass, conditions=(first, other))}
    book = replace(with_policy(auto_close=False), catalogues={1: catalogue})
    life = Life(book=book).report(subclass=SHED).to(State.HANDLING)
    life.do(Action.MARK_STAGE)
    life.do(Action.RECLASSIFY, subclass="", condition=2)

    assert {one.clock_id for one in life.case.clocks if one.kind is K.STAGE} == {
        "stage:stop",
        "stage:penalty",
        "stage:demolish",
        "stage:demolish:2",
    }
    assert life.clock("stage:stop").outcome is Outcome.DONE
    assert life.clock("stage:penalty").stopped_at is None
    assert life.clock("stage:demolish").outcome is Outcome.VOID
    assert life.clock("stage:demolish:2").budget == 120 * HOUR


# The owner -----------------------------------------------------------------------------------


def test_t46_the_dispatcher_is_told_when_the_unit_is_not_the_owner_any_more() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.RECLASSIFY, subclass=HAWKER)
    assert "role:dispatcher" not in life.events[-1].notify
    life.do(Action.RECLASSIFY, subclass=ADVICE)

    assert set(life.events[-1].notify) == {"unit:roads", "role:dispatcher"}
    assert life.case.unit == "roads"


def test_t46_the_grid_decides_the_owner_too() -> None:
    owners = (*BOOK.owners, Owner(pattern="E01-*", area=FAR_GRID[:6], unit="water"))
    book = with_policy(replace(BOOK, owners=owners), auto_close=False)
    life = Life(book=book).report().to(State.HANDLING)
    life.do(Action.RECLASSIFY, subclass="", grid=FAR_GRID)

    assert "role:dispatcher" in life.events[-1].notify


def test_t46_a_case_that_waits_for_its_unit_tells_nobody() -> None:
    life = at_state(State.FILED)
    life.do(Action.RECLASSIFY)

    assert life.events[-1].notify == ()
    assert life.case.check_mode is CheckMode.DOCUMENT
    assert life.events[-1].role is Role.DUTY_CHIEF


# What runs beside it -------------------------------------------------------------------------


def test_t46_while_it_waits_to_be_signed_sign_follows_the_new_class() -> None:
    life = at_state(State.DISPATCHED)
    life.do(Action.RECLASSIFY)
    sign, handle = life.clock("sign"), life.clock("handle")
    assert (sign.budget, sign.continuous) == (handle.budget / 4, True)
    life.do(Action.RECLASSIFY, subclass=LITTER, condition=2)
    assert (life.clock("sign").budget, life.clock("sign").continuous) == (2 * HOUR, False)

    life.do(Action.RECLASSIFY, subclass=GAS)
    sign = life.clock("sign")
    assert (sign.budget, sign.continuous, sign.urgent) == (HOUR / 4, True, True)


def test_t46_while_it_waits_to_be_dispatched_that_limit_follows() -> None:
    life = at_state(State.FILED)
    life.do(Action.RECLASSIFY)
    assert not life.clock("dispatch").continuous
    life.do(Action.RECLASSIFY, subclass=GAS)
    dispatch = life.clock("dispatch")

    assert (dispatch.continuous, dispatch.urgent) == (True, True)
    assert abs(dispatch.budget - HOUR / 6) < timedelta(seconds=1)


def test_t46_another_grid_alone_moves_no_limit() -> None:
    for state in (State.FILED, State.DISPATCHED):
        life = at_state(state)
        clocks = life.case.clocks
        life.do(Action.RECLASSIFY, subclass="", grid=OTHER_GRID)
        assert life.case.clocks == clocks


def test_t43_a_case_that_becomes_urgent_waits_for_no_answer() -> None:
    life = at_state(State.HANDLING)
    life.do(Action.ASK_REPORTER)
    life.do(Action.RECLASSIFY, subclass=GAS)
    assert life.case.question is not None
    assert not life.clock("handle").paused
    assert not life.clock("whole").paused
    life.do(Action.RECLASSIFY, subclass=HAWKER)
    assert life.clock("handle").paused
    assert life.clock("whole").paused

    life.do(Action.REPLY)
    assert not life.clock("handle").paused


def test_t43_before_filing_too() -> None:
    life = reported()
    life.do(Action.ASK_REPORTER, "acceptor")
    assert life.clock("accept").paused
    life.do(Action.RECLASSIFY, "acceptor", subclass=GAS, condition=1)

    assert not life.clock("accept").paused


# T12 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["subclass", "grid"])
def test_t12_class_and_grid_are_set(missing: str) -> None:
    life = at_state(State.ACCEPTED)
    life.case = replace(life.case, **{missing: ""})  # type: ignore[arg-type]
    found = life.refused(Action.FILE)
    assert (found.why, found.values["field"]) == (Why.NEEDS_FIELD, missing)

    given: dict[str, Any] = {missing: {"subclass": LITTER, "grid": OTHER_GRID}[missing]}
    life.do(Action.FILE, **given)
