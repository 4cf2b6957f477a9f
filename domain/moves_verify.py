"""Moves of the spot: ask a member to look before filing, and what he found."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from types import MappingProxyType

from domain.clock import ClockKind
from domain.move import REASONED, Move
from domain.moves_intake import classify
from domain.permission import has_handled
from domain.terms import Action, Role, Source, State
from domain.turn import Turn
from domain.why import Because, Why


def can_send_verify(turn: Turn) -> None:
    """T4: not a patrol's own report, and not too often."""
    if turn.case.source is Source.GRID_PATROL:
        turn.not_now(Because.PATROL_SAW_IT)
    if turn.case.verifications >= turn.flow.max_verify:
        turn.refuse(Why.TOO_MANY, most=str(turn.flow.max_verify), per="case")


def send_verify(turn: Turn) -> None:
    """T4: ask a member of the grid to look."""
    classify(turn)
    turn.stop(ClockKind.ACCEPT)
    ask_member(turn, ClockKind.VERIFY, pick_member(turn))
    turn.patch = replace(turn.patch, verifications=turn.case.verifications + 1)


def reassign(turn: Turn) -> None:
    """T7, T35: ask another member to verify, or to check."""
    if turn.case.state is State.CHECKING:
        turn.stop_unless_late(ClockKind.CHECK)
        ask_member(turn, ClockKind.CHECK, pick_member(turn))
    else:
        turn.stop_unless_late(ClockKind.VERIFY)
        ask_member(turn, ClockKind.VERIFY, pick_member(turn))


def ask_member(turn: Turn, kind: ClockKind, member: str) -> None:
    """Ask a member to look: that it is there (`verify`), or that it is fixed (`check`)."""
    turn.patch = replace(turn.patch, asked=member)
    turn.start_stage(kind, owner=f"person:{member}")
    turn.notify = (f"person:{member}",)


def pick_member(turn: Turn) -> str:
    """The member named in the step, or the first of the grid: not asked now, not a handler."""
    step, book = turn.step, turn.book
    if step.person:
        person = book.people.get(step.person)
        if person is None or not person.has(Role.GRID_MEMBER):
            turn.refuse(Why.UNKNOWN_CODE, field="grid_member", value=step.person)
        if step.person == turn.case.asked:
            turn.not_now(Because.ASKED_ALREADY)
        if has_handled(person, turn.case, book):
            turn.refuse(Why.SEPARATION, first="handled", second="check")
        if _reported(turn, step.person):
            turn.refuse(Why.SEPARATION, first="reported", second="check")
        return step.person
    member = free_member(turn, turn.patch.grid or turn.case.grid)
    if not member:
        turn.refuse(Why.NEEDS_FIELD, field="other_member")
    return member


def free_member(turn: Turn, grid: str) -> str:
    """The first member of a grid who is not asked now, did not handle it and is not the actor.

    Nor who reported it, where policy says so (◆). Empty when there is none.
    """
    book, case = turn.book, turn.case
    others = (book.people[one] for one in book.members.get(grid, ()) if one in book.people)
    taken = {case.asked, turn.actor.person}
    return next(
        (
            one.person
            for one in others
            if not (
                one.person in taken
                or has_handled(one, case, book)
                or _reported(turn, one.person)
            )
        ),
        "",
    )


def _reported(turn: Turn, member: str) -> bool:
    """Whether the member reported it, and policy lets him not check it (◆, §2.4)."""
    return not turn.flow.reporting_member_may_check and member == turn.case.reported_by


def nearest_member(turn: Turn) -> str:
    """A free member of the grid, or else of the grid whose code has most in common with it."""
    own = turn.patch.grid or turn.case.grid
    grids = sorted(turn.book.members, key=lambda one: (-_in_common(one, own), one))
    return next((found for one in grids if (found := free_member(turn, one))), "")


def _in_common(one: str, other: str) -> int:
    """How many digits two grid codes have in common, from the district down."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in same)


def verify_found(turn: Turn) -> None:
    """T5: it is there."""
    turn.need_photo_in_fence(or_text=True)
    turn.stop(ClockKind.VERIFY)
    turn.patch = replace(turn.patch, verified=True, asked="")
    turn.start_stage(ClockKind.FILE)


def verify_failed(turn: Turn) -> None:
    """T6: it is not there, or cannot be seen (that needs a reason, transitions §2.7)."""
    unable = turn.step.action is Action.VERIFY_UNABLE
    if unable or turn.step.reason or not turn.step.photos:
        turn.need_reason()
    turn.stop(ClockKind.VERIFY)
    turn.patch = replace(turn.patch, asked="")
    turn.start_stage(ClockKind.ACCEPT)


MOVES: Mapping[Action, Move] = MappingProxyType(
    {
        Action.SEND_VERIFY: Move(do=send_verify, when=can_send_verify, needs=("person?",)),
        Action.VERIFY_FOUND: Move(do=verify_found, needs=("photos?", "text?")),
        Action.VERIFY_NOT_FOUND: Move(do=verify_failed, needs=("photos?", "reason?", "text?")),
        Action.VERIFY_UNABLE: Move(do=verify_failed, needs=("photos?", *REASONED)),
        Action.REASSIGN: Move(do=reassign, needs=("person?",)),
    }
)
