"""Moves of intake: report, accept, refuse, file and the way back."""

from dataclasses import replace

from domain.book import Condition, Subclass
from domain.clock import ClockKind, Outcome
from domain.permission import holds
from domain.refusal import Why
from domain.terms import CheckMode, Role, Source, State
from domain.turn import Turn

UNREASONABLE = "refuse_unreasonable"
"""The reason that two persons decide (T9)."""


def report(turn: Turn) -> None:
    """T1: take the report in; start the promise to the citizen and the acceptor's clock."""
    step, book = turn.step, turn.book
    source = step.source or Source.CITIZEN_WEB
    known = book.subclass(0, step.subclass)
    condition = known.condition(step.condition) if known else None
    flagged = bool(step.urgent) and turn.role is not Role.REPORTER
    turn.patch = replace(
        turn.patch,
        source=source,
        reported_at=turn.fact_at,
        grid=step.grid if step.grid in book.grids else "",
        subclass=step.subclass if known else "",
        condition=condition.number if condition else 0,
        urgent=flagged or bool(condition and condition.urgent),
        flagged_urgent=flagged,
        has_contact=step.contact,
        policy=book.policy,
        catalogue=book.catalogue,
        calendar=book.calendar,
    )
    policy = book.policy_of(book.policy)
    limit = policy.whole.get(source)
    if limit:
        turn.start(ClockKind.WHOLE, limit)
    turn.start_stage(ClockKind.ACCEPT)


def accept(turn: Turn) -> None:
    """T8: take it on; class and grid are set here at the latest."""
    classify(turn)
    case, step = turn.case, turn.step
    if step.urgent is not None:
        turn.patch = replace(turn.patch, flagged_urgent=step.urgent)
    code = turn.patch.subclass or case.subclass
    if not code:
        turn.refuse(Why.NEEDS_FIELD, field="subclass")
    if not (turn.patch.grid or case.grid):
        turn.refuse(Why.NEEDS_FIELD, field="grid")
    subclass = _subclass(turn, code)
    chosen = subclass.condition(_chosen(turn))
    flagged = case.flagged_urgent if step.urgent is None else step.urgent
    turn.patch = replace(turn.patch, urgent=flagged or bool(chosen and chosen.urgent))
    on_site = chosen.check_mode is CheckMode.ON_SITE if chosen else subclass.on_site
    verified = case.verified or case.source is Source.GRID_PATROL
    if on_site and not verified and not turn.is_urgent:
        turn.refuse(Why.NOT_VERIFIED)
    turn.stop(ClockKind.ACCEPT)
    turn.start_stage(ClockKind.FILE)


def classify(turn: Turn) -> None:
    """Take over a class, condition or grid named in the step.

    A condition belongs to its class: another class takes the condition away.
    """
    step = turn.step
    if step.subclass:
        subclass = _subclass(turn, step.subclass)
        if subclass.code != turn.case.subclass:
            turn.patch = replace(turn.patch, subclass=subclass.code, condition=0)
    if step.grid:
        if step.grid not in turn.book.grids:
            turn.refuse(Why.UNKNOWN_CODE, field="grid", value=step.grid)
        turn.patch = replace(turn.patch, grid=step.grid)
    if step.condition:
        found = _condition(turn, step.subclass or turn.case.subclass, step.condition)
        turn.patch = replace(turn.patch, condition=found.number)


def _chosen(turn: Turn) -> int:
    """Number of the accept condition as this step leaves it; 0 for none."""
    found = turn.patch.condition
    return turn.case.condition if found is None else found


def _subclass(turn: Turn, code: str) -> Subclass:
    found = turn.book.subclass(turn.patch.catalogue or turn.case.catalogue, code)
    if found is None:
        turn.refuse(Why.UNKNOWN_CODE, field="subclass", value=code)
    return found


def _condition(turn: Turn, code: str, number: int) -> Condition:
    found = _subclass(turn, code).condition(number)
    if found is None:
        turn.refuse(Why.UNKNOWN_CODE, field="condition", value=f"{code}/{number}")
    return found


def refuse(turn: Turn) -> None:
    """T9: not for us; the right channel is told in the text."""
    turn.need_reason()
    if turn.step.reason == UNREASONABLE:
        second = turn.book.people.get(turn.step.second)
        if second is None or not holds(second, Role.DUTY_CHIEF, turn.case):
            turn.refuse(Why.NEEDS_FIELD, field="second")
        if second.person == turn.actor.person:
            turn.refuse(Why.SEPARATION, first="refused", second="agree")
    turn.stop(ClockKind.ACCEPT)
    turn.stop(ClockKind.FILE)
    turn.stop_all(Outcome.VOID)
    turn.patch = replace(
        turn.patch, refused_by=turn.actor.person, settled_as=State.REFUSED.value, asked=""
    )
    turn.start(ClockKind.FOLLOW_UP, turn.policy.follow_up_refused)
    turn.notify = ("reporter",)


def clear_condition(turn: Turn) -> Condition:
    """The accept condition the case will be filed under: named, chosen before, or the only one.

    Raises:
        RefusedError: None is named and the subclass has several.
    """
    case, step = turn.case, turn.step
    code = step.subclass or case.subclass
    same_catalogue = case.catalogue == turn.book.catalogue
    number = step.condition or (_chosen(turn) if same_catalogue else 0)
    conditions = _subclass(turn, code).conditions
    if not number and len(conditions) != 1:
        turn.refuse(Why.NEEDS_FIELD, field="condition")
    return _condition(turn, code, number) if number else conditions[0]


def file(turn: Turn) -> None:
    """T12: file the case under one accept condition; pin every version it will be judged by."""
    book = turn.book
    turn.patch = replace(
        turn.patch, policy=book.policy, catalogue=book.catalogue, calendar=book.calendar
    )
    classify(turn)
    condition = clear_condition(turn)
    turn.patch = replace(
        turn.patch,
        condition=condition.number,
        urgent=condition.urgent or turn.case.flagged_urgent,
        check_mode=condition.check_mode,
        photo_required=condition.photo_required,
    )
    turn.stop(ClockKind.FILE)
    turn.start_stage(ClockKind.DISPATCH)


def send_back(turn: Turn) -> None:
    """T13: the dispatcher sends a case back to be filed anew."""
    turn.need_reason()
    turn.stop(ClockKind.DISPATCH)
    turn.start_stage(ClockKind.FILE)
