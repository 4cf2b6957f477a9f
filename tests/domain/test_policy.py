"""The policy's defaults are those of the rules; its limits choose by urgency."""

from datetime import timedelta

import pytest

from domain.clock import ClockKind
from domain.policy import Policy
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
    limit = Policy().limits[kind]

    assert limit.of(urgent=False).running == normal * HOUR
    assert limit.of(urgent=True).running == urgent * HOUR
    assert limit.of(urgent=True).continuous
    assert limit.of(urgent=False).continuous is (kind is ClockKind.CALL_BACK)


def test_every_stage_clock_has_a_limit() -> None:
    own = {ClockKind.WHOLE, ClockKind.HANDLE, ClockKind.FOLLOW_UP, ClockKind.REPLY}

    assert set(Policy().limits) == set(ClockKind) - own


def test_the_hotline_is_promised_five_work_days_and_an_inspector_nothing() -> None:
    whole = Policy().whole

    assert whole[Source.HOTLINE].running == 40 * HOUR
    assert Source.GRID_PATROL not in whole


def test_windows_are_the_table_s() -> None:
    policy = Policy()

    assert policy.follow_up.running == 15 * 24 * HOUR
    assert policy.follow_up.running * policy.follow_up_most == timedelta(days=90)
    assert policy.follow_up_refused.running == 40 * HOUR
    assert policy.recall_free.running == timedelta(minutes=10)
    assert policy.rungs == (50, 75, 100, 150, 200)


def test_two_policies_do_not_share_their_tables() -> None:
    assert Policy().limits is not Policy().limits
    assert Policy().whole == Policy().whole
