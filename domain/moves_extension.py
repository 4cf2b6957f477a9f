"""Moves of the extension: more time, asked before the limit, decided by another person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NoReturn

from domain import clock as clocks_
from domain.calendar import Limit
from domain.clock import Clock, ClockKind
from domain.deciding import another_than, need_decider, not_who_handled, request_of
from domain.facts import Extension, Pending
from domain.move import REASONED, Move
from domain.moves_department import handle_of, in_time
from domain.promise import along, lengthen
from domain.terms import Action, Role
from domain.turn import Turn
from domain.why import Because, Why

MOST_HOURS = 1e5
HOUR = timedelta(hours=1)


def can_request_extension(turn: Turn) -> None:
    """T39: before the limit, in round 1, not too often, one at a time."""
    case, flow = turn.case, turn.flow
    if case.round > 1:
        turn.not_now(Because.REWORK_NO_EXTENSION)
    if case.extensions >= flow.max_extensions:
        turn.refuse(Why.TOO_MANY, most=str(flow.max_extensions), per="case")
    if case.waiting("extension"):
        turn.refuse(Why.ALREADY, what="extension")
    in_time(turn)


def request_extension(turn: Turn) -> None:
    """T39: ask for more time, at most the original limit again.

    A handler's request waits for his unit's approver where policy says so (◆), and no decider's
    clock runs meanwhile: the unit's own slowness is not the centre's.
    """
    turn.need_reason()
    handle = handle_of(turn)
    if not turn.step.amount > 0:
        turn.refuse(Why.NEEDS_FIELD, field="amount")
    amount = timedelta(hours=min(turn.step.amount, MOST_HOURS))
    each = turn.flow.extension_each
    most = each.running if each else handle.budget
    asked = _measured(turn, handle, amount, each) if each else amount
    if asked > most:
        continuous = each.continuous if each else handle.continuous
        too_long(turn, "each", most, continuous=continuous)
    total = turn.flow.extension_total
    if total is not None and _working_time(turn, handle, amount) > total.running:
        too_long(turn, "total", total.running, continuous=False)
    if turn.flow.extension_endorsed and not _is_approver(turn):
        waits = Pending(
            kind="extension",
            by=turn.actor.person,
            at=turn.at,
            amount=amount,
            reason=turn.reason,
        )
        turn.patch = replace(turn.patch, pending=(*turn.pending, waits))
        turn.notify = (f"unit_head:{turn.case.unit}",)
    else:
        turn.request("extension", owner=who_decides(turn), amount=amount)


def too_long(turn: Turn, scope: str, most: timedelta, *, continuous: bool) -> NoReturn:
    """Refuse what was asked for: more time than there may be, in hours of its timeline."""
    counted = "urgent" if continuous else "work"
    hours = f"{round(most / HOUR, 1):g}"
    turn.refuse(Why.TOO_LONG, scope=scope, hours=hours, counted=counted)


def _is_approver(turn: Turn) -> bool:
    return any(
        one.role is Role.UNIT_APPROVER and turn.book.within(one.unit, turn.case.unit)
        for one in turn.actor.grants
    )


def _measured(turn: Turn, handle: Clock, amount: timedelta, each: Limit) -> timedelta:
    """How far `amount` moves the due time, in the cap's own time."""
    if each.continuous is handle.continuous:
        return amount
    before = _due(turn, handle)
    after = _due(turn, replace(handle, extended=handle.extended + amount))
    if each.continuous:
        return after - before
    return turn.own_calendar.working_between(before, after)


def _working_time(turn: Turn, handle: Clock, amount: timedelta) -> timedelta:
    """Working time between the original due time and the one that `amount` more would make."""
    if not handle.continuous:
        return handle.extended + amount
    original = _due(turn, replace(handle, extended=timedelta(0)))
    asked = _due(turn, replace(handle, extended=handle.extended + amount))
    return turn.own_calendar.working_between(original, asked)


def _due(turn: Turn, clock: Clock) -> datetime:
    """When a clock falls due; one that waits, as if it ran on from the step's time."""
    going = clocks_.resume(clock, turn.fact_at) if clock.paused else clock
    return clocks_.due_at(going, turn.book.calendars) or turn.fact_at  # a going clock has one


def who_decides(turn: Turn) -> Role:
    """Who decides the first, the second, … extension, or that of an urgent case (◆)."""
    flow, made = turn.flow, turn.case.extensions
    if turn.case.urgent:
        return flow.extension_decider_urgent
    return flow.extension_deciders[min(made, len(flow.extension_deciders) - 1)]


def _waits_for_endorsement(turn: Turn, asked: Pending) -> bool:
    return turn.flow.extension_endorsed and not (asked.clock or asked.endorsed_by)


def can_endorse_extension(turn: Turn) -> None:
    """T39: somebody else of the unit asked; before due, for now it is the unit that asks."""
    asked = request_of(turn, "extension")
    if not _waits_for_endorsement(turn, asked):
        turn.not_now(Because.NEEDS_NO_ENDORSEMENT)
    another_than(turn, asked.by, second="endorse")
    in_time(turn)


def endorse_extension(turn: Turn) -> None:
    """T39: the unit wants it too; from now on it is the decider's."""
    asked, owner = request_of(turn, "extension"), str(who_decides(turn))
    decide = turn.start_stage(ClockKind.DECIDE, owner=owner)
    endorsed = replace(asked, endorsed_by=turn.actor.person, clock=decide.clock_id)
    waiting = tuple(endorsed if one is asked else one for one in turn.case.pending)
    turn.patch = replace(turn.patch, pending=waiting)
    turn.notify = (f"role:{owner}",)


def can_decide_extension(turn: Turn) -> None:
    """T39: the right role, and never who asked or endorsed, nor the unit."""
    asked = request_of(turn, "extension")
    if _waits_for_endorsement(turn, asked):
        turn.not_now(Because.NOT_ENDORSED)
    another_than(turn, asked.by, asked.endorsed_by)
    not_who_handled(turn)
    need_decider(turn, who_decides(turn))


def approve_extension(turn: Turn) -> None:
    """T39: the budget grows from the old due time; open stages and the promise move along."""
    case, asked = turn.case, request_of(turn, "extension")
    turn.settle_request("extension")
    handle = clocks_.supersede(handle_of(turn), turn.fact_at)
    longer = clocks_.extend(handle, asked.amount)
    turn.put(longer)
    by = Extension(
        amount=asked.amount,
        continuous=handle.continuous,
        before=_due(turn, handle),
        after=_due(turn, longer),
    )
    for clock in (*turn.of_kind(ClockKind.STAGE), *turn.of_kind(ClockKind.WHOLE)):
        if clock.stopped_at is None:
            lengthen(turn, clock, along(turn, clock, by))
    turn.patch = replace(
        turn.patch,
        extensions=case.extensions + 1,
        extended=case.extended + asked.amount,
        extended_by=(*case.extended_by, by),
    )
    turn.notify = (f"unit:{case.unit}", "reporter")


def refuse_extension(turn: Turn) -> None:
    """T39: no; the limit stays."""
    turn.need_reason()
    turn.settle_request("extension")
    turn.notify = (f"unit:{turn.case.unit}",)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.REQUEST_EXTENSION: Move(
            do=request_extension,
            when=can_request_extension,
            needs=("amount", *REASONED),
        ),
        Action.ENDORSE_EXTENSION: Move(do=endorse_extension, when=can_endorse_extension),
        Action.APPROVE_EXTENSION: Move(do=approve_extension, when=can_decide_extension),
        Action.REFUSE_EXTENSION: Move(
            do=refuse_extension,
            when=can_decide_extension,
            needs=REASONED,
        ),
    }
)
