"""What is asked of a case: steps, and the command that carries them; never in a history."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.calendar import Limit
from domain.clock import Clock
from domain.facts import Task
from domain.patch import Patch
from domain.people import Actor
from domain.plan import Plan
from domain.terms import (
    Action,
    Decision,
    Emergency,
    Haste,
    Result,
    Severity,
    Solved,
    Source,
    State,
    Upward,
)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of the cases that a case is split into (T47).

    Attributes:
        case_no: Its number, drawn at write-down.
        subclass: Its class; empty keeps the case's own.
        words: What it is about; never enters an event.
    """

    case_no: str
    subclass: str = ""
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Birth:
    """How a case starts that was split off another or taken over from another system.

    Attributes:
        state: Where it stands at once.
        patch: Its facts.
        clocks: Its clocks, with what they have used.
        tasks: Turns of departments so far.
    """

    state: State
    patch: Patch = field(default_factory=Patch)
    clocks: tuple[Clock, ...] = ()
    tasks: tuple[Task, ...] = ()


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
            None when either is unknown.
        off_map: The case has no point on the map to measure from, says the server; a text
            then stands in for the distance.
        result: Outcome claimed by the unit.
        reached: Call-back: the reporter answered.
        solved: Call-back, rating: what he says.
        score: 1 to 5.
        source: Report: the channel it came by.
        contact: Report: the reporter can be asked and called back.
        until: Hold: its last moment.
        receiver: Transfer: the body that takes it, by name.
        stage: Key of the stage that is done.
        sub_unit: Sub-unit the task is assigned to.
        parts: Split: what each new case is about.
        rung: Supervise: per cent of `handle` that brought the letter; 0 for a person's.
        of: Supervise: id of the `handle` clock with that rung.
        other: Merge: number of the main case; split and merge: the case this one came from.
        decision: Consultation: what was decided.
        participants: Consultation: accounts or units that took part.
        cost: Substitute: cost charged to the first unit, in yuan; 0 when unknown.
        upstream_no: Report: the upstream platform's own number.
        upstream_due: Report: the upstream order's own due time.
        return_until: Report: until then the upstream takes the order back.
        policy: Change while running: policy version to judge by from now on.
        catalogue: The same, catalogue version.
        calendar: The same, key of the calendar.
        birth: How the case starts when it does not start with a report.
        plan: Joint case: the whole plan as it is to be.
        task: Joint case: number of the task that is meant.
        tasks: Joint case: numbers of the tasks that failed the check.
        for_citizen: Feedback of a task: the reply is for the citizen, and sums the case up.
        lead: Task of a joint case: whether it leads from now on.
        limit: Task of a joint case: its limit from now on.
        moved: Joint case: a task as its own timeline has it now.
        binding: Task of a joint case: it was decided, and is not returned any more.
        waits: Task of a joint case: why the whole case waits; empty: it does not any more.
        units: Whistle: departments that are called to the site.
        haste: Whistle: how soon they must be there.
        call: Number of the call that is meant.
        came: Score: whether the department came.
        lon: Arrival: where he stands; never enters an event.
        lat: The same.
        drill: Report: it is practised only.
        emergency: Declare: what sort of emergency.
        severity: Declare, regrade: how grave it is.
        upward: Report up: which of the reports it is.
        place: Asked by another case: its place in all that follows from that one, from 1 on.
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
    off_map: bool = False
    result: Result | None = None
    reached: bool | None = None
    solved: Solved | None = None
    score: int = 0
    source: Source | None = None
    contact: bool = False
    until: datetime | None = None
    receiver: str = ""
    stage: str = ""
    sub_unit: str = ""
    parts: tuple[Part, ...] = ()
    rung: int = 0
    of: str = ""
    other: str = ""
    decision: Decision | None = None
    participants: tuple[str, ...] = ()
    cost: float = 0.0
    upstream_no: str = ""
    upstream_due: datetime | None = None
    return_until: datetime | None = None
    policy: int = 0
    catalogue: int = 0
    calendar: str = ""
    birth: Birth | None = None
    plan: Plan | None = None
    task: int = 0
    tasks: tuple[int, ...] = ()
    for_citizen: bool = False
    lead: bool | None = None
    limit: Limit | None = None
    moved: Task | None = None
    binding: bool | None = None
    waits: str | None = None
    units: tuple[str, ...] = ()
    haste: Haste | None = None
    call: int = 0
    came: bool | None = None
    lon: float | None = None
    lat: float | None = None
    drill: bool = False
    emergency: Emergency | None = None
    severity: Severity | None = None
    upward: Upward | None = None
    place: int = 0


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

    @property
    def order(self) -> tuple[datetime, int, str]:
        """What comes first is judged first: by receipt, what follows from a case as it came."""
        return self.at, self.steps[0].place if self.steps else 0, self.command_id
