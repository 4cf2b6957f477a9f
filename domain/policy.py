"""Policy data (◆): what a flow does by itself, its checks, limits, deciders and windows.

A policy version holds one base flow and rules that change it for a source or a class: the flow
profile of a case is what they make together. Versions are data, dated, and pinned at filing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from domain.calendar import Limit, Unit
from domain.clock import ClockKind
from domain.plan import Plan
from domain.terms import CheckMode, Kind, Level, Role, Severity, Source


class Change(StrEnum):
    """What may change under a running case."""

    POLICY = "policy"
    CATALOGUE = "catalogue"
    CALENDAR = "calendar"


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


def _default_limits() -> Mapping[ClockKind, StageLimit]:
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
        ClockKind.SUM_UP: StageLimit(normal=_wh(2), urgent=_uh(0.5)),
        ClockKind.REPLY: StageLimit(normal=_wd(1), urgent=_uh(2)),
        ClockKind.FIRST_REPORT: StageLimit(normal=_uh(0.5), urgent=_uh(0.5)),
        ClockKind.WRITTEN_REPORT: StageLimit(normal=_uh(1), urgent=_uh(1)),
        ClockKind.NEXT_REPORT: StageLimit(normal=day, urgent=day),
        ClockKind.FINAL_REPORT: StageLimit(normal=_days(3), urgent=_days(3)),
        ClockKind.CALL_BACK: StageLimit(normal=day, urgent=day),
    }


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The ◆ values for one case; every default is the value shown in transitions.md.

    Attributes:
        limits: Stage limits by clock.
        arbitration: Limit of a ruling (T20, T25-T27).
        consult_reworks: Reworks from which a case may be consulted on (T56).
        consult_units: More departments than these, and it may be consulted on (T56).
        consultation: Limit of a consultation's decision (T56).
        whole: The promise to the citizen; None makes none.
        whole_from_acceptance: The promise counts from acceptance, not from the report.
        own_due: An upstream order's own due time is the promise; `whole` only if it has none.
        in_writing: Acceptance needs a text that goes to the reporter (T8).
        handle: Handling limit in place of the catalogue's.
        check_mode: Check mode in place of the catalogue's.
        photo_required: Whether feedback needs a photo, in place of the catalogue's.
        auto_verify: The system sends reports to be verified (T4).
        auto_accept: The system accepts reports (T8).
        auto_file: The system files when one condition is clear (T12).
        auto_dispatch: The system dispatches when one owner is clear (T14).
        auto_review: The system passes feedback (T31, T32).
        auto_close: The system closes what reaches to_close (T37).
        direct_answer: Kinds that may be answered at once (T3).
        self_handle: Members may settle listed subclasses on the spot (T2).
        sample_share: Share of self-handled cases that another member looks at (T2).
        max_verify: Times a report may be sent for verification (T4).
        reporting_member_may_check: The member who reported it on patrol may check it (§2.4).
        max_unable: Checks called unable after which the duty chief may decide (T36).
        two_person_refusals: Reasons of refusal that take a second person (T9).
        recall_free: Recall within this time does not count as inaccurate (T15).
        inner_share: Share of what is left of handle that an inner limit gets (T17).
        return_window: From dispatch a unit may return; never over half of handle (T19).
        max_returns_unit: Returns one unit may make in one case.
        max_returns_case: Returns in one case after which the next goes to arbitration (T20).
        first_receiver: The first unit keeps it: barred reasons are no ground (T19).
        barred_returns: Those reasons.
        object_window: From a rejected return a unit may ask for arbitration (T25).
        feed_back_by: Unit roles that may feed back (T28).
        max_extensions: Approved extensions in one case (T39).
        extension_each: Cap on one extension; None: the original limit.
        extension_total: Cap on their sum, in working time; None: no cap.
        extension_endorsed: A handler's request waits for his unit's approver.
        extension_deciders: Who decides the first, the second, … extension.
        extension_decider_urgent: Who decides for an urgent case.
        max_holds: Holds in one case (T40).
        hold_most: Longest hold.
        hold_dispatcher_most: Longer ones are the command chief's (T41).
        hold_hard: Reasons that make a hold the command chief's.
        hold_review: A hold is looked at this often.
        hold_backlog: From then on it is on the backlog register (积存).
        question_pause: An open question pauses no longer (T43).
        max_questions_stage: Questions in one stage.
        max_questions_case: Questions in one case.
        urges_per_day: Urges a reporter may make a day (T44).
        supplements_per_day: Supplements a reporter may make a day (T44).
        supervise_at: Rungs of `handle` that bring a supervision letter (T45).
        fails_to_supervise: Failed check that brings supervision (T34).
        force_close_second: Force-closing takes a second person (T55).
        follow_up: Window after closing, answering or transfer (T61).
        follow_up_refused: Window after a refusal.
        follow_up_self_closed: Window after self-handling.
        follow_up_most: Windows that an open call-back can hold the archive back.
        reviews: Times a refused or answered reporter may ask for a review (T62).
        reexaminations: Reviews of a closed petition: 1 复查, 2 and 复核; 0 for none.
        reexamination: Limit of each.
        rework_least: A rework round's ladder runs on at least min(original, this).
        rework_least_urgent: The same on the continuous timeline.
        rungs: Rungs of `handle` in per cent.
        late_rung_floor: Rungs of 150 % and more keep this distance from red; urgent: none.
        fence_metres: How near the place a member's photo must be taken.
        call_back_tries: Tries on different days before "no answer" (T58).
        call_back_from: First hour of calls, local.
        call_back_until: Hour at which calls end, local.
        reasons: Reason codes by action, in place of the whole list.
        readings: Alarms of a sensor within `reading_window` that make a case.
        reading_window: The window.
        clear_readings: Normal readings in a row that clear it.
        duplicate_metres: Reports nearer than that may be of one cause (T49).
        duplicate_within: So old a report may still have one that is not open any more.
        duplicate_likeness: Share of common terms from which on two texts are alike.
        related_classes: Groups of subclass patterns that are often one cause; a class is
            related to itself in any case.
        hot_spot_from: Followers that make a main case a hot spot.
        hot_spot_metres: So far a hot spot reaches.
        guest_feeds_back: Who acts by a link may feed back for the unit; else the unit confirms.
        max_handovers: Times a task of a joint case may be offered to another unit.
        lead_hands_over: The unit that leads may offer its task to another too.
        arrive_emergency: A department called at once is on the site within this.
        arrive_prompt: The same, called promptly.
        arrive_ordinary: The same, called in the ordinary way; whole working days last until
            work ends on that working day after the call.
        solved_at: Authority list: the lowest level that can solve it.
        flat: Authority list: higher levels that it may be dispatched to at once.
        flat_until: Authority list: last local day of an entry of `flat`; those not named last.
        skip_reasons: Reasons of a dispatch to a higher level that is not on the list.
        max_hops: Times a case may be handed up or down.
        auto_sum_up: The system sums up with the lead's reply where that is for the citizen.
        joint_plan: Departments to which the system gives a case at once, where it dispatches.
        alarm_from: Emergencies of this level and graver ones alarm the leader at once.
        rearm: Changes that re-arm running cases when they come into force.
    """

    limits: Mapping[ClockKind, StageLimit] = field(default_factory=_default_limits)
    arbitration: StageLimit = field(
        default_factory=lambda: StageLimit(normal=_wd(1), urgent=_uh(1))
    )
    consultation: StageLimit = field(
        default_factory=lambda: StageLimit(normal=_wd(5), urgent=_wd(1))
    )
    consult_reworks: int = 2
    consult_units: int = 2
    whole: Limit | None = None
    whole_from_acceptance: bool = False
    own_due: bool = False
    in_writing: bool = False
    handle: Limit | None = None
    check_mode: CheckMode | None = None
    photo_required: bool | None = None
    auto_verify: bool = False
    auto_accept: bool = False
    auto_file: bool = False
    auto_dispatch: bool = False
    auto_review: bool = False
    auto_close: bool = True
    direct_answer: tuple[Kind, ...] = (Kind.ENQUIRY, Kind.SUGGESTION)
    self_handle: bool = True
    sample_share: float = 0.1
    max_verify: int = 2
    reporting_member_may_check: bool = True
    max_unable: int = 2
    two_person_refusals: tuple[str, ...] = ("refuse_unreasonable",)
    recall_free: Limit = field(default_factory=lambda: _uh(1 / 6))
    inner_share: float = 0.8
    return_window: Limit = field(default_factory=lambda: _wd(2))
    max_returns_unit: int = 2
    max_returns_case: int = 2
    first_receiver: bool = False
    barred_returns: tuple[str, ...] = ("return_unclear_right",)
    object_window: Limit = field(default_factory=lambda: _wh(4))
    feed_back_by: tuple[Role, ...] = (Role.UNIT_HANDLER, Role.UNIT_APPROVER)
    max_extensions: int = 2
    extension_each: Limit | None = None
    extension_total: Limit | None = None
    extension_endorsed: bool = False
    extension_deciders: tuple[Role, ...] = (Role.DISPATCHER, Role.DUTY_CHIEF)
    extension_decider_urgent: Role = Role.DUTY_CHIEF
    max_holds: int = 1
    hold_most: Limit = field(default_factory=lambda: _days(365))
    hold_dispatcher_most: Limit = field(default_factory=lambda: _days(30))
    hold_hard: tuple[str, ...] = ("hold_hard",)
    hold_review: Limit = field(default_factory=lambda: _days(30))
    hold_backlog: Limit = field(default_factory=lambda: _days(60))
    question_pause: Limit = field(default_factory=lambda: _wd(2))
    max_questions_stage: int = 1
    max_questions_case: int = 2
    urges_per_day: int = 1
    supplements_per_day: int = 1
    supervise_at: tuple[int, ...] = ()
    fails_to_supervise: int = 3
    force_close_second: bool = True
    follow_up: Limit = field(default_factory=lambda: _days(15))
    follow_up_refused: Limit = field(default_factory=lambda: _wd(5))
    follow_up_self_closed: Limit = field(default_factory=lambda: _wd(3))
    follow_up_most: int = 6
    reviews: int = 1
    reexaminations: int = 0
    reexamination: Limit = field(default_factory=lambda: _days(30))
    rework_least: Limit = field(default_factory=lambda: _wd(1))
    rework_least_urgent: Limit = field(default_factory=lambda: _days(1))
    rungs: tuple[int, ...] = (50, 75, 100, 150, 200)
    late_rung_floor: Limit = field(default_factory=lambda: _wd(1))
    fence_metres: float = 100.0
    call_back_tries: int = 3
    call_back_from: int = 8
    call_back_until: int = 20
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    readings: int = 3
    reading_window: Limit = field(default_factory=lambda: _uh(1 / 6))
    clear_readings: int = 3
    duplicate_metres: float = 50.0
    duplicate_within: Limit = field(default_factory=lambda: _uh(24))
    duplicate_likeness: float = 0.4
    related_classes: tuple[tuple[str, ...], ...] = ()
    hot_spot_from: int = 4
    hot_spot_metres: float = 200.0
    guest_feeds_back: bool = False
    max_handovers: int = 1
    lead_hands_over: bool = False
    auto_sum_up: bool = True
    joint_plan: Plan | None = None
    arrive_emergency: Limit = field(default_factory=lambda: _uh(0.5))
    arrive_prompt: Limit = field(default_factory=lambda: _uh(2))
    arrive_ordinary: Limit = field(default_factory=lambda: _wd(1))
    solved_at: Level = Level.DISTRICT
    flat: tuple[Level, ...] = ()
    flat_until: Mapping[Level, date] = field(default_factory=dict)
    skip_reasons: tuple[str, ...] = ("dispatch_level_cannot",)
    max_hops: int = 4
    alarm_from: Severity = Severity.III
    rearm: tuple[Change, ...] = (Change.CALENDAR,)


_MERGED = ("limits", "reasons")
"""Values that a rule adds to, key by key; all others it replaces."""


@dataclass(frozen=True, kw_only=True)
class FlowRule:
    """What is different for a source or a class; later rules win over earlier ones.

    Attributes:
        name: What the rule is for, in words.
        sources: Sources it is for; empty: all.
        classes: Subclass patterns (`A26-*`) it is for; empty: all, unclassified reports too.
        changes: Values of `Flow` by field name.
    """

    name: str
    sources: tuple[Source, ...] = ()
    classes: tuple[str, ...] = ()
    changes: Mapping[str, Any] = field(default_factory=dict)

    def fits(self, source: Source, subclass: str) -> bool:
        """Whether it is for a case of that source and class."""
        of_source = not self.sources or source in self.sources
        return of_source and (
            not self.classes or any(fits_class(subclass, one) for one in self.classes)
        )


def fits_class(subclass: str, pattern: str) -> bool:
    """Whether a subclass is meant by a pattern: its code, or `A26-*` for a class."""
    if pattern.endswith("*"):
        return bool(subclass) and subclass.startswith(pattern[:-1])
    return subclass == pattern


@dataclass(frozen=True, kw_only=True, eq=False)
class Policy:
    """One version of the policy.

    Attributes:
        version: Number of this version, >= 1.
        name: Name of the pack it came from.
        base: Values for a case that no rule fits.
        rules: What is different for a source or a class, in order.
    """

    version: int = 1
    name: str = ""
    base: Flow = field(default_factory=Flow)
    rules: tuple[FlowRule, ...] = ()

    def flow(self, source: Source, subclass: str = "") -> Flow:
        """The flow profile of a case."""
        return _flow(self, source, subclass)


@lru_cache(maxsize=4096)
def _flow(policy: Policy, source: Source, subclass: str) -> Flow:
    return merged(policy.base, (one for one in policy.rules if one.fits(source, subclass)))


def merged(base: Flow, rules: Iterable[FlowRule]) -> Flow:
    """A flow with the changes of some rules, in order."""
    for rule in rules:
        changes = dict(rule.changes)
        for name in _MERGED:
            if name in changes:
                changes[name] = {**getattr(base, name), **changes[name]}
        base = replace(base, **changes)
    return base
