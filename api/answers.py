"""Bodies of answers."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from api.asks import Outcome, Reported
from domain.calendar import Unit
from domain.clock import ClockKind
from domain.clock import Outcome as ClockOutcome
from domain.finding import Matched
from domain.labels import Label
from domain.refusal import Refusal
from domain.terms import Action, Group, Role, Source, State


class Answer(BaseModel):
    """An answer's body; made from attributes where a row has them."""

    model_config = ConfigDict(from_attributes=True)


class ProblemAnswer(Answer):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[dict[str, str]]
    trace_id: str | None


class ReportedAnswer(Answer):
    """A report that is safe; `tracking_code` is shown this once."""

    case_no: str
    tracking_code: str
    command_id: UUID
    unlocated: bool

    @classmethod
    def of(cls, reported: Reported) -> Self:
        """From the core's answer."""
        return cls.model_validate(reported)


class RefusalAnswer(Answer):
    """Why a command was refused, in Chinese and English."""

    code: str
    step: int
    zh: str
    en: str

    @classmethod
    def of(cls, refusal: Refusal) -> Self:
        """From the rules' answer."""
        return cls(
            code=refusal.why.value,
            step=refusal.step,
            zh=refusal.text("zh"),
            en=refusal.text("en"),
        )


class OutcomeAnswer(Answer):
    """How a command stands: `done`, `refused`, or `waiting` for its verdict."""

    status: str
    case_no: str
    state: State
    version: int
    command_id: UUID | None
    refusal: RefusalAnswer | None

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """From the core's answer."""
        return cls(
            status=outcome.status.value,
            case_no=outcome.case_no,
            state=outcome.state,
            version=outcome.version,
            command_id=outcome.command_id,
            refusal=RefusalAnswer.of(outcome.refusal) if outcome.refusal else None,
        )


class GrantAnswer(Answer):
    """One role, within a unit or an area."""

    role: Role
    unit: str
    area: str


class MeAnswer(Answer):
    """Who asks."""

    login: str
    name: str
    name_en: str
    grants: list[GrantAnswer]
    expires_at: datetime


class TokenAnswer(Answer):
    """A bearer token; shown this once."""

    token: str
    token_type: str = "bearer"  # noqa: S105  its kind
    expires_at: datetime


class CaseLine(Answer):
    """A case in a list: no words, no address, nothing of the reporter.

    A department's task of a joint case is one too: `parent` is the number of its case.
    """

    case_no: str
    version: int
    state: State
    stage: Group
    source: Source
    lon: float | None
    lat: float | None
    grid: str
    subclass: str
    condition: int
    urgent: bool
    unit: str
    person: str
    asked: str
    round: int
    escalation: int
    pending: str
    reported_at: datetime
    changed_at: datetime
    settled_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    due_label: str
    followers: int
    hot_spot: bool
    joint: bool
    parent: str
    task_no: int
    lead: bool
    offered_to: str
    drill: bool
    emergency: str


class CasePage(Answer):
    """A page of cases; `next_cursor` is empty on the last one."""

    cases: list[CaseLine]
    next_cursor: str | None


class Sentence(Answer):
    """The same in Chinese and English."""

    zh: str
    en: str

    @classmethod
    def of(cls, label: Label) -> Self:
        """From the words of the rules."""
        return cls(zh=label.zh, en=label.en)


class FoundCase(CaseLine):
    """A case that a search found; `snippet` is empty where the reader has no need of words."""

    matched: list[Matched]
    snippet: str


class SearchPage(Answer):
    """A page of what a search found, best first; `total` ends at 1,000, then `more` is true."""

    cases: list[FoundCase]
    total: int
    more: bool
    next_cursor: str | None
    refused: Sentence | None


class ReporterAnswer(Answer):
    """Who reported."""

    name: str
    phone: str


class LimitAnswer(Answer):
    """A limit in its own unit."""

    value: float
    unit: Unit


class EntryTask(Answer):
    """A department's task of a joint case as an entry left it."""

    task_no: int
    unit: str
    lead: bool
    state: str
    rounds: int
    limit: LimitAnswer | None


class Entry(Answer):
    """One entry of a timeline; `note` is None for who may not read it.

    `tasks` are those of a joint case that it changed; none for the reporter.
    """

    seq: int
    at: datetime
    recorded_at: datetime
    action: Action
    state: State
    row: str
    role: Role
    actor: str | None
    on_behalf_of: str
    reason: str
    fired_at: datetime | None
    note: str | None
    moved: list["MovedAnswer"]
    tasks: list[EntryTask]


class FormerEntry(Answer):
    """An entry of the system that the case was taken over from, in that system's words.

    `who`, `action` and `note` are None for who may not read the case's words.
    """

    at: datetime
    who: str | None
    action: str | None
    note: str | None


class TimelinePage(Answer):
    """A page of a timeline, oldest first; on the first one what happened in a former system."""

    former: list[FormerEntry]
    entries: list[Entry]
    next_cursor: str | None


class PauseAnswer(Answer):
    """A stretch in which a clock did not run."""

    reason: str
    start: datetime
    end: datetime | None


class FiredAnswer(Answer):
    """A rung that fired."""

    percent: int
    due: datetime
    budget_version: int
    superseded: bool


class SpanAnswer(Answer):
    """An interval that counts."""

    start: datetime
    end: datetime


class SumRow(Answer):
    """A day of the sum behind a clock, or days in a row that count nothing.

    The seconds of all rows add up to the total of the last, exactly.
    """

    first: date
    last: date
    kind: str
    words: Sentence
    counted: list[SpanAnswer]
    shown: str
    seconds: int
    total_seconds: int
    grounds: list[str]


class RungAnswer(Answer):
    """A percentage of the limit: what that is in seconds, when it falls due, in words."""

    percent: int
    seconds: float
    due: datetime | None
    fired: FiredAnswer | None
    words: Sentence


class MovedAnswer(Answer):
    """A clock that a change of versions moved; what is left, of a paused one, in seconds."""

    clock_id: str
    name: Sentence
    before: datetime | None
    after: datetime | None
    left_before_seconds: float | None
    left_after_seconds: float | None


class ClockAnswer(Answer):
    """A clock; amounts are seconds of running time, `None` remaining when it has stopped."""

    clock_id: str
    kind: ClockKind
    owner: str
    calendar: str
    continuous: bool
    urgent: bool
    budget_seconds: float
    extended_seconds: float
    used_seconds: float
    remaining_seconds: float | None
    started_at: datetime
    due_at: datetime | None
    provisional: bool
    paused: bool
    stopped_at: datetime | None
    outcome: ClockOutcome | None
    on_time: bool | None
    rungs: list[int]
    fired: list[FiredAnswer]
    pauses: list[PauseAnswer]
    sentences: list[Sentence]
    explain: list[SumRow]
    ladder: list[RungAnswer]


class ClocksAnswer(Answer):
    """All clocks of a case at one moment."""

    at: datetime
    clocks: list[ClockAnswer]


class ReasonAnswer(Answer):
    """A reason code; of a refusal, the right channel that the reporter is told."""

    code: str
    zh: str
    en: str
    channel_zh: str
    channel_en: str


class AllowedAnswer(Answer):
    """An action that the caller may ask for now."""

    action: Action
    row: str
    to: State | None
    needs: list[str]
    reasons: list[ReasonAnswer]


class AllowedList(Answer):
    """What the caller may ask for, at a version to be sent back as `seen`."""

    state: State
    version: int
    actions: list[AllowedAnswer]


class AttachmentAnswer(Answer):
    """A photo that was kept."""

    attachment_id: UUID
    media_type: str
    size: int
