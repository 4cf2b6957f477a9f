"""Moves that send a case away: back a stage, to another body, and back from there."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.clock import ClockKind, Outcome
from domain.deciding import not_a_drill, not_in_emergency
from domain.move import REASONED, Move
from domain.moves_intake import another_decides
from domain.moves_return import can_decide_return, let_unit_go, stop_deciding
from domain.promise import resume_promise
from domain.terms import Action, Role, State
from domain.turn import Turn
from domain.why import Because, Why
from domain.window import in_follow_up

EMERGENCY = "transfer_emergency"
"""110, 119, 120, 122: the one transfer that the acceptor makes himself (T10)."""
UPSTREAM = "transfer_upper_platform"
"""退回上级平台: the order goes back to where it came from (T10)."""


def can_send_back(turn: Turn) -> None:
    """T11, T13, T24: never who returned it; an emergency is stood down first."""
    not_in_emergency(turn)
    can_decide_return(turn)


def send_back(turn: Turn) -> None:
    """T11, T13, T24: one stage back, where the work begins anew; a unit is out."""
    turn.need_reason()
    match turn.case.state:
        case State.ACCEPTED:
            turn.stop(ClockKind.FILE)
            turn.start_stage(ClockKind.ACCEPT)
        case State.FILED:
            turn.stop(ClockKind.DISPATCH)
            turn.start_stage(ClockKind.FILE)
        case _:
            stop_deciding(turn)
            let_unit_go(turn)
            turn.start_stage(ClockKind.FILE)


def can_transfer_out(turn: Turn) -> None:
    """T10: it decides a review and a return too: never who refused it, or who returned it."""
    not_a_drill(turn)
    not_in_emergency(turn)
    another_decides(turn)
    can_decide_return(turn)


def transfer_out(turn: Turn) -> None:
    """T10: another area's or body's matter; who takes it is named."""
    turn.need_reason()
    case, receiver = turn.case, turn.step.receiver.strip()
    if turn.role is Role.ACCEPTOR and turn.reason != EMERGENCY:
        turn.refuse(Why.FORBIDDEN, who=str(Role.DUTY_CHIEF))
    if not receiver:
        turn.refuse(Why.NEEDS_FIELD, field="receiver")
    if turn.reason == UPSTREAM:
        _return_window(turn)
    for kind in (ClockKind.ACCEPT, ClockKind.FILE, ClockKind.DISPATCH):
        turn.stop(kind)
    if case.state is State.RETURNED:
        stop_deciding(turn)
        let_unit_go(turn)
    turn.stop_all(Outcome.VOID)
    turn.patch = replace(
        turn.patch,
        transferred_to=receiver,
        settled_as=State.TRANSFERRED.value,
        asked="",
    )
    turn.start(ClockKind.FOLLOW_UP, turn.flow.follow_up)
    turn.notify = (*turn.notify, "reporter")


def _return_window(turn: Turn) -> None:
    """Only an upstream order goes back upstream, and only while its window is open."""
    case = turn.case
    if not case.upstream_no:
        turn.not_now(Because.NOT_FROM_UPSTREAM)
    if case.return_until is not None and turn.fact_at > case.return_until:
        turn.refuse(Why.TOO_LATE, until=turn.until(case.return_until))


def bounced(turn: Turn) -> None:
    """T64: the receiver did not take it; the acceptor begins anew, under the old promise."""
    turn.need_text()
    turn.stop(ClockKind.FOLLOW_UP, Outcome.VOID)
    turn.patch = replace(turn.patch, transferred_to="", settled_as="")
    turn.start_stage(ClockKind.ACCEPT)
    resume_promise(turn)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.SEND_BACK: Move(do=send_back, when=can_send_back, needs=REASONED),
        Action.TRANSFER_OUT: Move(
            do=transfer_out, when=can_transfer_out, needs=("receiver", *REASONED)
        ),
        Action.BOUNCED: Move(do=bounced, when=in_follow_up, needs=("text",)),
    }
)
