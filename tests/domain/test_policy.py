"""The policy's defaults are those of the rules; its limits choose by urgency."""

from datetime import timedelta

import pytest

from domain.calendar import Limit, Unit
from domain.clock import ClockKind
from domain.policy import Flow, FlowRule, Policy, StageLimit
from domain.terms import Source

HOUR = timedelta(hours=1)
STAGES = [
    (ClockKind.ACCEPT, 0.5, 1 / 6),
    (ClockKind.FILE, 0.5, 1 / 6),
    (ClockKind.DISPATCH, 0.5, 1 / 6),
    (ClockKind.CLOSE, 0.5, 1 / 6),
    (ClockKind.VERIFY, 2, 0.5),
    (ClockKind.SIGN, 2, 0.25),
    (ClockKind.DECIDE, 2, 0.5),
    (ClockKind.REVIEW, 2, 0.5),
    (ClockKind.CHECK, 2, 1),
    (ClockKind.CALL_BACK, 24, 24),
]


@pytest.mark.parametrize(("kind", "normal", "urgent"), STAGES)
def test_stage_limits_are_the_table_s(kind: ClockKind, normal: float, urgent: float) -> None:
    limit = Flow().limits[kind]

    assert limit.of(urgent=False).running == normal * HOUR
    assert limit.of(urgent=True).running == urgent * HOUR
    assert limit.of(urgent=True).continuous
    assert limit.of(urgent=False).continuous is (kind is ClockKind.CALL_BACK)


def test_every_stage_clock_has_a_limit() -> None:
    """The others get their limit from the catalogue, the source, or a value of their own."""
    own = {
        ClockKind.WHOLE,
        ClockKind.HANDLE,
        ClockKind.FOLLOW_UP,
        ClockKind.STAGE,
        ClockKind.INNER,
        ClockKind.QUESTION,
        ClockKind.HOLD,
        ClockKind.HOLD_REVIEW,
        ClockKind.BACKLOG,
        ClockKind.ALARM,
        ClockKind.ARRIVE,
    }

    assert set(Flow().limits) == set(ClockKind) - own


def test_windows_are_the_table_s() -> None:
    flow = Flow()

    assert flow.follow_up.running == 15 * 24 * HOUR
    assert flow.follow_up.running * flow.follow_up_most == timedelta(days=90)
    assert flow.follow_up_refused.running == 40 * HOUR
    assert flow.recall_free.running == timedelta(minutes=10)
    assert flow.rungs == (50, 75, 100, 150, 200)


def test_two_flows_do_not_share_their_tables() -> None:
    assert Flow().limits is not Flow().limits


def test_later_rules_win_and_tables_are_added_to_key_by_key() -> None:
    hour = StageLimit(
        normal=Limit(value=1, unit=Unit.WORK_HOUR), urgent=Limit(value=1, unit=Unit.URGENT_HOUR)
    )
    policy = Policy(
        rules=(
            FlowRule(name="all", changes={"max_verify": 5, "limits": {ClockKind.SIGN: hour}}),
            FlowRule(name="one", sources=(Source.HOTLINE,), changes={"max_verify": 1}),
            FlowRule(name="class", classes=("A26-*",), changes={"reviews": 3}),
        )
    )
    flow = policy.flow(Source.HOTLINE, "E01-01")

    assert (flow.max_verify, flow.reviews) == (1, 1)
    assert policy.flow(Source.SENSOR).max_verify == 5
    assert policy.flow(Source.SENSOR, "A26-02").reviews == 3
    assert flow.limits[ClockKind.SIGN] == hour
    assert flow.limits[ClockKind.ACCEPT] == Flow().limits[ClockKind.ACCEPT]
