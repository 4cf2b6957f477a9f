"""Rungs: whom each tells, and the escalation level that the rungs of `handle` make."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from domain.case import Case
from domain.clock import RED, Clock, ClockKind
from domain.terms import Role

ESCALATION: Mapping[int, int] = MappingProxyType({75: 1, 100: 2, 150: 3, 200: 4})
_HANDLE: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        50: ("unit",),
        75: ("unit", "unit_head"),
        100: ("unit", "unit_head", f"role:{Role.SUPERVISOR}"),
        150: ("unit_head", f"role:{Role.SUPERVISOR}", f"role:{Role.COMMAND_CHIEF}"),
        200: (f"role:{Role.COMMAND_CHIEF}",),
    }
)
_CHIEF = (f"role:{Role.DUTY_CHIEF}",)
_STAGE: Mapping[ClockKind, tuple[str, ...]] = MappingProxyType(
    {
        ClockKind.WHOLE: _CHIEF,
        ClockKind.ACCEPT: _CHIEF,
        ClockKind.FILE: _CHIEF,
        ClockKind.DISPATCH: _CHIEF,
        ClockKind.CLOSE: _CHIEF,
        ClockKind.VERIFY: (f"role:{Role.ACCEPTOR}",),
        ClockKind.SIGN: ("unit_head", f"role:{Role.DISPATCHER}"),
        ClockKind.REVIEW: _CHIEF,
        ClockKind.CHECK: _CHIEF,
        ClockKind.CALL_BACK: _CHIEF,
        ClockKind.REPLY: (f"role:{Role.COMMAND_CHIEF}",),
        ClockKind.FOLLOW_UP: (),
        ClockKind.STAGE: _HANDLE[RED],
        ClockKind.QUESTION: (),
        ClockKind.HOLD: (),
        ClockKind.BACKLOG: _CHIEF,
        ClockKind.ALARM: (),
        ClockKind.SUM_UP: ("unit", "unit_head", f"role:{Role.DISPATCHER}"),
    }
)
UPWARD = frozenset(
    {
        ClockKind.FIRST_REPORT,
        ClockKind.WRITTEN_REPORT,
        ClockKind.NEXT_REPORT,
        ClockKind.FINAL_REPORT,
    }
)
"""Reports on an emergency that are due to those above."""
_OF_UNIT = frozenset({"unit", "unit_head", "unit_desk"})
"""Everyone of the unit, its approvers, its dispatchers."""
_HIGHER: Mapping[str, Role] = MappingProxyType(
    {Role.ACCEPTOR: Role.DUTY_CHIEF, Role.DISPATCHER: Role.DUTY_CHIEF}
)


def tells(case: Case, clock: Clock, percent: int) -> tuple[str, ...]:
    """Addresses of those whom a rung tells; a late decider's next higher role."""
    if clock.kind is ClockKind.HANDLE:
        told = _HANDLE.get(percent, ())
        if percent == RED and case.waiting("hold"):
            told = (*told, f"role:{Role.COMMAND_CHIEF}")  # a late hold is his (T41)
    elif clock.kind is ClockKind.INNER:
        told = (clock.owner, "unit_desk")
    elif clock.kind is ClockKind.DECIDE:
        told = (f"role:{_HIGHER.get(clock.owner, Role.COMMAND_CHIEF)}",)
    elif clock.kind in UPWARD:
        told = (*_CHIEF, f"role:{Role.COMMAND_CHIEF}") if percent >= RED else _CHIEF
    elif clock.kind is ClockKind.ARRIVE:
        called = clock.owner.removeprefix("unit:")
        told = (f"unit_head:{called}", f"role:{Role.SUPERVISOR}", *_callers(case, clock))
    elif clock.kind is ClockKind.HOLD_REVIEW:
        told = (f"role:{clock.owner}",)
    else:
        told = _STAGE[clock.kind]
    return tuple(f"{one}:{case.unit}" if one in _OF_UNIT else one for one in told)


def _callers(case: Case, clock: Clock) -> tuple[str, ...]:
    """The desk that called a department to the site."""
    return tuple(
        f"unit_desk:{one.caller}" if one.caller else f"role:{Role.DISPATCHER}"
        for one in case.calls
        if one.clock == clock.clock_id
    )


def level(clocks: Iterable[Clock]) -> int:
    """The escalation level of what has fired on `handle` clocks and was not superseded."""
    return max(
        (
            ESCALATION.get(rung.percent, 0)
            for clock in clocks
            if clock.kind is ClockKind.HANDLE
            for rung in clock.fired
            if not rung.superseded
        ),
        default=0,
    )
