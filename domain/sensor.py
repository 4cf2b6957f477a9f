"""Sensors: one incident for many alarms, and when it is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.policy import Flow


class Meaning(StrEnum):
    """What a reading means for the incident of its device."""

    NOTHING = "nothing"
    OPENS = "opens"
    JOINS = "joins"
    CLEARS = "clears"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One value of one device; the device itself says whether it is alarming."""

    at: datetime
    alarm: bool


def meaning(readings: Sequence[Reading], *, since: datetime | None, flow: Flow) -> Meaning:
    """What the last reading means.

    Args:
        readings: Of one device and measure, oldest first; the last is the one asked about.
        since: When the open incident opened; None: there is none.
        flow: How many alarms make an incident, how many normal readings in a row clear it.
    """
    last = readings[-1]
    if since is not None:
        if last.alarm:
            return Meaning.JOINS
        after = [one for one in readings if one.at > since]
        calm = after[-flow.clear_readings :]
        enough = len(calm) == flow.clear_readings and not any(one.alarm for one in calm)
        return Meaning.CLEARS if enough else Meaning.NOTHING
    if not last.alarm:
        return Meaning.NOTHING
    window = flow.reading_window.running
    alarms = [one for one in readings if one.alarm and last.at - one.at <= window]
    return Meaning.OPENS if len(alarms) >= flow.readings else Meaning.NOTHING
