"""The petition track: 15 days to accept, 60 to finish and 30 more, 复查, 复核, and the end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.calendar import Limit, Unit
from domain.clock import ClockKind, Outcome
from domain.policy import StageLimit
from domain.refusal import Refusal
from domain.terms import Action, CheckMode, Result, Role, Source, State
from domain.why import Because, Why
from tests.domain.small_world import (
    BOOK,
    GRID,
    LITTER,
    MONDAY,
    Life,
    at_state,
    local,
    person,
    with_policy,
)

K = ClockKind
DAY = timedelta(days=1)


def days(value: float) -> Limit:
    return Limit(value=value, unit=Unit.NATURAL_DAY)


PETITION: dict[str, Any] = {
    "limits": {K.ACCEPT: StageLimit(normal=days(15), urgent=days(15))},
    "in_writing": True,
    "whole": days(60),
    "whole_from_acceptance": True,
    "handle": days(45),
    "check_mode": CheckMode.DOCUMENT,
    "photo_required": False,
    "max_extensions": 1,
    "extension_each": days(30),
    "extension_total": None,
    "extension_deciders": (Role.COMMAND_CHIEF,),
    "extension_decider_urgent": Role.COMMAND_CHIEF,
    "follow_up": days(30),
    "reexaminations": 2,
    "reexamination": days(30),
}
PEOPLE = {
    **BOOK.people,
    **{
        one.person: one
        for one in (
            person("parks.head", Role.UNIT_APPROVER, unit="parks"),
            person("acceptor2", Role.ACCEPTOR),
        )
    },
}
WORLD = with_policy(
    replace(BOOK, people=PEOPLE), sources=(Source.PETITION,), auto_close=False, **PETITION
)


def petition() -> Life:
    """A petition that came in on Monday, 7 September."""
    return Life(book=WORLD).report(Source.PETITION, grid=GRID, subclass=LITTER)


def handled(life: Life, unit: str, who: str, result: Result) -> None:
    """Dispatch it to a unit; it feeds back in three days, and the centre closes."""
    life.do(Action.DISPATCH, unit=unit, text="由其承办")
    life.do(Action.SIGN, who)
    life.do(Action.FEED_BACK, who, at=life.at + 3 * DAY, result=result)
    life.do(Action.PASS_REVIEW)
    life.do(Action.CLOSE)


def closed() -> Life:
    """A petition that roads handled and the centre closed."""
    life = petition()
    life.do(Action.ACCEPT, text="决定受理")
    life.do(Action.FILE)
    handled(life, "roads", "roads.head", Result.EXPLAINED)
    return life


def due(life: Life, clock_id: str) -> datetime | None:
    return clocks_.due_at(life.clock(clock_id), life.book.calendars)


def because(found: Refusal) -> str:
    assert found.why is Why.NOT_NOW
    return found.values["because"]


def test_the_whole_track_over_half_a_year() -> None:
    life = petition()
    assert life.running() == {K.ACCEPT: "accept"}
    assert due(life, "accept") == MONDAY + 15 * DAY
    accepted = local("09-20 10:00")
    assert life.refused(Action.ACCEPT, at=accepted - DAY).why is Why.NEEDS_TEXT
    life.do(Action.ACCEPT, at=accepted, text="决定受理，60日内答复")
    assert due(life, "whole") == accepted + 60 * DAY
    life.do(Action.FILE)
    life.do(Action.DISPATCH)
    dispatched = life.at
    assert due(life, "handle") == dispatched + 45 * DAY
    life.do(Action.SIGN)

    life.do(Action.REQUEST_EXTENSION, at=dispatched + 40 * DAY, amount=720.0, text="情况复杂")
    assert life.refused(Action.APPROVE_EXTENSION, "dispatcher").why is Why.FORBIDDEN
    assert life.refused(Action.APPROVE_EXTENSION, "chief").why is Why.FORBIDDEN
    life.do(Action.APPROVE_EXTENSION, "command")
    assert due(life, "handle") == dispatched + 75 * DAY
    assert due(life, "whole") == accepted + 90 * DAY
    assert "reporter" in life.events[-1].notify
    assert life.refused(Action.REQUEST_EXTENSION).why is Why.TOO_MANY

    life.do(Action.FEED_BACK, at=dispatched + 74 * DAY, result=Result.EXPLAINED)
    life.do(Action.PASS_REVIEW)
    life.do(Action.CLOSE)
    assert life.state() is State.CLOSED
    assert clocks_.on_time(life.clock("whole"), life.book.calendars)
    assert due(life, "follow_up") == life.at + 30 * DAY

    asked = life.at + 29 * DAY
    life.wait(asked)
    life.do(Action.ASK_REVIEW, at=asked)
    assert (life.state(), life.case.reexaminations) == (State.FILED, 1)
    assert due(life, "whole:2") == asked + 30 * DAY
    assert life.running() == {K.DISPATCH: "dispatch:2", K.WHOLE: "whole:2"}
    handled(life, "water", "water.head", Result.EXPLAINED)
    assert clocks_.on_time(life.clock("whole:2"), life.book.calendars)

    asked = life.at + 30 * DAY
    life.do(Action.ASK_REVIEW, at=asked)
    assert life.case.reexaminations == 2
    assert life.case.barred == ("roads", "water")
    handled(life, "parks", "parks.head", Result.EXPLAINED)
    ended = life.at
    found = life.refused(Action.ASK_REVIEW)
    assert (found.why, found.values["most"]) == (Why.TOO_MANY, "2")

    life.do(Action.RATE, solved="no", score=1)
    life.wait(ended + 30 * DAY)
    assert (life.state(), life.case.settled_as) == (State.ARCHIVED, "closed")
    assert ended + 30 * DAY - MONDAY > 180 * DAY


def test_a_petition_refused_in_writing_may_be_reviewed_and_the_60_days_count_then() -> None:
    life = petition()
    life.do(Action.REFUSE, at=MONDAY + 14 * DAY)
    assert K.WHOLE not in {one.kind for one in life.case.clocks}
    life.do(Action.ASK_REVIEW)
    assert life.running() == {K.ACCEPT: "accept:2"}
    assert life.refused(Action.ACCEPT, text="决定受理").why is Why.SEPARATION
    life.do(Action.ACCEPT, "acceptor2", text="决定受理")

    assert due(life, "whole") == life.at + 60 * DAY


def test_a_review_after_a_refusal_to_file_keeps_the_promise() -> None:
    life = petition()
    life.do(Action.ACCEPT, text="决定受理")
    life.do(Action.REFUSE, "chief")
    assert life.clock("whole").outcome is Outcome.VOID
    life.do(Action.ASK_REVIEW)
    life.do(Action.ACCEPT, text="决定受理")

    assert life.running()[K.WHOLE] == "whole"


@pytest.mark.parametrize("unit", ["roads", "roads.west"])
def test_t62_what_a_unit_did_is_not_reviewed_by_itself(unit: str) -> None:
    life = closed()
    life.do(Action.ASK_REVIEW)
    found = life.refused(Action.DISPATCH, unit=unit, text="由其复查")

    assert because(found) == Because.UNIT_UNDER_REVIEW
    assert found.values["unit"] == unit
    assert unit in found.text("zh")


def test_t62_a_new_examination_begins_afresh() -> None:
    life = closed()
    life.do(Action.RATE, solved="no", score=1)
    life.case = replace(life.case, round=3, binding=True, objected=True)
    events = life.do(Action.ASK_REVIEW)
    case = life.case

    assert (events[0].row, case.unit, case.person, case.round) == ("T62", "", "", 1)
    assert not case.binding
    assert not case.objected
    assert not case.ratings
    assert not case.settled_as
    assert events[0].notify == ("role:dispatcher",)
    assert life.clock("follow_up").outcome is Outcome.VOID
    life.do(Action.DISPATCH, unit="water", text="由其复查")
    assert due(life, "handle:2") == life.at + 30 * DAY


def test_t62_its_unit_may_return_it_and_a_failed_result_is_reworked() -> None:
    life = closed()
    life.do(Action.ASK_REVIEW)
    life.do(Action.DISPATCH, unit="water", text="由其复查")
    life.do(Action.SIGN, "water.head")
    life.do(Action.RETURN, "water.head")
    life.do(Action.REJECT_RETURN)
    life.do(Action.FEED_BACK, "water.head")
    life.do(Action.PASS_REVIEW)
    life.do(Action.REJECT_CLOSE)

    assert life.case.round == 2
    assert life.running()[K.HANDLE] == "handle:3"
    assert life.clock("handle:3").judged_budget == 30 * DAY


def test_t62_only_the_reporter_and_only_in_the_30_days() -> None:
    life = closed()
    assert life.refused(Action.ASK_REVIEW, "chief").why is Why.FORBIDDEN
    life.wait(life.at + 30 * DAY + timedelta(minutes=1))
    assert life.state() is State.CLOSED
    assert life.refused(Action.ASK_REVIEW).why is Why.TOO_LATE


def test_t62_a_unit_whose_return_was_accepted_did_nothing_that_is_reviewed() -> None:
    life = petition()
    life.do(Action.ACCEPT, text="决定受理")
    life.do(Action.FILE)
    life.do(Action.DISPATCH, unit="roads")
    life.do(Action.RETURN)
    life.do(Action.ACCEPT_RETURN)
    handled(life, "water", "water.head", Result.SOLVED)
    life.do(Action.ASK_REVIEW)

    assert life.case.barred == ("water",)


def test_a_case_of_another_source_keeps_its_own_track() -> None:
    life = at_state(State.CLOSED)

    assert because(life.refused(Action.ASK_REVIEW)) == Because.NO_REEXAMINATION


def test_an_urgent_condition_is_not_given_the_days_of_an_examination() -> None:
    life = closed()
    life.do(Action.ASK_REVIEW)
    life.do(Action.RECLASSIFY, subclass="E01-02")
    life.do(Action.DISPATCH, unit="water", text="由其复查")

    assert life.clock("handle:2").budget == timedelta(hours=2)
