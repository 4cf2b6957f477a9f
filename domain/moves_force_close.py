"""Moves of closing by force (强制结案): what cannot end well ends by two persons' word."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind, Outcome
from domain.deciding import another_than, not_in_emergency, request_of
from domain.move import REASONED, Move
from domain.moves_result import start_follow_up
from domain.terms import Action, Role, TaskState
from domain.turn import Turn


def request_force_close(turn: Turn) -> None:
    """T55: the first of two persons; a second duty chief or the command chief decides."""
    turn.need_reason()
    turn.request("force_close", owner=Role.DUTY_CHIEF)
    turn.notify = (f"role:{Role.DUTY_CHIEF}", f"role:{Role.COMMAND_CHIEF}")


def can_force_close(turn: Turn) -> None:
    """T55: asked by another, unless policy takes one person; no emergency (E6)."""
    if turn.flow.force_close_second or turn.case.waiting("force_close"):
        can_decline_force_close(turn)
    not_in_emergency(turn)


def can_decline_force_close(turn: Turn) -> None:
    """T55: asked by another."""
    another_than(turn, request_of(turn, "force_close").by)


def force_close(turn: Turn) -> None:
    """T55: closed, never on time; the reporter is called and may come back as after closing."""
    turn.need_reason()
    case = turn.case
    turn.settle_request("force_close")
    turn.stop_all(Outcome.FORCED)
    _never_on_time(turn)
    if case.unit and case.task is not None and case.task.ended_at is None:
        turn.set_task(TaskState.WITHDRAWN)
    turn.patch = replace(turn.patch, forced=True, asked="")
    start_follow_up(turn)
    if case.unit:
        turn.notify = (*turn.notify, f"unit:{case.unit}")


def _never_on_time(turn: Turn) -> None:
    """What the unit fed back in time did not close the case: no limit of it counts as kept."""
    for clock in turn.of_kind(ClockKind.HANDLE):
        if clock.outcome is Outcome.DONE and clock.owner == f"unit:{turn.case.unit}":
            turn.put(replace(clock, outcome=Outcome.FORCED))


def decline_force_close(turn: Turn) -> None:
    """T55: the second person does not agree; the case goes on."""
    turn.need_text()
    turn.settle_request("force_close")


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.REQUEST_FORCE_CLOSE: Move(do=request_force_close, needs=REASONED),
        Action.FORCE_CLOSE: Move(do=force_close, when=can_force_close, needs=REASONED),
        Action.DECLINE_FORCE_CLOSE: Move(
            do=decline_force_close, when=can_decline_force_close, needs=("text",)
        ),
    }
)
