"""Facts beside a case's state: turns of departments, requests, returns, questions, ratings.

Part of the replay contract, like `domain.case`: fields are added with defaults, never removed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calendar import Limit
from domain.terms import Emergency, Haste, Level, Severity, Solved, State, TaskState, Upward


@dataclass(frozen=True, kw_only=True)
class Extension:
    """An approved extension (T39), and how far it moved the limit.

    Attributes:
        amount: More running time, on the limit's own timeline.
        continuous: That one runs by day and night.
        before: When the limit was due; of one that waited, as if it ran on from then.
        after: When it was due with the extension.
    """

    amount: timedelta
    continuous: bool
    before: datetime
    after: datetime


@dataclass(frozen=True, kw_only=True)
class ReturnMark:
    """One return of the case by a unit.

    Attributes:
        unit: Who returned it.
        at: When.
        accepted: The dispatcher agreed, or another unit got it by a ruling.
        by: Who asked; he may not decide (transitions §2.4).
        clock: Id of the decider's clock.
        decided_at: When it was accepted or rejected; None while it waits, and when the case
            was sent elsewhere instead: then it does not count as a return (T19).
        task_no: Task of a joint case that it was made on; 0 for the case itself.
    """

    unit: str
    at: datetime
    accepted: bool = False
    by: str = ""
    clock: str = ""
    decided_at: datetime | None = None
    task_no: int = 0


@dataclass(frozen=True, kw_only=True)
class Urge:
    """A task of a joint case was urged (J6): by the unit that led, or by the centre: empty."""

    at: datetime
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Lead:
    """Who led a joint case, and since when; task 0 and no unit: nobody did."""

    task_no: int
    unit: str
    since: datetime


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
        sub_unit: Sub-unit it was assigned to (T17).
        stages: Keys of the stages that its handler marked done (T17).
        joint: It is a task of a joint case, with a timeline of its own (transitions §5).
        lead: It leads the joint case (牵头); the others help (协办).
        after: Numbers of the tasks that it waits for.
        limit: Its own limit, in a joint case.
        for_citizen: Its reply says that it is for the citizen: the lead's sums the case up.
        gone_without: A plan since then goes without it; it does not count any more.
        ruling: Its unit's return was laid before the command chief, or he ruled on it.
        urged: When it was urged, in logs that do not say by whom.
        urges: When it was urged and by whom, in a joint case.
        ruled_to: Its unit is out by a ruling that names this one instead; binds the next plan.
        asks: Since when it waits for the reporter's answer; None: it does not.
        offered_to: In a joint case, the unit that it is offered to.
        extended: Approved extensions of it, in a joint case.
        extended_by: The same one by one, as far as they are on record.
        due: When its limit is over by its own timeline; None while that waits.
        returns: Its returns that were accepted or rejected, in a joint case.
    """

    task_no: int
    unit: str
    person: str = ""
    state: TaskState = TaskState.DISPATCHED
    dispatched_at: datetime
    signed_at: datetime | None = None
    ended_at: datetime | None = None
    rounds: int = 1
    sub_unit: str = ""
    stages: tuple[str, ...] = ()
    joint: bool = False
    lead: bool = False
    after: tuple[int, ...] = ()
    limit: Limit | None = None
    for_citizen: bool = False
    gone_without: bool = False
    ruling: bool = False
    ruled_to: str = ""
    urged: tuple[datetime, ...] = ()
    asks: datetime | None = None
    offered_to: str = ""
    extended: timedelta = timedelta(0)
    due: datetime | None = None
    extended_by: tuple[Extension, ...] = ()
    returns: tuple[ReturnMark, ...] = ()
    urges: tuple[Urge, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pending:
    """A request that waits for a decision.

    Attributes:
        kind: `extension`, `hold`, `void`, `refusal`, `withdraw`, `force_close`,
            `arbitration` or `consultation`.
        by: Who asked; he may not decide (transitions §2.4).
        at: When he asked.
        amount: Extension asked for, in running time of `handle`; zero for the others.
        clock: Id of the decider's clock.
        until: Hold asked for: its last moment.
        reason: Reason code given.
        endorsed_by: Who of the unit endorsed it (T39).
        ruling_for: Consultation: who had asked for the ruling in whose place it came (T56).
    """

    kind: str
    by: str
    at: datetime
    amount: timedelta = timedelta(0)
    clock: str = ""
    until: datetime | None = None
    reason: str = ""
    endorsed_by: str = ""
    ruling_for: str = ""


@dataclass(frozen=True, kw_only=True)
class Rating:
    """What the reporter thinks, by himself or told to the clerk; `score` is 1 to 5."""

    by: str
    at: datetime
    solved: Solved
    score: int


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question to the reporter (T43); its text is the step's note.

    Attributes:
        by: Who asked.
        at: When.
        stage: State in which it was asked: one question per stage.
        clock: Id of the clock that ends its pause.
        ended_at: When it was answered, given up, or overtaken by a move.
        answered: The reporter replied.
    """

    by: str
    at: datetime
    stage: State
    clock: str = ""
    ended_at: datetime | None = None
    answered: bool = False


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """A supervision letter (督办) and its reply (T45).

    Attributes:
        by: Who wrote it; `system` for a rung's.
        at: When.
        to: Who answers: a unit code, or a role while no unit holds the case.
        clock: Id of the `reply` clock.
        rung: Per cent of `handle` that brought it; 0 for a person's.
        replied_at: When it was answered.
        of: Id of the `handle` clock whose rung brought it; empty for a person's.
    """

    by: str
    at: datetime
    to: str
    clock: str = ""
    rung: int = 0
    replied_at: datetime | None = None
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class Reported:
    """A report on an emergency that went up; its text is the step's note."""

    which: Upward
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Response:
    """The case is an emergency (突发事件), and what answers it.

    Attributes:
        kind: What sort of emergency.
        severity: How grave.
        plan: Key of the emergency plan (预案) that was started.
        version: Version of the plans that holds for it.
        declared_at: When it was declared.
        declared_by: Who declared it.
        ended_at: When the response ended: stood down, or the case was settled otherwise.
        passing: Tasks of the joint case that end with the stand-down.
        reports: Reports that went up, in order.
        owed: A graver level brings departments that could not be planned yet.
    """

    kind: Emergency
    severity: Severity
    plan: str = ""
    version: int = 0
    declared_at: datetime
    declared_by: str
    ended_at: datetime | None = None
    passing: tuple[int, ...] = ()
    reports: tuple[Reported, ...] = ()
    owed: bool = False


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One step of an alarm on its way up the duty roster.

    Attributes:
        number: 1, 2, … within the case.
        round: Which alarm: a graver level alarms anew.
        step: Place in the roster, from 1 on.
        to: Who is alarmed: `person:…` or `role:…`.
        at: When.
        clock: Id of the clock that passes it on; empty for the last of the roster.
        passed_on_at: When it was passed on, unacknowledged.
        acknowledged_at: When somebody acknowledged it.
        acknowledged_by: Who.
        ended_at: When it ended without that: another did, or the response ended.
    """

    number: int
    round: int
    step: int
    to: str
    at: datetime
    clock: str = ""
    passed_on_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    ended_at: datetime | None = None

    @property
    def rings(self) -> bool:
        """Whether it waits for its answer."""
        return not (self.passed_on_at or self.acknowledged_at or self.ended_at)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A department called to the site (吹哨), and whether it came (报到).

    Attributes:
        number: 1, 2, … within the case.
        unit: Department that is called.
        caller: Street that called it; empty for the centre.
        by: Account that called.
        at: When.
        haste: How soon it must be there.
        clock: Id of its arrival limit.
        arrived_at: When it reported its arrival.
        arrived_by: Account that reported it.
        distance: Metres from the case's point then; None where the case has none.
        ended_at: When it was called off, said not to have come, or the case settled.
        called_off: Who called withdrew it.
        missed: Who called says that it did not come.
        score: What who called says of it, 1 to 5; 0 without.
        scored_by: Account that said so.
        scored_at: When.
    """

    number: int
    unit: str
    caller: str = ""
    by: str
    at: datetime
    haste: Haste
    clock: str
    arrived_at: datetime | None = None
    arrived_by: str = ""
    distance: float | None = None
    ended_at: datetime | None = None
    called_off: bool = False
    missed: bool = False
    score: int = 0
    scored_by: str = ""
    scored_at: datetime | None = None

    @property
    def expected(self) -> bool:
        """Whether its arrival is waited for."""
        return self.arrived_at is None and self.ended_at is None


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One step of a case between levels: handed up (上交) or down (下交).

    Attributes:
        unit: Who handed it on.
        by: Account that did.
        at: When.
        level: The level that has it now.
        to: Unit of that level that answers for the place; empty: the dispatcher names it.
        task_no: The unit's turn that ended with it.
        clock: Id of that turn's `handle`.
        reason: Reason code; a mandate's text is the step's note.
    """

    unit: str
    by: str
    at: datetime
    level: Level
    to: str = ""
    task_no: int
    clock: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A clock that a new version moved.

    Attributes:
        clock_id: Which.
        before: When it was due; None while paused.
        after: When it is due now; None while paused.
        left_before: Running time that was left, of a paused one.
        left_after: Running time that is left now, of a paused one.
    """

    clock_id: str
    before: datetime | None = None
    after: datetime | None = None
    left_before: timedelta | None = None
    left_after: timedelta | None = None
