"""Domain values to and from JSON, without their defaults: old rows stay readable and small."""

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from domain.case import Case, Event
from domain.command import Step
from domain.people import Actor

CASE = TypeAdapter(Case)
EVENT = TypeAdapter(Event)
STEPS = TypeAdapter(tuple[Step, ...])
ACTOR = TypeAdapter(Actor)


def dump_case(case: Case) -> dict[str, Any]:
    """A case as stored in `snapshot`."""
    body: dict[str, Any] = CASE.dump_python(case, mode="json", exclude_defaults=True)
    return body


def load_case(body: dict[str, Any]) -> Case:
    """A stored case."""
    return CASE.validate_python(body)


def dump_event(event: Event) -> dict[str, Any]:
    """An event as stored in `body`."""
    body: dict[str, Any] = EVENT.dump_python(event, mode="json", exclude_defaults=True)
    return body


def load_event(body: dict[str, Any]) -> Event:
    """A stored event."""
    return EVENT.validate_python(body)


def dump_steps(steps: Iterable[Step]) -> list[Any]:
    """The steps of a command as stored."""
    body: list[Any] = STEPS.dump_python(tuple(steps), mode="json", exclude_defaults=True)
    return body


def first_of(error: ValidationError) -> str:
    """The first thing that is wrong with a body, and where."""
    found = error.errors()[0]
    return f"{'.'.join(map(str, found['loc']))}: {found['msg']}"
