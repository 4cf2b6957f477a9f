"""The master data that a decision needs, as values: catalogue, owners, people, policies."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.calendar import Calendar, Limit
from domain.case import Case
from domain.emergency_plan import EmergencyPlan, EmergencyPlans
from domain.people import Actor
from domain.policy import Flow, Policy
from domain.questions import ExtraQuestion
from domain.terms import CheckMode, Kind, Level, Role, Source


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A milestone inside `handle` with a limit of its own, such as "stop within 4 WH".

    Attributes:
        key: Code within the condition: `stop`.
        limit: From dispatch.
        zh: Its name in Chinese.
        en: Its name in English.
    """

    key: str
    limit: Limit
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One accept condition of a subclass, with the limit it fixes and its milestones."""

    number: int
    limit: Limit
    urgent: bool
    check_mode: CheckMode
    photo_required: bool
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subclass:
    """A subclass of one catalogue version."""

    code: str
    conditions: tuple[Condition, ...]
    self_handle: bool = False
    confidential: bool = False
    public: bool = True
    kind: Kind = Kind.CASE
    questions: tuple[ExtraQuestion, ...] = ()

    def condition(self, number: int) -> Condition | None:
        """The condition of that number."""
        return next((one for one in self.conditions if one.number == number), None)

    @property
    def on_site(self) -> bool:
        """Whether any condition is checked on the spot."""
        return any(one.check_mode is CheckMode.ON_SITE for one in self.conditions)


@dataclass(frozen=True, kw_only=True)
class Owner:
    """A routing rule: `unit` answers for a subclass pattern in an area prefix."""

    pattern: str
    area: str
    unit: str
    backup: str = ""

    def weight(self, subclass: str, grid: str) -> int:
        """How closely the rule fits; 0 when it does not, else higher is closer."""
        if not grid.startswith(self.area):
            return 0
        if self.pattern == subclass:
            exact = 3
        elif self.pattern.endswith("*") and subclass.startswith(self.pattern[:-1]):
            exact = 2 if len(self.pattern) > 1 else 1
        else:
            return 0
        return exact * 100 + len(self.area)


@dataclass(frozen=True, kw_only=True)
class Tier:
    """Where a unit stands: its level, and the prefix of the grid codes that it answers for."""

    level: Level = Level.DISTRICT
    area: str = ""


@dataclass(frozen=True, kw_only=True)
class SourceRule:
    """One entry of the registry of sources.

    Attributes:
        source: Its code.
        entered_by: Roles that may enter a report from it; the first source of a role is what
            a report of his is when it names none.
        needs: Identifiers that a report from it must carry: `upstream_no`, `upstream_due`, …
        may: Identifiers that it may carry.
        active: Reports from it are taken.
    """

    source: Source
    entered_by: tuple[Role, ...]
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    active: bool = True


@dataclass(frozen=True, kw_only=True)
class Book:
    """Master data in force, plus every pinned version that open cases name.

    Attributes:
        policies: Policies by version.
        policy: Version in force.
        catalogues: Subclasses by code, by catalogue version.
        catalogue: Version in force.
        calendars: Calendars by key.
        calendar: Key in force.
        grids: Known grid codes.
        units: Unit code → its parent unit, or empty.
        tiers: Unit code → its level and area; a unit that is not named is the district's.
        owners: Routing rules.
        members: Grid code → its members' ids, the first on duty first.
        reasons: Action → its reason codes.
        people: Accounts by id, with their present grants.
        sources: The registry of sources, in its own order.
        destinations: Unit code → code of its own system, where it has one.
        emergencies: Emergency plans by version.
        emergency: Version of them in force; 0 while there is none.
    """

    policies: Mapping[int, Policy]
    policy: int
    catalogues: Mapping[int, Mapping[str, Subclass]]
    catalogue: int
    calendars: Mapping[str, Calendar]
    calendar: str
    grids: frozenset[str]
    units: Mapping[str, str]
    owners: tuple[Owner, ...]
    members: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, frozenset[str]]
    people: Mapping[str, Actor]
    sources: tuple[SourceRule, ...] = ()
    destinations: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, Tier] = field(default_factory=dict)
    emergencies: Mapping[int, EmergencyPlans] = field(default_factory=dict)
    emergency: int = 0

    def emergency_plan(self, case: Case) -> EmergencyPlan | None:
        """The plan that answers a case's emergency, by the version that holds for it."""
        found = case.response and self.emergencies.get(case.response.version)
        return found.plan(case.response.plan) if found and case.response else None

    def subclass(self, version: int, code: str) -> Subclass | None:
        """A subclass of a catalogue version (0: the one in force)."""
        return self.catalogues[version or self.catalogue].get(code)

    def policy_of(self, version: int) -> Policy:
        """A policy version (0: the one in force)."""
        return self.policies[version or self.policy]

    def flow_of(self, case: Case) -> Flow:
        """The flow profile of a case, by the policy version pinned to it."""
        return self.policy_of(case.policy).flow(case.source, case.subclass)

    def flow_in_force(self, source: Source, subclass: str = "") -> Flow:
        """The flow profile that a case filed now would have."""
        return self.policies[self.policy].flow(source, subclass)

    def owners_of(self, subclass: str, grid: str) -> tuple[Owner, ...]:
        """The closest routing rules; one is a clear owner, several are a dispute."""
        weighed = [(one.weight(subclass, grid), one) for one in self.owners]
        best = max((weight for weight, _ in weighed), default=0)
        return tuple(one for weight, one in weighed if weight == best and weight > 0)

    def within(self, unit: str, parent: str) -> bool:
        """Whether `unit` is `parent` or one of its sub-units."""
        return bool(parent) and parent in {unit, self.units.get(unit)}

    def tier(self, unit: str) -> Tier:
        """Where a unit stands."""
        return self.tiers.get(unit, Tier())
