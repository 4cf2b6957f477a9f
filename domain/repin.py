"""What other versions of policy, catalogue and calendar make of a case's running clocks.

Used time is kept, and so are extensions, pauses and rungs that fired; a clock that stopped is
never touched. Under another calendar past days count as that calendar has them: a day declared
a holiday yesterday did not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain import clock as clocks_
from domain.book import Book, Condition
from domain.calendar import Limit
from domain.case import Case
from domain.clock import Clock, ClockKind
from domain.command import Step
from domain.facts import Moved
from domain.patch import Patch
from domain.policy import Change, Flow, StageLimit
from domain.relimit import relimit, sign_within, tasks_limits
from domain.terms import Action, State
from domain.turn import Turn
from domain.turn_clocks import stage_of
from domain.why import Because, Why

_FOLLOW_UP = {State.REFUSED: "follow_up_refused", State.SELF_CLOSED: "follow_up_self_closed"}
_DECIDING = {State.ARBITRATING: "arbitration", State.CONSULTING: "consultation"}
_ASIDE = {
    ClockKind.QUESTION: "question_pause",
    ClockKind.HOLD_REVIEW: "hold_review",
    ClockKind.BACKLOG: "hold_backlog",
}


@dataclass(frozen=True, kw_only=True)
class Versions:
    """Versions to judge by; 0 or empty leaves one as it is."""

    policy: int = 0
    catalogue: int = 0
    calendar: str = ""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What they change."""
        named = {
            Change.POLICY: self.policy,
            Change.CATALOGUE: self.catalogue,
            Change.CALENDAR: self.calendar,
        }
        return tuple(change for change, version in named.items() if version)

    def only(self, changes: tuple[Change, ...]) -> "Versions":
        """These changes of them, and no other."""
        return Versions(
            policy=self.policy if Change.POLICY in changes else 0,
            catalogue=self.catalogue if Change.CATALOGUE in changes else 0,
            calendar=self.calendar if Change.CALENDAR in changes else "",
        )

    def step(self) -> Step:
        """The step that asks for them."""
        return Step(
            action=Action.REPIN,
            policy=self.policy,
            catalogue=self.catalogue,
            calendar=self.calendar,
        )


def in_force(book: Book) -> Versions:
    """What a case filed now is judged by."""
    return Versions(policy=book.policy, catalogue=book.catalogue, calendar=book.calendar)


def versions_in(facts: Case | Patch) -> Versions:
    """What a case is judged by, or is to be by a patch."""
    return Versions(
        policy=facts.policy or 0,
        catalogue=facts.catalogue or 0,
        calendar=facts.calendar or "",
    )


def news(case: Case, versions: Versions) -> Versions:
    """Those of the versions that the case is not judged by already."""
    return Versions(
        policy=0 if versions.policy == case.policy else versions.policy,
        catalogue=0 if versions.catalogue == case.catalogue else versions.catalogue,
        calendar="" if versions.calendar == case.calendar else versions.calendar,
    )


def let_in(case: Case, versions: Versions, book: Book) -> Versions:
    """Those of the versions that the case's policy lets reach it while it runs."""
    flow = book.flow_of(case)
    return versions.only(flow.rearm)


def wanted(turn: Turn) -> Versions:
    """What the step names; a step that names nothing means all that is in force and let in."""
    step = turn.step
    named = Versions(policy=step.policy, catalogue=step.catalogue, calendar=step.calendar)
    if not named.changes:
        named = let_in(turn.case, in_force(turn.book), turn.book)
    return news(turn.case, named)


def repin(turn: Turn, versions: Versions) -> None:
    """Judge a case by the versions from now on, and what its plan took from its condition.

    Raises:
        RefusedError: A version is unknown or not in force, the case's policy keeps it out, or
            the catalogue has no such condition any more.
    """
    check(turn, versions)
    before = Rules.of(turn)
    turn.patch = replace(
        turn.patch,
        policy=versions.policy or None,
        catalogue=versions.catalogue or None,
        calendar=versions.calendar or None,
    )
    old, new = before.condition, Rules.of(turn).condition
    if old and not new:
        turn.not_now(
            Because.CONDITION_GONE,
            version=str(versions.catalogue),
            condition=f"{turn.case.subclass}/{turn.case.condition}",
        )
    if old and new:
        tasks_limits(turn, old.limit, new.limit)
    rearm(turn, before)


def rearm(turn: Turn, before: "Rules") -> None:
    """Judge the running clocks by what the step has pinned; before and after go on record."""
    after = Rules.of(turn)
    running = [one for one in turn.clocks.values() if one.stopped_at is None]
    handle: Clock | None = None
    for clock in sorted(running, key=lambda one: one.kind is ClockKind.SIGN):
        fresh = _Fresh(turn=turn, clock=clock, handle=handle, before=before, after=after)
        changed = fresh.clock_now()
        if changed != clock or clock.kind is ClockKind.HANDLE:
            turn.put(changed)
        if clock.kind is ClockKind.HANDLE:
            handle = changed
            if changed.continuous is not clock.continuous and before.condition:
                _convert_requests(turn, changed.budget / before.condition.limit.running)
    turn.moved = tuple(moved_clocks(turn, running))
    moved = {one.clock_id for one in turn.moved}
    told = [_address(one) for one in running if one.clock_id in moved]
    turn.notify = tuple(dict.fromkeys(one for one in told if one))


def check(turn: Turn, versions: Versions) -> None:
    """Refuse versions that are not there, not in force, or kept out by the case's policy."""
    book = turn.book
    now = in_force(book)
    for change in versions.changes:
        known = {
            Change.POLICY: versions.policy in book.policies,
            Change.CATALOGUE: versions.catalogue in book.catalogues,
            Change.CALENDAR: versions.calendar in book.calendars,
        }
        version = str(getattr(versions, change.value))
        if not known[change]:
            turn.refuse(Why.UNKNOWN_CODE, field=change.value, value=version)
        if version != str(getattr(now, change.value)):
            turn.not_now(Because.NOT_IN_FORCE, change=change.value, version=version)
    for change in versions.changes:
        if change not in turn.flow.rearm:
            turn.not_now(Because.POLICY_KEEPS, change=change.value)


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What some versions say about a case's limits, or a task's."""

    flow: Flow
    condition: Condition | None

    @classmethod
    def of(cls, turn: Turn) -> "Rules":
        """By the versions that the turn goes by now."""
        return cls(flow=turn.flow, condition=turn.find_condition())

    def limit(self, case: Case, clock: Clock) -> Limit | None:
        """The limit that such a clock gets; None where no version fixes it."""
        flow, by_urgency = self.flow, self.flow.limits.get(clock.kind)
        found: Limit | None = None
        match clock.kind:
            case ClockKind.HANDLE | ClockKind.STAGE:
                found = self._of_condition(clock)
            case ClockKind.WHOLE:
                found = flow.reexamination if case.reexaminations else flow.whole
            case ClockKind.DECIDE:
                found = self._deciding(case, clock).of(urgent=clock.urgent)
            case ClockKind.FOLLOW_UP:
                found = getattr(flow, _FOLLOW_UP.get(case.state, "follow_up"))
            case ClockKind.QUESTION | ClockKind.HOLD_REVIEW | ClockKind.BACKLOG:
                found = getattr(flow, _ASIDE[clock.kind])
            case _:
                found = by_urgency.of(urgent=clock.urgent) if by_urgency else None
        return found

    def _of_condition(self, clock: Clock) -> Limit | None:
        """Of the condition, or of the stage that a clock is named after."""
        if self.condition is None or clock.kind is ClockKind.HANDLE:
            return self.condition.limit if self.condition else None
        stages = {one.key: one.limit for one in self.condition.stages}
        return stages.get(stage_of(clock))

    def _deciding(self, case: Case, clock: Clock) -> StageLimit:
        asked = next((one for one in case.pending if one.clock == clock.clock_id), None)
        of_case = asked is None or asked.kind in _DECIDING.values()
        if of_case and case.state in _DECIDING:
            found: StageLimit = getattr(self.flow, _DECIDING[case.state])
            return found
        return self.flow.limits[ClockKind.DECIDE]


@dataclass(frozen=True, kw_only=True)
class _Fresh:
    """One running clock under the new versions."""

    turn: Turn
    clock: Clock
    handle: Clock | None
    before: Rules
    after: Rules

    def clock_now(self) -> Clock:
        """The clock as it goes on."""
        clock = self._on_calendar(self.clock)
        if clock.kind is ClockKind.HANDLE:
            clock = replace(clock, rungs=self.after.flow.rungs)
        old, new = (one.limit(self.turn.case, clock) for one in (self.before, self.after))
        if old is None or new is None:
            return clock
        if clock.kind is ClockKind.SIGN:
            return self._sign(clock, old, new)
        if old == new and clock.judged_budget is None:
            return clock
        if clock.kind is ClockKind.WHOLE and not _gave(old, clock):
            return clock
        changed = relimit(self.turn, clock, old, new)
        return clock if _same_terms(changed, clock) else changed

    def _on_calendar(self, clock: Clock) -> Clock:
        """On the new version of its calendar; another calendar's clock is not concerned."""
        new = self.turn.patch.calendar
        same = new and clock.calendar.partition("@")[0] == new.partition("@")[0]
        return replace(clock, calendar=new) if new and same else clock

    def _sign(self, clock: Clock, old: Limit, new: Limit) -> Clock:
        """`sign`: by the new limit, or by what became of `handle`."""
        handle = self.handle
        earlier = next((one for one in self.turn.case.clocks if _is(one, handle)), None)
        shifted = earlier is not None and handle is not None and earlier.budget != handle.budget
        if new == old and not shifted:
            return clock
        return sign_within(self.turn, clock, handle, new)


def _is(one: Clock, other: Clock | None) -> bool:
    return other is not None and one.clock_id == other.clock_id


def _gave(limit: Limit, clock: Clock) -> bool:
    """Whether a promise is what a limit makes: not an upstream's due time or another case's."""
    return (limit.running, limit.continuous) == (clock.budget, clock.continuous)


def _same_terms(one: Clock, two: Clock) -> bool:
    terms = ((it.budget, it.judged_budget, it.continuous) for it in (one, two))
    return next(terms) == next(terms)


def _convert_requests(turn: Turn, ratio: float) -> None:
    """Hours asked for on the old timeline are converted like those that were granted."""
    turn.patch = replace(
        turn.patch,
        pending=tuple(replace(one, amount=one.amount * ratio) for one in turn.pending),
    )


def moved_clocks(turn: Turn, running: list[Clock]) -> Iterator[Moved]:
    """The clocks that fall due at another time now; of a paused one, what is left changed."""
    calendars = turn.book.calendars
    for clock in running:
        now = next(one for one in turn.of_kind(clock.kind) if one.clock_id == clock.clock_id)
        before, after = clocks_.due_at(clock, calendars), clocks_.due_at(now, calendars)
        was, left = (clocks_.remaining(one, turn.at, calendars) for one in (clock, now))
        waits = before is None or after is None
        if before != after or (waits and was != left):
            yield Moved(
                clock_id=clock.clock_id,
                before=before,
                after=after,
                left_before=was if waits else None,
                left_after=left if waits else None,
            )


def _address(clock: Clock) -> str:
    """Who is told that a clock moved: who answers for it; of the promise, the reporter."""
    if clock.kind is ClockKind.WHOLE:
        return "reporter"
    return clock.owner if ":" in clock.owner or not clock.owner else f"role:{clock.owner}"
