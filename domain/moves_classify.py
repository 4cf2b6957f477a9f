"""The move of class: a case turns out to be another matter than it was taken for."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain import clock as clocks_
from domain.book import Condition
from domain.calendar import Limit
from domain.clock import Clock, ClockKind, Outcome
from domain.move import Move
from domain.moves_intake import BEFORE_FILING, classify, condition_of, subclass_of
from domain.pausing import QUESTION
from domain.policy import Flow
from domain.relimit import relimit, sign_within, tasks_limits
from domain.stages import change_stages
from domain.terms import Action, Role
from domain.turn import Turn
from domain.turn_clocks import ASKABLE
from domain.why import Why


def reclassify(turn: Turn) -> None:
    """T46: another class, condition or grid; what was used of the limit stays used."""
    case, step = turn.case, turn.step
    if not (step.subclass or step.condition or step.grid):
        turn.refuse(Why.NEEDS_FIELD, field="subclass")
    filed = case.state not in BEFORE_FILING
    before, was = turn.condition if filed else None, turn.flow
    classify(turn)
    condition = _new_condition(turn)
    flagged = case.flagged_urgent if step.urgent is None else step.urgent
    turn.patch = replace(
        turn.patch,
        flagged_urgent=step.urgent,
        urgent=flagged or bool(condition and condition.urgent),
    )
    if before is not None and condition is not None:
        turn.patch = replace(
            turn.patch,
            condition=condition.number,
            check_mode=condition.check_mode,
            photo_required=condition.photo_required,
        )
        lapse_extension(turn, condition.limit)
        handle = turn.running(ClockKind.HANDLE)
        if handle is not None:
            turn.put(new_budget(turn, handle, before.limit, condition.limit))
            change_stages(turn, handle, condition)
        new_stage(turn, was, shifted=before.limit != condition.limit)
        tasks_limits(turn, before.limit, condition.limit)
    mind_question(turn)
    _tell(turn)


def _new_condition(turn: Turn) -> Condition | None:
    """The accept condition as the step leaves it; None where it need not be chosen yet.

    Raises:
        RefusedError: The case is filed, and the new class has several.
    """
    case, step = turn.case, turn.step
    code = turn.patch.subclass or case.subclass
    if not code:
        return None
    number = step.condition or (0 if turn.patch.subclass else case.condition)
    conditions = subclass_of(turn, code).conditions
    if number:
        return turn.as_flow_says(condition_of(turn, code, number))
    if case.state in BEFORE_FILING:
        return None
    if len(conditions) != 1:
        turn.refuse(Why.NEEDS_FIELD, field="condition")
    return turn.as_flow_says(conditions[0])


def lapse_extension(turn: Turn, new: Limit) -> None:
    """Hours asked for on the old timeline lapse, and what their decider's lateness held up."""
    handle = turn.running(ClockKind.HANDLE)
    if handle is not None and new.continuous is not handle.continuous:
        turn.settle_request("extension", Outcome.VOID)


def new_budget(turn: Turn, handle: Clock, old: Limit, new: Limit) -> Clock:
    """`handle` under another condition's limit."""
    if new == old and turn.is_urgent is handle.urgent:
        return handle
    handle = clocks_.supersede(handle, turn.fact_at)
    return replace(relimit(turn, handle, old, new), urgent=turn.is_urgent)


def new_stage(turn: Turn, was: Flow, *, shifted: bool) -> None:
    """`dispatch` and `sign` by the new class's flow and urgency; `sign` within `handle`."""
    for kind in (ClockKind.DISPATCH, ClockKind.SIGN):
        clock = turn.running(kind)
        if clock is None:
            continue
        old = was.limits[kind].of(urgent=clock.urgent)
        new = turn.flow.limits[kind].of(urgent=turn.is_urgent)
        of_handle = shifted and kind is ClockKind.SIGN
        if old == new and turn.is_urgent is clock.urgent and not of_handle:
            continue
        going = clocks_.supersede(clock, turn.fact_at)
        if kind is ClockKind.SIGN:
            going = sign_within(turn, going, turn.running(ClockKind.HANDLE), new)
        else:
            going = relimit(turn, going, old, new)
        turn.put(replace(going, urgent=turn.is_urgent))


def mind_question(turn: Turn) -> None:
    """An urgent case does not wait for the reporter's answer; one that is not any more does."""
    if turn.case.question is None or turn.is_urgent is turn.case.urgent:
        return
    if turn.is_urgent:
        turn.let_run(ASKABLE, QUESTION)
    else:
        turn.hold_up(ASKABLE, QUESTION)


def _tell(turn: Turn) -> None:
    """The unit that holds it is told, and the dispatcher if it is not the owner any more."""
    case, patch = turn.case, turn.patch
    if not case.unit:
        return
    owners = turn.book.owners_of(patch.subclass or case.subclass, patch.grid or case.grid)
    owns = any(turn.book.within(case.unit, one.unit) for one in owners)
    told = () if owns else (f"role:{Role.DISPATCHER}",)
    turn.notify = (*turn.notify, f"unit:{case.unit}", *told)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.RECLASSIFY: Move(
            do=reclassify,
            needs=("subclass?", "condition?", "grid?", "urgent?", "text?"),
        ),
    }
)
