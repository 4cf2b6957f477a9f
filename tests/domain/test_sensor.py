"""Alarms within a window are one incident; normal readings in a row clear it."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.calendar import Limit, Unit
from domain.policy import Flow
from domain.sensor import Meaning, Reading, meaning

START = datetime(2026, 7, 1, 12, tzinfo=UTC)
FLOW = Flow()
"""Three alarms within ten minutes; three normal readings in a row."""


def read(*marks: str) -> list[Reading]:
    """`4!` is an alarm four minutes after the start, `4` a normal reading."""
    return [
        Reading(at=START + timedelta(minutes=float(one.rstrip("!"))), alarm=one.endswith("!"))
        for one in marks
    ]


@pytest.mark.parametrize(
    ("marks", "means"),
    [
        (["0!"], Meaning.NOTHING),
        (["0!", "1!"], Meaning.NOTHING),
        (["0!", "1!", "2!"], Meaning.OPENS),
        (["0!", "1", "2!", "3", "4!"], Meaning.OPENS),
        (["0!", "1!", "10!"], Meaning.OPENS),
        (["0!", "1!", "10.1!"], Meaning.NOTHING),
        (["0!", "1!", "2"], Meaning.NOTHING),
        (["0", "1", "2"], Meaning.NOTHING),
    ],
)
def test_alarms_within_the_window_open_an_incident(marks: list[str], means: Meaning) -> None:
    assert meaning(read(*marks), since=None, flow=FLOW) is means


@pytest.mark.parametrize(
    ("marks", "means"),
    [
        (["3!"], Meaning.JOINS),
        (["3", "4"], Meaning.NOTHING),
        (["3", "4", "5"], Meaning.CLEARS),
        (["3", "4!", "5", "6"], Meaning.NOTHING),
        (["3", "4!", "5", "6", "7"], Meaning.CLEARS),
        (["1", "2", "3"], Meaning.NOTHING),
        (["300", "600", "900"], Meaning.CLEARS),
    ],
)
def test_an_open_incident_is_joined_and_cleared_by_quiet(
    marks: list[str], means: Meaning
) -> None:
    since = START + timedelta(minutes=2)

    assert meaning(read(*marks), since=since, flow=FLOW) is means


def test_the_numbers_are_the_policy_s() -> None:
    quick = Flow(
        readings=1,
        clear_readings=1,
        reading_window=Limit(value=1, unit=Unit.URGENT_HOUR),
    )

    assert meaning(read("0!"), since=None, flow=quick) is Meaning.OPENS
    assert meaning(read("1"), since=START, flow=quick) is Meaning.CLEARS
