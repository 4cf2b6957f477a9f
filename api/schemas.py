"""Bodies of requests: texts are bounded, numbers in range, unknown fields refused."""

from typing import Annotated, Self

from pydantic import (
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from api.plan_body import PlanBody
from api.values import (
    MOST_TASKS,
    AnswerValue,
    Body,
    CaseNumber,
    Code,
    Date,
    Instant,
    Latitude,
    Longitude,
    Named,
    PhotoId,
    Plain,
    Short,
    TaskNumber,
    Text,
    Words,
)
from domain import table_task
from domain.command import Part, Step
from domain.moves import OF_TASKS
from domain.row import Who
from domain.table import BIRTHS, ROWS
from domain.terms import (
    Action,
    Decision,
    Emergency,
    Haste,
    Result,
    Severity,
    Solved,
    Source,
    Upward,
)
from registry.intake import Contact

MOST_STEPS = 5
MOST_PHOTOS = 9
MOST_ANSWERS = 30
MOST_PARTS = 9
MOST_PARTICIPANTS = 30
MOST_UNITS = 20
MOST_COST = 100_000_000
_ASKABLE = frozenset(
    one.action
    for one in (*ROWS, *table_task.ROWS)
    if one.action in OF_TASKS and set(one.who) - {Who.SYSTEM}
)
NEVER_ASKED = frozenset(Action) - _ASKABLE | {*BIRTHS, Action.REPIN}
"""What the system alone does, how a case begins, and the change command's move."""


class ContactBody(Body):
    """Who reports; stored encrypted, shown only for a purpose that is logged."""

    name: Short = ""
    phone: Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9+() -]*$")] = ""

    def to_contact(self) -> Contact:
        """For the registry."""
        return Contact(name=self.name.strip(), phone=self.phone.strip())


class PartBody(Body):
    """One of the cases that a case is split into; its number is drawn here."""

    words: Words
    subclass: Code = Field(default="", description="Empty: the case's own")


class StepFields(Body):
    """What an action may need."""

    reason: Code = ""
    text: Text = ""
    subclass: Code = ""
    condition: Annotated[int, Field(ge=0, le=99)] = 0
    grid: Code = ""
    urgent: bool | None = None
    unit: Code = ""
    person: Code = ""
    amount: Annotated[float, Field(ge=0, le=2000, allow_inf_nan=False)] = Field(
        default=0.0, description="Hours of the limit's own unit"
    )
    photos: Annotated[tuple[PhotoId, ...], Field(max_length=MOST_PHOTOS)] = ()
    result: Result | None = None
    reached: bool | None = None
    solved: Solved | None = None
    score: Annotated[int, Field(ge=0, le=5)] = 0
    parts: Annotated[tuple[PartBody, ...], Field(max_length=MOST_PARTS)] = Field(
        default=(), description="Split: what each new case is about"
    )
    other: CaseNumber = Field(default="", description="Merge: number of the main case")
    until: Date | None = Field(default=None, description="Hold: its last moment")
    receiver: Short = Field(default="", description="Transfer: who takes it over, by name")
    stage: Code = Field(default="", description="Key of the stage that is done")
    sub_unit: Code = Field(default="", description="Assign: sub-unit of the unit")
    decision: Decision | None = Field(
        default=None,
        description="Consultation: `dispatch` needs `unit`, `hold` needs `until`",
    )
    participants: Annotated[tuple[Named, ...], Field(max_length=MOST_PARTICIPANTS)] = Field(
        default=(), description="Consultation: accounts or units that took part"
    )
    cost: Annotated[float, Field(ge=0, le=MOST_COST, allow_inf_nan=False)] = Field(
        default=0.0, description="Substitute: cost charged to the first unit, in yuan"
    )
    upstream_due: Date | None = Field(
        default=None, description="Rejected reply: the due time that the upstream gives now"
    )
    plan: PlanBody | None = Field(default=None, description="Joint case: the whole plan")
    task: Annotated[int, Field(ge=0, le=99)] = Field(
        default=0, description="Joint case: number of the task that is meant"
    )
    tasks: Annotated[tuple[TaskNumber, ...], Field(max_length=MOST_TASKS)] = Field(
        default=(), description="Failed check of a joint case: numbers of the tasks that failed"
    )
    for_citizen: bool = Field(
        default=False,
        description="Feedback of a task: the reply is for the citizen, and sums the case up",
    )
    emergency: Emergency | None = Field(
        default=None, description="Declare: what sort of emergency"
    )
    severity: Severity | None = Field(
        default=None, description="Declare, regrade: how grave, from I to IV"
    )
    upward: Upward | None = Field(
        default=None, description="Report up: which report; `text` is the report"
    )
    units: Annotated[tuple[Code, ...], Field(max_length=MOST_UNITS)] = Field(
        default=(), description="Whistle: departments that are called to the site"
    )
    haste: Haste | None = Field(
        default=None, description="Whistle: how soon they must be there"
    )
    call: Annotated[int, Field(ge=0, le=9999)] = Field(
        default=0, description="Number of the call; an arrival may leave it out"
    )
    came: bool | None = Field(default=None, description="Score: whether the department came")
    lon: Longitude | None = Field(
        default=None,
        description="Arrival: where you stand, with `lat`; or a photo that shows it",
    )
    lat: Latitude | None = None


class StepBody(StepFields):
    """One action with what it needs; `GET /cases/{no}/allowed` says which fields those are."""

    action: Action

    @field_validator("action")
    @classmethod
    def _asked_for(cls, action: Action) -> Action:
        if action in NEVER_ASKED:
            raise PydanticCustomError(
                "never_asked", "{action} cannot be asked for", {"action": action.value}
            )
        return action

    def to_step(self) -> Step:
        """For the rules."""
        return Step(
            action=self.action,
            reason=self.reason,
            text=self.text,
            subclass=self.subclass,
            condition=self.condition,
            grid=self.grid,
            urgent=self.urgent,
            unit=self.unit,
            person=self.person,
            amount=self.amount,
            photos=self.photos,
            result=self.result,
            reached=self.reached,
            solved=self.solved,
            score=self.score,
            parts=tuple(
                Part(case_no="", subclass=one.subclass, words=one.words) for one in self.parts
            ),
            other=self.other,
            until=self.until,
            receiver=self.receiver,
            stage=self.stage,
            sub_unit=self.sub_unit,
            decision=self.decision,
            participants=self.participants,
            cost=self.cost,
            upstream_due=self.upstream_due,
            plan=self.plan.to_plan() if self.plan else None,
            task=self.task,
            tasks=self.tasks,
            for_citizen=self.for_citizen,
            emergency=self.emergency,
            severity=self.severity,
            upward=self.upward,
            units=self.units,
            haste=self.haste,
            call=self.call,
            came=self.came,
            lon=self.lon,
            lat=self.lat,
        )


Steps = Annotated[tuple[StepBody, ...], Field(min_length=1, max_length=MOST_STEPS)]
Seen = Annotated[int, Field(ge=0, le=1_000_000)]


class ReportBody(Body):
    """A report."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "words": "小区门口垃圾三天没有清运",
                    "address": "柳汀社区南门",
                    "lon": 120.1072,
                    "lat": 30.3655,
                    "contact": {"name": "", "phone": "000-0106-9999"},
                }
            ]
        }
    )

    words: Words
    address: Text = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    contact: ContactBody = Field(default_factory=ContactBody)
    source: Source | None = Field(
        default=None, description="For staff: a source of their role; else the first of it."
    )
    subclass: Code = ""
    condition: Annotated[int, Field(ge=0, le=99)] = 0
    grid: Code = ""
    urgent: bool | None = None
    photos: Annotated[tuple[PhotoId, ...], Field(max_length=MOST_PHOTOS)] = ()
    device_at: Instant | None = None
    upstream_no: Code = Field(
        default="", description="The upstream platform's own number, or the petition's"
    )
    upstream_due: Instant | None = Field(
        default=None, description="The upstream order's own due time"
    )
    return_until: Instant | None = Field(
        default=None, description="Until then the upstream takes the order back"
    )
    device: Code = Field(default="", description="The sensor that it comes from")
    answers: Annotated[dict[Code, AnswerValue], Field(max_length=MOST_ANSWERS)] = Field(
        default_factory=dict,
        description="To the extra questions of the class, which GET /catalogue lists",
    )
    drill: bool = Field(
        default=False,
        description="Practised only: kept inside, not counted; the duty chief's to report",
    )
    then: Annotated[tuple[StepBody, ...], Field(max_length=MOST_STEPS - 1)] = Field(
        default=(), description="In the same breath, all or nothing: a member's `self_handle`"
    )

    @model_validator(mode="after")
    def _placed(self) -> Self:
        if (self.lon is None) is not (self.lat is None):
            raise ValueError("lon and lat go together")
        if not self.words.strip():
            raise ValueError("words are needed")
        if self.lon is None and not self.grid and not self.address.strip():
            raise ValueError("say where: lon and lat, a grid, or an address in words")
        return self

    @property
    def point(self) -> tuple[float, float] | None:
        """Longitude and latitude."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


class CommandBody(Body):
    """One action, or a chain that is judged all or nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"steps": [{"action": "sign"}], "seen": 4},
                {
                    "steps": [
                        {"action": "accept", "subclass": "E01-13", "grid": "990106001001001"},
                        {"action": "file", "condition": 1},
                    ],
                    "seen": 1,
                },
            ]
        }
    )

    steps: Steps
    seen: Seen | None = Field(
        default=None, description="Version that you saw; or send it as If-Match."
    )
    on_behalf_of: Code = Field(
        default="", description="Unit that telephoned, when the centre enters its step"
    )
    device_at: Instant | None = None


TrackingCode = Annotated[str, StringConstraints(min_length=1, max_length=40), Plain]


class TrackBody(Body):
    """The one-time code of a report."""

    code: TrackingCode


class TrackCommandBody(TrackBody):
    """What a reporter asks: whatever his `actions` list, such as `reply` or `rate`."""

    steps: Steps
    seen: Seen | None = None


class SignInBody(Body):
    """Log-in and password."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"login": "acceptor1", "password": "…"}]}
    )

    login: Code
    password: Annotated[str, StringConstraints(max_length=200), Plain]
    name: Short = Field(default="", description="What the token is for")


def number_of_etag(text: str | None) -> int | None:
    """The version in an `If-Match`; None when there is none that can be read."""
    if text is None:
        return None
    bare = text.strip().removeprefix("W/").strip('"')
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 8 else None  # noqa: PLR2004
