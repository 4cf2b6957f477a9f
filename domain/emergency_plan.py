"""Emergency plans (预案) as data: who does what at once, who is alarmed, which reports are due.

A version holds several plans, each for kinds and levels of emergencies; the first that fits is
started. Versions are dated; a case keeps the one that it was declared under.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from domain.calendar import Limit
from domain.people import Actor
from domain.plan import circle
from domain.terms import Emergency, Finish, Role, Severity, Upward
from domain.visibility import AREA_ROLES

OWNER = "owner"
"""In place of a unit: who answers for the case's class and place by the routing rules."""
_COMMAND = f"role:{Role.COMMAND_CHIEF}"
_LEAST = 2


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What one department does as soon as the plan starts.

    Attributes:
        unit: Its code, or `owner`.
        lead: It leads; exactly one does.
        scope: What it is to do.
        limit: Its limit, by day and night.
        after: Places (from 1 on) in the plan of those that must be done before.
        passing: It ends with the stand-down.
    """

    unit: str
    lead: bool = False
    scope: str = ""
    limit: Limit
    after: tuple[int, ...] = ()
    passing: bool = False


@dataclass(frozen=True, kw_only=True)
class Post:
    """A step of the duty roster.

    Attributes:
        to: `person:…` or `role:…`.
        minutes: Until the next is alarmed, if he does not answer; 0 for the last.
    """

    to: str
    minutes: float = 0


@dataclass(frozen=True, kw_only=True)
class EmergencyPlan:
    """One plan.

    Attributes:
        key: Its code within the version.
        zh: Its name in Chinese.
        en: Its name in English.
        kinds: Emergencies that it is for; empty: all.
        severities: Levels that it is for; empty: all.
        duties: What departments do, in order.
        finish: When they are done.
        roster: Who is alarmed: the leader first, the command chief last.
        reports: Reports that are due, with a limit in place of the policy's.
    """

    key: str
    zh: str
    en: str
    kinds: tuple[Emergency, ...] = ()
    severities: tuple[Severity, ...] = ()
    duties: tuple[Duty, ...]
    finish: Finish = Finish.ALL
    roster: tuple[Post, ...]
    reports: dict[Upward, Limit | None] = field(
        default_factory=lambda: dict.fromkeys(Upward, None)
    )

    def fits(self, kind: Emergency, severity: Severity) -> bool:
        """Whether it is for such an emergency."""
        of_kind = not self.kinds or kind in self.kinds
        return of_kind and (not self.severities or severity in self.severities)


@dataclass(frozen=True, kw_only=True, eq=False)
class EmergencyPlans:
    """One version of the plans; `version` is at least 1."""

    version: int = 1
    name: str = ""
    plans: tuple[EmergencyPlan, ...] = ()

    def plan_for(self, kind: Emergency, severity: Severity) -> EmergencyPlan | None:
        """The first plan that fits."""
        return next((one for one in self.plans if one.fits(kind, severity)), None)

    def plan(self, key: str) -> EmergencyPlan | None:
        """The plan of that code."""
        return next((one for one in self.plans if one.key == key), None)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a plan may name: units, and accounts that are active."""

    units: Collection[str]
    people: dict[str, Actor]


def faults(plans: EmergencyPlans, known: Known) -> tuple[str, ...]:
    """What is wrong with a version, each with its key; empty when nothing is."""
    found = list(_of_version(plans))
    for index, one in enumerate(plans.plans):
        place = f"plans[{index}]"
        found += _of_duties(one, known, place)
        found += _of_roster(one, known, place)
        found += _of_reports(one, place)
    return tuple(found)


def _of_version(plans: EmergencyPlans) -> Iterator[str]:
    keys = [one.key for one in plans.plans]
    for key in sorted({one for one in keys if keys.count(one) > 1}):
        yield f"plans: {key} stands twice"
    for kind in Emergency:
        for severity in Severity:
            if plans.plan_for(kind, severity) is None:
                yield f"plans: none is for {kind} of level {severity}"


def _of_duties(one: EmergencyPlan, known: Known, place: str) -> Iterator[str]:
    units = [duty.unit for duty in one.duties]
    if len(set(units) - {OWNER}) < _LEAST:
        yield f"{place}.duties: two departments or more, beside the owner, start together"
    if sum(duty.lead for duty in one.duties) != 1:
        yield f"{place}.duties: exactly one leads"
    if one.finish is Finish.SOME:
        yield f"{place}.finish: all, or lead"
    for index, duty in enumerate(one.duties):
        yield from _of_duty(one, duty, known, f"{place}.duties[{index}]")
    waits = {number: duty.after for number, duty in enumerate(one.duties, 1)}
    known_places = all(number in waits for duty in one.duties for number in duty.after)
    round_about = circle(waits) if known_places else ()
    if round_about:
        yield f"{place}.duties: {', '.join(map(str, round_about))} wait for one another"


def _of_duty(one: EmergencyPlan, duty: Duty, known: Known, here: str) -> Iterator[str]:
    units = [other.unit for other in one.duties]
    if duty.unit != OWNER and duty.unit not in known.units:
        yield f"{here}.unit: there is no unit {duty.unit}"
    if units.count(duty.unit) > 1:
        yield f"{here}.unit: {duty.unit} stands twice"
    if not duty.limit.continuous:
        yield f"{here}.limit: an emergency runs day and night: urgent_hour or natural_day"
    if duty.lead and duty.passing:
        yield f"{here}.passing: the lead's task outlasts the stand-down, to sum up"
    if any(not 1 <= number <= len(units) for number in duty.after):
        yield f"{here}.after: places in the plan, from 1 to {len(units)}"


def _of_roster(one: EmergencyPlan, known: Known, place: str) -> Iterator[str]:
    if not one.roster or one.roster[-1].to != _COMMAND:
        yield f"{place}.roster: its last step is {_COMMAND}, who keeps the alarm"
    for index, post in enumerate(one.roster):
        here = f"{place}.roster[{index}]"
        what, _, name = post.to.partition(":")
        roles = {role.value for role in Role} - {Role.REPORTER, Role.SYSTEM}
        there = {"person": known.people, "role": roles}.get(what, ())
        if name not in there:
            yield f"{here}.to: {post.to} is no account in use and no role: person:… or role:…"
        elif what == "person" and not any(map(known.people[name].has, AREA_ROLES)):
            yield f"{here}.to: {name} has no role of the centre, and so does not see the case"
    for index, (post, following) in enumerate(pairwise(one.roster)):
        if post.minutes <= 0:
            yield f"{place}.roster[{index}].minutes: above 0, until {following.to} is alarmed"


def _of_reports(one: EmergencyPlan, place: str) -> Iterator[str]:
    for which, limit in one.reports.items():
        if limit is not None and not limit.continuous:
            yield f"{place}.reports.{which}: day and night: urgent_hour or natural_day"
