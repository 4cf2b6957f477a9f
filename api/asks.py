"""What can be asked of a case, and how it is answered: values and errors, without HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.command import Step
from domain.people import Actor
from domain.questions import Answer
from domain.refusal import Refusal
from domain.terms import Action, Source, State
from registry.intake import Contact


class Status(StrEnum):
    """How an action was answered."""

    DONE = "done"
    REFUSED = "refused"
    WAITING = "waiting"


class InvalidFieldError(ValueError):
    """A field is missing or names what is not there; `pointer` is its JSON pointer.

    `zh` is the sentence in Chinese; what only programs send wrong has none.
    """

    def __init__(
        self, pointer: str, message: str, code: str = "invalid", *, zh: str = ""
    ) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.code = code
        self.zh = zh


class SourceNotAllowedError(Exception):
    """The reporter's role may not name this source."""

    def __init__(self, source: Source) -> None:
        super().__init__(f"your role may not report as {source}")
        self.source = source


class AlreadyReportedError(Exception):
    """The source's order is a case that is still open."""

    def __init__(self, source: Source, upstream_no: str, case_no: str) -> None:
        super().__init__(f"{source} {upstream_no} is case {case_no}, which is still open")
        self.zh = f"{upstream_no} 已立为案件 {case_no}，尚未归档：请在该案件上办理"
        self.case_no = case_no


class ReportRefusedError(Exception):
    """A step that is taken in the same breath as a report is refused; nothing was written."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.text())
        self.refusal = refusal


class OutsideDistrictError(Exception):
    """The point lies in no grid, and no address says where it is; `hint` is a grid nearby."""

    def __init__(self, hint: tuple[str, float] | None) -> None:
        near = f"; {hint[0]} is {hint[1]:.0f} m away" if hint else ""
        super().__init__(f"the point is outside every grid{near}; give an address in words")
        self.hint = hint


class VersionNeededError(Exception):
    """The action must name the case version that its sender saw."""

    def __init__(self, action: Action) -> None:
        super().__init__(f"{action} must say which version of the case you saw")
        self.action = action


@dataclass(frozen=True, kw_only=True)
class NewReport:
    """A report to be taken in.

    Attributes:
        actor: Who enters it; `REPORTER` for a citizen without an account.
        principal: Whose Idempotency-Key it is: his log-in, or `citizen`.
        idempotency_key: The same again answers the same report.
        words: The report in the reporter's words.
        address: Where, in words; needed when the point lies in no grid.
        point: (longitude, latitude), WGS84.
        contact: Who reported.
        source: None: the first that his role allows.
        subclass: Code of the catalogue, if known.
        condition: Number of the accept condition, if known.
        grid: Grid code, if known and no point is given.
        urgent: Flag; counts for the centre only.
        photos: Ids of attachments.
        device_at: Time on an offline telephone.
        upstream: Identifiers of another system.
        upstream_no: The upstream platform's own number, or the petition's.
        upstream_due: The upstream order's own due time.
        return_until: Until then the upstream takes the order back.
        device: The sensor that it comes from.
        answers: To the extra questions of its class, by key.
        drill: It is practised only.
        then: Steps in the same breath, all or nothing: a member's self-handling.
    """

    actor: Actor
    principal: str
    idempotency_key: str
    words: str
    address: str = ""
    point: tuple[float, float] | None = None
    contact: Contact = field(default_factory=Contact)
    source: Source | None = None
    subclass: str = ""
    condition: int = 0
    grid: str = ""
    urgent: bool | None = None
    photos: tuple[str, ...] = ()
    device_at: datetime | None = None
    upstream: dict[str, str] | None = None
    upstream_no: str = ""
    upstream_due: datetime | None = None
    return_until: datetime | None = None
    device: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    drill: bool = False
    then: tuple[Step, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reported:
    """A report that is safe: written down, not yet judged.

    Attributes:
        case_no: Its 19 digits.
        tracking_code: With the number it opens the public page; shown this once.
        command_id: Of the report, for `GET /commands/{id}`.
        unlocated: Its point lies in no grid; the centre will place it.
    """

    case_no: str
    tracking_code: str
    command_id: UUID
    unlocated: bool


@dataclass(frozen=True, kw_only=True)
class Ask:
    """An action asked for; `REPORTER` as actor means that his code was verified."""

    case_no: str
    actor: Actor
    principal: str
    idempotency_key: str
    steps: tuple[Step, ...]
    seen: int | None = None
    on_behalf_of: str = ""
    device_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an action stands.

    Attributes:
        status: Done, refused, or still without a verdict.
        case_no: The case.
        state: Where the case stands now.
        version: Its version now.
        unit: Unit that has it now.
        refusal: Why it was refused.
        command_id: Its record; None for what was refused before it was written down.
    """

    status: Status
    case_no: str
    state: State
    version: int
    unit: str = ""
    refusal: Refusal | None = None
    command_id: UUID | None = None
