"""Outside hands (外部协作): who acts by a link, without an account, for a unit."""

from domain.case import Case
from domain.outside import WORKING
from domain.people import Actor, Grant
from domain.terms import Action, Role, State

_MARK = "guest:"
GUEST_ACTIONS = (
    Action.SIGN,
    Action.START,
    Action.MARK_STAGE,
    Action.SAY_DONE,
    Action.FEED_BACK,
    Action.COMMENT,
)
"""What can be asked for by a link: the work itself, never a return or an approval."""


COMES_BACK = WORKING | {State.FED_BACK, State.CHECKING, State.TO_CLOSE}
"""States of a case in which what a unit does, or has done, may still be its to do."""


def turn_of(case: Case) -> int:
    """The unit's turn at a case or task, for which a link is given; 0 while none has it."""
    return case.task.task_no if case.task else 0


def is_over(state: State, of: State | None = None) -> bool:
    """Whether work does not come back to its unit; `of`: of a task, its joint case's state."""
    if of is not None and state is State.TASK_DONE:
        return of not in COMES_BACK
    return state not in COMES_BACK


def guest(link_id: str, unit: str) -> Actor:
    """Who acts by a link: a handler of the unit that gave it."""
    return Actor(person=f"{_MARK}{link_id}", grants=(Grant(role=Role.UNIT_HANDLER, unit=unit),))


def is_guest(person: str) -> bool:
    """Whether an id stands for who acts by a link."""
    return person.startswith(_MARK)
