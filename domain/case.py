"""A case, the events that make it, and the fold; events say what is true, the fold has no rule.

This module is the replay contract: workflows fold these types for years. Fields are added with
defaults, never removed or given another meaning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from domain.calendar import Limit
from domain.clock import Clock
from domain.facts import (
    Alarm,
    Call,
    Extension,
    Hop,
    Lead,
    Moved,
    Pending,
    Question,
    Rating,
    Response,
    ReturnMark,
    Supervision,
    Task,
)
from domain.patch import Patch
from domain.terms import FINAL, Action, CheckMode, Finish, Role, Source, State, TaskState


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
        entered_by: Who of the centre entered that feedback for the unit; he never checks it.
        reported_by: Member who reported it on patrol; empty for all others.
        round: 1 + reworks.
        reopened: It was reopened once.
        escalation: 0 to 5.
        verifications: Times it was sent for verification.
        extensions: Approved extensions.
        extended: Their sum, in running time of `handle`.
        extended_by: The same one by one, as far as they are on record.
        recalls: Recalls that count as inaccurate dispatch.
        urges: Days (local, ISO) on which the reporter urged.
        call_days: Days (local, ISO) of call-back tries.
        answered_call: The reporter was reached.
        feedback_rejections: Feedbacks that failed the review; not reworks.
        settled_as: How it was settled, kept after archiving.
        refused_by: Who refused it last; he does not review that (transitions §2.4).
        refusers: All who refused it, each of two where it takes two; none of them reviews it.
        binding: An arbitration gave it to its unit: no return any more.
        objected: Its unit asked for arbitration (T25), once.
        supervised: A supervision letter was written.
        supervisions: The letters, in order.
        disputed: The reporter was not content twice.
        backlog: On the backlog register (积存).
        holds: Holds so far.
        hold_until: Last moment of the hold.
        questions: Questions to the reporter, in order; at most one is open.
        supplements: Days (local, ISO) on which the reporter added something.
        unables: Checks of this round that were not possible.
        fails: Reworks after a failed check or a closing that was rejected (T34, T38).
        transferred_to: Body that took it over.
        reviews: Reviews asked for after a refusal or an answer.
        reexaminations: Reviews of a closed petition: 1 复查, 2 复核.
        barred: Units that may not get it again: what they did is under review.
        main: Main case that it follows, or was closed with.
        merged: Cases that follow this one.
        hot_spot: Many reports of one cause come together here (热点).
        hot_by_hand: The dispatcher said so, or that it is none: the number decides no more.
        parts: Cases that were split off.
        origin: Case this one was split from, or continues.
        upstream_no: The upstream platform's own number.
        upstream_due: The upstream order's own due time.
        return_until: Until then the upstream takes the order back.
        upstream_rejections: Replies that the upstream rejected.
        sampled: Self-handled, and drawn for another member's look.
        consultations: Consultations so far.
        explained: A consultation closed it: no further reopen.
        forced: Closed by force; never on time.
        substitutions: Units that another one stood in for.
        joint: Several departments handle it, each by a task with a timeline of its own.
        finish: Joint: when the departments are done.
        quorum: Joint: how many helpers must be done, where the finish rule counts them.
        leads: Joint: who led, in order.
        parent: Task of a joint case: the number of that case.
        task_no: Task of a joint case: its number there.
        lead: Task of a joint case: it leads.
        own_limit: Task of a joint case: its limit in place of the condition's.
        offered_from: Task that is offered to another unit: the state it was in before.
        offered_to: The unit that it is offered to.
        handovers: Hand-overs that were offered.
        drill: It is practised only: nothing of it leaves the house, nor counts.
        response: It is an emergency, or was one.
        alarms: Alarms that it raised, step by step.
        calls: Departments called to the site.
        hops: Steps between levels, in order.
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
    entered_by: str = ""
    reported_by: str = ""
    round: int = 1
    reopened: bool = False
    escalation: int = 0
    verifications: int = 0
    extensions: int = 0
    extended: timedelta = timedelta(0)
    extended_by: tuple[Extension, ...] = ()
    recalls: int = 0
    urges: tuple[str, ...] = ()
    call_days: tuple[str, ...] = ()
    answered_call: bool = False
    feedback_rejections: int = 0
    settled_as: str = ""
    refused_by: str = ""
    refusers: tuple[str, ...] = ()
    binding: bool = False
    objected: bool = False
    supervised: bool = False
    supervisions: tuple[Supervision, ...] = ()
    disputed: bool = False
    backlog: bool = False
    holds: int = 0
    hold_until: datetime | None = None
    questions: tuple[Question, ...] = ()
    supplements: tuple[str, ...] = ()
    unables: int = 0
    fails: int = 0
    transferred_to: str = ""
    reviews: int = 0
    reexaminations: int = 0
    barred: tuple[str, ...] = ()
    main: str = ""
    merged: tuple[str, ...] = ()
    hot_spot: bool = False
    hot_by_hand: bool = False
    parts: tuple[str, ...] = ()
    origin: str = ""
    upstream_no: str = ""
    upstream_due: datetime | None = None
    return_until: datetime | None = None
    upstream_rejections: int = 0
    sampled: bool = False
    consultations: int = 0
    explained: bool = False
    forced: bool = False
    substitutions: int = 0
    joint: bool = False
    finish: Finish = Finish.ALL
    quorum: int = 0
    leads: tuple[Lead, ...] = ()
    parent: str = ""
    task_no: int = 0
    lead: bool = False
    own_limit: Limit | None = None
    offered_from: State | None = None
    offered_to: str = ""
    handovers: int = 0
    drill: bool = False
    response: Response | None = None
    alarms: tuple[Alarm, ...] = ()
    calls: tuple[Call, ...] = ()
    hops: tuple[Hop, ...] = ()
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
        """The turn that runs now, or the last one; none of a joint case, which has several."""
        return self.tasks[-1] if self.tasks and not self.joint else None

    @property
    def next_task_no(self) -> int:
        """Number of the next turn or task: one more than the highest; none is used twice."""
        return max((one.task_no for one in self.tasks), default=0) + 1

    @property
    def emergency(self) -> Response | None:
        """The emergency that it is, until the response ends."""
        return self.response if self.response and self.response.ended_at is None else None

    @property
    def question(self) -> Question | None:
        """The open question to the reporter."""
        last = self.questions[-1] if self.questions else None
        return last if last is not None and last.ended_at is None else None

    @property
    def supervision(self) -> Supervision | None:
        """The oldest supervision letter that waits for its reply."""
        waits = {one.clock_id for one in self.clocks if one.stopped_at is None}
        return next((one for one in self.supervisions if one.clock in waits), None)

    @property
    def handed(self) -> Hop | None:
        """The last step between levels, while no department has it since.

        A department from which it was taken back, or that returned it, has not had it: the
        level keeps it; after a return of the unit that answers for the place, another is named.
        """
        last = self.hops[-1] if self.hops else None
        if last is None:
            return None
        since = [one for one in self.tasks if one.task_no > last.task_no]
        if any(one.state not in {TaskState.WITHDRAWN, TaskState.RETURNED} for one in since):
            return None
        gone = any(one.state is TaskState.RETURNED and one.unit == last.to for one in since)
        return replace(last, to="") if gone else last

    @property
    def counted_returns(self) -> tuple[ReturnMark, ...]:
        """Returns that were accepted or rejected; what another move overtook is none (T19).

        Those of a joint case's tasks are among them.
        """
        own = (one for one in self.returns if one.decided_at is not None)
        return (*own, *(mark for task in self.tasks for mark in task.returns))

    def waiting(self, kind: str) -> Pending | None:
        """The pending request of a kind."""
        return next((one for one in self.pending if one.kind == kind), None)


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
        moved: Clocks that a change of versions moved, with their due times before and after.
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
    moved: tuple[Moved, ...] = ()


_PATCHED = tuple(one.name for one in fields(Patch))


def evolve(case: Case, event: Event) -> Case:
    """Fold one event.

    Raises:
        ValueError: The event does not follow the case's last one.
    """
    if event.seq != case.seq + 1:
        raise ValueError(f"case {case.case_no}: event {event.seq} cannot follow {case.seq}")
    clocks = {clock.clock_id: clock for clock in case.clocks}
    clocks.update({clock.clock_id: clock for clock in event.clocks})
    tasks = {task.task_no: task for task in case.tasks}
    tasks.update({task.task_no: task for task in event.tasks})
    return replace(
        patched(case, event.patch),
        seq=event.seq,
        state=event.state,
        last_at=event.at,
        clocks=tuple(clocks.values()),
        tasks=tuple(tasks.values()),
    )


def patched(case: Case, patch: Patch) -> Case:
    """The case with what a patch changes."""
    changed = {name: value for name in _PATCHED if (value := getattr(patch, name)) is not None}
    return replace(case, **changed)


def fold(case_no: str, events: Iterable[Event]) -> Case:
    """The case that a log makes."""
    case = Case(case_no=case_no)
    for event in events:
        case = evolve(case, event)
    return case
