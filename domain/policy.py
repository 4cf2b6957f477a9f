"""Policy data (◆): limits, automatic steps, windows. Versioned, pinned to a case at filing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.calendar import Limit, Unit
from domain.clock import ClockKind
from domain.terms import Source


@dataclass(frozen=True, kw_only=True)
class StageLimit:
    """Limit of one clock for ordinary and for urgent cases."""

    normal: Limit
    urgent: Limit

    def of(self, *, urgent: bool) -> Limit:
        """The limit that applies."""
        return self.urgent if urgent else self.normal


def _wh(value: float) -> Limit:
    return Limit(value=value, unit=Unit.WORK_HOUR)


def _uh(value: float) -> Limit:
    return Limit(value=value, unit=Unit.URGENT_HOUR)


def _wd(value: float) -> Limit:
    return Limit(value=value, unit=Unit.WORK_DAY)


def _days(value: float) -> Limit:
    return Limit(value=value, unit=Unit.NATURAL_DAY)


def _default_limits() -> dict[ClockKind, StageLimit]:
    """The limits of transitions §3."""
    half, ten = _wh(0.5), _uh(1 / 6)
    day = _uh(24)
    return {
        ClockKind.ACCEPT: StageLimit(normal=half, urgent=ten),
        ClockKind.FILE: StageLimit(normal=half, urgent=ten),
        ClockKind.DISPATCH: StageLimit(normal=half, urgent=ten),
        ClockKind.CLOSE: StageLimit(normal=half, urgent=ten),
        ClockKind.VERIFY: StageLimit(normal=_wh(2), urgent=_uh(0.5)),
        ClockKind.SIGN: StageLimit(normal=_wh(2), urgent=_uh(0.25)),
        ClockKind.DECIDE: StageLimit(normal=_wh(2), urgent=_uh(0.5)),
        ClockKind.REVIEW: StageLimit(normal=_wh(2), urgent=_uh(0.5)),
        ClockKind.CHECK: StageLimit(normal=_wh(2), urgent=_uh(1)),
        ClockKind.CALL_BACK: StageLimit(normal=day, urgent=day),
    }


def _default_whole() -> dict[Source, Limit]:
    """The promise to the citizen, by source; a source that is not named makes none."""
    five = _wd(5)
    return {
        Source.CITIZEN_WEB: five,
        Source.HOTLINE: five,
        Source.UPSTREAM_12345: five,
        Source.OPEN311: five,
        Source.LEADER_ORDER: five,
    }


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of the policy; every default is the value shown in transitions.md.

    Attributes:
        version: Number of this version, >= 1.
        limits: Stage limits by clock.
        whole: Promise by source.
        auto_verify: Sources whose reports the system sends to be verified (T4).
        auto_accept: Sources whose reports are accepted by the system (T8).
        auto_file: Sources whose cases the system files when one condition is clear (T12).
        auto_dispatch: Sources the system dispatches when one owner is clear (T14).
        auto_review: Sources whose feedback the system passes (T31, T32).
        auto_close: The system closes what reaches to_close (T37).
        max_verify: Times a report may be sent for verification (T4).
        recall_free: Recall within this time does not count as inaccurate (T15).
        return_window: From dispatch a unit may return; never over half of handle (T19).
        max_returns_unit: Returns one unit may make in one case.
        max_returns_case: Returns in one case before it goes to arbitration.
        first_receiver_sources: No return of these for unclear ownership (T19).
        max_extensions: Approved extensions in one case (T39).
        extension_total: Cap on their sum for `hotline_sources`.
        hotline_sources: Sources under the hotline's cap.
        follow_up: Window after closing; `follow_up_refused` after a refusal (T61).
        follow_up_most: Windows that an open call-back can hold the archive back.
        rework_least: A rework round's ladder runs on at least min(original, this).
        rework_least_urgent: The same on the continuous timeline.
        rungs: Rungs of `handle` in per cent.
        late_rung_floor: Rungs of 150 % and more keep this distance from red; urgent: none.
        fence_metres: How near the place a member's photo must be taken.
        urges_per_day: Urges a reporter may make a day (T44).
        call_back_tries: Tries on different days before "no answer" (T58).
        call_back_from: First hour of calls, local.
        call_back_until: Hour at which calls end, local.
    """

    version: int = 1
    limits: Mapping[ClockKind, StageLimit] = field(default_factory=_default_limits)
    whole: Mapping[Source, Limit] = field(default_factory=_default_whole)
    auto_verify: tuple[Source, ...] = ()
    auto_accept: tuple[Source, ...] = (Source.GRID_PATROL,)
    auto_file: tuple[Source, ...] = (Source.GRID_PATROL,)
    auto_dispatch: tuple[Source, ...] = (Source.GRID_PATROL,)
    auto_review: tuple[Source, ...] = ()
    auto_close: bool = True
    max_verify: int = 2
    recall_free: Limit = field(default_factory=lambda: _uh(1 / 6))
    return_window: Limit = field(default_factory=lambda: _wd(2))
    max_returns_unit: int = 2
    max_returns_case: int = 2
    first_receiver_sources: tuple[Source, ...] = (Source.HOTLINE, Source.UPSTREAM_12345)
    max_extensions: int = 2
    extension_total: Limit = field(default_factory=lambda: _wd(10))
    hotline_sources: tuple[Source, ...] = (
        Source.HOTLINE,
        Source.CITIZEN_WEB,
        Source.UPSTREAM_12345,
    )
    follow_up: Limit = field(default_factory=lambda: _days(15))
    follow_up_refused: Limit = field(default_factory=lambda: _wd(5))
    follow_up_most: int = 6
    rework_least: Limit = field(default_factory=lambda: _wd(1))
    rework_least_urgent: Limit = field(default_factory=lambda: _days(1))
    rungs: tuple[int, ...] = (50, 75, 100, 150, 200)
    late_rung_floor: Limit = field(default_factory=lambda: _wd(1))
    fence_metres: float = 100.0
    urges_per_day: int = 1
    call_back_tries: int = 3
    call_back_from: int = 8
    call_back_until: int = 20
