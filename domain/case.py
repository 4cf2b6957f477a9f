"""A case, the events that make it, and the fold; events say what is true, the fold has no rule.

This module is the replay contract: workflows fold these types for years. Fields are added with
defaults, never removed or given another meaning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.people import Actor
from domain.terms import (
    FINAL,
    Action,
    CheckMode,
    Result,
    Role,
    Solved,
    Source,
    State,
    TaskState,
)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One department's turn at a case.

    Attributes:
        task_no: 1, 2, … in the order of dispatch; never used twice.
        unit: Department that holds it.
        person: Handler, when one is named.
        state: Where the turn stands.
        dispatched_at: When the unit got it.
        signed_at: When the unit signed.
        ended_at: When it was fed back, returned or withdrawn.
        rounds: 1 plus the reworks of this unit.
    """

    task_no: int
    unit: str
    person: str = ""
    state: TaskState = TaskState.DISPATCHED
    dispatched_at: datetime
    signed_at: datetime | None = None
    ended_at: datetime | None = None
    rounds: int = 1


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A request that waits for a decision.

    Attributes:
        kind: `extension` or `void`.
        by: Who asked; he may not decide (transitions §2.4).
        at: When he asked.
        amount: Extension asked for, in running time of `handle`; zero for the others.
        clock: Id of the decider's clock.
    """

    kind: str
    by: str
    at: datetime
    amount: timedelta = timedelta(0)
    clock: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnMark:
    """One return of the case by a unit.

    Attributes:
        unit: Who returned it.
        at: When.
        accepted: The dispatcher agreed.
        by: Who asked; he may not decide (transitions §2.4).
        clock: Id of the decider's clock.
    """

    unit: str
    at: datetime
    accepted: bool = False
    by: str = ""
    clock: str = ""


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What the reporter thinks, by himself or told to the clerk; `score` is 1 to 5."""

    by: str
    at: datetime
    solved: Solved
    score: int


@dataclass(frozen=True, kw_only=True)
class Case:
    """The state of one case, folded from its events.

    Attributes:
        case_no: 19 digits.
        seq: Number of the last event.
        version: Rises with each change of state or holder; what a command says it saw.
        state: Where it stands; `reported` before its first event too.
        source: Where it came from.
        reported_at: Time of the report.
        grid: Grid code; empty while unlocated.
        subclass: `E01-13`; empty while unclassified.
        condition: Number of the accept condition, 0 before filing.
        urgent: Flag of the condition or of the case itself.
        flagged_urgent: The case's own flag, set at the report or by the acceptor.
        check_mode: How its result is checked.
        photo_required: Feedback needs a photo.
        verified: A member found it on the spot.
        has_contact: The reporter can be asked and called back.
        policy: Policy version in force, pinned at filing.
        catalogue: Catalogue version, pinned at filing.
        calendar: Key of the calendar, pinned at filing.
        unit: Department that holds it now.
        person: Handler named by the unit.
        asked: Member asked to verify or check.
        handled_by: Who fed back; he never checks.
        round: 1 + reworks.
        reopened: It was reopened once.
        escalation: 0 to 5.
        verifications: Times it was sent for verification.
        extensions: Approved extensions.
        extended: Their sum, in running time of `handle`.
        recalls: Recalls that count as inaccurate dispatch.
        urges: Days (local, ISO) on which the reporter urged.
        call_days: Days (local, ISO) of call-back tries.
        answered_call: The reporter was reached.
        feedback_rejections: Feedbacks that failed the review; not reworks.
        settled_as: How it was settled, kept after archiving.
        refused_by: Who refused it; he does not review that (transitions §2.4).
        tasks: Turns of departments.
        returns: Returns in the order made.
        pending: Requests that wait, at most one of a kind.
        ratings: Valid ratings of this closing.
        clocks: All clocks, running and stopped.
    """

    case_no: str
    seq: int = 0
    version: int = 0
    state: State = State.REPORTED
    source: Source = Source.CITIZEN_WEB
    reported_at: datetime | None = None
    last_at: datetime | None = None
    grid: str = ""
    subclass: str = ""
    condition: int = 0
    urgent: bool = False
    flagged_urgent: bool = False
    check_mode: CheckMode = CheckMode.ON_SITE
    photo_required: bool = False
    verified: bool = False
    has_contact: bool = False
    policy: int = 0
    catalogue: int = 0
    calendar: str = ""
    unit: str = ""
    person: str = ""
    asked: str = ""
    handled_by: str = ""
    round: int = 1
    reopened: bool = False
    escalation: int = 0
    verifications: int = 0
    extensions: int = 0
    extended: timedelta = timedelta(0)
    recalls: int = 0
    urges: tuple[str, ...] = ()
    call_days: tuple[str, ...] = ()
    answered_call: bool = False
    feedback_rejections: int = 0
    settled_as: str = ""
    refused_by: str = ""
    tasks: tuple[Task, ...] = ()
    returns: tuple[ReturnMark, ...] = ()
    pending: tuple[Pending, ...] = ()
    ratings: tuple[Rating, ...] = ()
    clocks: tuple[Clock, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether it stands in a final state."""
        return self.state in FINAL

    @property
    def task(self) -> Task | None:
        """The turn that runs now, or the last one."""
        return self.tasks[-1] if self.tasks else None

    def waiting(self, kind: str) -> Pending | None:
        """The pending request of a kind."""
        return next((one for one in self.pending if one.kind == kind), None)


@dataclass(frozen=True, kw_only=True)
class Patch:
    """Fields of `Case` that an event sets; None leaves a field as it is."""

    version: int | None = None
    source: Source | None = None
    reported_at: datetime | None = None
    grid: str | None = None
    subclass: str | None = None
    condition: int | None = None
    urgent: bool | None = None
    flagged_urgent: bool | None = None
    check_mode: CheckMode | None = None
    photo_required: bool | None = None
    verified: bool | None = None
    has_contact: bool | None = None
    policy: int | None = None
    catalogue: int | None = None
    calendar: str | None = None
    unit: str | None = None
    person: str | None = None
    asked: str | None = None
    handled_by: str | None = None
    round: int | None = None
    reopened: bool | None = None
    escalation: int | None = None
    verifications: int | None = None
    extensions: int | None = None
    extended: timedelta | None = None
    recalls: int | None = None
    urges: tuple[str, ...] | None = None
    call_days: tuple[str, ...] | None = None
    answered_call: bool | None = None
    feedback_rejections: int | None = None
    settled_as: str | None = None
    refused_by: str | None = None
    returns: tuple[ReturnMark, ...] | None = None
    pending: tuple[Pending, ...] | None = None
    ratings: tuple[Rating, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """One entry of a case's timeline; never holds free text or a reporter's data.

    Attributes:
        seq: 1, 2, … within the case.
        at: When it counts: the command's receipt, or the rung's due time.
        cause_id: The command or rung that it answers.
        action: What happened.
        row: Row of the transition table, `T14`; empty for what is not a move.
        state: State after it.
        actor: Who did it.
        role: In which role.
        on_behalf_of: Unit for which the centre entered it.
        step: Index of the action within a chained command; -1 for automatic ones.
        reason: Reason code.
        fired_at: For a rung: when it was judged.
        patch: What changed.
        clocks: Clocks as they now are; replaced by id.
        tasks: Tasks as they now are; replaced by number.
        notify: Who is told: `person:…`, `role:…`, `unit:…`, `reporter`.
    """

    seq: int
    at: datetime
    cause_id: str
    action: Action
    row: str = ""
    state: State
    actor: str = "system"
    role: Role = Role.SYSTEM
    on_behalf_of: str = ""
    step: int = -1
    reason: str = ""
    fired_at: datetime | None = None
    patch: Patch = field(default_factory=Patch)
    clocks: tuple[Clock, ...] = ()
    tasks: tuple[Task, ...] = ()
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One action asked for, with what it needs; which fields matter is the action's business.

    Attributes:
        action: What is asked.
        reason: Reason code of the action's list.
        text: Free text: reason, reply, remark. Never enters an event.
        subclass: New classification.
        condition: Number of the accept condition.
        grid: Grid code.
        urgent: Flag set by the centre.
        unit: Department to dispatch to.
        person: Member or handler named.
        amount: Extension in hours of handle's own unit (working or continuous), > 0.
        photos: Ids of attachments.
        distance: Metres between the photo's place and the case's, measured by the server;
            None when either is unknown, and then a text must say why.
        result: Outcome claimed by the unit.
        reached: Call-back: the reporter answered.
        solved: Call-back, rating: what he says.
        score: 1 to 5.
        second: Second person who agreed, where two are needed.
    """

    action: Action
    reason: str = ""
    text: str = ""
    subclass: str = ""
    condition: int = 0
    grid: str = ""
    urgent: bool | None = None
    unit: str = ""
    person: str = ""
    amount: float = 0.0
    photos: tuple[str, ...] = ()
    distance: float | None = None
    result: Result | None = None
    reached: bool | None = None
    solved: Solved | None = None
    score: int = 0
    second: str = ""
    source: Source | None = None
    contact: bool = False


@dataclass(frozen=True, kw_only=True)
class Command:
    """A person's wish, written down before it is judged.

    Attributes:
        command_id: UUIDv7.
        at: `received_at`, set by Postgres at write-down.
        actor: Who asks, with his roles then.
        steps: One action, or a chain judged all or nothing.
        seen: The case version he saw; None where the action cannot be stale.
    """

    command_id: str
    at: datetime
    actor: Actor
    steps: tuple[Step, ...]
    seen: int | None = None


_PATCHED = tuple(one.name for one in fields(Patch))


def evolve(case: Case, event: Event) -> Case:
    """Fold one event.

    Raises:
        ValueError: The event does not follow the case's last one.
    """
    if event.seq != case.seq + 1:
        raise ValueError(f"case {case.case_no}: event {event.seq} cannot follow {case.seq}")
    changed = {
        name: value for name in _PATCHED if (value := getattr(event.patch, name)) is not None
    }
    clocks = {clock.clock_id: clock for clock in case.clocks}
    clocks.update({clock.clock_id: clock for clock in event.clocks})
    tasks = {task.task_no: task for task in case.tasks}
    tasks.update({task.task_no: task for task in event.tasks})
    return replace(
        case,
        seq=event.seq,
        state=event.state,
        last_at=event.at,
        clocks=tuple(clocks.values()),
        tasks=tuple(tasks.values()),
        **changed,
    )


def fold(case_no: str, events: Iterable[Event]) -> Case:
    """The case that a log makes."""
    case = Case(case_no=case_no)
    for event in events:
        case = evolve(case, event)
    return case
