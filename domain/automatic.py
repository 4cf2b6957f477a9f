"""What the system does by itself: what policy says (◆), what a rung or a second "no" brings."""

from collections.abc import Iterator
from datetime import datetime

from domain.book import Book
from domain.case import Case, Event
from domain.clock import ClockKind
from domain.command import Step
from domain.joint import finish_met, held, lead_of
from domain.moves_arbitration import object_until
from domain.people import SYSTEM
from domain.policy import Flow
from domain.refusal import RefusedError
from domain.table_joint import PLANNABLE
from domain.take import take
from domain.terms import SETTLED, Action, Solved, State
from domain.turn import Turn

HALF = 50
"""From this rung of `handle` on the return window is over (T19), and handling begins (T18)."""


def automatic(case: Case, cause_id: str, at: datetime, book: Book) -> tuple[Event, ...]:
    """The steps that the system takes now, one after the other."""
    events: list[Event] = []
    while (turn := _first_that_may(case, at, book)) is not None:
        case, event = turn.apply(cause_id=cause_id, index=-1)
        events.append(event)
    return tuple(events)


def _first_that_may(case: Case, at: datetime, book: Book) -> Turn | None:
    for step in _wanted(case, at, book):
        try:
            return take(case, step, SYSTEM, at, book)
        except RefusedError:
            continue
    return None


def _wanted(case: Case, at: datetime, book: Book) -> Iterator[Step]:
    """What the system would do now, in order; a step taken must no longer be wanted."""
    flow = book.flow_of(case)
    if _plans(case, flow):
        yield Step(action=Action.PLAN, plan=flow.joint_plan)
    plannable = case.state in PLANNABLE and not held(case)
    if case.emergency and case.emergency.owed and plannable:
        yield Step(action=Action.REGRADE, severity=case.emergency.severity)
    steps = (*_by_policy(case, flow), *_by_rung(case, at, book))
    for wanted, action in (*steps, (_sums_up(case, flow), Action.SUM_UP)):
        if wanted:
            yield Step(action=action)
    yield from _letters(case, flow)


def _by_policy(case: Case, flow: Flow) -> tuple[tuple[bool, Action], ...]:
    match case.state:
        case State.REPORTED:
            first = _first(case, ClockKind.ACCEPT)
            return (
                (flow.auto_accept and first, Action.ACCEPT),
                (flow.auto_verify and first, Action.SEND_VERIFY),
            )
        case State.ACCEPTED:
            return ((flow.auto_file and _first(case, ClockKind.FILE), Action.FILE),)
        case State.FILED:
            first = _first(case, ClockKind.DISPATCH) and not case.tasks
            alone = flow.auto_dispatch and flow.joint_plan is None
            return ((alone and first, Action.DISPATCH),)
        case State.FED_BACK:
            return ((flow.auto_review and _first(case, ClockKind.REVIEW), Action.PASS_REVIEW),)
        case State.TO_CLOSE:
            return ((flow.auto_close, Action.CLOSE),)
        case _:
            return ()


def _by_rung(case: Case, at: datetime, book: Book) -> tuple[tuple[bool, Action], ...]:
    until = object_until(case, book)
    may_object = until is not None and at <= until and not (case.objected or case.binding)
    half = any(passed >= HALF for passed in _passed(case, ClockKind.HANDLE))
    return (
        (bool(_passed(case, ClockKind.QUESTION)), Action.NO_REPLY),
        (case.state is State.ON_HOLD and bool(_passed(case, ClockKind.HOLD)), Action.RESUME),
        (case.state is State.SIGNED and half and not may_object, Action.START),
        (case.state is State.CLOSED and _unsolved_again(case), Action.CONSULT),
        (case.state in SETTLED and bool(_passed(case, ClockKind.FOLLOW_UP)), Action.ARCHIVE),
        (_offer_over(case), Action.DECLINE_HANDOVER),
        (bool(_passed(case, ClockKind.ALARM)), Action.CLIMB),
    )


def _plans(case: Case, flow: Flow) -> bool:
    """Policy names the departments of such a case, and the system dispatches (◆)."""
    first = _first(case, ClockKind.DISPATCH) and not case.tasks
    wanted = flow.auto_dispatch and flow.joint_plan is not None
    return wanted and first and case.state is State.FILED


def _sums_up(case: Case, flow: Flow) -> bool:
    """The lead's reply is for the citizen, and no summary was sent back before (J3)."""
    lead = lead_of(case.tasks) if case.joint else None
    return bool(
        lead and lead.for_citizen and flow.auto_sum_up and not case.feedback_rejections
    ) and finish_met(case)


def _offer_over(case: Case) -> bool:
    """Nobody took it over within the limit to sign (K14)."""
    return case.state is State.HANDOVER_OFFERED and bool(_passed(case, ClockKind.SIGN))


def _unsolved_again(case: Case) -> bool:
    """Reopened before, and not solved again by the reporter's word (T56)."""
    return case.reopened and any(one.solved is Solved.NO for one in case.ratings)


def _letters(case: Case, flow: Flow) -> Iterator[Step]:
    """Supervision letters that the rungs of a `handle` bring, once each (T45).

    Each unit and each round has a `handle` of its own, and so its own letters. None for what
    was passed in another system before the case was taken over from there.
    """
    written = {(one.of, one.rung) for one in case.supervisions}
    for clock in case.clocks:
        if clock.kind is not ClockKind.HANDLE or clock.stopped_at is not None:
            continue
        for rung in clock.fired:
            brings = rung.percent in flow.supervise_at and not (rung.quiet or rung.superseded)
            if brings and not written & {("", rung.percent), (clock.clock_id, rung.percent)}:
                yield Step(action=Action.SUPERVISE, rung=rung.percent, of=clock.clock_id)


def _first(case: Case, kind: ClockKind) -> bool:
    """A stage is passed by the system at most once: what a person sent back is a person's."""
    return sum(one.kind is kind for one in case.clocks) == 1


def _passed(case: Case, kind: ClockKind) -> tuple[int, ...]:
    """Rungs that the running clocks of a kind have passed."""
    return tuple(
        rung.percent
        for one in case.clocks
        if one.kind is kind and one.stopped_at is None
        for rung in one.fired
        if not rung.superseded
    )
