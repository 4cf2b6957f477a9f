"""A row of the table of moves, and who may ask for it."""

from dataclasses import dataclass
from enum import StrEnum

from domain.terms import FINAL, TASK_ONLY, Action, State


class Who(StrEnum):
    """Who may ask for a move."""

    ANY_CHANNEL = "any channel"
    ACCEPTOR = "the acceptor"
    DUTY_CHIEF = "the duty chief"
    DISPATCHER = "the dispatcher"
    SUPERVISOR = "a supervisor"
    COMMAND_CHIEF = "the command chief"
    CALL_BACK_CLERK = "a call-back clerk"
    ASKED_MEMBER = "the member asked"
    OWN_MEMBER = "the member of the grid"
    ADMIN = "an admin"
    UNIT = "the unit that holds it"
    UNIT_APPROVER = "the approver of the unit that holds it"
    UNIT_DISPATCHER = "the dispatcher of the unit that holds it"
    HANDLER = "a handler of the unit that holds it"
    FED_BACK_BY = "who fed it back"
    OFFERED_UNIT = "the unit that it is offered to"
    STREET = "the street where it lies"
    CALLED_UNIT = "a unit that is called to the site"
    CALLER = "who called it to the site"
    ALARMED = "who is alarmed"
    REPORTER = "the reporter"
    SYSTEM = "the system"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the table.

    Attributes:
        row: Its id in the reference.
        sources: States it may start from.
        action: What is asked.
        to: State it leads to; None leaves the state as it is.
        who: Who may ask; the system may do what `automatic` allows.
        automatic: Policy may let the system do it (◆).
        only_if: The conditions, in words.
        clocks: What it does to clocks, in words.
    """

    row: str
    sources: frozenset[State]
    action: Action
    to: State | None
    who: tuple[Who, ...]
    only_if: str
    clocks: str
    automatic: bool = False


NOT_FINAL = tuple(state for state in State if state not in FINAL | TASK_ONLY)
MOVABLE = (
    State.REPORTED,
    State.VERIFYING,
    State.ACCEPTED,
    State.FILED,
    State.DISPATCHED,
    State.SIGNED,
    State.HANDLING,
    State.RETURNED,
)
"""`reported`-`handling` and `returned`: what can still be reclassified, split or merged."""
LIVE = (
    State.FILED,
    State.DISPATCHED,
    State.SIGNED,
    State.HANDLING,
    State.RETURNED,
    State.ON_HOLD,
    State.ARBITRATING,
    State.CONSULTING,
    State.FED_BACK,
    State.CHECKING,
    State.TO_CLOSE,
)
"""Filed and not settled."""
CENTRE = (Who.ACCEPTOR, Who.DISPATCHER, Who.DUTY_CHIEF)


def row_of(  # noqa: PLR0913, PLR0917  a row of the table has these columns
    row: str,
    sources: tuple[State, ...],
    action: Action,
    to: State | None,
    who: tuple[Who, ...],
    only_if: str,
    clocks: str,
    *,
    automatic: bool = False,
) -> Row:
    """One row, written as a line of the table."""
    return Row(
        row=row,
        sources=frozenset(sources),
        action=action,
        to=to,
        who=who,
        only_if=only_if,
        clocks=clocks,
        automatic=automatic,
    )
