"""Units with a system of their own (外部系统): what it is told of, and what it may answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.case import Case, Event, evolve
from domain.people import Actor, Grant
from domain.terms import Action, Role, State

_MARK = "system:"
WORKING = frozenset(
    {
        State.DISPATCHED,
        State.SIGNED,
        State.HANDLING,
        State.RETURNED,
        State.ARBITRATING,
        State.HANDOVER_OFFERED,
        State.ON_HOLD,
    }
)
"""States in which a unit has the work."""
EXTERNAL_ACTIONS = (
    Action.SIGN,
    Action.START,
    Action.MARK_STAGE,
    Action.COMMENT,
    Action.RETURN,
    Action.REQUEST_EXTENSION,
    Action.FEED_BACK,
)
"""What a unit's own system can answer; approvals and checks are people's."""
_CHANGES = frozenset({Action.CHANGE_TASK, Action.RECLASSIFY, Action.APPROVE_EXTENSION})
_URGES = frozenset({Action.URGE, Action.SUPERVISE})
_NOTES = frozenset({Action.COMMENT, Action.SUPPLEMENT})


class Tells(StrEnum):
    """What a delivery is about."""

    ASSIGNED = "assigned"
    REWORK = "rework"
    CHANGED = "changed"
    URGED = "urged"
    NOTE = "note"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something that a unit's own system is to be told, once.

    Attributes:
        destination: Code of the system.
        tells: What it is about.
        seq: Number of the event behind it.
        unit: The unit whose system it is.
    """

    destination: str
    tells: Tells
    seq: int
    unit: str


def external(destination: str, unit: str) -> Actor:
    """A unit's own system, as the unit's handler and approver."""
    roles = (Role.UNIT_HANDLER, Role.UNIT_APPROVER)
    return Actor(
        person=f"{_MARK}{destination}",
        grants=tuple(Grant(role=role, unit=unit) for role in roles),
    )


def is_external(person: str) -> bool:
    """Whether an id stands for a unit's own system."""
    return person.startswith(_MARK)


def messages(
    before: Case, events: Iterable[Event], destinations: Mapping[str, str]
) -> tuple[Message, ...]:
    """What the systems of the units concerned are to be told of events; of a drill nothing.

    Args:
        before: The case or task before the events.
        events: In order.
        destinations: Unit code → code of its system.
    """
    if not destinations or before.drill:
        return ()
    found: list[Message] = []
    case = before
    for event in events:
        after = evolve(case, event)
        found += _of_one(case, after, event, destinations)
        case = after
    return tuple(found)


def _of_one(
    case: Case, after: Case, event: Event, destinations: Mapping[str, str]
) -> Iterable[Message]:
    had, has = _holder(case), _holder(after)
    if had and had != has and had in destinations and not _own(event, destinations[had]):
        yield _message(had, destinations, Tells.WITHDRAWN, event)
    if has not in destinations:
        return
    tells = _tells(case, event, came=had != has, again=case.unit == has)
    if tells is not None and not _own(event, destinations[has]):
        yield _message(has, destinations, tells, event)


def _holder(case: Case) -> str:
    """The unit that has the work now; a joint case's work is its tasks'."""
    return case.unit if case.state in WORKING and not case.joint else ""


def _own(event: Event, destination: str) -> bool:
    return event.actor == f"{_MARK}{destination}"


def _tells(case: Case, event: Event, *, came: bool, again: bool) -> Tells | None:
    if came:
        return Tells.REWORK if again and case.seq else Tells.ASSIGNED
    if event.action in _CHANGES:
        return Tells.CHANGED
    if event.action in _URGES:
        return Tells.URGED
    return Tells.NOTE if event.action in _NOTES else None


def _message(unit: str, destinations: Mapping[str, str], tells: Tells, event: Event) -> Message:
    return Message(destination=destinations[unit], tells=tells, seq=event.seq, unit=unit)
