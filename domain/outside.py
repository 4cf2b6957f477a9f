"""Units with a system of their own (外部系统): what it is told of, and what it may answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.case import Case, Event, evolve
from domain.joint import asking, is_running, shares, task_id
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


class Tells(StrEnum):
    """What a delivery is about."""

    ASSIGNED = "assigned"
    REWORK = "rework"
    CHANGED = "changed"
    DECIDED = "decided"
    URGED = "urged"
    NOTE = "note"
    WITHDRAWN = "withdrawn"


TOLD: Mapping[Action, Tells] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                *(Action.CHANGE_TASK, Action.RECLASSIFY, Action.REPIN),
                *(Action.APPROVE_EXTENSION, Action.APPROVE_HOLD, Action.RESUME),
                *(Action.NO_REPLY, Action.SUBMIT, Action.STOP_HANDOVER),
            ),
            Tells.CHANGED,
        ),
        **dict.fromkeys(
            (
                *(Action.REJECT_RETURN, Action.REFUSE_EXTENSION, Action.REFUSE_HOLD),
                *(Action.RULE, Action.DECLINE_HANDOVER),
            ),
            Tells.DECIDED,
        ),
        **dict.fromkeys((Action.URGE, Action.SUPERVISE), Tells.URGED),
        **dict.fromkeys((Action.COMMENT, Action.SUPPLEMENT, Action.REPLY), Tells.NOTE),
    }
)
"""What is told of work that stays with its unit; that it came or went is told as such."""
SILENT = frozenset(
    {
        *(Action.SIGN, Action.ASSIGN, Action.START, Action.MARK_STAGE, Action.SAY_DONE),
        *(Action.RETURN, Action.WITHDRAW_RETURN, Action.OBJECT, Action.OFFER_HANDOVER),
        *(Action.REQUEST_EXTENSION, Action.ENDORSE_EXTENSION, Action.REQUEST_HOLD),
        *(Action.ASK_REPORTER, Action.SUPERVISE_REPLY, Action.REQUEST_VOID, Action.REFUSE_VOID),
        *(Action.REQUEST_WITHDRAW, Action.REFUSE_WITHDRAW),
        *(Action.REQUEST_FORCE_CLOSE, Action.DECLINE_FORCE_CLOSE),
    }
)
"""What changes held work and is not told: its unit does it, or the centre alone is asked."""
_OF_ALL = frozenset({Action.URGE, Action.SUPERVISE, Action.COMMENT, Action.SUPPLEMENT})
"""What is said on a joint case and told to the departments at it; a letter to the lead's.

The reporter's reply is told by the tasks that asked for it (`domain.sequel_joint`).
"""


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something that a unit's own system is to be told, once.

    Attributes:
        destination: Code of the system.
        work: Number of the case or task that its unit has.
        tells: What it is about.
        seq: Number of the event behind it: of the work, or of the joint case it is part of.
        unit: The unit whose system it is.
    """

    destination: str
    work: str
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
    if not destinations:
        return ()
    found: list[Message] = []
    case = before
    for event in events:
        after = evolve(case, event)
        if not after.drill:
            found += _of_one(case, after, event, destinations)
        case = after
    return tuple(found)


def _of_one(
    case: Case, after: Case, event: Event, destinations: Mapping[str, str]
) -> Iterable[Message]:
    had, has = _holder(case), _holder(after)
    if had and had != has and had in destinations and not _own(event, destinations[had]):
        yield _message(had, case.case_no, destinations, Tells.WITHDRAWN, event)
    if case.joint and event.action in _OF_ALL:
        yield from _of_tasks(case, event, destinations)
    if has not in destinations:
        return
    tells = _tells(case, event, came=had != has, again=case.unit == has)
    if tells is not None and not _own(event, destinations[has]):
        yield _message(has, case.case_no, destinations, tells, event)


def _of_tasks(case: Case, event: Event, destinations: Mapping[str, str]) -> Iterable[Message]:
    """What is said on a joint case, to each department that is at it and does not hear it."""
    answered = asking(case.tasks) if event.role is Role.REPORTER else ()
    for task in shares(case.tasks):
        concerns = is_running(task) and (task.lead or event.action is not Action.SUPERVISE)
        hears = event.action is Action.SUPPLEMENT and task in answered
        known = task.unit in destinations and not _own(event, destinations[task.unit])
        if concerns and known and not hears:
            work = task_id(case.case_no, task.task_no)
            yield _message(task.unit, work, destinations, TOLD[event.action], event)


def _holder(case: Case) -> str:
    """The unit that has the work now; a joint case's work is its tasks'."""
    return case.unit if case.state in WORKING and not case.joint else ""


def _own(event: Event, destination: str) -> bool:
    return event.actor == f"{_MARK}{destination}"


def _tells(case: Case, event: Event, *, came: bool, again: bool) -> Tells | None:
    if came:
        return Tells.REWORK if again and case.seq else Tells.ASSIGNED
    if event.action is Action.CHANGE_TASK and f"unit:{case.unit}" not in event.notify:
        return None
    return TOLD.get(event.action)


def _message(
    unit: str, work: str, destinations: Mapping[str, str], tells: Tells, event: Event
) -> Message:
    return Message(
        destination=destinations[unit], work=work, tells=tells, seq=event.seq, unit=unit
    )
