"""A running case under other versions: due times move, what is done and used does not."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain import clock as clocks_
from domain.book import Book
from domain.calendar import DayException, DayKind, Limit, Unit
from domain.case import Event
from domain.clock import ClockKind, Outcome, Pause
from domain.command import Step
from domain.facts import Moved
from domain.pausing import HOLD
from domain.people import SYSTEM
from domain.policy import Change, Flow, FlowRule, Policy, StageLimit
from domain.preview import preview
from domain.refusal import Refusal
from domain.repin import Versions, in_force
from domain.terms import Action, Source, State
from domain.why import Why
from tests.domain.small_world import (
    BOOK,
    GAS,
    LITTER,
    RULES,
    Life,
    at_state,
    local,
    reported,
    with_calendar,
)

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALL = tuple(Change)
FOUR = Limit(value=4, unit=Unit.WORK_HOUR)
TUESDAY_OFF = DayException(day=date(2026, 9, 8), kind=DayKind.OFF, name="台风停工 Typhoon")


def limit(value: float, unit: Unit) -> Limit:
    return Limit(value=value, unit=unit)


def rearming(book: Book) -> Book:
    """The book whose policy lets every change reach running cases."""
    base = Flow(rearm=ALL, auto_close=False)
    return replace(book, policies={1: Policy(version=1, base=base, rules=RULES)})


def life_at(state: State, book: Book = BOOK) -> Life:
    return Life(book=rearming(book)).report().to(state)


def with_policy_2(book: Book, **changes: object) -> Book:
    rule = FlowRule(name="new", changes={"rearm": ALL, **changes})
    new = Policy(version=2, base=book.policies[1].base, rules=(*RULES, rule))
    return replace(book, policies={**book.policies, 2: new}, policy=2)


def with_catalogue_2(book: Book, new: Limit | None) -> Book:
    """Litter's first condition with another limit, or without the condition."""
    litter = book.catalogues[1][LITTER]
    first = () if new is None else (replace(litter.conditions[0], limit=new),)
    changed = {**book.catalogues[1], LITTER: replace(litter, conditions=first)}
    return replace(book, catalogues={**book.catalogues, 2: changed}, catalogue=2)


def repin(life: Life, **versions: Any) -> Event:  # noqa: ANN401  fields of a step
    (event, *_) = life.do(Action.REPIN, **versions)
    return event


# Calendar ------------------------------------------------------------------------------


def test_a_day_declared_a_holiday_moves_the_limits_and_says_from_when_to_when() -> None:
    life = life_at(State.HANDLING)  # handle: 8 WH from Monday 09:04
    life.book = with_calendar(life.book, TUESDAY_OFF)
    event = repin(life)

    assert event.moved == (
        Moved(clock_id="whole", before=local("09-14 09:00"), after=local("09-15 09:00")),
        Moved(clock_id="handle", before=local("09-08 09:04"), after=local("09-09 09:04")),
    )
    assert life.case.calendar == life.clock("handle").calendar == "district@2"
    assert life.clock("handle").budget_version == 1
    assert set(event.notify) == {"unit:roads", "reporter"}
    assert (event.row, event.state, event.patch.version) == ("§2", State.HANDLING, None)


def test_a_day_declared_a_holiday_afterwards_does_not_count_any_more() -> None:
    life = life_at(State.HANDLING)
    life.at = local("09-09 08:30")
    life.judge(now=life.at)
    assert {one.percent for one in life.clock("handle").fired} == {50, 75, 100}
    life.book = with_calendar(life.book, TUESDAY_OFF)
    repin(life)
    handle = life.clock("handle")

    assert clocks_.used(handle, life.at, life.book.calendars) == 7 * HOUR + 27 * MINUTE
    assert clocks_.due_at(handle, life.book.calendars) == local("09-09 09:04")
    assert life.case.escalation == 2  # what was told stays told


def test_rungs_that_fired_do_not_fire_again() -> None:
    life = life_at(State.HANDLING)
    life.wait(local("09-08 10:00"))
    life.book = with_calendar(life.book, TUESDAY_OFF)
    repin(life)
    later = life.wait(local("09-30 09:00"))

    fired = [one.reason for one in later if one.reason.startswith("handle ")]
    assert fired == ["handle 150%", "handle 200%"]


def test_a_calendar_change_on_a_running_hold_keeps_the_pause() -> None:
    life = life_at(State.HANDLING)
    hold = Pause(reason=HOLD, start=local("09-08 08:30"))
    case = life.case
    life.case = replace(
        case,
        state=State.ON_HOLD,
        clocks=tuple(
            replace(one, pauses=(hold,)) if one.kind is ClockKind.HANDLE else one
            for one in case.clocks
        ),
    )
    life.events.clear()
    life.at = local("09-10 09:00")
    life.book = with_calendar(life.book, TUESDAY_OFF)
    event = repin(life)
    handle = life.clock("handle")

    assert handle.pauses == (hold,)
    moved = next(one for one in event.moved if one.clock_id == "handle")
    assert (moved.before, moved.after) == (None, None)
    assert moved.left_before == 8 * HOUR - (6 * HOUR + 56 * MINUTE + 30 * MINUTE)
    assert moved.left_after == moved.left_before + 30 * MINUTE
    going = clocks_.resume(handle, local("09-10 10:00"))
    assert clocks_.due_at(going, life.book.calendars) == local("09-10 11:04")


def test_a_stopped_clock_is_never_touched() -> None:
    life = life_at(State.FED_BACK)
    before = [one for one in life.case.clocks if one.stopped_at is not None]
    life.book = with_calendar(with_policy_2(life.book, handle=limit(1, Unit.WORK_HOUR)))
    repin(life)

    assert [one for one in life.case.clocks if one.stopped_at is not None] == before
    assert all(one.calendar == "district@1" for one in before)


def test_clocks_started_later_go_by_the_new_calendar() -> None:
    life = life_at(State.DISPATCHED)
    life.book = with_calendar(life.book)
    event = repin(life)
    assert event.moved == ()  # no day differs: only what is pinned changes
    life.do(Action.SIGN)
    life.do(Action.FEED_BACK)

    assert life.clock("review").calendar == "district@2"


# Policy --------------------------------------------------------------------------------


def test_a_policy_gives_running_stage_clocks_and_the_promise_new_budgets() -> None:
    life = life_at(State.REPORTED)
    stage = StageLimit(normal=limit(2, Unit.WORK_HOUR), urgent=limit(1, Unit.URGENT_HOUR))
    life.book = with_policy_2(
        life.book, limits={ClockKind.ACCEPT: stage}, whole=limit(10, Unit.WORK_DAY)
    )
    event = repin(life, policy=2)
    accept, whole = life.clock("accept"), life.clock("whole")

    assert (accept.budget, accept.budget_version) == (2 * HOUR, 2)
    assert (whole.budget, whole.budget_version) == (80 * HOUR, 2)
    assert {one.clock_id: one.after for one in event.moved} == {
        "accept": local("09-07 11:00"),
        "whole": local("09-21 09:00"),
    }
    assert set(event.notify) == {"role:acceptor", "reporter"}


def test_a_policy_s_handling_limit_takes_the_catalogue_s_place_and_sign_follows() -> None:
    life = life_at(State.DISPATCHED)
    life.book = with_policy_2(
        life.book, handle=limit(4, Unit.WORK_HOUR), rungs=(60, 100, 150, 200)
    )
    repin(life)
    handle, sign = life.clock("handle"), life.clock("sign")

    assert (handle.budget, handle.rungs) == (4 * HOUR, (60, 100, 150, 200))
    assert (sign.budget, sign.budget_version) == (HOUR, 2)


def test_a_promise_that_no_policy_gave_is_kept() -> None:
    due = local("09-09 12:00")
    life = Life(book=rearming(BOOK)).report(Source.UPSTREAM_12345, upstream_due=due)
    life.to(State.TO_CLOSE)
    life.do(Action.CLOSE)
    life.do(Action.REJECT_REPLY, upstream_due=due)
    life.book = with_policy_2(life.book, whole=limit(7, Unit.WORK_DAY))
    repin(life, policy=2)

    assert clocks_.due_at(life.clock("whole:2"), life.book.calendars) == due


def test_a_calendar_leaves_a_limit_of_an_earlier_policy_as_long_as_it_was() -> None:
    life = life_at(State.ACCEPTED)
    life.do(Action.REQUEST_VOID)
    life.book = with_policy_2(
        life.book, limits={ClockKind.DECIDE: StageLimit(normal=FOUR, urgent=FOUR)}
    )
    life.do(Action.FILE)
    life.book = with_calendar(life.book, TUESDAY_OFF)
    repin(life, calendar=life.book.calendar)

    assert life.case.policy == 2
    assert life.clock("decide").budget == 2 * HOUR


def test_an_urgent_condition_keeps_the_catalogue_s_limit() -> None:
    life = Life(book=rearming(BOOK)).report(subclass=GAS, condition=1)
    life.do(Action.ACCEPT, subclass=GAS, condition=1)
    life.do(Action.FILE)
    life.do(Action.DISPATCH)
    life.book = with_policy_2(life.book, handle=limit(5, Unit.WORK_DAY))
    repin(life)

    assert life.clock("handle").budget == 2 * HOUR


def test_from_working_time_to_day_and_night_the_used_share_stays_used() -> None:
    life = life_at(State.HANDLING)
    life.book = with_catalogue_2(life.book, limit(4, Unit.URGENT_HOUR))
    repin(life, at=local("09-08 08:04"))  # 7 of 8 work hours are used
    handle, calendars = life.clock("handle"), life.book.calendars

    assert (handle.continuous, handle.calendar) == (True, "")
    assert handle.carried == clocks_.used(handle, life.at, calendars) == 3.5 * HOUR
    assert clocks_.due_at(handle, calendars) == local("09-08 08:34")
    fired = life.wait(local("09-08 09:00"))
    assert [one.reason for one in fired] == ["handle 100%"]


def test_from_day_and_night_to_working_time_the_same() -> None:
    life = life_at(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)  # 4 work hours, half of the limit
    life.book = with_catalogue_2(life.book, limit(8, Unit.URGENT_HOUR))
    repin(life, at=local("09-07 10:04"))  # an eighth: one hour
    assert life.case.pending[0].amount == 4 * HOUR
    back = with_catalogue_2(life.book, limit(16, Unit.WORK_HOUR)).catalogues[2]
    life.book = replace(life.book, catalogues={**life.book.catalogues, 3: back}, catalogue=3)
    repin(life, at=local("09-07 11:04"))  # a quarter
    handle = life.clock("handle")

    assert (handle.continuous, handle.carried) == (False, 4 * HOUR)
    assert clocks_.due_at(handle, life.book.calendars) == local("09-08 17:04")
    assert life.case.pending[0].amount == 8 * HOUR


def test_a_shorter_limit_can_be_late_at_once_and_that_is_on_record_with_its_time() -> None:
    life = life_at(State.HANDLING)
    life.at = local("09-07 16:00")
    life.book = with_catalogue_2(life.book, limit(2, Unit.WORK_HOUR))
    event = repin(life)
    life.judge(now=life.at)

    assert event.moved[0].after == local("09-07 11:04")
    assert [one.percent for one in life.clock("handle").fired] == [50, 75, 100]


def test_a_rework_round_is_judged_on_the_new_limit_with_a_new_ladder() -> None:
    life = life_at(State.CHECKING)
    life.do(Action.CHECK_FAIL)
    before = life.clock("handle:2")
    life.book = with_catalogue_2(life.book, limit(16, Unit.WORK_HOUR))
    repin(life)
    after = life.clock("handle:2")

    assert after.used_before == before.used_before
    assert after.judged_budget == 16 * HOUR
    assert after.budget == 16 * HOUR - before.used_before
    assert life.clock("handle").outcome is Outcome.DONE
    assert life.clock("handle").budget == 8 * HOUR


# Catalogue -----------------------------------------------------------------------------


def test_a_longer_limit_moves_the_due_time_and_keeps_what_is_used() -> None:
    life = life_at(State.HANDLING)
    life.book = with_catalogue_2(life.book, limit(16, Unit.WORK_HOUR))
    event = repin(life, catalogue=2)

    assert event.moved == (
        Moved(clock_id="handle", before=local("09-08 09:04"), after=local("09-09 09:04")),
    )
    assert (life.case.catalogue, life.case.policy) == (2, 1)


def test_an_extension_comes_on_top_of_the_new_limit() -> None:
    life = life_at(State.HANDLING)
    life.do(Action.REQUEST_EXTENSION)
    life.do(Action.APPROVE_EXTENSION)
    life.book = with_catalogue_2(life.book, limit(16, Unit.WORK_HOUR))
    repin(life)

    assert life.clock("handle").limit == 20 * HOUR
    assert life.clock("handle").budget_version == 3


def test_a_condition_that_is_gone_is_refused_in_both_languages() -> None:
    life = life_at(State.HANDLING)
    life.book = with_catalogue_2(life.book, None)
    refused = life.refused(Action.REPIN)

    assert refused.values["because"] == "condition_gone"
    assert "第 2 版没有立案条件 E01-01/1" in refused.text("zh")
    assert "catalogue 2 has no accept condition E01-01/1" in refused.text("en")


# Refusals ------------------------------------------------------------------------------


def test_nothing_changes_is_refused_and_writes_nothing() -> None:
    life = life_at(State.HANDLING)
    seq = life.case.seq
    for versions in ({}, {"policy": 1}, {"calendar": "district@1", "catalogue": 1}):
        refused = life.refused(Action.REPIN, **versions)
        assert (refused.why, refused.values["because"]) == (Why.NOT_NOW, "nothing_changes")
    life.book = with_calendar(life.book, TUESDAY_OFF)
    repin(life)

    assert life.refused(Action.REPIN).values["because"] == "nothing_changes"
    assert life.case.seq == seq + 1


@pytest.mark.parametrize(
    ("versions", "why", "because"),
    [
        ({"policy": 9}, Why.UNKNOWN_CODE, None),
        ({"catalogue": 9}, Why.UNKNOWN_CODE, None),
        ({"calendar": "moon@1"}, Why.UNKNOWN_CODE, None),
        ({"calendar": "district@2"}, Why.NOT_NOW, "not_in_force"),
    ],
)
def test_a_version_must_be_there_and_in_force(
    versions: dict[str, Any], why: Why, because: str | None
) -> None:
    life = life_at(State.HANDLING)
    newer = with_calendar(life.book, TUESDAY_OFF)
    life.book = replace(newer, calendar="district@1")
    refused = life.refused(Action.REPIN, **versions)

    assert (refused.why, refused.values.get("because")) == (why, because)
    assert "{" not in refused.text("zh") + refused.text("en")


def test_what_the_case_s_policy_keeps_out_does_not_reach_it() -> None:
    life = at_state(State.HANDLING)  # its policy lets in the calendar only
    life.book = with_catalogue_2(with_calendar(life.book, TUESDAY_OFF), limit(9, Unit.WORK_DAY))
    refused = life.refused(Action.REPIN, catalogue=2)
    assert refused.values["because"] == "policy_keeps"
    assert "事项目录" in refused.text("zh")
    event = repin(life)  # names nothing: all that is let in

    assert (life.case.catalogue, life.case.calendar) == (1, "district@2")
    assert event.moved


def test_only_an_admin_or_the_system_may() -> None:
    life = life_at(State.HANDLING)
    life.book = with_calendar(life.book, TUESDAY_OFF)
    for who in ("chief", "command", "roads.head"):
        assert life.refused(Action.REPIN, who).why is Why.FORBIDDEN
    found = life.ask(SYSTEM, Step(action=Action.REPIN))

    assert not isinstance(found, Refusal)


# Preview -------------------------------------------------------------------------------


def test_a_preview_says_what_the_change_will_do_and_changes_nothing() -> None:
    life = life_at(State.HANDLING)
    newer = with_calendar(life.book, TUESDAY_OFF)
    later = replace(newer, calendar="district@1")  # published, not yet in force
    versions = Versions(calendar="district@2")
    effect = preview(life.case, later, versions, life.at)
    life.book = newer
    event = repin(life)

    assert effect.moved == event.moved
    assert (effect.versions, effect.kept_out, effect.refusal) == (versions, (), None)


def test_a_preview_of_a_case_that_is_not_concerned_moves_nothing() -> None:
    life = life_at(State.REPORTED)
    book = with_calendar(life.book, replace(TUESDAY_OFF, day=date(2026, 12, 1)))

    assert preview(life.case, book, in_force(book), life.at).moved == ()
    assert preview(life.case, life.book, in_force(life.book), life.at).versions == Versions()


def test_a_preview_says_what_is_kept_out_and_what_would_be_refused() -> None:
    life = at_state(State.HANDLING)
    book = with_catalogue_2(life.book, limit(9, Unit.WORK_DAY))
    assert preview(life.case, book, in_force(book), life.at).kept_out == (Change.CATALOGUE,)

    life = life_at(State.HANDLING)
    gone = with_catalogue_2(life.book, None)
    effect = preview(life.case, gone, in_force(gone), life.at)
    assert effect.refusal
    assert effect.refusal.values["because"] == "condition_gone"
    assert reported().case.calendar == "district@1"
