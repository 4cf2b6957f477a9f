"""Moves of the whistle (吹哨报到): called to the site, arrived, scored, called off."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from domain.calendar import Limit, Unit
from domain.calls import limit_over, to_score
from domain.clock import Clock, ClockKind, Outcome
from domain.facts import Call
from domain.move import Move
from domain.people import UNIT_ROLES
from domain.permission import called_by, is_called, is_street
from domain.terms import FINAL, SETTLED, Action, Haste, State
from domain.turn import Turn
from domain.why import Because, Why
from domain.work_ends import end_of_work

BEST = 5


def whistle(turn: Turn) -> None:
    """W1: each department named has a limit of its own to be there."""
    case, step, book = turn.case, turn.step, turn.book
    if not step.units:
        turn.refuse(Why.NEEDS_FIELD, field="units")
    if step.haste is None:
        turn.refuse(Why.NEEDS_FIELD, field="haste")
    turn.need_text()
    caller = _caller(turn)
    for unit in step.units:
        if unit not in book.units:
            turn.refuse(Why.UNKNOWN_CODE, field="unit", value=unit or "-")
        if step.units.count(unit) > 1:
            turn.not_now(Because.CALLED_TWICE, unit=unit)
        if any(one.expected and one.unit == unit for one in case.calls):
            turn.not_now(Because.CALL_RUNS, unit=unit)
        if caller and unit == caller:
            turn.not_now(Because.CALLS_ITSELF, unit=unit)
    calls = list(case.calls)
    for unit in step.units:
        owner = f"unit:{unit}"
        limit = _start(turn, step.haste, owner)
        calls.append(
            Call(
                number=len(calls) + 1,
                unit=unit,
                caller=caller,
                by=turn.actor.person,
                at=turn.at,
                haste=step.haste,
                clock=limit.clock_id,
            )
        )
        turn.notify = (*turn.notify, owner)
    turn.patch = replace(turn.patch, calls=tuple(calls))


def _caller(turn: Turn) -> str:
    """The street that calls; empty for the centre."""
    if turn.role not in UNIT_ROLES:
        return ""
    return next(one.unit for one in turn.actor.grants if is_street(one, turn.case, turn.book))


def _start(turn: Turn, haste: Haste, owner: str) -> Clock:
    """The limit to be there; one in whole working days lasts until work ends on the last one.

    Who comes when work has ended is late, though no working time has passed since.
    """
    limit = _limit(turn, haste)
    clock = turn.start(ClockKind.ARRIVE, limit, owner=owner)
    days = int(limit.value)
    if limit.unit is not Unit.WORK_DAY or days != limit.value:
        return clock
    calendar = turn.own_calendar
    until = end_of_work(calendar, clock.started_at, days)
    budget = calendar.working_between(clock.started_at, until)
    clock = replace(clock, budget=budget, judged_budget=budget - timedelta.resolution)
    turn.put(clock)
    return clock


def _limit(turn: Turn, haste: Haste) -> Limit:
    flow = turn.flow
    return {
        Haste.EMERGENCY: flow.arrive_emergency,
        Haste.PROMPT: flow.arrive_prompt,
        Haste.ORDINARY: flow.arrive_ordinary,
    }[haste]


def can_arrive(turn: Turn) -> None:
    """W2: a call of his unit is awaited."""
    mine = _of_his_unit(turn)
    if not any(one.expected for one in mine):
        arrived = any(one.arrived_at for one in mine)
        turn.not_now(Because.ARRIVED_BEFORE if arrived else Because.CALL_OVER)


def _of_his_unit(turn: Turn) -> list[Call]:
    """Calls of the actor's unit; the one that the step names, where it names one."""
    number = turn.step.call
    return [
        one
        for one in turn.case.calls
        if is_called(turn.actor, one, turn.book) and number in {0, one.number}
    ]


def arrive(turn: Turn) -> None:
    """W2: somebody of the unit is on the spot: within the fence, or as he says in words."""
    mine = [one for one in _of_his_unit(turn) if one.expected]
    call, step, fence = mine[0], turn.step, turn.flow.fence_metres
    if step.off_map:
        turn.need_text()
    elif step.distance is None:
        turn.not_now(Because.NO_ARRIVAL_PLACE)
    elif step.distance > fence:
        metres = f"{step.distance:.0f}"
        turn.not_now(Because.ARRIVAL_OUTSIDE, metres=metres, fence=f"{fence:.0f}")
    turn.stop_clock(call.clock)
    arrived = replace(
        call,
        arrived_at=turn.at,
        arrived_by=turn.actor.person,
        distance=None if step.distance is None else round(step.distance, 1),
    )
    _put(turn, arrived)
    turn.notify = (_desk(call),)


def _desk(call: Call) -> str:
    return f"unit_desk:{call.caller}" if call.caller else f"person:{call.by}"


def _put(turn: Turn, call: Call) -> None:
    known = turn.case.calls if turn.patch.calls is None else turn.patch.calls
    calls = tuple(call if one.number == call.number else one for one in known)
    turn.patch = replace(turn.patch, calls=calls)


def _named(turn: Turn) -> Call:
    """The call that the step names, if he or his desk made it."""
    if not turn.step.call:
        turn.refuse(Why.NEEDS_FIELD, field="call")
    call = next((one for one in turn.case.calls if one.number == turn.step.call), None)
    if call is None:
        turn.refuse(Why.UNKNOWN_CODE, field="call", value=str(turn.step.call))
    if not called_by(turn.actor, call, turn.case, turn.book):
        turn.not_now(Because.CALL_NOT_YOURS)
    return call


def scorable(turn: Turn, call: Call) -> bool:
    """Whether it can be scored now."""
    return to_score(call, turn.clocks[call.clock], turn.fact_at, turn.book.calendars)


def can_score(turn: Turn) -> None:
    """W3: one of his calls waits for a score."""
    mine = [one for one in turn.case.calls if _is_his(turn, one)]
    waits = [one for one in mine if scorable(turn, one)]
    if not waits:
        turn.not_now(_why_not_scored(mine[-1]) if mine else Because.NO_CALL)
    if all(is_called(turn.actor, one, turn.book) for one in waits):
        turn.refuse(Why.SEPARATION, first="called", second="score")


def _is_his(turn: Turn, call: Call) -> bool:
    return called_by(turn.actor, call, turn.case, turn.book)


def _why_not_scored(call: Call) -> Because:
    if call.scored_at:
        return Because.CALL_SCORED
    return Because.STILL_ON_THE_WAY if call.expected else Because.CALL_OVER


def score_arrival(turn: Turn) -> None:
    """W3: the street's word on a department that came, or that did not; said once."""
    call, step = _named(turn), turn.step
    if not scorable(turn, call):
        turn.not_now(_why_not_scored(call))
    if is_called(turn.actor, call, turn.book):
        turn.refuse(Why.SEPARATION, first="called", second="score")
    if step.came is None:
        turn.refuse(Why.NEEDS_FIELD, field="came")
    if step.came and call.arrived_at is None:
        turn.not_now(Because.NOT_REPORTED)
    if not step.came and call.arrived_at is not None:
        turn.not_now(Because.CAME_SAYS_UNIT)
    if step.came and not 1 <= step.score <= BEST:
        turn.refuse(Why.NEEDS_FIELD, field="score")
    scored = replace(
        call,
        score=step.score if step.came else 0,
        missed=not step.came,
        scored_by=turn.actor.person,
        scored_at=turn.at,
    )
    if scored.expected:
        turn.stop_clock(call.clock)
        scored = replace(scored, ended_at=turn.at)
    _put(turn, scored)
    turn.notify = (f"unit_head:{call.unit}",)


def can_call_off(turn: Turn) -> None:
    """W4: one of his calls is awaited."""
    if not any(one.expected and _is_his(turn, one) for one in turn.case.calls):
        turn.not_now(Because.CALL_OVER)


def call_off(turn: Turn) -> None:
    """W4: it need not come any more; one that is late stays late."""
    call = _named(turn)
    if not call.expected:
        turn.not_now(Because.ARRIVED_BEFORE if call.arrived_at else Because.CALL_OVER)
    turn.need_text()
    end_call(turn, replace(call, called_off=True))
    turn.notify = (f"unit:{call.unit}",)


def end_call(turn: Turn, call: Call) -> None:
    """Nobody waits for it any more; late stays late, whatever the move made of its limit."""
    over = limit_over(turn.clocks[call.clock], turn.fact_at, turn.book.calendars)
    turn.stop_clock(call.clock)
    stopped = turn.clocks[call.clock]
    turn.put(replace(stopped, outcome=Outcome.DONE if over else Outcome.VOID))
    _put(turn, replace(call, ended_at=turn.at))


def end_calls(turn: Turn) -> None:
    """After any move that settles a case: nobody is waited for on the site any more."""
    to: State = turn.to or turn.row.to or turn.case.state
    if to not in SETTLED | FINAL:
        return
    for call in turn.case.calls if turn.patch.calls is None else turn.patch.calls:
        if call.expected:
            end_call(turn, call)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.WHISTLE: Move(do=whistle, needs=("units", "haste", "text")),
        Action.ARRIVE: Move(
            do=arrive, when=can_arrive, needs=("call?", "lon?", "lat?", "photos?", "text?")
        ),
        Action.SCORE_ARRIVAL: Move(
            do=score_arrival, when=can_score, needs=("call", "came", "score?", "text?")
        ),
        Action.CALL_OFF: Move(do=call_off, when=can_call_off, needs=("call", "text")),
    }
)
