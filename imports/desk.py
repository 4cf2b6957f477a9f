"""How reports and steps reach gridcase: the API's own intake, in this process or over HTTP."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.command import Step
from domain.terms import Source

PATIENCE = 20.0
"""Seconds a desk waits for a verdict: no more steps are under way than there are hands."""
LOOK_EVERY = 0.5


class DeskError(Exception):
    """The intake could not take it; the same key may be sent again."""


class Said(StrEnum):
    """What the registry says about a step."""

    DONE = "done"
    REFUSED = "refused"
    WAITING = "waiting"


@dataclass(frozen=True, kw_only=True)
class Filing:
    """A report to hand in.

    Attributes:
        key: Idempotency key.
        upstream_id: Id in the other system.
        system: Name of the other system.
        login: Account that hands it in; one whose role may name the source.
        source: Where it counts as coming from.
        words: The report.
        address: Where, in words.
        point: (longitude, latitude), WGS84.
        grid: Grid that holds the point.
        subclass: Suggested class.
        condition: Suggested accept condition.
        contact_name: Who reported; empty without a contact.
        contact_phone: His telephone.
    """

    key: str
    upstream_id: str
    system: str
    login: str
    source: Source
    words: str
    address: str
    point: tuple[float, float]
    grid: str
    subclass: str
    condition: int
    contact_name: str = ""
    contact_phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Filed:
    """A report that is on record: its case."""

    case_no: str


@dataclass(frozen=True, kw_only=True)
class Doing:
    """What one person does next.

    Attributes:
        login: Who; empty is the reporter.
        steps: One action, or a chain judged all or nothing.
        photo: Whether the last step shows a photo, taken at the place.
    """

    login: str
    steps: tuple[Step, ...]
    photo: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A step to ask for.

    Attributes:
        key: Idempotency key.
        case_no: The case.
        seen: Version of the case that was looked at.
        doing: Who and what.
        point: Where the case is, for the photo.
    """

    key: str
    case_no: str
    seen: int
    doing: Doing
    point: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class Answered:
    """The verdict so far, and why a step was refused."""

    said: Said
    why: str = ""


class Desk(Protocol):
    """Takes reports and steps."""

    async def report(self, filing: Filing) -> Filed:
        """Hand a report in.

        Raises:
            DeskError: It could not be taken.
        """
        ...

    async def act(self, asked: Asked) -> Answered:
        """Ask for a step.

        Raises:
            DeskError: It could not be taken.
        """
        ...
