"""Outside hands (外部协作): who acts by a link, without an account, for a unit."""

from domain.people import Actor, Grant
from domain.terms import Action, Role

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


def guest(link_id: str, unit: str) -> Actor:
    """Who acts by a link: a handler of the unit that gave it."""
    return Actor(person=f"{_MARK}{link_id}", grants=(Grant(role=Role.UNIT_HANDLER, unit=unit),))


def is_guest(person: str) -> bool:
    """Whether an id stands for who acts by a link."""
    return person.startswith(_MARK)
