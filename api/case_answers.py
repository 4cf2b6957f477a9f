"""Bodies of answers about one case: what belongs to it, and what its reporter sees."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from api.answers import AllowedAnswer, Answer, CaseLine, Entry, LimitAnswer
from api.calls import CallAnswer, HopAnswer
from api.emergency_answers import AlarmAnswer, ResponseAnswer
from domain.joint_facts import Owed
from domain.terms import Action, Finish, Group, Level, Result, State
from registry.links import LinkKind


class HeldAnswer(Answer):
    """A stretch in which one unit, or one person of it, held a task; `until` None: still."""

    unit: str
    sub_unit: str
    person: str
    since: datetime
    until: datetime | None


class OfferAnswer(Answer):
    """A task offered to another unit; `taken` None while nobody has answered."""

    unit: str
    by: str
    at: datetime
    answered_at: datetime | None
    taken: bool | None


class TaskAnswer(Answer):
    """One department's turn; `stages` are the keys of those that are done.

    A task of a joint case has a timeline of its own under `case_no`; what follows there is its
    own. `used_seconds` is running time of all rounds; scope, reply and photos are None or empty
    for who may not read the case's words.
    """

    task_no: int
    unit: str
    sub_unit: str
    person: str
    state: str
    dispatched_at: datetime
    signed_at: datetime | None
    ended_at: datetime | None
    rounds: int
    stages: list[str]
    joint: bool
    lead: bool
    after: list[int]
    limit: LimitAnswer | None
    for_citizen: bool
    gone_without: bool
    case_no: str = ""
    version: int | None = None
    scope: str | None = None
    offered_to: str = ""
    due_at: datetime | None = None
    used_seconds: float | None = None
    on_time: bool | None = None
    held: list[HeldAnswer] = Field(default_factory=list)
    offers: list[OfferAnswer] = Field(default_factory=list)
    result: Result | None = None
    reply: str | None = None
    photos: list[UUID] = Field(default_factory=list)


class OwesAnswer(Answer):
    """What the lead of a joint case answers for beside its own task.

    A summary of its own after its limit, or a helper that is late and that it did not urge;
    `task_no` is the helper's, 0 for the summary, and `due` the limit that was not kept.
    """

    owed: Owed
    unit: str
    task_no: int
    due: datetime


class LinkAnswer(Answer):
    """Another case that belongs to this one; only those that the reader may open."""

    kind: LinkKind
    case_no: str
    state: State


class AskedAnswer(Answer):
    """A question to the reporter; the texts are None for who may not read them."""

    by: str
    at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    answered: bool
    text: str | None
    reply: str | None


class OpenQuestionAnswer(Answer):
    """A question that waits for the reporter; `unit`: the department whose task asks."""

    unit: str
    at: datetime
    due_at: datetime | None
    text: str


class LetterAnswer(Answer):
    """A supervision letter; `rung` is the per cent that brought it, 0 for a person's."""

    by: str
    at: datetime
    to: str
    rung: int
    due_at: datetime | None
    replied_at: datetime | None
    text: str | None
    reply: str | None


class RequestAnswer(Answer):
    """A request that waits; `amount_seconds` and `until` are what is asked for."""

    kind: str
    by: str
    at: datetime
    amount_seconds: float
    until: datetime | None
    reason: str
    endorsed_by: str
    decider: str
    due_at: datetime | None


class MilestoneAnswer(Answer):
    """A stage of the accept condition, with its own due time."""

    key: str
    zh: str
    en: str
    due_at: datetime | None
    done: bool
    on_time: bool | None


class UpstreamAnswer(Answer):
    """The upstream order behind the case."""

    number: str
    due_at: datetime | None
    return_until: datetime | None
    rejections: int


class FormerCase(Answer):
    """The system that a case came from, and its number there."""

    system: str
    number: str


class CaseAnswer(CaseLine):
    """A case; words and address are None where the reader has no need of them.

    Of a task of a joint case, `words` are the report's and `scope` is what it is to do.
    """

    seq: int
    words: str | None
    scope: str | None
    finish: Finish
    quorum: int
    address: str | None
    check_mode: str
    reopened: bool
    settled_as: str
    policy: int
    catalogue: int
    calendar: str
    has_contact: bool
    answers: dict[str, bool | int | float | str] | None
    binding: bool
    supervised: bool
    disputed: bool
    backlog: bool
    hold_until: datetime | None
    sampled: bool
    forced: bool
    explained: bool
    transferred_to: str
    reviews: int
    reexaminations: int
    consultations: int
    substitutions: int
    recalls: int
    upstream: UpstreamAnswer | None
    former: FormerCase | None
    tasks: list[TaskAnswer]
    stages: list[MilestoneAnswer]
    requests: list[RequestAnswer]
    questions: list[AskedAnswer]
    supervisions: list[LetterAnswer]
    response: ResponseAnswer | None
    alarms: list[AlarmAnswer]
    calls: list[CallAnswer]
    hops: list[HopAnswer]
    level: Level | None
    links: list[LinkAnswer]
    attachments: list[UUID]


class ReplyAnswer(Answer):
    """An answer to the reporter; of a case that follows another, that one's too."""

    at: datetime
    action: Action
    text: str


class TrackAnswer(Answer):
    """A case as its reporter sees it; one reply is for all `questions`, which wait for it."""

    case_no: str
    state: State
    stage: Group
    version: int
    reported_at: datetime
    settled_at: datetime | None
    settled_as: str
    unit: str
    transferred_to: str
    hold_until: datetime | None
    questions: list[OpenQuestionAnswer]
    replies: list[ReplyAnswer]
    entries: list[Entry]
    actions: list[AllowedAnswer]
